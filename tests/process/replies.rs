//! What comes back, to the last field.

use serde_json::json;
use testbed::runtime::InvocationAnswer;

use crate::support::*;

/// A sign-in with everything that Cognito might add one day; numbers that lose their value in careless hands.
fn strange_sign_in(password: &str) -> String {
    format!(
        r#"{{ "version":"1", "triggerSource" : "UserMigration_Authentication","region":"eu-central-1",
  "userPoolId":"eu-central-1_NewPool","userName":"ana.kowalczyk","zebra":[1.0,1e2,0.1000,12345678901234567890123,-0],
  "callerContext":{{"awsSdkVersion":"3","clientId":"7newclient","more":{{"a":null,"A":"\u00e9\ud83d\ude00"}}}},
  "request":{{"password":"{password}","validationData":{{}},"clientMetadata":null,"new":{{"x":[]}}}},
  "response":{{"userAttributes":null,"forceAliasCreation":null,"somethingNew":{{"k":1}},"finalUserStatus":null}},
  "apple":true}}"#
    )
}

#[tokio::test]
async fn a_rejection_is_the_event_byte_for_byte_and_a_migration_changes_the_response_alone() {
    let bed = Bed::start(anas_pool()).await;
    let event = strange_sign_in(WRONG);
    let outcome = bed.invoke_bytes(event.clone()).await;
    assert_eq!(outcome.answer.text(), event);

    let event = strange_sign_in(PASSWORD);
    let outcome = bed.invoke_bytes(event.clone()).await;
    let mut text = outcome.answer.text();
    text.retain(|c| !c.is_whitespace());
    for kept in [
        "[1.0,1e2,0.1000,12345678901234567890123,-0]",
        r#""somethingNew":{"k":1}"#,
        r#""apple":true"#,
    ] {
        assert!(text.contains(kept), "{kept} is missing from {text}");
    }
    let event = serde_json::from_str(&event).unwrap();
    let response = migrated(&outcome, &event);
    assert_eq!(response["userAttributes"], attributes_of_ana());
}

#[tokio::test]
async fn an_unknown_trigger_is_answered_unchanged_with_a_warning() {
    let bed = Bed::start(anas_pool()).await;
    for trigger in ["PreSignUp_SomethingNew", "", "usermigration_authentication"] {
        let mut event = sign_in_event(ANA, PASSWORD);
        event["triggerSource"] = json!(trigger);
        let outcome = bed.rejects(&event, "unknown_trigger").await;
        bed.logs(&outcome, &json!({"level": "WARN"})).await;
    }
    assert_eq!(bed.pool.received().len(), 0);
}

#[tokio::test]
async fn input_that_is_no_usable_event_is_rejected_like_everything_else() {
    let bed = Bed::start(anas_pool()).await;
    let mut events = vec![json!(null), json!("text"), json!([]), json!({})];
    for (pointer, value) in [
        ("/userName", json!(42)),
        ("/request", json!("password")),
        ("/request/password", json!({"value": PASSWORD})),
    ] {
        let mut event = sign_in_event(ANA, PASSWORD);
        *event.pointer_mut(pointer).unwrap() = value;
        events.push(event);
    }
    for event in events {
        bed.rejects(&event, "invalid_request").await;
    }
    assert_eq!(bed.pool.received().len(), 0);
    bed.ana_signs_in().await;
}

#[tokio::test]
async fn input_that_is_not_json_gets_one_constant_error() {
    let bed = Bed::start(anas_pool()).await;
    for payload in [
        &b"not json at all"[..],
        b"{\"userName\":\"ana.kowalczyk\",\"request\":{\"password\":\"Right-Horse-Battery-7\"",
        b"{\"userName\":\"ana.kowalczyk\"} trailing",
        b"\xff\xfe{}",
        b"{\"userName\":\"\xc3\x28\"}",
        b"\x00",
    ] {
        error(&bed.invoke_bytes(payload).await, "Rejected", REFUSED);
    }
    bed.ana_signs_in().await;
    assert_eq!(bed.host.violations(), Vec::<String>::new());
}

/// Cognito invokes again when it got no answer in time, and must get the same one.
#[tokio::test]
async fn the_same_event_gets_the_same_answer_again() {
    const ADDRESS: &str = "ana.kowalczyk@example.com";
    let mut state = anas_pool();
    state.sign_in_with = vec!["email".into()];
    // The user name is then the sub, and not a random one.
    let bed = Bed::with(state, &[("DST_USERNAME", "sub")]).await;
    for event in [
        sign_in_event(ADDRESS, PASSWORD),
        sign_in_event(ADDRESS, WRONG),
        forgot_password_event(ADDRESS),
    ] {
        let first = bed.invoke(&event).await.answer;
        assert!(matches!(first, InvocationAnswer::Response(_)));
        for _ in 0..2 {
            assert_eq!(bed.invoke(&event).await.answer, first);
        }
    }
}
