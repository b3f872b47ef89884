//! The decision table of `UserMigration_ForgotPassword`.

use serde_json::json;
use testbed::source_pool::{Fault, Operation, SourcePoolStub, State, Times, User};

use crate::support::*;

#[tokio::test]
async fn a_verified_user_is_migrated_and_cognito_decides_the_status() {
    for status in ["CONFIRMED", "RESET_REQUIRED"] {
        let bed = Bed::start(State::default().with_user(ana().with_status(status))).await;
        let event = forgot_password_event("ana.kowalczyk");
        let outcome = bed.invoke(&event).await;
        let response = migrated(&outcome, &event);
        assert_eq!(response["userAttributes"], attributes_of_ana());
        assert_eq!(response["finalUserStatus"], json!(null));
        assert_eq!(response["messageAction"], "SUPPRESS");
        assert_eq!(bed.pool.count(Operation::AdminGetUser), 1);
        assert_eq!(
            bed.pool.received().len(),
            1,
            "nothing but the profile is asked for"
        );
        let line = bed.log_of(&outcome).await;
        assert_eq!(line["trigger"], "UserMigration_ForgotPassword");
        assert_eq!(line["outcome"], "migrated");
    }
}

#[tokio::test]
async fn every_other_state_is_rejected_with_its_reason() {
    let user = |name: &str| {
        User::new(name, PASSWORD)
            .with("email", "other@example.com")
            .with("email_verified", "true")
    };
    let mut state = State::default();
    let mut expected = vec![("unknown.user".to_owned(), "user_not_found")];
    for (name, status, reason) in [
        ("unconfirmed.uwe", "UNCONFIRMED", "not_confirmed"),
        ("external.eva", "EXTERNAL_PROVIDER", "external_provider"),
        (
            "temporary.timo",
            "FORCE_CHANGE_PASSWORD",
            "temporary_password",
        ),
        ("archived.arne", "ARCHIVED", "unusable_status"),
        ("compromised.cleo", "COMPROMISED", "unusable_status"),
        ("unknown.ulf", "UNKNOWN", "unusable_status"),
        ("new.status.nina", "BRAND_NEW_STATUS", "unusable_status"),
    ] {
        state = state.with_user(user(name).with_status(status));
        expected.push((name.to_owned(), reason));
        let disabled = format!("disabled.{name}");
        state = state.with_user(user(&disabled).with_status(status).disabled());
        expected.push((disabled, "user_disabled"));
    }
    state = state
        .with_user(user("disabled.dora").disabled())
        .with_user(user("sms.simon").with_mfa(&["SMS_MFA"]))
        .with_user(user("totp.tara").with_mfa(&["SOFTWARE_TOKEN_MFA"]));
    expected.extend(
        [
            ("disabled.dora", "user_disabled"),
            ("sms.simon", "mfa_refused"),
            ("totp.tara", "mfa_refused"),
        ]
        .map(|(name, reason)| (name.to_owned(), reason)),
    );
    let bed = Bed::start(state).await;
    for (name, reason) in expected {
        rejected(&bed, &forgot_password_event(&name), reason).await;
    }
}

