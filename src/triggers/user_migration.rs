//! The user_migration trigger: it collects the evidence, lets the rules decide, and returns the migrated user.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html>

use std::{sync::Arc, time::Duration};

use pools::SourcePool;
use rules::{
    admission::{Admission, Policy, Proof},
    attributes::Contacts,
    evidence::{PoolMfa, Profile, SignIn},
    identity::{self, Proven},
    migrated_user::Destination,
    outcome::{Reason, Stop},
    sensitive::Sensitive,
    settings::Settings,
    token,
};

use super::{Conclusion, Outcome, in_time, not_from_the_source};
use crate::event::{Event, MigrationRequest};

const OPERATION: &str = "migration";

/// Migrates users.
pub struct UserMigration {
    source: Arc<SourcePool>,
    policy: Policy,
    destination: Destination,
    time_budget: Duration,
}

impl UserMigration {
    /// Migrates users from `source` under these settings.
    pub fn new(source: Arc<SourcePool>, settings: &Settings) -> Self {
        UserMigration {
            source,
            policy: settings.policy,
            destination: settings.destination.clone(),
            time_budget: settings.time_budget,
        }
    }

    /// Concludes a sign-in of a user unknown to the destination pool; Lambda leaves this `time`.
    pub async fn sign_in(&self, event: &Event<'_>, time: Duration) -> Result<Conclusion, Stop> {
        let request = event.migration_request()?;
        not_from_the_source(event, &self.source, OPERATION)?;
        let password = request.password.as_ref().ok_or(Reason::NoPassword)?;
        let time = time.min(self.time_budget);
        let evidence = self.proof_and_profile(&request, password);
        let (proof, profile) = in_time(OPERATION, time, evidence).await?;
        Ok(self.conclude(&request.username, &profile, |contacts| {
            let is_weak = self.policy.is_too_weak(password);
            self.policy
                .admit_sign_in(proof, is_weak, profile.standing, contacts)
        }))
    }

    /// Concludes a password reset of a user unknown to the destination pool; Lambda leaves this `time`.
    pub async fn forgot_password(
        &self,
        event: &Event<'_>,
        time: Duration,
    ) -> Result<Conclusion, Stop> {
        let request = event.migration_request()?;
        not_from_the_source(event, &self.source, OPERATION)?;
        self.policy.may_reset()?;
        let time = time.min(self.time_budget);
        let evidence = self.profile_of(&request.username);
        let (pool_mfa, profile) = in_time(OPERATION, time, evidence).await?;
        Ok(self.conclude(&request.username, &profile, |contacts| {
            let factor = profile.second_factor;
            self.policy
                .admit_forgot_password(profile.standing, factor, pool_mfa, contacts)
        }))
    }

    /// The profile of the user who typed this name, and the pool's MFA setting if the decision depends on it.
    ///
    /// The setting comes first: where it cannot be read, names that exist and names that do not are answered alike.
    async fn profile_of(&self, typed: &str) -> Result<(Option<PoolMfa>, Profile), Stop> {
        let pool_mfa = match self.policy.asks_for_pool_mfa() {
            true => Some(self.source.mfa().await?),
            false => None,
        };
        let username = self.source.username_of(typed).await?;
        let profile = self.source.profile(&username).await?;
        identity::is_named(&username, &profile)?;
        Ok((pool_mfa, profile))
    }

    /// The proof of the password, and the user's profile. The password comes first: reading a profile makes the user count as
    /// an active user of the source pool, which costs money.
    async fn proof_and_profile(
        &self,
        request: &MigrationRequest,
        password: &Sensitive,
    ) -> Result<(Proof, Profile), Stop> {
        let username = self.source.username_of(&request.username).await?;
        let answer = self
            .source
            .sign_in(&username, password, &request.client_metadata)
            .await?;
        match answer {
            SignIn::Tokens(tokens) => {
                let profile = self.source.proven_profile(&username, Some(&tokens)).await?;
                let sub = token::subject(&tokens.access);
                identity::is_one_user(&username, Proven::Sub(sub.as_deref()), &profile)?;
                Ok((Proof::Password, profile))
            }
            SignIn::Challenge {
                challenge,
                username: named,
            } => {
                let proof = self.policy.proven_by_challenge(challenge)?;
                let profile = self.source.proven_profile(&username, None).await?;
                let proven = Proven::Username(named.as_deref());
                identity::is_one_user(&username, proven, &profile)?;
                Ok((proof, profile))
            }
        }
    }

    /// The migrated user who typed this name, if `admit` admits a user with the contacts that are copied.
    fn conclude(
        &self,
        typed: &str,
        profile: &Profile,
        admit: impl FnOnce(Contacts) -> Result<Admission, Reason>,
    ) -> Conclusion {
        let outcome = match self.destination.user(profile, typed, admit) {
            Ok(user) => Outcome::Migrated(user),
            Err(stop) => Outcome::Stopped(stop),
        };
        Conclusion {
            outcome,
            source_sub: profile.identity.sub().map(str::to_owned),
        }
    }
}
