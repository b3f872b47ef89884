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
    Done {
        /// Groups that the new pool does not have. Their names are no secret of the user's.
        missing_groups: Vec<String>,
    },
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
        let pending = user.mark.as_deref();
        let Some(sub) = pending.and_then(mark::source_sub_of_pending) else {
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
        if pool.attribute(&user.username, &self.mark).await?.as_deref() != pending {
            return Ok(Finished::NotMarked);
        }
        let missing_groups = self.move_over(&pool, user, sub).await?;
        pool.set_attribute(&user.username, &self.mark, &mark::done(sub))
            .await?;
        Ok(Finished::Done { missing_groups })
    }

    /// Copies the groups and then retires the user in the source pool. Returns the groups that the new pool lacks.
    async fn move_over(
        &self,
        pool: &DestinationPool,
        user: &SignedIn,
        sub: &str,
    ) -> Result<Vec<String>, Failure> {
        let mut missing = vec![];
        if self.settings == Settings::default() {
            return Ok(missing);
        }
        let Some(source_name) = self.source.username_of_sub(sub).await? else {
            return Ok(missing);
        };
        if self.settings.copy_groups {
            let groups = self.source.groups_of(&source_name).await?;
            for group in groups.unwrap_or_default() {
                match pool.add_to_group(&user.username, &group).await? {
                    Membership::Member => {}
                    Membership::NoGroup => missing.push(group),
                }
            }
        }
        match self.settings.source_user {
            SourceUser::Keep => {}
            SourceUser::Disable => self.source.disable(&source_name).await?,
            SourceUser::Delete => self.source.delete(&source_name).await?,
        }
        Ok(missing)
    }
}
