//! Comparisons of README, docs and Terraform with the code.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends in a panic"
)]

mod arrows;
mod decisions;
mod made;
mod names;
mod open_questions;
mod pages;
mod sign_in_names;
mod terraform;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use cognito_user_migration::{
    telemetry::{self, Invocation},
    triggers::{Conclusion, Outcome, StepsDone},
};
use insight::finding::Finding;
use rules::{
    admission::FinalUserStatus,
    checks::CheckId,
    migrated_user::{MigratedUser, WelcomeMessage},
    outcome::{Cause, Failure, FailureClass, Reason},
    protocol::{PreflightReport, TriggerSource, Users},
    steps::SourceUserIs,
};
use serde_json::Value;
use strum::VariantArray as _;

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
    let (_, table) = text
        .split_once(&format!("\n| {head} |"))
        .unwrap_or_else(|| panic!("{page} has no table of {head}"));
    let table = format!("| {head} |{table}");
    let lines = table.lines().take_while(|line| line.starts_with('|'));
    let lines = lines.filter(|line| !line.starts_with("|---"));
    let cells = lines.map(|line| line.trim_matches('|').split('|'));
    cells
        .map(|cells| cells.map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// What stands in backticks in the first cell of each row of that table.
fn first_cells(page: &str, head: &str) -> Vec<String> {
    let rows = table(page, head).into_iter().skip(1);
    rows.flat_map(|row| between('`', &row[0])).collect()
}

#[test]
fn the_figures_of_the_front_page_are_those_that_were_measured() {
    let measured = file("docs/performance.md");
    let readme = file("README.md");
    let (_, part) = readme.split_once("\n## Figures\n").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    let rows: Vec<_> = part.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 2);
    for row in rows {
        assert!(measured.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn the_page_names_every_check_in_its_order() {
    let ids: Vec<_> = CheckId::VARIANTS.iter().map(|id| id.name()).collect();
    let of_source = first_cells(OPERATING, "check");
    let (source, others) = ids.split_at(of_source.len());
    assert_eq!(of_source, source);
    let page = file(OPERATING);
    let (_, part) = page
        .split_once("\n### Look at the destination pool\n")
        .unwrap();
    let (part, _) = part.split_once("\n- ").unwrap();
    let mut named = between('`', part);
    named.retain(|word| word.contains('.'));
    assert_eq!(named, others.iter().cloned().collect());
}

/// The first column of a table lists what the code has, whatever the order.
#[test]
fn the_pages_list_what_the_code_has() {
    const EVENTS: &str = "events/README.md";
    let lines = logged_lines();
    let outcomes = lines.iter().filter_map(|line| line["outcome"].as_str());
    let reasons = Reason::VARIANTS.iter().map(|reason| reason.as_str());
    let classes = FailureClass::VARIANTS.iter().map(|class| class.as_str());
    let findings = Finding::VARIANTS.iter().map(|finding| finding.as_str());
    let expected: Value = serde_json::from_str(&file("events/expected.json")).unwrap();
    let events = expected["events"].as_object().unwrap().values();
    for (page, head, known) in [
        (OPERATING, "outcome", owned(outcomes)),
        (OPERATING, "field", lines.iter().flat_map(keys).collect()),
        (OPERATING, "reason", owned(reasons.chain(classes))),
        ("docs/survey.md", "finding", owned(findings)),
        (EVENTS, "part", keys(&expected)),
        (EVENTS, "field", events.flat_map(keys).collect()),
    ] {
        let named: BTreeSet<_> = first_cells(page, head).into_iter().collect();
        assert_eq!(named, known, "{page}: {head}");
    }
    let fields = table(OPERATING, "field");
    let row = fields.iter().find(|row| row[0] == "`trigger`");
    let triggers = TriggerSource::VARIANTS.iter().map(|source| source.as_str());
    assert_eq!(between('`', &row.unwrap()[1]), owned(triggers));
}

/// A line of each outcome, with each field that it can have.
fn logged_lines() -> Vec<Value> {
    let user = MigratedUser {
        attributes: BTreeMap::new(),
        final_status: Some(FinalUserStatus::Confirmed),
        welcome_message: WelcomeMessage::None,
        force_alias_creation: false,
        enable_sms_mfa: false,
    };
    let users = Users {
        source: Some(1),
        destination: None,
    };
    let done = |source_user| {
        let missing_groups = vec!["editors".to_owned()];
        Outcome::StepsDone(StepsDone {
            missing_groups,
            source_user,
        })
    };
    let failure = Failure {
        source_request_id: Some("id".to_owned()),
        ..Failure::new(Cause::Ended, "", "")
    };
    let all = [
        Outcome::Migrated(user),
        Outcome::Allowed,
        Outcome::NotMarked,
        done(SourceUserIs::default()),
        done(SourceUserIs::Gone),
        done(SourceUserIs::Disabled),
        Outcome::SourceUserAlreadyDisabled,
        Outcome::Reported(PreflightReport::new(vec![], users)),
        Outcome::Stopped(Reason::NoPassword.into()),
        Outcome::Stopped(failure.into()),
    ];
    let invocation = Invocation {
        trigger: None,
        duration: Duration::ZERO,
        source_time: Duration::ZERO,
        request_id: "",
    };
    let line = |outcome| {
        // A new outcome belongs into the list above.
        match &outcome {
            Outcome::Migrated(_) | Outcome::Allowed | Outcome::NotMarked => {}
            Outcome::StepsDone(_) | Outcome::SourceUserAlreadyDisabled => {}
            Outcome::Reported(_) | Outcome::Stopped(_) => {}
        }
        let source_sub = Some("0a1b2c3d-0000-4000-8000-00000000000f".to_owned());
        let conclusion = Conclusion {
            outcome,
            source_sub,
        };
        serde_json::to_value(telemetry::line(&invocation, &conclusion)).unwrap()
    };
    all.map(line).to_vec()
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
