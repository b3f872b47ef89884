//! The names by which users sign in to the destination pool.

use super::answers::{Pools, fit};
use rules::checks::{Looked, Verdict};
use rules::pool::UserPoolDescription;
use rules::{
    attributes::{UnverifiedContacts, VERIFIED_FLAGS},
    migrated_user::DestinationUsername,
    settings::Settings,
};

const PREFERRED_USERNAME: &str = "preferred_username";

impl Pools<'_> {
    pub(super) fn username(&self) -> Looked {
        let pool = self.destination()?;
        let fits = self.user_name_fits(pool);
        let prefers = is_filled(self.settings, pool, PREFERRED_USERNAME);
        if fits.fails() || !prefers && filled_contacts(self.settings, pool).next().is_none() {
            return Ok(fits);
        }
        let source = match &self.facts.source.pool {
            Ok(source) => source,
            Err(failure) => return Err(self.unread_source("DescribeUserPool", failure)),
        };
        if prefers && is_shared(self.settings, source, pool, PREFERRED_USERNAME) {
            return Ok(Verdict::fail(
                "Users sign in to the destination pool by preferred_username, and in the source pool it is no alias: users \
                 choose it freely there, and several can have the same. The first of them to migrate gets the name.",
                "Do not copy it: map preferred_username to null, or to another attribute, in ATTRIBUTE_MAP.",
            ));
        }
        let shared = unproven_contacts(self.settings, source, pool);
        if shared.is_empty() {
            return Ok(fits);
        }
        let shared = shared.join(", ");
        Ok(Verdict::warn(
            format!(
                "Users sign in to the destination pool by {shared}, and in the source pool several users can have the same, \
                 verified or not. A user who has not verified it can migrate first, and then its owner is locked out."
            ),
            "Set UNVERIFIED_CONTACTS to drop. The survey's finding unproven_copy counts these users.",
        ))
    }

    /// Whether the pool takes the user name that is returned.
    fn user_name_fits(&self, pool: &UserPoolDescription) -> Verdict {
        let aliases = pool.alias_attributes.join(", ");
        let attributes = pool.username_attributes.join(", ");
        let returned = self.settings.destination.username;
        let returns_one = returned != DestinationUsername::None;
        match (returns_one, aliases.is_empty(), attributes.is_empty()) {
            (false, false, _) => Verdict::fail(
                format!(
                    "In the destination pool users have a user name besides the alias {aliases}, and DST_USERNAME \
                         returns none."
                ),
                "Set DST_USERNAME to username or sub.",
            ),
            (true, _, false) => Verdict::fail(
                format!(
                    "In the destination pool {attributes} is the user name, and DST_USERNAME returns another one."
                ),
                "Set DST_USERNAME to none.",
            ),
            (true, true, true) => Verdict::warn(
                "The destination pool knows users by their user name alone. DST_USERNAME gives users who type an \
                     address or a preferred user name another one than they type.",
                "Set DST_USERNAME to none.",
            ),
            (false, true, true) => Verdict::ok("Users keep the user name that they type."),
            (false, true, false) => {
                Verdict::ok(format!("The user name is what people type: {attributes}."))
            }
            (true, false, true) => Verdict::ok("A user name is returned where an alias is typed."),
        }
    }
}

/// The contacts that are copied unverified, by which the destination pool signs users in, and of which several users of the
/// source pool can have the same.
pub fn unproven_contacts(
    settings: &Settings,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
) -> Vec<&'static str> {
    let filled = filled_contacts(settings, destination);
    filled
        .filter(|contact| is_shared(settings, source, destination, contact))
        .collect()
}

/// The contacts that are copied unverified, and by which the destination pool signs users in.
fn filled_contacts(
    settings: &Settings,
    destination: &UserPoolDescription,
) -> impl Iterator<Item = &'static str> {
    let drops = settings.destination.mapping.unverified_contacts == UnverifiedContacts::Drop;
    let contacts = VERIFIED_FLAGS.map(|(contact, _)| contact);
    contacts
        .into_iter()
        .filter(move |contact| !drops && is_filled(settings, destination, contact))
}

/// Whether the destination pool signs users in by this attribute, and a source attribute may become it.
fn is_filled(settings: &Settings, destination: &UserPoolDescription, name: &str) -> bool {
    let fit = fit(settings, None, destination);
    destination.signs_in_by(name) && fit.sources_of(name).next().is_some()
}

/// Whether a source attribute becomes this one of which several users can have the same value.
fn is_shared(
    settings: &Settings,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
    name: &str,
) -> bool {
    let fit = fit(settings, Some(source), destination);
    let mut sources = fit.sources_of(name);
    sources.any(|from| !source.signs_in_by(from))
}
