//! The operations of a user pool. Codes and texts are those of the real service; where it is silent, the stricter reading.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    Operation, Pool,
    answer::Problem,
    state::{Client, User},
};
use crate::sigv4::hex;

pub(super) fn perform(
    pool: &mut Pool,
    operation: Operation,
    input: &Value,
) -> Result<Value, Problem> {
    match operation {
        Operation::AdminInitiateAuth => {
            check_pool(pool, input)?;
            let enabled_by = match input["AuthFlow"].as_str() {
                Some("ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH") => {
                    ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"]
                }
                _ => return Err(unknown_flow()),
            };
            sign_in(
                pool,
                input,
                &enabled_by,
                "Auth flow not enabled for this client",
            )
        }
        Operation::InitiateAuth => {
            let enabled_by = match input["AuthFlow"].as_str() {
                Some("USER_PASSWORD_AUTH") => ["ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"],
                _ => return Err(unknown_flow()),
            };
            sign_in(
                pool,
                input,
                &enabled_by,
                "USER_PASSWORD_AUTH flow not enabled for this client",
            )
        }
        Operation::GetUser => get_user(pool, input),
        Operation::AdminGetUser => admin_get_user(find_user(pool, input)?),
        Operation::AdminListGroupsForUser => list_groups_of(find_user(pool, input)?, input),
        Operation::ListGroups => {
            let (groups, _) = groups_and_users(pool, input)?;
            Ok(page_of_groups(groups, input))
        }
        Operation::AdminAddUserToGroup => {
            let (groups, _) = groups_and_users(pool, input)?;
            let group = input["GroupName"].as_str().unwrap_or_default().to_owned();
            if !groups.contains(&group) {
                return Err(Problem::new(
                    "ResourceNotFoundException",
                    "Group not found.",
                ));
            }
            let user = find_user(pool, input)?;
            if !user.groups.contains(&group) {
                user.groups.push(group);
            }
            Ok(json!({}))
        }
        Operation::AdminUpdateUserAttributes => {
            let user = find_user(pool, input)?;
            for attribute in input["UserAttributes"].as_array().into_iter().flatten() {
                if let (Some(name), Some(value)) =
                    (attribute["Name"].as_str(), attribute["Value"].as_str())
                {
                    user.attributes.insert(name.to_owned(), value.to_owned());
                }
            }
            Ok(json!({}))
        }
        Operation::AdminDisableUser => {
            find_user(pool, input)?.enabled = false;
            Ok(json!({}))
        }
        Operation::AdminDeleteUser => {
            let name = find_user(pool, input)?.username.clone();
            let (_, users) = groups_and_users(pool, input)?;
            users.retain(|user| user.username != name);
            Ok(json!({}))
        }
        Operation::ListUsers => {
            check_pool(pool, input)?;
            list_users(pool, input)
        }
        Operation::DescribeUserPool => {
            let (described, _) = find_pool(pool, input)?;
            Ok(json!({ "UserPool": described }))
        }
        Operation::ListUserPoolClients => {
            let (_, clients) = find_pool(pool, input)?;
            list_user_pool_clients(clients, input)
        }
        Operation::DescribeUserPoolClient => {
            let (_, clients) = find_pool(pool, input)?;
            describe_user_pool_client(clients, input)
        }
        Operation::AssumeRole | Operation::PublicKeys | Operation::Other => {
            Err(Problem::new("UnknownOperationException", ""))
        }
    }
}

