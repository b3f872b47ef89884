//! Generated input: it always gets an answer, never migrates a user without proof, and never ends the process.

use std::cell::Cell;

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value, json};
use testbed::{
    runtime::{InvocationAnswer, InvocationOutcome},
    source_pool::{Fault, Operation},
};

use crate::support::*;

/// How many events and how many answers of the source are made up.
const CASES: u32 = 250;

/// The same cases in every run: a failure here must be found again.
fn runner() -> TestRunner {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Any JSON, with names and texts that mean something here more often than by chance.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("UserMigration_Authentication".to_owned()),
        Just("UserMigration_ForgotPassword".to_owned()),
        Just(ANA.to_owned()),
        Just("\u{0}".to_owned()),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    const NAMES: &str = "triggerSource userName request password validationData response userAttributes \
        AuthenticationResult AccessToken ChallengeName UserAttributes Username Enabled UserStatus Name Value";
    let names: Vec<_> = NAMES.split_whitespace().map(str::to_owned).collect();
    prop_oneof![prop::sample::select(names), any::<String>()]
}

/// A good text in which some members are replaced by anything, or anything.
fn damaged(good: Value, paths: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let damage = (prop::sample::select(paths), any_json());
    let damaged = prop::collection::vec(damage, 0..3).prop_map(move |damages| {
        let mut answer = good.clone();
        for (path, value) in damages {
            if let Some(place) = answer.pointer_mut(path) {
                *place = value;
            }
        }
        answer
    });
    prop_oneof![3 => damaged, 1 => any_json()]
}

/// An answer, and if it is the event, then to the last byte.
#[track_caller]
fn no_user_is_migrated(outcome: &InvocationOutcome, event: &str) {
    let shown = |text: &str| -> String { text.chars().take(500).collect() };
    match &outcome.answer {
        InvocationAnswer::Response(_) => {
            let text = outcome.answer.text();
            assert!(
                text == event,
                "{} in the place of {}",
                shown(&text),
                shown(event)
            );
        }
        InvocationAnswer::Error { error_message, .. } => {
            let constant = [REFUSED, UNAVAILABLE].contains(&error_message.as_str());
            assert!(constant, "{}", shown(error_message));
        }
        InvocationAnswer::Nothing => panic!("no answer to {}", shown(event)),
    }
}

/// Cases as the strategy makes them.
fn cases<S: Strategy>(strategy: &S) -> Vec<S::Value> {
    let mut runner = runner();
    (0..CASES)
        .map(|_| strategy.new_tree(&mut runner).expect("a case").current())
        .collect()
}

#[tokio::test]
async fn any_json_at_all_is_answered_and_migrates_no_user() {
    const PATHS: &[&str] = &[
        "/triggerSource",
        "/userName",
        "/request",
        "/request/password",
        "/request/validationData",
        "/response",
        "/response/userAttributes",
        "/version",
    ];
    let events = cases(&prop_oneof![
        damaged(sign_in_event(ANA, WRONG), PATHS),
        damaged(forgot_password_event("unknown.user"), PATHS),
    ]);
    spread(events, &[], async |bed, event| {
        let text = event.to_string();
        // The generator practically never makes a right name with its right password.
        no_user_is_migrated(&bed.invoke_bytes(text.clone()).await, &text);
    })
    .await;
}

/// The user of the good answers, and a token of that user.
const SUB: &str = "s-1";
const TOKEN: &str = "eyJ.eyJzdWIiOiJzLTEifQ.b";

/// What a source must say for a sign-in to be proven.
fn proves(answer: &Value) -> bool {
    answer["AuthenticationResult"]["AccessToken"] == TOKEN
        && answer.get("ChallengeName").is_none_or(Value::is_null)
}

/// What a profile must say for its user to be admitted.
fn admits(answer: &Value) -> bool {
    let sub = json!({"Name": "sub", "Value": SUB});
    let attributes = answer["UserAttributes"].as_array();
    answer["Username"]
        .as_str()
        .is_some_and(|name| !name.is_empty())
        && answer["Enabled"] == true
        && answer["UserStatus"] == "CONFIRMED"
        && attributes.is_some_and(|list| list.contains(&sub))
}

