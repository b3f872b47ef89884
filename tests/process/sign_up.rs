//! The sign-up guard: a sign-up cannot take the name or address of a user who can still migrate.

use serde_json::{Value, json};
use testbed::{
    runtime::InvocationOutcome,
    source_pool::{Fault, Operation, State, Times, User},
};

use crate::support::*;

const SIGN_UP: &str = "PreSignUp_SignUp";
/// What Cognito makes up where an address takes the place of the user name.
const MADE_UP: &str = "0c4a7c7e-1111-4222-8333-444455556666";

fn with_email(email: &str) -> Value {
    sign_up_event(SIGN_UP, MADE_UP, json!({"email": email}))
}

async fn rejected(bed: &Bed, event: &Value) {
    let outcome = bed.invoke(event).await;
    error(&outcome, "AccountExists", ACCOUNT_EXISTS);
    let line = bed.log_of(&outcome).await;
    assert_eq!(
        (&line["outcome"], &line["reason"]),
        (&json!("rejected"), &json!("account_exists")),
        "{line}"
    );
}

async fn allowed(bed: &Bed, event: &Value) -> InvocationOutcome {
    let outcome = bed.invoke(event).await;
    echoed(&outcome, event);
    let line = bed.log_of(&outcome).await;
    assert_eq!(line["outcome"], "allowed", "{line}");
    outcome
}

/// A pool where e-mail addresses and phone numbers are sign-in names.
fn with_aliases(user: User) -> State {
    State {
        sign_in_with: vec!["email".into(), "phone_number".into()],
        ..State::default().with_user(user)
    }
}

#[tokio::test]
async fn a_name_or_address_of_a_user_who_can_migrate_is_taken() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    for (username, attributes) in [
        ("ana.kowalczyk", json!({"email": "stranger@example.com"})),
        (MADE_UP, json!({"email": "ana.kowalczyk@example.com"})),
        (MADE_UP, json!({"email": "Ana.Kowalczyk@Example.com"})),
        // The destination pool may take both for one.
        ("Ana.Kowalczyk", Value::Null),
        (MADE_UP, json!({"phone_number": "+491555010203"})),
        ("ana.kowalczyk@example.com", Value::Null),
        (
            "stranger",
            json!({"email": "stranger@example.com", "phone_number": "+491555010203"}),
        ),
    ] {
        rejected(&bed, &sign_up_event(SIGN_UP, username, attributes)).await;
    }
    for (username, attributes) in [
        ("stranger", Value::Null),
        ("stranger", json!({})),
        (
            MADE_UP,
            json!({"email": "stranger@example.com", "phone_number": "+491555999999", "name": "ana.kowalczyk"}),
        ),
        // No user of the source pool can have such a name.
        ("two words", json!({"email": ""})),
    ] {
        allowed(&bed, &sign_up_event(SIGN_UP, username, attributes)).await;
    }
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
    bed.ana_signs_in().await;
}

#[tokio::test]
async fn a_user_who_cannot_migrate_blocks_no_sign_up() {
    for (status, variables, can) in [
        ("CONFIRMED", &[][..], true),
        ("RESET_REQUIRED", &[], true),
        ("RESET_REQUIRED", &[("ON_FORGOT_PASSWORD", "ignore")], false),
        ("FORCE_CHANGE_PASSWORD", &[], false),
        (
            "FORCE_CHANGE_PASSWORD",
            &[("ON_TEMPORARY_PASSWORD", "reset")],
            true,
        ),
        ("UNCONFIRMED", &[], false),
        ("EXTERNAL_PROVIDER", &[], false),
        ("COMPROMISED", &[], false),
        ("BRAND_NEW_STATUS", &[], false),
    ] {
        let event = sign_up_event(SIGN_UP, "ana.kowalczyk", Value::Null);
        let bed = Bed::with(with_aliases(ana().with_status(status)), variables).await;
        if can {
            rejected(&bed, &event).await;
        } else {
            allowed(&bed, &event).await;
        }
        bed.pool.change(|state| state.users[0].enabled = false);
        allowed(&bed, &event).await;
    }
}

