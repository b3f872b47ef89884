//! Comparisons of README, docs and Terraform with the code.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends in a panic"
)]

mod arrows;
mod decisions;
mod lists;
mod made;
mod names;
mod pages;
mod sign_in_names;
mod terraform;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

const OPERATING: &str = "docs/operating.md";

fn path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn file(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A file of Terraform: its blocks by type and labels. What is no plain value is a text, `${…}`.
fn terraform(name: &str) -> Value {
    hcl::from_str(&file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn keys(object: &Value) -> BTreeSet<String> {
    let object = object.as_object().expect("an object");
    object.keys().cloned().collect()
}

/// Every second part of the text: what stands between quotes, or between backticks.
fn between(quote: char, text: &str) -> BTreeSet<String> {
    let parts = text.split(quote).skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

fn owned<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

/// The text of a page without its code.
fn prose(page: &str) -> String {
    file(page).split("```").step_by(2).collect()
}

/// The page's table whose head begins like this: the cells of its head, and of each row.
fn table(page: &str, head: &str) -> Vec<Vec<String>> {
    let text = file(page);
    let head = format!("| {head} |");
    let lines = text.lines().skip_while(|line| !line.starts_with(&head));
    let lines = lines.take_while(|line| line.starts_with('|'));
    let cells = lines.filter(|line| !line.starts_with("|---")).map(|line| {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    });
    let rows: Vec<_> = cells.collect();
    assert!(rows.len() > 1, "{page} has no table of {head}");
    rows
}

/// The row of that table whose first cell holds this.
fn row(page: &str, head: &str, first: &str) -> Vec<String> {
    let mut rows = table(page, head).into_iter();
    let row = rows.find(|row| row[0].contains(first));
    row.unwrap_or_else(|| panic!("{page}: {head}: {first}"))
}

/// What stands in backticks in the first cell of each row of that table.
fn first_cells(page: &str, head: &str) -> Vec<String> {
    let rows = table(page, head).into_iter().skip(1);
    rows.flat_map(|row| between('`', &row[0])).collect()
}

/// Fails unless each of these texts, one at least, stands in the file, wherever its lines end.
fn says<T: AsRef<str>>(name: &str, texts: impl IntoIterator<Item = T>) {
    let file = file(name).replace('\n', " ");
    let mut texts = texts.into_iter().peekable();
    assert!(texts.peek().is_some(), "{name}");
    for text in texts {
        let text = text.as_ref();
        assert!(file.contains(text), "{name}: {text}");
    }
}

#[test]
fn the_figures_of_the_front_page_are_those_that_were_measured() {
    let readme = file("README.md");
    let (_, part) = readme.split_once("\n## Figures\n").unwrap();
    let part = part.split("\n## ").next().unwrap();
    let rows = part.lines().filter(|line| line.starts_with('|'));
    says("docs/performance.md", rows);
}

/// A crate that does not say so is checked by none of them, and nothing else would tell.
#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let crates = fs::read_dir(path("crates")).unwrap();
    let crates = crates.map(|entry| entry.unwrap().path());
    for folder in crates.chain([path(""), path("benches/speed")]) {
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let takes = text.contains("\n[lints]\nworkspace = true\n");
        assert!(takes, "{}", folder.display());
    }
}
