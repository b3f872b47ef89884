//! The log, its format and its level; and the metrics beside it.
//!
//! Only this crate's own events are written, at every level. The libraries below it are left out on purpose:
//! at TRACE the Lambda runtime writes the raw event, password included, and the SDK can write requests, answers
//! and filters. So no setting of the level, and no RUST_LOG, can bring a password into the log.

use std::{
    io::Write as _,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tracing::Level;
use tracing_subscriber::{
    filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    config::MetricsFormat,
    event::TriggerSource,
    migration::{Outcome, Report},
};

/// Where the metrics stand in CloudWatch.
const NAMESPACE: &str = "CognitoUserMigration";

/// Starts the log: JSON lines on stdout, this crate's events at `level` and above, and panics as a constant line.
///
/// A second call has no effect.
pub fn start(level: Level) {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false);
    let own_events = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
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

/// The last three parts of a path.
fn end_of_path(path: &str) -> &str {
    let starts = path.rmatch_indices('/').nth(2);
    starts.map_or(path, |(at, _)| &path[at + 1..])
}

/// A time in whole milliseconds.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The metrics of migrations: one line of JSON on stdout for each, from which CloudWatch makes numbers.
///
/// No call is made and no library needed; what it costs is the line. It goes to stdout beside the log's own writer,
/// because CloudWatch takes a line for metrics only if the embedded metric format is at its top level.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
#[derive(Clone, Debug)]
pub struct Metrics {
    /// `None` if no metrics are wanted.
    function_name: Option<String>,
}

impl Metrics {
    /// Metrics in this format of the function of this name.
    pub fn new(format: MetricsFormat, function_name: Option<String>) -> Self {
        Metrics {
            function_name: match format {
                MetricsFormat::Emf => Some(function_name.unwrap_or_else(|| "unknown".to_owned())),
                MetricsFormat::None => None,
            },
        }
    }

    /// Writes the metrics of a migration that took `duration`.
    pub fn write(&self, trigger: Option<TriggerSource>, report: &Report, duration: Duration) {
        let Some(function_name) = &self.function_name else {
            return;
        };
        let line = format!(
            "{}\n",
            embedded_metrics(
                function_name,
                trigger,
                report,
                duration,
                SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
            )
        );
        // In one piece, so that no line of the log can come in between. Whoever cannot write cannot complain either.
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
    }
}

/// A migration in CloudWatch's embedded metric format. There is nothing in it but constants, numbers and the
/// function's own name, so nothing personal can be.
fn embedded_metrics(
    function_name: &str,
    trigger: Option<TriggerSource>,
    report: &Report,
    duration: Duration,
    since_1970: Duration,
) -> Value {
    let (migrated, rejected, failed, reason, class) = match &report.outcome {
        Outcome::Migrated(_) => (1, 0, 0, None, None),
        Outcome::Rejected(reason) => (0, 1, 0, Some(reason.as_str()), None),
        Outcome::Failed(failure) => {
            let class = failure.class.as_str();
            (0, 0, 1, Some(class), Some(class))
        }
    };
    let mut line = json!({
        "_aws": {
            "Timestamp": milliseconds(since_1970),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
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
        "FunctionName": function_name,
        "Trigger": trigger.map_or("unknown", TriggerSource::as_str),
        "Migrated": migrated,
        "Rejected": rejected,
        "Failed": failed,
        "DurationMs": milliseconds(duration),
        "SourceMs": milliseconds(report.source_time),
    });
    for (property, text) in [("Reason", reason), ("ErrorClass", class)] {
        if let Some(text) = text {
            line[property] = text.into();
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{
        error::{Failure, Reason},
        event::MigratedUser,
    };

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

    fn reports() -> Vec<Report> {
        let user = MigratedUser {
            attributes: BTreeMap::from([("email".to_owned(), "ana@example.com".to_owned())]),
            final_status: None,
            welcome_message: vec![],
            force_alias_creation: false,
            enable_sms_mfa: false,
        };
        [
            Outcome::Migrated(user),
            Outcome::Rejected(Reason::UserNotFound),
            Outcome::Failed(Failure::unavailable("AdminGetUser", "Timeout")),
        ]
        .map(|outcome| Report {
            outcome,
            source_sub: Some("0a1b2c3d-0000-4000-8000-00000000000f".to_owned()),
            source_time: Duration::from_micros(81_900),
        })
        .into()
    }

    fn line(trigger: Option<TriggerSource>, report: &Report) -> Value {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
        embedded_metrics(
            "user-migration",
            trigger,
            report,
            Duration::from_millis(84),
            now,
        )
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
        for trigger in [
            None,
            Some(TriggerSource::SignIn),
            Some(TriggerSource::ForgotPassword),
        ] {
            for report in reports() {
                is_embedded_metric_format(&line(trigger, &report));
            }
        }
    }

    #[test]
    fn one_of_three_is_counted_and_both_times_are_measured() {
        let counts: Vec<_> = reports()
            .iter()
            .map(|report| {
                let line = line(Some(TriggerSource::SignIn), report);
                assert_eq!(line["Trigger"], "UserMigration_Authentication");
                assert_eq!(
                    (&line["DurationMs"], &line["SourceMs"]),
                    (&json!(84), &json!(81))
                );
                ["Migrated", "Rejected", "Failed", "Reason", "ErrorClass"]
                    .map(|name| line[name].clone())
            })
            .collect();
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
        for report in reports() {
            let line = line(Some(TriggerSource::SignIn), &report).to_string();
            assert!(
                !line.contains("ana") && !line.contains("0a1b2c3d"),
                "{line}"
            );
        }
    }

    #[test]
    fn a_function_without_a_name_has_metrics_too() {
        let metrics = Metrics::new(MetricsFormat::Emf, None);
        assert_eq!(metrics.function_name.as_deref(), Some("unknown"));
        let off = Metrics::new(MetricsFormat::None, Some("user-migration".to_owned()));
        assert_eq!(off.function_name, None);
    }
}
