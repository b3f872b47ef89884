//! `SRC_LOOKUP`: people who sign in to the destination pool with another name than in the source pool.

use serde_json::json;
use testbed::source_pool::{Client, Fault, Operation, State, Times, User};

use crate::support::*;

/// A user with a generated name in the source pool.
fn user(username: &str, email: &str) -> User {
    User::new(username, PASSWORD)
        .with("email", email)
        .with("email_verified", "true")
}

#[tokio::test]
async fn the_user_is_found_and_signed_in_under_the_source_pools_own_name() {
    for (flow, rest) in [
        (
            "ADMIN_USER_PASSWORD_AUTH",
            [Operation::AdminInitiateAuth, Operation::AdminGetUser],
        ),
        (
            "USER_PASSWORD_AUTH",
            [Operation::InitiateAuth, Operation::GetUser],
        ),
    ] {
        let mut state = State::default().with_user(user("u-7c7f", "ana@example.com"));
        state.clients = vec![Client::new("4sourceclient0secret").with_secret("made-up-secret")];
        let bed = Bed::with(
            state,
            &[
                ("SRC_LOOKUP", "email"),
                ("SRC_AUTH_FLOW", flow),
                ("SRC_CLIENT_ID", "4sourceclient0secret"),
                ("SRC_CLIENT_SECRET", "made-up-secret"),
            ],
        )
        .await;
        let event = sign_in_event("ana@example.com", PASSWORD);
        let response = migrated(&bed.invoke(&event).await, &event);
        assert_eq!(response["userAttributes"]["email"], "ana@example.com");
        assert_eq!(
            bed.pool.calls(),
            [&[Operation::ListUsers][..], &rest].concat()
        );
        let search = &bed.pool.received_of(Operation::ListUsers)[0];
        assert_eq!(search.body["Filter"], r#"email = "ana@example.com""#);
        assert!(search.signed_by.is_some());
        for request in bed.pool.received() {
            let name = &request.body["AuthParameters"]["USERNAME"];
            assert!(name.is_null() || *name == json!("u-7c7f"), "{name}");
        }
        rejected(
            &bed,
            &sign_in_event("ana@example.com", WRONG),
            "wrong_credentials",
        )
        .await;
    }
}

#[tokio::test]
async fn every_attribute_can_be_the_sign_in_name() {
    let person = || {
        User::new("u-7c7f", PASSWORD)
            .with("phone_number", "+491555010203")
            .with("phone_number_verified", "true")
            .with("preferred_username", "ana\"\\ana")
    };
    for (lookup, typed) in [
        ("phone_number", "+491555010203"),
        ("preferred_username", "ana\"\\ana"),
    ] {
        let bed = Bed::with(
            State::default().with_user(person()),
            &[("SRC_LOOKUP", lookup)],
        )
        .await;
        let event = sign_in_event(typed, PASSWORD);
        migrated(&bed.invoke(&event).await, &event);
        // What has not the form is asked for as it is.
        let direct = if lookup == "phone_number" {
            "u-7c7f"
        } else {
            "u 7c7f"
        };
        bed.pool.forget();
        bed.sign_in(direct, PASSWORD).await;
        assert_eq!(bed.pool.count(Operation::ListUsers), 0);
    }
}

#[tokio::test]
async fn an_ambiguous_name_is_rejected_and_no_password_is_sent() {
    let mut state = State::default()
        .with_user(user("twin-1", "twin@example.com"))
        .with_user(user("twin-2", "twin@example.com"))
        .with_user(user("off", "off@example.com").disabled())
        .with_user(user("liar", "liar@example.com").with("email_verified", "false"))
        .with_user(user("old", "both@example.com").disabled())
        .with_user(user("new", "both@example.com"))
        .with_user(user("loud-1", "LOUD@example.com"))
        .with_user(user("loud-2", "loud@example.com"));
    // More of them than are looked through, and all but one have an address that differs in case alone.
    for number in 0..601 {
        let email = if number == 0 {
            "crowd@example.com"
        } else {
            "Crowd@example.com"
        };
        state = state.with_user(user(&format!("crowd-{number}"), email));
    }
    for number in 0..100 {
        state = state.with_user(user(&format!("two-{number}"), "two@example.com"));
    }
    let bed = Bed::with(state, &[("SRC_LOOKUP", "email")]).await;
    for (typed, reason) in [
        ("twin@example.com", "ambiguous_user"),
        ("crowd@example.com", "ambiguous_user"),
        ("off@example.com", "user_disabled"),
        ("liar@example.com", "user_not_found"),
        ("loud@example.com", "ambiguous_user"),
        ("unknown@example.com", "user_not_found"),
    ] {
        rejected(&bed, &sign_in_event(typed, PASSWORD), reason).await;
        rejected(&bed, &forgot_password_event(typed), reason).await;
    }
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
    assert_eq!(bed.pool.count(Operation::AdminGetUser), 0);
    bed.pool.forget();
    rejected(
        &bed,
        &sign_in_event("two@example.com", PASSWORD),
        "ambiguous_user",
    )
    .await;
    assert_eq!(bed.pool.count(Operation::ListUsers), 1, "two are enough");
    let event = sign_in_event("both@example.com", PASSWORD);
    migrated(&bed.invoke(&event).await, &event);
}

/// A page may hold fewer users than it could, or none, and others follow.
#[tokio::test]
async fn a_user_on_a_later_page_is_found() {
    let mut state = State::default();
    for number in 0..130 {
        state = state.with_user(
            user(&format!("claims-{number}"), "ana@example.com").with("email_verified", "false"),
        );
    }
    let bed = Bed::with(
        state.with_user(user("u-7c7f", "ana@example.com")),
        &[("SRC_LOOKUP", "email")],
    )
    .await;
    let event = sign_in_event("ana@example.com", PASSWORD);
    migrated(&bed.invoke(&event).await, &event);
    assert_eq!(bed.pool.count(Operation::ListUsers), 3);
    // A page without users, and one that cannot be read at first.
    bed.pool.answer_once(
        Operation::ListUsers,
        &json!({"Users": [], "PaginationToken": "60"}),
    );
    migrated(&bed.invoke(&event).await, &event);
    bed.pool
        .fail(Operation::ListUsers, Fault::Throttled, Times::ONCE);
    migrated(&bed.invoke(&event).await, &event);
    // An empty token is none.
    bed.pool.answer_once(
        Operation::ListUsers,
        &json!({"Users": [], "PaginationToken": ""}),
    );
    rejected(&bed, &event, "user_not_found").await;
    // A second owner on a later page makes the first ambiguous.
    bed.pool
        .change(|state| state.users[0] = user("twin", "ana@example.com"));
    rejected(&bed, &event, "ambiguous_user").await;
}

/// A list that never ends is read up to a limit, and does not count as an unknown user.
#[tokio::test]
async fn a_list_without_an_end_identifies_no_user() {
    let bed = Bed::with(State::default(), &[("SRC_LOOKUP", "email")]).await;
    bed.pool.fail(
        Operation::ListUsers,
        Fault::json(200, r#"{"Users": [], "PaginationToken": "60"}"#),
        Times::Forever,
    );
    let event = sign_in_event("ana@example.com", PASSWORD);
    rejected(&bed, &event, "ambiguous_user").await;
    assert_eq!(bed.pool.count(Operation::ListUsers), 10);
    let sign_up = sign_up_event(
        "PreSignUp_SignUp",
        "made-up name",
        json!({"email": "ana@example.com"}),
    );
    error(&bed.invoke(&sign_up).await, "AccountExists", ACCOUNT_EXISTS);
}

/// A destination pool that does not distinguish case hands over every name in lower case, whatever was typed.
#[tokio::test]
async fn a_name_in_lower_case_means_the_one_who_holds_it_in_any_case() {
    let state = State::default()
        .with_user(user("u-1", "Ana.Kowalczyk@Example.com").with("preferred_username", "AnaK"))
        // Neither of them is meant by anything.
        .with_user(user("u-2", "ANA.kowalczyk@example.com").disabled())
        .with_user(user("u-3", "ana.KOWALCZYK@example.com").with("email_verified", "false"))
        .with_user(user("u-4", "bo@example.com").with("preferred_username", "anak"));
    for (lookup, good, others) in [
        (
            "email",
            "ana.kowalczyk@example.com",
            [
                ("aNA.kowalczyk@example.com", "user_not_found"),
                ("ana.kowalczyk@example.org", "user_not_found"),
            ],
        ),
        (
            "preferred_username",
            "AnaK",
            [("anak", "ambiguous_user"), ("ANAK", "user_not_found")],
        ),
    ] {
        let bed = Bed::with(state.clone(), &[("SRC_LOOKUP", lookup)]).await;
        const HELD: &str = "Ana.Kowalczyk@Example.com";
        let spelled = if lookup == "email" { good } else { HELD };
        for (event, spelled) in [
            (sign_in_event(good, PASSWORD), spelled),
            (forgot_password_event(good), HELD),
        ] {
            bed.pool.forget();
            let response = migrated(&bed.invoke(&event).await, &event);
            assert_eq!(response["userAttributes"]["email"], spelled);
            assert_eq!(bed.pool.count(Operation::ListUsers), 1);
        }
        for (typed, reason) in others {
            rejected(&bed, &sign_in_event(typed, PASSWORD), reason).await;
        }
    }
    let alone =
        State::default().with_user(user("u-1", "a@example.com").with("preferred_username", "AnaK"));
    let bed = Bed::with(alone, &[("SRC_LOOKUP", "preferred_username")]).await;
    let event = sign_in_event("anak", PASSWORD);
    let response = migrated(&bed.invoke(&event).await, &event);
    assert_eq!(response["userAttributes"]["preferred_username"], "anak");
}

#[tokio::test]
async fn an_email_address_in_another_case_is_tried_once_more_in_lower_case() {
    let state = State::default().with_user(user("u-7c7f", "ana@example.com"));
    let bed = Bed::with(state, &[("SRC_LOOKUP", "email")]).await;
    for event in [
        sign_in_event("Ana@Example.com", PASSWORD),
        forgot_password_event("ANA@example.com"),
    ] {
        bed.pool.forget();
        migrated(&bed.invoke(&event).await, &event);
        let filters: Vec<_> = bed.pool.received_of(Operation::ListUsers);
        assert_eq!(filters.len(), 2);
        assert_eq!(filters[1].body["Filter"], r#"email = "ana@example.com""#);
    }
    bed.pool.forget();
    rejected(
        &bed,
        &sign_in_event("Unknown@example.com", PASSWORD),
        "user_not_found",
    )
    .await;
    assert_eq!(bed.pool.count(Operation::ListUsers), 2);
}

#[tokio::test]
async fn a_search_that_fails_migrates_no_user_and_one_that_recovers_does() {
    let state = State::default().with_user(user("u-7c7f", "ana@example.com"));
    let bed = Bed::with(state, &[("SRC_LOOKUP", "email")]).await;
    let event = sign_in_event("ana@example.com", PASSWORD);
    for (fault, class) in [
        (Fault::Throttled, "SourceUnavailable"),
        (Fault::InternalError, "SourceUnavailable"),
        (Fault::Malformed, "SourceUnavailable"),
        (Fault::EmptyObject, "SourceUnavailable"),
        (Fault::json(200, r#"{"Users": [{}]}"#), "SourceUnavailable"),
        (Fault::ResetAfterRead, "SourceUnavailable"),
        (Fault::AccessDenied, "Misconfigured"),
    ] {
        bed.pool
            .fail(Operation::ListUsers, fault.clone(), Times::Forever);
        failed(&bed.invoke(&event).await, class);
        bed.pool.recover();
        if class == "SourceUnavailable" {
            bed.pool.fail(Operation::ListUsers, fault, Times::TWICE);
        }
        migrated(&bed.invoke(&event).await, &event);
    }
    bed.pool
        .fail(Operation::ListUsers, Fault::NeverAnswers, Times::Forever);
    failed(&bed.invoke(&event).await, "SourceUnavailable");
}

#[tokio::test]
async fn nothing_of_a_search_stands_in_the_log() {
    let state = State::default().with_user(user("u-7c7f-ana", "ana@example.com"));
    let bed = Bed::with(
        state,
        &[("SRC_LOOKUP", "email"), ("AWS_LAMBDA_LOG_LEVEL", "TRACE")],
    )
    .await;
    bed.sign_in("ana@example.com", PASSWORD).await;
    bed.sign_in("Unknown@example.com", PASSWORD).await;
    bed.pool.fail(
        Operation::ListUsers,
        Fault::error("InvalidParameterException", "ana@example.com"),
        Times::ONCE,
    );
    let last = bed.sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(bed.log_of(&last).await["reason"], "invalid_request");
    let output = bed.function.output_with(|_| true).await;
    for text in bed.pool.confidential() {
        assert!(!output.all().contains(&text), "{text}");
    }
}
