//! What a stub that is too kind would hide: the tests of the function could not fail where the real service refuses.

use std::{
    sync::atomic::AtomicBool,
    time::{Duration, Instant, SystemTime},
};

use serde_json::json;

use super::{cognito::secret_hash, *};
use crate::http::client::exchange;

const PASSWORD: &str = "Correct-horse-1";
const ROLE: &str = "arn:aws:iam::444455556666:role/source";
const SECRET: &str = "secret-of-the-client";
const STORED: &str = "stored-secret";
const ARN: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-AbCdEf";

fn state() -> State {
    let mut state = State::default().with_user(User::new("anna", PASSWORD));
    let confidential = Client::new("confidential").with_secret(SECRET);
    let without_flows = Client {
        id: "srp".into(),
        ..Client::default()
    };
    state.clients.extend([confidential, without_flows]);
    state.store(ARN, STORED);
    state
}

async fn started(state: State) -> SourcePoolStub {
    SourcePoolStub::start(state).await.expect("a loopback port")
}

/// Who signs a call: access key id, session token, Region, service.
type Signer<'a> = [&'a str; 4];

const FUNCTION: Signer<'static> = [ACCESS_KEY_ID, SESSION_TOKEN, "eu-west-1", "cognito-idp"];

/// Sends a call to the stub; returns the status, and the code of an error or else the answer.
async fn send(
    pool: &SourcePoolStub,
    operation: Operation,
    body: &Value,
    signer: Option<Signer<'_>>,
) -> io::Result<(u16, String)> {
    let (target, body) = match operation {
        Operation::AssumeRole => (None, body.as_str().expect("a form").to_owned()),
        Operation::GetSecretValue => (Some("secretsmanager"), body.to_string()),
        _ => (Some("AWSCognitoIdentityProviderService"), body.to_string()),
    };
    let target = target.map(|service| format!("{service}.{operation}"));
    let target = target.as_deref();
    let mut headers = Vec::from_iter(target.map(|target| ("X-Amz-Target", target)));
    let [id, token, region, service] = signer.unwrap_or_default();
    let scope = format!("{id}/20260102/{region}/{service}/aws4_request");
    let claim = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    if signer.is_some() {
        headers.extend([("X-Amz-Security-Token", token), ("Authorization", &claim)]);
    }
    let reply = exchange(pool.server().address(), "POST /", &headers, &body).await?;
    let code = reply
        .header("x-amzn-ErrorType")
        .map(|code| code.replace(':', ""));
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    Ok((reply.status, code.unwrap_or(body)))
}

/// The input of a sign-in with `change` merged in.
fn sign_in(change: Value) -> Value {
    let mut input = json!({
        "UserPoolId": POOL_ID, "ClientId": CLIENT_ID, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "anna", "PASSWORD": PASSWORD},
    });
    for (name, value) in change.as_object().expect("an object") {
        input[name] = value.clone();
    }
    input
}

#[tokio::test]
async fn what_the_service_refuses_is_refused() {
    use Operation::*;
    let pool = started(state()).await;
    let by = Some(FUNCTION);
    let but = |at: usize, other| {
        let mut signer = FUNCTION;
        signer[at] = other;
        Some(signer)
    };
    let check = async |operation, input: &Value, signer, code: &str| {
        let (status, found) = send(&pool, operation, input, signer).await.unwrap();
        let refused = (400, format!("{code}Exception"));
        let is_right = (status == 200 && code.is_empty()) || (status, found) == refused;
        assert!(is_right, "{code} {operation} {input} by {signer:?}");
    };
    let anna = json!({"UserPoolId": POOL_ID, "Username": "anna"});
    for (signer, code) in [
        (by, ""),
        (None, "MissingAuthenticationToken"),
        (but(0, "AKIAUNKNOWN"), "UnrecognizedClient"),
        (but(1, "stolen"), "UnrecognizedClient"),
        (but(2, "eu-west-2"), "InvalidSignature"),
        (but(3, "sts"), "InvalidSignature"),
    ] {
        check(AdminGetUser, &anna, signer, code).await;
    }
    let client = |id: &str| sign_in(json!({ "ClientId": id }));
    let hash = |id: &str, hash: &str| {
        let parameters = json!({"USERNAME": "anna", "PASSWORD": PASSWORD, "SECRET_HASH": hash});
        sign_in(json!({"ClientId": id, "AuthParameters": parameters}))
    };
    let right = secret_hash(SECRET, "anna", "confidential");
    let public = sign_in(json!({"AuthFlow": "USER_PASSWORD_AUTH"}));
    let elsewhere = json!({"UserPoolId": "eu-west-1_Other"});
    for (input, code) in [
        (hash("confidential", &right), ""),
        (hash("confidential", "AAAA"), "NotAuthorized"),
        (hash(CLIENT_ID, "AAAA"), "NotAuthorized"),
        (client("confidential"), "NotAuthorized"),
        (client("srp"), "InvalidParameter"),
        (client("unknown"), "ResourceNotFound"),
        (sign_in(elsewhere), "ResourceNotFound"),
        (public.clone(), "InvalidParameter"),
    ] {
        check(AdminInitiateAuth, &input, by, code).await;
    }
    check(InitiateAuth, &public, None, "").await;
    check(InitiateAuth, &public, by, "IncompleteSignature").await;
    let made_up = json!({"AccessToken": "made up"});
    check(GetUser, &made_up, None, "NotAuthorized").await;
    for (name, value) in [
        ("Limit", json!(61)),
        ("Filter", json!("email = a")),
        ("Filter", json!("gender = \"a\"")),
    ] {
        let input = json!({"UserPoolId": POOL_ID, name: value});
        check(ListUsers, &input, by, "InvalidParameter").await;
    }
    let secret = json!({ "SecretId": ARN });
    let elsewhere = json!({ "SecretId": ARN.replace("eu-west-1", "eu-west-2") });
    let for_secrets = but(3, "secretsmanager");
    check(GetSecretValue, &secret, for_secrets, "").await;
    check(GetSecretValue, &secret, by, "InvalidSignature").await;
    check(GetSecretValue, &elsewhere, for_secrets, "InvalidSignature").await;
    let confidential = pool.confidential();
    for text in [PASSWORD, SECRET, STORED, "anna", SECRET_ACCESS_KEY, &right] {
        assert!(confidential.iter().any(|one| one == text), "{text}");
    }
}

