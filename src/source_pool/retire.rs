//! What is left to do about a user who has moved: read the groups, and close the account.

use super::SourcePool;
use crate::{
    aws::{
        classify::{self, Fault},
        describe, pages,
        tries::Ended,
    },
    error::{Failure, Reason},
};

impl SourcePool {
    /// The user name of the user with this `sub`; `None` if there is none any more.
    ///
    /// Whether a `sub` is taken for a user name depends on the pool, so it is looked for.
    pub async fn username_of_sub(&self, sub: &str) -> Result<Option<String>, Failure> {
        const OPERATION: &str = "ListUsers";
        let listed = self
            .users_with("sub", sub)
            .await?
            .map_err(|reason| Ended::Refused(reason).failure(OPERATION))?;
        let found = listed
            .users
            .into_iter()
            .find(|user| user.attribute("sub") == Some(sub));
        match found {
            Some(user) => Ok(Some(user.username)),
            // The user may stand in the rest of the list.
            None if listed.more => Err(Failure::unavailable(OPERATION, "UnreadableAnswer")),
            None => Ok(None),
        }
    }

    /// The names of a user's groups; `None` if there is no such user any more.
    pub async fn groups_of(&self, username: &str) -> Result<Option<Vec<String>>, Failure> {
        const OPERATION: &str = "AdminListGroupsForUser";
        let (client, pool) = (&self.connection.client, &self.source.user_pool_id);
        let groups = pages::all(async |page| {
            let call = || describe::group_names_of(client, pool, username, page.clone());
            self.as_administrator(OPERATION, call).await
        });
        match groups.await {
            Ok(groups) => Ok(Some(groups)),
            Err(Ended::Refused(Reason::UserNotFound)) => Ok(None),
            Err(ended) => Err(ended.failure(OPERATION)),
        }
    }

    /// Disables a user. One who is disabled or gone already stays so.
    pub async fn disable(&self, username: &str) -> Result<(), Failure> {
        const OPERATION: &str = "AdminDisableUser";
        let call = || async {
            self.connection
                .client
                .admin_disable_user()
                .user_pool_id(&self.source.user_pool_id)
                .username(username)
                .send()
                .await
                .map(drop)
                .map_err(|error| classify::fault(OPERATION, &error))
        };
        self.retire(OPERATION, call).await
    }

    /// Deletes a user. One who is gone already stays so.
    pub async fn delete(&self, username: &str) -> Result<(), Failure> {
        const OPERATION: &str = "AdminDeleteUser";
        let call = || async {
            self.connection
                .client
                .admin_delete_user()
                .user_pool_id(&self.source.user_pool_id)
                .username(username)
                .send()
                .await
                .map(drop)
                .map_err(|error| classify::fault(OPERATION, &error))
        };
        self.retire(OPERATION, call).await
    }

    async fn retire<C: Future<Output = Result<(), Fault>>>(
        &self,
        operation: &'static str,
        call: impl Fn() -> C,
    ) -> Result<(), Failure> {
        match self.as_administrator(operation, call).await {
            Ok(()) | Err(Ended::Refused(Reason::UserNotFound)) => Ok(()),
            Err(ended) => Err(ended.failure(operation)),
        }
    }

    /// Whether this is the source pool itself.
    pub fn is(&self, user_pool_id: &str) -> bool {
        self.source.user_pool_id == user_pool_id
    }
}
