//! The sample events, with the expectations of `events/expected.json`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    function::Setup,
    runtime::{InvocationAnswer, InvocationOutcome},
    source_pool::{SourcePoolStub, State},
};

/// The folder of the sample events, with `expected.json` as it was read.
#[derive(Debug)]
pub struct Samples {
    folder: PathBuf,
    expected: Value,
}

/// A sample event.
#[derive(Debug)]
pub struct Sample<'a> {
    /// Its file's name, without `.json`.
    pub name: &'a str,
    /// The event as it stands in the file.
    pub event: Vec<u8>,
    expected: &'a Value,
    new_pool: &'a str,
}

impl Samples {
    /// Reads the samples of this folder; fails if `expected.json` cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(folder.join("expected.json"))?;
        Ok(Samples {
            folder: folder.to_owned(),
            expected: serde_json::from_str(&text)?,
        })
    }

    /// The source pool, with the destination pool as its neighbour.
    pub fn source_pool(&self) -> State {
        let state = self.expected["source_pool"].clone();
        serde_json::from_value(state).expect("a state of the source pool")
    }

    /// The function's variables.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        let settings = self.expected["settings"].as_object().expect("settings");
        let settings = settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().expect("text")));
        [("AWS_SESSION_TOKEN", "")]
            .into_iter()
            .chain(settings)
            .collect()
    }

    /// A function of this kind with the samples' settings, on this pool.
    pub fn setup(&self, function: Setup, pool: &SourcePoolStub) -> Setup {
        let settings = self.settings();
        settings
            .into_iter()
            .fold(function.using(pool), |setup, (name, value)| {
                setup.with(name, value)
            })
    }

    /// The names of the events that `expected.json` lists.
    pub fn names(&self) -> Vec<&str> {
        let events = self.expected["events"].as_object().expect("events");
        events.keys().map(String::as_str).collect()
    }

    /// The event of this name; fails if its file cannot be read.
    pub fn sample<'a>(&'a self, name: &'a str) -> io::Result<Sample<'a>> {
        Ok(Sample {
            name,
            event: fs::read(self.folder.join(name).with_extension("json"))?,
            expected: &self.expected["events"][name],
            new_pool: self.expected["source_pool"]["neighbours"][0]["pool_id"]
                .as_str()
                .expect("an id"),
        })
    }
}

impl Sample<'_> {
    /// What of the answer, of the line of the log and of the pools is not as `expected.json` says.
    pub fn differences(
        &self,
        outcome: &InvocationOutcome,
        line: &Value,
        pool: &SourcePoolStub,
    ) -> Vec<String> {
        let mut found = vec![];
        let mut compare = |what: &str, came: &Value, expected: &Value| {
            if came != expected {
                found.push(format!("{what} is {came}, and not {expected}"));
            }
        };
        let expected = self.expected;
        compare("outcome", &line["outcome"], &expected["outcome"]);
        compare(
            "missing_groups",
            &line["missing_groups"],
            &expected["missing_groups"],
        );
        if expected["outcome"] == "rejected" {
            compare("reason", &line["reason"], &expected["reason"]);
        }
        compare("the answer", &answer(outcome), &self.answer(expected));
        for (of, users) in expected["afterwards"].as_object().into_iter().flatten() {
            for (username, fields) in users.as_object().expect("users") {
                let user = match of.as_str() {
                    "old_pool" => pool.user(username),
                    _ => pool.neighbours_user(self.new_pool, username),
                };
                let held = user.map(|user| {
                    let wanted = fields["attributes"].as_object();
                    let attributes = wanted.into_iter().flatten();
                    let attributes = attributes.map(|(name, _)| (name.clone(), json!(user.attributes.get(name))));
                    json!({"attributes": attributes.collect::<Value>(), "enabled": user.enabled, "groups": user.groups})
                });
                for (field, wanted) in fields.as_object().expect("fields") {
                    let held = held.as_ref().map_or(&Value::Null, |held| &held[field]);
                    compare(&format!("{field} of {username} in {of}"), held, wanted);
                }
            }
        }
        found
    }

    /// The answer that is expected: a report's findings, an error, or the event with `response` filled in.
    fn answer(&self, expected: &Value) -> Value {
        if let Some(error) = expected.get("error") {
            return error.clone();
        }
        if let Some(report) = expected.get("report") {
            return report.clone();
        }
        let mut event: Value = serde_json::from_slice(&self.event).unwrap_or_default();
        if let Some(response) = expected["response"].as_object() {
            for (name, value) in response {
                event["response"][name] = value.clone();
            }
        }
        event
    }
}

/// An answer as `expected.json` writes it: of a report what is not ok, of an error its type and message.
fn answer(outcome: &InvocationOutcome) -> Value {
    match &outcome.answer {
        InvocationAnswer::Error {
            error_type,
            error_message,
            ..
        } => {
            json!({"errorType": error_type, "errorMessage": error_message})
        }
        InvocationAnswer::Nothing => Value::Null,
        InvocationAnswer::Response(body) => {
            let answer: Value = serde_json::from_slice(body).unwrap_or_default();
            let Some(checks) = answer["checks"].as_array() else {
                return answer;
            };
            let findings = checks.iter().filter(|check| check["status"] != "ok");
            let findings = findings.map(|check| {
                (
                    check["id"].as_str().unwrap_or_default().to_owned(),
                    check["status"].clone(),
                )
            });
            json!({"ok": answer["ok"], "findings": findings.collect::<Value>()})
        }
    }
}
