//! Generated input for the rules and the reader of events: any text as an event, any environment, any profile.
//!
//! `FUZZ_CASES` sets the number of cases of each property (default 1,000).

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends in a panic"
)]

use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    io::Write as _,
    time::Instant,
};

use cognito_user_migration::event::Event;
use proptest::{
    prelude::*,
    sample::{Index, select},
    string::string_regex,
    test_runner::{Config, TestRunner},
};
use rules::{
    admission::FinalUserStatus,
    attributes::{Mapped, Mapping},
    evidence::Identity,
    migrated_user::{MigratedUser, WelcomeMessage},
    protocol::TriggerSource,
    sensitive::Sensitive,
    settings::{ALL, Settings},
};
use serde_json::{Value, json};
use strum::{IntoEnumIterator as _, VariantArray as _};

#[expect(
    clippy::disallowed_methods,
    reason = "the size of a test run is no setting of the function"
)]
fn config() -> Config {
    let cases = match std::env::var("FUZZ_CASES") {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("FUZZ_CASES is no number: {text}")),
        Err(_) => 1_000,
    };
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Texts of this form; made here, because a strategy that is a text reads the form anew for each case.
fn text(form: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(form).expect("a regular expression")
}

/// JSON text of any form: odd white space, escapes that Rust strings cannot hold, numbers beyond every type, members
/// that stand twice.
fn json_text() -> impl Strategy<Value = String> {
    const STRINGS: &str = r#"UserMigration_Authentication UserMigration_ForgotPassword \ud800 \u0000 \"\\\/\b\f\n\r\t"#;
    let string = prop_oneof![one_of(STRINGS), text("[a-zA-Z0-9 äöüß@+._-]{0,12}")];
    let leaf = prop_oneof![
        1 => one_of("null true false"),
        1 => text("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?"),
        2 => string.prop_map(|inner| format!("\"{inner}\"")),
        1 => text("\\PC{0,8}").prop_map(|text| Value::from(text).to_string()),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let space = || text("[ \t\r\n]{0,2}");
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..5), space()).prop_map(
                |(items, space)| format!("[{}{space}]", items.join(&format!(",{space}")))
            ),
            (prop::collection::vec((member(), inner), 0..7), space()).prop_map(
                |(members, space)| {
                    let members: Vec<String> = members
                        .into_iter()
                        .map(|(name, value)| format!("{space}\"{name}\"{space}:{value}"))
                        .collect();
                    format!("{{{}}}", members.join(","))
                }
            ),
        ]
    })
}

/// The name of a member, as JSON writes it.
fn member() -> impl Strategy<Value = String> {
    const NAMES: &str = "triggerSource userName userPoolId request password validationData response userAttributes \
        email custom:mark finalUserStatus messageAction desiredDeliveryMediums forceAliasCreation enableSMSMFA \\ud800";
    prop_oneof![4 => one_of(NAMES), 1 => text("[a-zA-Z]{0,6}")]
}

/// One of these words.
fn one_of(words: &'static str) -> impl Strategy<Value = String> {
    let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
    select(words)
}

/// An event that is mostly right.
fn event_text() -> impl Strategy<Value = String> {
    let names = TriggerSource::VARIANTS
        .iter()
        .map(|trigger| trigger.as_str());
    let trigger = select(names.chain(["CustomMessage_SignUp"]).collect::<Vec<_>>());
    let any = json_text;
    (trigger, any(), any(), any(), any(), any()).prop_map(
        |(trigger, name, password, data, attributes, response)| {
            format!(
                r#"{{"version":"1","triggerSource":"{trigger}","userPoolId":"eu-west-1_New","userName":{name},
                "request":{{"password":{password},"validationData":{data},"userAttributes":{attributes}}},
                "response":{response}}}"#
            )
        },
    )
}

