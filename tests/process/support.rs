//! A function with its source pool and its Lambda service, and what answers must look like.

use std::{cell::RefCell, env, path::PathBuf};

use serde_json::{Value, json};
use testbed::{
    function::{Function, ProcessOutput, Setup},
    runtime::{Host, InvocationAnswer, InvocationOutcome, InvocationRequest},
    source_pool::{Fault, Operation, SourcePoolStub, State, Times, User},
};

/// The name of [`ana`].
pub(crate) const ANA: &str = "ana.kowalczyk";
/// The password of every user who has one.
pub(crate) const PASSWORD: &str = "Right-Horse-Battery-7";
/// A password that no user has.
pub(crate) const WRONG: &str = "Wrong-Horse-Battery-8";
/// The one sentence of a failure.
pub(crate) const UNAVAILABLE: &str = "Sign-in is temporarily unavailable. Please try again.";
/// The one sentence of a rejection that is answered as an error.
pub(crate) const REFUSED: &str = "Incorrect username or password.";
/// The one sentence of a rejected sign-up.
pub(crate) const ACCOUNT_EXISTS: &str =
    "An account with this sign-in already exists. Please sign in.";

/// Each flow, with the two calls of a sign-in.
pub(crate) const FLOWS: [(&str, [Operation; 2]); 2] = [
    (
        "ADMIN_USER_PASSWORD_AUTH",
        [Operation::AdminInitiateAuth, Operation::AdminGetUser],
    ),
    (
        "USER_PASSWORD_AUTH",
        [Operation::InitiateAuth, Operation::GetUser],
    ),
];

/// Environment variables of a function.
pub(crate) type Variables<'a> = &'a [(&'a str, &'a str)];

/// Where an event must lead: to a migration with these members in its `response`, or to a rejection for this reason.
pub(crate) type Expected = Result<Value, &'static str>;

/// The build of the function that is tested.
pub(crate) fn binary() -> PathBuf {
    env::var_os("FUNCTION_BINARY").map_or_else(
        || env!("CARGO_BIN_EXE_cognito-user-migration").into(),
        PathBuf::from,
    )
}

