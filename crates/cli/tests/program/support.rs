//! Runs the program, and keeps its output.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{self, Stdio},
    sync::OnceLock,
};

use serde_json::Value;
use testbed::source_pool::{
    ACCESS_KEY_ID, CLIENT_ID, NeighbourPool, POOL_ID, SECRET_ACCESS_KEY, SESSION_TOKEN,
    SourcePoolStub, State, User,
};
use tokio::process::Command;

/// The destination pool of [`two_pools`].
pub(crate) const DESTINATION: &str = "eu-central-1_NewPool";

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

/// A source pool with these users and a destination pool, neither of which minds the case of names.
pub(crate) fn two_pools(users: Vec<User>) -> State {
    let mut state = State {
        users,
        ..State::default()
    };
    let no_case = serde_json::json!({"CaseSensitive": false});
    state
        .description
        .insert("UsernameConfiguration".into(), no_case.clone());
    let mut destination = NeighbourPool {
        pool_id: DESTINATION.into(),
        ..NeighbourPool::default()
    };
    destination.description.extend([
        ("UsernameConfiguration".into(), no_case),
        ("DeletionProtection".into(), "ACTIVE".into()),
    ]);
    state.neighbours.push(destination);
    state
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

/// Runs the program for both pools with these arguments.
pub(crate) async fn run(pool: &SourcePoolStub, arguments: &[&str]) -> Said {
    let (command, rest) = arguments.split_first().expect("a command");
    let pools = ["--source-pool", POOL_ID, "--pool", DESTINATION];
    let rate = match rest.contains(&"--rate") {
        true => &[][..],
        false => &["--rate", "1000"],
    };
    let mut program = program(pool);
    said(program.arg(command).args(pools).args(rate).args(rest)).await
}

/// Runs a command to its end.
pub(crate) async fn said(command: &mut Command) -> Said {
    let output = command.output().await.expect("the program was built");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said {
        status: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// How many bytes the program needs for each user of such pools, over what it needs for any: printed, too. The lists are long
/// enough to tell that from everything else; `MEMORY_USERS` makes them longer.
#[cfg(target_os = "linux")]
pub(crate) async fn bytes_a_user(
    command: &str,
    pools: impl Fn(usize) -> State,
    arguments: impl Fn(usize) -> Vec<String>,
) -> usize {
    let most = env::var_os("MEMORY_USERS").and_then(|text| text.to_str()?.parse().ok());
    let (few, many) = (5_000, most.unwrap_or(40_000));
    let used = async |users: usize| {
        let pool = SourcePoolStub::start(pools(users))
            .await
            .expect("a loopback port");
        let mut program = program(&pool);
        program
            .args([command, "--source-pool", POOL_ID, "--pool", DESTINATION])
            .args(["--rate", "1000"])
            .args(arguments(users))
            .stdout(Stdio::null());
        let mut child = program.spawn().expect("the program was built");
        let pid = child.id().expect("it runs");
        let mut kilobytes = 0;
        while let Ok(None) = child.try_wait() {
            kilobytes = testbed::measured::memory(pid).1.max(kilobytes);
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        assert_eq!(child.wait().await.expect("it ended").code(), Some(0));
        usize::try_from(kilobytes * 1024).expect("a number of bytes")
    };
    let (least, most) = (used(few).await, used(many).await);
    let each = most.saturating_sub(least) / (many - few);
    println!("{command}: {few} users {least} bytes, {many} users {most} bytes: {each} a user");
    each
}

/// A folder of this test alone.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the tests");
    folder
}

/// The build of the function that `FUNCTION_BINARY` names, or else the one beside the program. Cargo builds no program of
/// another package for a test, so a fresh clone has none: it is built then.
pub(crate) fn function() -> PathBuf {
    if let Some(named) = env::var_os("FUNCTION_BINARY") {
        return PathBuf::from(named);
    }
    static BESIDE: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
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
    };
    BESIDE.get_or_init(build).clone()
}
