//! Runs the program, and keeps its output.

use std::{
    collections::BTreeSet,
    env,
    fs::{self, DirEntry},
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{self, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Map, Value, json};
use testbed::source_pool::{
    ACCESS_KEY_ID, CLIENT_ID, Client, Operation, POOL_ID, SECRET_ACCESS_KEY, SESSION_TOKEN,
    SourcePoolStub, State, User,
};
use tokio::process::Command;

/// The destination pool of [`two_pools`].
pub(crate) const DESTINATION: &str = "eu-central-1_NewPool";

/// A secret of an app client. The program never prints it: each [`Said`] is looked at.
pub(crate) const SECRET: &str = "made-up-secret-of-the-client";

/// The attribute of the marks.
pub(crate) const MARK: &str = "custom:mark";

/// An attribute with the plain `sub` of the source pool.
pub(crate) const LEGACY: &str = "custom:legacy_sub";

/// A password that no other user has.
pub(crate) fn password_of(username: &str) -> String {
    format!("Right-{username}-7")
}

/// A confirmed user with a verified e-mail address.
pub(crate) fn user(username: &str) -> User {
    User::new(username, &password_of(username))
        .with("email", &format!("{username}@example.com").to_lowercase())
        .with("email_verified", "true")
}

/// The `sub` of the [`user`] of this name.
pub(crate) fn sub(username: &str) -> String {
    user(username).sub()
}

/// A source pool with these users and a destination pool, neither of which minds the case of names.
pub(crate) fn two_pools(users: Vec<User>) -> State {
    let mut state = State {
        users,
        ..State::default()
    };
    state.neighbours.push(State {
        pool_id: DESTINATION.into(),
        clients: vec![],
        ..State::default()
    });
    let no_case = json!({"UsernameConfiguration": {"CaseSensitive": false}});
    describe_source(&mut state, no_case.clone());
    describe_destination(&mut state, no_case);
    describe_destination(&mut state, json!({"DeletionProtection": "ACTIVE"}));
    state
}

/// An app client whose users may write these attributes.
pub(crate) fn client(id: &str, writable: &[&str]) -> Client {
    Client {
        writable: Some(writable.iter().map(|&name| name.to_owned()).collect()),
        ..Client::new(id)
    }
}

/// As [`two_pools`], with these users in the destination pool, which verifies e-mail addresses and keeps the source `sub` and
/// marks that no user can write.
pub(crate) fn both_pools(source: Vec<User>, destination: Vec<User>) -> State {
    let mut state = two_pools(source);
    let schema = texts(&["name", LEGACY, MARK]);
    let members = json!({"AutoVerifiedAttributes": ["email"], "SchemaAttributes": schema});
    describe_destination(&mut state, members);
    let pool = &mut state.neighbours[0];
    pool.users = destination;
    pool.clients.push(client("7newclient", &["name"]));
    state
}

/// Sets these members of what DescribeUserPool says of the pool: of the source pool, if it is not a neighbour.
pub(crate) fn describe_source(state: &mut State, members: Value) {
    let members: Map<_, _> = serde_json::from_value(members).expect("members");
    state.description.extend(members);
}

/// Sets these members of what DescribeUserPool says of the destination pool.
pub(crate) fn describe_destination(state: &mut State, members: Value) {
    describe_source(&mut state.neighbours[0], members);
}

/// The attributes of these names in a schema.
pub(crate) fn texts(names: &[&str]) -> Value {
    let text = |name: &&str| json!({"Name": name, "AttributeDataType": "String", "Mutable": true});
    names.iter().map(text).collect()
}

pub(crate) async fn started(state: State) -> SourcePoolStub {
    SourcePoolStub::start(state).await.expect("a loopback port")
}

/// Fails where one of the texts holds something confidential of the pools.
#[track_caller]
pub(crate) fn assert_no_secret(pool: &SourcePoolStub, texts: &[&str]) {
    for secret in pool.confidential() {
        assert!(texts.iter().all(|text| !text.contains(&secret)), "{secret}");
    }
}

/// The output of the program.
#[derive(Debug)]
pub(crate) struct Said {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    /// The answer as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The standard output of a command that came to a good end without a word of warning.
    #[track_caller]
    pub(crate) fn good(&self) -> &str {
        assert_eq!(
            (self.status, self.stderr.as_str()),
            (Some(0), ""),
            "{self:?}"
        );
        &self.stdout
    }

    /// Fails unless the command ended with this status and one sentence that holds these parts, and gave no answer.
    #[track_caller]
    pub(crate) fn refuses(&self, status: i32, parts: &[&str]) {
        assert_eq!(
            (self.status, self.stdout.as_str()),
            (Some(status), ""),
            "{self:?}"
        );
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "{part}: {self:?}");
        }
    }

    /// Fails unless the answer holds these parts.
    #[track_caller]
    pub(crate) fn shows(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.stdout.contains(part), "{part}: {self:?}");
        }
    }
}

