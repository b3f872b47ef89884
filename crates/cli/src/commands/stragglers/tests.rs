//! Limits of the files, and rows as AWS reads them.

use std::{collections::BTreeMap, fs, path::Path};

use insight::import::LeftOut;
use proptest::prelude::*;
use rules::{
    evidence::{Identity, ListedUser, UserStatus},
    pool::{DataType, SchemaAttribute, UserPoolDescription},
    settings::Settings,
};
use tempfile::NamedTempFile;
use testbed::import_file;

use super::{
    files::{Files, LEFT_OUT, named},
    *,
};

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
    "custom:a",
    "cognito:mfa_enabled",
    "cognito:username",
];

fn pool(schema: Vec<SchemaAttribute>) -> UserPoolDescription {
    UserPoolDescription {
        schema,
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
    }
}

fn attribute(name: &str, data_type: DataType, required: bool) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        required,
        mutable: true,
        data_type,
        minimum: None,
        maximum: Some(2048),
    }
}

fn form() -> ImportForm {
    ImportForm {
        columns: COLUMNS.map(str::to_owned).to_vec(),
        auto_verified: vec!["email".to_owned()],
    }
}

fn settings() -> Settings {
    let settings = Settings::read_to_foresee(|name| {
        let value = match name {
            "SRC_USER_POOL_ID" => "eu-west-1_SourcePool",
            "ATTRIBUTE_MAP" => r#"{"custom:a": "custom:a"}"#,
            _ => return None,
        };
        Some(value.to_owned())
    });
    settings.expect("good settings")
}

fn user(number: usize, attributes: Vec<(&str, String)>) -> ListedUser {
    let mut all = vec![
        ("sub", format!("sub-{number}")),
        ("email", format!("u{number}@example.com")),
        ("email_verified", "true".to_owned()),
    ];
    all.extend(attributes);
    ListedUser {
        identity: Identity {
            username: format!("u{number}"),
            attributes: all
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        },
        enabled: true,
        status: UserStatus::Confirmed,
        last_modified: None,
    }
}

/// Imports the users into a folder, and reads the files as AWS would: the users, and why the others are left out.
fn imported(
    users: impl IntoIterator<Item = ListedUser>,
    required: &[&str],
    folder: &Path,
) -> (Vec<import_file::ImportedUsers>, BTreeMap<LeftOut, u64>) {
    let settings = settings();
    let mut schema = vec![
        attribute("custom:a", DataType::String, false),
        attribute("name", DataType::String, false),
        attribute("updated_at", DataType::Number, false),
    ];
    for known in &mut schema {
        known.required = required.contains(&known.name.as_str());
        known.maximum = known
            .maximum
            .filter(|_| known.data_type == DataType::String);
    }
    let (source, destination) = (pool(vec![]), pool(schema));
    let form = form();
    let import = Import {
        plan: Plan {
            settings: &settings,
            source: &source,
            client: None,
            destination: &destination,
            expired_before: None,
        },
        form: &form,
    };
    let mut search = StragglerSearch::new(
        Moved::new(None).sorted(),
        ImportSpool::new(folder).expect("a folder"),
        false,
    );
    for user in users {
        search.add(&user, &import).expect("space on the disk");
    }
    let header = form.header().expect("a header");
    let found = search.write(&header).expect("space on the disk");
    let demands = import_file::ImportPool {
        columns: &COLUMNS,
        auto_verified: &["email"],
        required,
    };
    let files = found.files.iter().map(|path| {
        let file = fs::read(path).expect("the file");
        import_file::read(&file, &demands).expect("a file that AWS takes")
    });
    let files: Vec<_> = files.collect();
    let rows: usize = files.iter().map(Vec::len).sum();
    assert_eq!(found.imported, rows as u64);
    (files, found.left_out)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder");
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("letters")
        })
        .collect();
    names.sort();
    names
}

#[test]
fn more_rows_than_a_file_may_have_begin_another_one() {
    let folder = folder();
    let columns = ["cognito:username", "email", "email_verified"];
    let header = columns.join(",");
    let mut files = Files::new(folder.path(), &header);
    for number in 0..500_001 {
        let line = format!("u{number},a@b,true");
        files.add(&line).expect("space on the disk");
    }
    let files = files.finished().expect("space on the disk");
    let left_out = NamedTempFile::new_in(folder.path()).expect("a file");
    let paths = named(folder.path(), files, vec![(left_out, LEFT_OUT)]).expect("free names");
    let pool = import_file::ImportPool {
        columns: &columns,
        auto_verified: &["email"],
        required: &[],
    };
    let read = |path| import_file::read(&fs::read(path).expect("the file"), &pool);
    let users: Vec<_> = paths
        .iter()
        .map(|path| read(path).expect("a file that AWS takes"))
        .collect();
    let lengths: Vec<_> = users.iter().map(Vec::len).collect();
    assert_eq!(lengths, [500_000, 1]);
    assert_eq!(users[1][0]["cognito:username"], "u500000");
    let all = ["import-001.csv", "import-002.csv", "left-out.csv"];
    assert_eq!(names(folder.path()), all);
}

