//! The checks of both pools with an operator's permissions: a file for each check.
//!
//! A check matches the facts and finds one of its cases; `verdict` words the case.

mod case;
mod clients;
mod facts;
mod function_arn;
mod groups;
mod mark;
mod mfa;
mod open_contacts;
mod password;
mod pool;
mod pools;
mod recovery;
mod same;
mod schema;
#[cfg(test)]
mod tests;
mod trigger;
mod username;
mod writable;

use rules::{
    checks::{CheckId, named},
    protocol::Check,
    settings::Settings,
};

use crate::described::AppClients;

use pools::KnownPools;

pub use facts::{PoolFacts, PoolsFacts};
pub use recovery::may_ask_for_reset;

/// The checks of the destination pool, and of both pools together.
pub fn pools(settings: &Settings, facts: &PoolsFacts) -> Vec<Check> {
    let pools = &KnownPools { settings, facts };
    named([
        (CheckId::DestinationPool, pool::check(pools)),
        (CheckId::DestinationTrigger, trigger::check(pools)),
        (CheckId::DestinationClients, clients::check(pools)),
        (CheckId::DestinationSchema, schema::check(pools)),
        (CheckId::DestinationUsername, username::check(pools)),
        (CheckId::DestinationMfa, mfa::check(pools)),
        (CheckId::DestinationRecovery, recovery::check(pools)),
        (CheckId::DestinationPassword, password::check(pools)),
        (CheckId::DestinationMark, mark::check(pools)),
        (CheckId::DestinationGroups, groups::check(pools)),
        (CheckId::PoolsCase, case::check(pools)),
        (CheckId::PoolsSame, same::check(pools)),
        (CheckId::PoolsWritable, writable::check(pools)),
    ])
}

/// The part of `destination.mark` without which no mark can be believed: the app client that lets its users write this
/// attribute; `None` if there is none among these.
pub fn written_mark(mark: &str, clients: &AppClients) -> Option<Check> {
    mark::written_mark(mark, clients).map(|verdict| verdict.named(CheckId::DestinationMark))
}
