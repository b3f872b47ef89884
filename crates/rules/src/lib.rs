//! Who is migrated, and as what: pure decisions on what the pools say.
//!
//! Nothing here does I/O, reads a clock or knows AWS: the dependencies of this crate do not allow it. So every rule is a
//! function that a test can call with every input, and the function and the operator's program decide alike.
//!
//! Every decision is total. Each status, challenge and setting has its answer, those that do not exist yet included, and
//! the default answer is to refuse.

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
pub mod token;
