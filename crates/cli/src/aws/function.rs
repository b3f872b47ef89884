//! The deployed function: its settings, and its answer to a preflight.

use std::collections::BTreeMap;

use aws_config::Region;
use aws_sdk_lambda::{Client, config, primitives::Blob};
use pools::{Aws, retry};
use rules::{checks::Answer, outcome::Stop, protocol::TriggerSource};
use serde_json::json;

use super::wait::retry_throttled;

/// The one variable that holds a secret.
const SECRET: &str = "SRC_CLIENT_SECRET";

/// The Lambda functions of an account in a Region.
pub(crate) struct Functions(Client);

/// A deployed function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeployedFunction {
    /// Its ARN, with the version or alias that was asked for.
    pub(crate) arn: String,
    /// Its name.
    pub(crate) name: String,
    /// The log group to which it writes, where that is not the one of its name.
    pub(crate) log_group: Option<String>,
    /// Its environment, but for the secret.
    pub(crate) variables: FunctionSettings,
}

/// The environment of a function, without its secret.
pub(crate) type FunctionSettings = BTreeMap<String, String>;

impl Functions {
    pub(super) fn new(aws: &Aws, region: &str) -> Self {
        let config = config::Builder::from(aws.shared()).region(Region::new(region.to_owned()));
        Functions(Client::from_conf(config.build()))
    }

    /// `GetFunctionConfiguration` of the function of this name or ARN.
    pub(crate) async fn configuration(&self, name: &str) -> Answer<DeployedFunction> {
        const OPERATION: &str = "GetFunctionConfiguration";
        let call = || {
            self.0
                .get_function_configuration()
                .function_name(name)
                .send()
        };
        retry_throttled(OPERATION, async || {
            retry::call(OPERATION, call, |answer| {
                let environment = answer.environment.and_then(|held| held.variables);
                let mut variables: BTreeMap<_, _> =
                    environment.unwrap_or_default().into_iter().collect();
                // The program signs no user in with it, so it is not needed.
                variables.remove(SECRET);
                Some(DeployedFunction {
                    arn: answer.function_arn?,
                    name: answer.function_name?,
                    log_group: answer.logging_config.and_then(|logging| logging.log_group),
                    variables,
                })
            })
            .await
        })
        .await
    }

    /// `Invoke` with the event of a preflight. Returns the function's answer unchanged.
    pub(crate) async fn preflight(&self, name: &str) -> Answer<String> {
        const OPERATION: &str = "Invoke";
        let question = json!({"triggerSource": TriggerSource::Preflight.as_str()}).to_string();
        let call = || {
            let call = self.0.invoke().function_name(name);
            call.payload(Blob::new(question.as_str())).send()
        };
        retry_throttled(OPERATION, async || -> Result<_, Stop> {
            retry::call(OPERATION, call, |answer| {
                String::from_utf8(answer.payload?.into_inner()).ok()
            })
            .await
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::test_support::{answers, aws, ok};

    /// The tests of the program ask a function that runs.
    #[tokio::test]
    async fn a_function_tells_its_settings_but_no_secret() {
        let variables = json!({"SRC_CLIENT_ID": "1example", "SRC_CLIENT_SECRET": "made-up-secret"});
        let http = answers([ok(json!({
            "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:migration:live",
            "FunctionName": "migration", "LoggingConfig": {"LogGroup": "/logs/migration"},
            "Environment": {"Variables": variables},
        }))]);
        let functions = Functions::new(&aws(http.clone()).await, "eu-west-1");
        let function = functions.configuration("migration:live").await.unwrap();
        assert!(function.arn.ends_with(":live"));
        assert_eq!(function.log_group.as_deref(), Some("/logs/migration"));
        let known = [("SRC_CLIENT_ID".to_owned(), "1example".to_owned())];
        assert!(function.variables.into_iter().eq(known));
        let uri = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/migration%3Alive/configuration";
        assert_eq!(http.actual_requests().next().unwrap().uri(), uri);
    }
}
