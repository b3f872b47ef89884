//! The operations of a user pool. Codes and texts are those of the real service; where it is silent, the stricter reading.

mod found;
mod lists;
mod sign_in;

use serde_json::{Value, json};

use super::{
    answer::ApiError,
    operation::Operation,
    pool::Pool,
    state::{Client, State, User},
};
use found::{find_client, find_user, named, profile, text};

pub(super) fn perform(
    pool: &mut Pool,
    operation: Operation,
    input: &Value,
) -> Result<Value, ApiError> {
    use Operation::*;
    match operation {
        InitiateAuth | AdminInitiateAuth => return sign_in::sign_in(pool, operation, input),
        GetUser => return get_user(pool, input),
        _ => {}
    }
    let aliases = pool.state.sign_in_with.clone();
    let named = named(&mut pool.state, input)?;
    match operation {
        DescribeUserPool => return Ok(json!({ "UserPool": described(named) })),
        GetUserPoolMfaConfig => {
            let described = described(named);
            let names = ["MfaConfiguration", "EmailMfaConfiguration"];
            return Ok(names
                .map(|name| (name, described[name].clone()))
                .into_iter()
                .collect());
        }
        DescribeUserPoolClient => return describe_client(&named.clients, input),
        ListUserPoolClients => return lists::clients(&named.clients, input),
        ListGroups => return lists::groups(&named.groups, input),
        // No pool here has any.
        ListResourceServers => return Ok(json!({ "ResourceServers": [] })),
        ListIdentityProviders => return Ok(json!({ "Providers": [] })),
        ListUsers => return lists::users(&named.users, input),
        GetCSVHeader => {
            let columns = lists::import_columns(&named.description);
            return Ok(json!({ "UserPoolId": named.pool_id, "CSVHeader": columns }));
        }
        AdminDeleteUser => {
            let name = find_user(&mut named.users, &aliases, input)?
                .username
                .clone();
            named.users.retain(|user| user.username != name);
            return Ok(json!({}));
        }
        _ => {}
    }
    let groups = &named.groups;
    let user = find_user(&mut named.users, &aliases, input)?;
    match operation {
        AdminGetUser => return Ok(admin_get_user(user)),
        AdminListGroupsForUser => return lists::groups(&user.groups, input),
        AdminAddUserToGroup => {
            let group = text(input, "GroupName").to_owned();
            if !groups.contains(&group) {
                return Err(ApiError::not_found("Group not found."));
            }
            if !user.groups.contains(&group) {
                user.groups.push(group);
            }
        }
        AdminUpdateUserAttributes => {
            for attribute in input["UserAttributes"].as_array().into_iter().flatten() {
                let (name, value) = (text(attribute, "Name"), text(attribute, "Value"));
                user.attributes.insert(name.to_owned(), value.to_owned());
            }
        }
        AdminDisableUser => user.enabled = false,
        AdminEnableUser => user.enabled = true,
        _ => return Err(ApiError::new("UnknownOperationException", "")),
    }
    Ok(json!({}))
}

/// A pool as DescribeUserPool shows it.
fn described(pool: &State) -> Value {
    let mut described = json!({
        "Id": pool.pool_id, "Name": "a pool", "EstimatedNumberOfUsers": pool.users.len(),
        "MfaConfiguration": "OFF", "LambdaConfig": {}, "SchemaAttributes": [],
    });
    for (name, value) in &pool.description {
        described[name] = value.clone();
    }
    described
}

fn describe_client(clients: &[Client], input: &Value) -> Result<Value, ApiError> {
    let client = find_client(clients, text(input, "ClientId"))?;
    let hides = client.prevent_user_existence_errors;
    Ok(json!({ "UserPoolClient": {
        "UserPoolId": input["UserPoolId"], "ClientId": client.id, "ClientName": client.name(),
        "ExplicitAuthFlows": client.flows, "ClientSecret": client.secret,
        "PreventUserExistenceErrors": if hides { "ENABLED" } else { "LEGACY" },
        "ReadAttributes": client.readable, "WriteAttributes": client.writable,
    } }))
}

fn get_user(pool: &Pool, input: &Value) -> Result<Value, ApiError> {
    let session = pool.sessions.get(text(input, "AccessToken"));
    let (username, client_id) = session.ok_or_else(|| ApiError::refused("Invalid Access Token"))?;
    let mut users = pool.state.users.iter();
    let user = users.find(|user| user.username == *username);
    let user = user.ok_or_else(ApiError::user_not_found)?;
    if !user.enabled {
        return Err(ApiError::refused("User is disabled."));
    }
    let client = find_client(&pool.state.clients, client_id)?;
    Ok(profile(user, client.readable.as_deref()))
}

fn admin_get_user(user: &User) -> Value {
    let mut answer = profile(user, None);
    answer["Enabled"] = json!(user.enabled);
    answer["UserStatus"] = json!(user.status);
    answer["UserCreateDate"] = json!(1_583_020_800.123);
    answer
}
