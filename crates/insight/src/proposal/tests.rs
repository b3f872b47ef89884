use rules::sensitive::Sensitive;

use super::*;

fn pool() -> UserPoolDescription {
    UserPoolDescription {
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn aliases(names: &[&str]) -> UserPoolDescription {
    UserPoolDescription {
        alias_attributes: texts(names),
        ..pool()
    }
}

fn usernames(names: &[&str]) -> UserPoolDescription {
    UserPoolDescription {
        username_attributes: texts(names),
        ..pool()
    }
}

fn with_case(pool: UserPoolDescription) -> UserPoolDescription {
    UserPoolDescription {
        case_sensitive: true,
        ..pool
    }
}

fn with(mut pool: UserPoolDescription, attributes: &[&str]) -> UserPoolDescription {
    pool.schema
        .extend(attributes.iter().map(|name| SchemaAttribute {
            name: (*name).to_owned(),
            required: false,
            mutable: true,
            data_type: DataType::String,
            minimum: Some(0),
            maximum: Some(64),
        }));
    pool
}

fn client(id: &str) -> AppClient {
    AppClient {
        id: id.to_owned(),
        name: format!("the client {id}"),
        secret: None,
        admin_password_flow: true,
        user_password_flow: false,
        prevents_user_existence_errors: true,
        readable: None,
        writable: None,
    }
}

fn two<'a>(source: &'a UserPoolDescription, destination: &'a UserPoolDescription) -> TwoPools<'a> {
    TwoPools {
        source_id: "eu-west-1_OldPool",
        source_region: None,
        source_role: None,
        source,
        clients: &[],
        source_groups: &[],
        destination,
        destination_groups: &[],
        made_mark: Some(MARK),
        made_legacy_sub: Some(LEGACY_SUB),
    }
}

/// Every proposal can be used: the function reads it without a mistake.
#[track_caller]
fn proposed(pools: &TwoPools) -> Proposal {
    let proposal = proposal(pools);
    if let Err(mistakes) = Settings::read_to_foresee(|name| proposal.value(name)) {
        panic!("{mistakes}");
    }
    for setting in &proposal.settings {
        let mut all = rules::settings::ALL.iter();
        assert!(
            all.any(|variable| variable.name == setting.name),
            "{}",
            setting.name
        );
        assert!(setting.reason.ends_with('.'), "{}", setting.reason);
    }
    proposal
}

#[track_caller]
fn value(pools: &TwoPools, name: &str) -> String {
    proposed(pools).value(name).unwrap_or_default()
}

#[test]
fn names_are_looked_up_where_people_type_others_than_the_source_pool_knows() {
    let (email, phone) = (&["email"][..], &["phone_number"][..]);
    for (source, destination, expected) in [
        (pool(), pool(), "none"),
        (pool(), usernames(email), "email"),
        (pool(), usernames(phone), "phone_number"),
        (pool(), usernames(&["email", "phone_number"]), "email"),
        (pool(), aliases(email), "email"),
        (pool(), aliases(&["preferred_username"]), "none"),
        (aliases(email), usernames(email), "none"),
        (aliases(email), aliases(email), "none"),
        (usernames(email), usernames(email), "none"),
        (usernames(email), pool(), "none"),
        (
            usernames(email),
            usernames(&["email", "phone_number"]),
            "phone_number",
        ),
        (usernames(phone), usernames(email), "email"),
        // Names arrive in lower case.
        (with_case(usernames(email)), usernames(email), "email"),
        (with_case(aliases(email)), aliases(email), "email"),
        (
            with_case(usernames(email)),
            usernames(&["email", "phone_number"]),
            "email",
        ),
        (with_case(usernames(phone)), usernames(phone), "none"),
        (with_case(pool()), pool(), "none"),
        (with_case(pool()), usernames(email), "email"),
        (
            with_case(usernames(email)),
            with_case(usernames(email)),
            "none",
        ),
    ] {
        let pools = two(&source, &destination);
        assert_eq!(
            value(&pools, "SRC_LOOKUP"),
            expected,
            "{source:?} {destination:?}"
        );
    }
}

#[test]
fn a_lost_case_and_a_second_address_are_said() {
    let source = with_case(pool());
    let destination = pool();
    let reason = |pools: &TwoPools| {
        let settings = proposed(pools).settings;
        let mut settings = settings.into_iter();
        settings
            .find(|setting| setting.name == "SRC_LOOKUP")
            .unwrap()
            .reason
    };
    assert!(reason(&two(&source, &destination)).contains("upper case do not migrate"));
    let both = usernames(&["email", "phone_number"]);
    assert!(reason(&two(&destination, &both)).contains("phone number do not migrate"));
}

#[test]
fn an_alias_needs_a_user_name_that_the_pool_takes() {
    let email = &["email"][..];
    for (source, destination, expected) in [
        (pool(), pool(), "none"),
        (pool(), usernames(email), "none"),
        (aliases(email), aliases(email), "username"),
        (aliases(email), aliases(&["preferred_username"]), "username"),
        (aliases(email), aliases(&["email", "phone_number"]), "sub"),
        (pool(), aliases(email), "sub"),
        (pool(), aliases(&["preferred_username"]), "username"),
        (usernames(email), aliases(email), "sub"),
    ] {
        let pools = two(&source, &destination);
        assert_eq!(
            value(&pools, "DST_USERNAME"),
            expected,
            "{source:?} {destination:?}"
        );
    }
}

#[test]
fn attributes_are_copied_that_both_pools_have() {
    let every = r#"{"custom:*":"custom:*","sub":"custom:legacy_sub"}"#;
    let made = with(pool(), &["custom:team", MARK, LEGACY_SUB]);
    for (source, destination, is_made, expected) in [
        (with(pool(), &["custom:team"]), made.clone(), true, every),
        (with(pool(), &["custom:team"]), made.clone(), false, every),
        (pool(), pool(), false, r#"{"custom:*":"custom:*"}"#),
        (
            with(pool(), &["custom:team", "custom:shoe"]),
            made.clone(),
            false,
            r#"{"custom:team":"custom:team","sub":"custom:legacy_sub"}"#,
        ),
        // There it is another one.
        (
            with(pool(), &[LEGACY_SUB]),
            made.clone(),
            false,
            r#"{"custom:*":"custom:*"}"#,
        ),
        (
            pool(),
            UserPoolDescription {
                alias_attributes: texts(&["preferred_username"]),
                ..made.clone()
            },
            false,
            r#"{"custom:*":"custom:*","preferred_username":null,"sub":"custom:legacy_sub"}"#,
        ),
        (
            aliases(&["preferred_username"]),
            UserPoolDescription {
                alias_attributes: texts(&["preferred_username"]),
                ..made.clone()
            },
            false,
            every,
        ),
    ] {
        let mut pools = two(&source, &destination);
        if !is_made {
            (pools.made_mark, pools.made_legacy_sub) = (None, None);
        }
        assert_eq!(
            value(&pools, "ATTRIBUTE_MAP"),
            expected,
            "{source:?} {destination:?}"
        );
    }
}

#[test]
fn a_reset_needs_a_contact_to_which_the_new_pool_sends_codes() {
    use Recovery::{AdminOnly, VerifiedEmail, VerifiedPhoneNumber};
    for (recovery, contacts, forgot) in [
        (&[][..], "email,phone_number", "migrate"),
        (&[VerifiedEmail], "email", "migrate"),
        (&[VerifiedPhoneNumber], "phone_number", "migrate"),
        (
            &[VerifiedPhoneNumber, VerifiedEmail],
            "email,phone_number",
            "migrate",
        ),
        (&[AdminOnly], "", "ignore"),
    ] {
        let source = pool();
        let destination = UserPoolDescription {
            recovery: recovery.to_vec(),
            ..pool()
        };
        let pools = two(&source, &destination);
        assert_eq!(value(&pools, "RESET_CONTACTS"), contacts);
        assert_eq!(value(&pools, "ON_FORGOT_PASSWORD"), forgot);
    }
}

#[test]
fn unverified_addresses_stay_behind_where_they_would_be_sign_in_names() {
    let source = pool();
    for (destination, expected) in [
        (pool(), "copy"),
        (aliases(&["preferred_username"]), "copy"),
        (aliases(&["email"]), "drop"),
        (usernames(&["phone_number"]), "drop"),
    ] {
        assert_eq!(
            value(&two(&source, &destination), "UNVERIFIED_CONTACTS"),
            expected
        );
    }
}

#[test]
fn groups_are_copied_that_both_pools_have_and_only_with_a_mark() {
    let (source, destination) = (pool(), pool());
    let marked = with(pool(), &[MARK]);
    for (in_source, in_destination, destination, mark, expected) in [
        (
            &["a", "b"][..],
            &["b", "a"][..],
            &destination,
            Some("custom:migration2"),
            "a,b",
        ),
        (&["a", "b"], &["b"], &destination, Some(MARK), "b"),
        (&["a"], &["b"], &destination, Some(MARK), "none"),
        (&[], &[], &destination, Some(MARK), "none"),
        (&["a,b"], &["a,b"], &destination, Some(MARK), "*"),
        (&["none"], &["none"], &destination, Some(MARK), "*"),
        (&["a"], &["a"], &destination, None, "none"),
        (&["a"], &["a"], &marked, None, "a"),
    ] {
        let (in_source, in_destination) = (texts(in_source), texts(in_destination));
        let pools = TwoPools {
            source_groups: &in_source,
            destination_groups: &in_destination,
            made_mark: mark,
            ..two(&source, destination)
        };
        assert_eq!(value(&pools, "COPY_GROUPS"), expected, "{in_source:?}");
        // Without a step to do, there is nothing to mark.
        let has_mark = !value(&pools, "MIGRATION_MARK").is_empty();
        assert_eq!(has_mark, expected != "none");
    }
}

#[test]
fn an_attribute_of_an_existing_pool_is_a_mark_only_if_it_can_hold_one() {
    let source = pool();
    let fit = with(pool(), &[MARK]);
    let change = |change: fn(&mut SchemaAttribute)| {
        let mut pool = fit.clone();
        change(&mut pool.schema[0]);
        pool
    };
    for (destination, expected) in [
        (fit.clone(), MARK),
        (change(|known| known.mutable = false), ""),
        (change(|known| known.maximum = Some(45)), ""),
        (change(|known| known.minimum = Some(41)), ""),
        (change(|known| known.data_type = DataType::Number), ""),
        (change(|known| known.name = "custom:other".into()), ""),
    ] {
        let groups = texts(&["editors"]);
        let pools = TwoPools {
            source_groups: &groups,
            destination_groups: &groups,
            made_mark: None,
            ..two(&source, &destination)
        };
        assert_eq!(value(&pools, "MIGRATION_MARK"), expected);
    }
}

#[test]
fn the_first_client_that_fits_is_used_and_else_one_is_made() {
    let (source, destination) = (pool(), pool());
    let closed = AppClient {
        admin_password_flow: false,
        user_password_flow: true,
        ..client("closed")
    };
    let secret = AppClient {
        secret: Some(Sensitive::new("hunter2")),
        ..client("secret")
    };
    for (clients, expected) in [
        (
            vec![closed.clone(), secret.clone(), client("1"), client("2")],
            "1",
        ),
        (vec![closed, secret], ""),
        (vec![], ""),
    ] {
        let pools = TwoPools {
            clients: &clients,
            ..two(&source, &destination)
        };
        assert_eq!(value(&pools, "SRC_CLIENT_ID"), expected);
        assert_eq!(proposed(&pools).makes_client, expected.is_empty());
        assert!(!format!("{:?}", proposed(&pools)).contains("hunter2"));
    }
}

#[test]
fn the_id_token_is_the_profile_only_where_it_holds_everything() {
    let destination = with(pool(), &["custom:team", MARK, LEGACY_SUB]);
    let source = with(pool(), &["email", "custom:team"]);
    let readable = |names: &[&str]| AppClient {
        readable: Some(texts(names)),
        ..client("1")
    };
    let mut triggered = source.clone();
    triggered.triggers.pre_token_generation = Some("a trigger".to_owned());
    for (source, client, expected) in [
        (&source, readable(&["email", "custom:team"]), "id_token"),
        (&source, readable(&["email"]), "after"),
        (&source, client("1"), "after"),
        (&triggered, readable(&["email", "custom:team"]), "after"),
        (&with(pool(), &["email"]), client("1"), "id_token"),
        (
            &source,
            AppClient {
                admin_password_flow: false,
                ..readable(&["email", "custom:team"])
            },
            "after",
        ),
    ] {
        let clients = [client];
        let pools = TwoPools {
            clients: &clients,
            ..two(source, &destination)
        };
        assert_eq!(value(&pools, "SRC_PROFILE"), expected, "{clients:?}");
    }
}

#[test]
fn decisions_of_people_stand_with_their_defaults() {
    let destination = pool();
    for (mfa, said) in [
        (PoolMfa::Off, "changes nothing"),
        (PoolMfa::Optional, "can have a second factor"),
        (PoolMfa::On, "Every user"),
    ] {
        let source = UserPoolDescription { mfa, ..pool() };
        let proposal = proposed(&two(&source, &destination));
        for variable in rules::settings::ALL {
            if [
                "ON_MFA",
                "ON_TEMPORARY_PASSWORD",
                "ON_FORGOT_PASSWORD",
                "SOURCE_USER",
            ]
            .contains(&variable.name)
            {
                assert_eq!(
                    proposal.value(variable.name).as_deref(),
                    variable.form.default()
                );
            }
        }
        let setting = proposal
            .settings
            .iter()
            .find(|setting| setting.name == "ON_MFA")
            .unwrap();
        assert!(setting.reason.contains(said), "{}", setting.reason);
        // Users of an older, laxer policy are not sent into a reset.
        assert_eq!(proposal.value("PASSWORD_POLICY"), None);
    }
}

#[test]
fn another_account_needs_a_role() {
    let (source, destination) = (pool(), pool());
    let role = SourceRole {
        arn: "arn:aws:iam::111122223333:role/migration",
        external_id: "0b6f2a3e",
    };
    let pools = TwoPools {
        source_role: Some(role),
        source_region: Some("eu-west-1"),
        ..two(&source, &destination)
    };
    assert_eq!(value(&pools, "SRC_ROLE_ARN"), role.arn);
    assert_eq!(value(&pools, "SRC_EXTERNAL_ID"), role.external_id);
    assert_eq!(value(&pools, "SRC_REGION"), "eu-west-1");
    assert_eq!(value(&two(&source, &destination), "SRC_ROLE_ARN"), "");
}
