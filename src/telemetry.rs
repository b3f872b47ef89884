//! The log, its format and its level; the line of each invocation; and the metrics beside it.
//!
//! Only the events of this project's own crates are written, at every level. The libraries below it are left out on purpose:
//! at TRACE the Lambda runtime writes the raw event, password included, and the SDK can write requests, answers
//! and filters. So no setting of the level, and no RUST_LOG, can bring a password into the log.

use std::{
    io::Write as _,
    time::{Duration, SystemTime},
};

use rules::{
    outcome::{Failure, Reason, Stop},
    protocol::{FUNCTION_NAME, METRICS_NAMESPACE, Metric, Status, TRIGGER, TriggerSource},
    sensitive::loggable_id,
    settings::Metrics,
    steps::SourceUserIs,
};
use serde_json::{Value, json};
use strum::VariantArray as _;
use tracing::Level;
use tracing_subscriber::{
    filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
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

/// The level of this name; INFO where there is none, or none that is known.
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

/// What is known of an invocation besides its conclusion.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// The trigger; `None` for an event of none that is served.
    pub trigger: Option<TriggerSource>,
    /// From the start of the handler to its answer.
    pub duration: Duration,
    /// How much of that the trigger's room took: nearly all of it is waiting for the pools.
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
    /// Whose metrics are written; `None` if no metrics are wanted.
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
    /// It does not go through the log's writer, because CloudWatch takes a line for metrics only if the embedded metric
    /// format is at its top level.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
    pub fn record(&self, invocation: &Invocation<'_>, conclusion: &Conclusion) {
        Line::of(invocation.trigger, &conclusion.outcome)
            .write(invocation, conclusion.source_sub.as_deref());
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let metric = self.metrics_of.as_ref().and_then(|function_name| {
            embedded_metrics(function_name, invocation, &conclusion.outcome, since_1970)
        });
        if let Some(metric) = metric {
            // In one piece, so that no line of the log can come in between. There is nobody to tell of an error.
            let _ = std::io::stdout()
                .lock()
                .write_all(format!("{metric}\n").as_bytes());
        }
    }
}

/// The line of an invocation: all fields that any outcome has. What is `None` is left out.
struct Line<'a> {
    level: Level,
    message: &'static str,
    outcome: &'static str,
    reason: Option<&'static str>,
    failure: Option<&'a Failure>,
    source_user: Option<&'static str>,
    missing_groups: Option<String>,
    failed_checks: Option<String>,
    warned_checks: Option<String>,
    source_users: Option<u64>,
}

impl<'a> Line<'a> {
    fn new(level: Level, outcome: &'static str, message: &'static str) -> Self {
        Line {
            level,
            message,
            outcome,
            reason: None,
            failure: None,
            source_user: None,
            missing_groups: None,
            failed_checks: None,
            warned_checks: None,
            source_users: None,
        }
    }

    fn of(trigger: Option<TriggerSource>, outcome: &'a Outcome) -> Self {
        const DONE: &str = "finished";
        match outcome {
            Outcome::Migrated(_) => Line::new(
                Level::INFO,
                "migrated",
                "The user may be created in the destination pool",
            ),
            Outcome::Allowed => Line::new(Level::INFO, "allowed", "The user may sign up"),
            // Nearly every sign-in to the destination pool is one.
            Outcome::NotMarked => Line::new(
                Level::DEBUG,
                "not_marked",
                "There is nothing to do about the user",
            ),
            Outcome::SourceUserAlreadyDisabled => Line {
                source_user: Some("disabled"),
                ..Line::new(
                    Level::WARN,
                    "source_user_already_disabled",
                    "The source user is disabled, and the mark does not say by whom; nothing was changed",
                )
            },
            Outcome::StepsDone(done) if done.source_user == SourceUserIs::Disabled => Line {
                source_user: Some("disabled"),
                ..Line::new(
                    Level::WARN,
                    DONE,
                    "The post-migration steps are done: the source user was disabled before, so no group is copied",
                )
            },
            Outcome::StepsDone(done) if done.source_user == SourceUserIs::Gone => Line {
                source_user: Some("gone"),
                ..Line::new(
                    Level::WARN,
                    DONE,
                    "The post-migration steps are done: the user is no longer in the source pool",
                )
            },
            Outcome::StepsDone(done) if done.missing_groups.is_empty() => {
                Line::new(Level::INFO, DONE, "The post-migration steps are done")
            }
            Outcome::StepsDone(done) => Line {
                missing_groups: Some(done.missing_groups.join(",")),
                ..Line::new(
                    Level::WARN,
                    DONE,
                    "The post-migration steps are done, but for groups that the destination pool does not have",
                )
            },
            Outcome::Reported(report) => {
                let (level, message) = if report.ok {
                    (
                        Level::INFO,
                        "The preflight found nothing that keeps migrations from working",
                    )
                } else if report.ids(&Status::Fail).is_empty() {
                    (Level::WARN, "The preflight could not make every check")
                } else {
                    (
                        Level::WARN,
                        "The preflight found what keeps migrations from working",
                    )
                };
                Line {
                    failed_checks: Some(report.ids(&Status::Fail)),
                    warned_checks: Some(report.ids(&Status::Warn)),
                    source_users: report.users.source,
                    ..Line::new(level, "reported", message)
                }
            }
            Outcome::Stopped(Stop::Rejected(reason)) => {
                let (level, message) = match reason {
                    // Somebody attached the function where it does not belong, or sends it what Cognito would not.
                    Reason::UnknownTrigger | Reason::InvalidRequest => {
                        (Level::WARN, "The event is rejected")
                    }
                    Reason::AccountExists => (
                        Level::INFO,
                        "The sign-up is rejected: the owner of the name can still migrate",
                    ),
                    Reason::MarkOfAnotherUser => (
                        Level::WARN,
                        "The mark is of a source user who is not recognisably this user; nothing was changed",
                    ),
                    Reason::BlockedByRisk => (
                        Level::WARN,
                        "The source pool's threat protection blocked the sign-in; the password was not judged",
                    ),
                    _ => (Level::INFO, "The user is not migrated"),
                };
                Line {
                    reason: Some(reason.as_str()),
                    ..Line::new(level, "rejected", message)
                }
            }
            Outcome::Stopped(Stop::Failed(failure)) => {
                let message = if trigger == Some(TriggerSource::SignedIn) {
                    "The post-migration steps could not be done; the next sign-in tries again"
                } else {
                    "The source pool could not be asked"
                };
                Line {
                    reason: Some(failure.class().as_str()),
                    failure: Some(failure),
                    ..Line::new(Level::ERROR, "failed", message)
                }
            }
        }
    }

