//! The sign-up guard: a sign-up cannot take the name or address of a user who can still migrate.

use serde_json::{Value, json};
use testbed::source_pool::{Fault, Operation, State, Times, User};

use crate::support::*;

const SIGN_UP: &str = "PreSignUp_SignUp";
/// What Cognito makes up where an address takes the place of the user name.
const MADE_UP: &str = "0c4a7c7e-1111-4222-8333-444455556666";
const BY_EMAIL: (&str, &str) = ("SRC_LOOKUP", "email");
const MARKED: (&str, &str) = ("MIGRATION_MARK", "custom:migration");

fn with_email(email: &str) -> Value {
    sign_up_event(SIGN_UP, MADE_UP, json!({"email": email}))
}

fn with_name(username: &str) -> Value {
    sign_up_event(SIGN_UP, username, Value::Null)
}

/// The sign-up must be rejected because the name is taken, or allowed.
async fn is_taken(bed: &Bed, event: &Value, taken: bool) {
    let outcome = bed.invoke(event).await;
    let expected = match taken {
        true => {
            error(&outcome, "AccountExists", ACCOUNT_EXISTS);
            json!({"outcome": "rejected", "reason": "account_exists"})
        }
        false => {
            echoed(&outcome, event);
            json!({"outcome": "allowed"})
        }
    };
    bed.logs(&outcome, &expected).await;
}

/// A pool where e-mail addresses and phone numbers are sign-in names.
fn with_aliases(user: User) -> State {
    State {
        sign_in_with: vec!["email".into(), "phone_number".into()],
        ..pool_of(user)
    }
}

/// A user with this address, verified.
fn owner(username: &str, email: &str) -> User {
    User::new(username, PASSWORD)
        .with("email", email)
        .with("email_verified", "true")
}

#[tokio::test]
async fn a_name_or_address_of_a_user_who_can_migrate_is_taken() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    let stranger =
        json!({"email": "new@example.com", "phone_number": "+491555999999", "name": ANA});
    let with_phone = json!({"email": "", "phone_number": "+491555010203"});
    for (username, attributes, taken) in [
        (ANA, stranger.clone(), true),
        // The destination pool may take both for one.
        ("Ana.Kowalczyk", Value::Null, true),
        ("ana.kowalczyk@example.com", Value::Null, true),
        (MADE_UP, json!({"email": "Ana.Kowalczyk@Example.com"}), true),
        ("stranger", with_phone, true),
        ("stranger", Value::Null, false),
        ("stranger", json!({}), false),
        (MADE_UP, stranger, false),
        // No user of the source pool can have such a name.
        ("two words", json!({"email": ""}), false),
    ] {
        let event = sign_up_event(SIGN_UP, username, attributes);
        is_taken(&bed, &event, taken).await;
    }
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
    bed.ana_signs_in().await;
}

#[tokio::test]
async fn a_user_who_cannot_migrate_blocks_no_sign_up() {
    for (status, variables, taken) in [
        ("RESET_REQUIRED", &[][..], true),
        ("RESET_REQUIRED", &[("ON_FORGOT_PASSWORD", "ignore")], false),
        ("UNCONFIRMED", &[], false),
    ] {
        let state = with_aliases(ana().with_status(status));
        let bed = Bed::with(state, variables).await;
        is_taken(&bed, &with_name(ANA), taken).await;
        bed.pool.change(|state| state.users[0].enabled = false);
        is_taken(&bed, &with_name(ANA), false).await;
    }
}

#[tokio::test]
async fn an_address_is_looked_for_as_a_migration_looks_for_it() {
    let external =
        |username| owner(username, "social@example.com").with_status("EXTERNAL_PROVIDER");
    let state = pool_of(owner("u-1", "ana@example.com"))
        .with_user(owner("u-2", "twin@example.com"))
        .with_user(owner("u-3", "twin@example.com"))
        .with_user(owner("u-4", "liar@example.com").with("email_verified", "false"))
        .with_user(owner("u-5", "Shouting@Example.com"))
        .with_user(external("Google_6"))
        .with_user(external("Facebook_7"))
        .with_user(owner("u-8", "off@example.com").disabled())
        .with_user(owner("u-9", "tool@example.com").with("email_verified", "True"));
    let bed = Bed::with(state, &[BY_EMAIL]).await;
    for (email, taken) in [
        ("ana@example.com", true),
        ("ANA@example.com", true),
        ("twin@example.com", true),
        // The source pool may hold the address in another case, and its lists take no notice of case.
        ("shouting@example.com", true),
        // The flag of another tool protects its owner too.
        ("tool@example.com", true),
        // An unverified claim does not block the owner of an address, and a user who cannot migrate does not either.
        ("liar@example.com", false),
        ("social@example.com", false),
        ("off@example.com", false),
        ("stranger@example.com", false),
    ] {
        is_taken(&bed, &with_email(email), taken).await;
    }
    // One question for each spelling, wherever it stands.
    bed.pool.forget();
    let attributes = json!({"email": "stranger@example.com"});
    let event = sign_up_event(SIGN_UP, "Stranger@Example.com", attributes);
    is_taken(&bed, &event, false).await;
    assert_eq!(bed.pool.calls(), [Operation::ListUsers; 2]);
}

