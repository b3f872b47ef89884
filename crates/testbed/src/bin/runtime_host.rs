//! `runtime-host [--port N] [--until-stdin-closes]`: the Runtime API for a function and the Invoke API for its callers.
//! Prints one line of JSON with its port once it listens.

use std::process::ExitCode;

use serde_json::json;
use testbed::{
    program,
    runtime::{FUNCTION_ARN, FUNCTION_NAME, Host},
};

fn main() -> ExitCode {
    program::run("runtime-host", async |arguments| {
        let host = Host::start_on(arguments.port).await;
        let host = host.map_err(|error| error.to_string())?;
        let ready = json!({
            "port": host.address().port(), "function_name": FUNCTION_NAME, "function_arn": FUNCTION_ARN,
        });
        Ok((ready, host))
    })
}
