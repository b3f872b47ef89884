//! One migration: gather the evidence that the trigger calls for, let the policy decide, map the attributes.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    attributes::Contacts,
    config::{Destination, DestinationUsername},
    error::{Failure, Reason},
    event::{MigratedUser, MigrationRequest},
    mark,
    policy::{Admission, Proof, Settings},
    sensitive::Sensitive,
    source_pool::{Lookup, Profile, SignIn, SourcePool},
    source_user,
};

/// How a migration ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user may be created.
    Migrated(MigratedUser),
    /// The user may not.
    Rejected(Reason),
    /// It could not be found out.
    Failed(Failure),
}

/// The end of a migration, and whom it was about, as far as that was found out.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// The user's `sub` in the source pool.
    pub source_sub: Option<String>,
    /// How long it took until the source pool had said everything that was asked; zero if it was not asked.
    pub source_time: Duration,
}

/// Why there is no migrated user.
enum Stop {
    Rejected(Reason),
    Failed(Failure),
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Stop::Rejected(reason)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failed(failure)
    }
}

/// What migrations have in common: the source pool and the settings.
pub struct Migration {
    source: Arc<SourcePool>,
    policy: Settings,
    destination: Destination,
}

impl Migration {
    /// Migrations from `source`, decided by `policy`, written as `destination` says.
    pub fn new(source: Arc<SourcePool>, policy: Settings, destination: Destination) -> Self {
        Migration {
            source,
            policy,
            destination,
        }
    }

    /// Somebody unknown to the new pool signs in.
    pub async fn sign_in(&self, request: MigrationRequest) -> Report {
        let Some(password) = &request.password else {
            return report(Err(Reason::NoPassword.into()), None, Duration::ZERO);
        };
        let started = Instant::now();
        let evidence = self.proof_and_profile(&request, password).await;
        let source_time = started.elapsed();
        let source_sub = evidence
            .as_ref()
            .ok()
            .and_then(|(_, profile)| profile.sub.clone());
        let end = evidence.and_then(|(proof, profile)| {
            self.migrated_user(&profile, |contacts| {
                self.policy.admit_sign_in(proof, profile.standing, contacts)
            })
        });
        report(end, source_sub, source_time)
    }

    /// Somebody unknown to the new pool asks for a password reset.
    pub async fn forgot_password(&self, request: MigrationRequest) -> Report {
        if let Err(reason) = self.policy.may_reset() {
            return report(Err(reason.into()), None, Duration::ZERO);
        }
        let started = Instant::now();
        let evidence = self.profile_of(&request.username).await;
        let source_time = started.elapsed();
        let source_sub = evidence
            .as_ref()
            .ok()
            .and_then(|profile| profile.sub.clone());
        let end = evidence.and_then(|profile| {
            self.migrated_user(&profile, |contacts| {
                self.policy
                    .admit_forgot_password(profile.standing, profile.second_factor, contacts)
            })
        });
        report(end, source_sub, source_time)
    }

    /// The source pool's name of somebody who typed this one.
    async fn name_of<'a>(&self, typed: &'a str) -> Result<Cow<'a, str>, Stop> {
        let lookup = self.policy.lookup_for(typed);
        Ok(source_user::name_of(&self.source, lookup, typed).await??)
    }

    /// The profile of somebody who typed this name.
    async fn profile_of(&self, typed: &str) -> Result<Profile, Stop> {
        let username = self.name_of(typed).await?;
        match self.source.profile(&username).await? {
            Lookup::Found(profile) => Ok(profile),
            Lookup::Refused(reason) => Err(reason.into()),
        }
    }

    /// What the source pool says of somebody who shows it a password.
    async fn proof_and_profile(
        &self,
        request: &MigrationRequest,
        password: &Sensitive,
    ) -> Result<(Proof, Profile), Stop> {
        let username = &self.name_of(&request.username).await?;
        let client_metadata = &request.client_metadata;
        if self.source.signs_in_as_admin() {
            self.source.assume_role().await?;
            let profile = self.source.profile_beside(username);
            let answer = self
                .source
                .sign_in(username, password, client_metadata)
                .await?;
            let (proof, _) = self.proof(answer)?;
            let profile = profile.result().await?;
            return Ok((proof, of_proven_user(profile)?));
        }
        let answer = self
            .source
            .sign_in(username, password, client_metadata)
            .await?;
        Ok(match self.proof(answer)? {
            (proof, Some(token)) => (proof, self.source.own_profile(&token).await?),
            (proof, None) => {
                let profile = self.source.profile(username).await?;
                (proof, of_proven_user(profile)?)
            }
        })
    }

    /// What the source pool's answer proves, with the access token if it gave one.
    fn proof(&self, answer: SignIn) -> Result<(Proof, Option<Sensitive>), Reason> {
        match answer {
            SignIn::Tokens(access_token) => Ok((Proof::Password, Some(access_token))),
            SignIn::Challenge(challenge) => Ok((self.policy.proven_by_challenge(challenge)?, None)),
            SignIn::Refused(reason) => Err(reason),
        }
    }

    /// The new user, if `decide` admits a user with the contacts that go along.
    fn migrated_user(
        &self,
        profile: &Profile,
        decide: impl FnOnce(Contacts) -> Result<Admission, Reason>,
    ) -> Result<MigratedUser, Stop> {
        let mut attributes = self.destination.mapping.apply(&profile.attributes);
        let admission = decide(Contacts::of(&attributes))?;
        let username = match self.destination.username {
            DestinationUsername::None => None,
            DestinationUsername::Username => Some(profile.username.clone()),
            DestinationUsername::Sub => Some(
                profile
                    .sub
                    .clone()
                    .ok_or_else(|| Failure::unavailable("profile", "NoSub"))?,
            ),
        };
        if let Some(name) = &self.destination.mark {
            // A mark that the source pool holds is none of ours.
            attributes.remove(name);
            let pending = profile.sub.as_deref().map(mark::pending);
            attributes.extend(pending.map(|pending| (name.clone(), pending)));
        }
        attributes.extend(username.map(|username| ("username".to_owned(), username)));
        Ok(MigratedUser {
            attributes,
            final_status: admission.final_status,
            welcome_message: self.destination.welcome_message.clone(),
            force_alias_creation: self.destination.force_alias_creation,
            enable_sms_mfa: admission.enable_sms_mfa,
        })
    }
}

/// The profile of a user whose password was just proven. That the pool does not know the user then is no
/// refusal: it contradicts itself, and nobody is migrated on a contradiction.
fn of_proven_user(lookup: Lookup) -> Result<Profile, Failure> {
    match lookup {
        Lookup::Found(profile) => Ok(profile),
        Lookup::Refused(_) => Err(Failure::unavailable("AdminGetUser", "ProfileMissing")),
    }
}

fn report(
    end: Result<MigratedUser, Stop>,
    source_sub: Option<String>,
    source_time: Duration,
) -> Report {
    let outcome = match end {
        Ok(user) => Outcome::Migrated(user),
        Err(Stop::Rejected(reason)) => Outcome::Rejected(reason),
        Err(Stop::Failed(failure)) => Outcome::Failed(failure),
    };
    Report {
        outcome,
        source_sub,
        source_time,
    }
}
