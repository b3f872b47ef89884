use std::sync::Arc;

use serde_json::{Value, json};

use insight::draft::{Rotation, Validity};

use super::*;
use pools::UserPool;

use crate::aws::{
    test_support::{CannedReply, POOL, answers, aws, ok, sent},
    wait::Pace,
};

async fn pool(replies: impl IntoIterator<Item = CannedReply>) -> OperatorsPool {
    let pool = UserPool::new(&aws(answers(replies)).await, POOL, "eu-west-1", None);
    OperatorsPool::new(pool, Arc::new(Pace::per_second(1000)))
}

async fn described(answer: Value) -> DraftedPool {
    let pool = pool([ok(json!({"UserPool": answer}))]).await;
    pool.drafted().await.unwrap().0
}

#[tokio::test]
async fn a_pool_is_read_with_all_that_can_be_written() {
    let answer = json!({
        "Name": "shop",
        "Policies": {
            "PasswordPolicy": {"MinimumLength": 9, "PasswordHistorySize": 3, "TemporaryPasswordValidityDays": 5},
            "SignInPolicy": {"AllowedFirstAuthFactors": ["WEB_AUTHN", "PASSWORD"]},
        },
        "AutoVerifiedAttributes": ["phone_number", "email"],
        "AccountRecoverySetting": {"RecoveryMechanisms": [
            {"Name": "verified_phone_number", "Priority": 2}, {"Name": "verified_email", "Priority": 1},
        ]},
        "MfaConfiguration": "OPTIONAL",
        "SmsAuthenticationMessage": "{####}",
        "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": "s", "From": "f", "ReplyToEmailAddress": "r", "ConfigurationSet": "c"},
        "SmsConfiguration": {"SnsCallerArn": "a", "ExternalId": "e", "SnsRegion": "eu-west-1"},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true, "InviteMessageTemplate": {"EmailMessage": "m", "EmailSubject": "", "SMSMessage": "t"}},
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK", "EmailMessageByLink": "l"},
        "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": false},
        "UserPoolTier": "PLUS",
        "LambdaConfig": {"CustomMessage": "f", "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": "t"}, "PreSignUp": ""},
        "Domain": "shop", "CustomDomain": "id.example.com",
        "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"},
        "UserPoolTags": {"team": "shop"},
        "KeyConfiguration": {},
    });
    let pool = described(answer).await;
    let text = |text: &str| Some(text.to_owned());
    let blueprint = &pool.blueprint;
    assert_eq!(blueprint.name, "shop");
    let passwords = blueprint.passwords;
    let found = (
        passwords.policy.minimum_length,
        passwords.history,
        passwords.temporary_days,
    );
    assert_eq!(found, (9, Some(3), Some(5)));
    assert_eq!(blueprint.first_factors, ["PASSWORD", "WEB_AUTHN"]);
    assert_eq!(blueprint.auto_verified, ["email", "phone_number"]);
    let mechanisms: Vec<_> = blueprint.recovery_mechanisms().collect();
    assert_eq!(
        mechanisms,
        [("verified_email", 1), ("verified_phone_number", 2)]
    );
    assert_eq!(blueprint.mfa.sms_message, text("{####}"));
    let email = EmailSettings {
        account: text("DEVELOPER"),
        source_arn: text("s"),
        from: text("f"),
        reply_to: text("r"),
        configuration_set: text("c"),
    };
    assert_eq!(blueprint.email, Some(email));
    let sms = SmsSettings {
        caller_arn: "a".to_owned(),
        external_id: text("e"),
        region: text("eu-west-1"),
    };
    assert_eq!(blueprint.sms, Some(sms));
    let invitation = Invitation {
        email_message: text("m"),
        email_subject: None,
        sms_message: text("t"),
    };
    assert_eq!(
        blueprint.sign_up,
        SignUp {
            only_by_admins: true,
            invitation: Some(invitation)
        }
    );
    let verification = VerificationMessages {
        email_option: text("CONFIRM_WITH_LINK"),
        email_message_by_link: text("l"),
        ..VerificationMessages::default()
    };
    assert_eq!(blueprint.verification, Some(verification));
    assert_eq!(
        blueprint.devices,
        Some(Devices {
            challenge_new: true,
            only_on_prompt: false
        })
    );
    assert_eq!(blueprint.tier, text("PLUS"));
    let left_behind = LeftBehind {
        triggers: vec!["CustomMessage".to_owned(), "PreTokenGeneration".to_owned()],
        domain: text("shop"),
        custom_domain: text("id.example.com"),
        threat_protection: text("AUDIT"),
        tags: vec!["team".to_owned()],
        unwritable: vec!["KeyConfiguration"],
        identity_providers: None,
        passkeys: false,
    };
    assert_eq!(pool.left_behind, left_behind);
}

