use super::*;
use crate::test_support::*;
use rules::pool::SchemaAttribute;

/// The prediction for each user, as "sign-in reset findings".
fn foreseen(
    variables: &str,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
    user: &ListedUser,
) -> String {
    let settings = settings(variables);
    let plan = plan(&settings, source, destination);
    shown(plan.foresee(&plan.handed_over(plan.name_of(user)), user))
}

/// A pool with these attributes besides the standard ones.
fn with(schema: &[SchemaAttribute]) -> UserPoolDescription {
    UserPoolDescription {
        schema: schema.to_vec(),
        ..pool()
    }
}

#[test]
fn every_status_leads_where_the_function_leads() {
    use UserStatus::{Archived, ForceChangePassword, ResetRequired, Unconfirmed};
    const PUBLIC: &str = "SRC_AUTH_FLOW=USER_PASSWORD_AUTH";
    const RESET: &str = "ON_TEMPORARY_PASSWORD=reset";
    const TEMPORARY: &str = "temporary_password temporary_password";
    #[rustfmt::skip]
    let cases = [
        (Unconfirmed, "not_confirmed not_confirmed", None),
        (ResetRequired, "password_reset_required migrated", None),
        (ForceChangePassword, TEMPORARY, Some("migrated temporary_password")),
        (Archived, "unusable_status unusable_status", None),
    ];
    for (status, expected, after_reset) in cases {
        let user = ListedUser {
            status,
            ..with_email("ana", "ana@example.com")
        };
        for (variables, expected) in [
            ("", expected),
            (PUBLIC, expected),
            (RESET, after_reset.unwrap_or(expected)),
        ] {
            let foreseen = foreseen(variables, &pool(), &pool(), &user);
            assert_eq!(foreseen, expected, "{variables}");
        }
        let disabled = ListedUser {
            enabled: false,
            ..user
        };
        let foreseen = foreseen("", &pool(), &pool(), &disabled);
        assert_eq!(foreseen, "user_disabled user_disabled");
    }
}

/// The name that a user types, and the others by which the source pool knows the user.
#[test]
fn a_user_has_the_names_by_which_the_source_pool_signs_in() {
    const PROVEN: &str = "email=a@b email_verified=true phone_number=+1 phone_number_verified=true";
    const UNPROVEN: &str = "email=a@b phone_number=+1 preferred_username=pet";
    const LOOKUP: &str = "SRC_LOOKUP=email";
    let all = || aliases("email phone_number preferred_username");
    #[rustfmt::skip]
    let cases = [
        ("", pool(), PROVEN, "ana", ""),
        ("", all(), PROVEN, "ana", "a@b +1"),
        ("", all(), UNPROVEN, "ana", "pet"),
        ("", usernames("email phone_number"), PROVEN, "a@b", "+1"),
        ("", usernames("email phone_number"), "phone_number=+1", "+1", ""),
        (LOOKUP, all(), PROVEN, "a@b", ""),
        (LOOKUP, all(), "email=no-address phone_number=+1 phone_number_verified=true", "ana", "+1"),
    ];
    for (variables, source, attributes, name, others) in cases {
        let (settings, destination) = (settings(variables), pool());
        let plan = plan(&settings, &source, &destination);
        let user = user("ana", attributes);
        assert_eq!(plan.name_of(&user), name, "{variables} {attributes}");
        let found = plan.other_names_of(&user).join(" ");
        assert_eq!(found, others, "{variables} {attributes}");
    }
}

#[test]
fn a_sign_in_shows_what_the_client_may_read() {
    const PUBLIC: &str = "SRC_AUTH_FLOW=USER_PASSWORD_AUTH";
    const TOKEN: &str = "SRC_PROFILE=id_token";
    const EMAIL: Option<&str> = Some("email email_verified");
    const OWN: Option<&str> = Some("custom:a");
    const LINKS: Option<&str> = Some("identities");
    const MAP: &str = r#"ATTRIBUTE_MAP={"custom:*":"custom:*","identities":"custom:links"}"#;
    let user = user(
        "ana",
        "custom:a=x email=a@b email_verified=true identities=[]",
    );
    for (variables, needed, readable, lacks) in [
        ("", "custom:a", None, false),
        (PUBLIC, "custom:a", None, true),
        (PUBLIC, "custom:a", EMAIL, true),
        (PUBLIC, "custom:a", OWN, false),
        (PUBLIC, "email", None, false),
        (PUBLIC, "email", EMAIL, false),
        (PUBLIC, "email", OWN, true),
        (TOKEN, "custom:a", OWN, false),
        (TOKEN, "custom:a", EMAIL, true),
        (TOKEN, "email", EMAIL, false),
        (PUBLIC, "custom:links", LINKS, false),
        (TOKEN, "custom:links", LINKS, true),
    ] {
        let settings = settings(&format!("{variables} {MAP}"));
        let client = AppClient {
            readable: readable.map(names),
            ..client()
        };
        let (source, destination) = (pool(), with(&[required(attribute(needed))]));
        let plan = Plan {
            client: Some(&client),
            ..plan(&settings, &source, &destination)
        };
        let foreseen = plan.foresee("ana", &user);
        assert_eq!(foreseen.sign_in, ForeseenOutcome::Migrated);
        let found = foreseen.findings.has(Finding::RequiredAttribute);
        assert_eq!(found, lacks, "{variables} {needed} {readable:?}");
    }
}

