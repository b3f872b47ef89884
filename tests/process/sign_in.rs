//! `UserMigration_Authentication`: each shape of an answer. Which users are admitted is proven in `crates/rules`.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::source_pool::{Operation, User};

use crate::support::*;

#[tokio::test]
async fn a_right_password_migrates_the_user_with_all_standard_attributes() {
    let bed = Bed::with(anas_pool(), &[]).await;
    let outcome = bed.ana_signs_in().await;
    assert_eq!(outcome.response()["response"]["messageAction"], "SUPPRESS");
    let expected = json!({
        "trigger": "UserMigration_Authentication", "outcome": "migrated", "source_sub": ana().sub(), "level": "INFO",
    });
    let line = bed.logs(&outcome, &expected).await;
    assert!(line["duration_ms"].is_number(), "{line}");
    let time = line["timestamp"].as_str();
    assert!(time.is_some_and(|time| time.ends_with('Z')), "{line}");
}

/// The profile is read once the password is proven: reading it bills its user as active.
#[tokio::test]
async fn warm_sign_ins_are_two_calls_one_after_the_other_on_the_connections_of_the_warm_up() {
    for (flow, operations) in FLOWS {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        let opened_at_start = bed.pool.server().accepted_connections();
        let latency = Duration::from_millis(100);
        bed.pool.set_latency(latency);
        for _ in 0..3 {
            bed.pool.forget();
            bed.ana_signs_in().await;
            assert_eq!(bed.pool.calls(), operations);
            let received = bed.pool.received();
            let apart = received[1].at.duration_since(received[0].at);
            assert!(apart >= latency, "{apart:?} between the two calls");
        }
        let opened = bed.pool.server().accepted_connections();
        assert_eq!(opened, opened_at_start, "{flow}");
    }
}

/// What the answer to the password rejects takes one call and reads no profile.
#[tokio::test]
async fn a_right_password_leads_where_challenge_profile_and_settings_say() {
    const SMS: (&str, &str) = ("ON_MFA", "sms");
    const TO_RESET: (&str, &str) = ("ON_TEMPORARY_PASSWORD", "reset");
    let with = |status, sms| Ok(json!({"finalUserStatus": status, "enableSMSMFA": sms}));
    let by_sms = || ana().with_challenge("SMS_MFA");
    let invited = || ana().with_status("FORCE_CHANGE_PASSWORD");
    let mut without_number = by_sms();
    without_number.attributes.remove("phone_number");
    let reset = with("RESET_REQUIRED", Value::Null);
    let refused = || Err("mfa_refused");
    let rows: [(Variables<'_>, User, Expected, usize); 5] = [
        (&[], by_sms(), refused(), 1),
        (&[], invited(), Err("temporary_password"), 1),
        (&[SMS], by_sms(), with("CONFIRMED", json!(true)), 2),
        // Only the profile tells, so it is read.
        (&[SMS], without_number, refused(), 2),
        (&[TO_RESET], invited(), reset, 2),
    ];
    for (variables, user, expected, calls) in rows {
        for (flow, [sign_in, _]) in FLOWS {
            let variables = [variables, &[("SRC_AUTH_FLOW", flow)]].concat();
            let row = format!("{variables:?} {:?}", user.challenge());
            let bed = Bed::with(pool_of(user.clone()), &variables).await;
            let event = sign_in_event(ANA, PASSWORD);
            bed.leads_to(&event, &expected, &row).await;
            // Without tokens an administrator must read the profile.
            let asked = [sign_in, Operation::AdminGetUser];
            assert_eq!(bed.pool.calls(), asked[..calls], "{row}");
            // A wrong password meets no challenge, whatever the settings.
            bed.pool.forget();
            let event = sign_in_event(ANA, WRONG);
            bed.rejects(&event, "wrong_credentials").await;
            assert_eq!(bed.pool.calls(), [sign_in], "{row}");
        }
    }
}

/// And a reset that is switched off, and what no trigger of ours sends.
#[tokio::test]
async fn what_needs_no_answer_of_the_source_pool_does_not_ask_it() {
    let bed = Bed::with(anas_pool(), &[("ON_FORGOT_PASSWORD", "ignore")]).await;
    let of_trigger = |trigger: &str| {
        let mut event = sign_in_event(ANA, PASSWORD);
        event["triggerSource"] = json!(trigger);
        event
    };
    let mark = json!({MARKED.1: format!("pending/{}", ana().sub())});
    for (event, reason) in [
        (sign_in_event(ANA, ""), "no_password"),
        (forgot_password_event(ANA), "forgot_password_off"),
        (json!(null), "invalid_request"),
        (json!({}), "invalid_request"),
        (sign_in_event("", PASSWORD), "invalid_request"),
        (of_trigger(""), "unknown_trigger"),
        // Without a mark there is nothing to do after a sign-in.
        (signed_in_event(ANA, mark), "unknown_trigger"),
        (of_trigger("PreSignUp_SomethingNew"), "unknown_trigger"),
        (
            of_trigger("usermigration_authentication"),
            "unknown_trigger",
        ),
    ] {
        let outcome = bed.rejects(&event, reason).await;
        if reason == "unknown_trigger" {
            bed.logs(&outcome, &json!({"level": "WARN"})).await;
        }
    }
    assert_eq!(bed.pool.received().len(), 0);
    bed.ana_signs_in().await;
}
