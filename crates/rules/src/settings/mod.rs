//! The settings of the function. [`ALL`] is the registry of their variables.

mod draft;
mod form;
mod parse;
mod read;
mod registry;
#[cfg(test)]
mod tests;
mod types;

pub use form::Form;
pub use read::Mistakes;
pub use registry::{ALL, Variable};
pub use types::{
    AuthFlow, ClientSecret, Metrics, OnReject, PostMigration, ProfileFrom, Role, SecretArn,
    Settings, Source, SourceUser, TRIES_THAT_FIT,
};
