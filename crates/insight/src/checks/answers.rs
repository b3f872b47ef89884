//! What missing answers of the pools mean.

use super::facts::PoolsFacts;
use crate::schema::{Fit, SourceSchema};
use rules::checks::{CheckId, Looked, Verdict, Why, credentials_may_not, shown};
use rules::pool::UserPoolDescription;

use rules::{
    outcome::{Cause, Failure},
    settings::Settings,
};

/// The facts, and the settings under which they are judged.
pub(super) struct Pools<'a> {
    pub(super) settings: &'a Settings,
    pub(super) facts: &'a PoolsFacts,
}

impl<'a> Pools<'a> {
    /// The destination pool, if it is known.
    pub(super) fn destination(&self) -> Result<&'a UserPoolDescription, Verdict> {
        let pool = self.facts.destination.pool.as_ref();
        pool.map_err(|_| Verdict::because_of(CheckId::DestinationPool))
    }

    /// The mapping against both schemas.
    pub(super) fn fit(&self, destination: &'a UserPoolDescription) -> Fit<'a> {
        fit(
            self.settings,
            self.facts.source.pool.as_ref().ok(),
            destination,
        )
    }

    /// An answer of the destination pool that is missing, besides its settings.
    pub(super) fn unread_destination(
        &self,
        what: &str,
        actions: &str,
        failure: &Failure,
    ) -> Looked {
        let destination = &self.facts.destination;
        let not_allowed = |failure: &Failure| failure.cause == Cause::NotAllowed;
        if not_allowed(failure) {
            Err(credentials_may_not(actions, &destination.id))
        } else if destination.pool.as_ref().err().is_none_or(not_allowed) {
            Ok(Verdict::not_asked(what, failure))
        } else {
            Err(Verdict::because_of(CheckId::DestinationPool))
        }
    }

    /// An answer of the source pool that is missing. Nothing fails because of it: `source.pool` judges whether that pool
    /// is in reach.
    pub(super) fn unread_source(&self, action: &str, failure: &Failure) -> Verdict {
        if failure.cause == Cause::NotAllowed {
            return credentials_may_not(action, &self.facts.source.id);
        }
        Verdict::skipped(
            Why::NoAnswer,
            format!("The source pool could not be asked: {}.", shown(failure)),
            "Run this with credentials of the source pool's account. If they are, check SRC_USER_POOL_ID and \
             SRC_REGION.",
        )
    }
}

/// The mapping against both schemas; `source` is `None` where it is not known.
pub(super) fn fit<'a>(
    settings: &'a Settings,
    source: Option<&'a UserPoolDescription>,
    destination: &'a UserPoolDescription,
) -> Fit<'a> {
    Fit::new(
        &settings.destination.mapping,
        source.map(|pool| SourceSchema {
            attributes: &pool.schema,
            username_attributes: &pool.username_attributes,
        }),
        &destination.schema,
    )
}

/// What it takes to look at the app clients of a pool, behind `cognito-idp:`.
pub(super) const APP_CLIENTS: &str = "ListUserPoolClients and cognito-idp:DescribeUserPoolClient";
