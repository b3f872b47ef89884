//! `retire` and `restore`: the source users who have moved are disabled or deleted, and those who are enabled again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    time::Duration,
};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use testbed::source_pool::{Client, Fault, Operation, POOL_ID, SourcePoolStub, State, Times, User};

use crate::support::*;

const MARK: &str = "custom:mark";
const LEGACY: &str = "custom:legacy_sub";
const SET: &str = "MIGRATION_MARK=custom:mark";

/// A command that changes source users, one after the other.
struct Changing {
    arguments: &'static [&'static str],
    operation: Operation,
    /// The names of the changed users in the answer, without `--apply` and with it.
    lists: [&'static str; 2],
    /// The name of the count of those who need no change.
    already: &'static str,
    /// The word for the change.
    done: &'static str,
    /// The option for the file of those who were changed.
    file: &'static str,
}

const DISABLE: Changing = Changing {
    arguments: &["retire"],
    operation: Operation::AdminDisableUser,
    lists: ["to_retire", "retired"],
    already: "already_disabled",
    done: "retired",
    file: "--record",
};

const DELETE: Changing = Changing {
    arguments: &["retire", "--delete"],
    operation: Operation::AdminDeleteUser,
    ..DISABLE
};

const RESTORE: Changing = Changing {
    arguments: &["restore"],
    operation: Operation::AdminEnableUser,
    lists: ["to_restore", "restored"],
    already: "already_enabled",
    done: "enabled",
    file: "--log",
};

impl Changing {
    fn with<'a>(&self, options: &[&'a str]) -> Vec<&'a str> {
        [self.arguments, &["--format", "json", "--set", SET], options].concat()
    }

    async fn run(&self, pool: &SourcePoolStub, options: &[&str]) -> Said {
        run(pool, &self.with(options)).await
    }

    /// Users whom the command changes.
    async fn pool(&self, names: &[&str]) -> SourcePoolStub {
        let mut source: Vec<_> = names.iter().map(|name| user(name)).collect();
        for user in &mut source {
            user.enabled = self.operation != Operation::AdminEnableUser;
        }
        let moved = names.iter().map(|name| marked(name, "off"));
        started(pools(source, moved.collect())).await
    }

    /// The users whom the pool shows as changed.
    fn changed<'a>(&self, pool: &SourcePoolStub, names: &[&'a str]) -> Vec<&'a str> {
        let is_changed = |name: &&&str| match self.operation {
            Operation::AdminDeleteUser => pool.user(name).is_none(),
            operation => {
                let is_enabled = pool.user(name).expect("the user").enabled;
                is_enabled == (operation == Operation::AdminEnableUser)
            }
        };
        names.iter().filter(is_changed).copied().collect()
    }

    /// The `sub`s that were changed, as an answer lists them.
    fn made(&self, said: &Said) -> Value {
        assert_eq!(
            (said.status, &said.json()[self.lists[0]]),
            (Some(0), &Value::Null),
            "{said:?}"
        );
        said.json()[self.lists[1]].take()
    }
}

fn sub(name: &str) -> String {
    user(name).sub()
}

fn subs(names: &[&str]) -> Value {
    names.iter().map(|name| sub(name)).collect()
}

/// The lines of a file of users.
fn lines(names: &[&str]) -> String {
    names.iter().map(|name| sub(name) + "\n").collect()
}

/// A file of these users.
fn listed(path: PathBuf, names: &[&str]) -> PathBuf {
    fs::write(&path, lines(names)).expect("a file for the tests");
    path
}

/// A user of the destination pool with this form of a mark.
fn marked(name: &str, form: &str) -> User {
    user(name).with(MARK, &format!("{form}/{}", sub(name)))
}

fn client(id: &str, writable: &[&str]) -> Client {
    Client {
        writable: Some(writable.iter().map(|&name| name.to_owned()).collect()),
        ..Client::new(id)
    }
}

fn pools(source: Vec<User>, destination: Vec<User>) -> State {
    let mut state = two_pools(source);
    let pool = &mut state.neighbours[0];
    pool.users = destination;
    let schema = [MARK, LEGACY].map(|name| json!({"Name": name, "AttributeDataType": "String"}));
    pool.description
        .insert("SchemaAttributes".into(), json!(schema));
    pool.clients.push(client("7newclient", &["name"]));
    state
}

const CHANGED: &str = "changed";
const UNSURE: &str = "new_account_not_confirmed";
const OTHER: &str = "not_the_same_person";

