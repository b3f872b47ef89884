//! A connection to the stub: each request is recorded and answered, or meets its fault.

use std::{io, sync::Arc, time::Instant};

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
    http::{Connection, Reply},
    lock,
};

pub(super) async fn serve(inner: Arc<Inner>, mut connection: Connection) -> io::Result<()> {
    while let Some(request) = connection.read_head().await? {
        let _open = OpenRequest::begin(&inner);
        let operation = Operation::of(&request);
        let fault = lock(&inner.faults).take(operation);
        let mut received = Received {
            operation,
            at: Instant::now(),
            signed_by: None,
            body: Value::Null,
            request,
            error: None,
            fault: fault.clone(),
        };
        if fault == Some(Fault::ResetBeforeRead) {
            lock(&inner.received).push(received);
            connection.reset();
            return Ok(());
        }
        let body = connection.read_body(&received.request).await?;
        let arrived = tokio::time::Instant::now();
        received.at = arrived.into_std();
        received.body = match operation {
            Operation::AssumeRole => form_urlencoded::parse(&body)
                .map(|(name, value)| (name.into_owned(), Value::from(value)))
                .collect(),
            _ => serde_json::from_slice(&body).unwrap_or_default(),
        };
        let refused = fault.as_ref().is_some_and(Fault::is_a_refusal);
        let answer = proper_answer(&inner, &mut received, refused);
        received.error = answer.as_ref().err().map(|problem| problem.code.to_owned());
        lock(&inner.received).push(received);
        let proper = answer.unwrap_or_else(|problem| problem.reply(operation));
        let latency = lock(&inner.pool).state.latency(operation);
        // Even a moment that has passed is slept for up to a millisecond: timers count whole ones.
        if !latency.is_zero() {
            tokio::time::sleep_until(arrived + latency).await;
        }
        match fault {
            None => connection.reply(&proper).await?,
            Some(Fault::CloseAfterAnswer) => return connection.reply(&proper).await,
            Some(Fault::Slow(delay)) => {
                tokio::time::sleep_until(arrived + delay).await;
                connection.reply(&proper).await?;
            }
            Some(Fault::Trickle(total)) => {
                connection.trickle(&proper.to_bytes(), total).await?;
            }
            Some(Fault::Truncated) => {
                let bytes = proper.to_bytes();
                return connection
                    .send(&bytes[..bytes.len() - proper.body.len() / 2])
                    .await;
            }
            Some(Fault::NotHttp) => {
                let bytes = b"\x16\x03\x01 this is not HTTP\r\n\r\n";
                return connection.send(bytes).await;
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

/// The answer without a fault. Where a fault will refuse the call, nothing is carried out.
fn proper_answer(
    inner: &Inner,
    received: &mut Received,
    to_be_refused: bool,
) -> Result<Reply, ApiError> {
    let operation = received.operation;
    if operation == Operation::PublicKeys {
        return Ok(Reply::json(200, &json!({"keys": []})));
    }
    let pool = &mut *lock(&inner.pool);
    received.signed_by = access::authorize(pool, received)?;
    let input = &received.body;
    let body = match operation {
        _ if to_be_refused => json!({}),
        Operation::AssumeRole => return access::assume_role(pool, input),
        Operation::Other => return Err(ApiError::new("UnknownOperationException", "")),
        _ if input.is_null() => return Err(ApiError::new("SerializationException", "")),
        Operation::GetSecretValue => secrets::get_value(pool, input)?,
        _ => cognito::perform(pool, operation, input)?,
    };
    Ok(Reply::new(200, answer::JSON, body.to_string()))
}
