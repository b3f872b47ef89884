//! `SRC_LOOKUP`: people who sign in to the destination pool with another name than in the source pool. Whom a name means is
//! proven in `crates/rules` and `crates/pools`.

use serde_json::json;
use testbed::source_pool::{Operation, User};

use crate::support::*;

#[tokio::test]
async fn the_user_is_found_and_signed_in_under_the_source_pools_own_name() {
    let user = || User {
        username: "u-7c7f".into(),
        ..ana()
    };
    for (flow, rest) in FLOWS {
        // The hash of the secret is made with that name.
        let mut state = confidential();
        state.users = vec![user()];
        let secret = ("SRC_CLIENT_SECRET", SECRET);
        let bed = Bed::with(state, &[BY_EMAIL, secret, ("SRC_AUTH_FLOW", flow)]).await;
        let event = sign_in_event(ADDRESS, PASSWORD);
        bed.migrates(&event).await;
        let calls = [&[Operation::ListUsers][..], &rest].concat();
        assert_eq!(bed.pool.calls(), calls);
        let name = &bed.pool.received()[1].body["AuthParameters"]["USERNAME"];
        assert_eq!(*name, "u-7c7f");
        bed.migrates(&forgot_password_event(ADDRESS)).await;
        let wrong = sign_in_event(ADDRESS, WRONG);
        bed.rejects(&wrong, "wrong_credentials").await;
        // Where it means two users, no password is sent.
        let twin = User {
            username: "twin".into(),
            ..user()
        };
        bed.pool.change(|state| state.users.push(twin));
        bed.pool.forget();
        for event in [event, forgot_password_event(ADDRESS)] {
            bed.rejects(&event, "ambiguous_user").await;
        }
        assert_eq!(bed.pool.calls(), [Operation::ListUsers; 2]);
    }
}

/// It does not count as an unknown user.
#[tokio::test]
async fn a_list_without_an_end_is_read_up_to_a_limit_and_identifies_no_user() {
    let bed = Bed::with(anas_pool(), &[BY_EMAIL]).await;
    let page = json!({"Users": [], "PaginationToken": "60"});
    bed.pool.always_answer(Operation::ListUsers, &page);
    bed.rejects(&sign_in_event(ADDRESS, PASSWORD), "ambiguous_user")
        .await;
    assert_eq!(bed.pool.calls(), [Operation::ListUsers; 10]);
}
