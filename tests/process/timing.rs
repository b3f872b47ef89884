//! How long answers take, and that they are always about the right user.

use std::time::{Duration, Instant};

use serde_json::json;
use testbed::{
    runtime::Invocation,
    source_pool::{Fault, Operation, State, Target, Times, User},
};

use crate::support::*;

/// What a busy machine may add to the time that a rule allows.
const SCHEDULING: Duration = Duration::from_millis(250);

#[tokio::test]
async fn a_warm_sign_in_takes_one_round_trip() {
    let bed = Bed::start(anas_pool()).await;
    bed.pool.set_latency(Duration::from_millis(200));
    let mut durations = Vec::new();
    for _ in 0..9 {
        durations.push(bed.ana_signs_in().await.duration);
    }
    durations.sort();
    assert!(durations[0] >= Duration::from_millis(200));
    assert!(durations[4] < Duration::from_millis(330), "{durations:?}");
}

#[tokio::test]
async fn sixty_mixed_sign_ins_never_mix_up_users() {
    let mut state = State::default();
    for number in 0..20 {
        state = state.with_user(
            User::new(
                &format!("user-{number:02}"),
                &format!("Password-of-{number:02}"),
            )
            .with("email", &format!("user-{number:02}@example.com"))
            .with(
                "email_verified",
                if number % 2 == 0 { "true" } else { "false" },
            ),
        );
    }
    let bed = Bed::start(state).await;
    bed.pool.set_latency(Duration::from_millis(3));
    for round in 0..60 {
        let number = (round * 7) % 20;
        let username = format!("user-{number:02}");
        let right = format!("Password-of-{number:02}");
        let others = format!("Password-of-{:02}", (number + 1) % 20);
        let (password, good) = if round % 3 == 1 {
            (others, false)
        } else {
            (right, true)
        };
        let event = sign_in_event(&username, &password);
        let outcome = bed.invoke(&event).await;
        if good {
            let response = migrated(&outcome, &event);
            assert_eq!(
                response["userAttributes"],
                json!({
                    "email": format!("{username}@example.com"),
                    "email_verified": if number % 2 == 0 { "true" } else { "false" },
                })
            );
            let sub = bed.pool.user(&username).unwrap().sub();
            assert_eq!(bed.log_of(&outcome).await["source_sub"], sub);
        } else {
            echoed(&outcome, &event);
        }
    }
}

#[tokio::test]
async fn a_source_that_hangs_is_answered_inside_the_default_budget() {
    for (flow, password) in [
        ("ADMIN_USER_PASSWORD_AUTH", PASSWORD),
        ("USER_PASSWORD_AUTH", WRONG),
    ] {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        bed.pool
            .fail(Target::Any, Fault::NeverAnswers, Times::Forever);
        let outcome = bed.sign_in("ana.kowalczyk", password).await;
        failed(&outcome, "SourceUnavailable");
        assert!(
            outcome.duration < Duration::from_millis(4500) + SCHEDULING,
            "{:?}",
            outcome.duration
        );
        bed.pool.recover();
        bed.ana_signs_in().await;
    }
}

#[tokio::test]
async fn the_lambdas_own_deadline_counts_if_it_is_sooner() {
    let bed = Bed::start(anas_pool()).await;
    bed.pool
        .fail(Target::Any, Fault::NeverAnswers, Times::Forever);
    let event = sign_in_event("ana.kowalczyk", PASSWORD);
    let invocation = Invocation::from(&event).with_deadline(Duration::from_millis(1200));
    let outcome = bed.host.invoke(invocation).await;
    failed(&outcome, "SourceUnavailable");
    assert!(
        outcome.duration < Duration::from_millis(1200),
        "{:?}",
        outcome.duration
    );
    assert!(
        outcome.duration > Duration::from_millis(800),
        "{:?}",
        outcome.duration
    );
}

/// A try takes its part of the time that there really is: a function with Lambda's default of three seconds, or less,
/// gets over a connection that hangs, too.
#[tokio::test]
async fn a_call_that_hangs_once_leaves_time_for_another_however_little_lambda_gives() {
    for (flow, operation) in [
        ("ADMIN_USER_PASSWORD_AUTH", Operation::AdminInitiateAuth),
        ("ADMIN_USER_PASSWORD_AUTH", Operation::AdminGetUser),
        ("USER_PASSWORD_AUTH", Operation::InitiateAuth),
        ("USER_PASSWORD_AUTH", Operation::GetUser),
    ] {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        for deadline in [1500, 3000] {
            bed.pool.fail(operation, Fault::NeverAnswers, Times::ONCE);
            let event = sign_in_event("ana.kowalczyk", PASSWORD);
            let invocation =
                Invocation::from(&event).with_deadline(Duration::from_millis(deadline));
            let outcome = bed.host.invoke(invocation).await;
            migrated(&outcome, &event);
            assert!(
                outcome.duration < Duration::from_millis(deadline),
                "{operation}: {:?}",
                outcome.duration
            );
        }
    }
}

#[tokio::test]
async fn the_time_budget_is_a_setting() {
    let bed = Bed::with(anas_pool(), &[("TIME_BUDGET_MS", "300")]).await;
    bed.pool
        .fail(Target::Any, Fault::NeverAnswers, Times::Forever);
    let outcome = bed.forgot_password("ana.kowalczyk").await;
    failed(&outcome, "SourceUnavailable");
    assert!(
        outcome.duration >= Duration::from_millis(250),
        "{:?}",
        outcome.duration
    );
    assert!(
        outcome.duration < Duration::from_millis(300) + SCHEDULING,
        "{:?}",
        outcome.duration
    );
}

#[tokio::test]
async fn a_source_that_hangs_at_start_delays_neither_the_start_nor_the_first_sign_in_for_good() {
    let pool = testbed::source_pool::SourcePool::start(anas_pool())
        .await
        .unwrap();
    pool.fail(Target::Any, Fault::NeverAnswers, Times::N(2));
    let started = Instant::now();
    let bed = Bed::on(pool, &[]).await;
    assert!(
        bed.function.ready_after < Duration::from_secs(2),
        "{:?}",
        bed.function.ready_after
    );
    bed.ana_signs_in().await;
    assert!(started.elapsed() < Duration::from_millis(4500));
}

/// The warm-up leaves one connection for each call that a sign-in makes at the same time.
#[tokio::test]
async fn the_first_sign_in_finds_its_connections_open() {
    let bed = Bed::start(anas_pool()).await;
    let opened_at_start = bed.pool.server().accepted_connections();
    bed.pool.set_latency(Duration::from_millis(50));
    for _ in 0..5 {
        bed.ana_signs_in().await;
    }
    assert_eq!(bed.pool.server().accepted_connections(), opened_at_start);
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 5);
}
