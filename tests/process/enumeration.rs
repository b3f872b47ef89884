//! An answer never reveals whether a user exists.

use testbed::source_pool::{State, User};

use crate::support::*;

/// The states of one user that must look alike, and the log reasons that tell them apart.
fn states() -> [(&'static str, State); 3] {
    [
        ("wrong_credentials", State::default().with_user(ana())),
        (
            "user_not_found",
            State::default().with_user(User::new("other.user", PASSWORD)),
        ),
        (
            "user_disabled",
            State::default().with_user(ana().disabled()),
        ),
    ]
}

#[tokio::test]
async fn wrong_password_unknown_user_and_disabled_user_are_answered_alike() {
    for on_reject in ["echo", "error"] {
        for flow in ["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
            let mut seen = Vec::new();
            for (reason, state) in states() {
                let bed =
                    Bed::with(state, &[("ON_REJECT", on_reject), ("SRC_AUTH_FLOW", flow)]).await;
                let outcome = bed.sign_in("ana.kowalczyk", WRONG).await;
                assert_eq!(bed.log_of(&outcome).await["reason"], reason);
                bed.settle().await;
                assert_eq!(bed.pool.received().len(), 1, "{on_reject} {flow} {reason}");
                seen.push(outcome.answer);
            }
            assert_eq!(seen[0], seen[1], "{on_reject} {flow}");
            assert_eq!(seen[0], seen[2], "{on_reject} {flow}");
        }
    }
}

#[tokio::test]
async fn password_resets_are_answered_alike_too() {
    for on_reject in ["echo", "error"] {
        let mut seen = Vec::new();
        for state in [
            State::default().with_user(ana().disabled()),
            State::default(),
            State::default().with_user(ana().with_status("UNCONFIRMED")),
            State::default().with_user(ana().with_status("EXTERNAL_PROVIDER")),
        ] {
            let bed = Bed::with(state, &[("ON_REJECT", on_reject)]).await;
            let outcome = bed.forgot_password("ana.kowalczyk").await;
            seen.push((outcome.answer, bed.pool.received().len()));
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "{on_reject}: {seen:?}");
    }
}
