//! The counts of results, outcomes and findings.

use std::collections::BTreeMap;

use rules::outcome::Reason;

use crate::{
    acceptance::{Refusal, UserResult},
    plan::{Foreseen, ForeseenOutcome},
};

/// The obstacle to a sign-in to the destination pool, or to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// The function rejects them.
    Rejected(Reason),
    /// The function cannot identify them.
    Failed,
    /// The destination pool cannot create them.
    Refused(Refusal),
    /// The name that they type is an alias that is not verified.
    LockedOut,
}

impl Obstacle {
    /// The obstacle for this user; `None` if there is none.
    pub fn of(foreseen: &Foreseen) -> Option<Self> {
        match (foreseen.result, foreseen.sign_in) {
            (UserResult::Moves | UserResult::MovesAfterReset, _) => None,
            (UserResult::Refused(refusal), _) => Some(Obstacle::Refused(refusal)),
            (UserResult::LockedOut, _) => Some(Obstacle::LockedOut),
            (UserResult::Stays, ForeseenOutcome::Rejected(reason)) => {
                Some(Obstacle::Rejected(reason))
            }
            (UserResult::Stays, ForeseenOutcome::Migrated | ForeseenOutcome::Failed) => {
                Some(Obstacle::Failed)
            }
        }
    }
}

/// The counts of a source pool's users.
#[derive(Debug, Default)]
pub struct Tally {
    /// All users.
    pub users: u64,
    /// Counts by the name of the result.
    pub result: BTreeMap<&'static str, u64>,
    /// Counts by the function's answer at a sign-in.
    pub sign_in: BTreeMap<&'static str, u64>,
    /// Counts by the function's answer at a password reset.
    pub forgot_password: BTreeMap<&'static str, u64>,
    /// Counts by the finding.
    pub findings: BTreeMap<&'static str, u64>,
    obstacles: BTreeMap<Obstacle, u64>,
}

impl Tally {
    /// Counts a user.
    pub fn add(&mut self, foreseen: &Foreseen) {
        self.users += 1;
        for (counts, name) in [
            (&mut self.result, foreseen.result.as_str()),
            (&mut self.sign_in, foreseen.sign_in.as_str()),
            (&mut self.forgot_password, foreseen.forgot_password.as_str()),
        ] {
            *counts.entry(name).or_default() += 1;
        }
        for finding in foreseen.findings.iter() {
            *self.findings.entry(finding.as_str()).or_default() += 1;
        }
        if let Some(obstacle) = Obstacle::of(foreseen) {
            *self.obstacles.entry(obstacle).or_default() += 1;
        }
    }

    /// The number of users with this result.
    pub fn with_result(&self, result: UserResult) -> u64 {
        self.result
            .get(result.as_str())
            .copied()
            .unwrap_or_default()
    }

    /// The obstacles, the most frequent first.
    pub fn obstacles(&self) -> Vec<(Obstacle, u64)> {
        let mut all: Vec<_> = self
            .obstacles
            .iter()
            .map(|(obstacle, users)| (*obstacle, *users))
            .collect();
        all.sort_by_key(|(_, users)| std::cmp::Reverse(*users));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, Findings};

    #[test]
    fn each_user_is_counted_with_what_stands_in_the_way() {
        use ForeseenOutcome::{Failed, Migrated, Rejected};
        use UserResult::{LockedOut, Moves, MovesAfterReset, Refused, Stays};
        let refused = Obstacle::Refused(Refusal::Schema);
        let disabled = Obstacle::Rejected(Reason::UserDisabled);
        let mut tally = Tally::default();
        #[rustfmt::skip]
        let cases = [
            (Moves, Migrated, None),
            (Moves, Migrated, None),
            (MovesAfterReset, Rejected(Reason::PasswordResetRequired), None),
            (Refused(Refusal::Schema), Migrated, Some(refused)),
            (LockedOut, Migrated, Some(Obstacle::LockedOut)),
            (Stays, Rejected(Reason::UserDisabled), Some(disabled)),
            (Stays, Rejected(Reason::UserDisabled), Some(disabled)),
            (Stays, Failed, Some(Obstacle::Failed)),
        ];
        for (result, sign_in, obstacle) in cases {
            let mut findings = Findings::default();
            findings.add_if(result == Moves, Finding::NoContact);
            let foreseen = Foreseen {
                result,
                sign_in,
                forgot_password: Migrated,
                findings,
            };
            assert_eq!(Obstacle::of(&foreseen), obstacle, "{foreseen:?}");
            tally.add(&foreseen);
        }
        assert_eq!(tally.users, 8);
        assert_eq!(tally.with_result(Stays), 3);
        assert_eq!(tally.sign_in["migrated"], 4);
        assert_eq!(tally.forgot_password["migrated"], 8);
        assert_eq!(tally.findings["no_contact"], 2);
        let obstacles = tally.obstacles();
        assert_eq!(obstacles[0], (disabled, 2));
        assert_eq!(obstacles.len(), 4);
    }
}
