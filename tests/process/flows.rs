//! The calls to the source pool: both flows, SECRET_HASH, the role, and the app's metadata.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::source_pool::{
    ACCESS_KEY_ID, CLIENT_ID, Client, Operation, POOL_ID, State, StubRole, User,
};

use crate::support::*;

const SECRET: &str = "k8s3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
const ROLE: &str = "arn:aws:iam::444455556666:role/path/source-reader";
const PUBLIC: (&str, &str) = ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH");
const AS_ROLE: [(&str, &str); 2] = [("SRC_ROLE_ARN", ROLE), ("SRC_EXTERNAL_ID", "external-7")];

#[tokio::test]
async fn the_public_flow_works_where_there_are_no_credentials_at_all() {
    let none = [
        PUBLIC,
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_SESSION_TOKEN", ""),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let bed = Bed::with(anas_pool(), &none).await;
    bed.ana_signs_in().await;
    let received = bed.pool.received();
    assert_eq!(received.len(), 2);
    for request in received {
        assert_eq!(request.request.header("authorization"), None);
    }
    let wrong = sign_in_event(ANA, WRONG);
    bed.rejects(&wrong, "wrong_credentials").await;
}

#[tokio::test]
async fn a_confidential_client_gets_its_secret_hash_over_any_username() {
    const PASSWORD: &str = "pässwörd 密码 👍";
    let usernames = [
        "zoë.größe@example.com",
        "👩‍🚀",
        "\"a+b%c\\d=e&f\"",
        "z\u{0308}\u{0301}",
    ];
    let mut state = confidential();
    for username in usernames {
        state = state.with_user(User::new(username, PASSWORD).with("name", "N"));
    }
    for (flow, _) in FLOWS {
        let variables = [("SRC_CLIENT_SECRET", SECRET), ("SRC_AUTH_FLOW", flow)];
        let bed = Bed::with(state.clone(), &variables).await;
        for username in usernames {
            bed.migrates(&sign_in_event(username, PASSWORD)).await;
        }
    }
}

/// [`ana`]'s pool, whose client has a secret.
fn confidential() -> State {
    let mut state = anas_pool();
    state.clients = vec![Client::new(CLIENT_ID).with_secret(SECRET)];
    state
}

#[tokio::test]
async fn a_setting_that_does_not_fit_the_source_pool_is_a_misconfiguration() {
    let another_flow = || {
        let mut state = anas_pool();
        state.clients = vec![Client::new(CLIENT_ID).with_flows(&["ALLOW_USER_SRP_AUTH"])];
        state
    };
    let [role, external_id] = AS_ROLE;
    let rows: [(Variables<'_>, State); 13] = [
        (&[("SRC_CLIENT_SECRET", "another secret")], confidential()),
        (
            &[("SRC_CLIENT_SECRET", "another secret"), PUBLIC],
            confidential(),
        ),
        (&[], confidential()),
        (&[PUBLIC], confidential()),
        (&[("SRC_CLIENT_SECRET", SECRET)], anas_pool()),
        (&[], another_flow()),
        (&[PUBLIC], another_flow()),
        (
            &[("SRC_USER_POOL_ID", "eu-west-1_AnotherPool")],
            anas_pool(),
        ),
        (&[("SRC_CLIENT_ID", "5nobodysclient")], anas_pool()),
        (&[("AWS_ACCESS_KEY_ID", "AKIAUNKNOWNKEY")], anas_pool()),
        // The stub refuses a signature for another Region than its own.
        (&[("SRC_REGION", "us-east-1")], anas_pool()),
        (&[role, ("SRC_EXTERNAL_ID", "another")], with_role()),
        (
            &[
                ("SRC_ROLE_ARN", "arn:aws:iam::444455556666:role/another"),
                external_id,
            ],
            with_role(),
        ),
    ];
    for (variables, state) in rows {
        let bed = Bed::with(state, variables).await;
        for password in [PASSWORD, WRONG] {
            let event = sign_in_event(ANA, password);
            bed.fails(&event, "Misconfigured").await;
        }
    }
}

#[tokio::test]
async fn the_region_comes_from_the_pool_id_and_not_from_the_function() {
    let elsewhere = [
        ("AWS_REGION", "ap-southeast-2"),
        ("AWS_DEFAULT_REGION", "ap-southeast-2"),
    ];
    for more in [&[][..], &[("SRC_REGION", "eu-west-1")]] {
        let bed = Bed::with(anas_pool(), &[&elsewhere, more].concat()).await;
        bed.ana_signs_in().await;
    }
}

#[tokio::test]
async fn validation_data_reaches_the_sources_own_triggers_only_as_it_is_selected() {
    for (selected, handed_on) in [
        ("", Value::Null),
        ("größe", json!({"größe": "37"})),
        ("*", json!({"tenant": "blue", "größe": "37"})),
    ] {
        let bed = Bed::with(anas_pool(), &[("CLIENT_METADATA", selected)]).await;
        let mut event = sign_in_event(ANA, PASSWORD);
        event["request"]["validationData"] = json!({"tenant": "blue", "größe": "37", "odd": 5});
        bed.migrates(&event).await;
        let sent = &bed.pool.received_of(Operation::AdminInitiateAuth)[0].body;
        assert_eq!(sent["ClientMetadata"], handed_on, "{selected}");
    }
}

/// The two would call each other until the account's concurrency is used up.
#[tokio::test]
async fn an_event_of_the_source_pool_itself_is_a_mistake_and_asks_no_pool() {
    let mark = ("MIGRATION_MARK", "custom:migration");
    let bed = Bed::with(anas_pool(), &[mark]).await;
    let signed_in = |attributes| signed_in_event(ANA, attributes);
    for (mut event, stops) in [
        (sign_in_event(ANA, PASSWORD), true),
        (forgot_password_event(ANA), true),
        (sign_up_event("PreSignUp_SignUp", ANA, json!({})), true),
        // A user who has signed in is not stopped, with a mark or without.
        (signed_in(json!({})), false),
        (
            signed_in(json!({"custom:migration": "pending/7c7f"})),
            false,
        ),
    ] {
        event["userPoolId"] = json!(POOL_ID);
        let outcome = bed.invoke(&event).await;
        match stops {
            true => error(&outcome, "Misconfigured", UNAVAILABLE),
            false => echoed(&outcome, &event),
        }
        let code = json!({"code": "OnePoolForBoth"});
        bed.logs(&outcome, &code).await;
    }
    assert_eq!(bed.pool.calls(), []);
}

fn with_role() -> State {
    let role = StubRole::new(ROLE).with_external_id("external-7");
    anas_pool().with_role(role)
}

#[tokio::test]
async fn a_role_is_assumed_once_for_many_invocations() {
    let bed = Bed::on(running(with_role()).await, &AS_ROLE).await;
    for _ in 0..5 {
        bed.ana_signs_in().await;
        bed.migrates(&forgot_password_event(ANA)).await;
    }
    let assumed = bed.pool.received_of(Operation::AssumeRole);
    assert_eq!(assumed.len(), 1);
    assert_eq!(assumed[0].body["RoleArn"], ROLE);
    assert_eq!(assumed[0].body["ExternalId"], "external-7");
    assert_eq!(assumed[0].signed_by.as_deref(), Some(ACCESS_KEY_ID));
    for request in bed.pool.received_of(Operation::AdminInitiateAuth) {
        let key = request.signed_by.expect("a signature that holds");
        assert!(key.starts_with("ASIA"), "{key} is not the role's");
    }
    // Sessions that the source ends early are renewed.
    bed.pool.expire_credentials();
    bed.ana_signs_in().await;
    assert_eq!(bed.pool.count(Operation::AssumeRole), 2);
}

/// How long a role's credentials live here: long enough that a tenth of it is more than a busy machine takes for a call.
const SESSION: Duration = Duration::from_secs(8);

#[tokio::test]
async fn credentials_of_a_role_are_renewed_before_they_end() {
    let role = StubRole::new(ROLE).with_session(SESSION);
    let pool = running(anas_pool().with_role(role)).await;
    let bed = Bed::on(pool, &[("SRC_ROLE_ARN", ROLE)]).await;
    while bed.pool.count(Operation::AssumeRole) < 2 {
        bed.ana_signs_in().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bed.ana_signs_in().await;
    for request in bed.pool.received() {
        assert_eq!(request.error, None, "{}", request.operation);
    }
}

#[tokio::test]
async fn the_public_flow_migrates_what_its_client_may_read() {
    let readable = ["email", "email_verified"];
    let mut state = anas_pool();
    state.clients = vec![Client::new(CLIENT_ID).with_readable(&readable)];
    let map = ("ATTRIBUTE_MAP", r#"{"sub": "custom:legacy_sub"}"#);
    for from in ["after", "id_token"] {
        let bed = Bed::with(state.clone(), &[PUBLIC, map, ("SRC_PROFILE", from)]).await;
        let response = bed.migrates(&sign_in_event(ANA, PASSWORD)).await;
        let expected = json!({
            "email": "ana.kowalczyk@example.com", "email_verified": "true", "custom:legacy_sub": ana().sub(),
        });
        assert_eq!(response["userAttributes"], expected, "{from}");
    }
}

#[tokio::test]
async fn proxies_are_used_as_everywhere() {
    let pool = running(anas_pool()).await;
    let proxy = pool.url();
    let endpoint = "http://cognito-idp.eu-west-1.invalid";
    let variables = [
        PUBLIC,
        ("HTTP_PROXY", proxy.as_str()),
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", endpoint),
    ];
    // The runtime of Lambda itself is not behind a proxy.
    let bed = Bed::on(pool, &variables).await;
    bed.ana_signs_in().await;
    let received = &bed.pool.received_of(Operation::InitiateAuth)[0];
    let host = received.request.header("host");
    assert_eq!(host, Some("cognito-idp.eu-west-1.invalid"));
}
