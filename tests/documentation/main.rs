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
use rules::{
    admission::FinalUserStatus,
    checks::{self, SourceFacts},
    migrated_user::{MigratedUser, WelcomeMessage},
    outcome::{Cause, Failure, FailureClass, Reason},
    protocol::{PreflightReport, TriggerSource, Users},
    settings::{self, Form, Settings},
    steps::SourceUserIs,
};
use serde_json::Value;
use strum::VariantArray as _;

const MODULE: &str = "terraform/modules/migration-function";
const ALARMS: &str = "docs/alarms.md";
const OPERATING: &str = "docs/operating.md";

fn path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn file(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Settings with every variable at its example; of the two secrets only one can be set.
fn settings() -> Settings {
    let example = |name: &str| {
        let variable = settings::ALL
            .iter()
            .find(|variable| variable.name == name && name != "SRC_CLIENT_SECRET")?;
        Some(variable.example.to_owned())
    };
    Settings::read(example).unwrap()
}

/// The text between the braces that follow `opening` in a Terraform file.
fn block<'a>(text: &'a str, opening: &str) -> &'a str {
    let (before, rest) = text
        .split_once(&format!("{opening} {{\n"))
        .unwrap_or_else(|| panic!("there is no `{opening}`"));
    let indent = before.rsplit('\n').next().unwrap();
    rest.split_once(&format!("\n{indent}}}")).unwrap().0
}

