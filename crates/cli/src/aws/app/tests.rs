use rules::outcome::Failure;
use serde_json::json;

use super::*;
use crate::aws::test_support::{
    CLIENT, CannedReply, USER, asked, error, ok, operators_pool, password, requests, sent, unsigned,
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

fn tokens() -> CannedReply {
    ok(json!({"AuthenticationResult": {"IdToken": "made-up-token"}}))
}

/// The answer that an app gets, in words.
fn heard(answer: Result<AppSignIn, Failure>) -> String {
    match answer {
        Ok(AppSignIn::Tokens { id }) => id.expose().to_owned(),
        Ok(AppSignIn::Challenged(name)) => name,
        Ok(AppSignIn::Refused(refusal)) => format!("{} {:?}", refusal.code, refusal.about),
        Err(failure) => format!("failed {}", failure.code),
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
async fn an_app_signs_in_unsigned_with_the_secret_hash_of_the_name_as_typed() {
    // As in the tests of `secret_hash`.
    const HASH: &str = "dNUm25s+wxiN0LMdOJSXhxt0STCx4mHMyDLGpzRhL+0=";
    for secret in [None, Some("made-up-secret")] {
        let reset = json!({"CodeDeliveryDetails": {"DeliveryMedium": "EMAIL"}});
        let (pool, http) = operators_pool([tokens(), ok(reset)]).await;
        let client = client(secret);
        let app = pool.app(&client);
        let signed_in = app.sign_in(USER, &password()).await;
        assert_eq!(heard(signed_in), "made-up-token");
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

#[tokio::test(start_paused = true)]
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
        // Throttling is waited out.
        let busy = error("TooManyRequestsException", "");
        let (pool, http) = operators_pool([busy, error(code, message)]).await;
        let answer = pool.app(&client(None)).sign_in(USER, &password()).await;
        let told = match told {
            "failed" => format!("failed {code}"),
            about => format!("{code} {about}"),
        };
        assert_eq!((heard(answer), requests(&http)), (told, 2));
    }
}

#[tokio::test]
async fn a_user_joins_a_group_and_gets_codes_by_text_message_and_is_deleted() {
    let denied = || error("AccessDeniedException", "");
    let gone = error("UserNotFoundException", "");
    let never_was = error("InvalidParameterException", "Invalid name.");
    let good = || ok(json!({}));
    let replies = [good(), good(), denied(), good(), gone, never_was, denied()];
    let (pool, http) = operators_pool(replies).await;
    pool.join_group(USER, "staff").await.unwrap();
    pool.prefer_sms(USER).await.unwrap();
    assert!(pool.prefer_sms(USER).await.is_err());
    // A user who does not exist counts as deleted.
    for is_deleted in [true, true, true, false] {
        assert_eq!(pool.delete_user(USER).await.is_ok(), is_deleted);
    }
    let sms = json!({"Username": USER, "SMSMfaSettings": {"Enabled": true, "PreferredMfa": true}});
    let prefer = asked("AdminSetUserMFAPreference", sms);
    let staff = json!({"Username": USER, "GroupName": "staff"});
    let join = asked("AdminAddUserToGroup", staff);
    let delete = asked("AdminDeleteUser", json!({"Username": USER}));
    let calls = [&join, &prefer, &prefer, &delete, &delete, &delete, &delete];
    assert_eq!(sent(&http), json!(calls));
}

#[tokio::test]
async fn a_choice_of_the_password_is_taken_at_once_or_answered() {
    let challenge = |name: &str| ok(json!({"ChallengeName": name, "Session": "made-up-session"}));
    let refused = error("UserNotFoundException", "");
    let not_enabled = "USER_AUTH flow not enabled for this client";
    let failed = error("InvalidParameterException", not_enabled);
    let first =
        json!({"USERNAME": USER, "PASSWORD": "Made-up-1", "PREFERRED_CHALLENGE": "PASSWORD"});
    let first = json!({"ClientId": CLIENT, "AuthFlow": "USER_AUTH", "AuthParameters": first});
    let answered = |name: &str, given| {
        let response = json!({
            "ClientId": CLIENT, "ChallengeName": name, "Session": "made-up-session", "ChallengeResponses": given,
        });
        Some(unsigned("RespondToAuthChallenge", response))
    };
    let known = json!({"USERNAME": USER, "PASSWORD": "Made-up-1"});
    let chosen = json!({"USERNAME": USER, "PASSWORD": "Made-up-1", "ANSWER": "PASSWORD"});
    for (replies, told, answer) in [
        (vec![tokens()], "made-up-token", None),
        (vec![challenge("WEB_AUTHN")], "WEB_AUTHN", None),
        (
            vec![challenge("PASSWORD"), tokens()],
            "made-up-token",
            answered("PASSWORD", known),
        ),
        (
            vec![challenge("SELECT_CHALLENGE"), refused],
            "UserNotFoundException Other",
            answered("SELECT_CHALLENGE", chosen),
        ),
        (vec![failed], "failed InvalidParameterException", None),
    ] {
        let (pool, http) = operators_pool(replies).await;
        let client = client(None);
        let signed_in = pool.app(&client).sign_in_by_choice(USER, &password()).await;
        assert_eq!(heard(signed_in), told);
        let calls = [unsigned("InitiateAuth", first.clone())].into_iter();
        let calls: Vec<_> = calls.chain(answer).collect();
        assert_eq!(sent(&http), json!(calls));
    }
}
