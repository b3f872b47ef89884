//! An answer never reveals whether a user exists.

use testbed::source_pool::State;

use crate::support::*;

#[tokio::test]
async fn wrong_password_unknown_user_and_disabled_user_are_answered_alike() {
    for on_reject in ["echo", "error"] {
        for (flow, _) in FLOWS {
            let mut seen = Vec::new();
            for (reason, state) in [
                ("wrong_credentials", anas_pool()),
                ("user_not_found", State::default()),
                ("user_disabled", pool_of(ana().disabled())),
            ] {
                let variables = [("ON_REJECT", on_reject), ("SRC_AUTH_FLOW", flow)];
                let bed = Bed::with(state, &variables).await;
                let outcome = bed.sign_in(ANA, WRONG).await;
                assert_eq!(bed.log_of(&outcome).await["reason"], reason);
                bed.settle().await;
                seen.push((outcome.answer, bed.pool.received().len()));
            }
            seen.dedup();
            assert_eq!(seen.len(), 1, "{on_reject} {flow}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn password_resets_are_answered_alike_too() {
    for on_reject in ["echo", "error"] {
        let mut seen = Vec::new();
        for state in [
            pool_of(ana().disabled()),
            State::default(),
            pool_of(ana().with_status("UNCONFIRMED")),
            pool_of(ana().with_status("EXTERNAL_PROVIDER")),
        ] {
            let bed = Bed::with(state, &[("ON_REJECT", on_reject)]).await;
            let outcome = bed.forgot_password(ANA).await;
            bed.settle().await;
            seen.push((outcome.answer, bed.pool.received().len()));
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "{on_reject}: {seen:?}");
    }
}
