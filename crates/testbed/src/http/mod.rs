//! The part of HTTP/1.1 that the test bed needs: requests and answers with a length, connections that are kept alive,
//! counted, and closed or reset on demand.

mod connection;
mod message;
mod server;

#[cfg(test)]
pub(crate) mod client;

pub use connection::Connection;
pub use message::{Reply, Request};
pub use server::Server;
