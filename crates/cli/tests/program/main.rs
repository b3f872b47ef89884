//! The real program against a source pool and a destination pool on loopback.

mod bad_input;
mod commands;
mod prediction;
mod support;
