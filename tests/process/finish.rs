//! The post-migration steps: `MIGRATION_MARK`, `COPY_GROUPS` and `SOURCE_USER`. Which steps there are is proven in
//! `crates/rules`.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{
    runtime::InvocationOutcome,
    source_pool::{Fault, Operation, State, Times, User},
};

use crate::support::*;

const MARK: &str = MARKED.1;
/// What Cognito calls the user in the destination pool.
const NEW_NAME: &str = "0c4a7c7e-1111-4222-8333-444455556666";
/// More groups than stand on a page, and few enough for any machine to copy in the time of one sign-in.
const TEAMS: usize = 4;
const RETIRING: [(&str, &str); 4] = [
    ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
    MARKED,
    ("COPY_GROUPS", "*"),
    DISABLE,
];

/// The calls after a migration, in their order.
const CALLS: [Operation; 8] = [
    Operation::AdminGetUser,
    Operation::ListUsers,
    Operation::AdminGetUser,
    Operation::AdminListGroupsForUser,
    Operation::AdminAddUserToGroup,
    Operation::AdminUpdateUserAttributes,
    Operation::AdminDisableUser,
    Operation::AdminUpdateUserAttributes,
];

/// [`ana`] with groups, of which the destination pool has all but one.
fn pools() -> State {
    let teams: Vec<_> = (0..TEAMS).map(|number| format!("team-{number}")).collect();
    let mut state = anas_pool().with_user(User::new("bystander", PASSWORD));
    state.users[0].groups = [&teams[..], &["left-behind".into()]].concat();
    let mut new = new_pool(vec![]);
    new.groups = teams;
    state.neighbours = vec![new];
    state
}

/// A mark of [`ana`].
fn mark_of_ana(form: &str) -> String {
    format!("{form}/{}", ana().sub())
}

/// A function with these settings that has migrated [`ana`], as Cognito does it: the user is made with the attributes that
/// the function gave it.
async fn migrated_with(variables: Variables<'_>) -> Bed {
    let bed = Bed::with(pools(), variables).await;
    let response = bed.migrates(&sign_in_event(ANA, PASSWORD)).await;
    let user = User {
        attributes: serde_json::from_value(response["userAttributes"].clone()).expect("texts"),
        ..User::new(NEW_NAME, PASSWORD)
    };
    bed.pool
        .change(|state| state.neighbours[0].users.push(user));
    bed.pool.forget();
    bed
}

fn new_user(bed: &Bed) -> User {
    let user = bed.pool.neighbours_user(NEW_POOL, NEW_NAME);
    user.expect("a user")
}

/// The attributes that an event about the new user carries.
fn attributes(bed: &Bed) -> Value {
    json!(new_user(bed).attributes)
}

/// Signs in to the destination pool; nothing may stand in the way of it. Where a busy machine leaves too little time for
/// the steps, the next sign-in goes on with them.
async fn sign_in(bed: &Bed) -> InvocationOutcome {
    loop {
        let event = signed_in_event(NEW_NAME, attributes(bed));
        let outcome = bed.invoke(&event).await;
        echoed(&outcome, &event);
        bed.host.idle(1).await;
        let out_of_time =
            |line: &Value| line["request_id"] == outcome.request_id && line["code"] == "TimeBudget";
        if !bed.function.output().lines().iter().any(out_of_time) {
            return outcome;
        }
    }
}

/// Signs in to the destination pool; the line of the log must hold these members.
async fn sign_in_logs(bed: &Bed, members: &Value) {
    let outcome = sign_in(bed).await;
    bed.logs(&outcome, members).await;
}

fn is_disabled(bed: &Bed, username: &str) -> bool {
    !bed.pool.user(username).expect(username).enabled
}

#[track_caller]
fn assert_mark(bed: &Bed, form: &str, row: &str) {
    assert_eq!(attributes(bed)[MARK], mark_of_ana(form), "{row}");
}

