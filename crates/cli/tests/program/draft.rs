//! A draft: the files, what leads to none, and the survey of the pool that it plans.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};
use testbed::source_pool::{Client, Operation, POOL_ID, SourcePoolStub, State};

use crate::support::*;

const SECRET: &str = "made-up-secret-of-the-client";

/// A source pool that knows its users by user name.
fn state() -> State {
    let mut state = two_pools(vec![
        user("ana"),
        user("bo").with("email_verified", "false"),
    ]);
    state
        .clients
        .insert(0, Client::new("7secret").with_secret(SECRET));
    state.groups = vec!["editors".to_owned(), "press".to_owned()];
    let email =
        json!({"Name": "email", "AttributeDataType": "String", "Mutable": true, "Required": true});
    state.description.extend([
        ("AutoVerifiedAttributes".to_owned(), json!(["email"])),
        ("SchemaAttributes".to_owned(), json!([email])),
    ]);
    state
}

async fn draft(pool: &SourcePoolStub, out: &Path, options: &[&str]) -> Said {
    let mut program = program(pool);
    program.args(["--rate", "1000", "draft", "--source-pool", POOL_ID, "--out"]);
    said(program.arg(out).args(options)).await
}

/// Fails unless the file holds each of these parts, whatever its blanks and line ends.
#[track_caller]
fn assert_holds(file: &Path, parts: &[&str]) {
    let text = fs::read_to_string(file).expect("the file");
    let words: Vec<_> = text.split_whitespace().collect();
    let words = words.join(" ");
    for part in parts {
        assert!(words.contains(part), "{part}: {text}");
    }
}

/// As DescribeUserPool describes a pool with every setting.
fn every_setting() -> Value {
    json!({
        "Name": "shop %{if}",
        "Policies": {
            "PasswordPolicy": {"MinimumLength": 9, "PasswordHistorySize": 3, "TemporaryPasswordValidityDays": 5},
            "SignInPolicy": {"AllowedFirstAuthFactors": ["WEB_AUTHN", "PASSWORD"]},
        },
        "AutoVerifiedAttributes": ["phone_number", "email"],
        "AccountRecoverySetting": {"RecoveryMechanisms": [
            {"Name": "verified_phone_number", "Priority": 2}, {"Name": "verified_email", "Priority": 1},
        ]},
        "MfaConfiguration": "OPTIONAL", "SmsAuthenticationMessage": "{####}",
        "EmailConfiguration": {
            "EmailSendingAccount": "DEVELOPER", "SourceArn": "s", "From": "f", "ReplyToEmailAddress": "r", "ConfigurationSet": "c",
        },
        "SmsConfiguration": {"SnsCallerArn": "a", "ExternalId": "e", "SnsRegion": "eu-west-1"},
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": true, "InviteMessageTemplate": {"EmailMessage": "m", "EmailSubject": "", "SMSMessage": "t"},
        },
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK", "EmailMessageByLink": "l"},
        "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": false},
        "UserPoolTier": "PLUS",
        "LambdaConfig": {"CustomMessage": "f", "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": "t"}, "PreSignUp": ""},
        "Domain": "shop", "CustomDomain": "id.example.com", "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"},
        "UserPoolTags": {"team": "shop"}, "KeyConfiguration": {},
        "SchemaAttributes": [{"Name": "custom:team", "AttributeDataType": "String", "Mutable": true}],
    })
}

