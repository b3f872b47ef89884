//! Many functions at once against one source pool: every answer right, memory flat, no connection left open.
//!
//! `LOAD_SIGN_INS` (default 400), `LOAD_PROCESSES` (4) and `LOAD_LATENCY_MS` (20) set the size of the run. It prints
//! its figures and ends by itself.

// It measures with the kernel of Linux.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends in a panic"
)]

#[path = "process/support.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the process, which use all of it"
)]
mod support;

use std::{
    env,
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testbed::{
    measured,
    source_pool::{SourcePoolStub, State, User},
};
use tokio::task::JoinSet;

use support::{Bed, echoed, migrated, sign_in_event};

const USERS: usize = 500;
/// No run takes longer, whatever its size.
const TIME_LIMIT: Duration = Duration::from_secs(240);
/// What a process may gain between the checkpoint and the end, in kilobytes: more than the allocator's own unrest, and
/// less than a leak of one event per sign-in would make of a long run.
const GROWTH_KB: u64 = 1024;

#[allow(
    clippy::disallowed_methods,
    reason = "the size of a test run is no setting of the function"
)]
fn setting(name: &str, default: usize) -> usize {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
        Err(_) => default,
    }
}

fn username(number: usize) -> String {
    format!("load-user-{number:03}")
}

fn password(number: usize) -> String {
    format!("Load-Password-{number:03}")
}

fn attributes(number: usize) -> Value {
    json!({
        "email": format!("load-user-{number:03}@example.com"), "email_verified": "true",
        "name": format!("Load User {number}"),
    })
}

fn state(latency_ms: usize) -> State {
    let mut state = State::default();
    for number in 0..USERS {
        let user = User::new(&username(number), &password(number))
            .with("email", &format!("load-user-{number:03}@example.com"))
            .with("email_verified", "true")
            .with("name", &format!("Load User {number}"));
        state = state.with_user(user);
    }
    state.latency_ms = latency_ms as u64;
    state
}

/// The figures of one process.
#[derive(Default)]
struct Told {
    durations: Vec<Duration>,
    migrations: usize,
    rejections: usize,
    /// Kilobytes at the checkpoint and at the end.
    memory: (u64, u64),
    sockets: (usize, usize),
    cpu: Duration,
}

/// One sign-in of the mix: seven in ten good, two with another user's password, one of an unknown user.
async fn sign_in(bed: &Bed, turn: usize, told: &mut Told) {
    let number = (turn * 37) % USERS;
    let event = match turn % 10 {
        0..7 => sign_in_event(&username(number), &password(number)),
        7 | 8 => sign_in_event(&username(number), &password((number + 1) % USERS)),
        _ => sign_in_event(&format!("unknown-{turn}"), &password(number)),
    };
    let outcome = bed.invoke(&event).await;
    if turn % 10 < 7 {
        let response = migrated(&outcome, &event);
        assert_eq!(
            response["userAttributes"],
            attributes(number),
            "turn {turn}"
        );
        told.migrations += 1;
    } else {
        echoed(&outcome, &event);
        told.rejections += 1;
    }
    told.durations.push(outcome.duration);
}

