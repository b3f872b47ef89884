//! The calls to the source pool: both flows, SECRET_HASH, the role, and the app's metadata.

use std::time::Duration;

use serde_json::json;
use testbed::source_pool::{
    ACCESS_KEY_ID, CLIENT_ID, Client, Fault, Operation, POOL_ID, SourcePoolStub, State, StubRole,
    Times, User,
};

use crate::support::*;

const SECRET: &str = "k8s3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
const ROLE: &str = "arn:aws:iam::444455556666:role/path/source-reader";

#[tokio::test]
async fn the_public_flow_needs_no_credentials() {
    let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH")]).await;
    bed.ana_signs_in().await;
    let operations = [Operation::InitiateAuth, Operation::GetUser];
    assert_eq!(bed.pool.calls(), operations);
    for request in bed.pool.received() {
        assert_eq!(request.request.header("authorization"), None);
    }
}

#[tokio::test]
async fn the_public_flow_works_where_there_are_no_credentials_at_all() {
    let none = [
        ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_SESSION_TOKEN", ""),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let bed = Bed::with(anas_pool(), &none).await;
    bed.ana_signs_in().await;
    rejected(
        &bed,
        &sign_in_event("ana.kowalczyk", WRONG),
        "wrong_credentials",
    )
    .await;
}

#[tokio::test]
async fn the_old_name_of_the_admin_flow_is_still_understood() {
    let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", "ADMIN_NO_SRP_AUTH")]).await;
    bed.ana_signs_in().await;
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 1);
}

#[tokio::test]
async fn a_confidential_client_gets_its_secret_hash_over_any_username() {
    let usernames = [
        "ana.kowalczyk",
        "zoë.größe@example.com",
        "Ζωή",
        "用户名",
        "пользователь",
        "👩‍🚀",
        "a+b%c/d=e&f",
        "\"quoted\\name\"",
        "z\u{0308}\u{0301}",
    ];
    let mut state = State {
        clients: vec![Client::new(CLIENT_ID).with_secret(SECRET)],
        ..State::default()
    };
    for username in usernames {
        state = state.with_user(User::new(username, "pässwörd 密码 👍").with("name", "N"));
    }
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
        let variables = [("SRC_CLIENT_SECRET", SECRET), ("SRC_AUTH_FLOW", flow)];
        let bed = Bed::with(state.clone(), &variables).await;
        for username in usernames {
            let event = sign_in_event(username, "pässwörd 密码 👍");
            migrated(&bed.invoke(&event).await, &event);
        }
    }
}

#[tokio::test]
async fn a_wrong_or_missing_or_needless_client_secret_is_a_misconfiguration() {
    let confidential = || {
        let mut state = anas_pool();
        state.clients = vec![Client::new(CLIENT_ID).with_secret(SECRET)];
        state
    };
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
        for (state, secret) in [
            (confidential(), "another secret"),
            (confidential(), ""),
            (anas_pool(), SECRET),
        ] {
            let variables = [("SRC_CLIENT_SECRET", secret), ("SRC_AUTH_FLOW", flow)];
            let bed = Bed::with(state, &variables).await;
            for password in [PASSWORD, WRONG] {
                failed(
                    &bed.sign_in("ana.kowalczyk", password).await,
                    "Misconfigured",
                );
            }
        }
    }
}

#[tokio::test]
async fn a_flow_that_the_client_does_not_allow_is_a_misconfiguration() {
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
        let mut state = anas_pool();
        state.clients = vec![Client::new(CLIENT_ID).with_flows(&["ALLOW_USER_SRP_AUTH"])];
        let bed = Bed::with(state, &[("SRC_AUTH_FLOW", flow)]).await;
        let outcome = bed.sign_in("ana.kowalczyk", PASSWORD).await;
        failed(&outcome, "Misconfigured");
        let line = bed.log_of(&outcome).await;
        assert_eq!(line["outcome"], "failed", "{line}");
    }
}

#[tokio::test]
async fn an_unknown_pool_or_client_or_key_is_a_misconfiguration() {
    for variable in [
        ("SRC_USER_POOL_ID", "eu-west-1_AnotherPool"),
        ("SRC_CLIENT_ID", "5nobodysclient"),
        ("AWS_ACCESS_KEY_ID", "AKIAUNKNOWNKEY"),
        ("AWS_SESSION_TOKEN", "another token"),
    ] {
        let bed = Bed::with(anas_pool(), &[variable]).await;
        failed(
            &bed.sign_in("ana.kowalczyk", PASSWORD).await,
            "Misconfigured",
        );
    }
}

