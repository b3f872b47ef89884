//! What comes back, to the last field.

use serde_json::{Value, json};
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
async fn a_rejected_event_comes_back_byte_for_byte() {
    let bed = Bed::start(anas_pool()).await;
    let event = strange_sign_in(WRONG);
    let outcome = bed.invoke_bytes(event.clone()).await;
    assert_eq!(
        outcome.answer,
        InvocationAnswer::Response(event.into_bytes()),
        "{}",
        outcome.answer.text()
    );
}

#[tokio::test]
async fn a_migration_echoes_every_field_that_it_does_not_know() {
    let bed = Bed::start(anas_pool()).await;
    let event = strange_sign_in(PASSWORD);
    let outcome = bed.invoke_bytes(event.clone()).await;
    let text = outcome.answer.text();
    for kept in [
        "12345678901234567890123",
        "0.1000",
        "1e2",
        "\"apple\":true",
        "\"somethingNew\":{\"k\":1}",
    ] {
        let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(squeezed.contains(kept), "{kept} is missing from {text}");
    }
    let event: Value = serde_json::from_str(&event).unwrap();
    let mut answer = outcome.response();
    assert_eq!(answer["response"]["userAttributes"], attributes_of_ana());
    assert_eq!(answer["response"]["somethingNew"], json!({"k": 1}));
    answer["response"] = event["response"].clone();
    assert_eq!(answer, event);
}

#[tokio::test]
async fn an_event_without_a_response_gets_one() {
    let bed = Bed::start(anas_pool()).await;
    for response in [None, Some(json!(null)), Some(json!({}))] {
        let mut event = sign_in_event("ana.kowalczyk", PASSWORD);
        match response {
            Some(response) => event["response"] = response,
            None => {
                event.as_object_mut().unwrap().remove("response");
            }
        }
        let answer = bed.invoke(&event).await.response();
        assert_eq!(answer["response"]["userAttributes"], attributes_of_ana());
        assert_eq!(answer["response"]["finalUserStatus"], "CONFIRMED");
    }
}

#[tokio::test]
async fn an_unknown_trigger_is_answered_unchanged_with_a_warning() {
    let bed = Bed::start(anas_pool()).await;
    for trigger in [
        "PreSignUp_SomethingNew",
        "UserMigration_Other",
        "",
        "usermigration_authentication",
    ] {
        let mut event = sign_in_event("ana.kowalczyk", PASSWORD);
        event["triggerSource"] = json!(trigger);
        let outcome = rejected(&bed, &event, "unknown_trigger").await;
        let output = bed
            .function
            .output_with(|output| output.stdout().contains("WARN"))
            .await;
        let id = json!(outcome.request_id);
        let warned = output.lines().iter().any(|line| {
            line["level"] == "WARN" && line.as_object().unwrap().values().any(|value| *value == id)
        });
        assert!(warned, "{}", output.all());
    }
    assert_eq!(bed.pool.received().len(), 0);
}

#[tokio::test]
async fn an_unknown_trigger_is_unchanged_even_where_rejections_are_errors() {
    let bed = Bed::with(anas_pool(), &[("ON_REJECT", "error")]).await;
    let mut event = sign_in_event("ana.kowalczyk", PASSWORD);
    event["triggerSource"] = json!("PreSignUp_SomethingNew");
    echoed(&bed.invoke(&event).await, &event);
}

#[tokio::test]
async fn input_that_is_no_usable_event_is_rejected_like_everything_else() {
    let bed = Bed::start(anas_pool()).await;
    let sign_in = || sign_in_event("ana.kowalczyk", PASSWORD);
    let mut number_as_name = sign_in();
    number_as_name["userName"] = json!(42);
    let mut no_name = sign_in();
    no_name.as_object_mut().unwrap().remove("userName");
    let mut empty_name = sign_in();
    empty_name["userName"] = json!("");
    let mut no_request = sign_in();
    no_request.as_object_mut().unwrap().remove("request");
    let mut text_request = sign_in();
    text_request["request"] = json!("password");
    let mut number_password = sign_in();
    number_password["request"]["password"] = json!(12345678);
    let mut object_password = sign_in();
    object_password["request"]["password"] = json!({"value": PASSWORD});
    for event in [
        number_as_name,
        no_name,
        empty_name,
        no_request,
        text_request,
        number_password,
        object_password,
    ] {
        let outcome = bed.invoke(&event).await;
        echoed(&outcome, &event);
        assert_eq!(bed.log_of(&outcome).await["outcome"], "rejected");
    }
    for event in [
        json!(null),
        json!(true),
        json!(7),
        json!("text"),
        json!([]),
        json!({}),
    ] {
        echoed(&bed.invoke(&event).await, &event);
    }
    assert_eq!(bed.pool.received().len(), 0);
    bed.ana_signs_in().await;
}

#[tokio::test]
async fn input_that_is_not_json_gets_one_constant_error() {
    let bed = Bed::start(anas_pool()).await;
    let mut answers = Vec::new();
    for payload in [
        &b"not json at all"[..],
        b"{\"userName\":\"ana.kowalczyk\",\"request\":{\"password\":\"Right-Horse-Battery-7\"",
        b"{'userName': 'ana.kowalczyk'}",
        b"{\"userName\":\"ana.kowalczyk\"} trailing",
        b"\xff\xfe{}",
        b"{\"userName\":\"\xc3\x28\"}",
        b"\x00",
    ] {
        let outcome = bed.invoke_bytes(payload).await;
        let text = outcome.answer.text();
        assert!(
            matches!(outcome.answer, InvocationAnswer::Error { .. }),
            "{text}"
        );
        assert!(!text.contains("ana") && !text.contains("Horse"), "{text}");
        answers.push(text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "one text for all: {answers:?}");
    bed.ana_signs_in().await;
}

#[tokio::test]
async fn every_invocation_has_exactly_one_answer() {
    let bed = Bed::start(anas_pool()).await;
    for _ in 0..5 {
        bed.ana_signs_in().await;
        bed.sign_in("ana.kowalczyk", WRONG).await;
        bed.invoke_bytes("nonsense").await;
    }
    bed.host.idle(1).await;
    assert_eq!(bed.host.violations(), Vec::<String>::new());
    assert_eq!(bed.host.invocations(), 15);
}

/// Cognito invokes again when it got no answer in time, and must get the same one.
#[tokio::test]
async fn the_same_event_gets_the_same_answer_again() {
    let mut state = anas_pool();
    state.sign_in_with = vec!["email".into()];
    let bed = Bed::with(state, &[("DST_USERNAME", "sub")]).await;
    for event in [
        sign_in_event("ana.kowalczyk@example.com", PASSWORD),
        sign_in_event("ana.kowalczyk@example.com", WRONG),
        forgot_password_event("ana.kowalczyk@example.com"),
    ] {
        let first = bed.invoke(&event).await.answer;
        for _ in 0..2 {
            assert_eq!(bed.invoke(&event).await.answer, first);
        }
    }
}
