//! The retries of a call, and their time limits.
//!
//! The SDK's own retries stay off. They know neither an answer that cannot be read nor expired credentials as passing,
//! and they stop after a longer outage until enough calls have succeeded again.

use std::{error::Error, time::Duration};

use aws_sdk_cognitoidentityprovider::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use rules::{
    outcome::{Failure, Stop},
    settings::TRIES_THAT_FIT,
};

use crate::classify;

/// At most this many tries a call; the time budget of the invocation may end them sooner.
const MOST_TRIES: u32 = 3;

/// The longest pause before the second try; doubled before the third. The shortest is half of it.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

tokio::task_local! {
    /// The time limit of a try in the invocation under way.
    static LONGEST_TRY: Duration;
}

/// Does `work` and limits each try of its calls to a part of `time`. The caller ends the work itself.
///
/// The clients know only the time that an invocation has at most. Lambda can give it less.
pub async fn limiting_tries<T>(time: Duration, work: impl Future<Output = T>) -> T {
    LONGEST_TRY.scope(time / TRIES_THAT_FIT, work).await
}

/// Makes one try of a call and reads its answer; `read` gives `None` for an incomplete one. A try that takes too long is
/// ended. Outside of an invocation only the client's limit holds.
pub(crate) async fn one_try<O, E, T>(
    operation: &'static str,
    call: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    read: impl FnOnce(O) -> Option<T>,
) -> Result<T, Stop>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    // Boxed, because it is large, and everything around it would hold its size, several times over.
    let call = Box::pin(call);
    let answer = match LONGEST_TRY.try_with(|longest| *longest) {
        Ok(longest) => match tokio::time::timeout(longest, call).await {
            Ok(answer) => answer,
            Err(_) => return Err(classify::timeout(operation).into()),
        },
        Err(_) => call.await,
    };
    let answer = answer.map_err(|error| classify::stop(operation, &error))?;
    read(answer).ok_or_else(|| classify::unreadable(operation).into())
}

/// Makes a call with up to three tries.
pub async fn call<O, E, T, C>(
    operation: &'static str,
    call: impl Fn() -> C,
    read: impl Fn(O) -> Option<T>,
) -> Result<T, Stop>
where
    C: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + Error + 'static,
{
    tries(|| one_try(operation, call(), &read)).await
}

/// Makes up to three tries with pauses between them, as long as they end in a transient failure.
pub(crate) async fn tries<T, F>(one: impl Fn() -> F) -> Result<T, Stop>
where
    F: Future<Output = Result<T, Stop>>,
{
    let mut pause = FIRST_PAUSE;
    let mut made = 1;
    loop {
        match one().await {
            Err(Stop::Failed(failure)) if failure.cause.may_pass() && made < MOST_TRIES => {
                tokio::time::sleep(jittered(pause)).await;
                pause *= 2;
                made += 1;
            }
            answer => return answer,
        }
    }
}

/// Logs a failure in the background, where no invocation waits for the result.
pub(crate) fn log_failure(failure: &Failure, what: &str) {
    tracing::warn!(
        class = failure.class().as_str(),
        operation = failure.operation,
        code = failure.code.as_ref(),
        "{what}"
    );
}

