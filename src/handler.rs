//! One invocation: the trigger, the time budget, and the outcome as an answer and a line in the log.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    time::{Duration, Instant, SystemTime},
};

use lambda_runtime::LambdaEvent;
use serde_json::value::RawValue;

use crate::{
    config::OnReject,
    error::{Failure, FunctionError, Reason},
    event::{Event, NotJson, TriggerSource, Unusable},
    migration::{Migration, Outcome, Report},
};

/// What is left of the Lambda's own deadline for sending the answer.
const SENDING_TAKES: Duration = Duration::from_millis(200);

/// Answers invocations.
pub struct Handler {
    migration: Migration,
    on_reject: OnReject,
    time_budget: Duration,
}

impl Handler {
    /// Answers refusals as `on_reject` says, and everything within `time_budget`.
    pub fn new(migration: Migration, on_reject: OnReject, time_budget: Duration) -> Self {
        Handler {
            migration,
            on_reject,
            time_budget,
        }
    }

    /// Answers the text of one event: with the event, filled in or unchanged, or with a Lambda error.
    pub async fn handle(
        &self,
        invocation: LambdaEvent<String>,
    ) -> Result<Box<RawValue>, FunctionError> {
        let started = Instant::now();
        let (text, context) = invocation.into_parts();
        let line = |trigger, report: &Report| log(trigger, report, started, &context.request_id);

        let event = match Event::receive(&text) {
            Ok(event) => event,
            Err(NotJson) => {
                line(None, &rejected(Reason::InvalidRequest));
                return Err(FunctionError::Rejected);
            }
        };
        let Some(trigger) = event.trigger_source() else {
            // Whoever sent this did not ask for a migration, so nothing is refused: it returns as it came.
            line(None, &rejected(Reason::UnknownTrigger));
            return Ok(event.unchanged());
        };
        let budget = self.time_budget.min(until_deadline(context.deadline));
        let report = match event.migration_request() {
            Err(Unusable) => rejected(Reason::InvalidRequest),
            Ok(request) => {
                let migration = async {
                    match trigger {
                        TriggerSource::SignIn => self.migration.sign_in(request).await,
                        TriggerSource::ForgotPassword => {
                            self.migration.forgot_password(request).await
                        }
                    }
                };
                tokio::time::timeout(budget, without_panic(migration))
                    .await
                    .unwrap_or_else(|_| failed("TimeBudget"))
            }
        };
        line(Some(trigger), &report);
        match report.outcome {
            Outcome::Migrated(user) => event
                .with_migrated_user(&user)
                .map_err(|Unusable| FunctionError::Rejected),
            Outcome::Rejected(_) => match self.on_reject {
                OnReject::Echo => Ok(event.unchanged()),
                OnReject::Error => Err(FunctionError::Rejected),
            },
            Outcome::Failed(failure) => Err(FunctionError::Failed(failure.class)),
        }
    }
}

/// The time until Lambda ends the invocation, less what sending the answer takes.
fn until_deadline(milliseconds_since_1970: u64) -> Duration {
    let deadline = SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds_since_1970);
    deadline
        .duration_since(SystemTime::now())
        .unwrap_or_default()
        .saturating_sub(SENDING_TAKES)
}

/// Runs `migration` to its end. A panic ends it as a failure: the Lambda runtime would send the panic's text to
/// the person who signs in.
async fn without_panic(migration: impl Future<Output = Report>) -> Report {
    let mut migration = pin!(migration);
    std::future::poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| migration.as_mut().poll(context)))
            .unwrap_or_else(|_| std::task::Poll::Ready(failed("Panic")))
    })
    .await
}

fn rejected(reason: Reason) -> Report {
    Report {
        outcome: Outcome::Rejected(reason),
        source_sub: None,
    }
}

fn failed(code: &'static str) -> Report {
    Report {
        outcome: Outcome::Failed(Failure::unavailable("migration", code)),
        source_sub: None,
    }
}

/// Writes the one line of the invocation.
fn log(trigger: Option<TriggerSource>, report: &Report, started: Instant, request_id: &str) {
    let trigger = trigger.map_or("unknown", TriggerSource::as_str);
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let source_sub = report.source_sub.as_deref().filter(|sub| is_uuid(sub));
    match &report.outcome {
        Outcome::Migrated(_) => tracing::info!(
            trigger,
            outcome = "migrated",
            duration_ms,
            request_id,
            source_sub,
            "The user may be created in the new pool"
        ),
        Outcome::Rejected(reason) => {
            let reason = reason.as_str();
            // Somebody attached the function where it does not belong, or sends it what Cognito would not.
            if matches!(
                report.outcome,
                Outcome::Rejected(Reason::UnknownTrigger | Reason::InvalidRequest)
            ) {
                tracing::warn!(
                    trigger,
                    outcome = "rejected",
                    reason,
                    duration_ms,
                    request_id,
                    "The event was refused"
                );
            } else {
                tracing::info!(
                    trigger,
                    outcome = "rejected",
                    reason,
                    duration_ms,
                    request_id,
                    source_sub,
                    "The user is not migrated"
                );
            }
        }
        Outcome::Failed(failure) => tracing::error!(
            trigger,
            outcome = "failed",
            reason = failure.class.as_str(),
            operation = failure.operation,
            code = failure.code,
            source_request_id = failure.source_request_id,
            duration_ms,
            request_id,
            source_sub,
            "The source pool could not be asked"
        ),
    }
}

/// A `sub` is a UUID; anything else that a source pool calls one might be personal.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
