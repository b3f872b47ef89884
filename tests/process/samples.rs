//! Every sample event leads to what `events/expected.json` says.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::{Value, json};
use testbed::source_pool::State;

use crate::support::*;

/// The folder of the sample events.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("events")
}

/// `expected.json`.
pub(crate) fn expected() -> Value {
    let text = fs::read_to_string(folder().join("expected.json")).expect("events/expected.json");
    serde_json::from_str(&text).expect("JSON")
}

/// The source pool of the sample events.
pub(crate) fn pool(expected: &Value) -> State {
    State::from_json(&expected["source_pool"].to_string()).expect("a state of the source pool")
}

/// The environment variables of the sample events.
pub(crate) fn settings(expected: &Value) -> Vec<(&str, &str)> {
    let mut variables = vec![("AWS_SESSION_TOKEN", "")];
    let settings = expected["settings"].as_object().expect("settings");
    variables.extend(
        settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().expect("text"))),
    );
    variables
}

#[tokio::test]
async fn every_sample_event_leads_to_what_is_written_beside_it() {
    let expected = expected();
    let bed = Bed::with(pool(&expected), &settings(&expected)).await;
    for (name, scenario) in expected["events"].as_object().expect("events") {
        let event = fs::read(folder().join(format!("{name}.json"))).expect(name);
        let outcome = bed.invoke_bytes(event.clone()).await;
        let line = bed.log_of(&outcome).await;
        assert_eq!(line["outcome"], scenario["outcome"], "{name}: {line}");
        if scenario["outcome"] == "reported" {
            let report = outcome.response();
            let mut findings = json!({});
            for check in report["checks"].as_array().expect("checks") {
                if check["status"] != "ok" {
                    findings[check["id"].as_str().expect("an id")] = check["status"].clone();
                }
            }
            let found = json!({"ok": report["ok"], "findings": findings});
            assert_eq!(found, scenario["report"], "{name}: {report}");
        } else if scenario["outcome"] == "migrated" {
            let event: Value = serde_json::from_slice(&event).expect("JSON");
            let response = migrated(&outcome, &event);
            for (field, value) in response.as_object().expect("an object") {
                let expected = scenario["response"]
                    .get(field)
                    .unwrap_or(&json!(null))
                    .clone();
                assert_eq!(*value, expected, "{name}: {field}");
            }
        } else {
            assert_eq!(line["reason"], scenario["reason"], "{name}: {line}");
            assert_eq!(
                line["missing_groups"], scenario["missing_groups"],
                "{name}: {line}"
            );
            compare_afterwards(&bed, &expected, scenario, name);
            if let Some(expected) = scenario.get("error") {
                let text = |field: &str| expected[field].as_str().expect("text");
                error(&outcome, text("errorType"), text("errorMessage"));
                continue;
            }
            assert_eq!(
                outcome.answer.text().trim(),
                String::from_utf8_lossy(&event).trim(),
                "{name}"
            );
        }
    }
}

/// Both pools hold of the users what `afterwards` says, where it says something.
fn compare_afterwards(bed: &Bed, expected: &Value, scenario: &Value, name: &str) {
    let new_pool = &expected["source_pool"]["neighbours"][0]["pool_id"];
    let new_pool = new_pool.as_str().expect("the destination pool's id");
    for (pool, users) in scenario["afterwards"].as_object().into_iter().flatten() {
        for (username, fields) in users.as_object().expect("users") {
            let user = match pool.as_str() {
                "old_pool" => bed.pool.user(username),
                "new_pool" => bed.pool.neighbours_user(new_pool, username),
                other => panic!("{name}: {other} is no pool"),
            };
            let user = user.expect(username);
            for (field, wanted) in fields.as_object().expect("fields") {
                let held = match field.as_str() {
                    "enabled" => json!(user.enabled),
                    "groups" => json!(user.groups),
                    "attributes" => wanted
                        .as_object()
                        .expect("attributes")
                        .keys()
                        .map(|key| (key.clone(), json!(user.attributes.get(key))))
                        .collect(),
                    other => panic!("{name}: {other} is nothing that a user holds"),
                };
                assert_eq!(held, *wanted, "{name}: {username}");
            }
        }
    }
}

#[test]
fn every_sample_event_has_its_expectation_and_the_other_way_round() {
    let expected = expected();
    let listed: BTreeSet<String> = expected["events"]
        .as_object()
        .expect("events")
        .keys()
        .cloned()
        .collect();
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder()).expect("events/") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
            && name != "expected"
        {
            found.insert(name);
        }
    }
    assert_eq!(listed, found);
}
