//! Conclusions from several answers of the source pool: why an answer is missing, and which permission is lacking.

use super::{
    facts::{Answer, ProbeSignIn, SourceFacts},
    report::{CheckId, Verdict, credentials_may_not},
};
use crate::{
    outcome::{Cause, Failure},
    protocol::Why,
    settings::Settings,
};

/// Facts about the source pool, with the settings and the caller for whom they are judged.
pub(super) struct KnownSource<'a> {
    pub(super) settings: &'a Settings,
    pub(super) facts: &'a SourceFacts,
    pub(super) asked_by: AskedBy,
}

/// The caller that asks the source pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AskedBy {
    /// The function, from its own network and with its own role.
    Function,
    /// An operator. The operator's credentials say nothing about the function's.
    Operator,
}

impl<'a> KnownSource<'a> {
    /// The result of the probe sign-in, if one was tried.
    pub(super) fn tried(&self) -> Option<Result<ProbeSignIn, Cause>> {
        let answer = self.facts.probe_sign_in.as_ref()?;
        Some(answer.as_ref().copied().map_err(|failure| failure.cause))
    }

    /// The failure with which the source pool rejects the function's credentials.
    pub(super) fn bad_credentials(&self) -> Option<&'a Failure> {
        fn bad<T>(answer: &Answer<T>) -> Option<&Failure> {
            let failure = answer.as_ref().err();
            failure.filter(|failure| is_about_credentials(failure))
        }
        if self.asked_by == AskedBy::Operator {
            return None;
        }
        let facts = self.facts;
        // Without credentials the cause does not matter.
        let own = facts.credentials.as_ref().err();
        own.or_else(|| bad(&facts.pool))
            .or_else(|| bad(&facts.client))
            .or_else(|| bad(&facts.profiles))
            .or_else(|| bad(facts.lists.as_ref()?))
            .or_else(|| bad(facts.mfa.as_ref()?))
    }

    /// The verdict where the credentials hide the source pool.
    pub(super) fn shut_out(&self) -> Option<Verdict> {
        let because = |_| Verdict::because_of(CheckId::SourceCredentials);
        self.bad_credentials().map(because)
    }

    /// Whether any answer says that the source pool does not exist.
    pub(super) fn pool_is_missing(&self) -> bool {
        let facts = self.facts;
        facts.pool.is_err()
            && (failed(&facts.pool, Cause::NotFound)
                || failed(&facts.profiles, Cause::NotFound)
                || matches!(&facts.lists, Some(lists) if failed(lists, Cause::NotFound)))
    }

    /// The verdict where further checks of the source pool are pointless.
    pub(super) fn hidden(&self) -> Option<Verdict> {
        let pool = &self.facts.pool;
        let is_there = failed(pool, Cause::NotAllowed) && !self.pool_is_missing();
        let is_known = pool.is_ok() || is_there;
        let unknown = || (!is_known).then(|| Verdict::because_of(CheckId::SourcePool));
        self.shut_out().or_else(unknown)
    }

    /// The verdict for a missing answer: `forbidden` if a permission is lacking.
    pub(super) fn unanswered(
        &self,
        failure: &Failure,
        forbidden: Verdict,
        otherwise: Verdict,
    ) -> Verdict {
        self.hidden().unwrap_or(match failure.cause {
            Cause::NotAllowed => forbidden,
            _ => otherwise,
        })
    }

    /// The verdict where the settings need an answer and the function did not get it.
    pub(super) fn unread(&self, what: &str, failure: &Failure, action: &str, why: &str) -> Verdict {
        let forbidden = Verdict::fail(
            format!("{what} may not be read by the function."),
            format!("{} {why}", self.grant(action)),
        );
        self.unanswered(failure, forbidden, Verdict::not_asked(what, failure))
    }

    /// The verdict where the pool's settings are not known.
    pub(super) fn without_pool(&self) -> Verdict {
        let may_not = || self.may_not_look("DescribeUserPool");
        self.hidden().unwrap_or_else(may_not)
    }

    /// The verdict where the app client is not known.
    pub(super) fn without_client(&self, failure: &Failure) -> Verdict {
        let may_not = self.may_not_look("DescribeUserPoolClient");
        self.unanswered(failure, may_not, Verdict::because_of(CheckId::SourceClient))
    }

    /// The verdict where the permission for `action` is lacking.
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

    /// The fix that grants an action in the source pool.
    pub(super) fn grant(&self, action: &str) -> String {
        let pool = &self.settings.source.user_pool_id;
        let who = match self.settings.source.role {
            Some(_) => "the role that SRC_ROLE_ARN names",
            None => "the function's role",
        };
        format!("Allow {who} the action cognito-idp:{action} on the user pool {pool}.")
    }
}

/// Whether a question failed for this cause.
fn failed<T>(answer: &Answer<T>, cause: Cause) -> bool {
    answer.as_ref().is_err_and(|failure| failure.cause == cause)
}

/// Whether AWS does not take the credentials.
pub(super) fn is_about_credentials(failure: &Failure) -> bool {
    failure.cause == Cause::Credentials || failure.cause == Cause::CredentialsExpired
}
