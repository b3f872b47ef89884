//! A connection to the stub: each request is recorded and answered, or meets its fault.

use std::{collections::HashMap, io, sync::Arc, time::Instant};

use serde_json::{Value, json};

use super::{
    access,
    answer::{self, ApiError},
    cognito,
    fault::Fault,
    operation::Operation,
    pool::{Inner, OpenRequest, Received},
    secrets,
};
use crate::{
    http::{Connection, Reply, Request},
    lock,
};

/// The path under which programs read the calls.
const REPORT_PATH: &str = "/requests";

pub(super) async fn serve(inner: Arc<Inner>, mut connection: Connection) -> io::Result<()> {
    while let Some(head) = connection.peek_head().await? {
        if head.method == "GET" && head.path() == REPORT_PATH {
            connection.read_request().await?;
            connection.reply(&report(&inner)).await?;
            continue;
        }
        let _open = OpenRequest::begin(&inner);
        let operation = Operation::of(&head);
        let fault = lock(&inner.faults).take(operation);
        let mut received = Received {
            operation,
            at: Instant::now(),
            signed_by: None,
            body: Value::Null,
            request: head,
            error: None,
            fault: fault.clone(),
        };
        if fault == Some(Fault::ResetBeforeRead) {
            lock(&inner.received).push(received);
            connection.reset();
            return Ok(());
        }
        let Some(request) = connection.read_request().await? else {
            return Ok(());
        };
        let arrived = tokio::time::Instant::now();
        received.at = arrived.into_std();
        received.body = body_of(operation, &request);
        let refused = fault.as_ref().is_some_and(Fault::is_a_refusal);
        let (signed_by, answer) = proper_answer(&inner, &received, &request, refused);
        received.signed_by = signed_by;
        received.error = answer.as_ref().err().map(|problem| problem.code.to_owned());
        received.request = request;
        lock(&inner.received).push(received);
        let proper = answer.unwrap_or_else(|problem| match operation {
            Operation::AssumeRole => problem.xml(),
            _ => problem.json(),
        });
        let latency = lock(&inner.latency).of(operation);
        // Even a moment that has passed is slept for up to a millisecond: timers count whole ones.
        if !latency.is_zero() {
            tokio::time::sleep_until(arrived + latency).await;
        }
        match fault {
            None => connection.reply(&proper).await?,
            Some(Fault::CloseAfterAnswer) => {
                connection.reply(&proper).await?;
                return Ok(());
            }
            Some(Fault::Slow(delay)) => {
                tokio::time::sleep_until(arrived + delay).await;
                connection.reply(&proper).await?;
            }
            Some(Fault::Trickle(total)) => connection.trickle(&proper.to_bytes(), total).await?,
            Some(Fault::Truncated) => {
                let length = proper.body.len();
                let half = Reply {
                    body: proper.body[..length / 2].to_vec(),
                    ..proper
                };
                return connection.send(&half.to_bytes_announcing(length)).await;
            }
            Some(Fault::NotHttp) => {
                return connection
                    .send(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
                    .await;
            }
            Some(Fault::ResetAfterRead | Fault::ResetBeforeRead) => {
                connection.reset();
                return Ok(());
            }
            Some(Fault::ClosedAfterRead) => return Ok(()),
            Some(Fault::NeverAnswers) => {
                connection.closed_by_peer().await;
                return Ok(());
            }
            Some(fault) => {
                let reply = fault.reply(operation).unwrap_or(proper);
                connection.reply(&reply).await?;
            }
        }
    }
    Ok(())
}

/// The JSON body; for STS an object of the form's fields.
fn body_of(operation: Operation, request: &Request) -> Value {
    match operation {
        Operation::AssumeRole => form_urlencoded::parse(&request.body)
            .map(|(name, value)| (name.into_owned(), Value::from(value)))
            .collect(),
        _ => serde_json::from_slice(&request.body).unwrap_or_default(),
    }
}

/// Who signed, and the answer without a fault. Where a fault will refuse the call, nothing is carried out.
fn proper_answer(
    inner: &Inner,
    received: &Received,
    request: &Request,
    to_be_refused: bool,
) -> (Option<String>, Result<Reply, ApiError>) {
    let operation = received.operation;
    if operation == Operation::PublicKeys {
        return (None, Ok(Reply::json(200, &json!({"keys": []}))));
    }
    let pool = &mut *lock(&inner.pool);
    let signed_by = match access::authorize(pool, received, request) {
        Ok(signed_by) => signed_by,
        Err(problem) => return (None, Err(problem)),
    };
    let answer = match operation {
        _ if to_be_refused => Ok(Reply::json(200, &json!({}))),
        Operation::AssumeRole => access::assume_role(pool, &received.body),
        Operation::Other => Err(ApiError::new("UnknownOperationException", "")),
        _ if received.body.is_null() => Err(ApiError::new("SerializationException", "")),
        Operation::GetSecretValue => {
            secrets::get_value(pool, &received.body).map(|body| answer::json_answer(&body))
        }
        _ => {
            cognito::perform(pool, operation, &received.body).map(|body| answer::json_answer(&body))
        }
    };
    (signed_by, answer)
}

/// The number of calls of each operation, for tests outside of this process.
fn report(inner: &Inner) -> Reply {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for received in lock(&inner.received).iter() {
        *counts.entry(received.operation.name()).or_default() += 1;
    }
    Reply::json(200, &json!({ "requests": counts }))
}
