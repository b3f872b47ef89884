//! Terraform's files, compared with the code and the pages; and rules for every user pool and app client in them.

use std::{collections::BTreeSet, fs};

use rules::settings::{self, Form};
use serde_json::{Value, json};

use super::{
    OPERATING, between, file, first_cells, keys, owned, pages::files, path, prose, table, terraform,
};

const MODULE: &str = "terraform/modules/migration-function";
const MONITORING: &str = "terraform/modules/monitoring";
const ALARMS: &str = "docs/alarms.md";

/// The local values of these files.
fn locals(name: &str) -> Value {
    terraform(name)["locals"].take()
}

fn variables(module: &str) -> Value {
    terraform(&format!("{module}/variables.tf"))["variable"].take()
}

fn monitoring() -> Value {
    locals(&format!("{MONITORING}/main.tf"))
}

/// The names of the alarms: what stands behind the function's name.
fn alarms() -> BTreeSet<String> {
    keys(&locals(&format!("{MONITORING}/alarms.tf"))["alarms"])
}

#[test]
fn the_module_sets_exactly_the_variables_that_the_function_reads() {
    let set = keys(&locals(&format!("{MODULE}/main.tf"))["environment"]);
    assert_eq!(set, owned(settings::ALL.map(|variable| variable.name)));
}

#[test]
fn the_module_knows_the_values_and_the_default_of_every_variable() {
    let variables = variables(MODULE);
    for variable in settings::ALL {
        let name = variable.name;
        let body = &variables[name.to_lowercase()];
        let is_set = body["type"] == "${set(string)}";
        let sorted =
            |words: &str| owned(words.split(',').filter(|word| !is_set || *word != "none"));
        let default = match &body["default"] {
            Value::Null => BTreeSet::from(["null".to_owned()]),
            Value::Array(words) => owned(words.iter().filter_map(Value::as_str)),
            Value::String(word) => sorted(word),
            other => sorted(&other.to_string()),
        };
        let expected = variable.form.default().unwrap_or("null");
        assert_eq!(default, sorted(expected), "{name}");
        let Form::OneOf { words, old_words } = variable.form else {
            continue;
        };
        if words == ["false", "true"] {
            assert_eq!(body["type"], "${bool}", "{name}");
            continue;
        }
        let rules = match &body["validation"] {
            Value::Array(rules) => rules.clone(),
            rule => vec![rule.clone()],
        };
        let mut conditions = rules.iter().filter_map(|rule| rule["condition"].as_str());
        let taken = conditions.find_map(|condition| condition.split_once('['));
        let (_, taken) = taken.unwrap_or_else(|| panic!("{name} takes any text"));
        let words = words.iter().chain(old_words).flat_map(|word| sorted(word));
        assert_eq!(between('"', taken), words.collect(), "{name}");
    }
}

#[test]
fn every_alarm_has_its_section_and_leads_to_it() {
    let page = prose(ALARMS);
    let sections = page.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(owned(sections), alarms());
    let main = file(&format!("{MONITORING}/main.tf"));
    assert!(main.contains(&format!("What to do: {ALARMS}")));
}

#[test]
fn the_page_names_the_iam_actions_that_each_setting_needs() {
    // What Terraform's own test compares the policies with, for each setting alone and with the others.
    let test = terraform(&format!("{MODULE}/tests/policies.tftest.hcl"));
    let run = &test["run"]["each_setting_gives_what_it_needs_and_nothing_else"];
    let needs = run["variables"]["needs"].as_object().unwrap();
    let texts = |list: &Value| -> BTreeSet<String> {
        let list = list.as_array().into_iter().flatten();
        owned(list.filter_map(Value::as_str))
    };
    let rows = table("docs/security.md", "setting in use");
    let documented = |cell: &String| -> BTreeSet<String> {
        let mut words = between('`', cell);
        words.retain(|word| !word.contains(['=', '_']));
        words
    };
    let mut settings = 0;
    for (setting, needed) in needs {
        let unless = needed["source_unless"].as_object().into_iter().flatten();
        let mut source = texts(&needed["source"]);
        source.extend(unless.flat_map(|(_, actions)| texts(actions)));
        let own = texts(&needed["own"]);
        // `Allow kms:Decrypt on arn:…` is documented as its action.
        let own = owned(own.iter().filter_map(|text| text.split(' ').nth(1)));
        let all = [source, texts(&needed["destination"]), own];
        if all.iter().all(BTreeSet::is_empty) {
            continue;
        }
        settings += 1;
        let name = setting.split('=').next();
        let is_named = |row: &&Vec<String>| {
            let words = between('`', &row[0]);
            words.iter().any(|word| word.split(' ').next() == name)
        };
        let row = rows.iter().find(is_named);
        let cells = &row.unwrap_or_else(|| panic!("{setting}"))[1..];
        let cells: Vec<_> = cells.iter().map(documented).collect();
        assert_eq!(cells, all, "{setting}");
    }
    assert!(settings > 10);
}

#[test]
fn the_page_names_every_limit_of_an_alarm_with_its_default() {
    let page = file(ALARMS);
    let variables = variables(MONITORING);
    let limits = variables.as_object().unwrap().iter();
    let limits: Vec<_> = limits
        .filter(|(name, _)| name.contains("_alarm_"))
        .collect();
    assert!(limits.len() > 4);
    for (name, body) in limits {
        let said = match body["default"].as_f64() {
            None => format!("`{name}`"),
            Some(number) if name.ends_with("_percent") => format!("{number} % (`{name}`)"),
            Some(number) if name.ends_with("_ms") => format!("{} s (`{name}`)", number / 1000.0),
            Some(number) => format!("{number} (`{name}`)"),
        };
        assert!(page.contains(&said), "{said}");
    }
}

