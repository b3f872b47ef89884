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

/// The source pool of these settings with these answers.
type Replayed = (Arc<SourcePool>, StaticReplayClient);

/// The pool that [`source`] names, with these answers.
async fn replayed(replies: impl IntoIterator<Item = ReplayedReply>) -> Replayed {
    source_pool(source(), replies).await
}

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

/// [`user`] with this `sub` alone.
fn user_of(sub: &str) -> Value {
    with(
        user(),
        "UserAttributes",
        json!([{"Name": "sub", "Value": sub}]),
    )
}

fn identity(username: &str, attributes: [(&str, &str); 2]) -> Identity {
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Identity {
        username: username.to_owned(),
        attributes: attributes.to_vec(),
    }
}

fn reported(enabled: bool, status: UserStatus) -> Standing {
    Standing::Reported { enabled, status }
}

#[tokio::test]
async fn a_sign_in_is_one_request_signed_in_the_admin_flow_only() {
    let name = "Zoë Ωmega 🦀";
    let member = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let metadata = HashMap::from([("tenant", "t"), ("locale", "de")].map(member));
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
        let parameters = json!({"USERNAME": name, "PASSWORD": "Made-up-1"});
        let plain = with(body.clone(), "AuthParameters", parameters.clone());
        // The hash is over exactly the name that is sent.
        let parameters = with(parameters, "SECRET_HASH", hash.clone());
        let full = with(body, "AuthParameters", parameters);
        let full = with(full, "ClientMetadata", json!({"tenant": "t"}));
        let tenant = Selection::Named(BTreeSet::from(["tenant".to_owned()]));
        let secret = ClientSecret::Value(Sensitive::new("made-up-secret"));
        for (client_metadata, client_secret, body) in
            [(Selection::None, None, plain), (tenant, Some(secret), full)]
        {
            let source = Source {
                client_metadata,
                client_secret,
                ..source.clone()
            };
            let (pool, http) = source_pool(source, [tokens()]).await;
            let answer = pool.sign_in(name, &password(), &metadata).await;
            let Ok(SignIn::Tokens(tokens)) = answer else {
                panic!("{answer:?}");
            };
            assert_eq!(tokens.access.expose(), "made-up-token");
            assert_eq!(sent(&http), json!([[operation, body]]));
        }
    }
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
    const UNHEARD_OF: &str = "INVENTED_IN_2031";
    let both = json!({"USER_ID_FOR_SRP": "ana", "USERNAME": "other"});
    for (name, parameters, expected, named) in [
        ("SMS_MFA", both, Challenge::SmsMfa, Some("ana")),
        ("SMS_MFA", Value::Null, Challenge::SmsMfa, None),
        ("", Value::Null, Challenge::Other, None),
        (UNHEARD_OF, json!({"USERNAME": "x"}), Challenge::Other, None),
    ] {
        let reply = json!({
            "ChallengeName": name, "Session": "made-up-session", "ChallengeParameters": parameters,
        });
        let (pool, _) = replayed([ok(reply)]).await;
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
    let archived = ("ARCHIVED", UserStatus::Archived);
    for (name, expected) in [archived, (UNHEARD_OF, UserStatus::Other)] {
        let body = without(with(user(), "UserStatus", json!(name)), "Enabled");
        let (pool, _) = replayed([ok(body)]).await;
        // A user without `Enabled` counts as disabled.
        let standing = pool.profile(USER).await.unwrap().standing;
        assert_eq!(standing, reported(false, expected));
    }
    use SecondFactor::{None as NoFactor, Other, Sms};
    const LIST: &str = "UserMFASettingList";
    let text_messages = json!([{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]);
    for (name, factors, as_reported, own) in [
        (LIST, json!(["SMS_MFA"]), Sms, Sms),
        (LIST, json!(["NEW"]), Other, Other),
        ("MFAOptions", text_messages, Sms, NoFactor),
    ] {
        let reply = ok(with(user(), name, factors));
        let (pool, _) = replayed([reply.clone()]).await;
        let profile = pool.profile(USER).await.unwrap();
        assert_eq!(profile.second_factor, as_reported);
        let (profile, _) = own_profile(reply).await;
        assert_eq!(profile.unwrap().second_factor, own);
    }
}

/// The results of seven calls with the same answer: profile, own profile, list, sub, groups, disable, MFA.
async fn ends(reply: ReplayedReply) -> [String; 7] {
    let (pool, _) = replayed(std::iter::repeat_n(reply.clone(), 18)).await;
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
    const OPERATIONS: &str = "AdminGetUser GetUser ListUsers ListUsers AdminListGroupsForUser \
                              AdminDisableUser GetUserPoolMfaConfig";
    for (code, ended) in [
        ("UserNotFoundException", "user_not_found x x x ok ok x"),
        (
            "InvalidParameterException",
            "invalid_request x invalid_request x x x x",
        ),
        ("NotAuthorizedException", "x x x x x x x"),
        (
            "AccessDeniedException",
            "denied denied denied denied denied denied denied",
        ),
    ] {
        let pairs = OPERATIONS.split(' ').zip(ended.split(' '));
        let expected = pairs.map(|(operation, end)| match end {
            "x" => format!("{operation} Broken UnexpectedRefusal"),
            "denied" => format!("{operation} NotAllowed AccessDeniedException"),
            end => end.to_owned(),
        });
        let expected: Vec<_> = expected.collect();
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
    for body in [
        without(user(), "UserStatus"),
        with(user(), "UserStatus", json!([])),
        with(user(), "Enabled", json!("true")),
    ] {
        let [profile, own, ..] = ends(ok(body)).await;
        assert!(profile.ends_with(" Busy UnreadableAnswer"), "{profile}");
        assert_eq!(own, "ok");
    }
    for setting in ["SOMETIMES", ""] {
        let ends = ends(ok(json!({"MfaConfiguration": setting}))).await;
        assert_eq!(ends[6], "GetUserPoolMfaConfig Busy UnreadableAnswer");
    }
}

#[tokio::test]
async fn lists_are_read_to_the_last_page_with_a_filter_that_cannot_be_left() {
    let replies = [
        ok(json!({"Users": [], "PaginationToken": "made-up"})),
        ok(json!({"Users": [listed("7c7f", true, "email", USER)]})),
        ok(json!({"Groups": [{"GroupName": "a"}, {"GroupName": "b"}], "NextToken": "made-up"})),
        ok(json!({"Groups": [{"GroupName": "c"}]})),
        ok(json!({})),
        error("UserNotFoundException", "x"),
    ];
    let (pool, http) = replayed(replies).await;
    let ana = ListedUser {
        identity: identity("7c7f", [("email", USER), ("email_verified", "true")]),
        enabled: true,
        status: UserStatus::Confirmed,
        last_modified: None,
    };
    let users = pool.users_with("email", "a\"\\@example.com", |_| false);
    let expected = Listed {
        users: vec![ana],
        more: false,
    };
    assert_eq!(users.await, Ok(expected));
    assert_eq!(pool.groups_of("7c7f").await.unwrap(), ["a", "b", "c"]);
    assert_eq!(pool.disable("7c7f").await, Ok(()));
    // A deleted user is in no group.
    assert_eq!(pool.groups_of("7c7f").await, Ok(vec![]));
    let filter = r#"email = "a\"\\@example.com""#;
    let users = json!({"UserPoolId": POOL, "Filter": filter, "Limit": 60});
    let user = json!({"UserPoolId": POOL, "Username": "7c7f"});
    let groups = with(user.clone(), "Limit", json!(60));
    let next = |first: &Value, token| with(first.clone(), token, json!("made-up"));
    let expected = json!([
        signed("ListUsers", users.clone()),
        signed("ListUsers", next(&users, "PaginationToken")),
        signed("AdminListGroupsForUser", groups.clone()),
        signed("AdminListGroupsForUser", next(&groups, "NextToken")),
        signed("AdminDisableUser", user),
        signed("AdminListGroupsForUser", groups),
    ]);
    assert_eq!(sent(&http), expected);
}

#[tokio::test(start_paused = true)]
async fn a_sub_is_compared_to_the_letter() {
    let page = |sub: &str| json!({"Users": [listed("ana", true, "sub", sub)]});
    let endless = |sub: &str| ok(with(page(sub), "PaginationToken", json!("made-up")));
    let other_users = vec![endless("7C7F"); 10];
    let listed = |sub: &str| ok(page(sub));
    let no_user = || ok(json!({"Users": []}));
    let gone = || error("UserNotFoundException", "User does not exist.");
    let denied = || error("AccessDeniedException", "no");
    let found = |sub: &str| ok(with(user_of(sub), "Enabled", json!(false)));
    const DENIED: &str = "AdminGetUser NotAllowed AccessDeniedException";
    const MISMATCH: &str = "AdminGetUser Broken IdentityMismatch";
    const SOME: &str = r#"Some("7c7f")"#;
    // The list says which name it is. It lags behind: only AdminGetUser knows that a user is gone, or was shut out.
    for (replies, name, expected) in [
        (vec![listed("7c7f"), found("7c7f")], "ana", SOME),
        (vec![listed("7c7f"), gone()], "ana", "None"),
        (vec![listed("7C7F"), gone()], "7c7f", "None"),
        (vec![no_user(), gone()], "7c7f", "None"),
        (vec![no_user(), found("7c7f")], "7c7f", SOME),
        // A user whose name is another user's sub, or was another user's name, is not that user.
        (vec![no_user(), found("7C7F")], "7c7f", MISMATCH),
        (vec![listed("7c7f"), found("7C7F")], "ana", MISMATCH),
        (vec![no_user(), denied()], "7c7f", DENIED),
        (vec![endless("7c7f"), found("7c7f")], "ana", SOME),
        ([other_users, vec![gone()]].concat(), "7c7f", "None"),
    ] {
        let asked = replies.len();
        let (pool, http) = replayed(replies).await;
        let found = match pool.user_of_sub("7c7f").await {
            Ok(Some(user)) => {
                assert_eq!(user.standing, reported(false, UserStatus::Confirmed));
                format!("Some({:?})", user.identity.username)
            }
            Ok(None) => "None".to_owned(),
            stopped => end(stopped),
        };
        assert_eq!(found, expected);
        let sent = sent(&http);
        assert_eq!(sent[0][1]["Filter"], r#"sub = "7c7f""#);
        assert_eq!(sent[asked - 1][1]["Username"], name);
        assert_eq!(requests(&http), asked);
    }
}

#[tokio::test]
async fn a_typed_name_means_one_enabled_user_or_is_rejected() {
    const TYPED: &str = "Ana@example.com";
    const SEVERAL: &str = "ambiguous_user";
    let user = |value: &str, enabled| listed("7c7f", enabled, "email", value);
    let (ana, lower, disabled) = (user(TYPED, true), user(USER, true), user(TYPED, false));
    let other = user("ANA@example.com", true);
    let more = |users: Value| json!({"Users": users, "PaginationToken": "made-up"});
    let none = || [json!([]), json!([])];
    let first = |users: Value| [users, json!([])];
    let second = |users: Value| [json!([]), users];
    let email = Some(SignInName::Email);
    let hidden = [more(json!([other, other])), json!([ana])];
    let twice = [more(json!([ana])), json!([ana])];
    for (lookup, typed, users, expected, asked) in [
        (None, TYPED, none(), TYPED, 0),
        (email, "ana", none(), "ana", 0),
        (email, TYPED, first(json!([ana])), "7c7f", 1),
        (email, TYPED, second(json!([lower])), "7c7f", 2),
        (email, TYPED, none(), "user_not_found", 2),
        // A name in lower case means every case, and one question is enough.
        (email, USER, first(json!([ana])), "7c7f", 1),
        (email, USER, first(json!([ana, lower])), SEVERAL, 1),
        (email, TYPED, first(json!([ana, ana])), SEVERAL, 1),
        // Other users on a page hide no owner on a later page.
        (email, TYPED, hidden, "7c7f", 2),
        (email, TYPED, twice, SEVERAL, 2),
        (email, TYPED, first(json!([disabled])), "user_disabled", 1),
    ] {
        let source = Source { lookup, ..source() };
        let page = |users: Value| match users.is_array() {
            true => json!({"Users": users}),
            false => users,
        };
        let replies = users.map(|users| ok(page(users)));
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
        let access = Sensitive::new("made-up-token");
        Some(Tokens { access, id })
    };
    let from_token = |source| Source {
        profile: ProfileFrom::IdToken,
        ..source
    };
    let by_name = signed(
        "AdminGetUser",
        json!({"UserPoolId": POOL, "Username": USER}),
    );
    let own_request = "GetUser cognito-idp.eu-west-1 unsigned";
    let by_token = json!([own_request, {"AccessToken": "made-up-token"}]);
    let (admin, own) = (json!([by_name]), json!([by_token]));
    for (source, tokens, asked) in [
        (source(), tokens(None), &admin),
        (public(), tokens(None), &own),
        (source(), None, &admin),
        (public(), None, &admin),
        (from_token(source()), None, &admin),
        (from_token(source()), tokens(id_token(CLIENT)), &json!([])),
        (from_token(public()), tokens(id_token(CLIENT)), &json!([])),
    ] {
        let (pool, http) = source_pool(source, [ok(user())]).await;
        let profile = pool.proven_profile(USER, tokens.as_ref()).await;
        let expected = Profile {
            identity: identity("7c7f", [("sub", "7c7f"), ("email", USER)]),
            // Only administrators see a status.
            standing: match *asked == admin {
                true => reported(true, UserStatus::Confirmed),
                false => Standing::VouchedByToken,
            },
            second_factor: SecondFactor::None,
        };
        assert_eq!(profile, Ok(expected));
        assert_eq!(sent(&http), *asked);
    }
    for id in [None, id_token("another")] {
        let (pool, http) = source_pool(from_token(source()), [ok(user())]).await;
        let failed = end(pool.proven_profile(USER, tokens(id).as_ref()).await);
        assert_eq!(failed, "profile Broken UnusableIdToken");
        assert_eq!(requests(&http), 0);
    }
    let (pool, _) = replayed([error("UserNotFoundException", "x")]).await;
    let failed = end(pool.proven_profile(USER, None).await);
    assert_eq!(failed, "AdminGetUser Broken ProfileMissing");
}

#[tokio::test(start_paused = true)]
async fn the_mfa_setting_is_asked_for_until_it_is_known_and_again_after_five_minutes() {
    let denied = || error("AccessDeniedException", "x");
    let setting = |mfa: &str| ok(json!({"MfaConfiguration": mfa}));
    let replies = [denied(), setting("ON"), denied(), setting("OPTIONAL")];
    let (pool, http) = replayed(replies).await;
    assert!(pool.mfa().await.is_err());
    let (one, other) = tokio::join!(pool.mfa(), pool.mfa());
    assert_eq!((one, other), (Ok(PoolMfa::On), Ok(PoolMfa::On)));
    tokio::time::advance(Duration::from_secs(299)).await;
    assert_eq!(pool.mfa().await, Ok(PoolMfa::On));
    tokio::time::advance(Duration::from_secs(2)).await;
    // An old answer is not believed for want of a new one.
    assert!(pool.mfa().await.is_err());
    assert_eq!(pool.mfa().await, Ok(PoolMfa::Optional));
    let asked = signed("GetUserPoolMfaConfig", json!({"UserPoolId": POOL}));
    assert_eq!(sent(&http), json!([asked, asked, asked, asked]));
}
