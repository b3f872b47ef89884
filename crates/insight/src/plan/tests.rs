use super::*;
use crate::fixtures::{pool, settings, shown, user, with_email};
use rules::pool::{DataType, SchemaAttribute};

/// The prediction for each user, as "sign-in reset findings".
fn foreseen(
    variables: &[(&str, &str)],
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
    users: &[ListedUser],
) -> Vec<String> {
    let plan = Plan {
        settings: &settings(variables),
        source,
        client: None,
        destination,
        expired_before: None,
    };
    users
        .iter()
        .map(|user| shown(plan.foresee(&plan.handed_over(plan.name_of(user)), user)))
        .collect()
}

#[test]
fn every_status_leads_where_the_function_leads() {
    let with = |status| ListedUser {
        status,
        ..with_email("ana", "ana@example.com")
    };
    let users = [
        with(UserStatus::Unconfirmed),
        with(UserStatus::ResetRequired),
        with(UserStatus::ForceChangePassword),
        with(UserStatus::Archived),
    ];
    let of = |variables| foreseen(variables, &pool(false), &pool(false), &users);
    let mut expected = [
        "not_confirmed not_confirmed",
        "password_reset_required migrated",
        "temporary_password temporary_password",
        "unusable_status unusable_status",
    ];
    assert_eq!(of(&[]), expected);
    let public = [
        ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
        ("SRC_CLIENT_ID", "1client"),
    ];
    assert_eq!(of(&public), expected);
    expected[2] = "migrated temporary_password";
    assert_eq!(of(&[("ON_TEMPORARY_PASSWORD", "reset")]), expected);
}

#[test]
fn a_sign_in_shows_what_the_client_may_read() {
    const PUBLIC: (&str, &str) = ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH");
    const TOKEN: (&str, &str) = ("SRC_PROFILE", "id_token");
    const ALL: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"custom:*": "custom:*"}"#);
    let users = [user(
        "ana",
        &[
            ("custom:a", "x"),
            ("email", "ana@example.com"),
            ("email_verified", "true"),
        ],
    )];
    let found = |variables: &[(&str, &str)], required: &str, readable: Option<&[&str]>| {
        let (source, mut destination) = (pool(false), pool(false));
        destination.schema = vec![SchemaAttribute {
            name: required.to_owned(),
            required: true,
            mutable: true,
            data_type: DataType::String,
            minimum: None,
            maximum: None,
        }];
        let settings = settings(&[&[ALL, ("SRC_CLIENT_ID", "1client")], variables].concat());
        let client = AppClient {
            id: "1client".to_owned(),
            name: "app".to_owned(),
            secret: None,
            admin_password_flow: true,
            user_password_flow: true,
            prevents_user_existence_errors: true,
            readable: readable.map(|names| names.iter().map(|&name| name.to_owned()).collect()),
            writable: None,
        };
        let plan = Plan {
            settings: &settings,
            source: &source,
            client: Some(&client),
            destination: &destination,
            expired_before: None,
        };
        let foreseen = plan.foresee("ana", &users[0]);
        assert_eq!(foreseen.sign_in, ForeseenOutcome::Migrated);
        foreseen
            .findings
            .iter()
            .any(|finding| finding == Finding::RequiredAttribute)
    };
    const EMAIL: Option<&[&str]> = Some(&["email", "email_verified"]);
    const OWN: Option<&[&str]> = Some(&["custom:a"]);
    for (variables, required, readable, lacks) in [
        (&[][..], "custom:a", None, false),
        (&[PUBLIC], "custom:a", None, true),
        (&[PUBLIC], "custom:a", EMAIL, true),
        (&[PUBLIC], "custom:a", OWN, false),
        (&[PUBLIC], "email", None, false),
        (&[PUBLIC], "email", EMAIL, false),
        (&[PUBLIC], "email", OWN, true),
        (&[TOKEN], "custom:a", OWN, false),
        (&[TOKEN], "custom:a", EMAIL, true),
        (&[TOKEN], "email", EMAIL, false),
    ] {
        assert_eq!(
            found(variables, required, readable),
            lacks,
            "{variables:?} {required} {readable:?}"
        );
    }
}

