//! Terraform's files, compared with the code and the pages; and rules for every user pool and app client in them.

use std::{collections::BTreeSet, fs};

use rules::settings::{self, Form};
use serde_json::{Value, json};

use super::{
    OPERATING, between, file, keys, owned, pages::files, path, prose, says, table, terraform,
};

pub(super) const MODULE: &str = "terraform/modules/migration-function";
const MONITORING: &str = "terraform/modules/monitoring";
pub(super) const ALARMS: &str = "docs/alarms.md";

/// The local values of these files.
pub(super) fn locals(name: &str) -> Value {
    terraform(name)["locals"].take()
}

fn variables(module: &str) -> Value {
    terraform(&format!("{module}/variables.tf"))["variable"].take()
}

fn monitoring() -> Value {
    locals(&format!("{MONITORING}/main.tf"))
}

/// The names of the saved queries.
pub(super) fn queries() -> BTreeSet<String> {
    keys(&monitoring()["queries"])
}

/// The names of the alarms: what stands behind the function's name.
pub(super) fn alarms() -> BTreeSet<String> {
    keys(&locals(&format!("{MONITORING}/alarms.tf"))["alarms"])
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
fn the_page_names_the_iam_actions_that_each_setting_needs() {
    // What Terraform's own test compares the policies with, for each setting alone and with the others.
    let test = terraform(&format!("{MODULE}/tests/policies.tftest.hcl"));
    let run = &test["run"]["each_setting_gives_what_it_needs_and_nothing_else"];
    let needs = run["variables"]["needs"].as_object().unwrap();
    let texts = |list: &Value| -> BTreeSet<String> {
        let list = list.as_array().into_iter().flatten();
        owned(list.filter_map(Value::as_str))
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
        let name = format!("`{}", setting.split('=').next().unwrap());
        let mut rows = table("docs/security.md", "setting in use").into_iter();
        let ends = ["`", " "].map(|end| format!("{name}{end}"));
        let row = rows.find(|row| ends.iter().any(|name| row[0].contains(name)));
        let row = row.unwrap_or_else(|| panic!("{setting}"));
        let documented = row[1..].iter().map(|cell| {
            let mut words = between('`', cell);
            words.retain(|word| !word.contains(['=', '_']));
            words
        });
        assert_eq!(documented.collect::<Vec<_>>(), all, "{setting}");
    }
    assert!(settings > 10);
}

#[test]
fn the_page_names_every_limit_of_an_alarm_with_its_default() {
    let variables = variables(MONITORING);
    let mut limits = variables.as_object().unwrap().clone();
    limits.retain(|name, _| name.contains("_alarm_"));
    let said = limits.iter().map(|(name, body)| {
        let words = match body["default"].as_f64() {
            None => String::new(),
            Some(number) if name.ends_with("_percent") => format!("{number} % ("),
            Some(number) if name.ends_with("_ms") => format!("{} s (", number / 1000.0),
            Some(number) => format!("{number} ("),
        };
        format!("{words}`{name}`")
    });
    says(ALARMS, said);
}

#[test]
fn the_queries_that_a_page_says_to_ask_exist_and_every_alarm_leads_to_its_section() {
    let queries = queries();
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
    let main = format!("{MONITORING}/main.tf");
    says(&main, [format!("What to do: {ALARMS}")]);
}

#[test]
fn the_example_of_the_costs_counts_what_the_module_makes_and_what_was_measured() {
    // The alarm for a migration that has stopped is off unless it is set.
    let alarms = alarms().len() - 1;
    let counted = keys(&monitoring()["counted"]).len();
    let measured = file("docs/performance.md");
    let milliseconds = |name: &str| -> f64 {
        let (_, row) = measured.split_once(&format!("| {name} | ")).unwrap();
        row.split(' ').next().unwrap().parse().unwrap()
    };
    // At most at 128 MB, with Lambda's share of a core for it; and 200,000 migrations in hundreds of GB-s.
    let cost = |time, cpu| {
        let most = (milliseconds(time) + milliseconds(cpu) * 1769.0 / 128.0).round();
        let hundreds = (most / 4.0).round();
        let (thousands, rest) = ((hundreds / 10.0).floor(), hundreds % 10.0);
        (most, format!("{thousands},{rest}00 GB-s"))
    };
    let (warm, of_warm) = cost("warm sign-in, 50 ms, p50", "CPU per warm sign-in");
    let start = "process start → first answer, sign-in waiting, 50 ms";
    let (new, of_new) = cost(start, "CPU time until the first answer");
    let said = [
        format!("| {alarms} (without `idle_alarm_hours`)"),
        format!("| {counted} that the module counts"),
        format!("{warm} ms warm = {of_warm}"),
        format!("{new} ms if each came in a new process = {of_new}"),
    ];
    says("docs/costs.md", said);
}

#[test]
fn the_page_names_every_folder_of_terraform() {
    let modules = fs::read_dir(path("terraform/modules")).unwrap();
    let modules = modules.map(|module| module.unwrap().file_name());
    let rows = modules.map(|name| format!("| `terraform/modules/{}` |", name.display()));
    says("docs/deploying.md", rows);
}

/// The resources of this type in Terraform's files and on the pages, each with its place.
fn resources(kind: &str) -> Vec<(String, Value)> {
    let mut found = vec![];
    for name in [files(".tf"), files(".md")].concat() {
        let text = file(&name);
        let blocks: Vec<_> = match name.strip_suffix(".md") {
            Some(_) => text.split("```hcl\n").skip(1).collect(),
            // A template is no Terraform yet.
            None if name.starts_with("crates/") => continue,
            None => vec![&text],
        };
        for block in blocks {
            let block = hcl::from_str(block.split("```").next().unwrap());
            let read: Value = block.unwrap_or_else(|error| panic!("{name}: {error}"));
            let resources = read["resource"][kind].as_object().into_iter().flatten();
            found.extend(resources.map(|(id, body)| (format!("{name}: {id}"), body.clone())));
        }
    }
    found
}

#[test]
fn every_app_client_hides_who_exists_and_names_what_users_may_write() {
    let clients = resources("aws_cognito_user_pool_client");
    assert!(clients.len() > 4);
    for (place, client) in &clients {
        let is_hiding = client["prevent_user_existence_errors"] == "ENABLED";
        let is_naming = !client["write_attributes"].is_null();
        assert!(is_hiding && is_naming, "{place}");
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
        let updates = &pool["user_attribute_update_settings"];
        let waits = &updates["attributes_require_verification_before_update"];
        let is_protected = pool["deletion_protection"] == "ACTIVE";
        let is_kept = pool["lifecycle"]["prevent_destroy"] == true;
        let found = json!([
            pool["auto_verified_attributes"],
            waits,
            is_protected,
            is_kept
        ]);
        let is_example = place.starts_with("terraform/examples/");
        let expected = json!([["email"], ["email"], is_example, is_example]);
        assert_eq!(found, expected, "{place}");
    }
}

/// Terraform would delete the pool with its users. `tools/test/pages.py` plans what the pages add.
#[test]
fn the_page_warns_of_what_replaces_a_pool() {
    let words = [
        "\"must be replaced\"",
        "`name`",
        "`alias_attributes`",
        "`username_attributes`",
        "`username_configuration`",
    ];
    says("docs/deploying.md", words);
}

/// A flood of unknown names takes the invocations of users who have moved. What to reserve depends on the account, so
/// only the hardened example does.
#[test]
fn one_example_reserves_concurrency_and_the_pages_say_what_a_flood_does() {
    let mut setting = files(".tf");
    setting.retain(|name| file(name).contains("\n  reserved_concurrency "));
    assert_eq!(setting, ["terraform/examples/hardened/main.tf"]);
    let said = "#concurrency, flood of unknown names, `reserved_concurrency`, throttles, users who have moved";
    for page in ["docs/deploying.md", "docs/security.md", "docs/alarms.md"] {
        says(page, said.split(", "));
    }
}
