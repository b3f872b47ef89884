//! The report: what an engineer reads.

use serde::Serialize;

/// The answer to a preflight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Nothing failed.
    pub ok: bool,
    /// What was looked at, in the order in which a migration depends on it.
    pub checks: Vec<Check>,
    /// How many users the pools have.
    pub users: Users,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its constant name, such as `source.flow`.
    pub id: &'static str,
    /// How it is.
    pub status: Status,
    /// What was found.
    pub detail: String,
    /// What to do; empty where there is nothing to do.
    pub fix: String,
}

/// How a checked thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It can go wrong for some users.
    Warn,
    /// Migrations fail.
    Fail,
    /// Not known, because something else failed or because the function may not look.
    Skipped,
}

/// How many users the pools have, as they estimate it; `None` where they do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Users {
    /// In the source pool.
    pub source: Option<u64>,
    /// In the new pool.
    pub destination: Option<u64>,
}

impl Report {
    /// The ids of the checks of this status, separated by commas.
    pub fn ids(&self, status: Status) -> String {
        let ids: Vec<_> = self
            .checks
            .iter()
            .filter(|check| check.status == status)
            .map(|check| check.id)
            .collect();
        ids.join(",")
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) status: Status,
    pub(super) detail: String,
    pub(super) fix: String,
}

impl Finding {
    fn new(status: Status, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding {
            status,
            detail: detail.into(),
            fix: fix.into(),
        }
    }

    pub(super) fn ok(detail: impl Into<String>) -> Self {
        Self::new(Status::Ok, detail, "")
    }

    pub(super) fn warn(detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Status::Warn, detail, fix)
    }

    pub(super) fn fail(detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Status::Fail, detail, fix)
    }

    pub(super) fn skipped(detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Status::Skipped, detail, fix)
    }

    /// Not looked at, because of what another check says.
    pub(super) fn because_of(id: &str) -> Self {
        Self::skipped(format!("Not known because of {id}."), format!("See {id}."))
    }

    pub(super) fn named(self, id: &'static str) -> Check {
        Check {
            id,
            status: self.status,
            detail: self.detail,
            fix: self.fix,
        }
    }
}
