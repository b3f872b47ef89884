//! Names: no two types that other files can name have the same name, and texts name the actor instead of an indefinite
//! pronoun.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    file,
    pages::{docs, files, files_and_tests},
};

/// The type that a line defines for other files, if it does.
fn defined(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    words.next().filter(|word| word.starts_with("pub"))?;
    let kind = words.next()?;
    let name = words.next()?.split(|c: char| !c.is_ascii_alphanumeric());
    name.take(1)
        .find(|_| ["struct", "enum", "trait", "type"].contains(&kind))
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
    // With hyphens, so that this file holds none itself.
    const WORDS: &str = "some-body,some-one,any-body,any-one,every-body,every-one,no-body,no-one,no- one,no-_one,\
                         who-ever,whom-ever";
    let words = WORDS.replace('-', "");
    let count = |text: &str| -> usize { words.split(',').map(|it| text.matches(it).count()).sum() };
    paths.into_iter().fold((0, 0), |(found, lines), path| {
        let text = file(&path).to_lowercase();
        (found + count(&text), lines + text.lines().count())
    })
}

#[test]
fn code_and_pages_name_the_actor() {
    let (found, lines) = pronouns_and_lines(files_and_tests(".rs"));
    assert!(1000 * found <= lines, "{found} in {lines} lines of Rust");
    let (found, _) = pronouns_and_lines(docs());
    assert!(found <= 10, "{found} in README and docs");
}
