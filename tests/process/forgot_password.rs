//! `UserMigration_ForgotPassword`: each shape of an answer. Which users are admitted is proven in `crates/rules`.

use serde_json::{Value, json};
use testbed::source_pool::{Fault, Operation, State, Times};

use crate::support::*;

/// Cognito decides the status. A reset never carries a password; one that does is not tried.
#[tokio::test]
async fn a_reset_leads_where_profile_pool_and_settings_say() {
    const SMS: (&str, &str) = ("ON_MFA", "sms");
    const DROP: (&str, &str) = ("ON_MFA", "drop");
    let sms = pool_of(ana().with_mfa(&["SMS_MFA"]));
    let mut demanding = anas_pool();
    let setting = ("MfaConfiguration".to_owned(), json!("ON"));
    demanding.description.extend([setting]);
    let with = |sms: Value| {
        Ok(json!({
            "userAttributes": attributes_of_ana(), "finalUserStatus": null, "messageAction": "SUPPRESS",
            "enableSMSMFA": sms,
        }))
    };
    let rows: [(Variables<'_>, State, Expected); 4] = [
        (&[], anas_pool(), with(Value::Null)),
        (&[SMS], sms, with(json!(true))),
        // The pool demands a factor of every user, and lists none for some: a reset would bypass it.
        (&[], demanding.clone(), Err("mfa_refused")),
        (&[DROP], demanding, with(Value::Null)),
    ];
    for (variables, state, expected) in rows {
        let row = format!("{variables:?} {:?}", state.description);
        let bed = Bed::with(state, variables).await;
        let mut event = forgot_password_event(ANA);
        event["request"]["password"] = json!(WRONG);
        bed.leads_to(&event, &expected, &row).await;
        assert_eq!(bed.pool.calls(), [Operation::AdminGetUser], "{row}");
    }
}

#[tokio::test]
async fn the_pools_mfa_setting_is_read_once_at_the_start_and_only_if_a_reset_depends_on_it() {
    for (setting, reads) in [(("ON_MFA", "reset"), 1), (("ON_MFA", "drop"), 0)] {
        let bed = Bed::on(running(anas_pool()).await, &[setting]).await;
        bed.settle().await;
        let read = || bed.pool.received_of(Operation::GetUserPoolMfaConfig);
        assert_eq!(read().len(), reads);
        for _ in 0..2 {
            bed.migrates(&forgot_password_event(ANA)).await;
        }
        assert_eq!(read().len(), reads, "{setting:?}");
        assert!(read().iter().all(|request| request.signed_by.is_some()));
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
