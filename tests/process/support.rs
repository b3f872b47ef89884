//! A function with its source pool and its Lambda service, and what answers must look like.

use std::{cell::RefCell, env, path::PathBuf};

use serde_json::{Map, Value, json};
use testbed::{
    function::{Function, Setup},
    runtime::{Host, InvocationAnswer, InvocationOutcome, InvocationRequest},
    source_pool::{SourcePoolStub, State, User},
};

/// The password of every user who has one.
pub(crate) const PASSWORD: &str = "Right-Horse-Battery-7";
/// A password that no user has.
pub(crate) const WRONG: &str = "Wrong-Horse-Battery-8";
/// The one sentence of a failure.
pub(crate) const UNAVAILABLE: &str = "Sign-in is temporarily unavailable. Please try again.";
/// The one sentence of a rejection that is answered as an error.
pub(crate) const REFUSED: &str = "Incorrect username or password.";

/// The build of the function that is tested.
pub(crate) fn binary() -> PathBuf {
    env::var_os("FUNCTION_BINARY").map_or_else(
        || env!("CARGO_BIN_EXE_cognito-user-migration").into(),
        PathBuf::from,
    )
}

/// A confirmed user with a verified e-mail address and a verified phone number.
pub(crate) fn ana() -> User {
    User::new("ana.kowalczyk", PASSWORD)
        .with("email", "ana.kowalczyk@example.com")
        .with("email_verified", "true")
        .with("name", "Ana Kowalczyk")
        .with("phone_number", "+491555010203")
        .with("phone_number_verified", "true")
}

/// The attributes of [`ana`] as they are copied without any mapping.
pub(crate) fn attributes_of_ana() -> Value {
    json!({
        "email": "ana.kowalczyk@example.com", "email_verified": "true", "name": "Ana Kowalczyk",
        "phone_number": "+491555010203", "phone_number_verified": "true",
    })
}

/// A pool with [`ana`] alone.
pub(crate) fn anas_pool() -> State {
    State::default().with_user(ana())
}

/// A sign-in as Cognito sends it.
pub(crate) fn sign_in_event(username: &str, password: &str) -> Value {
    event(
        "UserMigration_Authentication",
        username,
        json!({"password": password, "validationData": null, "userAttributes": null}),
    )
}

/// A password reset as Cognito sends it.
pub(crate) fn forgot_password_event(username: &str) -> Value {
    event(
        "UserMigration_ForgotPassword",
        username,
        json!({"validationData": null, "userAttributes": null, "clientMetadata": null}),
    )
}

/// A sign-up as Cognito sends it.
pub(crate) fn sign_up_event(trigger: &str, username: &str, attributes: Value) -> Value {
    let mut event = event(
        trigger,
        username,
        json!({"userAttributes": attributes, "validationData": null}),
    );
    event["response"] =
        json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false});
    event
}

/// A sign-in to the destination pool that has worked, as Cognito reports it.
pub(crate) fn signed_in_event(username: &str, attributes: Value) -> Value {
    let mut event = event(
        "PostAuthentication_Authentication",
        username,
        json!({"userAttributes": attributes, "newDeviceUsed": false}),
    );
    event["response"] = json!({});
    event
}

fn event(trigger: &str, username: &str, request: Value) -> Value {
    json!({
        "version": "1",
        "triggerSource": trigger,
        "region": "eu-central-1",
        "userPoolId": "eu-central-1_NewPool",
        "userName": username,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "7newclient"},
        "request": request,
        "response": {
            "userAttributes": null, "forceAliasCreation": null, "enableSMSMFA": null,
            "finalUserStatus": null, "messageAction": null, "desiredDeliveryMediums": null,
        },
    })
}

/// The one sentence of a rejected sign-up.
pub(crate) const ACCOUNT_EXISTS: &str =
    "An account with this sign-in already exists. Please sign in.";

/// A function that is ready, its source pool and its Lambda service.
pub(crate) struct Bed {
    pub pool: SourcePoolStub,
    pub host: Host,
    pub function: Function,
}

impl Bed {
    /// A function with the settings that have no default, warmed up, against this pool.
    pub(crate) async fn start(state: State) -> Self {
        Self::with(state, &[]).await
    }

    /// As [`Bed::start`], with further environment variables.
    pub(crate) async fn with(state: State, variables: &[(&str, &str)]) -> Self {
        let pool = SourcePoolStub::start(state).await.expect("a loopback port");
        let bed = Self::on(pool, variables).await;
        bed.settle().await;
        bed.pool.forget();
        bed
    }

    /// Waits until the warm-up, and whatever else needs no invocation, is over.
    pub(crate) async fn settle(&self) {
        self.pool.settled(|| self.function.sleeps()).await;
    }

    /// A function against a pool that exists already; its warm-up may still go on.
    pub(crate) async fn on(pool: SourcePoolStub, variables: &[(&str, &str)]) -> Self {
        let host = Host::start().await.expect("a loopback port");
        let setup = variables
            .iter()
            .fold(Setup::new(binary()).using(&pool), |setup, (name, value)| {
                setup.with(name, value)
            });
        let function = setup
            .start(&host)
            .await
            .unwrap_or_else(|refused| panic!("{refused}"));
        Self {
            pool,
            host,
            function,
        }
    }

    /// Invokes the function with an event.
    pub(crate) async fn invoke(&self, event: &Value) -> InvocationOutcome {
        self.host.invoke(event).await
    }

