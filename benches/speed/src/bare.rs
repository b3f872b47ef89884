//! The least that a function in Rust can be: the Lambda runtime, and each event as its own answer.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let echo = service_fn(async |event: LambdaEvent<Value>| Ok::<_, Error>(event.payload));
    lambda_runtime::run(echo).await
}
