//! The decision table of `UserMigration_Authentication`.

use std::time::Duration;

use serde_json::json;
use testbed::source_pool::{CLIENT_ID, Client, Operation, State, User};

use crate::support::*;

#[tokio::test]
async fn a_right_password_migrates_the_user_with_all_standard_attributes() {
    let bed = Bed::start(anas_pool()).await;
    let outcome = bed.ana_signs_in().await;
    assert_eq!(outcome.response()["response"]["messageAction"], "SUPPRESS");
    let line = bed.log_of(&outcome).await;
    assert_eq!(line["trigger"], "UserMigration_Authentication");
    assert_eq!(line["outcome"], "migrated");
    assert_eq!(line["source_sub"], ana().sub());
    assert!(line["duration_ms"].is_number(), "{line}");
    assert_eq!(line["level"], "INFO");
    assert!(
        line["timestamp"]
            .as_str()
            .is_some_and(|time| time.ends_with('Z')),
        "{line}"
    );
}

/// The profile is read once the password is proven: reading it bills its user as active.
#[tokio::test]
async fn a_warm_sign_in_takes_two_calls_one_after_the_other() {
    for (flow, operations) in [
        (
            "ADMIN_USER_PASSWORD_AUTH",
            [Operation::AdminInitiateAuth, Operation::AdminGetUser],
        ),
        (
            "USER_PASSWORD_AUTH",
            [Operation::InitiateAuth, Operation::GetUser],
        ),
    ] {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        let latency = Duration::from_millis(150);
        bed.pool.set_latency(latency);
        bed.ana_signs_in().await;
        assert_eq!(bed.pool.calls(), operations);
        let received = bed.pool.received();
        let apart = received[1].at.duration_since(received[0].at);
        assert!(apart >= latency, "{apart:?} between the two calls");
    }
}

#[tokio::test]
async fn sign_ins_use_the_connections_of_the_warm_up() {
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        let opened_at_start = bed.pool.server().accepted_connections();
        for _ in 0..5 {
            bed.ana_signs_in().await;
        }
        assert_eq!(bed.pool.received().len(), 10, "{flow}");
        let opened = bed.pool.server().accepted_connections();
        assert_eq!(opened, opened_at_start, "{flow}");
    }
}

#[tokio::test]
async fn sixty_mixed_sign_ins_never_mix_up_users() {
    let mut state = State::default();
    for number in 0..20 {
        state = state.with_user(
            User::new(
                &format!("user-{number:02}"),
                &format!("Password-of-{number:02}"),
            )
            .with("email", &format!("user-{number:02}@example.com"))
            .with(
                "email_verified",
                if number % 2 == 0 { "true" } else { "false" },
            ),
        );
    }
    let bed = Bed::start(state).await;
    bed.pool.set_latency(Duration::from_millis(3));
    for round in 0..60 {
        let number = (round * 7) % 20;
        let username = format!("user-{number:02}");
        let right = format!("Password-of-{number:02}");
        let others = format!("Password-of-{:02}", (number + 1) % 20);
        let (password, good) = if round % 3 == 1 {
            (others, false)
        } else {
            (right, true)
        };
        let event = sign_in_event(&username, &password);
        let outcome = bed.invoke(&event).await;
        if good {
            let response = migrated(&outcome, &event);
            assert_eq!(
                response["userAttributes"],
                json!({
                    "email": format!("{username}@example.com"),
                    "email_verified": if number % 2 == 0 { "true" } else { "false" },
                })
            );
            let sub = bed.pool.user(&username).unwrap().sub();
            assert_eq!(bed.log_of(&outcome).await["source_sub"], sub);
        } else {
            echoed(&outcome, &event);
        }
    }
}

