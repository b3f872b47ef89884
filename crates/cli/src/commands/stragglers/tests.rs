//! Limits of the files, the users who count as moved, and rows as AWS reads them.

use std::{collections::BTreeMap, fs, path::Path};

use insight::import::LeftOut;
use proptest::prelude::*;
use rules::{
    attributes::STANDARD,
    evidence::{Identity, ListedUser, UserStatus},
    pool::{DataType, SchemaAttribute, UserPoolDescription},
    settings::Settings,
};
use tempfile::NamedTempFile;
use testbed::import_file::{self, ImportedUsers};

use super::{
    files::{Files, LEFT_OUT, named},
    moved::MovedBy,
    *,
};

/// A user with the name, `sub` and verified e-mail address of this number, but for these attributes.
fn user(number: usize, attributes: &[(&str, &str)]) -> ListedUser {
    let (sub, email) = (format!("sub-{number}"), format!("u{number}@example.com"));
    let all = [
        ("sub", &*sub),
        ("email", &email),
        ("email_verified", "true"),
    ];
    let kept = all
        .iter()
        .filter(|(name, _)| attributes.iter().all(|(other, _)| other != name));
    let attributes = kept.chain(attributes);
    ListedUser {
        identity: Identity {
            username: format!("u{number}"),
            attributes: attributes
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        },
        enabled: true,
        status: UserStatus::Confirmed,
        last_modified: None,
    }
}

