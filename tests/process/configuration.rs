//! What stops the start.

use testbed::{
    function::{Refused, Setup},
    runtime::Host,
    source_pool::{CLIENT_ID, POOL_ID},
};

use crate::support::binary;

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

#[tokio::test]
async fn three_mistakes_are_all_named_and_no_secret_is_shown() {
    let secret = "k8s3cr3tOfTheSourceClient";
    let refused = refused(&[
        ("SRC_USER_POOL_ID", "not a pool id"),
        ("SRC_CLIENT_SECRET", secret),
        ("ON_MFA", "perhaps"),
        ("TIME_BUDGET_MS", "9000"),
    ])
    .await;
    assert!(!refused.status.success());
    let output = refused.output.all();
    for name in ["SRC_USER_POOL_ID", "ON_MFA", "TIME_BUDGET_MS"] {
        assert!(output.contains(name), "{name} is not named: {output}");
    }
    assert!(!output.contains(secret), "{output}");
    let lines_with_mistakes = output
        .lines()
        .filter(|line| line.contains("ON_MFA"))
        .count();
    assert_eq!(lines_with_mistakes, 1, "one error: {output}");
    assert!(
        !output.contains("AWS_"),
        "nothing but the mistakes is told: {output}"
    );
}

#[tokio::test]
async fn every_kind_of_mistake_is_refused_by_name() {
    let long = format!(r#"{{"custom:x": "{}"}}"#, "v".repeat(5000));
    let mistakes = [
        ("SRC_USER_POOL_ID", ""),
        ("SRC_USER_POOL_ID", "eu-west-1"),
        ("SRC_USER_POOL_ID", "eu-west-1_"),
        ("SRC_USER_POOL_ID", "_abc"),
        ("SRC_CLIENT_ID", ""),
        ("SRC_AUTH_FLOW", "USER_SRP_AUTH"),
        ("SRC_REGION", "europe"),
        ("SRC_ROLE_ARN", "role/source"),
        ("SRC_ROLE_ARN", "arn:aws:iam::444455556666:user/somebody"),
        ("ATTRIBUTE_MAP", "email=mail"),
        ("ATTRIBUTE_MAP", "[]"),
        ("ATTRIBUTE_MAP", r#"{"email": 5}"#),
        ("ATTRIBUTE_MAP", r#"{"email": "sub"}"#),
        ("ATTRIBUTE_MAP", r#"{"email": "identities"}"#),
        ("ATTRIBUTE_MAP", r#"{"email": "username"}"#),
        ("ATTRIBUTE_MAP", r#"{"email": "cognito:groups"}"#),
        ("ATTRIBUTE_MAP", r#"{"email": "no_such_attribute"}"#),
        (
            "ATTRIBUTE_MAP",
            r#"{"email": "custom:a", "name": "custom:a"}"#,
        ),
        ("STATIC_ATTRIBUTES", r#"{"sub": "x"}"#),
        ("STATIC_ATTRIBUTES", r#"{"locale": 5}"#),
        ("STATIC_ATTRIBUTES", "x"),
        ("STATIC_ATTRIBUTES", &long),
        ("DST_USERNAME", "email"),
        ("ON_MFA", "SMS"),
        ("ON_TEMPORARY_PASSWORD", "migrate"),
        ("ON_FORGOT_PASSWORD", "off"),
        ("ON_REJECT", "null"),
        ("WELCOME_MESSAGE", "post"),
        ("WELCOME_MESSAGE", "email,post"),
        ("FORCE_ALIAS_CREATION", "yes"),
        ("TIME_BUDGET_MS", "99"),
        ("TIME_BUDGET_MS", "4901"),
        ("TIME_BUDGET_MS", "1.5"),
        ("TIME_BUDGET_MS", "-200"),
        ("METRICS", "statsd"),
    ];
    for (name, value) in mistakes {
        let refused = refused(&[(name, value)]).await;
        let output = refused.output.all();
        assert!(!refused.status.success(), "{name}={value}");
        assert!(
            output.contains(name),
            "{name}={value} is not named: {output}"
        );
        assert!(!output.contains("panicked"), "{output}");
    }
}

#[tokio::test]
async fn a_secret_in_the_wrong_variable_is_not_shown_either() {
    let secret = "k8s3cr3tOfTheSourceClient";
    for name in [
        "SRC_REGION",
        "ON_MFA",
        "ATTRIBUTE_MAP",
        "SRC_USER_POOL_ID",
        "TIME_BUDGET_MS",
        "SRC_ROLE_ARN",
    ] {
        let output = refused(&[(name, secret)]).await.output.all();
        assert!(
            output.contains(name) && !output.contains(secret),
            "{output}"
        );
    }
}

#[tokio::test]
async fn unknown_variables_and_empty_ones_are_no_mistake() {
    use crate::support::{Bed, anas_pool};
    let variables = [
        ("SRC_UNHEARD_OF", "x"),
        ("ON_FULL_MOON", "howl"),
        ("SRC_ROLE_ARN", ""),
        ("SRC_EXTERNAL_ID", ""),
        ("ATTRIBUTE_MAP", ""),
        ("TIME_BUDGET_MS", ""),
        ("WELCOME_MESSAGE", ""),
        ("SRC_CLIENT_SECRET", ""),
    ];
    Bed::with(anas_pool(), &variables)
        .await
        .ana_signs_in()
        .await;
}
