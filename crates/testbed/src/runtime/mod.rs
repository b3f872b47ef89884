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
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
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
const INVOKE_API: &str = "/2015-03-31/functions/";
/// The time that an invocation waits for a process.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long after its deadline an answer is still waited for, to be told from none.
const GRACE: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Pending {
    id: String,
    invocation: InvocationRequest,
    taken: oneshot::Sender<Instant>,
    answered: oneshot::Sender<(InvocationAnswer, Instant)>,
}

#[derive(Debug, Default)]
struct Counts {
    invocations: u64,
    responses: u64,
    errors: u64,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Mutex<VecDeque<Pending>>,
    arrived: Notify,
    running: Mutex<HashMap<String, oneshot::Sender<(InvocationAnswer, Instant)>>>,
    /// The number of open requests for the next invocation.
    pollers: watch::Sender<usize>,
    /// The number of all such requests.
    polls: watch::Sender<usize>,
    violations: Mutex<Vec<String>>,
    counts: Mutex<Counts>,
    invoked: AtomicU64,
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
        let serving = Arc::clone(&inner);
        let server = Server::start(port, move |connection| {
            serve(Arc::clone(&serving), connection)
        })
        .await?;
        Ok(Self {
            inner,
            server: Arc::new(server),
        })
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
        let _ = self
            .inner
            .polls
            .subscribe()
            .wait_for(|polls| *polls > 0)
            .await;
    }

    /// Ends once that many functions wait for an invocation.
    pub async fn idle(&self, functions: usize) {
        let _ = self
            .inner
            .pollers
            .subscribe()
            .wait_for(|pollers| *pollers >= functions)
            .await;
    }

    /// Breaches of the Runtime API: a second answer to an invocation, an answer to none, an unknown path.
    pub fn violations(&self) -> Vec<String> {
        lock(&self.inner.violations).clone()
    }

    /// The number of invocations that the function was given.
    pub fn invocations(&self) -> u64 {
        lock(&self.inner.counts).invocations
    }
}

async fn invoke(inner: &Inner, invocation: InvocationRequest) -> InvocationOutcome {
    let number = inner.invoked.fetch_add(1, Ordering::Relaxed) + 1;
    let request_id = format!("8476a536-e9f4-11e8-9739-{number:012x}");
    let deadline = invocation.deadline;
    let (taken, was_taken) = oneshot::channel();
    let (answered, was_answered) = oneshot::channel();
    lock(&inner.waiting).push_back(Pending {
        id: request_id.clone(),
        invocation,
        taken,
        answered,
    });
    inner.arrived.notify_one();
    let nothing = |duration| InvocationOutcome {
        answer: InvocationAnswer::Nothing,
        duration,
        request_id: request_id.clone(),
    };
    let Ok(Ok(started)) = tokio::time::timeout(PATIENCE, was_taken).await else {
        lock(&inner.waiting).retain(|pending| pending.id != request_id);
        return nothing(Duration::ZERO);
    };
    match tokio::time::timeout(deadline + GRACE, was_answered).await {
        Ok(Ok((answer, at))) => InvocationOutcome {
            answer,
            duration: at.duration_since(started),
            request_id,
        },
        _ => nothing(started.elapsed()),
    }
}

async fn serve(inner: Arc<Inner>, mut connection: Connection) -> io::Result<()> {
    while let Some(request) = connection.read_request().await? {
        let path = request.path().to_owned();
        let reply = if let Some(call) = path.strip_prefix(RUNTIME_API) {
            if call == "invocation/next" {
                match next(&inner, &mut connection).await {
                    Some(reply) => reply,
                    None => return Ok(()),
                }
            } else {
                answered(&inner, call, request)
            }
        } else if let Some(call) = path.strip_prefix(INVOKE_API) {
            invoke_api(&inner, call, request).await
        } else if path == "/invocations" {
            let counts = lock(&inner.counts);
            let body = json!({
                "invocations": counts.invocations, "responses": counts.responses, "errors": counts.errors,
            });
            Reply::json(200, &body)
        } else {
            violation(&inner, format!("{} {path}", request.method))
        };
        connection.reply(&reply).await?;
    }
    Ok(())
}

fn violation(inner: &Inner, what: String) -> Reply {
    lock(&inner.violations).push(what);
    Reply::json(
        400,
        &json!({"errorType": "InvalidRequest", "errorMessage": "no such call"}),
    )
}

/// Counts an open request for the next invocation, however it ends.
struct Polling<'a>(&'a Inner);

impl<'a> Polling<'a> {
    fn begin(inner: &'a Inner) -> Self {
        inner.polls.send_modify(|polls| *polls += 1);
        inner.pollers.send_modify(|pollers| *pollers += 1);
        Self(inner)
    }
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.pollers.send_modify(|pollers| *pollers -= 1);
    }
}