#[test]
fn what_the_destination_pool_refuses_is_found() {
    let destination = with(&[required(text("name", 2, 4))]);
    for (attributes, found) in [
        ("name=Ana", ""),
        ("name=Maria", " schema"),
        ("", " required_attribute"),
    ] {
        let user = user(
            "ana",
            &format!("email=a@b email_verified=true {attributes}"),
        );
        let foreseen = foreseen("", &pool(), &destination, &user);
        assert_eq!(foreseen, format!("migrated migrated{found}"));
    }
}

#[test]
fn a_second_factor_counts_where_the_pool_asks_for_it() {
    use PoolMfa::{Off, On, Optional};
    use SecondFactor::{None, Other, Sms};
    let user = user("ana", "email=a@b email_verified=true phone_number=+1");
    for (mfa, on_mfa, factor, sign_in, reset) in [
        (Off, "refuse", Sms, "migrated", "mfa_refused"),
        (Optional, "refuse", None, "migrated", "migrated"),
        (Optional, "refuse", Sms, "mfa_refused", "mfa_refused"),
        (Optional, "sms", Sms, "migrated", "migrated"),
        (Optional, "sms", Other, "mfa_refused", "mfa_refused"),
        (On, "sms", None, "mfa_refused", "mfa_refused"),
        (On, "reset", None, "migrated", "mfa_refused"),
        (On, "drop", None, "migrated", "migrated"),
    ] {
        let settings = settings(&format!("ON_MFA={on_mfa}"));
        let source = UserPoolDescription { mfa, ..pool() };
        let destination = pool();
        let plan = plan(&settings, &source, &destination);
        let answers = [
            plan.sign_in("ana", &user, factor),
            plan.forgot_password("ana", &user, factor),
        ];
        let found = answers.map(|answer| answer.outcome().as_str());
        assert_eq!(found, [sign_in, reset], "{mfa:?} {on_mfa} {factor:?}");
    }
}

#[test]
fn an_unverified_contact_that_stays_behind_is_missing_and_gets_no_code() {
    const NO_CODE: &str = "migrated no_verified_contact no_contact";
    const LACKS: &str = "migrated no_verified_contact required_attribute no_contact";
    let ana = user("ana", "email=ana@example.com email_verified=false");
    for (value, source, expected) in [
        ("copy", pool(), NO_CODE),
        ("drop", pool(), LACKS),
        // There the address is the name that is typed.
        ("drop", usernames("email"), NO_CODE),
    ] {
        let variables = format!("UNVERIFIED_CONTACTS={value}");
        let destination = with(&[required(attribute("email"))]);
        let foreseen = foreseen(&variables, &source, &destination, &ana);
        assert_eq!(foreseen, expected, "{value}");
    }
}