/// A user for each rule: what `retire`, `restore`, and `restore` with a record of most of them decide. No word: left out.
const KINDS: [(&str, &str, [&str; 3]); 12] = [
    ("u-off", "off", [CHANGED; 3]),
    ("u-done", "done", [CHANGED, "mark_is_done", CHANGED]),
    (
        "u-disabling",
        "disabling",
        [CHANGED, "mark_is_disabling", CHANGED],
    ),
    // Groups may still have to be copied.
    ("u-pending", "pending", ["", "mark_is_pending", CHANGED]),
    ("u-reset", "off", [UNSURE; 3]),
    ("u-blocked", "off", [UNSURE; 3]),
    ("u-forged", "off", [OTHER; 3]),
    // A false claim stands beside the true one.
    ("u-twice", "off", [CHANGED; 3]),
    ("u-unmoved", "off", ["", "no_new_account", "no_new_account"]),
    ("u-excepted", "off", [CHANGED, CHANGED, "excepted"]),
    ("u-unlisted", "off", [CHANGED, CHANGED, ""]),
    (AS_WANTED, "off", [""; 3]),
];

/// The user who needs no change.
const AS_WANTED: &str = "u-as-wanted";

fn all_kinds(are_enabled: bool) -> State {
    let source = KINDS.map(|(name, ..)| User {
        enabled: are_enabled != (name == AS_WANTED),
        ..user(name)
    });
    let false_claim = format!("off/{}", sub("u-twice"));
    let mut destination = vec![User::new("mallory", "x").with(MARK, &false_claim)];
    destination.extend(KINDS.iter().filter_map(|(name, form, _)| {
        let account = marked(name, form);
        match *name {
            "u-unmoved" => None,
            "u-reset" => Some(account.with_status("RESET_REQUIRED")),
            "u-blocked" => Some(account.disabled()),
            "u-forged" => Some(User {
                username: "mallory2".to_owned(),
                ..account.with("email", "mallory@example.com")
            }),
            _ => Some(account),
        }
    }));
    pools(source.into(), destination)
}

/// The decision about each `sub` in the answer, and the rest of the answer.
fn decisions(said: &Said, changed: &str) -> (BTreeMap<String, String>, Value) {
    let mut answer: Value = serde_json::from_str(said.good()).expect("JSON");
    let mut lists = answer["kept"].take();
    lists[CHANGED] = answer[changed].take();
    let mut found = BTreeMap::new();
    for (word, subs) in lists.as_object().expect("reasons") {
        for sub in subs.as_array().expect("a list") {
            let sub = sub.as_str().expect("a sub").to_owned();
            assert_eq!(found.insert(sub, word.clone()), None);
        }
    }
    (found, answer)
}

#[tokio::test]
async fn without_apply_it_only_counts_and_with_it_exactly_those_are_changed() {
    let folder = folder("changes");
    let all = KINDS.map(|(name, ..)| name);
    let mut names = all.to_vec();
    names.retain(|name| *name != "u-unlisted");
    names.push("u-gone");
    let record = listed(folder.join("record"), &names);
    let except = listed(folder.join("except"), &["u-excepted"]);
    let by_record = ["--record", text(&record), "--except", text(&except)];
    let rows = [
        (DISABLE, &[][..], 0, &[][..]),
        // A disabled user is deleted, too.
        (DELETE, &[], 0, &[(AS_WANTED, CHANGED)]),
        (RESTORE, &[], 1, &[]),
        (RESTORE, &by_record, 2, &[("u-gone", "no_source_user")]),
    ];
    for (row, (command, options, column, others)) in rows.into_iter().enumerate() {
        let words = KINDS.map(|(name, _, words)| (name, words[column]));
        let words = words
            .iter()
            .chain(others)
            .filter(|(_, word)| !word.is_empty());
        let expected: BTreeMap<_, _> = words
            .map(|(name, word)| (sub(name), (*word).to_owned()))
            .collect();
        let mut changes = all.to_vec();
        changes.retain(|name| expected.get(&sub(name)).is_some_and(|word| word == CHANGED));
        let is_delete = command.operation == Operation::AdminDeleteUser;
        let pool = started(all_kinds(command.lists == DISABLE.lists)).await;
        pool.fail(command.operation, Fault::Throttled, Times::N(4));
        let file = folder.join(row.to_string());
        let apply = ["--apply", command.file, text(&file)];
        for (is_applied, apply) in [(false, &[][..]), (true, &apply)] {
            let list = command.lists[usize::from(is_applied)];
            let said = command.run(&pool, &[options, apply].concat()).await;
            let (found, answer) = decisions(&said, list);
            assert_eq!(found, expected, "row {row}");
            let mut shape = json!({
                "source_pool": POOL_ID, "destination_pool": DESTINATION, "users": all.len(), "applied": is_applied,
                "kept": null, list: null, command.already: u64::from(!is_delete),
            });
            if command.lists == DISABLE.lists {
                shape["action"] = if is_delete { "delete" } else { "disable" }.into();
            }
            assert_eq!(answer, shape, "row {row}");
            assert_no_secret(&pool, &[&said.stdout]);
            let mut asked = BTreeSet::from([
                Operation::ListUsers,
                Operation::DescribeUserPool,
                Operation::ListUserPoolClients,
                Operation::DescribeUserPoolClient,
            ]);
            if is_applied {
                asked.insert(command.operation);
            }
            assert_eq!(operations(&pool), asked, "row {row}");
        }
        assert_eq!(own_file(&file), lines(&changes), "row {row}");
        let calls = pool.received_of(command.operation);
        assert!(calls.iter().all(|call| call.body["UserPoolId"] == POOL_ID));
        // The user who was as wanted looks the same.
        changes.extend((!is_delete).then_some(AS_WANTED));
        assert_eq!(command.changed(&pool, &all), changes, "row {row}");
        let again = command.run(&pool, options).await;
        assert_eq!(again.json()[command.lists[0]], json!([]), "row {row}");
    }
}