/// What a pool says of itself, and its app clients.
fn find_pool<'a>(
    pool: &'a Pool,
    input: &Value,
) -> Result<(Map<String, Value>, &'a [Client]), Problem> {
    let state = &pool.state;
    let (id, clients, users, description) = match state
        .neighbours
        .iter()
        .find(|neighbour| input["UserPoolId"] == neighbour.pool_id)
    {
        Some(neighbour) => (
            &neighbour.pool_id,
            &neighbour.clients,
            neighbour.users.len(),
            &neighbour.description,
        ),
        None => {
            check_pool(pool, input)?;
            (
                &state.pool_id,
                &state.clients,
                state.users.len(),
                &state.description,
            )
        }
    };
    let mut described = Map::from_iter([
        ("Id".to_owned(), json!(id)),
        ("Name".to_owned(), json!("a pool")),
        ("EstimatedNumberOfUsers".to_owned(), json!(users)),
        ("MfaConfiguration".to_owned(), json!("OFF")),
        ("LambdaConfig".to_owned(), json!({})),
        ("SchemaAttributes".to_owned(), json!([])),
    ]);
    described.extend(description.clone());
    Ok((described, clients))
}

/// The token of a page is the number of clients before it.
fn list_user_pool_clients(clients: &[Client], input: &Value) -> Result<Value, Problem> {
    let page = input["MaxResults"].as_u64().unwrap_or(60);
    let size = usize::try_from(page)
        .ok()
        .filter(|size| (1..=60).contains(size));
    let size =
        size.ok_or_else(|| Problem::new("InvalidParameterException", "MaxResults is wrong"))?;
    let start: usize = input["NextToken"]
        .as_str()
        .map_or(Ok(0), str::parse)
        .map_err(|_| Problem::new("InvalidParameterException", "Invalid pagination token"))?;
    let page: Vec<_> = clients.iter().skip(start).take(size).collect();
    let mut answer = json!({
        "UserPoolClients": page.iter().map(|client| json!({
            "ClientId": client.id, "ClientName": name_of(client), "UserPoolId": input["UserPoolId"],
        })).collect::<Vec<_>>(),
    });
    if start + page.len() < clients.len() {
        answer["NextToken"] = json!((start + page.len()).to_string());
    }
    Ok(answer)
}

fn describe_user_pool_client(clients: &[Client], input: &Value) -> Result<Value, Problem> {
    let id = input["ClientId"].as_str().unwrap_or_default();
    let client = clients
        .iter()
        .find(|client| client.id == id)
        .ok_or_else(|| {
            Problem::new(
                "ResourceNotFoundException",
                format!("User pool client {id} does not exist."),
            )
        })?;
    let mut described = json!({
        "UserPoolId": input["UserPoolId"], "ClientId": client.id, "ClientName": name_of(client),
        "ExplicitAuthFlows": client.flows,
        "PreventUserExistenceErrors": if client.prevent_user_existence_errors { "ENABLED" } else { "LEGACY" },
    });
    if let Some(secret) = &client.secret {
        described["ClientSecret"] = json!(secret);
    }
    if let Some(readable) = &client.readable {
        described["ReadAttributes"] = json!(readable);
    }
    if let Some(writable) = &client.writable {
        described["WriteAttributes"] = json!(writable);
    }
    Ok(json!({ "UserPoolClient": described }))
}

fn name_of(client: &Client) -> &str {
    client.name.as_deref().unwrap_or(&client.id)
}

fn unknown_flow() -> Problem {
    Problem::new(
        "InvalidParameterException",
        "Initiate Auth method not supported.",
    )
}

fn check_pool(pool: &Pool, input: &Value) -> Result<(), Problem> {
    let id = input["UserPoolId"].as_str().unwrap_or_default();
    if id == pool.state.pool_id {
        return Ok(());
    }
    Err(Problem::new(
        "ResourceNotFoundException",
        format!("User pool {id} does not exist."),
    ))
}

fn check_username(name: &str) -> Result<(), Problem> {
    let well_formed = !name.is_empty()
        && name.chars().count() <= 128
        && !name.chars().any(|c| c.is_control() || c.is_whitespace());
    if well_formed {
        return Ok(());
    }
    Err(Problem::new(
        "InvalidParameterException",
        "1 validation error detected: Value at 'username' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+",
    ))
}

fn user_not_found() -> Problem {
    Problem::new("UserNotFoundException", "User does not exist.")
}

