//! `destination.username`: the destination pool takes the user name that is returned, and users share no sign-in name.

use rules::{
    checks::Verdict, migrated_user::DestinationUsername, pool::UserPoolDescription,
    settings::Settings,
};

use super::{
    pools::{KnownPools, POOL, destination_is_unknown},
    shared_names::{filled_contacts, is_filled, is_shared, unproven_contacts},
};

const PREFERRED_USERNAME: &str = "preferred_username";

/// What the names of migrated users mean in the destination pool. Lists of attributes are separated by commas.
enum UsernameFound {
    /// Users have a user name besides these aliases, and none is returned.
    NoneBesides {
        aliases: String,
    },
    /// These attributes are the user name, and another one is returned.
    OneInsteadOf {
        attributes: String,
    },
    /// The pool has user names alone, and others are returned.
    OtherThanTyped,
    Typed,
    TypedAttribute {
        attributes: String,
    },
    OneForAnAlias,
    /// Several users can have the same preferred user name.
    SharedPreferredUsername,
    /// Several users can have the same of these contacts, verified or not.
    SharedContacts {
        contacts: String,
    },
}

/// Judges the names of migrated users.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let Some(pool) = pools.destination() else {
        return destination_is_unknown();
    };
    let returned = returned(pools.settings, pool);
    match (&pools.facts.source.pool, may_share(pools.settings, pool)) {
        _ if returned.is_refused() => returned.verdict(),
        (_, false) => returned.verdict(),
        (Err(failure), true) => pools.unread_source(POOL, failure),
        (Ok(source), true) => shared(pools.settings, source, pool)
            .unwrap_or(returned)
            .verdict(),
    }
}

/// What the pool makes of the user name that is returned.
fn returned(settings: &Settings, pool: &UserPoolDescription) -> UsernameFound {
    let aliases = pool.alias_attributes.join(", ");
    let attributes = pool.username_attributes.join(", ");
    let returns_one = settings.destination.username != DestinationUsername::None;
    match (returns_one, aliases.is_empty(), attributes.is_empty()) {
        (false, false, _) => UsernameFound::NoneBesides { aliases },
        (true, _, false) => UsernameFound::OneInsteadOf { attributes },
        (true, true, true) => UsernameFound::OtherThanTyped,
        (false, true, true) => UsernameFound::Typed,
        (false, true, false) => UsernameFound::TypedAttribute { attributes },
        (true, false, true) => UsernameFound::OneForAnAlias,
    }
}

/// Whether a sign-in name is copied that can be the same for several users, if the source pool allows it.
fn may_share(settings: &Settings, pool: &UserPoolDescription) -> bool {
    is_filled(settings, pool, PREFERRED_USERNAME)
        || filled_contacts(settings, pool).next().is_some()
}

/// A sign-in name that several users can have, if there is one.
fn shared(
    settings: &Settings,
    source: &UserPoolDescription,
    pool: &UserPoolDescription,
) -> Option<UsernameFound> {
    if is_filled(settings, pool, PREFERRED_USERNAME)
        && is_shared(settings, source, pool, PREFERRED_USERNAME)
    {
        return Some(UsernameFound::SharedPreferredUsername);
    }
    let contacts = unproven_contacts(settings, source, pool).join(", ");
    (!contacts.is_empty()).then_some(UsernameFound::SharedContacts { contacts })
}

impl UsernameFound {
    /// Whether the pool takes no user at all.
    fn is_refused(&self) -> bool {
        matches!(
            self,
            UsernameFound::NoneBesides { .. } | UsernameFound::OneInsteadOf { .. }
        )
    }

    fn verdict(&self) -> Verdict {
        match self {
            UsernameFound::NoneBesides { aliases } => Verdict::fail(
                format!(
                    "In the destination pool users have a user name besides the alias {aliases}, and DST_USERNAME \
                     returns none."
                ),
                "Set DST_USERNAME to username or sub.",
            ),
            UsernameFound::OneInsteadOf { attributes } => Verdict::fail(
                format!(
                    "In the destination pool {attributes} is the user name, and DST_USERNAME returns another one."
                ),
                "Set DST_USERNAME to none.",
            ),
            UsernameFound::OtherThanTyped => Verdict::warn(
                "The destination pool knows users by their user name alone. DST_USERNAME gives users who type an \
                 address or a preferred user name another one than they type.",
                "Set DST_USERNAME to none.",
            ),
            UsernameFound::Typed => Verdict::ok("Users keep the user name that they type."),
            UsernameFound::TypedAttribute { attributes } => {
                Verdict::ok(format!("The user name is what people type: {attributes}."))
            }
            UsernameFound::OneForAnAlias => {
                Verdict::ok("A user name is returned where an alias is typed.")
            }
            UsernameFound::SharedPreferredUsername => Verdict::fail(
                "Users sign in to the destination pool by preferred_username, and in the source pool it is no alias: users \
                 choose it freely there, and several can have the same. The first of them to migrate gets the name.",
                "Do not copy it: map preferred_username to null, or to another attribute, in ATTRIBUTE_MAP.",
            ),
            UsernameFound::SharedContacts { contacts } => Verdict::warn(
                format!(
                    "Users sign in to the destination pool by {contacts}, and in the source pool several users can have \
                     the same, verified or not. A user who has not verified it can migrate first, and then its owner is \
                     locked out."
                ),
                "Set UNVERIFIED_CONTACTS to drop. The survey's finding unproven_copy counts these users.",
            ),
        }
    }
}
