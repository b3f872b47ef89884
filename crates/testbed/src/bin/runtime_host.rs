//! `runtime-host PORT`: the Runtime API for a function and the Invoke API for its callers, until a signal ends it.
//! Prints one line of JSON once it listens.

use std::{env, error::Error, future};

use serde_json::json;
use testbed::runtime::{FUNCTION_NAME, Host};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("a port is needed")?;
    let _host = Host::start_on(port.parse()?).await?;
    println!("{}", json!({ "function_name": FUNCTION_NAME }));
    future::pending().await
}
