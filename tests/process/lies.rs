//! False and incomplete answers of the source pool: no user is migrated without proof and a complete profile.

use serde_json::{Value, json};
use testbed::{
    runtime::InvocationAnswer,
    source_pool::{Fault, Operation, Times},
};

use crate::support::*;

/// Asserts a rejection or a failure, with an answer that creates no user.
#[track_caller]
fn no_user_is_migrated(outcome: &testbed::runtime::InvocationOutcome, event: &Value, case: &Value) {
    assert!(!is_migration(outcome), "{case}: {}", outcome.answer.text());
    match &outcome.answer {
        InvocationAnswer::Response(_) => echoed(outcome, event),
        InvocationAnswer::Error { error_message, .. } => {
            assert_eq!(error_message, UNAVAILABLE, "{case}")
        }
        InvocationAnswer::Nothing => panic!("{case}: no answer"),
    }
}

fn good_profile() -> Value {
    json!({
        "Username": "ana.kowalczyk", "Enabled": true, "UserStatus": "CONFIRMED",
        "UserAttributes": [
            {"Name": "sub", "Value": "5a1b2c3d-0000-4000-8000-000000000001"},
            {"Name": "email", "Value": "ana.kowalczyk@example.com"},
        ],
    })
}

#[tokio::test]
async fn an_answer_without_a_proof_migrates_no_user() {
    let tokens =
        json!({"AccessToken": "eyJ.access.token", "TokenType": "Bearer", "ExpiresIn": 3600});
    let answers = [
        json!({}),
        json!({"ChallengeParameters": {}}),
        json!({"AuthenticationResult": {}}),
        json!({"AuthenticationResult": null, "ChallengeName": null}),
        json!({"AuthenticationResult": {"AccessToken": ""}}),
        json!({"AuthenticationResult": {"AccessToken": null, "IdToken": "eyJ.id.token"}}),
        json!({"AuthenticationResult": {"IdToken": "eyJ.id.token"}}),
        json!({"AuthenticationResult": tokens, "ChallengeName": "SMS_MFA", "Session": "s"}),
        json!({"AuthenticationResult": tokens, "ChallengeName": "NEVER_HEARD_OF_IT"}),
        json!({"authenticationResult": tokens}),
        json!({"ChallengeName": ""}),
        json!({"ChallengeName": "sms_mfa", "Session": "s"}),
        json!({"ChallengeName": "ADMIN_NO_SRP_AUTH", "Session": "s"}),
        json!({"__type": "NotAuthorizedException", "message": "Incorrect username or password."}),
        json!([tokens]),
        json!("AuthenticationResult"),
        json!(null),
    ];
    for (flow, operation) in [
        ("ADMIN_USER_PASSWORD_AUTH", Operation::AdminInitiateAuth),
        ("USER_PASSWORD_AUTH", Operation::InitiateAuth),
    ] {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        for answer in &answers {
            bed.pool.always_answer(operation, answer);
            bed.pool.always_answer(Operation::GetUser, &good_profile());
            let event = sign_in_event("ana.kowalczyk", WRONG);
            no_user_is_migrated(&bed.invoke(&event).await, &event, answer);
            bed.pool.recover();
        }
        // Tokens with a status that is no success.
        for status in [201, 302, 400, 403, 500, 503] {
            let answer = json!({"AuthenticationResult": tokens});
            bed.pool.fail(
                operation,
                Fault::json(status, &answer.to_string()),
                Times::Forever,
            );
            let event = sign_in_event("ana.kowalczyk", WRONG);
            let outcome = bed.invoke(&event).await;
            if status >= 300 {
                no_user_is_migrated(&outcome, &event, &json!(status));
            }
            bed.pool.recover();
        }
        bed.ana_signs_in().await;
    }
}

