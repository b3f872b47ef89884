//! What the answers of the source pool mean together: why others of them are missing, and who may be allowed more.

use super::{
    facts::{Answer, ProbeSignIn, SourceFacts},
    report::{CheckId, Verdict, Why, credentials_may_not},
};
use crate::{
    outcome::{Cause, Failure},
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

    pub(super) fn has_credentials(&self) -> Result<(), Verdict> {
        match self.bad_credentials() {
            Some(_) => Err(Verdict::because_of(CheckId::SourceCredentials)),
            None => Ok(()),
        }
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

    /// Whether it makes sense to look further into the source pool.
    pub(super) fn pool_answers(&self) -> Result<(), Verdict> {
        self.has_credentials()?;
        let may_look = match &self.facts.pool {
            Ok(_) => true,
            Err(failure) => failure.cause == Cause::NotAllowed && !self.pool_is_missing(),
        };
        if may_look {
            Ok(())
        } else {
            Err(Verdict::because_of(CheckId::SourcePool))
        }
    }

    /// What is to be said where the app client is not known.
    pub(super) fn without_client(&self, failure: &Failure) -> Verdict {
        if let Err(skipped) = self.pool_answers() {
            return skipped;
        }
        match failure.cause {
            Cause::NotAllowed => self.may_not_look("DescribeUserPoolClient"),
            _ => Verdict::because_of(CheckId::SourceClient),
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
