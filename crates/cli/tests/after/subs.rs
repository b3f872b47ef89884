//! `subs`: the map from source `sub`s to destination `sub`s.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _};

use serde_json::json;
use testbed::source_pool::{Operation, SourcePoolStub, User};

use crate::support::*;

const LEGACY: &str = "custom:legacy_sub";

async fn pool(users: Vec<User>) -> SourcePoolStub {
    let mut state = two_pools(vec![]);
    let pool = &mut state.neighbours[0];
    pool.users = users;
    let schema = json!([{"Name": LEGACY, "AttributeDataType": "String"}]);
    pool.description.insert("SchemaAttributes".into(), schema);
    SourcePoolStub::start(state).await.expect("a loopback port")
}

async fn subs(pool: &SourcePoolStub, attribute: &str, file: &str) -> Said {
    let arguments = [
        "subs",
        "--pool",
        DESTINATION,
        "--attribute",
        attribute,
        "--out",
        file,
        "--format",
        "json",
    ];
    said(program(pool).args(arguments)).await
}

#[tokio::test]
async fn each_source_sub_stands_beside_the_new_one() {
    let users = vec![
        user("ana").with(LEGACY, "b-2"),
        user("bo").with(LEGACY, "pending/c-3"),
        user("cem").with(LEGACY, "done/a-1"),
        user("dora"),
        user("eve").with(LEGACY, "=1,\"x\""),
        user("fay").with(LEGACY, "disabling/d-4"),
        user("gus").with(LEGACY, "off/e-5"),
    ];
    let pool = pool(users).await;
    let folder = folder("subs");
    let path = folder.join("subs.csv");
    let file = path.to_str().expect("a path of letters");
    let said = subs(&pool, LEGACY, file).await;
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (Some(0), ""),
        "{said:?}"
    );
    assert_eq!(
        said.json(),
        json!({"destination_pool": DESTINATION, "written": 5, "without": 2, "claimed_twice": []})
    );
    let [ana, bo, cem, fay, gus] = ["ana", "bo", "cem", "fay", "gus"].map(|name| user(name).sub());
    let written = fs::read_to_string(&path).expect("the file");
    assert_eq!(
        written,
        format!(
            "source_sub,destination_sub\na-1,{cem}\nb-2,{ana}\nc-3,{bo}\nd-4,{fay}\ne-5,{gus}\n"
        )
    );
    let mode = fs::metadata(&path).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let calls: BTreeSet<_> = pool.calls().into_iter().collect();
    assert_eq!(
        calls,
        BTreeSet::from([Operation::ListUsers, Operation::DescribeUserPool])
    );
    // A second run overwrites nothing.
    pool.forget();
    let said = subs(&pool, LEGACY, file).await;
    assert!(
        said.status == Some(1) && said.stderr.contains("exists: name another file"),
        "{said:?}"
    );
    assert_eq!(fs::read_to_string(&path).expect("the file"), written);
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
    let path = folder.join("subs.csv");
    let said = subs(&pool, LEGACY, path.to_str().expect("a path of letters")).await;
    let mut claimants = ["ana", "mallory"].map(|name| user(name).sub());
    claimants.sort();
    assert_eq!(
        (said.status, &said.json()["claimed_twice"]),
        (Some(1), &json!(claimants)),
        "{said:?}"
    );
    let written = fs::read_to_string(&path).expect("the file");
    assert_eq!(
        written,
        format!("source_sub,destination_sub\nb-2,{}\n", user("bo").sub())
    );
}

#[tokio::test]
async fn one_sentence_says_what_is_wrong_and_nothing_is_written() {
    let pool = pool(vec![]).await;
    let folder = folder("subs-wrong");
    let path = |name: &str| {
        folder
            .join(name)
            .to_str()
            .expect("a path of letters")
            .to_owned()
    };
    for (attribute, file, status, sentence) in [
        (
            "custom:typo",
            path("a.csv"),
            2,
            "has no attribute custom:typo.",
        ),
        (
            LEGACY,
            path("no/such/a.csv"),
            1,
            "its folder does not exist",
        ),
    ] {
        let said = subs(&pool, attribute, &file).await;
        assert_eq!(
            (said.status, said.stdout.as_str()),
            (Some(status), ""),
            "{said:?}"
        );
        assert!(said.stderr.contains(sentence), "{said:?}");
    }
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 0);
}
