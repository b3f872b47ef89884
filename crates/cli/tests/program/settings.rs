//! The sources of settings, and errors that never repeat them. The sentences are proven beside the code.

use std::fs;

use serde_json::json;
use testbed::source_pool::{CLIENT_ID, POOL_ID, SourcePoolStub};

use crate::support::*;

/// What each command that takes settings needs besides the pools.
const COMMANDS: [&str; 6] = [
    "preflight",
    "survey",
    "explain ana",
    "stragglers --out FOLDER",
    "retire",
    "restore",
];

async fn pools() -> SourcePoolStub {
    let bo = user("bo").with_status("FORCE_CHANGE_PASSWORD");
    started(both_pools(vec![user("ana"), bo], vec![])).await
}

#[tokio::test]
async fn a_file_takes_the_place_of_the_environment() {
    let folder = folder("settings-file");
    let file = folder.join("settings");
    let settings = format!(
        "# The settings of the function.\n\nSRC_USER_POOL_ID={POOL_ID}\nSRC_CLIENT_ID={CLIENT_ID}\n\
         SRC_CLIENT_SECRET={SECRET}\nMIGRATION_MARK={MARK}\nON_TEMPORARY_PASSWORD=reset\n"
    );
    fs::write(&file, settings).expect("a file for the tests");
    let pool = pools().await;
    for command in COMMANDS {
        let line = format!("{command} --rate 1000 --pool {DESTINATION} --settings FOLDER/settings");
        let mut program = program(&pool);
        // A mistake that counts if the environment is read.
        program.env("ON_MFA", "maybe").args(words(&line, &folder));
        let said = said(&mut program).await;
        // The preflight finds no trigger.
        let status = if command == "preflight" { 1 } else { 0 };
        let end = (said.status, said.stderr.as_str());
        assert_eq!(end, (Some(status), ""), "{command}: {said:?}");
    }
    let refused = json!({"migrated": 1, "temporary_password": 1});
    for (option, sign_in) in [
        ("", json!({"migrated": 2})),
        // An empty value counts as unset, and nothing below it counts then.
        ("--set ON_TEMPORARY_PASSWORD=", refused),
    ] {
        let line = format!("survey --format json --settings FOLDER/settings {option}");
        let said = run_in(&pool, &folder, &line).await;
        assert_eq!(said.json()["sign_in"], sign_in, "{said:?}");
    }
}

const WRONG: [&str; 5] = [
    "--set SRC_CLIENT_SECRET=HUNTER2 → 2: --set does not take SRC_CLIENT_SECRET",
    "--set=SRC_CLIENT_SECRET=HUNTER2 → 2: --set does not take SRC_CLIENT_SECRET",
    "--set --HUNTER2=x → 2: --set number 1 names no setting of the function.",
    "--settings FOLDER/settings → 2: line 2 names no setting",
    "--settings no-such-file → 2: it does not exist",
];

/// A name that was mistyped can stand in front of a secret.
#[tokio::test]
async fn no_error_about_a_setting_repeats_what_was_given() {
    let folder = folder("settings-wrong");
    let pool = pools().await;
    let mistyped = format!("# A comment.\nSRC_CLIENT_SECRT={SECRET}\n");
    fs::write(folder.join("settings"), mistyped).expect("a file for the tests");
    for command in COMMANDS {
        let rows = WRONG.map(|row| format!("{command} POOLS {row}"));
        assert_refused(&pool, &folder, &rows.each_ref().map(String::as_str)).await;
    }
    // Where the command line itself is wrong.
    for line in [
        "progress --set SRC_CLIENT_SECRET=HUNTER2",
        "progress --set=SRC_CLIENT_SECRET=HUNTER2",
        "--set SRC_CLIENT_SECRET=HUNTER2 survey",
        "survey --set ON_MFA=sms SRC_CLIENT_SECRET=HUNTER2",
        "survey --sett SRC_CLIENT_SECRET=HUNTER2",
        "subs SRC_CLIENT_SECRET=HUNTER2",
    ] {
        let said = said(program(&pool).args(words(line, &folder))).await;
        assert_eq!(said.status, Some(2), "{said:?}");
    }
    assert_eq!(pool.calls(), []);
}
