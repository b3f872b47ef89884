//! Nothing secret or personal is ever printed, whatever the event holds and whatever the level.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testbed::{
    runtime::InvocationAnswer,
    source_pool::{CLIENT_ID, Client, Fault, Operation, StubRole, Target, Times},
};

use crate::{samples, support::*};

const LEVELS: [&str; 3] = ["TRACE", "DEBUG", "INFO"];
const SECRET: &str = "k8s3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
const SECRET_ARN: &str =
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:source-client-AbCdEf";
/// A member of the app's metadata: its name and value.
const METADATA: (&str, &str) = ("Metadata-Name-9", "Validation-Data-Secret-9");

/// Everything that is set to make libraries talk.
fn talkative(level: &str) -> [(&str, &str); 5] {
    [
        ("AWS_LAMBDA_LOG_LEVEL", level),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
        ("LOG_SENSITIVE_BODIES", "true"),
    ]
}

/// Watches for texts that may never leave a function but in its proper answer.
#[derive(Default)]
struct Watch(BTreeSet<String>);

impl Watch {
    fn over(&mut self, text: &str) {
        if text.chars().count() >= 4 {
            self.0.insert(text.to_owned());
        }
    }

    /// The texts of an event that are about a person.
    fn over_event(&mut self, event: &Value) {
        for value in [&event["userName"], &event["request"]["password"]] {
            if let Some(text) = value.as_str() {
                self.over(text);
            }
        }
    }

    fn check(&self, place: &str, output: &str) {
        for text in &self.0 {
            // As it stands, and as JSON or Rust would write it.
            let [json, rust] = [json!(text).to_string(), format!("{text:?}")];
            for form in [text, json.trim_matches('"'), rust.trim_matches('"')] {
                assert!(!output.contains(form), "{place} shows {text:?}:\n{output}");
            }
        }
    }

    /// An answer that is an error is a constant, too.
    fn check_answer(&self, answer: &InvocationAnswer) {
        if let InvocationAnswer::Error { .. } = answer {
            self.check("an error", &answer.text());
        }
    }
}

async fn end(bed: Bed, mut watch: Watch) {
    for text in bed.pool.confidential() {
        watch.over(&text);
    }
    let output = bed.function.end().await.output.all();
    assert!(output.contains("outcome"), "something was logged: {output}");
    watch.check("the log", &output);
}

#[tokio::test]
async fn the_sample_events_leave_no_trace_of_a_person_in_the_log() {
    let samples = samples::samples();
    for level in LEVELS {
        let mut variables = samples.settings();
        variables.extend(talkative(level));
        let bed = Bed::with(samples.source_pool(), &variables).await;
        let mut watch = Watch::default();
        for name in samples.names() {
            let event = samples.sample(name).expect(name).event;
            watch.over_event(&serde_json::from_slice(&event).expect("JSON"));
            let outcome = bed.invoke_bytes(event).await;
            watch.check_answer(&outcome.answer);
        }
        end(bed, watch).await;
    }
}