/// A random pause from half of the longest to the longest. Calls that were throttled together would otherwise come back
/// together, and be throttled again.
fn jittered(longest: Duration) -> Duration {
    longest.mul_f64(0.5 + 0.5 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use aws_credential_types::{
        credential_fn::provide_credentials_fn,
        provider::{SharedCredentialsProvider, error::CredentialsError},
    };
    use aws_smithy_http_client::test_util::NeverClient;
    use tokio::time::Instant;

    use super::*;
    use crate::{
        Aws, SourcePool,
        test_support::{
            TRY, answers, aws, end, error, requests, sign_in_to, source, source_pool, tokens,
        },
    };

    #[tokio::test(start_paused = true)]
    async fn two_faults_are_absorbed_and_a_lasting_one_ends_the_call_after_three_tries() {
        const UNREADABLE: &str = "Busy UnreadableAnswer";
        const EXPIRED: &str = "CredentialsExpired ExpiredTokenException";
        const THROTTLED: &str = "Busy ThrottlingException";
        let code = |code: &str| format!(r#"{{"__type":"{code}"}}"#);
        let tokens_and_more =
            r#"{"ChallengeName":"SMS_MFA","AuthenticationResult":{"AccessToken":"t"}}"#;
        let (_, proof) = tokens();
        let result = |result: &str| format!(r#"{{"AuthenticationResult":{result}}}"#);
        for (status, fault, meaning) in [
            (400, &*code("ThrottlingException"), THROTTLED),
            (400, &*code("ExpiredTokenException"), EXPIRED),
            (503, "<html>no</html>", "Busy Http503"),
            (200, "<html>hello</html>", UNREADABLE),
            (200, "{}", UNREADABLE),
            (200, &*result("42"), UNREADABLE),
            (200, &*result(r#"{"IdToken":"t"}"#), UNREADABLE),
            (200, &*code("NotAuthorizedException"), UNREADABLE),
            (200, &*result("{}"), UNREADABLE),
            (200, &*result(r#"{"AccessToken":""}"#), UNREADABLE),
            // Tokens with a status that is no success are no proof.
            (302, &*proof, "Stranger Http302"),
            (400, &*proof, "Stranger Http400"),
            (200, tokens_and_more, UNREADABLE),
        ] {
            let failed = format!("AdminInitiateAuth {meaning}");
            for (faults, tries, expected) in [(1, 2, "ok"), (2, 3, "ok"), (3, 3, &failed)] {
                let faults = std::iter::repeat_n((status, fault.to_owned()), faults);
                let (pool, http) = source_pool(source(), faults.chain([tokens()])).await;
                assert_eq!(sign_in_to(&pool).await, expected);
                assert_eq!(requests(&http), tries, "{fault}");
            }
        }
    }

    #[tokio::test]
    async fn what_will_not_pass_is_tried_once() {
        for (code, expected) in [
            ("NotAuthorizedException", "wrong_credentials"),
            ("AccessDenied", "AdminInitiateAuth NotAllowed AccessDenied"),
        ] {
            let (pool, http) = source_pool(source(), [error(code, "x"), tokens()]).await;
            assert_eq!(sign_in_to(&pool).await, expected);
            assert_eq!(requests(&http), 1, "{expected}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_never_answers_is_given_up_three_times() {
        let http = NeverClient::new();
        let pool = SourcePool::new(aws(http.clone()).await, source());
        let third = Duration::from_millis(300);
        for (longest, calls) in [(TRY, 3), (third, 6)] {
            let started = Instant::now();
            let end = match longest {
                TRY => sign_in_to(&pool).await,
                // Lambda can leave less time than the settings allow.
                _ => limiting_tries(3 * third, sign_in_to(&pool)).await,
            };
            assert_eq!(end, "AdminInitiateAuth Unreachable Timeout");
            let pauses = started.elapsed().checked_sub(3 * longest);
            let (half, whole) = (Duration::from_millis(75), Duration::from_millis(150 + 40));
            assert!(
                pauses.is_some_and(|pauses| (half..whole).contains(&pauses)),
                "{pauses:?}"
            );
            assert_eq!(http.num_calls(), calls);
        }
    }

    #[test]
    fn pauses_differ_within_their_bounds() {
        let longest = Duration::from_millis(100);
        let pauses: HashSet<_> = (0..100).map(|_| jittered(longest)).collect();
        assert!(
            pauses
                .iter()
                .all(|pause| (longest / 2..=longest).contains(pause))
        );
        assert!(pauses.len() > 50, "{pauses:?}");
    }

    #[tokio::test]
    async fn without_credentials_nothing_is_sent() {
        let http = answers([tokens()]);
        let none = provide_credentials_fn(|| async { Err(CredentialsError::not_loaded("x")) });
        let shared = aws(http.clone()).await.shared().to_builder();
        let shared = shared.credentials_provider(SharedCredentialsProvider::new(none));
        let pool = SourcePool::new(Aws::from(shared.build()), source());
        let [own, sign_in] = [end(pool.credentials().await), sign_in_to(&pool).await];
        assert_eq!(own, "credentials Credentials Credentials");
        assert_eq!(sign_in, "AdminInitiateAuth Credentials Credentials");
        assert_eq!(requests(&http), 0);
    }
}
