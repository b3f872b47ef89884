//! An answer never reveals whether a user exists.

use serde_json::Value;
use testbed::source_pool::State;

use crate::support::*;

/// The event must lead to one answer and one call, whichever of these pools is asked; the log tells the reason.
async fn assert_alike(event: &Value, variables: Variables<'_>, pools: Vec<(&str, State)>) {
    let mut seen = Vec::new();
    for (reason, state) in pools {
        let bed = Bed::with(state, variables).await;
        let outcome = bed.invoke(event).await;
        assert_eq!(bed.log_of(&outcome).await["reason"], reason);
        bed.settle().await;
        seen.push((outcome.answer, bed.pool.received().len()));
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{variables:?}: {seen:?}");
}

#[tokio::test]
async fn a_user_who_is_rejected_is_answered_like_one_who_does_not_exist() {
    for on_reject in ["echo", "error"] {
        let on_reject = ("ON_REJECT", on_reject);
        let disabled = || ("user_disabled", pool_of(ana().disabled()));
        let unknown = || ("user_not_found", State::default());
        for (flow, _) in FLOWS {
            let pools = vec![("wrong_credentials", anas_pool()), unknown(), disabled()];
            let variables = [on_reject, ("SRC_AUTH_FLOW", flow)];
            assert_alike(&sign_in_event(ANA, WRONG), &variables, pools).await;
        }
        let unconfirmed = pool_of(ana().with_status("UNCONFIRMED"));
        let external = pool_of(ana().with_status("EXTERNAL_PROVIDER"));
        let pools = vec![
            disabled(),
            unknown(),
            ("not_confirmed", unconfirmed),
            ("external_provider", external),
        ];
        assert_alike(&forgot_password_event(ANA), &[on_reject], pools).await;
    }
}
