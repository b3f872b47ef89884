//! Questions about made-up names, which show whether the source pool answers as a migration needs.
//!
//! Nothing here changes anything, and no user's sign-in is tried: a name that is made up at random belongs to no user.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::{Duration, Instant},
};

use pools::SourcePool;
use rules::{
    checks::{Answer, ProbeSignIn},
    outcome::Stop,
    sensitive::Sensitive,
};

/// Whether profiles can be read: that of a made-up name is asked for.
pub(super) async fn reads_profiles(pool: &SourcePool) -> Answer<()> {
    probed(pool.profile(&made_up_name()).await).map(drop)
}

/// Whether users can be listed by this attribute: those with a made-up value are asked for.
pub(super) async fn lists_users(pool: &SourcePool, attribute: &str) -> Answer<()> {
    let listed = pool.users_with(attribute, &made_up_name(), |_| true).await;
    probed(listed).map(drop)
}

/// Signs in with a made-up name, which shows whether the pool takes our flow, client and secret.
///
/// A pool with a migration trigger of its own asks that trigger; the caller sees to it that this does no harm.
pub(super) async fn probe_sign_in(pool: &SourcePool) -> Answer<ProbeSignIn> {
    // Long, and of every kind of character; it belongs to no user either.
    let password = Sensitive::new(format!("{}-A1!", made_up_name()));
    let name = made_up_name();
    probed(pool.sign_in(&name, &password, &HashMap::new()).await)
}

/// How long the pool takes to answer, measured on a connection that is open already: with the profile of a made-up name,
/// or without asking the pool anything if profiles may not be read.
pub(super) async fn round_trip(pool: &SourcePool, may_read_profiles: bool) -> Option<Duration> {
    if may_read_profiles {
        return measured(reads_profiles(pool)).await;
    }
    // The first makes sure of the connection.
    pool.reach().await.ok()?;
    measured(pool.reach()).await
}

/// How long a question takes, if it is answered.
async fn measured<E>(question: impl Future<Output = Result<(), E>>) -> Option<Duration> {
    let started = Instant::now();
    question.await.ok()?;
    Some(started.elapsed())
}

/// What became of a made-up name: that there is no such user is an answer. A challenge at a sign-in lets it in, too.
fn probed<T>(answer: Result<T, Stop>) -> Answer<ProbeSignIn> {
    match answer {
        Ok(_) => Ok(ProbeSignIn::LetIn),
        Err(Stop::Rejected(_)) => Ok(ProbeSignIn::Rejected),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

/// A user name that no user has: 128 bits from the operating system's randomness, by way of the hash maps' seeds.
fn made_up_name() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("nobody-{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use rules::outcome::{Cause, Failure, Reason};
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn what_is_found_or_rejected_was_answered_and_a_failure_was_not() {
        assert_eq!(probed(Ok("tokens")), Ok(ProbeSignIn::LetIn));
        for reason in Reason::VARIANTS {
            let rejected = || Err::<(), _>(Stop::from(*reason));
            assert_eq!(probed(rejected()), Ok(ProbeSignIn::Rejected));
        }
        for cause in Cause::VARIANTS {
            let failure = Failure::new(*cause, "Operation", "Code");
            let failed = || Err::<(), _>(Stop::from(failure.clone()));
            assert_eq!(probed(failed()), Err(failure.clone()));
        }
    }

    #[tokio::test]
    async fn only_what_is_answered_is_measured() {
        const PAUSE: Duration = Duration::from_millis(20);
        let answered = async {
            tokio::time::sleep(PAUSE).await;
            Ok::<_, ()>(())
        };
        assert!(measured(answered).await >= Some(PAUSE));
        assert_eq!(measured(async { Err(()) }).await, None);
    }

    #[test]
    fn each_made_up_name_is_another_one() {
        let name = made_up_name();
        assert_ne!(name, made_up_name());
        assert_eq!(name.len(), "nobody-".len() + 32);
    }
}
