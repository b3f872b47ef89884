mod page;

use std::{collections::HashMap, time::Duration};

use super::*;
use crate::{
    admission::{OnForgotPassword, OnMfa, OnTemporaryPassword, Policy, ResetContacts},
    attributes::UnverifiedContacts,
    migrated_user::{Destination, DestinationUsername, WelcomeMessage},
    password::PasswordPolicy,
    selection::Selection,
    sensitive::Sensitive,
    sign_in_name::SignInName,
    test_support::{mapping, settings},
};

const REQUIRED: [(&str, &str); 2] = [
    ("SRC_USER_POOL_ID", "eu-west-1_Ab12Cd34E"),
    ("SRC_CLIENT_ID", "1example23456789"),
];

fn read(variables: &[(&str, &str)]) -> Result<Settings, Mistakes> {
    let all: HashMap<_, _> = REQUIRED.iter().chain(variables).copied().collect();
    Settings::read(|name| all.get(name).map(|value| (*value).to_owned()))
}

fn good(variables: &[(&str, &str)]) -> Settings {
    read(variables).unwrap()
}

fn mistakes(variables: &[(&str, &str)]) -> String {
    read(variables).unwrap_err().to_string()
}

#[test]
fn two_variables_are_enough_and_the_rest_is_plain() {
    let settings = good(&[]);
    let source = Source {
        user_pool_id: "eu-west-1_Ab12Cd34E".to_owned(),
        region: "eu-west-1".to_owned(),
        client_id: "1example23456789".to_owned(),
        client_secret: None,
        auth_flow: AuthFlow::AdminUserPassword,
        profile: ProfileFrom::After,
        role: None,
        client_metadata: Selection::None,
        lookup: None,
    };
    assert_eq!(settings.source, source);
    assert_eq!(settings.policy, Policy::default());
    assert_eq!(settings.destination, Destination::default());
    assert_eq!(settings.post_migration, PostMigration::default());
    assert_eq!(settings.time_budget, Duration::from_millis(4500));
}

#[test]
fn unset_empty_and_the_default_that_the_registry_names_are_the_same() {
    for variable in ALL.iter().filter(|variable| !variable.form.is_required()) {
        assert_eq!(good(&[(variable.name, "")]), good(&[]), "{}", variable.name);
        if let Some(default) = variable.form.default() {
            let settings = good(&[(variable.name, default)]);
            assert_eq!(settings, good(&[]), "{}", variable.name);
        }
    }
}

#[test]
fn the_example_of_every_variable_is_a_good_value_that_changes_something() {
    let context = [
        ("SRC_ROLE_ARN", "arn:aws:iam::123456789012:role/another"),
        ("MIGRATION_MARK", "custom:another"),
        ("SRC_CLIENT_ID", "another"),
        ("SRC_USER_POOL_ID", "us-east-1_Another1"),
    ];
    for variable in ALL {
        let changed = good(&[&context[..], &[(variable.name, variable.example)]].concat());
        assert_ne!(changed, good(&context), "{}", variable.name);
    }
}

#[test]
fn every_word_of_a_closed_list_means_something_else() {
    let mark = ("MIGRATION_MARK", "custom:migration");
    for variable in ALL {
        let Form::OneOf { words, old_words } = variable.form else {
            continue;
        };
        let meaning = |word: &&'static str| good(&[mark, (variable.name, *word)]);
        let settings: Vec<_> = words.iter().map(meaning).collect();
        for (at, setting) in settings.iter().enumerate() {
            assert!(!settings[at + 1..].contains(setting), "{}", variable.name);
        }
        let mut old = old_words.iter().map(meaning);
        assert!(old.all(|old| settings.contains(&old)), "{}", variable.name);
    }
}

