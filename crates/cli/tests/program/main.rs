//! The real program against a source pool and a destination pool on loopback.

mod bad_input;
mod commands;
mod permissions;
mod prediction;
mod profiles;
mod settings;
mod support;
