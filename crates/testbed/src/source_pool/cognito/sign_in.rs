//! The password flows and their answers.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    found::{check_username, find_client, named, text},
    profile::attribute_list,
};
use crate::source_pool::{
    answer::ApiError,
    operation::Operation,
    pool::Pool,
    state::{Client, User, position, region_of},
};

const WRONG: &str = "Incorrect username or password.";

/// The flow of `operation` that `input` asks for: the settings of an app client that enable it, and what one is told
/// whose client has none of them.
fn flow(
    operation: Operation,
    input: &Value,
) -> Result<([&'static str; 2], &'static str), ApiError> {
    match (operation, text(input, "AuthFlow")) {
        (Operation::AdminInitiateAuth, "ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH") => Ok((
            ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"],
            "Auth flow not enabled for this client",
        )),
        (Operation::InitiateAuth, "USER_PASSWORD_AUTH") => Ok((
            ["ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"],
            "USER_PASSWORD_AUTH flow not enabled for this client",
        )),
        _ => Err(ApiError::invalid("Initiate Auth method not supported.")),
    }
}

pub(super) fn sign_in(
    pool: &mut Pool,
    operation: Operation,
    input: &Value,
) -> Result<Value, ApiError> {
    if operation == Operation::AdminInitiateAuth {
        named(&mut pool.state, input)?;
    }
    let (enabled_by, not_enabled) = flow(operation, input)?;
    let client = find_client(&pool.state.clients, text(input, "ClientId"))?.clone();
    let enables = |flow: &String| enabled_by.contains(&flow.as_str());
    if !client.flows.iter().any(enables) {
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
    let is_admin = operation == Operation::AdminInitiateAuth;
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
    let refused = |code, message| Err(ApiError::new(code, message));
    if user.status == "RESET_REQUIRED" {
        return refused(
            "PasswordResetRequiredException",
            "Password reset required for the user",
        );
    }
    if user.password.as_deref() != Some(password) {
        return Err(ApiError::refused(WRONG));
    }
    if user.status == "UNCONFIRMED" {
        return refused("UserNotConfirmedException", "User is not confirmed.");
    }
    Ok(match user.challenge().map(str::to_owned) {
        Some(challenge) => challenge_answer(pool, &user, &challenge),
        None => tokens(pool, &user, &client),
    })
}

/// SECRET_HASH as the service computes it, over exactly the USERNAME that was sent.
pub(in crate::source_pool) fn secret_hash(secret: &str, username: &str, client_id: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(username.as_bytes());
    mac.update(client_id.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

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
        let unique = pool.next_secret(kind);
        let token = format!(
            "eyJraWQiOiJ0ZXN0YmVkIn0.{}.{unique}",
            URL_SAFE_NO_PAD.encode(claims.to_string())
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
