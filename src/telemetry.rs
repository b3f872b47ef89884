//! The log with one line for each invocation, and the metrics.
//!
//! Only the events of this project's own crates are written, at every level. The libraries are left out on purpose:
//! at TRACE the Lambda runtime writes the raw event, password included, and the SDK can write requests, answers
//! and filters. So no setting of the level, and no RUST_LOG, can bring a password into the log.

use std::{
    io::Write as _,
    time::{Duration, SystemTime},
};

use rules::{
    outcome::{Reason, Stop},
    protocol::{
        FUNCTION_NAME, InvocationLine, METRICS_NAMESPACE, Metric, Status, TRIGGER, TriggerSource,
    },
    sensitive::loggable_id,
    settings::Metrics,
    steps::SourceUserIs,
};
use serde::Serialize;
use serde_json::{Value, json};
use strum::VariantArray as _;
use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{
    filter::Targets,
    fmt::{
        format::Writer,
        time::{self, FormatTime as _},
    },
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::triggers::{Conclusion, Outcome};

/// The crates whose events are written.
const OWN_CRATES: [&str; 2] = [env!("CARGO_CRATE_NAME"), "pools"];

/// Starts the log: JSON lines on stdout, this project's events at `level` and above, and panics as a constant line.
///
/// `level` is the value of `AWS_LAMBDA_LOG_LEVEL`, which Lambda sets from the function's logging configuration. A second
/// call has no effect.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>
pub fn start(level: Option<&str>) {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false);
    let level = log_level(level);
    let own_events = Targets::new().with_targets(OWN_CRATES.map(|name| (name, level)));
    // Fails only where a log was started already, and then that one goes on.
    let _ = tracing_subscriber::registry()
        .with(own_events)
        .with(lines)
        .try_init();
    // The text of a panic can quote what it stumbled over; the place in the code cannot. Of a library's place only
    // the end is shown: it begins with a folder of the machine that built it.
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic
            .location()
            .map_or(("", 0), |place| (end_of_path(place.file()), place.line()));
        tracing::error!(file, line, "The function panicked");
    }));
}

/// The level of this name; INFO where it is missing or unknown.
fn log_level(name: Option<&str>) -> Level {
    match name {
        Some(name) if name.eq_ignore_ascii_case("FATAL") => Level::ERROR,
        Some(name) => name.parse().unwrap_or(Level::INFO),
        None => Level::INFO,
    }
}

/// The last three parts of a path.
fn end_of_path(path: &str) -> &str {
    let starts = path.rmatch_indices('/').nth(2);
    starts.map_or(path, |(at, _)| &path[at + 1..])
}

/// A time in whole milliseconds.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// An invocation without its conclusion.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// The trigger; `None` for an event of a trigger that is not served.
    pub trigger: Option<TriggerSource>,
    /// From the start of the handler to its answer.
    pub duration: Duration,
    /// The trigger's part of it: nearly all of it is waiting for the pools.
    pub source_time: Duration,
    /// Lambda's id of the invocation.
    pub request_id: &'a str,
}

impl Invocation<'_> {
    fn trigger(&self) -> &'static str {
        self.trigger.map_or("unknown", TriggerSource::as_str)
    }
}

/// Records invocations.
#[derive(Debug)]
pub struct Telemetry {
    /// The function whose metrics are written; `None` if no metrics are wanted.
    metrics_of: Option<String>,
}

impl Telemetry {
    /// Records invocations of the function of this name.
    pub fn new(metrics: Metrics, function_name: Option<String>) -> Self {
        let function_name = function_name.filter(|name| !name.is_empty());
        Telemetry {
            metrics_of: match metrics {
                Metrics::Emf => Some(function_name.unwrap_or_else(|| "unknown".to_owned())),
                Metrics::None => None,
            },
        }
    }