#[test]
fn what_the_destination_pool_refuses_is_found() {
    let attribute = |name: &str, required, data_type, minimum, maximum| SchemaAttribute {
        name: name.to_owned(),
        required,
        mutable: true,
        data_type,
        minimum: Some(minimum),
        maximum: Some(maximum),
    };
    let mut destination = pool(false);
    destination.schema = vec![
        attribute("name", true, DataType::String, 2, 4),
        attribute("custom:age", false, DataType::Number, 18, 99),
        SchemaAttribute {
            minimum: None,
            maximum: None,
            ..attribute("custom:member", false, DataType::Boolean, 0, 0)
        },
    ];
    let everything = [("ATTRIBUTE_MAP", r#"{"custom:*":"custom:*"}"#)];
    let long = "x".repeat(2049);
    for (attributes, found) in [
        (&[("name", "Ana"), ("custom:age", "18")][..], ""),
        (&[("name", "żółw")], ""),
        (&[("name", "A")], " schema"),
        (&[("name", "Maria")], " schema"),
        (&[("name", "Ana"), ("custom:age", "17")], " schema"),
        (&[("name", "Ana"), ("custom:age", "many")], " schema"),
        (&[("name", "Ana"), ("custom:member", "true")], ""),
        (&[("name", "Ana"), ("custom:member", "false")], ""),
        (&[("name", "Ana"), ("custom:member", "True")], " schema"),
        (&[("name", "Ana"), ("custom:member", "yes")], " schema"),
        (&[("name", "Ana"), ("custom:other", "1")], " schema"),
        (&[("name", "Ana"), ("picture", &long)], " schema"),
        (&[], " required_attribute"),
    ] {
        let mut user = with_email("ana", "ana@example.com");
        let own = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        user.identity.attributes.extend(own);
        let foreseen = foreseen(&everything, &pool(false), &destination, &[user]);
        assert_eq!(
            foreseen,
            [format!("migrated migrated{found}")],
            "{attributes:?}"
        );
    }
}

#[test]
fn a_second_factor_counts_where_the_pool_asks_for_it() {
    use SecondFactor::{None, Other, Sms};
    let user = user(
        "ana",
        &[
            ("email", "a@b"),
            ("email_verified", "true"),
            ("phone_number", "+1"),
        ],
    );
    for (mfa, on_mfa, factor, sign_in, reset) in [
        (PoolMfa::Off, "refuse", Sms, "migrated", "mfa_refused"),
        (PoolMfa::Optional, "refuse", None, "migrated", "migrated"),
        (
            PoolMfa::Optional,
            "refuse",
            Sms,
            "mfa_refused",
            "mfa_refused",
        ),
        (PoolMfa::Optional, "sms", Sms, "migrated", "migrated"),
        (
            PoolMfa::Optional,
            "sms",
            Other,
            "mfa_refused",
            "mfa_refused",
        ),
        (PoolMfa::On, "sms", None, "mfa_refused", "mfa_refused"),
        (PoolMfa::On, "reset", None, "migrated", "mfa_refused"),
        (PoolMfa::On, "drop", None, "migrated", "migrated"),
    ] {
        let settings = settings(&[("ON_MFA", on_mfa)]);
        let source = UserPoolDescription { mfa, ..pool(false) };
        let plan = Plan {
            settings: &settings,
            source: &source,
            client: Option::None,
            destination: &pool(false),
            expired_before: Option::None,
        };
        assert_eq!(
            (
                plan.sign_in("ana", &user, factor).outcome().as_str(),
                plan.forgot_password("ana", &user, factor)
                    .outcome()
                    .as_str()
            ),
            (sign_in, reset),
            "{mfa:?} {on_mfa} {factor:?}"
        );
    }
}

#[test]
fn an_unverified_contact_that_stays_behind_is_missing_and_gets_no_code() {
    let ana = user(
        "ana",
        &[("email", "ana@example.com"), ("email_verified", "false")],
    );
    let (mut by_email, mut requires) = (pool(false), pool(false));
    by_email.username_attributes = vec!["email".to_owned()];
    requires.schema = vec![SchemaAttribute {
        name: "email".to_owned(),
        required: true,
        mutable: true,
        data_type: DataType::String,
        minimum: None,
        maximum: None,
    }];
    let found = |value, source: &UserPoolDescription| {
        let variables = [("UNVERIFIED_CONTACTS", value)];
        foreseen(&variables, source, &requires, std::slice::from_ref(&ana))
    };
    const NO_CODE: &str = "migrated no_verified_contact no_contact";
    const LACKS: &str = "migrated no_verified_contact required_attribute no_contact";
    assert_eq!(found("copy", &pool(false)), [NO_CODE]);
    assert_eq!(found("drop", &pool(false)), [LACKS]);
    // There the address is the name that is typed.
    assert_eq!(found("drop", &by_email), [NO_CODE]);
}

#[test]
fn an_unproven_copy_stands_on_the_user_who_has_not_verified_what_others_can_have_too() {
    let by = |names: &[&str], alias: bool| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let (alias_attributes, username_attributes) = if alias {
            (names, vec![])
        } else {
            (vec![], names)
        };
        UserPoolDescription {
            alias_attributes,
            username_attributes,
            schema: vec![SchemaAttribute {
                name: "custom:mail".to_owned(),
                required: false,
                mutable: true,
                data_type: DataType::String,
                minimum: None,
                maximum: None,
            }],
            ..pool(false)
        }
    };
    let email = [("email", "ana@example.com")];
    let claimed = user("squatter", &email);
    let owned = with_email("ana", "ana@example.com");
    let phone = user(
        "bo",
        &[
            ("phone_number", "+15550100"),
            ("phone_number_verified", "false"),
        ],
    );
    let by_email = by(&["email"], false);
    const DROP: &[(&str, &str)] = &[("UNVERIFIED_CONTACTS", "drop")];
    const NO_COPY: &[(&str, &str)] = &[("ATTRIBUTE_MAP", r#"{"email": null}"#)];
    const FROM_CUSTOM: &[(&str, &str)] = &[("ATTRIBUTE_MAP", r#"{"custom:mail": "email"}"#)];
    let mail = user("cem", &[("custom:mail", "ana@example.com")]);
    #[rustfmt::skip]
    let cases: [(&[(&str, &str)], _, _, _, bool); 12] = [
        (&[], by(&[], false), &by_email, &claimed, true),
        (&[], by(&[], false), &by_email, &owned, false),
        (&[], by(&[], false), &by(&["email"], true), &claimed, true),
        (&[], by(&[], false), &by(&[], false), &claimed, false),
        (&[], by(&["email"], false), &by_email, &claimed, false),
        (&[], by(&["email"], true), &by_email, &claimed, false),
        (DROP, by(&[], false), &by_email, &claimed, false),
        (NO_COPY, by(&[], false), &by_email, &claimed, false),
        (&[], by(&["email"], false), &by(&["email", "phone_number"], false), &phone, true),
        (&[], by(&[], false), &by_email, &phone, false),
        // What was mapped from elsewhere is no proven address, even where the source pool keeps addresses unique.
        (FROM_CUSTOM, by(&["email"], false), &by_email, &mail, true),
        (FROM_CUSTOM, by(&["email"], false), &by_email, &owned, false),
    ];
    for (number, (variables, source, destination, user, expected)) in cases.into_iter().enumerate()
    {
        let found = &foreseen(variables, &source, destination, std::slice::from_ref(user))[0];
        assert_eq!(
            found.contains("unproven_copy"),
            expected,
            "{number}: {found}"
        );
    }
    // A user who moves at a reset only has the finding, too.
    let mut reset = with_email("dee", "dee@example.com");
    reset.status = UserStatus::ResetRequired;
    reset
        .identity
        .attributes
        .push(("phone_number".to_owned(), "+15550101".to_owned()));
    let found = &foreseen(&[], &pool(false), &by(&["phone_number"], false), &[reset])[0];
    assert_eq!(
        found,
        "password_reset_required migrated unproven_copy name_refused"
    );
}

#[test]
fn a_user_who_is_migrated_comes_with_the_answer() {
    let settings = settings(&[("SRC_LOOKUP", "email"), ("DST_USERNAME", "username")]);
    let plan = Plan {
        settings: &settings,
        source: &pool(false),
        client: None,
        destination: &pool(false),
        expired_before: None,
    };
    let user = with_email("ana", "Ana@example.com");
    let typed = plan.handed_over(plan.name_of(&user));
    for answer in [
        plan.sign_in(&typed, &user, SecondFactor::None),
        plan.forgot_password(&typed, &user, SecondFactor::None),
    ] {
        let PlannedAnswer::Migrated(Migration { user, contacts }) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(user.attributes["username"], "ana");
        assert_eq!(user.attributes["email"].to_lowercase(), typed);
        assert!(contacts.verified_email);
    }
}

#[test]
fn a_temporary_password_expires_where_the_list_has_dates() {
    let settings = settings(&[("ON_TEMPORARY_PASSWORD", "reset")]);
    let pool = pool(false);
    for (last_modified, expired_before, expected) in [
        (None, Some(100), "migrated"),
        (Some(99), None, "migrated"),
        (Some(100), Some(100), "migrated"),
        (Some(99), Some(100), "temporary_password"),
    ] {
        let plan = Plan {
            settings: &settings,
            source: &pool,
            client: None,
            destination: &pool,
            expired_before,
        };
        let mut user = with_email("ana", "ana@example.com");
        user.last_modified = last_modified;
        // A password that a user has set does not expire.
        let finding = Finding::TemporaryPasswordExpired;
        assert!(!plan.foresee("ana", &user).findings.has(finding));
        user.status = UserStatus::ForceChangePassword;
        let foreseen = plan.foresee("ana", &user);
        assert_eq!(foreseen.sign_in.as_str(), expected);
        let is_expired = expected != "migrated";
        assert_eq!(foreseen.findings.has(finding), is_expired);
        assert_eq!(foreseen.result == UserResult::Stays, is_expired);
    }
}

#[test]
fn what_a_migration_leaves_behind_or_unproven_is_found_at_a_sign_in_and_at_a_reset() {
    const LINKS: &str = r#"[{"providerName":"Google","userId":"1"}]"#;
    let of = |aliases: &[&str]| UserPoolDescription {
        alias_attributes: aliases.iter().map(|name| (*name).to_owned()).collect(),
        ..pool(false)
    };
    let with = |name: &str, value: &str| {
        let mut user = with_email("ana", "ana@example.com");
        let held = (name.to_owned(), value.to_owned());
        user.identity.attributes.push(held);
        user
    };
    let preferred = || with("preferred_username", "pet");
    for (mut user, aliases, finding, holds) in [
        (
            with("identities", LINKS),
            &[][..],
            Finding::LinkedIdentity,
            true,
        ),
        (
            with("identities", "[]"),
            &[],
            Finding::LinkedIdentity,
            false,
        ),
        (with("name", "Ana"), &[], Finding::LinkedIdentity, false),
        (
            preferred(),
            &["preferred_username"],
            Finding::PreferredUsername,
            true,
        ),
        (preferred(), &["email"], Finding::PreferredUsername, false),
        (
            with("name", "Ana"),
            &["preferred_username"],
            Finding::PreferredUsername,
            false,
        ),
    ] {
        let plan = Plan {
            settings: &settings(&[]),
            source: &pool(false),
            client: None,
            destination: &of(aliases),
            expired_before: None,
        };
        for status in [UserStatus::Confirmed, UserStatus::ResetRequired] {
            user.status = status;
            let found = plan.foresee("ana", &user).findings;
            assert_eq!(
                found.has(finding),
                holds,
                "{finding:?} {aliases:?} {user:?}"
            );
        }
        // No migration, no finding.
        user.enabled = false;
        assert!(!plan.foresee("ana", &user).findings.has(finding));
    }
}

#[test]
fn an_alias_that_is_not_verified_locks_its_user_out_and_is_found() {
    let by_email = UserPoolDescription {
        alias_attributes: vec!["email".to_owned()],
        ..pool(false)
    };
    let plan = Plan {
        settings: &settings(&[("DST_USERNAME", "username")]),
        source: &pool(false),
        client: None,
        destination: &by_email,
        expired_before: None,
    };
    for (flag, result) in [
        ("true", UserResult::Moves),
        ("false", UserResult::LockedOut),
    ] {
        let user = user(
            "ana",
            &[("email", "ana@example.com"), ("email_verified", flag)],
        );
        let foreseen = plan.foresee("ana@example.com", &user);
        assert_eq!(foreseen.result, result);
        let is_found = foreseen.findings.has(Finding::AliasUnproven);
        assert_eq!(is_found, result == UserResult::LockedOut);
    }
}
