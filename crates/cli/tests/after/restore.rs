//! `restore`: the users who are enabled again, and those who stay disabled.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use testbed::source_pool::{Client, Fault, Operation, POOL_ID, SourcePoolStub, State, Times, User};

use crate::support::*;

const MARK: &str = "custom:mark";
const SET: [&str; 2] = ["--set", "MIGRATION_MARK=custom:mark"];

fn sub(name: &str) -> String {
    user(name).sub()
}

/// A user of the destination pool with this form of a mark.
fn marked(name: &str, form: &str) -> User {
    user(name).with(MARK, &format!("{form}/{}", sub(name)))
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
    pool.clients.push(Client {
        writable: Some(vec!["name".to_owned()]),
        ..Client::new("7newclient")
    });
    state
}

/// A user for each rule. All source users are disabled, but for two.
fn all_kinds() -> State {
    let names = [
        "u-off",
        "u-done",
        "u-disabling",
        "u-pending",
        "u-reset",
        "u-blocked",
        "u-forged",
        "u-unmoved",
        "u-enabled",
        "u-kept",
    ];
    let mut source: Vec<_> = names.map(|name| user(name).disabled()).into();
    for name in ["u-enabled", "u-kept"] {
        let user = source.iter_mut().find(|user| user.username == name);
        user.expect(name).enabled = true;
    }
    let forged = User::new("mallory", "x")
        .with("email", "mallory@example.com")
        .with("email_verified", "true");
    let destination = vec![
        marked("u-off", "off"),
        marked("u-done", "done"),
        marked("u-disabling", "disabling"),
        marked("u-pending", "pending"),
        marked("u-reset", "off").with_status("RESET_REQUIRED"),
        marked("u-blocked", "off").disabled(),
        forged.with(MARK, &format!("off/{}", sub("u-forged"))),
        marked("u-enabled", "off"),
        marked("u-kept", "done"),
        // A false claim beside a true one.
        User::new("mallory2", "x").with(MARK, &format!("done/{}", sub("u-off"))),
    ];
    pools(source, destination)
}

async fn started(state: State) -> SourcePoolStub {
    SourcePoolStub::start(state).await.expect("a loopback port")
}

async fn restore(pool: &SourcePoolStub, arguments: &[&str]) -> Said {
    let json = ["restore", "--format", "json"];
    run(pool, &[&json, &SET[..], arguments].concat()).await
}

fn is_enabled(pool: &SourcePoolStub, name: &str) -> bool {
    pool.user(name).expect(name).enabled
}

