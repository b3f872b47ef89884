//! The report: what an engineer reads.

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use strum::{IntoStaticStr, VariantArray};

use crate::outcome::Failure;

/// The answer to a preflight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Nothing failed, and nothing was left out that this report could have judged.
    pub ok: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
    /// How many users the pools have.
    pub users: Users,
}

impl Report {
    /// A report of these checks.
    pub fn new(checks: Vec<Check>, users: Users) -> Self {
        Report {
            ok: is_ok(&checks),
            checks,
            users,
        }
    }

    /// The ids of the checks of this status, separated by commas.
    pub fn ids(&self, status: Status) -> String {
        let checks = self.checks.iter().filter(|check| check.status == status);
        let ids: Vec<_> = checks.map(|check| check.id.as_str()).collect();
        ids.join(",")
    }
}

/// Whether these checks let migrations begin. A check that was not made is no pass.
pub fn is_ok(checks: &[Check]) -> bool {
    checks.iter().all(|check| match check.status {
        Status::Ok | Status::Warn => true,
        Status::Fail => false,
        Status::Skipped(why) => !why.is_open(),
    })
}

/// How many users the pools have, as they estimate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Users {
    /// In the source pool; `None` where it does not say.
    pub source: Option<u64>,
    /// In the destination pool; `None` where it does not say, or was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<u64>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is.
    pub id: CheckId,
    /// How it is.
    pub status: Status,
    /// What was found.
    pub detail: String,
    /// What to do; empty where there is nothing to do.
    pub fix: String,
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("id", self.id.as_str())?;
        members.serialize_entry("status", self.status.as_str())?;
        if let Status::Skipped(why) = self.status {
            members.serialize_entry(WHY, why.as_str())?;
        }
        members.serialize_entry("detail", &self.detail)?;
        members.serialize_entry("fix", &self.fix)?;
        members.end()
    }
}

/// The member of a skipped check in JSON that says why it was skipped.
pub const WHY: &str = "why";

/// How a checked thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It can go wrong for some users.
    Warn,
    /// Migrations fail.
    Fail,
    /// Not judged.
    Skipped(Why),
}

impl Status {
    /// The constant name of the status.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Why a check was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Why {
    /// Only a deployed function can know it, and none was asked.
    WaitsForFunction,
    /// A permission is missing.
    NoPermission,
    /// The question could not be asked, or was not answered.
    NoAnswer,
    /// These settings do not need it.
    NotNeeded,
    /// Another check of the report says why it cannot be known.
    OtherCheck,
}

impl Why {
    /// The constant name of the reason.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether nothing else in the report makes up for the check.
    pub fn is_open(self) -> bool {
        match self {
            Why::NoPermission | Why::NoAnswer => true,
            Why::WaitsForFunction | Why::NotNeeded | Why::OtherCheck => false,
        }
    }
}

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
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    status: Status,
    detail: String,
    fix: String,
}

impl Verdict {
    fn new(status: Status, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Verdict {
            status,
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
        Self::new(Status::Skipped(why), detail, fix)
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
            id,
            status: self.status,
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
pub const TRY_AGAIN: &str =
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
