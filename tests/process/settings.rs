//! The variables that shape the answer, each once. Their values are proven in `crates/rules`.

use serde_json::{Value, json};
use testbed::source_pool::State;

use crate::support::*;

const ADDRESS: &str = "ana.kowalczyk@example.com";

fn with_aliases(mut state: State) -> State {
    state.sign_in_with = vec!["email".into()];
    state
}

#[tokio::test]
async fn each_setting_reaches_the_answer() {
    const WELCOME: (&str, &str) = ("WELCOME_MESSAGE", "email,sms");
    const ALIAS: (&str, &str) = ("FORCE_ALIAS_CREATION", "true");
    const SUB: (&str, &str) = ("DST_USERNAME", "sub");
    const DROP: (&str, &str) = ("UNVERIFIED_CONTACTS", "drop");
    let mails = Ok(json!({"messageAction": null, "desiredDeliveryMediums": ["EMAIL", "SMS"]}));
    let alias = |is_taken: Value| Ok(json!({"forceAliasCreation": is_taken}));
    let only = |attributes: Value| Ok(json!({"userAttributes": attributes}));
    let mut named = attributes_of_ana();
    named["username"] = json!(ana().sub());
    let typed = json!({"name": "Ana Kowalczyk", "email": ADDRESS, "email_verified": "false"});
    let unverified = || {
        let user = ana().with("email_verified", "false");
        with_aliases(pool_of(user.with("phone_number_verified", "false")))
    };
    let mut by_sms = unverified();
    by_sms.users[0].challenge = Some("SMS_MFA".to_owned());
    let refused = Err("mfa_refused");
    let aliased = || with_aliases(anas_pool());
    let sign_in = |typed| sign_in_event(typed, PASSWORD);
    let reset = forgot_password_event;
    let rows: [(Variables<'_>, State, Value, Expected); 8] = [
        (&[WELCOME], anas_pool(), sign_in(ANA), mails),
        (&[ALIAS], anas_pool(), sign_in(ANA), alias(json!(true))),
        // A reset proves nothing, so it takes no alias from another user.
        (&[ALIAS], anas_pool(), reset(ANA), alias(Value::Null)),
        (&[SUB], aliased(), sign_in(ANA), only(attributes_of_ana())),
        (&[SUB], aliased(), sign_in(ADDRESS), only(named.clone())),
        (&[SUB], aliased(), reset(ADDRESS), only(named)),
        // What was typed does not stay behind, and the number to which codes would go does.
        (&[DROP], unverified(), sign_in(ADDRESS), only(typed)),
        (&[DROP, ("ON_MFA", "sms")], by_sms, sign_in(ANA), refused),
    ];
    for (variables, state, event, expected) in rows {
        let bed = Bed::with(state, variables).await;
        let row = format!("{variables:?} {}", event["userName"]);
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
        sign_in_event(ANA, "").to_string(),
        forgot_password_event("unknown.user").to_string(),
        "[1, 2, 3]".to_owned(),
        "null".to_owned(),
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
    assert_eq!(bed.pool.received().len(), 2, "the first and the third");
    bed.ana_signs_in().await;
}

#[tokio::test]
async fn the_log_level_is_lambdas_own() {
    for (level, told) in [("INFO", true), ("", true), ("WARN", false)] {
        let variables = [("AWS_LAMBDA_LOG_LEVEL", level), ("RUST_LOG", "off")];
        let bed = Bed::with(anas_pool(), &variables).await;
        bed.ana_signs_in().await;
        bed.host.idle(1).await;
        let migrated = |line: &Value| line["outcome"] == "migrated";
        let (lines, output) = bed.lines(usize::from(told), migrated).await;
        assert_eq!(lines.len(), usize::from(told), "{level}: {output}");
        for line in bed.function.output().stdout().lines() {
            let line: Result<Value, _> = serde_json::from_str(line);
            assert!(line.is_ok(), "every line is JSON: {output}");
        }
    }
}
