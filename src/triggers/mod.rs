//! One module for each of Cognito's triggers: it reads the event, asks the pools, and returns a conclusion.

pub mod post_authentication;
pub mod pre_sign_up;
pub mod user_migration;

use std::time::Duration;

use pools::SourcePool;
use rules::{
    migrated_user::MigratedUser,
    outcome::{Cause, Failure, Reason, Stop},
    protocol::PreflightReport,
    steps::SourceUserIs,
};

use crate::event::{Event, Unusable};

/// The conclusion of an invocation. The handler makes one answer, one log line and one metric of it. It holds a user, so it
/// has no `Debug`.
pub struct Conclusion {
    /// The outcome.
    pub outcome: Outcome,
    /// The user's `sub` in the source pool, once it is known.
    pub source_sub: Option<String>,
}

/// The outcome of an invocation.
pub enum Outcome {
    /// The user may be created.
    Migrated(MigratedUser),
    /// The user may sign up.
    Allowed,
    /// A user has signed in for whom nothing is left to do.
    NotMarked,
    /// The post-migration steps are done.
    StepsDone(StepsDone),
    /// The mark says that the function was about to disable the source user, who is disabled. The operator can find out
    /// whether an administrator did it.
    SourceUserAlreadyDisabled,
    /// A preflight has its report.
    Reported(PreflightReport),
    /// The user is rejected, or a question failed.
    Stopped(Stop),
}

/// The findings of the post-migration steps.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StepsDone {
    /// Groups that the destination pool does not have. Their names are no secret of the user's.
    pub missing_groups: Vec<String>,
    /// The state of the source user. The source pool has no such user where an administrator deleted the user, or where it
    /// is another source pool.
    pub source_user: SourceUserIs,
}

impl StepsDone {
    /// Whether no finding needs a warning.
    pub(crate) fn is_complete(&self) -> bool {
        let is_found = matches!(
            self.source_user,
            SourceUserIs::NotAsked | SourceUserIs::Enabled
        );
        is_found && self.missing_groups.is_empty()
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

impl From<Unusable> for Stop {
    fn from(Unusable: Unusable) -> Self {
        Reason::InvalidRequest.into()
    }
}

/// The failure of an operation whose event is not whole: it names no user to reject.
fn unusable(operation: &'static str) -> Failure {
    Failure::new(Cause::Broken, operation, "InvalidRequest")
}

/// Fails if the event comes from the source pool itself: the two would call each other until the account's concurrency is
/// used up, and the function would disable the users who sign in there.
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
    use std::fmt::Debug;

    use super::*;
    use crate::event::{MigrationRequest, SignedIn};

    /// Has two candidates, and so does not compile, for a type that has `Debug`.
    trait IsNeverShown<A> {
        fn is_never_shown() {}
    }
    impl<T> IsNeverShown<()> for T {}
    impl<T: Debug> IsNeverShown<u8> for T {}

    #[test]
    fn what_holds_a_user_has_no_debug() {
        Conclusion::is_never_shown();
        Outcome::is_never_shown();
        Event::is_never_shown();
        MigrationRequest::is_never_shown();
        SignedIn::is_never_shown();
    }
}
