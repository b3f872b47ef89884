//! `subs`: the map from source `sub`s to destination `sub`s.

use std::path::Path;

use serde_json::json;
use testbed::source_pool::{SourcePoolStub, User};

use crate::support::*;

const LEGACY: &str = "custom:legacy_sub";

async fn pool(users: Vec<User>) -> SourcePoolStub {
    let mut state = two_pools(vec![]);
    state.neighbours[0].users = users;
    describe_destination(&mut state, json!({"SchemaAttributes": texts(&[LEGACY])}));
    started(state).await
}

const SUBS: &str = "subs --pool eu-central-1_NewPool --format json --attribute custom:legacy_sub --out FOLDER/subs.csv";

async fn subs(pool: &SourcePoolStub, folder: &Path) -> Said {
    said(program(pool).args(words(SUBS, folder))).await
}

#[tokio::test]
async fn each_source_sub_stands_beside_the_new_one() {
    let users = vec![
        user("ana").with(LEGACY, "b-2"),
        user("bo").with(LEGACY, "done/a-1"),
        user("dora"),
        user("eve").with(LEGACY, "=1,\"x\""),
    ];
    let pool = pool(users).await;
    let folder = folder("subs");
    let path = folder.join("subs.csv");
    let said = subs(&pool, &folder).await;
    said.good();
    assert_eq!(
        said.json(),
        json!({"destination_pool": DESTINATION, "written": 2, "without": 2, "claimed_twice": []})
    );
    let [ana, bo] = ["ana", "bo"].map(|name| user(name).sub());
    let written = format!("source_sub,destination_sub\na-1,{bo}\nb-2,{ana}\n");
    assert_eq!(own_file(&path), written);
    assert_eq!(operations(&pool), "DescribeUserPool ListUsers");
    // A second run overwrites nothing.
    pool.forget();
    let said = subs(&pool, &folder).await;
    said.refuses(1, &["exists: name another file"]);
    assert_eq!(own_file(&path), written);
    assert_eq!(pool.calls(), []);
}

#[tokio::test]
async fn a_source_user_whom_two_users_claim_is_left_out() {
    let users = vec![
        user("ana").with(LEGACY, "a-1"),
        user("mallory").with(LEGACY, "done/a-1"),
        user("bo").with(LEGACY, "b-2"),
    ];
    let pool = pool(users).await;
    let folder = folder("subs-twice");
    let said = subs(&pool, &folder).await;
    let mut claimants = ["ana", "mallory"].map(|name| user(name).sub());
    claimants.sort();
    assert_eq!(
        (said.status, &said.json()["claimed_twice"]),
        (Some(1), &json!(claimants)),
        "{said:?}"
    );
    let bo = user("bo").sub();
    assert_eq!(
        own_file(&folder.join("subs.csv")),
        format!("source_sub,destination_sub\nb-2,{bo}\n")
    );
}

#[tokio::test]
async fn one_sentence_says_what_is_wrong_and_nothing_is_written() {
    let pool = pool(vec![]).await;
    let folder = folder("subs-wrong");
    let wrong = [
        "subs --pool eu-central-1_NewPool --attribute custom:typo --out FOLDER/a.csv → 2: has no attribute custom:typo.",
        "subs --pool eu-central-1_NewPool --attribute custom:a --out FOLDER/no/such/a.csv → 1: its folder does not exist",
    ];
    assert_refused(&pool, &folder, &wrong).await;
    assert_eq!(names(&folder), "");
}
