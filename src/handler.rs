//! The handler of an invocation: the trigger's conclusion becomes an answer, a log line and a metric.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::{Duration, Instant, SystemTime},
};

use lambda_runtime::{Diagnostic, LambdaEvent};
use pools::{Aws, SourcePool};
use rules::{
    outcome::{Cause, Failure, FailureClass, FunctionError, Reason, Stop},
    protocol::TriggerSource,
    settings::{OnReject, Settings},
};
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    event::{Event, NotJson, Unusable},
    preflight,
    telemetry::{Invocation, Telemetry},
    triggers::{
        Conclusion, Outcome, post_authentication::PostAuthentication, pre_sign_up::PreSignUp,
        user_migration::UserMigration,
    },
};

/// The part of Lambda's deadline that is reserved for sending the response.
const RESPONSE_MARGIN: Duration = Duration::from_millis(200);

/// Answers invocations.
pub struct Handler {
    user_migration: UserMigration,
    pre_sign_up: PreSignUp,
    /// `None` where there is no mark: then there are no post-migration steps.
    post_authentication: Option<PostAuthentication>,
    settings: Settings,
    telemetry: Telemetry,
}

impl Handler {
    /// Sets everything up, and begins to connect to the source pool in the background.
    pub async fn build(settings: Settings, function_name: Option<String>) -> Self {
        let aws = Aws::new(&settings.source.region, settings.time_budget).await;
        let source = SourcePool::new(aws.clone(), settings.source.clone());
        source.warm_up(settings.policy.asks_for_pool_mfa());
        Handler {
            user_migration: UserMigration::new(source.clone(), &settings),
            pre_sign_up: PreSignUp::new(source.clone(), &settings),
            post_authentication: PostAuthentication::new(source, aws, &settings),
            telemetry: Telemetry::new(settings.metrics, function_name),
            settings,
        }
    }

    /// Answers the text of one event: with the event, filled in or unchanged, or with a Lambda error.
    pub async fn handle(
        &self,
        invocation: LambdaEvent<String>,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let started = Instant::now();
        let (text, context) = invocation.into_parts();
        let mut source_time = Duration::ZERO;
        let (trigger, conclusion, answer) = match Event::receive(&text) {
            Err(NotJson) => {
                // There is no event to echo.
                let rejected = Stop::Rejected(Reason::InvalidRequest);
                (None, rejected.into(), Err(FunctionError::Rejected))
            }
            Ok(event) => {
                // Without a mark there is nothing to do after a sign-in.
                let is_served = |trigger: &TriggerSource| {
                    *trigger != TriggerSource::SignedIn || self.post_authentication.is_some()
                };
                let trigger = event
                    .trigger_source()
                    .map(|trigger| trigger.filter(is_served));
                let time = until_deadline(context.deadline);
                let asked = Instant::now();
                let concluded = without_panic(self.conclude(trigger, &event, time)).await;
                let conclusion = concluded.unwrap_or_else(Conclusion::from);
                source_time = asked.elapsed();
                let trigger = trigger.ok().flatten();
                let answer = self.answer(trigger, &event, &conclusion.outcome);
                (trigger, conclusion, answer)
            }
        };
        let invocation = Invocation {
            trigger,
            duration: started.elapsed(),
            source_time,
            request_id: &context.request_id,
        };
        self.telemetry.record(&invocation, &conclusion);
        answer.map_err(|error| Diagnostic {
            error_type: error.error_type().to_owned(),
            error_message: error.to_string(),
        })
    }

