//! Generated input for the rules and the reader of events: any text as an event, any environment, any profile.
//!
//! `PROPTEST_CASES` sets the number of cases of each property.

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
    collection::{btree_map, hash_map, vec},
    prelude::*,
    sample::{Index, select},
    string::string_regex,
    test_runner::{Config, TestRunner},
};
use rules::{
    evidence::Identity,
    migrated_user::{MigratedUser, WelcomeMessage},
    protocol::TriggerSource,
    sensitive::Sensitive,
    settings::{ALL, Settings},
};
use serde_json::{Value, json, value::RawValue};
use strum::VariantArray as _;

/// Texts of this form; made here, because a strategy that is a text reads the form anew for each case.
fn text(form: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(form).expect("a regular expression")
}

/// One of these words.
fn one_of(words: &'static str) -> impl Strategy<Value = String> {
    let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
    select(words)
}

/// JSON text of any form: odd white space, escapes that Rust strings cannot hold, numbers beyond every type, members
/// that stand twice.
fn json_text() -> impl Strategy<Value = String> {
    const STRINGS: &str = r#"UserMigration_Authentication UserMigration_ForgotPassword \ud800 \u0000 \"\\\/\b\f\n\r\t"#;
    const NAMES: &str = "triggerSource userName userPoolId request password validationData response userAttributes \
        email custom:mark finalUserStatus messageAction desiredDeliveryMediums forceAliasCreation enableSMSMFA \\ud800";
    let string = prop_oneof![one_of(STRINGS), text("[a-zA-Z0-9 äöüß@+._-]{0,12}")];
    let leaf = prop_oneof![
        1 => one_of("null true false"),
        1 => text("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?"),
        2 => string.prop_map(|inner| format!("\"{inner}\"")),
        1 => text("\\PC{0,8}").prop_map(|text| Value::from(text).to_string()),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let name = prop_oneof![4 => one_of(NAMES), 1 => text("[a-zA-Z]{0,6}")];
        let member = (text("[ \t\r\n]{0,2}"), name, inner.clone());
        let member =
            member.prop_map(|(space, name, value)| format!("{space}\"{name}\"{space}:{value}"));
        prop_oneof![
            vec(inner, 0..5).prop_map(|items| format!("[{}]", items.join(",\t"))),
            vec(member, 0..7).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// An event that is mostly right.
fn event_text() -> impl Strategy<Value = String> {
    let triggers = TriggerSource::VARIANTS.iter().map(|known| known.as_str());
    let triggers = triggers.chain(["CustomMessage_SignUp"]);
    let any = json_text;
    let parts = (any(), any(), any(), any(), any());
    (select(triggers.collect::<Vec<_>>()), parts).prop_map(
        |(trigger, (name, password, data, attributes, response))| {
            format!(
                r#"{{"version":"1","triggerSource":"{trigger}","userPoolId":"eu-west-1_New","userName":{name},
                "request":{{"password":{password},"validationData":{data},"userAttributes":{attributes}}},
                "response":{response}}}"#
            )
        },
    )
}

/// What every event must bear, whatever it is. Says whether it was JSON.
fn bear(text: &str) -> Result<bool, TestCaseError> {
    let Ok(event) = Event::receive(text) else {
        let is_json = serde_json::from_str::<&RawValue>(text).is_ok();
        prop_assert!(!is_json, "JSON was taken for none: {text}");
        return Ok(false);
    };
    let unchanged = event.unchanged();
    prop_assert_eq!(unchanged.get(), text.trim_matches([' ', '\t', '\r', '\n']));
    let request = event.migration_request().ok();
    if let Some(password) = request.as_ref().and_then(|it| it.password.as_ref()) {
        let (shown, debug) = (password.expose(), format!("{password:?}"));
        prop_assert!(!shown.is_empty());
        prop_assert!(shown.len() < 4 || !debug.contains(shown));
    }
    if let Ok(names) = event.names_at_sign_up() {
        prop_assert!(!names.is_empty() && names.iter().all(|name| !name.is_empty()));
    }
    let user = MigratedUser {
        attributes: BTreeMap::from([("email".to_owned(), "ana@example.com".to_owned())]),
        final_status: None,
        welcome_message: WelcomeMessage::None,
        force_alias_creation: false,
        enable_sms_mfa: false,
    };
    let answer = event.with_migrated_user(&user);
    // Not every JSON text is one that Rust's values can hold.
    let Ok(mut whole) = serde_json::from_str::<Value>(text) else {
        return Ok(true);
    };
    if let Some(request) = request {
        prop_assert!(!request.username.is_empty());
        prop_assert_eq!(&whole["userName"], &request.username);
        let sent = &whole["request"];
        let password = request.password.as_ref().map(Sensitive::expose);
        prop_assert!(password.is_none_or(|password| sent["password"] == password));
        for (name, value) in &request.client_metadata {
            prop_assert_eq!(&sent["validationData"][name], value);
        }
    }
    if let Ok(Some(trigger)) = event.trigger_source() {
        prop_assert_eq!(&whole["triggerSource"], trigger.as_str());
    }
    if let Ok(user) = event.signed_in("custom:mark") {
        prop_assert_eq!(&whole["userName"], &user.username);
        let mark = &whole["request"]["userAttributes"]["custom:mark"];
        prop_assert_eq!(mark.as_str(), user.mark.as_deref());
    }
    if let Ok(answer) = answer
        && let Ok(mut answer) = serde_json::from_str::<Value>(answer.get())
    {
        let response = answer["response"].take();
        prop_assert_eq!(&response["userAttributes"], &json!(user.attributes));
        prop_assert!(response["finalUserStatus"].is_null() && response["enableSMSMFA"].is_null());
        whole["response"] = Value::Null;
        prop_assert_eq!(answer, whole, "everything but the response is echoed");
    }
    Ok(true)
}

/// Checks a property over generated cases and prints how many there were; `check` says whether a case came to
/// something or was rejected at once.
fn property<S: Strategy>(
    name: &str,
    strategy: &S,
    check: impl Fn(S::Value) -> Result<bool, TestCaseError>,
) {
    let started = Instant::now();
    let (cases, accepted) = (Cell::new(0_u32), Cell::new(0_u32));
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(strategy, |case| {
        cases.set(cases.get() + 1);
        accepted.set(accepted.get() + u32::from(check(case)?));
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
    property(name, &texts, |text| bear(&text));
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

/// In which every variable is set and right, but for a few, which hold anything. Of the two secrets only one can be set.
#[test]
fn any_environment_is_read_or_refused_without_showing_a_value() {
    let example = select(&ALL[..]).prop_map(|variable| variable.example.to_owned());
    let anything = prop_oneof![text(""), example, json_text(), any::<String>()];
    let names = select(&ALL[..]).prop_map(|variable| variable.name);
    let wrong = hash_map(names, anything, 0..4);
    let other_secret = select(vec!["SRC_CLIENT_SECRET", "SRC_CLIENT_SECRET_ARN"]);
    let cases = (wrong, other_secret);
    property("any environment", &cases, |(wrong, other_secret)| {
        let right = ALL.map(|variable| (variable.name, variable.example.to_owned()));
        let mut environment = HashMap::from(right);
        environment.remove(other_secret);
        environment.extend(wrong);
        let settings = Settings::read(|name| environment.get(name).cloned());
        let shown = match &settings {
            Ok(settings) => format!("{settings:?}"),
            Err(mistakes) => mistakes.to_string(),
        };
        for (name, value) in &environment {
            let is_own = ALL.iter().any(|variable| variable.example == value);
            let is_hidden = match settings {
                Ok(_) => *name == "SRC_CLIENT_SECRET",
                Err(_) => !is_own,
            };
            // A short value can stand in it by chance, and so can one that another variable holds.
            let holders = environment.values().filter(|held| held.contains(value));
            if is_hidden && value.chars().count() >= 12 && holders.count() == 1 {
                prop_assert!(!shown.contains(value), "{name} is shown: {shown}");
            }
        }
        match &settings {
            Ok(read) => prop_assert!((100..=4900).contains(&read.time_budget.as_millis())),
            Err(_) => prop_assert!(ALL.iter().any(|it| shown.contains(it.name)), "{shown}"),
        }
        Ok(settings.is_ok())
    });
}

/// What else a mapping keeps to is proven in `crates/rules`.
#[test]
fn any_accepted_mapping_verifies_no_contact_that_the_source_pool_did_not() {
    const ATTRIBUTE: &str = "email(_verified)?|phone_number(_verified)?|name|sub|identities|cognito:mfa_enabled|\
        username|(dev:)?custom:[ab*]?|\\PC{0,8}";
    let name = || text(ATTRIBUTE);
    let map = btree_map(name(), prop::option::of(name()), 0..6);
    let fixed = btree_map(name(), text("\\PC{0,4}"), 0..3);
    let source = vec((name(), text("\\PC{0,4}|true|True|false")), 0..10);
    let cases = (map, fixed, source, one_of("copy drop"));
    property(
        "any mapping",
        &cases,
        |(map, fixed, attributes, unverified)| {
            let variables = HashMap::from([
                ("SRC_USER_POOL_ID", "eu-west-1_Abc".to_owned()),
                ("SRC_CLIENT_ID", "client".to_owned()),
                ("ATTRIBUTE_MAP", json!(map).to_string()),
                ("STATIC_ATTRIBUTES", json!(fixed).to_string()),
                ("UNVERIFIED_CONTACTS", unverified),
            ]);
            let Ok(settings) = Settings::read(|name| variables.get(name).cloned()) else {
                return Ok(false);
            };
            let identity = Identity {
                username: "ana.kowalczyk".to_owned(),
                attributes,
            };
            let mapped = settings.destination.mapping.apply(&identity, "ana");
            let (verified, mapped) = (mapped.contacts, mapped.attributes);
            for (contact, is_verified) in [
                ("email", verified.verified_email),
                ("phone_number", verified.verified_phone_number),
            ] {
                let flag = &format!("{contact}_verified");
                let is_flagged = mapped.get(flag).is_some_and(|value| value == "true");
                prop_assert!(!is_verified || is_flagged && mapped.contains_key(contact));
                let mut source = identity.attributes.iter();
                let own = mapped.get(contact);
                let is_copied = source.any(|(name, value)| name == contact && Some(value) == own);
                prop_assert!(
                    is_copied || !is_flagged,
                    "{flag} speaks of another {contact}"
                );
                let mut source = identity.attributes.iter();
                let is_true =
                    source.any(|(name, it)| name == flag && it.eq_ignore_ascii_case("true"));
                prop_assert!(is_true || !is_flagged, "{flag} was invented");
            }
            Ok(true)
        },
    );
}

/// Not generated: the deepest.
#[test]
fn nesting_has_no_end() {
    for depth in [10, 127, 128, 129, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let event = format!("{{\"userName\":\"a\",\"request\":{{}},\"deep\":{deep}}}");
            for text in [deep, event] {
                assert!(bear(&text).unwrap(), "{depth}");
            }
        }
    }
}
