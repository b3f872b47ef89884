//! Bad input: one clear sentence, and nothing half-written.

use testbed::source_pool::{POOL_ID, SECRET_ACCESS_KEY};

use crate::support::*;

const WRONG: [&str; 13] = [
    "survey --source-pool eu-west-1_SourcePool --pool eu-west-1_Unknown → 1: The destination pool eu-west-1_Unknown does not exist in the account of these credentials, in its Region.",
    "survey --source-pool eu-west-1_Unknown --pool eu-central-1_NewPool → 1: The source pool eu-west-1_Unknown does not exist in the account of these credentials, in its Region.",
    "survey --source-pool eu-west-1_SourcePool --pool eu-west-1_SourcePool → 2: eu-west-1_SourcePool is named as the source pool and as the destination pool: they must be two.",
    "progress --source-pool eu-west-1_SourcePool --pool eu-west-1_SourcePool → 2: they must be two.",
    "verify --function F --client C --source-pool eu-west-1_SourcePool --pool eu-west-1_SourcePool → 2: they must be two.",
    "survey POOLS → 1: These credentials are not allowed ListUsers on the source pool eu-west-1_SourcePool.",
    "survey POOLS --csv FOLDER/denied.csv → 1: These credentials are not allowed ListUsers on the source pool eu-west-1_SourcePool.",
    "survey POOLS --csv FOLDER/no/such/users.csv → 1: its folder does not exist",
    "survey POOLS --set ON_MFA=maybe --set DST_USERNAME=x → 2: The configuration cannot be used: DST_USERNAME must be none, username or sub; ON_MFA must be refuse, sms, reset or drop.",
    "survey --pool eu-central-1_NewPool → 2: Name the source pool: with --source-pool ID, or --function NAME.",
    "survey POOLS --set SRC_PROFILE=id_token --set SRC_CLIENT_ID= → 2: SRC_CLIENT_ID must be the id of an app client of the source user pool",
    "survey POOLS --set SRC_CLIENT_ID=unknown → 1: The app client unknown of the source pool eu-west-1_SourcePool does not exist",
    "explain POOLS --set SRC_CLIENT_ID=unknown ana → 1: The app client unknown of the source pool eu-west-1_SourcePool does not exist",
];

#[tokio::test]
async fn one_sentence_says_what_is_wrong() {
    let mut state = two_pools(vec![user("ana")]);
    state.denied.push(format!("ListUsers {POOL_ID}"));
    let pool = started(state).await;
    let folder = folder("bad-input");
    assert_refused(&pool, &folder, &WRONG).await;
    assert_eq!(names(&folder), "");
}

#[tokio::test]
async fn the_command_line_is_checked_before_a_pool_is_asked() {
    let pool = started(two_pools(vec![])).await;
    for row in [
        "survey → --pool",
        "survey --pool nonsense → it must be the id of a user pool",
        "survey --pool arn:aws:cognito-idp:eu-west-1:1:userpool/eu-west-1_A → what follows \"userpool/\" in the ARN",
        "survey --pool eu-central-1_NewPool --settings FILE --function mine → cannot be used with",
        "survey --pool eu-central-1_NewPool --usernames → --csv",
        "survey --pool eu-central-1_NewPool --rate 0 → 0 is not in",
        "move → unrecognized subcommand",
    ] {
        let (line, told) = row.split_once(" → ").expect("an arrow");
        let said = said(program(&pool).args(line.split(' '))).await;
        assert_eq!(said.status, Some(2), "{said:?}");
        assert!(said.stderr.contains(told), "{told}: {said:?}");
    }
    assert_eq!(pool.calls(), []);
}

#[tokio::test]
async fn wrong_credentials_are_named() {
    let pool = started(two_pools(vec![])).await;
    let mut command = program(&pool);
    command.env("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN000000000");
    let here = ["survey", "--source-pool", POOL_ID, "--pool", DESTINATION];
    let said = said(command.args(here)).await;
    said.refuses(1, &["AWS does not take these credentials"]);
    assert!(!said.stderr.contains(SECRET_ACCESS_KEY), "{said:?}");
}
