//! The role in the source account, assumed once per lifetime of its credentials.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError, future},
};
use aws_sdk_sts::{Client, types};
use tokio::sync::Mutex;

use rules::{
    outcome::{Cause, Failure, FailureClass, Stop},
    settings::Role,
};

use crate::retry::{self, log_failure, one_try};

const OPERATION: &str = "AssumeRole";

/// Names the sessions in the source account's CloudTrail.
const SESSION_NAME: &str = "cognito-user-migration";

/// Credentials are renewed when this much of their life is left, or a quarter of it if that is less: early
/// enough that a sign-in never waits for it, as long as sign-ins come at all.
const RENEW_WITH_LEFT: Duration = Duration::from_secs(300);

/// Credentials are no longer used when this much of their life is left, or a twentieth of it if that is less,
/// so that none ends on its way to the source pool.
const DROP_WITH_LEFT: Duration = Duration::from_secs(10);

/// The assumed role and its current credentials.
pub(crate) struct AssumedRole {
    sts: Client,
    role: Role,
    held: RwLock<Option<Held>>,
    /// Held by the one task that asks STS.
    renewing: Mutex<()>,
}

#[derive(Clone)]
struct Held {
    credentials: Credentials,
    renew_at: SystemTime,
    drop_at: SystemTime,
}

impl AssumedRole {
    pub(crate) fn new(sts: Client, role: Role) -> Arc<Self> {
        Arc::new(AssumedRole {
            sts,
            role,
            held: RwLock::default(),
            renewing: Mutex::default(),
        })
    }

    /// Credentials that are good for a call now.
    ///
    /// Credentials that near their end are given out and renewed in the background; only where none are held does
    /// the caller wait for STS.
    pub(crate) async fn credentials(self: &Arc<Self>) -> Result<Credentials, Failure> {
        let Some(held) = self.held() else {
            let _only_one_asks = self.renewing.lock().await;
            return match self.held() {
                Some(held) => Ok(held.credentials),
                None => self.renew().await,
            };
        };
        if held.nears_its_end() {
            tokio::spawn(Arc::clone(self).renew_in_the_background());
        }
        Ok(held.credentials)
    }

    /// Forgets these credentials, which the source pool no longer takes. Others that have replaced them since stay.
    pub(crate) fn forget(&self, refused: &Credentials) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.take_if(|held| held.credentials.access_key_id() == refused.access_key_id());
    }

    fn held(&self) -> Option<Held> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.clone().filter(|held| SystemTime::now() < held.drop_at)
    }

    async fn renew_in_the_background(self: Arc<Self>) {
        let Ok(_only_one_asks) = self.renewing.try_lock() else {
            return;
        };
        // The task before this one may have renewed them.
        if !self.held().is_none_or(|held| held.nears_its_end()) {
            return;
        }
        if let Err(failure) = self.renew().await {
            log_failure(&failure, "The role's credentials could not be renewed yet");
        }
    }

    async fn renew(&self) -> Result<Credentials, Failure> {
        let held = retry::tries(|| self.assume()).await.map_err(|stop| {
            let mut failure = stop.failure(OPERATION);
            // A role that cannot be assumed gives no credentials, whatever is wrong with it.
            if failure.class() == FailureClass::Misconfigured {
                failure.cause = Cause::Credentials;
            }
            failure
        })?;
        let credentials = held.credentials.clone();
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(credentials)
    }

    async fn assume(&self) -> Result<Held, Stop> {
        let call = self
            .sts
            .assume_role()
            .role_arn(&self.role.arn)
            .role_session_name(SESSION_NAME)
            .set_external_id(self.role.external_id.clone());
        one_try(OPERATION, call.send(), |answer| {
            answer.credentials.and_then(Held::new)
        })
        .await
    }
}

impl Held {
    fn nears_its_end(&self) -> bool {
        self.renew_at <= SystemTime::now()
    }

    fn new(assumed: types::Credentials) -> Option<Self> {
        let ends = SystemTime::try_from(assumed.expiration).ok()?;
        let lifetime = ends.duration_since(SystemTime::now()).ok()?;
        Some(Held {
            renew_at: ends - RENEW_WITH_LEFT.min(lifetime / 4),
            drop_at: ends - DROP_WITH_LEFT.min(lifetime / 20),
            credentials: Credentials::new(
                assumed.access_key_id,
                assumed.secret_access_key,
                Some(assumed.session_token),
                Some(ends),
                OPERATION,
            ),
        })
    }
}

/// The credentials as the SDK asks for them.
#[derive(Clone)]
pub(crate) struct RoleCredentials(pub(crate) Arc<AssumedRole>);

