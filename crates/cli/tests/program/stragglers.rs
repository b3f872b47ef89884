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

/// Runs the command for a new folder of this name.
async fn stragglers(pool: &SourcePoolStub, name: &str, options: &str) -> (Said, PathBuf) {
    let folder = folder(name);
    let line = format!("stragglers --out FOLDER {options}");
    (run_in(pool, &folder, &line).await, folder)
}

/// The users of the import file, as AWS reads it.
fn imported(folder: &Path) -> ImportedUsers {
    let own = [LEGACY, MARK, "cognito:mfa_enabled", "cognito:username"];
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
        user.retain(|name, value| !value.is_empty() && !name.starts_with("email"));
        json!(user)
    };
    imported(folder).into_iter().map(held).collect()
}

/// Two of the users have moved, one of them by an address that is not verified.
fn users_of_every_kind() -> State {
    let lines = |name: &str| user(name).with("address", "1 Road\nCity");
    let source = vec![
        user("Ana")
            .with("name", "Ana, Bo")
            .with("custom:tenant", "t-1")
            .with("birthdate", "1985-02-01"),
        user("cem-moved"),
        user("doubtful").with("phone_number", "+15550100"),
        user("off").disabled(),
        lines("lines"),
        lines("both").with("name", "\"Bo\"").with("nickname", "Bo"),
        // The user name itself.
        user("quo\"te").with("email", "quote@example.com"),
        lines("Twin"),
        user("twin").with("email", "second@example.com"),
        lines("taken"),
    ];
    let destination = vec![
        user("4f")
            .with("email", "Cem-moved@Example.com")
            .with(LEGACY, &sub("cem-moved")),
        User::new("5a", "x").with("phone_number", "+15550100"),
        User::new("TAKEN", "x"),
    ];
    both_pools(source, destination)
}

const EVERY_VALUE: &str = r#"--set MIGRATION_MARK=custom:mark --set STATIC_ATTRIBUTES={"locale":"de"} --set ATTRIBUTE_MAP={"custom:tenant":"zoneinfo","sub":"custom:legacy_sub"}"#;

const WITHOUT: &str = "--match custom:legacy_sub --without-unwritable";

#[tokio::test]
async fn users_who_have_not_moved_are_imported_or_left_out_with_a_reason() {
    let pool = started(users_of_every_kind()).await;
    let options = format!("{EVERY_VALUE} --format json");
    let (said, folder) = stragglers(&pool, "stragglers", &options).await;
    said.good();
    let file = folder.join("import-001.csv");
    assert_eq!(
        said.json(),
        json!({
            "source_pool": POOL_ID, "destination_pool": DESTINATION, "users": 10, "moved": 3,
            "moved_by_unverified_address": 1, "import": 2, "without_unwritable": 2,
            "left_out": {"user_disabled": 1, "unwritable_value": 4}, "files": [text(&file)],
        })
    );
    let [ana, twin] = ["Ana", "twin"].map(sub);
    assert_eq!(
        rows(&folder),
        json!([
            {
                "cognito:username": "ana", "name": "Ana, Bo", "birthdate": "02/01/1985", "locale": "de", "zoneinfo": "t-1",
                LEGACY: ana, MARK: format!("pending/{ana}"),
            },
            {"cognito:username": "twin", "locale": "de", LEGACY: twin, MARK: format!("pending/{twin}")},
        ])
    );
    assert_eq!(names(&folder), "import-001.csv left-out.csv");
    assert_no_secret(&pool, &[&said.stdout]);
    // The attribute tells of fewer users that they have moved, and what cannot be written stays behind.
    let options = format!("{WITHOUT} --format json");
    let (said, folder) = stragglers(&pool, "stragglers-without", &options).await;
    let answer = said.json();
    let left_out =
        json!({"user_disabled": 1, "unwritable_value": 1, "same_name": 2, "name_taken": 1});
    let counts = ["moved", "import", "without_unwritable", "left_out"].map(|name| &answer[name]);
    assert_eq!(json!(counts), json!([1, 4, 2, left_out]));
    assert_eq!(imported(&folder).len(), 4);
    let [off, quote, twin, other, taken, lines, both] =
        ["off", "quo\"te", "Twin", "twin", "taken", "lines", "both"].map(sub);
    assert_eq!(
        own_file(&folder.join("left-out.csv")),
        format!(
            "sub,reason\n{off},user_disabled\n{quote},unwritable_value\n{taken},name_taken\n\
             {twin},same_name\n{other},same_name\n"
        )
    );
    assert_eq!(
        own_file(&folder.join("left-behind.csv")),
        format!("sub,attribute\n{lines},address\n{both},address\n{both},name\n")
    );
}

