//! How long answers take, and what many of them cost. A test program of its own, because Cargo runs one after the other; and its tests take turns. So
//! nothing of this project runs at the same time, and what else the machine does fits into what each bound leaves.
//!
//! No bound is closer than needed to tell the promise from its breach.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends in a panic"
)]

#[cfg(target_os = "linux")]
mod load;
#[path = "../process/support.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the process, which use all of it"
)]
mod support;

use std::time::Duration;

use serde_json::json;
use testbed::{
    runtime::InvocationRequest,
    source_pool::{Fault, Operation, Target, Times, User},
};
use tokio::sync::Mutex;

use support::*;

/// Held by the test whose turn it is.
static ALONE: Mutex<()> = Mutex::const_new(());

/// After this Cognito waits no longer.
const COGNITO_WAITS: Duration = Duration::from_secs(5);
const DEFAULT_BUDGET: Duration = Duration::from_millis(4500);

/// The source must be given up, in time for Cognito. Returns how long that took.
async fn gives_up(bed: &Bed, invocation: impl Into<InvocationRequest>) -> Duration {
    bed.always_fail(Target::Any, Fault::NeverAnswers);
    let outcome = bed.host.invoke(invocation).await;
    error(&outcome, "SourceUnavailable", UNAVAILABLE);
    let took = outcome.duration;
    assert!(took < COGNITO_WAITS, "{took:?}");
    took
}

#[tokio::test]
async fn a_source_that_hangs_is_answered_before_cognito_gives_up() {
    let _alone = ALONE.lock().await;
    for (flow, [sign_in, _]) in FLOWS {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        gives_up(&bed, &sign_in_event(ANA, PASSWORD)).await;
        let tries = bed.pool.count(sign_in);
        assert_eq!(tries, 3, "hung connections leave time");
        bed.pool.recover();
        bed.ana_signs_in().await;
    }
}

/// The time budget, or Lambda's own deadline if it is sooner. Whatever comes a second after the deadline is no answer.
#[tokio::test]
async fn the_time_that_there_is_is_used_and_no_more() {
    let _alone = ALONE.lock().await;
    let sign_up = sign_up_event("PreSignUp_SignUp", ANA, json!({}));
    for (budget, deadline, event, least) in [
        ("4500", 2, sign_in_event(ANA, PASSWORD), 1000),
        ("4500", 2, forgot_password_event(ANA), 1000),
        ("4500", 2, sign_up, 1000),
        ("1000", 10, forgot_password_event(ANA), 950),
    ] {
        let bed = Bed::with(anas_pool(), &[("TIME_BUDGET_MS", budget)]).await;
        let deadline = Duration::from_secs(deadline);
        let invocation = InvocationRequest::from(&event).with_deadline(deadline);
        let took = gives_up(&bed, invocation).await;
        assert!(took >= Duration::from_millis(least), "{took:?}");
        assert!(took < DEFAULT_BUDGET, "{took:?}");
    }
}

/// A try takes its part of the time that there really is: a function with Lambda's default of three seconds, or less,
/// gets over a connection that hangs, too.
#[tokio::test]
async fn a_call_that_hangs_once_leaves_time_for_another_however_little_lambda_gives() {
    let _alone = ALONE.lock().await;
    // A third of the default budget, and what the function keeps for sending its answer: no time for a second try if the
    // first could take what it may where Lambda gives more.
    let deadline = DEFAULT_BUDGET / 3 + Duration::from_millis(200);
    for (flow, operations) in FLOWS {
        for operation in operations {
            let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
            bed.pool.fail(operation, Fault::NeverAnswers, Times::ONCE);
            let event = sign_in_event(ANA, PASSWORD);
            let invocation = InvocationRequest::from(&event).with_deadline(deadline);
            migrated(&bed.host.invoke(invocation).await, &event);
            assert_eq!(bed.pool.count(operation), 2, "{operation}");
        }
    }
}

/// Each call comes to an end in its own time, and together they take too long.
#[tokio::test]
async fn the_time_budget_is_for_all_calls_together() {
    use Operation::{AdminGetUser, AdminInitiateAuth, ListUsers};
    let _alone = ALONE.lock().await;
    let sign_in = sign_in_event(ANA, PASSWORD);
    let reset = forgot_password_event(ADDRESS);
    // Two spellings of one name.
    let sign_up = sign_up_event("PreSignUp_SignUp", "New.Name", json!({}));
    for (lookup, event, operations) in [
        ("none", sign_in, [AdminInitiateAuth, AdminGetUser]),
        ("email", reset, [ListUsers, AdminGetUser]),
        ("none", sign_up, [AdminGetUser, AdminGetUser]),
    ] {
        let variables = [("TIME_BUDGET_MS", "1000"), ("SRC_LOOKUP", lookup)];
        let bed = Bed::with(anas_pool(), &variables).await;
        for operation in operations {
            bed.pool.fail(operation, Fault::NeverAnswers, Times::TWICE);
            bed.pool
                .fail(operation, Fault::Slow(Duration::ZERO), Times::ONCE);
        }
        bed.fails(&event, "SourceUnavailable").await;
    }
}

#[tokio::test]
async fn a_source_that_hangs_at_start_delays_neither_the_start_nor_the_first_sign_in_for_good() {
    let _alone = ALONE.lock().await;
    let pool = running(anas_pool()).await;
    pool.fail(Target::Any, Fault::NeverAnswers, Times::TWICE);
    let bed = Bed::on(pool, &[]).await;
    let ready_after = bed.function.ready_after;
    // Less than one try takes that hangs.
    assert!(ready_after < DEFAULT_BUDGET / 3, "{ready_after:?}");
    while bed.pool.received().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bed.ana_signs_in().await;
    let text = "The source pool could not be reached at start";
    let warnings = bed.lines(1, |line| line["message"] == text).await;
    assert_eq!(warnings[0]["level"], "WARN");
}

/// Well before Cognito would end the sign-in, whatever the time budget of a migration is.
#[tokio::test]
async fn post_migration_steps_that_hang_let_the_sign_in_go_on_in_time() {
    let _alone = ALONE.lock().await;
    let mark = format!("pending/{}", ana().sub());
    let event = signed_in_event("ana-moved", json!({MARKED.1: mark}));
    let moved = User {
        username: "ana-moved".to_owned(),
        ..ana().with(MARKED.1, &mark)
    };
    // The budget, the seconds that Lambda leaves, and the milliseconds of the answer.
    for (budget, deadline, least, most) in [
        ("1000", 10, 900, 2400),
        ("4900", 10, 2300, 4400),
        ("4900", 1, 600, 1900),
    ] {
        let mut state = anas_pool();
        state.neighbours = vec![new_pool(vec![moved.clone()])];
        let variables = [MARKED, DISABLE, ("TIME_BUDGET_MS", budget)];
        let bed = Bed::with(state, &variables).await;
        bed.always_fail(Operation::ListUsers, Fault::NeverAnswers);
        let deadline = Duration::from_secs(deadline);
        let invocation = InvocationRequest::from(&event).with_deadline(deadline);
        let outcome = bed.host.invoke(invocation).await;
        echoed(&outcome, &event);
        let took = outcome.duration;
        assert!(took >= Duration::from_millis(least), "{budget}: {took:?}");
        assert!(took < Duration::from_millis(most), "{budget}: {took:?}");
        assert!(bed.pool.user(ANA).unwrap().enabled);
        bed.pool.recover();
        echoed(&bed.invoke(&event).await, &event);
        assert!(!bed.pool.user(ANA).unwrap().enabled);
    }
}