fn migrated_user() -> impl Strategy<Value = MigratedUser> {
    let attributes = prop::collection::btree_map(text("\\PC{0,6}"), text("\\PC{0,6}"), 0..5);
    let status = select(vec![
        None,
        Some(FinalUserStatus::Confirmed),
        Some(FinalUserStatus::ResetRequired),
    ]);
    let welcome_message = select(WelcomeMessage::iter().collect::<Vec<_>>());
    let rest = (status, welcome_message, any::<bool>(), any::<bool>());
    (attributes, rest).prop_map(
        |(attributes, (final_status, welcome_message, alias, sms))| MigratedUser {
            attributes,
            final_status,
            welcome_message,
            force_alias_creation: alias,
            enable_sms_mfa: sms,
        },
    )
}

/// What every event must bear, whatever it is. Says whether it was JSON.
fn bear(text: &str, user: &MigratedUser) -> Result<bool, TestCaseError> {
    let Ok(event) = Event::receive(text) else {
        prop_assert!(
            serde_json::from_str::<&serde_json::value::RawValue>(text).is_err(),
            "JSON was taken for none: {text}"
        );
        return Ok(false);
    };
    let unchanged = event.unchanged();
    prop_assert_eq!(unchanged.get(), text.trim_matches([' ', '\t', '\r', '\n']));
    let whole = serde_json::from_str::<Value>(text);
    if let Ok(request) = event.migration_request() {
        prop_assert!(!request.username.is_empty());
        let password = request.password.as_ref().map(Sensitive::expose);
        prop_assert!(password != Some(""));
        let debug = format!("{:?}", request.password);
        let is_hidden = |password: &str| password.len() < 4 || !debug.contains(password);
        prop_assert!(password.is_none_or(is_hidden));
        if let Ok(whole) = &whole {
            prop_assert_eq!(&whole["userName"], &request.username);
            let sent = &whole["request"];
            prop_assert!(password.is_none_or(|password| sent["password"] == password));
            for (name, value) in &request.client_metadata {
                prop_assert_eq!(&sent["validationData"][name], value);
            }
        }
    }
    if let (Ok(Some(trigger)), Ok(whole)) = (event.trigger_source(), &whole) {
        prop_assert_eq!(&whole["triggerSource"], &json!(trigger.as_str()));
    }
    if let Ok(names) = event.names_at_sign_up() {
        prop_assert!(!names.is_empty() && names.iter().all(|name| !name.is_empty()));
    }
    if let (Ok(user), Ok(whole)) = (event.signed_in("custom:mark"), &whole) {
        prop_assert_eq!(&whole["userName"], &json!(user.username));
        let mark = &whole["request"]["userAttributes"]["custom:mark"];
        prop_assert_eq!(mark.as_str(), user.mark.as_deref());
    }
    if let Ok(answer) = event.with_migrated_user(user)
        && let (Ok(mut whole), Ok(mut answer)) =
            (whole, serde_json::from_str::<Value>(answer.get()))
    {
        let response = answer["response"].take();
        whole["response"] = Value::Null;
        prop_assert_eq!(answer, whole, "everything but the response is echoed");
        prop_assert_eq!(&response["userAttributes"], &json!(user.attributes));
        let status = user.final_status.map(|status| match status {
            FinalUserStatus::Confirmed => "CONFIRMED",
            FinalUserStatus::ResetRequired => "RESET_REQUIRED",
        });
        prop_assert_eq!(&response["finalUserStatus"], &json!(status));
        let is_true = |name: &str| response[name] == true;
        prop_assert_eq!(is_true("forceAliasCreation"), user.force_alias_creation);
        prop_assert_eq!(is_true("enableSMSMFA"), user.enable_sms_mfa);
        let is_silent = response["messageAction"] == "SUPPRESS";
        prop_assert_eq!(is_silent, user.welcome_message == WelcomeMessage::None);
    }
    Ok(true)
}