/// The end to which every way leads, unless an operator must judge.
#[track_caller]
fn assert_finished(bed: &Bed, row: &str) {
    assert_eq!(new_user(bed).groups.len(), TEAMS, "{row}");
    assert_mark(bed, "off", row);
    assert!(is_disabled(bed, ANA), "{row}");
    assert!(!is_disabled(bed, "bystander"), "{row}");
}

fn set_mark(state: &mut State, form: &str) {
    let user = &mut state.neighbours[0].users[0];
    user.attributes.insert(MARK.to_owned(), mark_of_ana(form));
}

#[tokio::test]
async fn the_first_sign_in_copies_groups_then_disables_then_says_so() {
    let bed = migrated_with(&RETIRING).await;
    let expected = json!({
        "outcome": "finished", "level": "WARN", "missing_groups": "left-behind", "source_sub": ana().sub(),
    });
    sign_in_logs(&bed, &expected).await;
    let mut calls = bed.pool.calls();
    calls.dedup();
    assert_eq!(calls, CALLS);
    assert_finished(&bed, "the first");
    bed.pool.forget();
    sign_in(&bed).await;
    assert_eq!(bed.pool.received().len(), 0, "done is done");
}

#[tokio::test]
async fn each_setting_does_what_it_says_and_no_more() {
    // The mark, the name, the source user, two pages of groups, and the mark again; the groups there, and each group.
    const READING: usize = 1 + 1 + 1 + 2 + 1;
    const COPYING: usize = READING + 1 + (TEAMS + 1);
    const KEEP: (&str, &str) = ("SOURCE_USER", "keep");
    const ALL: (&str, &str) = ("COPY_GROUPS", "*");
    const SOME: (&str, &str) = ("COPY_GROUPS", "team-1,team-2,left-behind");
    const OTHERS: (&str, &str) = ("COPY_GROUPS", "without-members");
    for (setting, there, calls, groups, form) in [
        (KEEP, 0, 2, 0, "done"),
        // The mark, the name, the source user, the mark, the step, and the mark again.
        (DISABLE, 0, 6, 0, "off"),
        (ALL, 0, COPYING, TEAMS, "done"),
        // As after a sign-in that had no time for more.
        (ALL, 2, COPYING - 2, TEAMS, "done"),
        (SOME, 0, COPYING - 2, 2, "done"),
        (OTHERS, 0, READING, 0, "done"),
    ] {
        let row = format!("{setting:?} {there}");
        let bed = migrated_with(&[MARKED, setting]).await;
        bed.pool
            .change(|it| it.neighbours[0].users[0].groups = it.users[0].groups[..there].to_vec());
        sign_in(&bed).await;
        assert_eq!(bed.pool.received().len(), calls, "{row}");
        assert_mark(&bed, form, &row);
        assert_eq!(is_disabled(&bed, ANA), form == "off", "{row}");
        assert_eq!(new_user(&bed).groups.len(), groups, "{row}");
    }
}

