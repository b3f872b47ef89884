use rules::outcome::Failure;
use serde_json::json;

use super::*;
use crate::aws::test_support::{
    CLIENT, USER, asked, error, ok, operators_pool, password, requests, sent, unsigned,
};

fn client(secret: Option<&str>) -> AppClient {
    AppClient {
        id: CLIENT.to_owned(),
        name: String::new(),
        secret: secret.map(Sensitive::new),
        admin_password_flow: false,
        user_password_flow: true,
        prevents_user_existence_errors: true,
        readable: None,
        writable: None,
    }
}

#[tokio::test]
async fn a_user_is_made_without_a_message_and_gets_a_password_that_lasts() {
    let attributes = BTreeMap::from([("email".to_owned(), USER.to_owned())]);
    let email = json!([{"Name": "email", "Value": USER}]);
    let made = json!({"Username": USER, "MessageAction": "SUPPRESS", "UserAttributes": email});
    let lasts = json!({"Username": USER, "Password": "Made-up-1", "Permanent": true});
    let both = [
        asked("AdminCreateUser", made),
        asked("AdminSetUserPassword", lasts),
    ];
    for (first, is_made) in [
        (ok(json!({})), true),
        (error("UsernameExistsException", ""), true),
        (error("AccessDeniedException", ""), false),
    ] {
        let (pool, http) = operators_pool([first, ok(json!({}))]).await;
        let created = pool.create_user(USER, &attributes, &password()).await;
        assert_eq!(created.is_ok(), is_made);
        let calls = if is_made { &both[..] } else { &both[..1] };
        assert_eq!(sent(&http), json!(calls));
    }
}

#[tokio::test]
async fn a_user_who_does_not_exist_counts_as_deleted() {
    for (reply, is_deleted) in [
        (ok(json!({})), true),
        (error("UserNotFoundException", ""), true),
        (error("InvalidParameterException", "Invalid name."), true),
        (error("AccessDeniedException", ""), false),
    ] {
        let (pool, http) = operators_pool([reply]).await;
        assert_eq!(pool.delete_user(USER).await.is_ok(), is_deleted);
        let request = asked("AdminDeleteUser", json!({"Username": USER}));
        assert_eq!(sent(&http), json!([request]));
    }
}

#[tokio::test]
async fn an_app_signs_in_unsigned_with_the_secret_hash_of_the_name_as_typed() {
    // As in the tests of `secret_hash`.
    const HASH: &str = "dNUm25s+wxiN0LMdOJSXhxt0STCx4mHMyDLGpzRhL+0=";
    for secret in [None, Some("made-up-secret")] {
        let tokens = json!({"AuthenticationResult": {"IdToken": "made-up-token"}});
        let reset = json!({"CodeDeliveryDetails": {"DeliveryMedium": "EMAIL"}});
        let (pool, http) = operators_pool([ok(tokens), ok(reset)]).await;
        let client = client(secret);
        let app = pool.app(&client);
        let signed_in = app.sign_in(USER, &password()).await.unwrap();
        assert!(matches!(signed_in, AppSignIn::Tokens { id } if id.expose() == "made-up-token"));
        let reset = app.forgot_password(USER).await.unwrap();
        assert!(matches!(reset, ResetStarted::CodeBy(medium) if medium == "EMAIL"));
        let mut given = json!({"USERNAME": USER, "PASSWORD": "Made-up-1"});
        let mut forgotten = json!({"ClientId": CLIENT, "Username": USER});
        if secret.is_some() {
            given["SECRET_HASH"] = HASH.into();
            forgotten["SecretHash"] = HASH.into();
        }
        let sign_in =
            json!({"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": given});
        let calls = [
            unsigned("InitiateAuth", sign_in),
            unsigned("ForgotPassword", forgotten),
        ];
        assert_eq!(sent(&http), json!(calls));
    }
}

/// The answer that an app gets, in words.
fn heard(answer: Result<AppSignIn, Failure>) -> String {
    match answer {
        Ok(AppSignIn::Tokens { .. }) => "tokens".to_owned(),
        Ok(AppSignIn::Challenged(name)) => name,
        Ok(AppSignIn::Refused(refusal)) => format!("{} {:?}", refusal.code, refusal.about),
        Err(failure) => format!("failed {}", failure.code),
    }
}

