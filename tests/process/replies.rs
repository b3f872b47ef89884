//! What comes back, to the last field.

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
    let bed = Bed::with(anas_pool(), &[]).await;
    let event = strange_sign_in(WRONG);
    let outcome = bed.invoke_bytes(event.clone()).await;
    assert_eq!(outcome.answer.text(), event);

    let event = strange_sign_in(PASSWORD);
    let outcome = bed.invoke_bytes(event.clone()).await;
    let mut text = outcome.answer.text();
    text.retain(|c| !c.is_whitespace());
    let kept = r#""zebra":[1.0,1e2,0.1000,12345678901234567890123,-0]"#;
    assert!(text.contains(kept), "{text}");
    let response = migrated(&outcome, &serde_json::from_str(&event).unwrap());
    assert_eq!(response["userAttributes"], attributes_of_ana());
    assert_eq!(response["somethingNew"]["k"], 1);
}

#[tokio::test]
async fn input_that_is_not_json_gets_one_constant_error() {
    let bed = Bed::with(anas_pool(), &[]).await;
    for payload in [
        &b"{\"userName\":\"ana.kowalczyk\",\"request\":{\"password\":\"Right-Horse-Battery-7\""[..],
        b"{\"userName\":\"ana.kowalczyk\"} trailing",
        b"\xff\xfe{}",
        b"{\"userName\":\"\xc3\x28\"}",
    ] {
        error(&bed.invoke_bytes(payload).await, "Rejected", REFUSED);
    }
    bed.ana_signs_in().await;
    assert_eq!(bed.host.violations(), Vec::<String>::new());
}

/// Cognito invokes again when it got no answer in time, and must get the same one.
#[tokio::test]
async fn the_same_event_gets_the_same_answer_again() {
    // The user name is then the sub, and not a random one.
    let bed = Bed::with(aliased(ana()), &[("DST_USERNAME", "sub")]).await;
    for event in [
        sign_in_event(ADDRESS, PASSWORD),
        sign_in_event(ADDRESS, WRONG),
        forgot_password_event(ADDRESS),
    ] {
        let first = bed.invoke(&event).await.answer;
        assert!(matches!(first, InvocationAnswer::Response(_)));
        assert_eq!(bed.invoke(&event).await.answer, first);
    }
}