#[tokio::test]
async fn the_region_comes_from_the_pool_id_and_can_be_overridden() {
    // The stub refuses a signature for another Region than its own.
    for (variables, good) in [
        (
            &[
                ("AWS_REGION", "ap-southeast-2"),
                ("AWS_DEFAULT_REGION", "ap-southeast-2"),
            ][..],
            true,
        ),
        (&[("SRC_REGION", "us-east-1")], false),
        (
            &[("SRC_REGION", "eu-west-1"), ("AWS_REGION", "us-east-1")],
            true,
        ),
    ] {
        let bed = Bed::with(anas_pool(), variables).await;
        let outcome = bed.sign_in("ana.kowalczyk", PASSWORD).await;
        assert_eq!(
            is_migration(&outcome),
            good,
            "{variables:?}: {}",
            outcome.answer.text()
        );
    }
}

#[tokio::test]
async fn validation_data_reaches_the_sources_own_triggers_only_as_it_is_selected() {
    for (selected, handed_on) in [
        ("", json!({})),
        ("größe", json!({"größe": "37"})),
        ("*", json!({"tenant": "blue", "größe": "37"})),
    ] {
        let bed = Bed::with(anas_pool(), &[("CLIENT_METADATA", selected)]).await;
        let mut event = sign_in_event("ana.kowalczyk", PASSWORD);
        event["request"]["validationData"] = json!({"tenant": "blue", "größe": "37", "odd": 5});
        migrated(&bed.invoke(&event).await, &event);
        let sent = &bed.pool.received_of(Operation::AdminInitiateAuth)[0].body["ClientMetadata"];
        let sent = if sent.is_null() { &json!({}) } else { sent };
        assert_eq!(*sent, handed_on, "{selected}");
    }
}

/// The two would call each other until the account's concurrency is used up.
#[tokio::test]
async fn an_event_of_the_source_pool_itself_is_a_mistake_and_asks_no_pool() {
    let mark = ("MIGRATION_MARK", "custom:migration");
    let bed = Bed::with(anas_pool(), &[mark]).await;
    for mut event in [
        sign_in_event("ana.kowalczyk", PASSWORD),
        forgot_password_event("ana.kowalczyk"),
        sign_up_event("PreSignUp_SignUp", "ana.kowalczyk", json!({})),
    ] {
        event["userPoolId"] = json!(POOL_ID);
        let outcome = bed.invoke(&event).await;
        error(&outcome, "Misconfigured", UNAVAILABLE);
        assert_eq!(bed.log_of(&outcome).await["code"], "OnePoolForBoth");
    }
    // A user who has signed in is not stopped, with a mark or without.
    for attributes in [json!({}), json!({"custom:migration": "pending/7c7f"})] {
        let mut event = signed_in_event("ana.kowalczyk", attributes);
        event["userPoolId"] = json!(POOL_ID);
        let outcome = bed.invoke(&event).await;
        echoed(&outcome, &event);
        assert_eq!(bed.log_of(&outcome).await["code"], "OnePoolForBoth");
    }
    assert_eq!(bed.pool.calls(), []);
}

/// It is the state of one user, and fires no alarm about the configuration.
#[tokio::test]
async fn a_user_whose_second_factor_cannot_be_asked_for_is_rejected() {
    let bed = Bed::start(anas_pool()).await;
    let no_number = json!({"__type": "MFAMethodNotFoundException", "message": "no number"});
    bed.pool.fail(
        Operation::AdminInitiateAuth,
        Fault::json(400, &no_number.to_string()),
        Times::Forever,
    );
    let event = sign_in_event("ana.kowalczyk", PASSWORD);
    rejected(&bed, &event, "mfa_refused").await;
}

#[tokio::test]
async fn a_refusal_by_the_sources_own_trigger_is_a_rejection() {
    let bed = Bed::start(anas_pool()).await;
    for (code, message) in [(
        "UserLambdaValidationException",
        "PreAuthentication failed with error Not today.",
    )] {
        bed.pool.fail(
            Operation::AdminInitiateAuth,
            Fault::error(code, message),
            Times::ONCE,
        );
        rejected(
            &bed,
            &sign_in_event("ana.kowalczyk", PASSWORD),
            "source_trigger_refused",
        )
        .await;
    }
}

fn with_role(session: Duration) -> State {
    anas_pool().with_role(
        StubRole::new(ROLE)
            .with_external_id("external-7")
            .with_session(session),
    )
}

const AS_ROLE: [(&str, &str); 2] = [("SRC_ROLE_ARN", ROLE), ("SRC_EXTERNAL_ID", "external-7")];

async fn pool_with_role(session: Duration) -> SourcePoolStub {
    SourcePoolStub::start(with_role(session))
        .await
        .expect("a loopback port")
}

#[tokio::test]
async fn a_role_is_assumed_once_for_many_invocations() {
    let bed = Bed::on(pool_with_role(Duration::from_secs(3600)).await, &AS_ROLE).await;
    for _ in 0..20 {
        bed.ana_signs_in().await;
        let event = forgot_password_event("ana.kowalczyk");
        migrated(&bed.invoke(&event).await, &event);
    }
    assert_eq!(bed.pool.count(Operation::AssumeRole), 1);
    let assumed = &bed.pool.received_of(Operation::AssumeRole)[0];
    assert_eq!(assumed.body["RoleArn"], ROLE);
    assert_eq!(assumed.body["ExternalId"], "external-7");
    assert_eq!(assumed.signed_by.as_deref(), Some(ACCESS_KEY_ID));
    for request in bed.pool.received_of(Operation::AdminInitiateAuth) {
        let key = request.signed_by.expect("a signature that holds");
        assert!(
            key.starts_with("ASIA"),
            "signed with the role's key, not with {key}"
        );
    }
}

