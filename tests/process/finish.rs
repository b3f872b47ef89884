//! The post-migration steps: `MIGRATION_MARK`, `COPY_GROUPS` and `SOURCE_USER`.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{
    runtime::InvocationOutcome,
    source_pool::{Fault, NeighbourPool, Operation, State, Times, User},
};

use crate::support::*;

const NEW_POOL: &str = "eu-west-1_NewPool01";
const MARK: &str = "custom:migration";
/// What Cognito calls the user in the destination pool.
const NEW_NAME: &str = "0c4a7c7e-1111-4222-8333-444455556666";
/// More groups than stand on a page, and few enough for any machine to copy in the time of one sign-in.
const TEAMS: usize = 4;
const RETIRING: [(&str, &str); 3] = [
    ("MIGRATION_MARK", MARK),
    ("COPY_GROUPS", "*"),
    ("SOURCE_USER", "disable"),
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

/// Each of them once.
const OPERATIONS: [Operation; 6] = [
    Operation::AdminGetUser,
    Operation::ListUsers,
    Operation::AdminListGroupsForUser,
    Operation::AdminAddUserToGroup,
    Operation::AdminUpdateUserAttributes,
    Operation::AdminDisableUser,
];

/// [`ana`] with groups, of which the destination pool has all but one.
fn pools() -> State {
    let mut groups: Vec<_> = (0..TEAMS).map(|number| format!("team-{number}")).collect();
    let new = NeighbourPool {
        pool_id: NEW_POOL.into(),
        groups: groups.clone(),
        ..NeighbourPool::default()
    };
    groups.push("left-behind".into());
    let names: Vec<_> = groups.iter().map(String::as_str).collect();
    let mut state = State::default()
        .with_user(ana().in_groups(&names))
        .with_user(User::new("bystander", PASSWORD).in_groups(&["team-1"]));
    state.neighbours = vec![new];
    state
}

/// A sign-in to the destination pool, as Cognito reports it.
fn signed_in(username: &str, attributes: Value) -> Value {
    let mut event = signed_in_event(username, attributes);
    event["userPoolId"] = json!(NEW_POOL);
    event
}

/// As Cognito does after a migration: makes the user with the attributes that the function gave it.
async fn migrate(bed: &Bed) -> Value {
    let event = sign_in_event("ana.kowalczyk", PASSWORD);
    let response = migrated(&bed.invoke(&event).await, &event);
    let mut user = User::new(NEW_NAME, PASSWORD);
    for (name, value) in response["userAttributes"].as_object().expect("attributes") {
        user = user.with(name, value.as_str().expect("text"));
    }
    bed.pool
        .change(|state| state.neighbours[0].users.push(user));
    bed.pool.forget();
    attributes(bed)
}

/// The attributes that an event about the new user carries.
fn attributes(bed: &Bed) -> Value {
    json!(new_user(bed).attributes)
}

fn new_user(bed: &Bed) -> User {
    let user = bed.pool.neighbours_user(NEW_POOL, NEW_NAME);
    user.expect("a user")
}

fn mark(bed: &Bed) -> String {
    attributes(bed)[MARK].as_str().expect("a mark").to_owned()
}

/// Signs in to the destination pool; nothing may stand in the way of it. Where a busy machine leaves too little time for
/// the steps, the next sign-in goes on with them.
async fn sign_in(bed: &Bed) -> InvocationOutcome {
    loop {
        let event = signed_in(NEW_NAME, attributes(bed));
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

/// The end to which every way leads, unless an operator must judge.
fn assert_finished(bed: &Bed) {
    let user = new_user(bed);
    assert_eq!(user.groups.len(), TEAMS);
    assert_eq!(user.attributes[MARK], format!("off/{}", ana().sub()));
    assert!(is_disabled(bed, "ana.kowalczyk"));
    assert!(!is_disabled(bed, "bystander"));
}

fn set_enabled(bed: &Bed, username: &str, enabled: bool) {
    bed.pool.change(|state| {
        let user = state
            .users
            .iter_mut()
            .find(|user| user.username == username);
        user.expect(username).enabled = enabled;
    });
}

fn set_mark(bed: &Bed, form: &str) {
    let mark = format!("{form}/{}", ana().sub());
    bed.pool.change(|state| {
        let user = &mut state.neighbours[0].users[0];
        user.attributes.insert(MARK.to_owned(), mark);
    });
}

fn is_disabled(bed: &Bed, username: &str) -> bool {
    !bed.pool.user(username).expect(username).enabled
}

#[tokio::test]
async fn a_migration_leaves_a_mark_and_changes_no_other_user() {
    let bed = Bed::with(pools(), &RETIRING).await;
    let before = attributes_of_ana();
    let mut after = migrate(&bed).await;
    let mark = after.as_object_mut().expect("attributes").remove(MARK);
    assert_eq!(mark, Some(json!(format!("pending/{}", ana().sub()))));
    assert_eq!(after, before);
    assert!(!is_disabled(&bed, "ana.kowalczyk"));
    // A second migration, as after a creation that failed, writes the same.
    migrate(&bed).await;
}

#[tokio::test]
async fn the_first_sign_in_copies_groups_then_disables_then_says_so() {
    let bed = Bed::with(pools(), &RETIRING).await;
    migrate(&bed).await;
    let outcome = sign_in(&bed).await;
    let line = bed.log_of(&outcome).await;
    assert_eq!(line["outcome"], "finished", "{line}");
    assert_eq!(
        (&line["level"], &line["missing_groups"], &line["source_sub"]),
        (&json!("WARN"), &json!("left-behind"), &json!(ana().sub()))
    );
    let mut calls = bed.pool.calls();
    calls.dedup();
    assert_eq!(calls, CALLS);
    assert_finished(&bed);
    bed.pool.forget();
    sign_in(&bed).await;
    assert_eq!(bed.pool.received().len(), 0, "done is done");
}

#[tokio::test]
async fn each_setting_does_what_it_says_and_no_more() {
    for (variables, calls, disabled, groups, form) in [
        (&[][..], 2, false, 0, "done"),
        // The mark, the name, the source user, the mark, the step, and the mark again.
        (&[("SOURCE_USER", "disable")], 6, true, 0, "off"),
        // The mark, the name, the source user, two pages of groups here, one there, each group, and the mark again.
        (
            &[("COPY_GROUPS", "*")],
            1 + 1 + 1 + 2 + 1 + (TEAMS + 1) + 1,
            false,
            TEAMS,
            "done",
        ),
    ] {
        let mut all = vec![("MIGRATION_MARK", MARK)];
        all.extend(variables);
        let bed = Bed::with(pools(), &all).await;
        migrate(&bed).await;
        sign_in(&bed).await;
        assert_eq!(bed.pool.received().len(), calls, "{variables:?}");
        assert_eq!(mark(&bed), format!("{form}/{}", ana().sub()));
        let disabled_now = is_disabled(&bed, "ana.kowalczyk");
        assert_eq!(disabled_now, disabled, "{variables:?}");
        assert_eq!(new_user(&bed).groups.len(), groups, "{variables:?}");
    }
}

/// Whichever call fails, and whether it was carried out before it failed: nothing is disabled too early, the sign-in goes
/// on, and later sign-ins lead to the one end. An operator must judge only where the source user was disabled and the
/// function did not learn of it.
#[tokio::test]
async fn a_failure_at_any_step_twice_ends_in_the_same_state() {
    for operation in OPERATIONS {
        for fault in [
            // Never carried out; carried out, but the function does not learn of it; refused.
            Fault::ResetBeforeRead,
            Fault::ResetAfterRead,
            Fault::AccessDenied,
        ] {
            let mut variables = RETIRING.to_vec();
            variables.push(("AWS_LAMBDA_LOG_LEVEL", "DEBUG"));
            let bed = Bed::with(pools(), &variables).await;
            migrate(&bed).await;
            for time in 0..2 {
                bed.pool.fail(operation, fault.clone(), Times::Forever);
                let outcome = sign_in(&bed).await;
                let line = bed.log_of(&outcome).await;
                // What was carried out the first time need not be tried again, and may say less than it did.
                if time == 0 || fault != Fault::ResetAfterRead {
                    assert_eq!(line["outcome"], "failed", "{operation} {fault:?}: {line}");
                    assert_eq!(line["operation"], operation.name());
                    assert_eq!(line["source_sub"], ana().sub(), "{line}");
                }
                bed.pool.recover();
                let copied = new_user(&bed).groups.len() == TEAMS;
                assert!(
                    copied || !is_disabled(&bed, "ana.kowalczyk"),
                    "{operation} {fault:?}: disabled before the groups were copied"
                );
            }
            let last = sign_in(&bed).await;
            let line = bed.log_of(&last).await;
            if operation == Operation::AdminDisableUser && fault == Fault::ResetAfterRead {
                assert_eq!(line["outcome"], "source_user_already_disabled", "{line}");
                assert_eq!(mark(&bed), format!("disabling/{}", ana().sub()));
                assert!(is_disabled(&bed, "ana.kowalczyk"));
                continue;
            }
            assert_ne!(line["outcome"], "failed", "{operation} {fault:?}: {line}");
            assert_finished(&bed);
        }
    }
}

/// Between any two of these steps: the mark never says that the function has not disabled a source user whom it disabled.
#[tokio::test]
async fn a_failure_around_the_disabling_leaves_the_mark_that_is_true() {
    for ((operation, before), form, disabled, then) in [
        // The intention cannot be written: nothing is disabled, and the next sign-in does it all.
        (
            (Operation::AdminUpdateUserAttributes, 0),
            "pending",
            false,
            "finished",
        ),
        // The source user cannot be disabled: the next sign-in goes on from there.
        (
            (Operation::AdminDisableUser, 0),
            "disabling",
            false,
            "finished",
        ),
        // That it was done cannot be written: an administrator may have done it, as far as the pools can tell.
        (
            (Operation::AdminUpdateUserAttributes, 1),
            "disabling",
            true,
            "source_user_already_disabled",
        ),
    ] {
        let bed = Bed::with(pools(), &RETIRING).await;
        migrate(&bed).await;
        // So many calls get their proper answer before one fails.
        for _ in 0..before {
            bed.pool
                .fail(operation, Fault::Slow(Duration::ZERO), Times::ONCE);
        }
        bed.pool.fail(operation, Fault::AccessDenied, Times::ONCE);
        let outcome = sign_in(&bed).await;
        assert_eq!(bed.log_of(&outcome).await["outcome"], "failed", "{form}");
        assert_eq!(mark(&bed), format!("{form}/{}", ana().sub()));
        assert_eq!(is_disabled(&bed, "ana.kowalczyk"), disabled, "{form}");
        bed.pool.forget();
        let outcome = sign_in(&bed).await;
        let line = bed.log_of(&outcome).await;
        assert_eq!(line["outcome"], then, "{line}");
        assert_eq!(line["source_sub"], ana().sub());
        if then == "finished" {
            assert_finished(&bed);
            // The groups were copied before `disabling/` was written.
            let asked = bed.pool.count(Operation::AdminListGroupsForUser) > 0;
            assert_eq!(asked, form == "pending");
        } else {
            assert_eq!(
                (&line["level"], &line["source_user"]),
                (&json!("WARN"), &json!("disabled"))
            );
            assert_eq!(mark(&bed), format!("{form}/{}", ana().sub()));
            assert_eq!(bed.pool.count(Operation::AdminDisableUser), 0);
        }
    }
}

/// A user who was shut out of the source pool after the migration does not come back with rights.
#[tokio::test]
async fn a_source_user_who_was_disabled_before_gets_no_groups_and_no_mark_of_the_function() {
    for variables in [&RETIRING[..], &RETIRING[..2]] {
        let bed = Bed::with(pools(), variables).await;
        migrate(&bed).await;
        set_enabled(&bed, "ana.kowalczyk", false);
        // The list lags behind.
        let listed = json!({
            "Username": "ana.kowalczyk", "Enabled": true, "UserStatus": "CONFIRMED",
            "Attributes": [{"Name": "sub", "Value": ana().sub()}],
        });
        bed.pool
            .always_answer(Operation::ListUsers, &json!({"Users": [listed]}));
        let outcome = sign_in(&bed).await;
        let line = bed.log_of(&outcome).await;
        assert_eq!(
            (&line["level"], &line["outcome"], &line["source_user"]),
            (&json!("WARN"), &json!("finished"), &json!("disabled")),
            "{line}"
        );
        assert_eq!(mark(&bed), format!("done/{}", ana().sub()));
        assert!(new_user(&bed).groups.is_empty());
        for operation in &OPERATIONS[2..4] {
            assert_eq!(bed.pool.count(*operation), 0, "{operation}");
        }
        bed.pool.forget();
        sign_in(&bed).await;
        assert_eq!(bed.pool.received().len(), 0, "done is done");
    }
}

/// Two sign-ins at once: the second finds the source user disabled, because the first did it in the meantime.
#[tokio::test]
async fn a_source_user_whom_another_sign_in_disables_is_not_taken_for_one_who_was_shut_out() {
    for form in ["disabling", "off"] {
        let bed = Bed::with(pools(), &RETIRING).await;
        migrate(&bed).await;
        let latency = Duration::from_millis(400);
        bed.pool.set_latency_of(Operation::ListUsers, latency);
        let event = signed_in(NEW_NAME, attributes(&bed));
        let meanwhile = async {
            while bed.pool.count(Operation::ListUsers) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            set_mark(&bed, form);
            set_enabled(&bed, "ana.kowalczyk", false);
        };
        let (outcome, ()) = tokio::join!(bed.invoke(&event), meanwhile);
        echoed(&outcome, &event);
        assert_eq!(mark(&bed), format!("{form}/{}", ana().sub()));
        assert_eq!(bed.pool.count(Operation::AdminUpdateUserAttributes), 0);
    }
}

/// `SOURCE_USER=keep`: an intention stays what it is. Whether it was carried out is not for this function to say.
#[tokio::test]
async fn an_intention_to_disable_stays_where_source_users_are_kept() {
    let bed = Bed::with(pools(), &RETIRING[..2]).await;
    migrate(&bed).await;
    set_mark(&bed, "disabling");
    bed.pool.forget();
    sign_in(&bed).await;
    assert_eq!(bed.pool.received().len(), 0);
    assert_eq!(mark(&bed), format!("disabling/{}", ana().sub()));
}

/// One group of many fails: the rest must be copied before the source user is disabled.
#[tokio::test]
async fn the_source_user_is_not_disabled_while_a_group_is_not_copied() {
    let bed = Bed::with(pools(), &RETIRING).await;
    migrate(&bed).await;
    for code in [
        "NotAuthorizedException",
        "InvalidParameterException",
        "AccessDeniedException",
    ] {
        bed.pool.fail(
            Operation::AdminAddUserToGroup,
            Fault::error(code, "no"),
            Times::ONCE,
        );
        let outcome = sign_in(&bed).await;
        assert_eq!(bed.log_of(&outcome).await["outcome"], "failed", "{code}");
        assert!(!is_disabled(&bed, "ana.kowalczyk"));
        assert!(mark(&bed).starts_with("pending/"));
    }
    sign_in(&bed).await;
    assert_finished(&bed);
}

/// A user with more groups than fit into one sign-in gets further ones at each sign-in.
#[tokio::test]
async fn only_groups_that_are_missing_are_added() {
    let bed = Bed::with(pools(), &RETIRING).await;
    migrate(&bed).await;
    bed.pool.change(|state| {
        let user = &mut state.neighbours[0].users[0];
        user.groups = (0..2).map(|number| format!("team-{number}")).collect();
    });
    sign_in(&bed).await;
    assert_finished(&bed);
    // What is left of them, and the one that the destination pool does not have.
    assert_eq!(
        bed.pool.count(Operation::AdminAddUserToGroup),
        TEAMS - 2 + 1
    );
}

#[tokio::test]
async fn a_user_without_groups_takes_no_call_about_those_of_the_new_pool() {
    let mut state = pools();
    state.users[0].groups.clear();
    let bed = Bed::with(state, &RETIRING).await;
    migrate(&bed).await;
    sign_in(&bed).await;
    assert_eq!(bed.pool.count(Operation::AdminListGroupsForUser), 1);
    assert!(is_disabled(&bed, "ana.kowalczyk"));
}

/// ListUsers lags behind: only AdminGetUser decides that a user is deleted.
#[tokio::test]
async fn a_list_that_lags_behind_hides_no_source_user() {
    let bed = Bed::with(pools(), &RETIRING).await;
    migrate(&bed).await;
    bed.pool
        .always_answer(Operation::ListUsers, &json!({"Users": []}));
    sign_in(&bed).await;
    assert_finished(&bed);
    assert!(is_disabled(&bed, "ana.kowalczyk"));
}

#[tokio::test]
async fn a_deleted_source_user_is_a_warning_and_ends_the_steps() {
    let bed = Bed::with(pools(), &RETIRING).await;
    migrate(&bed).await;
    bed.pool
        .change(|state| state.users.retain(|user| user.username != "ana.kowalczyk"));
    let outcome = sign_in(&bed).await;
    let line = bed.log_of(&outcome).await;
    assert_eq!(
        (&line["level"], &line["outcome"], &line["source_user"]),
        (&json!("WARN"), &json!("finished"), &json!("gone")),
        "{line}"
    );
    assert_eq!(line["source_sub"], ana().sub());
    assert_eq!(mark(&bed), format!("done/{}", ana().sub()));
}

/// Two devices, two processes, one user: whichever comes first, both sign in, and the end is the same.
#[tokio::test]
async fn two_sign_ins_at_once_end_alike() {
    for delayed in OPERATIONS {
        let first = Bed::with(pools(), &RETIRING).await;
        migrate(&first).await;
        let second = Bed::on(first.pool.clone(), &RETIRING).await;
        second.settle().await;
        first
            .pool
            .set_latency_of(delayed, Duration::from_millis(30));
        let outcomes = tokio::join!(sign_in(&first), sign_in(&second));
        for (bed, outcome) in [(&first, &outcomes.0), (&second, &outcomes.1)] {
            let output = bed.function.output_with(|_| true).await;
            let failed = |line: &Value| {
                line["request_id"] == outcome.request_id && line["outcome"] == "failed"
            };
            assert!(!output.lines().iter().any(failed), "{}", output.all());
        }
        assert_finished(&first);
    }
}

#[tokio::test]
async fn a_function_that_dies_half_way_is_followed_by_one_that_finishes() {
    // Whatever was done, the next function finds the mark as the last one left it.
    for operation in OPERATIONS[3..].iter().copied() {
        let mut bed = Bed::with(pools(), &RETIRING).await;
        migrate(&bed).await;
        bed.pool
            .fail(operation, Fault::NeverAnswers, Times::Forever);
        let event = signed_in(NEW_NAME, attributes(&bed));
        let pool = bed.pool.clone();
        let killed = async {
            while pool.count(operation) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            bed.function.terminate();
        };
        tokio::select! {
            _ = bed.host.invoke(&event) => {}
            () = killed => {}
        }
        pool.recover();
        bed = Bed::on(pool, &RETIRING).await;
        let outcome = sign_in(&bed).await;
        if operation == Operation::AdminDisableUser {
            // The function died before it learned that this was done.
            let line = bed.log_of(&outcome).await;
            assert_eq!(line["outcome"], "source_user_already_disabled", "{line}");
            continue;
        }
        assert_finished(&bed);
    }
}

#[tokio::test]
async fn no_pool_is_asked_about_users_whose_mark_leaves_nothing_to_do() {
    let bed = Bed::with(pools(), &RETIRING).await;
    migrate(&bed).await;
    bed.pool.forget();
    let sub = ana().sub();
    for mark in [
        Value::Null,
        json!(""),
        json!("pending"),
        json!("pending/"),
        json!("disabling/"),
        json!(format!("done/{sub}")),
        json!(format!("off/{sub}")),
        json!(["pending/x"]),
    ] {
        let event = signed_in(NEW_NAME, json!({MARK: mark}));
        echoed(&bed.invoke(&event).await, &event);
    }
    for attributes in [Value::Null, json!([]), json!({"email": "ana@example.com"})] {
        let event = signed_in(NEW_NAME, attributes);
        echoed(&bed.invoke(&event).await, &event);
    }
    assert_eq!(bed.pool.received().len(), 0);
}

/// An app client may let its users write the mark: then a user can hold another user's mark.
#[tokio::test]
async fn a_mark_is_believed_only_from_a_user_who_is_recognisably_the_source_user() {
    let sub = ana().sub();
    let email = |value: &str| {
        vec![
            ("email", value.to_owned()),
            ("email_verified", "true".to_owned()),
        ]
    };
    let phone = vec![
        ("phone_number", "+491555010203".to_owned()),
        ("phone_number_verified", "true".to_owned()),
    ];
    let own = || ana().attributes["email"].clone();
    let mut unverified = email(&own());
    unverified[1].1 = "false".to_owned();
    for (name, attributes, is_believed) in [
        (NEW_NAME, email(&own()), true),
        (NEW_NAME, email(&own().to_uppercase()), true),
        (NEW_NAME, phone, true),
        (sub.as_str(), vec![], true),
        ("ana.kowalczyk", vec![], true),
        (NEW_NAME, vec![], false),
        (NEW_NAME, unverified, false),
        (NEW_NAME, email("mallory@example.com"), false),
        ("bystander", vec![], false),
    ] {
        let bed = Bed::with(pools(), &RETIRING).await;
        let mut user = User::new(name, PASSWORD).with(MARK, &format!("pending/{sub}"));
        for (attribute, value) in &attributes {
            user = user.with(attribute, value);
        }
        let event = signed_in(name, json!(user.attributes));
        bed.pool
            .change(|state| state.neighbours[0].users.push(user));
        bed.pool.forget();
        let outcome = bed.invoke(&event).await;
        echoed(&outcome, &event);
        let after = bed.pool.neighbours_user(NEW_POOL, name).expect("a user");
        let line = bed.log_of(&outcome).await;
        if is_believed {
            assert_eq!(line["outcome"], "finished", "{name} {attributes:?}: {line}");
            assert!(is_disabled(&bed, "ana.kowalczyk"));
            assert_eq!(after.groups.len(), TEAMS);
            continue;
        }
        for (field, value) in [
            ("level", "WARN"),
            ("outcome", "rejected"),
            ("reason", "mark_of_another_user"),
            ("source_sub", &sub),
        ] {
            assert_eq!(line[field], value, "{name} {attributes:?}: {line}");
        }
        assert!(!is_disabled(&bed, "ana.kowalczyk"));
        assert!(after.groups.is_empty());
        assert_eq!(after.attributes[MARK], format!("pending/{sub}"));
        assert_eq!(bed.pool.calls(), CALLS[..3]);
    }
}

#[tokio::test]
async fn groups_that_are_named_are_copied_and_no_others() {
    let mut variables = RETIRING.to_vec();
    variables[1].1 = "team-1,team-2,left-behind,without-members";
    let bed = Bed::with(pools(), &variables).await;
    migrate(&bed).await;
    let outcome = sign_in(&bed).await;
    assert_eq!(new_user(&bed).groups, ["team-1", "team-2"]);
    assert_eq!(bed.log_of(&outcome).await["missing_groups"], "left-behind");
    assert_eq!(bed.pool.count(Operation::AdminAddUserToGroup), 3);
}

/// A user whom an administrator deletes between the sign-in and a step needs no steps, and that is no failure.
#[tokio::test]
async fn a_user_of_the_new_pool_who_is_deleted_meanwhile_is_no_failure() {
    for operation in [
        Operation::AdminGetUser,
        Operation::AdminAddUserToGroup,
        Operation::AdminUpdateUserAttributes,
    ] {
        let mut variables = RETIRING.to_vec();
        variables.push(("AWS_LAMBDA_LOG_LEVEL", "DEBUG"));
        let bed = Bed::with(pools(), &variables).await;
        migrate(&bed).await;
        let gone = Fault::error("UserNotFoundException", "User does not exist.");
        bed.pool.fail(operation, gone, Times::Forever);
        let outcome = sign_in(&bed).await;
        let line = bed.log_of(&outcome).await;
        assert_eq!(line["outcome"], "not_marked", "{operation}: {line}");
        assert!(!is_disabled(&bed, "ana.kowalczyk"), "{operation}");
    }
}

/// The steps follow the pool and not the event.
#[tokio::test]
async fn an_event_alone_disables_no_source_user() {
    let bed = Bed::with(pools(), &RETIRING).await;
    migrate(&bed).await;
    let bystander = bed.pool.user("bystander").expect("a user").sub();
    for (name, sub) in [
        (NEW_NAME, bystander.as_str()),
        ("not-in-the-new-pool", &ana().sub()),
    ] {
        let event = signed_in(name, json!({MARK: format!("pending/{sub}")}));
        echoed(&bed.invoke(&event).await, &event);
    }
    let mut event = signed_in(
        "ana.kowalczyk",
        json!({MARK: format!("pending/{}", ana().sub())}),
    );
    event["userPoolId"] = json!(testbed::source_pool::POOL_ID);
    echoed(&bed.invoke(&event).await, &event);
    assert!(!is_disabled(&bed, "ana.kowalczyk"));
    assert!(!is_disabled(&bed, "bystander"));
    assert!(mark(&bed).starts_with("pending/"));
}

#[tokio::test]
async fn without_a_mark_a_sign_in_is_a_trigger_like_any_other() {
    let bed = Bed::start(pools()).await;
    let event = signed_in(NEW_NAME, json!({MARK: format!("pending/{}", ana().sub())}));
    rejected(&bed, &event, "unknown_trigger").await;
    assert_eq!(bed.pool.received().len(), 0);
}

#[tokio::test]
async fn failures_are_counted_and_nothing_personal_is_logged() {
    let mut variables = RETIRING.to_vec();
    variables.push(("AWS_LAMBDA_LOG_LEVEL", "TRACE"));
    let bed = Bed::with(pools(), &variables).await;
    migrate(&bed).await;
    bed.pool.fail(
        Operation::AdminDisableUser,
        Fault::InternalError,
        Times::Forever,
    );
    let last = sign_in(&bed).await;
    bed.log_of(&last).await;
    let counted = |line: &Value| {
        line["Trigger"] == "PostAuthentication_Authentication" && line["Failed"] == 1
    };
    let output = bed
        .function
        .output_with(|output| output.lines().iter().any(counted))
        .await;
    assert!(output.lines().iter().any(counted), "{}", output.all());
    for text in bed.pool.confidential() {
        // The sub is the one thing of a user that is logged, and it is part of the filter.
        if !text.starts_with("sub = ") {
            assert!(!output.all().contains(&text), "{text}");
        }
    }
}
