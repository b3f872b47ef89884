//! What would keep migrations from working: what the facts of the source pool mean, as a report.
//!
//! [`source()`] judges what only the function can know, from where it runs. Before there is a function,
//! [`source_as_operator()`] judges what an operator can know of it. One broken thing leads to one failed check: what cannot
//! be known because of it is skipped and says why.

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
use answers::{AskedBy, Source};

pub use facts::{Answer, ProbeSignIn, SourceFacts};
pub use report::{CheckId, Verdict, credentials_may_not, named, shown};

/// What the function found out about the source pool.
pub fn source(settings: &Settings, facts: &SourceFacts) -> Vec<Check> {
    let source = Source {
        settings,
        facts,
        asked_by: AskedBy::Function,
    };
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

/// What an operator can know of the source pool before there is a function, by the same verdicts; the other checks wait for
/// the function. `client` is `None` where the settings name no app client yet.
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
    let source = Source {
        settings,
        facts: &facts,
        asked_by: AskedBy::Operator,
    };
    let waits = Verdict::waits_for_function;
    let asked = |verdict: Verdict| verdict.asked_as(OPERATOR);
    let of_client = |verdict: Verdict, otherwise: Verdict| match client {
        Some(_) => asked(verdict),
        None => otherwise,
    };
    let without_client = Verdict::because_of(CheckId::SourceClient);
    named([
        (CheckId::SourceCredentials, waits()),
        (CheckId::SourcePool, asked(source.pool())),
        (
            CheckId::SourceClient,
            of_client(source.client(), without_client_id()),
        ),
        (
            CheckId::SourceFlow,
            of_client(source.flow(), without_client),
        ),
        (CheckId::SourceSecret, waits()),
        (CheckId::SourceRead, waits()),
        (CheckId::SourceLookup, waits()),
        (CheckId::SourceAttributes, asked(source.attributes())),
        (CheckId::SourceMfa, asked(source.mfa())),
        (CheckId::TimeSource, waits()),
    ])
}

/// As whom the source pool is asked before there is a function.
const OPERATOR: &str = "the operator";

/// What is said of an app client that the settings do not name.
fn without_client_id() -> Verdict {
    Verdict::skipped(
        Why::NoAnswer,
        "SRC_CLIENT_ID is not set.",
        "Set SRC_CLIENT_ID with --set to the id of the app client of the source pool that the function is to use.",
    )
}