/// An environment in which every variable is set and right, but for a few, which hold anything. Of the two secrets only
/// one can be set.
fn environment() -> impl Strategy<Value = HashMap<&'static str, String>> {
    let anything = prop_oneof![
        Just(String::new()),
        select(&ALL[..]).prop_map(|variable| variable.example.to_owned()),
        json_text(),
        "\\PC{0,20}",
        any::<String>(),
    ];
    let names = select(&ALL[..]).prop_map(|variable| variable.name);
    let wrong = prop::collection::hash_map(names, anything, 0..4);
    let other_secret = select(vec!["SRC_CLIENT_SECRET", "SRC_CLIENT_SECRET_ARN"]);
    (wrong, other_secret).prop_map(|(wrong, other_secret)| {
        let right = ALL.map(|variable| (variable.name, variable.example.to_owned()));
        let mut environment = HashMap::from(right);
        environment.remove(other_secret);
        environment.extend(wrong);
        environment
    })
}

/// The name of an attribute.
const ATTRIBUTE: &str = "email(_verified)?|phone_number(_verified)?|name|sub|identities|cognito:mfa_enabled|username|\
    (dev:)?custom:[ab*]?|\\PC{0,8}";

/// Checks a property over generated cases and prints how many there were; `check` says whether a case came to
/// something or was rejected at once.
fn property<S: Strategy>(
    name: &str,
    strategy: &S,
    check: impl Fn(S::Value) -> Result<bool, TestCaseError>,
) {
    let started = Instant::now();
    let (cases, accepted) = (Cell::new(0_u32), Cell::new(0_u32));
    let result = TestRunner::new(config()).run(strategy, |case| {
        cases.set(cases.get() + 1);
        if check(case)? {
            accepted.set(accepted.get() + 1);
        }
        Ok(())
    });
    let figures = format!(
        "fuzz: {name}: {} cases, {} of them accepted, {:.1} s\n",
        cases.get(),
        accepted.get(),
        started.elapsed().as_secs_f64()
    );
    // Past the test harness, which would keep it to itself.
    let _ = std::io::stdout().write_all(figures.as_bytes());
    if let Err(problem) = result {
        panic!("{name}: {problem}");
    }
    assert!(accepted.get() > 0, "{name}: no case ever came to anything");
}

fn event_property(name: &str, texts: impl Strategy<Value = String>) {
    property(name, &(texts, migrated_user()), |(text, user)| {
        bear(&text, &user)
    });
}

#[test]
fn any_json_can_be_an_event() {
    event_property("any JSON as an event", json_text());
}

#[test]
fn any_event_can_hold_anything() {
    event_property("anything in an event", event_text());
}

#[test]
fn any_text_can_be_an_event() {
    let text = prop_oneof![any::<String>(), "[ \\[\\]{}\":,0-9]{0,4}"];
    event_property("any text as an event", text);
}

/// Cut off, or with a character changed.
#[test]
fn a_damaged_event_can_be_an_event() {
    let cases = (event_text(), any::<Index>(), any::<char>(), any::<bool>());
    let damaged = cases.prop_map(|(text, at, with, cut)| {
        let places: Vec<(usize, char)> = text.char_indices().collect();
        let (place, old) = places[at.index(places.len())];
        let rest = &text[place + old.len_utf8()..];
        match cut {
            true => text[..place].to_owned(),
            false => format!("{}{with}{rest}", &text[..place]),
        }
    });
    event_property("a damaged event", damaged);
}

#[test]
fn any_environment_is_read_or_refused_without_showing_a_value() {
    property("any environment", &environment(), |environment| {
        match Settings::read(|name| environment.get(name).cloned()) {
            Ok(settings) => {
                let shown = format!("{settings:?}");
                let secret = environment
                    .get("SRC_CLIENT_SECRET")
                    .filter(|it| it.len() >= 12);
                if let Some(secret) = secret {
                    let holders = environment.values().filter(|value| value.contains(secret));
                    prop_assert!(holders.count() > 1 || !shown.contains(secret), "{shown}");
                }
                prop_assert!((100..=4900).contains(&settings.time_budget.as_millis()));
                Ok(true)
            }
            Err(mistakes) => {
                let text = mistakes.to_string();
                let is_named = ALL.iter().any(|variable| text.contains(variable.name));
                prop_assert!(is_named, "{text}");
                for (name, value) in &environment {
                    // A short value, or one of ours, can stand in an explanation by chance.
                    let own = ALL.iter().any(|variable| variable.example == value);
                    if value.chars().count() >= 12 && !own {
                        prop_assert!(!text.contains(value.as_str()), "{name} is shown: {text}");
                    }
                }
                Ok(false)
            }
        }
    });
}