/// The program as an operator of both pools has it.
pub(crate) fn program(pool: &SourcePoolStub) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cognito-migration"));
    command
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .env("AWS_SESSION_TOKEN", SESSION_TOKEN)
        .env("AWS_ENDPOINT_URL", pool.url())
        .env("SRC_CLIENT_ID", CLIENT_ID)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The program for both pools with the [`words`] of this line.
pub(crate) fn line_of(pool: &SourcePoolStub, folder: &Path, line: &str) -> Command {
    let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rate = if rest.contains("--rate") {
        ""
    } else {
        "--rate 1000"
    };
    let mut program = program(pool);
    program.args(words(&format!("{command} POOLS {rate} {rest}"), folder));
    program
}

/// The words of a command line, where `POOLS` stands for both pools, `FOLDER` for its path, and `HUNTER2` for [`SECRET`].
pub(crate) fn words(line: &str, folder: &Path) -> Vec<String> {
    let pools = format!("--source-pool {POOL_ID} --pool {DESTINATION}");
    let line = line.replace("POOLS", &pools).replace("HUNTER2", SECRET);
    let words = line.split_whitespace();
    words
        .map(|word| word.replace("FOLDER", text(folder)))
        .collect()
}

/// Runs each row, `COMMAND LINE → STATUS: PART OF THE ONE SENTENCE`, where the line is one of [`words`].
pub(crate) async fn assert_refused(pool: &SourcePoolStub, folder: &Path, rows: &[&str]) {
    for row in rows {
        let (line, end) = row.split_once(" → ").expect("an arrow");
        let (status, sentence) = end.split_once(": ").expect("a status");
        let said = said(program(pool).args(words(line, folder))).await;
        said.refuses(status.parse().expect("a number"), &[sentence]);
    }
}

/// Runs the program for both pools with the [`words`] of this line.
pub(crate) async fn run_in(pool: &SourcePoolStub, folder: &Path, line: &str) -> Said {
    said(&mut line_of(pool, folder, line)).await
}

/// As [`run_in`], and sends the signal once the pool was asked for the operation so often.
pub(crate) async fn interrupted(
    (pool, folder): (&SourcePoolStub, &Path),
    line: &str,
    (operation, times): (Operation, usize),
    signal: Signal,
) -> Said {
    let child = line_of(pool, folder, line).spawn();
    let child = child.expect("the program was built");
    called(pool, operation, times).await;
    let pid = i32::try_from(child.id().expect("it runs")).expect("a process id");
    kill(Pid::from_raw(pid), signal).expect("it runs");
    Said::from(child.wait_with_output().await.expect("it ends"))
}

/// Waits until the pool was asked for the operation so often.
pub(crate) async fn called(pool: &SourcePoolStub, operation: Operation, times: usize) {
    while pool.count(operation) < times {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Runs a command to its end.
pub(crate) async fn said(command: &mut Command) -> Said {
    Said::from(command.output().await.expect("the program was built"))
}

impl From<process::Output> for Said {
    fn from(output: process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let said = Said {
            status: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        let printed = format!("{said:?}");
        let secrets = [SECRET, SECRET_ACCESS_KEY, SESSION_TOKEN];
        assert!(
            !secrets.iter().any(|secret| printed.contains(secret)),
            "{printed}"
        );
        said
    }
}

/// A folder of this test alone.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the tests");
    folder
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path of letters")
}

/// What a file holds that only its owner may read.
#[track_caller]
pub(crate) fn own_file(path: &Path) -> String {
    let mode = fs::metadata(path).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    fs::read_to_string(path).expect("the file")
}

/// The names of the files in a folder, in order.
pub(crate) fn names(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the folder");
    let name = |entry: io::Result<DirEntry>| entry.expect("an entry").file_name().into_string();
    let names: BTreeSet<_> = entries.map(|entry| name(entry).expect("letters")).collect();
    Vec::from_iter(names).join(" ")
}

/// The build of the function that `FUNCTION_BINARY` names, or else the one beside the program. Cargo builds no program of
/// another package for a test, so a fresh clone has none: it is built then.
pub(crate) fn function() -> PathBuf {
    if let Some(named) = env::var_os("FUNCTION_BINARY") {
        return PathBuf::from(named);
    }
    let program = Path::new(env!("CARGO_BIN_EXE_cognito-migration"));
    let beside = program.with_file_name("cognito-user-migration");
    if !beside.exists() {
        let profile = program.parent().expect("a folder of the profile");
        let status = process::Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked", "--package"])
            .args(["cognito-user-migration", "--bin", "cognito-user-migration"])
            .arg("--target-dir")
            .arg(profile.parent().expect("the target folder"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the function cannot be built");
    }
    beside
}
