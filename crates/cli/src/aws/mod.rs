//! The calls to AWS of the operator's program, with the operator's own credentials.
//!
//! They use the client, the retries and the classifier of [`pools`]. No user waits for them, so a throttled call is repeated
//! for minutes. In this crate only this module names a type of the AWS SDK.

mod account;
mod api;
mod app;
mod calls;
mod draft;
mod drafted_client;
mod function;
mod logs;
mod metrics;
mod no_credentials;
mod pool;
mod refusal;
#[cfg(test)]
mod test_support;
mod wait;

pub(crate) use account::Account;
pub(crate) use api::Api;
pub(crate) use app::{App, AppSignIn, ResetStarted};
pub(crate) use function::DeployedFunction;
pub(crate) use logs::Logs;
pub(crate) use no_credentials::NoCredentials;
pub(crate) use pool::OperatorsPool;
pub(crate) use refusal::{About, AppRefusal, is_throttled};
pub(crate) use wait::{Pace, Wait, show_waits};
