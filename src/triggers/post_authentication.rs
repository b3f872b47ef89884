//! The post_authentication trigger: the post-migration steps, once a migrated user has signed in to the destination pool.
//!
//! They cannot be done at the migration itself: the user does not exist yet, and Cognito may fail to create it. So a
//! migration writes a mark, and the first sign-in to the destination pool finds it. [`plan`] says which steps are left.
//! Every step can be repeated: if the steps end early, the next sign-in continues from the mark.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html>

use std::{sync::Arc, time::Duration};

use pools::{Aws, DestinationPool, SourcePool};
use rules::{
    evidence::Identity,
    mark::{self, Mark},
    outcome::{Reason, Stop},
    settings::{PostMigration, Settings},
    steps::{SourceUserIs, Step, plan},
};

use super::{Conclusion, Outcome, StepsDone, in_time, not_from_the_source, unusable};
use crate::event::{Event, SignedIn};

const OPERATION: &str = "finish";

/// The time limit of the steps. The user waits for them, and Cognito ends the sign-in after five seconds, including the
/// start of the function. The next sign-in takes the steps that are left.
const MOST_TIME: Duration = Duration::from_millis(2500);

/// Does the post-migration steps.
pub struct PostAuthentication {
    source: Arc<SourcePool>,
    aws: Aws,
    mark: String,
    steps: PostMigration,
    time_budget: Duration,
}

impl PostAuthentication {
    /// The steps of migrations from `source`; `None` where the settings name no mark. The destination pool is reached
    /// through `aws`.
    pub fn new(source: Arc<SourcePool>, aws: Aws, settings: &Settings) -> Option<Self> {
        let mark = settings.destination.mark.clone()?;
        Some(PostAuthentication {
            source,
            aws,
            mark,
            steps: settings.post_migration.clone(),
            time_budget: settings.time_budget.min(MOST_TIME),
        })
    }

    /// Takes the steps after a sign-in to the destination pool; Lambda leaves this `time`.
    pub async fn signed_in(&self, event: &Event<'_>, time: Duration) -> Result<Conclusion, Stop> {
        let user = event
            .signed_in(&self.mark)
            .map_err(|_| unusable(OPERATION))?;
        not_from_the_source(event, &self.source, OPERATION)?;
        let steps_left =
            |mark: &Mark| !plan(mark.stage, SourceUserIs::NotAsked, &self.steps).is_empty();
        let mark = user.mark.as_deref().and_then(Mark::read);
        let Some(mark) = mark.filter(steps_left) else {
            return Ok(Outcome::NotMarked.into());
        };
        let time = time.min(self.time_budget);
        let outcome = match in_time(OPERATION, time, self.run(&user, mark)).await {
            Ok(outcome) => outcome,
            // A user who was deleted meanwhile needs no steps either.
            Err(Stop::Rejected(Reason::UserNotFound)) => Outcome::NotMarked,
            Err(stop) => Outcome::Stopped(stop),
        };
        Ok(Conclusion {
            outcome,
            source_sub: Some(mark.source_sub.to_owned()),
        })
    }

    /// Takes the steps that the mark of the event leaves, unless the destination pool holds another one.
    async fn run(&self, user: &SignedIn, mark: Mark<'_>) -> Result<Outcome, Stop> {
        let pool = DestinationPool::new(&self.aws, &user.user_pool_id);
        // The pool is read again, because the event may be old: no source user is disabled for a user who does not exist,
        // and two sign-ins at the same time do not repeat the steps.
        let holder = pool.user(&user.username).await?;
        if !self.holds(&holder, mark) {
            return Ok(Outcome::NotMarked);
        }
        let mut done = StepsDone::default();
        let mut source_name = String::new();
        let mut steps = plan(mark.stage, done.source_user, &self.steps).iter();
        while let Some(step) = steps.next() {
            match step {
                Step::FindSourceUser => {
                    let source_user = self.source.user_of_sub(mark.source_sub).await?;
                    done.source_user = SourceUserIs::of(source_user.as_ref());
                    if let Some(source_user) = source_user.map(|user| user.identity) {
                        if !mark::is_of(&holder, &source_user) {
                            return Err(Reason::MarkOfAnotherUser.into());
                        }
                        source_name = source_user.username;
                    }
                    steps = plan(mark.stage, done.source_user, &self.steps).iter();
                }
                Step::CopyGroups => {
                    let mut groups = self.source.groups_of(&source_name).await?;
                    groups.retain(|group| self.steps.groups.includes(group));
                    done.missing_groups = copy_groups(groups, &pool, &user.username).await?;
                }
                Step::ReadMarkAgain => {
                    if !self.holds(&pool.user(&user.username).await?, mark) {
                        return Ok(Outcome::NotMarked);
                    }
                }
                Step::Write(stage) => {
                    let written = mark.at(*stage).to_string();
                    pool.set_attribute(&user.username, &self.mark, &written)
                        .await?;
                }
                Step::Disable => self.source.disable(&source_name).await?,
                Step::LeaveToOperator => return Ok(Outcome::SourceUserAlreadyDisabled),
            }
        }
        Ok(Outcome::StepsDone(done))
    }

    /// Whether the destination pool says that the user has this mark.
    fn holds(&self, user: &Identity, mark: Mark<'_>) -> bool {
        user.attribute(&self.mark).and_then(Mark::read) == Some(mark)
    }
}

/// Makes the user a member of these groups. Returns those that the destination pool does not have.
///
/// Only missing memberships are added: so a user with more groups than fit into one sign-in gets on with each.
async fn copy_groups(
    groups: Vec<String>,
    pool: &DestinationPool,
    username: &str,
) -> Result<Vec<String>, Stop> {
    let mut missing = vec![];
    if groups.is_empty() {
        return Ok(missing);
    }
    let present = pool.groups_of(username).await?;
    for group in groups.into_iter().filter(|group| !present.contains(group)) {
        if !pool.add_to_group(username, &group).await? {
            missing.push(group);
        }
    }
    Ok(missing)
}
