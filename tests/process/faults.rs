//! Each fault of the source × each operation × each flow × once, twice, for ever, under one rule: there is exactly one
//! answer; it is a migration only if the password was proven and the whole profile was read; a single fault is absorbed;
//! a lasting one is `SourceUnavailable`; the next invocation after it succeeds. When answers come is measured elsewhere,
//! in `tests/timing.rs`: here many functions run at once.

use std::{
    collections::BTreeMap,
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testbed::{
    runtime::{InvocationAnswer, InvocationOutcome},
    source_pool::{CLIENT_ID, Client, Fault, Operation, State, StubRole, Times},
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::support::*;

/// The greatest that there is: a busy machine needs it for the tries that work.
const BUDGET_MS: (&str, &str) = ("TIME_BUDGET_MS", "4900");
/// How many functions run at once: nearly all of them wait.
const AT_ONCE: usize = 16;

const SECRET: &str = "made-up-secret-of-the-client";
const SECRET_ARN: &str =
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:source-client-AbCdEf";
const ROLE: &str = "arn:aws:iam::444455556666:role/source-reader";

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

/// A way through the source.
#[derive(Clone, Copy)]
struct Flow {
    name: &'static str,
    /// What fails in it: one of its calls, or in the first flow each.
    targets: &'static [Target],
    variables: &'static [(&'static str, &'static str)],
    /// What is different from a pool of [`ana`].
    change: fn(&mut State),
    is_reset: bool,
}

/// The operations of a run that fail.
type Target = &'static [Operation];

const PUBLIC: (&str, &str) = ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH");

const ADMIN: Flow = Flow {
    name: "admin",
    targets: &[
        &[Operation::AdminInitiateAuth],
        &[Operation::AdminGetUser],
        &[Operation::AdminInitiateAuth, Operation::AdminGetUser],
    ],
    variables: &[BUDGET_MS],
    change: |_| {},
    is_reset: false,
};

const WAYS: [Flow; 7] = [
    ADMIN,
    Flow {
        name: "admin, role",
        targets: &[
            &[Operation::AssumeRole],
            &[Operation::AdminInitiateAuth],
            &[Operation::AdminGetUser],
        ],
        variables: &[BUDGET_MS, ("SRC_ROLE_ARN", ROLE)],
        change: |state| state.roles.push(StubRole::new(ROLE)),
        ..ADMIN
    },
    Flow {
        name: "admin, secret",
        targets: &[&[Operation::GetSecretValue]],
        variables: &[BUDGET_MS, ("SRC_CLIENT_SECRET_ARN", SECRET_ARN)],
        change: |state| {
            state.clients = vec![Client::new(CLIENT_ID).with_secret(SECRET)];
            state.store(SECRET_ARN, SECRET);
        },
        ..ADMIN
    },
    Flow {
        name: "public",
        targets: &[&[Operation::InitiateAuth], &[Operation::GetUser]],
        variables: &[BUDGET_MS, PUBLIC],
        ..ADMIN
    },
    Flow {
        name: "ID token",
        targets: &[&[Operation::InitiateAuth]],
        variables: &[BUDGET_MS, PUBLIC, ("SRC_PROFILE", "id_token")],
        ..ADMIN
    },
    Flow {
        name: "public, MFA",
        targets: &[&[Operation::InitiateAuth], &[Operation::AdminGetUser]],
        variables: &[BUDGET_MS, PUBLIC, ("ON_MFA", "drop")],
        change: |state| state.users = vec![ana().with_challenge("SOFTWARE_TOKEN_MFA")],
        ..ADMIN
    },
    Flow {
        name: "reset",
        targets: &[
            &[Operation::GetUserPoolMfaConfig],
            &[Operation::AdminGetUser],
        ],
        is_reset: true,
        ..ADMIN
    },
];

impl Flow {
    fn state(self) -> State {
        let mut state = anas_pool();
        (self.change)(&mut state);
        state
    }

    fn event(self) -> Value {
        match self.is_reset {
            true => forgot_password_event(ANA),
            false => sign_in_event(ANA, PASSWORD),
        }
    }

    /// An event that must not migrate a user.
    fn unproven_event(self) -> Value {
        match self.is_reset {
            true => forgot_password_event("unknown.user"),
            false => sign_in_event(ANA, WRONG),
        }
    }

    /// What came of an invocation, and whether it is one of the answers that there can be.
    fn classify(self, outcome: &InvocationOutcome, event: &Value) -> (String, bool) {
        let status = if self.is_reset {
            Value::Null
        } else {
            json!("CONFIRMED")
        };
        let (what, is_proper) = match &outcome.answer {
            InvocationAnswer::Nothing => ("nothing", false),
            InvocationAnswer::Error {
                error_type,
                error_message,
                ..
            } => (error_type.as_str(), error_message == UNAVAILABLE),
            InvocationAnswer::Response(_) if is_migration(outcome) => {
                let response = &outcome.response()["response"];
                let is_whole = response["userAttributes"] == attributes_of_ana();
                (
                    "migrated",
                    is_whole && response["finalUserStatus"] == status,
                )
            }
            InvocationAnswer::Response(_) => ("rejected", outcome.response() == *event),
        };
        (what.to_owned(), is_proper)
    }
}

/// What is asked once, at the start. So its faults need a start of their own each.
fn is_at_start(target: Target) -> bool {
    use Operation::{AssumeRole, GetSecretValue, GetUserPoolMfaConfig};
    matches!(target, [AssumeRole | GetSecretValue | GetUserPoolMfaConfig])
}

const OFTEN: [(&str, Times); 3] = [
    ("once", Times::ONCE),
    ("twice", Times::TWICE),
    ("for ever", Times::Forever),
];

/// What came of the runs with one fault in one place.
#[derive(Default)]
struct Found {
    outcomes: Vec<String>,
    slowest: Duration,
    problems: Vec<String>,
}

/// A function that meets this fault in its next invocation; `used` is one that has met it before.
async fn faced_with(
    fault: &Fault,
    times: Times,
    flow: Flow,
    target: Target,
    used: Option<Bed>,
) -> Bed {
    if is_at_start(target) {
        let pool = running(flow.state()).await;
        pool.fail(target[0], fault.clone(), times);
        return Bed::on(pool, flow.variables).await;
    }
    let bed = match used {
        Some(bed) => bed,
        None => Bed::with(flow.state(), flow.variables).await,
    };
    // A call that was given up may still be on its way.
    bed.settle().await;
    bed.pool.forget();
    for operation in target {
        bed.pool.fail(*operation, fault.clone(), times);
    }
    bed
}

async fn runs((fault, kind): (Fault, Kind), flow: Flow, target: Target) -> Found {
    let mut found = Found::default();
    let problems = &mut found.problems;
    let mut used = None;
    for (often, times) in OFTEN {
        let bed = faced_with(&fault, times, flow, target, used).await;
        let mut problem = |text: String| {
            let name = format!("{fault:?} / {} / {target:?} / {often}", flow.name);
            problems.push(format!("{name}: {text}"));
        };
        let at_start = is_at_start(target);
        let event = flow.event();
        let outcome = bed.invoke(&event).await;
        let (what, is_proper) = flow.classify(&outcome, &event);
        let expected: &[&str] = match (kind, often) {
            (Kind::Harmless, _) | (Kind::Passing | Kind::Expired, "once") => &["migrated"],
            (Kind::Passing, "twice") => &["migrated", "SourceUnavailable"],
            (Kind::Passing, _) => &["SourceUnavailable"],
            // The warm-up may have met the fault already.
            (Kind::Lasting, "once" | "twice") if at_start => &["migrated", "Misconfigured"],
            (Kind::Lasting, _) => &["Misconfigured"],
            (Kind::Expired, "twice") => &["migrated", "SourceUnavailable", "Misconfigured"],
            (Kind::Expired, _) => &["SourceUnavailable", "Misconfigured"],
        };
        if !is_proper || !expected.contains(&what.as_str()) {
            problem(format!(
                "{} in the place of {expected:?}",
                outcome.answer.text()
            ));
        }
        let tries = bed.pool.count(target[0]);
        if tries > 3 && !at_start {
            problem(format!("{tries} tries"));
        }
        found.outcomes.push(what);
        found.slowest = found.slowest.max(outcome.duration);
        // Afterwards: while it fails, a wrong password proves nothing either; once it is over, the right one works.
        let unproven = flow.unproven_event();
        let (what, is_proper) = flow.classify(&bed.invoke(&unproven).await, &unproven);
        if !is_proper || what == "migrated" {
            problem(format!("{what} without proof"));
        }
        bed.pool.recover();
        let (what, is_proper) = flow.classify(&bed.invoke(&event).await, &event);
        if !is_proper || what != "migrated" {
            problem(format!("{what} afterwards"));
        }
        for violation in bed.host.violations() {
            problem(violation);
        }
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
        for flow in WAYS {
            for &target in flow.targets {
                let unsigned = matches!(target, [Operation::InitiateAuth | Operation::GetUser]);
                if fault.1 == Kind::Expired && unsigned {
                    continue;
                }
                let (fault, places) = (fault.clone(), Arc::clone(&places));
                running.spawn(async move {
                    let _place = places.acquire().await.expect("never closed");
                    runs(fault, flow, target).await
                });
            }
        }
    }
    let found = running.join_all().await;
    let mut counts = BTreeMap::new();
    for outcome in found.iter().flat_map(|found| &found.outcomes) {
        *counts.entry(outcome).or_insert(0) += 1;
    }
    let slowest = found
        .iter()
        .map(|found| found.slowest)
        .max()
        .unwrap_or_default();
    let figures = format!(
        "\nFault matrix, budget {} ms: {} runs in {:.1} s: {counts:?}; the slowest answer took {} ms\n",
        BUDGET_MS.1,
        found.len() * OFTEN.len(),
        started.elapsed().as_secs_f64(),
        slowest.as_millis(),
    );
    // Past the test harness, which would keep it to itself.
    let _ = std::io::stdout().write_all(figures.as_bytes());
    let problems: Vec<_> = found.into_iter().flat_map(|found| found.problems).collect();
    let number = problems.len();
    assert_eq!(number, 0, "{number} problems:\n{}", problems.join("\n"));
}
