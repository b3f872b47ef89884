//! The calls by which a user pool describes itself and its users' groups; they change nothing.

use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{
        AttributeDataType, ExplicitAuthFlowsType, PreventUserExistenceErrorTypes,
        RecoveryOptionNameType, SchemaAttributeType, UserPoolClientType, UserPoolMfaType,
        UserPoolType,
    },
};

use super::{
    classify::{self, Fault, unreadable},
    facts::{AppClient, DataType, Mfa, Recovery, SchemaAttribute, UserPoolDescription},
};
use crate::sensitive::Sensitive;

/// The most app clients, or groups, that one page can hold.
pub(crate) const PAGE: i32 = 60;

/// `DescribeUserPool`.
pub(crate) async fn user_pool(
    client: &Client,
    user_pool_id: &str,
) -> Result<UserPoolDescription, Fault> {
    const OPERATION: &str = "DescribeUserPool";
    let answer = client
        .describe_user_pool()
        .user_pool_id(user_pool_id)
        .send()
        .await
        .map_err(|error| classify::fault(OPERATION, &error))?;
    answer
        .user_pool
        .map(described_pool)
        .ok_or_else(|| unreadable(OPERATION))
}

/// `DescribeUserPoolClient`.
pub(crate) async fn app_client(
    client: &Client,
    user_pool_id: &str,
    client_id: &str,
) -> Result<AppClient, Fault> {
    const OPERATION: &str = "DescribeUserPoolClient";
    let answer = client
        .describe_user_pool_client()
        .user_pool_id(user_pool_id)
        .client_id(client_id)
        .send()
        .await
        .map_err(|error| classify::fault(OPERATION, &error))?;
    answer
        .user_pool_client
        .map(described_client)
        .ok_or_else(|| unreadable(OPERATION))
}

/// One page of `ListUserPoolClients`: the ids of app clients, and the token of the next page if there is one.
pub(crate) async fn app_client_ids(
    client: &Client,
    user_pool_id: &str,
    page: Option<String>,
) -> Result<(Vec<String>, Option<String>), Fault> {
    const OPERATION: &str = "ListUserPoolClients";
    let answer = client
        .list_user_pool_clients()
        .user_pool_id(user_pool_id)
        .max_results(PAGE)
        .set_next_token(page)
        .send()
        .await
        .map_err(|error| classify::fault(OPERATION, &error))?;
    let clients = answer.user_pool_clients.unwrap_or_default();
    let ids = clients.into_iter().filter_map(|client| client.client_id);
    Ok((ids.collect(), answer.next_token))
}

/// One page of `ListGroups`: the names of groups, and the token of the next page if there is one.
pub(crate) async fn group_names(
    client: &Client,
    user_pool_id: &str,
    page: Option<String>,
) -> Result<(Vec<String>, Option<String>), Fault> {
    const OPERATION: &str = "ListGroups";
    let answer = client
        .list_groups()
        .user_pool_id(user_pool_id)
        .limit(PAGE)
        .set_next_token(page)
        .send()
        .await
        .map_err(|error| classify::fault(OPERATION, &error))?;
    let groups = answer.groups.ok_or_else(|| unreadable(OPERATION))?;
    let names = groups.into_iter().filter_map(|group| group.group_name);
    Ok((names.collect(), answer.next_token))
}

/// One page of `AdminListGroupsForUser`: the names of a user's groups, and the token of the next page if there is one.
pub(crate) async fn group_names_of(
    client: &Client,
    user_pool_id: &str,
    username: &str,
    page: Option<String>,
) -> Result<(Vec<String>, Option<String>), Fault> {
    const OPERATION: &str = "AdminListGroupsForUser";
    let answer = client
        .admin_list_groups_for_user()
        .user_pool_id(user_pool_id)
        .username(username)
        .limit(PAGE)
        .set_next_token(page)
        .send()
        .await
        .map_err(|error| classify::fault(OPERATION, &error))?;
    // A group without a name cannot be left out: nobody would be a member of it again.
    let names: Option<Vec<_>> = answer
        .groups
        .and_then(|groups| groups.into_iter().map(|group| group.group_name).collect());
    Ok((
        names.ok_or_else(|| unreadable(OPERATION))?,
        answer.next_token,
    ))
}