async fn work(bed: Bed, turns: Arc<AtomicUsize>, checkpoint: usize, total: usize) -> (Bed, Told) {
    let mut told = Told::default();
    let sockets = |bed: &Bed| measured::open_sockets(bed.function.pid()).expect("the process runs");
    loop {
        let turn = turns.fetch_add(1, Ordering::Relaxed);
        if turn >= total {
            break;
        }
        if turn >= checkpoint && told.memory.0 == 0 {
            told.memory.0 = measured::memory(bed.function.pid()).0;
            told.sockets.0 = sockets(&bed);
        }
        sign_in(&bed, turn, &mut told).await;
    }
    told.memory.1 = measured::memory(bed.function.pid()).0;
    told.sockets.1 = sockets(&bed);
    told.cpu = measured::cpu_time(bed.function.pid());
    (bed, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sign_ins_are_all_right_and_leave_nothing_behind() {
    let total = setting("LOAD_SIGN_INS", 400);
    let processes = setting("LOAD_PROCESSES", 4).max(1);
    let latency = setting("LOAD_LATENCY_MS", 20);
    let checkpoint = 500.min(total / 2);
    let pool = SourcePoolStub::start(state(latency))
        .await
        .expect("a loopback port");
    let mut beds = Vec::new();
    for _ in 0..processes {
        beds.push(Bed::on(pool.clone(), &[]).await);
    }
    let idle = || beds.iter().all(|bed: &Bed| bed.function.sleeps());
    pool.settled(idle).await;
    pool.forget();

    let started = Instant::now();
    let turns = Arc::new(AtomicUsize::new(0));
    let mut working = JoinSet::new();
    for bed in beds {
        working.spawn(work(bed, Arc::clone(&turns), checkpoint, total));
    }
    let connections_early = {
        while turns.load(Ordering::Relaxed) < checkpoint {
            assert!(started.elapsed() < TIME_LIMIT, "the run takes too long");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        pool.server().open_connections()
    };
    let done = tokio::time::timeout(TIME_LIMIT, working.join_all())
        .await
        .expect("the run ends in time");
    let took = started.elapsed();
    let connections_late = pool.server().open_connections();
    let calls = pool.received().len();

    let mut durations: Vec<Duration> = done
        .iter()
        .flat_map(|(_, told)| told.durations.clone())
        .collect();
    durations.sort();
    let percentile =
        |percent: usize| durations[(durations.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    let sum = |field: fn(&Told) -> usize| done.iter().map(|(_, told)| field(told)).sum::<usize>();
    let growth = |told: &Told| told.memory.1.saturating_sub(told.memory.0);
    let greatest_growth = done.iter().map(|(_, told)| growth(told)).max().unwrap_or(0);
    let greatest_memory = done
        .iter()
        .map(|(_, told)| told.memory.1)
        .max()
        .unwrap_or(0);
    let cpu: Duration = done.iter().map(|(_, told)| told.cpu).sum();
    let figures = format!(
        "\nLoad: {total} sign-ins ({} migrated, {} rejected) by {processes} processes in {:.1} s, {:.0} a second\n\
         source latency {latency} ms; sign-in p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms; processor {:.2} ms a sign-in\n\
         memory of a process at most {:.1} MB; from sign-in {checkpoint} to the last it grew by at most {greatest_growth} kB\n\
         connections to the source {connections_early} at sign-in {checkpoint}, {connections_late} at the end, {} ever; {:.2} calls a sign-in\n\n",
        sum(|told| told.migrations),
        sum(|told| told.rejections),
        took.as_secs_f64(),
        total as f64 / took.as_secs_f64(),
        percentile(50),
        percentile(99),
        percentile(100),
        cpu.as_secs_f64() * 1000.0 / total as f64,
        greatest_memory as f64 / 1024.0,
        pool.server().accepted_connections(),
        calls as f64 / total as f64,
    );
    let _ = std::io::stdout().write_all(figures.as_bytes());

    assert_eq!(durations.len(), total);
    assert!(
        greatest_growth <= GROWTH_KB,
        "{greatest_growth} kB more than at the checkpoint"
    );
    // A few a process, however many its sign-ins.
    let most = connections_early.max(3 * processes);
    assert!(
        connections_late <= most,
        "{connections_late} connections at the end, {connections_early} before"
    );
    for (bed, told) in &done {
        // A second connection to the source can come late in the run, and the runtime's own may be renewed.
        assert!(
            told.sockets.1 <= told.sockets.0 + 2,
            "{:?} sockets",
            told.sockets
        );
        assert_eq!(bed.host.violations(), Vec::<String>::new());
    }
}
