use std::{
    sync::atomic::AtomicBool,
    time::{Instant, SystemTime},
};

use aws_smithy_types::DateTime;
use serde_json::json;

use super::{cognito::secret_hash, signature::Signer, *};
use crate::http::{Request, exchange};

const PASSWORD: &str = "Correct-horse-1";

fn state() -> State {
    let mut state = State::default()
        .with_user(User::new("anna", PASSWORD).with("email", "anna@example.com"))
        .with_user(User::new("dora", PASSWORD).disabled())
        .with_user(User::new("uwe", PASSWORD).with_status("UNCONFIRMED"))
        .with_user(User::new("rita", PASSWORD).with_status("RESET_REQUIRED"))
        .with_user(User::new("timo", PASSWORD).with_status("FORCE_CHANGE_PASSWORD"))
        .with_user(User::new("mia", PASSWORD).with_mfa(&["SOFTWARE_TOKEN_MFA"]))
        .with_client(Client::new("confidential").with_secret("shh"))
        .with_client(Client::new("srp").with_flows(&["ALLOW_USER_SRP_AUTH"]))
        .with_client(Client::new("narrow").with_readable(&["name"]));
    state.sign_in_with = vec!["email".into()];
    state
}

struct Caller<'a> {
    id: &'a str,
    secret: &'a str,
    token: Option<&'a str>,
}

const FUNCTION: Caller<'static> = Caller {
    id: ACCESS_KEY_ID,
    secret: SECRET_ACCESS_KEY,
    token: Some(SESSION_TOKEN),
};

fn signed(request: Request, service: &str, caller: &Caller<'_>) -> Request {
    signed_at(SystemTime::now(), request, service, caller)
}

fn signed_at(
    time: SystemTime,
    mut request: Request,
    service: &str,
    caller: &Caller<'_>,
) -> Request {
    let date = DateTime::from_secs(DateTime::from(time).secs()).to_string();
    request = request.with_header("X-Amz-Date", &date.replace(['-', ':'], ""));
    if let Some(token) = caller.token {
        request = request.with_header("X-Amz-Security-Token", token);
    }
    let signer = Signer {
        access_key_id: caller.id,
        secret_access_key: caller.secret,
        session_token: caller.token,
        region: "eu-west-1",
        service,
    };
    let header = signer.authorization(&request, time, &["host", "x-amz-date", "x-amz-target"]);
    request.with_header("Authorization", &header.expect("a signature"))
}

fn request(pool: &SourcePoolStub, operation: Operation, body: &Value) -> Request {
    Request::new("POST", "/")
        .with_header("Host", &pool.server().address().to_string())
        .with_header("Content-Type", "application/x-amz-json-1.1")
        .with_header("X-Amz-Target", &operation.target())
        .with_body(body.to_string())
}

async fn send(pool: &SourcePoolStub, request: &Request) -> (u16, Value) {
    let reply = exchange(pool.server().address(), request)
        .await
        .expect("an answer");
    let body = serde_json::from_slice(&reply.body)
        .unwrap_or_else(|_| String::from_utf8_lossy(&reply.body).into_owned().into());
    (reply.status, body)
}

async fn call(pool: &SourcePoolStub, operation: Operation, body: Value) -> (u16, Value) {
    let request = request(pool, operation, &body);
    let request = match operation {
        Operation::AdminInitiateAuth | Operation::AdminGetUser => {
            signed(request, "cognito-idp", &FUNCTION)
        }
        _ => request,
    };
    send(pool, &request).await
}

fn sign_in(client: &str, username: &str, password: &str) -> Value {
    json!({
        "UserPoolId": POOL_ID, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": username, "PASSWORD": password},
    })
}

fn public(client: &str, username: &str, password: &str) -> Value {
    let mut input = sign_in(client, username, password);
    input["AuthFlow"] = json!("USER_PASSWORD_AUTH");
    input
}

