//! The checks of the source pool: each finds a cause that would make migrations fail.
//!
//! [`source()`] judges the facts that the deployed function finds out. Before there is a function, [`source_as_operator()`]
//! judges the facts that an operator can find out. One fault leads to one failed check: checks that depend on it are skipped
//! and name it.

mod answers;
mod client;
mod facts;
mod pool;
mod report;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::{
    outcome::{Cause, Failure},
    pool::{AppClient, UserPoolDescription},
    protocol::{Check, Why},
    settings::Settings,
};
use answers::{AskedBy, KnownSource};

pub use facts::{Answer, ProbeSignIn, SourceFacts};
pub use report::{CheckId, Verdict, credentials_may_not, named};

/// The checks of the source pool, as the function sees it.
pub fn source(settings: &Settings, facts: &SourceFacts) -> Vec<Check> {
    named(verdicts(&KnownSource {
        settings,
        facts,
        asked_by: AskedBy::Function,
    }))
}

/// The checks of the source pool, as an operator sees it before there is a function. The other checks wait for the function.
/// `client` is `None` where the settings name no app client yet.
pub fn source_as_operator(
    settings: &Settings,
    pool: &Answer<UserPoolDescription>,
    client: Option<&Answer<AppClient>>,
) -> Vec<Check> {
    let facts = SourceFacts {
        credentials: Ok(()),
        secret: Ok(None),
        pool: pool.clone(),
        client: client.map_or(Err(Failure::new(Cause::Settings, "", "")), Answer::clone),
        profiles: Ok(()),
        lists: None,
        mfa: None,
        probe_sign_in: None,
        round_trip: None,
        time_limit: Duration::ZERO,
    };
    let verdicts = verdicts(&KnownSource {
        settings,
        facts: &facts,
        asked_by: AskedBy::Operator,
    });
    named(verdicts.map(|(id, verdict)| {
        let known = match (id, client) {
            (CheckId::SourceClient, None) => Verdict::skipped(
                Why::NoAnswer,
                "SRC_CLIENT_ID is not set.",
                "Set SRC_CLIENT_ID with --set to the id of the app client of the source pool that the function is to use.",
            ),
            (CheckId::SourcePool | CheckId::SourceClient | CheckId::SourceFlow, _)
            | (CheckId::SourceAttributes | CheckId::SourceMfa, _) => verdict.asked_as_operator(),
            _ => Verdict::skipped(
                Why::WaitsForFunction,
                "Only the function can know this, from where it runs.",
                "Run this with --function NAME, once the function is deployed.",
            ),
        };
        (id, known)
    }))
}

/// Every check of the source pool, in the order of a report.
fn verdicts(source: &KnownSource<'_>) -> [(CheckId, Verdict); 10] {
    [
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
    ]
}
