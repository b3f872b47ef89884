//! Tests of the source pool: the exact requests, and the meaning of the answers.

use std::collections::BTreeSet;

use aws_smithy_http_client::test_util::StaticReplayClient;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rules::{
    evidence::{Challenge, Identity, ListedUser, SecondFactor, Standing, UserStatus},
    selection::Selection,
    settings::ClientSecret,
    sign_in_name::SignInName,
};
use serde_json::{Value, json};

use super::*;
use crate::test_support::{
    CLIENT, POOL, ReplayedReply, USER, end, error, ok, password, public, requests, sent, source,
    source_pool, tokens, user,
};

/// A request that the function signs itself.
fn signed(operation: &str, body: Value) -> Value {
    json!([format!("{operation} cognito-idp.eu-west-1 AKIDOWN"), body])
}

/// The object, and more in it.
fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

/// A user as ListUsers shows it.
fn listed(username: &str, enabled: bool, attribute: &str, value: &str) -> Value {
    json!({
        "Username": username, "Enabled": enabled, "UserStatus": "CONFIRMED",
        "Attributes": [{"Name": attribute, "Value": value}, {"Name": "email_verified", "Value": "true"}],
    })
}

#[tokio::test]
async fn a_sign_in_is_one_request_signed_in_the_admin_flow_only() {
    let name = "Zoë Ωmega 🦀";
    let parameters = json!({"USERNAME": name, "PASSWORD": "Made-up-1"});
    let hash = json!(secret_hash("made-up-secret", name, CLIENT));
    for (source, operation, body) in [
        (
            source(),
            "AdminInitiateAuth cognito-idp.eu-west-1 AKIDOWN",
            json!({"UserPoolId": POOL, "ClientId": CLIENT, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}),
        ),
        (
            public(),
            "InitiateAuth cognito-idp.eu-west-1 unsigned",
            json!({"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH"}),
        ),
    ] {
        let member = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let metadata = HashMap::from([("tenant", "t"), ("locale", "de")].map(member));
        let body = with(body, "AuthParameters", parameters.clone());
        let named = |name: &str| Selection::Named(BTreeSet::from([name.to_owned()]));
        for (client_metadata, handed_on) in [
            (Selection::None, None),
            (Selection::All, Some(json!({"tenant": "t", "locale": "de"}))),
            (named("tenant"), Some(json!({"tenant": "t"}))),
            (named("unsent"), None),
        ] {
            let source = Source {
                client_metadata,
                ..source.clone()
            };
            let (pool, http) = source_pool(source, [tokens()]).await;
            let answer = pool.sign_in(name, &password(), &metadata).await;
            assert!(
                matches!(answer, Ok(SignIn::Tokens(tokens)) if tokens.access.expose() == "made-up-token")
            );
            let body = match handed_on {
                Some(metadata) => with(body.clone(), "ClientMetadata", metadata),
                None => body.clone(),
            };
            assert_eq!(sent(&http), json!([[operation, body]]));
        }

        // The hash is over exactly the name that is sent.
        let source = Source {
            client_secret: Some(ClientSecret::Value(Sensitive::new("made-up-secret"))),
            ..source
        };
        let (pool, http) = source_pool(source, [tokens()]).await;
        assert_eq!(
            end(pool.sign_in(name, &password(), &HashMap::new()).await),
            "ok"
        );
        let parameters = with(parameters.clone(), "SECRET_HASH", hash.clone());
        assert_eq!(sent(&http)[0][1]["AuthParameters"], parameters);
    }
}

#[tokio::test]
async fn a_profile_is_read_by_name_or_with_the_users_own_token_alone() {
    let (pool, http) = source_pool(source(), [ok(user())]).await;
    let profile = pool.profile(USER).await.unwrap();
    let expected = |standing| Profile {
        identity: Identity {
            username: "7c7f".to_owned(),
            attributes: vec![
                ("sub".to_owned(), "7c7f".to_owned()),
                ("email".to_owned(), USER.to_owned()),
            ],
        },
        standing,
        second_factor: SecondFactor::None,
    };
    let standing = Standing::Reported {
        enabled: true,
        status: UserStatus::Confirmed,
    };
    assert_eq!(profile, expected(standing));
    let by_name = signed(
        "AdminGetUser",
        json!({"UserPoolId": POOL, "Username": USER}),
    );
    assert_eq!(sent(&http), json!([by_name]));
    let (own, http) = own_profile(ok(user())).await;
    assert_eq!(own.unwrap(), expected(Standing::VouchedByToken));
    assert_eq!(
        sent(&http),
        json!([["GetUser cognito-idp.eu-west-1 unsigned", {"AccessToken": "made-up-token"}]])
    );
}

