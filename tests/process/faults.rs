//! Each fault of the source × each operation × each flow × once, twice, for ever, under one rule: there is exactly one
//! answer; it is a migration only if the password was proven and the whole profile was read; a single fault is absorbed;
//! a lasting one is `SourceUnavailable`; the next invocation after it succeeds. When answers come is measured elsewhere,
//! in `tests/timing.rs`: here many functions run at once.

use std::{
    fmt::Write as _,
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testbed::{
    runtime::{InvocationAnswer, InvocationOutcome},
    source_pool::{CLIENT_ID, Client, Fault, Operation, SourcePoolStub, State, StubRole, Times},
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
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flow {
    Admin,
    AdminWithRole,
    AdminWithStoredSecret,
    Public,
    IdToken,
    PublicWithChallenge,
    ForgotPassword,
}

impl Flow {
    const ALL: [Self; 7] = [
        Self::Admin,
        Self::AdminWithRole,
        Self::AdminWithStoredSecret,
        Self::Public,
        Self::IdToken,
        Self::PublicWithChallenge,
        Self::ForgotPassword,
    ];

    /// What fails in it: one of its calls, or in the first flow each.
    fn targets(self) -> &'static [&'static [Operation]] {
        use Operation::*;
        match self {
            Self::Admin => &[
                &[AdminInitiateAuth],
                &[AdminGetUser],
                &[AdminInitiateAuth, AdminGetUser],
            ],
            Self::AdminWithRole => &[&[AssumeRole], &[AdminInitiateAuth], &[AdminGetUser]],
            Self::AdminWithStoredSecret => &[&[GetSecretValue]],
            Self::Public => &[&[InitiateAuth], &[GetUser]],
            Self::IdToken => &[&[InitiateAuth]],
            Self::PublicWithChallenge => &[&[InitiateAuth], &[AdminGetUser]],
            Self::ForgotPassword => &[&[GetUserPoolMfaConfig], &[AdminGetUser]],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::AdminWithRole => "admin, role",
            Self::AdminWithStoredSecret => "admin, secret",
            Self::Public => "public",
            Self::IdToken => "ID token",
            Self::PublicWithChallenge => "public, MFA",
            Self::ForgotPassword => "reset",
        }
    }

    fn state(self) -> State {
        match self {
            Self::Admin | Self::Public | Self::IdToken | Self::ForgotPassword => anas_pool(),
            Self::AdminWithRole => anas_pool().with_role(StubRole::new(ROLE)),
            Self::AdminWithStoredSecret => {
                let mut state = anas_pool();
                state.clients = vec![Client::new(CLIENT_ID).with_secret(SECRET)];
                state.store(SECRET_ARN, SECRET);
                state
            }
            Self::PublicWithChallenge => {
                State::default().with_user(ana().with_challenge("SOFTWARE_TOKEN_MFA"))
            }
        }
    }

    fn variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Admin | Self::ForgotPassword => &[BUDGET_MS],
            Self::AdminWithRole => &[BUDGET_MS, ("SRC_ROLE_ARN", ROLE)],
            Self::AdminWithStoredSecret => &[BUDGET_MS, ("SRC_CLIENT_SECRET_ARN", SECRET_ARN)],
            Self::Public => &[BUDGET_MS, ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH")],
            Self::IdToken => &[
                BUDGET_MS,
                ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
                ("SRC_PROFILE", "id_token"),
            ],
            Self::PublicWithChallenge => &[
                BUDGET_MS,
                ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
                ("ON_MFA", "drop"),
            ],
        }
    }

    fn event(self) -> Value {
        match self {
            Self::ForgotPassword => forgot_password_event("ana.kowalczyk"),
            _ => sign_in_event("ana.kowalczyk", PASSWORD),
        }
    }

    /// An event that must not migrate a user.
    fn unproven_event(self) -> Value {
        match self {
            Self::ForgotPassword => forgot_password_event("unknown.user"),
            _ => sign_in_event("ana.kowalczyk", WRONG),
        }
    }

    fn final_status(self) -> Value {
        match self {
            Self::ForgotPassword => json!(null),
            _ => json!("CONFIRMED"),
        }
    }
}

/// The operations of a run that fail.
type Target = &'static [Operation];

