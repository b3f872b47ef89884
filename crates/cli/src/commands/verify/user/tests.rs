use std::collections::BTreeSet;

use super::*;

/// An attribute as in `custom:a Number -5..9`, or a required one as in `email`.
fn attribute(text: &str) -> SchemaAttribute {
    let mut words = text.split(' ');
    let name = words.next().unwrap().to_owned();
    let data_type = words.next();
    let limits = words.next().and_then(|limits| limits.split_once(".."));
    let (least, most) = limits.unwrap_or_default();
    SchemaAttribute {
        name,
        required: data_type.is_none(),
        mutable: true,
        data_type: match data_type {
            Some("Number") => DataType::Number,
            Some("Other") => DataType::Other,
            _ => DataType::String,
        },
        minimum: least.parse().ok(),
        maximum: most.parse().ok(),
    }
}

fn pool(schema: &[&str], aliases: &[&str]) -> UserPoolDescription {
    UserPoolDescription {
        schema: schema.iter().map(|text| attribute(text)).collect(),
        alias_attributes: aliases.iter().map(|name| (*name).to_owned()).collect(),
        case_sensitive: true,
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
    let source = [
        "birthdate",
        "custom:short String ..256",
        "custom:long String 30..40",
        "custom:number Number -5..9",
        "custom:date Other",
        "custom:migration String",
        "custom:type String",
    ];
    let destination = [
        "sub",
        "email",
        "phone_number",
        "custom:short String ..8",
        "custom:type Number",
    ];
    let user = user(&pool(&source, &[]), &pool(&destination, &[]));
    let expected = [
        ("birthdate", "2000-01-01"),
        ("phone_number", "+12065550102"),
        ("email", &user.name),
        ("email_verified", "true"),
        ("custom:short", "verify-M"),
        ("custom:long", "verify-Mixed-Case-------------"),
        ("custom:number", "0"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(user.attributes, expected.into());
    assert_eq!(user.expected, user.attributes);
}

#[test]
fn what_is_expected_is_what_the_function_makes_of_it() {
    let (source, destination) = (pool(&["custom:a String"], &[]), pool(&[], &[]));
    let mapping = Mapping {
        renamed: BTreeMap::from([("custom:a".to_owned(), Some("custom:b".to_owned()))]),
        fixed: BTreeMap::from([("locale".to_owned(), "pl".to_owned())]),
        ..Mapping::default()
    };
    let user = TrialUser::new(Who::First, None, &source, &destination, &mapping, None).unwrap();
    let names: Vec<_> = user.expected.keys().map(String::as_str).collect();
    assert_eq!(names, ["custom:b", "email", "email_verified", "locale"]);
}

#[test]
fn each_kind_of_user_is_found_by_its_name_and_has_what_its_step_needs() {
    let (pool, mapping) = (pool(&[], &[]), Mapping::default());
    let phone = Sensitive::new("+15550100");
    let users =
        TrialUsers::new(|who| TrialUser::new(who, Some(&phone), &pool, &pool, &mapping, None))
            .unwrap();
    for who in Who::VARIANTS.iter().copied() {
        let user = &users[who];
        let value = |name: &str| user.attributes.get(name).map(String::as_str);
        assert!(user.name.contains(who.label()), "{who:?}");
        let proven = (who != Who::Unproven).to_string();
        assert_eq!(value("email_verified"), Some(&*proven), "{who:?}");
        let number = (who == Who::Texted).then_some("+15550100");
        assert_eq!(value("phone_number"), number, "{who:?}");
    }
    assert_eq!(users.tried().count(), 0);
}

#[test]
fn a_user_is_deleted_under_every_name_that_a_pool_can_have() {
    let mut user = user(&pool(&[], &["email"]), &pool(&[], &[]));
    user.sub = Some("7c7f".to_owned());
    let local_part = user.name.split('@').next().unwrap().to_owned();
    assert!(local_part.starts_with("success+Mixed-Case-"));
    assert_eq!(user.username, local_part);
    let [name, local_part] = [user.name.as_str(), &local_part];
    let lower = [name, local_part].map(str::to_lowercase);
    let all = [name, local_part, &lower[0], &lower[1], "7c7f"];
    let names: BTreeSet<_> = user.names().into_iter().collect();
    assert_eq!(names, all.map(str::to_owned).into());
}

#[test]
fn two_runs_share_no_name_and_no_password() {
    let user = || user(&pool(&[], &[]), &pool(&[], &[]));
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