/// A confirmed user with a verified e-mail address and a verified phone number.
pub(crate) fn ana() -> User {
    User::new(ANA, PASSWORD)
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

/// A pool with this user alone.
pub(crate) fn pool_of(user: User) -> State {
    State::default().with_user(user)
}

/// A pool with [`ana`] alone.
pub(crate) fn anas_pool() -> State {
    pool_of(ana())
}

/// A pool of these users that runs.
pub(crate) async fn running(state: State) -> SourcePoolStub {
    SourcePoolStub::start(state).await.expect("a loopback port")
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
        let bed = Self::on(running(state).await, variables).await;
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
        let mut setup = Setup::new(binary()).using(&pool);
        for (name, value) in variables {
            setup = setup.with(name, value);
        }
        let started = setup.start(&host).await;
        let function = started.unwrap_or_else(|refused| panic!("{refused}"));
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

    /// The event must lead to a migration, with this `response`.
    pub(crate) async fn migrates(&self, event: &Value) -> Value {
        migrated(&self.invoke(event).await, event)
    }

    /// The event must come back unchanged, and the log must give the reason.
    pub(crate) async fn rejects(&self, event: &Value, reason: &str) -> InvocationOutcome {
        let outcome = self.invoke(event).await;
        echoed(&outcome, event);
        let expected = json!({"outcome": "rejected", "reason": reason});
        self.logs(&outcome, &expected).await;
        outcome
    }

    /// The event must lead to the constant error of a failure of this class. Returns the line of the log.
    pub(crate) async fn fails(&self, event: &Value, class: &str) -> Value {
        let outcome = self.invoke(event).await;
        error(&outcome, class, UNAVAILABLE);
        let expected = json!({"outcome": "failed", "reason": class});
        self.logs(&outcome, &expected).await
    }

    /// The event must lead there; `row` names the row of a table, and is shown if it does not.
    pub(crate) async fn leads_to(&self, event: &Value, expected: &Expected, row: &str) {
        println!("{row}");
        match expected {
            Ok(members) => assert_holds(&self.migrates(event).await, members, row),
            Err(reason) => drop(self.rejects(event, reason).await),
        }
    }

    /// This operation is answered so, until [`SourcePoolStub::recover`].
    pub(crate) fn always_fail(&self, operation: Operation, fault: Fault) {
        self.pool.fail(operation, fault, Times::Forever);
    }

    /// The one line of the log that tells how an invocation ended.
    pub(crate) async fn log_of(&self, outcome: &InvocationOutcome) -> Value {
        let id = Value::String(outcome.request_id.clone());
        let tells = |line: &Value| {
            let members = line.as_object().expect("only objects are lines");
            members.contains_key("outcome") && members.values().any(|value| *value == id)
        };
        let (mut lines, output) = self.lines(1, tells).await;
        let one = "one line per invocation tells its outcome";
        assert_eq!(lines.len(), 1, "{one}:\n{output}");
        lines.remove(0)
    }

    /// The lines of the log that `tells` picks, once there are so many of them or no more come, and the whole output.
    pub(crate) async fn lines(
        &self,
        number: usize,
        tells: impl Fn(&Value) -> bool,
    ) -> (Vec<Value>, String) {
        let picked = |output: &ProcessOutput| {
            let mut lines = output.lines();
            lines.retain(&tells);
            lines
        };
        let found = |output: &ProcessOutput| picked(output).len() >= number;
        let output = self.function.output_with(found).await;
        (picked(&output), output.all())
    }

    /// The line of the log of this invocation holds these members. Returns it.
    pub(crate) async fn logs(&self, outcome: &InvocationOutcome, members: &Value) -> Value {
        let line = self.log_of(outcome).await;
        assert_holds(&line, members, "the line of the log");
        line
    }

    /// Signs [`ana`] in with the right password, which must work.
    pub(crate) async fn ana_signs_in(&self) -> InvocationOutcome {
        let event = sign_in_event(ANA, PASSWORD);
        let outcome = self.invoke(&event).await;
        let response = migrated(&outcome, &event);
        assert_eq!(response["userAttributes"], attributes_of_ana());
        assert_eq!(response["finalUserStatus"], "CONFIRMED");
        outcome
    }
}

/// Each of the members is in the object with its value; `null` where it may be left out.
#[track_caller]
pub(crate) fn assert_holds(object: &Value, members: &Value, row: &str) {
    for (name, value) in members.as_object().expect("members") {
        assert_eq!(object[name], *value, "{row}: {name} of {object}");
    }
}

/// The `response` of a migration; everything else must be as in the event.
#[track_caller]
pub(crate) fn migrated(outcome: &InvocationOutcome, event: &Value) -> Value {
    let mut answer = outcome.response();
    let response = answer["response"].clone();
    let is_migration = response["userAttributes"].is_object();
    assert!(is_migration, "a migration was expected, not {answer}");
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
    let text = outcome.answer.text();
    assert_eq!(text, event.to_string(), "the event comes back unchanged");
    assert!(matches!(outcome.answer, InvocationAnswer::Response(_)));
}

/// The answer must be a Lambda error of this type with this message, and with nothing else in it.
#[track_caller]
pub(crate) fn error(outcome: &InvocationOutcome, expected_type: &str, expected_message: &str) {
    let InvocationAnswer::Error { body, .. } = &outcome.answer else {
        panic!("{expected_type}, not {}", outcome.answer.text());
    };
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let expected = json!({"errorType": expected_type, "errorMessage": expected_message});
    assert_holds(&body, &expected, "the error");
    for (name, value) in body.as_object().expect("an object") {
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        let is_known = expected.get(name).is_some();
        assert!(is_known || is_empty, "{name} says too much: {body}");
    }
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