/// Every second part of the text: what stands between quotes, or between backticks.
fn between(quote: char, text: &str) -> BTreeSet<String> {
    let parts = text.split(quote).skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

/// What stands in backticks in the first cell of each row of the page's table that begins with this cell of its head.
fn first_cells(page: &str, head: &str) -> Vec<String> {
    let page = file(page);
    let (_, table) = page
        .split_once(&format!("\n| {head} |"))
        .unwrap_or_else(|| panic!("there is no table of {head}"));
    let rows = table.lines().skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .flat_map(|row| between('`', row.split('|').nth(1).unwrap()))
        .collect()
}

/// The lines of a page that are text and no code.
fn prose(page: &str) -> Vec<String> {
    let mut is_code = false;
    let is_prose = |line: &&str| {
        let fence = line.trim_start().starts_with("```");
        is_code ^= fence;
        !is_code && !fence
    };
    let lines: Vec<_> = page.lines().filter(is_prose).map(str::to_owned).collect();
    lines
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let of_heading = |heading: &str| {
        let kept = heading.trim().chars().flat_map(char::to_lowercase);
        let kept = kept.filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().replace(' ', "-")
    };
    let lines = prose(page);
    let headings = lines.iter().filter(|line| line.starts_with('#'));
    headings
        .map(|line| of_heading(line.trim_start_matches('#')))
        .collect()
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
fn the_terraform_module_sets_exactly_the_variables_that_the_function_reads() {
    let main = file(&format!("{MODULE}/main.tf"));
    let set: Vec<_> = block(&main, "environment =")
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
        .collect();
    let mut read = settings::ALL.map(|variable| variable.name);
    read.sort_unstable();
    assert_eq!(set, read);
}

#[test]
fn terraform_knows_the_values_and_the_default_of_every_variable() {
    let variables = file(&format!("{MODULE}/variables.tf"));
    for variable in settings::ALL {
        let name = variable.name;
        let block = block(&variables, &format!("variable \"{}\"", name.to_lowercase()));
        let default = block
            .lines()
            .find_map(|line| line.trim().strip_prefix("default "))
            .map_or("null", |rest| rest.trim_start_matches([' ', '=']));
        let is_set = block.contains("set(string)");
        match variable.form.default() {
            Some("none") if is_set => assert_eq!(default, "[]", "{name}"),
            Some(words) if is_set => {
                let words: BTreeSet<_> = words.split(',').map(str::to_owned).collect();
                assert_eq!(between('"', default), words, "{name}");
            }
            expected => {
                let default = default.trim_matches('"');
                assert_eq!(default, expected.unwrap_or("null"), "{name}");
            }
        }
        let Form::OneOf { words, old_words } = variable.form else {
            continue;
        };
        if words == ["false", "true"] {
            assert!(block.contains("= bool\n"), "{name}");
            continue;
        }
        let (_, taken) = block
            .lines()
            .find_map(|line| line.trim().strip_prefix("condition ")?.split_once('['))
            .unwrap_or_else(|| panic!("{name} takes any text"));
        let words = words.iter().chain(old_words);
        let words = words.flat_map(|word| word.split(','));
        let words: BTreeSet<_> = words
            .filter(|word| !(is_set && *word == "none"))
            .map(str::to_owned)
            .collect();
        assert_eq!(between('"', taken), words, "{name}");
    }
}

#[test]
fn the_page_names_every_check_of_the_preflight_in_its_order() {
    let failure = || Failure::new(Cause::Unreachable, "", "");
    let facts = SourceFacts {
        credentials: Err(failure()),
        secret: Err(failure()),
        pool: Err(failure()),
        client: Err(failure()),
        profiles: Err(failure()),
        lists: None,
        mfa: None,
        probe_sign_in: None,
        round_trip: None,
        time_limit: Duration::ZERO,
    };
    let checks = checks::source(&settings(), &facts);
    let ids: Vec<_> = checks.iter().map(|check| check.id.as_str()).collect();
    assert_eq!(first_cells(OPERATING, "check"), ids);
}

#[test]
fn the_page_names_every_reason_and_class_of_failures() {
    let reasons = Reason::VARIANTS.iter().map(|reason| reason.as_str());
    let classes = FailureClass::VARIANTS.iter().map(|class| class.as_str());
    let named: BTreeSet<_> = reasons.chain(classes).map(str::to_owned).collect();
    let documented: BTreeSet<_> = first_cells(OPERATING, "reason").into_iter().collect();
    assert_eq!(documented, named);
}

#[test]
fn the_page_names_every_trigger() {
    let page = file(OPERATING);
    let row = page
        .lines()
        .find(|line| line.starts_with("| `trigger` |"))
        .expect("a row of the log's fields");
    let (_, meaning) = row.split_once("| `trigger` |").unwrap();
    let triggers = TriggerSource::VARIANTS.iter().map(|source| source.as_str());
    let triggers: BTreeSet<_> = triggers.map(str::to_owned).collect();
    assert_eq!(between('`', meaning), triggers);
}

#[test]
fn the_page_names_every_outcome_and_every_field_of_the_log() {
    let lines = logged_lines();
    let outcome = |line: &Value| line["outcome"].as_str().expect("a text").to_owned();
    let outcomes: BTreeSet<_> = lines.iter().map(outcome).collect();
    let documented: BTreeSet<_> = first_cells(OPERATING, "outcome").into_iter().collect();
    assert_eq!(documented, outcomes);
    let names = |line: &Value| {
        line.as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect()
    };
    let fields: BTreeSet<String> = lines
        .iter()
        .flat_map(|line| -> Vec<_> { names(line) })
        .collect();
    let documented: BTreeSet<_> = first_cells(OPERATING, "field").into_iter().collect();
    assert_eq!(documented, fields);
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
    let found = |source_user| {
        Outcome::StepsDone(StepsDone {
            source_user,
            ..StepsDone::default()
        })
    };
    let lacking = StepsDone {
        missing_groups: vec!["editors".to_owned()],
        ..StepsDone::default()
    };
    let failure = Failure {
        source_request_id: Some("id".to_owned()),
        ..Failure::new(Cause::Ended, "", "")
    };
    let all = [
        Outcome::Migrated(user),
        Outcome::Allowed,
        Outcome::NotMarked,
        found(SourceUserIs::Gone),
        found(SourceUserIs::Disabled),
        Outcome::SourceUserAlreadyDisabled,
        Outcome::StepsDone(lacking),
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

/// The names of the alarms in Terraform: what stands behind the function's name.
fn alarms() -> BTreeSet<String> {
    let text = file("terraform/modules/monitoring/alarms.tf");
    let name_of = |line: &str| {
        let name = line.strip_prefix("    ")?.strip_suffix(" = {")?;
        (!name.starts_with(' ')).then(|| name.to_owned())
    };
    block(&text, "alarms =")
        .lines()
        .filter_map(name_of)
        .collect()
}

#[test]
fn every_alarm_has_its_section_and_leads_to_it() {
    let sections: BTreeSet<_> = prose(&file(ALARMS))
        .iter()
        .filter_map(|line| line.strip_prefix("## "))
        .map(str::to_owned)
        .collect();
    assert_eq!(sections, alarms());
    let main = file("terraform/modules/monitoring/main.tf");
    assert!(
        main.contains(&format!("What to do: {ALARMS}")),
        "the alarms' description"
    );
}

#[test]
fn the_page_names_the_iam_actions_that_each_setting_needs() {
    // What Terraform's own test compares the policies with, for each setting alone and with the others.
    let test = file(&format!("{MODULE}/tests/policies.tftest.hcl"));
    let (_, needs) = test.split_once("\n    needs = {").unwrap();
    let (needs, _) = needs.split_once("\n    }\n").unwrap();
    let list = |entry: &str, field: &str| -> BTreeSet<String> {
        let name = format!(" {field}");
        let found = entry.split(name.as_str()).skip(1);
        let found = found.filter_map(|rest| rest.trim_start().strip_prefix("= "));
        let found = found.map(|rest| rest.split('[').nth(1).unwrap().split(']').next().unwrap());
        found.flat_map(|list| between('"', list)).collect()
    };
    // `kms:Decrypt on arn:… if {\"…` is documented as its action. What follows the quotes in it is none.
    let action = |text: String| Some(text.split(' ').nth(1)?.to_owned());
    let page = file("docs/security.md");
    let (_, table) = page.split_once("\n| setting in use |").unwrap();
    let rows: Vec<Vec<_>> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').collect())
        .collect();
    let documented = |cell: &str| -> BTreeSet<String> {
        let is_action = |word: &String| !word.contains('=') && !word.contains('_');
        between('`', cell).into_iter().filter(is_action).collect()
    };
    let mut settings = 0;
    for entry in needs.split("\n      \"").skip(1) {
        let (setting, entry) = entry.split_once('"').unwrap();
        let source: BTreeSet<_> = list(entry, "source")
            .union(&list(entry, "source_unless"))
            .cloned()
            .collect();
        let destination = list(entry, "destination");
        let own: BTreeSet<_> = list(entry, "own").into_iter().filter_map(action).collect();
        if source.is_empty() && destination.is_empty() && own.is_empty() {
            continue;
        }
        settings += 1;
        let name = setting.split('=').next().unwrap();
        let row = rows.iter().find(|row| {
            between('`', row[0])
                .iter()
                .any(|word| word.split(' ').next() == Some(name))
        });
        let row = row.unwrap_or_else(|| panic!("{setting}"));
        let cells = row[1..]
            .iter()
            .map(|cell| documented(cell))
            .collect::<Vec<_>>();
        assert_eq!(cells, [source, destination, own], "{setting}");
    }
    assert!(settings > 10);
}

#[test]
fn the_page_names_every_limit_of_an_alarm_with_its_default() {
    let page = file(ALARMS);
    let variables = file("terraform/modules/monitoring/variables.tf");
    let names = variables.split("variable \"").skip(1);
    let names = names.map(|rest| rest.split('"').next().unwrap());
    let limits: Vec<_> = names.filter(|name| name.contains("_alarm_")).collect();
    assert!(limits.len() > 4);
    for name in limits {
        let block = block(&variables, &format!("variable \"{name}\""));
        let default = block
            .lines()
            .find_map(|line| line.trim().strip_prefix("default"));
        let default = default.unwrap().trim_start_matches([' ', '=']);
        let said = match default.parse::<f64>() {
            Err(_) => format!("`{name}`"),
            Ok(number) if name.ends_with("_percent") => format!("{number} % (`{name}`)"),
            Ok(number) if name.ends_with("_ms") => format!("{} s (`{name}`)", number / 1000.0),
            Ok(number) => format!("{number} (`{name}`)"),
        };
        assert!(page.contains(&said), "{said}");
    }
}

#[test]
fn the_page_names_every_saved_query() {
    let main = file("terraform/modules/monitoring/main.tf");
    let queries = block(&main, "queries =").lines();
    let queries =
        queries.filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\" = <<-EOT"));
    let queries: BTreeSet<_> = queries.map(str::to_owned).collect();
    let page = file(OPERATING);
    let row = page
        .lines()
        .find(|line| line.starts_with("| saved queries |"))
        .unwrap();
    assert_eq!(between('"', row), queries);
    // And those that people are told to ask exist.
    for page in [
        ALARMS,
        OPERATING,
        "docs/runbook.md",
        "docs/troubleshooting.md",
    ] {
        let text = prose(&file(page)).join(" ");
        for opening in ["Ask \"", "ask \"", "query \"", "Read \""] {
            for query in text.split(opening).skip(1) {
                let query = query.split('"').next().unwrap();
                assert!(queries.contains(query), "{page}: {query}");
            }
        }
    }
}

#[test]
fn the_example_of_the_costs_counts_what_the_module_makes_and_what_was_measured() {
    let page = file("docs/costs.md");
    let main = file("terraform/modules/monitoring/main.tf");
    // The alarm for a migration that has stopped is off unless it is set.
    let alarms = alarms().len() - 1;
    let counted = block(&main, "counted =").lines();
    let counted = counted.filter(|line| line.contains(" = \"{ ")).count();
    let measured = file("docs/performance.md");
    let milliseconds = |row: &str| -> f64 {
        let mut lines = measured.lines();
        let line = lines.find(|line| line.starts_with(&format!("| {row} |")));
        let cell = line.unwrap().split('|').nth(2).unwrap().trim();
        cell.split(' ').next().unwrap().parse().unwrap()
    };
    let time = |row, cpu| {
        // At 128 MB, with Lambda's share of a core for it.
        let most = (milliseconds(row) + milliseconds(cpu) * 1769.0 / 128.0).round() as u32;
        // Of 200,000 migrations at 128 MB, in hundreds.
        (most, (most * 25 + 50) / 100 * 100)
    };
    let (warm, cost) = time("warm sign-in, 50 ms, p50", "CPU per warm sign-in");
    let (new, cost_of_new) = time(
        "process start → first answer, sign-in waiting, 50 ms",
        "CPU time until the first answer",
    );
    let thousands = |number: u32| format!("{},{:03}", number / 1000, number % 1000);
    for said in [
        format!("| {alarms} (without `idle_alarm_hours`)"),
        format!("| {counted} that the module counts"),
        format!("{warm} ms warm = {} GB-s", thousands(cost)),
        format!(
            "{new} ms if each came in a new process = {} GB-s",
            thousands(cost_of_new)
        ),
    ] {
        assert!(page.contains(&said), "{said}");
    }
}

#[test]
fn the_page_names_every_folder_of_terraform() {
    let modules = fs::read_dir(path("terraform/modules")).unwrap();
    let modules = modules.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let documented = first_cells("docs/deploying.md", "folder");
    for module in modules {
        let folder = format!("terraform/modules/{module}");
        assert!(documented.contains(&folder), "{folder}");
    }
}

/// A crate that does not say so is checked by none of them, and nothing else would tell.
#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let crates = fs::read_dir(path("crates")).unwrap();
    let mut manifests: Vec<_> = crates
        .map(|entry| entry.unwrap().path().join("Cargo.toml"))
        .collect();
    manifests.extend([path("Cargo.toml"), path("benches/speed/Cargo.toml")]);
    for manifest in manifests {
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(
            text.contains("\n[lints]\nworkspace = true\n"),
            "{}",
            manifest.display()
        );
    }
}
