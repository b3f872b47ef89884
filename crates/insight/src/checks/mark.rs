//! `destination.mark`: the destination pool can hold the mark, and users cannot write it.

use crate::described::{AppClients, allows, client_lets_write};
use rules::{
    checks::{CheckId, Verdict},
    mark,
    pool::{AppClient, DataType, SchemaAttribute, UserPoolDescription},
};

use super::{
    function_arn::calls,
    pools::{KnownPools, destination_is_unknown},
};

/// The cases of the attribute that `MIGRATION_MARK` names.
enum MarkFound<'a> {
    NoAttribute,
    CannotHoldIt,
    /// The app clients are not known.
    ClientsAreUnknown,
    /// This app client lets its users write it.
    WrittenThrough(&'a AppClient),
    NoPostAuthentication,
    /// It fits, as far as the first of the app clients say.
    MoreClients(usize),
    Fits,
}

/// The function, where its ARN is not known.
const THE_FUNCTION: &str = "the function";

/// Judges the mark.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let Some(mark) = &pools.settings.destination.mark else {
        return Verdict::ok("Not needed: MIGRATION_MARK is not set.");
    };
    let function = pools.facts.function_arn.as_deref();
    match pools.destination() {
        Some(pool) => found(pools, pool, mark).verdict(mark, function.unwrap_or(THE_FUNCTION)),
        None => destination_is_unknown(),
    }
}

fn found<'a>(pools: &KnownPools<'a>, pool: &UserPoolDescription, mark: &str) -> MarkFound<'a> {
    let attribute = pool.schema.iter().find(|known| known.name == *mark);
    match (attribute, &pools.facts.clients) {
        (None, _) => MarkFound::NoAttribute,
        (Some(attribute), _) if !can_hold(attribute) => MarkFound::CannotHoldIt,
        (Some(_), Err(_)) => MarkFound::ClientsAreUnknown,
        (Some(_), Ok(clients)) => match written_through(mark, clients) {
            Some(written) => written,
            None if !runs_steps(pools, pool) => MarkFound::NoPostAuthentication,
            None if clients.more => MarkFound::MoreClients(clients.listed.len()),
            None => MarkFound::Fits,
        },
    }
}

/// Whether the attribute takes the shortest mark and the longest one, and can change.
fn can_hold(attribute: &SchemaAttribute) -> bool {
    attribute.data_type == DataType::String
        && attribute.mutable
        && mark::LENGTHS
            .iter()
            .all(|length| allows(attribute, *length))
}

/// The verdict on an app client that lets its users write the mark, if there is one.
pub(super) fn written_mark(mark: &str, clients: &AppClients) -> Option<Verdict> {
    written_through(mark, clients).map(|written| written.verdict(mark, THE_FUNCTION))
}

/// An app client that lets its users write the mark, if there is one.
fn written_through<'a>(mark: &str, clients: &'a AppClients) -> Option<MarkFound<'a>> {
    let mut clients = clients.listed.iter();
    clients
        .find(|client| client_lets_write(client, mark))
        .map(MarkFound::WrittenThrough)
}

/// Whether the pool calls the function after a sign-in.
fn runs_steps(pools: &KnownPools<'_>, pool: &UserPoolDescription) -> bool {
    let function = pools.facts.function_arn.as_deref();
    match (pool.triggers.post_authentication.as_deref(), function) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(trigger), Some(function)) => calls(trigger, function),
    }
}

impl MarkFound<'_> {
    fn verdict(&self, mark: &str, function: &str) -> Verdict {
        match self {
            MarkFound::NoAttribute => Verdict::fail(
                format!("The destination pool has no attribute {mark}, so every migration fails."),
                "Add the attribute that MIGRATION_MARK names to the destination pool's schema, as a String that can \
                 be changed (Mutable).",
            ),
            MarkFound::CannotHoldIt => {
                let [shortest, longest] = mark::LENGTHS;
                Verdict::fail(
                    format!("The attribute {mark} of the destination pool cannot hold the mark."),
                    format!(
                        "Let MIGRATION_MARK name a String of the destination pool's schema that can be changed \
                         (Mutable) and can hold {shortest} to {longest} characters."
                    ),
                )
            }
            MarkFound::ClientsAreUnknown => Verdict::because_of(CheckId::DestinationClients),
            MarkFound::WrittenThrough(client) => Verdict::fail(
                format!(
                    "Users of the app client {} can write their own mark{}, and so claim to be another user of the \
                     source pool.",
                    client.name,
                    if client.writable.is_some() {
                        ""
                    } else {
                        ", because it sets no WriteAttributes"
                    }
                ),
                "Set the attributes that the destination pool's app clients may write (WriteAttributes), without the \
                 one that MIGRATION_MARK names.",
            ),
            MarkFound::NoPostAuthentication => Verdict::warn(
                "The destination pool does not call the function after a sign-in, so no post-migration step runs.",
                format!(
                    "Set the destination pool's post_authentication trigger (LambdaConfig.PostAuthentication) to \
                     {function}, or leave MIGRATION_MARK out."
                ),
            ),
            MarkFound::MoreClients(number) => Verdict::warn(
                format!(
                    "The mark fits. Only the first {number} app clients of the destination pool were looked at: users \
                     of another one may be able to write it."
                ),
                "Make sure that no app client may write the attribute that MIGRATION_MARK names (WriteAttributes).",
            ),
            MarkFound::Fits => Verdict::ok("The mark fits, and no user can write it."),
        }
    }
}
