//! A draft: the files, what leads to none, and the survey of the pool that it plans.

use std::{fs, path::Path};

use serde_json::{Value, json};
use testbed::source_pool::{Client, Operation, POOL_ID, SourcePoolStub, State};

use crate::support::*;

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
    let members =
        json!({"AutoVerifiedAttributes": ["email"], "SchemaAttributes": texts(&["email"])});
    describe_source(&mut state, members);
    state
}

/// Drafts into the folder `draft` of this one.
async fn draft(pool: &SourcePoolStub, folder: &Path, options: &str) -> Said {
    let line = format!("draft --source-pool {POOL_ID} --out FOLDER/draft {options}");
    said(program(pool).args(words(&line, folder))).await
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

/// As DescribeUserPool describes a pool with what the emulated account of `make test-drafts` does not know, or does not give
/// back.
fn settings_of_the_pool() -> Value {
    json!({
        "Name": "shop %{if}",
        "Policies": {
            "PasswordPolicy": {"MinimumLength": 9, "PasswordHistorySize": 3},
            "SignInPolicy": {"AllowedFirstAuthFactors": ["WEB_AUTHN", "PASSWORD"]},
        },
        "AutoVerifiedAttributes": ["phone_number", "email"], "MfaConfiguration": "OPTIONAL", "SmsAuthenticationMessage": "{####}",
        "AccountRecoverySetting": {"RecoveryMechanisms": [
            {"Name": "verified_phone_number", "Priority": 2}, {"Name": "verified_email", "Priority": 1},
        ]},
        "EmailConfiguration": {
            "EmailSendingAccount": "DEVELOPER", "SourceArn": "s", "From": "f", "ReplyToEmailAddress": "r", "ConfigurationSet": "c",
        },
        "SmsConfiguration": {"SnsCallerArn": "a", "ExternalId": "e", "SnsRegion": "eu-west-1"},
        "LambdaConfig": {"CustomMessage": "f", "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": "t"}, "PreSignUp": ""},
        "Domain": "shop", "CustomDomain": "id.example.com", "KeyConfiguration": {},
        "SchemaAttributes": [{"Name": "custom:team", "AttributeDataType": "String", "Mutable": true}],
    })
}

/// Lets the pool answer as one with such settings. Each list of two comes in two pages.
fn answer_with_settings(pool: &SourcePoolStub) {
    use Operation::{
        DescribeUserPoolClient, GetUserPoolMfaConfig, ListGroups, ListIdentityProviders,
        ListResourceServers, ListUserPoolClients,
    };
    let client = json!({
        "ClientId": "1", "ClientName": "Größe ${x} \"quoted\"\nline", "ClientSecret": SECRET,
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid", "i/read"],
        "CallbackURLs": ["https://example.com/b", "https://example.com/a"], "ReadAttributes": ["email"], "WriteAttributes": [],
        "EnablePropagateAdditionalUserContextData": false, "AnalyticsConfiguration": {"ApplicationId": "x"},
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
    });
    let factors = json!({
        "SoftwareTokenMfaConfiguration": {"Enabled": true}, "WebAuthnConfiguration": {},
        "SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "a"}},
        "EmailMfaConfiguration": {"Message": "{####}", "Subject": ""},
    });
    let clients = json!([{"ClientId": "1"}, {"ClientId": "2"}]);
    let groups = json!([{"GroupName": "editors", "RoleArn": "r"}, {"GroupName": "press", "Description": ""}]);
    let scope = json!({"ScopeName": "read", "ScopeDescription": "d"});
    let servers = json!([{"Identifier": "i", "Name": "n", "Scopes": [scope]}]);
    let providers = json!([{"ProviderName": "Google"}, {"ProviderName": "Apple"}]);
    for (operation, list, items) in [
        (ListUserPoolClients, "UserPoolClients", clients),
        (ListGroups, "Groups", groups),
        (ListResourceServers, "ResourceServers", servers),
        (ListIdentityProviders, "Providers", providers),
    ] {
        let items = items.as_array().expect("a list");
        for (number, item) in items.iter().enumerate() {
            let next = (number + 1 < items.len()).then_some("more");
            pool.answer_once(operation, &json!({list: [item], "NextToken": next}));
        }
    }
    pool.answer_once(GetUserPoolMfaConfig, &factors);
    for client in [client, json!({"ClientId": "2", "ClientName": "bare"})] {
        pool.answer_once(DescribeUserPoolClient, &json!({"UserPoolClient": client}));
    }
}

