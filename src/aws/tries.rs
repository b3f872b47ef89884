//! How often a call is tried, and for how long.

use std::time::Duration;

use super::{classify::Fault, facts::Unanswered};
use crate::error::{Failure, FailureClass, Reason};

/// At most this many tries a call; the time budget of the invocation may end them sooner.
const TRIES: u32 = 3;

/// The pause before the second try; doubled before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// One try may take the time there is divided by this, so that a connection that hangs leaves time for another.
pub const TRIES_THAT_FIT: u32 = 3;

tokio::task_local! {
    /// How long a try of the invocation under way may take.
    static LONGEST_TRY: Duration;
}

/// Does `work`, for which there is `time`: a try of one of its calls takes at most its part of it. The caller sees to it
/// that the work ends.
///
/// The clients know only the time that an invocation has at most. Lambda can give it less.
pub async fn limiting_tries<T>(time: Duration, work: impl Future<Output = T>) -> T {
    LONGEST_TRY.scope(time / TRIES_THAT_FIT, work).await
}

/// `work`, for a task of its own, with the time that the task has which starts it.
pub(crate) fn as_here<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let longest = LONGEST_TRY.try_with(|longest| *longest).ok();
    async move {
        match longest {
            Some(longest) => LONGEST_TRY.scope(longest, work).await,
            None => work.await,
        }
    }
}

/// Makes one try of a call, and ends it if it takes too long. Outside of an invocation only the client's limit holds.
pub(crate) fn one_try<T>(
    operation: &'static str,
    call: impl Future<Output = Result<T, Fault>>,
) -> impl Future<Output = Result<T, Fault>> {
    // Boxed, because it is large, and everything around it would carry its size along, several times over.
    let call = Box::pin(call);
    async move {
        let Ok(longest) = LONGEST_TRY.try_with(|longest| *longest) else {
            return call.await;
        };
        tokio::time::timeout(longest, call)
            .await
            .unwrap_or_else(|_| Err(Fault::Passing(Failure::unavailable(operation, "Timeout"))))
    }
}

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

/// Makes a call of `operation` until it succeeds, its fault lasts, or the tries are used up.
///
/// The SDK's own retries stay off: they know neither an answer that cannot be read nor expired credentials as
/// passing, and they stop after a longer outage until enough calls have succeeded again.
pub(crate) async fn up_to_three_times<T, C>(
    operation: &'static str,
    call: impl Fn() -> C,
) -> Result<T, Ended>
where
    C: Future<Output = Result<T, Fault>>,
{
    up_to_three_times_while(|| true, || one_try(operation, call())).await
}

/// As [`up_to_three_times`], but without another try once nobody `wants` the result, and each try as long as it takes.
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
