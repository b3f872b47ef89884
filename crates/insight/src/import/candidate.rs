//! The users who may be imported: an import gives them the same as a migration.

use std::collections::BTreeMap;

use rules::{
    admission::{Admission, OnTemporaryPassword},
    attributes::{VERIFIED_FLAGS, is_verified, is_verified_flag},
    evidence::{Identity, ListedUser, Profile, SecondFactor, Standing, UserStatus},
    sign_in_name::SignInName,
};

use super::{
    cell::{cell, has_readable_dates},
    form::ImportForm,
    left_out::LeftOut,
};
use crate::{plan::Plan, schema};

/// A user name has at most so many characters.
const LONGEST_USER_NAME: usize = 128;

/// A user of the source pool who may be imported, before the others are considered.
pub(super) struct Candidate {
    /// The user name in the destination pool.
    pub(super) name: String,
    /// The attributes that are imported.
    pub(super) attributes: BTreeMap<String, String>,
}

impl Candidate {
    /// The user as it is imported; an error if it may not be.
    pub(super) fn new(
        plan: &Plan<'_>,
        form: &ImportForm,
        user: &ListedUser,
    ) -> Result<Self, LeftOut> {
        may_be_migrated(plan, user)?;
        let (name, attributes) = as_migrated(plan, user)?;
        let schema = &plan.destination.schema;
        if !has_verified_contact(form, &attributes) {
            return Err(LeftOut::NoVerifiedContact);
        }
        if schema::lacks_required(schema, &attributes) {
            return Err(LeftOut::RequiredAttribute);
        }
        // The schema refuses some of these days too, and would say less of them.
        if !has_readable_dates(&attributes) {
            return Err(LeftOut::UnreadableDate);
        }
        if !schema::takes(schema, &attributes) || !has_columns_and_forms(form, &attributes) {
            return Err(LeftOut::Schema);
        }
        let name = name.ok_or(LeftOut::NoUserName)?;
        check_name(plan, &name)?;
        Ok(Candidate { name, attributes })
    }

    /// Leaves behind the attributes whose values cannot be written, and names them; an error if one of them is needed. The
    /// flag of a contact goes with the contact, and is not named.
    pub(super) fn leave_unwritable_behind(
        &mut self,
        plan: &Plan<'_>,
        form: &ImportForm,
    ) -> Result<Vec<String>, LeftOut> {
        let held = self.attributes.iter();
        let left_behind: Vec<_> = held
            .filter(|(name, value)| cell(name, value) == Err(LeftOut::UnwritableValue))
            .map(|(name, _)| name.clone())
            .collect();
        for name in &left_behind {
            self.attributes.remove(name);
            for (_, flag) in VERIFIED_FLAGS.iter().filter(|(contact, _)| contact == name) {
                self.attributes.remove(*flag);
            }
        }
        let is_whole = has_verified_contact(form, &self.attributes)
            && !schema::lacks_required(&plan.destination.schema, &self.attributes);
        match is_whole {
            true => Ok(left_behind),
            false => Err(LeftOut::UnwritableValue),
        }
    }

    /// The names and addresses that no other user of the destination pool may have.
    pub(super) fn unique_names(&self, plan: &Plan<'_>) -> Vec<String> {
        let destination = plan.destination;
        let mut names: Vec<_> = destination
            .alias_attributes
            .iter()
            .filter(|alias| {
                // An address is an alias only of a user who has proved it.
                alias.as_str() == SignInName::PreferredUsername.as_str()
                    || is_verified(&self.attributes, alias)
            })
            .chain(&destination.username_attributes)
            .filter_map(|name| self.attributes.get(name))
            .map(|value| value.to_lowercase())
            .collect();
        names.push(plan.handed_over(&self.name));
        names.sort();
        names.dedup();
        names
    }
}

