use super::*;
use crate::test_support::*;

fn with(pool: UserPoolDescription, attributes: &str) -> UserPoolDescription {
    let schema = attributes.split_whitespace();
    let schema = schema.map(|name| text(name, 0, 64)).collect();
    changed(pool, |it| it.schema = schema)
}

/// An app client through which the function signs users in without a secret.
fn without_secret(id: &str) -> AppClient {
    changed(client(), |it| (it.id, it.secret) = (id.to_owned(), None))
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
    // They stand in the order of the page, each with its reason.
    let names: Vec<_> = proposal.settings.iter().map(|it| it.name).collect();
    let mut all = rules::settings::ALL.map(|variable| variable.name).to_vec();
    all.retain(|name| names.contains(name));
    assert_eq!(names, all);
    for setting in &proposal.settings {
        assert!(setting.reason.ends_with('.'), "{}", setting.reason);
    }
    proposal
}

#[track_caller]
fn value(pools: &TwoPools, name: &str) -> String {
    proposed(pools).value(name).unwrap_or_default()
}

fn reason(pools: &TwoPools, name: &str) -> String {
    let mut settings = proposed(pools).settings.into_iter();
    settings.find(|known| known.name == name).unwrap().reason
}

/// Each setting that follows from the two pools alone.
#[test]
fn a_setting_fits_the_two_pools() {
    use Recovery::{AdminOnly, VerifiedEmail, VerifiedPhoneNumber};
    const EVERY: &str = r#"{"custom:*":"custom:*","sub":"custom:legacy_sub"}"#;
    const WITHOUT_PREFERRED: &str =
        r#"{"custom:*":"custom:*","preferred_username":null,"sub":"custom:legacy_sub"}"#;
    let recovers_by = |ways: &[Recovery]| changed(pool(), |it| it.recovery = ways.to_vec());
    let holding = |attribute| changed(pool(), |it| it.schema = vec![attribute]);
    let number = of_type(DataType::Number, attribute(MARK));
    let fixed = changed(attribute(MARK), |it| it.mutable = false);
    let made = |pool| with(pool, "custom:team custom:migration custom:legacy_sub");
    #[rustfmt::skip]
    let cases = [
        // Names are looked up where users type others than the source pool knows.
        ("SRC_LOOKUP", pool(), pool(), "none"),
        ("SRC_LOOKUP", pool(), usernames("email"), "email"),
        ("SRC_LOOKUP", pool(), usernames("phone_number"), "phone_number"),
        ("SRC_LOOKUP", pool(), usernames(BOTH), "email"),
        ("SRC_LOOKUP", pool(), aliases("email"), "email"),
        ("SRC_LOOKUP", pool(), aliases(PREFERRED), "none"),
        ("SRC_LOOKUP", aliases("email"), usernames("email"), "none"),
        ("SRC_LOOKUP", aliases("email"), aliases("email"), "none"),
        ("SRC_LOOKUP", usernames("email"), usernames("email"), "none"),
        ("SRC_LOOKUP", usernames("email"), pool(), "none"),
        ("SRC_LOOKUP", usernames("email"), usernames(BOTH), "phone_number"),
        ("SRC_LOOKUP", usernames("phone_number"), usernames("email"), "email"),
        // Names arrive in lower case.
        ("SRC_LOOKUP", with_case(usernames("email")), usernames("email"), "email"),
        ("SRC_LOOKUP", with_case(aliases("email")), aliases("email"), "email"),
        ("SRC_LOOKUP", with_case(usernames("email")), usernames(BOTH), "email"),
        ("SRC_LOOKUP", with_case(usernames("phone_number")), usernames("phone_number"), "none"),
        ("SRC_LOOKUP", with_case(pool()), pool(), "none"),
        ("SRC_LOOKUP", with_case(pool()), usernames("email"), "email"),
        ("SRC_LOOKUP", with_case(usernames("email")), with_case(usernames("email")), "none"),
        // An alias needs a user name that the pool takes.
        ("DST_USERNAME", pool(), pool(), "none"),
        ("DST_USERNAME", pool(), usernames("email"), "none"),
        ("DST_USERNAME", aliases("email"), aliases("email"), "username"),
        ("DST_USERNAME", aliases("email"), aliases(PREFERRED), "username"),
        ("DST_USERNAME", aliases("email"), aliases(BOTH), "sub"),
        ("DST_USERNAME", pool(), aliases("email"), "sub"),
        ("DST_USERNAME", pool(), aliases(PREFERRED), "username"),
        ("DST_USERNAME", usernames("email"), aliases("email"), "sub"),
        // Attributes are copied that both pools have.
        ("ATTRIBUTE_MAP", with(pool(), "custom:team"), made(pool()), EVERY),
        ("ATTRIBUTE_MAP", pool(), pool(), r#"{"custom:*":"custom:*"}"#),
        ("ATTRIBUTE_MAP", with(pool(), "custom:team custom:shoe"), made(pool()),
         r#"{"custom:team":"custom:team","sub":"custom:legacy_sub"}"#),
        // There it is another one.
        ("ATTRIBUTE_MAP", with(pool(), LEGACY_SUB), made(pool()), r#"{"custom:*":"custom:*"}"#),
        ("ATTRIBUTE_MAP", pool(), holding(text(LEGACY_SUB, 0, 35)), r#"{"custom:*":"custom:*"}"#),
        ("ATTRIBUTE_MAP", pool(), made(aliases(PREFERRED)), WITHOUT_PREFERRED),
        ("ATTRIBUTE_MAP", aliases(PREFERRED), made(aliases(PREFERRED)), EVERY),
        // An attribute of an existing pool is a mark only if it can hold one.
        ("MIGRATION_MARK", pool(), holding(text(MARK, 0, 64)), MARK),
        ("MIGRATION_MARK", pool(), holding(text(MARK, 0, 45)), ""),
        ("MIGRATION_MARK", pool(), holding(text(MARK, 41, 64)), ""),
        ("MIGRATION_MARK", pool(), holding(text("custom:other", 0, 64)), ""),
        ("MIGRATION_MARK", pool(), holding(fixed), ""),
        ("MIGRATION_MARK", pool(), holding(number), ""),
        // A reset needs a contact to which the new pool sends codes.
        ("RESET_CONTACTS", pool(), pool(), "email,phone_number"),
        ("RESET_CONTACTS", pool(), recovers_by(&[VerifiedEmail]), "email"),
        ("RESET_CONTACTS", pool(), recovers_by(&[VerifiedPhoneNumber]), "phone_number"),
        ("RESET_CONTACTS", pool(), recovers_by(&[VerifiedPhoneNumber, VerifiedEmail]), "email,phone_number"),
        ("RESET_CONTACTS", pool(), recovers_by(&[AdminOnly]), ""),
        ("ON_FORGOT_PASSWORD", pool(), recovers_by(&[VerifiedEmail]), "migrate"),
        ("ON_FORGOT_PASSWORD", pool(), recovers_by(&[AdminOnly]), "ignore"),
        // Unverified addresses stay behind where they would be sign-in names.
        ("UNVERIFIED_CONTACTS", pool(), pool(), "copy"),
        ("UNVERIFIED_CONTACTS", pool(), aliases(PREFERRED), "copy"),
        ("UNVERIFIED_CONTACTS", pool(), aliases("email"), "drop"),
        ("UNVERIFIED_CONTACTS", pool(), usernames("phone_number"), "drop"),
    ];
    let groups = names("editors");
    for (name, source, destination, expected) in cases {
        let pools = TwoPools {
            source_groups: &groups,
            destination_groups: &groups,
            made_mark: None,
            made_legacy_sub: None,
            ..two(&source, &destination)
        };
        let found = value(&pools, name);
        assert_eq!(found, expected, "{name}: {source:?} {destination:?}");
    }
    // The attributes that a draft makes are there as well.
    let (source, destination) = (with(pool(), "custom:team"), made(pool()));
    assert_eq!(value(&two(&source, &destination), "ATTRIBUTE_MAP"), EVERY);
}

#[test]
fn a_lost_case_and_a_second_address_are_said() {
    let says = |source, destination, words: &str| {
        let reason = reason(&two(&source, &destination), "SRC_LOOKUP");
        assert!(reason.contains(words), "{reason}");
    };
    let by_number = || usernames("phone_number");
    says(pool(), pool(), "Users type the same names");
    says(
        with_case(by_number()),
        by_number(),
        "Users type the same names",
    );
    says(with_case(pool()), pool(), "upper case do not migrate");
    says(pool(), usernames(BOTH), "phone number do not migrate");
}

#[test]
fn groups_are_copied_that_both_pools_have_and_only_with_a_mark() {
    let source = pool();
    for (in_source, in_destination, schema, mark, expected) in [
        ("a b", "b a", "", Some("custom:migration2"), "a,b"),
        ("a b", "b", "", Some(MARK), "b"),
        ("a", "b", "", Some(MARK), "none"),
        ("", "", "", Some(MARK), "none"),
        ("a,b", "a,b", "", Some(MARK), "*"),
        ("none", "none", "", Some(MARK), "*"),
        ("a\u{7}b", "a\u{7}b", "", Some(MARK), "*"),
        ("a", "a", "", None, "none"),
        ("a", "a", MARK, None, "a"),
    ] {
        let destination = with(pool(), schema);
        let pools = TwoPools {
            source_groups: &names(in_source),
            destination_groups: &names(in_destination),
            made_mark: mark,
            ..two(&source, &destination)
        };
        assert_eq!(value(&pools, "COPY_GROUPS"), expected, "{in_source:?}");
        // Without a step to do, there is nothing to mark.
        let has_mark = !value(&pools, "MIGRATION_MARK").is_empty();
        assert_eq!(has_mark, expected != "none");
    }
}

#[test]
fn the_first_client_that_fits_is_used_and_else_one_is_made() {
    let pool = pool();
    let closed = changed(without_secret("0"), |it| it.admin_password_flow = false);
    let fits = ["1", "2"].map(without_secret);
    let all = [closed, client(), fits[0].clone(), fits[1].clone()];
    for (clients, expected) in [(&all[..], "1"), (&all[..2], ""), (&[], "")] {
        let mut pools = two(&pool, &pool);
        pools.clients = clients;
        let proposal = proposed(&pools);
        let found = proposal.value("SRC_CLIENT_ID").unwrap_or_default();
        assert_eq!(found, expected);
        assert_eq!(proposal.makes_client, expected.is_empty());
        assert!(!format!("{proposal:?}").contains("hunter2"));
    }
}

#[test]
fn the_id_token_is_the_profile_only_where_it_holds_everything() {
    const ALL: Option<&str> = Some("email custom:team");
    let destination = with(pool(), "custom:team custom:migration custom:legacy_sub");
    let source = with(pool(), "email custom:team");
    let mut triggered = source.clone();
    triggered.triggers.pre_token_generation = Some("a trigger".to_owned());
    #[rustfmt::skip]
    let cases = [
        (source.clone(), ALL, true, "id_token"),
        (source.clone(), Some("email"), true, "after"),
        (source.clone(), None, true, "after"),
        (source, ALL, false, "after"),
        (with(pool(), "email"), None, true, "id_token"),
        (triggered, ALL, true, "after"),
    ];
    for (source, readable, admin_password_flow, expected) in cases {
        let mut clients = [without_secret("1")];
        clients[0].readable = readable.map(names);
        clients[0].admin_password_flow = admin_password_flow;
        let mut pools = two(&source, &destination);
        pools.clients = &clients;
        assert_eq!(value(&pools, "SRC_PROFILE"), expected, "{clients:?}");
    }
}

#[test]
fn decisions_of_people_stand_with_their_defaults() {
    const DECISIONS: &str = "ON_MFA ON_TEMPORARY_PASSWORD ON_FORGOT_PASSWORD SOURCE_USER";
    let destination = pool();
    for (mfa, said) in [
        (PoolMfa::Off, "changes nothing"),
        (PoolMfa::Optional, "can have a second factor"),
        (PoolMfa::On, "Every user"),
    ] {
        let source = UserPoolDescription { mfa, ..pool() };
        let pools = two(&source, &destination);
        let proposal = proposed(&pools);
        for name in DECISIONS.split(' ') {
            let variable = rules::settings::ALL.iter().find(|it| it.name == name);
            let value = proposal.value(name);
            assert_eq!(value.as_deref(), variable.unwrap().form.default());
        }
        let reason = reason(&pools, "ON_MFA");
        assert!(reason.contains(said), "{reason}");
        // Users of an older, laxer policy are not sent into a reset.
        assert_eq!(proposal.value("PASSWORD_POLICY"), None);
    }
}

#[test]
fn another_account_needs_a_role() {
    let pool = pool();
    let role = SourceRole {
        arn: "arn:aws:iam::111122223333:role/migration",
        external_id: "0b6f2a3e",
    };
    let mut pools = two(&pool, &pool);
    assert_eq!(value(&pools, "SRC_ROLE_ARN"), "");
    (pools.source_role, pools.source_region) = (Some(role), Some("eu-west-1"));
    assert_eq!(value(&pools, "SRC_ROLE_ARN"), role.arn);
    assert_eq!(value(&pools, "SRC_EXTERNAL_ID"), role.external_id);
    assert_eq!(value(&pools, "SRC_REGION"), "eu-west-1");
}
