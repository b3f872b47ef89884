//! What goes out to the new pool, to the letter, and what is made of what comes back.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::{
    client::orchestrator::{HttpRequest, HttpResponse},
    http::StatusCode,
};
use serde_json::{Value, json};

use super::*;
use crate::{
    aws::{DataType, Mfa, Recovery, SchemaAttribute, connection},
    sensitive::Sensitive,
};

const POOL: &str = "eu-central-1_New01";

async fn pool(answers: Vec<(u16, Value)>) -> (DestinationPool, StaticReplayClient) {
    let event = |(status, body): (u16, Value)| {
        let status = StatusCode::try_from(status).unwrap();
        let answer = HttpResponse::new(status, body.to_string().into());
        ReplayEvent::new(HttpRequest::empty(), answer)
    };
    let http = StaticReplayClient::new(answers.into_iter().map(event).collect());
    let own = Credentials::new("AKIDOWN", "made-up", None, None, "test");
    let shared = connection::settings(Duration::from_millis(1500))
        .region(Region::new("us-east-1"))
        .http_client(http.clone())
        .credentials_provider(own)
        .load()
        .await;
    (DestinationPool::on(&Aws::from(shared), POOL), http)
}

fn refused(code: &str) -> (u16, Value) {
    (400, json!({"__type": code, "message": "not to be shown"}))
}

/// Each request: operation and body. All go to the pool's Region under the function's own key.
fn sent(http: &StaticReplayClient) -> Vec<(String, Value)> {
    http.actual_requests()
        .map(|request| {
            assert_eq!(
                request.uri(),
                "https://cognito-idp.eu-central-1.amazonaws.com/"
            );
            let header = |name: &str| request.headers().get(name).unwrap_or_default();
            assert!(header("authorization").contains("Credential=AKIDOWN/"));
            let operation =
                header("x-amz-target").replace("AWSCognitoIdentityProviderService.", "");
            let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            (operation, body)
        })
        .collect()
}

#[tokio::test]
async fn a_pool_is_described_in_our_own_words() {
    let answer = json!({"UserPool": {
        "Id": POOL,
        "EstimatedNumberOfUsers": 4711,
        "LambdaConfig": {
            "UserMigration": "arn:aws:lambda:eu-central-1:111122223333:function:f",
            "PreSignUp": "arn:aws:lambda:eu-central-1:111122223333:function:g",
            "PostAuthentication": "arn:aws:lambda:eu-central-1:111122223333:function:h",
        },
        "AliasAttributes": ["email", "preferred_username"],
        "UsernameConfiguration": {"CaseSensitive": false},
        "MfaConfiguration": "OPTIONAL",
        "AccountRecoverySetting": {"RecoveryMechanisms": [
            {"Name": "verified_phone_number", "Priority": 1}, {"Name": "verified_email", "Priority": 2},
        ]},
        "SchemaAttributes": [
            {"Name": "email", "AttributeDataType": "String", "Required": true,
             "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"}},
            {"Name": "custom:age", "AttributeDataType": "Number", "Required": false,
             "NumberAttributeConstraints": {"MinValue": "-5", "MaxValue": "150"}},
            {"Name": "email_verified", "AttributeDataType": "Boolean"},
            {"Name": "custom:any", "AttributeDataType": "String", "Mutable": false, "StringAttributeConstraints": {}},
        ],
    }});
    let (door, http) = pool(vec![(200, answer)]).await;
    let attribute = |name: &str, required, data_type, minimum, maximum| SchemaAttribute {
        name: name.to_owned(),
        required,
        mutable: true,
        data_type,
        minimum,
        maximum,
    };
    assert_eq!(
        door.description().await,
        Ok(UserPoolDescription {
            users: 4711,
            sign_up_trigger: Some("arn:aws:lambda:eu-central-1:111122223333:function:g".to_owned()),
            post_authentication_trigger: Some(
                "arn:aws:lambda:eu-central-1:111122223333:function:h".to_owned()
            ),
            migration_trigger: Some(
                "arn:aws:lambda:eu-central-1:111122223333:function:f".to_owned()
            ),
            schema: vec![
                attribute("email", true, DataType::String, Some(0), Some(2048)),
                attribute("custom:age", false, DataType::Number, Some(-5), Some(150)),
                attribute("email_verified", false, DataType::Other, None, None),
                SchemaAttribute {
                    mutable: false,
                    ..attribute("custom:any", false, DataType::String, None, None)
                },
            ],
            alias_attributes: vec!["email".to_owned(), "preferred_username".to_owned()],
            username_attributes: vec![],
            case_sensitive: false,
            mfa: Mfa::Optional,
            recovery: vec![Recovery::VerifiedPhoneNumber, Recovery::VerifiedEmail],
        })
    );
    assert_eq!(
        sent(&http),
        [("DescribeUserPool".to_owned(), json!({"UserPoolId": POOL}))]
    );
}

