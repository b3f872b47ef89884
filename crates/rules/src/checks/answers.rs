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
pub(super) struct KnownSource<'a> {
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

impl<'a> KnownSource<'a> {
    /// What the probe sign-in proves, or why there was none.
    pub(super) fn tried(&self) -> Option<Result<ProbeSignIn, Cause>> {
        let answer = self.facts.probe_sign_in.as_ref()?;
        Some(answer.as_ref().copied().map_err(|failure| failure.cause))
    }

    /// Why the source pool does not accept the function, if that is so.
    pub(super) fn bad_credentials(&self) -> Option<&'a Failure> {
        fn bad<T>(answer: &Answer<T>) -> Option<&Failure> {
            let failure = answer.as_ref().err();
            failure.filter(|failure| is_about_credentials(failure))
        }
        if self.asked_by == AskedBy::Operator {
            return None;
        }
        let facts = self.facts;
        // Whatever keeps the credentials from being there, they are not.
        let own = facts.credentials.as_ref().err();
        own.or_else(|| bad(&facts.pool))
            .or_else(|| bad(&facts.client))
            .or_else(|| bad(&facts.profiles))
            .or_else(|| bad(facts.lists.as_ref()?))
            .or_else(|| bad(facts.mfa.as_ref()?))
    }

    /// Why nothing is known of the source pool, if the credentials are why.
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

    /// Why it makes no sense to look further into the source pool, if that is so.
    pub(super) fn hidden(&self) -> Option<Verdict> {
        let pool = &self.facts.pool;
        let is_there = failed(pool, Cause::NotAllowed) && !self.pool_is_missing();
        let is_known = pool.is_ok() || is_there;
        let unknown = || (!is_known).then(|| Verdict::because_of(CheckId::SourcePool));
        self.shut_out().or_else(unknown)
    }

    /// What is to be said of an answer that is missing: `forbidden` if that is for want of a permission.
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

    /// What is to be said of what the settings need and the function did not read.
    pub(super) fn unread(&self, what: &str, failure: &Failure, action: &str, why: &str) -> Verdict {
        let forbidden = Verdict::fail(
            format!("{what} may not be read by the function."),
            format!("{} {why}", self.grant(action)),
        );
        self.unanswered(failure, forbidden, Verdict::not_asked(what, failure))
    }

    /// What is to be said where the pool's settings are not known.
    pub(super) fn without_pool(&self) -> Verdict {
        let may_not = || self.may_not_look("DescribeUserPool");
        self.hidden().unwrap_or_else(may_not)
    }

    /// What is to be said where the app client is not known.
    pub(super) fn without_client(&self, failure: &Failure) -> Verdict {
        let may_not = self.may_not_look("DescribeUserPoolClient");
        self.unanswered(failure, may_not, Verdict::because_of(CheckId::SourceClient))
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
