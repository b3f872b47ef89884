//! Mistakes in the configuration, which stop the start.

use rules::settings::{ALL, Form};
use testbed::{function::Setup, runtime::Host};

use crate::support::{Bed, anas_pool, binary};

/// A secret that was pasted into the wrong variable; no variable but those of free text takes it.
const SECRET: &str = "k8s3cr3t of the source client";

#[tokio::test]
async fn all_mistakes_are_named_in_one_error_and_no_secret_is_shown() {
    let host = Host::start().await.expect("a loopback port");
    let setup = Setup::new(binary()).with("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let setup = ALL
        .iter()
        .fold(setup, |setup, variable| setup.with(variable.name, SECRET));
    let refused = setup.start(&host).await.expect_err("mistakes");
    assert!(!refused.status.success());
    let output = refused.output.all();
    for variable in &ALL {
        let is_named = output.contains(&format!(" {} ", variable.name));
        let is_checked = !matches!(variable.form, Form::Text);
        assert!(is_named || !is_checked, "{}: {output}", variable.name);
    }
    assert!(!output.contains(SECRET), "{output}");
    let errors = output.lines().filter(|line| line.contains("ON_MFA"));
    assert_eq!(errors.count(), 1, "one error: {output}");
    assert!(!output.contains("AWS_"), "only the mistakes: {output}");
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
