//! What would keep migrations from working: what the facts of both pools mean, as a report.
//!
//! [`source()`] judges what only the function can know, from where it runs. Before there is a function,
//! [`source_as_operator()`] judges what an operator can know of it. [`pools()`] judges what the pools say of themselves,
//! which an operator asks with permissions of their own. One broken thing leads to one failed check: what cannot be known
//! because of it is skipped and says why.

mod facts;
mod may_try;
mod pools;
mod report;
mod source;
#[cfg(test)]
mod tests;

pub use facts::{
    Answer, AppClient, AppClients, PoolFacts, PoolsFacts, Recovery, SignInOfNobody, SourceFacts,
    Triggers, UserPoolDescription,
};
pub use may_try::may_try_sign_in;
pub use pools::{pools, unproven_contacts, written_mark};
pub use report::{Check, CheckId, Report, Status, Users, WHY, Why, is_ok};
pub use source::{source, source_as_operator};