fn refused(message: &str) -> Problem {
    Problem::new("NotAuthorizedException", message)
}

fn sign_in(
    pool: &mut Pool,
    input: &Value,
    enabled_by: &[&str],
    not_enabled: &str,
) -> Result<Value, Problem> {
    let client_id = input["ClientId"].as_str().unwrap_or_default();
    let client = pool
        .state
        .clients
        .iter()
        .find(|client| client.id == client_id)
        .cloned()
        .ok_or_else(|| {
            Problem::new(
                "ResourceNotFoundException",
                format!("User pool client {client_id} does not exist."),
            )
        })?;
    if !client
        .flows
        .iter()
        .any(|flow| enabled_by.contains(&flow.as_str()))
    {
        return Err(Problem::new("InvalidParameterException", not_enabled));
    }
    let parameter = |name: &str| {
        input["AuthParameters"][name].as_str().ok_or_else(|| {
            Problem::new(
                "InvalidParameterException",
                format!("Missing required parameter {name}"),
            )
        })
    };
    let username = parameter("USERNAME")?;
    check_secret_hash(
        &client,
        username,
        input["AuthParameters"]["SECRET_HASH"].as_str(),
    )?;
    let password = parameter("PASSWORD")?;
    check_username(username)?;
    let Some(user) = pool.state.find_user(username).cloned() else {
        return Err(if client.prevent_user_existence_errors {
            refused("Incorrect username or password.")
        } else {
            user_not_found()
        });
    };
    if !user.enabled {
        return Err(refused("User is disabled."));
    }
    if user.status == "RESET_REQUIRED" {
        return Err(Problem::new(
            "PasswordResetRequiredException",
            "Password reset required for the user",
        ));
    }
    if user.password.as_deref() != Some(password) {
        return Err(refused("Incorrect username or password."));
    }
    if user.status == "UNCONFIRMED" {
        return Err(Problem::new(
            "UserNotConfirmedException",
            "User is not confirmed.",
        ));
    }
    Ok(match user.challenge().map(str::to_owned) {
        Some(challenge) => challenge_answer(pool, &user, &challenge),
        None => tokens(pool, &user, &client),
    })
}