/// Whichever call fails, and whether it was carried out before it failed: nothing is disabled too early, the mark never
/// says that the function has not disabled a source user whom it disabled, the sign-in goes on, and the next one leads to
/// the one end. An operator must judge only where the source user was disabled and the mark does not say by whom.
#[tokio::test]
async fn a_failure_at_any_step_leaves_the_mark_that_is_true_and_the_next_sign_in_goes_on() {
    use Operation::*;
    // How many calls work before those that fail, and the mark after one that was not carried out, or was.
    for (operation, before, not_done, done) in [
        (AdminGetUser, 0, "pending", "pending"),
        (ListUsers, 0, "pending", "pending"),
        (AdminListGroupsForUser, 0, "pending", "pending"),
        (AdminAddUserToGroup, 0, "pending", "pending"),
        (AdminUpdateUserAttributes, 0, "pending", "disabling"),
        (AdminDisableUser, 0, "disabling", "disabling"),
        (AdminUpdateUserAttributes, 1, "disabling", "off"),
    ] {
        for (fault, form) in [
            (Fault::ResetBeforeRead, not_done),
            (Fault::AccessDenied, not_done),
            (Fault::ResetAfterRead, done),
        ] {
            let row = format!("{operation} {before} {fault:?}");
            let bed = migrated_with(&RETIRING).await;
            for _ in 0..before {
                let proper = Fault::Slow(Duration::ZERO);
                bed.pool.fail(operation, proper, Times::ONCE);
            }
            bed.always_fail(operation, fault.clone());
            let failed = json!({
                "outcome": "failed", "operation": operation.name(), "source_sub": ana().sub(),
            });
            sign_in_logs(&bed, &failed).await;
            bed.pool.recover();
            assert_mark(&bed, form, &row);
            let disabled = is_disabled(&bed, ANA);
            let is_carried_out = fault == Fault::ResetAfterRead || before > 0;
            let expected = operation == AdminDisableUser && is_carried_out || before > 0;
            assert_eq!(disabled, expected, "{row}");
            let copied = new_user(&bed).groups.len() == TEAMS;
            assert!(copied || form == "pending", "{row}: too early");
            bed.pool.forget();
            if disabled && form == "disabling" {
                let judge = json!({
                    "outcome": "source_user_already_disabled", "level": "WARN", "source_user": "disabled",
                    "source_sub": ana().sub(),
                });
                sign_in_logs(&bed, &judge).await;
                assert_eq!(bed.pool.count(AdminDisableUser), 0, "{row}");
                assert_mark(&bed, form, &row);
                continue;
            }
            sign_in(&bed).await;
            assert_finished(&bed, &row);
            // The groups were copied before `disabling/` was written.
            let asked = bed.pool.count(AdminListGroupsForUser) > 0;
            assert_eq!(asked, form == "pending", "{row}");
        }
    }
}

/// That one who is disabled gets none either is what a sample event shows.
#[tokio::test]
async fn a_user_who_is_gone_from_the_source_pool_gets_no_groups() {
    let bed = migrated_with(&RETIRING).await;
    bed.pool.change(|state| drop(state.users.remove(0)));
    let expected = json!({
        "level": "WARN", "outcome": "finished", "source_user": "gone", "source_sub": ana().sub(),
    });
    sign_in_logs(&bed, &expected).await;
    assert_mark(&bed, "done", "gone");
    assert!(new_user(&bed).groups.is_empty());
}

/// Two sign-ins at once: the second finds the source user disabled, because the first did it in the meantime.
#[tokio::test]
async fn a_source_user_whom_another_sign_in_disables_is_not_taken_for_one_who_was_shut_out() {
    for form in ["disabling", "off"] {
        let bed = migrated_with(&RETIRING).await;
        let latency = Duration::from_millis(400);
        bed.pool.set_latency_of(Operation::ListUsers, latency);
        let event = signed_in_event(NEW_NAME, attributes(&bed));
        let meanwhile = async {
            bed.is_asked(Operation::ListUsers, 1).await;
            bed.pool.change(|state| {
                set_mark(state, form);
                state.users[0].enabled = false;
            });
        };
        let (outcome, ()) = tokio::join!(bed.invoke(&event), meanwhile);
        echoed(&outcome, &event);
        assert_mark(&bed, form, form);
        assert_eq!(bed.pool.count(Operation::AdminUpdateUserAttributes), 0);
    }
}

