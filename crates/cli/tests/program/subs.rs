//! `subs`: the map from source `sub`s to destination `sub`s.

use std::{fs, path::Path};

use serde_json::json;
use testbed::source_pool::SourcePoolStub;

use crate::support::*;

const SUBS: &str = "subs --pool eu-central-1_NewPool --format json --attribute custom:legacy_sub --out FOLDER/subs.csv";

async fn subs(pool: &SourcePoolStub, folder: &Path) -> Said {
    said(program(pool).args(words(SUBS, folder))).await
}

#[tokio::test]
async fn each_source_sub_stands_beside_the_new_one_unless_two_users_claim_it() {
    let users = vec![
        user("ana").with(LEGACY, "b-2"),
        user("bo").with(LEGACY, "done/a-1"),
        user("dora"),
        user("eve").with(LEGACY, "=1,\"x\""),
    ];
    let pool = started(both_pools(vec![], users)).await;
    let folder = folder("subs");
    let path = folder.join("subs.csv");
    let said = subs(&pool, &folder).await;
    said.good();
    assert_eq!(
        said.json(),
        json!({"destination_pool": DESTINATION, "written": 2, "without": 2, "claimed_twice": []})
    );
    let [ana, bo, mallory] = ["ana", "bo", "mallory"].map(sub);
    let written = format!("source_sub,destination_sub\na-1,{bo}\nb-2,{ana}\n");
    assert_eq!(own_file(&path), written);
    fs::remove_file(&path).expect("the file");
    let claims_too = user("mallory").with(LEGACY, "done/b-2");
    pool.change(|state| state.neighbours[0].users.push(claims_too));
    let said = subs(&pool, &folder).await;
    let mut claimants = [ana, mallory];
    claimants.sort();
    let found = (said.status, &said.json()["claimed_twice"]);
    assert_eq!(found, (Some(1), &json!(claimants)), "{said:?}");
    assert_eq!(
        own_file(&path),
        format!("source_sub,destination_sub\na-1,{bo}\n")
    );
}