#[test]
fn every_value_has_its_meaning() {
    let found = settings(
        r#"SRC_CLIENT_SECRET=made-up SRC_AUTH_FLOW=USER_PASSWORD_AUTH SRC_PROFILE=id_token SRC_REGION=us-gov-west-1
        SRC_ROLE_ARN=arn:aws-us-gov:iam::123456789012:role/a/b SRC_EXTERNAL_ID=an-id SRC_LOOKUP=email
        DST_USERNAME=sub ON_MFA=drop ON_TEMPORARY_PASSWORD=reset ON_FORGOT_PASSWORD=ignore RESET_CONTACTS=phone_number
        PASSWORD_POLICY={"minimumLength":9,"requireSymbols":true} ON_REJECT=error MIGRATION_MARK=custom:migration
        COPY_GROUPS=* SOURCE_USER=disable WELCOME_MESSAGE=email,sms FORCE_ALIAS_CREATION=true UNVERIFIED_CONTACTS=drop
        CLIENT_METADATA=* TIME_BUDGET_MS=100 METRICS=none"#,
    );
    let mut expected = settings("");
    let source = &mut expected.source;
    source.region = "us-gov-west-1".to_owned();
    source.client_secret = Some(ClientSecret::Value(Sensitive::new("made-up")));
    source.auth_flow = AuthFlow::UserPassword;
    source.profile = ProfileFrom::IdToken;
    source.role = Some(Role {
        arn: "arn:aws-us-gov:iam::123456789012:role/a/b".to_owned(),
        external_id: Some("an-id".to_owned()),
    });
    source.client_metadata = Selection::All;
    source.lookup = Some(SignInName::Email);
    let policy = &mut expected.policy;
    policy.on_mfa = OnMfa::Drop;
    policy.on_temporary_password = OnTemporaryPassword::Reset;
    policy.on_forgot_password = OnForgotPassword::Ignore;
    policy.reset_contacts = ResetContacts::PhoneNumber;
    let passwords = policy.passwords.insert(PasswordPolicy::default());
    (passwords.minimum_length, passwords.require_symbols) = (9, true);
    let destination = &mut expected.destination;
    destination.mapping.unverified_contacts = UnverifiedContacts::Drop;
    destination.username = DestinationUsername::Sub;
    destination.welcome_message = WelcomeMessage::EmailAndSms;
    destination.force_alias_creation = true;
    destination.mark = Some("custom:migration".to_owned());
    expected.post_migration.groups = Selection::All;
    expected.post_migration.source_user = SourceUser::Disable;
    expected.on_reject = OnReject::Error;
    expected.time_budget = Duration::from_millis(100);
    expected.metrics = Metrics::None;
    assert_eq!(found, expected);
    assert!(!format!("{found:?}").contains("made-up"));
    // The old name of the admin flow.
    let old = settings("SRC_AUTH_FLOW=ADMIN_NO_SRP_AUTH").source.auth_flow;
    assert_eq!(old.as_str(), "ADMIN_USER_PASSWORD_AUTH");
}

const SECRET_ARN: &str =
    "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:app/a_b+c=d.e@f-AbCdEf";

#[test]
fn a_stored_secret_is_named_with_its_region() {
    let settings = good(&[("SRC_CLIENT_SECRET_ARN", SECRET_ARN)]);
    let Some(ClientSecret::Stored(SecretArn { arn, region })) = settings.source.client_secret
    else {
        panic!("{settings:?}");
    };
    assert_eq!((&*arn, &*region), (SECRET_ARN, "us-gov-west-1"));
}

