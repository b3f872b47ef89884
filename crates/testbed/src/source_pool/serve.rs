//! A connection to the stub: each request is recorded and answered, or meets its fault.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use serde_json::{Value, json};

use super::{
    access,
    answer::{self, ApiError},
    cognito,
    fault::Fault,
    operation::Operation,
    pool::{Inner, Received},
};
use crate::{
    http::{Connection, Reply},
    lock,
};

pub(super) async fn serve(inner: Arc<Inner>, mut connection: Connection) -> io::Result<()> {
    while let Some(request) = connection.read_head().await? {
        let _open = Arc::clone(&inner.open);
        inner.arrived.fetch_add(1, Ordering::SeqCst);
        let operation = Operation::of(&request);
        let fault = lock(&inner.faults).take(operation);
        let mut received = Received {
            operation,
            at: Instant::now(),
            signed_by: None,
            body: Value::Null,
            request,
            error: None,
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
        let faulty = fault.as_ref().and_then(|fault| fault.reply(operation));
        let proper = || answer.unwrap_or_else(|problem| problem.reply(operation));
        let reply = faulty.unwrap_or_else(proper);
        let latency = match fault {
            Some(Fault::Slow(latency)) => latency,
            _ => lock(&inner.pool).state.latency(operation),
        };
        // Even a moment that has passed is slept for up to a millisecond: timers count whole ones.
        if !latency.is_zero() {
            tokio::time::sleep_until(arrived + latency).await;
        }
        match fault {
            Some(Fault::CloseAfterAnswer) => return connection.reply(&reply).await,
            Some(Fault::Trickle(total)) => connection.trickle(&reply.to_bytes(), total).await?,
            Some(Fault::Truncated) => {
                let bytes = reply.to_bytes();
                let half = &bytes[..bytes.len() - reply.body.len() / 2];
                return connection.send(half).await;
            }
            Some(Fault::NotHttp) => return connection.send(b"\x16\x03\x01 no HTTP\r\n\r\n").await,
            Some(Fault::ResetAfterRead) => {
                connection.reset();
                return Ok(());
            }
            Some(Fault::ClosedAfterRead) => return Ok(()),
            Some(Fault::NeverAnswers) => {
                connection.closed_by_peer().await;
                return Ok(());
            }
            _ => connection.reply(&reply).await?,
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
        Operation::GetSecretValue => access::get_secret(pool, input)?,
        _ => cognito::perform(pool, operation, input)?,
    };
    Ok(Reply::new(200, answer::JSON, body.to_string()))
}
