//! `source-pool-stub FILE`: the source pool of this state for programs in other languages, until a signal ends it.
//! Prints one line of JSON with its port once it listens.

use std::{env, error::Error, fs, future};

use serde_json::json;
use testbed::source_pool::{SourcePoolStub, State};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("a file with a state is needed")?;
    let state: State = serde_json::from_str(&fs::read_to_string(file)?)?;
    let pool = SourcePoolStub::start(state).await?;
    println!("{}", json!({ "port": pool.server().address().port() }));
    future::pending().await
}
