//! The line of metrics beside the line of the log.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{
    runtime::FUNCTION_NAME,
    source_pool::{Fault, Target, Times},
};

use crate::support::*;

/// The lines of metrics so far, once there are that many.
async fn metrics(bed: &Bed, number: usize) -> Vec<Value> {
    let (lines, _) = bed.lines(number, |line| line.get("_aws").is_some()).await;
    lines
}

#[tokio::test]
async fn every_migration_writes_one_line_of_metrics() {
    let bed = Bed::start(anas_pool()).await;
    bed.pool.set_latency(Duration::from_millis(40));
    bed.ana_signs_in().await;
    bed.sign_in(ANA, WRONG).await;
    bed.forgot_password(ANA).await;
    bed.sign_in(ANA, "").await;
    bed.invoke_bytes("no JSON").await;
    bed.pool
        .fail(Target::Any, Fault::AccessDenied, Times::Forever);
    bed.sign_in(ANA, PASSWORD).await;
    let lines = metrics(&bed, 6).await;
    let sign_in = "UserMigration_Authentication";
    let reset = "UserMigration_ForgotPassword";
    let expected = [
        (json!([sign_in, 1, 0, 0, null, null]), true),
        (json!([sign_in, 0, 1, 0, "wrong_credentials", null]), true),
        (json!([reset, 1, 0, 0, null, null]), true),
        (json!([sign_in, 0, 1, 0, "no_password", null]), false),
        (json!(["unknown", 0, 1, 0, "invalid_request", null]), false),
        (
            json!([sign_in, 0, 0, 1, "Misconfigured", "Misconfigured"]),
            true,
        ),
    ];
    assert_eq!(lines.len(), expected.len());
    for (line, (members, is_asked)) in lines.iter().zip(expected) {
        let names = [
            "Trigger",
            "Migrated",
            "Rejected",
            "Failed",
            "Reason",
            "ErrorClass",
        ];
        assert_eq!(json!(names.map(|name| &line[name])), members);
        assert_eq!(line["FunctionName"], FUNCTION_NAME);
        let time = |name: &str| line[name].as_u64().expect("a number");
        assert!(time("SourceMs") <= time("DurationMs"), "{line}");
        assert_eq!(time("SourceMs") >= 40, is_asked, "{line}");
        // Programs that look for the line of the log find it by this.
        assert_eq!(line.get("outcome"), None);
        assert!(!line.to_string().contains("kowalczyk"), "{line}");
    }
}

#[tokio::test]
async fn metrics_can_be_switched_off_and_a_preflight_is_no_migration() {
    let preflight = json!({"triggerSource": "Migration_Preflight"});
    for (value, expected) in [("", 1), ("emf", 1), ("none", 0)] {
        let bed = Bed::with(anas_pool(), &[("METRICS", value)]).await;
        bed.invoke(&preflight).await;
        let outcome = bed.ana_signs_in().await;
        bed.log_of(&outcome).await;
        bed.host.idle(1).await;
        assert_eq!(metrics(&bed, expected).await.len(), expected, "{value}");
    }
}
