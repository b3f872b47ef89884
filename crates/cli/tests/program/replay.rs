//! The real function, asked as a destination pool asks it, and what a survey writes about each user.

use std::collections::HashMap;

use serde_json::{Value, json};
use testbed::{
    function::{Function, Setup},
    runtime::{Host, InvocationOutcome},
    source_pool::SourcePoolStub,
};

use crate::support::*;

/// A function that runs.
pub(crate) struct Replay {
    pub(crate) host: Host,
    function: Function,
}

impl Replay {
    pub(crate) async fn start(pool: &SourcePoolStub, settings: &[(&str, &str)]) -> Self {
        let host = Host::start().await.expect("a loopback port");
        let setup = Setup::new(function()).using(pool).with("METRICS", "none");
        let set = |setup: Setup, (name, value): &(&str, &str)| setup.with(name, value);
        let setup = settings.iter().fold(setup, set);
        host.deploy(setup.variables());
        let function = setup
            .start(&host)
            .await
            .unwrap_or_else(|refused| panic!("{refused}"));
        Replay { host, function }
    }

    pub(crate) async fn sign_in(&self, typed: &str, password: &str) -> InvocationOutcome {
        let request = json!({"password": password});
        self.ask("UserMigration_Authentication", typed, request)
            .await
    }

    pub(crate) async fn forgot_password(&self, typed: &str) -> InvocationOutcome {
        self.ask("UserMigration_ForgotPassword", typed, json!({}))
            .await
    }

    async fn ask(&self, trigger: &str, typed: &str, request: Value) -> InvocationOutcome {
        let event = json!({
            "version": "1", "triggerSource": trigger, "region": "eu-central-1", "userPoolId": DESTINATION,
            "userName": typed, "callerContext": {"clientId": "7newclient"}, "request": request,
            "response": {"userAttributes": null},
        });
        self.host.invoke(&event).await
    }

    /// The lines of the log once this text is among them. It ends the function.
    pub(crate) async fn log_with(self, text: &str) -> Vec<Value> {
        self.function
            .output_with(|output| output.stdout().contains(text))
            .await;
        self.function.end().await.output.lines()
    }
}

/// The result of each `sub`, and the outcomes of a sign-in and a reset, as a survey with these settings writes them.
pub(crate) async fn surveyed(
    pool: &SourcePoolStub,
    name: &str,
    settings: &[(&str, &str)],
) -> HashMap<String, Vec<String>> {
    let folder = folder(name);
    let set = |(name, value): &(&str, &str)| format!(" --set {name}={value}");
    let settings: String = settings.iter().map(set).collect();
    let survey = format!("survey --csv FOLDER/users.csv{settings}");
    run_in(pool, &folder, &survey).await.good();
    let written = own_file(&folder.join("users.csv"));
    let lines = written
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned));
    lines
        .map(|mut fields| (fields.next().expect("a sub"), fields.take(3).collect()))
        .collect()
}
