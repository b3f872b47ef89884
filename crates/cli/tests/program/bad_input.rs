//! Bad input: one clear sentence, and nothing half-written.

use std::fs;

use serde_json::json;
use testbed::source_pool::POOL_ID;

use crate::support::*;

/// Rows of [`assert_refused`] that are told before a pool is asked.
const UNASKED: [&str; 25] = [
    "survey --source-pool eu-west-1_SourcePool --pool eu-west-1_SourcePool → 2: eu-west-1_SourcePool is named as the source pool and as the destination pool: they must be two.",
    "progress --source-pool eu-west-1_SourcePool --pool eu-west-1_SourcePool → 2: they must be two.",
    "verify --function F --client C --source-pool eu-west-1_SourcePool --pool eu-west-1_SourcePool → 2: they must be two.",
    "survey --pool eu-central-1_NewPool → 2: Name the source pool: with --source-pool ID, or --function NAME.",
    "survey POOLS --csv FOLDER/no/such/users.csv → 1: its folder does not exist",
    "survey POOLS --csv FOLDER/left-out.csv/left-out.csv → 1: exists: name another file",
    "survey POOLS --html FOLDER/left-out.csv/left-out.csv → 1: exists: name another file",
    "survey POOLS --set ON_MFA=maybe --set DST_USERNAME=x → 2: The configuration cannot be used: DST_USERNAME must be none, username or sub; ON_MFA must be refuse, sms, reset or drop.",
    "survey POOLS --set SRC_PROFILE=id_token --set SRC_CLIENT_ID= → 2: SRC_CLIENT_ID must be the id of an app client of the source user pool",
    "stragglers POOLS --out FOLDER/new --set ON_MFA=maybe → 2: ON_MFA must be",
    "stragglers POOLS --out FOLDER/nowhere/new → 1: does not exist.",
    "stragglers POOLS --out /sys → 1: /sys cannot be written",
    "stragglers POOLS --out FOLDER/import-007.csv → 1: import-007.csv of an earlier run",
    "stragglers POOLS --out FOLDER/left-behind.csv → 1: left-behind.csv of an earlier run",
    "stragglers POOLS --out FOLDER/left-out.csv → 1: left-out.csv of an earlier run",
    "retire POOLS → 2: Nothing says who has moved: name the attribute with --match, or set MIGRATION_MARK.",
    "retire POOLS --delete --apply --match custom:mark → 2: needs --record FILE",
    "restore POOLS → 2: set MIGRATION_MARK",
    "restore POOLS --set MIGRATION_MARK=custom:mark --record FOLDER/left-out.csv/left-out.csv → 2: line 1: it must be one sub",
    "restore POOLS --set MIGRATION_MARK=custom:mark --except FOLDER/missing → 2: it does not exist",
    "subs --pool eu-central-1_NewPool --attribute custom:a --out FOLDER/no/such/a.csv → 1: its folder does not exist",
    "subs --pool eu-central-1_NewPool --attribute custom:a --out FOLDER/left-out.csv/left-out.csv → 1: exists: name another file",
    "draft --source-pool eu-west-1_SourcePool --out FOLDER → 1: exists: name another folder, or remove it.",
    "draft POOLS --source-role role --out FOLDER/draft → 2: SRC_ROLE_ARN must be the ARN of a role",
    "draft --source-pool eu-west-1_SourcePool --out FOLDER/draft --module-source git::https://example.com/a.git → 2: --module-source needs %s",
];

