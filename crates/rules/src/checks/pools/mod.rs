//! What both pools say of themselves, asked with an operator's own permissions.

mod answers;
mod both;
mod clients;
mod destination;
mod recovery;
mod username;
mod writable;

use super::{
    facts::{AppClients, PoolsFacts},
    report::{Check, CheckId, named},
};
use crate::settings::Settings;
use answers::Pools;
use destination::client_that_writes;

pub use username::unproven_contacts;

/// What an operator found out about the destination pool, and about both pools together.
pub fn pools(settings: &Settings, facts: &PoolsFacts) -> Vec<Check> {
    let pools = Pools { settings, facts };
    named([
        (CheckId::DestinationPool, pools.pool()),
        (CheckId::DestinationTrigger, pools.trigger()),
        (CheckId::DestinationClients, pools.clients()),
        (CheckId::DestinationSchema, pools.schema()),
        (CheckId::DestinationUsername, pools.username()),
        (CheckId::DestinationMfa, pools.mfa()),
        (CheckId::DestinationRecovery, pools.recovery()),
        (CheckId::DestinationPassword, pools.password()),
        (CheckId::DestinationMark, pools.mark()),
        (CheckId::DestinationGroups, pools.groups()),
        (CheckId::PoolsCase, pools.case()),
        (CheckId::PoolsSame, pools.same()),
        (CheckId::PoolsWritable, pools.writable()),
    ])
}

/// The part of `destination.mark` without which no mark can be believed: the app client that lets its users write this
/// attribute; `None` if there is none among these.
pub fn written_mark(mark: &str, clients: &AppClients) -> Option<Check> {
    client_that_writes(mark, clients).map(|written| written.named(CheckId::DestinationMark))
}
