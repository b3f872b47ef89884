//! A user pool as the operator's program reads it: settings, app clients, groups and all users.

use insight::described::AppClients;
use std::sync::Arc;

use insight::import::ImportForm;
use pools::{
    UserPool, filter,
    pages::{self, Page},
};
use rules::{
    checks::Answer,
    evidence::{ListedUser, Profile},
    outcome::{Reason, Stop},
    pool::{AppClient, UserPoolDescription},
};

use super::{
    calls,
    wait::{Pace, retry_throttled},
};

/// The most app clients that are read, each with one call.
const MOST_CLIENTS: usize = 60;

/// A page of users of a pool.
#[derive(Debug)]
pub(crate) struct UsersPage {
    /// The users. An empty page can be followed by others.
    pub(crate) users: Vec<ListedUser>,
    /// The token of the next page; `None` after the last one.
    pub(crate) next: Option<String>,
}

/// A user pool.
pub(crate) struct OperatorsPool {
    pub(super) pool: UserPool,
    pace: Arc<Pace>,
}

impl OperatorsPool {
    pub(super) fn new(pool: UserPool, pace: Arc<Pace>) -> Self {
        OperatorsPool { pool, pace }
    }

    /// The pool's id.
    pub(crate) fn id(&self) -> &str {
        &self.pool.id
    }

    /// The settings of the pool.
    pub(crate) async fn description(&self) -> Answer<UserPoolDescription> {
        retry_throttled("DescribeUserPool", async || self.pool.description().await).await
    }

    /// The settings of an app client.
    pub(crate) async fn app_client(&self, client_id: &str) -> Answer<AppClient> {
        let ask = async || self.pool.app_client(client_id).await;
        retry_throttled("DescribeUserPoolClient", ask).await
    }

    /// The settings of the pool's first 60 app clients.
    pub(crate) async fn app_clients(&self) -> Answer<AppClients> {
        self.first_app_clients(MOST_CLIENTS).await
    }

    /// The settings of all app clients of the pool.
    pub(crate) async fn all_app_clients(&self) -> Answer<AppClients> {
        self.first_app_clients(usize::MAX).await
    }

    async fn first_app_clients(&self, most: usize) -> Answer<AppClients> {
        let enough = |ids: &[String]| ids.len() >= most;
        let (ids, more) = pages::read(usize::MAX, enough, async |page| {
            self.list("ListUserPoolClients", async || {
                calls::app_client_ids(&self.pool, page.clone()).await
            })
            .await
        })
        .await?;
        let mut listed = vec![];
        for id in ids.iter().take(most) {
            listed.push(self.app_client(id).await?);
        }
        Ok(AppClients {
            more: more || ids.len() > most,
            listed,
        })
    }

    /// The names of the pool's groups.
    pub(crate) async fn groups(&self) -> Answer<Vec<String>> {
        pages::all(async |page| {
            self.list("ListGroups", async || {
                calls::groups(&self.pool, page.clone()).await
            })
            .await
        })
        .await
    }

    /// A page of all users of the pool; `page` is the token of the one before, `None` for the first.
    pub(crate) async fn users(&self, page: Option<String>) -> Answer<UsersPage> {
        let ask = async || self.pool.list_users(None, page.clone()).await;
        let (users, next) = self.list("ListUsers", ask).await?;
        let next = next.filter(|token| !token.is_empty());
        Ok(UsersPage { users, next })
    }

    /// The users whose attribute has this value, as the pool compares. No user can have a value that the pool calls invalid.
    pub(crate) async fn users_with(&self, attribute: &str, value: &str) -> Answer<Vec<ListedUser>> {
        let filter = filter::equal(attribute, value);
        pages::all(async |page| {
            self.list("ListUsers", async || {
                match self.pool.list_users(Some(&filter), page.clone()).await {
                    Err(Stop::Rejected(Reason::InvalidRequest)) => Ok((vec![], None)),
                    answer => answer,
                }
            })
            .await
        })
        .await
    }

    /// The profile of a user; `None` if no user has this name. It makes the user a monthly active user of the pool.
    pub(crate) async fn profile(&self, username: &str) -> Answer<Option<Profile>> {
        retry_throttled("AdminGetUser", async || {
            match self.pool.admin_get_user(username).await {
                Ok(profile) => Ok(Some(profile)),
                Err(Stop::Rejected(Reason::UserNotFound | Reason::InvalidRequest)) => Ok(None),
                Err(stop) => Err(stop),
            }
        })
        .await
    }

    /// The second factors that the pool lists for a user, by the names that Cognito gives them.
    pub(crate) async fn second_factors(&self, username: &str) -> Answer<Vec<String>> {
        let factors = async || calls::second_factors(&self.pool, username).await;
        retry_throttled("AdminGetUser", factors).await
    }

    /// The form of an import into the pool.
    pub(crate) async fn import_form(&self) -> Answer<ImportForm> {
        let columns = async || calls::import_columns(&self.pool).await;
        let contacts = async || calls::auto_verified(&self.pool).await;
        Ok(ImportForm {
            columns: retry_throttled("GetCSVHeader", columns).await?,
            auto_verified: retry_throttled("DescribeUserPool", contacts).await?,
        })
    }

    /// Disables a user, unless there is none of this name.
    pub(crate) async fn disable(&self, username: &str) -> Answer<()> {
        self.change("AdminDisableUser", async || {
            self.pool.disable(username).await
        })
        .await
    }

    /// Enables a user, unless there is none of this name.
    pub(crate) async fn enable(&self, username: &str) -> Answer<()> {
        self.change("AdminEnableUser", async || {
            calls::enable(&self.pool, username).await
        })
        .await
    }

