//! Conclusions from a pool's description: sign-in names, writable attributes, and values that fit.

use rules::{
    attributes::Mapping,
    pool::{AppClient, DataType, SchemaAttribute, UserPoolDescription},
};

/// Whether `name` is a custom attribute, and no developer attribute, which only administrators can write.
pub(crate) fn is_custom(name: &str) -> bool {
    name.starts_with("custom:")
}

/// Whether a custom attribute may be copied.
pub fn copies_custom(mapping: &Mapping) -> bool {
    let named =
        |(name, destination): (&String, &Option<String>)| is_custom(name) && destination.is_some();
    mapping.copy_custom || mapping.renamed.iter().any(named)
}

/// App clients of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppClients {
    /// The clients that were read.
    pub listed: Vec<AppClient>,
    /// Whether there are more.
    pub more: bool,
}

/// Whether users of the pool sign in with this attribute.
pub fn signs_in_by(pool: &UserPoolDescription, attribute: &str) -> bool {
    let mut names = pool
        .username_attributes
        .iter()
        .chain(&pool.alias_attributes);
    names.any(|name| name == attribute)
}

/// Whether no user of the pool can be created without this attribute.
pub(crate) fn requires(pool: &UserPoolDescription, attribute: &str) -> bool {
    let mut schema = pool.schema.iter();
    schema.any(|known| known.name == attribute && known.required)
}

/// Whether users of this app client may write this attribute. What a client without a list may write is told in two ways, so
/// it is taken for all.
pub(crate) fn client_lets_write(client: &AppClient, attribute: &str) -> bool {
    let writable = client.writable.as_ref();
    writable.is_none_or(|names| names.iter().any(|name| name == attribute))
}

/// Whether users of this app client of the pool may write this attribute. Required attributes are writable by every client,
/// whatever its list says.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
pub(crate) fn pool_lets_write(
    pool: &UserPoolDescription,
    client: &AppClient,
    attribute: &str,
) -> bool {
    client_lets_write(client, attribute) || requires(pool, attribute)
}

/// Whether a text of this length, or this number, is within the limits of the attribute.
pub(crate) fn allows(attribute: &SchemaAttribute, size: i128) -> bool {
    attribute.minimum.is_none_or(|least| least <= size)
        && attribute.maximum.is_none_or(|most| size <= most)
}

/// Whether the attribute can hold this value.
pub(crate) fn can_hold(attribute: &SchemaAttribute, value: &str) -> bool {
    let size = match attribute.data_type {
        DataType::Number => value.parse().ok(),
        DataType::String => i128::try_from(value.chars().count()).ok(),
        DataType::Boolean => return ["true", "false"].contains(&value),
        DataType::DateTime | DataType::Other => return true,
    };
    size.is_some_and(|size| allows(attribute, size))
}
