//! One place for each fact: README's table of settings, the parser and the Terraform variables cannot disagree.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use cognito_user_migration::config::Config;

/// What every configuration here has.
const REQUIRED: [(&str, &str); 3] = [
    ("SRC_USER_POOL_ID", "eu-west-1_Ab12Cd34E"),
    ("SRC_CLIENT_ID", "1example23456789"),
    // Some values mean something only with a mark.
    ("MIGRATION_MARK", "custom:migration"),
];

/// The words that stand in README for a value that is none.
const NO_VALUE: [&str; 3] = ["required", "unset", "from the pool id"];

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of README's table of settings: variable and values, the default first.
fn settings_in_readme() -> BTreeMap<String, Vec<String>> {
    let readme = file("README.md");
    let (_, settings) = readme.split_once("\n## Settings\n").unwrap();
    let (settings, _) = settings.split_once("\n## ").unwrap();
    let rows = settings.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let name = cells[1].trim_matches('`').to_owned();
        let values = cells[2].split(" · ");
        let values = values.map(|value| match value.split('`').nth(1) {
            Some(value) => value.to_owned(),
            None => value.to_owned(),
        });
        (name, values.collect())
    })
    .collect()
}

fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
    let all: HashMap<_, _> = REQUIRED.iter().chain(variables).copied().collect();
    Config::read(|name| all.get(name).map(|value| (*value).to_owned()))
        .map_err(|mistakes| mistakes.to_string())
}

/// Every variable that the parser asks for.
fn variables_of_the_parser() -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let _ = Config::read(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    asked.into_inner()
}

/// The text between the braces that follow `opening` in a Terraform file.
fn block(text: &str, opening: &str) -> String {
    let (_, rest) = text
        .split_once(&format!("{opening} {{\n"))
        .unwrap_or_else(|| panic!("there is no `{opening}`"));
    let indent = text
        .lines()
        .find(|line| line.trim_start().starts_with(&format!("{opening} {{")))
        .map_or(0, |line| line.len() - line.trim_start().len());
    let end = format!("\n{}}}", " ".repeat(indent));
    rest.split_once(&end).unwrap().0.to_owned()
}

#[test]
fn readme_names_exactly_the_variables_that_the_function_reads() {
    let documented: BTreeSet<_> = settings_in_readme().into_keys().collect();
    assert_eq!(documented, variables_of_the_parser());
}

#[test]
fn every_default_in_readme_is_the_parsers_default() {
    let unset = read(&[]).unwrap();
    for (name, values) in settings_in_readme() {
        let default = values[0].as_str();
        if NO_VALUE.contains(&default) {
            continue;
        }
        assert_eq!(
            read(&[(&name, default)]),
            Ok(unset.clone()),
            "{name}={default}"
        );
    }
}

#[test]
fn every_value_in_readme_is_understood_and_means_something_of_its_own() {
    for (name, values) in settings_in_readme() {
        let mut meanings = vec![];
        for value in values
            .iter()
            .filter(|value| !NO_VALUE.contains(&value.as_str()))
        {
            let config = read(&[(&name, value)]).unwrap();
            assert!(!meanings.contains(&config), "{name}={value}");
            meanings.push(config);
        }
    }
}

#[test]
fn the_terraform_module_sets_exactly_the_variables_that_the_function_reads() {
    let main = file("terraform/modules/migration-function/main.tf");
    let set: BTreeSet<_> = block(&main, "environment =")
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().to_owned())
        .collect();
    assert_eq!(set, variables_of_the_parser());
}

#[test]
fn every_value_in_readme_can_be_set_with_terraform() {
    let variables = file("terraform/modules/migration-function/variables.tf");
    for (name, values) in settings_in_readme() {
        let variable = block(&variables, &format!("variable \"{}\"", name.to_lowercase()));
        let values: Vec<_> = values
            .iter()
            .filter(|value| !NO_VALUE.contains(&value.as_str()) && *value != "{}")
            .collect();
        // Lists are written as lists there, and true and false are their own type.
        if variable.contains("list(string)") || variable.contains("set(string)") {
            for medium in values
                .iter()
                .flat_map(|value| value.split(','))
                .filter(|v| *v != "none")
            {
                assert!(
                    variable.contains(&format!("\"{medium}\"")),
                    "{name}: {medium}"
                );
            }
        } else if !variable.contains("= bool\n") {
            for value in values {
                assert!(variable.contains(value.as_str()), "{name}: {value}");
            }
        }
    }
}

