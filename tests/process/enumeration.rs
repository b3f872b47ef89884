//! An answer never reveals whether a user exists.

use testbed::source_pool::State;

use crate::support::*;

/// One answer and one number of calls, whichever pool is asked; the log tells the reason.
#[tokio::test]
async fn a_user_who_is_rejected_is_answered_like_one_who_does_not_exist() {
    let of_status = |status| pool_of(ana().with_status(status));
    let unknown = ("user_not_found", State::default());
    let disabled = ("user_disabled", pool_of(ana().disabled()));
    let at_sign_in = [
        ("wrong_credentials", anas_pool()),
        unknown.clone(),
        disabled.clone(),
    ];
    let at_reset = [
        unknown,
        disabled,
        ("not_confirmed", of_status("UNCONFIRMED")),
        ("external_provider", of_status("EXTERNAL_PROVIDER")),
    ];
    let [(admin, _), (public, _)] = FLOWS;
    for (flow, event, pools) in [
        (admin, sign_in_event(ANA, WRONG), &at_sign_in[..]),
        (public, sign_in_event(ANA, WRONG), &at_sign_in),
        (admin, forgot_password_event(ANA), &at_reset),
    ] {
        for on_reject in ["echo", "error"] {
            let variables = [("ON_REJECT", on_reject), ("SRC_AUTH_FLOW", flow)];
            let mut seen = Vec::new();
            for (reason, state) in pools.iter().cloned() {
                let bed = Bed::with(state, &variables).await;
                let outcome = bed.invoke(&event).await;
                assert_eq!(bed.log_of(&outcome).await["reason"], reason);
                bed.settle().await;
                seen.push((outcome.answer, bed.pool.received().len()));
            }
            seen.dedup();
            assert_eq!(seen.len(), 1, "{variables:?}: {seen:?}");
        }
    }
}
