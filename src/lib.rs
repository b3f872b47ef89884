//! Moves users from one Amazon Cognito user pool to another, the moment they sign in, without a password reset.
//!
//! Facts flow one way through the rooms of this house: [`event`] → [`source_pool`] → [`policy`] → reply.

#![forbid(unsafe_code)]
#![warn(missing_docs)]
// A panic in a sign-in is a person who cannot sign in.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod attributes;
pub mod aws;
pub mod config;
pub mod destination_pool;
pub mod error;
pub mod event;
pub mod finish;
pub mod handler;
pub mod mark;
pub mod migration;
pub mod policy;
pub mod preflight;
mod secret_hash;
pub mod sensitive;
pub mod sign_up;
pub mod source_pool;
mod source_user;
pub mod telemetry;
