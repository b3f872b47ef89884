//! `retire`: the source users who have moved are disabled or deleted; and what `restore` has in common with it.

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

/// A command that changes source users, one after the other.
pub(crate) struct Changing {
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
    /// What a person is told.
    told: [&'static str; 2],
}

pub(crate) const DISABLE: Changing = Changing {
    command: "retire",
    operation: Operation::AdminDisableUser,
    lists: ["to_retire", "retired"],
    already: "already_disabled",
    done: "retired",
    file: "--record",
    told: ["to disable", "with --record FILE, restore takes it back."],
};

pub(crate) const DELETE: Changing = Changing {
    command: "retire --delete",
    operation: Operation::AdminDeleteUser,
    told: ["to delete", "a user who is deleted cannot be brought back."],
    ..DISABLE
};

pub(crate) const RESTORE: Changing = Changing {
    command: "restore",
    operation: Operation::AdminEnableUser,
    lists: ["to_restore", "restored"],
    already: "already_enabled",
    done: "enabled",
    file: "--log",
    told: ["to enable", "enabled before"],
};

/// A command with its pools, and a folder for its files.
pub(crate) struct Started {
    changing: Changing,
    pub(crate) pool: SourcePoolStub,
    pub(crate) folder: PathBuf,
}

impl Changing {
    /// `FILE` stands for the option that writes down who was changed, and the name of its file.
    pub(crate) fn line(&self, options: &str) -> String {
        let options = options.replace("FILE", &format!("{} FOLDER/file", self.file));
        let command = self.command;
        format!("{command} --format json --set MIGRATION_MARK=custom:mark {options}")
    }

    async fn start(self, name: &str, state: State) -> Started {
        Started {
            changing: self,
            pool: started(state).await,
            folder: folder(name),
        }
    }

    /// With users whom the command changes.
    pub(crate) async fn with(self, name: &str, names: &[&str]) -> Started {
        let of_name = |name: &&str| User {
            enabled: self.operation != Operation::AdminEnableUser,
            ..user(name)
        };
        let moved = names.iter().map(|name| marked(name, "off"));
        let state = both_pools(names.iter().map(of_name).collect(), moved.collect());
        self.start(name, state).await
    }
}

impl Started {
    pub(crate) async fn run(&self, options: &str) -> Said {
        run_in(&self.pool, &self.folder, &self.changing.line(options)).await
    }

    /// The users whom the pool shows as changed.
    pub(crate) fn changed<'a>(&self, names: &[&'a str]) -> Vec<&'a str> {
        let is_changed = |name: &&&str| match self.changing.operation {
            Operation::AdminDeleteUser => self.pool.user(name).is_none(),
            operation => {
                let is_enabled = self.pool.user(name).expect("the user").enabled;
                is_enabled == (operation == Operation::AdminEnableUser)
            }
        };
        names.iter().filter(is_changed).copied().collect()
    }

    /// Fails unless the answer lists exactly these users as changed.
    #[track_caller]
    fn assert_made(&self, said: &Said, names: &[&str]) {
        assert_eq!(said.json()[self.changing.lists[1]], subs(names), "{said:?}");
        assert_eq!(said.json().get(self.changing.lists[0]), None);
    }

    /// Of [`MANY`], those who were changed: the first ones, but not all, and each of them is in the file.
    #[track_caller]
    fn assert_some(&self, status: Option<i32>, expected: i32) -> Vec<&'static str> {
        let changed = self.changed(&MANY);
        assert!((1..MANY.len()).contains(&changed.len()), "{changed:?}");
        assert_eq!(
            (status, self.file()),
            (Some(expected), lines(&MANY[..changed.len()]))
        );
        changed
    }

    /// The file of those who were changed.
    fn file(&self) -> String {
        own_file(&self.folder.join("file"))
    }
}

fn subs(names: &[&str]) -> Value {
    names.iter().map(|name| sub(name)).collect()
}

/// The lines of a file of users.
fn lines(names: &[&str]) -> String {
    names.iter().map(|name| sub(name) + "\n").collect()
}

/// A user of the destination pool with this form of a mark.
pub(crate) fn marked(name: &str, form: &str) -> User {
    user(name).with(MARK, &format!("{form}/{}", sub(name)))
}

/// More users than are changed before a request to end is heard, however busy the machine is.
const MANY: [&str; 26] = [
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s",
    "t", "u", "v", "w", "x", "y", "z",
];

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
    both_pools(source.collect(), destination)
}

