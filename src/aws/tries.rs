//! How often a call is tried.

use std::time::Duration;

use super::{classify::Fault, facts::Unanswered};
use crate::error::{Failure, FailureClass, Reason};

/// At most this many tries a call; the time budget of the invocation may end them sooner.
const TRIES: u32 = 3;

/// The pause before the second try; doubled before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Why a call has no result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The source pool refused.
    Refused(Reason),
    /// The source pool could not be asked.
    Failed(Failure),
}

impl Ended {
    /// As a failure, where there is nobody whom AWS could refuse.
    pub(crate) fn failure(self, operation: &'static str) -> Failure {
        match self {
            Ended::Failed(failure) => failure,
            Ended::Refused(reason) => Failure {
                class: FailureClass::Misconfigured,
                operation,
                code: reason.as_str().to_owned(),
                source_request_id: None,
            },
        }
    }

    /// Why a question of `operation` about a setting has no answer. There is nobody whom AWS could refuse here.
    pub(crate) fn unanswered(self, operation: &'static str) -> Unanswered {
        match self {
            Ended::Failed(failure) => failure.into(),
            Ended::Refused(reason) => Unanswered::Failed(Failure {
                class: FailureClass::Misconfigured,
                operation,
                code: reason.as_str().to_owned(),
                source_request_id: None,
            }),
        }
    }
}

/// Makes the call until it succeeds, its fault lasts, or the tries are used up.
///
/// The SDK's own retries stay off: they know neither an answer that cannot be read nor expired credentials as
/// passing, and they stop after a longer outage until enough calls have succeeded again.
pub(crate) async fn up_to_three_times<T, C>(call: impl Fn() -> C) -> Result<T, Ended>
where
    C: Future<Output = Result<T, Fault>>,
{
    up_to_three_times_while(|| true, call).await
}

/// As [`up_to_three_times`], but without another try once nobody `wants` the result.
pub(crate) async fn up_to_three_times_while<T, C>(
    wants: impl Fn() -> bool,
    call: impl Fn() -> C,
) -> Result<T, Ended>
where
    C: Future<Output = Result<T, Fault>>,
{
    let mut pause = FIRST_PAUSE;
    let mut tries = 1;
    loop {
        match call().await {
            Ok(value) => return Ok(value),
            Err(Fault::Refused(reason)) => return Err(Ended::Refused(reason)),
            Err(Fault::Lasting(failure)) => return Err(Ended::Failed(failure)),
            Err(Fault::Passing(failure) | Fault::CredentialsExpired(failure)) => {
                if tries == TRIES {
                    return Err(Ended::Failed(failure));
                }
                tokio::time::sleep(pause).await;
                // Asked after the pause: in it, whoever wanted the result may have gone.
                if !wants() {
                    return Err(Ended::Failed(failure));
                }
            }
        }
        tries += 1;
        pause *= 2;
    }
}
