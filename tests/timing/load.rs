//! Many functions at once against one source pool: every answer right, memory flat, no connection left open.
//!
//! `LOAD_SIGN_INS` (default 400) and `LOAD_PROCESSES` (4) set the size of the run. It prints its figures and ends by itself.

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

use crate::{ALONE, support::*};

const USERS: usize = 500;
/// How long each call to the source pool takes, in milliseconds.
const LATENCY_MS: u64 = 20;
/// No run takes longer, whatever its size.
const TIME_LIMIT: Duration = Duration::from_secs(240);
/// What a process may gain between the checkpoint and the end, in kilobytes: more than the allocator's own unrest, and
/// less than a leak of one event per sign-in would make of a long run.
const GROWTH_KB: u64 = 1024;

fn setting(name: &str, default: usize) -> usize {
    let text = env::var_os(name).map(|text| text.into_string().expect("text"));
    text.map_or(default, |text| text.parse().expect("a number"))
}

fn user(number: usize) -> User {
    let name = format!("load-user-{number:03}");
    User::new(&name, &format!("Load-Password-{number:03}"))
        .with("email", &format!("{name}@example.com"))
        .with("email_verified", "true")
}

/// Memory in kilobytes, and open sockets.
type Held = (u64, usize);

fn held(bed: &Bed) -> Held {
    let sockets = measured::open_sockets(bed.function.pid());
    let (memory, _) = measured::memory(bed.function.pid());
    (memory, sockets.expect("the process runs"))
}

/// One sign-in of the mix: seven in ten good, two with another user's password, one of an unknown user.
async fn sign_in(bed: &Bed, turn: usize) -> Duration {
    let User {
        username,
        attributes,
        ..
    } = user(turn * 37 % USERS);
    let (name, of) = match turn % 10 {
        0..7 => (username, turn),
        7 | 8 => (username, turn + 1),
        _ => (format!("unknown-{turn}"), turn),
    };
    let password = user(of * 37 % USERS).password.expect("one of its own");
    let event = sign_in_event(&name, &password);
    let outcome = bed.invoke(&event).await;
    if turn % 10 < 7 {
        let response = migrated(&outcome, &event);
        let attributes = serde_json::json!(attributes);
        assert_eq!(response["userAttributes"], attributes);
    } else {
        echoed(&outcome, &event);
    }
    outcome.duration
}

/// The turns that one function takes: how long each took, in milliseconds, and what it held at the checkpoint.
async fn work(
    bed: Bed,
    turns: Arc<AtomicUsize>,
    checkpoint: usize,
    total: usize,
) -> (Bed, Vec<f64>, Option<Held>) {
    let (mut durations, mut at_checkpoint) = (vec![], None);
    let next = || turns.fetch_add(1, Ordering::Relaxed);
    for turn in iter::from_fn(|| Some(next()).filter(|turn| *turn < total)) {
        if turn >= checkpoint {
            at_checkpoint.get_or_insert_with(|| held(&bed));
        }
        durations.push(sign_in(&bed, turn).await.as_secs_f64() * 1000.0);
    }
    assert_eq!(bed.host.violations(), Vec::<String>::new());
    (bed, durations, at_checkpoint)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sign_ins_are_all_right_and_leave_nothing_behind() {
    let _alone = ALONE.lock().await;
    let total = setting("LOAD_SIGN_INS", 400);
    let processes = setting("LOAD_PROCESSES", 4);
    let checkpoint = 500.min(total / 2);
    let state = State {
        users: (0..USERS).map(user).collect(),
        latency_ms: LATENCY_MS,
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
    let beds = beds.into_iter();
    let works = beds.map(|bed| work(bed, Arc::clone(&turns), checkpoint, total));
    let working: JoinSet<_> = works.collect();
    let done = tokio::time::timeout(TIME_LIMIT, working.join_all()).await;
    let took = started.elapsed().as_secs_f64();
    let connections = pool.server().open_connections();
    let done = done.expect("the run ends in time");

    let mut milliseconds = vec![];
    let (mut memory, mut growth, mut cpu) = (0, 0, Duration::ZERO);
    for (bed, durations, at_checkpoint) in &done {
        milliseconds.extend(durations);
        let now = held(bed);
        let then = at_checkpoint.unwrap_or(now);
        // A second connection to the source can come late in the run, and the runtime's own may be renewed.
        assert!(now.1 <= then.1 + 2, "{then:?} {now:?}");
        memory = memory.max(now.0);
        growth = growth.max(now.0.saturating_sub(then.0));
        cpu += measured::cpu_time(bed.function.pid());
    }
    milliseconds.sort_by(f64::total_cmp);
    let percentile = |percent: usize| milliseconds[(total - 1) * percent / 100];
    let figures = format!(
        "\nLoad: {total} sign-ins, 7 in 10 migrated, by {processes} processes in {took:.1} s, {:.0} a second\n\
         source latency {LATENCY_MS} ms; sign-in p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms; processor {:.2} ms a sign-in\n\
         memory of a process at most {:.1} MB; from sign-in {checkpoint} to the last it grew by at most {growth} kB\n\
         connections to the source {connections} at the end, {} ever; {:.2} calls a sign-in\n\n",
        total as f64 / took,
        percentile(50),
        percentile(99),
        percentile(100),
        cpu.as_secs_f64() * 1000.0 / total as f64,
        memory as f64 / 1024.0,
        pool.server().accepted_connections(),
        pool.received().len() as f64 / total as f64,
    );
    let _ = std::io::stdout().write_all(figures.as_bytes());

    assert_eq!(milliseconds.len(), total);
    assert!(
        growth <= GROWTH_KB,
        "{growth} kB more than at the checkpoint"
    );
    // A few a process, however many its sign-ins.
    assert!(connections <= 3 * processes, "{connections} connections");
}
