//! The app client's secret where Secrets Manager holds it. When it is read again is proven in `crates/pools`.

use serde_json::json;
use testbed::source_pool::{Fault, Operation::*, Times};

use crate::support::*;

const STORED: [(&str, &str); 4] = [
    ("SRC_CLIENT_SECRET_ARN", SECRET_ARN),
    ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
    ("RUST_LOG", "trace"),
    ("LOG_SENSITIVE_BODIES", "true"),
];

#[tokio::test]
async fn it_is_read_at_start_and_again_when_the_pool_has_another() {
    const NEW: &str = "n3wS3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
    let bed = Bed::on(running(confidential()).await, &STORED).await;
    bed.settle().await;
    let read = || bed.pool.count(GetSecretValue);
    assert_eq!(read(), 1, "before the first sign-in");
    bed.ana_signs_in().await;
    bed.pool.change(|state| {
        state.clients[0].secret = Some(NEW.into());
        state.store(SECRET_ARN, &format!("{NEW}\n"));
    });
    bed.ana_signs_in().await;
    let wrong = sign_in_event(ANA, WRONG);
    bed.rejects(&wrong, "wrong_credentials").await;
    // The sign-in that notices another secret is tried once more, and no wrong password is.
    let sign_ins = bed.pool.count(AdminInitiateAuth);
    assert_eq!((sign_ins, read()), (1 + 2 + 1, 2));
    bed.ends_silently(&[SECRET, NEW, "SecretString"]).await;
}

#[tokio::test]
async fn secrets_manager_may_be_down_at_start() {
    let pool = running(confidential()).await;
    pool.fail(GetSecretValue, Fault::InternalError, Times::Forever);
    let bed = Bed::on(pool, &STORED).await;
    let read = || bed.pool.count(GetSecretValue);
    // The warm-up gives up after its third try.
    bed.is_asked(GetSecretValue, 3).await;
    // The log names by text the crates whose events it shows: this warning is of another crate than the log.
    let text = "The client secret could not be read at start";
    let warnings = bed.lines(1, |line| line["message"] == text).await;
    let expected = json!({"level": "WARN", "operation": "GetSecretValue"});
    assert_holds(&warnings[0], &expected, text);
    let event = sign_in_event(ANA, PASSWORD);
    let line = bed.fails(&event, "SourceUnavailable").await;
    assert_eq!(line["operation"], "GetSecretValue", "{line}");
    bed.pool.recover();
    bed.ana_signs_in().await;
    bed.ana_signs_in().await;
    assert_eq!(read(), 7);
    bed.ends_silently(&[SECRET]).await;
}
