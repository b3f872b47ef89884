//! False answers of the source pool: no user is migrated with the proof or the profile of another user. Which answers are of
//! one user is proven in `crates/rules`. Incomplete answers are proven in `crates/pools`, and made up in [`super::hostile`].

use serde_json::json;
use testbed::source_pool::Operation;

use crate::support::*;

const SUB: &str = "5a1b2c3d-0000-4000-8000-000000000001";

/// An alias can change hands between the two calls.
#[tokio::test]
async fn proof_and_profile_are_of_one_user() {
    let profile = json!({
        "Username": ANA, "Enabled": true, "UserStatus": "CONFIRMED",
        "UserAttributes": [{"Name": "sub", "Value": SUB}, {"Name": "email", "Value": ADDRESS}],
    });
    for (flow, [sign_in, after_tokens]) in FLOWS {
        let variables = [("SRC_AUTH_FLOW", flow), ("ON_MFA", "drop")];
        let bed = Bed::with(aliased(ana()), &variables).await;
        let event = sign_in_event(ADDRESS, PASSWORD);
        for (challenged, is_one_user) in [(None, false), (Some("bob"), false), (Some(ANA), true)] {
            if let Some(name) = challenged {
                let challenge = json!({
                    "ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "AYABe.made.up.session",
                    "ChallengeParameters": {"USER_ID_FOR_SRP": name},
                });
                bed.pool.always_answer(sign_in, &challenge);
            }
            for operation in [after_tokens, Operation::AdminGetUser] {
                bed.pool.always_answer(operation, &profile);
            }
            if is_one_user {
                bed.migrates(&event).await;
            } else {
                let line = bed.fails(&event, "SourceUnavailable").await;
                assert_eq!(line["code"], "IdentityMismatch", "{line}");
            }
            bed.pool.recover();
        }
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
        let sub = ana().sub();
        let variables = [("SRC_PROFILE", profile), ("ON_MFA", "drop")];
        let bed = Bed::with(pool_of(ana().with_mfa(mfa)), &variables).await;
        for event in [sign_in_event(&sub, PASSWORD), forgot_password_event(&sub)] {
            bed.rejects(&event, "user_not_found").await;
        }
        // The source pool has let the user in, and shown the user.
        let answers = bed.pool.received();
        assert!(answers.iter().all(|received| received.error.is_none()));
        bed.ana_signs_in().await;
    }
}