#[test]
fn the_attribute_map_is_read_as_the_design_says() {
    const MANY: &str = r#"{"sub":"custom:legacy_sub","username":"custom:legacy_name","name":null,
                          "custom:org":"custom:tenant","dev:custom:a":"custom:a","custom:*":"custom:*"}"#;
    const FIXED: &str = r#"{"custom:origin":"old","email_verified":"false"}"#;
    #[rustfmt::skip]
    let cases = [
        (MANY, FIXED, "sub=custom:legacy_sub username=custom:legacy_name name= custom:org=custom:tenant dev:custom:a=custom:a \
                       custom:*=custom:*", "custom:origin=old email_verified=false"),
        // A standard attribute may take another one, and a flag stays its contact's.
        (r#"{"nickname":"name","email_verified":"email_verified"}"#, "", "nickname=name email_verified=email_verified", ""),
        (r#"{"custom:*":null}"#, "", "", ""),
    ];
    for (map, fixed, entries, fixed_entries) in cases {
        let settings = good(&[("ATTRIBUTE_MAP", map), ("STATIC_ATTRIBUTES", fixed)]);
        let expected = mapping(entries, fixed_entries);
        assert_eq!(settings.destination.mapping, expected);
    }
}

/// Wrong values of each variable that is not a closed list. The test makes up wrong words for the lists.
#[rustfmt::skip]
const WRONG: [(&str, &[&str]); 13] = [
    ("SRC_USER_POOL_ID", &["pool", "eu-west-1", "eu-west-1_", "EU-west-1_a", "eu-west-1_a_b", "_a", "eu-west_a",
     "eu-west-1_ab-c", "eu-west-1_aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"]),
    ("SRC_CLIENT_ID", &["a b"]),
    ("SRC_REGION", &["europe", "eu-west", "eu-west-1a", "-1", "eu--1", "eu-1", "eu-west-"]),
    ("SRC_ROLE_ARN", &["role", "arn:aws:iam::123:role/a", "arn:aws:iam::12345678901a:role/a",
     "arn:aws:iam::123456789012:user/a", "arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:role/a/",
     "arn:aws:iam::123456789012:role/a b", "arn:aws:iam::123456789012:role/ä",
     "arn:aws:iam:eu-west-1:123456789012:role/a", "arn:aws:sts::123456789012:role/a",
     "arn:aws_cn:iam::123456789012:role/a", "arn:gcp:iam::123456789012:role/a", "urn:aws:iam::123456789012:role/a"]),
    ("SRC_CLIENT_SECRET_ARN", &["the-secret-itself",
     "arn:aws:secretsmanager:eu-west-1:123456789012:secret:", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a b",
     "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a:b", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a*",
     "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ä", "arn:aws:secretsmanager:eu-west-1:123456789012:secret/a",
     "arn:aws:secretsmanager:eu-west-1:123456789012", "arn:aws:secretsmanager:eu-west-1:123:secret:a",
     "arn:aws:secretsmanager:eu-west-1:12345678901a:secret:a", "arn:aws:secretsmanager::123456789012:secret:a",
     "arn:aws:secretsmanager:europe:123456789012:secret:a", "arn:aws:ssm:eu-west-1:123456789012:secret:a",
     "arn:gcp:secretsmanager:eu-west-1:123456789012:secret:a", "urn:aws:secretsmanager:eu-west-1:123456789012:secret:a"]),
    ("SRC_EXTERNAL_ID", &["without-a-role"]),
    ("ATTRIBUTE_MAP", &["no json", "[]", r#"{"a":1}"#, r#"{"email":"sub"}"#, r#"{"sub":"nickname"}"#,
     r#"{"username":"nickname"}"#, r#"{"email":"identities"}"#, r#"{"email":"username"}"#,
     r#"{"email":"cognito:user_status"}"#, r#"{"email":"mail"}"#, r#"{"email":""}"#, r#"{"":"email"}"#,
     r#"{"a":"name","b":"name"}"#, r#"{"custom:*":"custom:a"}"#, r#"{"custom:*":"email"}"#, r#"{"*":"custom:*"}"#,
     r#"{"custom:a*":"custom:b"}"#, r#"{"custom:a":"custom:*"}"#, r#"{"custom:checked":"email_verified"}"#,
     r#"{"email_verified":"phone_number_verified"}"#]),
    ("STATIC_ATTRIBUTES", &["{", r#"{"custom:a":true}"#, r#"{"sub":"1"}"#, r#"{"username":"a"}"#, r#"{"custom:*":"a"}"#,
     r#"{"email_verified":"true"}"#, r#"{"phone_number_verified":"1"}"#]),
    ("MIGRATION_MARK", &["migration", "email", "custom:", "custom:*", "custom:a b"]),
    ("COPY_GROUPS", &["*", "staff", "true", "false", "staff,", ",", "a b", "a\0b", "none,staff", "*,staff", "staff,true"]),
    ("CLIENT_METADATA", &["tenant,", ",", "a b", "none,tenant", "*,tenant", "true"]),
    ("PASSWORD_POLICY", &["{", "[]", "12", r#"{"minimumLength":5}"#, r#"{"minimumLength":100}"#,
     r#"{"minimumLength":8.5}"#, r#"{"minimumLength":"8"}"#, r#"{"MinimumLength":8}"#, r#"{"requireSymbols":1}"#,
     r#"{"requireSymbol":true}"#, r#"{"minimumLength":8,"minimumLength":9}"#]),
    ("TIME_BUDGET_MS", &["99", "4901", "1e3", "-1", "4500ms", "99999999999999999999"]),
];

#[test]
fn groups_are_none_all_or_named() {
    let groups = |value| {
        let mark = ("MIGRATION_MARK", "custom:migration");
        good(&[mark, ("COPY_GROUPS", value)]).post_migration.groups
    };
    assert_eq!(groups("none"), Selection::None);
    let all = groups("*");
    let named = groups("staff, Ünï-cödë,a*b");
    for group in ["staff", "Ünï-cödë", "a*b", "Staff", "*"] {
        assert!(all.includes(group) && !Selection::None.includes(group));
        let is_named = !["Staff", "*"].contains(&group);
        assert_eq!(named.includes(group), is_named, "{group}");
    }
}

#[test]
fn every_wrong_value_is_named_and_nothing_else_is() {
    let mut wrong: Vec<(&str, &str)> = vec![("SOURCE_USER", "disable"), ("SOURCE_USER", "delete")];
    for (name, values) in WRONG {
        wrong.extend(values.iter().map(|value| (name, *value)));
    }
    for variable in ALL {
        if matches!(variable.form, Form::OneOf { .. }) {
            wrong.extend([(variable.name, "another"), (variable.name, "None")]);
        } else if !matches!(variable.form, Form::Text) {
            let is_known = WRONG.iter().any(|(name, _)| *name == variable.name);
            assert!(is_known, "{} has wrong values", variable.name);
        }
    }
    for (name, value) in wrong {
        let text = mistakes(&[(name, value)]);
        let is_named = text.contains(&format!(" {name} "));
        assert!(is_named, "{name}={value}: {text}");
        for other in ALL.iter().filter(|other| other.name != name) {
            assert!(!text.contains(&format!(" {} must", other.name)), "{text}");
        }
    }
}

#[test]
fn a_value_of_the_longest_length_is_accepted_and_a_longer_one_is_not() {
    for (name, begin, letter, most, end) in [
        ("STATIC_ATTRIBUTES", r#"{"custom:a":""#, "é", 1024, "\"}"),
        ("CLIENT_METADATA", "", "é", 128, ""),
        ("SRC_USER_POOL_ID", "eu-west-1_", "a", 45, ""),
    ] {
        let value = |length| format!("{begin}{}{end}", letter.repeat(length));
        good(&[(name, &value(most))]);
        assert!(mistakes(&[(name, &value(most + 1))]).contains(name));
    }
}

#[test]
fn a_mistake_says_what_is_wrong() {
    const MARK: (&str, &str) = ("MIGRATION_MARK", "custom:migration");
    const MARK_IS_SET: &str =
        "MIGRATION_MARK must be an attribute that ATTRIBUTE_MAP and STATIC_ATTRIBUTES do not set";
    #[rustfmt::skip]
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("ATTRIBUTE_MAP", r#"{"custom:a":"custom:x","custom:b":"custom:x"}"#)],
         "ATTRIBUTE_MAP must not map two attributes to the same one: custom:x"),
        (&[("ATTRIBUTE_MAP", r#"{"username":"preferred_username"}"#)],
         "ATTRIBUTE_MAP must map username to a custom attribute: preferred_username"),
        (&[("STATIC_ATTRIBUTES", r#"{"custom:a":"1","mail":"2"}"#)], "identities, username or cognito:…: mail"),
        (&[("ON_MFA", "allow")], "The configuration cannot be used: ON_MFA must be refuse, sms, reset or drop"),
        (&[("PASSWORD_POLICY", r#"{"requireNumbers":true,"requireNumber":true}"#)], "; this is wrong: requireNumber"),
        (&[("PASSWORD_POLICY", r#"{"requireNumbers":1}"#)], "; this is wrong: requireNumbers"),
        (&[("SRC_CLIENT_SECRET", "hunter2"), ("SRC_CLIENT_SECRET_ARN", SECRET_ARN)],
         "SRC_CLIENT_SECRET_ARN must not be set beside SRC_CLIENT_SECRET"),
        (&[MARK, ("ATTRIBUTE_MAP", r#"{"custom:a":"custom:migration"}"#)], MARK_IS_SET),
        (&[MARK, ("STATIC_ATTRIBUTES", r#"{"custom:migration":"a"}"#)], MARK_IS_SET),
    ];
    for (variables, expected) in cases {
        let text = mistakes(variables);
        assert!(text.ends_with(expected), "{text}");
        // What contradicts another variable is right by itself.
        if let [_, other] = variables {
            good(&[*other]);
        }
    }
}

#[test]
fn a_missing_required_variable_is_named_once() {
    let text = Settings::read(|_| None).unwrap_err().to_string();
    assert_eq!(text.matches("SRC_USER_POOL_ID").count(), 1, "{text}");
    assert_eq!(text.matches("SRC_CLIENT_ID").count(), 1, "{text}");
}

#[test]
fn all_mistakes_are_named_at_once_and_no_value_is_shown() {
    let pasted = ALL.map(|variable| (variable.name, "hunter2 pasted here"));
    let text = mistakes(&pasted);
    for Variable { name, form, .. } in ALL {
        let is_named = text.contains(name) || matches!(form, Form::Text);
        assert!(is_named, "{name}: {text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}

/// `UPDATE_PAGES=1 cargo test --package rules` writes the page.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether a test writes the page is no setting of the function"
)]
fn the_settings_page_is_made_from_the_registry() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/settings.md");
    if std::env::var("UPDATE_PAGES").is_ok() {
        std::fs::write(path, page::page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page::page());
}

#[test]
fn a_program_without_sign_ins_needs_the_app_client_only_for_what_it_may_read() {
    const POOL: (&str, &str) = ("SRC_USER_POOL_ID", "eu-west-1_Ab12Cd34E");
    const POOL_RULE: &str = "SRC_USER_POOL_ID must be the id of the source user pool";
    const RULE: &str = "SRC_CLIENT_ID must be the id of an app client of the source user pool";
    let read = |variables: &[(&str, &str)]| {
        let all: HashMap<_, _> = variables.iter().copied().collect();
        Settings::read_to_foresee(|name| all.get(name).map(|&value| value.to_owned()))
    };
    assert_eq!(read(&[POOL]).unwrap().source.client_id, "");
    for (variables, mistake) in [
        (&[POOL, ("SRC_CLIENT_ID", "a b")][..], RULE),
        (&[POOL, ("SRC_PROFILE", "id_token")], RULE),
        (&[POOL, ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH")], RULE),
        (&[], POOL_RULE),
        (&[POOL, ("ON_MFA", "maybe")], "ON_MFA must be"),
    ] {
        let told = read(variables).unwrap_err().to_string();
        let expected = format!("The configuration cannot be used: {mistake}");
        assert!(told.starts_with(&expected), "{told}");
    }
}