#[tokio::test]
async fn a_reset_needs_a_verified_contact_that_is_copied() {
    let plain = |name: &str| User::new(name, PASSWORD);
    let state = State::default()
        .with_user(plain("none.at.all").with("name", "None"))
        .with_user(plain("email.unsaid").with("email", "a@example.com"))
        .with_user(
            plain("email.false")
                .with("email", "a@example.com")
                .with("email_verified", "false"),
        )
        .with_user(plain("flag.alone").with("email_verified", "true"))
        .with_user(
            plain("crossed")
                .with("email", "a@example.com")
                .with("phone_number_verified", "true"),
        )
        .with_user(
            plain("email.capital")
                .with("email", "a@example.com")
                .with("email_verified", "True"),
        )
        .with_user(
            plain("phone.true")
                .with("phone_number", "+491555010203")
                .with("phone_number_verified", "true"),
        )
        .with_user(
            plain("email.true")
                .with("email", "a@example.com")
                .with("email_verified", "true"),
        );
    let bed = Bed::start(state.clone()).await;
    for name in [
        "none.at.all",
        "email.unsaid",
        "email.false",
        "flag.alone",
        "crossed",
    ] {
        rejected(&bed, &forgot_password_event(name), "no_verified_contact").await;
    }
    for (name, flag) in [
        ("phone.true", "phone_number_verified"),
        ("email.true", "email_verified"),
        // As another tool wrote it.
        ("email.capital", "email_verified"),
    ] {
        let event = forgot_password_event(name);
        let response = migrated(&bed.invoke(&event).await, &event);
        assert_eq!(response["userAttributes"][flag], "true", "{name}");
    }
    // What the mapping drops cannot receive a code.
    let bed = Bed::with(state, &[("ATTRIBUTE_MAP", r#"{"email": null}"#)]).await;
    rejected(
        &bed,
        &forgot_password_event("email.true"),
        "no_verified_contact",
    )
    .await;
}

#[tokio::test]
async fn a_second_factor_falls_under_on_mfa_here_too() {
    let state = State::default()
        .with_user(User {
            username: "sms.simon".into(),
            ..ana().with_mfa(&["SMS_MFA"])
        })
        .with_user(User {
            username: "totp.tara".into(),
            ..ana().with_mfa(&["SOFTWARE_TOKEN_MFA"])
        })
        .with_user(User {
            username: "both.bea".into(),
            ..ana().with_mfa(&["SMS_MFA", "SOFTWARE_TOKEN_MFA"])
        })
        .with_user(
            User::new("sms.without.phone", PASSWORD)
                .with("email", "s@example.com")
                .with("email_verified", "true")
                .with_mfa(&["SMS_MFA"]),
        );
    for (on_mfa, migrating) in [
        ("sms", &[("sms.simon", true)][..]),
        (
            "drop",
            &[
                ("sms.simon", false),
                ("totp.tara", false),
                ("both.bea", false),
                ("sms.without.phone", false),
            ],
        ),
    ] {
        let bed = Bed::with(state.clone(), &[("ON_MFA", on_mfa)]).await;
        for name in ["sms.simon", "totp.tara", "both.bea", "sms.without.phone"] {
            let event = forgot_password_event(name);
            match migrating.iter().find(|(migrating, _)| *migrating == name) {
                Some((_, sms)) => {
                    let response = migrated(&bed.invoke(&event).await, &event);
                    assert_eq!(
                        response["enableSMSMFA"] == json!(true),
                        *sms,
                        "{on_mfa} {name}"
                    );
                    assert_eq!(response["finalUserStatus"], json!(null));
                }
                None => {
                    rejected(&bed, &event, "mfa_refused").await;
                }
            }
        }
    }
}

/// To a contact that is none of them, Cognito sends nothing: the user could never set a password.
#[tokio::test]
async fn a_reset_needs_a_contact_to_which_codes_go() {
    let person = |name: &str, verified: &str| {
        User::new(name, PASSWORD)
            .with("email", "a@example.com")
            .with("phone_number", "+491555010203")
            .with(&format!("{verified}_verified"), "true")
    };
    let state = State::default()
        .with_user(person("email.ema", "email"))
        .with_user(person("phone.pia", "phone_number"))
        .with_user(person("email.sms", "email").with_mfa(&["SMS_MFA"]))
        .with_user(person("phone.sms", "phone_number").with_mfa(&["SMS_MFA"]));
    let all = ["email.ema", "phone.pia", "email.sms", "phone.sms"];
    for (contacts, migrating) in [
        // No code of a reset goes to the phone that is the second factor.
        ("", &["email.ema", "phone.pia", "email.sms"][..]),
        ("email", &["email.ema", "email.sms"]),
        ("phone_number", &["phone.pia"]),
    ] {
        let variables = [("RESET_CONTACTS", contacts), ("ON_MFA", "sms")];
        let bed = Bed::with(state.clone(), &variables).await;
        for name in all {
            let event = forgot_password_event(name);
            if migrating.contains(&name) {
                let response = migrated(&bed.invoke(&event).await, &event);
                assert_eq!(
                    response["enableSMSMFA"] == json!(true),
                    name.ends_with("sms")
                );
            } else {
                rejected(&bed, &event, "no_verified_contact").await;
            }
        }
    }
}

/// The pool demands a second factor of every user, and lists none for some: a reset would bypass it.
#[tokio::test]
async fn a_reset_shakes_off_no_factor_that_the_pool_does_not_list() {
    let mut state = anas_pool().with_user(ana_with_sms());
    for (pool_mfa, on_mfa, anas_end, sms_end) in [
        ("ON", "", Err("mfa_refused"), Err("mfa_refused")),
        ("ON", "sms", Err("mfa_refused"), Ok(true)),
        ("ON", "reset", Err("mfa_refused"), Err("mfa_refused")),
        ("ON", "drop", Ok(false), Ok(false)),
        ("OPTIONAL", "", Ok(false), Err("mfa_refused")),
        ("OPTIONAL", "reset", Ok(false), Err("mfa_refused")),
        ("OFF", "", Ok(false), Err("mfa_refused")),
    ] {
        let mfa = ("MfaConfiguration".to_owned(), json!(pool_mfa));
        state.description.extend([mfa]);
        let bed = Bed::with(state.clone(), &[("ON_MFA", on_mfa)]).await;
        for (name, end) in [("ana.kowalczyk", anas_end), ("sms.simon", sms_end)] {
            let event = forgot_password_event(name);
            match end {
                Ok(sms) => {
                    let response = migrated(&bed.invoke(&event).await, &event);
                    assert_eq!(
                        response["enableSMSMFA"] == json!(true),
                        sms,
                        "{pool_mfa} {on_mfa}"
                    );
                }
                Err(reason) => {
                    rejected(&bed, &event, reason).await;
                }
            }
        }
        // A sign-in proves what the pool asks for.
        bed.ana_signs_in().await;
    }
}

fn ana_with_sms() -> User {
    let mut user = ana().with_mfa(&["SMS_MFA"]);
    user.username = "sms.simon".to_owned();
    user
}

#[tokio::test]
async fn the_pools_mfa_setting_is_read_once_at_the_start_and_only_if_a_reset_depends_on_it() {
    for (variables, reads) in [
        (&[][..], 1),
        (&[("ON_MFA", "reset")], 1),
        (&[("ON_MFA", "drop")], 0),
        (&[("ON_FORGOT_PASSWORD", "ignore")], 0),
    ] {
        let pool = SourcePoolStub::start(anas_pool()).await.expect("a port");
        let bed = Bed::on(pool, variables).await;
        bed.settle().await;
        assert_eq!(bed.pool.count(Operation::GetUserPoolMfaConfig), reads);
        for _ in 0..2 {
            bed.forgot_password("ana.kowalczyk").await;
        }
        bed.ana_signs_in().await;
        let all = bed.pool.received_of(Operation::GetUserPoolMfaConfig);
        assert_eq!(all.len(), reads, "{variables:?}");
        assert!(all.iter().all(|request| request.signed_by.is_some()));
    }
}

#[tokio::test]
async fn where_the_mfa_setting_cannot_be_read_resets_fail_and_sign_ins_do_not() {
    for (fault, class) in [
        (Fault::AccessDenied, "Misconfigured"),
        (
            Fault::error("ResourceNotFoundException", "no"),
            "Misconfigured",
        ),
        (Fault::InternalError, "SourceUnavailable"),
        (Fault::Throttled, "SourceUnavailable"),
        (Fault::Malformed, "SourceUnavailable"),
        (Fault::EmptyObject, "SourceUnavailable"),
        (
            Fault::json(200, r#"{"MfaConfiguration": "NEVER_HEARD_OF"}"#),
            "SourceUnavailable",
        ),
    ] {
        let pool = SourcePoolStub::start(anas_pool()).await.expect("a port");
        pool.fail(Operation::GetUserPoolMfaConfig, fault, Times::Forever);
        let bed = Bed::on(pool, &[]).await;
        bed.settle().await;
        bed.ana_signs_in().await;
        // The answers do not reveal which users exist.
        for name in ["ana.kowalczyk", "unknown.user"] {
            let event = forgot_password_event(name);
            let outcome = bed.invoke(&event).await;
            failed(&outcome, class);
            assert_eq!(
                bed.log_of(&outcome).await["operation"],
                "GetUserPoolMfaConfig"
            );
        }
        bed.pool.recover();
        let event = forgot_password_event("ana.kowalczyk");
        migrated(&bed.invoke(&event).await, &event);
        rejected(
            &bed,
            &forgot_password_event("unknown.user"),
            "user_not_found",
        )
        .await;
    }
}

#[tokio::test]
async fn resets_can_be_switched_off_and_then_the_source_pool_is_not_asked() {
    let bed = Bed::with(anas_pool(), &[("ON_FORGOT_PASSWORD", "ignore")]).await;
    rejected(
        &bed,
        &forgot_password_event("ana.kowalczyk"),
        "forgot_password_off",
    )
    .await;
    assert_eq!(bed.pool.received().len(), 0);
    bed.ana_signs_in().await;
}

/// A reset never carries a password; one that does is not tried.
#[tokio::test]
async fn a_password_in_a_reset_is_not_tried() {
    let bed = Bed::start(anas_pool()).await;
    let mut event = forgot_password_event("ana.kowalczyk");
    event["request"]["password"] = json!(WRONG);
    migrated(&bed.invoke(&event).await, &event);
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
}