/// Imports the users into a folder, and reads the file as AWS would: the users, and why the others are left out.
fn imported(users: &[ListedUser], folder: &Path) -> (ImportedUsers, BTreeMap<LeftOut, u64>) {
    let settings = Settings::read_to_foresee(|name| {
        let value = match name {
            "SRC_USER_POOL_ID" => "eu-west-1_SourcePool",
            "ATTRIBUTE_MAP" => r#"{"custom:a": "custom:a"}"#,
            _ => return None,
        };
        Some(value.to_owned())
    });
    let attribute = |name: &str| SchemaAttribute {
        name: name.to_owned(),
        required: name == "name",
        mutable: true,
        data_type: if name == "updated_at" {
            DataType::Number
        } else {
            DataType::String
        },
        minimum: None,
        maximum: (name != "updated_at").then_some(2048),
    };
    let own = ["custom:a", "cognito:mfa_enabled", "cognito:username"];
    let columns = [&STANDARD[..], &own].concat();
    let form = ImportForm {
        columns: columns.iter().map(|&name| name.to_owned()).collect(),
        auto_verified: vec!["email".to_owned()],
    };
    let import = Import {
        plan: Plan {
            settings: &settings.expect("good settings"),
            source: &UserPoolDescription::default(),
            client: None,
            destination: &UserPoolDescription {
                schema: ["custom:a", "name", "updated_at"].map(attribute).into(),
                ..UserPoolDescription::default()
            },
            expired_before: None,
        },
        form: &form,
    };
    let spool = ImportSpool::new(folder).expect("a folder");
    let mut search = StragglerSearch::new(Moved::new(None).sorted(), spool, false);
    for user in users {
        search.add(user, &import).expect("space on the disk");
    }
    let header = form.header().expect("a header");
    let found = search.write(&header).expect("space on the disk");
    let demands = import_file::ImportPool {
        columns: &columns,
        auto_verified: &["email"],
        required: &["name"],
    };
    let read = |path| import_file::read(&fs::read(path).expect("the file"), &demands);
    let files = found
        .files
        .iter()
        .map(|path| read(path).expect("a file that AWS takes"));
    let rows: ImportedUsers = files.flatten().collect();
    assert_eq!(found.imported, rows.len() as u64);
    (rows, found.left_out)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_line_that_no_longer_fits_begins_another_file() {
    let folder = folder();
    let mut files = Files::new(folder.path(), "name");
    // Characters of several bytes: 100 MB are bytes.
    let long = "ñ".repeat(24_000_000);
    for line in ["ana", &long, &long, &long, "bo"] {
        files.add(line).expect("space on the disk");
    }
    let files = files.finished().expect("space on the disk");
    let paths = named(folder.path(), files, vec![]).expect("free names");
    let whole = [
        format!("name\nana\n{long}\n{long}\n"),
        format!("name\n{long}\nbo\n"),
    ];
    let names = ["import-001.csv", "import-002.csv"];
    assert_eq!(paths, names.map(|name| folder.path().join(name)));
    for (path, whole) in paths.iter().zip(whole) {
        assert!(
            fs::read_to_string(path).expect("the file") == whole,
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_file_that_cannot_get_its_name_takes_the_others_with_it() {
    let folder = folder();
    let file = || NamedTempFile::new_in(folder.path()).expect("a file");
    // It came after the folder was looked at.
    fs::write(folder.path().join("import-002.csv"), "mine").expect("a file");
    let files = vec![file(), file()];
    let problem = named(folder.path(), files, vec![(file(), LEFT_OUT)]).expect_err("it exists");
    let told = problem.to_string();
    assert!(told.contains("import-002.csv cannot be written"), "{told}");
    let left = fs::read_dir(folder.path()).expect("the folder");
    let left: Vec<_> = left
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(left, ["import-002.csv"]);
}

/// Whether the source user of number 7 has moved, by what a user of the destination pool is called or holds.
#[test]
fn the_attribute_tells_who_has_moved_or_else_a_name_or_an_address() {
    let by_name = (Some(MovedBy::Other), None);
    let by_address = (Some(MovedBy::UnverifiedAddress), None);
    let by_attribute = (None, Some(MovedBy::Other));
    let email = ("email", "U7@example.com");
    let phone = ("phone_number", "+15550107");
    for (name, attributes, expected) in [
        ("other", &[][..], (None, None)),
        ("U7", &[], by_name),
        ("U7@example.com", &[], by_name),
        ("sub-7", &[], by_name),
        ("other", &[("preferred_username", "u7")], by_name),
        ("other", &[email, ("email_verified", "true")], by_name),
        (
            "other",
            &[phone, ("phone_number_verified", "true")],
            by_name,
        ),
        ("other", &[email, ("email_verified", "false")], by_address),
        ("other", &[phone], by_address),
        ("u7", &[phone], by_name),
        ("other", &[("email", "")], (None, None)),
        ("other", &[("custom:a", "sub-7")], by_attribute),
        ("other", &[("custom:a", "off/sub-7")], by_attribute),
        ("other", &[("custom:a", "SUB-7")], (None, None)),
    ] {
        let source = user(7, &[phone]);
        let mut other = user(8, attributes);
        other.identity.username = name.to_owned();
        let found = [None, Some("custom:a")].map(|attribute| {
            let mut moved = Moved::new(attribute);
            moved.add(&user(9, &[]));
            moved.add(&other);
            moved.sorted().has(&source)
        });
        assert!(found == <[_; 2]>::from(expected), "{name} {attributes:?}");
    }
    // Another user has proved the address.
    let mut moved = Moved::new(None);
    moved.add(&user(8, &[phone]));
    moved.add(&user(9, &[phone, ("phone_number_verified", "true")]));
    assert!(moved.sorted().has(&user(7, &[phone])) == Some(MovedBy::Other));
}

/// Texts with everything that means something in some table of values.
fn texts() -> impl Strategy<Value = String> {
    let special = [
        "\\", "\\,", "\"", "\"\"", "\n", "\r\n", "\t", "\0", "\u{85}", "\u{2028}", "\u{feff}", "'",
        "=1+1", "\u{a0}", " ", ",,", "#", ";",
    ];
    let part = prop_oneof![
        6 => "[a-zñ漢🦀 ]{0,6}",
        3 => Just(",".to_owned()),
        1 => proptest::sample::select(special.map(str::to_owned).to_vec()),
    ];
    proptest::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

fn days() -> impl Strategy<Value = String> {
    let odd = [
        "2000-02-29",
        "1900-02-29",
        "2024-2-29",
        "02/29/2024",
        "+985-02-01",
        "1985-02-01 ",
        "",
        "٢٠٢٤-01-01",
    ];
    prop_oneof![
        (0..2100, 0..14, 0..33)
            .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}")),
        proptest::sample::select(odd.map(str::to_owned).to_vec()),
    ]
}

fn times() -> impl Strategy<Value = String> {
    let odd = [
        "1471453471",
        "1471453471000",
        "-1",
        "+1",
        "1.5",
        "",
        "yesterday",
    ];
    proptest::sample::select(odd.map(str::to_owned).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn aws_reads_what_was_meant_or_there_is_no_row(
        people in proptest::collection::vec((texts(), texts(), texts(), texts(), days(), times()), 1..12),
    ) {
        let users = people.iter().enumerate().map(|(number, (name, a, address, typed, born, updated))| {
            let attributes = [("name", name), ("custom:a", a), ("address", address), ("birthdate", born), ("updated_at", updated)];
            let mut user = user(number, &attributes.map(|(name, value)| (name, value.as_str())));
            user.identity.username += typed;
            user
        });
        let users: Vec<_> = users.collect();
        let (rows, left_out) = imported(&users, folder().path());
        let without: u64 = left_out.values().sum();
        prop_assert_eq!(rows.len() as u64 + without, users.len() as u64);
        let rows: BTreeMap<_, _> = rows.iter().map(|row| (row["email"].as_str(), row)).collect();
        for user in &users {
            let held = |name: &str| user.identity.attribute(name).unwrap_or_default().trim();
            let values = ["name", "custom:a", "address"].map(held);
            let day = held("birthdate");
            let Some(row) = rows.get(held("email")) else {
                let doubtful = |c: char| c.is_control() || "\\\"\u{2028}\u{feff}".contains(c);
                let name = &user.identity.username;
                let is_left_out_rightly = values.iter().any(|value| value.contains(doubtful))
                    || name.contains(|c: char| doubtful(c) || c.is_whitespace())
                    || held("name").is_empty()
                    || !day.is_empty()
                    || !matches!(held("updated_at"), "" | "1471453471");
                prop_assert!(is_left_out_rightly, "{:?}", user);
                continue;
            };
            let us_day = match day.split('-').collect::<Vec<_>>()[..] {
                [year, month, day] => format!("{month}/{day}/{year}"),
                _ => String::new(),
            };
            prop_assert_eq!(&row["cognito:username"], &user.identity.username.to_lowercase());
            prop_assert_eq!(["name", "custom:a", "address"].map(|name| row[name].as_str()), values);
            prop_assert_eq!(&row["updated_at"], held("updated_at"));
            prop_assert_eq!(&row["birthdate"], &us_day);
            prop_assert_eq!(&row["email_verified"], "true");
        }
    }
}