#[tokio::test]
async fn what_a_pool_leaves_out_is_not_made_up() {
    for answer in [
        json!({}),
        json!({"LambdaConfig": {}, "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}, "Domain": "", "UserPoolTags": {}}),
    ] {
        let pool = described(answer).await;
        assert_eq!(pool.left_behind, LeftBehind::default());
        let blueprint = pool.blueprint;
        assert_eq!(
            (blueprint.email, blueprint.sms, blueprint.verification),
            (None, None, None)
        );
        assert_eq!((blueprint.devices, blueprint.tier), (None, None));
        assert_eq!(blueprint.passwords, PasswordRules::default());
    }
}

#[tokio::test]
async fn second_factors_and_passkeys_are_read() {
    let none = Factors {
        software_token: false,
        sms: false,
        email: None,
        passkeys: false,
    };
    for (answer, expected) in [
        (json!({}), none.clone()),
        (
            json!({"SoftwareTokenMfaConfiguration": {"Enabled": true}, "WebAuthnConfiguration": {}}),
            Factors {
                software_token: true,
                passkeys: true,
                ..none.clone()
            },
        ),
        (
            json!({
                "SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "a"}},
                "EmailMfaConfiguration": {"Message": "{####}", "Subject": ""},
            }),
            Factors {
                sms: true,
                email: Some(EmailMfa {
                    message: Some("{####}".to_owned()),
                    subject: None,
                }),
                ..none.clone()
            },
        ),
        (
            json!({"SoftwareTokenMfaConfiguration": {"Enabled": false}, "SmsMfaConfiguration": {}}),
            none.clone(),
        ),
    ] {
        assert_eq!(pool([ok(answer)]).await.factors().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn clients_are_read_to_the_end_and_no_secret_is_kept_for_the_draft() {
    let full = json!({
        "ClientId": "1", "ClientName": "web", "ClientSecret": "hunter2",
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"], "AllowedOAuthFlowsUserPoolClient": true,
        "CallbackURLs": ["https://example.com/b", "https://example.com/a"], "LogoutURLs": ["https://example.com/out"],
        "DefaultRedirectURI": "https://example.com/a", "SupportedIdentityProviders": ["COGNITO"],
        "AccessTokenValidity": 5, "RefreshTokenValidity": 9, "TokenValidityUnits": {"AccessToken": "minutes", "RefreshToken": "days"},
        "ReadAttributes": ["email"], "WriteAttributes": [], "EnableTokenRevocation": true, "AuthSessionValidity": 3,
        "EnablePropagateAdditionalUserContextData": false,
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
        "AnalyticsConfiguration": {"ApplicationId": "x"},
    });
    let pool = pool([
        ok(json!({"UserPoolClients": [{"ClientId": "1"}], "NextToken": "more"})),
        ok(json!({"UserPoolClients": [{"ClientId": "2"}]})),
        ok(json!({"UserPoolClient": full})),
        ok(json!({"UserPoolClient": {"ClientId": "2", "ClientName": "bare"}})),
    ])
    .await;
    let clients = pool.drafted_clients().await.unwrap();
    let texts = |texts: &[&str]| {
        texts
            .iter()
            .map(|&text| text.to_owned())
            .collect::<Vec<_>>()
    };
    let validity = |number, unit: Option<&str>| Validity {
        number,
        unit: unit.map(str::to_owned),
    };
    let [(judged, web), (_, bare)] = clients.as_slice() else {
        panic!("{clients:?}")
    };
    assert!(!format!("{clients:?}").contains("hunter2"));
    assert_eq!((judged.id.as_str(), judged.secret.is_some()), ("1", true));
    let expected = ClientBlueprint {
        name: "web".to_owned(),
        has_secret: true,
        auth_flows: texts(&["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]),
        oauth_flows: texts(&["code"]),
        oauth_scopes: texts(&["openid"]),
        uses_oauth: true,
        callback_urls: texts(&["https://example.com/a", "https://example.com/b"]),
        logout_urls: texts(&["https://example.com/out"]),
        default_redirect_uri: Some("https://example.com/a".to_owned()),
        providers: texts(&["COGNITO"]),
        access_token: validity(Some(5), Some("minutes")),
        id_token: validity(None, None),
        refresh_token: validity(Some(9), Some("days")),
        readable: Some(texts(&["email"])),
        writable: None,
        revokes_tokens: Some(true),
        propagates_context: Some(false),
        session_minutes: Some(3),
        rotation: Some(Rotation {
            is_on: true,
            grace_seconds: Some(10),
        }),
        analytics: true,
    };
    assert_eq!(*web, expected);
    let bare_one = ClientBlueprint {
        name: "bare".to_owned(),
        ..ClientBlueprint::default()
    };
    assert_eq!(*bare, bare_one);
}

#[tokio::test]
async fn lists_are_read_to_the_end() {
    let http = answers([
        ok(
            json!({"Groups": [{"GroupName": "a", "Description": "d", "Precedence": 3, "RoleArn": "r"}], "NextToken": "more"}),
        ),
        ok(json!({"Groups": [{"GroupName": "b", "Description": ""}]})),
        ok(
            json!({"ResourceServers": [{"Identifier": "i", "Name": "n", "Scopes": [{"ScopeName": "read", "ScopeDescription": "d"}]}]}),
        ),
        ok(json!({"Providers": [{"ProviderName": "Google"}], "NextToken": "more"})),
        ok(json!({"Providers": [{"ProviderName": "Apple"}]})),
    ]);
    let pool = UserPool::new(&aws(http.clone()).await, POOL, "eu-west-1", None);
    let pool = OperatorsPool::new(pool, Arc::new(Pace::per_second(1000)));
    let groups = pool.drafted_groups().await.unwrap();
    let first = GroupBlueprint {
        name: "a".to_owned(),
        description: Some("d".to_owned()),
        precedence: Some(3),
        role_arn: Some("r".to_owned()),
    };
    let second = GroupBlueprint {
        name: "b".to_owned(),
        ..GroupBlueprint::default()
    };
    assert_eq!(groups, [first, second]);
    let server = ResourceServer {
        identifier: "i".to_owned(),
        name: "n".to_owned(),
        scopes: vec![("read".to_owned(), "d".to_owned())],
    };
    assert_eq!(pool.resource_servers().await.unwrap(), [server]);
    assert_eq!(
        pool.identity_providers().await.unwrap(),
        ["Google", "Apple"]
    );
    let asked: Vec<_> = sent(&http)
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each[1]["NextToken"].clone())
        .collect();
    assert_eq!(
        asked,
        [
            json!(null),
            json!("more"),
            json!(null),
            json!(null),
            json!("more")
        ]
    );
}
