//! Calls that only a preflight and an operator make: the descriptions of a user pool and of its app clients, in the types of
//! [`rules`], and the state of credentials and secret.

use aws_credential_types::provider::{ProvideCredentials as _, error::CredentialsError};
use aws_sdk_cognitoidentityprovider::operation::{
    describe_user_pool::DescribeUserPoolOutput,
    describe_user_pool_client::DescribeUserPoolClientOutput,
};
use aws_sdk_cognitoidentityprovider::types::{
    DeletionProtectionType, ExplicitAuthFlowsType, LambdaConfigType, PasswordPolicyType,
    PreventUserExistenceErrorTypes, RecoveryOptionNameType, RecoveryOptionType,
    SchemaAttributeType, UserPoolClientType, UserPoolType,
};
use rules::{
    checks::Answer,
    evidence::PoolMfa,
    outcome::Stop,
    password::PasswordPolicy,
    pool::{AppClient, DataType, Recovery, SchemaAttribute, Triggers, UserPoolDescription},
    sensitive::Sensitive,
};

use crate::{
    classify,
    source_pool::SourcePool,
    user_pool::{UserPool, pool_mfa},
};

/// The life of a temporary password in days, where the pool does not say.
const TEMPORARY_PASSWORD_DAYS: u16 = 7;

impl UserPool {
    /// `DescribeUserPool`: the settings of the pool.
    pub async fn description(&self) -> Result<UserPoolDescription, Stop> {
        let call = || {
            let call = self.client.describe_user_pool();
            call.user_pool_id(&self.id).send()
        };
        let read = |answer: DescribeUserPoolOutput| answer.user_pool.map(user_pool);
        self.signed("DescribeUserPool", call, read).await
    }

    /// `DescribeUserPoolClient`: the settings of an app client.
    pub async fn app_client(&self, id: &str) -> Result<AppClient, Stop> {
        let call = || {
            let call = self.client.describe_user_pool_client();
            call.user_pool_id(&self.id).client_id(id).send()
        };
        let read = |answer: DescribeUserPoolClientOutput| answer.user_pool_client.map(app_client);
        self.signed("DescribeUserPoolClient", call, read).await
    }
}

impl SourcePool {
    /// Makes sure of the credentials: those of the role, if there is one, else the function's own.
    pub async fn credentials(&self) -> Answer<()> {
        const OPERATION: &str = "credentials";
        if self.pool.role.is_some() {
            let assumed = self.pool.assume_role().await;
            return assumed.map_err(|stop| stop.failure(OPERATION));
        }
        let own = self.aws.shared().credentials_provider();
        let own = own.ok_or_else(|| CredentialsError::not_loaded("no provider is set up"));
        let loaded = async { own?.provide_credentials().await };
        let loaded = loaded.await.map(drop);
        loaded.map_err(|error| classify::no_credentials(OPERATION, &error))
    }

    /// The app client's secret, as sign-ins use it; `None` where none is set.
    pub async fn client_secret(&self) -> Answer<Option<Sensitive>> {
        let secret = self.secret.current().await?;
        Ok(secret.map(|secret| Sensitive::clone(&secret)))
    }
}

/// A pool's settings.
pub fn user_pool(pool: UserPoolType) -> UserPoolDescription {
    let lambdas = pool.lambda_config.map(triggers);
    let passwords = pool.policies.and_then(|policies| policies.password_policy);
    let recovery = pool.account_recovery_setting;
    let recovery = recovery.and_then(|setting| setting.recovery_mechanisms);
    let updates = pool.user_attribute_update_settings;
    let updates = updates.and_then(|updates| updates.attributes_require_verification_before_update);
    let schema = pool.schema_attributes.unwrap_or_default();
    // A pool that lacks a setting was made before the setting existed.
    UserPoolDescription {
        users: u64::try_from(pool.estimated_number_of_users).unwrap_or_default(),
        triggers: lambdas.unwrap_or_default(),
        alias_attributes: names(pool.alias_attributes),
        username_attributes: names(pool.username_attributes),
        case_sensitive: (pool.username_configuration).is_none_or(|names| names.case_sensitive),
        mfa: (pool.mfa_configuration.as_ref().and_then(pool_mfa)).unwrap_or(PoolMfa::Off),
        temporary_password_days: passwords
            .as_ref()
            .and_then(|policy| u16::try_from(policy.temporary_password_validity_days).ok())
            .filter(|days| *days > 0)
            .unwrap_or(TEMPORARY_PASSWORD_DAYS),
        passwords: passwords.map(password_policy).unwrap_or_default(),
        recovery: recovery.iter().flatten().map(recovered_by).collect(),
        verified_before_update: names(updates),
        deletion_protected: pool.deletion_protection == Some(DeletionProtectionType::Active),
        sends_sms: (pool.sms_configuration).is_some_and(|sms| !sms.sns_caller_arn.is_empty()),
        schema: schema.into_iter().filter_map(schema_attribute).collect(),
    }
}

