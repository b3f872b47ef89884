//! The prediction for one user: the function's own rules, applied to the entry of a list of users.
//!
//! A list shows no second factor and no password. So the answers are those to a user who types a name that finds the user,
//! with the right password, which meets `PASSWORD_POLICY`.

use std::collections::{BTreeMap, HashSet};

use rules::{
    admission::{Admission, Proof},
    attributes::{Contacts, STANDARD, VERIFIED_FLAGS, is_settable, is_verified},
    evidence::{
        Challenge, Identity, ListedUser, PoolMfa, Profile, SecondFactor, Standing, UserStatus,
    },
    migrated_user::MigratedUser,
    outcome::{Reason, Stop},
    pool::{AppClient, UserPoolDescription},
    settings::{ProfileFrom, Settings},
    sign_in_name::SignInName,
};

use crate::{
    acceptance::UserResult,
    finding::{Finding, Findings},
    schema,
    shared_names::unproven_contacts,
};

/// The outcome of a future event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ForeseenOutcome {
    /// The user is migrated.
    Migrated,
    /// The user is rejected.
    Rejected(Reason),
    /// It cannot be found out who the user is.
    Failed,
}

impl ForeseenOutcome {
    /// The name under which the outcome is counted.
    pub fn as_str(self) -> &'static str {
        match self {
            ForeseenOutcome::Migrated => "migrated",
            ForeseenOutcome::Rejected(reason) => reason.as_str(),
            ForeseenOutcome::Failed => "failed",
        }
    }
}

/// The function's answer to a future event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedAnswer {
    /// The user is migrated.
    Migrated(Migration),
    /// The user is rejected.
    Rejected(Reason),
    /// It cannot be found out who the user is.
    Failed,
}

impl PlannedAnswer {
    /// The answer without what it says of the user.
    pub fn outcome(&self) -> ForeseenOutcome {
        match self {
            PlannedAnswer::Migrated(_) => ForeseenOutcome::Migrated,
            PlannedAnswer::Rejected(reason) => ForeseenOutcome::Rejected(*reason),
            PlannedAnswer::Failed => ForeseenOutcome::Failed,
        }
    }

    /// The user who is migrated, if one is.
    pub fn migration(&self) -> Option<&Migration> {
        match self {
            PlannedAnswer::Migrated(migration) => Some(migration),
            PlannedAnswer::Rejected(_) | PlannedAnswer::Failed => None,
        }
    }
}

/// A user whom the function will migrate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The answer: attributes, user name and status.
    pub user: MigratedUser,
    /// The contacts that are copied.
    pub contacts: Contacts,
}

/// The prediction for one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// The result.
    pub result: UserResult,
    /// At a sign-in with the right password.
    pub sign_in: ForeseenOutcome,
    /// At a password reset.
    pub forgot_password: ForeseenOutcome,
    /// The findings.
    pub findings: Findings,
}

/// The settings and the pools of a migration, on which the answers to each user depend.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The settings of the function.
    pub settings: &'a Settings,
    /// The source pool.
    pub source: &'a UserPoolDescription,
    /// The app client of the source pool, if it is known.
    pub client: Option<&'a AppClient>,
    /// The destination pool.
    pub destination: &'a UserPoolDescription,
    /// The moment, in seconds since 1970, before which temporary passwords were set that have expired by now; `None` where
    /// it is not known.
    pub expired_before: Option<i64>,
}

