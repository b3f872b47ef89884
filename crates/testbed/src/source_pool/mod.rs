//! A source user pool and its account's STS on one loopback port, over plain HTTP.
//!
//! It answers as Amazon Cognito does (codes, texts, challenges), checks what the real one checks (flows, SECRET_HASH,
//! Signature Version 4, session tokens, external ids), remembers every request, and fails on demand.
//!
//! A further operation needs a name in [`Operation`] and an arm in `cognito::perform`.

mod access;
mod answer;
mod cognito;
mod fault;
mod state;

use std::{
    collections::HashMap,
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub use fault::{Fault, Target, Times};
pub use state::{
    ACCESS_KEY_ID, CLIENT_ID, Client, Credentials, NeighbourPool, POOL_ID, Role, SECRET_ACCESS_KEY,
    SESSION_TOKEN, State, User,
};

use crate::http::{Connection, Reply, Request, Server, form_pairs};
use answer::Problem;
use fault::Faults;

const TARGET_PREFIX: &str = "AWSCognitoIdentityProviderService.";
const KEYS_PATH: &str = "/.well-known/jwks.json";
/// Where programs ask what was called.
const REPORT_PATH: &str = "/requests";

/// The calls that the stub knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// The public sign-in.
    InitiateAuth,
    /// The sign-in of the admin flow.
    AdminInitiateAuth,
    /// A user's own profile, read with the access token.
    GetUser,
    /// A user's profile.
    AdminGetUser,
    /// The users whose attribute has a value.
    ListUsers,
    /// The groups of a user.
    AdminListGroupsForUser,
    /// Makes a user a member of a group.
    AdminAddUserToGroup,
    /// Sets attributes of a user.
    AdminUpdateUserAttributes,
    /// Disables a user.
    AdminDisableUser,
    /// Deletes a user.
    AdminDeleteUser,
    /// The groups of a pool.
    ListGroups,
    /// What a pool says of itself.
    DescribeUserPool,
    /// What a pool says of an app client.
    DescribeUserPoolClient,
    /// The ids and names of a pool's app clients.
    ListUserPoolClients,
    /// STS: credentials of a role.
    AssumeRole,
    /// The pool's public signing keys, which anybody may read.
    PublicKeys,
    /// Anything else; it is answered with an error.
    Other,
}

impl Operation {
    /// All calls that a migration can make.
    pub const ALL: [Self; 5] = [
        Self::InitiateAuth,
        Self::AdminInitiateAuth,
        Self::GetUser,
        Self::AdminGetUser,
        Self::AssumeRole,
    ];

    /// The calls that a migration makes only where it is told to.
    pub const OPTIONAL: [Self; 7] = [
        Self::ListUsers,
        Self::AdminListGroupsForUser,
        Self::AdminAddUserToGroup,
        Self::AdminUpdateUserAttributes,
        Self::AdminDisableUser,
        Self::AdminDeleteUser,
        Self::ListGroups,
    ];

    /// The calls by which pools describe themselves.
    pub const DESCRIBING: [Self; 3] = [
        Self::DescribeUserPool,
        Self::DescribeUserPoolClient,
        Self::ListUserPoolClients,
    ];

    /// Told from the head alone: Cognito is addressed by a header, STS by the lack of one.
    fn of(head: &Request) -> Self {
        if head.method == "GET" && head.path().ends_with(KEYS_PATH) {
            return Self::PublicKeys;
        }
        if head.method != "POST" {
            return Self::Other;
        }
        let Some(target) = head.header("x-amz-target") else {
            return Self::AssumeRole;
        };
        let name = target.strip_prefix(TARGET_PREFIX);
        Self::ALL
            .into_iter()
            .chain(Self::OPTIONAL)
            .chain(Self::DESCRIBING)
            .find(|operation| *operation != Self::AssumeRole && name == Some(operation.name()))
            .unwrap_or(Self::Other)
    }