/// SECRET_HASH as the service computes it, over exactly the USERNAME that was sent.
pub(super) fn secret_hash(secret: &str, username: &str, client_id: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(username.as_bytes());
    mac.update(client_id.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn check_secret_hash(client: &Client, username: &str, sent: Option<&str>) -> Result<(), Problem> {
    let id = &client.id;
    match (&client.secret, sent) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(refused(&format!(
            "Unable to verify secret hash for client {id}"
        ))),
        (Some(_), None) => Err(refused(&format!(
            "Client {id} is configured with secret but SECRET_HASH was not received"
        ))),
        (Some(secret), Some(sent)) if secret_hash(secret, username, id) == sent => Ok(()),
        (Some(_), Some(_)) => Err(refused(&format!(
            "SecretHash does not match for the client: {id}"
        ))),
    }
}

fn tokens(pool: &mut Pool, user: &User, client: &Client) -> Value {
    let mut token = |kind: &str| {
        let claims = json!({"sub": user.sub(), "token_use": kind, "username": user.username});
        let unique = pool.next_secret(kind);
        let token = format!(
            "eyJraWQiOiJ0ZXN0YmVkIn0.{}.{unique}",
            STANDARD.encode(claims.to_string())
        );
        pool.secrets.push(token.clone());
        token
    };
    let (access, id, refresh) = (token("access"), token("id"), token("refresh"));
    pool.sessions
        .insert(access.clone(), (user.username.clone(), client.id.clone()));
    json!({
        "ChallengeParameters": {},
        "AuthenticationResult": {
            "AccessToken": access, "IdToken": id, "RefreshToken": refresh,
            "ExpiresIn": 3600, "TokenType": "Bearer",
        },
    })
}

fn challenge_answer(pool: &mut Pool, user: &User, challenge: &str) -> Value {
    let session = format!("AYABe{}", pool.next_secret("session"));
    pool.secrets.push(session.clone());
    // The real service puts personal data here, so a log of it must be caught.
    let mut parameters = json!({"USER_ID_FOR_SRP": user.username});
    if challenge == "NEW_PASSWORD_REQUIRED" {
        parameters["requiredAttributes"] = json!("[]");
        parameters["userAttributes"] = json!(json!(user.attributes).to_string());
    } else if let Some(number) = user.attributes.get("phone_number") {
        parameters["CODE_DELIVERY_DELIVERY_MEDIUM"] = json!("SMS");
        parameters["CODE_DELIVERY_DESTINATION"] = json!(number);
    }
    json!({"ChallengeName": challenge, "Session": session, "ChallengeParameters": parameters})
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

fn profile(user: &User, attributes: &str, readable: Option<&[String]>) -> Map<String, Value> {
    let mut profile = Map::new();
    profile.insert("Username".into(), json!(user.username));
    profile.insert(attributes.into(), json!(attribute_list(user, readable)));
    if !user.mfa.is_empty() {
        profile.insert("UserMFASettingList".into(), json!(user.mfa));
    }
    if let Some(preferred) = &user.preferred_mfa {
        profile.insert("PreferredMfaSetting".into(), json!(preferred));
    }
    profile
}

fn get_user(pool: &Pool, input: &Value) -> Result<Value, Problem> {
    let token = input["AccessToken"].as_str().unwrap_or_default();
    let (username, client_id) = pool
        .sessions
        .get(token)
        .ok_or_else(|| refused("Invalid Access Token"))?;
    let user = pool.state.find_user(username).ok_or_else(user_not_found)?;
    if !user.enabled {
        return Err(refused("User is disabled."));
    }
    let readable = pool
        .state
        .clients
        .iter()
        .find(|client| client.id == *client_id)
        .and_then(|client| client.readable.as_deref());
    Ok(Value::Object(profile(user, "UserAttributes", readable)))
}

/// The groups and users of the pool that is named.
fn groups_and_users<'a>(
    pool: &'a mut Pool,
    input: &Value,
) -> Result<(&'a mut Vec<String>, &'a mut Vec<User>), Problem> {
    let is_neighbour = |id: &str| input["UserPoolId"] == id;
    if !pool
        .state
        .neighbours
        .iter()
        .any(|it| is_neighbour(&it.pool_id))
    {
        check_pool(pool, input)?;
    }
    let state = &mut pool.state;
    Ok(
        match state
            .neighbours
            .iter_mut()
            .find(|it| is_neighbour(&it.pool_id))
        {
            Some(neighbour) => (&mut neighbour.groups, &mut neighbour.users),
            None => (&mut state.groups, &mut state.users),
        },
    )
}

/// The user who is named, in the pool that is named.
fn find_user<'a>(pool: &'a mut Pool, input: &Value) -> Result<&'a mut User, Problem> {
    let aliases = pool.state.sign_in_with.clone();
    let (_, users) = groups_and_users(pool, input)?;
    let name = input["Username"].as_str().unwrap_or_default();
    check_username(name)?;
    let at = users
        .iter()
        .position(|user| user.username == name)
        .or_else(|| {
            users.iter().position(|user| {
                let value = |alias: &String| user.attributes.get(alias).map(String::as_str);
                aliases.iter().any(|alias| value(alias) == Some(name))
            })
        });
    at.map(|at| &mut users[at]).ok_or_else(user_not_found)
}

fn list_groups_of(user: &User, input: &Value) -> Result<Value, Problem> {
    Ok(page_of_groups(&user.groups, input))
}