impl Plan<'_> {
    /// The name that a user types, before the destination pool changes its case.
    pub fn name_of<'u>(&self, user: &'u ListedUser) -> &'u str {
        if let Some(lookup) = self.settings.source.lookup
            && let Some(value) = held(user, lookup.as_str())
            && self.is_looked_up(lookup, value)
        {
            return value;
        }
        self.source
            .username_attributes
            .iter()
            .find_map(|name| held(user, name))
            .unwrap_or(&user.identity.username)
    }

    /// The other names by which the source pool signs the user in; none where the first is a value that is looked up.
    pub fn other_names_of<'u>(&self, user: &'u ListedUser) -> Vec<&'u str> {
        let first = self.name_of(user);
        let lookup = self.settings.source.lookup;
        if lookup.is_some_and(|lookup| held(user, lookup.as_str()) == Some(first)) {
            return vec![];
        }
        let usernames = self.source.username_attributes.iter();
        let mut names: Vec<_> = usernames.filter_map(|name| held(user, name)).collect();
        for alias in &self.source.alias_attributes {
            let flag = VERIFIED_FLAGS.iter().find(|(contact, _)| contact == alias);
            names.extend(match flag {
                Some((contact, flag)) => user.identity.proven(contact, flag),
                None => held(user, alias),
            });
        }
        let mut known = HashSet::from([first]);
        names.retain(|name| known.insert(*name));
        names
    }

    /// A typed name as the destination pool hands it over.
    pub fn handed_over(&self, typed: &str) -> String {
        match self.destination.case_sensitive {
            true => typed.to_owned(),
            false => typed.to_lowercase(),
        }
    }

    /// Whether a user of this name is looked up by this attribute.
    pub(crate) fn is_looked_up(&self, lookup: SignInName, typed: &str) -> bool {
        lookup.has_form(&self.handed_over(typed))
    }

    /// The prediction for a user without a second factor whom the typed name finds, before the others are considered.
    pub fn foresee(&self, typed: &str, user: &ListedUser) -> Foreseen {
        let sign_in = self.sign_in(typed, user, SecondFactor::None);
        let forgot_password = self.forgot_password(typed, user, SecondFactor::None);
        let migrations = [sign_in.migration(), forgot_password.migration()];
        let [at_sign_in, at_reset] = migrations.map(|migration| migration.map(|it| &it.user));
        let result = UserResult::of(self.destination, typed, at_sign_in, at_reset);
        let mut findings = Findings::default();
        for migration in migrations.into_iter().flatten() {
            self.find(migration, user, &mut findings);
        }
        if let Some(migration) = sign_in.migration().filter(|_| result.is_good()) {
            let can_reset = self.settings.policy.can_reset(migration.contacts, false);
            findings.add_if(can_reset.is_err(), Finding::NoContact);
        }
        let is_name_refused =
            matches!(result, UserResult::Refused(refusal) if refusal.is_of_name());
        findings.add_if(is_name_refused, Finding::NameRefused);
        findings.add_if(result == UserResult::LockedOut, Finding::AliasUnproven);
        findings.add_if(self.has_expired(user), Finding::TemporaryPasswordExpired);
        Foreseen {
            result,
            sign_in: sign_in.outcome(),
            forgot_password: forgot_password.outcome(),
            findings,
        }
    }

    /// Adds what an operator has to know of a user who is migrated so.
    fn find(&self, migration: &Migration, user: &ListedUser, findings: &mut Findings) {
        let mut attributes = migration.user.attributes.clone();
        // This entry is the user name and not an attribute.
        attributes.remove("username");
        let schema = &self.destination.schema;
        findings.add_if(!schema::takes(schema, &attributes), Finding::Schema);
        findings.add_if(
            schema::lacks_required(schema, &attributes),
            Finding::RequiredAttribute,
        );
        findings.add_if(self.copies_unproven(&attributes), Finding::UnprovenCopy);
        let links = held(user, "identities").filter(|links| *links != "[]");
        findings.add_if(links.is_some(), Finding::LinkedIdentity);
        let preferred = SignInName::PreferredUsername.as_str();
        let aliases = &self.destination.alias_attributes;
        findings.add_if(
            aliases.iter().any(|alias| alias == preferred) && attributes.contains_key(preferred),
            Finding::PreferredUsername,
        );
    }

    /// The answer to a sign-in with the right password, once the typed name has found the user.
    pub fn sign_in(&self, typed: &str, user: &ListedUser, factor: SecondFactor) -> PlannedAnswer {
        let policy = self.settings.policy;
        let proven = match self.challenge(user, factor) {
            Ok(None) => Ok((Proof::Password, self.as_a_sign_in_shows(user))),
            Ok(Some(challenge)) => policy
                .proven_by_challenge(challenge)
                .map(|proof| (proof, as_administrators_see(user, factor))),
            Err(reason) => Err(reason),
        };
        match proven {
            Ok((proof, profile)) => self.migrate(typed, &profile, |contacts| {
                policy.admit_sign_in(proof, false, profile.standing, contacts)
            }),
            Err(reason) => PlannedAnswer::Rejected(reason),
        }
    }

    /// The answer to a password reset, once the typed name has found the user.
    pub fn forgot_password(
        &self,
        typed: &str,
        user: &ListedUser,
        factor: SecondFactor,
    ) -> PlannedAnswer {
        if user.status == UserStatus::ExternalProvider {
            return PlannedAnswer::Rejected(Reason::ExternalProvider);
        }
        let policy = self.settings.policy;
        if let Err(reason) = policy.may_reset() {
            return PlannedAnswer::Rejected(reason);
        }
        let pool_mfa = policy.asks_for_pool_mfa().then_some(self.source.mfa);
        let profile = as_administrators_see(user, factor);
        self.migrate(typed, &profile, |contacts| {
            policy.admit_forgot_password(profile.standing, factor, pool_mfa, contacts)
        })
    }

    /// Whether the user has a temporary password that is too old. The user was not changed after the day when it was set.
    fn has_expired(&self, user: &ListedUser) -> bool {
        let dates = user.last_modified.zip(self.expired_before);
        user.status == UserStatus::ForceChangePassword
            && dates.is_some_and(|(changed, expired_before)| changed < expired_before)
    }

    /// The source pool's challenge after the right password; an error if it rejects the user.
    fn challenge(
        &self,
        user: &ListedUser,
        factor: SecondFactor,
    ) -> Result<Option<Challenge>, Reason> {
        match user.status {
            UserStatus::ExternalProvider => Err(Reason::ExternalProvider),
            _ if !user.enabled => Err(Reason::UserDisabled),
            UserStatus::Unconfirmed => Err(Reason::NotConfirmed),
            UserStatus::ResetRequired => Err(Reason::PasswordResetRequired),
            UserStatus::ForceChangePassword if self.has_expired(user) => {
                Err(Reason::TemporaryPassword)
            }
            UserStatus::ForceChangePassword => Ok(Some(Challenge::NewPasswordRequired)),
            _ => Ok(match (self.source.mfa, factor) {
                (PoolMfa::Off, _) | (PoolMfa::Optional, SecondFactor::None) => None,
                (_, SecondFactor::Sms) => Some(Challenge::SmsMfa),
                // Which factor it is cannot be known, and no other one has fewer ways to migrate.
                (_, SecondFactor::Other) | (PoolMfa::On, SecondFactor::None) => {
                    Some(Challenge::SoftwareTokenMfa)
                }
            }),
        }
    }

    /// The answer to a user with this profile, if `admit` admits the contacts that are copied.
    fn migrate(
        &self,
        typed: &str,
        profile: &Profile,
        admit: impl FnOnce(Contacts) -> Result<Admission, Reason>,
    ) -> PlannedAnswer {
        let mut copied = None;
        let destination = &self.settings.destination;
        let user = destination.user(profile, typed, |contacts| {
            copied = Some(contacts);
            admit(contacts)
        });
        match (user, copied) {
            (Ok(user), Some(contacts)) => PlannedAnswer::Migrated(Migration { user, contacts }),
            (Err(Stop::Rejected(reason)), _) => PlannedAnswer::Rejected(reason),
            (Err(Stop::Failed(_)), _) | (Ok(_), None) => PlannedAnswer::Failed,
        }
    }

    /// The profile that follows a sign-in without a challenge.
    fn as_a_sign_in_shows(&self, user: &ListedUser) -> Profile {
        let mut profile = as_administrators_see(user, SecondFactor::None);
        if !self.settings.source.reads_as_client() {
            return profile;
        }
        profile
            .identity
            .attributes
            .retain(|(name, _)| self.is_shown_to_client(name));
        // A pool gives no token to any other user.
        if user.status == UserStatus::Confirmed {
            profile.standing = Standing::VouchedByToken;
        }
        profile
    }

    /// Whether the app client of the source pool sees this attribute.
    fn is_shown_to_client(&self, name: &str) -> bool {
        let may_read = match self.client {
            Some(client) => client.lets_read(name),
            None => STANDARD.contains(&name),
        };
        let is_in_token = self.settings.source.profile != ProfileFrom::IdToken || is_settable(name);
        name == "sub" || is_in_token && may_read
    }

    /// Whether a contact among these attributes is not verified, and its copy can take the place of its owner.
    fn copies_unproven(&self, attributes: &BTreeMap<String, String>) -> bool {
        let mut unverified = VERIFIED_FLAGS
            .iter()
            .map(|(contact, _)| *contact)
            .filter(|contact| attributes.contains_key(*contact))
            .filter(|contact| !is_verified(attributes, contact))
            .peekable();
        if unverified.peek().is_none() {
            return false;
        }
        let unproven = unproven_contacts(self.settings, self.source, self.destination);
        unverified.any(|contact| unproven.contains(&contact))
    }
}

/// The value of an attribute, if it is not empty.
fn held<'u>(user: &'u ListedUser, name: &str) -> Option<&'u str> {
    user.identity
        .attribute(name)
        .filter(|value| !value.is_empty())
}

/// The profile that the source pool shows to its administrators.
fn as_administrators_see(user: &ListedUser, factor: SecondFactor) -> Profile {
    Profile {
        identity: Identity {
            username: user.identity.username.clone(),
            attributes: user.identity.attributes.clone(),
        },
        standing: Standing::Reported {
            enabled: user.enabled,
            status: user.status,
        },
        second_factor: factor,
    }
}

#[cfg(test)]
mod tests;