/// A mark is believed from a user who has the source user's name or `sub` as a name.
#[tokio::test]
async fn with_a_mark_user_names_and_subs_are_taken_whatever_is_looked_up() {
    let owner = User {
        username: "press@example.org".to_owned(),
        ..ana()
    };
    for (look_up, name) in [
        ("email", owner.username.clone()),
        ("preferred_username", owner.sub()),
    ] {
        let look_up = ("SRC_LOOKUP", look_up);
        for (variables, taken) in [(&[look_up][..], false), (&[look_up, MARKED], true)] {
            let bed = Bed::with(pool_of(owner.clone()), variables).await;
            is_taken(&bed, &with_name(&name), taken).await;
            is_taken(&bed, &with_email("stranger@example.com"), false).await;
        }
    }
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
    let state = state.with_user(owner("u-7c7f", "ana@example.com"));
    let bed = Bed::with(state, &[BY_EMAIL]).await;
    let event = with_email("ana@example.com");
    is_taken(&bed, &event, true).await;
    bed.pool.change(|state| drop(state.users.pop()));
    is_taken(&bed, &event, false).await;
    // More pages than are read: the owner may stand on a later one.
    bed.pool
        .change(|state| state.users.extend((130..601).map(claims)));
    is_taken(&bed, &event, true).await;
}

/// The person stays rejected only as long as the source user could still migrate; and no name is asked about twice.
#[tokio::test]
async fn after_the_migration_the_guard_asks_once_for_each_name_and_lets_disabled_users_go() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    bed.ana_signs_in().await;
    let email = "ana.kowalczyk@example.com";
    let event = sign_up_event(SIGN_UP, email, json!({"email": email}));
    for (change, taken) in [
        ((|_| {}) as fn(&mut State), true),
        (|state| state.users[0].enabled = false, false),
        (|state| state.users.clear(), false),
    ] {
        bed.pool.change(change);
        bed.pool.forget();
        is_taken(&bed, &event, taken).await;
        assert_eq!(bed.pool.received().len(), 1, "one name, one question");
    }
}

#[tokio::test]
async fn sign_ups_are_refused_while_the_source_pool_cannot_be_asked() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    let rows = [
        ("ana.kowalczyk@example.com", true),
        ("stranger@example.com", false),
    ];
    for (fault, class) in [
        (Fault::InternalError, "SourceUnavailable"),
        (Fault::NeverAnswers, "SourceUnavailable"),
        (Fault::AccessDenied, "Misconfigured"),
    ] {
        bed.always_fail(Operation::AdminGetUser, fault);
        // Alike for an address that exists and one that does not.
        for (email, _) in rows {
            bed.fails(&with_email(email), class).await;
        }
        bed.pool.recover();
        for (email, taken) in rows {
            is_taken(&bed, &with_email(email), taken).await;
        }
    }
    // One fault between two questions is tried again.
    bed.pool
        .fail(Operation::AdminGetUser, Fault::Throttled, Times::TWICE);
    is_taken(&bed, &with_email(rows[0].0), true).await;
}

#[tokio::test]
async fn administrators_and_identity_providers_make_users_untouched() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    for trigger in ["PreSignUp_AdminCreateUser", "PreSignUp_ExternalProvider"] {
        let attributes = json!({"email": "ana.kowalczyk@example.com"});
        is_taken(&bed, &sign_up_event(trigger, ANA, attributes), false).await;
    }
    assert_eq!(bed.pool.received().len(), 0);
}

#[tokio::test]
async fn a_sign_up_that_cannot_be_read_is_not_let_through() {
    let bed = Bed::with(with_aliases(ana()), &[]).await;
    for (pointer, value) in [
        ("/userName", Value::Null),
        ("/userName", json!("")),
        ("/request", json!([])),
        ("/request/userAttributes", json!("email")),
        ("/request/userAttributes/email", json!(["ana@example.com"])),
    ] {
        let mut event = with_email("stranger@example.com");
        *event.pointer_mut(pointer).unwrap() = value;
        bed.fails(&event, "SourceUnavailable").await;
    }
    assert_eq!(bed.pool.received().len(), 0);
}