/// The next invocation; `None` if the function has gone away before there was one.
async fn next(inner: &Inner, connection: &mut Connection) -> Option<Reply> {
    let pending = {
        let _polling = Polling::begin(inner);
        tokio::select! {
            biased;
            () = connection.closed_by_peer() => return None,
            pending = take(inner) => pending,
        }
    };
    let deadline = SystemTime::now() + pending.invocation.deadline;
    let deadline = deadline
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    lock(&inner.counts).invocations += 1;
    lock(&inner.running).insert(pending.id.clone(), pending.answered);
    let reply = Reply::new(200, "application/json", pending.invocation.payload)
        .with_header("Lambda-Runtime-Aws-Request-Id", &pending.id)
        .with_header("Lambda-Runtime-Deadline-Ms", &deadline.to_string())
        .with_header("Lambda-Runtime-Invoked-Function-Arn", FUNCTION_ARN)
        .with_header(
            "Lambda-Runtime-Trace-Id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        );
    let _ = pending.taken.send(Instant::now());
    Some(reply)
}

async fn take(inner: &Inner) -> Pending {
    loop {
        let arrived = inner.arrived.notified();
        if let Some(pending) = lock(&inner.waiting).pop_front() {
            return pending;
        }
        arrived.await;
    }
}

/// `invocation/{id}/response`, `invocation/{id}/error` and `init/error`.
fn answered(inner: &Inner, call: &str, request: Request) -> Reply {
    let accepted = Reply::json(202, &json!({"status": "OK"}));
    if call == "init/error" {
        return accepted;
    }
    let Some((id, kind)) = call
        .strip_prefix("invocation/")
        .and_then(|rest| rest.split_once('/'))
    else {
        return violation(inner, format!("{} {call}", request.method));
    };
    let answer = match kind {
        "response" => InvocationAnswer::Response(request.body),
        "error" => InvocationAnswer::error(request.body),
        _ => return violation(inner, format!("{} {call}", request.method)),
    };
    let Some(waiting) = lock(&inner.running).remove(id) else {
        return violation(
            inner,
            format!("a second answer, or one to no invocation: {call}"),
        );
    };
    {
        let mut counts = lock(&inner.counts);
        match answer {
            InvocationAnswer::Response(_) => counts.responses += 1,
            _ => counts.errors += 1,
        }
    }
    let _ = waiting.send((answer, Instant::now()));
    accepted
}

/// The Invoke API. A function's error is status 200 with a header, as Lambda does it.
async fn invoke_api(inner: &Inner, call: &str, request: Request) -> Reply {
    let asks_for = |what: &str| {
        call.strip_suffix(what)
            .and_then(|call| call.strip_suffix('/'))
    };
    let configuration = asks_for("configuration");
    let Some(name) = configuration.or_else(|| asks_for("invocations")) else {
        return violation(inner, format!("{} {INVOKE_API}{call}", request.method));
    };
    // A function may be named by its ARN, and with a version behind a colon.
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    if !name.contains(FUNCTION_NAME) {
        let body = json!({"Type": "User", "Message": format!("Function not found: {name}")});
        return Reply::json(404, &body)
            .with_header("X-Amzn-ErrorType", "ResourceNotFoundException");
    }
    if configuration.is_some() {
        let variables = &*lock(&inner.variables);
        let body = json!({
            "FunctionName": FUNCTION_NAME, "FunctionArn": FUNCTION_ARN,
            "Environment": {"Variables": variables},
        });
        return Reply::json(200, &body);
    }
    let outcome = invoke(inner, InvocationRequest::new(request.body)).await;
    let (body, error) = match outcome.answer {
        InvocationAnswer::Response(body) => (body, false),
        InvocationAnswer::Error { body, .. } => (body, true),
        InvocationAnswer::Nothing => {
            let message = format!("{} Task timed out", outcome.request_id);
            (
                json!({"errorMessage": message}).to_string().into_bytes(),
                true,
            )
        }
    };
    let reply = Reply::new(200, "application/json", body)
        .with_header("X-Amzn-RequestId", &outcome.request_id)
        .with_header("X-Amz-Executed-Version", "$LATEST");
    if error {
        reply.with_header("X-Amz-Function-Error", "Unhandled")
    } else {
        reply
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::http::exchange;

    async fn call(host: &Host, method: &str, target: &str, body: &str) -> Reply {
        exchange(
            host.address(),
            &Request::new(method, target).with_body(body),
        )
        .await
        .expect("an answer")
    }

    async fn next(host: &Host) -> Reply {
        call(host, "GET", "/2018-06-01/runtime/invocation/next", "").await
    }

    fn id(reply: &Reply) -> String {
        reply
            .header("Lambda-Runtime-Aws-Request-Id")
            .expect("an id")
            .to_owned()
    }

    /// A function that answers each of `answers` in turn.
    fn function(host: &Host, answers: &'static [(&'static str, &'static str)]) {
        let host = host.clone();
        tokio::spawn(async move {
            for (kind, body) in answers {
                let id = id(&next(&host).await);
                call(
                    &host,
                    "POST",
                    &format!("/2018-06-01/runtime/invocation/{id}/{kind}"),
                    body,
                )
                .await;
            }
        });
    }

    #[tokio::test]
    async fn an_invocation_is_handed_over_with_its_headers_and_answered() {
        let host = Host::start().await.unwrap();
        let invoking = tokio::spawn({
            let host = host.clone();
            async move { host.invoke(InvocationRequest::new("{\"a\":1}")).await }
        });
        let handed = next(&host).await;
        assert_eq!(handed.body, b"{\"a\":1}");
        assert_eq!(
            handed.header("Lambda-Runtime-Invoked-Function-Arn"),
            Some(FUNCTION_ARN)
        );
        let deadline: u128 = handed
            .header("Lambda-Runtime-Deadline-Ms")
            .unwrap()
            .parse()
            .unwrap();
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_millis();
        assert!((now + 50_000..=now + 60_000).contains(&deadline));
        let path = format!("/2018-06-01/runtime/invocation/{}/response", id(&handed));
        assert_eq!(call(&host, "POST", &path, "{}").await.status, 202);
        let outcome = invoking.await.unwrap();
        assert_eq!(outcome.answer, InvocationAnswer::Response(b"{}".to_vec()));
        assert_eq!(outcome.request_id, id(&handed));
        assert_eq!(host.violations(), Vec::<String>::new());
        assert_eq!(call(&host, "POST", &path, "{}").await.status, 400);
        assert_eq!(host.violations().len(), 1, "a second answer is told");
    }

    #[tokio::test]
    async fn an_error_is_taken_apart() {
        let host = Host::start().await.unwrap();
        function(
            &host,
            &[("error", r#"{"errorType":"Rejected","errorMessage":"no"}"#)],
        );
        let outcome = host.invoke(InvocationRequest::new("{}")).await;
        assert_eq!(outcome.error_type(), "Rejected");
    }

    #[tokio::test]
    async fn no_answer_is_an_answer_too() {
        let host = Host::start().await.unwrap();
        let polling = tokio::spawn({
            let host = host.clone();
            async move { next(&host).await }
        });
        let invocation = InvocationRequest::new("{}").with_deadline(Duration::from_millis(1));
        assert_eq!(
            host.invoke(invocation).await.answer,
            InvocationAnswer::Nothing
        );
        polling.await.unwrap();
    }

    #[tokio::test]
    async fn an_invocation_is_not_given_to_a_function_that_has_gone() {
        let host = Host::start().await.unwrap();
        let gone = tokio::spawn({
            let host = host.clone();
            async move { next(&host).await }
        });
        host.idle(1).await;
        gone.abort();
        let _ = gone.await;
        function(&host, &[("response", "1")]);
        let outcome = host.invoke(InvocationRequest::new("{}")).await;
        assert_eq!(outcome.answer, InvocationAnswer::Response(b"1".to_vec()));
    }

    #[tokio::test]
    async fn the_invoke_api_answers_as_lambda_does() {
        let host = Host::start().await.unwrap();
        function(
            &host,
            &[
                ("response", "{\"ok\":true}"),
                ("error", r#"{"errorType":"E","errorMessage":"m"}"#),
            ],
        );
        let target = "/2015-03-31/functions/user-migration/invocations";
        let good = call(&host, "POST", target, "{}").await;
        assert_eq!(
            (good.status, good.body.as_slice()),
            (200, b"{\"ok\":true}".as_slice())
        );
        assert_eq!(good.header("X-Amz-Function-Error"), None);
        let bad = call(&host, "POST", target, "{}").await;
        assert_eq!(bad.status, 200);
        assert_eq!(bad.header("X-Amz-Function-Error"), Some("Unhandled"));
        assert_eq!(bad.body, br#"{"errorType":"E","errorMessage":"m"}"#);
        let unknown = call(
            &host,
            "POST",
            "/2015-03-31/functions/other/invocations",
            "{}",
        )
        .await;
        assert_eq!(unknown.status, 404);
        let counts: Value =
            serde_json::from_slice(&call(&host, "GET", "/invocations", "").await.body).unwrap();
        assert_eq!(
            counts,
            json!({"invocations": 2, "responses": 1, "errors": 1})
        );
    }
}
