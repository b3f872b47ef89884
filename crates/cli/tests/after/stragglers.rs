//! `stragglers`: the users who have not moved, and the import files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use serde_json::json;
use testbed::{
    import_file::{self, ImportPool, ImportedUsers},
    source_pool::{Operation, POOL_ID, SourcePoolStub, State, User},
};

use crate::support::*;

const COLUMNS: [&str; 22] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
    "custom:legacy_sub",
    "cognito:mfa_enabled",
    "cognito:username",
];

const LEGACY: &str = "custom:legacy_sub";

/// As [`two_pools`], with a destination pool that verifies e-mail addresses and keeps the source `sub`.
fn pools(source: Vec<User>, destination: Vec<User>) -> State {
    let mut state = two_pools(source);
    let pool = &mut state.neighbours[0];
    pool.users = destination;
    pool.description
        .insert("AutoVerifiedAttributes".into(), json!(["email"]));
    pool.description.insert(
        "SchemaAttributes".into(),
        json!([
            {"Name": LEGACY, "AttributeDataType": "String",
             "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "64"}},
            {"Name": "name", "AttributeDataType": "String",
             "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "20"}},
        ]),
    );
    state
}

async fn started(state: State) -> SourcePoolStub {
    SourcePoolStub::start(state).await.expect("a loopback port")
}

fn import(path: &Path) -> ImportedUsers {
    let pool = ImportPool {
        columns: &COLUMNS,
        auto_verified: &["email"],
        required: &[],
    };
    let file = fs::read(path).expect("a file");
    import_file::read(&file, &pool).expect("a file that AWS takes")
}

fn left_out(folder: &Path) -> BTreeMap<String, String> {
    let file = fs::read_to_string(folder.join("left-out.csv")).expect("a file");
    let mut lines = file.lines();
    assert_eq!(lines.next(), Some("sub,reason"));
    lines
        .map(|line| line.split_once(',').expect("two columns"))
        .map(|(sub, reason)| (sub.to_owned(), reason.to_owned()))
        .collect()
}

fn path(folder: &Path) -> &str {
    folder.to_str().expect("a path of letters")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    entries
        .map(|entry| name(entry).into_string().expect("letters"))
        .collect()
}

#[tokio::test]
async fn users_who_have_not_moved_are_imported_or_left_out_with_a_reason() {
    let source = vec![
        user("ana").with("name", "Ana, Bo"),
        user("moved-by-mail"),
        user("Moved-By-Name").with("email", "other@example.com"),
        user("moved-by-phone").with("phone_number", "+15550100"),
        user("off").disabled(),
        user("never").with_status("UNCONFIRMED"),
        user("invited").with_status("FORCE_CHANGE_PASSWORD"),
        user("google_1").with_status("EXTERNAL_PROVIDER"),
        user("hal").with_status("COMPROMISED"),
        user("unproven").with("email_verified", "false"),
        user("long").with("name", "a user with a very long name"),
        user("slash").with("name", r"a\b"),
        user("lines").with("name", "a\nb"),
        user("quotes").with("name", "\"a\""),
        user("blank here").with("email", "blank@example.com"),
        user("born")
            .with("birthdate", "1985-02-01")
            .with("updated_at", "1471453471"),
        user("unborn").with("birthdate", "1985-02-30"),
        user("Twin"),
        user("twin").with("email", "second@example.com"),
        user("reset").with_status("RESET_REQUIRED"),
    ];
    let destination = vec![
        User::new("4f", "x")
            .with("email", "Moved-by-mail@Example.com")
            .with("email_verified", "true"),
        User::new("moved-by-name", "x"),
        User::new("5a", "x").with("phone_number", "+15550100"),
    ];
    let pool = started(pools(source.clone(), destination)).await;
    let folder = folder("stragglers");
    let said = run(
        &pool,
        &["stragglers", "--out", path(&folder), "--format", "json"],
    )
    .await;
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (Some(0), ""),
        "{said:?}"
    );
    let answer = said.json();
    let file = folder.join("import-001.csv");
    assert_eq!(
        answer,
        json!({
            "source_pool": POOL_ID,
            "destination_pool": DESTINATION,
            "users": 20,
            "moved": 3,
            "moved_by_unverified_address": 1,
            "import": 3,
            "without_unwritable": 3,
            "left_out": {
                "user_disabled": 1, "not_confirmed": 1, "temporary_password": 1, "external_provider": 1,
                "unusable_status": 1, "no_verified_contact": 1, "schema": 1, "unwritable_value": 3,
                "blank_in_user_name": 1, "unreadable_date": 1, "same_name": 2,
            },
            "files": [path(&file)],
        })
    );
    assert_eq!(
        names(&folder),
        ["import-001.csv", "left-out.csv"].map(str::to_owned).into()
    );
    let users = import(&file);
    let column =
        |name: &str| -> Vec<&str> { users.iter().map(|user| user[name].as_str()).collect() };
    assert_eq!(column("cognito:username"), ["ana", "born", "reset"]);
    assert_eq!(column("name"), ["Ana, Bo", "", ""]);
    assert_eq!(column("birthdate"), ["", "02/01/1985", ""]);
    assert_eq!(column("updated_at"), ["", "1471453471", ""]);
    assert_eq!(column("cognito:mfa_enabled"), ["", "", ""]);
    assert_eq!(
        column("email"),
        ["ana@example.com", "born@example.com", "reset@example.com"]
    );
    let reasons = left_out(&folder);
    for (name, reason) in [
        ("off", "user_disabled"),
        ("slash", "unwritable_value"),
        ("Twin", "same_name"),
        ("twin", "same_name"),
    ] {
        assert_eq!(reasons[&user(name).sub()], reason);
    }
    assert_eq!(reasons.len(), 14);
    for name in names(&folder) {
        let mode = fs::metadata(folder.join(name))
            .expect("the file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let calls: BTreeSet<_> = pool.calls().into_iter().collect();
    let allowed = [
        Operation::ListUsers,
        Operation::DescribeUserPool,
        Operation::GetCSVHeader,
    ];
    assert_eq!(calls, BTreeSet::from(allowed));
    for text in pool.confidential() {
        assert!(!said.stdout.contains(&text), "{text}");
    }
}

#[tokio::test]
async fn rows_are_mapped_as_the_function_maps() {
    let source = vec![
        user("Ana")
            .with("custom:tenant", "t-1")
            .with("gender", "f")
            .with("name", "Ana"),
    ];
    let mut state = pools(source, vec![]);
    let schema = state.neighbours[0].description["SchemaAttributes"]
        .as_array_mut()
        .expect("a list");
    schema.push(json!({"Name": "custom:mark", "AttributeDataType": "String"}));
    let pool = started(state).await;
    let folder = folder("stragglers-mapped");
    let arguments = [
        "stragglers",
        "--out",
        path(&folder),
        "--set",
        r#"ATTRIBUTE_MAP={"custom:tenant":"zoneinfo","gender":null,"sub":"custom:legacy_sub"}"#,
        "--set",
        r#"STATIC_ATTRIBUTES={"locale":"de"}"#,
        "--set",
        "DST_USERNAME=sub",
        "--set",
        "SRC_LOOKUP=email",
        "--set",
        "MIGRATION_MARK=custom:mark",
    ];
    let said = run(&pool, &arguments).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    let file = fs::read(folder.join("import-001.csv")).expect("a file");
    let mut columns = COLUMNS.to_vec();
    columns.push("custom:mark");
    let demands = ImportPool {
        columns: &columns,
        auto_verified: &["email"],
        required: &[],
    };
    let users = import_file::read(&file, &demands).expect("a file that AWS takes");
    let sub = user("Ana").sub();
    let held: BTreeMap<_, _> = users[0]
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let held = json!(held);
    assert_eq!(
        held,
        json!({
            "cognito:username": sub, "custom:legacy_sub": sub, "custom:mark": format!("pending/{sub}"),
            "email": "ana@example.com", "email_verified": "true", "locale": "de", "name": "Ana", "zoneinfo": "t-1",
        })
    );
}

#[tokio::test]
async fn a_match_is_exact_and_a_taken_name_is_no_import() {
    let sub = |name: &str| user(name).sub();
    let source = vec![
        user("ana"),
        user("bo"),
        user("cem"),
        user("dora"),
        user("eve"),
        user("fay"),
        user("gus"),
    ];
    let destination = vec![
        User::new("1", "x").with(LEGACY, &sub("ana")),
        User::new("2", "x").with(LEGACY, &format!("pending/{}", sub("bo"))),
        User::new("3", "x").with(LEGACY, &format!("done/{}", sub("cem"))),
        User::new("4", "x").with(LEGACY, &format!("disabling/{}", sub("fay"))),
        User::new("5", "x").with(LEGACY, &format!("off/{}", sub("gus"))),
        // Has the name of another user.
        User::new("DORA", "x"),
    ];
    let pool = started(pools(source, destination)).await;
    let folder = folder("stragglers-match");
    let said = run(
        &pool,
        &[
            "stragglers",
            "--out",
            path(&folder),
            "--match",
            LEGACY,
            "--format",
            "json",
        ],
    )
    .await;
    let answer = said.json();
    assert_eq!(
        (&answer["moved"], &answer["import"]),
        (&json!(5), &json!(1)),
        "{said:?}"
    );
    assert_eq!(
        left_out(&folder),
        BTreeMap::from([(sub("dora"), "name_taken".to_owned())])
    );
    assert_eq!(
        import(&folder.join("import-001.csv"))[0]["cognito:username"],
        "eve"
    );
}

#[tokio::test]
async fn whom_only_an_unverified_address_moves_is_told() {
    let sub = |name: &str| user(name).sub();
    let source = vec![user("ana"), user("bo"), user("cem"), user("dora")];
    let unverified = |name: &str, of: &str| {
        let email = user(of).attributes["email"].clone();
        User::new(name, "x").with("email", &email)
    };
    let destination = vec![
        unverified("1", "ana").with("email_verified", "false"),
        unverified("2", "bo"),
        // Another user has proved the address.
        unverified("3", "cem"),
        unverified("4", "cem").with("email_verified", "true"),
        // The name tells, too.
        unverified("dora", "dora").with(LEGACY, &sub("dora")),
    ];
    let pool = started(pools(source, destination)).await;
    let stragglers = async |name: &str, options: &[&str]| {
        let folder = folder(name);
        run(
            &pool,
            &[&["stragglers", "--out", path(&folder)], options].concat(),
        )
        .await
    };
    let counts = |said: Said| {
        let answer = said.json();
        [&answer["moved"], &answer["moved_by_unverified_address"]].map(|count| count.as_u64())
    };
    let said = stragglers("stragglers-unverified", &["--format", "json"]).await;
    assert_eq!(counts(said), [Some(4), Some(2)]);
    let warning = "2 of them only by an address that the destination pool has not verified";
    let said = stragglers("stragglers-unverified-told", &[]).await;
    for part in ["--match ATTRIBUTE is more reliable", warning] {
        assert!(said.stdout.contains(part), "{said:?}");
    }
    let exact = ["--match", LEGACY];
    let said = stragglers(
        "stragglers-verified",
        &[&exact[..], &["--format", "json"]].concat(),
    )
    .await;
    assert_eq!(counts(said), [Some(1), Some(0)]);
    let said = stragglers("stragglers-verified-told", &exact).await;
    assert!(!said.stdout.contains("not verified"), "{said:?}");
}

/// No user has moved.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_grows_by_at_most_100_bytes_a_user() {
    let all = |users: usize| {
        let named = |kind: &str| {
            (0..users)
                .map(|number| user(&format!("{kind}{number}@example.com")))
                .collect()
        };
        pools(named("old"), named("new"))
    };
    let arguments = |users: usize| {
        let folder = folder(&format!("stragglers-memory-{users}"));
        vec!["--out".to_owned(), path(&folder).to_owned()]
    };
    let each = bytes_a_user("stragglers", all, arguments).await;
    assert!(each <= 100, "{each}");
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
    let stragglers = async |name: &str, options: &[&str]| {
        let folder = folder(name).join("new");
        let arguments = ["stragglers", "--match", LEGACY, "--out", path(&folder)];
        let said = run(&pool, &[&arguments, options].concat()).await;
        assert_eq!(said.status, Some(0), "{said:?}");
        (said, folder)
    };
    let counts = |said: &Said| {
        let answer = said.json();
        ["import", "without_unwritable", "left_out"].map(|name| answer[name].clone())
    };
    let json = ["--format", "json"];
    let (said, whole) = stragglers("stragglers-whole", &json).await;
    let expected = [json!(2), json!(2), json!({"unwritable_value": 5})];
    assert_eq!(counts(&said), expected);
    let files = ["import-001.csv", "left-out.csv"];
    assert_eq!(names(&whole), files.map(str::to_owned).into());

    let flag = "--without-unwritable";
    let (said, folder) = stragglers("stragglers-without", &[&json[..], &[flag]].concat()).await;
    let reasons = json!({"same_name": 2, "unwritable_value": 1, "name_taken": 1});
    assert_eq!(counts(&said), [json!(3), json!(2), reasons]);
    let imported: Vec<_> = import(&folder.join("import-001.csv"))
        .iter()
        .map(|user| {
            ["cognito:username", "address", "name", "nickname"].map(|name| user[name].clone())
        })
        .collect();
    assert_eq!(
        imported,
        [
            ["ana", "1 Road", "", ""],
            ["lines", "", "", ""],
            ["both", "", "", "Bo"]
        ]
    );
    let left_behind = fs::read_to_string(folder.join("left-behind.csv")).expect("a file");
    let [lines, both] = ["lines", "both"].map(|name| user(name).sub());
    assert_eq!(
        left_behind,
        format!("sub,attribute\n{lines},address\n{both},address\n{both},name\n")
    );
    let files = ["import-001.csv", "left-behind.csv", "left-out.csv"];
    assert_eq!(names(&folder), files.map(str::to_owned).into());
    let mode = |path: &Path| fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in files {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }

    let (said, _) = stragglers("stragglers-whole-told", &[]).await;
    let sentence = "--without-unwritable leaves it behind, and brings in 2 of these users.";
    assert!(said.stdout.contains(sentence), "{said:?}");
    let (said, _) = stragglers("stragglers-without-told", &[flag]).await;
    for part in [
        "without an attribute",
        "The destination pool needs it of these users.",
    ] {
        assert!(said.stdout.contains(part), "{part}: {said:?}");
    }
}

#[tokio::test]
async fn the_commands_and_the_trap_are_told() {
    let pool = started(pools(vec![user("ana")], vec![])).await;
    let folder = folder("strag'glers told");
    let said = run(&pool, &["stragglers", "--out", path(&folder)]).await;
    let quoted = path(&folder).replace('\'', r"'\''");
    for part in [
        "the old password is dead".to_owned(),
        "import last".to_owned(),
        format!(
            "aws cognito-idp create-user-import-job --job-name import-001 --cloud-watch-logs-role-arn ROLE_ARN --query 'UserImportJob.[JobId,PreSignedUrl]' --output text --user-pool-id {DESTINATION} --region eu-central-1\n"
        ),
        format!(
            "--upload-file '{quoted}/import-001.csv' --header x-amz-server-side-encryption:aws:kms"
        ),
        "aws cognito-idp start-user-import-job --job-id JOB_ID".to_owned(),
        "15 minutes".to_owned(),
    ] {
        assert!(said.stdout.contains(&part), "{part}: {}", said.stdout);
    }
    // No user is left: there is no import file and no command.
    pool.change(|state| state.users.clear());
    let folder = crate::support::folder("stragglers-none-left");
    let said = run(&pool, &["stragglers", "--out", path(&folder)]).await;
    assert!(
        said.stdout.contains("There is no user to import."),
        "{said:?}"
    );
    assert!(!said.stdout.contains("create-user-import-job"));
    assert_eq!(names(&folder), BTreeSet::from(["left-out.csv".to_owned()]));
}

#[tokio::test]
async fn one_sentence_says_what_is_wrong_and_nothing_is_half_written() {
    let mut state = pools(vec![user("ana")], vec![]);
    state.denied.push(format!("GetCSVHeader {DESTINATION}"));
    let pool = started(state).await;
    let folder = folder("stragglers-wrong");
    let new = folder.join("new");
    let nowhere = folder.join("nowhere").join("new");
    for (arguments, status, sentence) in [
        (vec!["--out", path(&nowhere)], 1, "does not exist."),
        (vec!["--out", "/sys"], 1, "/sys cannot be written"),
        (
            vec!["--out", path(&new)],
            1,
            "These credentials are not allowed GetCSVHeader on the destination pool",
        ),
        (
            vec!["--out", path(&folder)],
            1,
            "These credentials are not allowed GetCSVHeader on the destination pool",
        ),
        (
            vec!["--out", path(&folder), "--match", "custom:typo"],
            2,
            "has no attribute custom:typo.",
        ),
        (
            vec!["--out", path(&folder), "--set", "ON_MFA=maybe"],
            2,
            "ON_MFA must be",
        ),
    ] {
        let said = run(&pool, &[&["stragglers"], &arguments[..]].concat()).await;
        assert_eq!(
            (said.status, said.stdout.as_str()),
            (Some(status), ""),
            "{said:?}"
        );
        assert!(said.stderr.contains(sentence), "{sentence}: {said:?}");
        assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
    }
    pool.change(|state| {
        state.denied = vec![format!("ListUsers {POOL_ID}")];
    });
    let said = run(&pool, &["stragglers", "--out", path(&folder)]).await;
    assert!(said.stderr.contains("not allowed ListUsers"), "{said:?}");
    pool.change(|state| {
        state.denied.clear();
        state.neighbours[0]
            .description
            .remove("AutoVerifiedAttributes");
    });
    let said = run(&pool, &["stragglers", "--out", path(&folder)]).await;
    assert!(
        said.stderr.contains("so Cognito imports no users into it."),
        "{said:?}"
    );
    assert_eq!(names(&folder), BTreeSet::new());
    // The files of an earlier run stay, and no pool is asked.
    for name in ["import-007.csv", "left-behind.csv", "left-out.csv"] {
        fs::write(folder.join(name), "mine").expect("a file");
        pool.forget();
        let said = run(&pool, &["stragglers", "--out", path(&folder)]).await;
        let sentence = format!("holds {name} of an earlier run");
        assert!(
            said.status == Some(1) && said.stderr.contains(&sentence),
            "{said:?}"
        );
        assert_eq!(pool.calls(), []);
        assert_eq!(
            fs::read_to_string(folder.join(name)).expect("the file"),
            "mine"
        );
        assert_eq!(names(&folder).len(), 1);
        fs::remove_file(folder.join(name)).expect("the file");
    }
}

#[tokio::test]
async fn a_name_is_an_address_where_the_pool_signs_people_in_by_it() {
    let mut state = pools(
        vec![user("ana"), user("bo").with("email", "ANA@example.com")],
        vec![],
    );
    state.users.push(user("cem"));
    state.neighbours[0]
        .description
        .insert("UsernameAttributes".into(), json!(["email"]));
    let pool = started(state).await;
    let folder = folder("stragglers-addresses");
    let said = run(
        &pool,
        &["stragglers", "--out", path(&folder), "--format", "json"],
    )
    .await;
    assert_eq!(said.json()["left_out"], json!({"same_name": 2}), "{said:?}");
    let users = import(&folder.join("import-001.csv"));
    assert_eq!(users.len(), 1);
    assert_eq!(users[0]["cognito:username"], "cem@example.com");
}

#[tokio::test]
async fn an_interrupted_search_leaves_no_file() {
    let users = (0..200).map(|number| user(&format!("u{number}"))).collect();
    let pool = started(pools(users, vec![])).await;
    let folder = folder("stragglers-interrupted");
    let mut command = program(&pool);
    command.args([
        "stragglers",
        "--source-pool",
        POOL_ID,
        "--pool",
        DESTINATION,
    ]);
    command.args(["--rate", "1", "--out", path(&folder)]);
    let child = command.spawn().expect("the program was built");
    while pool.count(Operation::ListUsers) < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(names(&folder).len(), 1, "what is left out waits in a file");
    let pid = i32::try_from(child.id().expect("it runs")).expect("a process id");
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("it runs");
    let output = child.wait_with_output().await.expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        said,
        "cognito-migration: Interrupted. Nothing was changed.\n"
    );
    assert_eq!(names(&folder), BTreeSet::new());
}
