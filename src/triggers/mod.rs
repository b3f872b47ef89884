//! One room for each of Cognito's triggers: what it takes from the event, whom it asks, and what it concludes.

pub mod post_authentication;
pub mod pre_sign_up;
pub mod user_migration;

use std::{fmt, time::Duration};

use pools::SourcePool;
use rules::{
    migrated_user::MigratedUser,
    outcome::{Cause, Failure, Reason, Stop},
    protocol::PreflightReport,
    steps::SourceUserIs,
};

use crate::event::Event;

/// What an invocation came to: the handler makes one answer, one line of the log and one metric of it. Its `Debug` shows
/// nothing of the user.
pub struct Conclusion {
    /// How it ended.
    pub outcome: Outcome,
    /// The `sub` in the source pool of the user whom it was about, once it is known.
    pub source_sub: Option<String>,
}

/// How an invocation can end. Its `Debug` shows nothing of the user.
pub enum Outcome {
    /// The user may be created.
    Migrated(MigratedUser),
    /// The user may sign up.
    Allowed,
    /// A user has signed in about whom nothing is left to do.
    NotMarked,
    /// The post-migration steps are done.
    StepsDone(StepsDone),
    /// The mark says that the function was about to disable the source user, who is disabled. The operator can find out
    /// whether an administrator did it.
    SourceUserAlreadyDisabled,
    /// A preflight has its report.
    Reported(PreflightReport),
    /// Somebody is rejected, or it could not be found out.
    Stopped(Stop),
}

/// What the post-migration steps leave behind.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StepsDone {
    /// Groups that the destination pool does not have. Their names are no secret of the user's.
    pub missing_groups: Vec<String>,
    /// How the source user was found. The source pool has no such user where an administrator deleted the user, or where it
    /// is another source pool.
    pub source_user: SourceUserIs,
}

impl fmt::Debug for Conclusion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Conclusion({:?}, …)", self.outcome)
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Outcome::Migrated(_) => "Migrated(…)",
            Outcome::Allowed => "Allowed",
            Outcome::NotMarked => "NotMarked",
            Outcome::StepsDone(_) => "StepsDone(…)",
            Outcome::SourceUserAlreadyDisabled => "SourceUserAlreadyDisabled",
            Outcome::Reported(_) => "Reported(…)",
            // Constants and codes, which the log shows too.
            Outcome::Stopped(stop) => return write!(formatter, "Stopped({stop:?})"),
        })
    }
}

impl From<Outcome> for Conclusion {
    fn from(outcome: Outcome) -> Self {
        Conclusion {
            outcome,
            source_sub: None,
        }
    }
}

impl From<Stop> for Conclusion {
    fn from(stop: Stop) -> Self {
        Outcome::Stopped(stop).into()
    }
}

impl From<Reason> for Conclusion {
    fn from(reason: Reason) -> Self {
        Stop::from(reason).into()
    }
}

impl From<Failure> for Conclusion {
    fn from(failure: Failure) -> Self {
        Stop::from(failure).into()
    }
}

/// Fails if the event comes from the source pool itself: the two would call each other until the account's concurrency is
/// used up, and whoever signed in there would be the one to be disabled.
fn not_from_the_source(
    event: &Event<'_>,
    source: &SourcePool,
    operation: &'static str,
) -> Result<(), Failure> {
    if event.user_pool_id().as_deref() == Some(source.id()) {
        return Err(Failure::new(Cause::Settings, operation, "OnePoolForBoth"));
    }
    Ok(())
}

/// Does `work` within `time`; each try of its calls takes its part of that.
async fn in_time<T>(
    operation: &'static str,
    time: Duration,
    work: impl Future<Output = Result<T, Stop>>,
) -> Result<T, Stop> {
    match tokio::time::timeout(time, pools::limiting_tries(time, work)).await {
        Ok(done) => done,
        Err(_) => Err(Failure::new(Cause::Ended, operation, "TimeBudget").into()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rules::migrated_user::WelcomeMessage;

    use super::*;

    #[test]
    fn a_conclusion_shows_nothing_of_the_user() {
        let user = MigratedUser {
            attributes: BTreeMap::from([("email".to_owned(), "ana@example.com".to_owned())]),
            final_status: None,
            welcome_message: WelcomeMessage::None,
            force_alias_creation: false,
            enable_sms_mfa: false,
        };
        let migrated = Conclusion {
            outcome: Outcome::Migrated(user),
            source_sub: Some("7c7f".to_owned()),
        };
        assert_eq!(format!("{migrated:?}"), "Conclusion(Migrated(…), …)");
        let rejected = Conclusion::from(Reason::UserNotFound);
        let shown = "Conclusion(Stopped(Rejected(UserNotFound)), …)";
        assert_eq!(format!("{rejected:?}"), shown);
    }
}
