//! `cognito-migration`: what an operator wants to know before, during and after a migration, on the function's own rules.
//!
//! Nothing here decides who is migrated: [`rules`] does, as in the function. Nothing here names a type of the AWS SDK:
//! [`pools`] does.

#![warn(missing_docs)]
#![warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
// The SDK's calls are deeply nested futures.
#![recursion_limit = "256"]

mod arguments;
mod claims;
mod context;
mod explain;
mod preflight;
mod problem;
mod progress;
mod restore;
mod retire;
mod show;
mod stragglers;
mod sub_file;
mod subs;
mod survey;
mod verify;

use std::{
    cell::Cell,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;

use arguments::{Arguments, Command};
use context::Context;
use problem::{Answer, Problem};

/// What a command has found out: a text for the standard output.
struct Told {
    text: String,
    /// Nothing that was looked at has failed.
    is_good: bool,
}

impl Told {
    fn good(text: String) -> Self {
        Told {
            text,
            is_good: true,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // A wrong command line ends here, with status 2.
    let arguments = Arguments::parse();
    let changed = Cell::new(0);
    let so_far = match arguments.command {
        Command::Restore(_) => restore::so_far,
        _ => retire::so_far,
    };
    // It has users to remove before it ends.
    let ends_by_itself = matches!(arguments.command, Command::Verify(_));
    let told = tokio::select! {
        told = run(arguments, &changed) => told,
        // What was under way is dropped, and unfinished files with it.
        _ = tokio::signal::ctrl_c(), if !ends_by_itself => Err(Problem::cannot(match changed.get() {
            0 => "Interrupted. Nothing was changed.".to_owned(),
            users => format!("Interrupted. {}", so_far(users)),
        })),
    };
    let printed = told.and_then(|told| {
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{}", told.text.trim_end());
        match written.and_then(|()| out.flush()) {
            Ok(()) => Ok(told.is_good),
            Err(error) => Err(Problem::cannot(format!(
                "The answer cannot be printed: {error}."
            ))),
        }
    });
    match printed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("cognito-migration: {problem}");
            problem.status()
        }
    }
}

async fn run(arguments: Arguments, changed: &Cell<u64>) -> Answer<Told> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let variable = |name: &str| std::env::var(name).ok();
    let context = Context::new(arguments.common, variable);
    match arguments.command {
        Command::Preflight(options) => preflight::run(&context, &options).await,
        Command::Survey(options) => survey::run(&context, &options).await,
        Command::Explain(options) => explain::run(&context, &options).await,
        Command::Progress(options) => progress::run(&context, &options).await,
        Command::Stragglers(options) => stragglers::run(&context, &options).await,
        Command::Retire(options) => retire::run(&context, &options, changed).await,
        Command::Restore(options) => restore::run(&context, &options, changed).await,
        Command::Subs(options) => subs::run(&context, &options).await,
        Command::Verify(options) => verify::run(&context, &options).await,
    }
}
