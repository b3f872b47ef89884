//! What the function does about users of the new pool, once they are there.

use aws_sdk_cognitoidentityprovider::types::AttributeType;

use super::DestinationPool;
use crate::{
    aws::{
        classify::{self, Fault},
        describe, pages,
        tries::up_to_three_times,
    },
    error::{Failure, FailureClass},
};

/// What became of somebody who was to be a member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// A member now, or already before.
    Member,
    /// The pool has no such group.
    NoGroup,
}

impl DestinationPool {
    /// The value of a user's attribute, if the user has it.
    pub async fn attribute(
        &self,
        username: &str,
        attribute: &str,
    ) -> Result<Option<String>, Failure> {
        const OPERATION: &str = "AdminGetUser";
        let call = || async {
            let answer = self
                .client
                .admin_get_user()
                .user_pool_id(&self.user_pool_id)
                .username(username)
                .send()
                .await
                .map_err(|error| classify::fault(OPERATION, &error))?;
            let attributes = answer.user_attributes.unwrap_or_default();
            Ok(attributes
                .into_iter()
                .find(|known| known.name == attribute)
                .and_then(|known| known.value))
        };
        up_to_three_times(OPERATION, call)
            .await
            .map_err(|ended| ended.failure(OPERATION))
    }

    /// The names of the groups of which a user is a member.
    pub async fn groups_of(&self, username: &str) -> Result<Vec<String>, Failure> {
        const OPERATION: &str = "AdminListGroupsForUser";
        let (client, pool) = (&self.client, &self.user_pool_id);
        pages::all(async |page| {
            let call = || describe::group_names_of(client, pool, username, page.clone());
            up_to_three_times(OPERATION, call).await
        })
        .await
        .map_err(|ended| ended.failure(OPERATION))
    }

    /// Makes a user a member of a group; whoever is one stays one.
    pub async fn add_to_group(&self, username: &str, group: &str) -> Result<Membership, Failure> {
        const OPERATION: &str = "AdminAddUserToGroup";
        let call = || async {
            self.client
                .admin_add_user_to_group()
                .user_pool_id(&self.user_pool_id)
                .username(username)
                .group_name(group)
                .send()
                .await
                .map(|_| Membership::Member)
                .map_err(|error| classify::fault(OPERATION, &error))
                .or_else(|fault| match fault {
                    // The pool itself is there: it was just asked about the user.
                    Fault::Lasting(Failure {
                        class: FailureClass::Misconfigured,
                        code,
                        ..
                    }) if code == "ResourceNotFoundException" => Ok(Membership::NoGroup),
                    fault => Err(fault),
                })
        };
        up_to_three_times(OPERATION, call)
            .await
            .map_err(|ended| ended.failure(OPERATION))
    }

    /// Sets a user's attribute.
    pub async fn set_attribute(
        &self,
        username: &str,
        attribute: &str,
        value: &str,
    ) -> Result<(), Failure> {
        const OPERATION: &str = "AdminUpdateUserAttributes";
        let call = || async {
            let attribute = AttributeType::builder()
                .name(attribute)
                .value(value)
                .build()
                // The name is there.
                .map_err(|_| Fault::Lasting(Failure::unavailable(OPERATION, "Attribute")))?;
            self.client
                .admin_update_user_attributes()
                .user_pool_id(&self.user_pool_id)
                .username(username)
                .user_attributes(attribute)
                .send()
                .await
                .map(drop)
                .map_err(|error| classify::fault(OPERATION, &error))
        };
        up_to_three_times(OPERATION, call)
            .await
            .map_err(|ended| ended.failure(OPERATION))
    }
}