/// Two devices, two processes, one user: whichever comes first, both sign in, and the end is the same.
#[tokio::test]
async fn two_sign_ins_at_once_end_alike() {
    for delayed in &CALLS[1..7] {
        let first = migrated_with(&RETIRING).await;
        let second = Bed::on(first.pool.clone(), &RETIRING).await;
        second.settle().await;
        let delay = Duration::from_millis(30);
        first.pool.set_latency_of(*delayed, delay);
        let outcomes = tokio::join!(sign_in(&first), sign_in(&second));
        for (bed, outcome) in [(&first, &outcomes.0), (&second, &outcomes.1)] {
            let line = bed.log_of(outcome).await;
            assert_ne!(line["outcome"], "failed", "{delayed}: {line}");
        }
        assert_finished(&first, delayed.name());
    }
}

#[tokio::test]
async fn a_function_that_dies_half_way_is_followed_by_one_that_finishes() {
    // Whatever was done, the next function finds the mark as the last one left it.
    for operation in &CALLS[4..7] {
        let bed = migrated_with(&RETIRING).await;
        bed.always_fail(*operation, Fault::NeverAnswers);
        let event = signed_in_event(NEW_NAME, attributes(&bed));
        tokio::select! {
            _ = bed.host.invoke(&event) => {}
            () = bed.is_asked(*operation, 1) => bed.function.terminate(),
        }
        bed.pool.recover();
        let next = Bed::on(bed.pool.clone(), &RETIRING).await;
        if *operation == Operation::AdminDisableUser {
            // The function died before it learned that this was done.
            let judge = json!({"outcome": "source_user_already_disabled"});
            sign_in_logs(&next, &judge).await;
            continue;
        }
        sign_in(&next).await;
        assert_finished(&next, operation.name());
    }
}

/// A user whom an administrator deletes between the sign-in and a step needs no steps, and that is no failure.
#[tokio::test]
async fn a_user_of_the_new_pool_who_is_deleted_meanwhile_is_no_failure() {
    for operation in [CALLS[0], CALLS[4], CALLS[5]] {
        let bed = migrated_with(&RETIRING).await;
        let gone = Fault::error("UserNotFoundException", "User does not exist.");
        bed.always_fail(operation, gone);
        sign_in_logs(&bed, &json!({"outcome": "not_marked"})).await;
        assert!(!is_disabled(&bed, ANA), "{operation}");
    }
}

/// The steps follow the pool and not the event.
#[tokio::test]
async fn an_event_alone_disables_no_source_user() {
    let bed = migrated_with(&RETIRING).await;
    let bystander = bed.pool.user("bystander").expect("a user").sub();
    let pending = |sub: &str| json!({MARK: format!("pending/{sub}")});
    for (held, name, attributes, calls) in [
        ("pending", NEW_NAME, Value::Null, 0),
        ("pending", NEW_NAME, json!({MARK: ["pending/x"]}), 0),
        ("pending", NEW_NAME, pending(&bystander), 1),
        ("pending", "not-in-the-new-pool", pending(&ana().sub()), 1),
        (
            "done",
            NEW_NAME,
            json!({MARK: format!("done/{}", ana().sub())}),
            0,
        ),
        // The event is old.
        ("done", NEW_NAME, pending(&ana().sub()), 1),
    ] {
        bed.pool.change(|state| set_mark(state, held));
        bed.pool.forget();
        let event = signed_in_event(name, attributes);
        echoed(&bed.invoke(&event).await, &event);
        assert_eq!(bed.pool.calls(), CALLS[..calls], "{event}");
        assert_mark(&bed, held, name);
    }
    assert!(!is_disabled(&bed, ANA));
    assert!(!is_disabled(&bed, "bystander"));
}

#[tokio::test]
async fn failures_are_counted_and_nothing_personal_is_logged() {
    let bed = migrated_with(&RETIRING).await;
    bed.always_fail(Operation::AdminDisableUser, Fault::InternalError);
    sign_in_logs(&bed, &json!({"outcome": "failed"})).await;
    let is_counted = |line: &Value| {
        line["Trigger"] == "PostAuthentication_Authentication" && line["Failed"] == 1
    };
    bed.lines(1, is_counted).await;
    bed.ends_silently(&[]).await;
}
