//! The source pool as the function reaches it, from where it runs, or as an operator does.

mod answers;
mod client;
mod pool;

use std::time::Duration;

use super::{
    facts::{Answer, AppClient, SourceFacts, UserPoolDescription},
    report::{Check, CheckId, Finding, Looked, Why, named},
};
use crate::{
    outcome::{Cause, Failure},
    settings::Settings,
};
use answers::{AskedBy, Source};

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
        sign_in_of_nobody: None,
        round_trip: None,
        time_limit: Duration::ZERO,
    };
    let source = Source {
        settings,
        facts: &facts,
        asked_by: AskedBy::Operator,
    };
    let has_client = client.is_some();
    let waits = || Err(Finding::waits_for_function());
    let asked = |looked: Looked| {
        let asked = |finding: Finding| finding.asked_as(OPERATOR);
        looked.map(asked).map_err(asked)
    };
    let of_client = |looked: Looked, otherwise: Finding| match has_client {
        true => asked(looked),
        false => Err(otherwise),
    };
    let without_client = Finding::because_of(CheckId::SourceClient);
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
fn without_client_id() -> Finding {
    Finding::skipped(
        Why::NoAnswer,
        "SRC_CLIENT_ID is not set.",
        "Set SRC_CLIENT_ID with --set to the id of the app client of the source pool that the function is to use.",
    )
}