    /// Invokes the function with any bytes.
    pub(crate) async fn invoke_bytes(&self, payload: impl Into<Vec<u8>>) -> InvocationOutcome {
        self.host.invoke(InvocationRequest::new(payload)).await
    }

    /// Signs a user in.
    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> InvocationOutcome {
        self.invoke(&sign_in_event(username, password)).await
    }

    /// Asks for a password reset.
    pub(crate) async fn forgot_password(&self, username: &str) -> InvocationOutcome {
        self.invoke(&forgot_password_event(username)).await
    }

    /// The one line of the log that tells how an invocation ended.
    pub(crate) async fn log_of(&self, outcome: &InvocationOutcome) -> Value {
        let id = Value::String(outcome.request_id.clone());
        let tells = |line: &Value| {
            let line: &Map<String, Value> = line.as_object().expect("only objects are lines");
            line.contains_key("outcome") && line.values().any(|value| *value == id)
        };
        let output = self
            .function
            .output_with(|output| output.lines().iter().any(tells))
            .await;
        let mut lines = output.lines();
        lines.retain(tells);
        assert_eq!(
            lines.len(),
            1,
            "one line per invocation tells its outcome:\n{}",
            output.all()
        );
        lines.remove(0)
    }

    /// Signs [`ana`] in with the right password, which must work.
    pub(crate) async fn ana_signs_in(&self) -> InvocationOutcome {
        let event = sign_in_event("ana.kowalczyk", PASSWORD);
        let outcome = self.invoke(&event).await;
        let response = migrated(&outcome, &event);
        assert_eq!(response["userAttributes"], attributes_of_ana());
        assert_eq!(response["finalUserStatus"], "CONFIRMED");
        outcome
    }
}

/// The `response` of a migration; everything else must be as in the event.
#[track_caller]
pub(crate) fn migrated(outcome: &InvocationOutcome, event: &Value) -> Value {
    let mut answer = outcome.response();
    let response = answer["response"].clone();
    assert!(
        response["userAttributes"].is_object(),
        "a migration was expected, not {answer}"
    );
    answer["response"] = event["response"].clone();
    assert_eq!(answer, *event, "everything but the response is echoed");
    response
}

/// Whether the answer would make Cognito create a user.
pub(crate) fn is_migration(outcome: &InvocationOutcome) -> bool {
    match &outcome.answer {
        InvocationAnswer::Response(body) => serde_json::from_slice::<Value>(body)
            .is_ok_and(|answer| answer["response"]["userAttributes"].is_object()),
        _ => false,
    }
}

/// The event must come back byte for byte.
#[track_caller]
pub(crate) fn echoed(outcome: &InvocationOutcome, event: &Value) {
    assert_eq!(
        outcome.answer.text(),
        event.to_string(),
        "the event comes back unchanged"
    );
    assert!(matches!(outcome.answer, InvocationAnswer::Response(_)));
}

/// The answer must be a Lambda error of this type with this message, and with nothing else in it.
#[track_caller]
pub(crate) fn error(outcome: &InvocationOutcome, expected_type: &str, expected_message: &str) {
    let InvocationAnswer::Error {
        error_type,
        error_message,
        body,
    } = &outcome.answer
    else {
        panic!(
            "{expected_type} was expected, not {}",
            outcome.answer.text()
        );
    };
    assert_eq!(
        (error_type.as_str(), error_message.as_str()),
        (expected_type, expected_message)
    );
    let body: Value = serde_json::from_slice(body).expect("JSON");
    for (name, value) in body.as_object().expect("an object") {
        let known = ["errorType", "errorMessage"].contains(&name.as_str());
        let empty = value.as_array().is_some_and(Vec::is_empty);
        assert!(known || empty, "{name} says more than it should: {body}");
    }
}

/// The answer must be the constant error of a failure of this class.
#[track_caller]
pub(crate) fn failed(outcome: &InvocationOutcome, class: &str) {
    error(outcome, class, UNAVAILABLE);
}

/// The event must come back unchanged, and the log must give the reason.
pub(crate) async fn rejected(bed: &Bed, event: &Value, reason: &str) -> InvocationOutcome {
    let outcome = bed.invoke(event).await;
    echoed(&outcome, event);
    let line = bed.log_of(&outcome).await;
    assert_eq!(
        (&line["outcome"], &line["reason"]),
        (&json!("rejected"), &json!(reason)),
        "{line}"
    );
    outcome
}

/// Checks every case on one of several functions with [`ana`]'s pool, each of which works its way through the cases
/// one by one; afterwards they must all still sign her in.
pub(crate) async fn spread<T>(
    cases: Vec<T>,
    variables: &[(&str, &str)],
    check: impl AsyncFn(&Bed, T),
) {
    let cases = RefCell::new(cases);
    let work = async || {
        let mut bed = Bed::with(anas_pool(), variables).await;
        loop {
            // Taken out first: the list must be free while the case runs.
            let case = cases.borrow_mut().pop();
            let Some(case) = case else { break };
            check(&bed, case).await;
        }
        bed.ana_signs_in().await;
        assert!(bed.function.is_running());
        assert_eq!(bed.host.violations(), Vec::<String>::new());
    };
    // No more: all share the one thread of this test, and a call that gets none of it in time is given up.
    tokio::join!(work(), work(), work());
}
