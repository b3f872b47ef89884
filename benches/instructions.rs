//! Runs COUNT sign-ins through the rules and the event handling: `instructions COUNT`. With `id_token` as a further
//! argument the profile comes from the ID token.
//!
//! `make bench-instructions` runs it under callgrind with two counts and takes the difference, so that the start of the
//! process does not count. Everything around the calls of the source pool is here; the SDK, TLS and the kernel are not.

#![allow(clippy::expect_used, reason = "a benchmark ends in a panic")]

use std::{env, hint::black_box};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cognito_user_migration::event::Event;
use rules::{
    admission::Proof,
    evidence::{Challenge, Identity, Profile, SecondFactor, Standing, UserStatus},
    identity::{Proven, is_one_user},
    sensitive::Sensitive,
    settings::Settings,
    token,
};
use serde_json::json;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_OldPool01";
const EVENT: &str = include_str!("../events/sign-in.json");

fn main() {
    // `cargo bench` adds arguments of its own.
    let count = env::args().skip(1).find_map(|word| word.parse().ok());
    let by_token = env::args().any(|word| word == "id_token");
    let settings = Settings::read(setting).expect("good settings");
    let profile = profile();
    let token = id_token(&profile);
    let issuers = [ISSUER.to_owned()];
    for _ in 0..count.unwrap_or(1) {
        let (read, sub);
        let (profile, proof, proven) = if by_token {
            let by_claims = token::profile(black_box(&token), &settings.source.client_id, &issuers);
            (read, sub) = (by_claims.expect("a profile"), token::subject(&token));
            (&read, Proof::Password, Proven::Sub(sub.as_deref()))
        } else {
            let proof = settings.policy.proven_by_challenge(Challenge::SmsMfa);
            let proven = Proven::Username(Some("ada"));
            (black_box(&profile), proof.expect("proven"), proven)
        };
        assert_eq!(is_one_user("ada@example.com", proven, profile), Ok(()));
        let answer = sign_in(black_box(EVENT), &settings, profile, proof);
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
        "PASSWORD_POLICY" => r#"{"minimumLength": 8, "requireSymbols": true}"#,
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
        identity: Identity {
            username: "ada".to_owned(),
            attributes: attributes
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        },
        standing: Standing::Reported {
            enabled: true,
            status: UserStatus::Confirmed,
        },
        second_factor: SecondFactor::Sms,
    }
}

/// The profile as an ID token holds it.
fn id_token(profile: &Profile) -> Sensitive {
    let mut claims = json!({
        "iss": ISSUER, "aud": "4madeup7client8of9the0old1",
        "token_use": "id", "cognito:username": profile.identity.username, "auth_time": 1, "exp": 2, "iat": 1,
    });
    for (name, value) in &profile.identity.attributes {
        claims[name] = json!(value);
    }
    Sensitive::new(format!(
        "e30.{}.c2ln",
        URL_SAFE_NO_PAD.encode(claims.to_string())
    ))
}

/// The work of the handler and the user_migration trigger for an event, without the calls and the log.
fn sign_in(text: &str, settings: &Settings, profile: &Profile, proof: Proof) -> String {
    let event = Event::receive(text).expect("JSON");
    assert!(matches!(event.trigger_source(), Ok(Some(_))));
    let request = event.migration_request().expect("a sign-in");
    let policy = settings.policy;
    let typed = &request.username;
    let is_weak = policy.is_too_weak(&request.password.expect("a password"));
    let admit = |contacts| policy.admit_sign_in(proof, is_weak, profile.standing, contacts);
    let user = settings.destination.user(profile, typed, admit);
    let user = user.expect("admitted");
    let answer = event.with_migrated_user(&user).expect("an event");
    answer.get().to_owned()
}