/// The further answers about such a pool.
fn every_answer() -> [(Operation, Value); 10] {
    let client = json!({
        "ClientId": "1", "ClientName": "Größe ${x} \"quoted\"\nline", "ClientSecret": SECRET,
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid", "i/read"],
        "CallbackURLs": ["https://example.com/b", "https://example.com/a"], "LogoutURLs": ["https://example.com/out"],
        "DefaultRedirectURI": "https://example.com/a", "SupportedIdentityProviders": ["COGNITO"],
        "AccessTokenValidity": 5, "RefreshTokenValidity": 9, "TokenValidityUnits": {"AccessToken": "minutes", "RefreshToken": "hours"},
        "ReadAttributes": ["email"], "WriteAttributes": [], "EnableTokenRevocation": true, "AuthSessionValidity": 3,
        "EnablePropagateAdditionalUserContextData": false, "AnalyticsConfiguration": {"ApplicationId": "x"},
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
    });
    let factors = json!({
        "SoftwareTokenMfaConfiguration": {"Enabled": true}, "WebAuthnConfiguration": {},
        "SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "a"}},
        "EmailMfaConfiguration": {"Message": "{####}", "Subject": ""},
    });
    let group =
        json!({"GroupName": "editors", "Description": "d", "Precedence": 3, "RoleArn": "r"});
    let scope = json!({"ScopeName": "read", "ScopeDescription": "d"});
    [
        (Operation::GetUserPoolMfaConfig, factors),
        (
            Operation::ListUserPoolClients,
            json!({"UserPoolClients": [{"ClientId": "1"}], "NextToken": "more"}),
        ),
        (
            Operation::ListUserPoolClients,
            json!({"UserPoolClients": [{"ClientId": "2"}]}),
        ),
        (
            Operation::DescribeUserPoolClient,
            json!({"UserPoolClient": client}),
        ),
        (
            Operation::DescribeUserPoolClient,
            json!({"UserPoolClient": {"ClientId": "2", "ClientName": "bare"}}),
        ),
        (
            Operation::ListGroups,
            json!({"Groups": [group], "NextToken": "more"}),
        ),
        (
            Operation::ListGroups,
            json!({"Groups": [{"GroupName": "press", "Description": ""}]}),
        ),
        (
            Operation::ListResourceServers,
            json!({"ResourceServers": [{"Identifier": "i", "Name": "n", "Scopes": [scope]}]}),
        ),
        (
            Operation::ListIdentityProviders,
            json!({"Providers": [{"ProviderName": "Google"}], "NextToken": "more"}),
        ),
        (
            Operation::ListIdentityProviders,
            json!({"Providers": [{"ProviderName": "Apple"}]}),
        ),
    ]
}

