//! `stragglers`: the users who have not moved, and the import files.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use rules::attributes::STANDARD;
use serde_json::{Value, json};
use testbed::{
    import_file::{self, ImportPool, ImportedUsers},
    source_pool::{POOL_ID, SourcePoolStub, State, User},
};

use crate::support::*;

const LEGACY: &str = "custom:legacy_sub";

/// As [`two_pools`], with a destination pool that verifies e-mail addresses and keeps the source `sub`.
fn pools(source: Vec<User>, destination: Vec<User>) -> State {
    let mut state = two_pools(source);
    state.neighbours[0].users = destination;
    let schema = texts(&["name", LEGACY, "custom:mark"]);
    let members = json!({"AutoVerifiedAttributes": ["email"], "SchemaAttributes": schema});
    describe_destination(&mut state, members);
    state
}

/// Runs the command for a new folder of this name.
async fn stragglers(pool: &SourcePoolStub, name: &str, options: &str) -> (Said, PathBuf) {
    let folder = folder(name);
    let line = format!("stragglers --out FOLDER {options}");
    (run_in(pool, &folder, &line).await, folder)
}

fn import(folder: &Path) -> ImportedUsers {
    let own = [
        LEGACY,
        "custom:mark",
        "cognito:mfa_enabled",
        "cognito:username",
    ];
    let pool = ImportPool {
        columns: &[&STANDARD[..], &own].concat(),
        auto_verified: &["email"],
        required: &[],
    };
    let file = own_file(&folder.join("import-001.csv"));
    import_file::read(file.as_bytes(), &pool).expect("a file that AWS takes")
}

/// The name and the further values of each user in the import file.
fn rows(folder: &Path) -> Value {
    let held = |mut user: BTreeMap<String, String>| {
        user.retain(|name, value| {
            !value.is_empty() && !["email", "email_verified"].contains(&name.as_str())
        });
        json!(user)
    };
    import(folder).into_iter().map(held).collect()
}

#[tokio::test]
async fn users_who_have_not_moved_are_imported_or_left_out_with_a_reason() {
    let source = vec![
        user("Ana")
            .with("name", "Ana, Bo")
            .with("custom:tenant", "t-1")
            .with("birthdate", "1985-02-01"),
        user("moved-by-mail"),
        user("moved-by-phone").with("phone_number", "+15550100"),
        user("off").disabled(),
        user("lines").with("name", "a\nb"),
        user("Twin"),
        user("twin").with("email", "second@example.com"),
    ];
    let destination = vec![
        user("4f").with("email", "Moved-by-mail@Example.com"),
        User::new("5a", "x").with("phone_number", "+15550100"),
    ];
    let pool = started(pools(source, destination)).await;
    let options = r#"--format json --set MIGRATION_MARK=custom:mark --set STATIC_ATTRIBUTES={"locale":"de"} --set ATTRIBUTE_MAP={"custom:tenant":"zoneinfo","sub":"custom:legacy_sub"}"#;
    let (said, folder) = stragglers(&pool, "stragglers", options).await;
    said.good();
    assert_eq!(
        said.json(),
        json!({
            "source_pool": POOL_ID, "destination_pool": DESTINATION, "users": 7, "moved": 2,
            "moved_by_unverified_address": 1, "import": 1, "without_unwritable": 1,
            "left_out": {"user_disabled": 1, "unwritable_value": 1, "same_name": 2},
            "files": [text(&folder.join("import-001.csv"))],
        })
    );
    let sub = |name: &str| user(name).sub();
    let ana = sub("Ana");
    assert_eq!(
        rows(&folder),
        json!([{
            "cognito:username": "ana", "name": "Ana, Bo", "birthdate": "02/01/1985", "locale": "de", "zoneinfo": "t-1",
            LEGACY: ana, "custom:mark": format!("pending/{ana}"),
        }])
    );
    let left_out = ["off", "lines", "Twin", "twin"].map(sub);
    let [off, lines, twin, other] = left_out;
    assert_eq!(
        own_file(&folder.join("left-out.csv")),
        format!(
            "sub,reason\n{off},user_disabled\n{lines},unwritable_value\n{twin},same_name\n{other},same_name\n"
        )
    );
    assert_eq!(names(&folder), "import-001.csv left-out.csv");
    assert_eq!(operations(&pool), "DescribeUserPool GetCSVHeader ListUsers");
    assert_no_secret(&pool, &[&said.stdout]);
}

#[tokio::test]
async fn what_cannot_be_written_stays_behind_if_that_is_asked_for() {
    let lines = |name: &str| user(name).with("address", "1 Road\nCity");
    let source = vec![
        user("ana").with("address", "1 Road"),
        lines("lines"),
        lines("both").with("name", "\"Bo\"").with("nickname", "Bo"),
        // The user name itself.
        user("quo\"te").with("email", "quote@example.com"),
        lines("Twin"),
        user("twin").with("email", "second@example.com"),
        lines("taken"),
    ];
    let pool = started(pools(source, vec![User::new("taken", "x")])).await;
    let whole = "--match custom:legacy_sub";
    let without = "--match custom:legacy_sub --without-unwritable";
    let counted = async |options: &str| {
        let options = format!("{options} --format json");
        let (said, folder) = stragglers(&pool, "stragglers-counted", &options).await;
        let answer = said.json();
        let counts = ["import", "without_unwritable", "left_out"].map(|name| answer[name].clone());
        (json!(counts), folder)
    };
    let (counts, _) = counted(whole).await;
    assert_eq!(counts, json!([2, 2, {"unwritable_value": 5}]));
    let (counts, folder) = counted(without).await;
    let reasons = json!({"same_name": 2, "unwritable_value": 1, "name_taken": 1});
    assert_eq!(counts, json!([3, 2, reasons]));
    assert_eq!(
        rows(&folder),
        json!([
            {"cognito:username": "ana", "address": "1 Road"},
            {"cognito:username": "lines"},
            {"cognito:username": "both", "nickname": "Bo"},
        ])
    );
    let [lines, both] = ["lines", "both"].map(|name| user(name).sub());
    assert_eq!(
        own_file(&folder.join("left-behind.csv")),
        format!("sub,attribute\n{lines},address\n{both},address\n{both},name\n")
    );
    let (said, _) = stragglers(&pool, "stragglers-whole", whole).await;
    said.shows(&["--without-unwritable leaves it behind, and brings in 2 of these users."]);
    let (said, _) = stragglers(&pool, "stragglers-without", without).await;
    said.shows(&[
        "without an attribute",
        "The destination pool needs it of these users.",
    ]);
}

