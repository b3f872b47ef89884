//! The sample events, with the expectations of `events/expected.json`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
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
    /// The event as it stands in the file.
    pub event: Vec<u8>,
    expected: &'a Value,
    new_pool: &'a Value,
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
        let settings = members(&self.expected["settings"]);
        let settings = settings.map(|(name, value)| (name, value.as_str().expect("text")));
        [("AWS_SESSION_TOKEN", "")]
            .into_iter()
            .chain(settings)
            .collect()
    }

    /// The names of the events that `expected.json` lists.
    pub fn names(&self) -> Vec<&str> {
        members(&self.expected["events"])
            .map(|(name, _)| name)
            .collect()
    }

    /// The event of this name; fails if its file cannot be read.
    pub fn sample(&self, name: &str) -> io::Result<Sample<'_>> {
        Ok(Sample {
            event: fs::read(self.folder.join(name).with_extension("json"))?,
            expected: &self.expected["events"][name],
            new_pool: &self.expected["source_pool"]["neighbours"][0]["pool_id"],
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
        let expected = self.expected;
        let mut fields = vec!["outcome", "missing_groups"];
        fields.extend((expected["outcome"] == "rejected").then_some("reason"));
        for field in fields {
            differ(field.to_owned(), &line[field], &expected[field], &mut found);
        }
        let (came, whole) = (answer(outcome), self.answer());
        if came != whole {
            found.push(format!("the answer is {came}, and not {whole}"));
        }
        for (of, users) in members(&expected["afterwards"]) {
            for (username, wanted) in members(users) {
                let user = match of {
                    "old_pool" => pool.user(username),
                    _ => pool.neighbours_user(self.new_pool.as_str().expect("an id"), username),
                };
                let what = format!("{username} in {of}");
                differ(what, &json!(user), wanted, &mut found);
            }
        }
        found
    }

    /// The answer that is expected: a report's findings, an error, or the event with `response` filled in.
    fn answer(&self) -> Value {
        let fixed = ["error", "report"].map(|name| self.expected.get(name));
        if let Some(fixed) = fixed.into_iter().flatten().next() {
            return fixed.clone();
        }
        let mut event: Value = serde_json::from_slice(&self.event).unwrap_or_default();
        for (name, value) in members(&self.expected["response"]) {
            event["response"][name] = value.clone();
        }
        event
    }
}

/// An answer as `expected.json` writes it: of a report what is not ok, of an error its type and message.
fn answer(outcome: &InvocationOutcome) -> Value {
    let answer: Value = serde_json::from_str(&outcome.answer.text()).unwrap_or_default();
    if matches!(outcome.answer, InvocationAnswer::Error { .. }) {
        return json!({"errorType": answer["errorType"], "errorMessage": answer["errorMessage"]});
    }
    let Some(checks) = answer["checks"].as_array() else {
        return answer;
    };
    let mut findings = json!({});
    for check in checks.iter().filter(|check| check["status"] != "ok") {
        findings[check["id"].as_str().unwrap_or_default()] = check["status"].clone();
    }
    json!({"ok": answer["ok"], "findings": findings})
}

/// What of an object's members, or another value, is not as it is wanted.
fn differ(what: String, held: &Value, wanted: &Value, found: &mut Vec<String>) {
    for (name, wanted) in members(wanted) {
        differ(format!("{name} of {what}"), &held[name], wanted, found);
    }
    if !wanted.is_object() && held != wanted {
        found.push(format!("{what} is {held}, and not {wanted}"));
    }
}

/// The members of an object; none of anything else.
fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}