impl fmt::Debug for RoleCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RoleCredentials(…)")
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.0
                .credentials()
                .await
                .map_err(|failure| CredentialsError::provider_error(failure.code.into_owned()))
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sts::primitives::DateTime;
    use serde_json::json;

    use super::*;
    use crate::test_support::{
        HOUR, USER, answers, aws, credentials, error, ok, requests, role, sent, sign_in_to,
        source_pool, sts_error, tokens, under_role, user,
    };

    #[tokio::test]
    async fn the_role_is_assumed_once_and_its_credentials_sign() {
        let assumed = credentials("ASIAROLE", HOUR);
        let replies = [assumed, ok(user()), ok(user()), tokens()];
        let (pool, http) = source_pool(under_role(), replies).await;
        let (one, other) = tokio::join!(pool.profile(USER), pool.profile(USER));
        assert_eq!(one, other);
        assert_eq!(sign_in_to(&pool).await, "ok");

        let sent = sent(&http);
        // In the function's own Region.
        assert_eq!(
            sent[0],
            json!([
                " sts.us-east-1 AKIDOWN",
                [
                    "Action=AssumeRole",
                    "Version=2011-06-15",
                    "RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Fmigration",
                    "RoleSessionName=cognito-user-migration",
                    "ExternalId=made-up%20external%20id",
                ]
            ])
        );
        let operations = ["AdminGetUser", "AdminGetUser", "AdminInitiateAuth"];
        for (at, operation) in (1..).zip(operations) {
            let request = format!("{operation} cognito-idp.eu-west-1 ASIAROLE+token");
            assert_eq!(sent[at][0], request);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_the_pool_no_longer_takes_are_replaced_at_once() {
        let [old, new] = ["ASIAOLD", "ASIANEW"].map(|key| credentials(key, HOUR));
        let expired = error("ExpiredTokenException", "x");
        let (pool, http) = source_pool(under_role(), [old, expired, new, tokens()]).await;
        assert_eq!(sign_in_to(&pool).await, "ok");
        let sent = sent(&http);
        let signer = |at: usize| sent[at][0].as_str().unwrap().rsplit(' ').next();
        assert_eq!(signer(1), Some("ASIAOLD+token"));
        assert_eq!(signer(3), Some("ASIANEW+token"));
        // A late rejection of the old credentials does not touch the new ones.
        let role = pool.pool.role.as_ref().unwrap();
        let old = Credentials::new("ASIAOLD", "made-up", None, None, "test");
        role.forget(&old);
        assert_eq!(role.held().unwrap().credentials.access_key_id(), "ASIANEW");
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_fails_is_tried_by_itself_only() {
        const UNREADABLE: &str = "Busy UnreadableAnswer";
        let over = credentials("ASIAROLE", Duration::ZERO);
        let answer = |text: &str| (200, text.to_owned());
        const EXPIRED: &str = "CredentialsExpired ExpiredToken";
        let of = sts_error;
        for (reply, tries, expected) in [
            (of("AccessDenied"), 1, "Credentials AccessDenied"),
            (of("UserNotFoundException"), 1, "Broken UnexpectedRefusal"),
            (of("Throttling"), 3, "Busy Throttling"),
            (of("ExpiredToken"), 3, EXPIRED),
            (answer("<html/>"), 3, UNREADABLE),
            (answer("<AssumeRoleResponse/>"), 3, UNREADABLE),
            (over, 3, UNREADABLE),
        ] {
            let (pool, http) = source_pool(under_role(), std::iter::repeat_n(reply, 4)).await;
            assert_eq!(sign_in_to(&pool).await, format!("AssumeRole {expected}"));
            assert_eq!(requests(&http), tries, "{expected}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_near_their_end_are_used_and_renewed_beside_the_call() {
        let now = SystemTime::now();
        let (past, future) = (now - HOUR, now + HOUR);
        let [new, newer] = ["ASIANEW", "ASIANEWER"].map(|key| credentials(key, HOUR));
        let denied = sts_error("AccessDenied");
        for (renew_at, drop_at, reply, used, asked, later) in [
            (future, future, &new, "ASIAOLD", 0, "ASIAOLD"),
            (past, future, &new, "ASIAOLD", 1, "ASIANEW"),
            // Credentials that still hold are better than none, and the next call tries again.
            (past, future, &denied, "ASIAOLD", 2, "ASIANEWER"),
            (past, past, &new, "ASIANEW", 1, "ASIANEW"),
        ] {
            let http = answers([reply.clone(), newer.clone()]);
            let assumed = AssumedRole::new(Client::new(aws(http.clone()).await.shared()), role());
            *assumed.held.write().unwrap() = Some(Held {
                credentials: Credentials::new("ASIAOLD", "made-up", None, None, "test"),
                renew_at,
                drop_at,
            });
            let key = async || {
                let credentials = assumed.credentials().await.unwrap();
                credentials.access_key_id().to_owned()
            };
            assert_eq!([key().await, key().await], [used; 2]);
            // Lets what runs in the background come to its end.
            tokio::time::sleep(HOUR).await;
            assert_eq!(requests(&http), asked);
            assert_eq!(key().await, later);
        }
    }

    #[test]
    fn credentials_are_renewed_and_dropped_in_good_time() {
        for (lifetime, renewed, dropped) in [(3600, 300., 10.), (100, 25., 5.)] {
            let ends = SystemTime::now() + Duration::from_secs(lifetime);
            let assumed = types::Credentials::builder()
                .access_key_id("ASIAROLE")
                .secret_access_key("made-up")
                .session_token("made-up-session")
                .expiration(DateTime::from(ends));
            let held = Held::new(assumed.build().unwrap()).unwrap();
            let before_the_end = |at| ends.duration_since(at).unwrap().as_secs_f64().round();
            assert_eq!(held.credentials.secret_access_key(), "made-up");
            assert_eq!(before_the_end(held.renew_at), renewed);
            assert_eq!(before_the_end(held.drop_at), dropped);
        }
    }
}