    /// Writes the one line of an invocation, and its metric if it counts as an attempt.
    ///
    /// The metric is a line of JSON on stdout, from which CloudWatch makes numbers. No call is made and no library needed.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
    pub fn record(&self, invocation: &Invocation<'_>, conclusion: &Conclusion) {
        let (level, _) = level_and_name(&conclusion.outcome);
        if level <= LevelFilter::current() {
            print(&line(invocation, conclusion));
        }
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let metric = self.metrics_of.as_ref().and_then(|function_name| {
            embedded_metrics(function_name, invocation, &conclusion.outcome, since_1970)
        });
        if let Some(metric) = metric {
            print(&metric);
        }
    }
}

/// Writes a line of JSON in one piece, so that no other line can come in between. Errors are lost: there is no other log.
fn print(line: &impl Serialize) {
    if let Ok(Value::Object(mut members)) = serde_json::to_value(line) {
        members.retain(|_, value| !value.is_null());
        let text = format!("{}\n", Value::Object(members));
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
    }
}

fn timestamp() -> String {
    let mut timestamp = String::new();
    // Writing to a string cannot fail.
    let _ = time::SystemTime.format_time(&mut Writer::new(&mut timestamp));
    timestamp
}

/// The line of an invocation that was concluded now.
pub fn line(invocation: &Invocation<'_>, conclusion: &Conclusion) -> InvocationLine {
    let outcome = &conclusion.outcome;
    let (level, name) = level_and_name(outcome);
    let source_sub = conclusion.source_sub.as_deref().and_then(loggable_id);
    let mut line = InvocationLine {
        timestamp: timestamp(),
        level: level.as_str().into(),
        outcome: name.into(),
        message: message(invocation.trigger, outcome).into(),
        trigger: invocation.trigger().into(),
        duration_ms: milliseconds(invocation.duration),
        request_id: invocation.request_id.to_owned(),
        source_sub: source_sub.map(str::to_owned),
        ..InvocationLine::default()
    };
    match outcome {
        Outcome::Migrated(_) | Outcome::Allowed | Outcome::NotMarked => {}
        Outcome::SourceUserAlreadyDisabled => line.source_user = Some("disabled".into()),
        Outcome::StepsDone(done) => {
            line.source_user = match done.source_user {
                SourceUserIs::Disabled => Some("disabled".into()),
                SourceUserIs::Gone => Some("gone".into()),
                SourceUserIs::NotAsked | SourceUserIs::Enabled => None,
            };
            let missing = done.missing_groups.join(",");
            line.missing_groups = Some(missing).filter(|names| !names.is_empty());
        }
        Outcome::Reported(report) => {
            line.failed_checks = Some(report.ids(&Status::Fail));
            line.warned_checks = Some(report.ids(&Status::Warn));
            line.source_users = report.users.source;
        }
        Outcome::Stopped(stop) => {
            line.reason = Some(stop.reason().into());
            if let Stop::Failed(failure) = stop {
                line.operation = Some(failure.operation.into());
                line.code = Some(failure.code.clone());
                line.source_request_id = failure.source_request_id.clone();
            }
        }
    }
    line
}

/// The level at which an outcome is logged, and its name.
fn level_and_name(outcome: &Outcome) -> (Level, &'static str) {
    match outcome {
        Outcome::Migrated(_) => (Level::INFO, "migrated"),
        Outcome::Allowed => (Level::INFO, "allowed"),
        // Nearly every sign-in to the destination pool ends so.
        Outcome::NotMarked => (Level::DEBUG, "not_marked"),
        Outcome::SourceUserAlreadyDisabled => (Level::WARN, "source_user_already_disabled"),
        Outcome::StepsDone(done) if done.is_complete() => (Level::INFO, "finished"),
        Outcome::StepsDone(_) => (Level::WARN, "finished"),
        Outcome::Reported(report) if report.ok => (Level::INFO, "reported"),
        Outcome::Reported(_) => (Level::WARN, "reported"),
        Outcome::Stopped(Stop::Failed(_)) => (Level::ERROR, "failed"),
        Outcome::Stopped(Stop::Rejected(reason)) => match reason {
            // The first two: the function is attached to a wrong trigger, or gets an event that Cognito would not send.
            Reason::UnknownTrigger
            | Reason::InvalidRequest
            | Reason::MarkOfAnotherUser
            | Reason::BlockedByRisk => (Level::WARN, "rejected"),
            _ => (Level::INFO, "rejected"),
        },
    }
}

