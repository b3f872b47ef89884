//! A replayed AWS for tests.

use std::{sync::Arc, time::Duration};

use aws_config::Region;
use aws_credential_types::Credentials;
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::{
    client::orchestrator::{HttpRequest, HttpResponse},
    http::StatusCode,
};
use pools::{Aws, UserPool, connection};
use rules::sensitive::Sensitive;
use serde_json::{Value, json};

use super::{OperatorsPool, wait::Pace};

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

/// A pool that gives these answers, and what is sent to it.
pub(super) async fn operators_pool(
    replies: impl IntoIterator<Item = CannedReply>,
) -> (OperatorsPool, StaticReplayClient) {
    let http = answers(replies);
    let pool = UserPool::new(&aws(http.clone()).await, POOL, "eu-west-1", None);
    let pace = Arc::new(Pace::per_second(10));
    (OperatorsPool::new(pool, pace), http)
}

/// A request of the operator's to the pool, as [`sent`] shows it.
pub(super) fn asked(operation: &str, mut body: Value) -> Value {
    body["UserPoolId"] = POOL.into();
    json!([format!("{operation} cognito-idp.eu-west-1 AKIDOWN"), body])
}

/// A request of an app, as [`sent`] shows it.
pub(super) fn unsigned(operation: &str, body: Value) -> Value {
    json!([format!("{operation} cognito-idp.eu-west-1 unsigned"), body])
}

pub(super) fn ok(body: Value) -> CannedReply {
    (200, body.to_string())
}

pub(super) fn error(code: &str, message: &str) -> CannedReply {
    (400, json!({"__type": code, "message": message}).to_string())
}

pub(super) fn password() -> Sensitive {
    Sensitive::new("Made-up-1")
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
