use std::sync::Arc;

use aws_smithy_http_client::test_util::StaticReplayClient;
use rules::outcome::Failure;
use serde_json::json;

use super::*;
use crate::aws::{
    Pace,
    test_support::{
        CLIENT, CannedReply, POOL, USER, answers, aws, error, ok, password, requests, sent,
    },
};

async fn pool(
    replies: impl IntoIterator<Item = CannedReply>,
) -> (OperatorsPool, StaticReplayClient) {
    let http = answers(replies);
    let pool = UserPool::new(&aws(http.clone()).await, POOL, "eu-west-1", None);
    (
        OperatorsPool::new(pool, Arc::new(Pace::per_second(10))),
        http,
    )
}

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

fn empty() -> CannedReply {
    ok(json!({}))
}

#[tokio::test]
async fn a_user_is_made_without_a_message_and_gets_a_password_that_lasts() {
    let attributes = BTreeMap::from([("email".to_owned(), USER.to_owned())]);
    for first in [empty(), error("UsernameExistsException", "")] {
        let (pool, http) = pool([first, empty()]).await;
        pool.create_user(USER, &attributes, &password())
            .await
            .unwrap();
        let who = "cognito-idp.eu-west-1 AKIDOWN";
        assert_eq!(
            sent(&http),
            json!([
                [format!("AdminCreateUser {who}"), {
                    "UserPoolId": POOL,
                    "Username": USER,
                    "MessageAction": "SUPPRESS",
                    "UserAttributes": [{"Name": "email", "Value": USER}],
                }],
                [format!("AdminSetUserPassword {who}"), {
                    "UserPoolId": POOL,
                    "Username": USER,
                    "Password": "Made-up-1",
                    "Permanent": true,
                }],
            ])
        );
    }
    let (pool, http) = pool([error("AccessDeniedException", "")]).await;
    assert!(
        pool.create_user(USER, &attributes, &password())
            .await
            .is_err()
    );
    assert_eq!(requests(&http), 1);
}