/// An outcome in a sentence.
fn message(trigger: Option<TriggerSource>, outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Migrated(_) => "The user may be created in the destination pool",
        Outcome::Allowed => "The user may sign up",
        Outcome::NotMarked => "There is nothing to do about the user",
        Outcome::SourceUserAlreadyDisabled => {
            "The source user is disabled, and the mark does not say by whom; nothing was changed"
        }
        Outcome::StepsDone(done) => match done.source_user {
            SourceUserIs::Disabled => {
                "The post-migration steps are done: the source user was disabled before, so no group is copied"
            }
            SourceUserIs::Gone => {
                "The post-migration steps are done: the user is no longer in the source pool"
            }
            _ if done.is_complete() => "The post-migration steps are done",
            _ => {
                "The post-migration steps are done, but for groups that the destination pool does not have"
            }
        },
        Outcome::Reported(report) if report.ok => {
            "The preflight found nothing that keeps migrations from working"
        }
        Outcome::Reported(report) if report.ids(&Status::Fail).is_empty() => {
            "The preflight could not make every check"
        }
        Outcome::Reported(_) => "The preflight found what keeps migrations from working",
        Outcome::Stopped(Stop::Rejected(reason)) => match reason {
            Reason::UnknownTrigger | Reason::InvalidRequest => "The event is rejected",
            Reason::AccountExists => {
                "The sign-up is rejected: the owner of the name can still migrate"
            }
            Reason::MarkOfAnotherUser => {
                "The mark is of a source user who is not recognisably this user; nothing was changed"
            }
            Reason::BlockedByRisk => {
                "The source pool's threat protection blocked the sign-in; the password was not judged"
            }
            _ => "The user is not migrated",
        },
        Outcome::Stopped(Stop::Failed(_)) => match trigger {
            Some(TriggerSource::SignedIn) => {
                "The post-migration steps could not be done; the next sign-in tries again"
            }
            _ => "The source pool could not be asked",
        },
    }
}

