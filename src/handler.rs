//! One invocation: the trigger, the time budget, and the outcome as an answer and a line in the log.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::{Duration, Instant, SystemTime},
};

use lambda_runtime::{Context, LambdaEvent};
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    aws,
    config::OnReject,
    error::{Failure, FailureClass, FunctionError, Reason},
    event::{Event, MigrationRequest, NotJson, SignedIn, TriggerSource, Unusable},
    finish::{Finish, Finished, Left},
    migration::{Migration, Outcome, Report},
    preflight::{self, Preflight, Status},
    sign_up::{Guard, Verdict},
    telemetry::{self, Metrics},
};

/// What is left of the Lambda's own deadline for sending the answer.
const SENDING_TAKES: Duration = Duration::from_millis(200);

/// No finishing takes longer: the person waits for it, and Cognito would end the sign-in after five seconds, of which
/// the start of the function may have taken some. What is not done in time is done at the next sign-in.
const LONGEST_FINISHING: Duration = Duration::from_millis(2500);

/// Answers invocations.
pub struct Handler {
    migration: Migration,
    guard: Guard,
    /// `None` leaves migrated users as they are.
    finish: Option<Finish>,
    preflight: Preflight,
    metrics: Metrics,
    on_reject: OnReject,
    time_budget: Duration,
}

impl Handler {
    /// Answers refusals as `on_reject` says, and everything within `time_budget`.
    pub fn new(
        migration: Migration,
        guard: Guard,
        finish: Option<Finish>,
        preflight: Preflight,
        metrics: Metrics,
        on_reject: OnReject,
        time_budget: Duration,
    ) -> Self {
        Handler {
            migration,
            guard,
            finish,
            preflight,
            metrics,
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
        let line = |trigger, report: &Report| {
            let duration = started.elapsed();
            log(trigger, report, duration, &context.request_id);
            self.metrics.write(trigger, report, duration);
        };

        let event = match Event::receive(&text) {
            Ok(event) => event,
            Err(NotJson) => {
                line(None, &rejected(Reason::InvalidRequest));
                return Err(FunctionError::Rejected);
            }
        };
        let trigger_source = event.trigger_source();
        if let (Some(finish), Ok(Some(TriggerSource::SignedIn))) = (&self.finish, trigger_source) {
            self.finish(finish, &event, &context, started).await;
            return Ok(event.unchanged());
        }
        let (trigger, report) = match trigger_source {
            Ok(Some(TriggerSource::Preflight)) => {
                return self.look_at_both_pools(&event, &context, started).await;
            }
            Ok(Some(TriggerSource::SignIn)) => {
                let sign_in =
                    self.migrate(&event, &context, |request| self.migration.sign_in(request));
                (Some(TriggerSource::SignIn), sign_in.await)
            }
            Ok(Some(TriggerSource::ForgotPassword)) => {
                let reset = self.migrate(&event, &context, |request| {
                    self.migration.forgot_password(request)
                });
                (Some(TriggerSource::ForgotPassword), reset.await)
            }
            Ok(Some(TriggerSource::SignUp)) => {
                return self.sign_up(&event, &context, started).await;
            }
            Ok(Some(
                trigger @ (TriggerSource::AdminCreateUser | TriggerSource::ExternalProviderSignUp),
            )) => {
                // Nobody chooses a name by themselves here.
                let (allowed, duration) = (Ok(Verdict::Allowed), started.elapsed());
                log_sign_up(trigger, &allowed, duration, &context.request_id);
                return Ok(event.unchanged());
            }
            // Somebody has signed in, and nothing is configured to be done about it.
            Ok(None | Some(TriggerSource::SignedIn)) => {
                // Whoever sent this did not ask for a migration, so nothing is refused: it returns as it came.
                line(None, &rejected(Reason::UnknownTrigger));
                return Ok(event.unchanged());
            }
            Err(Unusable) => (None, rejected(Reason::InvalidRequest)),
        };
        let answer = match &report.outcome {
            Outcome::Migrated(user) => event
                .with_migrated_user(user)
                .map_err(|Unusable| FunctionError::Failed(FailureClass::SourceUnavailable)),
            Outcome::Rejected(_) => match self.on_reject {
                OnReject::Echo => Ok(event.unchanged()),
                OnReject::Error => Err(FunctionError::Rejected),
            },
            Outcome::Failed(failure) => Err(FunctionError::Failed(failure.class)),
        };
        line(trigger, &report);
        answer
    }

    /// Runs the migration that the trigger asks for, within the time there is.
    async fn migrate<M: Future<Output = Report>>(
        &self,
        event: &Event<'_>,
        context: &Context,
        migration: impl FnOnce(MigrationRequest) -> M,
    ) -> Report {
        let Ok(request) = event.migration_request() else {
            return rejected(Reason::InvalidRequest);
        };
        let started = Instant::now();
        self.in_time("migration", self.time_budget, context, migration(request))
            .await
            .unwrap_or_else(|failure| failed(failure, started.elapsed()))
    }

    /// Asks the guard about a sign-up. Whatever keeps it from answering lets nobody in.
    async fn sign_up(
        &self,
        event: &Event<'_>,
        context: &Context,
        started: Instant,
    ) -> Result<Box<RawValue>, FunctionError> {
        const OPERATION: &str = "sign-up";
        let verdict = match event.names_at_sign_up() {
            Ok(names) => self
                .in_time(
                    OPERATION,
                    self.time_budget,
                    context,
                    Box::pin(self.guard.check(&names)),
                )
                .await
                .and_then(|verdict| verdict),
            Err(Unusable) => Err(Failure::unavailable(OPERATION, "InvalidRequest")),
        };
        let source_time = started.elapsed();
        log_sign_up(
            TriggerSource::SignUp,
            &verdict,
            source_time,
            &context.request_id,
        );
        let (outcome, answer) = match verdict {
            Ok(Verdict::Allowed) => return Ok(event.unchanged()),
            Ok(Verdict::Refused) => (
                Outcome::Rejected(Reason::AccountExists),
                FunctionError::AccountExists,
            ),
            Err(failure) => {
                let class = failure.class;
                (Outcome::Failed(failure), FunctionError::Failed(class))
            }
        };
        let report = Report {
            outcome,
            source_sub: None,
            source_time,
        };
        self.metrics
            .write(Some(TriggerSource::SignUp), &report, started.elapsed());
        Err(answer)
    }

    /// Does what is left to do about somebody who has signed in. Nothing here stands in the way of the sign-in.
    async fn finish(
        &self,
        finish: &Finish,
        event: &Event<'_>,
        context: &Context,
        started: Instant,
    ) {
        const OPERATION: &str = "finish";
        let user = event.signed_in(finish.mark());
        let end = match &user {
            Ok(user) => self
                .in_time(
                    OPERATION,
                    self.time_budget.min(LONGEST_FINISHING),
                    context,
                    Box::pin(finish.run(user)),
                )
                .await
                .and_then(|end| end),
            Err(Unusable) => Err(Failure::unavailable(OPERATION, "InvalidRequest")),
        };
        let duration = started.elapsed();
        let source_sub = user.as_ref().ok().and_then(SignedIn::source_sub);
        log_finish(&end, source_sub, duration, &context.request_id);
        if let Err(failure) = end {
            let report = failed(failure, duration);
            self.metrics
                .write(Some(TriggerSource::SignedIn), &report, duration);
        }
    }

    /// Does `work` within `longest`, or the time that Lambda leaves if that is less.
    async fn in_time<T>(
        &self,
        operation: &'static str,
        longest: Duration,
        context: &Context,
        work: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        let time = longest.min(until_deadline(context.deadline));
        let work = aws::limiting_tries(time, without_panic(work));
        match tokio::time::timeout(time, work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(Panicked)) => Err(Failure::unavailable(operation, "Panic")),
            Err(_) => Err(Failure::unavailable(operation, "TimeBudget")),
        }
    }

