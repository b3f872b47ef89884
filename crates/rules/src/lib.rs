//! The rules of a migration: pure decisions from the answers of the pools.
//!
//! This crate does no I/O, reads no clock and does not know AWS: its dependencies do not allow it. So a test can call every
//! rule with every input, and the function and the operator's program decide alike.
//!
//! Every decision is total. Each status, challenge and setting has its answer, including those that Cognito may add later.
//! The default answer is to refuse.

// The tests of `insight` include a file that names this crate.
#[cfg(test)]
extern crate self as rules;

pub mod admission;
pub mod attributes;
pub mod checks;
pub mod evidence;
pub mod identity;
pub mod mark;
pub mod migrated_user;
pub mod outcome;
pub mod password;
pub mod pool;
pub mod protocol;
pub mod secret_hash;
pub mod selection;
pub mod sensitive;
pub mod settings;
pub mod sign_in_name;
pub mod steps;
pub mod stored_secret;
#[cfg(test)]
mod test_support;
pub mod token;
