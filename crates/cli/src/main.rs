//! `cognito-migration`: the operator's program, which uses the function's own rules.
//!
//! [`rules`] decides which users are migrated, as in the function. Only [`aws`] names a type of the AWS SDK.

// The SDK's calls are deeply nested futures.
#![recursion_limit = "256"]

mod arguments;
mod aws;
mod changes;
mod claims;
mod commands;
mod context;
mod examples;
mod files;
mod given;
mod interrupt;
mod listing;
mod meanings;
mod near;
mod other_settings;
mod output;
mod planned;
mod problem;
mod shown_settings;
mod spool;
mod sub_file;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use rules::outcome::Failure;

use arguments::{Arguments, Command};
use aws::{Wait, show_waits};
use changes::{Changes, NOTHING_WAS_CHANGED};
use commands::{
    completions, draft, explain, preflight, progress, restore, retire, stragglers, subs, survey,
    verify,
};
use context::Context;
use interrupt::Interrupt;
use output::Output;
use problem::{CommandResult, Problem};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // A wrong command line ends here, with status 2.
    let arguments = Arguments::of_program();
    show_waits(show_wait);
    let output = match Interrupt::catch() {
        Ok(interrupt) => {
            // It must delete its users before it ends.
            let ends_by_itself = matches!(arguments.command, Command::Verify(_));
            let changes = Changes::new(interrupt.clone());
            tokio::select! {
                output = run(arguments, interrupt, &changes) => output,
                // What was under way is dropped, and unfinished files with it.
                () = changes.interrupted_before(), if !ends_by_itself => {
                    Err(Problem::cannot(NOTHING_WAS_CHANGED))
                }
            }
        }
        Err(_) => Err(Problem::cannot(
            "Signals cannot be caught here, so users and files could stay behind.",
        )),
    };
    let printed = output.and_then(|output| {
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{}", output.text.trim_end());
        match written.and_then(|()| out.flush()) {
            Ok(()) => Ok(output.is_good),
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

/// Shows a long wait.
fn show_wait(wait: &Wait<'_>) {
    let Failure {
        operation, code, ..
    } = wait.failure;
    let seconds = wait.so_far.as_secs();
    eprintln!(
        "cognito-migration: {operation} has failed for {seconds} seconds ({code}). It is tried again, for some minutes."
    );
}

async fn run(
    arguments: Arguments,
    interrupt: Interrupt,
    changes: &Changes,
) -> CommandResult<Output> {
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
        Command::Retire(options) => retire::run(&context, &options, changes).await,
        Command::Restore(options) => restore::run(&context, &options, changes).await,
        Command::Subs(options) => subs::run(&context, &options).await,
        Command::Draft(options) => draft::run(&context, &options).await,
        Command::Completions { shell } => Ok(completions::run(shell)),
        Command::Verify(options) => verify::run(&context, &options, interrupt).await,
    }
}