/// Fails unless without `--apply` the command only counts, and with it exactly those are changed whom this column of
/// [`KINDS`] says, and this user. Gives what a person is told.
pub(crate) async fn assert_decides(
    command: Changing,
    options: &str,
    column: usize,
    other: Option<(&str, &str)>,
) -> Said {
    let row = format!("{} {options}", command.command);
    let all: Vec<_> = kinds().map(|[name, ..]| name).collect();
    let mut listed = [&all[..], &["u-gone"]].concat();
    listed.retain(|name| *name != "u-unlisted");
    let decided = kinds().map(|words| (words[0], words[column])).chain(other);
    let decided: Vec<_> = decided.filter(|(_, word)| *word != "-").collect();
    let mut kept: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (name, word) in &decided {
        kept.entry(*word).or_default().insert(sub(name));
    }
    kept.remove(CHANGED);
    let changes = decided.iter().filter(|(_, word)| *word == CHANGED);
    let mut changes: Vec<_> = changes.map(|(name, _)| *name).collect();
    let (is_delete, operation) = (command.command == DELETE.command, command.operation);
    let state = all_kinds(&command);
    let it = command.start(&format!("changes-{column}"), state).await;
    let (record, except) = (it.folder.join("record"), it.folder.join("except"));
    fs::write(record, lines(&listed)).expect("a file");
    fs::write(except, lines(&["u-excepted"])).expect("a file");
    let table = it.changing.line(options).replace("json", "table");
    let told = run_in(&it.pool, &it.folder, &table).await;
    told.shows(&["Nothing was changed. --apply does it", "stay as they are"]);
    told.shows(&it.changing.told);
    told.shows(&[&sub("u-forged")]);
    it.pool.fail(operation, Fault::Throttled, Times::N(4));
    for (is_applied, apply) in [(false, ""), (true, "--apply FILE")] {
        it.pool.forget();
        let list = it.changing.lists[usize::from(is_applied)];
        let said = it.run(&format!("{options} {apply}")).await;
        let mut shape = json!({
            "source_pool": POOL_ID, "destination_pool": DESTINATION, "users": all.len(), "applied": is_applied,
            "kept": kept, list: subs(&changes), it.changing.already: u64::from(!is_delete),
        });
        if it.changing.lists == DISABLE.lists {
            shape["action"] = if is_delete { "delete" } else { "disable" }.into();
        }
        assert_eq!((said.good(), said.json()), (&*said.stdout, shape), "{row}");
        assert_no_secret(&it.pool, &[&said.stdout]);
        assert_eq!(it.pool.count(operation) > 0, is_applied, "{row}");
    }
    assert_eq!(it.file(), lines(&changes), "{row}");
    let calls = it.pool.received_of(operation);
    assert!(calls.iter().all(|call| call.body["UserPoolId"] == POOL_ID));
    // The user who was as wanted looks the same.
    changes.extend((!is_delete).then_some(AS_WANTED));
    assert_eq!(it.changed(&all), changes, "{row}");
    let again = it.run(options).await;
    assert_eq!(again.json()[it.changing.lists[0]], json!([]), "{row}");
    told
}

#[tokio::test]
async fn without_apply_it_only_counts_and_with_it_exactly_those_are_changed() {
    assert_decides(DISABLE, "", 2, None).await;
    // A disabled user is deleted, too.
    assert_decides(DELETE, "", 2, Some((AS_WANTED, CHANGED))).await;
}

/// So it names the user whose call failed, too.
#[tokio::test]
async fn the_file_names_each_user_before_the_call_and_a_second_run_goes_on() {
    for command in [DISABLE, DELETE, RESTORE] {
        let (operation, done) = (command.operation, command.done);
        let names = ["ana", "bo", "cem"];
        let it = command.with("changes-file", &names).await;
        // Without --apply there is nothing to write down.
        let said = it.run("FILE").await;
        let is_made = it.folder.join("file").exists();
        assert_eq!((said.status, is_made), (Some(2), false), "{said:?}");
        // The second call is refused.
        it.pool
            .fail(operation, Fault::Slow(Duration::ZERO), Times::ONCE);
        it.pool.fail(operation, Fault::AccessDenied, Times::ONCE);
        let told = format!("not allowed {operation:?} on the source pool");
        let so_far = format!("Before that, 1 users were {done}. Run it again to go on.");
        it.run("--apply FILE").await.refuses(1, &[&told, &so_far]);
        assert_eq!(it.file(), lines(&names[..2]));
        assert_eq!(it.changed(&names), ["ana"]);
        fs::remove_file(it.folder.join("file")).expect("the file");
        let said = it.run("--apply FILE").await;
        it.assert_made(&said, &names[1..]);
        assert_eq!(it.file(), lines(&names[1..]));
    }
}

/// That the call under way comes to its end, and no other begins, is proven beside the code.
#[tokio::test]
async fn after_a_request_to_end_the_answer_and_the_file_say_who_was_changed() {
    for (command, signal) in [
        (DISABLE, Signal::SIGINT),
        (DELETE, Signal::SIGTERM),
        (RESTORE, Signal::SIGHUP),
    ] {
        let (first, done) = ((command.operation, 1), command.done);
        let line = command.line("--apply --rate 5 FILE");
        let it = command.with("changes-signal", &MANY).await;
        let said = interrupted((&it.pool, &it.folder), &line, first, signal).await;
        let changed = it.assert_some(said.status, 1);
        let so_far = format!("Before that, {} users were {done}.", changed.len());
        let whole = format!("cognito-migration: Interrupted. {so_far} Run it again to go on.\n");
        assert_eq!(said.stderr, whole, "{signal}");
    }
}

