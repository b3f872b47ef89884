//! The Lambda service, as the function and as its callers see it.
//!
//! Functions poll the Runtime API (`/2018-06-01/runtime/…`); tests invoke them in-process with [`Host::invoke`], other
//! programs through the Invoke API (`/2015-03-31/functions/{name}/invocations`, and `…/configuration` for what
//! [`Host::deploy`] was told). `GET /invocations` tells how often the function ran.

mod invocation;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use serde_json::json;
use tokio::sync::{Notify, oneshot, watch};

pub use invocation::{InvocationAnswer, InvocationOutcome, InvocationRequest};

use crate::{
    http::{Connection, Reply, Request, Server},
    lock,
};

/// The name under which the function runs.
pub const FUNCTION_NAME: &str = "user-migration";
/// The ARN that invocations carry.
pub const FUNCTION_ARN: &str = "arn:aws:lambda:eu-central-1:111122223333:function:user-migration";

const RUNTIME_API: &str = "/2018-06-01/runtime/";
const NEXT: &str = "/2018-06-01/runtime/invocation/next";
const INVOKE_API: &str = "/2015-03-31/functions/";
/// The time that an invocation waits for a process.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long after its deadline an answer is still waited for, to be told from none.
const GRACE: Duration = Duration::from_secs(1);

type Answered = oneshot::Sender<(InvocationAnswer, Instant)>;

#[derive(Debug)]
struct Pending {
    invocation: InvocationRequest,
    /// Told the request id and the time of the hand-over.
    taken: oneshot::Sender<(String, Instant)>,
    answered: Answered,
}

/// The requests of functions for the next invocation.
#[derive(Debug, Default)]
struct Polls {
    open: usize,
    /// The number of those that were given one.
    given: u64,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Mutex<VecDeque<Pending>>,
    arrived: Notify,
    running: Mutex<HashMap<String, Answered>>,
    polls: watch::Sender<Polls>,
    violations: Mutex<Vec<String>>,
    /// The environment that the function's configuration shows.
    variables: Mutex<BTreeMap<String, String>>,
}

/// A running Lambda service for one function. Clones share it; it ends with the last of them.
#[derive(Clone, Debug)]
pub struct Host {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

impl Host {
    /// Starts on a free loopback port.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(0).await
    }

