//! The doors to both user pools: every call to AWS, how often it is tried, and what its answers mean.
//!
//! Only this crate names a type of the AWS SDK. What comes out is evidence in the words of [`rules`], or a
//! [`Stop`](rules::outcome::Stop).

// The SDK's calls are deeply nested futures; the compiler's default is a little short for all of them in one.
#![recursion_limit = "256"]

mod classify;
mod clock;
mod connection;
mod describe;
mod destination_pool;
mod issuer;
#[cfg(feature = "operator")]
mod no_credentials;
#[cfg(feature = "operator")]
pub mod operator;
mod pages;
mod questions;
mod retry;
mod role;
mod secret;
mod source_pool;
#[cfg(test)]
mod test_support;
mod user_pool;
mod warm_up;

pub use connection::Aws;
pub use destination_pool::{DestinationPool, Membership};
pub use retry::limiting_tries;
pub use source_pool::SourcePool;
