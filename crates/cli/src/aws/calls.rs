//! Calls to a user pool that only the operator's program makes. As in [`pools`], each is tried up to three times.

use pools::{UserPool, pages::Page, retry};
use rules::outcome::Stop;

/// One page of `ListGroups`: the names of the pool's groups.
pub(super) async fn groups(pool: &UserPool, page: Option<String>) -> Result<Page<String>, Stop> {
    let call = || {
        let call = pool.client.list_groups().user_pool_id(&pool.id);
        let call = call.limit(UserPool::PAGE).set_next_token(page.clone());
        call.send()
    };
    retry::call("ListGroups", call, |answer| {
        let groups = answer.groups?.into_iter();
        // A group without a name cannot be left out: no user would join it.
        let names = groups
            .map(|group| group.group_name)
            .collect::<Option<_>>()?;
        Some((names, answer.next_token))
    })
    .await
}

/// One page of `ListUserPoolClients`: the ids of the pool's app clients.
pub(super) async fn app_client_ids(
    pool: &UserPool,
    page: Option<String>,
) -> Result<Page<String>, Stop> {
    let call = || {
        let call = pool.client.list_user_pool_clients().user_pool_id(&pool.id);
        let call = call
            .max_results(UserPool::PAGE)
            .set_next_token(page.clone());
        call.send()
    };
    retry::call("ListUserPoolClients", call, |answer| {
        let clients = answer.user_pool_clients?.into_iter();
        let ids = clients
            .map(|client| client.client_id)
            .collect::<Option<_>>()?;
        Some((ids, answer.next_token))
    })
    .await
}

/// `AdminEnableUser`. An enabled user stays enabled.
pub(super) async fn enable(pool: &UserPool, username: &str) -> Result<(), Stop> {
    let call = || {
        let call = pool.client.admin_enable_user().user_pool_id(&pool.id);
        call.username(username).send()
    };
    retry::call("AdminEnableUser", call, |_| Some(())).await
}

/// `AdminDeleteUser`.
pub(super) async fn delete(pool: &UserPool, username: &str) -> Result<(), Stop> {
    let call = || {
        let call = pool.client.admin_delete_user().user_pool_id(&pool.id);
        call.username(username).send()
    };
    retry::call("AdminDeleteUser", call, |_| Some(())).await
}

/// `GetCSVHeader`: the columns of a file from which users are imported.
pub(super) async fn import_columns(pool: &UserPool) -> Result<Vec<String>, Stop> {
    let call = || pool.client.get_csv_header().user_pool_id(&pool.id).send();
    retry::call("GetCSVHeader", call, |answer| {
        answer.csv_header.filter(|columns| !columns.is_empty())
    })
    .await
}

/// `AdminGetUser`: the second factors that the pool lists for a user, by the names that Cognito gives them.
pub(super) async fn second_factors(pool: &UserPool, username: &str) -> Result<Vec<String>, Stop> {
    let call = || {
        pool.client
            .admin_get_user()
            .user_pool_id(&pool.id)
            .username(username)
            .send()
    };
    retry::call("AdminGetUser", call, |answer| {
        Some(answer.user_mfa_setting_list.unwrap_or_default())
    })
    .await
}

/// `DescribeUserPool`: the contacts that the pool verifies by itself.
pub(super) async fn auto_verified(pool: &UserPool) -> Result<Vec<String>, Stop> {
    let call = || {
        pool.client
            .describe_user_pool()
            .user_pool_id(&pool.id)
            .send()
    };
    retry::call("DescribeUserPool", call, |answer| {
        let contacts = answer.user_pool?.auto_verified_attributes;
        let contacts = contacts.unwrap_or_default().into_iter();
        Some(contacts.map(|name| name.as_str().to_owned()).collect())
    })
    .await
}
