//! The sign-up guard: a sign-up cannot take the name or address of a user who can still migrate. Which users can is proven in
//! `crates/rules`.

use serde_json::{Value, json};
use testbed::source_pool::{Fault, Operation, State, User};

use crate::support::*;

/// What Cognito makes up where an address takes the place of the user name.
const MADE_UP: &str = "0c4a7c7e-1111-4222-8333-444455556666";

fn of(username: &str, attributes: Value) -> Value {
    sign_up_event("PreSignUp_SignUp", username, attributes)
}

fn with_email(email: &str) -> Value {
    of(MADE_UP, json!({"email": email}))
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

#[tokio::test]
async fn a_name_or_address_of_a_user_who_can_migrate_is_taken() {
    let bed = Bed::with(aliased(ana()), &[]).await;
    let stranger =
        json!({"email": "new@example.com", "phone_number": "+491555999999", "name": ANA});
    let with_phone = json!({"email": "", "phone_number": "+491555010203"});
    let by = |trigger| sign_up_event(trigger, ANA, json!({"email": ADDRESS}));
    for (event, taken) in [
        (of(ANA, stranger.clone()), true),
        // The destination pool may take both for one.
        (of("Ana.Kowalczyk", Value::Null), true),
        (of(ADDRESS, Value::Null), true),
        (with_email("Ana.Kowalczyk@Example.com"), true),
        (of("stranger", with_phone), true),
        (of("stranger", Value::Null), false),
        (of(MADE_UP, stranger), false),
        // No user of the source pool can have such a name.
        (of("two words", json!({"email": ""})), false),
        // What administrators and identity providers make is not touched.
        (by("PreSignUp_AdminCreateUser"), false),
        (by("PreSignUp_ExternalProvider"), false),
    ] {
        is_taken(&bed, &event, taken).await;
    }
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
    bed.ana_signs_in().await;
    // The name stays taken only as long as the source user could still migrate; and no name is asked about twice.
    let event = of(ADDRESS, json!({"email": ADDRESS}));
    for (change, taken) in [
        ((|_| {}) as Change, true),
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
async fn an_address_is_looked_for_as_a_migration_looks_for_it() {
    const PREFERRED: (&str, &str) = ("SRC_LOOKUP", "preferred_username");
    const EMAIL: Variables<'_> = &[BY_EMAIL];
    let owner = |username: &str| User {
        username: username.to_owned(),
        ..ana()
    };
    let claim = |number| owner(&format!("u-{number}")).with("email_verified", "false");
    let claims = |number| (0..number).map(claim).collect::<Vec<_>>();
    let with_owner = |claims| [claims, vec![owner("u-7c7f")]].concat();
    let spelled = owner("u-1").with("email", "Ana.Kowalczyk@Example.com");
    let external = owner("u-2").with_status("EXTERNAL_PROVIDER");
    let press = || vec![owner("press@example.org")];
    let named = || of("press@example.org", Value::Null);
    let sub = press()[0].sub();
    let sub = || of(&sub, Value::Null);
    for (variables, users, event, taken) in [
        (EMAIL, with_owner(vec![]), with_email(ADDRESS), true),
        // The source pool may hold the address in another case, and its lists take no notice of case.
        (EMAIL, vec![spelled], with_email(ADDRESS), true),
        // A user who cannot migrate blocks no sign-up.
        (EMAIL, vec![external], with_email(ADDRESS), false),
        // Many unverified claims do not hide the owner of an address, nor do they block the owner.
        (EMAIL, with_owner(claims(130)), with_email(ADDRESS), true),
        (EMAIL, claims(130), with_email(ADDRESS), false),
        // More pages than are read: the owner may stand on a later one.
        (EMAIL, claims(601), with_email(ADDRESS), true),
        // A mark is believed from a user who has the source user's name or `sub` as a name.
        (EMAIL, press(), named(), false),
        (&[BY_EMAIL, MARKED], press(), named(), true),
        (&[PREFERRED], press(), sub(), false),
        (&[PREFERRED, MARKED], press(), sub(), true),
    ] {
        println!("{variables:?} {} users {event}", users.len());
        let state = State {
            users,
            ..State::default()
        };
        let bed = Bed::with(state, variables).await;
        is_taken(&bed, &event, taken).await;
        // One question for each spelling, wherever it stands.
        bed.pool.forget();
        let address = json!({"email": "stranger@example.com"});
        let stranger = of("Stranger@Example.com", address);
        is_taken(&bed, &stranger, false).await;
        if variables == EMAIL {
            assert_eq!(bed.pool.calls(), [Operation::ListUsers; 2]);
        }
    }
}

#[tokio::test]
async fn sign_ups_are_refused_while_the_source_pool_cannot_be_asked() {
    let bed = Bed::with(aliased(ana()), &[]).await;
    // Alike for an address that exists and one that does not.
    let rows = [(ADDRESS, true), ("stranger@example.com", false)];
    for (fault, class) in [
        (Fault::InternalError, "SourceUnavailable"),
        (Fault::AccessDenied, "Misconfigured"),
    ] {
        bed.always_fail(Operation::AdminGetUser, fault);
        for (email, _) in rows {
            bed.fails(&with_email(email), class).await;
        }
        bed.pool.recover();
        for (email, taken) in rows {
            is_taken(&bed, &with_email(email), taken).await;
        }
    }
    // And so is one that cannot be read.
    bed.pool.forget();
    bed.fails(&of(MADE_UP, json!("email")), "SourceUnavailable")
        .await;
    assert_eq!(bed.pool.received().len(), 0);
}
