//! The commands, one module each. No command uses another one: shared code stands beside this module.

pub(crate) mod completions;
pub(crate) mod draft;
pub(crate) mod explain;
pub(crate) mod preflight;
pub(crate) mod progress;
pub(crate) mod restore;
pub(crate) mod retire;
pub(crate) mod stragglers;
pub(crate) mod subs;
pub(crate) mod survey;
pub(crate) mod verify;
