use std::collections::BTreeSet;

use super::*;

fn attribute(name: &str, data_type: DataType, limits: [Option<i128>; 2]) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        required: false,
        mutable: true,
        data_type,
        minimum: limits[0],
        maximum: limits[1],
    }
}

fn required(name: &str) -> SchemaAttribute {
    SchemaAttribute {
        required: true,
        ..attribute(name, DataType::String, [None, None])
    }
}

fn pool(schema: Vec<SchemaAttribute>, aliases: &[&str]) -> UserPoolDescription {
    UserPoolDescription {
        triggers: Default::default(),
        schema,
        alias_attributes: aliases.iter().map(|name| (*name).to_owned()).collect(),
        case_sensitive: true,
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
    }
}

fn user(source: &UserPoolDescription, destination: &UserPoolDescription) -> TrialUser {
    let mapping = Mapping {
        copy_custom: true,
        ..Mapping::default()
    };
    let mark = Some("custom:migration");
    TrialUser::new(Who::MixedCase, None, source, destination, &mapping, mark).unwrap()
}

#[test]
fn a_user_has_what_both_pools_require_and_what_is_copied_within_both_limits() {
    let source = pool(
        vec![
            required("birthdate"),
            attribute("custom:short", DataType::String, [None, Some(256)]),
            attribute("custom:long", DataType::String, [Some(30), Some(40)]),
            attribute("custom:number", DataType::Number, [Some(-5), Some(9)]),
            attribute("custom:date", DataType::Other, [None, None]),
            attribute("custom:migration", DataType::String, [None, None]),
            attribute("custom:type", DataType::String, [None, None]),
        ],
        &[],
    );
    let destination = pool(
        vec![
            required("sub"),
            required("email"),
            required("phone_number"),
            attribute("custom:short", DataType::String, [None, Some(8)]),
            attribute("custom:type", DataType::Number, [None, None]),
        ],
        &[],
    );
    let user = user(&source, &destination);
    let value = |name: &str| user.attributes.get(name).map(String::as_str);
    assert_eq!(value("birthdate"), Some("2000-01-01"));
    assert_eq!(value("phone_number"), Some("+12065550102"));
    assert_eq!(value("email"), Some(user.name.as_str()));
    assert_eq!(value("custom:short"), Some("verify-M"));
    assert_eq!(value("custom:long"), Some("verify-Mixed-Case-------------"));
    assert_eq!(value("custom:number"), Some("0"));
    for name in ["custom:date", "custom:migration", "custom:type", "sub"] {
        assert_eq!(value(name), None, "{name}");
    }
    assert_eq!(user.expected, user.attributes);
}

#[test]
fn what_is_expected_is_what_the_function_makes_of_it() {
    let source = pool(
        vec![attribute("custom:a", DataType::String, [None, None])],
        &[],
    );
    let mapping = Mapping {
        renamed: BTreeMap::from([("custom:a".to_owned(), Some("custom:b".to_owned()))]),
        fixed: BTreeMap::from([("locale".to_owned(), "pl".to_owned())]),
        ..Mapping::default()
    };
    let user = TrialUser::new(
        Who::First,
        None,
        &source,
        &pool(vec![], &[]),
        &mapping,
        None,
    )
    .unwrap();
    let names: Vec<_> = user.expected.keys().map(String::as_str).collect();
    assert_eq!(names, ["custom:b", "email", "email_verified", "locale"]);
}

#[test]
fn each_kind_of_user_is_found_by_its_name_and_has_what_its_step_needs() {
    let (pool, mapping) = (pool(vec![], &[]), Mapping::default());
    let phone = Sensitive::new("+15550100");
    let users =
        TrialUsers::new(|who| TrialUser::new(who, Some(&phone), &pool, &pool, &mapping, None))
            .unwrap();
    for who in Who::VARIANTS.iter().copied() {
        let user = &users[who];
        let value = |name: &str| user.attributes.get(name).map(String::as_str);
        assert!(user.name.contains(who.label()), "{who:?}");
        let proven = if who == Who::Unproven {
            "false"
        } else {
            "true"
        };
        assert_eq!(value("email_verified"), Some(proven), "{who:?}");
        let number = (who == Who::Texted).then_some("+15550100");
        assert_eq!(value("phone_number"), number, "{who:?}");
    }
    assert_eq!(users.tried().count(), 0);
}

#[test]
fn a_user_is_deleted_under_every_name_that_a_pool_can_have() {
    let mut user = user(&pool(vec![], &["email"]), &pool(vec![], &[]));
    user.sub = Some("7c7f".to_owned());
    let local_part = user.name.split('@').next().unwrap().to_owned();
    assert!(local_part.starts_with("success+Mixed-Case-"));
    assert_eq!(user.username, local_part);
    let names: BTreeSet<_> = user.names().into_iter().collect();
    let lower = [user.name.to_lowercase(), local_part.to_lowercase()];
    let all = [user.name.clone(), local_part, "7c7f".to_owned()]
        .into_iter()
        .chain(lower);
    assert_eq!(names, all.collect());
}

#[test]
fn two_runs_share_no_name_and_no_password() {
    let user = || user(&pool(vec![], &[]), &pool(vec![], &[]));
    let (one, other) = (user(), user());
    assert_ne!(one.name, other.name);
    assert_ne!(one.password, other.password);
    for (minimum, length) in [(0, 36), (36, 36), (99, 99)] {
        let password = random_password(minimum).unwrap();
        assert_eq!(password.expose().len(), length);
    }
    let password = one.password.expose();
    let has = |is_one: fn(char) -> bool| password.contains(is_one);
    assert!(has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_uppercase()));
    assert!(has(|c| c.is_ascii_digit()) && has(|c| c == '!'));
}
