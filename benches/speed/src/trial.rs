//! The runs that measure a function.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{
    function::{Function, Setup},
    measured,
    runtime::{Host, InvocationOutcome},
    source_pool::{Operation, SourcePoolStub, State, StubRole, User},
};

use crate::{
    figures::{Figure, Figures, PoolAccount},
    share::Share,
    tls::{Authority, Front},
};

/// Longer than any warm-up takes.
const PAUSE_AFTER_START: Duration = Duration::from_secs(1);
const ROLE: &str = "arn:aws:iam::444455556666:role/source-reader";
const USERNAME: &str = "ada@example.com";
const PASSWORD: &str = "Made-up-Passw0rd!";

/// A source pool and its STS, at a distance and behind TLS.
pub(crate) struct DistantSource {
    account: PoolAccount,
    round_trip: Duration,
    pool: SourcePoolStub,
    cognito: Front,
    sts: Front,
}

impl DistantSource {
    pub(crate) async fn start(
        authority: &Authority,
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
            cognito: Front::start(authority, behind, round_trip).await?,
            sts: Front::start(authority, behind, round_trip).await?,
        })
    }

    fn setup(&self, candidate: &Setup) -> Setup {
        let setup = candidate
            .clone()
            .using(&self.pool)
            .with(
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
                self.cognito.url(),
            )
            .with("AWS_ENDPOINT_URL_STS", self.sts.url());
        match self.account {
            PoolAccount::Same => setup,
            PoolAccount::Other => setup.with("SRC_ROLE_ARN", ROLE),
        }
    }
}

/// Starts the function with a sign-in that waits for it, as Lambda does when traffic starts a process.
pub(crate) async fn first_sign_in_at_once(
    candidate: &Setup,
    source: &DistantSource,
    figures: &mut Figures,
) {
    let host = Host::start().await.expect("a loopback port");
    let setup = source.setup(candidate);
    let event = event();
    let (outcome, function) = tokio::join!(host.invoke(&event), start(&setup, &host));
    let cpu = measured::cpu_time(function.pid());
    check(&outcome, &function);
    figures.add(Figure::Ready, function.ready_after);
    figures.add(
        Figure::StartToAnswer(source.account),
        function.ready_after + outcome.duration,
    );
    figures.add(Figure::CpuOfFirst(source.account), cpu);
    function.end().await;
}

/// Starts the limit with an event that waits for it, which it answers with itself.
pub(crate) async fn first_answer_at_once(limit: &Setup, figures: &mut Figures) {
    let host = Host::start().await.expect("a loopback port");
    let event = event();
    let (outcome, function) = tokio::join!(host.invoke(&event), start(limit, &host));
    let cpu = measured::cpu_time(function.pid());
    assert_eq!(outcome.response(), event);
    figures.add(Figure::Ready, function.ready_after);
    figures.add(Figure::CpuOfFirst(PoolAccount::Same), cpu);
    let (_, most_kilobytes) = measured::memory(function.pid());
    let most = most_kilobytes as f64 / 1024.0;
    figures.add_number(Figure::Memory(PoolAccount::Same), most);
    function.end().await;
}

/// Within a share of a core: starts the function with a sign-in that waits for it; many more follow.
pub(crate) async fn sign_ins_within(
    share: &Share,
    memory_mb: u64,
    candidate: &Setup,
    source: &DistantSource,
    count: u32,
    figures: &mut Figures,
) {
    let host = Host::start().await.expect("a loopback port");
    let setup = share.confine(source.setup(candidate));
    let event = event();
    let (first, function) = tokio::join!(host.invoke(&event), start(&setup, &host));
    check(&first, &function);
    figures.add(
        Figure::StartWithin(memory_mb),
        function.ready_after + first.duration,
    );
    for _ in 0..count {
        let outcome = host.invoke(&event).await;
        check(&outcome, &function);
        figures.add(Figure::WarmWithin(memory_mb), outcome.duration);
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
    let (account, round_trip) = (source.account, source.round_trip);
    let host = Host::start().await.expect("a loopback port");
    let function = start(&source.setup(candidate), &host).await;
    figures.add(Figure::Ready, function.ready_after);
    tokio::time::sleep(PAUSE_AFTER_START).await;
    let first = host.invoke(&event()).await;
    check(&first, &function);
    figures.add(Figure::First(account, round_trip), first.duration);

    source.pool.forget();
    let cpu_before = measured::cpu_time(function.pid());
    for _ in 0..count {
        let outcome = host.invoke(&event()).await;
        check(&outcome, &function);
        figures.add(Figure::Warm(account, round_trip), outcome.duration);
    }
    host.idle(1).await;
    let cpu = measured::cpu_time(function.pid()).saturating_sub(cpu_before);
    figures.add(Figure::CpuOfWarm(account, round_trip), cpu / count);
    let calls_of_sts = source.pool.count(Operation::AssumeRole);
    let calls = source.pool.received().len();
    let per_sign_in = |calls: usize| calls as f64 / f64::from(count);
    figures.add_number(
        Figure::SourceCalls(account),
        per_sign_in(calls - calls_of_sts),
    );
    figures.add_number(Figure::StsCalls(account), per_sign_in(calls_of_sts));
    let (_, most_kilobytes) = measured::memory(function.pid());
    figures.add_number(Figure::Memory(account), most_kilobytes as f64 / 1024.0);
    function.end().await;
}

async fn start(setup: &Setup, host: &Host) -> Function {
    setup
        .start(host)
        .await
        .unwrap_or_else(|refused| panic!("{refused}"))
}

fn event() -> Value {
    json!({
        "version": "1",
        "triggerSource": "UserMigration_Authentication",
        "region": "eu-west-1",
        "userPoolId": "eu-west-1_NewPool01",
        "userName": USERNAME,
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": "4madeup7client8of9the0new1",
        },
        "request": {"password": PASSWORD, "validationData": null, "userAttributes": null},
        "response": {
            "userAttributes": null, "forceAliasCreation": null, "enableSMSMFA": null,
            "finalUserStatus": null, "messageAction": null, "desiredDeliveryMediums": null,
        },
    })
}

/// Only what works is measured: the user must have been migrated, whole.
fn check(outcome: &InvocationOutcome, function: &Function) {
    let response = serde_json::from_str::<Value>(&outcome.answer.text())
        .map(|answer| answer["response"].clone())
        .unwrap_or_default();
    let attributes = response["userAttributes"].as_object();
    assert!(
        attributes.is_some_and(|attributes| attributes.len() == 6)
            && response["finalUserStatus"] == "CONFIRMED",
        "not a migration: {}\n{}",
        outcome.answer.text(),
        function.output().all()
    );
}
