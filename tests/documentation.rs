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
