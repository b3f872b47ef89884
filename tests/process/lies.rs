//! False and incomplete answers of the source pool: no user is migrated without proof and a complete profile.

use serde_json::{Value, json};
use testbed::{
    runtime::InvocationAnswer,
    source_pool::{Fault, Operation},
};

use crate::support::*;

const SUB: &str = "5a1b2c3d-0000-4000-8000-000000000001";

/// The event must lead to a rejection or a failure.
async fn migrates_no_user(bed: &Bed, event: &Value, row: &Value) {
    let outcome = bed.invoke(event).await;
    match &outcome.answer {
        InvocationAnswer::Response(_) => {
            assert_eq!(outcome.answer.text(), event.to_string(), "{row}")
        }
        InvocationAnswer::Error { error_message, .. } => {
            assert_eq!(error_message, UNAVAILABLE, "{row}");
        }
        InvocationAnswer::Nothing => panic!("{row}: no answer"),
    }
}

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
async fn an_answer_without_a_proof_migrates_no_user() {
    let tokens =
        json!({"AccessToken": "eyJ.access.token", "TokenType": "Bearer", "ExpiresIn": 3600});
    let answers = [
        json!({}),
        json!({"AuthenticationResult": null, "ChallengeName": null}),
        json!({"AuthenticationResult": {"AccessToken": ""}}),
        json!({"AuthenticationResult": {"IdToken": "eyJ.id.token"}}),
        json!({"AuthenticationResult": tokens, "ChallengeName": "NEVER_HEARD_OF_IT"}),
        json!({"authenticationResult": tokens}),
        json!({"ChallengeName": ""}),
        json!({"ChallengeName": "sms_mfa", "Session": "s"}),
        json!({"__type": "NotAuthorizedException", "message": "Incorrect username or password."}),
        json!([tokens]),
        json!(null),
    ];
    let event = sign_in_event(ANA, WRONG);
    for (flow, [sign_in, profile]) in FLOWS {
        let bed = Bed::with(anas_pool(), &[("SRC_AUTH_FLOW", flow)]).await;
        for answer in &answers {
            bed.pool.always_answer(sign_in, answer);
            bed.pool.always_answer(profile, &good_profile());
            migrates_no_user(&bed, &event, answer).await;
            bed.pool.recover();
        }
        // Tokens with a status that is no success.
        let answer = json!({"AuthenticationResult": tokens}).to_string();
        for status in [302, 400, 503] {
            bed.always_fail(sign_in, Fault::json(status, &answer));
            migrates_no_user(&bed, &event, &json!(status)).await;
            bed.pool.recover();
        }
        bed.ana_signs_in().await;
    }
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
    for (typed, parameters, code) in [
        (ADDRESS, json!({"USER_ID_FOR_SRP": ANA}), None),
        (
            ADDRESS,
            json!({"USER_ID_FOR_SRP": "bob"}),
            Some("IdentityMismatch"),
        ),
        (ADDRESS, json!({}), Some("ChallengeWithoutUser")),
        (ANA, json!({}), None),
    ] {
        let challenge = json!({
            "ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "AYABe.made.up.session",
            "ChallengeParameters": parameters,
        });
        bed.pool
            .always_answer(Operation::AdminInitiateAuth, &challenge);
        bed.pool
            .always_answer(Operation::AdminGetUser, &good_profile());
        let event = sign_in_event(typed, PASSWORD);
        match code {
            None => drop(bed.migrates(&event).await),
            Some(code) => {
                let line = bed.fails(&event, "SourceUnavailable").await;
                assert_eq!(line["code"], code, "{line}");
            }
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

#[tokio::test]
async fn half_a_profile_migrates_no_user() {
    for (flow, [_, operation]) in FLOWS {
        let mut profiles = vec![json!({}), json!(null), json!([good_profile()])];
        for (field, values) in [
            ("Username", json!([null, 42, ""])),
            ("UserAttributes", json!([null, [], {}, [5], "x"])),
            ("Enabled", json!([null, "true", 1])),
            ("UserStatus", json!([null, "Confirmed", []])),
        ] {
            // GetUser shows no state of the user.
            let only_of_administrators = matches!(field, "Enabled" | "UserStatus");
            if only_of_administrators && operation == Operation::GetUser {
                continue;
            }
            let mut profile = good_profile();
            profile.as_object_mut().unwrap().remove(field);
            profiles.push(profile);
            for value in values.as_array().unwrap() {
                let mut profile = good_profile();
                profile[field] = value.clone();
                profiles.push(profile);
            }
        }
        let variables = [("SRC_AUTH_FLOW", flow)];
        spread(profiles, &variables, async |bed, profile| {
            for operation in [operation, Operation::AdminGetUser] {
                bed.pool.always_answer(operation, &profile);
            }
            for event in [sign_in_event(ANA, PASSWORD), forgot_password_event(ANA)] {
                migrates_no_user(bed, &event, &profile).await;
            }
            bed.pool.recover();
        })
        .await;
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
        (400, "BrandNewException", &long),
        (400, "ana.kowalczyk@example.com", ""),
        (400, "UnexpectedLambdaException", "error ana.kowalczyk."),
        (400, "NotAuthorizedException", "ana.kowalczyk"),
        (
            499,
            "com.amazonaws.cognito#NotAuthorizedException",
            "ana.kowalczyk",
        ),
    ] {
        let body = json!({"__type": code, "message": message});
        let fault = Fault::json(status, &body.to_string());
        bed.always_fail(Operation::AdminInitiateAuth, fault);
        let event = sign_in_event(ANA, PASSWORD);
        migrates_no_user(&bed, &event, &body).await;
        bed.pool.recover();
    }
    let output = bed.function.output_with(|_| true).await.all();
    assert!(
        !output.contains("kowalczyk") && !output.contains(&long),
        "{output}"
    );
}