/// Passwords in every place of an event where they do not belong.
fn hostile_events() -> Vec<String> {
    let event = sign_in_event(ANA, PASSWORD);
    let text = event.to_string();
    let mut events = vec![
        format!(r#"{{"userName": "ana.kowalczyk", "request": {{"password": "{PASSWORD}""#),
        format!(r#"["{PASSWORD}", "ana.kowalczyk@example.com"]"#),
        format!("{PASSWORD} ana.kowalczyk"),
        text.replace(':', "::"),
        text.replacen('"', "'", 2),
        format!("{text}{text}"),
        text.replace(PASSWORD, &format!("{PASSWORD}\\ud800")),
    ];
    for (path, value) in [
        ("/triggerSource", json!(PASSWORD)),
        ("/triggerSource", json!({"password": PASSWORD})),
        ("/userName", json!(PASSWORD)),
        ("/userName", json!(format!("ana.kowalczyk\n{PASSWORD}"))),
        ("/request", json!(PASSWORD)),
        ("/request/password", json!([PASSWORD])),
        ("/request/validationData", json!(METADATA.1)),
        ("/response", json!(PASSWORD)),
        ("/version", json!({PASSWORD: PASSWORD})),
    ] {
        for mut event in [event.clone(), forgot_password_event(ANA)] {
            if let Some(place) = event.pointer_mut(path) {
                *place = value.clone();
                events.push(event.to_string());
            }
        }
    }
    events
}

#[tokio::test]
async fn hostile_events_and_a_failing_source_leave_none_either() {
    for level in LEVELS {
        // No more at a time: all share the one thread of this test, and a call that gets none of it in time is given up.
        tokio::join!(
            hostile_events_and_a_failing_source(level, "ADMIN_USER_PASSWORD_AUTH"),
            hostile_events_and_a_failing_source(level, "USER_PASSWORD_AUTH"),
        );
    }
}

async fn hostile_events_and_a_failing_source(level: &str, flow: &str) {
    const ROLE: &str = "arn:aws:iam::444455556666:role/source-reader";
    let mut state = anas_pool().with_role(StubRole::new(ROLE).with_external_id("external-id-7"));
    state.clients = vec![Client::new(CLIENT_ID).with_secret(SECRET)];
    state.store(SECRET_ARN, SECRET);
    let pool = running(state).await;
    // The warm-up meets a fault as well.
    pool.fail(Target::Any, Fault::AccessDenied, Times::ONCE);
    let secret = match flow {
        "USER_PASSWORD_AUTH" => ("SRC_CLIENT_SECRET_ARN", SECRET_ARN),
        _ => ("SRC_CLIENT_SECRET", SECRET),
    };
    let mut variables = vec![
        secret,
        ("SRC_AUTH_FLOW", flow),
        ("SRC_ROLE_ARN", ROLE),
        ("SRC_EXTERNAL_ID", "external-id-7"),
        ("CLIENT_METADATA", "*"),
        ("ON_TEMPORARY_PASSWORD", "reset"),
    ];
    variables.extend(talkative(level));
    let bed = Bed::on(pool, &variables).await;
    let mut watch = Watch::default();
    for text in [PASSWORD, WRONG, ANA, "kowalczyk", METADATA.0, METADATA.1] {
        watch.over(text);
    }
    for event in hostile_events() {
        let outcome = bed.invoke_bytes(event).await;
        watch.check_answer(&outcome.answer);
    }
    let answer = |status, body: Value| Fault::json(status, &body.to_string());
    let long = format!("ana.kowalczyk {}", "x".repeat(100_000));
    let tokens = json!({"AuthenticationResult": {"AccessToken": {"token": PASSWORD}}});
    let challenge = json!({
        "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": PASSWORD,
        "ChallengeParameters": {"USER_ID_FOR_SRP": "j.kowalczyk", "userAttributes": PASSWORD},
    });
    for fault in [
        Fault::Throttled,
        Fault::InternalError,
        Fault::Malformed,
        Fault::WrongTypes,
        Fault::Truncated,
        Fault::ResetAfterRead,
        Fault::ExpiredCredentials,
        Fault::AccessDenied,
        answer(400, json!({"__type": "ana.kowalczyk", "message": PASSWORD})),
        answer(200, tokens),
        answer(200, challenge),
        Fault::json(200, &format!("{PASSWORD} ana.kowalczyk")),
        Fault::error("BrandNewException", &long),
        Fault::error("NotAuthorizedException", ANA),
        Fault::error("InvalidParameterException", "ana.kowalczyk: bad"),
    ] {
        for operation in Operation::ALL {
            bed.always_fail(operation, fault.clone());
            for password in [PASSWORD, WRONG] {
                let mut event = sign_in_event(ANA, password);
                event["request"]["validationData"] = json!({METADATA.0: METADATA.1});
                watch.check_answer(&bed.invoke(&event).await.answer);
            }
            watch.check_answer(&bed.forgot_password(ANA).await.answer);
            bed.pool.recover();
        }
    }
    bed.ana_signs_in().await;
    let sign_ins = bed.pool.received();
    let mut handed_on = sign_ins.iter().map(|call| &call.body["ClientMetadata"]);
    assert!(handed_on.any(|metadata| *metadata == json!({METADATA.0: METADATA.1})));
    end(bed, watch).await;
}

/// What each shape of a call to the source pool sends: a search, a sign-up, an ID token.
#[tokio::test]
async fn nothing_that_is_searched_for_or_read_stands_in_the_log() {
    const TRACE: (&str, &str) = ("AWS_LAMBDA_LOG_LEVEL", "TRACE");
    const LOOK_UP: (&str, &str) = ("SRC_LOOKUP", "email");
    const TOKEN: (&str, &str) = ("SRC_PROFILE", "id_token");
    let contacts = json!({"email": "new.person@example.com", "phone_number": "+491555777777"});
    let sign_up = sign_up_event("PreSignUp_SignUp", "other.user", contacts);
    let address = "ana.kowalczyk@example.com";
    let search = sign_in_event(address, PASSWORD);
    let sign_in = sign_in_event(ANA, PASSWORD);
    for (setting, event, operation) in [
        (LOOK_UP, search, Operation::ListUsers),
        (LOOK_UP, sign_up, Operation::AdminGetUser),
        (TOKEN, sign_in, Operation::AdminInitiateAuth),
    ] {
        let bed = Bed::with(anas_pool(), &[TRACE, setting]).await;
        let mut watch = Watch::default();
        for text in ["new.person", "+491555777777", "other.user"] {
            watch.over(text);
        }
        for _ in 0..2 {
            let outcome = bed.invoke(&event).await;
            watch.check_answer(&outcome.answer);
            bed.log_of(&outcome).await;
            bed.always_fail(operation, Fault::error("InventedException", address));
        }
        end(bed, watch).await;
    }
}

/// A pool that makes up its subs could put an address there.
#[tokio::test]
async fn a_source_sub_that_is_no_uuid_is_not_logged() {
    const SUB: &str = "ana.kowalczyk@example.com";
    let mut user = ana();
    user.sub = Some(SUB.to_owned());
    let bed = Bed::with(pool_of(user), &[("AWS_LAMBDA_LOG_LEVEL", "TRACE")]).await;
    let outcome = bed.sign_in(ANA, PASSWORD).await;
    let expected = json!({"outcome": "migrated", "source_sub": null});
    bed.logs(&outcome, &expected).await;
    let output = bed.function.end().await.output.all();
    assert!(!output.contains(SUB), "{output}");
}