/// The names of the source users who are enabled.
fn enabled(pool: &SourcePoolStub, names: &[&'static str]) -> BTreeSet<&'static str> {
    let names = names.iter().copied();
    names.filter(|name| is_enabled(pool, name)).collect()
}

/// A file with the `sub`s of these users.
fn listed(folder: &Path, name: &str, users: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let lines: String = users.iter().map(|name| sub(name) + "\n").collect();
    fs::write(&path, lines).expect("a file for the tests");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of letters")
}

fn subs(names: &[&str]) -> Value {
    let mut subs: Vec<_> = names.iter().map(|name| sub(name)).collect();
    subs.sort();
    json!(subs)
}

/// The `sub`s that an answer names as enabled, in order.
fn restored(said: &Said) -> Value {
    let answer = said.json();
    let [named, other] = match answer["applied"] == true {
        true => ["restored", "to_restore"],
        false => ["to_restore", "restored"],
    };
    assert_eq!(answer[other], Value::Null);
    let mut subs: Vec<_> = answer[named]
        .as_array()
        .unwrap_or_else(|| panic!("{said:?}"))
        .clone();
    subs.sort_by_key(Value::to_string);
    json!(subs)
}

#[tokio::test]
async fn without_a_record_only_those_return_whom_the_function_disabled() {
    let pool = started(all_kinds()).await;
    for (options, applied) in [(&[][..], false), (&["--apply"], true)] {
        let said = restore(&pool, options).await;
        assert_eq!(
            (said.status, said.stderr.as_str()),
            (Some(0), ""),
            "{said:?}"
        );
        assert_eq!(restored(&said), subs(&["u-off"]));
        let answer = said.json();
        assert_eq!(
            (
                &answer["applied"],
                &answer["already_enabled"],
                &answer["users"]
            ),
            (&json!(applied), &json!(1), &json!(10))
        );
        assert_eq!(
            answer["kept"],
            json!({
                "mark_is_done": subs(&["u-done"]),
                "mark_is_disabling": subs(&["u-disabling"]),
                "mark_is_pending": subs(&["u-pending"]),
                "new_account_not_confirmed": subs(&["u-reset", "u-blocked"]),
                "not_the_same_person": subs(&["u-forged"]),
                "no_new_account": subs(&["u-unmoved"]),
            })
        );
        for text in pool.confidential() {
            assert!(!said.stdout.contains(&text), "{text}");
        }
        assert_eq!(is_enabled(&pool, "u-off"), applied);
        assert_eq!(pool.count(Operation::AdminEnableUser), usize::from(applied));
    }
    let changed = pool.received_of(Operation::AdminEnableUser);
    assert_eq!(
        changed[0].body,
        json!({"UserPoolId": POOL_ID, "Username": "u-off"})
    );
    // A second run finds the user enabled.
    pool.forget();
    let said = restore(&pool, &["--apply"]).await;
    assert_eq!(said.json()["restored"], json!([]), "{said:?}");
    assert_eq!(said.json()["already_enabled"], 2);
    assert_eq!(pool.count(Operation::AdminEnableUser), 0);
    let said = run(&pool, &[&["restore"], &SET[..]].concat()).await;
    for part in [
        "enabled before",
        "These stay as they are:",
        "does not say who disabled them",
        &format!("{} mark_is_done", sub("u-done")),
    ] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
}

/// A record says who was retired, whatever their marks say. Every other user stays out.
#[tokio::test]
async fn a_record_names_exactly_those_who_return() {
    let folder = folder("restore-record");
    let record = listed(
        &folder,
        "record",
        &[
            "u-done",
            "u-disabling",
            "u-pending",
            "u-reset",
            "u-blocked",
            "u-forged",
            "u-unmoved",
            "u-kept",
            "u-gone",
        ],
    );
    let except = listed(&folder, "except", &["u-disabling"]);
    let pool = started(all_kinds()).await;
    let options = [
        "--record",
        text(&record),
        "--except",
        text(&except),
        "--apply",
    ];
    let said = restore(&pool, &options).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    assert_eq!(restored(&said), subs(&["u-done", "u-pending"]));
    assert_eq!(said.json()["already_enabled"], 1);
    assert_eq!(
        said.json()["kept"],
        json!({
            "excepted": subs(&["u-disabling"]),
            "new_account_not_confirmed": subs(&["u-reset", "u-blocked"]),
            "not_the_same_person": subs(&["u-forged"]),
            "no_new_account": subs(&["u-unmoved"]),
            "no_source_user": subs(&["u-gone"]),
        })
    );
    let names = [
        "u-off",
        "u-done",
        "u-disabling",
        "u-pending",
        "u-reset",
        "u-blocked",
        "u-forged",
        "u-unmoved",
    ];
    assert_eq!(
        enabled(&pool, &names),
        BTreeSet::from(["u-done", "u-pending"])
    );
}

/// The record of `retire --match`: without a mark the plain `sub` tells the new account.
#[tokio::test]
async fn a_record_of_users_without_a_mark_needs_the_attribute_with_the_plain_sub() {
    let folder = folder("restore-match");
    let record = listed(&folder, "record", &["ana"]);
    let legacy = |name: &str| user(name).with("custom:legacy_sub", &sub(name));
    let source = ["ana", "bo"].map(|name| user(name).disabled());
    let pool = started(pools(source.into(), vec![legacy("ana"), legacy("bo")])).await;
    let matched = [
        "restore",
        "--format",
        "json",
        "--match",
        "custom:legacy_sub",
    ];
    let said = run(&pool, &matched).await;
    assert_eq!(said.status, Some(2), "{said:?}");
    let options = [&matched[..], &["--record", text(&record), "--apply"]].concat();
    let said = run(&pool, &options).await;
    assert_eq!(restored(&said), subs(&["ana"]), "{said:?}");
    assert_eq!(enabled(&pool, &["ana", "bo"]), BTreeSet::from(["ana"]));
}

#[tokio::test]
async fn the_log_names_each_user_before_the_call_and_a_second_run_goes_on() {
    let folder = folder("restore-log");
    let [first, second] = ["first", "second"].map(|name| folder.join(name));
    let names = ["ana", "bo", "cem"];
    let source = names.map(|name| user(name).disabled()).into();
    let pool = started(pools(source, names.map(|name| marked(name, "off")).into())).await;
    // The second call fails.
    pool.fail(
        Operation::AdminEnableUser,
        Fault::Slow(Duration::ZERO),
        Times::ONCE,
    );
    pool.fail(Operation::AdminEnableUser, Fault::AccessDenied, Times::ONCE);
    let said = restore(&pool, &["--apply", "--log", text(&first)]).await;
    assert_eq!(
        (said.status, said.stdout.as_str()),
        (Some(1), ""),
        "{said:?}"
    );
    for part in [
        "not allowed AdminEnableUser on the source pool",
        "Before that, 1 users were enabled. Run it again to go on.",
    ] {
        assert!(said.stderr.contains(part), "{said:?}");
    }
    let written = fs::read_to_string(&first).expect("the log");
    assert_eq!(written, format!("{}\n{}\n", sub("ana"), sub("bo")));
    let mode = fs::metadata(&first).expect("the log").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(enabled(&pool, &names), BTreeSet::from(["ana"]));
    // A log is never written over.
    pool.forget();
    let said = restore(&pool, &["--apply", "--log", text(&first)]).await;
    assert!(
        said.status == Some(1) && said.stderr.contains("exists: name another file"),
        "{said:?}"
    );
    assert_eq!(pool.count(Operation::AdminEnableUser), 0);
    let said = restore(&pool, &["--apply", "--log", text(&second)]).await;
    assert_eq!(restored(&said), subs(&["bo", "cem"]), "{said:?}");
    assert_eq!(said.json()["already_enabled"], 1);
    let written = fs::read_to_string(&second).expect("the log");
    assert_eq!(written, format!("{}\n{}\n", sub("bo"), sub("cem")));
    // Without a change there is nothing to log.
    let third = folder.join("third");
    let said = restore(&pool, &["--log", text(&third)]).await;
    assert_eq!(said.status, Some(2), "{said:?}");
    assert!(!third.exists());
}

/// The list can be hours old when a user's turn comes.
#[tokio::test]
async fn a_user_whose_new_account_has_gone_meanwhile_stays_out() {
    let names = ["ana", "bo"];
    let source = names.map(|name| user(name).disabled()).into();
    let pool = started(pools(source, names.map(|name| marked(name, "off")).into())).await;
    pool.set_latency_of(Operation::AdminEnableUser, Duration::from_millis(600));
    let run = tokio::spawn({
        let pool = pool.clone();
        async move { restore(&pool, &["--apply"]).await }
    });
    while pool.count(Operation::AdminEnableUser) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    pool.change(|state| state.neighbours[0].users[1].enabled = false);
    let said = run.await.expect("it ends");
    assert_eq!(restored(&said), subs(&["ana"]), "{said:?}");
    assert_eq!(
        said.json()["kept"],
        json!({"new_account_not_confirmed": subs(&["bo"])})
    );
    assert!(!is_enabled(&pool, "bo"));
}

#[tokio::test]
async fn one_sentence_says_what_is_wrong_and_no_user_is_enabled() {
    let folder = folder("restore-wrong");
    let no_list = folder.join("no-list");
    fs::write(&no_list, "source_sub,destination_sub\n").expect("a file for the tests");
    let missing = folder.join("missing");
    let mut state = all_kinds();
    let pool = started(state.clone()).await;
    for (arguments, status, sentence) in [
        (vec!["restore", "--apply"], 2, "set MIGRATION_MARK"),
        (
            [
                &["restore", "--apply", "--record", text(&no_list)],
                &SET[..],
            ]
            .concat(),
            2,
            "line 1: it must be one sub",
        ),
        (
            [
                &["restore", "--apply", "--except", text(&missing)],
                &SET[..],
            ]
            .concat(),
            2,
            "it does not exist",
        ),
        (
            vec!["restore", "--apply", "--set", "MIGRATION_MARK=custom:typo"],
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
        assert_eq!(pool.count(Operation::ListUsers), 0);
    }
    // A user who can write the mark can let any source user back in.
    state.neighbours[0].clients.push(Client::new("7unset"));
    let pool = started(state).await;
    let said = restore(&pool, &["--apply"]).await;
    assert_eq!(said.status, Some(1), "{said:?}");
    assert!(
        said.stderr
            .contains("Users of the app client 7unset can write their own mark"),
        "{said:?}"
    );
    assert_eq!(pool.count(Operation::ListUsers), 0);
    assert!(!is_enabled(&pool, "u-off"));
}

/// What `retire` wrote brings back those whom it disabled, and not the user whom an administrator had disabled.
#[tokio::test]
async fn the_record_of_retire_leads_back() {
    let path = folder("restore-retired").join("retired.txt");
    let names = ["ana", "bo", "shut-out"];
    let mut source: Vec<_> = names.map(user).into();
    source[2].enabled = false;
    let destination = names.map(|name| marked(name, "done")).into();
    let pool = started(pools(source, destination)).await;
    let retire = [
        "retire",
        "--format",
        "json",
        "--apply",
        "--record",
        text(&path),
    ];
    let said = run(&pool, &[&retire[..], &SET].concat()).await;
    assert_eq!(
        said.json()["retired"],
        json!([sub("ana"), sub("bo")]),
        "{said:?}"
    );
    assert_eq!(enabled(&pool, &names), BTreeSet::new());
    let said = restore(&pool, &["--apply", "--record", text(&path)]).await;
    assert_eq!(restored(&said), subs(&["ana", "bo"]), "{said:?}");
    assert_eq!(said.json()["kept"], json!({}));
    assert_eq!(enabled(&pool, &names), BTreeSet::from(["ana", "bo"]));
}

#[tokio::test]
async fn an_interrupted_run_finishes_the_call_under_way_and_says_how_far_it_came() {
    let names = ["ana", "bo"];
    let source = names.map(|name| user(name).disabled()).into();
    let pool = started(pools(source, names.map(|name| marked(name, "off")).into())).await;
    pool.set_latency_of(Operation::AdminEnableUser, Duration::from_millis(800));
    let mut command = program(&pool);
    command
        .args([
            "restore",
            "--source-pool",
            POOL_ID,
            "--pool",
            DESTINATION,
            "--apply",
        ])
        .args(SET);
    let child = command.spawn().expect("the program was built");
    while pool.count(Operation::AdminEnableUser) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let pid = i32::try_from(child.id().expect("it runs")).expect("a process id");
    kill(Pid::from_raw(pid), Signal::SIGTERM).expect("it runs");
    let output = child.wait_with_output().await.expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("Interrupted. Before that, 1 users were enabled. Run it again to go on."),
        "{said}"
    );
    assert_eq!(enabled(&pool, &names), BTreeSet::from(["ana"]));
}