/// The token of a page is the number of groups before it.
fn page_of_groups(groups: &[String], input: &Value) -> Value {
    let size = input["Limit"].as_u64().unwrap_or(60).min(60);
    let size = usize::try_from(size).unwrap_or(60);
    let start = input["NextToken"]
        .as_str()
        .and_then(|token| token.parse().ok());
    let start: usize = start.unwrap_or(0);
    let page: Vec<_> = groups.iter().skip(start).take(size).collect();
    let named: Vec<_> = page.iter().map(|name| json!({"GroupName": name})).collect();
    let mut answer = json!({ "Groups": named });
    if start + page.len() < groups.len() {
        answer["NextToken"] = json!((start + page.len()).to_string());
    }
    answer
}

fn admin_get_user(user: &User) -> Result<Value, Problem> {
    let mut answer = profile(user, "UserAttributes", None);
    answer.insert("Enabled".into(), json!(user.enabled));
    answer.insert("UserStatus".into(), json!(user.status));
    answer.insert("UserCreateDate".into(), json!(1_583_020_800.123));
    answer.insert("UserLastModifiedDate".into(), json!(1_714_521_600.0));
    Ok(Value::Object(answer))
}

/// The users that a filter finds. Capitals are no difference to it: how exactly the service compares is not
/// documented, so whoever needs it exact has to look.
fn list_users(pool: &Pool, input: &Value) -> Result<Value, Problem> {
    let invalid = |message: &str| Problem::new("InvalidParameterException", message);
    let filter = input["Filter"].as_str().unwrap_or_default();
    if filter.chars().count() > 256 {
        return Err(invalid("Filter is too long"));
    }
    let (attribute, prefix, value) =
        parse_filter(filter).ok_or_else(|| invalid("Error while parsing filter."))?;
    if !FILTERED.contains(&attribute) {
        return Err(invalid("Filter attribute is not supported."));
    }
    let limit = input["Limit"].as_u64().unwrap_or(60);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| *limit <= 60)
        .ok_or_else(|| invalid("Limit is wrong"))?;
    let start: usize = input["PaginationToken"]
        .as_str()
        .map_or(Ok(0), str::parse)
        .map_err(|_| invalid("Invalid pagination token"))?;
    let value = value.to_lowercase();
    let found: Vec<_> = pool
        .state
        .users
        .iter()
        .filter(|user| {
            let held = match attribute {
                "username" => Some(user.username.clone()),
                "sub" => Some(user.sub()),
                _ => user.attributes.get(attribute).cloned(),
            };
            held.map(|held| held.to_lowercase())
                .is_some_and(|held| held == value || (prefix && held.starts_with(&value)))
        })
        .collect();
    let page: Vec<_> = found.iter().skip(start).take(limit).collect();
    let users: Vec<_> = page
        .iter()
        .map(|user| {
            json!({
                "Username": user.username, "Enabled": user.enabled, "UserStatus": user.status,
                "Attributes": attribute_list(user, None),
            })
        })
        .collect();
    let mut answer = json!({ "Users": users });
    if start + page.len() < found.len() {
        answer["PaginationToken"] = json!((start + page.len()).to_string());
    }
    Ok(answer)
}

/// The attributes that a filter can name.
const FILTERED: [&str; 8] = [
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "sub",
];

/// `attribute = "value"` or `attribute ^= "value"`: attribute, whether a beginning is enough, value.
fn parse_filter(filter: &str) -> Option<(&str, bool, String)> {
    let (left, quoted) = filter.split_once('"')?;
    let left = left.trim_end().strip_suffix('=')?;
    let (attribute, prefix) = match left.strip_suffix('^') {
        Some(attribute) => (attribute, true),
        None => (left, false),
    };
    let mut value = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => break,
            '\\' => value.push(rest.next()?),
            c => value.push(c),
        }
    }
    rest.as_str()
        .trim()
        .is_empty()
        .then_some((attribute.trim(), prefix, value))
}

impl Pool {
    /// Text that was never given out before by any pool of this process, and looks like a secret.
    pub(super) fn next_secret(&mut self, kind: &str) -> String {
        self.issued += 1;
        hex(&Sha256::digest(format!(
            "{}/{kind}/{}",
            self.seed, self.issued
        )))
    }
}
