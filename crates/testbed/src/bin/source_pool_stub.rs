//! `source-pool-stub --state FILE [--port N] [--until-stdin-closes]`: a source pool for programs in other languages.
//! Prints one line of JSON with its port once it listens.

#![forbid(unsafe_code)]

use std::{fs, process::ExitCode};

use testbed::{
    program::Arguments,
    source_pool::{SourcePool, State},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("source-pool-stub: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let arguments = Arguments::read()?;
    let file = arguments.state.as_deref().ok_or("--state FILE is needed")?;
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let state = State::from_json(&text).map_err(|error| format!("{file}: {error}"))?;
    let pool = SourcePool::start_on(arguments.port, state)
        .await
        .map_err(|error| error.to_string())?;
    println!(
        "{}",
        serde_json::json!({"port": pool.server().address().port(), "url": pool.url()})
    );
    arguments.end().await.map_err(|error| error.to_string())
}
