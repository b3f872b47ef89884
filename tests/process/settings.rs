//! The variables: mistakes stop the start, and the others shape the answer. Their values are proven in `crates/rules`.

use rules::settings::{ALL, Form};
use serde_json::{Value, json};
use testbed::{function::Setup, runtime::Host};

use crate::support::*;

#[tokio::test]
async fn settings_reach_the_answer() {
    const THREE: Variables<'_> = &[
        ("WELCOME_MESSAGE", "email,sms"),
        ("FORCE_ALIAS_CREATION", "true"),
        ("DST_USERNAME", "sub"),
    ];
    const DROP: Variables<'_> = &[("UNVERIFIED_CONTACTS", "drop")];
    let unverified = ana().with("email_verified", "false");
    let unverified = unverified.with("phone_number_verified", "false");
    let answer = |alias: Value| {
        let mut attributes = attributes_of_ana();
        attributes["username"] = json!(ana().sub());
        Ok(json!({
            "userAttributes": attributes, "messageAction": null, "forceAliasCreation": alias,
            "desiredDeliveryMediums": ["EMAIL", "SMS"],
        }))
    };
    // What was typed does not stay behind.
    let typed = json!({"name": "Ana Kowalczyk", "email": ADDRESS, "email_verified": "false"});
    let sign_in = || sign_in_event(ADDRESS, PASSWORD);
    let reset = forgot_password_event(ADDRESS);
    for (variables, user, event, expected) in [
        (THREE, ana(), sign_in(), answer(json!(true))),
        // A reset proves nothing, so it takes no alias from another user.
        (THREE, ana(), reset, answer(Value::Null)),
        (
            DROP,
            unverified,
            sign_in(),
            Ok(json!({"userAttributes": typed})),
        ),
    ] {
        let bed = Bed::with(aliased(user), variables).await;
        let row = format!("{variables:?} {}", event["triggerSource"]);
        bed.leads_to(&event, &expected, &row).await;
    }
}

/// Where an unchanged event passes for a success, input that names no trigger must not come back unchanged either.
#[tokio::test]
async fn rejections_can_be_answered_as_errors() {
    let bed = Bed::with(anas_pool(), &[("ON_REJECT", "error")]).await;
    let sign_in = sign_in_event(ANA, PASSWORD).to_string();
    for input in [
        sign_in_event(ANA, WRONG).to_string(),
        forgot_password_event("unknown.user").to_string(),
        "[1, 2, 3]".to_owned(),
        "{}".to_owned(),
        sign_in.replace("triggerSource", "trigger"),
        sign_in.replacen('{', "{\"userName\": \"other.user\", ", 1),
    ] {
        error(&bed.invoke_bytes(input).await, "Rejected", REFUSED);
    }
    // The sender of an unknown trigger did not ask for a migration.
    let mut event = sign_in_event(ANA, PASSWORD);
    event["triggerSource"] = json!("PreSignUp_SomethingNew");
    echoed(&bed.invoke(&event).await, &event);
    assert_eq!(bed.pool.received().len(), 2, "the first and the second");
    bed.ana_signs_in().await;
}

/// A secret that was pasted into the wrong variable; no variable but those of free text takes it.
const PASTED: &str = "k8s3cr3t of the source client";

#[tokio::test]
async fn all_mistakes_are_named_in_one_error_and_no_secret_is_shown() {
    let host = Host::start().await.expect("a loopback port");
    let setup = Setup::new(binary()).with("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let setup = ALL
        .iter()
        .fold(setup, |setup, variable| setup.with(variable.name, PASTED));
    let refused = setup.start(&host).await.expect_err("mistakes");
    assert!(!refused.status.success());
    let output = refused.output.all();
    for variable in &ALL {
        let is_named = output.contains(&format!(" {} ", variable.name));
        let is_checked = !matches!(variable.form, Form::Text);
        assert!(is_named || !is_checked, "{}: {output}", variable.name);
    }
    assert!(!output.contains(PASTED), "{output}");
    let errors = output.lines().filter(|line| line.contains("ON_MFA"));
    assert_eq!(errors.count(), 1, "one error: {output}");
    assert!(!output.contains("AWS_"), "only the mistakes: {output}");
}