/// What is asked once, at the start. So its faults need a start of their own each.
fn is_at_start(target: Target) -> bool {
    use Operation::{AssumeRole, GetSecretValue, GetUserPoolMfaConfig};
    matches!(target, [AssumeRole | GetSecretValue | GetUserPoolMfaConfig])
}

fn name_of(target: Target) -> &'static str {
    match target {
        [only] => only.name(),
        _ => "every call",
    }
}

fn fail(pool: &SourcePoolStub, target: Target, fault: &Fault, times: Times) {
    for operation in target {
        pool.fail(*operation, fault.clone(), times);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Often {
    Once,
    Twice,
    Forever,
}

/// One run of the matrix.
struct Cell {
    outcome: String,
    tries: usize,
    took: Duration,
    problems: Vec<String>,
}

struct Row {
    order: (usize, usize, usize),
    fault: Fault,
    flow: Flow,
    target: Target,
    cells: Vec<Cell>,
}

async fn row(
    order: (usize, usize, usize),
    (fault, kind): (Fault, Kind),
    flow: Flow,
    target: Target,
) -> Row {
    let mut cells = Vec::new();
    let mut bed = None;
    for often in [Often::Once, Often::Twice, Often::Forever] {
        let times = match often {
            Often::Once => Times::ONCE,
            Often::Twice => Times::TWICE,
            Often::Forever => Times::Forever,
        };
        let running = if is_at_start(target) {
            let pool = SourcePoolStub::start(flow.state())
                .await
                .expect("a loopback port");
            fail(&pool, target, &fault, times);
            Bed::on(pool, flow.variables()).await
        } else {
            let bed = match bed.take() {
                Some(bed) => bed,
                None => Bed::with(flow.state(), flow.variables()).await,
            };
            // A call that was given up may still be on its way.
            bed.settle().await;
            bed.pool.forget();
            fail(&bed.pool, target, &fault, times);
            bed
        };
        cells.push(cell(&running, kind, flow, target, often).await);
        bed = Some(running);
    }
    // While it fails, a wrong password proves nothing either.
    let bed = bed.expect("three runs");
    fail(&bed.pool, target, &fault, Times::Forever);
    let event = flow.unproven_event();
    let outcome = bed.invoke(&event).await;
    let problems = &mut cells[2].problems;
    match classify(&outcome, &event, flow) {
        (what, _) if what == "migrated" => problems.push("a migration without proof".into()),
        (_, Err(problem)) => problems.push(format!("without proof: {problem}")),
        _ => {}
    }
    Row {
        order,
        fault,
        flow,
        target,
        cells,
    }
}

async fn cell(bed: &Bed, kind: Kind, flow: Flow, target: Target, often: Often) -> Cell {
    let at_start = is_at_start(target);
    let event = flow.event();
    let mut problems = Vec::new();
    let outcome = bed.invoke(&event).await;
    let (what, proper) = classify(&outcome, &event, flow);
    problems.extend(proper.err());
    let tries = bed.pool.count(target[0]);

    let expected: &[&str] = match (kind, often) {
        (Kind::Harmless, _) | (Kind::Passing | Kind::Expired, Often::Once) => &["migrated"],
        (Kind::Passing, Often::Twice) => &["migrated", "SourceUnavailable"],
        (Kind::Passing, Often::Forever) => &["SourceUnavailable"],
        // The warm-up may have met the fault already.
        (Kind::Lasting, Often::Once | Often::Twice) if at_start => &["migrated", "Misconfigured"],
        (Kind::Lasting, _) => &["Misconfigured"],
        (Kind::Expired, Often::Twice) => &["migrated", "SourceUnavailable", "Misconfigured"],
        (Kind::Expired, Often::Forever) => &["SourceUnavailable", "Misconfigured"],
    };
    if !expected.contains(&what.as_str()) {
        problems.push(format!("{what} in the place of {}", expected.join(" or ")));
    }
    if tries > 3 && !at_start {
        problems.push(format!("{tries} tries"));
    }
    bed.pool.recover();
    // The next invocation after recovery succeeds.
    let next = bed.invoke(&event).await;
    match classify(&next, &event, flow) {
        (what, Ok(())) if what == "migrated" => {}
        (what, proper) => problems.push(format!("afterwards: {what} {proper:?}")),
    }
    problems.extend(bed.host.violations());
    Cell {
        outcome: what,
        tries,
        took: outcome.duration,
        problems,
    }
}

/// What came of an invocation, and whether it is one of the answers that there can be.
fn classify(
    outcome: &InvocationOutcome,
    event: &Value,
    flow: Flow,
) -> (String, Result<(), String>) {
    let (what, proper, problem) = match &outcome.answer {
        InvocationAnswer::Nothing => ("nothing", false, "no answer".into()),
        InvocationAnswer::Error {
            error_type,
            error_message,
            ..
        } => (
            error_type.as_str(),
            error_message == UNAVAILABLE,
            format!("the error says {error_message}"),
        ),
        InvocationAnswer::Response(_) if is_migration(outcome) => {
            let response = &outcome.response()["response"];
            let whole = response["userAttributes"] == attributes_of_ana()
                && response["finalUserStatus"] == flow.final_status();
            ("migrated", whole, format!("half a migration: {response}"))
        }
        InvocationAnswer::Response(body) => (
            "rejected",
            *body == event.to_string().into_bytes(),
            "neither a migration nor the event".into(),
        ),
    };
    (what.into(), proper.then_some(()).ok_or(problem))
}

#[tokio::test]
async fn every_fault_is_absorbed_once_and_answered_for_ever() {
    let started = Instant::now();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (fault_order, fault) in FAULTS.into_iter().enumerate() {
        for (flow_order, flow) in Flow::ALL.into_iter().enumerate() {
            for (target_order, target) in flow.targets().iter().copied().enumerate() {
                let unsigned = matches!(target, [Operation::InitiateAuth | Operation::GetUser]);
                if fault.1 == Kind::Expired && unsigned {
                    continue;
                }
                let (fault, places) = (fault.clone(), Arc::clone(&places));
                let order = (fault_order, flow_order, target_order);
                running.spawn(async move {
                    let _place = places.acquire().await.expect("never closed");
                    row(order, fault, flow, target).await
                });
            }
        }
    }
    let mut rows = running.join_all().await;
    rows.sort_by_key(|row| row.order);
    print(&rows, started.elapsed());
    let problems: Vec<String> = rows
        .iter()
        .flat_map(|row| {
            let often = ["once", "twice", "for ever"];
            row.cells.iter().zip(often).flat_map(move |(cell, often)| {
                cell.problems.iter().map(move |problem| {
                    format!(
                        "{:?} / {} / {} / {often}: {problem}",
                        row.fault,
                        row.flow.name(),
                        name_of(row.target)
                    )
                })
            })
        })
        .collect();
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

/// Prints past the test harness, which would keep it to itself.
fn print(rows: &[Row], took: Duration) {
    let mut text = format!(
        "\nFault matrix, budget {} ms: outcome, tries of the operation, milliseconds\n{:<22} {:<13} {:<18} {:<30} {:<30} {}\n",
        BUDGET_MS.1, "fault", "flow", "operation", "once", "twice", "for ever"
    );
    let mut counts = std::collections::BTreeMap::new();
    let mut slowest = Duration::ZERO;
    for row in rows {
        let _ = write!(
            text,
            "{:<22} {:<13} {:<18}",
            format!("{:?}", row.fault),
            row.flow.name(),
            name_of(row.target)
        );
        for cell in &row.cells {
            let mark = if cell.problems.is_empty() { "" } else { " !" };
            let field = format!(
                "{} {} {}{mark}",
                cell.outcome,
                cell.tries,
                cell.took.as_millis()
            );
            let _ = write!(text, " {field:<30}");
            *counts.entry(cell.outcome.as_str()).or_insert(0) += 1;
            slowest = slowest.max(cell.took);
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(outcome, count)| format!("{count} {outcome}"))
        .collect();
    let _ = writeln!(
        text,
        "{} runs in {:.1} s: {}; the slowest answer took {} ms\n",
        rows.iter().map(|row| row.cells.len()).sum::<usize>(),
        took.as_secs_f64(),
        counts.join(", "),
        slowest.as_millis()
    );
    let _ = std::io::stdout().write_all(text.as_bytes());
}
