//! The app clients of the destination pool: whether users migrate through them, and what they let users write.

use std::{borrow::Cow, collections::BTreeSet};

use super::answers::{APP_CLIENTS, Pools};
use rules::attributes::{IDENTIFIERS, VERIFIED_FLAGS, is_custom};
use rules::checks::{Looked, Verdict};
use rules::pool::{AppClient, UserPoolDescription};

impl Pools<'_> {
    pub(super) fn clients(&self) -> Looked {
        let clients = match &self.facts.clients {
            Ok(clients) => clients,
            Err(failure) => {
                return self.unread_destination(
                    "The app clients of the destination pool",
                    APP_CLIENTS,
                    failure,
                );
            }
        };
        let has_password_flow =
            |client: &&AppClient| client.user_password_flow || client.admin_password_flow;
        let (able, unable): (Vec<_>, Vec<_>) = clients.listed.iter().partition(has_password_flow);
        if able.is_empty() {
            return Ok(Verdict::fail(
                "No app client of the destination pool signs in with USER_PASSWORD_AUTH or ADMIN_USER_PASSWORD_AUTH. \
                 The trigger runs for no other flow.",
                "Add ALLOW_USER_PASSWORD_AUTH to the authentication flows (ExplicitAuthFlows) of the destination \
                 pool's app client, and sign in with it.",
            ));
        }
        let telling: Vec<_> = clients
            .listed
            .iter()
            .filter(|client| !client.prevents_user_existence_errors)
            .collect();
        let mut details = vec![];
        let mut fixes: Vec<Cow<'_, str>> = vec![];
        if !unable.is_empty() {
            details.push(format!(
                "These app clients allow no password flow, so nobody is migrated through them: {}.",
                names(&unable)
            ));
            fixes.push(
                "Add ALLOW_USER_PASSWORD_AUTH to their authentication flows (ExplicitAuthFlows) if people sign in \
                 through them."
                    .into(),
            );
        }
        if !telling.is_empty() {
            details.push(format!(
                "These app clients tell who exists (PreventUserExistenceErrors LEGACY): {}.",
                names(&telling)
            ));
            fixes.push("Set their PreventUserExistenceErrors to ENABLED.".into());
        }
        let copied = self.copied_custom_attributes();
        let unread: BTreeSet<_> = clients
            .listed
            .iter()
            .flat_map(|client| copied.iter().filter(|name| !client.lets_read(name)))
            .collect();
        if !unread.is_empty() {
            let is_blind = |client: &&AppClient| unread.iter().any(|name| !client.lets_read(name));
            let blind: Vec<_> = clients.listed.iter().filter(is_blind).collect();
            let unread: Vec<_> = unread.into_iter().copied().collect();
            details.push(format!(
                "Some copied attributes are in no token of these app clients, which may not read them: {} ({}).",
                unread.join(", "),
                names(&blind)
            ));
            fixes.push(
                "Set the attributes that they may read (ReadAttributes), if their apps need these."
                    .into(),
            );
        }
        let mut fix_writing = None;
        for identifier in IDENTIFIERS {
            let old = self.settings.destination.mapping.destination(identifier);
            let lets_write = |client: &&AppClient| old.is_some_and(|old| client.lets_write(old));
            let writing: Vec<_> = clients.listed.iter().filter(lets_write).collect();
            if let Some(old) = old.filter(|_| !writing.is_empty()) {
                details.push(format!(
                    "Users of these app clients can write {old}, and so claim the old {identifier} of another user: {}.",
                    names(&writing)
                ));
                fix_writing = Some(
                    "Set the attributes that they may write (WriteAttributes), without those to which ATTRIBUTE_MAP \
                     maps sub and username."
                        .into(),
                );
            }
        }
        fixes.extend(fix_writing);
        let pool = self.facts.destination.pool.as_ref().ok();
        if let Some((detail, fix)) = pool.and_then(|pool| changed_unverified(pool, &clients.listed))
        {
            details.push(detail);
            fixes.push(fix.into());
        }
        if !details.is_empty() {
            return Ok(Verdict::warn(details.join(" "), fixes.join(" ")));
        }
        let how_many = match clients.listed.len() {
            1 => "The app client allows".to_owned(),
            number if clients.more => format!("The first {number} app clients allow"),
            number => format!("All {number} app clients allow"),
        };
        Ok(Verdict::ok(format!("{how_many} a password flow.")))
    }

    /// The custom attributes of the destination pool that a migration fills, but for the mark.
    fn copied_custom_attributes(&self) -> BTreeSet<&str> {
        let Ok(destination) = self.destination() else {
            return BTreeSet::new();
        };
        let mapping = &self.settings.destination.mapping;
        let source = self.facts.source.pool.as_ref().ok();
        let listed = source.into_iter().flat_map(|pool| &pool.schema);
        let listed = listed.map(|attribute| attribute.name.as_str());
        let named = mapping.renamed.keys().map(String::as_str);
        let copied = listed
            .chain(named)
            .filter_map(|name| mapping.destination(name));
        let fixed = mapping.fixed.keys().map(String::as_str);
        let exists = |name: &str| destination.schema.iter().any(|known| known.name == name);
        copied
            .chain(fixed)
            .filter(|name| is_custom(name) && exists(name))
            .collect()
    }
}

fn names(clients: &[&AppClient]) -> String {
    let names: Vec<_> = clients.iter().map(|client| client.name.as_str()).collect();
    names.join(", ")
}

/// Whether users of a client of this pool may write the attribute; what the pool requires counts where it is known.
pub(super) fn lets_write(
    pool: Option<&UserPoolDescription>,
    client: &AppClient,
    attribute: &str,
) -> bool {
    match pool {
        Some(pool) => pool.lets_write(client, attribute),
        None => client.lets_write(attribute),
    }
}

/// How users of these clients can take a contact that they have not verified and sign in by it, and what prevents that.
fn changed_unverified(
    pool: &UserPoolDescription,
    clients: &[AppClient],
) -> Option<(String, String)> {
    let mut open = BTreeSet::new();
    let mut through = vec![];
    let contacts = VERIFIED_FLAGS.map(|(contact, _)| contact);
    let contacts = contacts.into_iter().filter(|contact| {
        let waits = pool
            .verified_before_update
            .iter()
            .any(|name| name == contact);
        let mut schema = pool.schema.iter();
        let is_fixed = schema.any(|known| known.name == *contact && !known.mutable);
        pool.signs_in_by(contact) && !waits && !is_fixed
    });
    for contact in contacts {
        for client in clients
            .iter()
            .filter(|client| pool.lets_write(client, contact))
        {
            open.insert(contact);
            if !through.contains(&client) {
                through.push(client);
            }
        }
    }
    if open.is_empty() {
        return None;
    }
    let is_required = open.iter().any(|contact| pool.requires(contact));
    let open: Vec<_> = open.into_iter().collect();
    let open = open.join(", ");
    let detail = format!(
        "Users sign in to the destination pool by {open}, and users of these app clients can change that to a value that \
         they have not verified. A stranger can take the address or number of a user who has not moved in this way: the \
         sign-up guard does not see it: {}.",
        names(&through)
    );
    let other_way = if is_required {
        "Nothing else prevents it: every app client may write what the pool requires."
    } else {
        "Or take it out of the attributes that these app clients may write (WriteAttributes)."
    };
    let fix = format!(
        "Let the destination pool keep the old value of {open} until the new one is verified \
         (UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate, which must be among \
         AutoVerifiedAttributes). {other_way}"
    );
    Some((detail, fix))
}
