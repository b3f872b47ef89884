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
mod permissions;
mod prediction;
mod profiles;
mod replay;
mod settings;
mod shown;
mod strict_pool;
mod support;