fn described_pool(pool: UserPoolType) -> UserPoolDescription {
    let names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    UserPoolDescription {
        users: u64::try_from(pool.estimated_number_of_users).unwrap_or_default(),
        alias_attributes: names(
            pool.alias_attributes()
                .iter()
                .map(|alias| alias.as_str())
                .collect(),
        ),
        username_attributes: names(
            pool.username_attributes()
                .iter()
                .map(|name| name.as_str())
                .collect(),
        ),
        // A pool that does not say is of the time before there was a choice.
        case_sensitive: pool
            .username_configuration
            .is_none_or(|configuration| configuration.case_sensitive),
        mfa: match pool.mfa_configuration {
            Some(UserPoolMfaType::On) => Mfa::On,
            Some(UserPoolMfaType::Optional) => Mfa::Optional,
            _ => Mfa::Off,
        },
        recovery: pool
            .account_recovery_setting
            .and_then(|setting| setting.recovery_mechanisms)
            .unwrap_or_default()
            .into_iter()
            .map(|mechanism| match mechanism.name {
                RecoveryOptionNameType::VerifiedEmail => Recovery::VerifiedEmail,
                RecoveryOptionNameType::VerifiedPhoneNumber => Recovery::VerifiedPhoneNumber,
                _ => Recovery::AdminOnly,
            })
            .collect(),
        post_authentication_trigger: pool
            .lambda_config
            .as_ref()
            .and_then(|triggers| triggers.post_authentication.clone())
            .filter(|arn| !arn.is_empty()),
        sign_up_trigger: pool
            .lambda_config
            .as_ref()
            .and_then(|triggers| triggers.pre_sign_up.clone())
            .filter(|arn| !arn.is_empty()),
        migration_trigger: pool
            .lambda_config
            .and_then(|triggers| triggers.user_migration)
            .filter(|arn| !arn.is_empty()),
        schema: pool
            .schema_attributes
            .unwrap_or_default()
            .into_iter()
            .filter_map(described_attribute)
            .collect(),
    }
}

fn described_attribute(attribute: SchemaAttributeType) -> Option<SchemaAttribute> {
    let limit = |text: Option<String>| text.and_then(|text| text.parse().ok());
    let (minimum, maximum) = match (
        attribute.string_attribute_constraints,
        attribute.number_attribute_constraints,
    ) {
        (Some(text), _) => (limit(text.min_length), limit(text.max_length)),
        (None, Some(number)) => (limit(number.min_value), limit(number.max_value)),
        (None, None) => (None, None),
    };
    Some(SchemaAttribute {
        name: attribute.name?,
        required: attribute.required.unwrap_or_default(),
        mutable: attribute.mutable.unwrap_or(true),
        data_type: match attribute.attribute_data_type {
            Some(AttributeDataType::String) => DataType::String,
            Some(AttributeDataType::Number) => DataType::Number,
            _ => DataType::Other,
        },
        minimum,
        maximum,
    })
}

fn described_client(client: UserPoolClientType) -> AppClient {
    let allows = |names: [ExplicitAuthFlowsType; 2]| {
        client
            .explicit_auth_flows()
            .iter()
            .any(|flow| names.contains(flow))
    };
    AppClient {
        admin_password_flow: allows([
            ExplicitAuthFlowsType::AllowAdminUserPasswordAuth,
            ExplicitAuthFlowsType::AdminNoSrpAuth,
        ]),
        user_password_flow: allows([
            ExplicitAuthFlowsType::AllowUserPasswordAuth,
            ExplicitAuthFlowsType::UserPasswordAuth,
        ]),
        prevents_user_existence_errors: client.prevent_user_existence_errors
            == Some(PreventUserExistenceErrorTypes::Enabled),
        id: client.client_id.unwrap_or_default(),
        name: client.client_name.unwrap_or_default(),
        secret: client
            .client_secret
            .filter(|secret| !secret.is_empty())
            .map(Sensitive::new),
        // Empty and absent both stand for the standard attributes.
        readable: client.read_attributes.filter(|names| !names.is_empty()),
        writable: client.write_attributes.filter(|names| !names.is_empty()),
    }
}
