//! False answers of the source pool: no user is migrated with the proof or the profile of another user. Incomplete answers
//! are proven in `crates/pools`, and made up in [`super::hostile`].

use serde_json::{Value, json};
use testbed::source_pool::Operation;

use crate::support::*;

const SUB: &str = "5a1b2c3d-0000-4000-8000-000000000001";

fn good_profile() -> Value {
    json!({
        "Username": ANA, "Enabled": true, "UserStatus": "CONFIRMED",
        "UserAttributes": [
            {"Name": "sub", "Value": SUB},
            {"Name": "email", "Value": "ana.kowalczyk@example.com"},
        ],
    })
}

#[tokio::test]
async fn proof_and_profile_are_of_one_person() {
    let mut without_sub = good_profile();
    without_sub["UserAttributes"]
        .as_array_mut()
        .unwrap()
        .remove(0);
    let unreadable = json!({"AuthenticationResult": {"AccessToken": "eyJ.access.token"}});
    for (flow, [sign_in, profile]) in FLOWS {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        for (operation, answer) in [
            (profile, &good_profile()),
            (profile, &without_sub),
            (sign_in, &unreadable),
        ] {
            bed.pool.always_answer(Operation::GetUser, &good_profile());
            bed.pool.always_answer(operation, answer);
            let event = sign_in_event(ANA, PASSWORD);
            let line = bed.fails(&event, "SourceUnavailable").await;
            assert_eq!(line["code"], "IdentityMismatch", "{line}");
            bed.pool.recover();
        }
        bed.ana_signs_in().await;
    }
}

/// An alias can change hands between the two calls.
#[tokio::test]
async fn a_challenge_and_the_profile_are_of_one_user() {
    const ADDRESS: &str = "ana.kowalczyk@example.com";
    let bed = Bed::with(anas_pool(), &[("ON_MFA", "drop")]).await;
    let named = |name: &str| json!({"USER_ID_FOR_SRP": name});
    for (typed, parameters, code) in [
        (ADDRESS, named(ANA), None),
        (ADDRESS, named("bob"), Some("IdentityMismatch")),
        (ADDRESS, json!({}), Some("ChallengeWithoutUser")),
        (ANA, json!({}), None),
    ] {
        let challenge = json!({
            "ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "AYABe.made.up.session",
            "ChallengeParameters": parameters,
        });
        for (operation, answer) in [
            (Operation::AdminInitiateAuth, challenge),
            (Operation::AdminGetUser, good_profile()),
        ] {
            bed.pool.always_answer(operation, &answer);
        }
        let event = sign_in_event(typed, PASSWORD);
        if let Some(code) = code {
            let line = bed.fails(&event, "SourceUnavailable").await;
            assert_eq!(line["code"], code, "{line}");
        } else {
            bed.migrates(&event).await;
        }
        bed.pool.recover();
    }
}

/// AdminInitiateAuth and AdminGetUser take it for a user name.
#[tokio::test]
async fn a_sub_that_is_no_user_name_names_no_user() {
    for (profile, mfa) in [
        ("after", &[][..]),
        ("id_token", &[]),
        ("after", &["SOFTWARE_TOKEN_MFA"]),
    ] {
        let mut user = ana().with_mfa(mfa);
        user.sub = Some(SUB.to_owned());
        let variables = [("SRC_PROFILE", profile), ("ON_MFA", "drop")];
        let bed = Bed::with(pool_of(user), &variables).await;
        for event in [sign_in_event(SUB, PASSWORD), forgot_password_event(SUB)] {
            bed.rejects(&event, "user_not_found").await;
        }
        // The source pool has let the user in, and shown the user.
        let answers = bed.pool.received();
        assert!(answers.iter().all(|received| received.error.is_none()));
        assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 1);
        assert!(bed.pool.count(Operation::AdminGetUser) > 0);
        bed.ana_signs_in().await;
    }
}