#[tokio::test]
async fn every_setting_of_the_source_pool_is_written_or_noted_and_no_secret() {
    let mut state = two_pools(vec![]);
    let settings = every_setting();
    state
        .description
        .extend(settings.as_object().expect("members").clone());
    let pool = started(state).await;
    for (operation, answer) in every_answer() {
        pool.answer_once(operation, &answer);
    }
    let folder = folder("draft-new");
    let out = folder.join("new pool");
    let modules = ["--sign-in", "email", "--module-source", "../modules"];
    draft(&pool, &out, &modules).await.good();
    // Nothing else is left beside it.
    assert_eq!(names(&folder), BTreeSet::from(["new pool".to_owned()]));
    let files = [
        "NOTES.md",
        "app_clients.tf",
        "destination_pool.tf",
        "groups.tf",
        "migration.tf",
        "planned.json",
        "resource_servers.tf",
        "settings.env",
        "source_client.tf",
    ];
    assert_eq!(names(&out), files.map(str::to_owned).into());
    for name in files {
        let text = fs::read_to_string(out.join(name)).expect("text");
        assert!(!text.contains(SECRET), "{name}");
    }
    assert_holds(
        &out.join("destination_pool.tf"),
        &[
            r#"name = "shop %%{if}-new""#,
            r#"auto_verified_attributes = ["email", "phone_number"]"#,
            r#"mfa_configuration = "OPTIONAL" sms_authentication_message = "{####}" user_pool_tier = "PLUS" username_attributes = ["email"]"#,
            r#"{ recovery_mechanism { name = "verified_email" priority = 1 } recovery_mechanism { name = "verified_phone_number" priority = 2 } }"#,
            r#"{ allow_admin_create_user_only = true invite_message_template { email_message = "m" sms_message = "t" } }"#,
            "{ challenge_required_on_new_device = true device_only_remembered_on_user_prompt = false }",
            r#"{ configuration_set = "c" email_sending_account = "DEVELOPER" from_email_address = "f" reply_to_email_address = "r" source_arn = "s" }"#,
            r#"email_mfa_configuration { message = "{####}" }"#,
            "lifecycle { prevent_destroy = true }",
            "{ minimum_length = 9 password_history_size = 3 require_lowercase = false",
            "temporary_password_validity_days = 5 }",
            r#"schema { name = "team""#,
            r#"allowed_first_auth_factors = ["PASSWORD"]"#,
            r#"sms_configuration { external_id = "e" sns_caller_arn = "a" sns_region = "eu-west-1" }"#,
            "software_token_mfa_configuration { enabled = true }",
            "case_sensitive = false",
            r#"{ default_email_option = "CONFIRM_WITH_LINK" email_message_by_link = "l" }"#,
        ],
    );
    assert_holds(
        &out.join("app_clients.tf"),
        &[
            r#"name = "Größe $${x} \"quoted\"\nline" user_pool_id = aws_cognito_user_pool.new.id allowed_oauth_flows = ["code"]"#,
            r#"allowed_oauth_flows_user_pool_client = true allowed_oauth_scopes = ["i/read", "openid"] auth_session_validity = 3"#,
            r#"callback_urls = ["https://example.com/a", "https://example.com/b"] default_redirect_uri = "https://example.com/a""#,
            "enable_propagate_additional_user_context_data = false enable_token_revocation = true",
            r#"["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"] generate_secret = true"#,
            r#"logout_urls = ["https://example.com/out"] prevent_user_existence_errors = "ENABLED""#,
            r#"supported_identity_providers = ["COGNITO"]"#,
            "access_token_validity = 5 id_token_validity = 60 refresh_token_validity = 9",
            r#"read_attributes = ["custom:legacy_sub", "email"]"#,
            r#"refresh_token_rotation { feature = "ENABLED" retry_grace_period_seconds = 10 }"#,
            r#"{ access_token = "minutes" id_token = "minutes" refresh_token = "hours" }"#,
            "depends_on = [aws_cognito_resource_server.n]",
            r#""bare" { name = "bare" user_pool_id = aws_cognito_user_pool.new.id allowed_oauth_flows_user_pool_client = false explicit"#,
            r#"generate_secret = false prevent_user_existence_errors = "ENABLED" access_token_validity = 60"#,
        ],
    );
    let by_file: [(_, &[_]); 4] = [
        (
            "groups.tf",
            &[
                r#"name = "editors" user_pool_id = aws_cognito_user_pool.new.id description = "d" precedence = 3 }"#,
                r#"name = "press" user_pool_id = aws_cognito_user_pool.new.id }"#,
            ],
        ),
        (
            "resource_servers.tf",
            &[r#"scope { scope_description = "d" scope_name = "read" }"#],
        ),
        (
            "migration.tf",
            &[
                r#"source = "../modules/migration-function""#,
                r#"source = "../modules/monitoring""#,
                r#"src_lookup = "email""#,
                r#"copy_groups = "editors,press""#,
                r#"unverified_contacts = "drop""#,
                r#"attribute_map = { "custom:*" = "custom:*", "sub" = "custom:legacy_sub" }"#,
            ],
        ),
        (
            "NOTES.md",
            &[
                "are not set: CustomMessage, PreTokenGeneration.",
                "The domain stays with the source pool: shop, id.example.com.",
                "Threat protection is AUDIT in the source pool.",
                "The tags are not set: team.",
                "`KeyConfiguration`: Terraform cannot write it.",
                "Passkeys belong to the domain of the source pool",
                "Connect them to the new pool: Google, Apple.",
                r#"App client `Größe ${x} "quoted" line`, `AnalyticsConfiguration`: It sends nothing"#,
                "Group `editors`, `RoleArn`: Its members have the role `r`.",
            ],
        ),
    ];
    for (file, parts) in by_file {
        assert_holds(&out.join(file), parts);
    }
    // No user was read.
    let is_of_users =
        |it: &Operation| it.name().contains("Users") || it.name().starts_with("Admin");
    assert!(!operations(&pool).iter().any(is_of_users));
}

/// The survey takes the folder in the place of the pool.
#[tokio::test]
async fn what_a_pool_leaves_out_is_not_made_up_and_the_planned_pool_is_surveyed() {
    let out = folder("draft-planned").join("draft");
    let pool = started(state()).await;
    draft(&pool, &out, &["--sign-in", "email"]).await.good();
    let destination = fs::read_to_string(out.join("destination_pool.tf")).expect("the file");
    for block in [
        "email_configuration",
        "sms_configuration",
        "verification_message_template",
        "device_configuration",
        "user_pool_tier",
        "software_token_mfa_configuration",
        "email_mfa_configuration",
    ] {
        assert!(!destination.contains(block), "{block}: {destination}");
    }
    let guard = "pre_sign_up = module.migration_function.function_arn";
    assert_holds(&out.join("destination_pool.tf"), &[guard]);
    let survey = [
        "survey",
        "--source-pool",
        POOL_ID,
        "--rate",
        "1000",
        "--format",
        "json",
    ];
    let run = async |options: &[&str]| {
        let mut program = program(&pool);
        program.args(survey).args(["--planned", text(&out)]);
        said(program.args(options)).await
    };
    let found = run(&["--settings", text(&out.join("settings.env"))])
        .await
        .json();
    assert_eq!(found["destination_pool"], Value::Null);
    // Only a verified address is looked up.
    assert_eq!(found["result"], json!({"moves": 1, "stays": 1}), "{found}");
    assert_eq!(run(&["--pool", DESTINATION]).await.status, Some(2));
    let planned = out.join("planned.json");
    for wrong in ["{}", ""] {
        fs::write(&planned, wrong).expect("a file");
        run(&[])
            .await
            .refuses(1, &["is not what `cognito-migration draft` wrote"]);
    }
    fs::remove_file(&planned).expect("a file");
    run(&[])
        .await
        .refuses(1, &["planned.json cannot be read: it does not exist"]);
}

#[tokio::test]
async fn a_pool_that_exists_gets_the_function_and_nothing_else() {
    let mut state = state();
    // No client fits: one is made, and its id is not known yet.
    state.clients.truncate(1);
    let description = &mut state.neighbours[0].description;
    description.insert("UsernameAttributes".to_owned(), json!(["email"]));
    let pool = started(state).await;
    let out = folder("draft-existing").join("draft");
    let said = draft(&pool, &out, &["--pool", DESTINATION, "--format", "json"]).await;
    said.good();
    let files = ["migration.tf", "settings.env", "NOTES.md"];
    assert_eq!(said.json()["files"], json!(files));
    assert_eq!(names(&out), files.map(str::to_owned).into());
    assert_holds(
        &out.join("migration.tf"),
        &[
            "resource \"aws_cognito_user_pool_client\" \"migration_source\"",
            "src_client_id = aws_cognito_user_pool_client.migration_source.id",
            &format!(
                ":cognito-idp:eu-central-1:${{data.aws_caller_identity.current.account_id}}:userpool/{DESTINATION}\""
            ),
            "src_lookup = \"email\"",
        ],
    );
    let settings = out.join("settings.env");
    assert_holds(&settings, &["# SRC_CLIENT_ID="]);
    let written = fs::read_to_string(&settings).expect("the file");
    assert!(!written.contains("MIGRATION_MARK="), "{written}");
    let mut survey = program(&pool);
    survey
        .env_remove("SRC_CLIENT_ID")
        .args(["survey", "--rate", "1000", "--pool", DESTINATION])
        .args(["--settings", text(&settings)]);
    crate::support::said(&mut survey).await.good();
}

#[tokio::test]
async fn another_account_gets_its_own_folder() {
    let out = folder("draft-account").join("draft");
    let mut state = state();
    state.clients.truncate(1);
    let role = "arn:aws:iam::111122223333:role/migration";
    let pool = started(state).await;
    draft(&pool, &out, &["--source-role", role]).await.good();
    let client = BTreeSet::from(["source_client.tf".to_owned()]);
    assert_eq!(names(&out.join("source-account")), client);
    assert_holds(
        &out.join("migration.tf"),
        &[
            "src_client_id = var.src_client_id",
            &format!("src_role_arn = \"{role}\""),
            "src_external_id = \"",
        ],
    );
    let settings = fs::read_to_string(out.join("settings.env")).expect("the file");
    let mut lines = settings.lines();
    let external = lines.find_map(|line| line.strip_prefix("SRC_EXTERNAL_ID="));
    assert_eq!(external.expect("an id").len(), 32);
}

#[tokio::test]
async fn a_draft_that_fails_leaves_no_folder() {
    let folder = folder("draft-bad");
    let out = folder.join("draft");
    let draft_of = async |description: Value, denied: &str, options: &[&str]| {
        let mut state = state();
        state.denied.push(format!("{denied} {POOL_ID}"));
        state
            .description
            .extend(description.as_object().expect("members").clone());
        draft(&started(state).await, &out, options).await
    };
    let with_mfa = || json!({"MfaConfiguration": "ON"});
    for operation in [
        "DescribeUserPool",
        "DescribeUserPoolClient",
        "ListUserPoolClients",
        "ListGroups",
        "ListResourceServers",
        "GetUserPoolMfaConfig",
    ] {
        let said = draft_of(with_mfa(), operation, &[]).await;
        said.refuses(1, &[&format!("not allowed {operation} on the source pool")]);
    }
    let odd = json!({"SchemaAttributes": [{"Name": "custom:odd", "AttributeDataType": "Shape"}]});
    for (description, options, status, sentence) in [
        (
            with_mfa(),
            &[][..],
            1,
            "demands a second factor, and none that Terraform can write is left",
        ),
        (
            odd,
            &[],
            1,
            "Terraform cannot express the attribute custom:odd of the source pool",
        ),
        (
            json!({}),
            &["--sign-in", "phone_number"],
            1,
            "cannot sign in by phone number",
        ),
        (
            json!({}),
            &["--sign-in", "nickname"],
            2,
            "invalid value 'nickname' for '--sign-in <STYLE>'",
        ),
        (
            json!({}),
            &["--source-role", "role"],
            2,
            "SRC_ROLE_ARN must be the ARN of a role",
        ),
        (
            json!({}),
            &["--module-source", "git::https://example.com/a.git"],
            2,
            "--module-source needs %s",
        ),
        (
            json!({}),
            &["--pool", "eu-west-1_Nowhere"],
            1,
            "The destination pool eu-west-1_Nowhere does not exist",
        ),
    ] {
        let said = draft_of(description, "", options).await;
        assert_eq!(said.status, Some(status), "{said:?}");
        assert!(said.stderr.contains(sentence), "{sentence}: {said:?}");
    }
    let pool = started(state()).await;
    let mut program = program(&pool);
    program.args(["draft", "--source-pool", "eu-west-1_Nowhere", "--out"]);
    let said = said(program.arg(&out)).await;
    said.refuses(1, &["The source pool eu-west-1_Nowhere does not exist"]);
    assert_eq!(names(&folder), BTreeSet::new());
}

#[tokio::test]
async fn what_is_only_noted_may_be_denied() {
    let mut state = state();
    for operation in ["ListIdentityProviders", "GetUserPoolMfaConfig"] {
        state.denied.push(format!("{operation} {POOL_ID}"));
    }
    let out = folder("draft-denied").join("draft");
    draft(&started(state).await, &out, &[]).await.good();
    assert_holds(
        &out.join("NOTES.md"),
        &[
            "`IdentityProviders`: They may not be read",
            "`WebAuthnConfiguration`: It may not be read",
        ],
    );
}

#[tokio::test]
async fn an_existing_folder_is_never_written_into() {
    let folder = folder("draft-exists");
    let pool = started(state()).await;
    let [file, nowhere] = ["file", "no/such/draft"].map(|name| folder.join(name));
    fs::write(&file, "mine").expect("a file");
    for (out, sentence) in [
        (&folder, "exists: name another folder, or remove it."),
        (&file, "exists: name another folder, or remove it."),
        (&nowhere, "cannot be written: its folder does not exist."),
    ] {
        draft(&pool, out, &[]).await.refuses(1, &[sentence]);
    }
    assert_eq!(names(&folder), BTreeSet::from(["file".to_owned()]));
    assert_eq!(fs::read_to_string(file).expect("a file"), "mine");
}