#[tokio::test]
async fn what_a_pool_does_not_say_is_what_cognito_takes_for_granted() {
    let (door, _) = pool(vec![(200, json!({"UserPool": {"Id": POOL}}))]).await;
    let description = door.description().await.unwrap();
    assert!(description.case_sensitive);
    assert_eq!(description.mfa, Mfa::Off);
    assert_eq!(description.recovery, []);
    assert_eq!(description.migration_trigger, None);
}

#[tokio::test]
async fn every_page_of_app_clients_is_listed() {
    let (door, http) = pool(vec![
        (200, json!({"UserPoolClients": [{"ClientId": "a"}, {"ClientId": "b"}], "NextToken": "made-up-token"})),
        (200, json!({"UserPoolClients": [{"ClientId": "c"}]})),
    ])
    .await;
    let (ids, more) = door.app_client_ids().await.unwrap();
    assert_eq!(
        (ids, more),
        (["a", "b", "c"].map(str::to_owned).into(), false)
    );
    let list = |body| ("ListUserPoolClients".to_owned(), body);
    assert_eq!(
        sent(&http),
        [
            list(json!({"UserPoolId": POOL, "MaxResults": 60})),
            list(json!({"UserPoolId": POOL, "MaxResults": 60, "NextToken": "made-up-token"})),
        ]
    );
}

#[tokio::test]
async fn a_pool_with_very_many_app_clients_is_not_listed_to_the_end() {
    let page = |number: usize| {
        let clients: Vec<_> = (0..60)
            .map(|at| json!({"ClientId": format!("{number}-{at}")}))
            .collect();
        (
            200,
            json!({"UserPoolClients": clients, "NextToken": "more"}),
        )
    };
    let (door, http) = pool((0..9).map(page).collect()).await;
    let (ids, more) = door.app_client_ids().await.unwrap();
    assert_eq!((ids.len(), more), (MOST_CLIENTS, true));
    assert_eq!(sent(&http).len(), 2);
}

#[tokio::test]
async fn app_clients_are_described_in_order_with_their_secrets_out_of_sight() {
    let client = |id: &str, more: Value| {
        let mut described =
            json!({"ClientId": id, "ClientName": format!("client {id}"), "UserPoolId": POOL});
        described
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        (200, json!({"UserPoolClient": described}))
    };
    let (door, http) = pool(vec![
        client("a", json!({
            "ClientSecret": "hunter2", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "PreventUserExistenceErrors": "ENABLED", "ReadAttributes": ["email"],
            "WriteAttributes": ["custom:mark", "name"],
        })),
        refused("ResourceNotFoundException"),
        client("c", json!({"ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH"], "PreventUserExistenceErrors": "LEGACY"})),
        client("d", json!({})),
    ])
    .await;
    let ids = ["a", "b", "c", "d"].map(str::to_owned).into();
    let clients = door.app_clients(ids).await.unwrap();
    assert!(!format!("{clients:?}").contains("hunter2"));
    let named = |id: &str| AppClient {
        id: id.to_owned(),
        name: format!("client {id}"),
        secret: None,
        admin_password_flow: false,
        user_password_flow: false,
        prevents_user_existence_errors: false,
        readable: None,
        writable: None,
    };
    assert_eq!(
        clients,
        [
            AppClient {
                secret: Some(Sensitive::new("hunter2")),
                user_password_flow: true,
                prevents_user_existence_errors: true,
                readable: Some(vec!["email".to_owned()]),
                writable: Some(vec!["custom:mark".to_owned(), "name".to_owned()]),
                ..named("a")
            },
            // b was deleted meanwhile.
            AppClient {
                admin_password_flow: true,
                ..named("c")
            },
            named("d"),
        ]
    );
    let asked: Vec<_> = sent(&http)
        .into_iter()
        .map(|(_, body)| body["ClientId"].clone())
        .collect();
    assert_eq!(asked, ["a", "b", "c", "d"]);
}

