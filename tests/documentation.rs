//! One place for each fact: what README, the pages of docs and Terraform say is compared with the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cognito_user_migration::{
    event::TriggerSource,
    telemetry::{Invocation, Telemetry},
    triggers::{Conclusion, Outcome, StepsDone},
};
use rules::{
    admission::FinalUserStatus,
    checks::{self, Report, SourceFacts, Users},
    migrated_user::{MigratedUser, WelcomeMessage},
    outcome::{Cause, Failure, FailureClass, Reason},
    settings::{self, Form, Settings},
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

/// The pages that people read: README, all of docs, and those that they link to.
fn pages() -> Vec<String> {
    let files = fs::read_dir(path("docs")).unwrap();
    let docs = files.map(|entry| format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    let others = [
        "README.md",
        "benches/README.md",
        "events/README.md",
        "terraform/README.md",
        "terraform/modules/migration-function/README.md",
        "terraform/modules/monitoring/README.md",
        "terraform/modules/source-access-role/README.md",
    ];
    docs.chain(others.map(str::to_owned)).collect()
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
fn no_link_between_the_pages_is_dead() {
    for name in pages() {
        let page = file(&name);
        let text = prose(&page).join("\n");
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.contains("://") {
                continue;
            }
            let (to, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = Path::new(&name).parent().unwrap();
            let target = if to.is_empty() {
                path(&name)
            } else {
                path("").join(folder).join(to)
            };
            assert!(target.exists(), "{name}: {link}");
            if !anchor.is_empty() {
                let page = fs::read_to_string(target).unwrap();
                assert!(anchors(&page).contains(anchor), "{name}: {link}");
            }
        }
    }
}

#[test]
fn the_front_page_is_short_and_leads_to_every_other() {
    let readme = file("README.md");
    assert!(readme.lines().count() <= 200);
    assert!(readme.len() <= 14_000);
    for page in pages().iter().filter(|page| page.starts_with("docs/")) {
        assert!(readme.contains(&format!("]({page})")), "{page}");
    }
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
        sign_in_of_nobody: None,
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
    let gone = StepsDone {
        source_user_gone: true,
        ..StepsDone::default()
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
        Outcome::StepsDone(gone),
        Outcome::StepsDone(lacking),
        Outcome::Reported(Report::new(vec![], users)),
        Outcome::Stopped(Reason::NoPassword.into()),
        Outcome::Stopped(failure.into()),
    ];
    let (mut log, writer) = io::pipe().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(Arc::new(writer))
        .finish();
    let invocation = Invocation {
        trigger: None,
        duration: Duration::ZERO,
        source_time: Duration::ZERO,
        request_id: "",
    };
    let telemetry = Telemetry::new(settings::Metrics::None, None);
    tracing::subscriber::with_default(subscriber, || {
        for outcome in all {
            // A new outcome belongs into the list above.
            match &outcome {
                Outcome::Migrated(_) | Outcome::Allowed | Outcome::NotMarked => {}
                Outcome::StepsDone(_) | Outcome::Reported(_) | Outcome::Stopped(_) => {}
            }
            let source_sub = Some("0a1b2c3d-0000-4000-8000-00000000000f".to_owned());
            telemetry.record(
                &invocation,
                &Conclusion {
                    outcome,
                    source_sub,
                },
            );
        }
    });
    let mut lines = String::new();
    log.read_to_string(&mut lines).unwrap();
    let line = |line| serde_json::from_str(line).unwrap();
    lines.lines().map(line).collect()
}

#[test]
fn every_alarm_has_its_section_and_leads_to_it() {
    let main = file("terraform/modules/monitoring/main.tf");
    let name_of = |line: &str| {
        let (_, rest) = line.trim().split_once("\"${var.function_name}-")?;
        line.trim()
            .starts_with("alarm_name ")
            .then(|| rest.trim_end_matches('"').to_owned())
    };
    let alarms: BTreeSet<_> = main.lines().filter_map(name_of).collect();
    let sections: BTreeSet<_> = prose(&file(ALARMS))
        .iter()
        .filter_map(|line| line.strip_prefix("## "))
        .map(str::to_owned)
        .collect();
    assert_eq!(sections, alarms);
    assert!(
        main.contains(&format!("What to do: {ALARMS}")),
        "the alarms' description"
    );
}

#[test]
fn the_page_names_every_variable_of_the_demonstration_with_its_default() {
    const PAGE: &str = "docs/deploying.md";
    let page = file(PAGE);
    let variables = file("terraform/variables.tf");
    let declared: BTreeSet<_> = variables
        .split("variable \"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    let documented = first_cells(PAGE, "variable of the demonstration");
    assert_eq!(documented.into_iter().collect::<BTreeSet<_>>(), declared);
    for name in declared {
        let block = block(&variables, &format!("variable \"{name}\""));
        let default = block
            .lines()
            .filter_map(|line| line.trim().strip_prefix("default"))
            .find_map(|rest| rest.trim().strip_prefix("= "));
        if let Some(default) = default.filter(|default| *default != "null") {
            let row = format!("\n| `{name}` | `{default}` |");
            assert!(page.contains(&row), "{name}: {default}");
        }
    }
}

#[test]
fn the_page_names_every_iam_action_that_the_module_can_grant() {
    let page = file("docs/security.md");
    let (_, part) = page.split_once("\n## Permissions\n").unwrap();
    let files = fs::read_dir(path(MODULE)).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let terraform: String = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "tf"))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let services = ["cognito-idp:", "ec2:", "kms:", "secretsmanager:", "xray:"];
    let actions: BTreeSet<_> = between('"', &terraform)
        .into_iter()
        .filter(|text| services.iter().any(|service| text.starts_with(service)))
        .filter(|text| !text.contains("EncryptionContext"))
        .collect();
    assert!(actions.len() > 3, "{actions:?}");
    for action in actions {
        let short = action.trim_start_matches("cognito-idp:");
        let named = [short, &action].map(|name| format!("`{name}`"));
        assert!(named.iter().any(|text| part.contains(text)), "{action}");
    }
}
