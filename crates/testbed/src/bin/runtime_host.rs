//! `runtime-host [--port N] [--until-stdin-closes]`: the Runtime API for a function and the Invoke API for its callers.
//! Prints one line of JSON with its port once it listens.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use testbed::{
    program::Arguments,
    runtime::{FUNCTION_ARN, FUNCTION_NAME, Host},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("runtime-host: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let arguments = Arguments::read()?;
    let host = Host::start_on(arguments.port)
        .await
        .map_err(|error| error.to_string())?;
    let ready = serde_json::json!({
        "port": host.address().port(), "function_name": FUNCTION_NAME, "function_arn": FUNCTION_ARN,
    });
    println!("{ready}");
    arguments.end().await.map_err(|error| error.to_string())
}
