//! Access control: the claims of signatures, temporary credentials, STS AssumeRole, and secrets.
//!
//! Who signed, for which service and which Region, is checked; the signature itself is the SDK's and is not computed again.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use serde_json::{Value, json};

use super::{
    answer::{ApiError, XML},
    operation::Operation,
    pool::{Pool, Received},
    state::{Credentials, StubRole, region_of},
};
use crate::http::Reply;

const DEFAULT_SESSION: u64 = 3600;

/// Access key id, Region and service of an `Authorization` header; `None` if it is not of the right form.
fn claim(header: &str) -> Option<[&str; 3]> {
    let credential = header.strip_prefix("AWS4-HMAC-SHA256 Credential=")?;
    let (scope, _) = credential.split_once(", SignedHeaders=")?;
    match scope.split('/').collect::<Vec<_>>()[..] {
        [id, _date, region, service, "aws4_request"] => Some([id, region, service]),
        _ => None,
    }
}

/// Checks the signature that `operation` needs, or that it has none if it needs none.
/// Returns the access key id.
pub(super) fn authorize(pool: &Pool, received: &Received) -> Result<Option<String>, ApiError> {
    let operation = received.operation;
    let header = received.request.header("authorization");
    let service = match operation {
        // The real service would not mind a signature. Here it means that credentials were fetched needlessly.
        Operation::InitiateAuth | Operation::GetUser if header.is_some() => {
            return Err(ApiError::new("IncompleteSignatureException", ""));
        }
        Operation::InitiateAuth | Operation::GetUser => return Ok(None),
        Operation::AssumeRole => "sts",
        Operation::GetSecretValue => "secretsmanager",
        _ => "cognito-idp",
    };
    let header = header.ok_or_else(|| ApiError::new("MissingAuthenticationTokenException", ""))?;
    let [id, region, signed_for] =
        claim(header).ok_or_else(|| ApiError::new("IncompleteSignatureException", ""))?;
    let token = received.request.header("x-amz-security-token");
    let mut keys = pool.state.credentials.iter();
    let key = keys.find(|key| key.access_key_id == id && key.session_token.as_deref() == token);
    let key = key.ok_or_else(|| ApiError::new("UnrecognizedClientException", ""))?;
    let text = |name: &str| received.body[name].as_str().unwrap_or_default();
    let (pool_id, secret) = (text("UserPoolId"), text("SecretId"));
    let mut neighbours = pool.state.neighbours.iter();
    let neighbour = neighbours.find(|neighbour| neighbour.pool_id == pool_id);
    let of_resource = match service {
        // The role may be assumed through the STS of any Region.
        "sts" => region,
        "secretsmanager" => secret.split(':').nth(3).unwrap_or_default(),
        _ => region_of(neighbour.map_or(&pool.state.pool_id, |it| &it.pool_id)),
    };
    if (signed_for, region) != (service, of_resource) {
        return Err(ApiError::new("InvalidSignatureException", ""));
    }
    if key.expires.is_some_and(|end| end <= SystemTime::now()) {
        return Err(ApiError::new("ExpiredTokenException", ""));
    }
    // Of the function's own account: no role of the source account may see it.
    let is_own = neighbour.is_some() || service == "secretsmanager";
    let may = if is_own {
        key.expires.is_none()
    } else {
        key.may_administer
    };
    let denied = format!("{operation} {pool_id}{secret}");
    if service != "sts" && (!may || pool.state.denied.contains(&denied)) {
        let message = format!("User is not authorized to perform: {service}:{operation}");
        return Err(ApiError::new("AccessDeniedException", message));
    }
    Ok(Some(id.to_owned()))
}

pub(super) fn assume_role(pool: &mut Pool, form: &Value) -> Result<Reply, ApiError> {
    let field = |name: &str| form[name].as_str();
    let session_name = field("RoleSessionName").unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(2..=64).contains(&session_name.len()) || !session_name.chars().all(allowed) {
        return Err(ApiError::new("ValidationError", "roleSessionName"));
    }
    let arn = field("RoleArn").unwrap_or_default();
    let trusts = |role: &StubRole| match &role.external_id {
        Some(id) => field("ExternalId") == Some(id),
        None => true,
    };
    let mut roles = pool.state.roles.iter();
    let role = roles.find(|role| role.arn == arn && trusts(role));
    let role = role.cloned().ok_or_else(|| ApiError {
        status: 403,
        ..ApiError::new(
            "AccessDenied",
            format!("User is not authorized to perform: sts:AssumeRole on resource: {arn}"),
        )
    })?;
    let asked = field("DurationSeconds").and_then(|text| text.parse().ok());
    let seconds = role.session_seconds.or(asked).unwrap_or(DEFAULT_SESSION);
    // STS tells the end of credentials in whole seconds; what it tells must hold, so it is rounded up.
    let expires = SystemTime::now() + Duration::from_secs(seconds + 1);
    let expires = DateTime::from_secs(DateTime::from(expires).secs());
    let id = pool.next_secret("access key").to_uppercase();
    let access_key_id = format!("ASIA{}", &id[..16]);
    let secret = pool.next_secret("secret access key");
    let token = pool.next_secret("session token");
    let answer = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <AssumedRoleUser><AssumedRoleId>AROATESTBED:{session_name}</AssumedRoleId><Arn>{arn}/{session_name}</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>{access_key_id}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
         <SessionToken>{token}</SessionToken><Expiration>{expires}</Expiration></Credentials></AssumeRoleResult>\
         <ResponseMetadata><RequestId>testbed</RequestId></ResponseMetadata></AssumeRoleResponse>",
    );
    let key = Credentials {
        access_key_id,
        secret_access_key: secret,
        session_token: Some(token),
        may_administer: true,
        expires: expires.try_into().ok(),
    };
    pool.state.credentials.push(key);
    Ok(Reply::new(200, XML, answer))
}

/// Secrets Manager, as far as the function asks it.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>
pub(super) fn get_secret(pool: &mut Pool, input: &Value) -> Result<Value, ApiError> {
    let arn = input["SecretId"].as_str().unwrap_or_default();
    let held = pool.state.secrets.get(arn);
    let message = "Secrets Manager can't find the specified secret.";
    let held = held.ok_or_else(|| ApiError::not_found(message))?;
    let mut answer = json!({
        "ARN": arn, "Name": "source-client", "VersionId": "0a1b2c3d-0000-4000-8000-00000000000f",
        "VersionStages": ["AWSCURRENT"], "CreatedDate": 1_714_521_600.123,
    });
    for (name, value) in held {
        answer[name] = value.clone();
    }
    // What was stored before has been given out, too.
    let texts = held.values().filter_map(Value::as_str).map(str::to_owned);
    pool.secrets.extend(texts);
    Ok(answer)
}
