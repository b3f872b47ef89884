//! The list of the checks, and what a check finds.

use strum::{IntoStaticStr, VariantArray};

use crate::{
    outcome::Failure,
    protocol::{Check, Status, Why},
};

/// What is looked at, in the order of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
pub enum CheckId {
    /// The function's credentials for the source pool.
    #[strum(to_string = "source.credentials")]
    SourceCredentials,
    /// The source pool exists and answers.
    #[strum(to_string = "source.pool")]
    SourcePool,
    /// Its app client exists.
    #[strum(to_string = "source.client")]
    SourceClient,
    /// The app client allows the authentication flow.
    #[strum(to_string = "source.flow")]
    SourceFlow,
    /// The app client's secret is the configured one.
    #[strum(to_string = "source.secret")]
    SourceSecret,
    /// Profiles can be read.
    #[strum(to_string = "source.read")]
    SourceRead,
    /// Users can be looked up.
    #[strum(to_string = "source.lookup")]
    SourceLookup,
    /// The profile of a sign-in holds what is copied.
    #[strum(to_string = "source.attributes")]
    SourceAttributes,
    /// Second factors that a password reset could shake off, or that keep users from migrating.
    #[strum(to_string = "source.mfa")]
    SourceMfa,
    /// The source pool answers in time.
    #[strum(to_string = "time.source")]
    TimeSource,
    /// The destination pool exists.
    #[strum(to_string = "destination.pool")]
    DestinationPool,
    /// It calls the function.
    #[strum(to_string = "destination.trigger")]
    DestinationTrigger,
    /// Its app clients sign in with a flow that migrates.
    #[strum(to_string = "destination.clients")]
    DestinationClients,
    /// It takes the attributes that the mapping returns.
    #[strum(to_string = "destination.schema")]
    DestinationSchema,
    /// It takes the user name that is returned.
    #[strum(to_string = "destination.username")]
    DestinationUsername,
    /// Its second factors go with `ON_MFA`.
    #[strum(to_string = "destination.mfa")]
    DestinationMfa,
    /// It can send codes to migrated users.
    #[strum(to_string = "destination.recovery")]
    DestinationRecovery,
    /// It demands of passwords what `PASSWORD_POLICY` says.
    #[strum(to_string = "destination.password")]
    DestinationPassword,
    /// It can hold the mark, and users cannot write it.
    #[strum(to_string = "destination.mark")]
    DestinationMark,
    /// It has the groups of the source pool.
    #[strum(to_string = "destination.groups")]
    DestinationGroups,
    /// Both pools treat upper and lower case alike.
    #[strum(to_string = "pools.case")]
    PoolsCase,
    /// The pools are different ones.
    #[strum(to_string = "pools.same")]
    PoolsSame,
    /// What users can write in the source pool is not trusted in the destination pool.
    #[strum(to_string = "pools.writable")]
    PoolsWritable,
}

impl CheckId {
    /// The constant name of the check.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether this is the check.
    pub fn is(self, check: &Check) -> bool {
        check.id == self.as_str()
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    status: Status,
    why: Option<Why>,
    detail: String,
    fix: String,
}

impl Verdict {
    fn new(status: Status, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Verdict {
            status,
            why: None,
            detail: detail.into(),
            fix: fix.into(),
        }
    }

    /// As it should be.
    pub fn ok(detail: impl Into<String>) -> Self {
        Self::new(Status::Ok, detail, "")
    }

    /// It can go wrong for some users.
    pub fn warn(detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Status::Warn, detail, fix)
    }

    /// Migrations fail.
    pub fn fail(detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Status::Fail, detail, fix)
    }

    /// Not judged, and why.
    pub fn skipped(why: Why, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Verdict {
            why: Some(why),
            ..Self::new(Status::Skipped, detail, fix)
        }
    }

    /// Known to a deployed function alone.
    pub fn waits_for_function() -> Self {
        Self::skipped(
            Why::WaitsForFunction,
            "Only the function can know this, from where it runs.",
            "Run this with --function NAME, once the function is deployed.",
        )
    }

    /// The same finding, and as whom it was asked for.
    pub fn asked_as(self, who: &str) -> Self {
        Verdict {
            detail: format!("Asked as {who}: {}", self.detail),
            ..self
        }
    }

    /// Not looked at, because of what another check says.
    pub fn because_of(id: CheckId) -> Self {
        let id = id.as_str();
        Self::skipped(
            Why::OtherCheck,
            format!("Not known because of {id}."),
            format!("See {id}."),
        )
    }

    /// Whether migrations fail.
    pub fn fails(&self) -> bool {
        self.status == Status::Fail
    }

    /// The same finding, and one more that can go wrong for some users.
    pub fn and_warn(self, detail: &str, fix: &str) -> Self {
        let both = |one: &str, other: &str| format!("{one} {other}").trim_start().to_owned();
        Verdict {
            status: match self.status {
                Status::Ok => Status::Warn,
                status => status,
            },
            detail: both(&self.detail, detail),
            fix: both(&self.fix, fix),
            why: self.why,
        }
    }

    /// A question that was not answered, and by no rule of this crate.
    pub fn not_asked(what: &str, failure: &Failure) -> Self {
        Self::fail(
            format!("{what} could not be asked for: {}.", shown(failure)),
            TRY_AGAIN,
        )
    }

    /// The verdict of this check.
    pub fn named(self, id: CheckId) -> Check {
        Check {
            id: id.as_str().to_owned(),
            status: self.status,
            why: self.why,
            detail: self.detail,
            fix: self.fix,
        }
    }
}

/// A check for which the operator's credentials lack these actions.
pub fn credentials_may_not(actions: &str, user_pool_id: &str) -> Verdict {
    Verdict::skipped(
        Why::NoPermission,
        "These credentials may not look at this.",
        format!(
            "Run this with credentials that are allowed cognito-idp:{actions} on the user pool {user_pool_id}."
        ),
    )
}

/// What to do about a failure that may pass.
pub(super) const TRY_AGAIN: &str =
    "Try again. If it stays, check the network and the quotas of the account.";

/// The verdicts as checks.
pub fn named<const N: usize>(verdicts: [(CheckId, Verdict); N]) -> Vec<Check> {
    verdicts.map(|(id, verdict)| verdict.named(id)).into()
}

/// A failure as it is shown: what was being done, and the error's code.
pub fn shown(failure: &Failure) -> String {
    format!("{}: {}", failure.operation, failure.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Cause;

    #[test]
    fn a_failure_is_shown_by_its_operation_and_code() {
        let failure = Failure::new(Cause::Busy, "ListUsers", "Http503");
        assert_eq!(shown(&failure), "ListUsers: Http503");
    }
}
