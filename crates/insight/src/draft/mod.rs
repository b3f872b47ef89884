//! The draft of a new pool from the source pool: its settings, the differences, and the parts that are not carried over.
//!
//! The operator's program reads the plain data from a pool, and writes it as Terraform.

mod app_client;
mod blueprint;
mod left_behind;
mod notes;
mod pool;

pub use app_client::{client_of, notes_on_client};
pub use blueprint::{
    ClientBlueprint, Devices, DraftedPool, EmailMfa, EmailSettings, GroupBlueprint, Invitation,
    LeftBehind, Mfa, PasswordRules, PoolBlueprint, ResourceServer, Rotation, SignInStyle, SignUp,
    SmsSettings, Validity, VerificationMessages,
};
pub use notes::{Kind, Note};
pub use pool::{Planned, Unfit, Wish, planned};

#[cfg(test)]
mod tests;