/// Parts of the files of such a draft.
const WRITTEN: [&str; 32] = [
    r#"destination_pool.tf → name = "shop %%{if}-new""#,
    r#"destination_pool.tf → auto_verified_attributes = ["email", "phone_number"]"#,
    r#"destination_pool.tf → { recovery_mechanism { name = "verified_email" priority = 1 } recovery_mechanism { name = "verified_phone_number" priority = 2 } }"#,
    r#"destination_pool.tf → { configuration_set = "c" email_sending_account = "DEVELOPER" from_email_address = "f" reply_to_email_address = "r" source_arn = "s" }"#,
    r#"destination_pool.tf → email_mfa_configuration { message = "{####}" }"#,
    r#"destination_pool.tf → mfa_configuration = "OPTIONAL" sms_authentication_message = "{####}""#,
    "destination_pool.tf → software_token_mfa_configuration { enabled = true }",
    "destination_pool.tf → lifecycle { prevent_destroy = true }",
    "destination_pool.tf → { minimum_length = 9 password_history_size = 3 require_lowercase = false",
    r#"destination_pool.tf → allowed_first_auth_factors = ["PASSWORD"]"#,
    r#"app_clients.tf → name = "Größe $${x} \"quoted\"\nline" user_pool_id = aws_cognito_user_pool.new.id allowed_oauth_flows = ["code"]"#,
    r#"app_clients.tf → callback_urls = ["https://example.com/a", "https://example.com/b"]"#,
    "app_clients.tf → enable_propagate_additional_user_context_data = false",
    r#"app_clients.tf → ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"] generate_secret = true"#,
    r#"app_clients.tf → read_attributes = ["custom:legacy_sub", "email"]"#,
    r#"app_clients.tf → refresh_token_rotation { feature = "ENABLED" retry_grace_period_seconds = 10 }"#,
    "app_clients.tf → depends_on = [aws_cognito_resource_server.n]",
    r#"app_clients.tf → "bare" { name = "bare" user_pool_id = aws_cognito_user_pool.new.id allowed_oauth_flows_user_pool_client = false explicit"#,
    r#"app_clients.tf → generate_secret = false prevent_user_existence_errors = "ENABLED" access_token_validity = 60"#,
    r#"groups.tf → name = "press" user_pool_id = aws_cognito_user_pool.new.id }"#,
    r#"migration.tf → source = "../modules/migration-function""#,
    r#"migration.tf → source = "../modules/monitoring""#,
    "migration.tf → src_client_id = aws_cognito_user_pool_client.migration_source.id",
    r#"migration.tf → copy_groups = "editors,press""#,
    r#"migration.tf → attribute_map = { "custom:*" = "custom:*", "sub" = "custom:legacy_sub" }"#,
    "NOTES.md → are not set: CustomMessage, PreTokenGeneration.",
    "NOTES.md → The domain stays with the source pool: shop, id.example.com.",
    "NOTES.md → `KeyConfiguration`: Terraform cannot write it.",
    "NOTES.md → Passkeys belong to the domain of the source pool",
    "NOTES.md → Connect them to the new pool: Google, Apple.",
    r#"NOTES.md → App client `Größe ${x} "quoted" line`, `AnalyticsConfiguration`: It sends nothing"#,
    "NOTES.md → Group `editors`, `RoleArn`: Its members have the role `r`.",
];

