//! Whose credentials reach which pool.

use std::{collections::BTreeSet, fs};

use testbed::source_pool::{Credentials, POOL_ID, SourcePool};

use crate::support::*;

const KEYS: [(&str, &str); 2] = [
    ("old", "AKIAOFTHEOLDACCOUNT0"),
    ("new", "AKIAOFTHENEWACCOUNT0"),
];

/// The pools and the keys that have asked them, as those of profiles.
fn asked(pool: &SourcePool) -> BTreeSet<(String, String)> {
    let requests = pool.received().into_iter();
    let name = |key: Option<String>| {
        let known = KEYS.iter().find(|(_, id)| key.as_deref() == Some(*id));
        known.map_or(format!("{key:?}"), |(name, _)| (*name).to_owned())
    };
    requests
        .map(|request| {
            let pool = request.body["UserPoolId"]
                .as_str()
                .expect("a pool")
                .to_owned();
            (pool, name(request.signed_by))
        })
        .collect()
}

#[tokio::test]
async fn each_pool_is_asked_with_the_keys_of_its_own_profile() {
    let mut state = two_pools(vec![user("ana")]);
    let [old, new] = KEYS.map(|(name, id)| Credentials {
        access_key_id: id.into(),
        secret_access_key: format!("made-up-secret-of-{name}"),
        session_token: None,
        may_administer: name == "old",
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
    let pool = SourcePool::start(state).await.expect("a loopback port");
    let both = [(DESTINATION, "new"), (POOL_ID, "old")];
    let run = async |command: &str, profiles: &[&str]| {
        pool.forget();
        // With keys in the environment, too.
        let mut program = program(&pool);
        program
            .env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
            .env("AWS_CONFIG_FILE", &config)
            .args([command, "--source-pool", POOL_ID, "--pool", DESTINATION])
            .args(profiles);
        let said = said(&mut program).await;
        let asked = asked(&pool);
        (said, asked)
    };
    for command in ["survey", "progress"] {
        let profiles = ["--profile", "new", "--source-profile", "old"];
        let (said, asked) = run(command, &profiles).await;
        assert_eq!(said.status, Some(0), "{said:?}");
        let wanted = both.map(|(pool, key)| (pool.to_owned(), key.to_owned()));
        assert_eq!(asked, BTreeSet::from(wanted), "{command}");
    }
    // One profile is for both accounts.
    let (said, asked) = run("progress", &["--profile", "old"]).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    let wanted = both.map(|(pool, _)| (pool.to_owned(), "old".to_owned()));
    assert_eq!(asked, BTreeSet::from(wanted));
    // Nobody else's keys stand in for a profile that does not exist.
    let (said, asked) = run("progress", &["--profile", "typo"]).await;
    assert_eq!(
        (said.status, said.stdout.as_str()),
        (Some(1), ""),
        "{said:?}"
    );
    assert!(said.stderr.contains("--profile"), "{said:?}");
    assert_eq!(asked, BTreeSet::new());
}
