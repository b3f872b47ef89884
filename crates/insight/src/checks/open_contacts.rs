//! Contacts of the destination pool that a user can take without a proof.

use crate::described::{pool_lets_write, requires, signs_in_by};
use rules::{
    attributes::VERIFIED_FLAGS,
    pool::{AppClient, UserPoolDescription},
};

use super::pools::names_of;

/// Contacts that users can change to a value that they have not verified, and by which they sign in.
pub(super) struct OpenContacts<'a> {
    /// The contacts, separated by commas.
    contacts: String,
    /// The app clients that let their users write one.
    clients: Vec<&'a AppClient>,
    /// The pool requires one, so every app client may write it.
    is_required: bool,
}

/// The open contacts of this pool, if there are any.
pub(super) fn open_contacts<'a>(
    pool: &UserPoolDescription,
    listed: &'a [AppClient],
) -> Option<OpenContacts<'a>> {
    let mut contacts = vec![];
    let mut clients = vec![];
    for (contact, _) in VERIFIED_FLAGS {
        if can_change_unverified(pool, contact) {
            for client in listed
                .iter()
                .filter(|client| pool_lets_write(pool, client, contact))
            {
                if !contacts.contains(&contact) {
                    contacts.push(contact);
                }
                if !clients.contains(&client) {
                    clients.push(client);
                }
            }
        }
    }
    (!contacts.is_empty()).then(|| OpenContacts {
        contacts: contacts.join(", "),
        clients,
        is_required: contacts.iter().any(|contact| requires(pool, contact)),
    })
}

/// Whether users sign in by the contact, and the pool neither fixes it nor waits for a proof of a new value.
fn can_change_unverified(pool: &UserPoolDescription, contact: &str) -> bool {
    let mut waiting = pool.verified_before_update.iter();
    let mut schema = pool.schema.iter();
    signs_in_by(pool, contact)
        && !waiting.any(|name| name == contact)
        && !schema.any(|known| known.name == contact && !known.mutable)
}

impl OpenContacts<'_> {
    /// The risk.
    pub(super) fn detail(&self) -> String {
        format!(
            "Users sign in to the destination pool by {}, and users of these app clients can change that to a value that \
             they have not verified. A stranger can take the address or number of a user who has not moved in this way: \
             the sign-up guard does not see it: {}.",
            self.contacts,
            names_of(&self.clients)
        )
    }

    /// The fix.
    pub(super) fn fix(&self) -> String {
        let other_way = match self.is_required {
            true => "Nothing else prevents it: every app client may write what the pool requires.",
            false => {
                "Or take it out of the attributes that these app clients may write (WriteAttributes)."
            }
        };
        format!(
            "Let the destination pool keep the old value of {} until the new one is verified \
             (UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate, which must be among \
             AutoVerifiedAttributes). {other_way}",
            self.contacts
        )
    }
}
