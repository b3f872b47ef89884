//! The answer to a preflight: written by the function, read by the operator's program.
//!
//! A later version of either can know more checks, statuses and reasons. Unknown ones are kept as they are.

use serde::{Deserialize, Serialize};

/// The answer to a preflight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightReport {
    /// No check failed, and every check that this report could make was made.
    pub ok: bool,
    /// The checks.
    pub checks: Vec<Check>,
    /// The numbers of users in the pools.
    pub users: Users,
}

impl PreflightReport {
    /// A report of these checks.
    pub fn new(checks: Vec<Check>, users: Users) -> Self {
        let ok = is_ok(&checks);
        PreflightReport { ok, checks, users }
    }

    /// The ids of the checks of this status, separated by commas.
    pub fn ids(&self, status: &Status) -> String {
        let checks = self.checks.iter().filter(|check| check.status == *status);
        let ids: Vec<_> = checks.map(|check| check.id.as_str()).collect();
        ids.join(",")
    }
}

/// Whether these checks let migrations begin. A skipped check or an unknown status does not count as passed.
pub fn is_ok(checks: &[Check]) -> bool {
    checks.iter().all(|check| match check.status {
        Status::Ok | Status::Warn => true,
        Status::Fail | Status::Later(_) => false,
        Status::Skipped => matches!(
            check.why,
            Some(Why::WaitsForFunction | Why::NotNeeded | Why::OtherCheck)
        ),
    })
}

/// The numbers of users in the pools, as the pools estimate them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Users {
    /// In the source pool; `None` where it does not say.
    pub source: Option<u64>,
    /// In the destination pool; `None` where it does not say, or was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<u64>,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The name of a [`CheckId`](crate::checks::CheckId).
    pub id: String,
    /// The status.
    pub status: Status,
    /// The reason for a skipped check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// The finding.
    pub detail: String,
    /// The fix; empty where none is needed.
    pub fix: String,
}

/// The status of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In order.
    Ok,
    /// It can go wrong for some users.
    Warn,
    /// Migrations fail.
    Fail,
    /// The check was not made.
    Skipped,
    /// A status of a later version.
    #[serde(untagged)]
    Later(String),
}

/// The reason why a check was skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// A reason of a later version.
    #[serde(untagged)]
    Later(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: Status, why: Option<Why>) -> Check {
        Check {
            id: "pools.case".to_owned(),
            status,
            why,
            detail: "Found.".to_owned(),
            fix: String::new(),
        }
    }

    /// Each status and reason, with its names and whether a report with it is in order. A skipped check is no pass, unless
    /// the function or another check judges it.
    #[test]
    fn a_report_is_ok_unless_something_fails_or_could_not_be_looked_at() {
        let later = || "later".to_owned();
        #[rustfmt::skip]
        let cases = [
            (Status::Ok, None, true, r#""ok""#),
            (Status::Warn, None, true, r#""warn""#),
            (Status::Fail, None, false, r#""fail""#),
            (Status::Later(later()), None, false, r#""later""#),
            (Status::Skipped, Some(Why::NoPermission), false, r#""skipped","why":"no_permission""#),
            (Status::Skipped, Some(Why::NoAnswer), false, r#""skipped","why":"no_answer""#),
            (Status::Skipped, Some(Why::WaitsForFunction), true, r#""skipped","why":"waits_for_function""#),
            (Status::Skipped, Some(Why::NotNeeded), true, r#""skipped","why":"not_needed""#),
            (Status::Skipped, Some(Why::OtherCheck), true, r#""skipped","why":"other_check""#),
            (Status::Skipped, Some(Why::Later(later())), false, r#""skipped","why":"later""#),
            (Status::Skipped, None, false, r#""skipped""#),
        ];
        for (status, why, ok, names) in cases {
            let checks = [check(Status::Ok, None), check(status, why)];
            assert_eq!(is_ok(&checks), ok, "{checks:?}");
            let written =
                format!(r#"{{"id":"pools.case","status":{names},"detail":"Found.","fix":""}}"#);
            assert_eq!(serde_json::to_string(&checks[1]).unwrap(), written);
            assert_eq!(serde_json::from_str::<Check>(&written).unwrap(), checks[1]);
        }
    }

    #[test]
    fn a_report_is_read_as_it_is_written() {
        for (source, destination, users) in [
            (None, None, r#"{"source":null}"#),
            (Some(5), None, r#"{"source":5}"#),
            (Some(5), Some(0), r#"{"source":5,"destination":0}"#),
        ] {
            let users_of = Users {
                source,
                destination,
            };
            let report = PreflightReport::new(vec![check(Status::Fail, None)], users_of);
            assert_eq!(
                (&*report.ids(&Status::Fail), &*report.ids(&Status::Ok)),
                ("pools.case", "")
            );
            let check = r#"{"id":"pools.case","status":"fail","detail":"Found.","fix":""}"#;
            let written = format!(r#"{{"ok":false,"checks":[{check}],"users":{users}}}"#);
            assert_eq!(serde_json::to_string(&report).unwrap(), written);
            let read: PreflightReport = serde_json::from_str(&written).unwrap();
            assert_eq!(read, report);
        }
    }
}
