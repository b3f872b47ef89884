//! What an engineer wants to know of the source pool: its settings, and whether it answers as a migration needs.
//!
//! Nothing here changes anything, and nobody's sign-in is tried: a name that is made up at random belongs to nobody.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::{Duration, Instant},
};

use aws_credential_types::provider::{ProvideCredentials as _, error::CredentialsError};
use rules::{
    checks::{Answer, SignInOfNobody},
    evidence::PoolMfa,
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

    /// Whether the pool demands a second factor of everybody.
    pub async fn mfa_setting(&self) -> Answer<PoolMfa> {
        let mfa = self.mfa().await;
        mfa.map_err(|stop| stop.failure("GetUserPoolMfaConfig"))
    }

    /// Whether profiles can be read: that of somebody who does not exist is asked for.
    pub async fn reads_profiles(&self) -> Answer<()> {
        was_answered(self.profile(&nobody()).await)
    }

    /// Whether users can be listed by this attribute: those with a value that nobody has are asked for.
    pub async fn lists_users(&self, attribute: &str) -> Answer<()> {
        was_answered(self.users_with(attribute, &nobody(), |_| true).await)
    }

    /// Lets somebody who does not exist sign in, which shows whether the pool takes our flow, client and secret.
    ///
    /// A pool with a migration trigger of its own asks that trigger; the caller sees to it that this does no harm.
    pub async fn sign_in_of_nobody(&self) -> Answer<SignInOfNobody> {
        // Long, and of every kind of character; it belongs to nobody either.
        let password = Sensitive::new(format!("{}-A1!", nobody()));
        match self.sign_in(&nobody(), &password, &HashMap::new()).await {
            Ok(_) => Ok(SignInOfNobody::LetIn),
            Err(Stop::Rejected(_)) => Ok(SignInOfNobody::Rejected),
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }

    /// How long the pool takes to answer, measured on a connection that is open already: with the profile of somebody who
    /// does not exist, or without asking the pool anything if profiles may not be read.
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

/// Whether a question about nobody was answered: that there is nobody is an answer.
fn was_answered<T>(answer: Result<T, Stop>) -> Answer<()> {
    match answer {
        Ok(_) | Err(Stop::Rejected(_)) => Ok(()),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

/// A user name that nobody has: 128 bits from the operating system's randomness, by way of the hash maps' seeds.
fn nobody() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("nobody-{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use rules::outcome::Cause;
    use serde_json::json;

    use super::*;
    use crate::test_support::{
        HOUR, credentials, end, error, ok, requests, sent, source, source_pool, sts_error, tokens,
        under_role, user,
    };

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

    #[tokio::test]
    async fn the_sign_in_of_nobody_tells_flow_and_secret_apart() {
        use SignInOfNobody::{LetIn, Rejected};
        for (reply, expected) in [
            (error("NotAuthorizedException", "x"), Ok(Rejected)),
            (error("UserNotFoundException", "x"), Ok(Rejected)),
            (
                error("InvalidParameterException", "Auth flow not enabled"),
                Err(Cause::FlowOff),
            ),
            (
                error("NotAuthorizedException", "Unable to verify secret hash"),
                Err(Cause::WrongSecret),
            ),
            (error("AccessDeniedException", "x"), Err(Cause::NotAllowed)),
            (tokens(), Ok(LetIn)),
            (ok(json!({"ChallengeName": "SMS_MFA"})), Ok(LetIn)),
        ] {
            let (pool, http) = source_pool(source(), [reply]).await;
            let answer = pool.sign_in_of_nobody().await;
            assert_eq!(answer.map_err(|failure| failure.cause), expected);
            let shown = &sent(&http)[0][1]["AuthParameters"];
            let (name, password) = (&shown["USERNAME"], &shown["PASSWORD"]);
            assert!(name.as_str().unwrap().starts_with("nobody-"), "{name}");
            assert_ne!(name, password);
        }
    }

    #[tokio::test]
    async fn a_question_about_nobody_is_answered_if_there_is_nobody() {
        for (reply, profiles, lists) in [
            (ok(user()), "ok", "ListUsers Busy UnreadableAnswer"),
            (
                ok(json!({"Users": []})),
                "AdminGetUser Busy UnreadableAnswer",
                "ok",
            ),
            (
                error("UserNotFoundException", "x"),
                "ok",
                "ListUsers Broken UnexpectedRefusal",
            ),
            (error("InvalidParameterException", "x"), "ok", "ok"),
            (
                error("AccessDeniedException", "x"),
                "AdminGetUser NotAllowed AccessDeniedException",
                "ListUsers NotAllowed AccessDeniedException",
            ),
        ] {
            let replies = || std::iter::repeat_n(reply.clone(), 3);
            let (pool, http) = source_pool(source(), replies()).await;
            assert_eq!(end(pool.reads_profiles().await), profiles);
            let name = &sent(&http)[0][1]["Username"];
            assert!(name.as_str().unwrap().starts_with("nobody-"), "{name}");
            let (pool, http) = source_pool(source(), replies()).await;
            assert_eq!(end(pool.lists_users("email").await), lists);
            let filter = &sent(&http)[0][1]["Filter"];
            assert!(
                filter.as_str().unwrap().starts_with("email = \"nobody-"),
                "{filter}"
            );
        }
    }

    #[tokio::test]
    async fn a_round_trip_is_measured_with_a_profile_or_after_connecting() {
        let found = || ok(user());
        for (may_read, replies, tries) in [
            (true, vec![found()], Some(1)),
            (true, vec![error("AccessDeniedException", "x")], None),
            (false, vec![found(), found()], Some(2)),
            (false, vec![found()], None),
            (false, vec![], None),
        ] {
            let (pool, http) = source_pool(source(), replies).await;
            let measured = pool.round_trip(may_read).await;
            assert_eq!(measured.map(|_| requests(&http)), tries);
        }
    }

    #[test]
    fn nobody_has_another_name_each_time() {
        let name = nobody();
        assert_ne!(name, nobody());
        assert_eq!(name.len(), "nobody-".len() + 32);
    }
}
