//! Every variable that shapes the answer.

use serde_json::{Value, json};
use testbed::source_pool::{State, User};

use crate::support::*;

async fn response_with(state: State, variables: &[(&str, &str)]) -> Value {
    let bed = Bed::with(state, variables).await;
    let event = sign_in_event("ana.kowalczyk", PASSWORD);
    migrated(&bed.invoke(&event).await, &event)
}

#[tokio::test]
async fn the_welcome_message_follows_its_setting() {
    for (value, action, media) in [
        ("", json!("SUPPRESS"), json!(null)),
        ("none", json!("SUPPRESS"), json!(null)),
        ("email", json!(null), json!(["EMAIL"])),
        ("sms", json!(null), json!(["SMS"])),
        ("email,sms", json!(null), json!(["EMAIL", "SMS"])),
    ] {
        let response = response_with(anas_pool(), &[("WELCOME_MESSAGE", value)]).await;
        assert_eq!(response["messageAction"], action, "{value}");
        assert_eq!(response["desiredDeliveryMediums"], media, "{value}");
    }
}

#[tokio::test]
async fn an_alias_is_moved_only_if_told_to() {
    for (value, expected) in [("", false), ("false", false), ("true", true)] {
        let response = response_with(anas_pool(), &[("FORCE_ALIAS_CREATION", value)]).await;
        assert_eq!(
            response["forceAliasCreation"] == json!(true),
            expected,
            "{value}: {response}"
        );
    }
    // A reset proves nothing, so it takes no alias from another user.
    let bed = Bed::with(anas_pool(), &[("FORCE_ALIAS_CREATION", "true")]).await;
    let event = forgot_password_event("ana.kowalczyk");
    let response = migrated(&bed.invoke(&event).await, &event);
    assert_eq!(response["forceAliasCreation"], json!(null), "{response}");
}

#[tokio::test]
async fn pools_with_aliases_get_a_username() {
    let mut state = anas_pool();
    state.sign_in_with = vec!["email".into()];
    for (value, expected) in [
        ("", json!(null)),
        ("none", json!(null)),
        ("username", json!("ana.kowalczyk")),
        ("sub", json!(ana().sub())),
    ] {
        let bed = Bed::with(state.clone(), &[("DST_USERNAME", value)]).await;
        // What was typed is the user name, unless it is an alias.
        for (typed, expected) in [
            ("ana.kowalczyk", json!(null)),
            ("ana.kowalczyk@example.com", expected),
        ] {
            for event in [sign_in_event(typed, PASSWORD), forgot_password_event(typed)] {
                let response = migrated(&bed.invoke(&event).await, &event);
                let username = &response["userAttributes"]["username"];
                assert_eq!(*username, expected, "{value} {typed}");
            }
        }
    }
}

#[tokio::test]
async fn attributes_are_renamed_dropped_copied_and_set() {
    let user = ana()
        .with("custom:plan", "gold")
        .with("custom:team", "blue")
        .with("custom:old", "gone")
        .with("dev:custom:rank", "9")
        .with("dev:custom:secret", "x")
        .with("custom:empty", "")
        .with("website", "https://example.com")
        .with("nickname", "")
        .with("locale", "de-DE")
        .with("identities", "[]")
        .with("cognito:mfa_enabled", "true");
    let state = State::default().with_user(user);
    let mut standard = attributes_of_ana();
    standard["website"] = json!("https://example.com");
    standard["locale"] = json!("de-DE");
    let response = response_with(state.clone(), &[]).await;
    assert_eq!(
        response["userAttributes"], standard,
        "standard attributes only"
    );

    let variables = [
        (
            "ATTRIBUTE_MAP",
            r#"{"sub": "custom:legacy_sub", "username": "custom:legacy_name", "dev:custom:rank": "custom:rank", "website": null, "custom:plan": "custom:tier", "custom:old": null, "custom:*": "custom:*"}"#,
        ),
        (
            "STATIC_ATTRIBUTES",
            r#"{"custom:origin": "old pool", "locale": "en-GB"}"#,
        ),
    ];
    let response = response_with(state, &variables).await;
    let mut expected = attributes_of_ana();
    expected["custom:legacy_sub"] = json!(ana().sub());
    expected["custom:legacy_name"] = json!("ana.kowalczyk");
    expected["custom:rank"] = json!("9");
    expected["custom:tier"] = json!("gold");
    expected["custom:team"] = json!("blue");
    expected["custom:origin"] = json!("old pool");
    expected["locale"] = json!("en-GB");
    assert_eq!(response["userAttributes"], expected);
}

