//! Access control: signatures, temporary credentials, and STS AssumeRole.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use serde_json::Value;

use super::{
    answer::{ApiError, XML, escape_xml},
    operation::Operation,
    pool::{Issued, Pool, Received},
    signature::{Claim, Signer, parse_date},
    state::{Credentials, StubRole},
};
use crate::http::{Reply, Request};

const CLOCK_SKEW: Duration = Duration::from_secs(300);
const DEFAULT_SESSION: u64 = 3600;

/// Checks the signature that `operation` needs, or that it has none if it needs none.
/// Returns the access key id.
pub(super) fn authorize(
    pool: &Pool,
    received: &Received,
    request: &Request,
) -> Result<Option<String>, ApiError> {
    let operation = received.operation;
    let header = request.header("authorization");
    let service = match operation {
        Operation::InitiateAuth | Operation::GetUser => {
            return match header {
                None => Ok(None),
                // The real service would not mind. Here it means that credentials were fetched needlessly.
                Some(_) => Err(ApiError::new(
                    "IncompleteSignatureException",
                    "this call is sent unsigned",
                )),
            };
        }
        Operation::AssumeRole => "sts",
        Operation::GetSecretValue => "secretsmanager",
        _ => "cognito-idp",
    };
    let header = header.ok_or_else(|| {
        ApiError::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )
    })?;
    let claim = Claim::parse(header).ok_or_else(|| {
        ApiError::new(
            "IncompleteSignatureException",
            "Authorization header is incomplete",
        )
    })?;
    let token = request.header("x-amz-security-token");
    let (key, expires) = find_key(pool, claim.access_key_id)
        .filter(|(key, _)| key.session_token.as_deref() == token)
        .ok_or_else(|| {
            ApiError::new(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        })?;
    let text = |name: &str| received.body[name].as_str().unwrap_or_default();
    let (pool_id, secret) = (text("UserPoolId"), text("SecretId"));
    let mut neighbours = pool.state.neighbours.iter();
    let neighbour = neighbours.find(|neighbour| neighbour.pool_id == pool_id);
    let signer = Signer {
        access_key_id: claim.access_key_id,
        secret_access_key: &key.secret_access_key,
        session_token: token,
        region: match (service, neighbour) {
            // The role may be assumed through the STS of any Region.
            ("sts", _) => claim.region,
            ("secretsmanager", _) => secret.split(':').nth(3).unwrap_or_default(),
            (_, Some(neighbour)) => neighbour.region(),
            (_, None) => pool.state.region(),
        },
        service,
    };
    if !is_current(request) || !signer.has_signed(request, &claim) {
        return Err(ApiError::new(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided: \
             check time, Region, service, signed headers and key.",
        ));
    }
    if expires.is_some_and(|end| end <= SystemTime::now()) {
        return Err(ApiError::new(
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ));
    }
    let may = match neighbour {
        // The function itself, and no role of the source account.
        _ if service == "secretsmanager" => expires.is_none(),
        Some(_) => expires.is_none(),
        None => key.may_administer,
    };
    let denied = format!("{operation} {pool_id}{secret}");
    if service != "sts" && (!may || pool.state.denied.contains(&denied)) {
        return Err(ApiError::new(
            "AccessDeniedException",
            format!("User is not authorized to perform: {service}:{operation}"),
        ));
    }
    Ok(Some(claim.access_key_id.to_owned()))
}

/// Whether the request was signed just now.
fn is_current(request: &Request) -> bool {
    let now = SystemTime::now();
    let signed_at = request.header("x-amz-date").and_then(parse_date);
    signed_at.is_some_and(|time| now <= time + CLOCK_SKEW && time <= now + CLOCK_SKEW)
}

/// A key that may sign, and when it ends if AssumeRole has given it out.
fn find_key<'a>(pool: &'a Pool, id: &str) -> Option<(&'a Credentials, Option<SystemTime>)> {
    let own = pool.state.credentials.iter().map(|key| (key, None));
    let issued = pool.issued_credentials.iter();
    let mut keys = own.chain(issued.map(|issued| (&issued.key, Some(issued.expires))));
    keys.find(|(key, _)| key.access_key_id == id)
}

/// STS tells the end of credentials in whole seconds; what it tells must hold, so it is rounded up.
fn whole_second(time: SystemTime) -> DateTime {
    DateTime::from_secs(DateTime::from(time).secs() + 1)
}

pub(super) fn assume_role(pool: &mut Pool, form: &Value) -> Result<Reply, ApiError> {
    let field = |name: &str| form[name].as_str();
    if field("Action") != Some("AssumeRole") || field("Version") != Some("2011-06-15") {
        return Err(ApiError::new(
            "InvalidAction",
            "Could not find the operation",
        ));
    }
    let session_name = field("RoleSessionName").unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(2..=64).contains(&session_name.len()) || !session_name.chars().all(allowed) {
        return Err(ApiError::new(
            "ValidationError",
            "1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint",
        ));
    }
    let arn = field("RoleArn").unwrap_or_default();
    let trusted = |role: &&StubRole| {
        role.arn == arn
            && role
                .external_id
                .as_deref()
                .is_none_or(|id| field("ExternalId") == Some(id))
    };
    let Some(role) = pool.state.roles.iter().find(trusted).cloned() else {
        return Err(ApiError {
            status: 403,
            ..ApiError::new(
                "AccessDenied",
                format!("User is not authorized to perform: sts:AssumeRole on resource: {arn}"),
            )
        });
    };
    let asked = field("DurationSeconds").and_then(|text| text.parse().ok());
    let seconds = role.session_seconds.or(asked).unwrap_or(DEFAULT_SESSION);
    let expires = whole_second(SystemTime::now() + Duration::from_secs(seconds));
    let id = pool.next_secret("access key").to_uppercase();
    let access_key_id = format!("ASIA{}", &id[..16]);
    let secret = pool.next_secret("secret access key");
    let token = pool.next_secret("session token");
    pool.secrets.extend([secret.clone(), token.clone()]);
    let answer = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <AssumedRoleUser><AssumedRoleId>AROATESTBED:{session_name}</AssumedRoleId><Arn>{}/{session_name}</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>\
         <Expiration>{}</Expiration></Credentials></AssumeRoleResult>\
         <ResponseMetadata><RequestId>testbed</RequestId></ResponseMetadata></AssumeRoleResponse>",
        escape_xml(
            &arn.replace(":iam:", ":sts:")
                .replace(":role/", ":assumed-role/")
        ),
        access_key_id,
        secret,
        token,
        expires,
    );
    let key = Credentials {
        access_key_id,
        secret_access_key: secret,
        session_token: Some(token),
        may_administer: true,
    };
    let expires = expires.try_into().expect("a time of this age");
    pool.issued_credentials.push(Issued { key, expires });
    Ok(Reply::new(200, XML, answer))
}
