//! The app client's secret where Secrets Manager holds it, through its whole life.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::source_pool::{
    ACCESS_KEY_ID, CLIENT_ID, Client, Fault, Operation, POOL_ID, SourcePoolStub, State, StubRole,
    Times,
};

use crate::support::*;

const OLD: &str = "0ldS3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
const NEW: &str = "n3wS3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
/// In another Region than the function and the source pool, and in another account than the pool.
const ARN: &str = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:source/client-AbCdEf";
const ROLE: &str = "arn:aws:iam::444455556666:role/source-reader";

/// [`ana`]'s pool, whose app client has a secret that is stored as it is.
fn stored() -> State {
    let mut state = anas_pool();
    state.clients = vec![Client::new(CLIENT_ID).with_secret(OLD)];
    state.store(ARN, OLD);
    state
}

/// The JSON that Cognito itself keeps, of this app client.
fn kept_by_cognito(client_id: &str) -> String {
    json!({"userPoolId": POOL_ID, "userPoolClientId": client_id, "clientSecretValue": OLD})
        .to_string()
}

/// A function that uses the stored secret; its warm-up may still go on. Everything is set to make libraries talk.
async fn start(state: State, failing: Option<Fault>, variables: &[(&str, &str)]) -> Bed {
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    if let Some(fault) = failing {
        pool.fail(Operation::GetSecretValue, fault, Times::Forever);
    }
    let talkative = [
        ("SRC_CLIENT_SECRET_ARN", ARN),
        ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
        ("LOG_SENSITIVE_BODIES", "true"),
    ];
    Bed::on(pool, &[&talkative, variables].concat()).await
}

fn readings(bed: &Bed) -> usize {
    bed.pool.count(Operation::GetSecretValue)
}

/// The sign-in must fail so; the log says in which call.
async fn fails(bed: &Bed, class: &str, operation: &str, code: &str) {
    let outcome = bed.sign_in("ana.kowalczyk", PASSWORD).await;
    failed(&outcome, class);
    let line = bed.log_of(&outcome).await;
    let found = [&line["reason"], &line["operation"], &line["code"]];
    assert_eq!(found, [class, operation, code], "{line}");
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
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
        let bed = start(stored(), None, &[("SRC_AUTH_FLOW", flow)]).await;
        bed.settle().await;
        assert_eq!(readings(&bed), 1, "before the first sign-in");
        let reading = &bed.pool.received_of(Operation::GetSecretValue)[0];
        assert_eq!(reading.signed_by.as_deref(), Some(ACCESS_KEY_ID));
        assert_eq!(reading.body, json!({"SecretId": ARN}));
        for _ in 0..3 {
            bed.ana_signs_in().await;
        }
        let wrong = sign_in_event("ana.kowalczyk", WRONG);
        rejected(&bed, &wrong, "wrong_credentials").await;
        assert_eq!(readings(&bed), 1);

        bed.pool.change(|state| {
            state.clients[0].secret = Some(NEW.into());
            state.store(ARN, &format!("{NEW}\n"));
        });
        for _ in 0..2 {
            bed.ana_signs_in().await;
            assert_eq!(readings(&bed), 2);
        }
        rejected(&bed, &wrong, "wrong_credentials").await;
        let asked: Vec<_> = bed.pool.received();
        let mut wrong_hashes = asked.iter().filter(|request| {
            let text = request.body.to_string();
            request.error.as_deref() == Some("NotAuthorizedException") && text.contains(PASSWORD)
        });
        assert!(wrong_hashes.next().is_some() && wrong_hashes.next().is_none());
        end(bed).await;
    }
}

#[tokio::test]
async fn a_secret_that_stays_wrong_is_read_once_more_and_not_for_every_sign_in() {
    let mut state = stored();
    state.store(ARN, "another-secret-than-the-clients");
    let bed = start(state, None, &[]).await;
    bed.settle().await;
    for _ in 0..3 {
        fails(
            &bed,
            "Misconfigured",
            "AdminInitiateAuth",
            "NotAuthorizedException",
        )
        .await;
        assert_eq!(readings(&bed), 2);
    }
    // A reading that fails counts as well.
    let failing = start(stored(), None, &[]).await;
    failing.settle().await;
    failing
        .pool
        .change(|state| state.clients[0].secret = Some(NEW.into()));
    failing.pool.fail(
        Operation::GetSecretValue,
        Fault::AccessDenied,
        Times::Forever,
    );
    for _ in 0..3 {
        fails(
            &failing,
            "Misconfigured",
            "AdminInitiateAuth",
            "NotAuthorizedException",
        )
        .await;
        assert_eq!(readings(&failing), 2);
    }
    end(bed).await;
    end(failing).await;
}

