//! The app client's secret where Secrets Manager holds it. When it is read again is proven in `crates/pools`.

use std::time::Duration;

use serde_json::json;
use testbed::source_pool::{
    ACCESS_KEY_ID, CLIENT_ID, Client, Fault, Operation, SourcePoolStub, State, Times,
};

use crate::support::*;

const OLD: &str = "0ldS3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
const NEW: &str = "n3wS3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
const ARN: &str = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:source/client-AbCdEf";

/// [`ana`]'s pool, whose app client has a secret that is stored as it is.
fn stored() -> State {
    let mut state = anas_pool();
    state.clients = vec![Client::new(CLIENT_ID).with_secret(OLD)];
    state.store(ARN, OLD);
    state
}

/// A function that uses the stored secret; its warm-up may still go on. Everything is set to make libraries talk.
async fn start(pool: SourcePoolStub, flow: &str) -> Bed {
    let variables = [
        ("SRC_AUTH_FLOW", flow),
        ("SRC_CLIENT_SECRET_ARN", ARN),
        ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
        ("RUST_LOG", "trace"),
        ("LOG_SENSITIVE_BODIES", "true"),
    ];
    Bed::on(pool, &variables).await
}

fn readings(bed: &Bed) -> usize {
    bed.pool.count(Operation::GetSecretValue)
}

/// Ends the function. Nothing of the secret, nor the hashes made of it, has been printed.
async fn end(bed: Bed) {
    let mut secret = bed.pool.confidential();
    secret.extend([OLD, NEW].map(str::to_owned));
    let output = bed.function.end().await.output.all();
    assert!(output.contains("outcome"), "something was logged: {output}");
    for text in secret {
        let escaped = json!(text).to_string();
        for form in [&text, escaped.trim_matches('"')] {
            assert!(!output.contains(form), "{text} in {output}");
        }
    }
    assert!(!output.contains("SecretString"), "{output}");
}

#[tokio::test]
async fn it_is_read_at_start_and_again_when_the_pool_has_another() {
    for (flow, [sign_in, _]) in FLOWS {
        let bed = start(running(stored()).await, flow).await;
        bed.settle().await;
        assert_eq!(readings(&bed), 1, "before the first sign-in");
        let reading = &bed.pool.received_of(Operation::GetSecretValue)[0];
        assert_eq!(reading.signed_by.as_deref(), Some(ACCESS_KEY_ID));
        assert_eq!(reading.body, json!({"SecretId": ARN}));
        let wrong = sign_in_event(ANA, WRONG);
        // The sign-in that notices another secret is tried once more, and no wrong password is.
        for (is_changed, sign_ins, readings_then) in [(false, 1, 0), (true, 2, 1), (false, 1, 0)] {
            if is_changed {
                bed.pool.change(|state| {
                    state.clients[0].secret = Some(NEW.into());
                    state.store(ARN, &format!("{NEW}\n"));
                });
            }
            bed.pool.forget();
            bed.ana_signs_in().await;
            assert_eq!(bed.pool.count(sign_in), sign_ins, "{flow}");
            bed.rejects(&wrong, "wrong_credentials").await;
            assert_eq!(bed.pool.count(sign_in), sign_ins + 1, "{flow}");
            assert_eq!(readings(&bed), readings_then, "{flow}");
        }
        end(bed).await;
    }
}

#[tokio::test]
async fn secrets_manager_may_be_down_at_start() {
    let pool = running(stored()).await;
    pool.fail(
        Operation::GetSecretValue,
        Fault::InternalError,
        Times::Forever,
    );
    let bed = start(pool, FLOWS[0].0).await;
    // The warm-up gives up after its third try.
    let three = async {
        while readings(&bed) < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let tried = tokio::time::timeout(Duration::from_secs(20), three).await;
    assert!(tried.is_ok(), "{} tries", readings(&bed));
    // The log names by text the crates whose events it shows: this warning is of another crate than the log.
    let text = "The client secret could not be read at start";
    let (warnings, output) = bed.lines(1, |line| line["message"] == text).await;
    assert_eq!(warnings.len(), 1, "{output}");
    let expected = json!({"level": "WARN", "operation": "GetSecretValue"});
    assert_holds(&warnings[0], &expected, text);
    let event = sign_in_event(ANA, PASSWORD);
    let line = bed.fails(&event, "SourceUnavailable").await;
    assert_eq!(line["operation"], "GetSecretValue", "{line}");
    bed.pool.recover();
    bed.ana_signs_in().await;
    bed.ana_signs_in().await;
    assert_eq!(readings(&bed), 7);
    end(bed).await;
}
