//! A replayed AWS for tests.

use std::time::Duration;

use aws_config::Region;
use aws_credential_types::Credentials;
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::{
    client::orchestrator::{HttpRequest, HttpResponse},
    http::StatusCode,
};
use pools::{Aws, connection};
use rules::{outcome::Failure, sensitive::Sensitive};
use serde_json::{Value, json};

pub(super) const POOL: &str = "eu-west-1_Ab12Cd34E";
pub(super) const CLIENT: &str = "1example23456789";
pub(super) const USER: &str = "ana@example.com";

/// A status and a body.
pub(super) type CannedReply = (u16, String);

pub(super) async fn aws(http: StaticReplayClient) -> Aws {
    let settings = connection::settings(Duration::from_millis(1500))
        .region(Region::new("us-east-1"))
        .http_client(http)
        .credentials_provider(Credentials::new("AKIDOWN", "made-up", None, None, "test"));
    settings.load().await.into()
}

/// An AWS that gives these answers in this order.
pub(super) fn answers(replies: impl IntoIterator<Item = CannedReply>) -> StaticReplayClient {
    let event = |(status, body): CannedReply| {
        let status = StatusCode::try_from(status).unwrap();
        ReplayEvent::new(HttpRequest::empty(), HttpResponse::new(status, body.into()))
    };
    StaticReplayClient::new(replies.into_iter().map(event).collect())
}

pub(super) fn ok(body: Value) -> CannedReply {
    (200, body.to_string())
}

pub(super) fn error(code: &str, message: &str) -> CannedReply {
    (400, json!({"__type": code, "message": message}).to_string())
}

/// A user as AdminGetUser shows it.
pub(super) fn user() -> Value {
    json!({
        "Username": "7c7f",
        "Enabled": true,
        "UserStatus": "CONFIRMED",
        "UserAttributes": [{"Name": "sub", "Value": "7c7f"}],
    })
}

pub(super) fn password() -> Sensitive {
    Sensitive::new("Made-up-1")
}

/// The end of a call, in a few words.
pub(super) fn end<T>(answer: Result<T, Failure>) -> String {
    match answer {
        Ok(_) => "ok".to_owned(),
        Err(failure) => format!("{} {:?} {}", failure.operation, failure.cause, failure.code),
    }
}

pub(super) fn requests(http: &StaticReplayClient) -> usize {
    http.actual_requests().count()
}

/// Each request: `[OPERATION HOST SIGNER, body]`.
pub(super) fn sent(http: &StaticReplayClient) -> Value {
    let request = |request: &HttpRequest| {
        let header = |name: &str| request.headers().get(name);
        let (_, operation) = header("x-amz-target").unwrap().split_once('.').unwrap();
        let signer = header("authorization").map_or("unsigned", |authorization| {
            let (_, credential) = authorization.split_once("Credential=").unwrap();
            credential.split('/').next().unwrap()
        });
        let host = request.uri().strip_prefix("https://").unwrap();
        let host = host.strip_suffix(".amazonaws.com/").unwrap();
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        json!([format!("{operation} {host} {signer}"), body])
    };
    http.actual_requests().map(request).collect()
}
