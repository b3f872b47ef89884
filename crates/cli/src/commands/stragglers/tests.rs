//! Limits of the files, and the users who count as moved.

use std::fs;

use rules::evidence::{Identity, ListedUser, UserStatus};
use tempfile::NamedTempFile;

use super::{
    files::{Files, LEFT_OUT, named},
    moved::MovedBy,
    *,
};

/// A user with the name and the `sub` of this number, and these further attributes: `NAME=VALUE`.
fn user(number: usize, attributes: &str) -> ListedUser {
    let sub = ("sub".to_owned(), format!("sub-{number}"));
    let pairs = attributes
        .split(' ')
        .filter_map(|pair| pair.split_once('='));
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    ListedUser {
        identity: Identity {
            username: format!("u{number}"),
            attributes: pairs.chain([sub]).collect(),
        },
        enabled: true,
        status: UserStatus::Confirmed,
        last_modified: None,
    }
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
    let written = paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("the file"));
    assert!(written.eq(whole));
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
    assert_eq!(left.count(), 1);
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
        let seven = user(
            7,
            "email=u7@example.com email_verified=true phone_number=+7",
        );
        let (other, expected) = row.split_once(" → ").expect("an arrow");
        let name = other.split(' ').next().expect("a name");
        let mut other = user(8, other);
        other.identity.username = name.to_owned();
        let found = [None, Some("custom:a")].map(|attribute| {
            let mut moved = Moved::new(attribute);
            moved.add(&user(9, ""));
            moved.add(&other);
            match moved.sorted().has(&seven) {
                Some(MovedBy::Other) => "moved",
                Some(MovedBy::UnverifiedAddress) => "unverified",
                None => "-",
            }
        });
        assert_eq!(found.join(" "), expected, "{row}");
    }
    // Another user has proved the address.
    let mut moved = Moved::new(None);
    moved.add(&user(8, "phone_number=+7"));
    moved.add(&user(9, "phone_number=+7 phone_number_verified=true"));
    assert!(moved.sorted().has(&user(7, "phone_number=+7")) == Some(MovedBy::Other));
}