#[tokio::test]
async fn an_address_is_looked_for_as_a_migration_looks_for_it() {
    let owner = |username: &str, email: &str| {
        User::new(username, PASSWORD)
            .with("email", email)
            .with("email_verified", "true")
    };
    let state = State::default()
        .with_user(owner("u-1", "ana@example.com"))
        .with_user(owner("u-2", "twin@example.com"))
        .with_user(owner("u-3", "twin@example.com"))
        .with_user(owner("u-4", "liar@example.com").with("email_verified", "false"))
        .with_user(owner("u-5", "Shouting@Example.com"))
        .with_user(owner("Google_6", "social@example.com").with_status("EXTERNAL_PROVIDER"))
        .with_user(owner("Facebook_7", "social@example.com").with_status("EXTERNAL_PROVIDER"))
        .with_user(owner("u-8", "off@example.com").disabled())
        .with_user(owner("u-9", "tool@example.com").with("email_verified", "True"));
    let bed = Bed::with(state, &[("SRC_LOOKUP", "email")]).await;
    rejected(&bed, &with_email("ana@example.com")).await;
    rejected(&bed, &with_email("ANA@example.com")).await;
    rejected(&bed, &with_email("twin@example.com")).await;
    // The source pool may hold the address in another case, and its lists take no notice of case.
    rejected(&bed, &with_email("shouting@example.com")).await;
    // The flag of another tool protects its owner too.
    rejected(&bed, &with_email("tool@example.com")).await;
    // An unverified claim does not block the owner of an address, and a user who cannot migrate does not either.
    allowed(&bed, &with_email("liar@example.com")).await;
    allowed(&bed, &with_email("social@example.com")).await;
    allowed(&bed, &with_email("off@example.com")).await;
    allowed(&bed, &with_email("stranger@example.com")).await;
    // One question for each spelling, wherever it stands.
    bed.pool.forget();
    let event = sign_up_event(
        SIGN_UP,
        "Stranger@Example.com",
        json!({"email": "stranger@example.com"}),
    );
    allowed(&bed, &event).await;
    assert_eq!(bed.pool.count(Operation::ListUsers), 2);
    assert_eq!(bed.pool.received().len(), 2);
}

/// A mark is believed from a user who has the source user's name.
#[tokio::test]
async fn with_a_mark_user_names_are_taken_whatever_is_looked_up() {
    let mut owner = ana();
    owner.username = "press@example.org".to_owned();
    let stranger = json!({"email": "stranger@example.com"});
    let event = sign_up_event(SIGN_UP, "press@example.org", stranger);
    let look_up = ("SRC_LOOKUP", "email");
    let bed = Bed::with(State::default().with_user(owner.clone()), &[look_up]).await;
    allowed(&bed, &event).await;
    let marked = [look_up, ("MIGRATION_MARK", "custom:migration")];
    let bed = Bed::with(State::default().with_user(owner), &marked).await;
    rejected(&bed, &event).await;
    allowed(&bed, &with_email("stranger@example.com")).await;
}

/// A mark is believed from a user whose name is the source user's `sub`, too.
#[tokio::test]
async fn with_a_mark_the_subs_of_source_users_are_taken_as_names() {
    let event = sign_up_event(SIGN_UP, &ana().sub(), Value::Null);
    let look_up = ("SRC_LOOKUP", "preferred_username");
    let bed = Bed::with(anas_pool(), &[look_up]).await;
    allowed(&bed, &event).await;
    let marked = [look_up, ("MIGRATION_MARK", "custom:migration")];
    let bed = Bed::with(anas_pool(), &marked).await;
    rejected(&bed, &event).await;
}

/// Many unverified claims do not hide the owner of an address.
#[tokio::test]
async fn an_owner_on_a_later_page_is_protected_too() {
    let claims = |number: usize| {
        User::new(&format!("claims-{number}"), PASSWORD).with("email", "ana@example.com")
    };
    let state = State {
        users: (0..130).map(claims).collect(),
        ..State::default()
    };
    let owner = User::new("u-7c7f", PASSWORD)
        .with("email", "ana@example.com")
        .with("email_verified", "true");
    let bed = Bed::with(state.with_user(owner), &[("SRC_LOOKUP", "email")]).await;
    rejected(&bed, &with_email("ana@example.com")).await;
    bed.pool.change(|state| {
        state.users.pop();
    });
    allowed(&bed, &with_email("ana@example.com")).await;
    // More pages than are read: the owner may stand on a later one.
    bed.pool
        .change(|state| state.users.extend((130..601).map(claims)));
    rejected(&bed, &with_email("ana@example.com")).await;
}