#[tokio::test]
async fn the_table_says_who_stays_and_what_apply_does() {
    for (command, parts) in [
        (
            DISABLE,
            &[
                "to disable",
                "Nothing was changed. --apply does it, and with --record FILE, restore takes it back.",
                &sub("u-forged"),
            ][..],
        ),
        (
            DELETE,
            &["to delete", "a user who is deleted cannot be brought back."],
        ),
        (
            RESTORE,
            &[
                "enabled before",
                "These stay as they are:",
                "does not say who disabled them",
                &format!("{} mark_is_done", sub("u-done")),
                "Nothing was changed. --apply does it.",
            ],
        ),
    ] {
        let pool = started(all_kinds(command.lists == DISABLE.lists)).await;
        let said = run(&pool, &[command.arguments, &["--set", SET]].concat()).await;
        said.good();
        said.shows(parts);
    }
}

/// So it names the user whose call failed, too.
#[tokio::test]
async fn the_file_names_each_user_before_the_call_and_a_second_run_goes_on() {
    for command in [DISABLE, DELETE, RESTORE] {
        let operation = command.operation;
        let folder = folder(&format!("changes-{operation:?}"));
        let [first, second] = ["first", "second"].map(|name| folder.join(name));
        let names = ["ana", "bo", "cem"];
        let pool = command.pool(&names).await;
        // Without --apply there is nothing to write down.
        let said = command.run(&pool, &[command.file, text(&first)]).await;
        assert_eq!((said.status, first.exists()), (Some(2), false), "{said:?}");
        // The second call is refused.
        pool.fail(operation, Fault::Slow(Duration::ZERO), Times::ONCE);
        pool.fail(operation, Fault::AccessDenied, Times::ONCE);
        let apply = ["--apply", command.file, text(&first)];
        let told = format!("not allowed {operation:?} on the source pool");
        let so_far = format!(
            "Before that, 1 users were {}. Run it again to go on.",
            command.done
        );
        let said = command.run(&pool, &apply).await;
        said.refuses(1, &[&told, &so_far]);
        assert_eq!(own_file(&first), lines(&names[..2]));
        assert_eq!(command.changed(&pool, &names), ["ana"]);
        // It is never written over.
        pool.forget();
        let said = command.run(&pool, &apply).await;
        said.refuses(1, &["exists: name another file"]);
        assert_eq!(pool.count(operation), 0);
        let said = command
            .run(&pool, &["--apply", command.file, text(&second)])
            .await;
        assert_eq!(command.made(&said), subs(&names[1..]), "{said:?}");
        assert_eq!(own_file(&second), lines(&names[1..]));
    }
}

