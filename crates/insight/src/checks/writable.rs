//! `pools.writable`: attributes that users can write in the source pool are not trusted in the destination pool.

use crate::described::{AppClients, client_lets_write, pool_lets_write};
use rules::{
    checks::{CheckId, Verdict},
    pool::{AppClient, UserPoolDescription},
};

use super::pools::{APP_CLIENTS, KnownPools, POOL, destination_is_unknown};

/// The copied custom attributes that users can write.
enum WritableFound<'a> {
    NothingIsCopied,
    /// The users of these app clients of the source pool can write these attributes, and users of the destination pool
    /// cannot.
    InSourceOnly {
        attributes: Vec<&'a str>,
        through: Vec<&'a str>,
    },
    /// Nothing, as far as the first of the app clients say.
    MoreClients(usize),
    Nothing,
}

/// Judges who can write the custom attributes that are copied.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let Some(destination) = pools.destination() else {
        return destination_is_unknown();
    };
    let Some(source_clients) = &pools.facts.source_clients else {
        return WritableFound::NothingIsCopied.verdict();
    };
    if let Err(failure) = &pools.facts.source.pool
        && pools.settings.destination.mapping.copy_custom
    {
        // Which attributes there are is not known.
        return pools.unread_source(POOL, failure);
    }
    let copied: Vec<_> = pools.fit(destination).copied_custom().collect();
    match (copied.as_slice(), source_clients, &pools.facts.clients) {
        ([], _, _) => WritableFound::NothingIsCopied.verdict(),
        (_, Err(failure), _) => pools.unread_source(APP_CLIENTS, failure),
        (_, Ok(_), Err(_)) => Verdict::because_of(CheckId::DestinationClients),
        (copied, Ok(source_clients), Ok(clients)) => found(
            copied,
            (pools.source(), source_clients),
            (Some(destination), clients),
        )
        .verdict(),
    }
}

/// A pool, if it is known, and its app clients.
type PoolWithClients<'a> = (Option<&'a UserPoolDescription>, &'a AppClients);

fn found<'a>(
    copied: &[(&'a str, &str)],
    source: PoolWithClients<'a>,
    destination: PoolWithClients<'_>,
) -> WritableFound<'a> {
    let attributes: Vec<_> = copied
        .iter()
        .filter(|(from, to)| {
            !writing(source, from).is_empty() && writing(destination, to).is_empty()
        })
        .map(|(from, _)| *from)
        .collect();
    let (_, source_clients) = source;
    if attributes.is_empty() {
        return match source_clients.more {
            true => WritableFound::MoreClients(source_clients.listed.len()),
            false => WritableFound::Nothing,
        };
    }
    let mut through: Vec<_> = attributes
        .iter()
        .flat_map(|from| writing(source, from))
        .collect();
    through.sort_unstable();
    through.dedup();
    WritableFound::InSourceOnly {
        attributes,
        through,
    }
}

/// The names of the clients of this pool whose users may write the attribute.
fn writing<'a>((pool, clients): PoolWithClients<'a>, attribute: &str) -> Vec<&'a str> {
    clients
        .listed
        .iter()
        .filter(|client| lets_write(pool, client, attribute))
        .map(|client| client.name.as_str())
        .collect()
}

/// Whether users of a client of this pool may write the attribute; what the pool requires counts where it is known.
fn lets_write(pool: Option<&UserPoolDescription>, client: &AppClient, attribute: &str) -> bool {
    match pool {
        Some(pool) => pool_lets_write(pool, client, attribute),
        None => client_lets_write(client, attribute),
    }
}

impl WritableFound<'_> {
    fn verdict(&self) -> Verdict {
        match self {
            WritableFound::NothingIsCopied => {
                Verdict::ok("Not needed: no custom attribute is copied.")
            }
            WritableFound::InSourceOnly {
                attributes,
                through,
            } => Verdict::warn(
                format!(
                    "Users of the source pool can write {} ({}), and users of the destination pool cannot. An app that \
                     trusts these attributes for that reason trusts what users wrote in the source pool.",
                    attributes.join(", "),
                    through.join(", ")
                ),
                "Stop copying them (ATTRIBUTE_MAP), or judge their values before an app trusts them. If no app of the \
                 source pool needs to write them, take them out of the WriteAttributes of its app clients.",
            ),
            WritableFound::MoreClients(number) => Verdict::warn(
                format!(
                    "Only the first {number} app clients of the source pool were looked at: users of another one may be \
                     able to write what ATTRIBUTE_MAP copies, and users of the destination pool may not."
                ),
                "Look at the WriteAttributes of the other app clients.",
            ),
            WritableFound::Nothing => Verdict::ok(
                "Users can write no copied custom attribute in the source pool that they cannot write in the destination \
                 pool.",
            ),
        }
    }
}
