//! The variables that shape the answer, each once. Their values are proven in `crates/rules`.

use serde_json::{Value, json};
use testbed::source_pool::{State, User};

use crate::support::*;

const ADDRESS: &str = "ana.kowalczyk@example.com";

/// [`ana`] with the attributes that mappings are about.
fn with_custom_attributes() -> State {
    let user = ana()
        .with("custom:plan", "gold")
        .with("custom:team", "blue")
        .with("dev:custom:rank", "9")
        .with("dev:custom:secret", "x")
        .with("website", "https://example.com")
        .with("locale", "de-DE")
        .with("identities", "[]");
    pool_of(user)
}

/// [`ana`], who signs in with an address, too; no contact is verified.
fn unverified() -> State {
    let user = ana()
        .with("email_verified", "false")
        .with("phone_number_verified", "false");
    with_aliases(pool_of(user))
}

fn with_aliases(mut state: State) -> State {
    state.sign_in_with = vec!["email".into()];
    state
}

#[tokio::test]
async fn each_setting_reaches_the_answer() {
    const DROP: (&str, &str) = ("UNVERIFIED_CONTACTS", "drop");
    const ALIAS: (&str, &str) = ("FORCE_ALIAS_CREATION", "true");
    const SUB: (&str, &str) = ("DST_USERNAME", "sub");
    const MAP: (&str, &str) = (
        "ATTRIBUTE_MAP",
        r#"{"sub": "custom:legacy_sub", "username": "custom:legacy_name", "dev:custom:rank": "custom:rank", "website": null, "custom:plan": "custom:tier", "custom:*": "custom:*"}"#,
    );
    const FIXED: (&str, &str) = (
        "STATIC_ATTRIBUTES",
        r#"{"custom:origin": "old pool", "locale": "en-GB"}"#,
    );
    let mut standard = attributes_of_ana();
    assert_eq!(standard["username"], Value::Null);
    standard["website"] = json!("https://example.com");
    standard["locale"] = json!("de-DE");
    let mut mapped = attributes_of_ana();
    for (name, value) in [
        ("custom:legacy_sub", ana().sub().as_str()),
        ("custom:legacy_name", ANA),
        ("custom:rank", "9"),
        ("custom:tier", "gold"),
        ("custom:team", "blue"),
        ("custom:origin", "old pool"),
        ("locale", "en-GB"),
    ] {
        mapped[name] = json!(value);
    }
    let mut named = attributes_of_ana();
    named["username"] = json!(ana().sub());
    let attributes = |attributes: Value| Ok(json!({"userAttributes": attributes}));
    let of_simon = User {
        username: "sms.simon".to_owned(),
        ..unverified().users[0].clone().with_challenge("SMS_MFA")
    };
    let sign_in = |typed| sign_in_event(typed, PASSWORD);
    let rows: [(Variables<'_>, State, Value, Expected); 11] = [
        (
            &[("WELCOME_MESSAGE", "email,sms")],
            anas_pool(),
            sign_in(ANA),
            Ok(json!({"messageAction": null, "desiredDeliveryMediums": ["EMAIL", "SMS"]})),
        ),
        (
            &[ALIAS],
            anas_pool(),
            sign_in(ANA),
            Ok(json!({"forceAliasCreation": true})),
        ),
        // A reset proves nothing, so it takes no alias from another user.
        (
            &[ALIAS],
            anas_pool(),
            forgot_password_event(ANA),
            Ok(json!({"forceAliasCreation": null})),
        ),
        (
            &[SUB],
            anas_pool(),
            sign_in(ANA),
            attributes(attributes_of_ana()),
        ),
        (
            &[SUB],
            with_aliases(anas_pool()),
            sign_in(ADDRESS),
            attributes(named.clone()),
        ),
        (
            &[SUB],
            with_aliases(anas_pool()),
            forgot_password_event(ADDRESS),
            attributes(named),
        ),
        (
            &[],
            with_custom_attributes(),
            sign_in(ANA),
            attributes(standard),
        ),
        (
            &[MAP, FIXED],
            with_custom_attributes(),
            sign_in(ANA),
            attributes(mapped),
        ),
        (
            &[DROP],
            unverified(),
            sign_in(ANA),
            attributes(json!({"name": "Ana Kowalczyk"})),
        ),
        // What was typed does not stay behind.
        (
            &[DROP],
            unverified(),
            sign_in(ADDRESS),
            attributes(
                json!({"name": "Ana Kowalczyk", "email": ADDRESS, "email_verified": "false"}),
            ),
        ),
        // The number to which codes would go stays behind.
        (
            &[DROP, ("ON_MFA", "sms")],
            pool_of(of_simon),
            sign_in("sms.simon"),
            Err("mfa_refused"),
        ),
    ];
    for (variables, state, event, expected) in rows {
        let bed = Bed::with(state, variables).await;
        let row = format!("{variables:?} {}", event["userName"]);
        bed.leads_to(&event, &expected, &row).await;
    }
}

#[tokio::test]
async fn rejections_can_be_answered_as_errors() {
    let bed = Bed::with(anas_pool(), &[("ON_REJECT", "error")]).await;
    for event in [
        sign_in_event(ANA, WRONG),
        sign_in_event(ANA, ""),
        forgot_password_event("unknown.user"),
    ] {
        error(&bed.invoke(&event).await, "Rejected", REFUSED);
    }
    // The sender of an unknown trigger did not ask for a migration.
    let mut event = sign_in_event(ANA, PASSWORD);
    event["triggerSource"] = json!("PreSignUp_SomethingNew");
    echoed(&bed.invoke(&event).await, &event);
    bed.ana_signs_in().await;
}

/// Where an unchanged event passes for a success, input that names no trigger must not come back unchanged.
#[tokio::test]
async fn input_that_names_no_trigger_is_an_error_where_rejections_are_errors() {
    let bed = Bed::with(anas_pool(), &[("ON_REJECT", "error")]).await;
    let sign_in = sign_in_event(ANA, PASSWORD).to_string();
    for input in [
        "[1, 2, 3]".to_owned(),
        "null".to_owned(),
        "{}".to_owned(),
        sign_in.replace("triggerSource", "trigger"),
        sign_in.replacen('{', "{\"userName\": \"other.user\", ", 1),
    ] {
        error(&bed.invoke_bytes(input).await, "Rejected", REFUSED);
    }
    assert_eq!(bed.pool.received().len(), 0);
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
