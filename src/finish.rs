//! What is left to do once a migrated user has signed in to the new pool: groups, and the account in the source pool.
//!
//! It cannot be done at the migration itself: the user does not exist yet then, and Cognito may fail to create it. So a
//! migration leaves a mark, and the first sign-in to the new pool finds it. Every step can be done twice, and the mark
//! changes last: whatever ends a finishing early, the next sign-in does it again.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html>

use std::sync::Arc;

use crate::{
    aws::Aws,
    destination_pool::{DestinationPool, Membership},
    error::{Failure, FailureClass},
    event::SignedIn,
    mark,
    source_pool::SourcePool,
};

/// What happens to the user in the source pool: `SOURCE_USER`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceUser {
    /// Nothing.
    #[default]
    Keep,
    /// Nobody can sign in there as this user any more.
    Disable,
    /// The user is gone, and cannot be brought back.
    Delete,
}

/// What is done about users who have moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether they become members of the groups in which they were: `COPY_GROUPS`.
    pub copy_groups: bool,
    /// `SOURCE_USER`.
    pub source_user: SourceUser,
}

/// How a finishing ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Finished {
    /// There was nothing to do.
    NotMarked,
    /// All is done, and the mark says so.
    Done(Left),
}

/// What a finishing leaves behind.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Groups that the new pool does not have. Their names are no secret of the user's.
    pub missing_groups: Vec<String>,
    /// There was nobody of this `sub` in the source pool: an earlier finishing has deleted the user and ended before its
    /// last step, somebody else did, or it is another source pool.
    pub source_user_gone: bool,
}

/// Finishes migrations.
pub struct Finish {
    source: Arc<SourcePool>,
    aws: Aws,
    mark: String,
    settings: Settings,
}

impl Finish {
    /// Finishes migrations from `source`, whose mark stands in the attribute `mark`. The new pool is reached through
    /// `aws`.
    pub fn new(source: Arc<SourcePool>, aws: Aws, mark: String, settings: Settings) -> Self {
        Finish {
            source,
            aws,
            mark,
            settings,
        }
    }

    /// The attribute in which the mark stands.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// Does what is left to do about somebody who has just signed in.
    pub async fn run(&self, user: &SignedIn) -> Result<Finished, Failure> {
        let Some(sub) = user.source_sub() else {
            return Ok(Finished::NotMarked);
        };
        if self.source.is(&user.user_pool_id) {
            // Whoever signed in would be the one to be retired.
            return Err(Failure {
                class: FailureClass::Misconfigured,
                ..Failure::unavailable("finish", "OnePoolForBoth")
            });
        }
        let pool = DestinationPool::on(&self.aws, &user.user_pool_id);
        // The pool is believed, and not the event: nothing is retired for somebody who is not there, and nothing is
        // done twice where two sign-ins meet.
        if pool.attribute(&user.username, &self.mark).await? != user.mark {
            return Ok(Finished::NotMarked);
        }
        let left = self.move_over(&pool, user, sub).await?;
        pool.set_attribute(&user.username, &self.mark, &mark::done(sub))
            .await?;
        Ok(Finished::Done(left))
    }

    /// Copies the groups and then retires the user in the source pool.
    async fn move_over(
        &self,
        pool: &DestinationPool,
        user: &SignedIn,
        sub: &str,
    ) -> Result<Left, Failure> {
        let mut left = Left::default();
        if self.settings == Settings::default() {
            return Ok(left);
        }
        let Some(source_name) = self.source.username_of_sub(sub).await? else {
            left.source_user_gone = true;
            return Ok(left);
        };
        if self.settings.copy_groups {
            let groups = self.source.groups_of(&source_name).await?;
            left.missing_groups = self.copy(groups.unwrap_or_default(), pool, user).await?;
        }
        match self.settings.source_user {
            SourceUser::Keep => {}
            SourceUser::Disable => self.source.disable(&source_name).await?,
            SourceUser::Delete => self.source.delete(&source_name).await?,
        }
        Ok(left)
    }

    /// Makes the user a member of these groups. Returns those that the new pool lacks.
    ///
    /// Only what is missing is added: so somebody with more groups than fit into one sign-in gets on with each.
    async fn copy(
        &self,
        groups: Vec<String>,
        pool: &DestinationPool,
        user: &SignedIn,
    ) -> Result<Vec<String>, Failure> {
        let mut missing = vec![];
        if groups.is_empty() {
            return Ok(missing);
        }
        let there = pool.groups_of(&user.username).await?;
        for group in groups.into_iter().filter(|group| !there.contains(group)) {
            match pool.add_to_group(&user.username, &group).await? {
                Membership::Member => {}
                Membership::NoGroup => missing.push(group),
            }
        }
        Ok(missing)
    }
}
