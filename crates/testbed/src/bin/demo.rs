//! `demo [FUNCTION]`: replays every sample event and shows what the function answers. It ends with an error if an answer is not
//! as `events/expected.json` says. Without a path, the function is the program beside this one.

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use comfy_table::{Cell, Color, ColumnConstraint, Table, presets};
use rules::{
    outcome::{FailureClass, Reason},
    settings,
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
    let function = samples
        .setup(Setup::new(function()?), &pool)
        .start(&host)
        .await;
    let function = function.map_err(|refused| refused.to_string())?;
    println!("Settings in force (every other has its default: docs/settings.md)");
    for (name, value) in samples.settings() {
        if settings::ALL.iter().any(|known| known.name == name) {
            let shown = if name.contains("SECRET") {
                "********"
            } else {
                value
            };
            println!("  {name}  {shown}");
        }
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    table.set_header([
        "event",
        "outcome",
        "ms",
        "in words, or what the destination pool would store",
    ]);
    for column in table.column_iter_mut().take(2) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    if env::var_os("NO_COLOR").is_some() {
        table.force_no_tty();
    }
    let started = Instant::now();
    let mut wrong = vec![];
    let mut reports = vec![];
    for name in samples.names() {
        let sample = samples.sample(name)?;
        let outcome = host
            .invoke(InvocationRequest::new(sample.event.clone()))
            .await;
        let line = line_of(&function, &outcome).await;
        let differences = sample.differences(&outcome, &line, &pool);
        if line["outcome"] == "reported" {
            reports.push(outcome.response());
        }
        table.add_row(row(name, &outcome, &line, differences.is_empty()));
        wrong.extend((!differences.is_empty()).then_some((name, differences)));
    }
    let (all, seconds) = (samples.names().len(), started.elapsed().as_secs_f32());
    println!("\n{table}");
    for check in reports
        .iter()
        .flat_map(|report| report["checks"].as_array())
        .flatten()
    {
        let [id, status, detail, fix] =
            ["id", "status", "detail", "fix"].map(|name| text(&check[name]));
        println!("{id:<20}{status:<9}{detail} {fix}");
    }
    for (name, differences) in &wrong {
        println!(
            "\n{name} is not as expected:\n  {}",
            differences.join("\n  ")
        );
    }
    println!("\n{all} events replayed in {seconds:.1} s");
    println!("demo: {} passed, {} failed", all - wrong.len(), wrong.len());
    Ok(wrong.len())
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

fn row(name: &str, outcome: &InvocationOutcome, line: &Value, is_expected: bool) -> Vec<Cell> {
    let color = match text(&line["outcome"]) {
        _ if !is_expected => Color::Red,
        "rejected" | "source_user_already_disabled" => Color::Yellow,
        "failed" => Color::Red,
        _ => Color::Green,
    };
    let mark = if is_expected { "✓" } else { "✗" };
    vec![
        Cell::new(format!("{mark} {name}")),
        Cell::new(text(&line["outcome"])).fg(color),
        Cell::new(line["duration_ms"].to_string()),
        Cell::new(stored(outcome, line).unwrap_or_else(|| in_words(line).to_owned())),
    ]
}

/// The outcome of the event: the meaning of its reason, or the message of the log.
fn in_words(line: &Value) -> &str {
    let reason = text(&line["reason"]);
    let reasons = Reason::VARIANTS
        .iter()
        .map(|known| (known.as_str(), known.get_documentation()));
    let classes = FailureClass::VARIANTS
        .iter()
        .map(|known| (known.as_str(), known.get_documentation()));
    let found = reasons.chain(classes).find(|(name, _)| *name == reason);
    found
        .and_then(|(_, words)| words)
        .unwrap_or(text(&line["message"]))
}

/// The user that Cognito would create; `None` if it would create none.
fn stored(outcome: &InvocationOutcome, line: &Value) -> Option<String> {
    if line["outcome"] != "migrated" {
        return None;
    }
    let response = &outcome.response()["response"];
    let attributes = response["userAttributes"].as_object().into_iter().flatten();
    let attributes = attributes.map(|(name, value)| format!("{name}={}", text(value)));
    let status = response["finalUserStatus"]
        .as_str()
        .unwrap_or("RESET_REQUIRED");
    let shown: Vec<_> = attributes.chain([format!("(status {status})")]).collect();
    Some(shown.join(" "))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