#[tokio::test]
async fn a_refusal_of_the_source_returns_the_event_and_logs_its_reason() {
    let state = State::default()
        .with_user(ana())
        .with_user(User::new("disabled.dora", PASSWORD).disabled())
        .with_user(User::new("unconfirmed.uwe", PASSWORD).with_status("UNCONFIRMED"))
        .with_user(User::new("reset.rita", PASSWORD).with_status("RESET_REQUIRED"));
    let bed = Bed::start(state).await;
    for (username, password, reason) in [
        ("ana.kowalczyk", WRONG, "wrong_credentials"),
        ("unknown.user", PASSWORD, "user_not_found"),
        ("disabled.dora", PASSWORD, "user_disabled"),
        ("unconfirmed.uwe", PASSWORD, "not_confirmed"),
        ("reset.rita", PASSWORD, "password_reset_required"),
        ("has spaces in it", PASSWORD, "invalid_request"),
    ] {
        bed.pool.forget();
        rejected(&bed, &sign_in_event(username, password), reason).await;
        // One try, and no profile is read without a proof.
        let calls = bed.pool.calls();
        assert_eq!(calls, [Operation::AdminInitiateAuth], "{username}");
    }
}

#[tokio::test]
async fn a_source_that_hides_unknown_users_is_a_source_that_refuses() {
    let mut state = anas_pool();
    state.clients = vec![Client {
        prevent_user_existence_errors: true,
        ..Client::new(CLIENT_ID)
    }];
    let bed = Bed::start(state).await;
    let outcome = bed.sign_in("unknown.user", PASSWORD).await;
    echoed(&outcome, &sign_in_event("unknown.user", PASSWORD));
}

/// Tokens from the source are no proof that its administrators still let the user in.
#[tokio::test]
async fn tokens_migrate_no_user_whose_status_is_not_confirmed() {
    for status in [
        "ARCHIVED",
        "COMPROMISED",
        "UNKNOWN",
        "EXTERNAL_PROVIDER",
        "BRAND_NEW_STATUS",
        "confirmed",
        "",
    ] {
        let bed = Bed::start(State::default().with_user(ana().with_status(status))).await;
        rejected(
            &bed,
            &sign_in_event("ana.kowalczyk", PASSWORD),
            "unusable_status",
        )
        .await;
    }
}

#[tokio::test]
async fn a_user_who_is_disabled_while_signing_in_is_rejected() {
    let bed = Bed::start(anas_pool()).await;
    let profile = json!({
        "Username": "ana.kowalczyk", "Enabled": false, "UserStatus": "CONFIRMED",
        "UserAttributes": [{"Name": "sub", "Value": ana().sub()}, {"Name": "email", "Value": "ana.kowalczyk@example.com"}],
    });
    bed.pool.answer_once(Operation::AdminGetUser, &profile);
    rejected(
        &bed,
        &sign_in_event("ana.kowalczyk", PASSWORD),
        "user_disabled",
    )
    .await;
}

