//! `retire`: the source users who have moved are disabled or deleted.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::json;
use testbed::source_pool::{Client, Fault, Operation, POOL_ID, SourcePoolStub, State, Times, User};

use crate::support::*;

const MARK: &str = "custom:mark";
const SET: [&str; 2] = ["--set", "MIGRATION_MARK=custom:mark"];

fn sub(name: &str) -> String {
    user(name).sub()
}

/// A user of the destination pool whose mark says whose user of the source pool it was.
fn moved(name: &str) -> User {
    user(name).with(MARK, &format!("done/{}", sub(name)))
}

fn pools(source: Vec<User>, destination: Vec<User>) -> State {
    let mut state = two_pools(source);
    let pool = &mut state.neighbours[0];
    pool.users = destination;
    let schema = json!([
        {"Name": MARK, "AttributeDataType": "String"},
        {"Name": "custom:legacy_sub", "AttributeDataType": "String"},
    ]);
    pool.description.insert("SchemaAttributes".into(), schema);
    state
}

/// A user for each rule.
fn all_kinds() -> State {
    let names = ["ana", "bo", "cem", "dora", "eve", "fay", "gus", "hal"];
    let mut source: Vec<_> = names.map(user).into();
    source[1].enabled = false;
    let forged = User::new("mallory", "x")
        .with("email", "mallory@example.com")
        .with("email_verified", "true");
    let destination = vec![
        moved("ana"),
        moved("bo"),
        user("cem").with(MARK, &format!("pending/{}", sub("cem"))),
        moved("dora").with_status("RESET_REQUIRED"),
        moved("eve").disabled(),
        forged.with(MARK, &format!("done/{}", sub("fay"))),
        // A false claim beside a true one.
        User::new("mallory2", "x").with(MARK, &format!("done/{}", sub("gus"))),
        moved("gus"),
    ];
    pools(source, destination)
}

async fn started(state: State) -> SourcePoolStub {
    SourcePoolStub::start(state).await.expect("a loopback port")
}

async fn retire(pool: &SourcePoolStub, arguments: &[&str]) -> Said {
    run(
        pool,
        &[&["retire", "--format", "json"], &SET[..], arguments].concat(),
    )
    .await
}

/// Deletes, with a record of this name; and what the record holds.
async fn delete(pool: &SourcePoolStub, name: &str) -> (Said, String) {
    let path = folder(name).join("retired.txt");
    let record = path.to_str().expect("a path of letters");
    let said = retire(pool, &["--delete", "--apply", "--record", record]).await;
    (said, fs::read_to_string(&path).unwrap_or_default())
}

/// The lines of a record.
fn recorded(names: &[&str]) -> String {
    names.iter().map(|name| sub(name) + "\n").collect()
}

fn is_enabled(pool: &SourcePoolStub, name: &str) -> Option<bool> {
    pool.user(name).map(|user| user.enabled)
}

#[tokio::test]
async fn without_apply_it_only_counts() {
    let pool = started(all_kinds()).await;
    for (arguments, leavers, already) in [
        (&[][..], vec!["ana", "gus"], 1),
        (&["--delete"], vec!["ana", "bo", "gus"], 0),
    ] {
        let said = retire(&pool, arguments).await;
        assert_eq!(
            (said.status, said.stderr.as_str()),
            (Some(0), ""),
            "{said:?}"
        );
        let answer = said.json();
        let leavers: Vec<_> = leavers.into_iter().map(sub).collect();
        assert_eq!(answer["to_retire"], json!(leavers));
        assert_eq!(answer.get("retired"), None);
        assert_eq!(answer["already_disabled"], already);
        assert_eq!(answer["applied"], false);
        assert_eq!(
            answer["kept"],
            json!({
                "new_account_not_confirmed": [sub("dora"), sub("eve")],
                "not_the_same_person": [sub("fay")],
            })
        );
        for text in pool.confidential() {
            assert!(!said.stdout.contains(&text), "{text}");
        }
    }
    let said = run(&pool, &[&["retire"], &SET[..]].concat()).await;
    for part in [
        "to disable",
        "Nothing was changed. --apply does it, and with --record FILE, restore takes it back.",
        &sub("fay"),
    ] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
    let calls: BTreeSet<_> = pool.calls().into_iter().collect();
    assert_eq!(
        calls,
        BTreeSet::from([
            Operation::ListUsers,
            Operation::DescribeUserPool,
            Operation::ListUserPoolClients,
        ])
    );
}

