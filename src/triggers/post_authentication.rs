//! The post_authentication trigger: the post-migration steps, once a migrated user has signed in to the destination pool.
//!
//! They cannot be done at the migration itself: the user does not exist yet then, and Cognito may fail to create it. So a
//! migration leaves a mark, and the first sign-in to the destination pool finds it. Every step can be done twice, and the
//! mark changes last: whatever ends the steps early, the next sign-in does them again.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html>

use std::{sync::Arc, time::Duration};

use pools::{Aws, DestinationPool, Membership, SourcePool};
use rules::{
    evidence::{Identity, attribute},
    groups::CopiedGroups,
    mark,
    outcome::{Cause, Failure, Reason, Stop},
    settings::{PostMigration, Settings, SourceUser},
};

use super::{Conclusion, Outcome, StepsDone, in_time, not_from_the_source};
use crate::event::{Event, SignedIn};

const OPERATION: &str = "finish";

/// The steps take no longer: the person waits for them, and Cognito would end the sign-in after five seconds, of which
/// the start of the function may have taken some. What is not done in time is done at the next sign-in.
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

    /// Somebody has signed in to the destination pool; Lambda leaves this `time`.
    pub async fn signed_in(&self, event: &Event<'_>, time: Duration) -> Conclusion {
        let Ok(user) = event.signed_in(&self.mark) else {
            return Failure::new(Cause::Broken, OPERATION, "InvalidRequest").into();
        };
        if let Err(failure) = not_from_the_source(event, &self.source, OPERATION) {
            return failure.into();
        }
        let Some(source_sub) = user.source_sub() else {
            return Outcome::NotMarked.into();
        };
        let time = time.min(self.time_budget);
        let outcome = match in_time(OPERATION, time, self.run(&user, source_sub)).await {
            Ok(Some(done)) => Outcome::StepsDone(done),
            // Somebody who was deleted meanwhile needs no steps either.
            Ok(None) | Err(Stop::Rejected(Reason::UserNotFound)) => Outcome::NotMarked,
            Err(stop) => Outcome::Stopped(stop),
        };
        Conclusion {
            outcome,
            source_sub: Some(source_sub.to_owned()),
        }
    }

    /// Does the steps, unless the destination pool says that there is nothing to do.
    async fn run(&self, user: &SignedIn, source_sub: &str) -> Result<Option<StepsDone>, Stop> {
        let pool = DestinationPool::new(&self.aws, &user.user_pool_id);
        // The pool is believed, and not the event: nobody is disabled for a user who does not exist, and nothing is
        // done twice where two sign-ins meet.
        let holder = pool.user(&user.username).await?;
        if attribute(&holder.attributes, &self.mark) != user.mark.as_deref() {
            return Ok(None);
        }
        let done = self.steps(&pool, &holder, source_sub).await?;
        pool.set_attribute(&user.username, &self.mark, &mark::done(source_sub))
            .await?;
        Ok(Some(done))
    }

    /// Copies the groups, and then disables the source user, if whoever holds the mark is recognisably that user.
    async fn steps(
        &self,
        pool: &DestinationPool,
        holder: &Identity,
        source_sub: &str,
    ) -> Result<StepsDone, Stop> {
        let mut done = StepsDone::default();
        if self.steps == PostMigration::default() {
            return Ok(done);
        }
        let Some(source_user) = self.source.user_of_sub(source_sub).await? else {
            done.source_user_gone = true;
            return Ok(done);
        };
        if !mark::is_of(holder, &source_user) {
            return Err(Reason::MarkOfAnotherUser.into());
        }
        if self.steps.groups != CopiedGroups::None {
            let mut groups = self.source.groups_of(&source_user.username).await?;
            groups.retain(|group| self.steps.groups.includes(group));
            done.missing_groups = copy_groups(groups, pool, &holder.username).await?;
        }
        match self.steps.source_user {
            SourceUser::Keep => {}
            SourceUser::Disable => self.source.disable(&source_user.username).await?,
        }
        Ok(done)
    }
}

/// Makes the user a member of these groups. Returns those that the destination pool does not have.
///
/// Only missing memberships are added: so somebody with more groups than fit into one sign-in gets on with each.
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
        match pool.add_to_group(username, &group).await? {
            Membership::Member => {}
            Membership::NoGroup => missing.push(group),
        }
    }
    Ok(missing)
}