#[test]
fn more_bytes_than_a_file_may_have_begin_another_one() {
    let folder = folder();
    // Characters of several bytes: 100 MB are bytes.
    let long = |name: &'static str| (name, "ñ".repeat(1000));
    let users = (0..12_000).map(|number| {
        let names = ["name", "given_name", "family_name", "custom:a", "address"];
        user(number, names.map(long).to_vec())
    });
    let (files, left_out) = imported(users, &[], folder.path());
    assert_eq!((files.len(), left_out.len()), (2, 0));
    let first = fs::metadata(folder.path().join("import-001.csv")).expect("the file");
    assert!(
        (99_980_000..=100_000_000).contains(&first.len()),
        "{}",
        first.len()
    );
}

#[test]
fn a_file_that_cannot_get_its_name_takes_the_others_with_it() {
    let folder = folder();
    let file = || NamedTempFile::new_in(folder.path()).expect("a file");
    // It came after the folder was looked at.
    fs::write(folder.path().join("import-002.csv"), "mine").expect("a file");
    let problem = named(
        folder.path(),
        vec![file(), file()],
        vec![(file(), LEFT_OUT)],
    )
    .expect_err("it exists");
    assert!(
        problem
            .to_string()
            .contains("import-002.csv cannot be written"),
        "{problem}"
    );
    assert_eq!(names(folder.path()), ["import-002.csv"]);
}

/// Texts with everything that means something in some table of values.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => "[a-zñ漢🦀 ]{0,6}",
        3 => Just(",".to_owned()),
        1 => proptest::sample::select(vec![
            "\\", "\\,", "\"", "\"\"", "\n", "\r\n", "\t", "\0", "\u{85}", "\u{2028}", "\u{feff}", "'", "=1+1",
            "\u{a0}", " ", ",,", "#", ";",
        ]).prop_map(str::to_owned),
    ];
    proptest::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

fn days() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..2100, 0..14, 0..33)
            .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}")),
        proptest::sample::select(vec![
            "2000-02-29",
            "1900-02-29",
            "2024-2-29",
            "02/29/2024",
            "+985-02-01",
            "1985-02-01 ",
            "",
            "٢٠٢٤-01-01",
        ])
        .prop_map(str::to_owned),
    ]
}

fn times() -> impl Strategy<Value = String> {
    let odd = vec![
        "1471453471",
        "1471453471000",
        "-1",
        "+1",
        "1.5",
        "",
        "yesterday",
    ];
    proptest::sample::select(odd).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn aws_reads_what_was_meant_or_there_is_no_row(
        people in proptest::collection::vec((texts(), texts(), texts(), texts(), days(), times()), 1..12),
    ) {
        let folder = folder();
        let users = people.iter().enumerate().map(|(number, (name, a, address, typed, born, updated))| {
            let attributes = [("name", name), ("custom:a", a), ("address", address), ("birthdate", born), ("updated_at", updated)];
            let attributes = attributes.map(|(name, value)| (name, value.clone())).to_vec();
            let mut user = user(number, attributes);
            user.identity.username = format!("u{number}{typed}");
            user
        });
        let users: Vec<_> = users.collect();
        let (files, left_out) = imported(users.clone(), &["name"], folder.path());
        let rows: BTreeMap<_, _> = files.iter().flatten().map(|row| (row["email"].clone(), row)).collect();
        let without: u64 = left_out.values().sum();
        prop_assert_eq!(rows.len() as u64 + without, users.len() as u64);
        for user in &users {
            let held = |name: &str| user.identity.attribute(name).unwrap_or_default().trim();
            let email = held("email").to_owned();
            let doubtful = |c: char| c.is_control() || "\\\"\u{2028}\u{feff}".contains(c);
            let day = held("birthdate");
            let parts: Vec<_> = day.split('-').collect();
            let us_day = match parts[..] {
                [year, month, day] => format!("{month}/{day}/{year}"),
                _ => String::new(),
            };
            match rows.get(&email) {
                Some(row) => {
                    prop_assert_eq!(&row["cognito:username"], &user.identity.username.to_lowercase());
                    for name in ["name", "custom:a", "address", "updated_at"] {
                        prop_assert_eq!(&row[name], held(name));
                    }
                    prop_assert_eq!(&row["birthdate"], &us_day);
                    prop_assert_eq!(&row["email_verified"], "true");
                }
                None => {
                    let values = ["name", "custom:a", "address"].map(held);
                    let is_left_out_rightly = values.iter().any(|value| value.contains(doubtful))
                        || user.identity.username.contains(doubtful)
                        || user.identity.username.contains(char::is_whitespace)
                        || held("name").is_empty()
                        || !day.is_empty()
                        || !matches!(held("updated_at"), "" | "1471453471");
                    prop_assert!(is_left_out_rightly, "{:?}", user);
                }
            }
        }
    }
}
