//! The operations of a user pool. Codes and texts are those of the real service; where it is silent, the stricter reading.

mod found;
mod lists;
mod profile;
mod sign_in;

use serde_json::{Value, json};

#[cfg(test)]
pub(super) use sign_in::secret_hash;

use super::{
    answer::ApiError,
    operation::Operation,
    pool::Pool,
    state::{Client, User},
};
use found::{find_client, find_user, named, text};
use profile::profile;

pub(super) fn perform(
    pool: &mut Pool,
    operation: Operation,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        Operation::InitiateAuth | Operation::AdminInitiateAuth => {
            return sign_in::sign_in(pool, operation, input);
        }
        Operation::GetUser => return get_user(pool, input),
        _ => {}
    }
    let aliases = pool.state.sign_in_with.clone();
    let named = named(&mut pool.state, input)?;
    match operation {
        Operation::DescribeUserPool => return Ok(json!({ "UserPool": named.described() })),
        Operation::GetUserPoolMfaConfig => {
            let described = named.described();
            let kept = ["MfaConfiguration", "EmailMfaConfiguration"].into_iter();
            let kept =
                kept.filter_map(|name| Some((name.to_owned(), described.get(name)?.clone())));
            return Ok(Value::Object(kept.collect()));
        }
        Operation::DescribeUserPoolClient => return describe_client(named.clients, input),
        Operation::ListUserPoolClients => return lists::clients(named.clients, input),
        Operation::ListGroups => return lists::groups(named.groups, input),
        // No pool here has any.
        Operation::ListResourceServers => return Ok(json!({ "ResourceServers": [] })),
        Operation::ListIdentityProviders => return Ok(json!({ "Providers": [] })),
        Operation::ListUsers => return lists::users(named.users, input),
        Operation::GetCSVHeader => {
            let columns = lists::import_columns(&named.described());
            return Ok(json!({ "UserPoolId": named.id, "CSVHeader": columns }));
        }
        Operation::AdminDeleteUser => {
            let name = find_user(named.users, &aliases, input)?.username.clone();
            named.users.retain(|user| user.username != name);
            return Ok(json!({}));
        }
        _ => {}
    }
    let groups = named.groups;
    let user = find_user(named.users, &aliases, input)?;
    match operation {
        Operation::AdminGetUser => return Ok(admin_get_user(user)),
        Operation::AdminListGroupsForUser => return lists::groups(&user.groups, input),
        Operation::AdminAddUserToGroup => {
            let group = text(input, "GroupName").to_owned();
            if !groups.contains(&group) {
                return Err(ApiError::not_found("Group not found."));
            }
            if !user.groups.contains(&group) {
                user.groups.push(group);
            }
        }
        Operation::AdminUpdateUserAttributes => {
            for attribute in input["UserAttributes"].as_array().into_iter().flatten() {
                let (name, value) = (text(attribute, "Name"), text(attribute, "Value"));
                user.attributes.insert(name.to_owned(), value.to_owned());
            }
        }
        Operation::AdminDisableUser => user.enabled = false,
        Operation::AdminEnableUser => user.enabled = true,
        _ => return Err(ApiError::new("UnknownOperationException", "")),
    }
    Ok(json!({}))
}

fn describe_client(clients: &[Client], input: &Value) -> Result<Value, ApiError> {
    let client = find_client(clients, text(input, "ClientId"))?;
    let mut described = json!({
        "UserPoolId": input["UserPoolId"], "ClientId": client.id, "ClientName": client.name(),
        "ExplicitAuthFlows": client.flows,
        "PreventUserExistenceErrors": if client.prevent_user_existence_errors { "ENABLED" } else { "LEGACY" },
    });
    for (name, value) in [
        ("ClientSecret", client.secret.as_ref().map(|it| json!(it))),
        (
            "ReadAttributes",
            client.readable.as_ref().map(|it| json!(it)),
        ),
        (
            "WriteAttributes",
            client.writable.as_ref().map(|it| json!(it)),
        ),
    ] {
        if let Some(value) = value {
            described[name] = value;
        }
    }
    Ok(json!({ "UserPoolClient": described }))
}

fn get_user(pool: &Pool, input: &Value) -> Result<Value, ApiError> {
    let (username, client_id) = pool
        .sessions
        .get(text(input, "AccessToken"))
        .ok_or_else(|| ApiError::refused("Invalid Access Token"))?;
    let user = pool
        .state
        .find_user(username)
        .ok_or_else(ApiError::user_not_found)?;
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
    answer["UserLastModifiedDate"] = json!(1_714_521_600.0);
    answer
}
