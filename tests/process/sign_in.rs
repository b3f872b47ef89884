//! `UserMigration_Authentication`: each shape of an answer. Which users are admitted is proven in `crates/rules`.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::source_pool::{Operation, User};

use crate::support::*;

#[tokio::test]
async fn a_right_password_migrates_the_user_with_all_standard_attributes() {
    let bed = Bed::start(anas_pool()).await;
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

#[tokio::test]
async fn a_rejection_by_the_answer_to_the_password_takes_one_call_and_reads_no_profile() {
    let invited = ana().with_status("FORCE_CHANGE_PASSWORD");
    let unheard_of = ana().with_challenge("NEVER_HEARD_OF_IT");
    for (user, password, reason) in [
        (ana(), WRONG, "wrong_credentials"),
        (ana().with_challenge("SMS_MFA"), PASSWORD, "mfa_refused"),
        (invited, PASSWORD, "temporary_password"),
        (unheard_of, PASSWORD, "unsupported_challenge"),
    ] {
        for (flow, [sign_in, _]) in FLOWS {
            let bed = Bed::with(pool_of(user.clone()), &[("SRC_AUTH_FLOW", flow)]).await;
            bed.rejects(&sign_in_event(ANA, password), reason).await;
            assert_eq!(bed.pool.calls(), [sign_in], "{flow} {reason}");
        }
    }
}

#[tokio::test]
async fn a_right_password_leads_where_challenge_profile_and_settings_say() {
    const SMS: (&str, &str) = ("ON_MFA", "sms");
    const DROP: (&str, &str) = ("ON_MFA", "drop");
    const TO_RESET: (&str, &str) = ("ON_TEMPORARY_PASSWORD", "reset");
    const STRONG: (&str, &str) = ("PASSWORD_POLICY", r#"{"minimumLength": 21}"#);
    const WEAK: (&str, &str) = ("PASSWORD_POLICY", r#"{"minimumLength": 22}"#);
    const BY_PHONE: (&str, &str) = ("RESET_CONTACTS", "phone_number");
    let with = |status, sms| Ok(json!({"finalUserStatus": status, "enableSMSMFA": sms}));
    let reset = || with("RESET_REQUIRED", Value::Null);
    let confirmed = || with("CONFIRMED", Value::Null);
    let unusable = || Err("unusable_status");
    let mfa = || ana().with_challenge("SOFTWARE_TOKEN_MFA");
    let by_sms = ana().with_challenge("SMS_MFA");
    let invited = ana().with_status("FORCE_CHANGE_PASSWORD");
    // The challenge of a temporary password, of a user who has none.
    let odd = ana().with_challenge("NEW_PASSWORD_REQUIRED");
    let no_phone = ana().with("phone_number_verified", "false");
    let mut without_number = by_sms.clone();
    without_number.attributes.remove("phone_number");
    let rows: [(Variables<'_>, User, Expected); 8] = [
        (&[SMS], by_sms, with("CONFIRMED", json!(true))),
        // Only the profile tells, so it is read.
        (&[SMS], without_number, Err("mfa_refused")),
        (&[DROP], mfa(), confirmed()),
        (&[TO_RESET], invited, reset()),
        (&[WEAK, BY_PHONE], no_phone, Err("no_verified_contact")),
        (&[STRONG], ana(), confirmed()),
        (&[DROP], mfa().with_status("COMPROMISED"), unusable()),
        (&[TO_RESET], odd, unusable()),
    ];
    for (variables, user, expected) in rows {
        for (flow, [sign_in, profile]) in FLOWS {
            let variables = [variables, &[("SRC_AUTH_FLOW", flow)]].concat();
            let row = format!("{variables:?} {:?}", user.challenge());
            let bed = Bed::with(pool_of(user.clone()), &variables).await;
            let event = sign_in_event(ANA, PASSWORD);
            bed.leads_to(&event, &expected, &row).await;
            // Without tokens an administrator must read the profile.
            let profile = match user.challenge() {
                None => profile,
                Some(_) => Operation::AdminGetUser,
            };
            assert_eq!(bed.pool.calls(), [sign_in, profile], "{row}");
            // A wrong password meets no challenge, whatever the settings.
            let event = sign_in_event(ANA, WRONG);
            bed.rejects(&event, "wrong_credentials").await;
        }
    }
}

/// Tokens from the source are no proof that its administrators still let the user in.
#[tokio::test]
async fn tokens_migrate_no_user_whom_the_profile_refuses() {
    for (enabled, status, reason) in [
        (true, "ARCHIVED", "unusable_status"),
        (false, "CONFIRMED", "user_disabled"),
    ] {
        let bed = Bed::start(anas_pool()).await;
        // Since the sign-in.
        let profile = json!({
            "Username": ANA, "Enabled": enabled, "UserStatus": status,
            "UserAttributes": [{"Name": "sub", "Value": ana().sub()}, {"Name": "email", "Value": "a@example.com"}],
        });
        bed.pool.answer_once(Operation::AdminGetUser, &profile);
        bed.rejects(&sign_in_event(ANA, PASSWORD), reason).await;
    }
}

#[tokio::test]
async fn without_a_password_the_source_pool_is_not_asked() {
    let bed = Bed::start(anas_pool()).await;
    let mut null = sign_in_event(ANA, "");
    null["request"]["password"] = json!(null);
    for event in [sign_in_event(ANA, ""), null] {
        bed.rejects(&event, "no_password").await;
    }
    assert_eq!(bed.pool.received().len(), 0);
}