    /// Answers with the report of a preflight. There is nobody to migrate, so it has the time that Lambda gives it.
    async fn look_at_both_pools(
        &self,
        event: &Event<'_>,
        context: &Context,
        started: Instant,
    ) -> Result<Box<RawValue>, FunctionError> {
        let report = self.preflight.report(
            event.user_pool_id(),
            &context.invoked_function_arn,
            until_deadline(context.deadline),
        );
        // Boxed, because it is large, and every sign-in would carry its size along.
        let Ok(report) = without_panic(Box::pin(report)).await else {
            return Err(FunctionError::Failed(FailureClass::SourceUnavailable));
        };
        log_preflight(&report, started.elapsed(), &context.request_id);
        // Texts and numbers always become JSON.
        to_raw_value(&report).map_err(|_| FunctionError::Failed(FailureClass::SourceUnavailable))
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

/// What an invocation did ended in a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Panicked;

/// Runs `work` to its end, and says so if it panics: the Lambda runtime would send the panic's text to the person who
/// signs in.
async fn without_panic<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}

fn rejected(reason: Reason) -> Report {
    Report {
        outcome: Outcome::Rejected(reason),
        source_sub: None,
        source_time: Duration::ZERO,
    }
}

/// A migration that was ended from here, after waiting `so_long` for the source pool.
fn failed(failure: Failure, so_long: Duration) -> Report {
    Report {
        outcome: Outcome::Failed(failure),
        source_sub: None,
        source_time: so_long,
    }
}

/// Writes the one line of a migration, or of an event that is none.
fn log(trigger: Option<TriggerSource>, report: &Report, duration: Duration, request_id: &str) {
    let trigger = trigger.map_or("unknown", TriggerSource::as_str);
    let duration_ms = telemetry::milliseconds(duration);
    let source_sub = loggable(report.source_sub.as_deref());
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
        Outcome::Failed(failure) => log_failure(
            trigger,
            failure,
            None,
            duration_ms,
            request_id,
            "The source pool could not be asked",
        ),
    }
}

