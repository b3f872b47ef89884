//! The start of the function: log, settings, handler, runtime.

#![recursion_limit = "256"]

use std::process::ExitCode;

use cognito_user_migration::{event, handler::Handler, telemetry};
use lambda_runtime::{Runtime, service_fn, tower::util::MapRequestLayer};
use rules::settings::Settings;

/// Variables that Lambda sets for every function. Where one is missing, the program does not run in Lambda.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
const SET_BY_LAMBDA: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let variable = |name: &str| std::env::var(name).ok();
    telemetry::start(variable("AWS_LAMBDA_LOG_LEVEL").as_deref());
    match run(variable).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(mistake) => {
            tracing::error!("{mistake}");
            ExitCode::FAILURE
        }
    }
}

async fn run(variable: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let settings = Settings::read(&variable).map_err(|mistakes| mistakes.to_string())?;
    if let Some(name) = SET_BY_LAMBDA.iter().find(|name| variable(name).is_none()) {
        return Err(format!(
            "{name} is not set: this is not a Lambda, nor a local runtime of one"
        ));
    }
    let handler = Handler::build(settings, variable("AWS_LAMBDA_FUNCTION_NAME")).await;
    Runtime::new(service_fn(|invocation| handler.handle(invocation)))
        .layer(MapRequestLayer::new(event::as_json_string))
        .run()
        .await
        .map_err(|_| "The Lambda runtime ended".to_owned())
}