#[tokio::test]
async fn what_a_pool_says_to_a_user_is_told_and_what_it_says_to_us_is_a_failure() {
    for row in [
        "NotAuthorizedException: Incorrect username or password. → WrongPassword",
        "PasswordResetRequiredException: Password reset required for the user → Reset",
        "UserLambdaValidationException: UserMigration failed with error Please try again.. → Other",
        "UserLambdaValidationException: PreAuthentication failed with error reset your mind. → PreAuthentication",
        "UnexpectedLambdaException: x → Other",
        "UserNotFoundException: x → Other",
        "NotAuthorizedException: Unable to verify secret hash for client x → failed",
        "ResourceNotFoundException: x → failed",
    ] {
        let (reply, told) = row.split_once(" → ").unwrap();
        let (code, message) = reply.split_once(": ").unwrap();
        let (pool, http) = operators_pool([error(code, message)]).await;
        let answer = pool.app(&client(None)).sign_in(USER, &password()).await;
        let told = match told {
            "failed" => format!("failed {code}"),
            about => format!("{code} {about}"),
        };
        assert_eq!(heard(answer), told);
        assert_eq!(requests(&http), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_of_a_sign_in_is_waited_out() {
    let tokens = ok(json!({"AuthenticationResult": {"IdToken": "made-up-token"}}));
    let replies = [error("TooManyRequestsException", ""), tokens];
    let (pool, http) = operators_pool(replies).await;
    let answer = pool.app(&client(None)).sign_in(USER, &password()).await;
    assert_eq!((heard(answer).as_str(), requests(&http)), ("tokens", 2));
}

#[tokio::test]
async fn a_user_joins_a_group_and_gets_codes_by_text_message() {
    let replies = [
        ok(json!({})),
        ok(json!({})),
        error("AccessDeniedException", ""),
    ];
    let (pool, http) = operators_pool(replies).await;
    pool.join_group(USER, "staff").await.unwrap();
    pool.prefer_sms(USER).await.unwrap();
    assert!(pool.prefer_sms(USER).await.is_err());
    let sms = json!({"Username": USER, "SMSMfaSettings": {"Enabled": true, "PreferredMfa": true}});
    let prefer = asked("AdminSetUserMFAPreference", sms);
    let staff = json!({"Username": USER, "GroupName": "staff"});
    let join = asked("AdminAddUserToGroup", staff);
    assert_eq!(sent(&http), json!([join, prefer, prefer]));
}

#[tokio::test]
async fn a_choice_of_the_password_is_taken_at_once_or_answered() {
    let tokens = || ok(json!({"AuthenticationResult": {"IdToken": "made-up-token"}}));
    let challenge = |name: &str| ok(json!({"ChallengeName": name, "Session": "made-up-session"}));
    let not_enabled = "USER_AUTH flow not enabled for this client";
    let refused = || error("UserNotFoundException", "");
    let failed = error("InvalidParameterException", not_enabled);
    for (replies, told, answers) in [
        (vec![tokens()], "tokens", None),
        (vec![challenge("WEB_AUTHN")], "WEB_AUTHN", None),
        (
            vec![challenge("PASSWORD"), tokens()],
            "tokens",
            Some("PASSWORD"),
        ),
        (
            vec![challenge("SELECT_CHALLENGE"), refused()],
            "UserNotFoundException Other",
            Some("SELECT_CHALLENGE"),
        ),
        (vec![failed], "failed InvalidParameterException", None),
    ] {
        let (pool, http) = operators_pool(replies).await;
        let client = client(None);
        let answer = pool.app(&client).sign_in_by_choice(USER, &password()).await;
        assert_eq!(heard(answer), told);
        let first =
            json!({"USERNAME": USER, "PASSWORD": "Made-up-1", "PREFERRED_CHALLENGE": "PASSWORD"});
        let sign_in = json!({"ClientId": CLIENT, "AuthFlow": "USER_AUTH", "AuthParameters": first});
        let mut expected = vec![unsigned("InitiateAuth", sign_in)];
        expected.extend(answers.map(|name| {
            let mut given = json!({"USERNAME": USER, "PASSWORD": "Made-up-1"});
            if name == "SELECT_CHALLENGE" {
                given["ANSWER"] = "PASSWORD".into();
            }
            let response = json!({
                "ClientId": CLIENT, "ChallengeName": name, "Session": "made-up-session", "ChallengeResponses": given,
            });
            unsigned("RespondToAuthChallenge", response)
        }));
        assert_eq!(sent(&http), json!(expected));
    }
}