#[tokio::test]
async fn moved_users_are_disabled_and_a_second_run_finds_none() {
    let pool = started(all_kinds()).await;
    pool.fail(Operation::AdminDisableUser, Fault::Throttled, Times::N(4));
    let said = retire(&pool, &["--apply"]).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    assert_eq!(said.json()["retired"], json!([sub("ana"), sub("gus")]));
    for name in ["ana", "bo", "cem", "dora", "eve", "fay", "gus", "hal"] {
        let stays = !["ana", "bo", "gus"].contains(&name);
        assert_eq!(is_enabled(&pool, name), Some(stays), "{name}");
    }
    let changed = pool.received_of(Operation::AdminDisableUser);
    assert!(
        changed
            .iter()
            .all(|request| request.body["UserPoolId"] == POOL_ID)
    );
    pool.forget();
    let said = retire(&pool, &["--apply"]).await;
    assert_eq!(said.json()["retired"], json!([]));
    assert_eq!(said.json()["already_disabled"], 3);
    assert_eq!(pool.count(Operation::AdminDisableUser), 0);
}

#[tokio::test]
async fn only_moved_users_are_deleted() {
    let pool = started(all_kinds()).await;
    let said = retire(&pool, &["--delete", "--apply"]).await;
    assert_eq!(said.status, Some(2), "{said:?}");
    assert!(said.stderr.contains("needs --record FILE"), "{said:?}");
    assert_eq!(pool.received().len(), 0);
    let (said, record) = delete(&pool, "retire-delete").await;
    assert_eq!(
        said.json()["retired"],
        json!([sub("ana"), sub("bo"), sub("gus")]),
        "{said:?}"
    );
    assert_eq!(record, recorded(&["ana", "bo", "gus"]));
    for name in ["ana", "bo", "gus"] {
        assert!(pool.user(name).is_none(), "{name}");
    }
    for name in ["cem", "dora", "eve", "fay", "hal"] {
        assert_eq!(is_enabled(&pool, name), Some(true), "{name}");
    }
    assert!(pool.neighbours_user(DESTINATION, "ana").is_some());
    assert_eq!(pool.count(Operation::AdminDeleteUser), 3);
}

#[tokio::test]
async fn a_user_whose_new_account_is_deleted_meanwhile_is_kept() {
    let pool = started(pools(
        vec![user("ana"), user("bo")],
        vec![moved("ana"), moved("bo")],
    ))
    .await;
    pool.set_latency_of(Operation::AdminDeleteUser, Duration::from_millis(600));
    let run = tokio::spawn({
        let pool = pool.clone();
        async move { delete(&pool, "retire-gone").await }
    });
    while pool.count(Operation::AdminDeleteUser) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    pool.change(|state| state.neighbours[0].users.clear());
    let (said, record) = run.await.expect("it ends");
    assert_eq!(said.json()["retired"], json!([sub("ana")]), "{said:?}");
    assert_eq!(record, recorded(&["ana"]));
    assert_eq!(
        said.json()["kept"],
        json!({"new_account_not_confirmed": [sub("bo")]})
    );
    assert_eq!(is_enabled(&pool, "bo"), Some(true));
}

#[tokio::test]
async fn a_user_who_is_gone_already_is_done() {
    let pool = started(pools(vec![user("ana")], vec![moved("ana")])).await;
    for operation in [Operation::AdminDisableUser, Operation::AdminDeleteUser] {
        pool.fail(
            operation,
            Fault::error("UserNotFoundException", "User does not exist."),
            Times::ONCE,
        );
        let said = match operation {
            Operation::AdminDeleteUser => delete(&pool, "retire-gone-already").await.0,
            _ => retire(&pool, &["--apply"]).await,
        };
        assert_eq!(
            (said.status, &said.json()["retired"]),
            (Some(0), &json!([sub("ana")])),
            "{said:?}"
        );
    }
}

