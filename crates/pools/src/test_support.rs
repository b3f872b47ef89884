//! A replayed AWS for tests, and both pools on top of it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_config::Region;
use aws_credential_types::Credentials;
use aws_sdk_cognitoidentityprovider::primitives::{DateTime, DateTimeFormat};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::{
    client::{
        http::HttpClient,
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use rules::{
    outcome::Stop,
    selection::Selection,
    sensitive::Sensitive,
    settings::{AuthFlow, ProfileFrom, Role, Source},
};
use serde_json::{Value, json};

use crate::{Aws, DestinationPool, SourcePool, connection};

pub(crate) const POOL: &str = "eu-west-1_Ab12Cd34E";
pub(crate) const CLIENT: &str = "1example23456789";
pub(crate) const USER: &str = "ana@example.com";

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// The time limit of a try.
pub(crate) const TRY: Duration = Duration::from_millis(1500);

/// A status and a body.
pub(crate) type ReplayedReply = (u16, String);

pub(crate) fn source() -> Source {
    Source {
        user_pool_id: POOL.to_owned(),
        region: "eu-west-1".to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: None,
        auth_flow: AuthFlow::AdminUserPassword,
        profile: ProfileFrom::After,
        role: None,
        client_metadata: Selection::None,
        lookup: None,
    }
}

pub(crate) fn public() -> Source {
    Source {
        auth_flow: AuthFlow::UserPassword,
        ..source()
    }
}

pub(crate) fn role() -> Role {
    Role {
        arn: "arn:aws:iam::222222222222:role/migration".to_owned(),
        external_id: Some("made-up external id".to_owned()),
    }
}

pub(crate) fn under_role() -> Source {
    Source {
        role: Some(role()),
        ..source()
    }
}

/// The configuration of a function that runs in another Region than both pools.
pub(crate) async fn aws(http: impl HttpClient + 'static) -> Aws {
    connection::settings(TRY)
        .region(Region::new("us-east-1"))
        .http_client(http)
        .credentials_provider(Credentials::new("AKIDOWN", "made-up", None, None, "test"))
        .load()
        .await
        .into()
}

/// The source pool of these settings, which gives these answers in this order.
pub(crate) async fn source_pool(
    source: Source,
    replies: impl IntoIterator<Item = ReplayedReply>,
) -> (Arc<SourcePool>, StaticReplayClient) {
    let http = answers(replies);
    (SourcePool::new(aws(http.clone()).await, source), http)
}

/// The destination pool, which gives these answers in this order.
pub(crate) async fn destination_pool(
    replies: impl IntoIterator<Item = ReplayedReply>,
) -> (DestinationPool, StaticReplayClient) {
    let http = answers(replies);
    let pool = DestinationPool::new(&aws(http.clone()).await, "eu-central-1_New01");
    (pool, http)
}

/// An AWS that gives these answers in this order.
pub(crate) fn answers(replies: impl IntoIterator<Item = ReplayedReply>) -> StaticReplayClient {
    let event = |reply| ReplayEvent::new(HttpRequest::empty(), response(reply));
    StaticReplayClient::new(replies.into_iter().map(event).collect())
}

pub(crate) fn response((status, body): ReplayedReply) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).unwrap(), body.into())
}

pub(crate) fn ok(body: Value) -> ReplayedReply {
    (200, body.to_string())
}

pub(crate) fn error(code: &str, message: &str) -> ReplayedReply {
    (400, json!({"__type": code, "message": message}).to_string())
}

pub(crate) fn tokens() -> ReplayedReply {
    ok(json!({"AuthenticationResult": {"AccessToken": "made-up-token"}, "ChallengeParameters": {}}))
}

/// A user as AdminGetUser shows it.
pub(crate) fn user() -> Value {
    json!({
        "Username": "7c7f",
        "Enabled": true,
        "UserStatus": "CONFIRMED",
        "UserAttributes": [{"Name": "sub", "Value": "7c7f"}, {"Name": "email", "Value": USER}],
    })
}

/// STS's answer to AssumeRole.
pub(crate) fn credentials(key: &str, lives_for: Duration) -> ReplayedReply {
    let ends = DateTime::from(SystemTime::now() + lives_for);
    let ends = ends.fmt(DateTimeFormat::DateTime).unwrap();
    let body = format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>made-up</SecretAccessKey><SessionToken>made-up-session</SessionToken>\
         <Expiration>{ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    (200, body)
}

pub(crate) fn sts_error(code: &str) -> ReplayedReply {
    let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
    (400, body)
}

pub(crate) fn password() -> Sensitive {
    Sensitive::new("Made-up-1")
}

/// The end of a call, in a few words.
pub(crate) fn end<T>(answer: Result<T, impl Into<Stop>>) -> String {
    match answer.map_err(Into::into) {
        Ok(_) => "ok".to_owned(),
        Err(Stop::Rejected(reason)) => reason.as_str().to_owned(),
        Err(Stop::Failed(failure)) => {
            format!("{} {:?} {}", failure.operation, failure.cause, failure.code)
        }
    }
}

pub(crate) fn requests(http: &StaticReplayClient) -> usize {
    http.actual_requests().count()
}

/// Signs a made-up user in, and says in a few words how that ended.
pub(crate) async fn sign_in_to(pool: &SourcePool) -> String {
    end(pool.sign_in(USER, &password(), &Default::default()).await)
}

/// Each request: `[OPERATION HOST SIGNER, body]`. A form is given as its list of pairs.
pub(crate) fn sent(http: &StaticReplayClient) -> Value {
    let request = |request: &HttpRequest| {
        let header = |name: &str| request.headers().get(name);
        let target = header("x-amz-target").and_then(|target| target.split_once('.'));
        let operation = target.map_or("", |(_, operation)| operation);
        let signer = header("authorization").map(|authorization| {
            let (_, credential) = authorization.split_once("Credential=").unwrap();
            credential.split('/').next().unwrap()
        });
        let token = header("x-amz-security-token").map_or("", |_| "+token");
        let signer = signer.unwrap_or("unsigned");
        let host = request.uri().strip_prefix("https://").unwrap();
        let host = host.strip_suffix(".amazonaws.com/").unwrap();
        let body = std::str::from_utf8(request.body().bytes().unwrap()).unwrap();
        let body: Value = serde_json::from_str(body)
            .unwrap_or_else(|_| body.split('&').collect::<Vec<_>>().into());
        json!([format!("{operation} {host} {signer}{token}"), body])
    };
    http.actual_requests().map(request).collect()
}
