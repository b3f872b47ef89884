//! What the doors to AWS have in common: how clients behave, how often a call is tried, what an error means, and
//! how a user pool describes itself.
//!
//! The doors are [`crate::source_pool`] and [`crate::destination_pool`]. Nothing above them names a type of the SDK;
//! what comes out is in words of our own.

pub(crate) mod classify;
pub(crate) mod connection;
pub(crate) mod describe;
mod facts;
pub(crate) mod pages;
pub(crate) mod tries;

pub(crate) use classify::is_uuid;
pub use connection::Aws;
pub use facts::{
    AppClient, DataType, Mfa, Recovery, SchemaAttribute, Unanswered, UserPoolDescription,
};
pub use tries::{TRIES_THAT_FIT, limiting_tries};