#[tokio::test]
async fn secrets_manager_may_be_down_at_start() {
    let bed = start(stored(), Some(Fault::InternalError), &[]).await;
    // The warm-up gives up after its third try.
    let three = async {
        while readings(&bed) < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let tried = tokio::time::timeout(Duration::from_secs(20), three).await;
    assert!(tried.is_ok(), "{} tries", readings(&bed));
    // The log names by text the crates whose events it shows: this warning is of another crate than the log.
    let tells = |line: &Value| {
        let warning = (&line["level"], &line["message"], &line["operation"]);
        let text = "The client secret could not be read at start";
        warning == (&json!("WARN"), &json!(text), &json!("GetSecretValue"))
    };
    let output = bed
        .function
        .output_with(|output| output.lines().iter().any(tells))
        .await;
    assert!(output.lines().iter().any(tells), "{}", output.all());
    fails(
        &bed,
        "SourceUnavailable",
        "GetSecretValue",
        "InternalErrorException",
    )
    .await;
    bed.pool.recover();
    bed.ana_signs_in().await;
    bed.ana_signs_in().await;
    assert_eq!(readings(&bed), 7);
    end(bed).await;
}

/// Nor does a sign-in that comes meanwhile ask by itself.
#[tokio::test]
async fn a_slow_secrets_manager_does_not_delay_the_start() {
    const SLOW: Duration = Duration::from_millis(800);
    let pool = SourcePoolStub::start(stored())
        .await
        .expect("a loopback port");
    pool.set_latency_of(Operation::GetSecretValue, SLOW);
    let bed = Bed::on(pool, &[("SRC_CLIENT_SECRET_ARN", ARN)]).await;
    assert!(bed.function.ready_after < SLOW);
    bed.ana_signs_in().await;
    assert_eq!(readings(&bed), 1);
}

#[tokio::test]
async fn a_secret_that_cannot_be_had_is_a_misconfiguration() {
    type Change = fn(&mut State);
    let unchanged: Change = |_| {};
    let to_be_deleted =
        "You can't perform this operation on the secret because it was marked for deletion.";
    let cases: [(Change, Option<Fault>, &str); 7] = [
        (
            |state| state.secrets.clear(),
            None,
            "ResourceNotFoundException",
        ),
        (
            |state| state.denied = vec![format!("GetSecretValue {ARN}")],
            None,
            "AccessDeniedException",
        ),
        (
            unchanged,
            Some(Fault::error("InvalidRequestException", to_be_deleted)),
            "InvalidRequestException",
        ),
        (
            unchanged,
            Some(Fault::error("DecryptionFailure", OLD)),
            "DecryptionFailure",
        ),
        (
            |state| {
                let held = state.secrets.get_mut(ARN).expect("the secret");
                let text = held.remove("SecretString").expect("a text");
                held.insert("SecretBinary".into(), text);
            },
            None,
            "BinarySecret",
        ),
        (|state| state.store(ARN, "\n"), None, "EmptySecret"),
        (
            |state| state.store(ARN, &kept_by_cognito("another")),
            None,
            "SecretOfAnotherClient",
        ),
    ];
    for (change, fault, code) in cases {
        let mut state = stored();
        change(&mut state);
        let bed = start(state, fault, &[]).await;
        fails(&bed, "Misconfigured", "GetSecretValue", code).await;
        assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
        // Once it can be read, the function works without a restart.
        bed.pool.recover();
        bed.pool.change(|state| *state = stored());
        bed.ana_signs_in().await;
        end(bed).await;
    }
}

#[tokio::test]
async fn a_role_in_the_source_account_is_not_used_for_it() {
    let state = stored().with_role(StubRole::new(ROLE));
    let bed = start(state, None, &[("SRC_ROLE_ARN", ROLE)]).await;
    bed.ana_signs_in().await;
    for request in bed.pool.received() {
        let own = request.signed_by.as_deref() == Some(ACCESS_KEY_ID);
        match request.operation {
            Operation::GetSecretValue | Operation::AssumeRole => assert!(own),
            _ => assert!(!own),
        }
    }
    assert_eq!(readings(&bed), 1);
    end(bed).await;
}

/// Not even a secret that was pasted there.
#[tokio::test]
async fn an_arn_of_the_wrong_form_stops_the_start_and_is_not_shown() {
    for (name, value) in [("SRC_CLIENT_SECRET_ARN", OLD), ("SRC_CLIENT_SECRET", OLD)] {
        let host = testbed::runtime::Host::start()
            .await
            .expect("a loopback port");
        let pool = SourcePoolStub::start(stored())
            .await
            .expect("a loopback port");
        let setup = testbed::function::Setup::new(binary())
            .using(&pool)
            .with("SRC_CLIENT_SECRET_ARN", ARN)
            .with(name, value);
        let refused = setup
            .start(&host)
            .await
            .expect_err("two secrets, or a wrong one");
        let output = refused.output;
        assert!(output.all().contains(" SRC_CLIENT_SECRET_ARN must "));
        assert!(!output.all().contains(OLD), "{}", output.all());
        let errors: Vec<Value> = output.lines();
        assert_eq!(errors.len(), 1, "{errors:?}");
    }
}
