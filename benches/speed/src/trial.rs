//! The runs that measure a function.

use std::time::Duration;

use serde_json::Value;
use testbed::{
    function::{Function, Setup},
    measured,
    runtime::{Host, InvocationOutcome, InvocationRequest},
    source_pool::{SourcePoolStub, State, StubRole, User},
};

use crate::{
    figures::{Figure, Figures, Place},
    tls::{ServerIdentity, front},
};

const DISTANCE: Duration = Duration::from_millis(50);
const ROLE: &str = "arn:aws:iam::444455556666:role/source-reader";
const EVENT: &str = include_str!("../../../events/sign-in.json");
/// The user of the event.
const USERNAME: &str = "ada@example.com";
const PASSWORD: &str = "Made-up-Passw0rd!";

/// A source pool and its STS, at a distance and behind TLS.
pub(crate) struct DistantSource {
    place: Place,
    pool: SourcePoolStub,
    cognito: String,
    sts: String,
}

impl DistantSource {
    pub(crate) async fn start(identity: &ServerIdentity, place: Place) -> Self {
        let user = User::new(USERNAME, PASSWORD)
            .with("email", USERNAME)
            .with("email_verified", "true")
            .with("phone_number", "+491555010203")
            .with("phone_number_verified", "true")
            .with("given_name", "Ada")
            .with("family_name", "Example");
        let state = State::default().with_user(user);
        let (state, round_trip) = match place {
            Place::Near => (state, Duration::ZERO),
            Place::Far => (state, DISTANCE),
            Place::OtherAccount => (state.with_role(StubRole::new(ROLE)), DISTANCE),
        };
        let pool = SourcePoolStub::start(state).await;
        let pool = pool.expect("a loopback port");
        let behind = pool.server().address();
        Self {
            place,
            pool,
            // Two listeners, because Cognito and STS are two hosts: no connection serves both.
            cognito: front(identity, behind, round_trip).await,
            sts: front(identity, behind, round_trip).await,
        }
    }

    fn setup(&self, candidate: &Setup) -> Setup {
        let setup = candidate
            .clone()
            .using(&self.pool)
            .with("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", &self.cognito)
            .with("AWS_ENDPOINT_URL_STS", &self.sts);
        match self.place {
            Place::OtherAccount => setup.with("SRC_ROLE_ARN", ROLE),
            _ => setup,
        }
    }
}

/// Starts the function with a sign-in that waits for it, as Lambda does when traffic starts a process, and signs the user
/// in many more times.
pub(crate) async fn sign_ins(
    candidate: &Setup,
    source: &DistantSource,
    count: u32,
    figures: &mut Figures,
) {
    let mut add = |figure, time: Duration| {
        let milliseconds = time.as_secs_f64() * 1000.0;
        figures.add(figure, source.place, milliseconds);
    };
    let host = Host::start().await.expect("a loopback port");
    let sign_in = async || host.invoke(InvocationRequest::new(EVENT)).await;
    let setup = source.setup(candidate);
    let (first, function) = tokio::join!(sign_in(), setup.start(&host));
    let function = function.unwrap_or_else(|refused| panic!("{refused}"));
    let cpu_of_first = measured::cpu_time(function.pid());
    check(&first, &function);
    add(Figure::Ready, function.ready_after);
    add(Figure::StartToAnswer, function.ready_after + first.duration);
    add(Figure::CpuOfFirst, cpu_of_first);
    host.idle(1).await;
    let cpu_before = measured::cpu_time(function.pid());
    for _ in 0..count {
        let outcome = sign_in().await;
        check(&outcome, &function);
        add(Figure::Warm, outcome.duration);
    }
    host.idle(1).await;
    let cpu = measured::cpu_time(function.pid()) - cpu_before;
    add(Figure::CpuOfWarm, cpu / count);
    let (_, most_kilobytes) = measured::memory(function.pid());
    let megabytes = most_kilobytes as f64 / 1024.0;
    figures.add(Figure::Memory, source.place, megabytes);
    function.end().await;
}

/// Only what works is measured: the user must have been migrated, whole.
fn check(outcome: &InvocationOutcome, function: &Function) {
    let answer: Value = serde_json::from_str(&outcome.answer.text()).unwrap_or_default();
    let response = &answer["response"];
    let attributes = response["userAttributes"].as_object();
    assert!(
        attributes.is_some_and(|attributes| attributes.len() == 6)
            && response["finalUserStatus"] == "CONFIRMED",
        "not a migration: {}\n{}",
        outcome.answer.text(),
        function.output().all()
    );
}