#[tokio::test]
async fn whatever_the_source_answers_no_user_is_migrated_without_proof() {
    const ANSWER: &[&str] = &[
        "/AuthenticationResult",
        "/AuthenticationResult/AccessToken",
        "/ChallengeName",
        "/Session",
        "/ChallengeParameters",
    ];
    const PROFILE: &[&str] = &[
        "/Username",
        "/Enabled",
        "/UserStatus",
        "/UserAttributes",
        "/UserAttributes/0",
        "/UserAttributes/0/Value",
    ];
    let sign_in = json!({
        "ChallengeParameters": {}, "ChallengeName": null, "Session": null,
        "AuthenticationResult": {"AccessToken": TOKEN, "ExpiresIn": 3600, "TokenType": "Bearer"},
    });
    let profile = json!({
        "Username": ANA, "Enabled": true, "UserStatus": "CONFIRMED",
        "UserAttributes": [{"Name": "email", "Value": "a@example.com"}, {"Name": "sub", "Value": SUB}],
    });
    let (sign_ins, profiles) = (damaged(sign_in, ANSWER), damaged(profile, PROFILE));
    let statuses = prop_oneof![1 => Just(400), 1 => Just(500), 18 => Just(200)];
    let answers = cases(&(sign_ins, profiles, statuses));
    let migrations = Cell::new(0);
    let check = async |bed: &Bed, (sign_in, profile, status): (Value, Value, u16)| {
        bed.always_fail(
            Operation::AdminInitiateAuth,
            Fault::json(status, &sign_in.to_string()),
        );
        bed.pool.always_answer(Operation::AdminGetUser, &profile);
        let event = sign_in_event(ANA, WRONG);
        let outcome = bed.invoke(&event).await;
        bed.pool.recover();
        if is_migration(&outcome) {
            migrations.set(migrations.get() + 1);
            assert!(
                status == 200 && proves(&sign_in),
                "no proof: {status} {sign_in}"
            );
            assert!(admits(&profile), "half a profile: {profile}");
        } else {
            no_user_is_migrated(&outcome, &event.to_string());
        }
    };
    spread(answers, &[], check).await;
    assert!(migrations.get() > 0, "the good answers among them migrate");
}

/// Events that no generator is likely to find.
#[tokio::test]
async fn handmade_rubbish_is_answered_and_survived() {
    let mut bed = Bed::start(anas_pool()).await;
    let sign_in = sign_in_event(ANA, WRONG).to_string();
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let with = |from: &str, to: &str| sign_in.replacen(from, to, 1);
    let long = "x".repeat(1_000_000);
    let objects = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let deep_response = format!("\"response\":{{\"deep\":{},", deep(1_000));
    let twice = format!("\"password\":\"x\",\"password\":\"{PASSWORD}\",\"was\":");
    let cases = [
        ("nested 127 deep", deep(127)),
        ("nested 200,000 deep", deep(200_000)),
        ("nested objects", objects),
        ("a deep response", with("\"response\":{", &deep_response)),
        ("a megabyte of password", with(WRONG, &long)),
        ("a megabyte of username", with(ANA, &long)),
        ("a megabyte of name", with("version", &long)),
        ("half a character in the password", with(WRONG, "\\ud800")),
        ("half a character in the username", with(ANA, "\\udfff")),
        ("half a character elsewhere", with("NewPool", "\\ud83d")),
        ("NUL in the password", with(WRONG, "a\\u0000b")),
        ("NUL in the username", with(ANA, "\\u0000")),
        ("a bare NUL", with(WRONG, "a\u{0}b")),
        (
            "a line end in the username",
            with(ANA, "a\\r\\nX-Amz-Target: y"),
        ),
        (
            "two passwords, the second right",
            with("\"password\":", &twice),
        ),
        ("a number as name", with("\"ana.kowalczyk\"", "1e999")),
        ("a huge number", with("\"1\"", &"9".repeat(100_000))),
        ("nothing", String::new()),
        ("a byte order mark", format!("\u{feff}{sign_in}")),
    ];
    for (case, event) in cases {
        let outcome = bed.invoke_bytes(event.clone()).await;
        assert!(bed.function.is_running(), "{case}");
        no_user_is_migrated(&outcome, &event);
    }
    bed.ana_signs_in().await;
    assert_eq!(bed.host.violations(), Vec::<String>::new());
    let output = bed.function.output().all();
    assert!(!output.contains("panicked"), "{output}");
}
