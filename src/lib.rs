//! The Lambda function that moves users from one Amazon Cognito user pool to another when they sign in, without a password
//! reset.
//!
//! This crate reads events and writes answers. [`rules`] decides which users are migrated, and [`pools`] asks the pools.

// The SDK's calls are deeply nested futures; the compiler's default is a little short for all of them in one.
#![recursion_limit = "256"]

pub mod event;
pub mod handler;
pub mod preflight;
pub mod telemetry;
pub mod triggers;