#[tokio::test]
async fn an_attribute_with_the_plain_sub_tells_too() {
    let legacy = |name: &str| user(name).with("custom:legacy_sub", &sub(name));
    let pool = started(pools(
        vec![user("ana"), user("bo")],
        vec![legacy("ana"), moved("bo")],
    ))
    .await;
    let matched = ["retire", "--format", "json", "--match", "custom:legacy_sub"];
    let said = run(&pool, &matched).await;
    assert_eq!(said.json()["to_retire"], json!([sub("ana")]), "{said:?}");
    // Post-migration steps that are left have their mark in any attribute.
    pool.change(|state| {
        let pending = format!("pending/{}", sub("ana"));
        state.neighbours[0].users[0] = user("ana").with("custom:legacy_sub", &pending);
    });
    let said = run(&pool, &matched).await;
    assert_eq!(said.json()["to_retire"], json!([]), "{said:?}");
    // A mark counts in the attribute of --match, too.
    pool.change(|state| {
        state.neighbours[0].users = vec![user("ana").with(MARK, &sub("ana")), moved("bo")];
    });
    let said = retire(&pool, &["--match", MARK]).await;
    assert_eq!(said.json()["to_retire"], json!([sub("bo")]), "{said:?}");
}

/// Only `pending/` says that groups may still have to be copied.
#[tokio::test]
async fn every_mark_but_a_pending_one_lets_the_source_user_go() {
    let names = ["pending", "disabling", "off", "done"];
    let marked = |name: &&str| user(name).with(MARK, &format!("{name}/{}", sub(name)));
    let source = names.map(user).into();
    let pool = started(pools(source, names.iter().map(marked).collect())).await;
    let said = retire(&pool, &[]).await;
    let leavers: Vec<_> = names[1..].iter().map(|name| sub(name)).collect();
    assert_eq!(said.json()["to_retire"], json!(leavers), "{said:?}");
}

/// A user who can write the mark can name any source user.
#[tokio::test]
async fn nothing_is_retired_where_an_app_client_may_write_the_mark_or_this_is_not_known() {
    let client = |id: &str, writable: Option<&[&str]>| Client {
        writable: writable.map(|names| names.iter().map(|&name| name.to_owned()).collect()),
        ..Client::new(id)
    };
    let state = |last: Client| {
        let mut state = pools(vec![user("ana")], vec![moved("ana")]);
        // More than a preflight looks at.
        let clients = (0..61).map(|number| client(&format!("7safe{number}"), Some(&["name"])));
        state.neighbours[0].clients = clients.chain([last]).collect();
        state
    };
    let safe = || state(client("7last", Some(&["name"])));
    let listed = state(client("7last", Some(&["name", MARK])));
    let unset = state(client("7last", None));
    let mut denied = safe();
    denied
        .denied
        .push(format!("ListUserPoolClients {DESTINATION}"));
    for (state, sentence) in [
        (listed, "can write their own mark, and so claim"),
        (unset, "because it sets no WriteAttributes"),
        (
            denied,
            "not allowed ListUserPoolClients on the destination pool",
        ),
    ] {
        let pool = started(state).await;
        for said in [
            retire(&pool, &[]).await,
            retire(&pool, &["--apply"]).await,
            delete(&pool, "retire-unsafe").await.0,
        ] {
            assert_eq!(
                (said.status, said.stdout.as_str()),
                (Some(1), ""),
                "{said:?}"
            );
            assert!(said.stderr.contains(sentence), "{said:?}");
            assert!(said.stderr.contains("nothing was changed"), "{said:?}");
            assert_eq!(is_enabled(&pool, "ana"), Some(true));
        }
    }
    let said = retire(&started(safe()).await, &["--apply"]).await;
    assert_eq!(said.json()["retired"], json!([sub("ana")]), "{said:?}");
}

#[tokio::test]
async fn one_sentence_says_what_is_wrong_and_what_was_done() {
    let pool = started(pools(
        vec![user("ana"), user("bo")],
        vec![moved("ana"), moved("bo")],
    ))
    .await;
    for (arguments, status, sentence) in [
        (
            vec!["retire"],
            2,
            "Nothing says who has moved: name the attribute with --match, or set MIGRATION_MARK.",
        ),
        (
            vec!["retire", "--match", "custom:typo"],
            2,
            "has no attribute custom:typo.",
        ),
    ] {
        let said = run(&pool, &arguments).await;
        assert_eq!(
            (said.status, said.stdout.as_str()),
            (Some(status), ""),
            "{said:?}"
        );
        assert!(said.stderr.contains(sentence), "{said:?}");
    }
    pool.change(|state| state.denied.push(format!("AdminDisableUser {POOL_ID}")));
    let said = retire(&pool, &["--apply"]).await;
    assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
    assert!(
        said.stderr
            .contains("not allowed AdminDisableUser on the source pool"),
        "{said:?}"
    );
    assert!(!said.stderr.contains("retired"));
}