/// What stands in backticks in the first cell of each row of a table that begins with this cell of its head.
fn first_cells(text: &str, head: &str) -> Vec<String> {
    let (_, table) = text
        .split_once(&format!("\n| {head} |"))
        .unwrap_or_else(|| panic!("there is no table of {head}"));
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.flat_map(|row| {
        let cell = row.split('|').nth(1).unwrap_or_default();
        let in_backticks = cell.split('`').skip(1).step_by(2);
        in_backticks.map(str::to_owned).collect::<Vec<_>>()
    })
    .collect()
}

/// The texts in quotes that follow `before` in a source file.
fn quoted_after(path: &str, before: &str) -> BTreeSet<String> {
    let text = file(path);
    let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
    let before = format!("{before}\"");
    let parts = code.split(&before).skip(1);
    parts
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn readme_names_every_check_of_the_preflight_in_its_order() {
    let code = file("src/preflight/checks.rs");
    let checks: Vec<_> = code
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(\"")?.split_once("\", view."))
        .map(|(id, _)| id.to_owned())
        .collect();
    assert!(checks.len() > 15, "{checks:?}");
    assert_eq!(first_cells(&file("README.md"), "check"), checks);
}

#[test]
fn readme_names_every_outcome_and_every_reason() {
    let readme = file("README.md");
    let outcomes: BTreeSet<_> = first_cells(&readme, "`outcome`").into_iter().collect();
    assert_eq!(outcomes, quoted_after("src/handler.rs", "outcome = "));
    // The types of Lambda errors stand there too, in capitals.
    let mut reasons = quoted_after("src/error.rs", "=> ");
    reasons.retain(|text| text.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
    assert!(reasons.contains("user_not_found"), "{reasons:?}");
    for reason in reasons {
        assert!(readme.contains(&format!("`{reason}`")), "{reason}");
    }
}

/// The variables that a Terraform file declares.
fn variables_of(path: &str) -> BTreeSet<String> {
    quoted_after(path, "variable ")
}

#[test]
fn readme_names_every_variable_of_the_demonstration_with_its_default() {
    let readme = file("README.md");
    let documented: BTreeSet<_> = first_cells(&readme, "variable of the demonstration")
        .into_iter()
        .collect();
    let declared = variables_of("terraform/variables.tf");
    assert_eq!(documented, declared);
    let variables = file("terraform/variables.tf");
    for name in declared {
        let block = block(&variables, &format!("variable \"{name}\""));
        let default = block
            .lines()
            .filter_map(|line| line.trim().strip_prefix("default"))
            .find_map(|rest| rest.trim().strip_prefix("= "));
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` | ")))
            .unwrap();
        match default {
            Some("null") | None => {}
            Some(default) => assert!(
                row.starts_with(&format!("| `{name}` | `{default}` |")),
                "{name}: {default}"
            ),
        }
    }
}

/// What the function and the role in the source account must agree on.
#[test]
fn readme_names_what_both_modules_must_be_given_alike() {
    let function = variables_of("terraform/modules/migration-function/variables.tf");
    let role = variables_of("terraform/modules/source-access-role/variables.tf");
    let mut common: BTreeSet<_> = function.intersection(&role).cloned().collect();
    // Which pool it is goes without saying, and each has a name of its own.
    for name in ["name", "src_user_pool_id"] {
        common.remove(name);
    }
    let readme = file("README.md");
    let (_, sentence) = readme.split_once("Give both modules the same ").unwrap();
    let (sentence, _) = sentence.split_once(':').unwrap();
    let named: BTreeSet<_> = sentence
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert_eq!(named, common);
}

#[test]
fn readme_names_every_iam_action_that_a_role_can_be_given() {
    let readme = file("README.md");
    let (_, part) = readme
        .split_once("The role of the function may do this")
        .unwrap();
    let (part, _) = part.split_once("\n### ").unwrap();
    for path in [
        "terraform/modules/source-permissions/outputs.tf",
        "terraform/modules/migration-function/main.tf",
    ] {
        let code = file(path);
        let actions: Vec<_> = code
            .split("cognito-idp:")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(actions.len() > 3, "{path}: {actions:?}");
        for action in actions {
            let named = [format!("`{action}`"), format!("`cognito-idp:{action}`")];
            assert!(
                named.iter().any(|text| part.contains(text)),
                "{path}: {action}"
            );
        }
    }
}
