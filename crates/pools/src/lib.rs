//! The function's calls to AWS, with their retries and the classification of their errors.
//!
//! The results are evidence in the types of [`rules`], or a [`Stop`](rules::outcome::Stop). The operator's program makes
//! further calls with the client ([`UserPool`]), the retries ([`retry`]), the classifier ([`classify`]) and the descriptions
//! ([`describe`]) of this crate. No other code names a type of the AWS SDK.

// The SDK's calls are deeply nested futures; the compiler's default is a little short for all of them in one.
#![recursion_limit = "256"]

pub mod classify;
pub mod clock;
pub mod connection;
pub mod describe;
mod destination_pool;
mod issuer;
pub mod pages;
pub mod retry;
mod role;
mod secret;
mod source_pool;
#[cfg(test)]
mod test_support;
mod user_pool;
mod warm_up;

pub use connection::Aws;
pub use destination_pool::DestinationPool;
pub use retry::limiting_tries;
pub use source_pool::{SourcePool, filter};
pub use user_pool::UserPool;
