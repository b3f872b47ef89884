//! What an engineer wants to know of the source pool: its settings, and whether it answers as a migration needs.
//!
//! Nothing here changes anything, and nobody's sign-in is tried: a name that is made up at random belongs to nobody.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::{Duration, Instant},
};

use aws_credential_types::provider::{ProvideCredentials as _, error::CredentialsError};

use super::{Lookup, SignIn, SourcePool};
use crate::{
    aws::{AppClient, Unanswered, UserPoolDescription, classify, describe, pages},
    error::{Failure, FailureClass},
    sensitive::Sensitive,
};

/// What became of the sign-in of somebody who does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInOfNobody {
    /// It was refused like any wrong user name or password: flow, client and secret are in order.
    Refused,
    /// The app client does not allow the flow.
    FlowOff,
    /// The app client's secret is another one, or there is one where none should be, or the other way round.
    SecretWrong,
    /// It was let in.
    LetIn,
}

impl SourcePool {
    /// Makes sure of the credentials: those of the role, if there is one, else our own.
    pub async fn credentials(&self) -> Result<(), Failure> {
        const OPERATION: &str = "credentials";
        self.assume_role().await?;
        if self.connection.role.is_some() {
            return Ok(());
        }
        let loaded = match &self.connection.own_credentials {
            Some(own) => own.provide_credentials().await,
            None => Err(CredentialsError::not_loaded("there is nowhere to look")),
        };
        loaded
            .map(drop)
            .map_err(|error| classify::no_credentials(OPERATION, &error))
    }

    /// What the pool says of itself.
    pub async fn description(&self) -> Result<UserPoolDescription, Unanswered> {
        const OPERATION: &str = "DescribeUserPool";
        let call = || describe::user_pool(&self.connection.client, &self.source.user_pool_id);
        self.as_administrator(OPERATION, call)
            .await
            .map_err(|ended| ended.unanswered(OPERATION))
    }

    /// What the pool says of our app client.
    pub async fn app_client(&self) -> Result<AppClient, Unanswered> {
        const OPERATION: &str = "DescribeUserPoolClient";
        let call = || {
            describe::app_client(
                &self.connection.client,
                &self.source.user_pool_id,
                &self.source.client_id,
            )
        };
        self.as_administrator(OPERATION, call)
            .await
            .map_err(|ended| ended.unanswered(OPERATION))
    }

    /// The names of the pool's groups.
    pub async fn groups(&self) -> Result<Vec<String>, Unanswered> {
        const OPERATION: &str = "ListGroups";
        let (client, pool) = (&self.connection.client, &self.source.user_pool_id);
        pages::all(async |page| {
            let call = || describe::group_names(client, pool, page.clone());
            self.as_administrator(OPERATION, call).await
        })
        .await
        .map_err(|ended| ended.unanswered(OPERATION))
    }

    /// Whether profiles can be read: one of somebody who does not exist is asked for.
    pub async fn reads_profiles(&self) -> Result<(), Unanswered> {
        match self.profile(&nobody()).await {
            Ok(Lookup::Found(_) | Lookup::Refused(_)) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Whether users can be listed by this attribute: those with a value that nobody has are asked for.
    pub async fn lists_users(&self, attribute: &'static str) -> Result<(), Unanswered> {
        match self.users_with(attribute, &nobody()).await {
            Ok(Ok(_) | Err(_)) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Lets somebody who does not exist sign in, which shows whether the pool takes our flow, client and secret.
    ///
    /// A pool with a migration trigger of its own asks that trigger; the caller sees to it that this does no harm.
    pub async fn sign_in_of_nobody(&self) -> Result<SignInOfNobody, Unanswered> {
        // Long, and of every kind of character; it belongs to nobody either.
        let password = Sensitive::new(format!("{}-A1!", nobody()));
        match self.sign_in(&nobody(), &password, &HashMap::new()).await {
            Ok(SignIn::Refused(_)) => Ok(SignInOfNobody::Refused),
            Ok(SignIn::Tokens(_) | SignIn::Challenge(_)) => Ok(SignInOfNobody::LetIn),
            // What these two mean where they are our own fault: see classify.
            Err(failure) if failure.class == FailureClass::Misconfigured => {
                match failure.code.as_str() {
                    "InvalidParameterException" => Ok(SignInOfNobody::FlowOff),
                    "NotAuthorizedException" => Ok(SignInOfNobody::SecretWrong),
                    _ => Err(failure.into()),
                }
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// How long the pool takes to answer, measured on a connection that is there already: with the profile of
    /// somebody who does not exist, or without asking the pool anything if profiles may not be read.
    pub async fn round_trip(&self, may_read_profiles: bool) -> Option<Duration> {
        if may_read_profiles {
            let started = Instant::now();
            self.reads_profiles().await.ok()?;
            return Some(started.elapsed());
        }
        // The first makes sure of the connection.
        self.reach().await.ok()?;
        let started = Instant::now();
        self.reach().await.ok()?;
        Some(started.elapsed())
    }
}

/// A user name that nobody has: 128 bits from the operating system's randomness, by way of the hash maps' seeds.
fn nobody() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("nobody-{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::nobody;

    #[test]
    fn nobody_has_another_name_each_time() {
        let name = nobody();
        assert_ne!(name, nobody());
        assert_eq!(name.len(), "nobody-".len() + 32);
    }
}
