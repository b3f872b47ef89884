//! The destination pool, as the post-migration steps use it.
//!
//! The pool lives in the function's own account and Region. So it is asked with the function's own credentials, whatever
//! role is assumed for the source pool.

use rules::{
    evidence::Identity,
    outcome::{Reason, Stop},
};

use crate::{connection::Aws, user_pool::UserPool};

/// The only expected rejection: users can be deleted at any time.
const GONE: &[Reason] = &[Reason::UserNotFound];

/// The destination pool.
pub struct DestinationPool(UserPool);

impl DestinationPool {
    /// The pool of this id, in the Region that the id begins with. Nothing is sent yet.
    pub fn new(aws: &Aws, user_pool_id: &str) -> Self {
        let region = user_pool_id.split('_').next().unwrap_or_default();
        DestinationPool(UserPool::new(aws, user_pool_id, region, None))
    }

    /// A user's name and attributes. Rejects, as every call here does, a user who no longer exists.
    pub async fn user(&self, username: &str) -> Result<Identity, Stop> {
        let profile = self.0.admin_get_user(username).await;
        profile
            .map(|profile| profile.identity)
            .map_err(|stop| stop.only(GONE, "AdminGetUser"))
    }

    /// The names of the groups of which a user is a member.
    pub async fn groups_of(&self, username: &str) -> Result<Vec<String>, Stop> {
        let groups = self.0.groups_of(username).await;
        groups.map_err(|stop| stop.only(GONE, "AdminListGroupsForUser"))
    }

    /// Makes a user a member of a group. Returns false where the pool has no such group.
    pub async fn add_to_group(&self, username: &str, group: &str) -> Result<bool, Stop> {
        let added = self.0.add_to_group(username, group).await;
        added.map_err(|stop| stop.only(GONE, "AdminAddUserToGroup"))
    }

    /// Sets a user's attribute.
    pub async fn set_attribute(&self, username: &str, name: &str, value: &str) -> Result<(), Stop> {
        let set = self.0.set_attribute(username, name, value).await;
        set.map_err(|stop| stop.only(GONE, "AdminUpdateUserAttributes"))
    }
}

#[cfg(test)]
mod tests;