/// The call under way comes to its end, and no other begins.
#[tokio::test]
async fn a_request_to_end_lets_the_call_under_way_finish() {
    for (command, signal) in [
        (DISABLE, Signal::SIGINT),
        (DELETE, Signal::SIGTERM),
        (RESTORE, Signal::SIGHUP),
    ] {
        let path = folder(&format!("changes-{signal}")).join("changed");
        let pool = command.pool(&["ana", "bo"]).await;
        pool.set_latency_of(command.operation, Duration::from_millis(800));
        let options = ["--apply", command.file, text(&path)];
        let said = interrupted(
            &pool,
            &command.with(&options),
            (command.operation, 1),
            signal,
        )
        .await;
        let told = format!(
            "cognito-migration: Interrupted. Before that, 1 users were {}. Run it again to go on.\n",
            command.done
        );
        assert_eq!((said.status, said.stderr), (Some(1), told), "{signal}");
        assert_eq!(command.changed(&pool, &["ana", "bo"]), ["ana"], "{signal}");
        assert_eq!(own_file(&path), lines(&["ana"]), "{signal}");
    }
}

/// The list can be hours old when a user's turn comes.
#[tokio::test]
async fn a_user_whose_new_account_has_gone_meanwhile_stays() {
    let rows: [(_, fn(&mut State)); 2] = [
        (DELETE, |state| state.neighbours[0].users.clear()),
        (RESTORE, |state| {
            state.neighbours[0].users[1].enabled = false
        }),
    ];
    for (command, change) in rows {
        let path = folder(&format!("changes-gone-{}", command.done)).join("changed");
        let pool = command.pool(&["ana", "bo"]).await;
        pool.set_latency_of(command.operation, Duration::from_millis(600));
        let options = ["--apply", command.file, text(&path)];
        let meanwhile = async {
            while pool.count(command.operation) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            pool.change(change);
        };
        let (said, ()) = tokio::join!(command.run(&pool, &options), meanwhile);
        assert_eq!(command.made(&said), subs(&["ana"]), "{said:?}");
        assert_eq!(said.json()["kept"], json!({UNSURE: subs(&["bo"])}));
        assert_eq!(own_file(&path), lines(&["ana"]));
        assert_eq!(command.changed(&pool, &["ana", "bo"]), ["ana"]);
    }
}

#[tokio::test]
async fn an_attribute_with_the_plain_sub_tells_too() {
    let legacy = |name: &str| user(name).with(LEGACY, &sub(name));
    let source = ["ana", "bo"].map(user);
    let pool = started(pools(
        source.into(),
        vec![legacy("ana"), marked("bo", "off")],
    ))
    .await;
    let matched = ["retire", "--format", "json", "--match", LEGACY];
    let said = run(&pool, &matched).await;
    assert_eq!(said.json()["to_retire"], subs(&["ana"]), "{said:?}");
    // A plain `sub` does not say who disabled the user: only a record does.
    pool.change(|state| state.users[0].enabled = false);
    let matched = ["restore", "--format", "json", "--match", LEGACY];
    let said = run(&pool, &matched).await;
    assert_eq!(said.status, Some(2), "{said:?}");
    let record = listed(folder("changes-match").join("record"), &["ana"]);
    let said = run(
        &pool,
        &[&matched[..], &["--record", text(&record)]].concat(),
    )
    .await;
    assert_eq!(said.json()["to_restore"], subs(&["ana"]), "{said:?}");
    // Post-migration steps that are left have their mark in any attribute.
    pool.change(|state| {
        let pending = format!("pending/{}", sub("ana"));
        state.users[0].enabled = true;
        state.neighbours[0].users[0] = user("ana").with(LEGACY, &pending);
    });
    let matched = ["retire", "--format", "json", "--match", LEGACY];
    let said = run(&pool, &matched).await;
    assert_eq!(said.json()["to_retire"], json!([]), "{said:?}");
    // The attribute of the marks holds no plain `sub`, whatever --match says.
    pool.change(|state| state.neighbours[0].users[0] = user("ana").with(MARK, &sub("ana")));
    let said = DISABLE.run(&pool, &["--match", MARK]).await;
    assert_eq!(said.json()["to_retire"], subs(&["bo"]), "{said:?}");
}

