//! The calls to the source pool: both flows, SECRET_HASH, the role, the app's metadata, look-ups and ID tokens.

use serde_json::{Value, json};
use testbed::source_pool::{Operation, POOL_ID, State, StubRole, User};

use crate::support::*;

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
    for request in bed.pool.received() {
        assert_eq!(request.request.header("authorization"), None);
    }
    let wrong = sign_in_event(ANA, WRONG);
    bed.rejects(&wrong, "wrong_credentials").await;
}

#[tokio::test]
async fn a_setting_that_does_not_fit_the_source_pool_is_a_misconfiguration() {
    const WRONG_SECRET: (&str, &str) = ("SRC_CLIENT_SECRET", "another secret");
    const AS_ROLE: (&str, &str) = ("SRC_ROLE_ARN", ROLE);
    let mut another_flow = anas_pool();
    another_flow.clients[0].flows = vec!["ALLOW_USER_SRP_AUTH".to_owned()];
    let role = StubRole::new(ROLE).with_external_id("external-7");
    let with_role = anas_pool().with_role(role);
    let rows: [(Variables<'_>, State); 10] = [
        (&[WRONG_SECRET], confidential()),
        (&[WRONG_SECRET, PUBLIC], confidential()),
        (&[], confidential()),
        (&[("SRC_CLIENT_SECRET", SECRET)], anas_pool()),
        (&[], another_flow),
        (&[("SRC_USER_POOL_ID", "eu-west-1_Nowhere1")], anas_pool()),
        (&[("SRC_CLIENT_ID", "5nobodysclient")], anas_pool()),
        (&[("AWS_ACCESS_KEY_ID", "AKIAUNKNOWNKEY")], anas_pool()),
        // The stub refuses a signature for another Region than its own.
        (&[("SRC_REGION", "us-east-1")], anas_pool()),
        (&[AS_ROLE, ("SRC_EXTERNAL_ID", "another")], with_role),
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
    let bed = Bed::with(anas_pool(), &[MARKED]).await;
    for (mut event, stops) in [
        (sign_in_event(ANA, PASSWORD), true),
        (forgot_password_event(ANA), true),
        (sign_up_event("PreSignUp_SignUp", ANA, json!({})), true),
        // A user who has signed in is not stopped, with a mark or without.
        (signed_in_event(ANA, json!({})), false),
        (
            signed_in_event(ANA, json!({MARKED.1: "pending/7c7f"})),
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

/// `SRC_LOOKUP`: users who sign in with another name than in the source pool. Whom a name means is proven in `crates/rules`
/// and `crates/pools`.
#[tokio::test]
async fn the_user_is_found_and_signed_in_under_the_source_pools_own_name() {
    let user = || User {
        username: "u-7c7f".into(),
        ..ana()
    };
    for (flow, rest) in FLOWS {
        // The hash of the secret is made with that name.
        let mut state = confidential();
        state.users = vec![user()];
        let secret = ("SRC_CLIENT_SECRET", SECRET);
        let bed = Bed::with(state, &[BY_EMAIL, secret, ("SRC_AUTH_FLOW", flow)]).await;
        let event = sign_in_event(ADDRESS, PASSWORD);
        bed.migrates(&event).await;
        let calls = [&[Operation::ListUsers][..], &rest].concat();
        assert_eq!(bed.pool.calls(), calls);
        let name = &bed.pool.received()[1].body["AuthParameters"]["USERNAME"];
        assert_eq!(*name, "u-7c7f");
        bed.migrates(&forgot_password_event(ADDRESS)).await;
        let wrong = sign_in_event(ADDRESS, WRONG);
        bed.rejects(&wrong, "wrong_credentials").await;
        // Where it means two users, no password is sent.
        let twin = User {
            username: "twin".into(),
            ..user()
        };
        bed.pool.change(|state| state.users.push(twin));
        bed.pool.forget();
        for event in [event, forgot_password_event(ADDRESS)] {
            bed.rejects(&event, "ambiguous_user").await;
        }
        assert_eq!(bed.pool.calls(), [Operation::ListUsers; 2]);
    }
}

/// It does not count as an unknown user.
#[tokio::test]
async fn a_list_without_an_end_is_read_up_to_a_limit_and_identifies_no_user() {
    let bed = Bed::with(anas_pool(), &[BY_EMAIL]).await;
    let page = json!({"Users": [], "PaginationToken": "60"});
    bed.pool.always_answer(Operation::ListUsers, &page);
    bed.rejects(&sign_in_event(ADDRESS, PASSWORD), "ambiguous_user")
        .await;
    assert_eq!(bed.pool.calls(), [Operation::ListUsers; 10]);
}

/// Which token is believed is proven in `crates/rules` and `crates/pools`.
#[tokio::test]
async fn with_an_id_token_a_sign_in_is_one_call_and_leads_to_the_same_user_as_two() {
    const MAP: (&str, &str) = (
        "ATTRIBUTE_MAP",
        r#"{"sub":"custom:legacy","username":"custom:legacy_name","custom:*":"custom:*"}"#,
    );
    // An attribute of every form that a claim can have.
    let mut user = ana()
        .with("address", "1 Road\nTown")
        .with("updated_at", "1583020800")
        .with("custom:age", "42")
        .with("preferred_username", "ana");
    user.groups = vec!["admins".to_owned()];
    for (flow, operations) in FLOWS {
        let mut answers = vec![];
        for (from, calls) in [("after", 2), ("id_token", 1)] {
            let variables = [MAP, ("SRC_PROFILE", from), ("SRC_AUTH_FLOW", flow)];
            let bed = Bed::with(pool_of(user.clone()), &variables).await;
            let event = sign_in_event(ANA, PASSWORD);
            let outcome = bed.invoke(&event).await;
            assert_eq!(bed.pool.calls(), operations[..calls]);
            answers.push(migrated(&outcome, &event));
            let sub = json!({"source_sub": ana().sub()});
            bed.logs(&outcome, &sub).await;
        }
        assert_eq!(answers[0], answers[1]);
        let expected =
            json!({"custom:age": "42", "custom:legacy_name": ANA, "email_verified": "true"});
        assert_holds(&answers[1]["userAttributes"], &expected, flow);
    }
}
