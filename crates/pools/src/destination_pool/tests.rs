//! Tests of the destination pool: the exact requests, and the meaning of the answers.

use serde_json::{Value, json};

use crate::test_support::{destination_pool, end, error, ok, sent};

#[tokio::test]
async fn every_call_is_signed_with_our_own_key_and_goes_to_the_pools_region() {
    let (pool, http) = destination_pool([
        ok(json!({"Groups": [{"GroupName": "a"}], "NextToken": "made-up"})),
        ok(json!({"Groups": [{"GroupName": "b"}]})),
        ok(json!({
            "Username": "u", "UserStatus": "CONFIRMED",
            "UserAttributes": [{"Name": "custom:mark", "Value": "pending/7c7f"}],
        })),
        ok(json!({})),
        ok(json!({})),
    ])
    .await;
    assert_eq!(pool.groups_of("u").await.unwrap(), ["a", "b"]);
    let user = pool.user("u").await.unwrap();
    assert_eq!(user.username, "u");
    let mark = ("custom:mark".to_owned(), "pending/7c7f".to_owned());
    assert_eq!(user.attributes, [mark]);
    assert_eq!(pool.add_to_group("u", "g").await, Ok(true));
    let set = pool.set_attribute("u", "custom:mark", "done/7c7f").await;
    assert_eq!(set, Ok(()));
    let request = |operation: &str, more: &[(&str, Value)]| {
        let mut body = json!({"UserPoolId": "eu-central-1_New01", "Username": "u"});
        for (name, value) in more {
            body[name] = value.clone();
        }
        let line = format!("{operation} cognito-idp.eu-central-1 AKIDOWN");
        json!([line, body])
    };
    let limit = || ("Limit", json!(60));
    let next = ("NextToken", json!("made-up"));
    let done = json!([{"Name": "custom:mark", "Value": "done/7c7f"}]);
    assert_eq!(
        sent(&http),
        json!([
            request("AdminListGroupsForUser", &[limit()]),
            request("AdminListGroupsForUser", &[limit(), next]),
            request("AdminGetUser", &[]),
            request("AdminAddUserToGroup", &[("GroupName", json!("g"))]),
            request("AdminUpdateUserAttributes", &[("UserAttributes", done)]),
        ])
    );
}

#[tokio::test]
async fn only_a_deleted_user_is_rejected_and_only_a_missing_group_is_passed_over() {
    let expected = |operation: &str, code: &str| match code {
        "UserNotFoundException" => "user_not_found".to_owned(),
        "AccessDeniedException" => format!("{operation} NotAllowed AccessDeniedException"),
        "ResourceNotFoundException" => format!("{operation} NotFound ResourceNotFoundException"),
        _ => format!("{operation} Broken UnexpectedRefusal"),
    };
    for code in [
        "AccessDeniedException",
        "NotAuthorizedException",
        "ResourceNotFoundException",
        "UserNotFoundException",
    ] {
        let (pool, _) = destination_pool(std::iter::repeat_n(error(code, "x"), 4)).await;
        let added = pool.add_to_group("u", "g").await;
        match code {
            "ResourceNotFoundException" => assert_eq!(added, Ok(false)),
            _ => assert_eq!(end(added), expected("AdminAddUserToGroup", code)),
        }
        assert_eq!(
            [
                end(pool.user("u").await),
                end(pool.groups_of("u").await),
                end(pool.set_attribute("u", "a", "b").await),
            ],
            [
                "AdminGetUser",
                "AdminListGroupsForUser",
                "AdminUpdateUserAttributes"
            ]
            .map(|operation| expected(operation, code))
        );
    }
}