/// Writes the one line of an invocation that could not do what it was asked for.
fn log_failure(
    trigger: &str,
    failure: &Failure,
    source_sub: Option<&str>,
    duration_ms: u64,
    request_id: &str,
    message: &str,
) {
    tracing::error!(
        trigger,
        outcome = "failed",
        reason = failure.class.as_str(),
        operation = failure.operation,
        code = failure.code,
        source_request_id = failure.source_request_id,
        duration_ms,
        request_id,
        source_sub,
        "{message}"
    );
}

/// Writes the one line of a sign-up.
fn log_sign_up(
    trigger: TriggerSource,
    verdict: &Result<Verdict, Failure>,
    duration: Duration,
    request_id: &str,
) {
    let trigger = trigger.as_str();
    let duration_ms = telemetry::milliseconds(duration);
    match verdict {
        Ok(Verdict::Allowed) => tracing::info!(
            trigger,
            outcome = "allowed",
            duration_ms,
            request_id,
            "The user may sign up"
        ),
        Ok(Verdict::Refused) => tracing::info!(
            trigger,
            outcome = "rejected",
            reason = Reason::AccountExists.as_str(),
            duration_ms,
            request_id,
            "The sign-up is refused: its owner can still migrate"
        ),
        Err(failure) => log_failure(
            trigger,
            failure,
            None,
            duration_ms,
            request_id,
            "The source pool could not be asked",
        ),
    }
}

/// Writes the one line of a finishing, or at DEBUG that there was none: that is nearly every sign-in.
fn log_finish(
    end: &Result<Finished, Failure>,
    source_sub: Option<&str>,
    duration: Duration,
    request_id: &str,
) {
    let trigger = TriggerSource::SignedIn.as_str();
    let duration_ms = telemetry::milliseconds(duration);
    let source_sub = loggable(source_sub);
    match end {
        Ok(Finished::NotMarked) => tracing::debug!(
            trigger,
            outcome = "not_marked",
            duration_ms,
            request_id,
            "There is nothing to do about the user"
        ),
        Ok(Finished::Done(left)) if *left == Left::default() => tracing::info!(
            trigger,
            outcome = "finished",
            duration_ms,
            request_id,
            source_sub,
            "The migration is finished"
        ),
        Ok(Finished::Done(left)) if left.source_user_gone => tracing::warn!(
            trigger,
            outcome = "finished",
            source_user = "gone",
            duration_ms,
            request_id,
            source_sub,
            "The migration is finished: the user is no longer in the source pool"
        ),
        Ok(Finished::Done(left)) => tracing::warn!(
            trigger,
            outcome = "finished",
            missing_groups = left.missing_groups.join(","),
            duration_ms,
            request_id,
            source_sub,
            "The migration is finished, but for groups that the new pool does not have"
        ),
        Err(failure) => log_failure(
            trigger,
            failure,
            source_sub,
            duration_ms,
            request_id,
            "The migration could not be finished; the next sign-in tries again",
        ),
    }
}

/// Writes the one line of a preflight.
fn log_preflight(report: &preflight::Report, duration: Duration, request_id: &str) {
    let trigger = TriggerSource::Preflight.as_str();
    let duration_ms = telemetry::milliseconds(duration);
    let (failed, warned) = (report.ids(Status::Fail), report.ids(Status::Warn));
    let (source_users, destination_users) = (report.users.source, report.users.destination);
    if report.ok {
        tracing::info!(
            trigger,
            outcome = "reported",
            failed_checks = failed,
            warned_checks = warned,
            source_users,
            destination_users,
            duration_ms,
            request_id,
            "The preflight found nothing that keeps migrations from working"
        );
    } else {
        tracing::warn!(
            trigger,
            outcome = "reported",
            failed_checks = failed,
            warned_checks = warned,
            source_users,
            destination_users,
            duration_ms,
            request_id,
            "The preflight found what keeps migrations from working"
        );
    }
}

/// A `sub`, if it is a UUID, as Cognito's are: no address, number or name that a source pool, or an event, calls one gets
/// into the log.
fn loggable(source_sub: Option<&str>) -> Option<&str> {
    source_sub.filter(|sub| aws::is_uuid(sub))
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
    fn only_what_looks_like_a_sub_is_logged_as_one() {
        let sub = Some("0a1b2c3d-0000-4000-8000-00000000000F");
        assert_eq!(loggable(sub), sub);
        for text in [
            "",
            "ana@example.com",
            "ana",
            "Anne-Marie",
            "ana-kowalczyk-1985",
            "+491555000001",
            "0155-5000001",
            "491555000001",
            "0a1b2c3d-0000-4000-8000-00000000000Z",
        ] {
            assert_eq!(loggable(Some(text)), None, "{text}");
        }
        assert_eq!(loggable(None), None);
    }

    #[tokio::test]
    async fn a_panic_becomes_a_failure() {
        let ended = without_panic(async { panic!("ana@example.com") }).await;
        assert_eq!(ended, Err::<(), _>(Panicked));
    }
}
