//! The operations of a user pool. Codes and texts are those of the real service; where it is silent, the stricter reading.

mod lists;
mod sign_in;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

#[cfg(test)]
pub(super) use sign_in::secret_hash;

use super::{
    Operation, Pool,
    answer::Problem,
    state::{Client, State, User},
};

pub(super) fn perform(
    pool: &mut Pool,
    operation: Operation,
    input: &Value,
) -> Result<Value, Problem> {
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
        Operation::DescribeUserPoolClient => return describe_client(named.clients, input),
        Operation::ListUserPoolClients => return lists::clients(named.clients, input),
        Operation::ListGroups => return lists::groups(named.groups, input),
        Operation::ListUsers => return lists::users(named.users, input),
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
                return Err(not_found("Group not found."));
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
        _ => return Err(Problem::new("UnknownOperationException", "")),
    }
    Ok(json!({}))
}

/// The pool that a request names: the source pool or a neighbour.
struct Named<'a> {
    id: &'a str,
    clients: &'a [Client],
    description: &'a Map<String, Value>,
    groups: &'a [String],
    users: &'a mut Vec<User>,
}

fn named<'a>(state: &'a mut State, input: &Value) -> Result<Named<'a>, Problem> {
    let id = text(input, "UserPoolId");
    if id == state.pool_id {
        return Ok(Named {
            id: &state.pool_id,
            clients: &state.clients,
            description: &state.description,
            groups: &state.groups,
            users: &mut state.users,
        });
    }
    let mut neighbours = state.neighbours.iter_mut();
    let neighbour = neighbours
        .find(|it| it.pool_id == id)
        .ok_or_else(|| not_found(format!("User pool {id} does not exist.")))?;
    Ok(Named {
        id: &neighbour.pool_id,
        clients: &neighbour.clients,
        description: &neighbour.description,
        groups: &neighbour.groups,
        users: &mut neighbour.users,
    })
}

impl Named<'_> {
    fn described(&self) -> Value {
        let mut described = json!({
            "Id": self.id, "Name": "a pool", "EstimatedNumberOfUsers": self.users.len(),
            "MfaConfiguration": "OFF", "LambdaConfig": {}, "SchemaAttributes": [],
        });
        for (name, value) in self.description {
            described[name] = value.clone();
        }
        described
    }
}

fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input[name].as_str().unwrap_or_default()
}

fn invalid(message: impl Into<String>) -> Problem {
    Problem::new("InvalidParameterException", message)
}

fn not_found(message: impl Into<String>) -> Problem {
    Problem::new("ResourceNotFoundException", message)
}

fn refused(message: impl Into<String>) -> Problem {
    Problem::new("NotAuthorizedException", message)
}

fn user_not_found() -> Problem {
    Problem::new("UserNotFoundException", "User does not exist.")
}

fn find_client<'a>(clients: &'a [Client], id: &str) -> Result<&'a Client, Problem> {
    let client = clients.iter().find(|client| client.id == id);
    client.ok_or_else(|| not_found(format!("User pool client {id} does not exist.")))
}

fn describe_client(clients: &[Client], input: &Value) -> Result<Value, Problem> {
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

fn check_username(name: &str) -> Result<(), Problem> {
    let well_formed = !name.is_empty()
        && name.chars().count() <= 128
        && !name.chars().any(|c| c.is_control() || c.is_whitespace());
    if well_formed {
        return Ok(());
    }
    Err(invalid(
        "1 validation error detected: Value at 'username' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+",
    ))
}

/// The user whose name, or one of whose sign-in names, a request gives.
fn find_user<'a>(
    users: &'a mut [User],
    aliases: &[String],
    input: &Value,
) -> Result<&'a mut User, Problem> {
    let name = text(input, "Username");
    check_username(name)?;
    let at = users
        .iter()
        .position(|user| user.username == name)
        .or_else(|| {
            users
                .iter()
                .position(|user| user.signs_in_with(aliases, name))
        });
    at.map(|at| &mut users[at]).ok_or_else(user_not_found)
}

fn attribute_list(user: &User, readable: Option<&[String]>) -> Vec<Value> {
    let mut list = vec![json!({"Name": "sub", "Value": user.sub()})];
    list.extend(
        user.attributes
            .iter()
            .filter(|(name, _)| readable.is_none_or(|readable| readable.contains(name)))
            .map(|(name, value)| json!({"Name": name, "Value": value})),
    );
    list
}

fn profile(user: &User, readable: Option<&[String]>) -> Value {
    let mut profile = json!({
        "Username": user.username, "UserAttributes": attribute_list(user, readable),
    });
    if !user.mfa.is_empty() {
        profile["UserMFASettingList"] = json!(user.mfa);
    }
    if let Some(preferred) = &user.preferred_mfa {
        profile["PreferredMfaSetting"] = json!(preferred);
    }
    profile
}

fn get_user(pool: &Pool, input: &Value) -> Result<Value, Problem> {
    let (username, client_id) = pool
        .sessions
        .get(text(input, "AccessToken"))
        .ok_or_else(|| refused("Invalid Access Token"))?;
    let user = pool.state.find_user(username).ok_or_else(user_not_found)?;
    if !user.enabled {
        return Err(refused("User is disabled."));
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

impl Pool {
    /// Text that was never given out before by any pool of this process, and looks like a secret.
    pub(super) fn next_secret(&mut self, kind: &str) -> String {
        self.issued += 1;
        hex::encode(Sha256::digest(format!(
            "{}/{kind}/{}",
            self.seed, self.issued
        )))
    }
}
