//! The commands for the end of a migration: the real program against both pools on loopback.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends in a panic"
)]

mod restore;
mod retire;
mod stragglers;
mod subs;
#[allow(dead_code, reason = "other commands need more")]
#[path = "../program/support.rs"]
mod support;
