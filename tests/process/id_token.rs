//! `SRC_PROFILE=id_token`: a sign-in is one call, and the token that it gives holds the profile.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use testbed::source_pool::{CLIENT_ID, Client, Operation, POOL_ID, State, StubRole, User};

use crate::support::*;

const ID_TOKEN: (&str, &str) = ("SRC_PROFILE", "id_token");
const ROLE: &str = "arn:aws:iam::444455556666:role/source-reader";
const FLOWS: [(&str, Operation); 2] = [
    ("ADMIN_USER_PASSWORD_AUTH", Operation::AdminInitiateAuth),
    ("USER_PASSWORD_AUTH", Operation::InitiateAuth),
];

/// A user with an attribute of every form that a claim can have.
fn user() -> User {
    ana()
        .with("address", "1 Road\nTown")
        .with("updated_at", "1583020800")
        .with("custom:age", "42")
        .with("preferred_username", "ana")
        .in_groups(&["admins"])
}

#[tokio::test]
async fn a_sign_in_is_one_call_and_leads_to_the_same_user_as_two() {
    let map = (
        "ATTRIBUTE_MAP",
        r#"{"sub":"custom:legacy","username":"custom:legacy_name","custom:*":"custom:*"}"#,
    );
    for (flow, sign_in) in FLOWS {
        for role in [None, Some(("SRC_ROLE_ARN", ROLE))] {
            let mut answers = vec![];
            for profile in [("SRC_PROFILE", "after"), ID_TOKEN] {
                let mut state = State::default().with_user(user());
                state.roles.extend(role.map(|(_, arn)| StubRole::new(arn)));
                let mut variables = vec![
                    map,
                    profile,
                    ("SRC_AUTH_FLOW", flow),
                    ("DST_USERNAME", "username"),
                ];
                variables.extend(role);
                let bed = Bed::with(state, &variables).await;
                let event = sign_in_event("ana.kowalczyk", PASSWORD);
                let outcome = bed.invoke(&event).await;
                answers.push(migrated(&outcome, &event));
                let line = bed.log_of(&outcome).await;
                assert_eq!(line["source_sub"], ana().sub(), "{line}");
                if profile == ID_TOKEN {
                    assert_eq!(bed.pool.calls(), [sign_in]);
                }
                rejected(
                    &bed,
                    &sign_in_event("ana.kowalczyk", WRONG),
                    "wrong_credentials",
                )
                .await;
            }
            assert_eq!(answers[0], answers[1]);
            let attributes = &answers[1]["userAttributes"];
            assert_eq!(attributes["custom:age"], "42");
            assert_eq!(attributes["custom:legacy_name"], "ana.kowalczyk");
            assert_eq!(attributes["email_verified"], "true");
        }
    }
}

/// A token's claims, changed.
fn token(changes: &Value) -> String {
    let mut claims = json!({
        "sub": ana().sub(), "aud": CLIENT_ID, "token_use": "id", "cognito:username": "ana.kowalczyk",
        "iss": format!("https://cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"),
        "email": "ana.kowalczyk@example.com", "email_verified": true,
    });
    for (name, value) in changes.as_object().expect("changes") {
        claims[name] = value.clone();
    }
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

#[tokio::test]
async fn a_token_that_is_not_the_users_own_migrates_no_user() {
    let bed = Bed::with(anas_pool(), &[ID_TOKEN]).await;
    let access = token(&json!({"token_use": "access"}));
    let mut odd = vec![
        ("UnusableIdToken", json!(null)),
        ("UnusableIdToken", json!("")),
        ("UnusableIdToken", json!("no token")),
        ("UnusableIdToken", json!(access)),
    ];
    for (code, changes) in [
        ("UnusableIdToken", json!({"aud": "another"})),
        (
            "UnusableIdToken",
            json!({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another1"}),
        ),
        ("UnusableIdToken", json!({"cognito:username": null})),
        (
            "IdentityMismatch",
            json!({"sub": "5a1b2c3d-0000-4000-8000-000000000001"}),
        ),
        ("IdentityMismatch", json!({"sub": null})),
        ("IdentityMismatch", json!({"sub": ""})),
    ] {
        odd.push((code, json!(token(&changes))));
    }
    let event = sign_in_event("ana.kowalczyk", PASSWORD);
    let good = json!(token(&json!({})));
    for (code, id) in odd.into_iter().chain([("", good)]) {
        let answer = json!({"AuthenticationResult": {"AccessToken": access, "IdToken": id}});
        bed.pool.recover();
        bed.pool
            .always_answer(Operation::AdminInitiateAuth, &answer);
        let outcome = bed.invoke(&event).await;
        if code.is_empty() {
            migrated(&outcome, &event);
        } else {
            failed(&outcome, "SourceUnavailable");
            assert_eq!(bed.log_of(&outcome).await["code"], code, "{id}");
        }
    }
    assert_eq!(bed.pool.count(Operation::AdminGetUser), 0);
}

/// No token says who they are.
#[tokio::test]
async fn challenges_and_resets_read_the_profile() {
    for (flow, sign_in) in FLOWS {
        let state = State::default().with_user(ana().with_challenge("SOFTWARE_TOKEN_MFA"));
        let bed = Bed::with(
            state,
            &[ID_TOKEN, ("SRC_AUTH_FLOW", flow), ("ON_MFA", "drop")],
        )
        .await;
        bed.ana_signs_in().await;
        assert_eq!(bed.pool.calls(), [sign_in, Operation::AdminGetUser]);
        bed.pool.forget();
        let event = forgot_password_event("ana.kowalczyk");
        migrated(&bed.invoke(&event).await, &event);
        assert_eq!(bed.pool.calls(), [Operation::AdminGetUser]);
    }
}

#[tokio::test]
async fn sign_ins_need_no_right_to_read_profiles() {
    let mut state = anas_pool();
    state.denied = vec![format!("AdminGetUser {POOL_ID}")];
    let variables = [ID_TOKEN, ("ON_FORGOT_PASSWORD", "ignore")];
    let bed = Bed::with(state, &variables).await;
    bed.ana_signs_in().await;
}

/// What the app client may not read is not in the token, and nothing of the token stands in the log.
#[tokio::test]
async fn a_token_holds_what_the_client_may_read_and_stays_out_of_the_log() {
    let mut state = anas_pool();
    state.clients = vec![Client::new(CLIENT_ID).with_readable(&["email", "email_verified"])];
    let bed = Bed::with(state, &[ID_TOKEN, ("AWS_LAMBDA_LOG_LEVEL", "TRACE")]).await;
    let event = sign_in_event("ana.kowalczyk", PASSWORD);
    let outcome = bed.invoke(&event).await;
    let response = migrated(&outcome, &event);
    let readable = json!({"email": "ana.kowalczyk@example.com", "email_verified": "true"});
    assert_eq!(response["userAttributes"], readable);
    bed.log_of(&outcome).await;
    let output = bed.function.output_with(|_| true).await;
    for text in bed.pool.confidential() {
        assert!(!output.all().contains(&text), "{text}");
    }
}