#[tokio::test]
async fn a_right_password_gives_tokens_with_which_the_profile_is_read() {
    let pool = SourcePoolStub::start(state()).await.unwrap();
    for name in ["anna", "anna@example.com"] {
        let (status, body) = call(
            &pool,
            Operation::InitiateAuth,
            public(CLIENT_ID, name, PASSWORD),
        )
        .await;
        assert_eq!(status, 200, "{body}");
        let token = &body["AuthenticationResult"]["AccessToken"];
        let (_, profile) = call(&pool, Operation::GetUser, json!({"AccessToken": token})).await;
        assert_eq!(profile["Username"], "anna");
        assert_eq!(profile["UserAttributes"][0]["Name"], "sub");
        assert_eq!(profile["UserAttributes"][1]["Value"], "anna@example.com");
        assert_eq!(profile.get("UserStatus"), None);
        assert!(
            pool.confidential()
                .contains(&token.as_str().unwrap().to_owned())
        );
    }
    let (status, _) = call(&pool, Operation::GetUser, json!({"AccessToken": "made up"})).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_client_that_may_read_little_is_told_little() {
    let pool = SourcePoolStub::start(state()).await.unwrap();
    let (_, body) = call(
        &pool,
        Operation::InitiateAuth,
        public("narrow", "anna", PASSWORD),
    )
    .await;
    let token = &body["AuthenticationResult"]["AccessToken"];
    let (_, profile) = call(&pool, Operation::GetUser, json!({"AccessToken": token})).await;
    assert_eq!(
        profile["UserAttributes"].as_array().unwrap().len(),
        1,
        "{profile}"
    );
}

#[tokio::test]
async fn every_state_of_a_user_has_its_answer() {
    let pool = SourcePoolStub::start(state()).await.unwrap();
    for (username, password, code, message) in [
        (
            "anna",
            "wrong",
            "NotAuthorizedException",
            "Incorrect username or password.",
        ),
        (
            "unknown",
            PASSWORD,
            "UserNotFoundException",
            "User does not exist.",
        ),
        (
            "dora",
            PASSWORD,
            "NotAuthorizedException",
            "User is disabled.",
        ),
        (
            "uwe",
            PASSWORD,
            "UserNotConfirmedException",
            "User is not confirmed.",
        ),
        (
            "rita",
            PASSWORD,
            "PasswordResetRequiredException",
            "Password reset required for the user",
        ),
    ] {
        let (status, body) = call(
            &pool,
            Operation::AdminInitiateAuth,
            sign_in(CLIENT_ID, username, password),
        )
        .await;
        assert_eq!(
            (status, &body["__type"], &body["message"]),
            (400, &json!(code), &json!(message))
        );
    }
    for (username, challenge) in [
        ("timo", "NEW_PASSWORD_REQUIRED"),
        ("mia", "SOFTWARE_TOKEN_MFA"),
    ] {
        let (_, body) = call(
            &pool,
            Operation::AdminInitiateAuth,
            sign_in(CLIENT_ID, username, PASSWORD),
        )
        .await;
        assert_eq!(body["ChallengeName"], challenge);
        assert_eq!(body.get("AuthenticationResult"), None);
    }
    let input = json!({"UserPoolId": POOL_ID, "Username": "dora"});
    let (_, profile) = call(&pool, Operation::AdminGetUser, input).await;
    assert_eq!(
        (&profile["Enabled"], &profile["UserStatus"]),
        (&json!(false), &json!("CONFIRMED"))
    );
}

#[tokio::test]
async fn mistakes_of_the_caller_are_told_as_the_service_does() {
    let pool = SourcePoolStub::start(state()).await.unwrap();
    let mut other_pool = sign_in(CLIENT_ID, "anna", PASSWORD);
    other_pool["UserPoolId"] = json!("eu-west-1_Other");
    let mut confidential = sign_in("confidential", "anna", PASSWORD);
    let mut wrong_hash = confidential.clone();
    wrong_hash["AuthParameters"]["SECRET_HASH"] = json!("AAAA");
    let mut needless_hash = sign_in(CLIENT_ID, "anna", PASSWORD);
    needless_hash["AuthParameters"]["SECRET_HASH"] = json!("AAAA");
    for (input, code, part) in [
        (
            other_pool,
            "ResourceNotFoundException",
            "User pool eu-west-1_Other does not exist.",
        ),
        (
            sign_in("unknown", "anna", PASSWORD),
            "ResourceNotFoundException",
            "client unknown does not exist",
        ),
        (
            sign_in("srp", "anna", PASSWORD),
            "InvalidParameterException",
            "Auth flow not enabled",
        ),
        (
            public(CLIENT_ID, "anna", PASSWORD),
            "InvalidParameterException",
            "method not supported",
        ),
        (
            confidential.clone(),
            "NotAuthorizedException",
            "SECRET_HASH was not received",
        ),
        (
            wrong_hash,
            "NotAuthorizedException",
            "SecretHash does not match",
        ),
        (
            needless_hash,
            "NotAuthorizedException",
            "Unable to verify secret hash",
        ),
        (
            sign_in(CLIENT_ID, "a b", PASSWORD),
            "InvalidParameterException",
            "username",
        ),
    ] {
        let (_, body) = call(&pool, Operation::AdminInitiateAuth, input).await;
        assert_eq!(body["__type"], code, "{body}");
        assert!(body["message"].as_str().unwrap().contains(part), "{body}");
    }
    confidential["AuthParameters"]["SECRET_HASH"] =
        json!(secret_hash("shh", "anna", "confidential"));
    let (status, _) = call(&pool, Operation::AdminInitiateAuth, confidential).await;
    assert_eq!(status, 200);
    let (_, body) = call(
        &pool,
        Operation::InitiateAuth,
        public("srp", "anna", PASSWORD),
    )
    .await;
    assert_eq!(
        body["message"],
        "USER_PASSWORD_AUTH flow not enabled for this client"
    );
}

/// Computed once with another implementation of HMAC.
#[test]
fn the_secret_hash_of_a_unicode_username_is_known() {
    assert_eq!(
        secret_hash("a client secret", "zoë.müller", "4sourceclient"),
        "De26EzOYzpQVDfDuy8buvWjwPwxiI7XfAR3h67uEK3U="
    );
}

#[tokio::test]
async fn signatures_are_checked_where_the_service_checks_them() {
    let pool = SourcePoolStub::start(state()).await.unwrap();
    let input = json!({"UserPoolId": POOL_ID, "Username": "anna"});
    let plain = request(&pool, Operation::AdminGetUser, &input);
    let mut changed = signed(plain.clone(), "cognito-idp", &FUNCTION);
    changed.body = json!({"UserPoolId": POOL_ID, "Username": "dora"})
        .to_string()
        .into_bytes();
    let caller = |id, secret, token| Caller { id, secret, token };
    let ago = SystemTime::now() - Duration::from_secs(400);
    for (case, request, code) in [
        (
            "unsigned",
            plain.clone(),
            "MissingAuthenticationTokenException",
        ),
        ("changed", changed, "InvalidSignatureException"),
        (
            "unknown key",
            signed(
                plain.clone(),
                "cognito-idp",
                &caller("AKIANOBODY", "x", None),
            ),
            "UnrecognizedClientException",
        ),
        (
            "without the session token",
            signed(
                plain.clone(),
                "cognito-idp",
                &caller(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None),
            ),
            "UnrecognizedClientException",
        ),
        (
            "with another session token",
            signed(
                plain.clone(),
                "cognito-idp",
                &caller(ACCESS_KEY_ID, SECRET_ACCESS_KEY, Some("stolen")),
            ),
            "UnrecognizedClientException",
        ),
        (
            "wrong secret",
            signed(
                plain.clone(),
                "cognito-idp",
                &caller(ACCESS_KEY_ID, "x", Some(SESSION_TOKEN)),
            ),
            "InvalidSignatureException",
        ),
        (
            "for another service",
            signed(plain.clone(), "sts", &FUNCTION),
            "InvalidSignatureException",
        ),
        (
            "stale",
            signed_at(ago, plain.clone(), "cognito-idp", &FUNCTION),
            "InvalidSignatureException",
        ),
        (
            "malformed",
            plain.clone().with_header("Authorization", "Bearer abc"),
            "IncompleteSignatureException",
        ),
    ] {
        let (_, body) = send(&pool, &request).await;
        assert_eq!(body["__type"], code, "{case}: {body}");
    }
    let (status, _) = send(&pool, &signed(plain, "cognito-idp", &FUNCTION)).await;
    assert_eq!(status, 200);
    let public = request(
        &pool,
        Operation::InitiateAuth,
        &public(CLIENT_ID, "anna", PASSWORD),
    );
    let (status, body) = send(&pool, &signed(public, "cognito-idp", &FUNCTION)).await;
    assert_eq!(
        status, 400,
        "the public calls are to be sent unsigned: {body}"
    );
}

fn text_between<'a>(text: &'a str, tag: &str) -> &'a str {
    let start = text.find(&format!("<{tag}>")).expect(tag) + tag.len() + 2;
    let end = text[start..].find(&format!("</{tag}>")).expect(tag);
    &text[start..start + end]
}

