//! Sign-in names of the destination pool that several users of the source pool can have.

use crate::described::signs_in_by;
use rules::{
    attributes::{UnverifiedContacts, VERIFIED_FLAGS},
    pool::UserPoolDescription,
    settings::Settings,
};

use crate::schema::fit;

/// The contacts that are copied unverified, by which the destination pool signs users in, and of which several users of the
/// source pool can have the same.
pub(crate) fn unproven_contacts(
    settings: &Settings,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
) -> Vec<&'static str> {
    filled_contacts(settings, destination)
        .filter(|contact| is_shared(settings, source, destination, contact))
        .collect()
}

/// The contacts that are copied unverified, and by which the destination pool signs users in.
pub(crate) fn filled_contacts(
    settings: &Settings,
    destination: &UserPoolDescription,
) -> impl Iterator<Item = &'static str> {
    let drops = settings.destination.mapping.unverified_contacts == UnverifiedContacts::Drop;
    VERIFIED_FLAGS
        .map(|(contact, _)| contact)
        .into_iter()
        .filter(move |contact| !drops && is_filled(settings, destination, contact))
}

/// Whether the destination pool signs users in by this attribute, and a source attribute may become it.
pub(crate) fn is_filled(
    settings: &Settings,
    destination: &UserPoolDescription,
    name: &str,
) -> bool {
    let fit = fit(settings, None, destination);
    signs_in_by(destination, name) && fit.sources_of(name).next().is_some()
}

/// Whether a source attribute becomes this one of which several users can have the same value.
pub(crate) fn is_shared(
    settings: &Settings,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
    name: &str,
) -> bool {
    fit(settings, Some(source), destination)
        .sources_of(name)
        .any(|from| !signs_in_by(source, from))
}
