//! The real binary, run as Lambda runs it, against a source pool that can fail.
//!
//! One test binary with a module per topic. `FUNCTION_BINARY` runs another build of the function, such as the packaged
//! one.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends in a panic"
)]

mod enumeration;
mod faults;
mod finish;
mod flows;
mod forgot_password;
mod freezing;
mod hostile;
mod lies;
mod metrics;
mod preflight;
mod replies;
#[cfg(target_os = "linux")]
mod roots;
mod samples;
mod secrecy;
mod secret;
mod settings;
mod sign_in;
mod sign_up;
mod support;