#[test]
fn an_unproven_copy_stands_on_the_user_who_has_not_verified_what_others_can_have_too() {
    const FROM_CUSTOM: &str = r#"ATTRIBUTE_MAP={"custom:mail":"email"}"#;
    const CLAIMED: &str = "email=ana@example.com";
    const OWNED: &str = "email=ana@example.com email_verified=true";
    const PHONE: &str = "phone_number=+15550100 phone_number_verified=false";
    const MAIL: &str = "custom:mail=ana@example.com";
    let by_email = || usernames("email");
    #[rustfmt::skip]
    let cases = [
        ("", pool(), by_email(), CLAIMED, true),
        ("", pool(), by_email(), OWNED, false),
        ("", by_email(), usernames("email phone_number"), PHONE, true),
        ("", pool(), by_email(), PHONE, false),
        // What was mapped from elsewhere is no proven address, even where the source pool keeps addresses unique.
        (FROM_CUSTOM, by_email(), by_email(), MAIL, true),
        (FROM_CUSTOM, by_email(), by_email(), OWNED, false),
    ];
    for (variables, mut source, mut destination, attributes, expected) in cases {
        for pool in [&mut source, &mut destination] {
            pool.schema = vec![attribute("custom:mail")];
        }
        let found = foreseen(variables, &source, &destination, &user("ana", attributes));
        let is_found = found.contains("unproven_copy");
        assert_eq!(is_found, expected, "{variables} {attributes}: {found}");
    }
    // A user who moves at a reset only has the finding, too.
    let reset = ListedUser {
        status: UserStatus::ResetRequired,
        ..user(
            "dee",
            "email=dee@example.com email_verified=true phone_number=+15550101",
        )
    };
    assert_eq!(
        foreseen("", &pool(), &usernames("phone_number"), &reset),
        "password_reset_required migrated unproven_copy name_refused"
    );
}

#[test]
fn a_user_who_is_migrated_comes_with_the_answer() {
    let settings = settings("SRC_LOOKUP=email DST_USERNAME=username");
    let pool = pool();
    let plan = plan(&settings, &pool, &pool);
    let user = with_email("ana", "Ana@example.com");
    let typed = plan.handed_over(plan.name_of(&user));
    for answer in [
        plan.sign_in(&typed, &user, SecondFactor::None),
        plan.forgot_password(&typed, &user, SecondFactor::None),
    ] {
        let Migration { user, contacts } = answer.migration().unwrap();
        assert_eq!(user.attributes["username"], "ana");
        assert_eq!(user.attributes["email"].to_lowercase(), typed);
        assert!(contacts.verified_email);
    }
}

#[test]
fn a_temporary_password_expires_where_the_list_has_dates() {
    let settings = settings("ON_TEMPORARY_PASSWORD=reset");
    let pool = pool();
    for (last_modified, expired_before, expected) in [
        (None, Some(100), "migrated"),
        (Some(99), None, "migrated"),
        (Some(100), Some(100), "migrated"),
        (Some(99), Some(100), "temporary_password"),
    ] {
        let plan = Plan {
            expired_before,
            ..plan(&settings, &pool, &pool)
        };
        let mut user = ListedUser {
            last_modified,
            ..with_email("ana", "ana@example.com")
        };
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
    use Finding::{LinkedIdentity, PreferredUsername};
    const LINKS: &str = r#"identities=[{"providerName":"Google","userId":"1"}]"#;
    const PREFERRED: &str = "preferred_username=pet";
    #[rustfmt::skip]
    let cases = [
        (LINKS, pool(), LinkedIdentity, true),
        ("identities=[]", pool(), LinkedIdentity, false),
        ("name=Ana", pool(), LinkedIdentity, false),
        (PREFERRED, aliases("preferred_username"), PreferredUsername, true),
        (PREFERRED, aliases("email"), PreferredUsername, false),
        ("name=Ana", aliases("preferred_username"), PreferredUsername, false),
    ];
    for (attributes, destination, finding, holds) in cases {
        let (settings, source) = (settings(""), pool());
        let plan = plan(&settings, &source, &destination);
        let mut user = user(
            "ana",
            &format!("email=a@b email_verified=true {attributes}"),
        );
        for status in [UserStatus::Confirmed, UserStatus::ResetRequired] {
            user.status = status;
            let found = plan.foresee("ana", &user).findings;
            assert_eq!(found.has(finding), holds, "{finding:?} {user:?}");
        }
        // No migration, no finding.
        user.enabled = false;
        assert!(!plan.foresee("ana", &user).findings.has(finding));
    }
}

#[test]
fn an_alias_that_is_not_verified_locks_its_user_out_and_is_found() {
    let settings = settings("DST_USERNAME=username");
    let (source, destination) = (pool(), aliases("email"));
    let plan = plan(&settings, &source, &destination);
    for (verified, result) in [(true, UserResult::Moves), (false, UserResult::LockedOut)] {
        let attributes = format!("email=ana@example.com email_verified={verified}");
        let foreseen = plan.foresee("ana@example.com", &user("ana", &attributes));
        assert_eq!(foreseen.result, result);
        assert_ne!(foreseen.findings.has(Finding::AliasUnproven), verified);
    }
}