/// Each `sub` stands in the record before its call. So it names the user whose call failed, too.
#[tokio::test]
async fn the_record_names_each_user_before_the_call() {
    let path = folder("retire-record").join("retired.txt");
    let record = path.to_str().expect("a path of letters");
    let names = ["ana", "bo", "cem"];
    let pool = started(pools(names.map(user).into(), names.map(moved).into())).await;
    // Without --apply there is nothing to record.
    let said = retire(&pool, &["--record", record]).await;
    assert_eq!((said.status, path.exists()), (Some(2), false), "{said:?}");
    // The second call is refused.
    pool.fail(
        Operation::AdminDisableUser,
        Fault::Slow(Duration::ZERO),
        Times::ONCE,
    );
    pool.fail(
        Operation::AdminDisableUser,
        Fault::AccessDenied,
        Times::ONCE,
    );
    let said = retire(&pool, &["--apply", "--record", record]).await;
    assert_eq!(
        (said.status, said.stdout.as_str()),
        (Some(1), ""),
        "{said:?}"
    );
    let told = "not allowed AdminDisableUser on the source pool";
    let so_far = "Before that, 1 users were retired. Run it again to go on.";
    assert!(
        said.stderr.contains(told) && said.stderr.contains(so_far),
        "{said:?}"
    );
    let written = fs::read_to_string(&path).expect("the record");
    assert_eq!(written, recorded(&["ana", "bo"]));
    let mode = fs::metadata(&path)
        .expect("the record")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    // A record is never written over.
    pool.forget();
    let said = retire(&pool, &["--apply", "--record", record]).await;
    assert!(
        said.status == Some(1) && said.stderr.contains("exists: name another file"),
        "{said:?}"
    );
    assert_eq!(pool.count(Operation::AdminDisableUser), 0);
}

/// The call under way comes to its end, and no other begins. Until then nothing was changed, and after that something was.
#[tokio::test]
async fn a_request_to_end_lets_the_call_under_way_finish() {
    for (number, signal) in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]
        .into_iter()
        .enumerate()
    {
        let path = folder(&format!("retire-signal-{number}")).join("retired.txt");
        let names = ["ana", "bo"];
        let pool = started(pools(names.map(user).into(), names.map(moved).into())).await;
        pool.set_latency_of(Operation::AdminDisableUser, Duration::from_millis(800));
        let mut command = program(&pool);
        command
            .args(["retire", "--source-pool", POOL_ID, "--pool", DESTINATION])
            .args(["--apply", "--record"])
            .arg(&path)
            .args(SET);
        let child = command.spawn().expect("the program was built");
        while pool.count(Operation::AdminDisableUser) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let pid = i32::try_from(child.id().expect("it runs")).expect("a process id");
        kill(Pid::from_raw(pid), signal).expect("it runs");
        let output = child.wait_with_output().await.expect("it ends");
        assert_eq!(output.status.code(), Some(1), "{signal}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let told = "cognito-migration: Interrupted. Before that, 1 users were retired. Run it again to go on.\n";
        assert_eq!(said, told, "{signal}");
        assert_eq!(is_enabled(&pool, "ana"), Some(false), "{signal}");
        assert_eq!(is_enabled(&pool, "bo"), Some(true), "{signal}");
        assert_eq!(
            fs::read_to_string(&path).expect("the record"),
            recorded(&["ana"])
        );
        pool.set_latency_of(Operation::AdminDisableUser, Duration::ZERO);
        let said = retire(&pool, &["--apply"]).await;
        assert_eq!(said.json()["retired"], json!([sub("bo")]), "{said:?}");
    }
}

/// All users have moved. With 200,000 users it is 473 bytes; a list that has just doubled holds more.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_grows_by_at_most_700_bytes_a_user() {
    let all = |users: usize| {
        let names: Vec<_> = (0..users)
            .map(|number| format!("u{number}@example.com"))
            .collect();
        let source = names.iter().map(|name| user(name)).collect();
        pools(source, names.iter().map(|name| moved(name)).collect())
    };
    // The longest answer, and the longest memory of whom it speaks.
    let options = [&SET[..], &["--delete", "--format", "json"]].concat();
    let each = bytes_a_user("retire", all, |_| {
        options.iter().map(|&text| text.into()).collect()
    });
    let each = each.await;
    assert!(each <= 700, "{each}");
}
