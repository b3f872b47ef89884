//! What a stub that is too kind would hide: the tests of the function could not fail where the real service refuses.

use std::{
    sync::atomic::AtomicBool,
    time::{Duration, Instant, SystemTime},
};

use rules::secret_hash::secret_hash;
use serde_json::json;

use super::*;
use crate::http::client::{exchange, header};

const PASSWORD: &str = "Correct-horse-1";
const ROLE: &str = "arn:aws:iam::444455556666:role/source";
const SECRET: &str = "secret-of-the-client";
const STORED: &str = "stored-secret";
const ARN: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-AbCdEf";

fn state() -> State {
    let mut state = State::default().with_user(User::new("anna", PASSWORD));
    let confidential = Client::new("confidential").with_secret(SECRET);
    let mut without_flows = Client::new("srp");
    without_flows.flows.clear();
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

/// The function as a signer with one claim changed.
fn but(at: usize, claim: &str) -> Option<Signer<'_>> {
    let mut signer = FUNCTION;
    signer[at] = claim;
    Some(signer)
}

/// Sends a call to the stub; returns the code of an error, or else the answer.
async fn send(
    pool: &SourcePoolStub,
    operation: Operation,
    body: &Value,
    signer: Option<Signer<'_>>,
) -> String {
    let target = match operation {
        Operation::GetSecretValue => "secretsmanager.GetSecretValue".to_owned(),
        _ => format!("AWSCognitoIdentityProviderService.{operation}"),
    };
    let [id, token, region, service] = signer.unwrap_or_default();
    let scope = format!("{id}/20260102/{region}/{service}/aws4_request");
    let claim = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    let mut headers = vec![("X-Amz-Security-Token", token), ("Authorization", &claim)];
    headers.retain(|_| signer.is_some());
    let mut text = body.to_string();
    match operation {
        // A form, and no target.
        Operation::AssumeRole => body.as_str().expect("a form").clone_into(&mut text),
        _ => headers.push(("X-Amz-Target", &target)),
    }
    let answer = exchange(pool.server().address(), "POST /", &headers, &text).await;
    let code = header(&answer, "x-amzn-ErrorType").map(|code| code.replace("Exception:", ""));
    code.unwrap_or(answer)
}

/// The input of a sign-in with a member changed.
fn sign_in(name: &str, value: &str) -> Value {
    let mut input = json!({
        "UserPoolId": POOL_ID, "ClientId": CLIENT_ID, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "anna", "PASSWORD": PASSWORD},
    });
    input[name] = json!(value);
    input
}

#[tokio::test]
async fn what_the_service_refuses_is_refused() {
    use Operation::*;
    let pool = started(state()).await;
    let by = Some(FUNCTION);
    let anna = json!({"UserPoolId": POOL_ID, "Username": "anna"});
    let right = secret_hash(SECRET, "anna", "confidential");
    let hash = |id: &str, hash: &str| {
        let mut input = sign_in("ClientId", id);
        input["AuthParameters"]["SECRET_HASH"] = json!(hash);
        input
    };
    let public = sign_in("AuthFlow", "USER_PASSWORD_AUTH");
    let secret = json!({ "SecretId": ARN });
    let elsewhere = json!({ "SecretId": ARN.replace("eu-west-1", "eu-west-2") });
    let for_secrets = but(3, "secretsmanager");
    let check = async |operation, input: &Value, signer, code: &str| {
        let found = send(&pool, operation, input, signer).await;
        let is_right = found == code || (code.is_empty() && found.starts_with("HTTP/1.1 200"));
        assert!(is_right, "{operation} {input} by {signer:?}: {found}");
    };
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
    for (input, code) in [
        (&hash("confidential", &right), ""),
        (&hash("confidential", "AAAA"), "NotAuthorized"),
        (&hash(CLIENT_ID, "AAAA"), "NotAuthorized"),
        (&sign_in("ClientId", "confidential"), "NotAuthorized"),
        (&sign_in("ClientId", "srp"), "InvalidParameter"),
        (&sign_in("ClientId", "unknown"), "ResourceNotFound"),
        (&sign_in("UserPoolId", "unknown"), "ResourceNotFound"),
        (&public, "InvalidParameter"),
    ] {
        check(AdminInitiateAuth, input, by, code).await;
    }
    check(InitiateAuth, &public, None, "").await;
    check(InitiateAuth, &public, by, "IncompleteSignature").await;
    check(GetUser, &json!({"AccessToken": "x"}), None, "NotAuthorized").await;
    for (name, value) in [
        ("Limit", json!(61)),
        ("Filter", json!("email = a")),
        ("Filter", json!("gender = \"a\"")),
    ] {
        let input = json!({"UserPoolId": POOL_ID, name: value});
        check(ListUsers, &input, by, "InvalidParameter").await;
    }
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
    let assume = async |external_id: &str| {
        let form = format!("RoleSessionName=aa&ExternalId={external_id}&RoleArn={ROLE}");
        send(&pool, AssumeRole, &json!(form), but(3, "sts")).await
    };
    let refused = assume("wrong").await;
    assert!(refused.contains("<Code>AccessDenied<"), "{refused}");
    let assumed = assume("ext-1").await;
    let within = |tag: &str| {
        let (_, rest) = assumed.split_once(&format!("<{tag}>")).expect(tag);
        rest.split('<').next().expect(tag)
    };
    let (id, token) = (within("AccessKeyId"), within("SessionToken"));
    assert!(pool.confidential().contains(&token.to_owned()));
    let anna = json!({"UserPoolId": POOL_ID, "Username": "anna"});
    let read = async |signer| send(&pool, AdminGetUser, &anna, Some(signer)).await;
    let role = [id, token, "eu-west-1", "cognito-idp"];
    assert_eq!(read(FUNCTION).await, "AccessDenied");
    assert!(read(role).await.contains("\"anna\""));
    pool.change(|state| {
        let issued = state.credentials.last_mut().expect("the role's");
        issued.expires = Some(SystemTime::UNIX_EPOCH);
    });
    assert_eq!(read(role).await, "ExpiredToken");
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
            send(&pool, Operation::GetUser, &json!({}), None).await;
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
