//! The credentials with which each pool is asked.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use testbed::source_pool::{
    ACCESS_KEY_ID, Credentials, Operation, POOL_ID, SECRET_ACCESS_KEY, SESSION_TOKEN,
    SourcePoolStub,
};

use crate::support::*;

const OLD: &str = "AKIAOFTHEOLDACCOUNT0";
const NEW: &str = "AKIAOFTHENEWACCOUNT0";

const PROFILES: &str = "\
    [profile old]\naws_access_key_id = AKIAOFTHEOLDACCOUNT0\naws_secret_access_key = made-up\n\
    [profile console]\nlogin_session = arn:aws:iam::111122223333:user/operator\n\
    [profile mfa]\nrole_arn = arn:aws:iam::111122223333:role/operator\nsource_profile = old\n\
    mfa_serial = arn:aws:iam::111122223333:mfa/operator\n\
    [profile sso]\nsso_session = company\nsso_account_id = 111122223333\nsso_role_name = operator\n\
    [sso-session company]\nsso_region = eu-west-1\nsso_start_url = https://example.com/start\n\
    [profile process]\ncredential_process = sh -c 'echo HUNTER2; echo HUNTER2 >&2; exit 1'\n\
    [profile on-process]\nrole_arn = arn:aws:iam::111122223333:role/operator\nsource_profile = process\n";

/// The home of an operator with these profiles, one of them in the file of credentials, and one with a session of
/// `aws login`.
fn home(name: &str) -> PathBuf {
    let home = folder(name);
    let folder = home.join(".aws");
    let cache = folder.join("login/cache");
    fs::create_dir_all(&cache).expect("a folder");
    fs::write(folder.join("config"), PROFILES.replace("HUNTER2", SECRET)).expect("a file");
    let new = format!("[new]\naws_access_key_id = {NEW}\naws_secret_access_key = made-up\n");
    fs::write(folder.join("credentials"), new).expect("a file");
    let keys = json!({
        "accessKeyId": ACCESS_KEY_ID, "secretAccessKey": SECRET_ACCESS_KEY, "sessionToken": SESSION_TOKEN,
        "accountId": "111122223333", "expiresAt": "2099-01-01T00:00:00Z",
    });
    let token = json!({
        "accessToken": keys, "tokenType": "aws_sigv4", "refreshToken": "made-up", "dpopKey": "made-up",
        "clientId": "arn:aws:signin:::devtools/same-device",
    });
    // The SHA-256 of the session's ARN.
    let file = "4aa1d64201ecfca7a717a31171b233a70c48bf2e87372af3ec78f5c8f1cb2b27.json";
    fs::write(cache.join(file), token.to_string()).expect("a file");
    home
}

/// The program in this home. Keys in the environment must not replace those of a profile.
async fn run(pool: &SourcePoolStub, home: &Path, line: &str, key: Option<&str>) -> Said {
    pool.forget();
    let mut program = program(pool);
    match key {
        Some(key) => program.env("AWS_ACCESS_KEY_ID", key),
        None => program.env_remove("AWS_ACCESS_KEY_ID"),
    };
    program
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .args(words(line, home));
    said(&mut program).await
}

#[tokio::test]
async fn each_pool_is_asked_with_the_keys_of_its_own_profile() {
    let mut state = two_pools(vec![user("ana")]);
    state.credentials.extend([OLD, NEW].map(|key| Credentials {
        access_key_id: key.to_owned(),
        secret_access_key: "made-up".to_owned(),
        session_token: None,
        may_administer: key == OLD,
        expires: None,
    }));
    let (pool, home) = (started(state).await, home("profiles"));
    for (line, old, new) in [
        ("survey POOLS --profile new --source-profile old", OLD, NEW),
        (
            "progress POOLS --profile new --source-profile old",
            OLD,
            NEW,
        ),
        // One profile is for both accounts.
        ("progress POOLS --profile old", OLD, OLD),
        (
            "progress POOLS --profile console",
            ACCESS_KEY_ID,
            ACCESS_KEY_ID,
        ),
    ] {
        run(&pool, &home, line, Some("AKIAUNKNOWN000000000"))
            .await
            .good();
        let asked = pool.received().into_iter().map(|request| {
            let pool = request.body["UserPoolId"].as_str().expect("a pool");
            (pool.to_owned(), request.signed_by.expect("a key"))
        });
        let wanted = [(POOL_ID, old), (DESTINATION, new)];
        let wanted = wanted.map(|(pool, key)| (pool.to_owned(), key.to_owned()));
        assert_eq!(BTreeSet::from_iter(asked), wanted.into(), "{line}");
    }
}

#[tokio::test]
async fn each_kind_of_profile_that_gives_no_credentials_has_its_own_sentence() {
    let (pool, home) = (started(two_pools(vec![])).await, home("profiles-without"));
    fs::remove_dir_all(home.join(".aws/login")).expect("a folder");
    let starts = "cognito-migration: No credentials could be had for the source pool";
    for row in [
        "--profile mfa → (mfa_serial), for which this program does not ask",
        "--profile console → Run aws login --profile NAME.",
        "--profile sso → Run aws sso login --profile NAME.",
        "--profile process → credential_process of its profile failed.",
        "--profile on-process → credential_process of its profile failed.",
        "--profile typo → does not exist. Name one that exists with --profile",
        " → set AWS_PROFILE",
    ] {
        let (profile, part) = row.split_once(" → ").expect("an arrow");
        let key = (!profile.is_empty()).then_some(ACCESS_KEY_ID);
        let said = run(&pool, &home, &format!("progress POOLS {profile}"), key).await;
        said.refuses(1, &[starts, part]);
        assert_eq!(pool.count(Operation::DescribeUserPool), 0, "{row}");
    }
    let said = run(&pool, &home, "progress POOLS", Some("AKIAUNKNOWN000000000")).await;
    said.refuses(1, &["AWS does not take these credentials"]);
}
