//! The password flows and their answers.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rules::secret_hash::secret_hash;
use serde_json::{Value, json};

use super::found::{attribute_list, check_username, find_client, named, text};
use crate::source_pool::{
    answer::ApiError,
    operation::Operation,
    pool::Pool,
    state::{Client, User, position, region_of},
};

const WRONG: &str = "Incorrect username or password.";

/// What is told of a flow that the app client does not have, and the setting of the client that enables it.
const ADMIN: [&str; 2] = [
    "Auth flow not enabled for this client",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
];
const PUBLIC: [&str; 2] = [
    "USER_PASSWORD_AUTH flow not enabled for this client",
    "ALLOW_USER_PASSWORD_AUTH",
];

pub(super) fn sign_in(
    pool: &mut Pool,
    operation: Operation,
    input: &Value,
) -> Result<Value, ApiError> {
    let is_admin = operation == Operation::AdminInitiateAuth;
    if is_admin {
        named(&mut pool.state, input)?;
    }
    let [not_enabled, enabled_by] = match (is_admin, text(input, "AuthFlow")) {
        (true, "ADMIN_USER_PASSWORD_AUTH") => ADMIN,
        (false, "USER_PASSWORD_AUTH") => PUBLIC,
        _ => return Err(ApiError::invalid("Initiate Auth method not supported.")),
    };
    let client = find_client(&pool.state.clients, text(input, "ClientId"))?.clone();
    if !client.flows.iter().any(|flow| flow == enabled_by) {
        return Err(ApiError::invalid(not_enabled));
    }
    let parameters = &input["AuthParameters"];
    let parameter = |name: &str| {
        let missing = || ApiError::invalid(format!("Missing required parameter {name}"));
        parameters[name].as_str().ok_or_else(missing)
    };
    let username = parameter("USERNAME")?;
    check_secret_hash(&client, username, parameters["SECRET_HASH"].as_str())?;
    let password = parameter("PASSWORD")?;
    check_username(username)?;
    let users = &pool.state.users;
    let Some(at) = position(users, &pool.state.sign_in_with, username, is_admin) else {
        return Err(match client.prevent_user_existence_errors {
            true => ApiError::refused(WRONG),
            false => ApiError::user_not_found(),
        });
    };
    let user = users[at].clone();
    if !user.enabled {
        return Err(ApiError::refused("User is disabled."));
    }
    let is_right = user.password.as_deref() == Some(password);
    match user.status.as_str() {
        "RESET_REQUIRED" => {
            let message = "Password reset required for the user";
            return Err(ApiError::new("PasswordResetRequiredException", message));
        }
        _ if !is_right => return Err(ApiError::refused(WRONG)),
        "UNCONFIRMED" => {
            let message = "User is not confirmed.";
            return Err(ApiError::new("UserNotConfirmedException", message));
        }
        _ => {}
    }
    Ok(match user.challenge().map(str::to_owned) {
        Some(challenge) => challenge_answer(pool, &user, &challenge),
        None => tokens(pool, &user, &client),
    })
}

/// Over exactly the USERNAME that was sent. `rules` compares its hash with that of another implementation.
fn check_secret_hash(client: &Client, username: &str, sent: Option<&str>) -> Result<(), ApiError> {
    let id = &client.id;
    Err(ApiError::refused(match (&client.secret, sent) {
        (None, None) => return Ok(()),
        (None, Some(_)) => format!("Unable to verify secret hash for client {id}"),
        (Some(_), None) => {
            format!("Client {id} is configured with secret but SECRET_HASH was not received")
        }
        (Some(secret), Some(sent)) if secret_hash(secret, username, id) == sent => return Ok(()),
        (Some(_), Some(_)) => format!("SecretHash does not match for the client: {id}"),
    }))
}

fn tokens(pool: &mut Pool, user: &User, client: &Client) -> Value {
    let pool_id = &pool.state.pool_id;
    let region = region_of(pool_id);
    let issuer = format!("https://cognito-idp.{region}.amazonaws.com/{pool_id}");
    let mut token = |kind: &str| {
        let claims = match kind {
            "id" => id_claims(&issuer, user, client),
            _ => json!({"sub": user.sub(), "token_use": kind, "username": user.username}),
        };
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        let signature = pool.next_secret(kind);
        let token = format!("eyJraWQiOiJ0ZXN0YmVkIn0.{claims}.{signature}");
        pool.secrets.push(token.clone());
        token
    };
    let (access, id, refresh) = (token("access"), token("id"), token("refresh"));
    let session = (user.username.clone(), client.id.clone());
    pool.sessions.insert(access.clone(), session);
    json!({
        "ChallengeParameters": {},
        "AuthenticationResult": {
            "AccessToken": access, "IdToken": id, "RefreshToken": refresh,
            "ExpiresIn": 3600, "TokenType": "Bearer",
        },
    })
}

/// What an ID token says: the attributes that the app client may read, flags as booleans, and more that is no attribute.
fn id_claims(issuer: &str, user: &User, client: &Client) -> Value {
    let mut claims = json!({
        "iss": issuer, "aud": client.id, "token_use": "id", "cognito:username": user.username,
        "cognito:groups": user.groups, "origin_jti": "1", "event_id": "2", "jti": "3",
        "auth_time": 1_714_521_600, "iat": 1_714_521_600, "exp": 1_714_525_200,
    });
    for attribute in attribute_list(user, client.readable.as_deref()) {
        let (name, value) = (text(&attribute, "Name"), &attribute["Value"]);
        claims[name] = match (name, value.as_str()) {
            ("email_verified" | "phone_number_verified", flag) => {
                json!(flag.is_some_and(|flag| flag.eq_ignore_ascii_case("true")))
            }
            ("address", _) => json!({"formatted": value}),
            ("updated_at", Some(seconds)) => json!(seconds.parse::<u64>().ok()),
            _ => value.clone(),
        };
    }
    claims
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