/// The person stays rejected only as long as the source user could still migrate; and no name is asked about twice.
#[tokio::test]
async fn after_the_migration_the_guard_asks_once_for_each_name_and_lets_disabled_users_go() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    bed.ana_signs_in().await;
    let event = sign_up_event(
        SIGN_UP,
        "ana.kowalczyk@example.com",
        json!({"email": "ana.kowalczyk@example.com"}),
    );
    bed.pool.forget();
    rejected(&bed, &event).await;
    assert_eq!(bed.pool.received().len(), 1);
    bed.pool.change(|state| state.users[0].enabled = false);
    bed.pool.forget();
    allowed(&bed, &event).await;
    assert_eq!(bed.pool.received().len(), 1, "one name, one question");
    bed.pool.change(|state| state.users.clear());
    bed.pool.forget();
    allowed(&bed, &event).await;
    assert_eq!(bed.pool.received().len(), 1);
}

#[tokio::test]
async fn sign_ups_are_refused_while_the_source_pool_cannot_be_asked() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    for (fault, class) in [
        (Fault::Throttled, "SourceUnavailable"),
        (Fault::InternalError, "SourceUnavailable"),
        (Fault::Malformed, "SourceUnavailable"),
        (Fault::Truncated, "SourceUnavailable"),
        (Fault::ResetAfterRead, "SourceUnavailable"),
        (Fault::NeverAnswers, "SourceUnavailable"),
        (Fault::AccessDenied, "Misconfigured"),
    ] {
        bed.pool
            .fail(Operation::AdminGetUser, fault, Times::Forever);
        // Alike for an address that exists and one that does not.
        for email in ["ana.kowalczyk@example.com", "stranger@example.com"] {
            let outcome = bed.invoke(&with_email(email)).await;
            failed(&outcome, class);
            assert_eq!(bed.log_of(&outcome).await["outcome"], "failed");
        }
        bed.pool.recover();
        rejected(&bed, &with_email("ana.kowalczyk@example.com")).await;
        allowed(&bed, &with_email("stranger@example.com")).await;
    }
    // One fault between two questions is tried again.
    bed.pool
        .fail(Operation::AdminGetUser, Fault::Throttled, Times::TWICE);
    rejected(&bed, &with_email("ana.kowalczyk@example.com")).await;
}

#[tokio::test]
async fn administrators_and_identity_providers_make_users_untouched() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    for trigger in ["PreSignUp_AdminCreateUser", "PreSignUp_ExternalProvider"] {
        let attributes = json!({"email": "ana.kowalczyk@example.com"});
        allowed(&bed, &sign_up_event(trigger, "ana.kowalczyk", attributes)).await;
    }
    assert_eq!(bed.pool.received().len(), 0);
}

#[tokio::test]
async fn a_sign_up_that_cannot_be_read_is_not_let_through() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    let good = with_email("stranger@example.com");
    for (pointer, value) in [
        ("/userName", Value::Null),
        ("/userName", json!("")),
        ("/request", json!([])),
        ("/request/userAttributes", json!("email")),
        (
            "/request/userAttributes/email",
            json!(["ana.kowalczyk@example.com"]),
        ),
    ] {
        let mut event = good.clone();
        *event.pointer_mut(pointer).unwrap() = value;
        failed(&bed.invoke(&event).await, "SourceUnavailable");
    }
    assert_eq!(bed.pool.received().len(), 0);
}

#[tokio::test]
async fn nothing_of_a_sign_up_stands_in_the_log() {
    let variables = [("AWS_LAMBDA_LOG_LEVEL", "TRACE"), ("SRC_LOOKUP", "email")];
    let bed = Bed::with(with_aliases(ana()), &variables).await;
    let event = sign_up_event(
        SIGN_UP,
        "other.user",
        json!({"email": "ana.kowalczyk@example.com", "phone_number": "+491555777777"}),
    );
    rejected(&bed, &event).await;
    bed.pool.fail(
        Operation::AdminGetUser,
        Fault::InternalError,
        Times::Forever,
    );
    failed(&bed.invoke(&event).await, "SourceUnavailable");
    let mut texts = bed.pool.confidential();
    texts.extend(["other.user", "+491555777777"].map(str::to_owned));
    let output = bed.function.output_with(|_| true).await.all();
    for text in texts {
        assert!(!output.contains(&text), "{text}");
    }
}
