//! What the log shows, seen from outside: this test starts itself again as a program that logs.

use std::{env, process::Command};

use cognito_user_migration::telemetry;

const CHILD: &str = "LOG_AS_A_CHILD";

/// Logs and panics, if started by the test below.
#[test]
fn child() {
    if env::var_os(CHILD).is_none() {
        return;
    }
    telemetry::start(Some("TRACE"));
    tracing::error!(target: "lambda_runtime::layers", "ana@example.com in a line of a library");
    tracing::trace!(target: "cognito_user_migration::handler", "a line of our own");
    tracing::trace!(target: "pools::role", "a line of the pools");
    let panicked = std::panic::catch_unwind(|| panic!("ana@example.com in a panic"));
    assert!(panicked.is_err());
}

#[test]
fn neither_libraries_nor_panics_bring_anything_personal_into_the_log() {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, "1")
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).unwrap();
    for shown in [
        "a line of our own",
        "a line of the pools",
        "The function panicked",
        "tests/telemetry.rs",
    ] {
        assert!(printed.contains(shown), "{shown}: {printed}");
    }
    assert!(!printed.contains("ana@example.com"), "{printed}");
}