#[tokio::test]
async fn a_user_who_does_not_exist_counts_as_deleted() {
    for (reply, is_deleted) in [
        (empty(), true),
        (error("UserNotFoundException", ""), true),
        (error("InvalidParameterException", "Invalid name."), true),
        (error("AccessDeniedException", ""), false),
    ] {
        let (pool, http) = pool([reply]).await;
        assert_eq!(pool.delete_user(USER).await.is_ok(), is_deleted);
        let request = json!(["AdminDeleteUser cognito-idp.eu-west-1 AKIDOWN", {"UserPoolId": POOL, "Username": USER}]);
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
        let (pool, http) = pool([ok(tokens), ok(reset)]).await;
        let client = client(secret);
        let app = pool.app(&client);
        let signed_in = app.sign_in(USER, &password()).await.unwrap();
        assert!(matches!(signed_in, AppSignIn::Tokens { id } if id.expose() == "made-up-token"));
        let reset = app.forgot_password(USER).await.unwrap();
        assert!(matches!(reset, ResetStarted::CodeBy(medium) if medium == "EMAIL"));
        let mut parameters = json!({"USERNAME": USER, "PASSWORD": "Made-up-1"});
        let mut forgotten = json!({"ClientId": CLIENT, "Username": USER});
        if secret.is_some() {
            parameters["SECRET_HASH"] = HASH.into();
            forgotten["SecretHash"] = HASH.into();
        }
        assert_eq!(
            sent(&http),
            json!([
                ["InitiateAuth cognito-idp.eu-west-1 unsigned", {
                    "ClientId": CLIENT,
                    "AuthFlow": "USER_PASSWORD_AUTH",
                    "AuthParameters": parameters,
                }],
                ["ForgotPassword cognito-idp.eu-west-1 unsigned", forgotten],
            ])
        );
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

#[tokio::test(start_paused = true)]
async fn what_a_pool_says_to_a_user_is_told_and_what_it_says_to_us_is_a_failure() {
    let wrong = "Incorrect username or password.";
    let lambda =
        "UserMigration failed with error Sign-in is temporarily unavailable. Please try again..";
    let challenge = ok(json!({"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "x"}));
    for (reply, told) in [
        (
            error("NotAuthorizedException", wrong),
            "NotAuthorizedException WrongPassword",
        ),
        (
            error(
                "PasswordResetRequiredException",
                "Password reset required for the user",
            ),
            "PasswordResetRequiredException Reset",
        ),
        (
            error("UserLambdaValidationException", lambda),
            "UserLambdaValidationException Other",
        ),
        (
            error(
                "UserLambdaValidationException",
                "PreAuthentication failed with error reset your mind.",
            ),
            "UserLambdaValidationException PreAuthentication",
        ),
        (
            error("UnexpectedLambdaException", "x"),
            "UnexpectedLambdaException Other",
        ),
        (
            error("UserNotFoundException", "x"),
            "UserNotFoundException Other",
        ),
        (
            error(
                "NotAuthorizedException",
                "Unable to verify secret hash for client x",
            ),
            "failed NotAuthorizedException",
        ),
        (
            error("ResourceNotFoundException", "x"),
            "failed ResourceNotFoundException",
        ),
        (challenge, "SOFTWARE_TOKEN_MFA"),
    ] {
        let (pool, http) = pool([reply]).await;
        let client = client(None);
        let answer = pool.app(&client).sign_in(USER, &password()).await;
        assert_eq!(heard(answer), told);
        assert_eq!(requests(&http), 1);
    }
    let tokens = ok(json!({"AuthenticationResult": {"IdToken": "made-up-token"}}));
    let (pool, http) = pool([error("TooManyRequestsException", ""), tokens]).await;
    let client = client(None);
    let answer = pool.app(&client).sign_in(USER, &password()).await;
    assert_eq!(heard(answer), "tokens");
    assert_eq!(requests(&http), 2);
}

#[tokio::test]
async fn a_user_joins_a_group_and_gets_codes_by_text_message() {
    let (pool, http) = pool([empty(), empty(), error("AccessDeniedException", "")]).await;
    pool.join_group(USER, "staff").await.unwrap();
    pool.prefer_sms(USER).await.unwrap();
    assert!(pool.prefer_sms(USER).await.is_err());
    let who = "cognito-idp.eu-west-1 AKIDOWN";
    let prefer = json!([format!("AdminSetUserMFAPreference {who}"), {
        "UserPoolId": POOL,
        "Username": USER,
        "SMSMfaSettings": {"Enabled": true, "PreferredMfa": true},
    }]);
    let join = json!([format!("AdminAddUserToGroup {who}"), {
        "UserPoolId": POOL,
        "Username": USER,
        "GroupName": "staff",
    }]);
    assert_eq!(sent(&http), json!([join, prefer, prefer]));
}

#[tokio::test]
async fn a_choice_of_the_password_is_taken_at_once_or_answered() {
    let tokens = || ok(json!({"AuthenticationResult": {"IdToken": "made-up-token"}}));
    let challenge = |name: &str| ok(json!({"ChallengeName": name, "Session": "made-up-session"}));
    let given = json!({"USERNAME": USER, "PASSWORD": "Made-up-1"});
    for (replies, told, response) in [
        (vec![tokens()], "tokens", None),
        (vec![challenge("WEB_AUTHN")], "WEB_AUTHN", None),
        (
            vec![challenge("PASSWORD"), tokens()],
            "tokens",
            Some(given.clone()),
        ),
        (
            vec![
                challenge("SELECT_CHALLENGE"),
                error("UserNotFoundException", ""),
            ],
            "UserNotFoundException Other",
            Some(json!({"USERNAME": USER, "PASSWORD": "Made-up-1", "ANSWER": "PASSWORD"})),
        ),
        (
            vec![error(
                "InvalidParameterException",
                "USER_AUTH flow not enabled for this client",
            )],
            "failed InvalidParameterException",
            None,
        ),
    ] {
        let name = if told == "tokens" {
            "PASSWORD"
        } else {
            "SELECT_CHALLENGE"
        };
        let (pool, http) = pool(replies).await;
        let client = client(None);
        let answer = pool.app(&client).sign_in_by_choice(USER, &password()).await;
        assert_eq!(heard(answer), told);
        let mut first = given.clone();
        first["PREFERRED_CHALLENGE"] = "PASSWORD".into();
        let mut expected = vec![json!(["InitiateAuth cognito-idp.eu-west-1 unsigned", {
            "ClientId": CLIENT,
            "AuthFlow": "USER_AUTH",
            "AuthParameters": first,
        }])];
        expected.extend(response.map(|responses| {
            json!(["RespondToAuthChallenge cognito-idp.eu-west-1 unsigned", {
                "ClientId": CLIENT,
                "ChallengeName": name,
                "Session": "made-up-session",
                "ChallengeResponses": responses,
            }])
        }));
        assert_eq!(sent(&http), json!(expected));
    }
}
