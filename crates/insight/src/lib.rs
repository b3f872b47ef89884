//! What an operator concludes from what both pools say of themselves and of their users.
//!
//! Nothing here does I/O, reads a clock or knows AWS. What the function answers is decided in [`rules`], and asked there.

pub mod acceptance;
pub mod alternatives;
pub mod checks;
pub mod described;
pub mod draft;
pub mod finding;
#[cfg(test)]
mod fixtures;
pub mod import;
pub mod made_up_users;
pub mod open_questions;
pub mod plan;
pub mod proposal;
mod schema;
mod shared_names;
pub mod survey;
pub mod tally;
