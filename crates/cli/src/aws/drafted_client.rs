//! An app client in the form that a draft writes.

use aws_sdk_cognitoidentityprovider::types::{FeatureType, TimeUnitsType, UserPoolClientType};
use insight::draft::{ClientBlueprint, Rotation, Validity};

/// Texts as AWS writes them.
pub(super) fn names<T>(values: Option<Vec<T>>, name: impl Fn(&T) -> &str) -> Vec<String> {
    let values = values.unwrap_or_default();
    let mut names: Vec<_> = values.iter().map(|value| name(value).to_owned()).collect();
    names.sort_unstable();
    names
}

/// A text, unless it is empty.
pub(super) fn set(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The settings of an app client, without its secret.
pub(super) fn drafted_client(client: UserPoolClientType) -> ClientBlueprint {
    let units = client.token_validity_units.as_ref();
    let validity = |number: Option<i32>, unit: Option<&TimeUnitsType>| Validity {
        number: number.filter(|number| *number > 0),
        unit: unit.map(|unit| unit.as_str().to_owned()),
    };
    ClientBlueprint {
        access_token: validity(
            client.access_token_validity,
            units.and_then(|units| units.access_token.as_ref()),
        ),
        id_token: validity(
            client.id_token_validity,
            units.and_then(|units| units.id_token.as_ref()),
        ),
        refresh_token: validity(
            Some(client.refresh_token_validity),
            units.and_then(|units| units.refresh_token.as_ref()),
        ),
        name: client.client_name.unwrap_or_default(),
        has_secret: set(client.client_secret).is_some(),
        auth_flows: names(client.explicit_auth_flows, |flow| flow.as_str()),
        oauth_flows: names(client.allowed_o_auth_flows, |flow| flow.as_str()),
        oauth_scopes: names(client.allowed_o_auth_scopes, String::as_str),
        uses_oauth: client
            .allowed_o_auth_flows_user_pool_client
            .unwrap_or_default(),
        callback_urls: names(client.callback_urls, String::as_str),
        logout_urls: names(client.logout_urls, String::as_str),
        default_redirect_uri: set(client.default_redirect_uri),
        providers: names(client.supported_identity_providers, String::as_str),
        // Cognito treats empty and absent alike.
        readable: client.read_attributes.filter(|names| !names.is_empty()),
        writable: client.write_attributes.filter(|names| !names.is_empty()),
        revokes_tokens: client.enable_token_revocation,
        propagates_context: client.enable_propagate_additional_user_context_data,
        session_minutes: client.auth_session_validity.filter(|minutes| *minutes > 0),
        rotation: client.refresh_token_rotation.map(|rotation| Rotation {
            is_on: rotation.feature == FeatureType::Enabled,
            grace_seconds: rotation.retry_grace_period_seconds,
        }),
        analytics: client.analytics_configuration.is_some(),
    }
}