/// Whether the state of the user lets a migration happen.
fn may_be_migrated(plan: &Plan<'_>, user: &ListedUser) -> Result<(), LeftOut> {
    if user.status == UserStatus::ExternalProvider {
        return Err(LeftOut::ExternalProvider);
    }
    if !user.enabled {
        return Err(LeftOut::UserDisabled);
    }
    match user.status {
        UserStatus::Confirmed | UserStatus::ResetRequired => Ok(()),
        UserStatus::Unconfirmed => Err(LeftOut::NotConfirmed),
        UserStatus::ForceChangePassword => match plan.settings.policy.on_temporary_password {
            OnTemporaryPassword::Reset => Ok(()),
            OnTemporaryPassword::Refuse => Err(LeftOut::TemporaryPassword),
        },
        UserStatus::Archived
        | UserStatus::Compromised
        | UserStatus::Unknown
        | UserStatus::ExternalProvider
        | UserStatus::Other => Err(LeftOut::UnusableStatus),
    }
}

/// The name and the attributes that the user would have after a migration.
///
/// An import takes blanks off both ends of a value. So they are taken off before anything is judged. The flags stay as
/// they are: the function does not take one with blanks for verified.
fn as_migrated(
    plan: &Plan<'_>,
    user: &ListedUser,
) -> Result<(Option<String>, BTreeMap<String, String>), LeftOut> {
    let trimmed = |(name, value): &(String, String)| {
        let value = match is_verified_flag(name) {
            true => value,
            false => value.trim(),
        };
        (name.clone(), value.to_owned())
    };
    let profile = Profile {
        identity: Identity {
            username: user.identity.username.clone(),
            attributes: user.identity.attributes.iter().map(trimmed).collect(),
        },
        standing: Standing::Reported {
            enabled: user.enabled,
            status: user.status,
        },
        // A list shows none.
        second_factor: SecondFactor::None,
    };
    let imported = Admission {
        final_status: None,
        enable_sms_mfa: false,
        is_proven: false,
    };
    let destination = &plan.settings.destination;
    let typed = plan.handed_over(plan.name_of(user));
    let migrated = destination.user(&profile, &typed, |_| Ok(imported));
    // Only a `sub` can be missing.
    let mut attributes = migrated.map_err(|_| LeftOut::NoUserName)?.attributes;
    for value in attributes.values_mut() {
        *value = value.trim().to_owned();
    }
    attributes.retain(|_, value| !value.is_empty());
    let returned = attributes.remove("username");
    let usernames = &plan.destination.username_attributes;
    let name = if usernames.is_empty() {
        Some(returned.unwrap_or(typed))
    } else {
        // Such a pool makes up the names itself. A proven address is the safer one.
        let mut held = usernames
            .iter()
            .filter(|name| attributes.contains_key(*name));
        let proven = held.clone().find(|name| is_verified(&attributes, name));
        proven
            .or_else(|| held.next())
            .and_then(|name| attributes.get(name).cloned())
    };
    Ok((name, attributes))
}

/// Whether a contact is verified of those that the destination pool verifies by itself.
fn has_verified_contact(form: &ImportForm, attributes: &BTreeMap<String, String>) -> bool {
    let mut auto_verified = form.auto_verified.iter();
    auto_verified.any(|contact| is_verified(attributes, contact))
}

/// Whether each attribute has a column, and an e-mail address the form of one. The schema has judged phone numbers.
fn has_columns_and_forms(form: &ImportForm, attributes: &BTreeMap<String, String>) -> bool {
    attributes.iter().all(|(name, value)| {
        form.has(name) && (name != "email" || SignInName::Email.has_form(value))
    })
}

/// Whether the destination pool takes the name.
fn check_name(plan: &Plan<'_>, name: &str) -> Result<(), LeftOut> {
    if name.chars().any(char::is_whitespace) {
        return Err(LeftOut::BlankInUserName);
    }
    if name.chars().count() > LONGEST_USER_NAME {
        return Err(LeftOut::Schema);
    }
    let aliases = &plan.destination.alias_attributes;
    let looks_like = |alias: SignInName| {
        aliases.iter().any(|known| known == alias.as_str()) && alias.has_form(name)
    };
    if looks_like(SignInName::Email) || looks_like(SignInName::PhoneNumber) {
        return Err(LeftOut::UserNameIsAlias);
    }
    Ok(())
}
