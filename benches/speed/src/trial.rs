//! The runs that measure a function.

use std::time::Duration;

use serde_json::Value;
use testbed::{
    function::{Function, Setup},
    measured,
    runtime::{Host, InvocationOutcome, InvocationRequest},
    source_pool::{Operation, SourcePoolStub, State, StubRole, User},
};

use crate::{
    figures::{Figure, Figures, PoolAccount},
    tls::{ServerIdentity, front},
};

/// Longer than any warm-up takes.
const PAUSE_AFTER_START: Duration = Duration::from_secs(1);
const ROLE: &str = "arn:aws:iam::444455556666:role/source-reader";
const EVENT: &str = include_str!("../../../events/sign-in.json");
/// The user of the event.
const USERNAME: &str = "ada@example.com";
const PASSWORD: &str = "Made-up-Passw0rd!";

/// A source pool and its STS, at a distance and behind TLS.
pub(crate) struct DistantSource {
    account: PoolAccount,
    round_trip: Duration,
    pool: SourcePoolStub,
    cognito: String,
    sts: String,
}

impl DistantSource {
    pub(crate) async fn start(
        identity: &ServerIdentity,
        account: PoolAccount,
        round_trip: Duration,
    ) -> std::io::Result<Self> {
        let user = User::new(USERNAME, PASSWORD)
            .with("email", USERNAME)
            .with("email_verified", "true")
            .with("phone_number", "+491555010203")
            .with("phone_number_verified", "true")
            .with("given_name", "Ada")
            .with("family_name", "Example");
        let mut state = State::default().with_user(user);
        if account == PoolAccount::Other {
            state = state.with_role(StubRole::new(ROLE));
        }
        let pool = SourcePoolStub::start(state).await?;
        let behind = pool.server().address();
        Ok(Self {
            account,
            round_trip,
            pool,
            // Two listeners, because Cognito and STS are two hosts: no connection serves both.
            cognito: front(identity, behind, round_trip).await?,
            sts: front(identity, behind, round_trip).await?,
        })
    }

    /// Starts the function on this source pool.
    async fn starting(&self, candidate: &Setup, host: &Host) -> Function {
        let mut setup = candidate
            .clone()
            .using(&self.pool)
            .with("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", &self.cognito)
            .with("AWS_ENDPOINT_URL_STS", &self.sts);
        if self.account == PoolAccount::Other {
            setup = setup.with("SRC_ROLE_ARN", ROLE);
        }
        let started = setup.start(host).await;
        started.unwrap_or_else(|refused| panic!("{refused}"))
    }
}

/// Starts the function with a sign-in that waits for it, as Lambda does when traffic starts a process.
pub(crate) async fn first_sign_in_at_once(
    candidate: &Setup,
    source: &DistantSource,
    figures: &mut Figures,
) {
    let host = Host::start().await.expect("a loopback port");
    let sign_in = InvocationRequest::new(EVENT);
    let (outcome, function) = tokio::join!(host.invoke(sign_in), source.starting(candidate, &host));
    let cpu = measured::cpu_time(function.pid());
    check(&outcome, &function);
    let answered = function.ready_after + outcome.duration;
    figures.add(Figure::Ready, milliseconds(function.ready_after));
    figures.add(
        Figure::StartToAnswer(source.account),
        milliseconds(answered),
    );
    if source.account == PoolAccount::Same {
        figures.add(Figure::CpuOfFirst, milliseconds(cpu));
    }
    function.end().await;
}

/// Starts the function, waits a moment, signs a user in, and then many more times.
pub(crate) async fn sign_ins(
    candidate: &Setup,
    source: &DistantSource,
    count: u32,
    figures: &mut Figures,
) {
    let host = Host::start().await.expect("a loopback port");
    let function = source.starting(candidate, &host).await;
    tokio::time::sleep(PAUSE_AFTER_START).await;
    check(&host.invoke(InvocationRequest::new(EVENT)).await, &function);

    let is_near = source.round_trip.is_zero();
    source.pool.forget();
    let cpu_before = measured::cpu_time(function.pid());
    for _ in 0..count {
        let outcome = host.invoke(InvocationRequest::new(EVENT)).await;
        check(&outcome, &function);
        let figure = match is_near {
            true => Figure::WarmNear,
            false => Figure::Warm(source.account),
        };
        figures.add(figure, milliseconds(outcome.duration));
    }
    host.idle(1).await;
    let cpu = measured::cpu_time(function.pid()) - cpu_before;
    let calls_of_sts = source.pool.count(Operation::AssumeRole);
    let calls = source.pool.received().len() - calls_of_sts;
    let per_sign_in = |calls: usize| calls as f64 / f64::from(count);
    if source.account == PoolAccount::Other {
        figures.add(Figure::StsCalls, per_sign_in(calls_of_sts));
    } else {
        figures.add(Figure::SourceCalls, per_sign_in(calls));
        let (_, most_kilobytes) = measured::memory(function.pid());
        figures.add(Figure::Memory, most_kilobytes as f64 / 1024.0);
    }
    if is_near {
        figures.add(Figure::CpuOfWarm, milliseconds(cpu / count));
    }
    function.end().await;
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
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