/// An attempt in CloudWatch's embedded metric format; `None` if the outcome is not a migration attempt. It holds constants,
/// numbers and the function's own name, so nothing personal.
fn embedded_metrics(
    function_name: &str,
    invocation: &Invocation<'_>,
    outcome: &Outcome,
    since_1970: Duration,
) -> Option<Value> {
    let (migrated, rejected, failed) = match outcome {
        Outcome::Migrated(_) => (1, 0, 0),
        Outcome::Stopped(Stop::Rejected(_)) => (0, 1, 0),
        Outcome::Stopped(Stop::Failed(_)) => (0, 0, 1),
        Outcome::Allowed | Outcome::NotMarked | Outcome::StepsDone(_) => return None,
        Outcome::SourceUserAlreadyDisabled | Outcome::Reported(_) => return None,
    };
    let metrics = Metric::VARIANTS.iter();
    let metrics = metrics.map(|metric| json!({"Name": metric.as_str(), "Unit": metric.unit()}));
    let mut line = json!({
        "_aws": {
            "Timestamp": milliseconds(since_1970),
            "CloudWatchMetrics": [{
                "Namespace": METRICS_NAMESPACE,
                "Dimensions": [[FUNCTION_NAME], [FUNCTION_NAME, TRIGGER]],
                "Metrics": metrics.collect::<Vec<_>>(),
            }],
        },
        (FUNCTION_NAME): function_name,
        (TRIGGER): invocation.trigger(),
        (Metric::Migrated.as_str()): migrated,
        (Metric::Rejected.as_str()): rejected,
        (Metric::Failed.as_str()): failed,
        (Metric::DurationMs.as_str()): milliseconds(invocation.duration),
        (Metric::SourceMs.as_str()): milliseconds(invocation.source_time),
    });
    if let Outcome::Stopped(stop) = outcome {
        line["Reason"] = stop.reason().into();
    }
    if let Outcome::Stopped(Stop::Failed(failure)) = outcome {
        line["ErrorClass"] = failure.class().as_str().into();
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rules::{
        migrated_user::{MigratedUser, WelcomeMessage},
        outcome::{Cause, Failure},
    };

    use super::*;

    #[test]
    fn the_log_level_is_lambdas_and_falls_back_to_info() {
        for (name, level) in [
            (Some("TRACE"), Level::TRACE),
            (Some("debug"), Level::DEBUG),
            (Some("FATAL"), Level::ERROR),
            (Some("loud"), Level::INFO),
            (None, Level::INFO),
        ] {
            assert_eq!(log_level(name), level, "{name:?}");
        }
    }

    #[test]
    fn only_the_end_of_a_path_is_shown() {
        assert_eq!(end_of_path("src/handler.rs"), "src/handler.rs");
        assert_eq!(
            end_of_path("/home/ana/registry/serde_json-1.0.1/src/de.rs"),
            "serde_json-1.0.1/src/de.rs"
        );
    }

    /// To the letter of
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
    #[test]
    fn a_line_is_in_the_embedded_metric_format() {
        let user = MigratedUser {
            attributes: BTreeMap::from([("email".to_owned(), "ana@example.com".to_owned())]),
            final_status: None,
            welcome_message: WelcomeMessage::None,
            force_alias_creation: false,
            enable_sms_mfa: false,
        };
        let failure = Failure::new(Cause::Unreachable, "AdminGetUser", "Timeout");
        let trigger = Some(TriggerSource::SignIn);
        for (trigger, outcome, members) in [
            (
                None,
                Outcome::Migrated(user),
                json!({"Trigger": "unknown", "Migrated": 1, "Rejected": 0, "Failed": 0}),
            ),
            (
                trigger,
                Outcome::Stopped(Reason::UserNotFound.into()),
                json!({"Migrated": 0, "Rejected": 1, "Failed": 0, "Reason": "user_not_found"}),
            ),
            (
                trigger,
                Outcome::Stopped(failure.into()),
                json!({
                    "Migrated": 0, "Rejected": 0, "Failed": 1,
                    "Reason": "SourceUnavailable", "ErrorClass": "SourceUnavailable",
                }),
            ),
        ] {
            let mut expected = json!({
                "_aws": {
                    "Timestamp": 1_795_856_400_123_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "CognitoUserMigration",
                        "Dimensions": [["FunctionName"], ["FunctionName", "Trigger"]],
                        "Metrics": [
                            {"Name": "Migrated", "Unit": "Count"},
                            {"Name": "Rejected", "Unit": "Count"},
                            {"Name": "Failed", "Unit": "Count"},
                            {"Name": "DurationMs", "Unit": "Milliseconds"},
                            {"Name": "SourceMs", "Unit": "Milliseconds"},
                        ],
                    }],
                },
                "FunctionName": "user-migration", "Trigger": "UserMigration_Authentication",
                "DurationMs": 84, "SourceMs": 81,
            });
            let members = members.as_object().unwrap().clone();
            expected.as_object_mut().unwrap().extend(members);
            let invocation = Invocation {
                trigger,
                duration: Duration::from_millis(84),
                source_time: Duration::from_micros(81_900),
                request_id: "0a1b2c3d-0000-4000-8000-00000000000f",
            };
            let now = Duration::from_micros(1_795_856_400_123_456);
            let line = embedded_metrics("user-migration", &invocation, &outcome, now);
            assert_eq!(line, Some(expected));
        }
    }

    #[test]
    fn a_function_without_a_name_has_metrics_too() {
        for name in [None, Some(String::new())] {
            let metrics = Telemetry::new(Metrics::Emf, name);
            assert_eq!(metrics.metrics_of.as_deref(), Some("unknown"));
        }
        let off = Telemetry::new(Metrics::None, Some("user-migration".to_owned()));
        assert_eq!(off.metrics_of, None);
    }
}
