//! Who may call: signatures, temporary credentials, and STS AssumeRole.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{
    Operation, Pool,
    answer::{Problem, XML, escape_xml},
    state::{NeighbourPool, Role},
};
use crate::{
    clock,
    http::{Reply, Request, form_pairs},
    sigv4::{self, Authorization},
};

const CLOCK_SKEW: Duration = Duration::from_secs(300);
const DEFAULT_SESSION: u64 = 3600;

/// Credentials that AssumeRole has given out.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expires: SystemTime,
}

/// Checks the signature that `operation` needs, or that it has none if it needs none.
/// Returns the access key id.
pub(super) fn authorize(
    pool: &Pool,
    operation: Operation,
    request: &Request,
) -> Result<Option<String>, Problem> {
    let header = request.header("authorization");
    let service = match operation {
        Operation::InitiateAuth | Operation::GetUser => {
            return match header {
                None => Ok(None),
                // The real service would not mind. Here it means that credentials were asked for in vain.
                Some(_) => Err(Problem::new(
                    "IncompleteSignatureException",
                    "this call is sent unsigned",
                )),
            };
        }
        Operation::AssumeRole => "sts",
        _ => "cognito-idp",
    };
    let header = header.ok_or_else(|| {
        Problem::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )
    })?;
    let claim = Authorization::parse(header).ok_or_else(|| {
        Problem::new(
            "IncompleteSignatureException",
            "Authorization header is incomplete",
        )
    })?;
    let key = find_key(pool, &claim.access_key_id).ok_or_else(|| {
        Problem::new(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
    })?;
    if request.header("x-amz-security-token") != key.session_token {
        return Err(Problem::new(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ));
    }
    check_signature(pool, request, &claim, service, key.secret)?;
    if key.expires.is_some_and(|end| end <= SystemTime::now()) {
        return Err(Problem::new(
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ));
    }
    let pool_id = body_of(request)["UserPoolId"].clone();
    let may = if neighbour(pool, &pool_id).is_some() {
        !key.of_a_role
    } else {
        key.may_administer
    };
    let denied = format!("{operation} {}", pool_id.as_str().unwrap_or_default());
    if service == "cognito-idp" && (!may || pool.state.denied.contains(&denied)) {
        return Err(Problem::new(
            "AccessDeniedException",
            format!(
                "User is not authorized to perform: cognito-idp:{operation} on the source pool"
            ),
        ));
    }
    Ok(Some(claim.access_key_id))
}

/// The pool of the function's own account that is named, if it is one.
fn neighbour<'a>(pool: &'a Pool, id: &Value) -> Option<&'a NeighbourPool> {
    let mut neighbours = pool.state.neighbours.iter();
    neighbours.find(|neighbour| *id == neighbour.pool_id)
}

struct Key<'a> {
    secret: &'a str,
    session_token: Option<&'a str>,
    expires: Option<SystemTime>,
    may_administer: bool,
    /// Given out by AssumeRole, for the source pool's account.
    of_a_role: bool,
}

fn body_of(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

fn find_key<'a>(pool: &'a Pool, id: &str) -> Option<Key<'a>> {
    let fixed = pool
        .state
        .credentials
        .iter()
        .find(|key| key.access_key_id == id);
    if let Some(key) = fixed {
        return Some(Key {
            secret: &key.secret_access_key,
            session_token: key.session_token.as_deref(),
            expires: None,
            may_administer: key.may_administer,
            of_a_role: false,
        });
    }
    let issued = pool
        .credentials
        .iter()
        .find(|key| key.access_key_id == id)?;
    Some(Key {
        secret: &issued.secret_access_key,
        session_token: Some(&issued.session_token),
        expires: Some(issued.expires),
        may_administer: true,
        of_a_role: true,
    })
}

fn check_signature(
    pool: &Pool,
    request: &Request,
    claim: &Authorization,
    service: &str,
    secret: &str,
) -> Result<(), Problem> {
    let wrong = |message: &str| Err(Problem::new("InvalidSignatureException", message));
    let region = match neighbour(pool, &body_of(request)["UserPoolId"]) {
        Some(neighbour) => neighbour.region(),
        None => pool.state.region(),
    };
    // The role may be assumed through the STS of any Region.
    let right_region = service == "sts" || claim.region == region;
    if claim.service != service || !right_region {
        return wrong("Credential should be scoped to a valid region and service.");
    }
    let date = request.header("x-amz-date").unwrap_or_default();
    let Some(time) = clock::parse_amz_date(date) else {
        return wrong("Date is missing or not valid.");
    };
    let now = SystemTime::now();
    if time + CLOCK_SKEW < now || now + CLOCK_SKEW < time || !date.starts_with(&claim.day) {
        return wrong("Signature expired or not yet current.");
    }
    let must_be_signed = ["host", "x-amz-date", "x-amz-security-token", "x-amz-target"];
    for name in must_be_signed {
        if request.header(name).is_some() && !claim.covers(name) {
            return wrong("A header that must be signed is not.");
        }
    }
    if sigv4::signature(secret, request, claim) != claim.signature {
        return wrong(
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method.",
        );
    }
    Ok(())
}

/// STS tells the end of credentials in whole seconds; what it tells must hold, so it is rounded up.
fn whole_second(time: SystemTime) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(clock::epoch_seconds(time) + 1)
}

pub(super) fn assume_role(pool: &mut Pool, request: &Request) -> Result<Reply, Problem> {
    let form = form_pairs(&String::from_utf8_lossy(&request.body));
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    if field("Action") != Some("AssumeRole") || field("Version") != Some("2011-06-15") {
        return Err(Problem::new(
            "InvalidAction",
            "Could not find the operation",
        ));
    }
    let session_name = field("RoleSessionName").unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(2..=64).contains(&session_name.len()) || !session_name.chars().all(allowed) {
        return Err(Problem::new(
            "ValidationError",
            "1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint",
        ));
    }
    let arn = field("RoleArn").unwrap_or_default();
    let trusted = |role: &&Role| {
        role.arn == arn
            && role
                .external_id
                .as_deref()
                .is_none_or(|id| field("ExternalId") == Some(id))
    };
    let Some(role) = pool.state.roles.iter().find(trusted).cloned() else {
        return Err(Problem {
            status: 403,
            ..Problem::new(
                "AccessDenied",
                format!("User is not authorized to perform: sts:AssumeRole on resource: {arn}"),
            )
        });
    };
    let asked = field("DurationSeconds").and_then(|text| text.parse().ok());
    let seconds = role.session_seconds.or(asked).unwrap_or(DEFAULT_SESSION);
    let issued = Issued {
        access_key_id: format!(
            "ASIA{}",
            &pool.next_secret("access key").to_uppercase()[..16]
        ),
        secret_access_key: pool.next_secret("secret access key"),
        session_token: pool.next_secret("session token"),
        expires: whole_second(SystemTime::now() + Duration::from_secs(seconds)),
    };
    pool.secrets.extend([
        issued.secret_access_key.clone(),
        issued.session_token.clone(),
    ]);
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
        issued.access_key_id,
        issued.secret_access_key,
        issued.session_token,
        clock::iso8601(issued.expires),
    );
    pool.credentials.push(issued);
    Ok(Reply::new(200, XML, answer))
}

impl Pool {
    /// Ends every session that AssumeRole has given out.
    pub(super) fn expire_credentials(&mut self) {
        for issued in &mut self.credentials {
            issued.expires = SystemTime::UNIX_EPOCH;
        }
    }
}
