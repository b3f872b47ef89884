//! Start: log, configuration, source pool, runtime.

#![forbid(unsafe_code)]
// The SDK's calls are deeply nested futures; the compiler's default is a little short for all of them in one.
#![recursion_limit = "256"]

use std::process::ExitCode;

use cognito_user_migration::{
    aws::{Aws, TRIES_THAT_FIT},
    config::{self, Config},
    event,
    finish::Finish,
    handler::Handler,
    migration::Migration,
    preflight::Preflight,
    sign_up::Guard,
    source_pool::SourcePool,
    telemetry,
};
use lambda_runtime::{Runtime, service_fn, tower::util::MapRequestLayer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "this is the look-up")]
    let look_up = |name: &str| std::env::var(name).ok();
    telemetry::start(config::log_level(look_up));
    let config = match Config::read(look_up) {
        Ok(config) => config,
        Err(mistakes) => {
            tracing::error!("{mistakes}");
            return ExitCode::FAILURE;
        }
    };
    if let Some(name) = config::missing_from_lambda(look_up) {
        tracing::error!("{name} is not set: this is not a Lambda, nor a local runtime of one");
        return ExitCode::FAILURE;
    }

    let preflight = Preflight::new(&config);
    let metrics = telemetry::Metrics::new(config.metrics, config::function_name(look_up));
    let aws = Aws::new(&config.source.region, config.time_budget / TRIES_THAT_FIT).await;
    let source = SourcePool::on(&aws, config.source);
    source.warm_up();
    let guard = Guard::new(source.clone(), config.policy);
    let finish = config
        .destination
        .mark
        .clone()
        .map(|mark| Finish::new(source.clone(), aws, mark, config.finishing));
    let migration = Migration::new(source, config.policy, config.destination);
    let handler = Handler::new(
        migration,
        guard,
        finish,
        preflight,
        metrics,
        config.on_reject,
        config.time_budget,
    );

    let runtime = Runtime::new(service_fn(|invocation| handler.handle(invocation)))
        .layer(MapRequestLayer::new(event::as_json_string));
    match runtime.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => {
            tracing::error!("The Lambda runtime ended");
            ExitCode::FAILURE
        }
    }
}