/// How long a role's credentials live here: long enough that a tenth of it is more than a busy machine takes for a call.
const SESSION: Duration = Duration::from_secs(8);

/// Signs in until the role has been assumed a second time, or an attempt has failed, and once more.
async fn sign_in_past_the_renewal(bed: &Bed) {
    while bed.pool.count(Operation::AssumeRole) < 2 {
        bed.ana_signs_in().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bed.ana_signs_in().await;
}

/// Waits until the credentials that were given out first are certainly over.
async fn end_of_session(bed: &Bed) {
    let assumed = bed.pool.received_of(Operation::AssumeRole)[0].at;
    // Their life is rounded up to a whole second.
    tokio::time::sleep_until((assumed + SESSION + Duration::from_millis(1100)).into()).await;
}

#[tokio::test]
async fn credentials_of_a_role_are_renewed_before_they_end() {
    let bed = Bed::on(pool_with_role(SESSION).await, &AS_ROLE).await;
    sign_in_past_the_renewal(&bed).await;
    end_of_session(&bed).await;
    bed.ana_signs_in().await;
    for request in bed.pool.received() {
        assert_eq!(request.error, None, "{}", request.operation);
    }
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_a_misconfiguration() {
    for (name, value) in [
        ("SRC_EXTERNAL_ID", "another external id"),
        ("SRC_EXTERNAL_ID", ""),
        ("SRC_ROLE_ARN", "arn:aws:iam::444455556666:role/another"),
    ] {
        let pool = pool_with_role(Duration::from_secs(3600)).await;
        let bed = Bed::on(pool, &[AS_ROLE[0], AS_ROLE[1], (name, value)]).await;
        failed(
            &bed.sign_in("ana.kowalczyk", PASSWORD).await,
            "Misconfigured",
        );
        failed(&bed.forgot_password("ana.kowalczyk").await, "Misconfigured");
    }
}

#[tokio::test]
async fn sessions_that_the_source_ends_early_are_renewed() {
    let bed = Bed::on(pool_with_role(Duration::from_secs(3600)).await, &AS_ROLE).await;
    bed.ana_signs_in().await;
    bed.pool.expire_credentials();
    bed.ana_signs_in().await;
    assert_eq!(bed.pool.count(Operation::AssumeRole), 2);
}

/// Credentials that still hold are better than none: a failed renewal does not fail sign-ins before they end.
#[tokio::test]
async fn a_renewal_that_fails_is_noticed_only_when_the_credentials_end() {
    let bed = Bed::on(pool_with_role(SESSION).await, &AS_ROLE).await;
    bed.ana_signs_in().await;
    bed.pool
        .fail(Operation::AssumeRole, Fault::InternalError, Times::Forever);
    sign_in_past_the_renewal(&bed).await;
    end_of_session(&bed).await;
    failed(
        &bed.sign_in("ana.kowalczyk", PASSWORD).await,
        "SourceUnavailable",
    );
    bed.pool.recover();
    bed.ana_signs_in().await;
}

#[tokio::test]
async fn the_public_flow_migrates_what_its_client_may_read() {
    let state = State {
        clients: vec![Client::new(CLIENT_ID).with_readable(&["email", "email_verified"])],
        ..anas_pool()
    };
    let variables = [
        ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
        ("ATTRIBUTE_MAP", r#"{"sub": "custom:legacy_sub"}"#),
    ];
    let bed = Bed::with(state, &variables).await;
    let event = sign_in_event("ana.kowalczyk", PASSWORD);
    let response = migrated(&bed.invoke(&event).await, &event);
    assert_eq!(
        response["userAttributes"],
        json!({
            "email": "ana.kowalczyk@example.com", "email_verified": "true",
            "custom:legacy_sub": ana().sub(),
        })
    );
}

#[tokio::test]
async fn proxies_are_used_as_everywhere() {
    let pool = SourcePoolStub::start(anas_pool())
        .await
        .expect("a loopback port");
    let proxy = pool.url();
    let variables = [
        ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
        ("HTTP_PROXY", proxy.as_str()),
        (
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
            "http://cognito-idp.eu-west-1.invalid",
        ),
    ];
    // The runtime of Lambda itself is not behind a proxy.
    let bed = Bed::on(pool, &variables).await;
    bed.ana_signs_in().await;
    let received = &bed.pool.received_of(Operation::InitiateAuth)[0];
    assert_eq!(
        received.request.header("host"),
        Some("cognito-idp.eu-west-1.invalid")
    );
}