/// `make test-drafts` proves it of every other setting, with Terraform.
#[tokio::test]
async fn every_setting_of_the_source_pool_is_written_or_noted_and_no_secret() {
    let mut state = two_pools(vec![]);
    describe_source(&mut state, settings_of_the_pool());
    let pool = started(state).await;
    answer_with_settings(&pool);
    let folder = folder("new draft");
    let out = folder.join("draft");
    let options = "--sign-in email --module-source ../modules";
    draft(&pool, &folder, options).await.good();
    // Nothing else is left beside it.
    assert_eq!(names(&folder), "draft");
    let files = "NOTES.md app_clients.tf destination_pool.tf groups.tf migration.tf planned.json resource_servers.tf settings.env source_client.tf";
    assert_eq!(names(&out), files);
    for name in files.split(' ') {
        let text = fs::read_to_string(out.join(name)).expect("text");
        assert!(!text.contains(SECRET), "{name}");
    }
    for row in WRITTEN {
        let (file, part) = row.split_once(" → ").expect("an arrow");
        assert_holds(&out.join(file), &[part]);
    }
    // The second page is the one that follows the first.
    for operation in [
        Operation::ListUserPoolClients,
        Operation::ListGroups,
        Operation::ListIdentityProviders,
    ] {
        let pages = pool.received_of(operation);
        let tokens: Vec<_> = pages.iter().map(|page| &page.body["NextToken"]).collect();
        assert_eq!(tokens, [&Value::Null, &json!("more")], "{operation}");
    }
}

