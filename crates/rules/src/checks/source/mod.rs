//! The source pool as the function reaches it, from where it runs.

mod answers;
mod client;
mod pool;

use super::{
    facts::SourceFacts,
    report::{Check, CheckId, named},
};
use crate::settings::Settings;
use answers::Source;

/// What the function found out about the source pool.
pub fn source(settings: &Settings, facts: &SourceFacts) -> Vec<Check> {
    let source = Source { settings, facts };
    named([
        (CheckId::SourceCredentials, source.credentials()),
        (CheckId::SourcePool, source.pool()),
        (CheckId::SourceClient, source.client()),
        (CheckId::SourceFlow, source.flow()),
        (CheckId::SourceSecret, source.secret()),
        (CheckId::SourceRead, source.read()),
        (CheckId::SourceLookup, source.lookup()),
        (CheckId::SourceAttributes, source.attributes()),
        (CheckId::SourceMfa, source.mfa()),
        (CheckId::TimeSource, source.time()),
    ])
}
