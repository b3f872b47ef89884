//! Moves users from one Amazon Cognito user pool to another, the moment they sign in, without a password reset.
//!
//! This crate is the Lambda function: it turns events into questions and conclusions into answers. Who is migrated is
//! decided in [`rules`], and the pools are asked through [`pools`].

// The SDK's calls are deeply nested futures; the compiler's default is a little short for all of them in one.
#![recursion_limit = "256"]

pub mod event;
pub mod handler;
pub mod preflight;
pub mod telemetry;
pub mod triggers;