#[tokio::test(start_paused = true)]
async fn a_question_without_an_answer_says_why() {
    for (code, expected) in [
        ("AccessDeniedException", Unanswered::NotAllowed),
        ("ResourceNotFoundException", Unanswered::NotFound),
    ] {
        let (door, http) = pool(vec![refused(code)]).await;
        assert_eq!(door.description().await, Err(expected));
        assert_eq!(sent(&http).len(), 1, "{code} is not tried again");
    }
    let (door, _) = pool(vec![refused("UnrecognizedClientException")]).await;
    assert!(matches!(
        door.description().await,
        Err(Unanswered::Credentials(_))
    ));
    let throttled = || refused("TooManyRequestsException");
    let (door, _) = pool(vec![throttled(), (200, json!({"UserPool": {"Id": POOL}}))]).await;
    assert!(door.description().await.is_ok());
    let (door, http) = pool(vec![throttled(), throttled(), throttled()]).await;
    let Err(Unanswered::Failed(failure)) = door.description().await else {
        panic!("a failure was expected");
    };
    assert_eq!(failure.code, "TooManyRequestsException");
    assert_eq!(sent(&http).len(), 3);
}

#[tokio::test]
async fn a_user_is_finished_with_four_kinds_of_requests() {
    let (door, http) = pool(vec![
        (
            200,
            json!({"Groups": [{"GroupName": "a"}], "NextToken": "made-up-token"}),
        ),
        (200, json!({"Groups": [{"GroupName": "b"}]})),
        (
            200,
            json!({"Username": "u", "UserAttributes": [{"Name": "custom:mark", "Value": "pending/7c7f"}]}),
        ),
        (200, json!({})),
        (200, json!({})),
    ])
    .await;
    assert_eq!(door.groups_of("u").await.unwrap(), ["a", "b"]);
    let mark = door.attribute("u", "custom:mark").await;
    assert_eq!(mark, Ok(Some("pending/7c7f".to_owned())));
    assert_eq!(door.add_to_group("u", "g").await, Ok(Membership::Member));
    let written = door.set_attribute("u", "custom:mark", "done/7c7f").await;
    assert_eq!(written, Ok(()));
    assert_eq!(
        sent(&http),
        [
            (
                "AdminListGroupsForUser".to_owned(),
                json!({"UserPoolId": POOL, "Username": "u", "Limit": 60})
            ),
            (
                "AdminListGroupsForUser".to_owned(),
                json!({"UserPoolId": POOL, "Username": "u", "Limit": 60, "NextToken": "made-up-token"})
            ),
            (
                "AdminGetUser".to_owned(),
                json!({"UserPoolId": POOL, "Username": "u"})
            ),
            (
                "AdminAddUserToGroup".to_owned(),
                json!({"UserPoolId": POOL, "Username": "u", "GroupName": "g"})
            ),
            (
                "AdminUpdateUserAttributes".to_owned(),
                json!({"UserPoolId": POOL, "Username": "u",
                       "UserAttributes": [{"Name": "custom:mark", "Value": "done/7c7f"}]})
            ),
        ]
    );
}

#[tokio::test]
async fn only_a_missing_group_is_passed_over() {
    for (code, expected) in [
        ("ResourceNotFoundException", Some(Membership::NoGroup)),
        ("UserNotFoundException", None),
        ("AccessDeniedException", None),
        ("NotAuthorizedException", None),
    ] {
        let (door, _) = pool(vec![refused(code)]).await;
        assert_eq!(door.add_to_group("u", "g").await.ok(), expected, "{code}");
        let (door, _) = pool(vec![refused(code)]).await;
        assert!(door.attribute("u", "custom:mark").await.is_err(), "{code}");
        let (door, _) = pool(vec![refused(code)]).await;
        assert!(door.set_attribute("u", "a", "b").await.is_err(), "{code}");
        let (door, _) = pool(vec![refused(code)]).await;
        assert!(door.groups_of("u").await.is_err(), "{code}");
    }
}
