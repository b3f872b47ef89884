//! The real program against a source pool and a destination pool on loopback.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends in a panic"
)]

mod bad_input;
mod commands;
mod draft;
#[cfg(target_os = "linux")]
mod memory;
mod permissions;
mod prediction;
mod profiles;
mod replay;
mod restore;
mod retire;
mod settings;
mod shown;
mod stragglers;
mod strict_pool;
mod subs;
mod support;