fn triggers(lambdas: LambdaConfigType) -> Triggers {
    let token = lambdas.pre_token_generation_config;
    let token = token.map(|configured| configured.lambda_arn);
    let challenges = [
        lambdas.define_auth_challenge,
        lambdas.create_auth_challenge,
        lambdas.verify_auth_challenge_response,
    ];
    Triggers {
        user_migration: set(lambdas.user_migration),
        pre_token_generation: set(lambdas.pre_token_generation).or(set(token)),
        pre_sign_up: set(lambdas.pre_sign_up),
        post_authentication: set(lambdas.post_authentication),
        pre_authentication: set(lambdas.pre_authentication),
        custom_challenge: challenges.into_iter().find_map(set),
    }
}

fn password_policy(policy: PasswordPolicyType) -> PasswordPolicy {
    let length = policy.minimum_length.unwrap_or_default();
    PasswordPolicy {
        minimum_length: usize::try_from(length).unwrap_or_default(),
        require_lowercase: policy.require_lowercase,
        require_uppercase: policy.require_uppercase,
        require_numbers: policy.require_numbers,
        require_symbols: policy.require_symbols,
    }
}

fn recovered_by(way: &RecoveryOptionType) -> Recovery {
    match way.name {
        RecoveryOptionNameType::VerifiedEmail => Recovery::VerifiedEmail,
        RecoveryOptionNameType::VerifiedPhoneNumber => Recovery::VerifiedPhoneNumber,
        _ => Recovery::AdminOnly,
    }
}

/// The names of a list that may be missing.
fn names<T: AsRef<str>>(list: Option<Vec<T>>) -> Vec<String> {
    let names = list.iter().flatten();
    names.map(|name| name.as_ref().to_owned()).collect()
}

