//! `destination.clients`: users migrate through the app clients of the destination pool, and cannot write trusted attributes.

use crate::described::{AppClients, client_lets_write, is_custom};
use std::collections::BTreeSet;

use rules::{attributes::IDENTIFIERS, checks::Verdict, pool::AppClient};

use super::{
    open_contacts::{OpenContacts, open_contacts},
    pools::{APP_CLIENTS, KnownPools, names_of},
};

/// The faults of app clients. Lists of attributes are separated by commas.
enum ClientFlaw<'a> {
    /// Clients without a flow that migrates.
    NoPasswordFlow(Vec<&'a AppClient>),
    /// Clients that reveal whether a user exists.
    TellsUsers(Vec<&'a AppClient>),
    /// Clients whose tokens lack copied attributes.
    ReadsTooLittle {
        attributes: String,
        clients: Vec<&'a AppClient>,
    },
    /// Clients whose users can write the identifiers of other source users.
    WritesIdentifier {
        identifier: &'static str,
        attribute: &'a str,
        clients: Vec<&'a AppClient>,
    },
    /// Users can take a contact that they have not verified, and sign in by it.
    OpensContacts(OpenContacts<'a>),
}

/// Judges the app clients of the destination pool.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let clients = match &pools.facts.clients {
        Ok(clients) => clients,
        Err(failure) => {
            let what = "The app clients of the destination pool";
            return pools.unread_destination(what, APP_CLIENTS, failure);
        }
    };
    if !clients.listed.iter().any(has_password_flow) {
        return Verdict::fail(
            "No app client of the destination pool signs in with USER_PASSWORD_AUTH or ADMIN_USER_PASSWORD_AUTH. The \
             trigger runs for no other flow.",
            "Add ALLOW_USER_PASSWORD_AUTH to the authentication flows (ExplicitAuthFlows) of the destination pool's app \
             client, and sign in with it.",
        );
    }
    match flaws(pools, &clients.listed).as_slice() {
        [] => in_order(clients),
        flaws => flawed(flaws),
    }
}

fn has_password_flow(client: &AppClient) -> bool {
    client.user_password_flow || client.admin_password_flow
}

/// The faults of these app clients, in the order of the report.
fn flaws<'a>(pools: &KnownPools<'a>, listed: &'a [AppClient]) -> Vec<ClientFlaw<'a>> {
    let mut flaws = vec![];
    let unable = those(listed, |client| !has_password_flow(client));
    if !unable.is_empty() {
        flaws.push(ClientFlaw::NoPasswordFlow(unable));
    }
    let telling = those(listed, |client| !client.prevents_user_existence_errors);
    if !telling.is_empty() {
        flaws.push(ClientFlaw::TellsUsers(telling));
    }
    let mut unread = copied_custom_attributes(pools);
    unread.retain(|name| listed.iter().any(|client| !client.lets_read(name)));
    if !unread.is_empty() {
        flaws.push(ClientFlaw::ReadsTooLittle {
            clients: those(listed, |client| {
                unread.iter().any(|name| !client.lets_read(name))
            }),
            attributes: unread.into_iter().collect::<Vec<_>>().join(", "),
        });
    }
    for identifier in IDENTIFIERS {
        if let Some(attribute) = pools.settings.destination.mapping.destination(identifier) {
            let clients = those(listed, |client| client_lets_write(client, attribute));
            if !clients.is_empty() {
                flaws.push(ClientFlaw::WritesIdentifier {
                    identifier,
                    attribute,
                    clients,
                });
            }
        }
    }
    let open = pools
        .destination()
        .and_then(|pool| open_contacts(pool, listed));
    flaws.extend(open.map(ClientFlaw::OpensContacts));
    flaws
}

fn those(clients: &[AppClient], are_meant: impl Fn(&AppClient) -> bool) -> Vec<&AppClient> {
    clients.iter().filter(|client| are_meant(client)).collect()
}

/// The custom attributes of the destination pool that a migration fills, but for the mark.
fn copied_custom_attributes<'a>(pools: &KnownPools<'a>) -> BTreeSet<&'a str> {
    let Some(destination) = pools.destination() else {
        return BTreeSet::new();
    };
    let mapping = &pools.settings.destination.mapping;
    let source = pools.source().map_or(&[][..], |pool| &pool.schema);
    source
        .iter()
        .map(|attribute| &attribute.name)
        .chain(mapping.renamed.keys())
        .filter_map(|name| mapping.destination(name))
        .chain(mapping.fixed.keys().map(String::as_str))
        .filter(|name| is_custom(name))
        .filter(|name| destination.schema.iter().any(|known| known.name == *name))
        .collect()
}

fn in_order(clients: &AppClients) -> Verdict {
    let how_many = match clients.listed.len() {
        1 => "The app client allows".to_owned(),
        number if clients.more => format!("The first {number} app clients allow"),
        number => format!("All {number} app clients allow"),
    };
    Verdict::ok(format!("{how_many} a password flow."))
}

fn flawed(flaws: &[ClientFlaw<'_>]) -> Verdict {
    let details: Vec<_> = flaws.iter().map(ClientFlaw::detail).collect();
    let mut fixes: Vec<_> = flaws.iter().map(ClientFlaw::fix).collect();
    fixes.dedup();
    Verdict::warn(details.join(" "), fixes.join(" "))
}

impl ClientFlaw<'_> {
    fn detail(&self) -> String {
        match self {
            ClientFlaw::NoPasswordFlow(clients) => format!(
                "These app clients allow no password flow, so no user is migrated through them: {}.",
                names_of(clients)
            ),
            ClientFlaw::TellsUsers(clients) => format!(
                "These app clients tell who exists (PreventUserExistenceErrors LEGACY): {}.",
                names_of(clients)
            ),
            ClientFlaw::ReadsTooLittle {
                attributes,
                clients,
            } => format!(
                "Some copied attributes are in no token of these app clients, which may not read them: {attributes} ({}).",
                names_of(clients)
            ),
            ClientFlaw::WritesIdentifier {
                identifier,
                attribute,
                clients,
            } => format!(
                "Users of these app clients can write {attribute}, and so claim the old {identifier} of another user: {}.",
                names_of(clients)
            ),
            ClientFlaw::OpensContacts(open) => open.detail(),
        }
    }

    fn fix(&self) -> String {
        match self {
            ClientFlaw::NoPasswordFlow(_) => {
                "Add ALLOW_USER_PASSWORD_AUTH to their authentication flows (ExplicitAuthFlows) if people sign in \
                 through them."
                    .to_owned()
            }
            ClientFlaw::TellsUsers(_) => {
                "Set their PreventUserExistenceErrors to ENABLED.".to_owned()
            }
            ClientFlaw::ReadsTooLittle { .. } => {
                "Set the attributes that they may read (ReadAttributes), if their apps need these."
                    .to_owned()
            }
            ClientFlaw::WritesIdentifier { .. } => {
                "Set the attributes that they may write (WriteAttributes), without those to which ATTRIBUTE_MAP maps sub \
                 and username."
                    .to_owned()
            }
            ClientFlaw::OpensContacts(open) => open.fix(),
        }
    }
}
