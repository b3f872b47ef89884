//! `source-pool-stub --state FILE [--port N] [--until-stdin-closes]`: a source pool for programs in other languages.
//! Prints one line of JSON with its port once it listens.

use std::{fs, process::ExitCode};

use serde_json::json;
use testbed::{
    program,
    source_pool::{SourcePoolStub, State},
};

fn main() -> ExitCode {
    program::run("source-pool-stub", async |arguments| {
        let file = arguments.state.as_deref().ok_or("--state FILE is needed")?;
        let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let state = State::from_json(&text).map_err(|error| format!("{file}: {error}"))?;
        let pool = SourcePoolStub::start_on(arguments.port, state).await;
        let pool = pool.map_err(|error| error.to_string())?;
        let ready = json!({"port": pool.server().address().port(), "url": pool.url()});
        Ok((ready, pool))
    })
}