    /// Starts on the given loopback port.
    pub async fn start_on(port: u16) -> io::Result<Self> {
        let inner = Arc::new(Inner::default());
        let server = Server::start(port, &inner, serve).await?;
        Ok(Self { inner, server })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`, and where the Invoke API listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Lets the function's configuration show this environment.
    pub fn deploy(&self, variables: &BTreeMap<String, String>) {
        lock(&self.inner.variables).clone_from(variables);
    }

    /// Invokes the function and waits for its answer.
    pub async fn invoke(&self, invocation: impl Into<InvocationRequest>) -> InvocationOutcome {
        invoke(&self.inner, invocation.into()).await
    }

    /// Ends once a function has asked for its first invocation.
    pub async fn ready(&self) {
        self.polled(|polls| polls.open > 0 || polls.given > 0).await;
    }

    /// Ends once that many functions wait for an invocation.
    pub async fn idle(&self, functions: usize) {
        self.polled(|polls| polls.open >= functions).await;
    }

    async fn polled(&self, is_so: impl FnMut(&Polls) -> bool) {
        let _ = self.inner.polls.subscribe().wait_for(is_so).await;
    }

    /// Breaches of the Runtime API: a second answer to an invocation, an answer to none, an unknown path.
    pub fn violations(&self) -> Vec<String> {
        lock(&self.inner.violations).clone()
    }

    /// The number of invocations that the function was given.
    pub fn invocations(&self) -> u64 {
        self.inner.polls.borrow().given
    }
}

async fn invoke(inner: &Inner, invocation: InvocationRequest) -> InvocationOutcome {
    let deadline = invocation.deadline;
    let (taken, was_taken) = oneshot::channel();
    let (answered, was_answered) = oneshot::channel();
    lock(&inner.waiting).push_back(Pending {
        invocation,
        taken,
        answered,
    });
    inner.arrived.notify_one();
    let Ok(Ok((request_id, started))) = tokio::time::timeout(PATIENCE, was_taken).await else {
        return InvocationOutcome {
            answer: InvocationAnswer::Nothing,
            duration: Duration::ZERO,
            request_id: String::new(),
        };
    };
    let (answer, duration) = match tokio::time::timeout(deadline + GRACE, was_answered).await {
        Ok(Ok((answer, at))) => (answer, at - started),
        _ => (InvocationAnswer::Nothing, started.elapsed()),
    };
    InvocationOutcome {
        answer,
        duration,
        request_id,
    }
}

async fn serve(inner: Arc<Inner>, mut connection: Connection) -> io::Result<()> {
    while let Some(head) = connection.read_head().await? {
        let body = connection.read_body(&head).await?;
        let path = head.target.as_str();
        let reply = if path == NEXT {
            match next(&inner, &mut connection).await {
                Some(reply) => reply,
                None => return Ok(()),
            }
        } else if let Some(call) = path.strip_prefix(RUNTIME_API) {
            answered(&inner, call, body).unwrap_or_else(|| violation(&inner, &head))
        } else if let Some(call) = path.strip_prefix(INVOKE_API) {
            let reply = invoke_api(&inner, call, body).await;
            reply.unwrap_or_else(|| violation(&inner, &head))
        } else if path == "/invocations" {
            let invocations = inner.polls.borrow().given;
            Reply::json(200, &json!({ "invocations": invocations }))
        } else {
            violation(&inner, &head)
        };
        connection.reply(&reply).await?;
    }
    Ok(())
}

/// An unknown call, a second answer, or one to no invocation.
fn violation(inner: &Inner, head: &Request) -> Reply {
    lock(&inner.violations).push(format!("{} {}", head.method, head.target));
    let body = json!({"errorType": "InvalidRequest", "errorMessage": "no such call"});
    Reply::json(400, &body)
}

/// The next invocation; `None` if the function has gone away before there was one.
async fn next(inner: &Inner, connection: &mut Connection) -> Option<Reply> {
    inner.polls.send_modify(|polls| polls.open += 1);
    let pending = tokio::select! {
        biased;
        () = connection.closed_by_peer() => None,
        pending = take(inner) => Some(pending),
    };
    inner.polls.send_modify(|polls| {
        polls.open -= 1;
        polls.given += u64::from(pending.is_some());
    });
    let pending = pending?;
    let id = format!(
        "8476a536-e9f4-11e8-9739-{:012x}",
        inner.polls.borrow().given
    );
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let deadline = (now.unwrap_or_default() + pending.invocation.deadline).as_millis();
    lock(&inner.running).insert(id.clone(), pending.answered);
    let reply = Reply::new(200, "application/json", pending.invocation.payload)
        .with_header("Lambda-Runtime-Aws-Request-Id", &id)
        .with_header("Lambda-Runtime-Deadline-Ms", &deadline.to_string())
        .with_header("Lambda-Runtime-Invoked-Function-Arn", FUNCTION_ARN)
        .with_header(
            "Lambda-Runtime-Trace-Id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        );
    let _ = pending.taken.send((id, Instant::now()));
    Some(reply)
}

/// The next invocation whose caller still waits.
async fn take(inner: &Inner) -> Pending {
    loop {
        let arrived = inner.arrived.notified();
        while let Some(pending) = lock(&inner.waiting).pop_front() {
            if !pending.taken.is_closed() {
                return pending;
            }
        }
        arrived.await;
    }
}

/// `invocation/{id}/response`, `invocation/{id}/error` and `init/error`.
fn answered(inner: &Inner, call: &str, body: Vec<u8>) -> Option<Reply> {
    let accepted = Reply::json(202, &json!({"status": "OK"}));
    if call == "init/error" {
        return Some(accepted);
    }
    let (id, kind) = call.strip_prefix("invocation/")?.split_once('/')?;
    let answer = match kind {
        "response" => InvocationAnswer::Response(body),
        "error" => InvocationAnswer::error(body),
        _ => return None,
    };
    let waiting = lock(&inner.running).remove(id)?;
    let _ = waiting.send((answer, Instant::now()));
    Some(accepted)
}

/// The Invoke API. A function's error is status 200 with a header, as Lambda does it.
async fn invoke_api(inner: &Inner, call: &str, body: Vec<u8>) -> Option<Reply> {
    let (name, call) = call.rsplit_once('/')?;
    // A function may be named by its ARN, and with a version behind a colon.
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    if !name.contains(FUNCTION_NAME) {
        let body = json!({"Type": "User", "Message": format!("Function not found: {name}")});
        let reply = Reply::json(404, &body);
        return Some(reply.with_header("X-Amzn-ErrorType", "ResourceNotFoundException"));
    }
    if call == "configuration" {
        let body = json!({
            "FunctionName": FUNCTION_NAME, "FunctionArn": FUNCTION_ARN,
            "Environment": {"Variables": &*lock(&inner.variables)},
        });
        return Some(Reply::json(200, &body));
    } else if call != "invocations" {
        return None;
    }
    let outcome = invoke(inner, InvocationRequest::new(body)).await;
    let id = &outcome.request_id;
    let (body, is_error) = match outcome.answer {
        InvocationAnswer::Response(body) => (body, false),
        InvocationAnswer::Error { body, .. } => (body, true),
        InvocationAnswer::Nothing => {
            let error = json!({"errorMessage": format!("{id} Task timed out")});
            (error.to_string().into_bytes(), true)
        }
    };
    let reply = Reply::new(200, "application/json", body).with_header("X-Amzn-RequestId", id);
    Some(match is_error {
        true => reply.with_header("X-Amz-Function-Error", "Unhandled"),
        false => reply,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::client::{exchange, header};

    #[tokio::test]
    async fn an_invocation_is_answered_once_and_any_other_call_is_a_violation() {
        let host = Host::start().await.unwrap();
        let call = async |line: &str| exchange(host.address(), line, &[], "{}").await;
        let function = async {
            let handed = call(&format!("GET {NEXT}")).await;
            let id = header(&handed, "Lambda-Runtime-Aws-Request-Id").unwrap();
            let answer = format!("POST {RUNTIME_API}invocation/{id}/response");
            assert!(call(&answer).await.starts_with("HTTP/1.1 202"));
            answer
        };
        let (outcome, answer) = tokio::join!(host.invoke(InvocationRequest::new("{}")), function);
        assert_eq!(outcome.answer, InvocationAnswer::Response(b"{}".to_vec()));
        assert_eq!(host.violations(), Vec::<String>::new());
        let unknown = format!("POST {RUNTIME_API}invocation/1/unknown");
        for violation in [answer, unknown] {
            assert!(call(&violation).await.starts_with("HTTP/1.1 400"));
            assert_eq!(host.violations().last(), Some(&violation));
        }
    }
}
