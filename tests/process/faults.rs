//! Each fault of the source × each operation × each flow × once, twice, for ever, under one rule: there is exactly one
//! answer; it is a migration only if the password was proven and the whole profile was read; a single fault is absorbed;
//! a lasting one is `SourceUnavailable`; the next invocation after it succeeds. When answers come is measured elsewhere,
//! in `tests/timing`: here many functions run at once.

use std::{
    collections::BTreeMap,
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testbed::{
    runtime::InvocationAnswer,
    source_pool::{
        Fault,
        Operation::{self, *},
        State, StubRole, Times,
    },
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::support::*;

/// The greatest that there is: a busy machine needs it for the tries that work.
const BUDGET_MS: (&str, &str) = ("TIME_BUDGET_MS", "4900");
/// How many functions run at once: nearly all of them wait.
const AT_ONCE: usize = 16;

/// What is expected of a fault.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// It is no fault in the end: the answer is slow, or the connection is gone afterwards.
    Harmless,
    /// Another try may succeed.
    Passing,
    /// No try will help: a setting is wrong.
    Lasting,
    /// The credentials have expired: fresh ones may help, and lasting, either class will do.
    Expired,
}

const FAULTS: [(Fault, Kind); 19] = [
    // Those that take long come first, so that the others run meanwhile.
    (Fault::NeverAnswers, Kind::Passing),
    (Fault::Trickle(Duration::from_secs(120)), Kind::Passing),
    (Fault::Throttled, Kind::Passing),
    (Fault::InternalError, Kind::Passing),
    (Fault::UnavailableHtml, Kind::Passing),
    (Fault::Malformed, Kind::Passing),
    (Fault::Truncated, Kind::Passing),
    (Fault::WrongTypes, Kind::Passing),
    (Fault::Empty, Kind::Passing),
    (Fault::EmptyObject, Kind::Passing),
    (Fault::NotHttp, Kind::Passing),
    (Fault::ResetBeforeRead, Kind::Passing),
    (Fault::ResetAfterRead, Kind::Passing),
    (Fault::ClosedAfterRead, Kind::Passing),
    (Fault::Trickle(Duration::from_millis(300)), Kind::Harmless),
    (Fault::Slow(Duration::from_millis(300)), Kind::Harmless),
    (Fault::CloseAfterAnswer, Kind::Harmless),
    (Fault::ExpiredCredentials, Kind::Expired),
    (Fault::AccessDenied, Kind::Lasting),
];

const AS_ROLE: (&str, &str) = ("SRC_ROLE_ARN", ROLE);
const STORED: (&str, &str) = ("SRC_CLIENT_SECRET_ARN", SECRET_ARN);
const FROM_TOKEN: (&str, &str) = ("SRC_PROFILE", "id_token");
/// Of a user with a second factor.
const DROP_MFA: (&str, &str) = ("ON_MFA", "drop");

/// A way through the source: its settings, and which operations fail.
#[derive(Clone, Copy, Debug)]
struct Way(Variables<'static>, &'static [Operation]);

const WAYS: [Way; 14] = [
    Way(&[], &[AdminInitiateAuth]),
    Way(&[], &[AdminGetUser]),
    Way(&[], &[AdminInitiateAuth, AdminGetUser]),
    Way(&[AS_ROLE], &[AssumeRole]),
    Way(&[AS_ROLE], &[AdminInitiateAuth]),
    Way(&[AS_ROLE], &[AdminGetUser]),
    Way(&[STORED], &[GetSecretValue]),
    Way(&[PUBLIC], &[InitiateAuth]),
    Way(&[PUBLIC], &[GetUser]),
    Way(&[PUBLIC, FROM_TOKEN], &[InitiateAuth]),
    Way(&[PUBLIC, DROP_MFA], &[InitiateAuth]),
    Way(&[PUBLIC, DROP_MFA], &[AdminGetUser]),
    // Resets.
    Way(RESET, &[GetUserPoolMfaConfig]),
    Way(RESET, &[AdminGetUser]),
];
const RESET: Variables<'static> = &[("ON_FORGOT_PASSWORD", "migrate")];

impl Way {
    /// What is asked once, at the start. So its faults need a start of their own each.
    fn is_at_start(self) -> bool {
        matches!(self.1, [AssumeRole | GetSecretValue | GetUserPoolMfaConfig])
    }

    fn state(self) -> State {
        let mut state = match self.0.contains(&STORED) {
            true => confidential(),
            false => anas_pool(),
        };
        if self.0.contains(&DROP_MFA) {
            state.users = vec![ana().with_challenge("SOFTWARE_TOKEN_MFA")];
        }
        state.roles.push(StubRole::new(ROLE));
        state
    }

    /// A function that meets this fault in its next invocation; `used` is one that has met it before.
    async fn faced_with(self, fault: &Fault, times: Times, used: Option<Bed>) -> Bed {
        let variables = [self.0, &[BUDGET_MS]].concat();
        if self.is_at_start() {
            let pool = running(self.state()).await;
            pool.fail(self.1[0], fault.clone(), times);
            return Bed::on(pool, &variables).await;
        }
        let bed = match used {
            Some(bed) => bed,
            None => Bed::with(self.state(), &variables).await,
        };
        // A call that was given up may still be on its way.
        bed.settle().await;
        bed.pool.forget();
        for operation in self.1 {
            bed.pool.fail(*operation, fault.clone(), times);
        }
        bed
    }

    /// An event that must migrate a user, unless there is a fault, and one that must not.
    fn events(self) -> [Value; 2] {
        match self.0 == RESET {
            true => [ANA, "unknown.user"].map(forgot_password_event),
            false => [PASSWORD, WRONG].map(|password| sign_in_event(ANA, password)),
        }
    }
}

/// What comes of an invocation, which must be one of the answers that there can be, and how long it took.
async fn outcome_of(bed: &Bed, event: &Value, name: &str) -> (String, Duration) {
    let outcome = bed.invoke(event).await;
    let is_sign_in = !event["request"]["password"].is_null();
    let (what, is_proper) = match &outcome.answer {
        InvocationAnswer::Nothing => ("nothing", false),
        InvocationAnswer::Error {
            error_type,
            error_message,
            ..
        } => (error_type.as_str(), error_message == UNAVAILABLE),
        InvocationAnswer::Response(_) if is_migration(&outcome) => {
            let response = &outcome.response()["response"];
            let is_whole = response["userAttributes"] == attributes_of_ana();
            let status = json!(is_sign_in.then_some("CONFIRMED"));
            (
                "migrated",
                is_whole && response["finalUserStatus"] == status,
            )
        }
        InvocationAnswer::Response(_) => ("rejected", outcome.response() == *event),
    };
    assert!(is_proper, "{name}: {what}: {}", outcome.answer.text());
    (what.to_owned(), outcome.duration)
}

/// The answers to one fault on one way.
async fn runs((fault, kind): (Fault, Kind), way: Way) -> Vec<(String, Duration)> {
    let mut found = vec![];
    let mut used = None;
    for times in [Times::ONCE, Times::TWICE, Times::Forever] {
        let bed = way.faced_with(&fault, times, used).await;
        let name = format!("{fault:?} / {way:?} / {times:?}");
        let [event, unproven] = way.events();
        let answer = outcome_of(&bed, &event, &name).await;
        let expected: &[&str] = match (kind, times) {
            (Kind::Harmless, _) | (Kind::Passing | Kind::Expired, Times::ONCE) => &["migrated"],
            (Kind::Passing, Times::TWICE) => &["migrated", "SourceUnavailable"],
            (Kind::Passing, _) => &["SourceUnavailable"],
            // The warm-up may have met the fault already.
            (Kind::Lasting, Times::ONCE | Times::TWICE) if way.is_at_start() => {
                &["migrated", "Misconfigured"]
            }
            (Kind::Lasting, _) => &["Misconfigured"],
            (Kind::Expired, Times::TWICE) => &["migrated", "SourceUnavailable", "Misconfigured"],
            (Kind::Expired, _) => &["SourceUnavailable", "Misconfigured"],
        };
        let what = answer.0.as_str();
        assert!(expected.contains(&what), "{name}: {what}, not {expected:?}");
        let tries = bed.pool.count(way.1[0]);
        assert!(tries <= 3 || way.is_at_start(), "{name}: {tries} tries");
        found.push(answer);
        // Afterwards: while it fails, a wrong password proves nothing either; once it is over, the right one works.
        let (what, _) = outcome_of(&bed, &unproven, &name).await;
        assert_ne!(what, "migrated", "{name}: without proof");
        bed.pool.recover();
        let (what, _) = outcome_of(&bed, &event, &name).await;
        assert_eq!(what, "migrated", "{name}: afterwards");
        assert_eq!(bed.host.violations(), Vec::<String>::new(), "{name}");
        used = Some(bed);
    }
    found
}

#[tokio::test]
async fn every_fault_is_absorbed_once_and_answered_for_ever() {
    let started = Instant::now();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for fault in FAULTS {
        for way in WAYS {
            let is_unsigned = matches!(way.1, [InitiateAuth | GetUser]);
            if fault.1 == Kind::Expired && is_unsigned {
                continue;
            }
            let (fault, places) = (fault.clone(), Arc::clone(&places));
            running.spawn(async move {
                let _place = places.acquire().await.expect("never closed");
                runs(fault, way).await
            });
        }
    }
    let found = running.join_all().await.concat();
    let mut counts = BTreeMap::new();
    for (outcome, _) in &found {
        *counts.entry(outcome).or_insert(0) += 1;
    }
    let figures = format!(
        "\nFault matrix, budget {} ms: {} runs in {:.1} s: {counts:?}; the slowest answer took {:.1?}\n",
        BUDGET_MS.1,
        found.len(),
        started.elapsed().as_secs_f64(),
        found.iter().map(|it| it.1).max().unwrap_or_default(),
    );
    // Past the test harness, which would keep it to itself.
    let _ = std::io::stdout().write_all(figures.as_bytes());
}
