//! A function with its source pool and its Lambda service, and what answers must look like.

use std::{env, path::PathBuf};

use serde_json::{Value, json};
use testbed::{
    function::{Function, ProcessOutput, Setup},
    runtime::{Host, InvocationAnswer, InvocationOutcome, InvocationRequest},
    source_pool::{
        CLIENT_ID, Client, Fault, Operation, SourcePoolStub, State, Target, Times, User,
    },
};
use tokio::time::{Duration, sleep, timeout};

/// The name of [`ana`].
pub(crate) const ANA: &str = "ana.kowalczyk";
/// Her address.
pub(crate) const ADDRESS: &str = "ana.kowalczyk@example.com";
/// The password of every user who has one.
pub(crate) const PASSWORD: &str = "Right-Horse-Battery-7";
/// A password that no user has.
pub(crate) const WRONG: &str = "Wrong-Horse-Battery-8";
/// The secret of the client of [`confidential`].
pub(crate) const SECRET: &str = "k8s3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
/// Where it is stored: in another Region than the source pool.
pub(crate) const SECRET_ARN: &str =
    "arn:aws:secretsmanager:eu-central-1:111122223333:secret:source/client-AbCdEf";
/// A role in the account of the source pool.
pub(crate) const ROLE: &str = "arn:aws:iam::444455556666:role/path/source-reader";
/// The setting that signs in without credentials.
pub(crate) const PUBLIC: (&str, &str) = ("SRC_AUTH_FLOW", FLOWS[1].0);
/// The setting that looks addresses up.
pub(crate) const BY_EMAIL: (&str, &str) = ("SRC_LOOKUP", "email");
/// The setting of the post-migration mark.
pub(crate) const MARKED: (&str, &str) = ("MIGRATION_MARK", "custom:migration");
/// The setting that disables source users after the migration.
pub(crate) const DISABLE: (&str, &str) = ("SOURCE_USER", "disable");
/// The destination pool, at the same endpoint as the source pool.
pub(crate) const NEW_POOL: &str = "eu-west-1_NewPool01";
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

/// A change to a source pool.
pub(crate) type Change = fn(&mut State);

/// Where an event must lead: to a migration with these members in its `response`, or to a rejection for this reason.
pub(crate) type Expected = Result<Value, &'static str>;

/// The build of the function that is tested.
pub(crate) fn binary() -> PathBuf {
    let built = env!("CARGO_BIN_EXE_cognito-user-migration");
    env::var_os("FUNCTION_BINARY").map_or(built.into(), PathBuf::from)
}

/// A confirmed user with a verified e-mail address and a verified phone number.
pub(crate) fn ana() -> User {
    User::new(ANA, PASSWORD)
        .with("email", ADDRESS)
        .with("email_verified", "true")
        .with("name", "Ana Kowalczyk")
        .with("phone_number", "+491555010203")
        .with("phone_number_verified", "true")
}

