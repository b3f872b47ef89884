//! One name, one thing: no two types that other files can name have the same name.

use std::collections::{BTreeMap, BTreeSet};

use super::{file, pages::files};

/// The type that a line defines for other files, if it does.
fn defined(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (_, item) = line.split_once(' ').filter(|_| line.starts_with("pub"))?;
    let (kind, rest) = item.split_once(' ')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = rest.split(|c| !is_part(c)).next()?;
    ["struct", "enum", "trait", "type"]
        .contains(&kind)
        .then_some(name)
}

#[test]
fn no_two_types_that_other_files_can_name_have_the_same_name() {
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files(".rs") {
        for name in file(&path).lines().filter_map(defined) {
            let home = homes.entry(name.to_owned()).or_default();
            home.insert(path.clone());
        }
    }
    assert!(homes.len() > 300, "{}", homes.len());
    homes.retain(|_, paths| paths.len() > 1);
    assert!(homes.is_empty(), "{homes:#?}");
}
