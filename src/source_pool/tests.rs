//! What goes out to AWS, to the letter, and what is made of everything that can come back.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use aws_config::Region;
use aws_credential_types::Credentials;
use aws_sdk_cognitoidentityprovider::primitives::{DateTime, DateTimeFormat};
use aws_smithy_http_client::test_util::{NeverClient, ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::{
    client::{
        http::HttpClient,
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use serde_json::{Value, json};

use super::*;
use crate::{
    aws::{self, Unanswered},
    config::{AuthFlow, Role},
    error::FailureClass::{Misconfigured, SourceUnavailable},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";
const CLIENT: &str = "1example23456789";
const USER: &str = "ana@example.com";

fn source() -> Source {
    Source {
        user_pool_id: POOL.to_owned(),
        region: "eu-west-1".to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: None,
        auth_flow: AuthFlow::AdminUserPassword,
        role: None,
    }
}

fn public() -> Source {
    Source {
        auth_flow: AuthFlow::UserPassword,
        ..source()
    }
}

fn under_role() -> Source {
    Source {
        role: Some(Role {
            arn: "arn:aws:iam::222222222222:role/migration".to_owned(),
            external_id: Some("made-up external id".to_owned()),
        }),
        ..source()
    }
}

async fn pool(source: Source, http: impl HttpClient + 'static) -> SourcePool {
    let own = Credentials::new("AKIDOWN", "made-up", None, None, "test");
    let shared = aws::connection::settings(Duration::from_millis(1500))
        // The function runs elsewhere than the source pool.
        .region(Region::new("us-east-1"))
        .http_client(http)
        .credentials_provider(own)
        .load()
        .await;
    let connection = Connection::with(&source, &shared);
    SourcePool { source, connection }
}

/// An AWS that gives these answers in this order.
fn answers(answers: impl IntoIterator<Item = (u16, String)>) -> StaticReplayClient {
    let event = |(status, body): (u16, String)| {
        let status = StatusCode::try_from(status).unwrap();
        ReplayEvent::new(HttpRequest::empty(), HttpResponse::new(status, body.into()))
    };
    StaticReplayClient::new(answers.into_iter().map(event).collect())
}

fn ok(body: Value) -> (u16, String) {
    (200, body.to_string())
}

fn error(code: &str, message: &str) -> (u16, String) {
    (400, json!({"__type": code, "message": message}).to_string())
}

fn tokens() -> (u16, String) {
    ok(json!({"AuthenticationResult": {"AccessToken": "made-up-token"}, "ChallengeParameters": {}}))
}

fn challenge(name: &str) -> (u16, String) {
    ok(json!({"ChallengeName": name, "Session": "made-up-session", "ChallengeParameters": {}}))
}

fn admin_profile(status: &str) -> Value {
    json!({
        "Username": "7c7f",
        "Enabled": true,
        "UserStatus": status,
        "UserAttributes": [{"Name": "sub", "Value": "7c7f"}, {"Name": "email", "Value": USER}],
    })
}

fn credentials(lives_for: Duration) -> (u16, String) {
    let ends = DateTime::from(SystemTime::now() + lives_for)
        .fmt(DateTimeFormat::DateTime)
        .unwrap();
    let body = format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
         <SecretAccessKey>made-up</SecretAccessKey><SessionToken>made-up-session</SessionToken>\
         <Expiration>{ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    (200, body)
}

async fn sign_in_to(pool: &SourcePool) -> Result<SignIn, Failure> {
    pool.sign_in(USER, &Sensitive::new("Made-up-1"), &HashMap::new())
        .await
}

/// What a request was: operation, body, and by whose key it was signed.
fn sent(http: &StaticReplayClient) -> Vec<(String, Value, Option<String>)> {
    http.actual_requests()
        .map(|request| {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let body = std::str::from_utf8(request.body().bytes().unwrap()).unwrap();
            let signer = request.headers().get("authorization").map(|authorization| {
                let (_, credential) = authorization.split_once("Credential=").unwrap();
                credential.split('/').next().unwrap().to_owned()
            });
            (
                target.replace("AWSCognitoIdentityProviderService.", ""),
                serde_json::from_str(body).unwrap_or_else(|_| json!(body)),
                signer,
            )
        })
        .collect()
}

fn requests(http: &StaticReplayClient) -> usize {
    http.actual_requests().count()
}

#[tokio::test]
async fn an_admin_sign_in_is_one_signed_request_to_the_pools_region() {
    let http = answers([tokens()]);
    let answer = sign_in_to(&pool(source(), http.clone()).await).await;
    assert!(matches!(answer, Ok(SignIn::Tokens(token)) if token.expose() == "made-up-token"));
    let request = http.actual_requests().next().unwrap();
    assert_eq!(
        request.uri(),
        "https://cognito-idp.eu-west-1.amazonaws.com/"
    );
    assert_eq!(
        sent(&http),
        [(
            "AdminInitiateAuth".to_owned(),
            json!({
                "UserPoolId": POOL,
                "ClientId": CLIENT,
                "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": USER, "PASSWORD": "Made-up-1"},
            }),
            Some("AKIDOWN".to_owned()),
        )]
    );
}

#[tokio::test]
async fn a_public_sign_in_is_not_signed() {
    let http = answers([tokens()]);
    let answer = sign_in_to(&pool(public(), http.clone()).await).await;
    assert!(matches!(answer, Ok(SignIn::Tokens(_))));
    assert_eq!(
        sent(&http),
        [(
            "InitiateAuth".to_owned(),
            json!({
                "ClientId": CLIENT,
                "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": USER, "PASSWORD": "Made-up-1"},
            }),
            None,
        )]
    );
}

#[tokio::test]
async fn a_client_secret_becomes_the_hash_over_exactly_the_name_that_is_sent() {
    for flow in [AuthFlow::AdminUserPassword, AuthFlow::UserPassword] {
        let http = answers([tokens()]);
        let source = Source {
            client_secret: Some(Sensitive::new("made-up-secret")),
            auth_flow: flow,
            ..source()
        };
        let pool = pool(source, http.clone()).await;
        let name = "Zoë Ωmega 🦀";
        pool.sign_in(name, &Sensitive::new("p"), &HashMap::new())
            .await
            .unwrap();
        assert_eq!(
            sent(&http)[0].1["AuthParameters"],
            json!({
                "USERNAME": name,
                "PASSWORD": "p",
                "SECRET_HASH": secret_hash("made-up-secret", name, CLIENT),
            })
        );
    }
}

#[tokio::test]
async fn client_metadata_travels_to_the_source_pools_own_triggers() {
    for source in [source(), public()] {
        let http = answers([tokens()]);
        let pool = pool(source, http.clone()).await;
        let metadata = HashMap::from([("tenant".to_owned(), "t".to_owned())]);
        pool.sign_in(USER, &Sensitive::new("p"), &metadata)
            .await
            .unwrap();
        assert_eq!(sent(&http)[0].1["ClientMetadata"], json!({"tenant": "t"}));
    }
}

#[tokio::test]
async fn a_profile_is_one_signed_request_by_the_typed_name() {
    let http = answers([ok(admin_profile("CONFIRMED"))]);
    let profile = pool(source(), http.clone())
        .await
        .profile(USER)
        .await
        .unwrap();
    assert_eq!(
        profile,
        Lookup::Found(Profile {
            username: "7c7f".to_owned(),
            sub: Some("7c7f".to_owned()),
            standing: Standing::Reported {
                enabled: true,
                status: UserStatus::Confirmed
            },
            attributes: vec![
                ("sub".to_owned(), "7c7f".to_owned()),
                ("email".to_owned(), USER.to_owned())
            ],
            second_factor: SecondFactor::None,
        })
    );
    assert_eq!(
        sent(&http),
        [(
            "AdminGetUser".to_owned(),
            json!({"UserPoolId": POOL, "Username": USER}),
            Some("AKIDOWN".to_owned()),
        )]
    );
}

#[tokio::test]
async fn an_own_profile_is_read_with_the_token_alone() {
    let http = answers([ok(json!({
        "Username": "7c7f",
        "UserAttributes": [{"Name": "sub", "Value": "7c7f"}],
    }))]);
    let pool = pool(public(), http.clone()).await;
    let profile = pool
        .own_profile(&Sensitive::new("made-up-token"))
        .await
        .unwrap();
    assert_eq!(profile.standing, Standing::VouchedByToken);
    assert_eq!(
        sent(&http),
        [(
            "GetUser".to_owned(),
            json!({"AccessToken": "made-up-token"}),
            None
        )]
    );
}

#[tokio::test]
async fn every_challenge_is_told_apart_and_unheard_of_ones_are_other() {
    for (name, expected) in [
        ("SMS_MFA", Challenge::SmsMfa),
        ("SOFTWARE_TOKEN_MFA", Challenge::SoftwareTokenMfa),
        ("EMAIL_OTP", Challenge::EmailOtp),
        ("SELECT_MFA_TYPE", Challenge::SelectMfaType),
        ("MFA_SETUP", Challenge::MfaSetup),
        ("NEW_PASSWORD_REQUIRED", Challenge::NewPasswordRequired),
        ("SMS_OTP", Challenge::Other),
        ("PASSWORD_VERIFIER", Challenge::Other),
        ("CUSTOM_CHALLENGE", Challenge::Other),
        ("SELECT_CHALLENGE", Challenge::Other),
        ("PASSWORD", Challenge::Other),
        ("INVENTED_IN_2031", Challenge::Other),
        ("", Challenge::Other),
    ] {
        let pool = pool(source(), answers([challenge(name)])).await;
        let answer = sign_in_to(&pool).await.unwrap();
        assert!(
            matches!(answer, SignIn::Challenge(known) if known == expected),
            "{name}"
        );
    }
}

#[tokio::test]
async fn every_status_is_told_apart_and_unheard_of_ones_are_other() {
    for (name, expected) in [
        ("UNCONFIRMED", UserStatus::Unconfirmed),
        ("CONFIRMED", UserStatus::Confirmed),
        ("ARCHIVED", UserStatus::Archived),
        ("COMPROMISED", UserStatus::Compromised),
        ("UNKNOWN", UserStatus::Unknown),
        ("RESET_REQUIRED", UserStatus::ResetRequired),
        ("FORCE_CHANGE_PASSWORD", UserStatus::ForceChangePassword),
        ("EXTERNAL_PROVIDER", UserStatus::ExternalProvider),
        ("INVENTED_IN_2031", UserStatus::Other),
    ] {
        let pool = pool(source(), answers([ok(admin_profile(name))])).await;
        let Lookup::Found(profile) = pool.profile(USER).await.unwrap() else {
            panic!("{name}: nobody found")
        };
        let standing = Standing::Reported {
            enabled: true,
            status: expected,
        };
        assert_eq!(profile.standing, standing, "{name}");
    }
}

#[tokio::test]
async fn second_factors_are_text_messages_alone_or_something_else() {
    for (list, expected) in [
        (json!([]), SecondFactor::None),
        (json!(["SMS_MFA"]), SecondFactor::Sms),
        (json!(["SOFTWARE_TOKEN_MFA"]), SecondFactor::Other),
        (
            json!(["SMS_MFA", "SOFTWARE_TOKEN_MFA"]),
            SecondFactor::Other,
        ),
        (json!(["INVENTED_IN_2031"]), SecondFactor::Other),
    ] {
        let mut body = admin_profile("CONFIRMED");
        body["UserMFASettingList"] = list;
        let pool = pool(source(), answers([ok(body)])).await;
        let Lookup::Found(profile) = pool.profile(USER).await.unwrap() else {
            panic!("nobody found")
        };
        assert_eq!(profile.second_factor, expected);
    }
}

#[tokio::test]
async fn text_messages_set_the_old_way_are_a_second_factor_too() {
    let mut body = admin_profile("CONFIRMED");
    body["MFAOptions"] = json!([{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]);
    let pool = pool(source(), answers([ok(body)])).await;
    let Lookup::Found(profile) = pool.profile(USER).await.unwrap() else {
        panic!("nobody found")
    };
    assert_eq!(profile.second_factor, SecondFactor::Sms);
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_is_asked_for_once() {
    for (code, message, reason) in [
        (
            "NotAuthorizedException",
            "Incorrect username or password.",
            Reason::WrongCredentials,
        ),
        (
            "NotAuthorizedException",
            "Password attempts exceeded",
            Reason::WrongCredentials,
        ),
        (
            "NotAuthorizedException",
            "User is disabled.",
            Reason::UserDisabled,
        ),
        (
            "NotAuthorizedException",
            "secretary@example.com",
            Reason::WrongCredentials,
        ),
        (
            "UserNotFoundException",
            "User does not exist.",
            Reason::UserNotFound,
        ),
        (
            "UserNotConfirmedException",
            "User is not confirmed.",
            Reason::NotConfirmed,
        ),
        (
            "PasswordResetRequiredException",
            "Password reset required for the user",
            Reason::PasswordResetRequired,
        ),
        (
            "UserLambdaValidationException",
            "PreAuthentication failed with error no.",
            Reason::SourceTriggerRefused,
        ),
        (
            "InvalidParameterException",
            "1 validation error detected: Value at 'username' failed to satisfy constraint",
            Reason::InvalidRequest,
        ),
    ] {
        for source in [source(), public()] {
            let http = answers([error(code, message), tokens()]);
            let answer = sign_in_to(&pool(source, http.clone()).await).await.unwrap();
            assert!(
                matches!(answer, SignIn::Refused(known) if known == reason),
                "{code} {message}: {answer:?}"
            );
            assert_eq!(requests(&http), 1, "{code} {message}");
        }
    }
}

#[tokio::test]
async fn a_misconfiguration_is_told_apart_from_a_wrong_password_and_not_tried_again() {
    for (code, message) in [
        (
            "NotAuthorizedException",
            "Unable to verify secret hash for client 1example23456789",
        ),
        (
            "NotAuthorizedException",
            "Client 1example23456789 is configured with secret but SECRET_HASH was not received",
        ),
        (
            "NotAuthorizedException",
            "SecretHash does not match for the client: 1example23456789",
        ),
        ("NotAuthorizedException", "A client secret is required"),
        (
            "InvalidParameterException",
            "USER_PASSWORD_AUTH flow not enabled for this client",
        ),
        (
            "InvalidParameterException",
            "Auth flow not enabled for this client",
        ),
        (
            "InvalidParameterException",
            "Initiate Auth method not supported.",
        ),
        (
            "ResourceNotFoundException",
            "User pool eu-west-1_Ab12Cd34E does not exist.",
        ),
        (
            "AccessDeniedException",
            "User is not authorized to perform cognito-idp:AdminInitiateAuth",
        ),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        ("InvalidUserPoolConfigurationException", "x"),
        ("InvalidSmsRoleAccessPolicyException", "x"),
        ("InvalidSmsRoleTrustRelationshipException", "x"),
        ("MFAMethodNotFoundException", "x"),
        ("UnsupportedOperationException", "x"),
    ] {
        let http = answers([error(code, message), tokens()]);
        let failure = sign_in_to(&pool(source(), http.clone()).await)
            .await
            .unwrap_err();
        assert_eq!(failure.class, Misconfigured, "{code} {message}");
        assert_eq!(
            (failure.operation, failure.code.as_str()),
            ("AdminInitiateAuth", code)
        );
        assert_eq!(requests(&http), 1, "{code} {message}");
    }
}

/// Faults that may pass: an answer, and the code under which it is logged.
fn passing_faults() -> Vec<((u16, String), &'static str)> {
    let code = |status: u16, code: &str| (status, json!({"__type": code}).to_string());
    vec![
        (
            code(400, "TooManyRequestsException"),
            "TooManyRequestsException",
        ),
        (
            code(400, "LimitExceededException"),
            "LimitExceededException",
        ),
        (code(400, "ThrottlingException"), "ThrottlingException"),
        (
            code(500, "InternalErrorException"),
            "InternalErrorException",
        ),
        (code(500, "InventedException"), "InventedException"),
        (code(400, "ExpiredTokenException"), "ExpiredTokenException"),
        ((503, "<html>no</html>".to_owned()), "Http503"),
        ((502, String::new()), "Http502"),
        ((429, "{}".to_owned()), "Http429"),
        ((200, "<html>hello</html>".to_owned()), "UnreadableAnswer"),
        (
            (200, r#"{"AuthenticationResult":"#.to_owned()),
            "UnreadableAnswer",
        ),
        (ok(json!({"AuthenticationResult": 42})), "UnreadableAnswer"),
        (ok(json!({"AuthenticationResult": {}})), "UnreadableAnswer"),
        (
            ok(json!({"AuthenticationResult": {"AccessToken": ""}})),
            "UnreadableAnswer",
        ),
        (ok(json!({})), "UnreadableAnswer"),
        (
            ok(json!({"ChallengeName": "SMS_MFA", "AuthenticationResult": {"AccessToken": "t"}})),
            "UnreadableAnswer",
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_single_fault_is_absorbed() {
    for (fault, code) in passing_faults() {
        let http = answers([fault, tokens()]);
        let answer = sign_in_to(&pool(source(), http.clone()).await).await;
        assert!(
            matches!(answer, Ok(SignIn::Tokens(_))),
            "{code}: {answer:?}"
        );
        assert_eq!(requests(&http), 2, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lasting_fault_ends_after_three_tries_as_unavailable() {
    for (fault, code) in passing_faults() {
        let http = answers([fault.clone(), fault.clone(), fault, tokens()]);
        let failure = sign_in_to(&pool(source(), http.clone()).await)
            .await
            .unwrap_err();
        assert_eq!(
            (failure.class, failure.code.as_str()),
            (SourceUnavailable, code)
        );
        assert_eq!(requests(&http), 3, "{code}");
    }
}

#[tokio::test]
async fn what_will_not_pass_is_unavailable_at_the_first_try() {
    for code in [
        "UnexpectedLambdaException",
        "InvalidLambdaResponseException",
        "ForbiddenException",
        "InventedException",
    ] {
        let http = answers([error(code, "x"), tokens()]);
        let failure = sign_in_to(&pool(source(), http.clone()).await)
            .await
            .unwrap_err();
        assert_eq!(
            (failure.class, failure.code.as_str()),
            (SourceUnavailable, code)
        );
        assert_eq!(requests(&http), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_never_answers_is_given_up_three_times() {
    let http = NeverClient::new();
    let started = tokio::time::Instant::now();
    let failure = sign_in_to(&pool(source(), http.clone()).await)
        .await
        .unwrap_err();
    assert_eq!(
        (failure.class, failure.code.as_str()),
        (SourceUnavailable, "Timeout")
    );
    assert_eq!(http.num_calls(), 3);
    let waited = started.elapsed();
    let tries_and_pauses = Duration::from_millis(3 * 1500 + 50 + 100);
    assert!(
        waited.abs_diff(tries_and_pauses) < Duration::from_millis(100),
        "{waited:?}"
    );
}

#[tokio::test]
async fn an_error_code_that_does_not_look_like_one_is_not_logged() {
    let http = answers([error("ana@example.com", "x")]);
    let failure = sign_in_to(&pool(source(), http).await).await.unwrap_err();
    assert!(!failure.code.contains("ana"), "{failure:?}");
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_is_not_whole_is_a_failure() {
    let without = |member: &str| {
        let mut body = admin_profile("CONFIRMED");
        body.as_object_mut().unwrap().remove(member);
        body
    };
    let mut no_attributes = admin_profile("CONFIRMED");
    no_attributes["UserAttributes"] = json!([]);
    let mut wrong_type = admin_profile("CONFIRMED");
    wrong_type["UserAttributes"] = json!({});
    for body in [
        without("Username"),
        without("UserStatus"),
        without("UserAttributes"),
        no_attributes,
        wrong_type,
    ] {
        let http = answers([ok(body.clone()), ok(body.clone()), ok(body.clone())]);
        let failure = pool(source(), http).await.profile(USER).await.unwrap_err();
        assert_eq!(failure.code, "UnreadableAnswer", "{body}");
    }
}

#[tokio::test]
async fn nobody_under_a_name_is_an_answer_and_any_other_refusal_of_a_profile_is_not() {
    let lookup = async |code: &str| {
        pool(source(), answers([error(code, "x")]))
            .await
            .profile(USER)
            .await
    };
    assert_eq!(
        lookup("UserNotFoundException").await,
        Ok(Lookup::Refused(Reason::UserNotFound))
    );
    assert_eq!(
        lookup("InvalidParameterException").await,
        Ok(Lookup::Refused(Reason::InvalidRequest))
    );
    let refused = lookup("NotAuthorizedException").await.unwrap_err();
    assert_eq!(refused.class, SourceUnavailable);
    let denied = lookup("AccessDeniedException").await.unwrap_err();
    assert_eq!(denied.class, Misconfigured);
}

#[tokio::test]
async fn the_role_is_assumed_once_and_its_credentials_sign() {
    let hour = Duration::from_secs(3600);
    let http = answers([
        credentials(hour),
        tokens(),
        ok(admin_profile("CONFIRMED")),
        tokens(),
    ]);
    let pool = pool(under_role(), http.clone()).await;
    sign_in_to(&pool).await.unwrap();
    pool.profile(USER).await.unwrap();
    sign_in_to(&pool).await.unwrap();

    let sts = http.actual_requests().next().unwrap();
    assert_eq!(
        sts.uri(),
        "https://sts.us-east-1.amazonaws.com/",
        "the function's own Region"
    );
    let sent = sent(&http);
    let (_, body, signer) = &sent[0];
    assert_eq!(signer.as_deref(), Some("AKIDOWN"));
    let body = body.as_str().unwrap();
    for part in [
        "Action=AssumeRole",
        "RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Fmigration",
        "ExternalId=made-up%20external%20id",
        "RoleSessionName=cognito-user-migration",
    ] {
        assert!(body.split('&').any(|pair| pair == part), "{part} in {body}");
    }
    for (operation, _, signer) in &sent[1..] {
        assert_eq!(signer.as_deref(), Some("ASIAROLE"), "{operation}");
    }
    assert!(http.actual_requests().skip(1).all(|request| {
        request.headers().get("x-amz-security-token") == Some("made-up-session")
    }));
    assert_eq!(sent.len(), 4);
}

#[tokio::test]
async fn credentials_that_near_their_end_are_used_and_renewed_beside_the_call() {
    let hour = Duration::from_secs(3600);
    let http = answers([
        // They are renewed in the last quarter of their life.
        credentials(Duration::from_secs(1)),
        tokens(),
        tokens(),
        credentials(hour),
        tokens(),
    ]);
    let pool = pool(under_role(), http.clone()).await;
    sign_in_to(&pool).await.unwrap();
    tokio::time::sleep(Duration::from_millis(800)).await;
    sign_in_to(&pool).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    sign_in_to(&pool).await.unwrap();
    assert_eq!(requests(&http), 5);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_the_pool_no_longer_takes_are_replaced_at_once() {
    let hour = Duration::from_secs(3600);
    let http = answers([
        credentials(hour),
        error(
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        credentials(hour),
        tokens(),
    ]);
    let answer = sign_in_to(&pool(under_role(), http.clone()).await).await;
    assert!(matches!(answer, Ok(SignIn::Tokens(_))));
    assert_eq!(requests(&http), 4);
}

fn sts_error(status: u16, code: &str) -> (u16, String) {
    (
        status,
        format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>x</Message></Error></ErrorResponse>"
        ),
    )
}

#[tokio::test(start_paused = true)]
async fn a_role_that_cannot_be_assumed_is_a_misconfiguration_and_an_sts_that_is_down_is_not() {
    let role_fails = async |answer: (u16, String)| {
        let http = answers([answer.clone(), answer.clone(), answer]);
        let failure = sign_in_to(&pool(under_role(), http.clone()).await)
            .await
            .unwrap_err();
        assert_eq!(failure.operation, "AssumeRole");
        (failure.class, requests(&http))
    };
    for code in [
        "AccessDenied",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "ValidationError",
        "RegionDisabledException",
    ] {
        assert_eq!(
            role_fails(sts_error(403, code)).await,
            (Misconfigured, 1),
            "{code}"
        );
    }
    for (status, code) in [
        (400, "Throttling"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
    ] {
        assert_eq!(
            role_fails(sts_error(status, code)).await,
            (SourceUnavailable, 3),
            "{code}"
        );
    }
    assert_eq!(
        role_fails((200, "<html/>".to_owned())).await,
        (SourceUnavailable, 3)
    );
}

#[tokio::test]
async fn the_warm_up_walks_the_whole_way_and_asks_about_nobody() {
    for (source, expected) in [(source(), 1), (public(), 1), (under_role(), 2)] {
        let http = answers(
            [
                credentials(Duration::from_secs(3600)),
                ok(json!({"keys": []})),
            ]
            .into_iter()
            .skip(2 - expected),
        );
        let pool = pool(source, http.clone()).await;
        pool.assume_role().await.unwrap();
        pool.reach().await.unwrap();
        let request = http.actual_requests().last().unwrap();
        assert_eq!(request.method(), "GET");
        assert_eq!(
            request.uri(),
            format!("https://cognito-idp.eu-west-1.amazonaws.com/{POOL}/.well-known/jwks.json")
        );
        assert_eq!(requests(&http), expected);
    }
}

#[tokio::test]
async fn the_source_pool_describes_itself_and_our_client_under_the_role() {
    let http = answers([
        credentials(Duration::from_secs(3600)),
        ok(json!({"UserPool": {"Id": POOL, "EstimatedNumberOfUsers": 5}})),
        ok(json!({"UserPoolClient": {"ClientId": CLIENT, "ClientSecret": "hunter2"}})),
    ]);
    let pool = pool(under_role(), http.clone()).await;
    assert_eq!(pool.description().await.unwrap().users, 5);
    let client = pool.app_client().await.unwrap();
    assert_eq!(client.secret, Some(Sensitive::new("hunter2")));
    assert_eq!(
        sent(&http)[1..],
        [
            (
                "DescribeUserPool".to_owned(),
                json!({"UserPoolId": POOL}),
                Some("ASIAROLE".to_owned())
            ),
            (
                "DescribeUserPoolClient".to_owned(),
                json!({"UserPoolId": POOL, "ClientId": CLIENT}),
                Some("ASIAROLE".to_owned())
            ),
        ]
    );
}

#[tokio::test]
async fn credentials_are_those_of_the_role_or_our_own() {
    let http = answers([credentials(Duration::from_secs(3600))]);
    assert_eq!(pool(under_role(), http).await.credentials().await, Ok(()));
    let http = answers([sts_error(403, "AccessDenied")]);
    let failure = pool(under_role(), http).await.credentials().await;
    assert_eq!(failure.unwrap_err().operation, "AssumeRole");
    assert_eq!(
        pool(source(), answers([])).await.credentials().await,
        Ok(())
    );
}

#[tokio::test]
async fn the_sign_in_of_nobody_tells_flow_and_secret_apart() {
    for (answer, expected) in [
        (
            error("NotAuthorizedException", "Incorrect username or password."),
            SignInOfNobody::Refused,
        ),
        (
            error("UserNotFoundException", "User does not exist."),
            SignInOfNobody::Refused,
        ),
        (
            error(
                "InvalidParameterException",
                "Auth flow not enabled for this client",
            ),
            SignInOfNobody::FlowOff,
        ),
        (
            error(
                "NotAuthorizedException",
                "Unable to verify secret hash for client x",
            ),
            SignInOfNobody::SecretWrong,
        ),
        (tokens(), SignInOfNobody::LetIn),
        (challenge("SMS_MFA"), SignInOfNobody::LetIn),
    ] {
        let http = answers([answer]);
        let pool = pool(source(), http.clone()).await;
        assert_eq!(pool.sign_in_of_nobody().await, Ok(expected));
        let (operation, body, _) = sent(&http).remove(0);
        assert_eq!(operation, "AdminInitiateAuth");
        let name = body["AuthParameters"]["USERNAME"].as_str().unwrap();
        assert!(name.starts_with("nobody-") && name.len() == 39, "{name}");
    }
    let http = answers([error("AccessDeniedException", "no")]);
    assert_eq!(
        pool(source(), http).await.sign_in_of_nobody().await,
        Err(Unanswered::NotAllowed)
    );
}

#[tokio::test]
async fn profiles_can_be_read_if_nobodys_is_answered() {
    for (answer, expected) in [
        (
            error("UserNotFoundException", "User does not exist."),
            Ok(()),
        ),
        (
            error("AccessDeniedException", "no"),
            Err(Unanswered::NotAllowed),
        ),
        (
            error("ResourceNotFoundException", "User pool x does not exist."),
            Err(Unanswered::NotFound),
        ),
    ] {
        let pool = pool(source(), answers([answer])).await;
        assert_eq!(pool.reads_profiles().await, expected);
    }
}

#[tokio::test]
async fn users_are_listed_page_by_page_with_a_filter_that_cannot_be_left() {
    let http = answers([
        ok(json!({"Users": [], "PaginationToken": "made-up"})),
        ok(json!({
            "Users": [{
                "Username": "7c7f", "Enabled": true, "UserStatus": "CONFIRMED",
                "Attributes": [{"Name": "email", "Value": USER}],
            }],
        })),
    ]);
    let pool = pool(source(), http.clone()).await;
    let listed = pool.users_with("email", "a\"\\@example.com").await.unwrap();
    assert_eq!(
        listed,
        Ok(Listed {
            users: vec![ListedUser {
                username: "7c7f".to_owned(),
                enabled: true,
                status: UserStatus::Confirmed,
                attributes: vec![("email".to_owned(), USER.to_owned())],
            }],
            more: false,
        })
    );
    let list = |body| {
        let mut all =
            json!({"UserPoolId": POOL, "Filter": r#"email = "a\"\\@example.com""#, "Limit": 60});
        all.as_object_mut().unwrap().extend(body);
        ("ListUsers".to_owned(), all, Some("AKIDOWN".to_owned()))
    };
    let second = serde_json::Map::from_iter([("PaginationToken".to_owned(), json!("made-up"))]);
    assert_eq!(sent(&http), [list(serde_json::Map::new()), list(second)]);
}

#[tokio::test]
async fn a_list_that_is_not_whole_is_no_list() {
    for body in [
        json!({}),
        json!({"Users": [{}]}),
        json!({"Users": [{"Username": "", "UserStatus": "CONFIRMED", "Attributes": []}]}),
        json!({"Users": [{"Username": "7c7f", "UserStatus": "CONFIRMED"}]}),
        json!({"Users": [{"Username": "7c7f", "Attributes": []}]}),
    ] {
        let http = answers([ok(body.clone()), ok(body.clone()), ok(body)]);
        let failure = pool(source(), http.clone())
            .await
            .users_with("email", USER)
            .await
            .unwrap_err();
        assert_eq!(
            failure,
            Failure::unavailable("ListUsers", "UnreadableAnswer")
        );
        assert_eq!(requests(&http), 3);
    }
}

#[tokio::test]
async fn a_search_is_refused_only_for_a_value_that_nobody_can_have() {
    let http = answers([error("InvalidParameterException", "bad")]);
    let refusing = pool(source(), http).await;
    assert_eq!(
        refusing.users_with("email", USER).await,
        Ok(Err(Reason::InvalidRequest))
    );
    for (code, class) in [
        ("NotAuthorizedException", SourceUnavailable),
        ("UserNotFoundException", SourceUnavailable),
        ("AccessDeniedException", Misconfigured),
        ("ResourceNotFoundException", Misconfigured),
    ] {
        let http = answers([error(code, "no")]);
        let failure = pool(source(), http)
            .await
            .users_with("email", USER)
            .await
            .unwrap_err();
        assert_eq!(failure.class, class, "{code}");
    }
}

#[tokio::test]
async fn a_user_is_retired_with_one_signed_request_and_gone_is_as_good() {
    for (operation, delete) in [("AdminDisableUser", false), ("AdminDeleteUser", true)] {
        for (answer, good) in [
            (ok(json!({})), true),
            (error("UserNotFoundException", "User does not exist."), true),
            (error("NotAuthorizedException", "no"), false),
            (error("AccessDeniedException", "no"), false),
        ] {
            let http = answers([answer]);
            let pool = pool(source(), http.clone()).await;
            let end = if delete {
                pool.delete("7c7f").await
            } else {
                pool.disable("7c7f").await
            };
            assert_eq!(end.is_ok(), good, "{operation}: {end:?}");
            assert_eq!(
                sent(&http),
                [(
                    operation.to_owned(),
                    json!({"UserPoolId": POOL, "Username": "7c7f"}),
                    Some("AKIDOWN".to_owned()),
                )]
            );
        }
    }
}

#[tokio::test]
async fn groups_are_read_to_the_last_page() {
    let http = answers([
        ok(json!({"Groups": [{"GroupName": "a"}, {"GroupName": "b"}], "NextToken": "made-up"})),
        ok(json!({"Groups": [{"GroupName": "c"}]})),
    ]);
    let groups = pool(source(), http.clone()).await.groups_of("7c7f").await;
    let names = ["a", "b", "c"].map(str::to_owned).to_vec();
    assert_eq!(groups, Ok(Some(names)));
    let bodies: Vec<_> = sent(&http).into_iter().map(|(_, body, _)| body).collect();
    let first = json!({"UserPoolId": POOL, "Username": "7c7f", "Limit": 60});
    let mut second = first.clone();
    second["NextToken"] = json!("made-up");
    assert_eq!(bodies, [first, second]);

    let http = answers([error("UserNotFoundException", "User does not exist.")]);
    let gone = pool(source(), http).await.groups_of("7c7f").await;
    assert_eq!(gone, Ok(None));
    let http = answers([ok(json!({})), ok(json!({})), ok(json!({"Groups": [{}]}))]);
    let unreadable = pool(source(), http).await.groups_of("7c7f").await;
    assert_eq!(unreadable.unwrap_err().code, "UnreadableAnswer");
}

#[tokio::test]
async fn a_sub_is_compared_to_the_letter() {
    let listed = |sub: &str, more: bool| {
        let mut body = json!({"Users": [{
            "Username": "ana", "Enabled": true, "UserStatus": "CONFIRMED",
            "Attributes": [{"Name": "sub", "Value": sub}],
        }]});
        if more {
            body["PaginationToken"] = json!("made-up");
        }
        ok(body)
    };
    for (answer, expected) in [
        (listed("7c7f", false), Some(Some("ana".to_owned()))),
        (listed("7C7F", false), Some(None)),
        (ok(json!({"Users": []})), Some(None)),
        (listed("7C7F", true), None),
    ] {
        let http = answers([answer]);
        let found = pool(source(), http.clone())
            .await
            .username_of_sub("7c7f")
            .await;
        assert_eq!(found.ok(), expected);
        assert_eq!(sent(&http)[0].1["Filter"], r#"sub = "7c7f""#);
    }
}
