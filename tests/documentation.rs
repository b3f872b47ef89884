//! One place for each fact: what README, the settings page and Terraform say is compared with the code.

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

/// What stands in backticks in the first cell of each row of README's table that begins with this cell of its head.
fn first_cells(head: &str) -> Vec<String> {
    let readme = file("README.md");
    let (_, table) = readme
        .split_once(&format!("\n| {head} |"))
        .unwrap_or_else(|| panic!("there is no table of {head}"));
    let rows = table.lines().skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .flat_map(|row| between('`', row.split('|').nth(1).unwrap()))
        .collect()
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
        let Form::OneOf { words, .. } = variable.form else {
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
        let words = words.iter().flat_map(|word| word.split(','));
        let words: BTreeSet<_> = words
            .filter(|word| !(is_set && *word == "none"))
            .map(str::to_owned)
            .collect();
        assert_eq!(between('"', taken), words, "{name}");
    }
}

#[test]
fn readme_names_every_check_of_the_preflight_in_its_order() {
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
    assert_eq!(first_cells("check"), ids);
}

#[test]
fn readme_names_every_reason_class_of_failures_and_trigger() {
    let readme = file("README.md");
    let reasons = Reason::VARIANTS.iter().map(|reason| reason.as_str());
    let classes = FailureClass::VARIANTS.iter().map(|class| class.as_str());
    let triggers = TriggerSource::VARIANTS.iter().map(|source| source.as_str());
    for name in reasons.chain(classes).chain(triggers) {
        let quoted = ['`', '"'].map(|quote| format!("{quote}{name}{quote}"));
        assert!(quoted.iter().any(|text| readme.contains(text)), "{name}");
    }
}

#[test]
fn readme_names_every_outcome() {
    let documented: BTreeSet<_> = first_cells("`outcome`").into_iter().collect();
    assert_eq!(documented, logged_outcomes());
}

/// The `outcome` of the line that each outcome is logged with.
fn logged_outcomes() -> BTreeSet<String> {
    let user = MigratedUser {
        attributes: BTreeMap::new(),
        final_status: Some(FinalUserStatus::Confirmed),
        welcome_message: WelcomeMessage::None,
        force_alias_creation: false,
        enable_sms_mfa: false,
    };
    let users = Users {
        source: None,
        destination: None,
    };
    let all = [
        Outcome::Migrated(user),
        Outcome::Allowed,
        Outcome::NotMarked,
        Outcome::StepsDone(StepsDone::default()),
        Outcome::Reported(Report::new(vec![], users)),
        Outcome::Stopped(Reason::NoPassword.into()),
        Outcome::Stopped(Failure::new(Cause::Ended, "", "").into()),
    ];
    let (mut log, writer) = io::pipe().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
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
            telemetry.record(&invocation, &Conclusion::from(outcome));
        }
    });
    let mut lines = String::new();
    log.read_to_string(&mut lines).unwrap();
    let outcome = |line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["outcome"].as_str().expect("a text").to_owned()
    };
    lines.lines().map(outcome).collect()
}

#[test]
fn readme_names_every_variable_of_the_demonstration_with_its_default() {
    let readme = file("README.md");
    let variables = file("terraform/variables.tf");
    let declared: BTreeSet<_> = variables
        .split("variable \"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    let documented = first_cells("variable of the demonstration");
    assert_eq!(documented.into_iter().collect::<BTreeSet<_>>(), declared);
    for name in declared {
        let block = block(&variables, &format!("variable \"{name}\""));
        let default = block
            .lines()
            .filter_map(|line| line.trim().strip_prefix("default"))
            .find_map(|rest| rest.trim().strip_prefix("= "));
        if let Some(default) = default.filter(|default| *default != "null") {
            let row = format!("\n| `{name}` | `{default}` |");
            assert!(readme.contains(&row), "{name}: {default}");
        }
    }
}

#[test]
fn readme_names_every_iam_action_that_the_module_can_grant() {
    let readme = file("README.md");
    let (_, part) = readme
        .split_once("The role of the function may do this")
        .unwrap();
    let (part, _) = part.split_once("\n### ").unwrap();
    let files = fs::read_dir(path(MODULE)).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let terraform: String = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "tf"))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let actions: BTreeSet<_> = between('"', &terraform)
        .into_iter()
        .filter_map(|text| text.strip_prefix("cognito-idp:").map(str::to_owned))
        .collect();
    assert!(actions.len() > 3, "{actions:?}");
    for action in actions {
        let named = [format!("`{action}`"), format!("`cognito-idp:{action}`")];
        assert!(named.iter().any(|text| part.contains(text)), "{action}");
    }
}
