//! `demo [FUNCTION]`: replays every sample event and shows what the function answers. It ends with an error if an answer is not
//! as `events/expected.json` says. Without a path, the function is the program beside this one.

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use rules::{
    outcome::{FailureClass, Reason},
    settings::ALL,
};
use serde_json::Value;
use strum::{EnumMessage as _, VariantArray as _};
use testbed::{
    function::{Function, Setup},
    runtime::{Host, InvocationOutcome, InvocationRequest},
    samples::Samples,
    source_pool::SourcePoolStub,
};

/// The columns of a table for no terminal.
const WIDTH: u16 = 160;
const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match replay().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("demo: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Replays the events. Returns how many were not as expected.
async fn replay() -> Result<usize, Box<dyn Error>> {
    let samples = Samples::read(Path::new(EVENTS))?;
    let pool = SourcePoolStub::start(samples.source_pool()).await?;
    let host = Host::start().await?;
    let setup = Setup::new(function()?).using(&pool);
    let settings = samples.settings().into_iter();
    let setup = settings.fold(setup, |setup, (name, value)| setup.with(name, value));
    let function = setup.start(&host).await;
    let function = function.map_err(|refused| refused.to_string())?;
    println!("Settings in force (every other has its default: docs/settings.md)");
    for (name, value) in samples.settings() {
        if ALL.iter().any(|known| known.name == name) {
            let is_secret = name.contains("SECRET");
            println!("  {name}  {}", if is_secret { "********" } else { value });
        }
    }
    let mut table = table();
    let started = Instant::now();
    let (mut wrong, mut checks) = (vec![], vec![]);
    for name in samples.names() {
        let sample = samples.sample(name)?;
        let event = InvocationRequest::new(sample.event.clone());
        let outcome = host.invoke(event).await;
        let line = line_of(&function, &outcome).await;
        let differences = sample.differences(&outcome, &line, &pool);
        if line["outcome"] == "reported" {
            let report = outcome.response();
            checks.extend(report["checks"].as_array().into_iter().flatten().cloned());
        }
        table.add_row(row(name, &outcome, &line, differences.is_empty()));
        if !differences.is_empty() {
            wrong.push((name, differences.join("\n  ")));
        }
    }
    let (all, seconds) = (samples.names().len(), started.elapsed().as_secs_f32());
    println!("\n{table}");
    for check in checks {
        let said = ["id", "status", "detail", "fix"].map(|name| text(&check[name]));
        let [id, status, detail, fix] = said;
        println!("{id:<20}{status:<9}{detail} {fix}");
    }
    for (name, differences) in &wrong {
        println!("\n{name} is not as expected:\n  {differences}");
    }
    println!("\n{all} events replayed in {seconds:.1} s");
    println!("demo: {} passed, {} failed", all - wrong.len(), wrong.len());
    Ok(wrong.len())
}

/// The table without its rows, as wide as the terminal.
fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let words = "in words, or what the destination pool would store";
    table.set_header(["event", "outcome", "ms", words]);
    for column in table.column_iter_mut().take(2) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    table
}

/// The function's program.
fn function() -> Result<PathBuf, Box<dyn Error>> {
    match env::args_os().nth(1) {
        Some(path) => Ok(path.into()),
        None => Ok(env::current_exe()?.with_file_name("cognito-user-migration")),
    }
}

/// The function's line about this invocation; null if there is none.
async fn line_of(function: &Function, outcome: &InvocationOutcome) -> Value {
    let is_it = |line: &Value| {
        line["request_id"] == outcome.request_id.as_str() && !line["outcome"].is_null()
    };
    let output = function
        .output_with(|output| output.lines().iter().any(is_it))
        .await;
    output.lines().into_iter().find(is_it).unwrap_or_default()
}

fn row(name: &str, outcome: &InvocationOutcome, line: &Value, is_expected: bool) -> [String; 4] {
    let mark = if is_expected { "✓" } else { "✗" };
    [
        format!("{mark} {name}"),
        text(&line["outcome"]).to_owned(),
        line["duration_ms"].to_string(),
        stored(outcome, line).unwrap_or_else(|| in_words(line).to_owned()),
    ]
}

/// The outcome of the event: the meaning of its reason, or the message of the log.
fn in_words(line: &Value) -> &str {
    let reason = text(&line["reason"]);
    let reasons = Reason::VARIANTS
        .iter()
        .map(|it| (it.as_str(), it.get_documentation()));
    let classes = FailureClass::VARIANTS.iter();
    let classes = classes.map(|it| (it.as_str(), it.get_documentation()));
    let found = reasons.chain(classes).find(|(name, _)| *name == reason);
    let words = found.and_then(|(_, words)| words);
    words.unwrap_or(text(&line["message"]))
}

/// The user that Cognito would create; `None` if it would create none.
fn stored(outcome: &InvocationOutcome, line: &Value) -> Option<String> {
    if line["outcome"] != "migrated" {
        return None;
    }
    let response = &outcome.response()["response"];
    let attributes = response["userAttributes"].as_object().into_iter().flatten();
    let attributes = attributes.map(|(name, value)| format!("{name}={}", text(value)));
    let status = &response["finalUserStatus"];
    let status = status.as_str().unwrap_or("RESET_REQUIRED");
    let shown: Vec<_> = attributes.chain([format!("(status {status})")]).collect();
    Some(shown.join(" "))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
