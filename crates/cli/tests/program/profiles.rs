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

const KEYS: [(&str, &str); 2] = [
    ("old", "AKIAOFTHEOLDACCOUNT0"),
    ("new", "AKIAOFTHENEWACCOUNT0"),
];

/// The pools and the keys that have asked them, as those of profiles.
fn asked(pool: &SourcePoolStub) -> BTreeSet<(String, String)> {
    let name = |key: Option<String>| {
        let known = KEYS.iter().find(|(_, id)| key.as_deref() == Some(*id));
        known.map_or(format!("{key:?}"), |(name, _)| (*name).to_owned())
    };
    let asked = pool.received().into_iter().map(|request| {
        let pool = request.body["UserPoolId"].as_str().expect("a pool");
        (pool.to_owned(), name(request.signed_by))
    });
    asked.collect()
}

#[tokio::test]
async fn each_pool_is_asked_with_the_keys_of_its_own_profile() {
    let mut state = two_pools(vec![user("ana")]);
    let [old, new] = KEYS.map(|(name, id)| Credentials {
        access_key_id: id.into(),
        secret_access_key: format!("made-up-secret-of-{name}"),
        session_token: None,
        may_administer: name == "old",
        expires: None,
    });
    let folder = folder("profiles");
    let lines = |heading: &str, key: &Credentials| {
        let (id, secret) = (&key.access_key_id, &key.secret_access_key);
        format!("[{heading}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
    };
    let (credentials, config) = (folder.join("credentials"), folder.join("config"));
    fs::write(&credentials, lines("old", &old)).expect("a file");
    fs::write(&config, lines("profile new", &new)).expect("a file");
    state.credentials.extend([old, new]);
    let pool = started(state).await;
    let run = async |line: &str| {
        pool.forget();
        // With keys in the environment, too.
        let mut program = program(&pool);
        program
            .env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
            .env("AWS_CONFIG_FILE", &config)
            .args(words(line, &folder));
        said(&mut program).await
    };
    for (line, of_destination) in [
        ("survey POOLS --profile new --source-profile old", "new"),
        ("progress POOLS --profile new --source-profile old", "new"),
        // One profile is for both accounts.
        ("progress POOLS --profile old", "old"),
    ] {
        run(line).await.good();
        let wanted = [(DESTINATION, of_destination), (POOL_ID, "old")];
        let wanted = wanted.map(|(pool, key)| (pool.to_owned(), key.to_owned()));
        assert_eq!(asked(&pool), BTreeSet::from(wanted), "{line}");
    }
    // No other keys replace those of a profile that does not exist.
    let said = run("progress POOLS --profile typo").await;
    said.refuses(1, &["--profile"]);
    assert_eq!(asked(&pool), BTreeSet::new());
}

/// A folder that stands for the home of an operator with this file of profiles.
fn home(name: &str, config: &str) -> PathBuf {
    let home = folder(name);
    fs::create_dir_all(home.join(".aws/login/cache")).expect("a folder");
    fs::write(home.join(".aws/config"), config).expect("a file");
    home
}

/// `progress` with a profile of this home, and with no keys in the environment.
async fn progress(pool: &SourcePoolStub, home: &Path, profile: &str) -> Said {
    let mut program = program(pool);
    for name in ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"] {
        program.env_remove(format!("AWS_{name}"));
    }
    program
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .args(words(&format!("progress POOLS {profile}"), home));
    said(&mut program).await
}

#[tokio::test]
async fn each_kind_of_profile_that_gives_no_credentials_has_its_own_sentence() {
    let config = format!(
        "[profile mfa]\nrole_arn = arn:aws:iam::111122223333:role/operator\nsource_profile = keys\n\
         mfa_serial = arn:aws:iam::111122223333:mfa/operator\n\
         [profile keys]\naws_access_key_id = {ACCESS_KEY_ID}\naws_secret_access_key = {SECRET_ACCESS_KEY}\n\
         [profile sso]\nsso_session = company\nsso_account_id = 111122223333\nsso_role_name = operator\n\
         [sso-session company]\nsso_region = eu-west-1\nsso_start_url = https://example.com/start\n\
         [profile process]\ncredential_process = sh -c 'echo {SECRET}; echo {SECRET} >&2; exit 1'\n\
         [profile on-process]\nrole_arn = arn:aws:iam::111122223333:role/operator\nsource_profile = process\n"
    );
    let home = home("credentials", &config);
    let pool = started(two_pools(vec![])).await;
    let starts = "cognito-migration: No credentials could be had for the source pool";
    for row in [
        "--profile mfa → (mfa_serial), for which this program does not ask",
        "--profile sso → Run aws sso login --profile NAME.",
        "--profile process → credential_process of its profile failed.",
        "--profile on-process → credential_process of its profile failed.",
        "--profile typo → does not exist. Name one that exists with --profile",
        " → set AWS_PROFILE",
    ] {
        let (profile, part) = row.split_once(" → ").expect("an arrow");
        let said = progress(&pool, &home, profile).await;
        said.refuses(1, &[starts, part]);
    }
    assert_eq!(pool.count(Operation::DescribeUserPool), 0);
}

/// The file is named after the SHA-256 of the session's ARN.
#[tokio::test]
async fn a_session_of_aws_login_gives_its_credentials() {
    let config = "[profile console]\nlogin_session = arn:aws:iam::111122223333:user/operator\n";
    let home = home("login", config);
    let keys = json!({
        "accessKeyId": ACCESS_KEY_ID, "secretAccessKey": SECRET_ACCESS_KEY, "sessionToken": SESSION_TOKEN,
        "accountId": "111122223333", "expiresAt": "2099-01-01T00:00:00Z",
    });
    let token = json!({
        "accessToken": keys, "tokenType": "aws_sigv4", "refreshToken": "made-up", "dpopKey": "made-up",
        "clientId": "arn:aws:signin:::devtools/same-device",
    });
    let file = "4aa1d64201ecfca7a717a31171b233a70c48bf2e87372af3ec78f5c8f1cb2b27.json";
    fs::write(home.join(".aws/login/cache").join(file), token.to_string()).expect("a file");
    let pool = started(two_pools(vec![user("ana")])).await;
    progress(&pool, &home, "--profile console").await.good();
    let calls = pool.received();
    let is_signed = |key: &Option<String>| key.as_deref() == Some(ACCESS_KEY_ID);
    assert!(!calls.is_empty() && calls.iter().all(|call| is_signed(&call.signed_by)));
}