/// A user who can write the mark can name any source user.
#[tokio::test]
async fn nothing_is_retired_or_restored_where_an_app_client_may_write_the_mark_or_this_is_not_known()
 {
    // More than a preflight looks at.
    let safe = (0..61).map(|number| client(&format!("7safe{number}"), &["name"]));
    let clients = |last| safe.clone().chain([last]).collect::<Vec<_>>();
    for (clients, denied, sentence) in [
        (
            clients(client("7last", &["name", MARK])),
            None,
            "Users of the app client 7last can write their own mark, and so claim",
        ),
        (
            clients(Client::new("7last")),
            None,
            "because it sets no WriteAttributes",
        ),
        (
            clients(client("7last", &["name"])),
            Some(format!("ListUserPoolClients {DESTINATION}")),
            "not allowed ListUserPoolClients on the destination pool",
        ),
    ] {
        for command in [DISABLE, DELETE, RESTORE] {
            let pool = command.pool(&["ana"]).await;
            pool.change(|state| {
                state.neighbours[0].clients = clients.clone();
                state.denied.extend(denied.clone());
            });
            let path = folder("changes-unsafe").join("changed");
            let apply = ["--apply", command.file, text(&path)];
            for options in [&[][..], &apply] {
                let said = command.run(&pool, options).await;
                said.refuses(1, &[sentence, "nothing was changed"]);
            }
            assert_eq!(pool.count(Operation::ListUsers), 0);
            assert_eq!(command.changed(&pool, &["ana"]), [""; 0]);
        }
    }
    let pool = DISABLE.pool(&["ana"]).await;
    pool.change(|state| state.neighbours[0].clients = clients(client("7last", &["name"])));
    let said = DISABLE.run(&pool, &["--apply"]).await;
    assert_eq!(DISABLE.made(&said), subs(&["ana"]));
}

#[tokio::test]
async fn one_sentence_says_what_is_wrong_and_no_user_is_looked_at() {
    let folder = folder("changes-wrong");
    let no_list = folder.join("no-list");
    fs::write(&no_list, "source_sub,destination_sub\n").expect("a file for the tests");
    let missing = folder.join("missing");
    let pool = started(all_kinds(true)).await;
    let set = ["--set", SET];
    for (arguments, sentence) in [
        (
            &["retire"][..],
            "Nothing says who has moved: name the attribute with --match, or set MIGRATION_MARK.",
        ),
        (
            &["retire", "--match", "custom:typo"],
            "has no attribute custom:typo.",
        ),
        (
            &["retire", "--delete", "--apply", set[0], set[1]],
            "needs --record FILE",
        ),
        (&["restore"], "set MIGRATION_MARK"),
        (
            &["restore", "--set", "MIGRATION_MARK=custom:typo"],
            "has no attribute custom:typo.",
        ),
        (
            &["restore", "--record", text(&no_list), set[0], set[1]],
            "line 1: it must be one sub",
        ),
        (
            &["restore", "--except", text(&missing), set[0], set[1]],
            "it does not exist",
        ),
    ] {
        run(&pool, arguments).await.refuses(2, &[sentence]);
    }
    assert_eq!(pool.count(Operation::ListUsers), 0);
    // Not one user was changed.
    pool.change(|state| state.denied.push(format!("AdminDisableUser {POOL_ID}")));
    let said = DISABLE.run(&pool, &["--apply"]).await;
    said.refuses(1, &["not allowed AdminDisableUser on the source pool"]);
    assert!(!said.stderr.contains("retired"), "{said:?}");
}

/// The user whom an administrator had disabled stays out.
#[tokio::test]
async fn the_record_of_retire_leads_back() {
    let path = folder("changes-back").join("retired");
    let names = ["ana", "bo", "shut-out"];
    let pool = DISABLE.pool(&names).await;
    pool.change(|state| state.users[2].enabled = false);
    let apply = ["--apply", "--record", text(&path)];
    DISABLE.run(&pool, &apply).await.good();
    assert_eq!(DISABLE.changed(&pool, &names), names);
    RESTORE.run(&pool, &apply).await.good();
    assert_eq!(RESTORE.changed(&pool, &names), ["ana", "bo"]);
}

/// All users have moved. With 200,000 users it is 473 bytes; a list that has just doubled holds more.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_grows_by_at_most_700_bytes_a_user() {
    let all = |users: usize| {
        let names = (0..users).map(|number| format!("u{number}@example.com"));
        let moved = names.map(|name| (user(&name), marked(&name, "done")));
        let (source, destination) = moved.unzip();
        pools(source, destination)
    };
    // The longest answer, and the longest memory of whom it speaks.
    let options = DELETE.with(&[]).split_off(1);
    let each = bytes_a_user("retire", all, |_| {
        options.iter().map(|&text| text.into()).collect()
    });
    let each = each.await;
    assert!(each <= 700, "{each}");
}
