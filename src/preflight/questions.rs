//! Questions about made-up names, which show whether the source pool answers as a migration needs.
//!
//! The questions change nothing, and no user's sign-in is tried: a random name belongs to no user.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::{Duration, Instant},
};

use pools::SourcePool;
use rules::{
    checks::{Answer, ProbeSignIn},
    outcome::{Cause, Stop},
    pool::{AppClient, UserPoolDescription},
    sensitive::Sensitive,
    settings::{AuthFlow, Settings},
};

/// Asks for the profile of a made-up name, to see whether profiles can be read.
pub(super) async fn reads_profiles(pool: &SourcePool) -> Answer<()> {
    probed(pool.profile(&made_up_name()).await).map(drop)
}

/// Lists the users with a made-up value, to see whether users can be listed by this attribute.
pub(super) async fn lists_users(pool: &SourcePool, attribute: &str) -> Answer<()> {
    let listed = pool.users_with(attribute, &made_up_name(), |_| true).await;
    probed(listed).map(drop)
}

/// Whether a sign-in with a made-up name does no harm and proves something.
///
/// A pool with a user_migration trigger would hand the made-up name on, perhaps to this very function, which would ask
/// the same pool again.
pub(super) fn may_try_sign_in(
    settings: &Settings,
    pool: &Answer<UserPoolDescription>,
    client: &Answer<AppClient>,
) -> bool {
    match (pool, client) {
        (_, Err(failure)) if failure.cause == Cause::NotFound => false,
        (Ok(pool), _) => pool.triggers.user_migration.is_none(),
        (Err(failure), _) => match failure.cause {
            Cause::NotAllowed => true,
            // Nothing is signed in this flow.
            Cause::Credentials | Cause::CredentialsExpired => {
                settings.source.auth_flow == AuthFlow::UserPassword
            }
            _ => false,
        },
    }
}

/// Signs in with a made-up name, which shows whether the pool takes our flow, client and secret.
///
/// A pool with a migration trigger of its own asks that trigger; the caller rules out that this does harm.
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
    // The first opens the connection.
    pool.reach().await.ok()?;
    measured(pool.reach()).await
}

/// The duration of a question, if it is answered.
async fn measured<E>(question: impl Future<Output = Result<(), E>>) -> Option<Duration> {
    let started = Instant::now();
    question.await.ok()?;
    Some(started.elapsed())
}

/// The result of a question about a made-up name: that there is no such user is an answer. A challenge counts as
/// a successful sign-in.
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
    use rules::outcome::{Failure, Reason};
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

    #[test]
    fn no_sign_in_is_tried_where_it_could_do_harm_or_says_nothing() {
        let pool = UserPoolDescription::default();
        let mut migrates = pool.clone();
        migrates.triggers.user_migration = Some("arn".to_owned());
        for flow in [AuthFlow::AdminUserPassword, AuthFlow::UserPassword] {
            let settings = Settings::read(|name| {
                let value = match name {
                    "SRC_USER_POOL_ID" => "eu-west-1_Ab12Cd34E",
                    "SRC_CLIENT_ID" => "1example23456789",
                    "SRC_AUTH_FLOW" => flow.as_str(),
                    _ => return None,
                };
                Some(value.to_owned())
            });
            let settings = settings.unwrap();
            let may_try = |pool: &Answer<UserPoolDescription>, client: &Answer<AppClient>| {
                may_try_sign_in(&settings, pool, client)
            };
            let unseen = Err(Failure::new(Cause::NotAllowed, "Operation", "Code"));
            assert!(!may_try(&Ok(migrates.clone()), &unseen));
            for cause in Cause::VARIANTS {
                let failed = Failure::new(*cause, "Operation", "Code");
                // Nothing is signed in the public flow.
                let unsigned = [Cause::Credentials, Cause::CredentialsExpired];
                let public = flow == AuthFlow::UserPassword && unsigned.contains(cause);
                let may = may_try(&Err(failed.clone()), &unseen);
                assert_eq!(may, *cause == Cause::NotAllowed || public, "{cause:?}");
                let may = may_try(&Ok(pool.clone()), &Err(failed));
                assert_eq!(may, *cause != Cause::NotFound, "{cause:?}");
            }
        }
    }
}
