//! What a preflight wants to know of the source pool besides its users: credentials, secret and settings.

use aws_credential_types::provider::{ProvideCredentials as _, error::CredentialsError};
use rules::{
    checks::Answer,
    evidence::PoolMfa,
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
        let loaded = match self.aws.shared().credentials_provider() {
            Some(own) => own.provide_credentials().await,
            None => Err(CredentialsError::not_loaded("no provider is set up")),
        };
        loaded
            .map(drop)
            .map_err(|error| classify::no_credentials(OPERATION, &error))
    }

    /// The app client's secret, as sign-ins use it; `None` where none is set.
    pub async fn client_secret(&self) -> Answer<Option<Sensitive>> {
        let secret = self.secret.current().await?;
        Ok(secret.map(|secret| Sensitive::clone(&secret)))
    }

    /// What the pool says of itself.
    pub async fn description(&self) -> Answer<UserPoolDescription> {
        let description = self.pool.description().await;
        description.map_err(|stop| stop.failure("DescribeUserPool"))
    }

    /// What the pool says of the app client.
    pub async fn app_client(&self) -> Answer<AppClient> {
        let client = self.pool.app_client(&self.settings.client_id).await;
        client.map_err(|stop| stop.failure("DescribeUserPoolClient"))
    }

    /// Whether the pool demands a second factor of every user.
    pub async fn mfa_setting(&self) -> Answer<PoolMfa> {
        let mfa = self.mfa().await;
        mfa.map_err(|stop| stop.failure("GetUserPoolMfaConfig"))
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
