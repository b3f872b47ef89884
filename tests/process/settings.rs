//! The variables that shape the answer, once. Their values are proven in `crates/rules`.

use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn settings_reach_the_answer() {
    const ALL: Variables<'_> = &[
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
        (ALL, ana(), sign_in(), answer(json!(true))),
        // A reset proves nothing, so it takes no alias from another user.
        (ALL, ana(), reset, answer(Value::Null)),
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

#[tokio::test]
async fn the_log_level_is_lambdas_own() {
    for (level, lines) in [("INFO", 1), ("", 1), ("WARN", 0)] {
        let variables = [("AWS_LAMBDA_LOG_LEVEL", level), ("RUST_LOG", "off")];
        let bed = Bed::with(anas_pool(), &variables).await;
        bed.ana_signs_in().await;
        bed.host.idle(1).await;
        bed.lines(lines, |line| line["outcome"] == "migrated").await;
        for line in bed.function.output().stdout().lines() {
            let json: Result<Value, _> = serde_json::from_str(line);
            assert!(json.is_ok(), "{level}: {line}");
        }
    }
}