    /// The name in the service's API.
    pub fn name(self) -> &'static str {
        match self {
            Self::InitiateAuth => "InitiateAuth",
            Self::AdminInitiateAuth => "AdminInitiateAuth",
            Self::GetUser => "GetUser",
            Self::AdminGetUser => "AdminGetUser",
            Self::ListUsers => "ListUsers",
            Self::AdminListGroupsForUser => "AdminListGroupsForUser",
            Self::AdminAddUserToGroup => "AdminAddUserToGroup",
            Self::AdminUpdateUserAttributes => "AdminUpdateUserAttributes",
            Self::AdminDisableUser => "AdminDisableUser",
            Self::AdminDeleteUser => "AdminDeleteUser",
            Self::ListGroups => "ListGroups",
            Self::DescribeUserPool => "DescribeUserPool",
            Self::DescribeUserPoolClient => "DescribeUserPoolClient",
            Self::ListUserPoolClients => "ListUserPoolClients",
            Self::AssumeRole => "AssumeRole",
            Self::PublicKeys => "PublicKeys",
            Self::Other => "Other",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A request as the stub received it.
#[derive(Clone, Debug)]
pub struct Received {
    /// What was asked for.
    pub operation: Operation,
    /// When it had arrived completely, or up to its head if it was reset before it was read.
    pub at: Instant,
    /// On which of the stub's connections; the first is 1.
    pub connection: u64,
    /// The access key id of a signature that holds.
    pub signed_by: Option<String>,
    /// The JSON body; for STS an object of the form's fields.
    pub body: Value,
    /// The request itself.
    pub request: Request,
    /// The code of the error with which it was refused, if it was, before any fault.
    pub error: Option<String>,
    /// The fault that it met.
    pub fault: Option<Fault>,
}

/// What the operations work on.
#[derive(Debug)]
struct Pool {
    state: State,
    /// Access token → username and client id.
    sessions: HashMap<String, (String, String)>,
    credentials: Vec<access::Issued>,
    secrets: Vec<String>,
    seed: u64,
    issued: u64,
}

#[derive(Debug)]
struct Inner {
    pool: Mutex<Pool>,
    faults: Mutex<Faults>,
    received: Mutex<Vec<Received>>,
    latency: Mutex<Latency>,
}

#[derive(Debug, Default)]
struct Latency {
    of_all: Duration,
    of_one: HashMap<Operation, Duration>,
}

/// A running source pool. Clones share it; it ends with the last of them.
#[derive(Clone, Debug)]
pub struct SourcePool {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

static POOLS: AtomicU64 = AtomicU64::new(0);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl SourcePool {
    /// Starts on a free loopback port.
    pub async fn start(state: State) -> io::Result<Self> {
        Self::start_on(0, state).await
    }

    /// Starts on the given loopback port.
    pub async fn start_on(port: u16, state: State) -> io::Result<Self> {
        let inner = Arc::new(Inner {
            latency: Mutex::new(Latency {
                of_all: Duration::from_millis(state.latency_ms),
                ..Latency::default()
            }),
            pool: Mutex::new(Pool {
                state,
                sessions: HashMap::new(),
                credentials: Vec::new(),
                secrets: Vec::new(),
                seed: POOLS.fetch_add(1, Ordering::Relaxed)
                    + u64::from(std::process::id()) * 1_000_000,
                issued: 0,
            }),
            faults: Mutex::default(),
            received: Mutex::default(),
        });
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

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The listening socket, its connections and their number.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Changes users, clients, roles or credentials from the next call on.
    pub fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.inner.pool).state);
    }

    /// A copy of a user.
    pub fn user(&self, name: &str) -> Option<User> {
        lock(&self.inner.pool).state.find_user(name).cloned()
    }

    /// A copy of a user of a neighbouring pool.
    pub fn neighbours_user(&self, pool_id: &str, name: &str) -> Option<User> {
        let pool = lock(&self.inner.pool);
        let neighbours = &pool.state.neighbours;
        let neighbour = neighbours.iter().find(|pool| pool.pool_id == pool_id)?;
        let mut users = neighbour.users.iter();
        users.find(|user| user.username == name).cloned()
    }

    /// Lets calls fail.
    pub fn fail(&self, target: impl Into<Target>, fault: Fault, times: Times) {
        lock(&self.inner.faults).add(target.into(), fault, times);
    }

    /// Answers the next call of that operation with this body in the service's JSON, whatever is asked.
    pub fn answer_once(&self, operation: Operation, body: &Value) {
        self.fail(operation, Fault::json(200, &body.to_string()), Times::ONCE);
    }

    /// Lets every call succeed again; what is already failing goes on to.
    pub fn recover(&self) {
        lock(&self.inner.faults).clear();
    }

    /// How many injected faults have not been used up.
    pub fn waiting_faults(&self) -> usize {
        lock(&self.inner.faults).waiting()
    }

    /// Sets how long every call takes.
    pub fn set_latency(&self, latency: Duration) {
        lock(&self.inner.latency).of_all = latency;
    }

    /// Sets how long the calls of one operation take.
    pub fn set_latency_of(&self, operation: Operation, latency: Duration) {
        lock(&self.inner.latency).of_one.insert(operation, latency);
    }

    /// Ends every session that AssumeRole has given out, before its time.
    pub fn expire_credentials(&self) {
        lock(&self.inner.pool).expire_credentials();
    }

    /// Every request since the start, or since [`SourcePool::forget`].
    pub fn received(&self) -> Vec<Received> {
        lock(&self.inner.received).clone()
    }

    /// The requests of one operation.
    pub fn received_of(&self, operation: Operation) -> Vec<Received> {
        let mut received = self.received();
        received.retain(|request| request.operation == operation);
        received
    }

    /// How often an operation was called.
    pub fn count(&self, operation: Operation) -> usize {
        lock(&self.inner.received)
            .iter()
            .filter(|request| request.operation == operation)
            .count()
    }

    /// Forgets what was received, so that long runs stay small and counts start anew.
    pub fn forget(&self) {
        lock(&self.inner.received).clear();
    }

    /// Waits until nothing has arrived for `quiet`, at most two seconds: the function's warm-up is over then.
    pub async fn settled(&self, quiet: Duration) {
        let end = Instant::now() + Duration::from_secs(2);
        let started = Instant::now();
        while Instant::now() < end {
            let last = lock(&self.inner.received)
                .last()
                .map_or(started, |last| last.at.max(started));
            if last.elapsed() >= quiet {
                return;
            }
            tokio::time::sleep(
                quiet
                    .saturating_sub(last.elapsed())
                    .max(Duration::from_millis(1)),
            )
            .await;
        }
    }

    /// Everything secret or personal that the pool holds, has given out or has been sent.
    /// None of it may ever stand in a log. Texts of fewer than four characters are left out: they prove nothing.
    pub fn confidential(&self) -> Vec<String> {
        let pool = lock(&self.inner.pool);
        let state = &pool.state;
        let mut texts = pool.secrets.clone();
        let neighbours = state.neighbours.iter().flat_map(|pool| &pool.users);
        for user in state.users.iter().chain(neighbours) {
            texts.push(user.username.clone());
            texts.extend(user.password.clone());
            let personal = [
                "email",
                "phone_number",
                "name",
                "given_name",
                "family_name",
                "address",
                "preferred_username",
            ];
            texts.extend(
                personal
                    .iter()
                    .filter_map(|name| user.attributes.get(*name).cloned()),
            );
        }
        texts.extend(
            state
                .clients
                .iter()
                .chain(state.neighbours.iter().flat_map(|pool| &pool.clients))
                .filter_map(|client| client.secret.clone()),
        );
        for key in &state.credentials {
            texts.push(key.secret_access_key.clone());
            texts.extend(key.session_token.clone());
        }
        texts.extend(
            state
                .roles
                .iter()
                .filter_map(|role| role.external_id.clone()),
        );
        for request in lock(&self.inner.received).iter() {
            let parameters = &request.body["AuthParameters"];
            for name in ["USERNAME", "PASSWORD", "SECRET_HASH"] {
                texts.extend(parameters[name].as_str().map(str::to_owned));
            }
            texts.extend(request.body["Username"].as_str().map(str::to_owned));
            texts.extend(request.body["Filter"].as_str().map(str::to_owned));
        }
        texts.retain(|text| text.chars().count() >= 4);
        texts.sort();
        texts.dedup();
        texts
    }
}

/// SECRET_HASH, for tests that look for it.
pub fn secret_hash(secret: &str, username: &str, client_id: &str) -> String {
    cognito::secret_hash(secret, username, client_id)
}

async fn serve(inner: Arc<Inner>, mut connection: Connection) -> io::Result<()> {
    while let Some(head) = connection.peek_head().await? {
        if head.method == "GET" && head.path() == REPORT_PATH {
            connection.read_request().await?;
            connection.reply(&report(&inner)).await?;
            continue;
        }
        let operation = Operation::of(&head);
        let fault = lock(&inner.faults).take(operation);
        if fault == Some(Fault::ResetBeforeRead) {
            record(
                &inner,
                &connection,
                operation,
                head,
                Outcome::default(),
                fault,
            );
            connection.reset();
            return Ok(());
        }
        let Some(request) = connection.read_request().await? else {
            return Ok(());
        };
        let arrived = tokio::time::Instant::now();
        let refused = fault.as_ref().is_some_and(Fault::is_a_refusal);
        let (proper, outcome) = proper_answer(&inner, operation, &request, refused);
        record(
            &inner,
            &connection,
            operation,
            request,
            outcome,
            fault.clone(),
        );
        let latency = latency_of(&inner, operation);
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

/// Who signed, and why the request was refused.
#[derive(Default)]
struct Outcome {
    signed_by: Option<String>,
    error: Option<String>,
}

/// The answer without a fault. Where a fault will refuse the call, nothing is carried out.
fn proper_answer(
    inner: &Inner,
    operation: Operation,
    request: &Request,
    to_be_refused: bool,
) -> (Reply, Outcome) {
    if operation == Operation::PublicKeys {
        return (Reply::json(200, &json!({"keys": []})), Outcome::default());
    }
    let pool = &mut *lock(&inner.pool);
    let refused = |signed_by, problem: Problem| {
        let error = Some(problem.code.to_owned());
        (refusal(operation, &problem), Outcome { signed_by, error })
    };
    let signed_by = match access::authorize(pool, operation, request) {
        Ok(signed_by) => signed_by,
        Err(problem) => return refused(None, problem),
    };
    if to_be_refused {
        let outcome = Outcome {
            signed_by,
            error: None,
        };
        return (Reply::json(200, &json!({})), outcome);
    }
    let answer = match operation {
        Operation::AssumeRole => access::assume_role(pool, request),
        Operation::Other => Err(Problem::new("UnknownOperationException", "")),
        _ => match serde_json::from_slice::<Value>(&request.body) {
            Ok(input) => {
                cognito::perform(pool, operation, &input).map(|body| answer::json_answer(&body))
            }
            Err(_) => Err(Problem::new("SerializationException", "")),
        },
    };
    match answer {
        Ok(reply) => (
            reply,
            Outcome {
                signed_by,
                error: None,
            },
        ),
        Err(problem) => refused(signed_by, problem),
    }
}

fn refusal(operation: Operation, problem: &Problem) -> Reply {
    if operation == Operation::AssumeRole {
        problem.xml()
    } else {
        problem.json()
    }
}

fn record(
    inner: &Inner,
    connection: &Connection,
    operation: Operation,
    request: Request,
    outcome: Outcome,
    fault: Option<Fault>,
) {
    let body = match operation {
        Operation::AssumeRole => form_pairs(&String::from_utf8_lossy(&request.body))
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => serde_json::from_slice(&request.body).unwrap_or_default(),
    };
    lock(&inner.received).push(Received {
        operation,
        at: Instant::now(),
        connection: connection.number(),
        signed_by: outcome.signed_by,
        body,
        request,
        error: outcome.error,
        fault,
    });
}

fn latency_of(inner: &Inner, operation: Operation) -> Duration {
    let latency = lock(&inner.latency);
    latency
        .of_one
        .get(&operation)
        .copied()
        .unwrap_or(latency.of_all)
}

/// How often each operation was called, for tests that are not in this process.
fn report(inner: &Inner) -> Reply {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for received in lock(&inner.received).iter() {
        *counts.entry(received.operation.name()).or_default() += 1;
    }
    Reply::json(200, &json!({ "requests": counts }))
}

#[cfg(test)]
mod tests;
