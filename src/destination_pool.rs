//! The only door to the new user pool.
//!
//! The pool lives in the function's own account and Region, so it is asked with the function's own credentials,
//! whatever role is assumed for the source pool. What comes out is what the pool says of itself, or why it does
//! not say it; and in `users.rs`, what is done about those who have moved there.

mod users;

pub use users::Membership;

use std::sync::Arc;

use aws_config::Region;
use aws_sdk_cognitoidentityprovider::{Client, config};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::aws::{
    AppClient, Aws, Unanswered, UserPoolDescription, describe, pages, tries::up_to_three_times,
};

/// How many app clients are looked at. A pool can have a thousand, and each of them takes a call.
pub const MOST_CLIENTS: usize = 120;

/// The pages that hold so many.
const PAGES_OF_CLIENTS: usize = MOST_CLIENTS / describe::PAGE as usize;

/// How many app clients are looked at at the same time: a quota of 15 such calls a second is the account's.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html>
const AT_ONCE: usize = 10;

/// The new pool.
pub struct DestinationPool {
    user_pool_id: String,
    client: Client,
}

impl DestinationPool {
    /// The pool of this id, in the Region that the id begins with; nothing is sent yet.
    pub fn on(aws: &Aws, user_pool_id: &str) -> Self {
        let region = user_pool_id.split('_').next().unwrap_or_default();
        let config = config::Builder::from(aws.shared()).region(Region::new(region.to_owned()));
        DestinationPool {
            user_pool_id: user_pool_id.to_owned(),
            client: Client::from_conf(config.build()),
        }
    }

    /// What the pool says of itself.
    pub async fn description(&self) -> Result<UserPoolDescription, Unanswered> {
        const OPERATION: &str = "DescribeUserPool";
        up_to_three_times(OPERATION, || {
            describe::user_pool(&self.client, &self.user_pool_id)
        })
        .await
        .map_err(|ended| ended.unanswered(OPERATION))
    }

    /// The ids of the pool's app clients, the first [`MOST_CLIENTS`] of them, and whether there are more.
    pub async fn app_client_ids(&self) -> Result<(Vec<String>, bool), Unanswered> {
        const OPERATION: &str = "ListUserPoolClients";
        pages::read(PAGES_OF_CLIENTS, async |page| {
            let call = || describe::app_client_ids(&self.client, &self.user_pool_id, page.clone());
            up_to_three_times(OPERATION, call).await
        })
        .await
        .map(|(mut ids, more)| {
            // Whatever a page holds.
            let more = more || ids.len() > MOST_CLIENTS;
            ids.truncate(MOST_CLIENTS);
            (ids, more)
        })
        .map_err(|ended| ended.unanswered(OPERATION))
    }

    /// The names of the pool's groups.
    pub async fn groups(&self) -> Result<Vec<String>, Unanswered> {
        const OPERATION: &str = "ListGroups";
        pages::all(async |page| {
            let call = || describe::group_names(&self.client, &self.user_pool_id, page.clone());
            up_to_three_times(OPERATION, call).await
        })
        .await
        .map_err(|ended| ended.unanswered(OPERATION))
    }

    /// What the pool says of these app clients, in the order of the ids, or why it does not say it of one of them.
    pub async fn app_clients(&self, ids: Vec<String>) -> Result<Vec<AppClient>, Unanswered> {
        const OPERATION: &str = "DescribeUserPoolClient";
        let mut calls = JoinSet::new();
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        for (at, id) in ids.into_iter().enumerate() {
            let (client, pool, slots) = (
                self.client.clone(),
                self.user_pool_id.clone(),
                slots.clone(),
            );
            calls.spawn(async move {
                // Nobody closes the semaphore.
                let _slot = slots.acquire().await;
                let call = || describe::app_client(&client, &pool, &id);
                let described = up_to_three_times(OPERATION, call).await;
                (at, described)
            });
        }
        let mut clients = vec![];
        while let Some(ended) = calls.join_next().await {
            // A task that has panicked says nothing of its client.
            let Ok((at, described)) = ended else { continue };
            match described.map_err(|ended| ended.unanswered(OPERATION)) {
                Ok(client) => clients.push((at, client)),
                // Deleted since it was listed.
                Err(Unanswered::NotFound) => {}
                Err(unanswered) => return Err(unanswered),
            }
        }
        clients.sort_by_key(|(at, _)| *at);
        Ok(clients.into_iter().map(|(_, client)| client).collect())
    }
}

#[cfg(test)]
mod tests;
