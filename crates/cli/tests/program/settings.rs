//! The sources of settings, and errors that never repeat them.

use std::fs;

use serde_json::json;
use testbed::source_pool::{CLIENT_ID, POOL_ID, SourcePoolStub};

use crate::support::*;

const MARK: &str = "custom:mark";
const SECRET: &str = "made-up-secret-of-the-client";

/// What each command that takes settings needs besides the pools.
const COMMANDS: [(&str, &[&str]); 6] = [
    ("preflight", &[]),
    ("survey", &[]),
    ("explain", &["ana"]),
    ("stragglers", &["--out", env!("CARGO_TARGET_TMPDIR")]),
    ("retire", &[]),
    ("restore", &[]),
];

async fn pools() -> SourcePoolStub {
    let mut state = two_pools(vec![
        user("ana"),
        user("bo").with_status("FORCE_CHANGE_PASSWORD"),
    ]);
    let description = &mut state.neighbours[0].description;
    description.extend([
        ("AutoVerifiedAttributes".to_owned(), json!(["email"])),
        (
            "SchemaAttributes".to_owned(),
            json!([{"Name": MARK, "AttributeDataType": "String"}]),
        ),
    ]);
    SourcePoolStub::start(state).await.expect("a loopback port")
}

#[tokio::test]
async fn a_file_takes_the_place_of_the_environment() {
    let folder = folder("settings-file");
    let file = folder.join("settings");
    let lines = [
        "# The settings of the function.",
        "",
        &format!("SRC_USER_POOL_ID={POOL_ID}"),
        &format!("SRC_CLIENT_ID={CLIENT_ID}"),
        &format!("SRC_CLIENT_SECRET={SECRET}"),
        &format!("MIGRATION_MARK={MARK}"),
        "ON_TEMPORARY_PASSWORD=reset",
    ];
    fs::write(&file, lines.join("\n")).expect("a file for the tests");
    let pool = pools().await;
    for (command, options) in COMMANDS {
        let mut program = program(&pool);
        let out = folder.to_str().expect("a path of letters");
        let options = options.iter().map(|&option| match option {
            env!("CARGO_TARGET_TMPDIR") => out,
            option => option,
        });
        // A mistake that counts if the environment is read.
        program.env("ON_MFA", "maybe");
        program.args([command, "--pool", DESTINATION, "--rate", "1000"]);
        program.arg("--settings").arg(&file).args(options);
        let said = said(&mut program).await;
        assert!(!format!("{said:?}").contains(SECRET), "{said:?}");
        // The preflight finds no trigger.
        let status = if command == "preflight" { 1 } else { 0 };
        assert_eq!(
            (said.status, said.stderr.as_str()),
            (Some(status), ""),
            "{command}: {said:?}"
        );
    }
    for (option, sign_in) in [
        (&[][..], json!({"migrated": 2})),
        (
            &["--set", "ON_TEMPORARY_PASSWORD=refuse"],
            json!({"migrated": 1, "temporary_password": 1}),
        ),
        // An empty value counts as unset, and nothing below it counts then.
        (
            &["--set", "ON_TEMPORARY_PASSWORD="],
            json!({"migrated": 1, "temporary_password": 1}),
        ),
    ] {
        let file = file.to_str().expect("a path of letters");
        let options = [&["survey", "--format", "json", "--settings", file], option].concat();
        let said = run(&pool, &options).await;
        assert_eq!(said.json()["sign_in"], sign_in, "{said:?}");
    }
}

/// A name that was mistyped can stand in front of a secret.
#[tokio::test]
async fn no_error_about_a_setting_repeats_what_was_given() {
    let folder = folder("settings-wrong");
    let pool = pools().await;
    let file = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).expect("a file for the tests");
        path.to_str().expect("a path of letters").to_owned()
    };
    let wrong = [
        file("name", format!("# A comment.\nSRC_CLIENT_SECRT={SECRET}\n")),
        file("form", format!("ON_MFA=sms\n{SECRET}\n")),
        file("twice", format!("ON_MFA={SECRET}\nON_MFA={SECRET}\n")),
    ];
    let secret = format!("SRC_CLIENT_SECRET={SECRET}");
    let joined = format!("--set={secret}");
    let mistyped = format!("SRC_CLIENT_SECRT={SECRET}");
    for (command, needed) in COMMANDS {
        for (options, told) in [
            (
                vec!["--set", &secret],
                "--set does not take SRC_CLIENT_SECRET",
            ),
            (vec![&joined], "--set does not take SRC_CLIENT_SECRET"),
            (
                vec!["--set", "ON_MFA=sms", "--set", &mistyped],
                "--set number 2 names no setting of the function (did you mean SRC_CLIENT_SECRET?).",
            ),
            (vec!["--set", SECRET], "--set number 1 is not NAME=VALUE."),
            (
                vec!["--set", "--made-up-secret-of-the-client=x"],
                "--set number 1 names no setting of the function.",
            ),
            (vec!["--settings", &wrong[0]], "line 2 names no setting"),
            (vec!["--settings", &wrong[1]], "line 2 is not NAME=VALUE"),
            (
                vec!["--settings", &wrong[2]],
                "line 2 sets ON_MFA a second time",
            ),
            (vec!["--settings", "no-such-file"], "it does not exist"),
        ] {
            let said = run(&pool, &[&[command], needed, &options].concat()).await;
            assert_eq!(
                (said.status, said.stdout.as_str()),
                (Some(2), ""),
                "{said:?}"
            );
            assert!(said.stderr.contains(told), "{told}: {said:?}");
            assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
            for text in [SECRET, "SRC_CLIENT_SECRT"] {
                assert!(!said.stderr.contains(text), "{said:?}");
            }
        }
    }
    // Where the command line itself is wrong.
    for arguments in [
        vec!["progress", "--set", &secret],
        vec!["progress", &joined],
        vec!["--set", &secret, "survey"],
        vec!["survey", "--set", "ON_MFA=sms", &secret],
        vec!["survey", "--sett", &secret],
        vec!["subs", &secret],
    ] {
        let said = said(program(&pool).args(&arguments)).await;
        assert_eq!(said.status, Some(2), "{said:?}");
        assert!(!said.stderr.contains(SECRET), "{said:?}");
    }
    assert_eq!(pool.calls(), []);
}