/// The attributes of [`ana`] as they are copied without any mapping.
pub(crate) fn attributes_of_ana() -> Value {
    json!({
        "email": ADDRESS, "email_verified": "true", "name": "Ana Kowalczyk",
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

/// A pool with this user alone, where e-mail addresses and phone numbers are sign-in names.
pub(crate) fn aliased(user: User) -> State {
    State {
        sign_in_with: vec!["email".into(), "phone_number".into()],
        ..pool_of(user)
    }
}

/// As [`anas_pool`], but the app client has a secret, which is stored as it is.
pub(crate) fn confidential() -> State {
    let mut state = anas_pool();
    state.clients = vec![Client::new(CLIENT_ID).with_secret(SECRET)];
    state.store(SECRET_ARN, SECRET);
    state
}

/// A destination pool of these users.
pub(crate) fn new_pool(users: Vec<User>) -> State {
    State {
        pool_id: NEW_POOL.into(),
        users,
        ..State::default()
    }
}

/// A source pool of these users that runs.
pub(crate) async fn running(state: State) -> SourcePoolStub {
    SourcePoolStub::start(state).await.expect("a loopback port")
}

/// A sign-in as Cognito sends it.
pub(crate) fn sign_in_event(username: &str, password: &str) -> Value {
    let request = json!({"password": password, "validationData": null, "userAttributes": null});
    event("UserMigration_Authentication", username, request)
}

/// A password reset as Cognito sends it.
pub(crate) fn forgot_password_event(username: &str) -> Value {
    let request = json!({"validationData": null, "userAttributes": null, "clientMetadata": null});
    event("UserMigration_ForgotPassword", username, request)
}

/// A sign-up as Cognito sends it.
pub(crate) fn sign_up_event(trigger: &str, username: &str, attributes: Value) -> Value {
    let request = json!({"userAttributes": attributes, "validationData": null});
    let mut event = event(trigger, username, request);
    event["response"] =
        json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false});
    event
}

/// A sign-in to the destination pool that has worked, as Cognito reports it.
pub(crate) fn signed_in_event(username: &str, attributes: Value) -> Value {
    let request = json!({"userAttributes": attributes, "newDeviceUsed": false});
    let mut event = event("PostAuthentication_Authentication", username, request);
    event["response"] = json!({});
    event
}

fn event(trigger: &str, username: &str, request: Value) -> Value {
    json!({
        "version": "1", "triggerSource": trigger, "region": "eu-west-1", "userPoolId": NEW_POOL,
        "userName": username, "request": request,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "7newclient"},
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
    /// A function with these settings beside those that have no default, warmed up, against this pool.
    pub(crate) async fn with(state: State, variables: Variables<'_>) -> Self {
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
    pub(crate) async fn on(pool: SourcePoolStub, variables: Variables<'_>) -> Self {
        let host = Host::start().await.expect("a loopback port");
        let setup = Setup::new(binary()).using(&pool);
        let all = variables.iter();
        let setup = all.fold(setup, |setup, (name, value)| setup.with(name, value));
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

    /// Calls are answered so, until [`SourcePoolStub::recover`].
    pub(crate) fn always_fail(&self, target: impl Into<Target>, fault: Fault) {
        self.pool.fail(target, fault, Times::Forever);
    }

    /// Waits until the pool has been asked for this so often.
    pub(crate) async fn is_asked(&self, operation: Operation, times: usize) {
        let asking = async {
            while self.pool.count(operation) < times {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let asked = timeout(Duration::from_secs(20), asking).await;
        assert!(asked.is_ok(), "{operation}: not asked {times} times");
    }

    /// The one line of the log that tells how an invocation ended.
    pub(crate) async fn log_of(&self, outcome: &InvocationOutcome) -> Value {
        let id = Value::String(outcome.request_id.clone());
        let tells = |line: &Value| {
            let members = line.as_object().expect("only objects are lines");
            members.contains_key("outcome") && members.values().any(|value| *value == id)
        };
        self.lines(1, tells).await.remove(0)
    }

    /// The lines of the log that `tells` picks: so many, once they have come.
    pub(crate) async fn lines(&self, number: usize, tells: impl Fn(&Value) -> bool) -> Vec<Value> {
        let picked = |output: &ProcessOutput| {
            let mut lines = output.lines();
            lines.retain(&tells);
            lines
        };
        let found = |output: &ProcessOutput| picked(output).len() >= number;
        let output = self.function.output_with(found).await;
        let lines = picked(&output);
        assert_eq!(lines.len(), number, "lines of the log:\n{}", output.all());
        lines
    }

    /// The line of the log of this invocation holds these members. Returns it.
    pub(crate) async fn logs(&self, outcome: &InvocationOutcome, members: &Value) -> Value {
        let line = self.log_of(outcome).await;
        assert_holds(&line, members, "the line of the log");
        line
    }

    /// Ends the function. It has logged, and shown nothing of these texts nor of what the pool calls confidential.
    pub(crate) async fn ends_silently(self, texts: &[&str]) {
        let confidential = self.pool.confidential();
        let output = self.function.end().await.output.all();
        assert!(output.contains("outcome"), "something was logged: {output}");
        assert_hidden(texts, &output);
        assert_hidden(&confidential, &output);
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

/// None of these texts stands in what was printed: as it is, or as JSON or Rust writes it.
#[track_caller]
pub(crate) fn assert_hidden<T: AsRef<str>>(texts: &[T], printed: &str) {
    for text in texts.iter().map(T::as_ref) {
        let [json, rust] = [json!(text).to_string(), format!("{text:?}")];
        for form in [text, json.trim_matches('"'), rust.trim_matches('"')] {
            assert!(!printed.contains(form), "{text:?} is shown:\n{printed}");
        }
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
    assert_eq!(body, expected);
}