#[tokio::test]
async fn only_a_role_may_administer_and_only_with_its_external_id_and_for_a_while() {
    use Operation::*;
    let role = StubRole::new(ROLE).with_external_id("ext-1");
    let pool = started(state().with_role(role)).await;
    let [id, token, region, service] = FUNCTION;
    let assume = async |external_id: &str| {
        let form = format!("RoleSessionName=aa&ExternalId={external_id}&RoleArn={ROLE}");
        let sts = Some([id, token, region, "sts"]);
        send(&pool, AssumeRole, &json!(form), sts).await.unwrap()
    };
    let (status, refused) = assume("wrong").await;
    assert!(status == 403 && refused.contains("<Code>AccessDenied<"));
    let (_, assumed) = assume("ext-1").await;
    let within = |tag: &str| {
        let (_, rest) = assumed.split_once(&format!("<{tag}>")).expect(tag);
        rest.split('<').next().expect(tag)
    };
    let (id, token) = (within("AccessKeyId"), within("SessionToken"));
    let role = [id, token, region, service];
    assert!(pool.confidential().contains(&token.to_owned()));
    let read = async |signer| {
        let anna = json!({"UserPoolId": POOL_ID, "Username": "anna"});
        let sent = send(&pool, AdminGetUser, &anna, Some(signer));
        sent.await.unwrap()
    };
    assert_eq!(read(FUNCTION).await.1, "AccessDeniedException");
    assert_eq!(read(role).await.0, 200);
    pool.change(|state| {
        let issued = state.credentials.last_mut().expect("the role's");
        issued.expires = Some(SystemTime::UNIX_EPOCH);
    });
    assert_eq!(read(role).await.1, "ExpiredTokenException");
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
async fn every_fault_looks_as_it_should_and_is_over_afterwards() {
    let pool = started(state()).await;
    let see = async |limit| {
        let input = sign_in(json!({"AuthFlow": "USER_PASSWORD_AUTH"}));
        let sent = send(&pool, Operation::InitiateAuth, &input, None);
        match tokio::time::timeout(limit, sent).await {
            Ok(Ok((status, _))) => status.to_string(),
            Ok(Err(_)) => "broken".to_owned(),
            Err(_) => "nothing".to_owned(),
        }
    };
    let long = Duration::from_secs(60);
    for (fault, expected) in [
        (Fault::Throttled, "400"),
        (Fault::InternalError, "500"),
        (Fault::UnavailableHtml, "503"),
        (Fault::Malformed, "200"),
        (Fault::Truncated, "broken"),
        (Fault::WrongTypes, "200"),
        (Fault::Empty, "200"),
        (Fault::EmptyObject, "200"),
        (Fault::NotHttp, "broken"),
        (Fault::ResetBeforeRead, "broken"),
        (Fault::ResetAfterRead, "broken"),
        (Fault::ClosedAfterRead, "broken"),
        (Fault::NeverAnswers, "nothing"),
        (Fault::Trickle(long), "nothing"),
        (Fault::Slow(long), "nothing"),
        (Fault::CloseAfterAnswer, "200"),
        (Fault::ExpiredCredentials, "400"),
        (Fault::AccessDenied, "400"),
        (Fault::json(418, "{}"), "418"),
    ] {
        pool.fail(Operation::InitiateAuth, fault.clone(), Times::TWICE);
        let limit = match expected {
            "nothing" => Duration::from_millis(200),
            _ => long,
        };
        let seen = [see(limit).await, see(limit).await, see(long).await];
        assert_eq!(seen, [expected, expected, "200"], "{fault:?}");
        let received = pool.received();
        let met = received.iter().filter(|request| request.fault.is_some());
        assert_eq!((met.count(), received.len()), (2, 3), "{fault:?}");
        pool.forget();
    }
}

#[tokio::test]
async fn it_has_settled_once_all_is_answered_and_no_caller_is_at_work() {
    let pool = started(state()).await;
    pool.set_latency(Duration::from_millis(100));
    for tells_when_at_work in [true, false] {
        let at_work = AtomicBool::new(tells_when_at_work);
        let caller = async {
            if tells_when_at_work {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            let input = json!({"AccessToken": "x"});
            let _ = send(&pool, Operation::GetUser, &input, None).await;
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
