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
    iter,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use testbed::{
    measured,
    source_pool::{State, User},
};
use tokio::task::JoinSet;

use support::{Bed, assert_holds, echoed, running, sign_in_event};

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

fn password(number: usize) -> String {
    format!("Load-Password-{number:03}")
}

fn user(number: usize) -> User {
    let name = format!("load-user-{number:03}");
    User::new(&name, &password(number))
        .with("email", &format!("{name}@example.com"))
        .with("email_verified", "true")
        .with("name", &format!("Load User {number}"))
}

/// Memory in kilobytes, and open sockets.
fn measure(bed: &Bed) -> (u64, usize) {
    let sockets = measured::open_sockets(bed.function.pid());
    let (memory, _) = measured::memory(bed.function.pid());
    (memory, sockets.expect("the process runs"))
}

/// The figures of one process.
#[derive(Default)]
struct Figures {
    durations: Vec<Duration>,
    migrations: usize,
    at_checkpoint: Option<(u64, usize)>,
    at_end: (u64, usize),
    cpu: Duration,
}

/// One sign-in of the mix: seven in ten good, two with another user's password, one of an unknown user.
async fn sign_in(bed: &Bed, turn: usize, figures: &mut Figures) {
    let number = (turn * 37) % USERS;
    let user = user(number);
    let event = match turn % 10 {
        0..7 => sign_in_event(&user.username, &password(number)),
        7 | 8 => sign_in_event(&user.username, &password((number + 1) % USERS)),
        _ => sign_in_event(&format!("unknown-{turn}"), &password(number)),
    };
    let outcome = bed.invoke(&event).await;
    if turn % 10 < 7 {
        let expected = serde_json::json!({"userAttributes": user.attributes});
        let response = support::migrated(&outcome, &event);
        assert_holds(&response, &expected, &user.username);
        figures.migrations += 1;
    } else {
        echoed(&outcome, &event);
    }
    figures.durations.push(outcome.duration);
}

async fn work(
    bed: Bed,
    turns: Arc<AtomicUsize>,
    checkpoint: usize,
    total: usize,
) -> (Bed, Figures) {
    let mut figures = Figures::default();
    let next = || turns.fetch_add(1, Ordering::Relaxed);
    for turn in iter::from_fn(|| Some(next()).filter(|turn| *turn < total)) {
        if turn >= checkpoint {
            figures.at_checkpoint.get_or_insert_with(|| measure(&bed));
        }
        sign_in(&bed, turn, &mut figures).await;
    }
    figures.at_end = measure(&bed);
    figures.cpu = measured::cpu_time(bed.function.pid());
    assert_eq!(bed.host.violations(), Vec::<String>::new());
    (bed, figures)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sign_ins_are_all_right_and_leave_nothing_behind() {
    let total = setting("LOAD_SIGN_INS", 400);
    let processes = setting("LOAD_PROCESSES", 4).max(1);
    let latency = setting("LOAD_LATENCY_MS", 20);
    let checkpoint = 500.min(total / 2);
    let state = State {
        users: (0..USERS).map(user).collect(),
        latency_ms: latency as u64,
        ..State::default()
    };
    let pool = running(state).await;
    let mut beds = Vec::new();
    for _ in 0..processes {
        beds.push(Bed::on(pool.clone(), &[]).await);
    }
    let idle = || beds.iter().all(|bed: &Bed| bed.function.sleeps());
    pool.settled(idle).await;
    pool.forget();

    let started = Instant::now();
    let turns = Arc::new(AtomicUsize::new(0));
    let works = beds
        .into_iter()
        .map(|bed| work(bed, Arc::clone(&turns), checkpoint, total));
    let working: JoinSet<_> = works.collect();
    let done = tokio::time::timeout(TIME_LIMIT, working.join_all()).await;
    let took = started.elapsed();
    let connections = pool.server().open_connections();
    let (_beds, done): (Vec<_>, Vec<_>) = done.expect("the run ends in time").into_iter().unzip();

    let mut durations: Vec<_> = done.iter().flat_map(|it| it.durations.clone()).collect();
    durations.sort();
    let percentile =
        |percent: usize| durations[(durations.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    let migrations: usize = done.iter().map(|it| it.migrations).sum();
    let cpu: Duration = done.iter().map(|it| it.cpu).sum();
    let memory = done.iter().map(|it| it.at_end.0).max().unwrap_or(0);
    let growth = |it: &Figures| {
        it.at_checkpoint
            .map(|then| it.at_end.0.saturating_sub(then.0))
    };
    let growth = done.iter().filter_map(growth).max().unwrap_or(0);
    let figures = format!(
        "\nLoad: {total} sign-ins ({migrations} migrated, {} rejected) by {processes} processes in {:.1} s, {:.0} a second\n\
         source latency {latency} ms; sign-in p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms; processor {:.2} ms a sign-in\n\
         memory of a process at most {:.1} MB; from sign-in {checkpoint} to the last it grew by at most {growth} kB\n\
         connections to the source {connections} at the end, {} ever; {:.2} calls a sign-in\n\n",
        total - migrations,
        took.as_secs_f64(),
        total as f64 / took.as_secs_f64(),
        percentile(50),
        percentile(99),
        percentile(100),
        cpu.as_secs_f64() * 1000.0 / total as f64,
        memory as f64 / 1024.0,
        pool.server().accepted_connections(),
        pool.received().len() as f64 / total as f64,
    );
    let _ = std::io::stdout().write_all(figures.as_bytes());

    assert_eq!(durations.len(), total);
    assert!(
        growth <= GROWTH_KB,
        "{growth} kB more than at the checkpoint"
    );
    // A few a process, however many its sign-ins.
    assert!(connections <= 3 * processes, "{connections} connections");
    for it in &done {
        // A second connection to the source can come late in the run, and the runtime's own may be renewed.
        let sockets = it.at_checkpoint.map(|then| then.1 + 2);
        assert!(
            sockets.is_none_or(|most| it.at_end.1 <= most),
            "{:?} {:?}",
            it.at_checkpoint,
            it.at_end
        );
    }
}
