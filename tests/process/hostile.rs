//! Damaged input: it always gets an answer, never migrates a user without proof, and never ends the process.

use std::{
    cell::{Cell, RefCell},
    slice::from_ref,
};

use serde_json::{Value, json};
use testbed::{
    runtime::{InvocationAnswer, InvocationOutcome},
    source_pool::{Fault, Operation},
};

use crate::support::*;

/// The good value; and in its place, and in the place of each of these members, a value of every kind, with texts that mean
/// something here.
fn damaged(good: &Value, members: &str) -> Vec<Value> {
    let values = json!([
        "", "\u{0}", ANA, PASSWORD, [PASSWORD], {PASSWORD: PASSWORD}, "CONFIRMED", "SMS_MFA",
        null, true, false, -7, 1e300, [], [[]], {}, {"Name": "sub", "Value": "x"},
    ]);
    let values = values.as_array().expect("an array");
    let mut all = [from_ref(good), values].concat();
    for member in members.split_whitespace() {
        for value in values {
            let mut damaged = good.clone();
            *damaged.pointer_mut(member).expect(member) = value.clone();
            all.push(damaged);
        }
    }
    all
}

/// Checks every case on one of several functions with [`ana`]'s pool, each of which works its way through the cases one by
/// one; afterwards they must all still sign her in.
async fn spread<T>(cases: Vec<T>, check: impl AsyncFn(&Bed, T)) {
    let cases = RefCell::new(cases);
    let work = async || {
        let mut bed = Bed::with(anas_pool(), &[]).await;
        loop {
            // Taken out first: the list must be free while the case runs.
            let case = cases.borrow_mut().pop();
            let Some(case) = case else { break };
            check(&bed, case).await;
        }
        bed.ana_signs_in().await;
        assert!(bed.function.is_running());
        assert_eq!(bed.host.violations(), Vec::<String>::new());
        let output = bed.function.output().all();
        assert!(!output.contains("panicked"), "{output}");
    };
    // No more: all share the one thread of this test, and a call that gets none of it in time is given up.
    tokio::join!(work(), work(), work());
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

/// Events of which a member is damaged, and events that are damaged as text; with this password.
pub(crate) fn events(password: &str) -> Vec<String> {
    const MEMBERS: &str =
        "/triggerSource /userName /request /request/validationData /response /version";
    let sign_in = sign_in_event(ANA, password);
    let reset = forgot_password_event("unknown.user");
    let more = "/request/password /response/userAttributes";
    let mut events = [
        damaged(&sign_in, MEMBERS),
        damaged(&sign_in, more),
        damaged(&reset, MEMBERS),
    ]
    .concat();
    // The right password, and a reset of the right user, are no damage.
    events.retain(|event| match event["triggerSource"].as_str() {
        Some("UserMigration_ForgotPassword") => event["userName"] != ANA,
        _ => password == PASSWORD || event["request"]["password"] != PASSWORD,
    });
    let mut events: Vec<_> = events.iter().map(Value::to_string).collect();
    let sign_in = sign_in.to_string();
    let with = |from: &str, to: &str| sign_in.replacen(from, to, 1);
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let deep_response = format!("\"response\":{{\"deep\":{},", deep(1_000));
    let second_is_right = format!("\"password\":\"x\",\"password\":\"{PASSWORD}\",\"was\":");
    let long = "x".repeat(1_000_000);
    events.extend([
        deep(200_000),
        with("\"response\":{", &deep_response),
        with(password, &long),
        with(ANA, &long),
        with("version", &long),
        // Half of a character.
        with(password, &format!("{password}\\ud800")),
        with(ANA, "\\udfff"),
        with("NewPool", "\\ud83d"),
        with(password, "a\\u0000b"),
        with(ANA, "\\u0000"),
        with(password, "a\u{0}b"),
        with(ANA, &format!("a\\r\\nX-Amz-Target: {password}")),
        with("\"password\":", &second_is_right),
        with("\"ana.kowalczyk\"", "1e999"),
        with("\"1\"", &"9".repeat(100_000)),
        String::new(),
        format!("\u{feff}{sign_in}"),
        format!("{sign_in}{sign_in}"),
        format!("{password} ana.kowalczyk"),
        with(":", "::"),
        with("\"", "'"),
        sign_in[..sign_in.len() / 2].to_owned(),
    ]);
    events
}

#[tokio::test]
async fn any_event_is_answered_and_migrates_no_user() {
    spread(events(WRONG), async |bed, event| {
        no_user_is_migrated(&bed.invoke_bytes(event.clone()).await, &event);
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
    let name = answer["Username"].as_str();
    name.is_some_and(|name| !name.is_empty())
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
    let mut answers = [302, 400, 500]
        .map(|it| (it, sign_in.clone(), profile.clone()))
        .to_vec();
    let damaged_sign_ins = damaged(&sign_in, ANSWER).into_iter();
    answers.extend(damaged_sign_ins.map(|it| (200, it, profile.clone())));
    let damaged_profiles = damaged(&profile, PROFILE).into_iter();
    answers.extend(damaged_profiles.map(|it| (200, sign_in.clone(), it)));
    let migrations = Cell::new(0);
    spread(answers, async |bed, (status, sign_in, profile)| {
        let fault = Fault::json(status, &sign_in.to_string());
        bed.always_fail(Operation::AdminInitiateAuth, fault);
        bed.pool.always_answer(Operation::AdminGetUser, &profile);
        let event = sign_in_event(ANA, WRONG);
        let outcome = bed.invoke(&event).await;
        bed.pool.recover();
        if is_migration(&outcome) {
            migrations.set(migrations.get() + 1);
            let is_proven = status == 200 && proves(&sign_in);
            assert!(is_proven, "no proof: {status} {sign_in}");
            assert!(admits(&profile), "half a profile: {profile}");
        } else {
            no_user_is_migrated(&outcome, &event.to_string());
        }
    })
    .await;
    assert!(migrations.get() > 0, "the good answers among them migrate");
}
