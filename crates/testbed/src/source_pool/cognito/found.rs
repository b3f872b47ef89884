//! The look-up of the pool, app client and user of a request, and the profile of a user.

use serde_json::{Value, json};

use crate::source_pool::{
    answer::ApiError,
    state::{Client, State, User, position},
};

/// The pool that a request names: the source pool or a neighbour.
pub(super) fn named<'a>(state: &'a mut State, input: &Value) -> Result<&'a mut State, ApiError> {
    let wanted = text(input, "UserPoolId");
    if wanted == state.pool_id {
        return Ok(state);
    }
    let mut neighbours = state.neighbours.iter_mut();
    let neighbour = neighbours.find(|it| it.pool_id == wanted);
    let missing = || ApiError::not_found(format!("User pool {wanted} does not exist."));
    neighbour.ok_or_else(missing)
}

pub(super) fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input[name].as_str().unwrap_or_default()
}

pub(super) fn find_client<'a>(clients: &'a [Client], id: &str) -> Result<&'a Client, ApiError> {
    let client = clients.iter().find(|client| client.id == id);
    client.ok_or_else(|| ApiError::not_found(format!("User pool client {id} does not exist.")))
}

pub(super) fn check_username(name: &str) -> Result<(), ApiError> {
    let is_bad = |c: char| c.is_control() || c.is_whitespace();
    if (1..=128).contains(&name.chars().count()) && !name.contains(is_bad) {
        return Ok(());
    }
    Err(ApiError::invalid(
        "1 validation error detected: Value at 'username' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+",
    ))
}

/// The user whom an administrator names.
pub(super) fn find_user<'a>(
    users: &'a mut [User],
    aliases: &[String],
    input: &Value,
) -> Result<&'a mut User, ApiError> {
    let name = text(input, "Username");
    check_username(name)?;
    let at = position(users, aliases, name, true);
    at.map(|at| &mut users[at])
        .ok_or_else(ApiError::user_not_found)
}

pub(super) fn attribute_list(user: &User, readable: Option<&[String]>) -> Vec<Value> {
    let mut attributes = user.attributes.clone();
    attributes.retain(|name, _| readable.is_none_or(|readable| readable.contains(name)));
    let attributes = [("sub".to_owned(), user.sub())]
        .into_iter()
        .chain(attributes);
    attributes
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect()
}

pub(super) fn profile(user: &User, readable: Option<&[String]>) -> Value {
    json!({
        "Username": user.username, "UserAttributes": attribute_list(user, readable),
        "UserMFASettingList": Some(&user.mfa).filter(|list| !list.is_empty()),
        "PreferredMfaSetting": user.preferred_mfa,
    })
}
