//! Damaged input: it always gets an answer, never migrates a user without proof, and never ends the process.

use std::cell::Cell;

use serde_json::{Value, json};
use testbed::{
    runtime::{InvocationAnswer, InvocationOutcome},
    source_pool::{Fault, Operation},
};

use crate::support::*;

/// A value of every kind, with texts that mean something here.
fn values() -> Vec<Value> {
    let texts = [
        "",
        "\u{0}",
        ANA,
        "CONFIRMED",
        "SMS_MFA",
        "UserMigration_ForgotPassword",
    ];
    let others = json!([null, true, -7, 1e300, [], [[]], {}, {"Name": "sub", "Value": "x"}]);
    let others = others.as_array().expect("an array").clone();
    texts.into_iter().map(Value::from).chain(others).collect()
}

/// The good value, each other one in its place, and each other one in the place of each of these members.
fn damaged(good: &Value, members: &str) -> Vec<Value> {
    let mut all = vec![good.clone()];
    all.extend(values());
    for member in members.split_whitespace() {
        for value in values() {
            let mut damaged = good.clone();
            *damaged.pointer_mut(member).expect(member) = value;
            all.push(damaged);
        }
    }
    all
}

/// An answer, and if it is the event, then to the last byte.
#[track_caller]
fn no_user_is_migrated(outcome: &InvocationOutcome, event: &str) {
    let shown = |text: &str| -> String { text.chars().take(500).collect() };
    match &outcome.answer {
        InvocationAnswer::Response(_) => {
            let text = outcome.answer.text();
            assert!(text == event, "{} for {}", shown(&text), shown(event));
        }
        InvocationAnswer::Error { error_message, .. } => {
            let constant = [REFUSED, UNAVAILABLE].contains(&error_message.as_str());
            assert!(constant, "{}", shown(error_message));
        }
        InvocationAnswer::Nothing => panic!("no answer to {}", shown(event)),
    }
}

#[tokio::test]
async fn any_event_is_answered_and_migrates_no_user() {
    const MEMBERS: &str =
        "/triggerSource /userName /request /request/validationData /response /version";
    let mut events = damaged(&sign_in_event(ANA, WRONG), MEMBERS);
    events.extend(damaged(
        &sign_in_event(ANA, WRONG),
        "/request/password /response/userAttributes",
    ));
    events.extend(damaged(&forgot_password_event("unknown.user"), MEMBERS));
    // A reset of the right user works, so no text puts the name into one.
    let is_reset = |event: &Value| event["triggerSource"] == "UserMigration_ForgotPassword";
    events.retain(|event| !is_reset(event) || event["userName"] != ANA);
    spread(events, &[], async |bed, event| {
        let text = event.to_string();
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
    const ANSWER: &str = "/AuthenticationResult /AuthenticationResult/AccessToken /ChallengeName /Session \
        /ChallengeParameters";
    const PROFILE: &str = "/Username /Enabled /UserStatus /UserAttributes /UserAttributes/0 \
        /UserAttributes/0/Value /UserAttributes/1/Value";
    let sign_in = json!({
        "ChallengeParameters": {}, "ChallengeName": null, "Session": null,
        "AuthenticationResult": {"AccessToken": TOKEN, "ExpiresIn": 3600, "TokenType": "Bearer"},
    });
    let profile = json!({
        "Username": ANA, "Enabled": true, "UserStatus": "CONFIRMED",
        "UserAttributes": [{"Name": "email", "Value": "a@example.com"}, {"Name": "sub", "Value": SUB}],
    });
    let mut answers = vec![];
    for damaged in damaged(&sign_in, ANSWER) {
        answers.push((200, damaged, profile.clone()));
    }
    for damaged in damaged(&profile, PROFILE) {
        answers.push((200, sign_in.clone(), damaged));
    }
    for status in [302, 400, 500] {
        answers.push((status, sign_in.clone(), profile.clone()));
    }
    let migrations = Cell::new(0);
    let check = async |bed: &Bed, (status, sign_in, profile): (u16, Value, Value)| {
        let fault = Fault::json(status, &sign_in.to_string());
        bed.always_fail(Operation::AdminInitiateAuth, fault);
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

/// Events that are damaged as text.
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
