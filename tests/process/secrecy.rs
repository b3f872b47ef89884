//! Nothing secret or personal is ever printed, whatever the event holds, at the level that shows most.

use serde_json::{Value, json};
use testbed::{
    runtime::{InvocationAnswer, InvocationOutcome},
    source_pool::{Fault, Operation, StubRole, Target, Times, User},
};

use crate::{hostile, samples, support::*};

/// A member of the app's metadata: its name and value.
const METADATA: (&str, &str) = ("Metadata-Name-9", "Validation-Data-Secret-9");
/// Texts of the events that may never leave a function but in its proper answer.
const TEXTS: [&str; 9] = [
    PASSWORD,
    WRONG,
    ANA,
    "kowalczyk",
    METADATA.0,
    METADATA.1,
    "new.person",
    "+491555777777",
    "other.user",
];

/// Everything that is set to make libraries talk.
const TALKATIVE: [(&str, &str); 5] = [
    ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
    ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ("RUST_LOG", "trace"),
    ("RUST_BACKTRACE", "full"),
    ("LOG_SENSITIVE_BODIES", "true"),
];

/// An answer that is an error is a constant, too.
#[track_caller]
fn assert_constant(outcome: &InvocationOutcome) {
    if let InvocationAnswer::Error { .. } = outcome.answer {
        assert_hidden(&TEXTS, &outcome.answer.text());
    }
}

#[tokio::test]
async fn the_sample_events_leave_no_trace_of_a_person_in_the_log() {
    let samples = samples::samples();
    let variables = [&samples.settings()[..], &TALKATIVE].concat();
    let bed = Bed::with(samples.source_pool(), &variables).await;
    let mut texts = vec![];
    for name in samples.names() {
        let sent = samples.sample(name).expect(name).event;
        let event: Value = serde_json::from_slice(&sent).expect("JSON");
        let outcome = bed.invoke_bytes(sent).await;
        for text in [&event["userName"], &event["request"]["password"]] {
            let text = text.as_str().filter(|text| text.len() >= 4);
            texts.extend(text.map(str::to_owned));
        }
        if let InvocationAnswer::Error { .. } = outcome.answer {
            assert_hidden(&texts, &outcome.answer.text());
        }
    }
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    bed.ends_silently(&texts).await;
}

#[tokio::test]
async fn hostile_events_and_a_failing_source_leave_none_either() {
    // No more at a time: all share the one thread of this test, and a call that gets none of it in time is given up.
    tokio::join!(
        hostile_events_and_a_failing_source(("SRC_CLIENT_SECRET", SECRET), FLOWS[0].0),
        hostile_events_and_a_failing_source(("SRC_CLIENT_SECRET_ARN", SECRET_ARN), FLOWS[1].0),
    );
}

async fn hostile_events_and_a_failing_source(secret: (&str, &str), flow: &str) {
    let role = StubRole::new(ROLE).with_external_id("external-id-7");
    let pool = running(confidential().with_role(role)).await;
    // The warm-up meets a fault as well.
    pool.fail(Target::Any, Fault::AccessDenied, Times::ONCE);
    let mut variables = vec![
        secret,
        ("SRC_AUTH_FLOW", flow),
        ("SRC_ROLE_ARN", ROLE),
        ("SRC_EXTERNAL_ID", "external-id-7"),
        ("CLIENT_METADATA", "*"),
        ("ON_TEMPORARY_PASSWORD", "reset"),
    ];
    variables.extend(TALKATIVE);
    let bed = Bed::on(pool, &variables).await;
    for event in hostile::events(PASSWORD) {
        assert_constant(&bed.invoke_bytes(event).await);
    }
    let answer = |status, body: Value| Fault::json(status, &body.to_string());
    let long = format!("ana.kowalczyk {}", "x".repeat(100_000));
    let tokens = json!({"AuthenticationResult": {"AccessToken": {"token": PASSWORD}}});
    let challenge = json!({
        "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": PASSWORD,
        "ChallengeParameters": {"USER_ID_FOR_SRP": "j.kowalczyk", "userAttributes": PASSWORD},
    });
    let mut events = [
        sign_in_event(ANA, PASSWORD),
        sign_in_event(ANA, WRONG),
        forgot_password_event(ANA),
    ];
    events[0]["request"]["validationData"] = json!({METADATA.0: METADATA.1});
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
            for event in &events {
                assert_constant(&bed.invoke(event).await);
            }
            bed.pool.recover();
        }
    }
    bed.ana_signs_in().await;
    let sign_ins = bed.pool.received();
    let mut handed_on = sign_ins.iter().map(|call| &call.body["ClientMetadata"]);
    assert!(handed_on.any(|metadata| *metadata == json!({METADATA.0: METADATA.1})));
    bed.ends_silently(&TEXTS).await;
}

/// What each shape of a call to the source pool sends: a search, a sign-up, an ID token. And a pool that makes up its subs
/// could put an address there.
#[tokio::test]
async fn nothing_that_is_searched_for_or_read_stands_in_the_log() {
    const TOKEN: (&str, &str) = ("SRC_PROFILE", "id_token");
    let contacts = json!({"email": "new.person@example.com", "phone_number": "+491555777777"});
    let sign_up = sign_up_event("PreSignUp_SignUp", "other.user", contacts);
    let sign_in = sign_in_event(ANA, PASSWORD);
    let search = sign_in_event(ADDRESS, PASSWORD);
    for (setting, event, operation) in [
        (BY_EMAIL, search, Operation::ListUsers),
        (BY_EMAIL, sign_up, Operation::AdminGetUser),
        (TOKEN, sign_in, Operation::AdminInitiateAuth),
    ] {
        let user = User {
            sub: Some(ADDRESS.to_owned()),
            ..ana()
        };
        let bed = Bed::with(pool_of(user), &[TALKATIVE[0], setting]).await;
        for _ in 0..2 {
            let outcome = bed.invoke(&event).await;
            assert_constant(&outcome);
            bed.log_of(&outcome).await;
            bed.always_fail(operation, Fault::error("InventedException", ADDRESS));
        }
        bed.ends_silently(&TEXTS).await;
    }
}