/// Rows of [`assert_refused`] that a pool decides.
const ASKED: [&str; 17] = [
    "survey --source-pool eu-west-1_SourcePool --pool eu-west-1_Unknown → 1: The destination pool eu-west-1_Unknown does not exist in the account of these credentials, in its Region.",
    "survey --source-pool eu-west-1_Unknown --pool eu-central-1_NewPool → 1: The source pool eu-west-1_Unknown does not exist in the account of these credentials, in its Region.",
    "survey POOLS --csv FOLDER/denied.csv → 1: These credentials are not allowed ListUsers on the source pool eu-west-1_SourcePool.",
    "survey POOLS --set SRC_CLIENT_ID=unknown → 1: The app client unknown of the source pool eu-west-1_SourcePool does not exist",
    "explain POOLS --set SRC_CLIENT_ID=unknown ana → 1: The app client unknown of the source pool eu-west-1_SourcePool does not exist",
    "stragglers POOLS --out FOLDER/new → 1: These credentials are not allowed GetCSVHeader on the destination pool",
    "stragglers POOLS --out FOLDER/new --match custom:typo → 2: has no attribute custom:typo.",
    "retire POOLS --apply --match custom:mark --record FOLDER/no/such/file → 1: its folder does not exist",
    "retire POOLS --apply --match custom:mark --record FOLDER/left-out.csv/left-out.csv → 1: exists: name another file",
    "restore POOLS --apply --set MIGRATION_MARK=custom:mark --log FOLDER/left-out.csv/left-out.csv → 1: exists: name another file",
    "retire POOLS --match custom:typo → 2: has no attribute custom:typo.",
    "restore POOLS --set MIGRATION_MARK=custom:typo → 2: has no attribute custom:typo.",
    "subs --pool eu-central-1_NewPool --attribute custom:typo --out FOLDER/a.csv → 2: has no attribute custom:typo.",
    "draft --source-pool eu-west-1_Nowhere --out FOLDER/draft → 1: The source pool eu-west-1_Nowhere does not exist",
    "draft --source-pool eu-west-1_SourcePool --out FOLDER/no/such/draft → 1: cannot be written: its folder does not exist.",
    "draft --source-pool eu-west-1_SourcePool --out FOLDER/draft --sign-in phone_number → 1: cannot sign in by phone number",
    "draft --source-pool eu-west-1_SourcePool --out FOLDER/draft --pool eu-west-1_Nowhere → 1: The destination pool eu-west-1_Nowhere does not exist",
];

#[tokio::test]
async fn one_sentence_says_what_is_wrong_and_nothing_is_half_written() {
    let mut state = both_pools(vec![user("ana")], vec![]);
    let denied = [("ListUsers", POOL_ID), ("GetCSVHeader", DESTINATION)];
    state.denied = denied
        .map(|(operation, pool)| format!("{operation} {pool}"))
        .into();
    let pool = started(state).await;
    let folder = folder("bad-input");
    // Files of an earlier run.
    let earlier = ["import-007.csv", "left-behind.csv", "left-out.csv"];
    for name in earlier {
        fs::create_dir(folder.join(name)).expect("a folder");
        fs::write(folder.join(name).join(name), "mine,all mine").expect("a file");
    }
    assert_refused(&pool, &folder, &UNASKED).await;
    assert_eq!(pool.calls(), []);
    assert_refused(&pool, &folder, &ASKED).await;
    pool.change(|state| drop(state.denied.pop()));
    let stragglers = "stragglers POOLS --out FOLDER/new → 1: ";
    assert_refused(
        &pool,
        &folder,
        &[&format!("{stragglers}not allowed ListUsers")],
    )
    .await;
    pool.change(|state| describe_destination(state, json!({"AutoVerifiedAttributes": []})));
    let no_import = format!("{stragglers}so Cognito imports no users into it.");
    assert_refused(&pool, &folder, &[&no_import]).await;
    assert_eq!(names(&folder), earlier.join(" "));
    for name in earlier {
        let file = folder.join(name);
        assert_eq!(names(&file), name);
        assert_eq!(
            fs::read_to_string(file.join(name)).expect("the file"),
            "mine,all mine"
        );
    }
}

/// Of these, the library that reads the command line tells, in more than one line.
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
        "survey --pool eu-central-1_NewPool --planned FOLDER → cannot be used with",
        "draft --source-pool eu-west-1_SourcePool --sign-in nickname → invalid value 'nickname' for '--sign-in <STYLE>'",
        "move → unrecognized subcommand",
    ] {
        let (line, told) = row.split_once(" → ").expect("an arrow");
        let said = said(program(&pool).args(line.split(' '))).await;
        assert_eq!(said.status, Some(2), "{said:?}");
        assert!(said.stderr.contains(told), "{told}: {said:?}");
    }
    assert_eq!(pool.calls(), []);
}