#[test]
fn the_page_names_every_saved_query() {
    let queries = keys(&monitoring()["queries"]);
    let page = file(OPERATING);
    let row = page
        .lines()
        .find(|line| line.starts_with("| saved queries |"));
    assert_eq!(between('"', row.unwrap()), queries);
    // And those that people are told to ask exist.
    for page in [
        ALARMS,
        OPERATING,
        "docs/runbook.md",
        "docs/troubleshooting.md",
    ] {
        let text = prose(page).replace('\n', " ");
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
    // The alarm for a migration that has stopped is off unless it is set.
    let alarms = alarms().len() - 1;
    let counted = keys(&monitoring()["counted"]).len();
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
    let thousands = |number: u32| format!("{},{:03} GB-s", number / 1000, number % 1000);
    let (cost, cost_of_new) = (thousands(cost), thousands(cost_of_new));
    for said in [
        format!("| {alarms} (without `idle_alarm_hours`)"),
        format!("| {counted} that the module counts"),
        format!("{warm} ms warm = {cost}"),
        format!("{new} ms if each came in a new process = {cost_of_new}"),
    ] {
        assert!(page.contains(&said), "{said}");
    }
}

#[test]
fn the_page_names_every_folder_of_terraform() {
    let documented = first_cells("docs/deploying.md", "folder");
    for module in fs::read_dir(path("terraform/modules")).unwrap() {
        let module = module.unwrap().file_name().into_string().unwrap();
        let folder = format!("terraform/modules/{module}");
        assert!(documented.contains(&folder), "{folder}");
    }
}

/// The resources of this type in Terraform's files and on the pages, each with its place.
fn resources(kind: &str) -> Vec<(String, Value)> {
    let mut texts = vec![];
    let mut names = [files(".tf"), files(".md")].concat();
    // Templates are no Terraform yet.
    names.retain(|name| !name.starts_with("crates/"));
    for name in names {
        let text = file(&name);
        let blocks = match name.strip_suffix(".md") {
            Some(_) => text.split("```hcl\n").skip(1).collect(),
            None => vec![text.as_str()],
        };
        let blocks = blocks.iter().filter_map(|block| block.split("```").next());
        texts.extend(blocks.map(|block| (name.clone(), block.to_owned())));
    }
    let mut found = vec![];
    for (place, text) in texts {
        let read: Value = hcl::from_str(&text).unwrap_or_else(|error| panic!("{place}: {error}"));
        for (name, body) in read["resource"][kind].as_object().into_iter().flatten() {
            found.push((format!("{place}: {name}"), body.clone()));
        }
    }
    found
}

#[test]
fn every_app_client_hides_who_exists_and_names_what_users_may_write() {
    let clients = resources("aws_cognito_user_pool_client");
    assert!(clients.len() > 4);
    for (place, client) in &clients {
        assert_eq!(
            client["prevent_user_existence_errors"], "ENABLED",
            "{place}"
        );
        assert!(!client["write_attributes"].is_null(), "{place}");
    }
}

/// The demonstration must be destroyed again: its pools are not protected.
#[test]
fn every_pool_verifies_an_address_before_it_changes_and_is_protected_in_an_example_and_nowhere_else()
 {
    let mut pools = resources("aws_cognito_user_pool");
    pools.retain(|(place, _)| place.starts_with("terraform/"));
    assert_eq!(pools.len(), 4);
    for (place, pool) in &pools {
        assert_eq!(
            pool["auto_verified_attributes"],
            json!(["email"]),
            "{place}"
        );
        let updates = &pool["user_attribute_update_settings"];
        let waits = &updates["attributes_require_verification_before_update"];
        assert_eq!(*waits, json!(["email"]), "{place}");
        let is_protected = pool["deletion_protection"] == "ACTIVE";
        let is_kept = pool["lifecycle"]["prevent_destroy"] == true;
        let is_example = place.starts_with("terraform/examples/");
        assert_eq!((is_protected, is_kept), (is_example, is_example), "{place}");
    }
}

/// Terraform would delete the pool with its users. `tools/test/pages.py` plans what the pages add.
#[test]
fn the_page_warns_of_what_replaces_a_pool() {
    let page = file("docs/deploying.md");
    assert!(page.contains("\"must be replaced\""));
    for name in [
        "name",
        "alias_attributes",
        "username_attributes",
        "username_configuration",
    ] {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

/// A flood of unknown names takes the invocations of users who have moved. What to reserve depends on the account, so
/// only the hardened example does.
#[test]
fn one_example_reserves_concurrency_and_the_pages_say_what_a_flood_does() {
    let mut setting = files(".tf");
    setting.retain(|name| file(name).contains("\n  reserved_concurrency "));
    assert_eq!(setting, ["terraform/examples/hardened/main.tf"]);
    let said = "flood of unknown names, `reserved_concurrency`, throttles, users who have moved";
    for page in ["docs/deploying.md", "docs/security.md", "docs/alarms.md"] {
        let text = file(page).replace('\n', " ");
        for words in said.split(", ").chain(["#concurrency"]) {
            assert!(text.contains(words), "{page}: {words}");
        }
    }
}
