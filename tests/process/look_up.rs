//! `SRC_LOOKUP`: people who sign in to the destination pool with another name than in the source pool. Whom a name means is
//! proven in `crates/rules`.

use serde_json::json;
use testbed::source_pool::{CLIENT_ID, Client, Operation, State, User};

use crate::support::*;

const BY_EMAIL: (&str, &str) = ("SRC_LOOKUP", "email");
const ADDRESS: &str = "ana@example.com";

/// A user with a generated name in the source pool.
fn user(username: &str, email: &str) -> User {
    User::new(username, PASSWORD)
        .with("email", email)
        .with("email_verified", "true")
}

#[tokio::test]
async fn the_user_is_found_and_signed_in_under_the_source_pools_own_name() {
    for (flow, rest) in FLOWS {
        let mut state = pool_of(user("u-7c7f", ADDRESS));
        state.clients = vec![Client::new(CLIENT_ID).with_secret("made-up-secret")];
        let secret = ("SRC_CLIENT_SECRET", "made-up-secret");
        let bed = Bed::with(state, &[BY_EMAIL, secret, ("SRC_AUTH_FLOW", flow)]).await;
        let response = bed.migrates(&sign_in_event(ADDRESS, PASSWORD)).await;
        assert_eq!(response["userAttributes"]["email"], ADDRESS);
        let calls = [&[Operation::ListUsers][..], &rest].concat();
        assert_eq!(bed.pool.calls(), calls);
        let received = bed.pool.received();
        let filter = &received[0].body["Filter"];
        assert_eq!(*filter, r#"email = "ana@example.com""#);
        assert!(received[0].signed_by.is_some());
        let name = &received[1].body["AuthParameters"]["USERNAME"];
        assert_eq!(*name, "u-7c7f");
        let wrong = sign_in_event(ADDRESS, WRONG);
        bed.rejects(&wrong, "wrong_credentials").await;
    }
}

#[tokio::test]
async fn a_typed_name_means_one_user_or_no_password_is_sent() {
    let state = pool_of(user("twin-1", "twin@example.com"))
        .with_user(user("twin-2", "Twin@example.com"))
        .with_user(user("off", "off@example.com").disabled())
        .with_user(user("u-1", "Ana.K@Example.com"));
    let bed = Bed::with(state, &[BY_EMAIL]).await;
    for (typed, reason, asked) in [
        ("twin@example.com", "ambiguous_user", 1),
        ("off@example.com", "user_disabled", 1),
        ("unknown@example.com", "user_not_found", 1),
        // Tried once more in lower case.
        ("Unknown@example.com", "user_not_found", 2),
    ] {
        for event in [sign_in_event(typed, PASSWORD), forgot_password_event(typed)] {
            bed.pool.forget();
            bed.rejects(&event, reason).await;
            assert_eq!(bed.pool.calls(), vec![Operation::ListUsers; asked]);
        }
    }
    // A name in lower case means the one who holds it in any case.
    for event in [
        sign_in_event("ana.k@example.com", PASSWORD),
        forgot_password_event("ana.k@example.com"),
    ] {
        bed.migrates(&event).await;
    }
    // What has not the form of an address is asked for as it is.
    bed.pool.forget();
    bed.migrates(&sign_in_event("u-1", PASSWORD)).await;
    assert_eq!(bed.pool.count(Operation::ListUsers), 0);
}

/// A list that never ends is read up to a limit, and does not count as an unknown user.
#[tokio::test]
async fn a_list_without_an_end_identifies_no_user() {
    let bed = Bed::with(State::default(), &[BY_EMAIL]).await;
    let event = sign_in_event(ADDRESS, PASSWORD);
    let attributes =
        json!([{"Name": "email", "Value": ADDRESS}, {"Name": "email_verified", "Value": "true"}]);
    let owner = json!({"Username": "u", "Enabled": true, "UserStatus": "CONFIRMED", "Attributes": attributes});
    // Two owners are enough.
    for (users, asked) in [(json!([]), 10), (json!([owner, owner]), 1)] {
        let page = json!({"Users": users, "PaginationToken": "60"});
        bed.pool.always_answer(Operation::ListUsers, &page);
        bed.pool.forget();
        bed.rejects(&event, "ambiguous_user").await;
        assert_eq!(bed.pool.calls(), vec![Operation::ListUsers; asked]);
        bed.pool.recover();
    }
    let page = json!({"Users": [], "PaginationToken": "60"});
    bed.pool.always_answer(Operation::ListUsers, &page);
    let attributes = json!({"email": ADDRESS});
    let sign_up = sign_up_event("PreSignUp_SignUp", "made-up name", attributes);
    error(&bed.invoke(&sign_up).await, "AccountExists", ACCOUNT_EXISTS);
}
