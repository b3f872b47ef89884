//! The state of a running stub.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{fault::Faults, operation::Operation, state::State};
use crate::http::Request;

/// A request as the stub received it.
#[derive(Clone, Debug)]
pub struct Received {
    /// The operation.
    pub operation: Operation,
    /// When it had arrived completely, or up to its head if it was reset before the rest was read.
    pub at: Instant,
    /// The access key id of a signature that is accepted.
    pub signed_by: Option<String>,
    /// The JSON body; for STS an object of the form's fields.
    pub body: Value,
    /// The head of the request.
    pub request: Request,
    /// The code of the error with which it was refused, if it was, before any fault.
    pub error: Option<String>,
}

/// The state on which the operations work.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) state: State,
    /// Access token → username and client id.
    pub(super) sessions: HashMap<String, (String, String)>,
    pub(super) secrets: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) pool: Mutex<Pool>,
    pub(super) faults: Mutex<Faults>,
    pub(super) received: Mutex<Vec<Received>>,
    /// How many requests ever arrived.
    pub(super) arrived: AtomicU64,
    /// Each request that is not answered yet holds one more reference.
    pub(super) open: Arc<()>,
}

static ISSUED: AtomicU64 = AtomicU64::new(0);

impl Pool {
    /// Text that was never given out before by any pool, and looks like a secret. It is confidential from now on.
    pub(super) fn next_secret(&mut self, kind: &str) -> String {
        let number = ISSUED.fetch_add(1, Ordering::Relaxed);
        let secret = format!("{}/{kind}/{number}", std::process::id());
        let secret = hex::encode(Sha256::digest(secret));
        self.secrets.push(secret.clone());
        secret
    }
}
