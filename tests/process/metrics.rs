//! The line of metrics beside the line of the log. What it counts is proven beside the code that writes it.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{
    runtime::FUNCTION_NAME,
    source_pool::{Fault, Target},
};

use crate::support::*;

fn are_metrics(line: &Value) -> bool {
    line.get("_aws").is_some()
}

#[tokio::test]
async fn every_migration_writes_one_line_of_metrics() {
    let bed = Bed::with(anas_pool(), &[]).await;
    bed.pool.set_latency(Duration::from_millis(40));
    bed.ana_signs_in().await;
    bed.invoke(&forgot_password_event("unknown.user")).await;
    bed.invoke_bytes("no JSON").await;
    bed.always_fail(Target::Any, Fault::AccessDenied);
    bed.invoke(&sign_in_event(ANA, PASSWORD)).await;
    let lines = bed.lines(4, are_metrics).await;
    let sign_in = "UserMigration_Authentication";
    let reset = "UserMigration_ForgotPassword";
    for (line, (members, is_asked)) in lines.iter().zip([
        (json!([sign_in, 1, 0, 0, null]), true),
        (json!([reset, 0, 1, 0, "user_not_found"]), true),
        (json!(["unknown", 0, 1, 0, "invalid_request"]), false),
        (json!([sign_in, 0, 0, 1, "Misconfigured"]), true),
    ]) {
        let names = ["Trigger", "Migrated", "Rejected", "Failed", "Reason"];
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

/// A preflight is no migration.
#[tokio::test]
async fn the_log_level_is_lambdas_own_and_metrics_can_be_switched_off() {
    for (setting, outcomes, metrics) in [
        (("AWS_LAMBDA_LOG_LEVEL", ""), 1, 1),
        (("AWS_LAMBDA_LOG_LEVEL", "WARN"), 0, 1),
        (("METRICS", "none"), 1, 0),
    ] {
        let bed = Bed::with(anas_pool(), &[setting, ("RUST_LOG", "off")]).await;
        let preflight = json!({"triggerSource": "Migration_Preflight"});
        bed.invoke(&preflight).await;
        bed.ana_signs_in().await;
        bed.host.idle(1).await;
        bed.lines(outcomes, |line| line["outcome"] == "migrated")
            .await;
        bed.lines(metrics, are_metrics).await;
        for line in bed.function.output().stdout().lines() {
            let json: Result<Value, _> = serde_json::from_str(line);
            assert!(json.is_ok(), "{setting:?}: {line}");
        }
    }
}
