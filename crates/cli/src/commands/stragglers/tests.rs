//! Limits of the files, the users who count as moved, and rows as AWS reads them.

use std::{collections::BTreeMap, fs};

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

/// The rows of these users as AWS reads them.
fn imported(users: &[ListedUser]) -> ImportedUsers {
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
        data_type: DataType::String,
        minimum: None,
        maximum: Some(2048),
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
                schema: ["custom:a", "name"].map(attribute).into(),
                ..UserPoolDescription::default()
            },
            expired_before: None,
        },
        form: &form,
    };
    let rows = users.iter().filter_map(|user| import.row(user).ok());
    let rows: String = rows.map(|row| row.line + "\n").collect();
    let file = format!("{}\n{rows}", form.header().expect("a header"));
    let demands = import_file::ImportPool {
        columns: &columns,
        auto_verified: &["email"],
        required: &["name"],
    };
    import_file::read(file.as_bytes(), &demands).expect("a file that AWS takes")
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
    for row in [
        "other → - -",
        "U7 → moved -",
        "U7@example.com → moved -",
        "sub-7 → moved -",
        "other preferred_username=u7 → moved -",
        "other email=U7@example.com email_verified=true → moved -",
        "other phone_number=+7 phone_number_verified=true → moved -",
        "other email=U7@example.com email_verified=false → unverified -",
        "other phone_number=+7 → unverified -",
        "u7 phone_number=+7 → moved -",
        "other email= → - -",
        "other custom:a=sub-7 → - moved",
        "other custom:a=off/sub-7 → - moved",
        "other custom:a=SUB-7 → - -",
    ] {
        let (other, expected) = row.split_once(" → ").expect("an arrow");
        let name = other.split(' ').next().expect("a name");
        let attributes = other.split(' ').filter_map(|pair| pair.split_once('='));
        let mut other = user(8, &attributes.collect::<Vec<_>>());
        other.identity.username = name.to_owned();
        let found = [None, Some("custom:a")].map(|attribute| {
            let mut moved = Moved::new(attribute);
            moved.add(&user(9, &[]));
            moved.add(&other);
            match moved.sorted().has(&user(7, &[("phone_number", "+7")])) {
                Some(MovedBy::Other) => "moved",
                Some(MovedBy::UnverifiedAddress) => "unverified",
                None => "-",
            }
        });
        assert_eq!(found.join(" "), expected, "{row}");
    }
    // Another user has proved the address.
    let phone = ("phone_number", "+7");
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Days and times have their own tests beside their rule.
    #[test]
    fn aws_reads_what_was_meant_or_there_is_no_row(
        people in proptest::collection::vec((texts(), texts(), texts(), texts()), 1..12),
    ) {
        let users = people.iter().enumerate().map(|(number, (name, a, address, typed))| {
            let mut user = user(number, &[("name", name), ("custom:a", a), ("address", address)]);
            user.identity.username += typed;
            user
        });
        let users: Vec<_> = users.collect();
        let rows = imported(&users);
        let mut rows: BTreeMap<_, _> = rows.iter().map(|row| (row["email"].as_str(), row)).collect();
        for user in &users {
            let held = |name: &str| user.identity.attribute(name).unwrap_or_default().trim();
            let values = ["name", "custom:a", "address"].map(held);
            let name = &user.identity.username;
            match rows.remove(held("email")) {
                Some(row) => {
                    prop_assert_eq!(&row["cognito:username"], &name.to_lowercase());
                    prop_assert_eq!(["name", "custom:a", "address"].map(|name| row[name].as_str()), values);
                    prop_assert_eq!(&row["email_verified"], "true");
                }
                None => {
                    let doubtful = |c: char| c.is_control() || "\\\"\u{2028}\u{feff}".contains(c);
                    let is_left_out_rightly = values.iter().any(|value| value.contains(doubtful))
                        || name.contains(|c: char| doubtful(c) || c.is_whitespace())
                        || values[0].is_empty();
                    prop_assert!(is_left_out_rightly, "{:?}", user);
                }
            }
        }
        prop_assert!(rows.is_empty());
    }
}
