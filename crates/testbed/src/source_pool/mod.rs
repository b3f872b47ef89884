//! A source user pool, its account's STS, and Secrets Manager, on one loopback port over plain HTTP.
//!
//! It answers as Amazon Cognito does (codes, texts, challenges), checks what the real one checks (flows, SECRET_HASH, who
//! has signed, session tokens, external ids), remembers every request, and fails on demand.
//!
//! A further operation needs a name in [`Operation`] and an arm in `cognito::perform`.

mod access;
mod answer;
mod cognito;
mod fault;
mod operation;
mod pool;
mod serve;
mod state;

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::Value;

pub use fault::{Fault, Target, Times};
pub use operation::Operation;
pub use pool::Received;
pub use state::{
    ACCESS_KEY_ID, CLIENT_ID, Client, Credentials, POOL_ID, SECRET_ACCESS_KEY, SESSION_TOKEN,
    State, StubRole, User,
};

use crate::{http::Server, lock};
use pool::Inner;

/// A running source pool. Clones share it; it ends with the last of them.
#[derive(Clone, Debug)]
pub struct SourcePoolStub {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

/// Longer than any answer of the tests takes: callers that are at work after this are at work for ever.
const SETTLING_LIMIT: Duration = Duration::from_secs(60);

impl SourcePoolStub {
    /// Starts on a free loopback port.
    pub async fn start(state: State) -> io::Result<Self> {
        let inner = Arc::<Inner>::default();
        lock(&inner.pool).state = state;
        let server = Server::start(0, &inner, serve::serve).await?;
        Ok(Self { inner, server })
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
        let pool = lock(&self.inner.pool);
        named(&pool.state.users, name)
    }

    /// A copy of a user of a neighbouring pool.
    pub fn neighbours_user(&self, pool_id: &str, name: &str) -> Option<User> {
        let pool = lock(&self.inner.pool);
        let neighbours = &pool.state.neighbours;
        let neighbour = neighbours.iter().find(|pool| pool.pool_id == pool_id)?;
        named(&neighbour.users, name)
    }

    /// Lets calls fail.
    pub fn fail(&self, target: impl Into<Target>, fault: Fault, times: Times) {
        let mut faults = lock(&self.inner.faults);
        faults.0.push((target.into(), fault, times));
    }

    /// Answers the next call of that operation with this body in the service's JSON, whatever is asked.
    pub fn answer_once(&self, operation: Operation, body: &Value) {
        self.fail(operation, Fault::json(200, &body.to_string()), Times::ONCE);
    }

    /// As [`SourcePoolStub::answer_once`], until the pool recovers.
    pub fn always_answer(&self, operation: Operation, body: &Value) {
        let fault = Fault::json(200, &body.to_string());
        self.fail(operation, fault, Times::Forever);
    }

    /// Lets every call succeed again; what is already failing goes on to.
    pub fn recover(&self) {
        lock(&self.inner.faults).0.clear();
    }

    /// Sets how long every call takes.
    pub fn set_latency(&self, latency: Duration) {
        let latency = u64::try_from(latency.as_millis()).expect("a short time");
        self.change(|state| state.latency_ms = latency);
    }

    /// Sets how long the calls of one operation take.
    pub fn set_latency_of(&self, operation: Operation, latency: Duration) {
        self.change(|state| {
            state.latency_of.insert(operation, latency);
        });
    }

    /// Every request since the start, or since [`SourcePoolStub::forget`].
    pub fn received(&self) -> Vec<Received> {
        lock(&self.inner.received).clone()
    }

    /// The operations of these requests, in their order.
    pub fn calls(&self) -> Vec<Operation> {
        let received = lock(&self.inner.received);
        received.iter().map(|request| request.operation).collect()
    }

    /// The requests of one operation.
    pub fn received_of(&self, operation: Operation) -> Vec<Received> {
        let mut received = self.received();
        received.retain(|request| request.operation == operation);
        received
    }

    /// The number of calls of an operation.
    pub fn count(&self, operation: Operation) -> usize {
        self.received_of(operation).len()
    }

    /// Forgets what was received, so that long runs stay small and counts start anew.
    pub fn forget(&self) {
        lock(&self.inner.received).clear();
    }

    /// Waits until every request is answered, no further one comes, and `idle` holds: it tells whether no caller is at work.
    ///
    /// Turns of the runtime are counted, not time, because the machine may let the test itself wait. A request that was sent
    /// before a caller became idle is seen after three turns: connection, registration of its socket, request.
    pub async fn settled(&self, idle: impl Fn() -> bool) {
        const TURNS: u32 = 10;
        let settling = async {
            let mut seen = (0, 0);
            let mut quiet = 0;
            while quiet < TURNS {
                tokio::time::sleep(Duration::from_millis(1)).await;
                let arrived = self.inner.arrived.load(Ordering::SeqCst);
                let now = (arrived, self.server.accepted_connections());
                let busy = Arc::strong_count(&self.inner.open) > 1 || !idle();
                quiet = if busy || now != seen { 0 } else { quiet + 1 };
                seen = now;
            }
        };
        let settled = tokio::time::timeout(SETTLING_LIMIT, settling).await;
        settled.expect("callers that come to rest");
    }

    /// Everything secret or personal that the pool holds, has given out or has been sent.
    /// None of it may ever stand in a log. Texts of fewer than four characters are left out: they prove nothing.
    pub fn confidential(&self) -> Vec<String> {
        const PERSONAL: &str =
            "email phone_number name given_name family_name address preferred_username";
        const SENT: &str = "/AuthParameters/USERNAME /AuthParameters/PASSWORD \
                            /AuthParameters/SECRET_HASH /Username /Filter";
        let pool = lock(&self.inner.pool);
        let state = &pool.state;
        let mut texts = BTreeSet::from_iter(pool.secrets.clone());
        for State { users, clients, .. } in state.neighbours.iter().chain([state]) {
            texts.extend(clients.iter().flat_map(|client| client.secret.clone()));
            for user in users {
                texts.insert(user.username.clone());
                texts.extend(user.password.clone());
                let values = PERSONAL.split(' ').map(|name| user.attributes.get(name));
                texts.extend(values.flatten().cloned());
            }
        }
        let strings = |value: &Value| value.as_str().map(str::to_owned);
        let stored = state.secrets.values().flat_map(|held| held.values());
        texts.extend(stored.filter_map(strings));
        for key in &state.credentials {
            texts.insert(key.secret_access_key.clone());
            texts.extend(key.session_token.clone());
        }
        texts.extend(state.roles.iter().flat_map(|role| role.external_id.clone()));
        for request in lock(&self.inner.received).iter() {
            let sent = SENT
                .split(' ')
                .filter_map(|place| request.body.pointer(place));
            texts.extend(sent.filter_map(strings));
        }
        texts.retain(|text| text.chars().count() >= 4);
        texts.into_iter().collect()
    }
}

fn named(users: &[User], name: &str) -> Option<User> {
    let mut users = users.iter();
    users.find(|user| user.username == name).cloned()
}

#[cfg(test)]
mod tests;
