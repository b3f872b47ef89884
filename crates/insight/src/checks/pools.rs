//! The known parts of both pools, and the verdicts for missing answers.

use rules::{
    checks::{CheckId, Verdict, credentials_may_not},
    outcome::{Cause, Failure},
    pool::{AppClient, UserPoolDescription},
    protocol::Why,
    settings::Settings,
};

use super::facts::PoolsFacts;
use crate::schema::{Fit, fit};

/// The facts, and the settings under which they are judged.
#[derive(Clone, Copy)]
pub(super) struct KnownPools<'a> {
    pub(super) settings: &'a Settings,
    pub(super) facts: &'a PoolsFacts,
}

impl<'a> KnownPools<'a> {
    /// The destination pool, if it is known.
    pub(super) fn destination(&self) -> Option<&'a UserPoolDescription> {
        self.facts.destination.pool.as_ref().ok()
    }

    /// The source pool, if it is known.
    pub(super) fn source(&self) -> Option<&'a UserPoolDescription> {
        self.facts.source.pool.as_ref().ok()
    }

    /// The mapping against both schemas.
    pub(super) fn fit(&self, destination: &'a UserPoolDescription) -> Fit<'a> {
        fit(self.settings, self.source(), destination)
    }

    /// An answer of the destination pool that is missing, besides its settings.
    pub(super) fn unread_destination(
        &self,
        what: &str,
        actions: &str,
        failure: &Failure,
    ) -> Verdict {
        let pool = &self.facts.destination.pool;
        match (failure.cause, pool) {
            (Cause::NotAllowed, _) => credentials_may_not(actions, &self.facts.destination.id),
            (_, Err(of_pool)) if of_pool.cause != Cause::NotAllowed => destination_is_unknown(),
            (_, Ok(_) | Err(_)) => Verdict::not_asked(what, failure),
        }
    }

    /// An answer of the source pool that is missing. Nothing fails because of it: `source.pool` judges whether that pool
    /// is in reach.
    pub(super) fn unread_source(&self, actions: &str, failure: &Failure) -> Verdict {
        match failure.cause {
            Cause::NotAllowed => credentials_may_not(actions, &self.facts.source.id),
            _ => Verdict::skipped(
                Why::NoAnswer,
                format!("The source pool could not be asked: {failure}."),
                "Run this with credentials of the source pool's account. If they are, check SRC_USER_POOL_ID and \
                 SRC_REGION.",
            ),
        }
    }
}

/// The verdict of a check that needs the destination pool's settings, where these are not known.
pub(super) fn destination_is_unknown() -> Verdict {
    Verdict::because_of(CheckId::DestinationPool)
}

/// The names of these app clients, separated by commas.
pub(super) fn names_of(clients: &[&AppClient]) -> String {
    let names: Vec<_> = clients.iter().map(|client| client.name.as_str()).collect();
    names.join(", ")
}

/// The permission to read the settings of a pool, behind `cognito-idp:`.
pub(super) const POOL: &str = "DescribeUserPool";

/// The permissions to read the app clients of a pool, behind `cognito-idp:`.
pub(super) const APP_CLIENTS: &str = "ListUserPoolClients and cognito-idp:DescribeUserPoolClient";