#[tokio::test]
async fn proof_and_profile_are_of_one_person() {
    let mut nobodys = good_profile();
    nobodys["UserAttributes"].as_array_mut().unwrap().remove(0);
    let unreadable = json!({"AuthenticationResult": {"AccessToken": "eyJ.access.token"}});
    for (flow, sign_in, profile) in [
        (
            "ADMIN_USER_PASSWORD_AUTH",
            Operation::AdminInitiateAuth,
            Operation::AdminGetUser,
        ),
        (
            "USER_PASSWORD_AUTH",
            Operation::InitiateAuth,
            Operation::GetUser,
        ),
    ] {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        let event = sign_in_event("ana.kowalczyk", PASSWORD);
        for (operation, answer) in [
            (profile, good_profile()),
            (profile, nobodys.clone()),
            (sign_in, unreadable.clone()),
        ] {
            bed.pool.always_answer(Operation::GetUser, &good_profile());
            bed.pool.always_answer(operation, &answer);
            let outcome = bed.invoke(&event).await;
            error(&outcome, "SourceUnavailable", UNAVAILABLE);
            let line = bed.log_of(&outcome).await;
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
    let challenge = |parameters: Value| {
        json!({
            "ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "AYABe.made.up.session",
            "ChallengeParameters": parameters,
        })
    };
    let bed = Bed::with(anas_pool(), &[("ON_MFA", "drop")]).await;
    for (typed, parameters, code) in [
        (ADDRESS, json!({"USER_ID_FOR_SRP": "ana.kowalczyk"}), None),
        (
            ADDRESS,
            json!({"USER_ID_FOR_SRP": "bob"}),
            Some("IdentityMismatch"),
        ),
        (ADDRESS, json!({}), Some("ChallengeWithoutUser")),
        ("ana.kowalczyk", json!({}), None),
    ] {
        bed.pool
            .always_answer(Operation::AdminInitiateAuth, &challenge(parameters));
        bed.pool
            .always_answer(Operation::AdminGetUser, &good_profile());
        let event = sign_in_event(typed, PASSWORD);
        let outcome = bed.invoke(&event).await;
        match code {
            None => drop(migrated(&outcome, &event)),
            Some(code) => {
                error(&outcome, "SourceUnavailable", UNAVAILABLE);
                let line = bed.log_of(&outcome).await;
                assert_eq!(line["code"], code, "{line}");
            }
        }
        bed.pool.recover();
    }
}

/// AdminInitiateAuth and AdminGetUser take it for a user name.
#[tokio::test]
async fn a_sub_that_is_no_user_name_names_no_user() {
    const SUB: &str = "5a1b2c3d-0000-4000-8000-000000000001";
    for (profile, mfa) in [
        ("after", &[][..]),
        ("id_token", &[]),
        ("after", &["SOFTWARE_TOKEN_MFA"]),
    ] {
        let mut user = ana().with_mfa(mfa);
        user.sub = Some(SUB.to_owned());
        let mut state = anas_pool();
        state.users = vec![user];
        let variables = [("SRC_PROFILE", profile), ("ON_MFA", "drop")];
        let bed = Bed::with(state, &variables).await;
        for event in [sign_in_event(SUB, PASSWORD), forgot_password_event(SUB)] {
            let outcome = bed.invoke(&event).await;
            echoed(&outcome, &event);
            let line = bed.log_of(&outcome).await;
            assert_eq!(line["reason"], "user_not_found", "{line}");
        }
        // The source pool has let the user in, and shown the user.
        let sign_ins = bed.pool.received_of(Operation::AdminInitiateAuth);
        let profiles = bed.pool.received_of(Operation::AdminGetUser);
        assert_eq!(sign_ins.len(), 1);
        assert!(!profiles.is_empty());
        let mut answers = sign_ins.iter().chain(&profiles);
        assert!(answers.all(|received| received.error.is_none()));
        bed.ana_signs_in().await;
    }
}

#[tokio::test]
async fn half_a_profile_migrates_no_user() {
    let mut profiles = vec![json!({}), json!(null), json!([good_profile()])];
    for field in ["Username", "Enabled", "UserStatus", "UserAttributes"] {
        let mut profile = good_profile();
        profile.as_object_mut().unwrap().remove(field);
        profiles.push(profile);
        for value in [
            json!(null),
            json!(42),
            json!(""),
            json!([]),
            json!({}),
            json!([[]]),
            json!([5]),
        ] {
            let mut profile = good_profile();
            profile[field] = value;
            profiles.push(profile);
        }
    }
    for (field, value) in [
        ("Enabled", json!("true")),
        ("Enabled", json!(1)),
        ("UserStatus", json!("Confirmed")),
    ] {
        let mut profile = good_profile();
        profile[field] = value;
        profiles.push(profile);
    }
    spread(profiles, &[], async |bed, profile| {
        bed.pool.always_answer(Operation::AdminGetUser, &profile);
        for event in [
            sign_in_event("ana.kowalczyk", PASSWORD),
            forgot_password_event("ana.kowalczyk"),
        ] {
            no_user_is_migrated(&bed.invoke(&event).await, &event, &profile);
        }
        bed.pool.recover();
    })
    .await;
}

#[tokio::test]
async fn half_a_profile_read_with_the_token_migrates_no_user() {
    let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH")]).await;
    for profile in [
        json!({}),
        json!({"Username": "ana.kowalczyk"}),
        json!({"UserAttributes": [{"Name": "email", "Value": "a@example.com"}]}),
        json!({"Username": "", "UserAttributes": [{"Name": "email", "Value": "a@example.com"}]}),
        json!({"Username": "ana.kowalczyk", "UserAttributes": []}),
        json!({"Username": "ana.kowalczyk", "UserAttributes": {"email": "a@example.com"}}),
    ] {
        bed.pool.always_answer(Operation::GetUser, &profile);
        let event = sign_in_event("ana.kowalczyk", PASSWORD);
        no_user_is_migrated(&bed.invoke(&event).await, &event, &profile);
        bed.pool.recover();
    }
}

/// A refusal that comes with a strange code or text is still no migration, and nothing of it is shown.
#[tokio::test]
async fn strange_errors_are_answered_with_constant_texts() {
    let bed = Bed::start(anas_pool()).await;
    let long = "x".repeat(100_000);
    for (status, code, message) in [
        (
            400,
            "BrandNewException",
            "ana.kowalczyk@example.com is not welcome",
        ),
        (400, "ana.kowalczyk@example.com", ""),
        (400, "", ""),
        (
            400,
            "UnexpectedLambdaException",
            "PreAuthentication failed with error ana.kowalczyk.",
        ),
        (
            400,
            "InvalidLambdaResponseException",
            "Unrecognizable lambda output",
        ),
        (403, "ForbiddenException", "Request blocked"),
        (400, "NotAuthorizedException", "Password attempts exceeded"),
        (400, "NotAuthorizedException", ""),
        (400, "NotAuthorizedException", "ana.kowalczyk"),
        (400, "InvalidUserPoolConfigurationException", "No."),
        (
            499,
            "com.amazonaws.cognito#NotAuthorizedException",
            "Incorrect username or password.",
        ),
        (400, "BrandNewException", &long),
    ] {
        let body = json!({"__type": code, "message": message});
        bed.pool.fail(
            Operation::AdminInitiateAuth,
            Fault::json(status, &body.to_string()),
            Times::Forever,
        );
        let event = sign_in_event("ana.kowalczyk", PASSWORD);
        let outcome = bed.invoke(&event).await;
        no_user_is_migrated(&outcome, &event, &body);
        let line = bed.log_of(&outcome).await.to_string();
        assert!(!line.contains("kowalczyk") && line.len() < 2000, "{line}");
        bed.pool.recover();
    }
}

#[tokio::test]
async fn an_account_that_was_locked_is_rejected_and_not_tried_again() {
    let bed = Bed::start(anas_pool()).await;
    bed.pool.fail(
        Operation::AdminInitiateAuth,
        Fault::error("NotAuthorizedException", "Password attempts exceeded"),
        Times::Forever,
    );
    rejected(
        &bed,
        &sign_in_event("ana.kowalczyk", PASSWORD),
        "wrong_credentials",
    )
    .await;
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 1);
}