    fn write(self, invocation: &Invocation<'_>, source_sub: Option<&str>) {
        // The library wants the level as a constant.
        macro_rules! write_at {
            ($level:expr) => {
                tracing::event!(
                    $level,
                    trigger = invocation.trigger(),
                    outcome = self.outcome,
                    reason = self.reason,
                    operation = self.failure.map(|failure| failure.operation),
                    code = self.failure.map(|failure| failure.code.as_ref()),
                    source_request_id = self
                        .failure
                        .and_then(|failure| failure.source_request_id.as_deref()),
                    source_user = self.source_user,
                    missing_groups = self.missing_groups,
                    failed_checks = self.failed_checks,
                    warned_checks = self.warned_checks,
                    source_users = self.source_users,
                    duration_ms = milliseconds(invocation.duration),
                    request_id = invocation.request_id,
                    source_sub = source_sub.and_then(loggable_id),
                    "{}",
                    self.message
                )
            };
        }
        match self.level {
            Level::ERROR => write_at!(Level::ERROR),
            Level::WARN => write_at!(Level::WARN),
            Level::INFO => write_at!(Level::INFO),
            _ => write_at!(Level::DEBUG),
        }
    }
}

/// An attempt in CloudWatch's embedded metric format; `None` for what is none. There is nothing in it but constants,
/// numbers and the function's own name, so nothing personal can be.
fn embedded_metrics(
    function_name: &str,
    invocation: &Invocation<'_>,
    outcome: &Outcome,
    since_1970: Duration,
) -> Option<Value> {
    let (migrated, rejected, failed, reason, class) = match outcome {
        Outcome::Migrated(_) => (1, 0, 0, None, None),
        Outcome::Stopped(Stop::Rejected(reason)) => (0, 1, 0, Some(reason.as_str()), None),
        Outcome::Stopped(Stop::Failed(failure)) => {
            let class = Some(failure.class().as_str());
            (0, 0, 1, class, class)
        }
        Outcome::Allowed
        | Outcome::NotMarked
        | Outcome::StepsDone(_)
        | Outcome::SourceUserAlreadyDisabled
        | Outcome::Reported(_) => return None,
    };
    let metrics = Metric::VARIANTS
        .iter()
        .map(|metric| json!({"Name": metric.as_str(), "Unit": metric.unit()}));
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
    for (property, text) in [("Reason", reason), ("ErrorClass", class)] {
        if let Some(text) = text {
            line[property] = text.into();
        }
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use rules::{
        migrated_user::{MigratedUser, WelcomeMessage},
        outcome::Cause,
    };

    use super::*;

    /// The units of <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>.
    const UNITS: [&str; 27] = [
        "Seconds",
        "Microseconds",
        "Milliseconds",
        "Bytes",
        "Kilobytes",
        "Megabytes",
        "Gigabytes",
        "Terabytes",
        "Bits",
        "Kilobits",
        "Megabits",
        "Gigabits",
        "Terabits",
        "Percent",
        "Count",
        "Bytes/Second",
        "Kilobytes/Second",
        "Megabytes/Second",
        "Gigabytes/Second",
        "Terabytes/Second",
        "Bits/Second",
        "Kilobits/Second",
        "Megabits/Second",
        "Gigabits/Second",
        "Terabits/Second",
        "Count/Second",
        "None",
    ];

    fn names(object: &Value) -> BTreeSet<&str> {
        object
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect()
    }

    fn has_length(text: &Value, most: usize) -> bool {
        text.as_str()
            .is_some_and(|text| (1..=most).contains(&text.chars().count()))
    }

    /// The rules of the embedded metric format's specification, as far as a document can break them.
    #[track_caller]
    fn is_embedded_metric_format(root: &Value) {
        let metadata = &root["_aws"];
        assert_eq!(
            names(metadata),
            BTreeSet::from(["CloudWatchMetrics", "Timestamp"])
        );
        let timestamp = metadata["Timestamp"].as_u64().expect("whole milliseconds");
        // From 2020 to 2100: seconds or microseconds would not be.
        assert!((1_577_836_800_000..4_102_444_800_000).contains(&timestamp));
        let directives = metadata["CloudWatchMetrics"].as_array().expect("an array");
        assert!(!directives.is_empty());
        for directive in directives {
            assert_eq!(
                names(directive),
                BTreeSet::from(["Dimensions", "Metrics", "Namespace"])
            );
            assert!(has_length(&directive["Namespace"], 1024));
            assert!(!directive["Namespace"].as_str().unwrap().starts_with("AWS/"));
            for dimensions in directive["Dimensions"].as_array().expect("an array") {
                let dimensions = dimensions.as_array().expect("an array of keys");
                assert!(dimensions.len() <= 30);
                for key in dimensions {
                    assert!(has_length(key, 250) && !key.as_str().unwrap().starts_with(':'));
                    assert!(
                        has_length(&root[key.as_str().unwrap()], 1024),
                        "{key} is a text at the root"
                    );
                }
            }
            let metrics = directive["Metrics"].as_array().expect("an array");
            assert!((1..=100).contains(&metrics.len()));
            for metric in metrics {
                for member in names(metric) {
                    assert!(["Name", "StorageResolution", "Unit"].contains(&member));
                }
                assert!(has_length(&metric["Name"], 1024));
                assert!(UNITS.contains(&metric["Unit"].as_str().unwrap_or("None")));
                assert!(
                    root[metric["Name"].as_str().unwrap()].is_number(),
                    "{metric} is a number at the root"
                );
            }
        }
        assert!(root.to_string().len() < 256 * 1024);
        assert!(!root.to_string().contains('\n'));
    }

    fn outcomes() -> [Outcome; 3] {
        let user = MigratedUser {
            attributes: BTreeMap::from([("email".to_owned(), "ana@example.com".to_owned())]),
            final_status: None,
            welcome_message: WelcomeMessage::None,
            force_alias_creation: false,
            enable_sms_mfa: false,
        };
        [
            Outcome::Migrated(user),
            Outcome::Stopped(Reason::UserNotFound.into()),
            Outcome::Stopped(Failure::new(Cause::Unreachable, "AdminGetUser", "Timeout").into()),
        ]
    }

    fn line(trigger: Option<TriggerSource>, outcome: &Outcome) -> Value {
        let invocation = Invocation {
            trigger,
            duration: Duration::from_millis(84),
            source_time: Duration::from_micros(81_900),
            request_id: "0a1b2c3d-0000-4000-8000-00000000000f",
        };
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
        embedded_metrics("user-migration", &invocation, outcome, now).unwrap()
    }

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

    #[test]
    fn every_line_is_in_the_embedded_metric_format() {
        let triggers = TriggerSource::VARIANTS.iter().copied().map(Some);
        for trigger in triggers.chain([None]) {
            for outcome in outcomes() {
                is_embedded_metric_format(&line(trigger, &outcome));
            }
        }
    }

    #[test]
    fn one_of_three_is_counted_and_both_times_are_measured() {
        let counts = outcomes().map(|outcome| {
            let line = line(Some(TriggerSource::SignIn), &outcome);
            assert_eq!(line["Trigger"], "UserMigration_Authentication");
            assert_eq!(
                (&line["DurationMs"], &line["SourceMs"]),
                (&json!(84), &json!(81))
            );
            ["Migrated", "Rejected", "Failed", "Reason", "ErrorClass"]
                .map(|name| line[name].clone())
        });
        assert_eq!(
            json!(counts),
            json!([
                [1, 0, 0, null, null],
                [0, 1, 0, "user_not_found", null],
                [0, 0, 1, "SourceUnavailable", "SourceUnavailable"],
            ])
        );
    }

    #[test]
    fn no_line_holds_anything_of_a_person() {
        for outcome in outcomes() {
            let line = line(Some(TriggerSource::SignIn), &outcome).to_string();
            assert!(
                !line.contains("ana") && !line.contains("0a1b2c3d"),
                "{line}"
            );
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
