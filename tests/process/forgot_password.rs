//! `UserMigration_ForgotPassword`: each shape of an answer. Which users are admitted is proven in `crates/rules`.

use serde_json::{Value, json};
use testbed::source_pool::{Fault, Operation, State, Times};

use crate::support::*;

#[tokio::test]
async fn a_verified_user_is_migrated_and_cognito_decides_the_status() {
    for status in ["CONFIRMED", "RESET_REQUIRED"] {
        let bed = Bed::start(pool_of(ana().with_status(status))).await;
        let event = forgot_password_event(ANA);
        let outcome = bed.invoke(&event).await;
        let expected = json!({
            "userAttributes": attributes_of_ana(), "finalUserStatus": null, "messageAction": "SUPPRESS",
        });
        assert_holds(&migrated(&outcome, &event), &expected, status);
        assert_eq!(bed.pool.calls(), [Operation::AdminGetUser]);
        let expected = json!({"trigger": "UserMigration_ForgotPassword", "outcome": "migrated"});
        bed.logs(&outcome, &expected).await;
    }
}

#[tokio::test]
async fn a_reset_leads_where_profile_pool_and_settings_say() {
    const SMS: (&str, &str) = ("ON_MFA", "sms");
    const DROP: (&str, &str) = ("ON_MFA", "drop");
    const BY_PHONE: (&str, &str) = ("RESET_CONTACTS", "phone_number");
    const NO_CONTACT: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"email": null, "phone_number": null}"#);
    let sms = || pool_of(ana().with_mfa(&["SMS_MFA"]));
    let app = || pool_of(ana().with_mfa(&["SOFTWARE_TOKEN_MFA"]));
    let pool_mfa = |setting: &str| {
        let mut state = anas_pool();
        let setting = ("MfaConfiguration".to_owned(), json!(setting));
        state.description.extend([setting]);
        state
    };
    let with = |sms| Ok(json!({"enableSMSMFA": sms, "finalUserStatus": null}));
    let without = || with(Value::Null);
    let unreachable = || Err("no_verified_contact");
    let refused = || Err("mfa_refused");
    let rows: [(Variables<'_>, State, Expected); 8] = [
        (&[SMS], sms(), with(json!(true))),
        // Cognito sends no code of a reset to the phone that is the second factor.
        (&[SMS, BY_PHONE], sms(), unreachable()),
        (&[SMS], app(), refused()),
        (&[DROP], app(), without()),
        // What the mapping drops cannot receive a code.
        (&[NO_CONTACT], anas_pool(), unreachable()),
        // The pool demands a factor of every user, and lists none for some: a reset would bypass it.
        (&[("ON_MFA", "reset")], pool_mfa("ON"), refused()),
        (&[DROP], pool_mfa("ON"), without()),
        (&[], pool_mfa("OPTIONAL"), without()),
    ];
    for (variables, state, expected) in rows {
        let row = format!(
            "{variables:?} {:?} {:?}",
            state.users[0].mfa, state.description
        );
        let bed = Bed::with(state, variables).await;
        let event = forgot_password_event(ANA);
        bed.leads_to(&event, &expected, &row).await;
    }
}

#[tokio::test]
async fn the_pools_mfa_setting_is_read_once_at_the_start_and_only_if_a_reset_depends_on_it() {
    for (variables, reads) in [
        (&[][..], 1),
        (&[("ON_MFA", "reset")], 1),
        (&[("ON_MFA", "drop")], 0),
        (&[("ON_FORGOT_PASSWORD", "ignore")], 0),
    ] {
        let bed = Bed::on(running(anas_pool()).await, variables).await;
        bed.settle().await;
        assert_eq!(bed.pool.count(Operation::GetUserPoolMfaConfig), reads);
        for _ in 0..2 {
            bed.forgot_password(ANA).await;
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
        (Fault::EmptyObject, "SourceUnavailable"),
    ] {
        let pool = running(anas_pool()).await;
        pool.fail(Operation::GetUserPoolMfaConfig, fault, Times::Forever);
        let bed = Bed::on(pool, &[]).await;
        bed.settle().await;
        bed.ana_signs_in().await;
        // The answers do not reveal which users exist.
        for name in [ANA, "unknown.user"] {
            let line = bed.fails(&forgot_password_event(name), class).await;
            assert_eq!(line["operation"], "GetUserPoolMfaConfig", "{line}");
        }
        bed.pool.recover();
        bed.migrates(&forgot_password_event(ANA)).await;
        let unknown = forgot_password_event("unknown.user");
        bed.rejects(&unknown, "user_not_found").await;
    }
}

#[tokio::test]
async fn resets_can_be_switched_off_and_then_the_source_pool_is_not_asked() {
    let bed = Bed::with(anas_pool(), &[("ON_FORGOT_PASSWORD", "ignore")]).await;
    let event = forgot_password_event(ANA);
    bed.rejects(&event, "forgot_password_off").await;
    assert_eq!(bed.pool.received().len(), 0);
    bed.ana_signs_in().await;
}

/// A reset never carries a password; one that does is not tried.
#[tokio::test]
async fn a_password_in_a_reset_is_not_tried() {
    let bed = Bed::start(anas_pool()).await;
    let mut event = forgot_password_event(ANA);
    event["request"]["password"] = json!(WRONG);
    bed.migrates(&event).await;
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
}
