//! Names: no two types that other files can name have the same name, and texts name the actor instead of an indefinite
//! pronoun.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    file,
    pages::{docs, files, files_outside},
};

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

/// The number of indefinite pronouns in these files, also inside identifiers, and of lines.
fn pronouns_and_lines(paths: impl IntoIterator<Item = String>) -> (usize, usize) {
    // In two parts, so that this file holds none itself.
    let bodies = ["some", "any", "every", "no"]
        .into_iter()
        .flat_map(|stem| ["body", "one"].map(|end| format!("{stem}{end}")));
    let others = [
        ["no", " one"],
        ["no", "_one"],
        ["who", "ever"],
        ["whom", "ever"],
    ];
    let words: Vec<String> = bodies.chain(others.map(|parts| parts.concat())).collect();
    paths.into_iter().fold((0, 0), |(found, lines), path| {
        let text = file(&path).to_lowercase();
        let here: usize = words.iter().map(|word| text.matches(word).count()).sum();
        (found + here, lines + text.lines().count())
    })
}

#[test]
fn code_and_pages_name_the_actor() {
    let (found, lines) = pronouns_and_lines(files_outside(&["node_modules", "target"], ".rs"));
    assert!(1000 * found <= lines, "{found} in {lines} lines of Rust");
    let (found, _) = pronouns_and_lines(docs());
    assert!(found <= 10, "{found} in README and docs");
}
