//! What a preflight wants to know of the source pool besides its users: credentials, secret and settings.

use aws_credential_types::provider::{ProvideCredentials as _, error::CredentialsError};
use rules::{
    checks::Answer,
    outcome::Stop,
    pool::{AppClient, UserPoolDescription},
    sensitive::Sensitive,
};

use crate::{classify, source_pool::SourcePool};

impl SourcePool {
    /// Makes sure of the credentials: those of the role, if there is one, else the function's own.
    pub async fn credentials(&self) -> Answer<()> {
        const OPERATION: &str = "credentials";
        if self.pool.role.is_some() {
            let assumed = self.pool.assume_role().await;
            return assumed.map_err(|stop| stop.failure(OPERATION));
        }
        let own = self.aws.shared().credentials_provider();
        let own = own.ok_or_else(|| CredentialsError::not_loaded("no provider is set up"));
        let loaded = async { own?.provide_credentials().await };
        let loaded = loaded.await.map(drop);
        loaded.map_err(|error| classify::no_credentials(OPERATION, &error))
    }

    /// The app client's secret, as sign-ins use it; `None` where none is set.
    pub async fn client_secret(&self) -> Answer<Option<Sensitive>> {
        let secret = self.secret.current().await?;
        Ok(secret.map(|secret| Sensitive::clone(&secret)))
    }

    /// What the pool says of itself.
    pub async fn description(&self) -> Result<UserPoolDescription, Stop> {
        self.pool.description().await
    }

    /// What the pool says of the app client.
    pub async fn app_client(&self) -> Result<AppClient, Stop> {
        self.pool.app_client(&self.settings.client_id).await
    }
}

#[cfg(test)]
mod tests {
    use crate::test_support::{HOUR, credentials, end, source, source_pool, sts_error, under_role};

    #[tokio::test]
    async fn credentials_are_those_of_the_role_or_our_own() {
        for (source, reply, expected) in [
            (source(), None, "ok"),
            (under_role(), Some(credentials("ASIAROLE", HOUR)), "ok"),
            (
                under_role(),
                Some(sts_error("AccessDenied")),
                "AssumeRole Credentials AccessDenied",
            ),
        ] {
            let (pool, _) = source_pool(source, reply).await;
            assert_eq!(end(pool.credentials().await), expected);
        }
    }
}