#[tokio::test]
async fn the_commands_and_the_trap_are_told() {
    let unverified = User::new("1", "x").with("email", "bo@example.com");
    let pool = started(pools(vec![user("ana"), user("bo")], vec![unverified])).await;
    let by_address = "1 of them only by an address that the destination pool has not verified";
    let (said, folder) = stragglers(&pool, "strag'glers told", "").await;
    let quoted = text(&folder).replace('\'', r"'\''");
    said.shows(&[
        "--match ATTRIBUTE is more reliable",
        by_address,
        "the old password is dead",
        "import last",
        &format!(
            "aws cognito-idp create-user-import-job --job-name import-001 --cloud-watch-logs-role-arn ROLE_ARN --query 'UserImportJob.[JobId,PreSignedUrl]' --output text --user-pool-id {DESTINATION} --region eu-central-1\n"
        ),
        &format!(
            "--upload-file '{quoted}/import-001.csv' --header x-amz-server-side-encryption:aws:kms"
        ),
        "aws cognito-idp start-user-import-job --job-id JOB_ID",
        "15 minutes",
    ]);
    // The attribute tells of no user that it has moved.
    let (said, folder) = stragglers(&pool, "stragglers-matched", "--match custom:legacy_sub").await;
    assert!(!said.stdout.contains("not verified"), "{said:?}");
    // Only its owner can look into a new folder.
    let new = folder.join("new");
    run_in(&pool, &new, "stragglers --out FOLDER").await.good();
    let mode = fs::metadata(&new).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    // No user is left: there is no import file and no command.
    pool.change(|state| state.users.clear());
    let (said, folder) = stragglers(&pool, "stragglers-none-left", "").await;
    said.shows(&["There is no user to import."]);
    assert!(!said.stdout.contains("create-user-import-job"));
    assert_eq!(names(&folder), "left-out.csv");
}

const WRONG: [&str; 6] = [
    "stragglers POOLS --out FOLDER/nowhere/new → 1: does not exist.",
    "stragglers POOLS --out /sys → 1: /sys cannot be written",
    "stragglers POOLS --out FOLDER/new → 1: These credentials are not allowed GetCSVHeader on the destination pool",
    "stragglers POOLS --out FOLDER → 1: These credentials are not allowed GetCSVHeader on the destination pool",
    "stragglers POOLS --out FOLDER --match custom:typo → 2: has no attribute custom:typo.",
    "stragglers POOLS --out FOLDER --set ON_MFA=maybe → 2: ON_MFA must be",
];

#[tokio::test]
async fn one_sentence_says_what_is_wrong_and_nothing_is_half_written() {
    let folder = folder("stragglers-wrong");
    let mut state = pools(vec![user("ana")], vec![]);
    state.denied.push(format!("GetCSVHeader {DESTINATION}"));
    let pool = started(state).await;
    assert_refused(&pool, &folder, &WRONG).await;
    pool.change(|state| state.denied = vec![format!("ListUsers {POOL_ID}")]);
    let line = "stragglers POOLS --out FOLDER → 1: ";
    assert_refused(&pool, &folder, &[&format!("{line}not allowed ListUsers")]).await;
    pool.change(|state| describe_destination(state, json!({"AutoVerifiedAttributes": []})));
    let no_import = format!("{line}so Cognito imports no users into it.");
    assert_refused(&pool, &folder, &[&no_import]).await;
    assert_eq!(names(&folder), "");
    // The files of an earlier run stay, and no pool is asked.
    pool.forget();
    for name in ["import-007.csv", "left-behind.csv", "left-out.csv"] {
        let file = folder.join(name);
        fs::write(&file, "mine").expect("a file");
        let earlier = format!("{line}FOLDER holds {name} of an earlier run");
        let earlier = earlier.replace("1: FOLDER", &format!("1: {}", text(&folder)));
        assert_refused(&pool, &folder, &[&earlier]).await;
        assert_eq!(names(&folder), name);
        assert_eq!(fs::read_to_string(&file).expect("the file"), "mine");
        fs::remove_file(file).expect("the file");
    }
    assert_eq!(pool.calls(), []);
}

/// No user has moved.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_grows_by_at_most_100_bytes_a_user() {
    let all = |users: usize| {
        let named = |kind: &str| {
            let names = (0..users).map(|number| format!("{kind}{number}@example.com"));
            names.map(|name| user(&name)).collect()
        };
        pools(named("old"), named("new"))
    };
    let each = bytes_a_user("stragglers --out FOLDER", all).await;
    assert!(each <= 100, "{each}");
}