#[tokio::test]
async fn the_commands_and_the_trap_are_told() {
    let pool = started(users_of_every_kind()).await;
    let by_address = "1 of them only by an address that the destination pool has not verified";
    let (said, folder) = stragglers(&pool, "strag'glers told", "").await;
    let quoted = text(&folder).replace('\'', r"'\''");
    said.shows(&[
        "--match ATTRIBUTE is more reliable",
        by_address,
        "the old password is dead",
        "import last",
        "--without-unwritable leaves it behind, and brings in 2 of these users.",
        &format!(
            "aws cognito-idp create-user-import-job --job-name import-001 --cloud-watch-logs-role-arn ROLE_ARN --query 'UserImportJob.[JobId,PreSignedUrl]' --output text --user-pool-id {DESTINATION} --region eu-central-1\n"
        ),
        &format!(
            "--upload-file '{quoted}/import-001.csv' --header x-amz-server-side-encryption:aws:kms"
        ),
        "aws cognito-idp start-user-import-job --job-id JOB_ID",
        "15 minutes",
    ]);
    // The attribute tells of no user that it has moved. Only its owner can look into a new folder.
    let new = folder.join("new");
    let line = format!("stragglers --out FOLDER {WITHOUT}");
    let said = run_in(&pool, &new, &line).await;
    let needed = "The destination pool needs it of these users.";
    said.shows(&["without an attribute", needed]);
    assert!(!said.stdout.contains("not verified"), "{said:?}");
    let mode = fs::metadata(&new).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    // No user is left: there is no import file and no command.
    pool.change(|state| state.users.clear());
    let (said, folder) = stragglers(&pool, "stragglers-none-left", "").await;
    said.shows(&["There is no user to import."]);
    assert!(!said.stdout.contains("create-user-import-job"));
    assert_eq!(names(&folder), "left-out.csv");
}

/// Texts that mean something in some table of values, as a value and within one. Dates have their own tests beside their
/// rule.
#[tokio::test]
async fn aws_reads_what_was_meant_or_there_is_no_row() {
    const NAME: &str = "cognito:username";
    let texts =
        "\\ \\, \" \"\" \n \r\n \t \0 \u{85} \u{2028} \u{feff} ' =1+1 \u{a0} , ,, # ; ñ漢🦀";
    let mut meant = vec![];
    for special in texts.split(' ').chain([" "]) {
        for value in [
            special.to_owned(),
            format!("a{special}b,"),
            format!("{special}a{special}"),
        ] {
            meant.extend(["name", "address", LEGACY, NAME].map(|column| (column, value.clone())));
        }
    }
    let user_of = |(number, (column, value)): (usize, &(&str, String))| {
        let user = user(&format!("u{number}"));
        match *column {
            NAME => User {
                username: user.username.clone() + value,
                ..user
            },
            column => user.with(column, value),
        }
    };
    let users = meant.iter().enumerate().map(user_of).collect();
    let pool = started(both_pools(users, vec![])).await;
    let options = r#"--set ATTRIBUTE_MAP={"custom:legacy_sub":"custom:legacy_sub"}"#;
    let (_, folder) = stragglers(&pool, "stragglers-read", options).await;
    let rows = imported(&folder);
    let mut rows: BTreeMap<_, _> = rows
        .iter()
        .map(|row| (row["email"].as_str(), row))
        .collect();
    for (number, (column, value)) in meant.iter().enumerate() {
        let is_name = *column == NAME;
        let meant = match is_name {
            true => format!("u{number}{value}"),
            false => value.trim().to_owned(),
        };
        let Some(row) = rows.remove(&*format!("u{number}@example.com")) else {
            let doubtful = |c: char| c.is_control() || "\\\"\u{2028}\u{feff}".contains(c);
            let is_rightly = meant.contains(|c| doubtful(c) || is_name && c.is_whitespace());
            assert!(is_rightly, "{column} {value:?}");
            continue;
        };
        assert_eq!(row[*column], meant, "{column} {value:?}");
    }
    assert_eq!(rows.len(), 0);
}
