//! Frozen processes: Lambda stops a process between invocations, while connections and credentials age.

use std::time::Duration;

use testbed::source_pool::{Operation, StubRole};
use tokio::time::sleep;

use crate::support::*;

/// Stops the process between two invocations; the source closes its connections meanwhile.
async fn freeze(bed: &Bed) {
    bed.host.idle(1).await;
    bed.function.freeze();
    bed.pool.server().close_connections();
}

#[tokio::test]
async fn after_a_long_freeze_the_first_sign_in_succeeds_on_new_connections() {
    for (flow, _) in FLOWS {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        for _ in 0..3 {
            bed.ana_signs_in().await;
            freeze(&bed).await;
            sleep(Duration::from_millis(30)).await;
            bed.function.thaw();
            bed.pool.forget();
            bed.ana_signs_in().await;
            assert_eq!(bed.pool.received().len(), 2, "nothing is tried in vain");
        }
    }
}

#[tokio::test]
async fn credentials_that_ended_during_a_freeze_are_renewed() {
    let mut role = StubRole::new(ROLE);
    role.session_seconds = Some(2);
    let pool = running(anas_pool().with_role(role)).await;
    let bed = Bed::on(pool, &[("SRC_ROLE_ARN", ROLE)]).await;
    bed.ana_signs_in().await;
    freeze(&bed).await;
    sleep(Duration::from_millis(3100)).await;
    bed.function.thaw();
    bed.pool.forget();
    bed.ana_signs_in().await;
    assert_eq!(bed.pool.count(Operation::AssumeRole), 1);
    for request in bed.pool.received() {
        assert_eq!(request.error, None, "{}", request.operation);
    }
}