#[tokio::test]
async fn a_role_is_assumed_with_its_external_id_and_its_credentials_expire() {
    let arn = "arn:aws:iam::444455556666:role/source";
    let role = StubRole::new(arn).with_external_id("ext-1");
    let pool = SourcePoolStub::start(state().with_role(role))
        .await
        .unwrap();
    let assume = |external_id: &str| {
        let form = format!(
            "Action=AssumeRole&Version=2011-06-15&RoleSessionName=migration&ExternalId={external_id}\
             &RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Fsource"
        );
        let request = Request::new("POST", "/")
            .with_header("Host", &pool.server().address().to_string())
            .with_header("Content-Type", "application/x-www-form-urlencoded")
            .with_body(form);
        signed(request, "sts", &FUNCTION)
    };
    let (status, body) = send(&pool, &assume("wrong")).await;
    assert_eq!(status, 403);
    assert_eq!(text_between(body.as_str().unwrap(), "Code"), "AccessDenied");

    let (status, body) = send(&pool, &assume("ext-1")).await;
    assert_eq!(status, 200, "{body}");
    let xml = body.as_str().unwrap();
    let role = Caller {
        id: text_between(xml, "AccessKeyId"),
        secret: text_between(xml, "SecretAccessKey"),
        token: Some(text_between(xml, "SessionToken")),
    };
    let input = json!({"UserPoolId": POOL_ID, "Username": "anna"});
    let read = || request(&pool, Operation::AdminGetUser, &input);
    let (status, body) = send(&pool, &signed(read(), "cognito-idp", &role)).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        pool.received().last().unwrap().signed_by.as_deref(),
        Some(role.id)
    );

    let (_, body) = send(&pool, &signed(read(), "cognito-idp", &FUNCTION)).await;
    assert_eq!(body["__type"], "AccessDeniedException", "only the role may");

    pool.expire_credentials();
    let (_, body) = send(&pool, &signed(read(), "cognito-idp", &role)).await;
    assert_eq!(body["__type"], "ExpiredTokenException");
    assert_eq!(pool.count(Operation::AssumeRole), 2);
    assert_eq!(
        pool.received_of(Operation::AssumeRole)[0].body["ExternalId"],
        "wrong"
    );
}