/// What must come of a sign-in: a rejection with its reason, or `finalUserStatus` and whether `enableSMSMFA` is set.
type Expected = Result<(&'static str, bool), &'static str>;

/// Every challenge under every setting, through the admin flow and through the public one.
#[tokio::test]
async fn challenges_follow_the_table() {
    const CHALLENGES: [&str; 11] = [
        "SMS_MFA",
        "SOFTWARE_TOKEN_MFA",
        "EMAIL_OTP",
        "SELECT_MFA_TYPE",
        "MFA_SETUP",
        "SMS_OTP",
        "CUSTOM_CHALLENGE",
        "DEVICE_SRP_AUTH",
        "PASSWORD_VERIFIER",
        "WEB_AUTHN",
        "NEVER_HEARD_OF_IT",
    ];
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
        for on_mfa in ["refuse", "sms", "reset", "drop"] {
            let mut state = State::default();
            for challenge in CHALLENGES {
                for phone in [true, false] {
                    let mut user = User::new(&username(challenge, phone), PASSWORD)
                        .with("email", "other@example.com")
                        .with_challenge(challenge);
                    if phone {
                        user = user
                            .with("phone_number", "+491555010203")
                            .with("phone_number_verified", "true");
                    }
                    state = state.with_user(user);
                }
            }
            let bed = Bed::with(state, &[("SRC_AUTH_FLOW", flow), ("ON_MFA", on_mfa)]).await;
            for challenge in CHALLENGES {
                for phone in [true, false] {
                    let expected: Expected = match (challenge, on_mfa) {
                        ("SMS_MFA", "sms") if phone => Ok(("CONFIRMED", true)),
                        (
                            "SMS_MFA" | "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP" | "SELECT_MFA_TYPE"
                            | "MFA_SETUP",
                            "drop",
                        ) => Ok(("CONFIRMED", false)),
                        (
                            "SMS_MFA" | "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP" | "SELECT_MFA_TYPE"
                            | "MFA_SETUP",
                            "reset",
                        ) if phone => Ok(("RESET_REQUIRED", false)),
                        (
                            "SMS_MFA" | "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP" | "SELECT_MFA_TYPE"
                            | "MFA_SETUP",
                            "reset",
                        ) => Err("no_verified_contact"),
                        (
                            "SMS_MFA" | "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP" | "SELECT_MFA_TYPE"
                            | "MFA_SETUP",
                            _,
                        ) => Err("mfa_refused"),
                        _ => Err("unsupported_challenge"),
                    };
                    // A profile that is read costs the source pool's owner an active user: a challenge that the
                    // setting does not let through is refused without one.
                    let is_read = (challenge, on_mfa) == ("SMS_MFA", "sms")
                        || !matches!(expected, Err("mfa_refused" | "unsupported_challenge"));
                    let before = bed.pool.count(Operation::AdminGetUser);
                    check(&bed, &username(challenge, phone), PASSWORD, expected).await;
                    let reads = bed.pool.count(Operation::AdminGetUser) - before;
                    assert_eq!(reads, usize::from(is_read), "{challenge}, {on_mfa}");
                    // A wrong password meets no challenge, whatever the settings.
                    check(
                        &bed,
                        &username(challenge, phone),
                        WRONG,
                        Err("wrong_credentials"),
                    )
                    .await;
                }
            }
        }
    }
}

fn username(challenge: &str, phone: bool) -> String {
    format!("user-{challenge}-{phone}")
}

async fn check(bed: &Bed, username: &str, password: &str, expected: Expected) {
    let event = sign_in_event(username, password);
    match expected {
        Err(reason) => {
            rejected(bed, &event, reason).await;
        }
        Ok((status, sms)) => {
            let response = migrated(&bed.invoke(&event).await, &event);
            assert_eq!(
                response["finalUserStatus"], status,
                "{username}: {response}"
            );
            let enabled = response["enableSMSMFA"] == json!(true);
            assert_eq!(enabled, sms, "{username}: {response}");
        }
    }
}

#[tokio::test]
async fn a_temporary_password_follows_its_setting() {
    let user = || ana().with_status("FORCE_CHANGE_PASSWORD");
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
        for (setting, expected) in [
            ("", Err("temporary_password")),
            ("refuse", Err("temporary_password")),
            ("reset", Ok(("RESET_REQUIRED", false))),
        ] {
            let variables = [("SRC_AUTH_FLOW", flow), ("ON_TEMPORARY_PASSWORD", setting)];
            let bed = Bed::with(State::default().with_user(user()), &variables).await;
            check(&bed, "ana.kowalczyk", PASSWORD, expected).await;
        }
    }
    // The challenge alone is not enough: the profile must say the same.
    let state = State::default().with_user(ana().with_challenge("NEW_PASSWORD_REQUIRED"));
    let bed = Bed::with(state, &[("ON_TEMPORARY_PASSWORD", "reset")]).await;
    check(&bed, "ana.kowalczyk", PASSWORD, Err("unusable_status")).await;
}