#[tokio::test]
async fn verified_flags_are_copied_and_never_invented() {
    for (flag, expected) in [
        (Some("true"), json!("true")),
        (Some("false"), json!("false")),
        (None, json!(null)),
    ] {
        let mut user =
            User::new("ana.kowalczyk", PASSWORD).with("email", "ana.kowalczyk@example.com");
        if let Some(flag) = flag {
            user = user.with("email_verified", flag);
        }
        let response = response_with(State::default().with_user(user), &[]).await;
        assert_eq!(response["userAttributes"]["email_verified"], expected);
    }
}

#[tokio::test]
async fn an_unverified_contact_stays_behind_if_told_to_unless_it_was_typed() {
    let unverified = || {
        ana()
            .with("email_verified", "false")
            .with("phone_number_verified", "false")
    };
    let mut state = State::default().with_user(unverified()).with_user(User {
        username: "sms.simon".to_owned(),
        ..unverified().with_challenge("SMS_MFA")
    });
    state.sign_in_with = vec!["email".into()];
    let variables = [("UNVERIFIED_CONTACTS", "drop"), ("ON_MFA", "sms")];
    let bed = Bed::with(state, &variables).await;
    for (typed, expected) in [
        ("ana.kowalczyk", json!({"name": "Ana Kowalczyk"})),
        (
            "ana.kowalczyk@example.com",
            json!({"name": "Ana Kowalczyk", "email": "ana.kowalczyk@example.com", "email_verified": "false"}),
        ),
    ] {
        let event = sign_in_event(typed, PASSWORD);
        let response = migrated(&bed.invoke(&event).await, &event);
        assert_eq!(response["userAttributes"], expected, "{typed}");
    }
    // The number to which codes would go stays behind.
    rejected(&bed, &sign_in_event("sms.simon", PASSWORD), "mfa_refused").await;
}

#[tokio::test]
async fn rejections_can_be_answered_as_errors() {
    let bed = Bed::with(anas_pool(), &[("ON_REJECT", "error")]).await;
    for event in [
        sign_in_event("ana.kowalczyk", WRONG),
        sign_in_event("unknown.user", PASSWORD),
        sign_in_event("ana.kowalczyk", ""),
        forgot_password_event("unknown.user"),
    ] {
        error(&bed.invoke(&event).await, "Rejected", REFUSED);
    }
    bed.ana_signs_in().await;
}

/// Where an unchanged event passes for a success, input that names no trigger must not come back unchanged.
#[tokio::test]
async fn input_that_names_no_trigger_is_an_error_where_rejections_are_errors() {
    let bed = Bed::with(anas_pool(), &[("ON_REJECT", "error")]).await;
    let sign_in = sign_in_event("ana.kowalczyk", PASSWORD).to_string();
    let mut nameless = sign_in_event("ana.kowalczyk", PASSWORD);
    nameless.as_object_mut().unwrap().remove("triggerSource");
    for input in [
        "[1, 2, 3]".to_owned(),
        "null".to_owned(),
        "{}".to_owned(),
        nameless.to_string(),
        sign_in.replacen('{', "{\"userName\": \"other.user\", ", 1),
    ] {
        error(&bed.invoke_bytes(input).await, "Rejected", REFUSED);
    }
    assert_eq!(bed.pool.received().len(), 0);
}

#[tokio::test]
async fn the_log_level_is_lambdas_own() {
    for (level, told) in [
        ("INFO", true),
        ("", true),
        ("ERROR", false),
        ("WARN", false),
    ] {
        let bed = Bed::with(
            anas_pool(),
            &[("AWS_LAMBDA_LOG_LEVEL", level), ("RUST_LOG", "off")],
        )
        .await;
        bed.ana_signs_in().await;
        bed.host.idle(1).await;
        let output = bed
            .function
            .output_with(|output| !told || output.stdout().contains("migrated"))
            .await;
        assert_eq!(
            output.stdout().contains("migrated"),
            told,
            "{level}: {}",
            output.all()
        );
        for line in output.stdout().lines() {
            assert!(
                serde_json::from_str::<Value>(line).is_ok(),
                "every line is JSON: {line}"
            );
        }
    }
}
