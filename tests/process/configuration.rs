//! Mistakes in the configuration, which stop the start.

use rules::settings::{ALL, Form};
use testbed::{
    function::{Refused, Setup},
    runtime::Host,
    source_pool::{CLIENT_ID, POOL_ID},
};

use crate::support::{Bed, anas_pool, binary};

async fn refused(variables: &[(&str, &str)]) -> Refused {
    let host = Host::start().await.expect("a loopback port");
    let setup = Setup::new(binary())
        .with("SRC_USER_POOL_ID", POOL_ID)
        .with("SRC_CLIENT_ID", CLIENT_ID)
        .with("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let setup = variables
        .iter()
        .fold(setup, |setup, (name, value)| setup.with(name, value));
    match setup.start(&host).await {
        Ok(_) => panic!("started in spite of {variables:?}"),
        Err(refused) => refused,
    }
}

/// A secret that was pasted into the wrong variable; no variable but those of free text takes it.
const SECRET: &str = "k8s3cr3t of the source client";

fn checked_variables() -> impl Iterator<Item = &'static str> {
    let checked = ALL
        .iter()
        .filter(|variable| !matches!(variable.form, Form::Text));
    checked.map(|variable| variable.name)
}

#[tokio::test]
async fn all_mistakes_are_named_in_one_error_and_no_secret_is_shown() {
    let variables: Vec<_> = ALL.iter().map(|variable| (variable.name, SECRET)).collect();
    let refused = refused(&variables).await;
    assert!(!refused.status.success());
    let output = refused.output.all();
    for name in checked_variables() {
        assert!(output.contains(name), "{name} is not named: {output}");
    }
    assert!(!output.contains(SECRET), "{output}");
    let errors = output.lines().filter(|line| line.contains("ON_MFA"));
    assert_eq!(errors.count(), 1, "one error: {output}");
    assert!(
        !output.contains("AWS_"),
        "nothing but the mistakes: {output}"
    );
}

#[tokio::test]
async fn unknown_variables_and_empty_ones_are_no_mistake() {
    let optional = ALL.iter().filter(|variable| !variable.form.is_required());
    let variables: Vec<_> = optional
        .map(|variable| (variable.name, ""))
        .chain([("SRC_UNHEARD_OF", "x"), ("ON_FULL_MOON", "howl")])
        .collect();
    let bed = Bed::with(anas_pool(), &variables).await;
    bed.ana_signs_in().await;
}
