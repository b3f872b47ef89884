//! Bad input: one clear sentence, and nothing half-written.

use serde_json::json;
use testbed::source_pool::{POOL_ID, SourcePoolStub};

use crate::support::*;

#[tokio::test]
async fn one_sentence_says_what_is_wrong() {
    let mut state = two_pools(vec![user("ana")]);
    state.denied.push("ListUsers eu-west-1_SourcePool".into());
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let folder = folder("bad-input");
    let path = |name: &str| {
        folder
            .join(name)
            .to_str()
            .expect("a path of letters")
            .to_owned()
    };
    let here = ["--source-pool", POOL_ID, "--pool", DESTINATION];
    let nowhere = path("no/such/folder/users.csv");
    let denied = path("denied.csv");
    for (command, arguments, status, sentence) in [
        (
            "survey",
            vec!["--source-pool", POOL_ID, "--pool", "eu-west-1_Unknown"],
            1,
            "The destination pool eu-west-1_Unknown does not exist in the account of these credentials, in its Region.",
        ),
        (
            "survey",
            vec!["--source-pool", "eu-west-1_Unknown", "--pool", DESTINATION],
            1,
            "The source pool eu-west-1_Unknown does not exist in the account of these credentials, in its Region.",
        ),
        (
            "survey",
            vec!["--source-pool", POOL_ID, "--pool", POOL_ID],
            2,
            "eu-west-1_SourcePool is named as the source pool and as the destination pool: they must be two.",
        ),
        (
            "progress",
            vec!["--source-pool", POOL_ID, "--pool", POOL_ID],
            2,
            "eu-west-1_SourcePool is named as the source pool and as the destination pool: they must be two.",
        ),
        (
            "survey",
            here.to_vec(),
            1,
            "These credentials are not allowed ListUsers on the source pool eu-west-1_SourcePool.",
        ),
        (
            "survey",
            [&here[..], &["--csv", &denied]].concat(),
            1,
            "These credentials are not allowed ListUsers on the source pool eu-west-1_SourcePool.",
        ),
        (
            "survey",
            [&here[..], &["--csv", &nowhere]].concat(),
            1,
            "its folder does not exist",
        ),
        (
            "survey",
            [
                &here[..],
                &["--set", "ON_MFA=maybe", "--set", "DST_USERNAME=x"],
            ]
            .concat(),
            2,
            "The configuration cannot be used: DST_USERNAME must be none, username or sub; ON_MFA must be refuse, sms, reset or drop.",
        ),
        (
            "survey",
            vec!["--pool", DESTINATION],
            2,
            "Name the source pool: with --source-pool ID, or --function NAME.",
        ),
        (
            "survey",
            [
                &here[..],
                &["--set", "SRC_PROFILE=id_token", "--set", "SRC_CLIENT_ID="],
            ]
            .concat(),
            2,
            "SRC_CLIENT_ID must be the id of an app client of the source user pool",
        ),
        (
            "survey",
            [&here[..], &["--set", "SRC_CLIENT_ID=unknown"]].concat(),
            1,
            "The app client unknown of the source pool eu-west-1_SourcePool does not exist",
        ),
        (
            "explain",
            [&here[..], &["--set", "SRC_CLIENT_ID=unknown", "ana"]].concat(),
            1,
            "The app client unknown of the source pool eu-west-1_SourcePool does not exist",
        ),
    ] {
        let said = said(program(&pool).arg(command).args(&arguments)).await;
        assert_eq!(
            (said.status, said.stdout.as_str()),
            (Some(status), ""),
            "{arguments:?}: {said:?}"
        );
        assert!(said.stderr.contains(sentence), "{sentence}: {said:?}");
        assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
    }
    assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 0);
}

#[tokio::test]
async fn the_command_line_is_checked_before_a_pool_is_asked() {
    let pool = SourcePoolStub::start(two_pools(vec![]))
        .await
        .expect("a loopback port");
    for (arguments, told) in [
        (&["survey"][..], "--pool"),
        (
            &["survey", "--pool", "nonsense"],
            "it must be the id of a user pool",
        ),
        (
            &[
                "survey",
                "--pool",
                "arn:aws:cognito-idp:eu-west-1:1:userpool/eu-west-1_A",
            ],
            "what follows \"userpool/\" in the ARN",
        ),
        (
            &["survey", "--pool", DESTINATION, "--set", "PATH=x"],
            "--set number 1 names no setting of the function.",
        ),
        (
            &[
                "survey",
                "--pool",
                DESTINATION,
                "--settings",
                "FILE",
                "--function",
                "mine",
            ],
            "cannot be used with",
        ),
        (&["survey", "--pool", DESTINATION, "--usernames"], "--csv"),
        (
            &["survey", "--pool", DESTINATION, "--rate", "0"],
            "0 is not in",
        ),
        (&["move"], "unrecognized subcommand"),
    ] {
        let said = said(program(&pool).args(arguments)).await;
        assert_eq!(said.status, Some(2), "{said:?}");
        assert!(said.stderr.contains(told), "{told}: {said:?}");
    }
    assert_eq!(pool.calls(), []);
}

#[tokio::test]
async fn missing_credentials_are_named() {
    let pool = SourcePoolStub::start(two_pools(vec![]))
        .await
        .expect("a loopback port");
    let mut command = program(&pool);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        command.env_remove(name);
    }
    let here = ["survey", "--source-pool", POOL_ID, "--pool", DESTINATION];
    let said = said(command.args(here)).await;
    assert_eq!(said.status, Some(1));
    let sentence = "No credentials could be had for the source pool";
    assert!(said.stderr.contains(sentence), "{said:?}");
    assert_eq!(pool.calls(), []);
}

#[tokio::test]
async fn wrong_credentials_are_named() {
    let pool = SourcePoolStub::start(two_pools(vec![]))
        .await
        .expect("a loopback port");
    let mut command = program(&pool);
    command.env("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSE0000");
    let here = ["survey", "--source-pool", POOL_ID, "--pool", DESTINATION];
    let said = said(command.args(here)).await;
    assert_eq!(said.status, Some(1));
    assert!(
        said.stderr.contains("AWS does not take these credentials"),
        "{said:?}"
    );
    let secret = json!(testbed::source_pool::SECRET_ACCESS_KEY).to_string();
    assert!(!said.stderr.contains(secret.trim_matches('"')));
}
