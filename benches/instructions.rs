//! A sign-in through the pure rooms and the event handling, as often as asked: `instructions COUNT`.
//!
//! `make bench-instructions` runs it under callgrind with two counts and takes the difference, so that the start of the
//! process does not count. Everything around the calls of the source pool is here; the SDK, TLS and the kernel are not.

use std::{env, hint::black_box};

use cognito_user_migration::event::Event;
use rules::{
    evidence::{Challenge, Profile, SecondFactor, Standing, UserStatus},
    settings::Settings,
};

const EVENT: &str = include_str!("../events/sign-in.json");

fn main() {
    // `cargo bench` adds arguments of its own.
    let count = env::args().skip(1).find_map(|word| word.parse().ok());
    let settings = Settings::read(setting).expect("good settings");
    let profile = profile();
    for _ in 0..count.unwrap_or(1) {
        let answer = sign_in(black_box(EVENT), &settings, black_box(&profile));
        assert!(black_box(answer).contains(r#""custom:legacy_sub""#));
    }
}

fn setting(name: &str) -> Option<String> {
    let value = match name {
        "SRC_USER_POOL_ID" => "eu-west-1_OldPool01",
        "SRC_CLIENT_ID" => "4madeup7client8of9the0old1",
        "ATTRIBUTE_MAP" => {
            r#"{"sub": "custom:legacy_sub", "custom:*": "custom:*", "nickname": null}"#
        }
        "STATIC_ATTRIBUTES" => r#"{"custom:migrated": "yes"}"#,
        "ON_MFA" => "sms",
        _ => return None,
    };
    Some(value.to_owned())
}

fn profile() -> Profile {
    let attributes = [
        ("sub", "2c1b9e0a-3f5d-4c6e-8a7b-9d0e1f2a3b4c"),
        ("email", "ada@example.com"),
        ("email_verified", "true"),
        ("phone_number", "+491555010203"),
        ("phone_number_verified", "true"),
        ("given_name", "Ada"),
        ("family_name", "Example"),
        ("nickname", "A"),
        ("locale", "en-GB"),
        ("custom:tenant", "blue"),
        ("custom:plan", ""),
    ];
    Profile {
        username: "ada".to_owned(),
        standing: Standing::Reported {
            enabled: true,
            status: UserStatus::Confirmed,
        },
        attributes: attributes
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        second_factor: SecondFactor::Sms,
    }
}

/// What the handler and the user_migration trigger do with an event, but for the calls and the log.
fn sign_in(text: &str, settings: &Settings, profile: &Profile) -> String {
    let event = Event::receive(text).expect("JSON");
    assert!(matches!(event.trigger_source(), Ok(Some(_))));
    let request = event.migration_request().expect("a sign-in");
    assert!(request.password.is_some());
    let policy = settings.policy;
    let proof = policy.proven_by_challenge(Challenge::SmsMfa);
    let proof = proof.expect("proven");
    let admit = |contacts| policy.admit_sign_in(proof, profile.standing, contacts);
    let user = settings.destination.user(profile, admit).expect("admitted");
    let answer = event.with_migrated_user(&user).expect("an event");
    answer.get().to_owned()
}
