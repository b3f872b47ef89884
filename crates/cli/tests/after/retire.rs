//! `retire` and `restore`: the source users who have moved are disabled or deleted, and those who are enabled again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use testbed::source_pool::{Client, Fault, Operation, POOL_ID, SourcePoolStub, State, Times, User};

use crate::support::*;

const MARK: &str = "custom:mark";
const LEGACY: &str = "custom:legacy_sub";

/// A command that changes source users, one after the other.
struct Changing {
    command: &'static str,
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
    command: "retire",
    operation: Operation::AdminDisableUser,
    lists: ["to_retire", "retired"],
    already: "already_disabled",
    done: "retired",
    file: "--record",
};

const DELETE: Changing = Changing {
    command: "retire --delete",
    operation: Operation::AdminDeleteUser,
    ..DISABLE
};

const RESTORE: Changing = Changing {
    command: "restore",
    operation: Operation::AdminEnableUser,
    lists: ["to_restore", "restored"],
    already: "already_enabled",
    done: "enabled",
    file: "--log",
};

impl Changing {
    fn line(&self, options: &str) -> String {
        let command = self.command;
        format!("{command} --format json --set MIGRATION_MARK=custom:mark {options}")
    }

    /// `FILE` stands for the option that writes down who was changed.
    async fn run(&self, pool: &SourcePoolStub, folder: &Path, options: &str) -> Said {
        let options = options.replace("FILE", self.file);
        run_in(pool, folder, &self.line(&options)).await
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
    let schema = texts(&[MARK, LEGACY]);
    describe_destination(&mut state, json!({"SchemaAttributes": schema}));
    let pool = &mut state.neighbours[0];
    pool.users = destination;
    pool.clients.push(client("7newclient", &["name"]));
    state
}

const CHANGED: &str = "changed";

/// A user for each rule: the name, the form of the mark, and what `retire`, `restore`, and `restore` with a record of most
/// of them decide. `-`: left out.
const KINDS: [&str; 12] = [
    "u-off off changed changed changed",
    "u-done done changed mark_is_done changed",
    "u-disabling disabling changed mark_is_disabling changed",
    // Groups may still have to be copied.
    "u-pending pending - mark_is_pending changed",
    "u-reset off new_account_not_confirmed new_account_not_confirmed new_account_not_confirmed",
    "u-blocked off new_account_not_confirmed new_account_not_confirmed new_account_not_confirmed",
    "u-forged off not_the_same_person not_the_same_person not_the_same_person",
    // A false claim stands beside the true one.
    "u-twice off changed changed changed",
    "u-unmoved off - no_new_account no_new_account",
    "u-excepted off changed changed excepted",
    "u-unlisted off changed changed -",
    "u-as-wanted off - - -",
];

fn kinds() -> impl Iterator<Item = [&'static str; 5]> {
    let words = KINDS.iter().map(|kind| kind.split(' ').collect::<Vec<_>>());
    words.map(|words| words.try_into().expect("five words"))
}

/// The user who needs no change.
const AS_WANTED: &str = "u-as-wanted";

fn all_kinds(command: &Changing) -> State {
    let are_enabled = command.lists == DISABLE.lists;
    let source = kinds().map(|[name, ..]| User {
        enabled: are_enabled != (name == AS_WANTED),
        ..user(name)
    });
    let false_claim = format!("off/{}", sub("u-twice"));
    let mut destination = vec![User::new("mallory", "x").with(MARK, &false_claim)];
    destination.extend(kinds().filter_map(|[name, form, ..]| {
        let account = marked(name, form);
        match name {
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
    pools(source.collect(), destination)
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
    let all: Vec<_> = kinds().map(|[name, ..]| name).collect();
    for (command, options, column, other) in [
        (DISABLE, "", 2, None),
        // A disabled user is deleted, too.
        (DELETE, "", 2, Some((AS_WANTED, CHANGED))),
        (RESTORE, "", 3, None),
        (
            RESTORE,
            "--record FOLDER/record --except FOLDER/except",
            4,
            Some(("u-gone", "no_source_user")),
        ),
    ] {
        let row = format!("{}, {column}", command.command);
        let folder = folder("changes");
        let mut names = all.clone();
        names.retain(|name| *name != "u-unlisted");
        fs::write(folder.join("record"), lines(&names) + &lines(&["u-gone"])).expect("a file");
        fs::write(folder.join("except"), lines(&["u-excepted"])).expect("a file");
        let decided = kinds().map(|words| (words[0], words[column])).chain(other);
        let decided: Vec<_> = decided.filter(|(_, word)| *word != "-").collect();
        let expected = decided
            .iter()
            .map(|(name, word)| (sub(name), (*word).to_owned()));
        let expected: BTreeMap<_, _> = expected.collect();
        let changes = decided.iter().filter(|(_, word)| *word == CHANGED);
        let mut changes: Vec<_> = changes.map(|(name, _)| *name).collect();
        let is_delete = command.operation == Operation::AdminDeleteUser;
        let pool = started(all_kinds(&command)).await;
        pool.fail(command.operation, Fault::Throttled, Times::N(4));
        let mut asked = BTreeSet::from([
            Operation::ListUsers,
            Operation::DescribeUserPool,
            Operation::ListUserPoolClients,
            Operation::DescribeUserPoolClient,
        ]);
        for (is_applied, apply) in [(false, ""), (true, "--apply FILE FOLDER/file")] {
            let list = command.lists[usize::from(is_applied)];
            let said = command
                .run(&pool, &folder, &format!("{options} {apply}"))
                .await;
            let (found, answer) = decisions(&said, list);
            assert_eq!(found, expected, "{row}");
            let mut shape = json!({
                "source_pool": POOL_ID, "destination_pool": DESTINATION, "users": all.len(), "applied": is_applied,
                "kept": null, list: null, command.already: u64::from(!is_delete),
            });
            if command.lists == DISABLE.lists {
                shape["action"] = if is_delete { "delete" } else { "disable" }.into();
            }
            assert_eq!(answer, shape, "{row}");
            assert_no_secret(&pool, &[&said.stdout]);
            asked.extend(is_applied.then_some(command.operation));
            assert_eq!(operations(&pool), asked, "{row}");
        }
        assert_eq!(own_file(&folder.join("file")), lines(&changes), "{row}");
        let calls = pool.received_of(command.operation);
        assert!(calls.iter().all(|call| call.body["UserPoolId"] == POOL_ID));
        // The user who was as wanted looks the same.
        changes.extend((!is_delete).then_some(AS_WANTED));
        assert_eq!(command.changed(&pool, &all), changes, "{row}");
        let again = command.run(&pool, &folder, options).await;
        assert_eq!(again.json()[command.lists[0]], json!([]), "{row}");
    }
}

#[tokio::test]
async fn the_table_says_who_stays_and_what_apply_does() {
    let forged = sub("u-forged");
    let done = format!("{} mark_is_done", sub("u-done"));
    for (command, parts) in [
        (
            DISABLE,
            [
                "to disable",
                "with --record FILE, restore takes it back.",
                &forged,
            ],
        ),
        (
            DELETE,
            [
                "to delete",
                "a user who is deleted cannot be brought back.",
                &forged,
            ],
        ),
        (
            RESTORE,
            ["enabled before", "does not say who disabled them", &done],
        ),
    ] {
        let pool = started(all_kinds(&command)).await;
        let line = command.line("").replace("json", "table");
        let said = run_in(&pool, &folder("changes-table"), &line).await;
        said.good();
        said.shows(&parts);
        said.shows(&["Nothing was changed. --apply does it", "stay as they are"]);
    }
}

/// So it names the user whose call failed, too.
#[tokio::test]
async fn the_file_names_each_user_before_the_call_and_a_second_run_goes_on() {
    for command in [DISABLE, DELETE, RESTORE] {
        let (operation, done) = (command.operation, command.done);
        let folder = folder("changes-file");
        let [first, second] = ["first", "second"].map(|name| folder.join(name));
        let names = ["ana", "bo", "cem"];
        let pool = command.pool(&names).await;
        // Without --apply there is nothing to write down.
        let said = command.run(&pool, &folder, "FILE FOLDER/first").await;
        assert_eq!((said.status, first.exists()), (Some(2), false), "{said:?}");
        // The second call is refused.
        pool.fail(operation, Fault::Slow(Duration::ZERO), Times::ONCE);
        pool.fail(operation, Fault::AccessDenied, Times::ONCE);
        let told = format!("not allowed {operation:?} on the source pool");
        let so_far = format!("Before that, 1 users were {done}. Run it again to go on.");
        let said = command
            .run(&pool, &folder, "--apply FILE FOLDER/first")
            .await;
        said.refuses(1, &[&told, &so_far]);
        assert_eq!(own_file(&first), lines(&names[..2]));
        assert_eq!(command.changed(&pool, &names), ["ana"]);
        // It is never written over.
        pool.forget();
        let said = command
            .run(&pool, &folder, "--apply FILE FOLDER/first")
            .await;
        said.refuses(1, &["exists: name another file"]);
        assert_eq!(pool.count(operation), 0);
        let said = command
            .run(&pool, &folder, "--apply FILE FOLDER/second")
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
        let folder = folder("changes-signal");
        let pool = command.pool(&["ana", "bo"]).await;
        pool.set_latency_of(command.operation, Duration::from_millis(800));
        let line = command.line(&format!("--apply {} FOLDER/file", command.file));
        let first = (command.operation, 1);
        let said = interrupted((&pool, &folder), &line, first, signal).await;
        let so_far = format!("Before that, 1 users were {}.", command.done);
        let whole = format!("cognito-migration: Interrupted. {so_far} Run it again to go on.\n");
        assert_eq!((said.status, said.stderr), (Some(1), whole), "{signal}");
        assert_eq!(command.changed(&pool, &["ana", "bo"]), ["ana"], "{signal}");
        assert_eq!(own_file(&folder.join("file")), lines(&["ana"]), "{signal}");
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
        let folder = folder("changes-gone");
        let pool = command.pool(&["ana", "bo"]).await;
        pool.set_latency_of(command.operation, Duration::from_millis(600));
        let meanwhile = async {
            while pool.count(command.operation) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            pool.change(change);
        };
        let run = command.run(&pool, &folder, "--apply FILE FOLDER/file");
        let (said, ()) = tokio::join!(run, meanwhile);
        assert_eq!(command.made(&said), subs(&["ana"]), "{said:?}");
        let kept = json!({"new_account_not_confirmed": subs(&["bo"])});
        assert_eq!(said.json()["kept"], kept);
        assert_eq!(own_file(&folder.join("file")), lines(&["ana"]));
        assert_eq!(command.changed(&pool, &["ana", "bo"]), ["ana"]);
    }
}

#[tokio::test]
async fn an_attribute_with_the_plain_sub_tells_too() {
    let folder = folder("changes-match");
    fs::write(folder.join("record"), lines(&["ana"])).expect("a file");
    let legacy = user("ana").with(LEGACY, &sub("ana"));
    let source = ["ana", "bo"].map(user);
    let pool = started(pools(source.into(), vec![legacy, marked("bo", "off")])).await;
    let matched = "--format json --match custom:legacy_sub";
    let to_retire = async || {
        run_in(&pool, &folder, &format!("retire {matched}"))
            .await
            .json()["to_retire"]
            .take()
    };
    assert_eq!(to_retire().await, subs(&["ana"]));
    // A plain `sub` does not say who disabled the user: only a record does.
    pool.change(|state| state.users[0].enabled = false);
    let said = run_in(&pool, &folder, &format!("restore {matched}")).await;
    assert_eq!(said.status, Some(2), "{said:?}");
    let by_record = format!("restore {matched} --record FOLDER/record");
    let said = run_in(&pool, &folder, &by_record).await;
    assert_eq!(said.json()["to_restore"], subs(&["ana"]), "{said:?}");
    // Post-migration steps that are left have their mark in any attribute.
    let pending = format!("pending/{}", sub("ana"));
    pool.change(|state| {
        state.users[0].enabled = true;
        state.neighbours[0].users[0] = user("ana").with(LEGACY, &pending);
    });
    assert_eq!(to_retire().await, json!([]));
    // The attribute of the marks holds no plain `sub`, whatever --match says.
    pool.change(|state| state.neighbours[0].users[0] = user("ana").with(MARK, &sub("ana")));
    let said = DISABLE.run(&pool, &folder, "--match custom:mark").await;
    assert_eq!(said.json()["to_retire"], subs(&["bo"]), "{said:?}");
}

/// A user who can write the mark can name any source user.
#[tokio::test]
async fn nothing_is_retired_or_restored_where_an_app_client_may_write_the_mark_or_this_is_not_known()
 {
    // More than a preflight looks at.
    let mut clients: Vec<_> = (0..61)
        .map(|number| client(&format!("7safe{number}"), &["name"]))
        .collect();
    let folder = folder("changes-unsafe");
    for (last, denied, sentence) in [
        (
            client("7last", &["name", MARK]),
            "",
            "Users of the app client 7last can write their own mark, and so claim",
        ),
        (
            Client::new("7last"),
            "",
            "because it sets no WriteAttributes",
        ),
        (
            client("7last", &["name"]),
            "ListUserPoolClients",
            "not allowed ListUserPoolClients on the destination pool",
        ),
    ] {
        clients.truncate(61);
        clients.push(last);
        for command in [DISABLE, DELETE, RESTORE] {
            let pool = command.pool(&["ana"]).await;
            pool.change(|state| {
                state.neighbours[0].clients = clients.clone();
                state.denied = vec![format!("{denied} {DESTINATION}")];
            });
            for options in ["", "--apply FILE FOLDER/file"] {
                let said = command.run(&pool, &folder, options).await;
                said.refuses(1, &[sentence, "nothing was changed"]);
            }
            assert_eq!(pool.count(Operation::ListUsers), 0);
            assert_eq!(command.changed(&pool, &["ana"]), [""; 0]);
        }
    }
    let pool = DISABLE.pool(&["ana"]).await;
    pool.change(|state| state.neighbours[0].clients = clients);
    let said = DISABLE.run(&pool, &folder, "--apply").await;
    assert_eq!(DISABLE.made(&said), subs(&["ana"]));
}

const WRONG: [&str; 7] = [
    "retire POOLS → 2: Nothing says who has moved: name the attribute with --match, or set MIGRATION_MARK.",
    "retire POOLS --match custom:typo → 2: has no attribute custom:typo.",
    "retire POOLS --delete --apply --match custom:mark → 2: needs --record FILE",
    "restore POOLS → 2: set MIGRATION_MARK",
    "restore POOLS --set MIGRATION_MARK=custom:typo → 2: has no attribute custom:typo.",
    "restore POOLS --set MIGRATION_MARK=custom:mark --record FOLDER/no-list → 2: line 1: it must be one sub",
    "restore POOLS --set MIGRATION_MARK=custom:mark --except FOLDER/missing → 2: it does not exist",
];

#[tokio::test]
async fn one_sentence_says_what_is_wrong_and_no_user_is_looked_at() {
    let folder = folder("changes-wrong");
    fs::write(folder.join("no-list"), "source_sub,destination_sub\n").expect("a file");
    let pool = DISABLE.pool(&["ana"]).await;
    assert_refused(&pool, &folder, &WRONG).await;
    assert_eq!(pool.count(Operation::ListUsers), 0);
    // Not one user was changed.
    pool.change(|state| state.denied.push(format!("AdminDisableUser {POOL_ID}")));
    let said = DISABLE.run(&pool, &folder, "--apply").await;
    said.refuses(1, &["not allowed AdminDisableUser on the source pool"]);
    assert!(!said.stderr.contains("retired"), "{said:?}");
}

/// The user whom an administrator had disabled stays out.
#[tokio::test]
async fn the_record_of_retire_leads_back() {
    let folder = folder("changes-back");
    let names = ["ana", "bo", "shut-out"];
    let pool = DISABLE.pool(&names).await;
    pool.change(|state| state.users[2].enabled = false);
    let by_record = "--apply --record FOLDER/retired";
    DISABLE.run(&pool, &folder, by_record).await.good();
    assert_eq!(DISABLE.changed(&pool, &names), names);
    RESTORE.run(&pool, &folder, by_record).await.good();
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
    let each = bytes_a_user(&DELETE.line(""), all).await;
    assert!(each <= 700, "{each}");
}
