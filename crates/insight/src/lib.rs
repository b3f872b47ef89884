//! The operator's conclusions from the descriptions of both pools and from lists of their users.
//!
//! This crate does no I/O, reads no clock and does not know AWS. It asks [`rules`] for the function's answers.

pub mod acceptance;
pub mod alternatives;
pub mod checks;
pub mod described;
pub mod draft;
pub mod finding;
pub mod import;
pub mod made_up_users;
pub mod open_questions;
pub mod plan;
pub mod proposal;
mod schema;
mod shared_names;
pub mod survey;
pub mod tally;
#[cfg(test)]
mod test_support;
