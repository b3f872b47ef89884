//! What both pools say of themselves, asked with an operator's own permissions.

mod answers;
mod both;
mod clients;
mod destination;
mod facts;
mod recovery;
#[cfg(test)]
mod tests;
mod username;
mod writable;

use rules::{
    checks::{Check, CheckId, named},
    pool::AppClients,
    settings::Settings,
};

use answers::Pools;
use destination::client_that_writes;

pub use facts::{PoolFacts, PoolsFacts};
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