/// The survey takes the folder in the place of the pool.
#[tokio::test]
async fn what_a_pool_leaves_out_is_not_made_up_and_the_planned_pool_is_surveyed() {
    let folder = folder("draft-planned");
    let out = folder.join("draft");
    let mut state = state();
    let empty = json!({"LambdaConfig": {}, "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}, "Domain": "", "UserPoolTags": {}});
    describe_source(&mut state, empty);
    let pool = started(state).await;
    draft(&pool, &folder, "--sign-in email").await.good();
    let notes = fs::read_to_string(out.join("NOTES.md")).expect("the file");
    for part in ["are not set", "domain", "Threat"] {
        assert!(!notes.contains(part), "{part}: {notes}");
    }
    let destination = fs::read_to_string(out.join("destination_pool.tf")).expect("the file");
    let blocks = "email_configuration sms_configuration verification_message_template device_configuration user_pool_tier \
                  software_token_mfa_configuration email_mfa_configuration";
    for block in blocks.split_whitespace() {
        assert!(!destination.contains(block), "{block}: {destination}");
    }
    let guard = "pre_sign_up = module.migration_function.function_arn";
    assert_holds(&out.join("destination_pool.tf"), &[guard]);
    let survey = format!("survey --source-pool {POOL_ID} --planned FOLDER/draft");
    let line = format!("{survey} --settings FOLDER/draft/settings.env --format json");
    let found = said(program(&pool).args(words(&line, &folder))).await;
    let found = found.json();
    assert_eq!(found["destination_pool"], Value::Null);
    // Only a verified address is looked up.
    assert_eq!(found["result"], json!({"moves": 1, "stays": 1}), "{found}");
    let planned = out.join("planned.json");
    for wrong in ["{}", ""] {
        fs::write(&planned, wrong).expect("a file");
        let row = format!("{survey} → 1: is not what `cognito-migration draft` wrote");
        assert_refused(&pool, &folder, &[&row]).await;
    }
    fs::remove_file(&planned).expect("a file");
    let row = format!("{survey} → 1: planned.json cannot be read: it does not exist");
    assert_refused(&pool, &folder, &[&row]).await;
}

#[tokio::test]
async fn a_pool_that_exists_gets_the_function_only_and_another_account_its_own_folder() {
    let mut state = state();
    // No client fits: one is made, and its id is not known yet.
    state.clients.truncate(1);
    describe_destination(&mut state, json!({"UsernameAttributes": ["email"]}));
    let pool = started(state).await;
    let folder = folder("draft-existing");
    let out = folder.join("draft");
    let role = "arn:aws:iam::111122223333:role/migration";
    let options = format!("--pool {DESTINATION} --source-role {role} --format json");
    let said = draft(&pool, &folder, &options).await;
    said.good();
    let mut files: Vec<String> =
        serde_json::from_value(said.json()["files"].take()).expect("names");
    files.sort();
    let source = "source-account/source_client.tf";
    assert_eq!(files, ["NOTES.md", "migration.tf", "settings.env", source]);
    assert_eq!(
        names(&out),
        "NOTES.md migration.tf settings.env source-account"
    );
    assert_eq!(names(&out.join("source-account")), "source_client.tf");
    let parts = [
        ":cognito-idp:eu-central-1:${data.aws_caller_identity.current.account_id}:userpool/eu-central-1_NewPool\"",
        "src_client_id = var.src_client_id",
        &format!("src_role_arn = \"{role}\""),
        "src_external_id = \"",
        "src_lookup = \"email\"",
    ];
    assert_holds(&out.join("migration.tf"), &parts);
    let settings = fs::read_to_string(out.join("settings.env")).expect("the file");
    assert!(settings.contains("\n# SRC_CLIENT_ID="), "{settings}");
    assert!(!settings.contains("MIGRATION_MARK="), "{settings}");
    let mut lines = settings.lines();
    let external = lines.find_map(|line| line.strip_prefix("SRC_EXTERNAL_ID="));
    assert_eq!(external.expect("an id").len(), 32);
}

#[tokio::test]
async fn a_draft_that_fails_leaves_no_folder_and_what_is_only_noted_may_be_denied() {
    let folder = folder("draft-bad");
    let mut state = state();
    describe_source(&mut state, json!({"MfaConfiguration": "ON"}));
    let pool = started(state).await;
    let needed = "DescribeUserPool DescribeUserPoolClient ListUserPoolClients ListGroups ListResourceServers \
                  GetUserPoolMfaConfig";
    for operation in needed.split_whitespace() {
        pool.change(|state| state.denied = vec![format!("{operation} {POOL_ID}")]);
        let sentence = format!("not allowed {operation} on the source pool");
        draft(&pool, &folder, "").await.refuses(1, &[&sentence]);
    }
    pool.change(|state| state.denied = vec![format!("ListIdentityProviders {POOL_ID}")]);
    // A factor that is switched off is none.
    let off =
        json!({"SoftwareTokenMfaConfiguration": {"Enabled": false}, "SmsMfaConfiguration": {}});
    pool.answer_once(Operation::GetUserPoolMfaConfig, &off);
    let no_factor = "demands a second factor, and none that Terraform can write is left";
    draft(&pool, &folder, "").await.refuses(1, &[no_factor]);
    let odd = json!({"Name": "custom:odd", "AttributeDataType": "Shape"});
    let odd = json!({"MfaConfiguration": "OFF", "SchemaAttributes": [odd]});
    pool.change(|state| describe_source(state, odd));
    let no_type = "Terraform cannot express the attribute custom:odd of the source pool";
    draft(&pool, &folder, "").await.refuses(1, &[no_type]);
    assert_eq!(names(&folder), "");
    pool.change(|state| {
        state.denied.push(format!("GetUserPoolMfaConfig {POOL_ID}"));
        describe_source(state, json!({"SchemaAttributes": []}));
    });
    draft(&pool, &folder, "").await.good();
    let denied = [
        "`IdentityProviders`: They may not be read",
        "`WebAuthnConfiguration`: It may not be read",
    ];
    assert_holds(&folder.join("draft/NOTES.md"), &denied);
}
