//! What the answers of the source pool mean together: why others of them are missing, and who may be allowed more.

use super::{
    facts::{Answer, ProbeSignIn, SourceFacts},
    report::{CheckId, Verdict, credentials_may_not},
};
use crate::{
    outcome::{Cause, Failure},
    protocol::Why,
    settings::Settings,
};

/// The facts, who asked for them, and the settings under which they are judged.
pub(super) struct Source<'a> {
    pub(super) settings: &'a Settings,
    pub(super) facts: &'a SourceFacts,
    pub(super) asked_by: AskedBy,
}

/// Who asks the source pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AskedBy {
    /// The function, from where it runs.
    Function,
    /// An operator, with credentials of their own, which say nothing about the function's.
    Operator,
}

impl<'a> Source<'a> {
    /// What the probe sign-in proves, or why there was none.
    pub(super) fn tried(&self) -> Option<Result<ProbeSignIn, Cause>> {
        let answer = self.facts.probe_sign_in.as_ref()?;
        Some(answer.as_ref().copied().map_err(|failure| failure.cause))
    }

    /// Why the source pool does not accept the function, if that is so.
    pub(super) fn bad_credentials(&self) -> Option<&'a Failure> {
        if self.asked_by == AskedBy::Operator {
            return None;
        }
        fn bad<T>(answer: &Answer<T>) -> Option<&Failure> {
            let failure = answer.as_ref().err()?;
            let bad = matches!(
                failure.cause,
                Cause::Credentials | Cause::CredentialsExpired
            );
            bad.then_some(failure)
        }
        let facts = self.facts;
        // Whatever keeps the credentials from being there, they are not.
        facts
            .credentials
            .as_ref()
            .err()
            .or_else(|| bad(&facts.pool))
            .or_else(|| bad(&facts.client))
            .or_else(|| bad(&facts.profiles))
            .or_else(|| facts.lists.as_ref().and_then(bad))
            .or_else(|| facts.mfa.as_ref().and_then(bad))
    }

    /// Why nothing is known of the source pool, if the credentials are why.
    pub(super) fn shut_out(&self) -> Option<Verdict> {
        let because = |_| Verdict::because_of(CheckId::SourceCredentials);
        self.bad_credentials().map(because)
    }

    /// Whether any answer says that the source pool does not exist.
    pub(super) fn pool_is_missing(&self) -> bool {
        let cause = |answer: &Answer<()>| answer.as_ref().err().map(|failure| failure.cause);
        let missing = Some(Cause::NotFound);
        self.facts.pool.as_ref().is_err_and(|failure| {
            failure.cause == Cause::NotFound
                || cause(&self.facts.profiles) == missing
                || self.facts.lists.as_ref().and_then(cause) == missing
        })
    }

    /// Why it makes no sense to look further into the source pool, if that is so.
    pub(super) fn hidden(&self) -> Option<Verdict> {
        match (self.shut_out(), &self.facts.pool) {
            (Some(shut_out), _) => Some(shut_out),
            (None, Ok(_)) => None,
            (None, Err(failure))
                if failure.cause == Cause::NotAllowed && !self.pool_is_missing() =>
            {
                None
            }
            (None, Err(_)) => Some(Verdict::because_of(CheckId::SourcePool)),
        }
    }

    /// What is to be said where the app client is not known.
    pub(super) fn without_client(&self, failure: &Failure) -> Verdict {
        match (self.hidden(), failure.cause) {
            (Some(hidden), _) => hidden,
            (None, Cause::NotAllowed) => self.may_not_look("DescribeUserPoolClient"),
            (None, _) => Verdict::because_of(CheckId::SourceClient),
        }
    }

    /// A check that may not look.
    pub(super) fn may_not_look(&self, action: &str) -> Verdict {
        match self.asked_by {
            AskedBy::Function => Verdict::skipped(
                Why::NoPermission,
                "The function may not look at this.",
                format!("{} In Terraform: preflight = true.", self.grant(action)),
            ),
            AskedBy::Operator => credentials_may_not(action, &self.settings.source.user_pool_id),
        }
    }

    /// Who is to be allowed an action in the source pool.
    pub(super) fn grant(&self, action: &str) -> String {
        let source = &self.settings.source;
        let who = match source.role {
            Some(_) => "the role that SRC_ROLE_ARN names",
            None => "the function's role",
        };
        format!(
            "Allow {who} the action cognito-idp:{action} on the user pool {}.",
            source.user_pool_id
        )
    }
}
