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

use crate::{
    aws::{
        classify::{self, Fault},
        tries::{Ended, up_to_three_times},
    },
    config::Role,
    error::{Failure, FailureClass},
};

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
pub(super) struct AssumedRole {
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
    pub(super) fn new(sts: Client, role: Role) -> Arc<Self> {
        Arc::new(AssumedRole {
            sts,
            role,
            held: RwLock::default(),
            renewing: Mutex::default(),
        })
    }

    /// Credentials that are good for a call now.
    ///
    /// Credentials that near their end are given out and renewed beside the sign-in that noticed; only where
    /// none are held does the caller wait for STS.
    pub(super) async fn credentials(self: &Arc<Self>) -> Result<Credentials, Failure> {
        let Some(held) = self.held() else {
            let _only_one_asks = self.renewing.lock().await;
            return match self.held() {
                Some(held) => Ok(held.credentials),
                None => self.renew().await,
            };
        };
        if held.nears_its_end() {
            tokio::spawn(Arc::clone(self).renew_beside());
        }
        Ok(held.credentials)
    }

    /// Forgets these credentials, which the source pool no longer takes. Others that have replaced them since stay.
    pub(super) fn forget(&self, refused: &Credentials) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.take_if(|held| held.credentials.access_key_id() == refused.access_key_id());
    }

    fn held(&self) -> Option<Held> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.clone().filter(|held| SystemTime::now() < held.drop_at)
    }

    async fn renew_beside(self: Arc<Self>) {
        let Ok(_only_one_asks) = self.renewing.try_lock() else {
            return;
        };
        // The one who asked before may just have finished.
        if !self.held().is_none_or(|held| held.nears_its_end()) {
            return;
        }
        if let Err(failure) = self.renew().await {
            tracing::warn!(
                class = failure.class.as_str(),
                operation = failure.operation,
                code = failure.code,
                "The role's credentials could not be renewed yet"
            );
        }
    }

    async fn renew(&self) -> Result<Credentials, Failure> {
        let held = up_to_three_times(OPERATION, || self.assume())
            .await
            .map_err(|ended| match ended {
                Ended::Failed(failure) => failure,
                // STS refuses nobody's password: a role that cannot be assumed is a wrong setting.
                Ended::Refused(reason) => Failure {
                    class: FailureClass::Misconfigured,
                    operation: OPERATION,
                    code: reason.as_str().to_owned(),
                    source_request_id: None,
                },
            })?;
        let credentials = held.credentials.clone();
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(credentials)
    }

    async fn assume(&self) -> Result<Held, Fault> {
        let answer = self
            .sts
            .assume_role()
            .role_arn(&self.role.arn)
            .role_session_name(SESSION_NAME)
            .set_external_id(self.role.external_id.clone())
            .send()
            .await
            .map_err(|error| classify::fault(OPERATION, &error))?;
        answer
            .credentials
            .and_then(Held::new)
            .ok_or_else(|| classify::unreadable(OPERATION))
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
pub(super) struct RoleCredentials(pub(super) Arc<AssumedRole>);

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
                .map_err(|failure| CredentialsError::provider_error(failure.code))
        })
    }
}