/// The profile of a sign-in to a client without a secret, from this reply, with the requests.
async fn own_profile(reply: ReplayedReply) -> (Result<Profile, Stop>, StaticReplayClient) {
    let (pool, http) = source_pool(public(), std::iter::repeat_n(reply, 3)).await;
    let tokens = Tokens {
        access: Sensitive::new("made-up-token"),
        id: None,
    };
    (pool.proven_profile(USER, Some(&tokens)).await, http)
}

#[tokio::test]
async fn the_pools_names_are_understood_and_unheard_of_ones_are_other() {
    for (name, expected) in [
        ("SMS_MFA", Challenge::SmsMfa),
        ("INVENTED_IN_2031", Challenge::Other),
    ] {
        for (parameters, named) in [
            (
                json!({"USER_ID_FOR_SRP": "ana", "USERNAME": "other"}),
                Some("ana"),
            ),
            (json!({"USERNAME": "other"}), None),
            (json!(null), None),
        ] {
            let reply = ok(json!({
                "ChallengeName": name, "Session": "made-up-session", "ChallengeParameters": parameters,
            }));
            let (pool, _) = source_pool(source(), [reply]).await;
            let answer = pool.sign_in(USER, &password(), &HashMap::new()).await;
            let Ok(SignIn::Challenge {
                challenge,
                username,
            }) = answer
            else {
                panic!("{answer:?}");
            };
            assert_eq!((challenge, username.as_deref()), (expected, named));
        }
    }
    for (name, expected) in [
        ("ARCHIVED", UserStatus::Archived),
        ("INVENTED_IN_2031", UserStatus::Other),
    ] {
        let body = without(with(user(), "UserStatus", json!(name)), "Enabled");
        let (pool, _) = source_pool(source(), [ok(body)]).await;
        // A user without `Enabled` counts as disabled.
        let standing = Standing::Reported {
            enabled: false,
            status: expected,
        };
        assert_eq!(pool.profile(USER).await.unwrap().standing, standing);
    }
    let text_messages = json!([{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]);
    for (name, factors, [reported, own]) in [
        (
            "UserMFASettingList",
            json!(["SMS_MFA"]),
            [SecondFactor::Sms; 2],
        ),
        (
            "UserMFASettingList",
            json!(["INVENTED"]),
            [SecondFactor::Other; 2],
        ),
        (
            "MFAOptions",
            text_messages,
            [SecondFactor::Sms, SecondFactor::None],
        ),
    ] {
        let reply = ok(with(user(), name, factors));
        let (pool, _) = source_pool(source(), [reply.clone()]).await;
        assert_eq!(pool.profile(USER).await.unwrap().second_factor, reported);
        let (profile, _) = own_profile(reply).await;
        assert_eq!(profile.unwrap().second_factor, own);
    }
}

/// The results of seven calls with the same answer: profile, own profile, list, sub, groups, disable, MFA.
async fn ends(reply: ReplayedReply) -> [String; 7] {
    let (pool, _) = source_pool(source(), std::iter::repeat_n(reply.clone(), 18)).await;
    [
        end(pool.profile(USER).await),
        end(own_profile(reply).await.0),
        end(pool.users_with("email", USER, |_| false).await),
        end(pool.user_of_sub("7c7f").await),
        end(pool.groups_of("7c7f").await),
        end(pool.disable("7c7f").await),
        end(pool.mfa().await),
    ]
}

#[tokio::test]
async fn a_rejection_that_makes_no_sense_to_what_was_asked_is_a_failure() {
    const X: &str = "Broken UnexpectedRefusal";
    const DENIED: &str = "NotAllowed AccessDeniedException";
    const OPERATIONS: [&str; 7] = [
        "AdminGetUser",
        "GetUser",
        "ListUsers",
        "ListUsers",
        "AdminListGroupsForUser",
        "AdminDisableUser",
        "GetUserPoolMfaConfig",
    ];
    for (code, expected) in [
        (
            "UserNotFoundException",
            ["user_not_found", X, X, X, "ok", "ok", X],
        ),
        (
            "InvalidParameterException",
            ["invalid_request", X, "invalid_request", X, X, X, X],
        ),
        ("NotAuthorizedException", [X; 7]),
        ("AccessDeniedException", [DENIED; 7]),
    ] {
        let failed = |(operation, expected): (&str, &str)| match expected {
            X | DENIED => format!("{operation} {expected}"),
            _ => expected.to_owned(),
        };
        let expected: Vec<_> = OPERATIONS.into_iter().zip(expected).map(failed).collect();
        assert_eq!(ends(error(code, "x")).await.to_vec(), expected, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_whole_is_a_failure() {
    let users = |user: Value| json!({"Users": [user]});
    let listed = listed("7c7f", true, "sub", "7c7f");
    for body in [
        json!({}),
        without(user(), "Username"),
        with(user(), "Username", json!("")),
        without(user(), "UserAttributes"),
        with(user(), "UserAttributes", json!([])),
        with(user(), "UserAttributes", json!({})),
        users(json!({})),
        users(without(listed.clone(), "Username")),
        users(with(listed.clone(), "Username", json!(""))),
        users(without(listed.clone(), "UserStatus")),
        users(without(listed, "Attributes")),
        json!({"Groups": [{"GroupName": "a"}, {}]}),
    ] {
        let ends = ends(ok(body.clone())).await;
        for end in &ends[..5] {
            assert!(end.ends_with(" Busy UnreadableAnswer"), "{end} of {body}");
        }
    }
    // Only administrators see a status.
    let [profile, own, ..] = ends(ok(without(user(), "UserStatus"))).await;
    assert!(profile.ends_with(" Busy UnreadableAnswer"), "{profile}");
    assert_eq!(own, "ok");
}

#[tokio::test]
async fn users_are_listed_page_by_page_with_a_filter_that_cannot_be_left() {
    let replies = [
        ok(json!({"Users": [], "PaginationToken": "made-up"})),
        ok(json!({"Users": [listed("7c7f", true, "email", USER)]})),
    ];
    let (pool, http) = source_pool(source(), replies).await;
    assert_eq!(
        pool.users_with("email", "a\"\\@example.com", |_| false)
            .await,
        Ok(Listed {
            users: vec![ListedUser {
                identity: Identity {
                    username: "7c7f".to_owned(),
                    attributes: vec![
                        ("email".to_owned(), USER.to_owned()),
                        ("email_verified".to_owned(), "true".to_owned()),
                    ],
                },
                enabled: true,
                status: UserStatus::Confirmed,
                last_modified: None,
            }],
            more: false,
        })
    );
    let first =
        json!({"UserPoolId": POOL, "Filter": r#"email = "a\"\\@example.com""#, "Limit": 60});
    let second = with(first.clone(), "PaginationToken", json!("made-up"));
    assert_eq!(
        sent(&http),
        json!([signed("ListUsers", first), signed("ListUsers", second)])
    );
}

#[tokio::test]
async fn groups_are_read_to_the_last_page_and_a_user_is_disabled_once() {
    let replies = [
        ok(json!({"Groups": [{"GroupName": "a"}, {"GroupName": "b"}], "NextToken": "made-up"})),
        ok(json!({"Groups": [{"GroupName": "c"}]})),
        ok(json!({})),
        error("UserNotFoundException", "x"),
    ];
    let (pool, http) = source_pool(source(), replies).await;
    assert_eq!(pool.groups_of("7c7f").await.unwrap(), ["a", "b", "c"]);
    assert_eq!(pool.disable("7c7f").await, Ok(()));
    let user = json!({"UserPoolId": POOL, "Username": "7c7f"});
    let first = with(user.clone(), "Limit", json!(60));
    let second = with(first.clone(), "NextToken", json!("made-up"));
    assert_eq!(
        sent(&http),
        json!([
            signed("AdminListGroupsForUser", first),
            signed("AdminListGroupsForUser", second),
            signed("AdminDisableUser", user),
        ])
    );
    // A deleted user is in no group.
    assert_eq!(pool.groups_of("7c7f").await, Ok(vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_sub_is_compared_to_the_letter() {
    let page = |sub: &str| json!({"Users": [listed("ana", true, "sub", sub)]});
    let endless = |sub: &str| vec![ok(with(page(sub), "PaginationToken", json!("made-up"))); 10];
    let no_user = || ok(json!({"Users": []}));
    let gone = || error("UserNotFoundException", "User does not exist.");
    let found = |sub: &str| {
        let attributes = json!([{"Name": "sub", "Value": sub}]);
        ok(with(user(), "UserAttributes", attributes))
    };
    const MISMATCH: &str = "AdminGetUser Broken IdentityMismatch";
    const SOME: &str = r#"Some("7c7f")"#;
    // The list says which name it is. It lags behind: only AdminGetUser knows that a user is gone.
    for (replies, name, expected, asked) in [
        (vec![ok(page("7c7f")), found("7c7f")], "ana", SOME, 2),
        (vec![ok(page("7c7f")), gone()], "ana", "None", 2),
        (vec![ok(page("7C7F")), gone()], "7c7f", "None", 2),
        (vec![no_user(), gone()], "7c7f", "None", 2),
        (vec![no_user(), found("7c7f")], "7c7f", SOME, 2),
        // A user whose name is another user's sub, or was another user's name, is not that user.
        (vec![no_user(), found("7C7F")], "7c7f", MISMATCH, 2),
        (vec![ok(page("7c7f")), found("7C7F")], "ana", MISMATCH, 2),
        (
            vec![no_user(), error("AccessDeniedException", "no")],
            "7c7f",
            "AdminGetUser NotAllowed AccessDeniedException",
            2,
        ),
        (
            [&endless("7c7f")[..1], &[found("7c7f")]].concat(),
            "ana",
            SOME,
            2,
        ),
        (
            [&endless("7C7F")[..], &[gone()]].concat(),
            "7c7f",
            "None",
            11,
        ),
    ] {
        let (pool, http) = source_pool(source(), replies).await;
        let found = match pool.user_of_sub("7c7f").await {
            Ok(found) => format!("{:?}", found.map(|user| user.identity.username)),
            stopped => end(stopped),
        };
        assert_eq!(found, expected);
        let sent = sent(&http);
        assert_eq!(sent[0][1]["Filter"], r#"sub = "7c7f""#);
        assert_eq!(sent[asked - 1][1]["Username"], name);
        assert_eq!(requests(&http), asked);
    }
}

/// ListUsers lags behind: it can show a user as enabled who was shut out a moment ago.
#[tokio::test]
async fn the_list_does_not_say_whether_a_user_is_enabled() {
    for (is_listed, enabled) in [(true, false), (false, true)] {
        let page = json!({"Users": [listed("7c7f", is_listed, "sub", "7c7f")]});
        let attributes = json!([{"Name": "sub", "Value": "7c7f"}]);
        let profile = with(
            with(user(), "UserAttributes", attributes),
            "Enabled",
            json!(enabled),
        );
        let (pool, _) = source_pool(source(), [ok(page), ok(profile)]).await;
        let found = pool.user_of_sub("7c7f").await.unwrap().unwrap();
        let status = UserStatus::Confirmed;
        assert_eq!(found.standing, Standing::Reported { enabled, status });
    }
}

#[tokio::test]
async fn a_typed_name_means_one_enabled_user_or_is_rejected() {
    const EMAIL: Option<SignInName> = Some(SignInName::Email);
    const TYPED: &str = "Ana@example.com";
    let user = |value: &str, enabled| listed("7c7f", enabled, "email", value);
    let (ana, disabled) = (user(TYPED, true), user(TYPED, false));
    for (lookup, typed, replies, expected, asked) in [
        (None, TYPED, [json!([]), json!([])], TYPED, 0),
        (EMAIL, "ana", [json!([]), json!([])], "ana", 0),
        (EMAIL, TYPED, [json!([ana]), json!([])], "7c7f", 1),
        (
            EMAIL,
            TYPED,
            [json!([]), json!([user(USER, true)])],
            "7c7f",
            2,
        ),
        (EMAIL, TYPED, [json!([]), json!([])], "user_not_found", 2),
        // A name in lower case means every case, and one question is enough.
        (EMAIL, USER, [json!([ana]), json!([])], "7c7f", 1),
        (
            EMAIL,
            USER,
            [json!([ana, user(USER, true)]), json!([])],
            "ambiguous_user",
            1,
        ),
        (
            EMAIL,
            TYPED,
            [json!([ana, ana]), json!([])],
            "ambiguous_user",
            1,
        ),
        (
            EMAIL,
            TYPED,
            [json!([disabled]), json!([])],
            "user_disabled",
            1,
        ),
    ] {
        let source = Source { lookup, ..source() };
        let replies = replies.map(|users| ok(json!({"Users": users})));
        let (pool, http) = source_pool(source, replies).await;
        let meant = match pool.username_of(typed).await {
            Ok(name) => name.into_owned(),
            stopped => end(stopped),
        };
        assert_eq!((meant.as_str(), requests(&http)), (expected, asked));
    }
}

/// The call that reads the profile after a proven password.
#[tokio::test]
async fn a_proven_profile_comes_from_where_the_settings_say() {
    let id_token = |client: &str| {
        let claims = json!({
            "sub": "7c7f", "aud": client, "token_use": "id", "cognito:username": "7c7f", "email": USER,
            "iss": format!("https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"),
        });
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        Some(Sensitive::new(format!("e30.{claims}.c2ln")))
    };
    let tokens = |id| {
        Some(Tokens {
            access: Sensitive::new("made-up-token"),
            id,
        })
    };
    let from_token = |source| Source {
        profile: ProfileFrom::IdToken,
        ..source
    };
    let (admin, own) = (&["AdminGetUser"][..], &["GetUser"][..]);
    for (source, tokens, asked) in [
        (source(), tokens(None), admin),
        (public(), tokens(None), own),
        (source(), None, admin),
        (public(), None, admin),
        (from_token(source()), None, admin),
        (from_token(source()), tokens(id_token(CLIENT)), &[]),
        (from_token(public()), tokens(id_token(CLIENT)), &[]),
    ] {
        let (pool, http) = source_pool(source, [ok(user())]).await;
        let profile = pool.proven_profile(USER, tokens.as_ref()).await.unwrap();
        assert_eq!(
            (profile.identity.username.as_str(), profile.identity.sub()),
            ("7c7f", Some("7c7f"))
        );
        let sent = sent(&http);
        let names = sent.as_array().unwrap().iter();
        let names: Vec<_> = names
            .map(|call| call[0].as_str().unwrap().split(' ').next().unwrap())
            .collect();
        assert_eq!(names, asked);
    }
    for id in [
        None,
        id_token("another"),
        Some(Sensitive::new("made-up-token")),
    ] {
        let (pool, http) = source_pool(from_token(source()), [ok(user())]).await;
        let failed = end(pool.proven_profile(USER, tokens(id).as_ref()).await);
        assert_eq!(failed, "profile Broken UnusableIdToken");
        assert_eq!(requests(&http), 0);
    }
    let (pool, _) = source_pool(source(), [error("UserNotFoundException", "x")]).await;
    let failed = end(pool.proven_profile(USER, None).await);
    assert_eq!(failed, "AdminGetUser Broken ProfileMissing");
}

#[tokio::test(start_paused = true)]
async fn the_mfa_setting_is_asked_for_until_it_is_known_and_again_after_five_minutes() {
    let denied = || error("AccessDeniedException", "x");
    let setting = |mfa: &str| ok(json!({"MfaConfiguration": mfa}));
    let replies = [denied(), setting("ON"), denied(), setting("OPTIONAL")];
    let (pool, http) = source_pool(source(), replies).await;
    assert!(pool.mfa().await.is_err());
    let (one, other) = tokio::join!(pool.mfa(), pool.mfa());
    assert_eq!((one, other), (Ok(PoolMfa::On), Ok(PoolMfa::On)));
    tokio::time::advance(Duration::from_secs(299)).await;
    assert_eq!(pool.mfa().await, Ok(PoolMfa::On));
    tokio::time::advance(Duration::from_secs(2)).await;
    // An old answer is not believed for want of a new one.
    assert!(pool.mfa().await.is_err());
    assert_eq!(pool.mfa().await, Ok(PoolMfa::Optional));
    let request = "GetUserPoolMfaConfig cognito-idp.eu-west-1 AKIDOWN";
    let asked = json!([request, {"UserPoolId": POOL}]);
    assert_eq!(sent(&http), json!([asked, asked, asked, asked]));
}

#[tokio::test(start_paused = true)]
async fn an_mfa_setting_that_is_none_is_a_failure() {
    for answer in [
        json!({}),
        json!({"MfaConfiguration": "SOMETIMES"}),
        json!({"MfaConfiguration": ""}),
    ] {
        let (pool, _) = source_pool(source(), std::iter::repeat_n(ok(answer), 3)).await;
        let failed = end(pool.mfa().await);
        assert_eq!(failed, "GetUserPoolMfaConfig Busy UnreadableAnswer");
    }
}