/// The list can be hours old when a user's turn comes.
#[tokio::test]
async fn a_user_whose_new_account_has_gone_meanwhile_stays() {
    for command in [DELETE, RESTORE] {
        let operation = command.operation;
        let it = command.with("changes-gone", &MANY).await;
        let meanwhile = async {
            called(&it.pool, operation, 1).await;
            it.pool.change(|state| {
                let accounts = &mut state.neighbours[0].users;
                accounts.retain(|user| *user.username > *"m");
                accounts.iter_mut().for_each(|user| user.enabled = false);
            });
        };
        let (said, ()) = tokio::join!(it.run("--apply --rate 10 FILE"), meanwhile);
        let changed = it.assert_some(said.status, 0);
        it.assert_made(&said, &changed);
        let kept = said.json()["kept"].take();
        let kept: BTreeMap<String, Vec<String>> = serde_json::from_value(kept).expect("reasons");
        let disabled = &kept["new_account_not_confirmed"];
        assert!(disabled.contains(&sub("z")), "{kept:?}");
        let number = kept.values().flatten().count();
        assert_eq!(number, MANY.len() - changed.len(), "{kept:?}");
    }
}

#[tokio::test]
async fn an_attribute_with_the_plain_sub_tells_too() {
    let folder = folder("changes-match");
    fs::write(folder.join("record"), lines(&["ana"])).expect("a file");
    let legacy = user("ana").with(LEGACY, &sub("ana"));
    let source = ["ana", "bo"].map(user);
    let pool = started(both_pools(source.into(), vec![legacy, marked("bo", "off")])).await;
    let run = async |line: &str| run_in(&pool, &folder, &format!("{line} --format json")).await;
    let retire = "retire --match custom:legacy_sub";
    let restore = "restore --match custom:legacy_sub";
    assert_eq!(run(retire).await.json()["to_retire"], subs(&["ana"]));
    // A plain `sub` does not say who disabled the user: only a record does.
    pool.change(|state| state.users[0].enabled = false);
    let said = run(restore).await;
    assert_eq!(said.status, Some(2), "{said:?}");
    let said = run(&format!("{restore} --record FOLDER/record")).await;
    assert_eq!(said.json()["to_restore"], subs(&["ana"]), "{said:?}");
    // Post-migration steps that are left have their mark in any attribute.
    let pending = format!("pending/{}", sub("ana"));
    pool.change(|state| {
        state.users[0].enabled = true;
        state.neighbours[0].users[0] = user("ana").with(LEGACY, &pending);
    });
    assert_eq!(run(retire).await.json()["to_retire"], json!([]));
    // The attribute of the marks holds no plain `sub`, whatever --match says.
    pool.change(|state| state.neighbours[0].users[0] = user("ana").with(MARK, &sub("ana")));
    let marks = "retire --match custom:mark --set MIGRATION_MARK=custom:mark";
    assert_eq!(run(marks).await.json()["to_retire"], subs(&["bo"]));
}

/// A user who can write the mark can name any source user.
#[tokio::test]
async fn nothing_is_retired_or_restored_where_the_mark_is_writable_or_this_is_not_known() {
    // More than a preflight looks at.
    let mut clients = vec![client("7safe", &["name"]); 61];
    let can_write = "Users of the app client 7last can write their own mark, and so claim";
    let sets_none = "because it sets no WriteAttributes";
    let not_known = "not allowed ListUserPoolClients on the destination pool";
    for (last, denied, sentence) in [
        (client("7last", &["name", MARK]), "", can_write),
        (Client::new("7last"), "", sets_none),
        (client("7last", &["name"]), "ListUserPoolClients", not_known),
    ] {
        clients.truncate(61);
        clients.push(last);
        for command in [DISABLE, DELETE, RESTORE] {
            let it = command.with("changes-unsafe", &["ana"]).await;
            it.pool.change(|state| {
                state.neighbours[0].clients = clients.clone();
                state.denied = vec![format!("{denied} {DESTINATION}")];
            });
            for options in ["", "--apply FILE"] {
                let said = it.run(options).await;
                said.refuses(1, &[sentence, "nothing was changed"]);
            }
            assert_eq!(it.pool.count(Operation::ListUsers), 0);
            assert_eq!(it.changed(&["ana"]), [""; 0]);
        }
    }
    let it = DISABLE.with("changes-unsafe", &["ana"]).await;
    it.pool
        .change(|state| state.neighbours[0].clients = clients);
    it.assert_made(&it.run("--apply").await, &["ana"]);
}
