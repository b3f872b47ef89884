//! The list of the checks, and the verdicts.

use std::fmt;

use strum::{IntoStaticStr, VariantArray};

use crate::{
    outcome::Failure,
    protocol::{Check, Status, Why},
};

/// The checks, in the order of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum CheckId {
    /// The function's credentials for the source pool.
    SourceCredentials,
    /// The source pool exists and answers.
    SourcePool,
    /// Its app client exists.
    SourceClient,
    /// The app client allows the authentication flow.
    SourceFlow,
    /// The app client's secret is the configured one.
    SourceSecret,
    /// Profiles can be read.
    SourceRead,
    /// Users can be looked up.
    SourceLookup,
    /// The profile of a sign-in holds what is copied.
    SourceAttributes,
    /// Second factors that a password reset could shake off, or that keep users from migrating.
    SourceMfa,
    /// The source pool answers in time.
    TimeSource,
    /// The destination pool exists.
    DestinationPool,
    /// It calls the function.
    DestinationTrigger,
    /// Its app clients sign in with a flow that migrates.
    DestinationClients,
    /// It takes the attributes that the mapping returns.
    DestinationSchema,
    /// It takes the user name that is returned.
    DestinationUsername,
    /// Its second factors go with `ON_MFA`.
    DestinationMfa,
    /// It can send codes to migrated users.
    DestinationRecovery,
    /// It demands of passwords what `PASSWORD_POLICY` says.
    DestinationPassword,
    /// It can hold the mark, and users cannot write it.
    DestinationMark,
    /// It has the groups of the source pool.
    DestinationGroups,
    /// Both pools treat upper and lower case alike.
    PoolsCase,
    /// The pools are different ones.
    PoolsSame,
    /// What users can write in the source pool is not trusted in the destination pool.
    PoolsWritable,
}

impl CheckId {
    /// The constant name of the check: that of `SourcePool` is `source.pool`.
    pub fn name(self) -> String {
        <&str>::from(self).replacen('_', ".", 1)
    }

    /// Whether this is the check.
    pub fn is(self, check: &Check) -> bool {
        check.id == self.name()
    }
}

/// The result of a check: the check without its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict(Check);

impl Verdict {
    fn new(status: Status, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Verdict(Check {
            id: String::new(),
            status,
            why: None,
            detail: detail.into(),
            fix: fix.into(),
        })
    }

    /// In order.
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

    /// A skipped check, with the reason.
    pub fn skipped(why: Why, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        let mut skipped = Self::new(Status::Skipped, detail, fix);
        skipped.0.why = Some(why);
        skipped
    }

    /// The same verdict, for an operator's question.
    pub(super) fn asked_as_operator(mut self) -> Self {
        self.0.detail.insert_str(0, "Asked as the operator: ");
        self
    }

    /// Skipped, because another check explains it.
    pub fn because_of(id: CheckId) -> Self {
        let id = id.name();
        let found = format!("Not known because of {id}.");
        Self::skipped(Why::OtherCheck, found, format!("See {id}."))
    }

    /// The same verdict with a warning added.
    pub fn and_warn(mut self, detail: &str, fix: &str) -> Self {
        let check = &mut self.0;
        if check.status == Status::Ok {
            check.status = Status::Warn;
        }
        check.detail = format!("{} {detail}", check.detail);
        check.fix = format!("{} {fix}", check.fix).trim_start().to_owned();
        self
    }

    /// The verdict for a question that failed for a cause that the checks do not explain.
    pub fn not_asked(what: &str, failure: &Failure) -> Self {
        let found = format!("{what} could not be asked for: {failure}.");
        Self::fail(found, TRY_AGAIN)
    }

    /// The verdict of this check.
    pub fn named(self, id: CheckId) -> Check {
        let id = id.name();
        Check { id, ..self.0 }
    }
}

/// A check for which the operator's credentials lack these actions.
pub fn credentials_may_not(actions: &str, user_pool_id: &str) -> Verdict {
    Verdict::skipped(
        Why::NoPermission,
        "These credentials may not look at this.",
        format!("Run this with credentials that may cognito-idp:{actions} on {user_pool_id}."),
    )
}

/// The fix for a transient failure.
pub(super) const TRY_AGAIN: &str = "Try again. If it stays, check the network and the quotas.";

/// The verdicts as checks.
pub fn named<const N: usize>(verdicts: [(CheckId, Verdict); N]) -> Vec<Check> {
    verdicts.map(|(id, verdict)| verdict.named(id)).into()
}

/// Shows the operation and the error's code.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.operation, self.code)
    }
}