/// What a client sees of a fault.
#[derive(Debug, PartialEq)]
enum Seen {
    Status(u16),
    Broken,
    Nothing,
}

async fn see(pool: &SourcePoolStub, limit: Duration) -> Seen {
    let request = request(
        pool,
        Operation::InitiateAuth,
        &public(CLIENT_ID, "anna", PASSWORD),
    );
    match tokio::time::timeout(limit, exchange(pool.server().address(), &request)).await {
        Ok(Ok(reply)) => Seen::Status(reply.status),
        Ok(Err(_)) => Seen::Broken,
        Err(_) => Seen::Nothing,
    }
}

#[tokio::test]
async fn every_fault_looks_as_it_should_and_is_over_afterwards() {
    let pool = SourcePoolStub::start(state()).await.unwrap();
    let short = Duration::from_millis(200);
    for (fault, expected) in [
        (Fault::Throttled, Seen::Status(400)),
        (Fault::InternalError, Seen::Status(500)),
        (Fault::UnavailableHtml, Seen::Status(503)),
        (Fault::Malformed, Seen::Status(200)),
        (Fault::Truncated, Seen::Broken),
        (Fault::WrongTypes, Seen::Status(200)),
        (Fault::Empty, Seen::Status(200)),
        (Fault::EmptyObject, Seen::Status(200)),
        (Fault::NotHttp, Seen::Broken),
        (Fault::ResetBeforeRead, Seen::Broken),
        (Fault::ResetAfterRead, Seen::Broken),
        (Fault::ClosedAfterRead, Seen::Broken),
        (Fault::NeverAnswers, Seen::Nothing),
        (Fault::Trickle(Duration::from_secs(60)), Seen::Nothing),
        (Fault::Trickle(Duration::from_millis(20)), Seen::Status(200)),
        (Fault::Slow(Duration::from_secs(60)), Seen::Nothing),
        (Fault::CloseAfterAnswer, Seen::Status(200)),
        (Fault::ExpiredCredentials, Seen::Status(400)),
        (Fault::AccessDenied, Seen::Status(400)),
        (Fault::json(418, "{}"), Seen::Status(418)),
    ] {
        pool.fail(Operation::InitiateAuth, fault.clone(), Times::ONCE);
        let limit = if expected == Seen::Nothing {
            short
        } else {
            Duration::from_secs(5)
        };
        assert_eq!(see(&pool, limit).await, expected, "{fault:?}");
        assert_eq!(
            see(&pool, Duration::from_secs(5)).await,
            Seen::Status(200),
            "after {fault:?}"
        );
        assert_eq!(
            pool.received().len(),
            2,
            "{fault:?}: both requests are on record"
        );
        pool.forget();
    }
}