/// What else a mapping keeps to is proven in `crates/rules`.
#[test]
fn any_accepted_mapping_verifies_no_contact_that_the_source_pool_did_not() {
    let name = || text(ATTRIBUTE);
    let map = prop::collection::btree_map(name(), prop::option::of(name()), 0..6);
    let fixed = prop::collection::btree_map(name(), text("\\PC{0,4}"), 0..3);
    let value = text("\\PC{0,4}|true|True|false");
    let source = prop::collection::vec((name(), value), 0..10);
    let cases = (map, fixed, source, select(vec!["copy", "drop"]));
    property(
        "any mapping of attributes",
        &cases,
        |(map, fixed, source, unverified)| {
            let variables = HashMap::from([
                ("SRC_USER_POOL_ID", "eu-west-1_Abc".to_owned()),
                ("SRC_CLIENT_ID", "client".to_owned()),
                ("ATTRIBUTE_MAP", json!(map).to_string()),
                ("STATIC_ATTRIBUTES", json!(fixed).to_string()),
                ("UNVERIFIED_CONTACTS", unverified.to_owned()),
            ]);
            let Ok(settings) = Settings::read(|name| variables.get(name).cloned()) else {
                return Ok(false);
            };
            verifies_nothing_new(&settings.destination.mapping, source)?;
            Ok(true)
        },
    );
}

fn verifies_nothing_new(
    mapping: &Mapping,
    source: Vec<(String, String)>,
) -> Result<(), TestCaseError> {
    let identity = Identity {
        username: "ana.kowalczyk".to_owned(),
        attributes: source.clone(),
    };
    let Mapped {
        attributes: mapped,
        contacts,
    } = mapping.apply(&identity, "ana");
    for (contact, flag, is_verified) in [
        ("email", "email_verified", contacts.verified_email),
        (
            "phone_number",
            "phone_number_verified",
            contacts.verified_phone_number,
        ),
    ] {
        let is_flagged = mapped.get(flag).is_some_and(|value| value == "true");
        prop_assert!(!is_verified || is_flagged && mapped.contains_key(contact));
        let has = |wanted: &str, is: &dyn Fn(&str) -> bool| {
            source
                .iter()
                .any(|(name, value)| name == wanted && is(value))
        };
        if is_flagged {
            let is_true = |value: &str| value.eq_ignore_ascii_case("true");
            prop_assert!(has(flag, &is_true), "{flag} was invented");
            let is_copied = |value: &str| mapped.get(contact).is_some_and(|own| own == value);
            prop_assert!(
                has(contact, &is_copied),
                "{flag} speaks of another {contact}"
            );
        }
    }
    let again = mapping.apply(&identity, "ana").attributes;
    prop_assert_eq!(again, mapped, "the same again");
    Ok(())
}

/// Not generated: the deepest.
#[test]
fn nesting_has_no_end() {
    let user = MigratedUser {
        attributes: BTreeMap::new(),
        final_status: None,
        welcome_message: WelcomeMessage::None,
        force_alias_creation: false,
        enable_sms_mfa: false,
    };
    for depth in [10, 127, 128, 129, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let event = format!("{{\"userName\":\"a\",\"request\":{{}},\"deep\":{deep}}}");
            for text in [deep, event] {
                assert!(bear(&text, &user).unwrap(), "{depth}");
            }
        }
    }
}