/// A user who must reset the password needs a contact to which the destination pool sends codes.
#[tokio::test]
async fn a_reset_after_the_sign_in_needs_a_contact_that_can_get_the_code() {
    let with_email = || {
        User::new("email.ema", PASSWORD)
            .with("email", "ema@example.com")
            .with("email_verified", "true")
            .with("phone_number", "+491555010203")
    };
    let with_phone = || {
        User::new("phone.pia", PASSWORD)
            .with("email", "pia@example.com")
            .with("phone_number", "+491555010203")
            .with("phone_number_verified", "true")
    };
    const WEAK: (&str, &str) = ("PASSWORD_POLICY", r#"{"minimumLength":40}"#);
    type Change = fn(User) -> User;
    let ways: [(Change, (&str, &str)); 3] = [
        (
            |user| user.with_status("FORCE_CHANGE_PASSWORD"),
            ("ON_TEMPORARY_PASSWORD", "reset"),
        ),
        (
            |user| user.with_challenge("SOFTWARE_TOKEN_MFA"),
            ("ON_MFA", "reset"),
        ),
        (|user| user, WEAK),
    ];
    const RESET: Expected = Ok(("RESET_REQUIRED", false));
    const NONE: Expected = Err("no_verified_contact");
    for (contacts, email, phone) in [
        ("", RESET, RESET),
        ("email", RESET, NONE),
        ("phone_number", NONE, RESET),
    ] {
        for (change, setting) in ways {
            let state = State::default()
                .with_user(change(with_email()))
                .with_user(change(with_phone()));
            let bed = Bed::with(state, &[setting, ("RESET_CONTACTS", contacts)]).await;
            check(&bed, "email.ema", PASSWORD, email).await;
            check(&bed, "phone.pia", PASSWORD, phone).await;
            check(&bed, "phone.pia", WRONG, Err("wrong_credentials")).await;
        }
    }
    // Cognito sends no code of a reset to the phone that is the second factor.
    let by_sms = |user: User| user.with_challenge("SMS_MFA");
    let state = State::default()
        .with_user(by_sms(with_email()))
        .with_user(by_sms(with_phone()));
    let bed = Bed::with(state, &[WEAK, ("ON_MFA", "sms")]).await;
    check(&bed, "email.ema", PASSWORD, Ok(("RESET_REQUIRED", true))).await;
    check(&bed, "phone.pia", PASSWORD, NONE).await;
}

#[tokio::test]
async fn only_a_password_that_does_not_meet_the_policy_has_to_be_reset() {
    for (flow, policy, status) in [
        ("ADMIN_USER_PASSWORD_AUTH", "", "CONFIRMED"),
        (
            "ADMIN_USER_PASSWORD_AUTH",
            r#"{"minimumLength":21}"#,
            "CONFIRMED",
        ),
        (
            "ADMIN_USER_PASSWORD_AUTH",
            r#"{"minimumLength":22}"#,
            "RESET_REQUIRED",
        ),
        (
            "USER_PASSWORD_AUTH",
            r#"{"requireLowercase":true,"requireUppercase":true,"requireNumbers":true,"requireSymbols":true}"#,
            "CONFIRMED",
        ),
        (
            "USER_PASSWORD_AUTH",
            r#"{"minimumLength":22}"#,
            "RESET_REQUIRED",
        ),
    ] {
        let variables = [("SRC_AUTH_FLOW", flow), ("PASSWORD_POLICY", policy)];
        let bed = Bed::with(anas_pool(), &variables).await;
        check(&bed, "ana.kowalczyk", PASSWORD, Ok((status, false))).await;
    }
}

#[tokio::test]
async fn a_challenge_accepted_by_policy_still_needs_an_enabled_confirmed_user() {
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
        let user = ana().with_status("COMPROMISED").with_challenge("SMS_MFA");
        let variables = [("SRC_AUTH_FLOW", flow), ("ON_MFA", "drop")];
        let bed = Bed::with(State::default().with_user(user), &variables).await;
        check(&bed, "ana.kowalczyk", PASSWORD, Err("unusable_status")).await;
    }
}

#[tokio::test]
async fn without_a_password_the_source_pool_is_not_asked() {
    let bed = Bed::start(anas_pool()).await;
    let mut null = sign_in_event("ana.kowalczyk", "");
    null["request"]["password"] = json!(null);
    let mut absent = null.clone();
    absent["request"]
        .as_object_mut()
        .unwrap()
        .remove("password");
    for event in [sign_in_event("ana.kowalczyk", ""), null, absent] {
        rejected(&bed, &event, "no_password").await;
    }
    assert_eq!(bed.pool.received().len(), 0);
}