#[tokio::test]
async fn latency_is_kept_for_all_or_for_one_operation() {
    let pool = SourcePoolStub::start(state()).await.unwrap();
    pool.set_latency(Duration::from_secs(60));
    pool.set_latency_of(Operation::GetUser, Duration::ZERO);
    assert_eq!(see(&pool, Duration::from_millis(100)).await, Seen::Nothing);
    call(&pool, Operation::GetUser, json!({"AccessToken": "x"})).await;
    pool.set_latency(Duration::from_millis(30));
    let started = Instant::now();
    assert_eq!(see(&pool, Duration::from_secs(5)).await, Seen::Status(200));
    assert!(started.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn it_has_settled_once_all_is_answered_and_no_caller_is_at_work() {
    let pool = SourcePoolStub::start(state()).await.unwrap();
    pool.set_latency(Duration::from_millis(100));
    for tells_when_at_work in [true, false] {
        let at_work = AtomicBool::new(tells_when_at_work);
        let caller = async {
            if tells_when_at_work {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            call(&pool, Operation::GetUser, json!({"AccessToken": "x"})).await;
            at_work.store(false, Ordering::SeqCst);
            Instant::now()
        };
        let settling = async {
            pool.settled(|| !at_work.load(Ordering::SeqCst)).await;
            Instant::now()
        };
        let (answered, settled) = tokio::join!(caller, settling);
        assert!(settled > answered, "{tells_when_at_work}");
    }
    assert_eq!(pool.received().len(), 2);
}

#[tokio::test]
async fn programs_can_ask_what_was_called() {
    let pool = SourcePoolStub::start(state()).await.unwrap();
    see(&pool, Duration::from_secs(5)).await;
    let (_, body) = send(&pool, &Request::new("GET", "/requests")).await;
    assert_eq!(body, json!({"requests": {"InitiateAuth": 1}}));
}

#[tokio::test]
async fn pools_describe_themselves_to_those_who_may_look() {
    let mut state = state().with_client(Client::new("named"));
    state.clients[4].name = Some("the app".into());
    state
        .description
        .insert("MfaConfiguration".into(), json!("ON"));
    state.neighbours = vec![NeighbourPool {
        pool_id: "eu-west-1_Neighbour".into(),
        clients: (0..61)
            .map(|number| Client::new(&number.to_string()))
            .collect(),
        ..NeighbourPool::default()
    }];
    state.denied = vec!["DescribeUserPoolClient eu-west-1_Neighbour".into()];
    let pool = SourcePoolStub::start(state).await.unwrap();
    let ask = async |operation, body| {
        let request = request(&pool, operation, &body);
        send(&pool, &signed(request, "cognito-idp", &FUNCTION)).await
    };

    let (_, answer) = ask(Operation::DescribeUserPool, json!({"UserPoolId": POOL_ID})).await;
    assert_eq!(answer["UserPool"]["MfaConfiguration"], "ON");
    assert_eq!(answer["UserPool"]["EstimatedNumberOfUsers"], 6);
    let (status, answer) = ask(
        Operation::DescribeUserPool,
        json!({"UserPoolId": "no_pool"}),
    )
    .await;
    assert_eq!(
        (status, &answer["__type"]),
        (400, &json!("ResourceNotFoundException"))
    );

    let client = json!({"UserPoolId": POOL_ID, "ClientId": "confidential"});
    let (_, answer) = ask(Operation::DescribeUserPoolClient, client).await;
    assert_eq!(answer["UserPoolClient"]["ClientSecret"], "shh");
    let client = json!({"UserPoolId": "eu-west-1_Neighbour", "ClientId": "0"});
    let (_, answer) = ask(Operation::DescribeUserPoolClient, client).await;
    assert_eq!(answer["__type"], "AccessDeniedException");

    let mut page = json!({"UserPoolId": "eu-west-1_Neighbour", "MaxResults": 60});
    let (_, answer) = ask(Operation::ListUserPoolClients, page.clone()).await;
    assert_eq!(answer["UserPoolClients"].as_array().unwrap().len(), 60);
    page["NextToken"] = answer["NextToken"].clone();
    let (_, answer) = ask(Operation::ListUserPoolClients, page).await;
    assert_eq!(answer["UserPoolClients"][0]["ClientId"], "60");
    assert_eq!(answer.get("NextToken"), None);
}

#[tokio::test]
async fn a_secret_is_given_to_the_function_alone_in_its_own_region() {
    let arn =
        |region: &str| format!("arn:aws:secretsmanager:{region}:111122223333:secret:a-AbCdEf");
    let mut state = state();
    state.store(&arn("eu-west-1"), "stored-secret");
    let pool = SourcePoolStub::start(state).await.unwrap();
    let ask = async |arn: &str, service: &str, caller: &Caller<'_>| {
        let body = json!({"SecretId": arn});
        let request = request(&pool, Operation::GetSecretValue, &body);
        let (status, answer) = send(&pool, &signed(request, service, caller)).await;
        match status {
            200 => answer["SecretString"].clone(),
            _ => answer["__type"].clone(),
        }
    };
    let here = arn("eu-west-1");
    let unknown = Caller {
        id: "AKIAUNKNOWNKEY",
        ..FUNCTION
    };
    for (arn, service, caller, expected) in [
        (&here, "secretsmanager", &FUNCTION, "stored-secret"),
        (&here, "cognito-idp", &FUNCTION, "InvalidSignatureException"),
        (
            &here,
            "secretsmanager",
            &unknown,
            "UnrecognizedClientException",
        ),
        // The requests here are signed for eu-west-1.
        (
            &arn("eu-west-2"),
            "secretsmanager",
            &FUNCTION,
            "InvalidSignatureException",
        ),
        (
            &here.replace("a-", "b-"),
            "secretsmanager",
            &FUNCTION,
            "ResourceNotFoundException",
        ),
    ] {
        assert_eq!(ask(arn, service, caller).await, expected);
    }
    pool.change(|state| state.denied = vec![format!("GetSecretValue {here}")]);
    let denied = ask(&here, "secretsmanager", &FUNCTION).await;
    assert_eq!(denied, "AccessDeniedException");
    // What was given out stays confidential.
    pool.change(|state| state.secrets.clear());
    assert!(pool.confidential().contains(&"stored-secret".to_owned()));
    assert_eq!(pool.count(Operation::GetSecretValue), 6);
}
