//! The state of a running stub.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Instant, SystemTime},
};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{
    fault::{Fault, Faults},
    operation::Operation,
    state::{Credentials, State},
};
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
    /// The fault that it met.
    pub fault: Option<Fault>,
}

/// The state on which the operations work.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) state: State,
    /// Access token → username and client id.
    pub(super) sessions: HashMap<String, (String, String)>,
    pub(super) issued_credentials: Vec<Issued>,
    pub(super) secrets: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) pool: Mutex<Pool>,
    pub(super) faults: Mutex<Faults>,
    pub(super) received: Mutex<Vec<Received>>,
    /// How many requests ever arrived, and how many of them are not answered yet.
    pub(super) arrived: AtomicU64,
    pub(super) open: AtomicUsize,
}

/// A request that is not answered yet; dropped however it ends.
pub(super) struct OpenRequest<'a>(&'a Inner);

impl<'a> OpenRequest<'a> {
    pub(super) fn begin(inner: &'a Inner) -> Self {
        inner.open.fetch_add(1, Ordering::SeqCst);
        inner.arrived.fetch_add(1, Ordering::SeqCst);
        Self(inner)
    }
}

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Credentials that AssumeRole has given out, for the source pool's account.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) key: Credentials,
    pub(super) expires: SystemTime,
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