/// A text, unless it is empty.
fn set(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn schema_attribute(attribute: SchemaAttributeType) -> Option<SchemaAttribute> {
    let text = attribute.string_attribute_constraints;
    let number = attribute.number_attribute_constraints;
    let text = text.map(|text| (text.min_length, text.max_length));
    let number = number.map(|number| (number.min_value, number.max_value));
    let (minimum, maximum) = text.or(number).unwrap_or_default();
    let limit = |text: Option<String>| text.and_then(|text| text.parse().ok());
    let kind = attribute.attribute_data_type;
    Some(SchemaAttribute {
        name: attribute.name?,
        required: attribute.required.unwrap_or_default(),
        mutable: attribute.mutable.unwrap_or(true),
        data_type: kind
            .and_then(|kind| kind.as_str().parse().ok())
            .unwrap_or(DataType::Other),
        minimum: limit(minimum),
        maximum: limit(maximum),
    })
}

/// The settings of an app client.
pub fn app_client(client: UserPoolClientType) -> AppClient {
    let flows = client.explicit_auth_flows.unwrap_or_default();
    // Cognito treats empty and absent alike.
    let listed = |names: Option<Vec<String>>| names.filter(|names| !names.is_empty());
    let hides = Some(PreventUserExistenceErrorTypes::Enabled);
    AppClient {
        admin_password_flow: flows.contains(&ExplicitAuthFlowsType::AllowAdminUserPasswordAuth)
            || flows.contains(&ExplicitAuthFlowsType::AdminNoSrpAuth),
        user_password_flow: flows.contains(&ExplicitAuthFlowsType::AllowUserPasswordAuth)
            || flows.contains(&ExplicitAuthFlowsType::UserPasswordAuth),
        prevents_user_existence_errors: client.prevent_user_existence_errors == hides,
        id: client.client_id.unwrap_or_default(),
        name: client.client_name.unwrap_or_default(),
        secret: set(client.client_secret).map(Sensitive::new),
        readable: listed(client.read_attributes),
        writable: listed(client.write_attributes),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::test_support::{
        CLIENT, HOUR, POOL, credentials, end, ok, sent, source, source_pool, sts_error, under_role,
    };

    async fn described(pool: Value) -> UserPoolDescription {
        let (pool, http) = source_pool(source(), [ok(json!({"UserPool": pool}))]).await;
        let description = pool.pool.description().await.unwrap();
        assert_eq!(
            sent(&http),
            json!([["DescribeUserPool cognito-idp.eu-west-1 AKIDOWN", {"UserPoolId": POOL}]])
        );
        description
    }

    #[tokio::test]
    async fn a_pool_is_described_in_our_own_words() {
        let answer = json!({
            "EstimatedNumberOfUsers": 4711,
            "LambdaConfig": {"UserMigration": "f", "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": "t"}, "PreSignUp": "g", "PostAuthentication": "h", "PreAuthentication": "i", "VerifyAuthChallengeResponse": "j"},
            "AliasAttributes": ["email", "preferred_username"],
            "UsernameAttributes": ["phone_number"],
            "UsernameConfiguration": {"CaseSensitive": false},
            "MfaConfiguration": "OPTIONAL",
            "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email", "phone_number"]},
            "DeletionProtection": "ACTIVE",
            "Policies": {"PasswordPolicy": {
                "MinimumLength": 9, "RequireLowercase": true, "RequireUppercase": false, "RequireNumbers": true,
                "RequireSymbols": true, "TemporaryPasswordValidityDays": 5,
            }},
            "AccountRecoverySetting": {"RecoveryMechanisms": [
                {"Name": "verified_phone_number", "Priority": 1},
                {"Name": "verified_email", "Priority": 2},
                {"Name": "admin_only", "Priority": 3},
            ]},
            "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::111122223333:role/sms"},
            "SchemaAttributes": [
                {"Name": "email", "AttributeDataType": "String", "Required": true,
                 "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"}},
                {"Name": "custom:age", "AttributeDataType": "Number", "Required": false,
                 "NumberAttributeConstraints": {"MinValue": "-5", "MaxValue": "150"}},
                {"Name": "email_verified", "AttributeDataType": "Boolean"},
                {"Name": "custom:any", "AttributeDataType": "String", "Mutable": false,
                 "StringAttributeConstraints": {}},
                {"AttributeDataType": "String"},
            ],
        });
        let attribute = |name: &str, data_type, minimum, maximum| SchemaAttribute {
            name: name.to_owned(),
            required: name == "email",
            mutable: name != "custom:any",
            data_type,
            minimum,
            maximum,
        };
        assert_eq!(
            described(answer).await,
            UserPoolDescription {
                users: 4711,
                triggers: Triggers {
                    user_migration: Some("f".to_owned()),
                    pre_token_generation: Some("t".to_owned()),
                    pre_sign_up: Some("g".to_owned()),
                    post_authentication: Some("h".to_owned()),
                    pre_authentication: Some("i".to_owned()),
                    custom_challenge: Some("j".to_owned()),
                },
                schema: vec![
                    attribute("email", DataType::String, Some(0), Some(2048)),
                    attribute("custom:age", DataType::Number, Some(-5), Some(150)),
                    attribute("email_verified", DataType::Boolean, None, None),
                    attribute("custom:any", DataType::String, None, None),
                ],
                alias_attributes: vec!["email".to_owned(), "preferred_username".to_owned()],
                username_attributes: vec!["phone_number".to_owned()],
                case_sensitive: false,
                mfa: PoolMfa::Optional,
                passwords: PasswordPolicy {
                    minimum_length: 9,
                    require_lowercase: true,
                    require_uppercase: false,
                    require_numbers: true,
                    require_symbols: true,
                },
                recovery: vec![
                    Recovery::VerifiedPhoneNumber,
                    Recovery::VerifiedEmail,
                    Recovery::AdminOnly,
                ],
                verified_before_update: vec!["email".to_owned(), "phone_number".to_owned()],
                deletion_protected: true,
                sends_sms: true,
                temporary_password_days: 5,
            }
        );
        let strict = described(json!({"MfaConfiguration": "ON"})).await;
        assert_eq!(strict.mfa, PoolMfa::On);
        for trigger in ["DefineAuthChallenge", "CreateAuthChallenge"] {
            let pool = described(json!({"LambdaConfig": {trigger: "k"}})).await;
            assert_eq!(pool.triggers.custom_challenge.as_deref(), Some("k"));
        }
    }

    #[tokio::test]
    async fn what_a_pool_does_not_say_is_what_cognito_takes_for_granted() {
        let expected = UserPoolDescription {
            case_sensitive: true,
            temporary_password_days: 7,
            ..UserPoolDescription::default()
        };
        for pool in [
            json!({}),
            json!({"DeletionProtection": "INACTIVE", "UserAttributeUpdateSettings": {}}),
            json!({"LambdaConfig": {"PreSignUp": ""}, "SmsConfiguration": {"SnsCallerArn": ""}}),
            json!({"MfaConfiguration": "SOMETIMES"}),
        ] {
            assert_eq!(described(pool).await, expected);
        }
    }

    async fn described_client(mut client: Value) -> AppClient {
        client["ClientId"] = json!(CLIENT);
        let (pool, http) = source_pool(source(), [ok(json!({"UserPoolClient": client}))]).await;
        let client = pool.pool.app_client(CLIENT).await.unwrap();
        let asked = json!({"UserPoolId": POOL, "ClientId": CLIENT});
        let request = "DescribeUserPoolClient cognito-idp.eu-west-1 AKIDOWN";
        assert_eq!(sent(&http), json!([[request, asked]]));
        client
    }

    #[tokio::test]
    async fn app_clients_are_described_with_their_secrets_out_of_sight() {
        let full = described_client(json!({
            "ClientName": "app",
            "ClientSecret": "hunter2",
            "PreventUserExistenceErrors": "ENABLED",
            "ReadAttributes": ["email"],
            "WriteAttributes": ["custom:mark", "name"],
        }));
        let full = full.await;
        assert!(!format!("{full:?}").contains("hunter2"));
        let expected = AppClient {
            id: CLIENT.to_owned(),
            name: "app".to_owned(),
            secret: Some(Sensitive::new("hunter2")),
            admin_password_flow: false,
            user_password_flow: false,
            prevents_user_existence_errors: true,
            readable: Some(vec!["email".to_owned()]),
            writable: Some(vec!["custom:mark".to_owned(), "name".to_owned()]),
        };
        assert_eq!(full, expected);

        let empty = described_client(json!({
            "ClientSecret": "",
            "PreventUserExistenceErrors": "LEGACY",
            "ReadAttributes": [],
            "WriteAttributes": [],
        }));
        let empty = empty.await;
        assert_eq!(empty, described_client(json!({})).await);
        let nothing = (empty.secret, empty.readable, empty.writable);
        assert_eq!(nothing, (None, None, None));
        assert!(!empty.prevents_user_existence_errors);

        for (flow, admin, user) in [
            ("ADMIN_NO_SRP_AUTH", true, false),
            ("ALLOW_ADMIN_USER_PASSWORD_AUTH", true, false),
            ("ALLOW_USER_PASSWORD_AUTH", false, true),
            ("USER_PASSWORD_AUTH", false, true),
            ("ALLOW_USER_SRP_AUTH", false, false),
        ] {
            let flows = json!({"ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", flow]});
            let client = described_client(flows).await;
            let allowed = (client.admin_password_flow, client.user_password_flow);
            assert_eq!(allowed, (admin, user), "{flow}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_description_is_a_failure() {
        let (pool, _) = source_pool(source(), std::iter::repeat_n(ok(json!({})), 6)).await;
        for (end, operation) in [
            (end(pool.pool.description().await), "DescribeUserPool"),
            (
                end(pool.pool.app_client(CLIENT).await),
                "DescribeUserPoolClient",
            ),
        ] {
            assert_eq!(end, format!("{operation} Busy UnreadableAnswer"));
        }
    }

    #[tokio::test]
    async fn credentials_are_those_of_the_role_or_our_own() {
        let denied = sts_error("AccessDenied");
        const DENIED: &str = "AssumeRole Credentials AccessDenied";
        for (source, reply, expected) in [
            (source(), None, "ok"),
            (under_role(), Some(credentials("ASIAROLE", HOUR)), "ok"),
            (under_role(), Some(denied), DENIED),
        ] {
            let (pool, _) = source_pool(source, reply).await;
            assert_eq!(end(pool.credentials().await), expected);
        }
    }
}