    /// The conclusion of the trigger's module, within the `time` that Lambda leaves.
    ///
    /// Rare triggers are boxed, to keep the future of a sign-in small.
    async fn conclude(
        &self,
        trigger: Result<Option<TriggerSource>, Unusable>,
        event: &Event<'_>,
        time: Duration,
    ) -> Result<Conclusion, Stop> {
        use TriggerSource::*;
        match (trigger?, &self.post_authentication) {
            (Some(SignIn), _) => self.user_migration.sign_in(event, time).await,
            (Some(ForgotPassword), _) => self.user_migration.forgot_password(event, time).await,
            (Some(SignUp), _) => Box::pin(self.pre_sign_up.sign_up(event, time)).await,
            // The user does not choose the name.
            (Some(AdminCreateUser | ExternalProviderSignUp), _) => Ok(Outcome::Allowed.into()),
            (Some(SignedIn), Some(steps)) => Box::pin(steps.signed_in(event, time)).await,
            (Some(Preflight), _) => Ok(Box::pin(preflight::report(&self.settings, time)).await),
            (None | Some(SignedIn), _) => Err(Reason::UnknownTrigger.into()),
        }
    }

    /// The one answer to each outcome.
    fn answer(
        &self,
        trigger: Option<TriggerSource>,
        event: &Event<'_>,
        outcome: &Outcome,
    ) -> Result<Box<RawValue>, FunctionError> {
        let unavailable = FunctionError::Failed(FailureClass::SourceUnavailable);
        match outcome {
            Outcome::Migrated(user) => event.with_migrated_user(user).map_err(|_| unavailable),
            Outcome::Allowed
            | Outcome::NotMarked
            | Outcome::StepsDone(_)
            | Outcome::SourceUserAlreadyDisabled => Ok(event.unchanged()),
            // Texts and numbers always become JSON.
            Outcome::Reported(report) => to_raw_value(report).map_err(|_| unavailable),
            // A sign-in that the destination pool has accepted goes on.
            Outcome::Stopped(_) if trigger == Some(TriggerSource::SignedIn) => {
                Ok(event.unchanged())
            }
            Outcome::Stopped(Stop::Failed(failure)) => Err(FunctionError::Failed(failure.class())),
            Outcome::Stopped(Stop::Rejected(reason)) => match (reason, self.settings.on_reject) {
                (Reason::AccountExists, _) => Err(FunctionError::AccountExists),
                // The sender did not ask for a migration.
                (Reason::UnknownTrigger, _) | (_, OnReject::Echo) => Ok(event.unchanged()),
                (_, OnReject::Error) => Err(FunctionError::Rejected),
            },
        }
    }
}

/// The time until Lambda ends the invocation, less what sending the answer takes.
///
/// A past deadline counts as unset: Lambda hands over no invocation whose time is up, but cargo-lambda's local runtime
/// sends the length of its time-out where the moment belongs.
fn until_deadline(milliseconds_since_1970: u64) -> Duration {
    let since_1970 = Duration::from_millis(milliseconds_since_1970);
    SystemTime::UNIX_EPOCH
        .checked_add(since_1970)
        .and_then(|deadline| deadline.duration_since(SystemTime::now()).ok())
        .map_or(Duration::MAX, |left| left.saturating_sub(RESPONSE_MARGIN))
}

/// Runs `work` to its end. A panic becomes a failure: the Lambda runtime would send its text to the person who signs in.
async fn without_panic<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll,
            Err(_) => Poll::Ready(Err(Failure::new(Cause::Ended, "invocation", "Panic").into())),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_leaves_time_to_send_the_answer() {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
        let now = u64::try_from(now).unwrap();
        for (deadline, least, most) in [
            (now + 60_000, 29_800, 59_800),
            (now + 100, 0, 0),
            // A length, which is no moment to come, is none.
            (600_000, u64::MAX, u64::MAX),
            (u64::MAX, 3_600_000, u64::MAX),
        ] {
            let left = until_deadline(deadline).as_millis();
            let left = u64::try_from(left).unwrap_or(u64::MAX);
            assert!((least..=most).contains(&left), "{deadline}: {left}");
        }
    }

    #[tokio::test]
    async fn a_panic_becomes_a_failure() {
        let ended: Result<(), _> = without_panic(async { panic!("ana@example.com") }).await;
        let Err(Stop::Failed(failure)) = ended else {
            panic!("{ended:?}");
        };
        assert_eq!(failure.class(), FailureClass::SourceUnavailable);
        assert_eq!(failure.code, "Panic");
    }
}
