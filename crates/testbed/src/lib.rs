//! The test bed: stand-ins for the services that the function calls, and for Lambda.
//!
//! | module | stands in for |
//! |---|---|
//! | [`runtime`] | the Lambda service: the Runtime API that the function polls, and the Invoke API that others call |
//! | [`source_pool`] | the source user pool, STS and Secrets Manager, over plain HTTP, with faults on demand |
//! | [`function`] | the sandbox in which Lambda runs the binary: its environment, its output, freezing and thawing |
//! | [`http`] | the part of HTTP/1.1 that both servers need, with connections that can be broken |
//! | [`import_file`] | AWS's reader of files from which Cognito imports users |
//! | `measured` | what is measured of a process, on Linux |
//!
//! Everything listens on a free port of the loopback interface and shares nothing: tests run at the same time.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends in a panic"
)]

pub mod function;
pub mod http;
pub mod import_file;
#[cfg(target_os = "linux")]
pub mod measured;
pub mod runtime;
pub mod samples;
pub mod source_pool;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A test that panicked while it held the lock is told as such; the others go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
