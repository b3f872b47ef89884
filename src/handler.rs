//! One invocation: the trigger, the time budget, and the outcome as an answer and a line in the log.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    time::{Duration, Instant, SystemTime},
};

use lambda_runtime::{Context, LambdaEvent};
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
        let (trigger, report) = match event.trigger_source() {
            Ok(Some(trigger)) => (Some(trigger), self.migrate(trigger, &event, &context).await),
            Ok(None) => {
                // Whoever sent this did not ask for a migration, so nothing is refused: it returns as it came.
                line(None, &rejected(Reason::UnknownTrigger));
                return Ok(event.unchanged());
            }
            Err(Unusable) => (None, rejected(Reason::InvalidRequest)),
        };
        line(trigger, &report);
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

    /// Runs the migration that the trigger asks for, within the time there is.
    async fn migrate(
        &self,
        trigger: TriggerSource,
        event: &Event<'_>,
        context: &Context,
    ) -> Report {
        let Ok(request) = event.migration_request() else {
            return rejected(Reason::InvalidRequest);
        };
        let migration = async {
            match trigger {
                TriggerSource::SignIn => self.migration.sign_in(request).await,
                TriggerSource::ForgotPassword => self.migration.forgot_password(request).await,
            }
        };
        let budget = self.time_budget.min(until_deadline(context.deadline));
        tokio::time::timeout(budget, without_panic(migration))
            .await
            .unwrap_or_else(|_| failed("TimeBudget"))
    }
}

/// The time until Lambda ends the invocation, less what sending the answer takes.
///
/// A deadline that has passed is none: Lambda hands over no invocation whose time is up, but cargo-lambda's local
/// runtime sends the length of its time-out where the moment belongs.
fn until_deadline(milliseconds_since_1970: u64) -> Duration {
    let since_1970 = Duration::from_millis(milliseconds_since_1970);
    SystemTime::UNIX_EPOCH
        .checked_add(since_1970)
        .and_then(|deadline| deadline.duration_since(SystemTime::now()).ok())
        .map_or(Duration::MAX, |left| left.saturating_sub(SENDING_TAKES))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn in_milliseconds(from_now: i64) -> u64 {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
        u64::try_from(i64::try_from(now).unwrap() + from_now).unwrap()
    }

    #[test]
    fn the_deadline_leaves_time_to_send_the_answer() {
        let left = until_deadline(in_milliseconds(3000));
        assert!(left.abs_diff(Duration::from_millis(2800)) < Duration::from_millis(100));
        assert_eq!(until_deadline(in_milliseconds(100)), Duration::ZERO);
    }

    #[test]
    fn a_deadline_that_is_no_moment_to_come_is_none() {
        assert_eq!(until_deadline(600_000), Duration::MAX);
        assert!(until_deadline(u64::MAX) > Duration::from_secs(3600));
    }

    #[test]
    fn only_a_uuid_is_logged_as_sub() {
        assert!(is_uuid("0a1b2c3d-0000-4000-8000-00000000000F"));
        for text in [
            "",
            "ana@example.com",
            "0a1b2c3d-0000-4000-8000-00000000000",
            "0a1b2c3dx0000-4000-8000-00000000000f",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }

    #[tokio::test]
    async fn a_panic_becomes_a_failure() {
        let report = without_panic(async { panic!("ana@example.com") }).await;
        assert_eq!(report, failed("Panic"));
    }
}