    /// Deletes a user, unless there is none of this name.
    pub(crate) async fn delete(&self, username: &str) -> Answer<()> {
        self.change("AdminDeleteUser", async || {
            calls::delete(&self.pool, username).await
        })
        .await
    }

    async fn change(
        &self,
        operation: &'static str,
        make: impl AsyncFn() -> Result<(), Stop>,
    ) -> Answer<()> {
        retry_throttled(operation, async || {
            self.pace.keep().await;
            match make().await {
                Err(Stop::Rejected(Reason::UserNotFound)) => Ok(()),
                answer => answer,
            }
        })
        .await
    }

    pub(super) async fn list<T>(
        &self,
        operation: &'static str,
        ask: impl AsyncFn() -> Result<Page<T>, Stop>,
    ) -> Answer<Page<T>> {
        retry_throttled(operation, async || {
            self.pace.keep().await;
            ask().await
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use tokio::time::Instant;

    use crate::aws::test_support::{USER, asked, error, ok, operators_pool, sent};

    #[tokio::test]
    async fn no_user_has_a_value_that_the_pool_calls_invalid() {
        let invalid = error("InvalidParameterException", "Invalid filter.");
        let (pool, http) = operators_pool([invalid]).await;
        assert!(pool.users_with("email", "a\"b").await.unwrap().is_empty());
        let filter = json!({"Limit": 60, "Filter": "email = \"a\\\"b\""});
        assert_eq!(sent(&http), json!([asked("ListUsers", filter)]));
    }

    #[tokio::test]
    async fn a_user_who_does_not_exist_has_no_profile() {
        let sub = json!([{"Name": "sub", "Value": "7c7f"}]);
        let ana = json!({"Username": "7c7f", "Enabled": true, "UserStatus": "CONFIRMED", "UserAttributes": sub});
        let codes = "UserNotFoundException InvalidParameterException AccessDeniedException";
        let refusals = codes.split(' ').map(|code| error(code, ""));
        let (pool, http) = operators_pool([ok(ana)].into_iter().chain(refusals)).await;
        let denied = "AdminGetUser NotAllowed AccessDeniedException";
        for answer in ["ok true", "ok false", "ok false", denied] {
            let told = match pool.profile(USER).await {
                Ok(profile) => format!("ok {}", profile.is_some()),
                Err(failure) => {
                    format!("{} {:?} {}", failure.operation, failure.cause, failure.code)
                }
            };
            assert_eq!(told, answer);
        }
        let request = asked("AdminGetUser", json!({"Username": USER}));
        assert_eq!(sent(&http), json!(vec![request; 4]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_is_changed_by_name_and_one_who_is_gone_is_no_failure() {
        for (reply, is_good) in [
            (ok(json!({})), true),
            (error("UserNotFoundException", ""), true),
            (error("InvalidParameterException", ""), false),
            (error("AccessDeniedException", ""), false),
        ] {
            let (pool, http) = operators_pool([reply.clone(), reply.clone(), reply]).await;
            let began = Instant::now();
            assert_eq!(pool.disable("7c7f").await.is_ok(), is_good);
            assert_eq!(pool.enable("7c7f").await.is_ok(), is_good);
            assert_eq!(pool.delete("7c7f").await.is_ok(), is_good);
            // Changes keep the pace, too.
            assert!(began.elapsed() >= Duration::from_millis(200));
            let requests = ["AdminDisableUser", "AdminEnableUser", "AdminDeleteUser"]
                .map(|each| asked(each, json!({"Username": "7c7f"})));
            assert_eq!(sent(&http), json!(requests));
        }
    }

    #[tokio::test]
    async fn of_more_than_sixty_app_clients_the_first_are_described() {
        for (all, are_more) in [(60, false), (61, true)] {
            let ids = (0..all).map(|id| json!({"ClientId": id.to_string()}));
            let ids: Vec<_> = ids.collect();
            let client = ok(json!({"UserPoolClient": {"ClientId": "1example"}}));
            let mut replies = vec![client; 61];
            replies[0] = ok(json!({"UserPoolClients": ids}));
            let (pool, _) = operators_pool(replies).await;
            let clients = pool.app_clients().await.unwrap();
            assert_eq!((clients.listed.len(), clients.more), (60, are_more));
        }
    }

    /// An empty token ends the list of users, too. Throttling is waited out: the pool itself gives up after three tries.
    #[tokio::test(start_paused = true)]
    async fn all_users_and_all_groups_are_read_page_by_page() {
        let busy = vec![error("TooManyRequestsException", ""); 4];
        let pages = [
            ok(json!({"Users": [], "PaginationToken": "more"})),
            ok(json!({"Users": [], "PaginationToken": ""})),
            ok(json!({"Groups": [{"GroupName": "staff"}], "NextToken": "more"})),
            ok(json!({"Groups": [{"GroupName": "press"}]})),
        ];
        let (pool, http) = operators_pool(busy.into_iter().chain(pages)).await;
        let first = pool.users(None).await.unwrap();
        assert_eq!(pool.users(first.next).await.unwrap().next, None);
        assert_eq!(pool.groups().await.unwrap(), ["staff", "press"]);
        let mut calls = vec![asked("ListUsers", json!({"Limit": 60})); 5];
        calls.extend([
            asked("ListUsers", json!({"Limit": 60, "PaginationToken": "more"})),
            asked("ListGroups", json!({"Limit": 60})),
            asked("ListGroups", json!({"Limit": 60, "NextToken": "more"})),
        ]);
        assert_eq!(sent(&http), json!(calls));
    }
}
