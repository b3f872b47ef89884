//! The calls that the stub knows.

use crate::http::Request;

const TARGET_PREFIX: &str = "AWSCognitoIdentityProviderService.";
/// Secrets Manager's; of its calls only GetSecretValue is known.
const SECRETS_PREFIX: &str = "secretsmanager.";
const KEYS_PATH: &str = "/.well-known/jwks.json";

/// The calls that the stub knows, by their names in the service's API.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
pub enum Operation {
    /// The public sign-in.
    InitiateAuth,
    /// The sign-in of the admin flow.
    AdminInitiateAuth,
    /// A user's own profile, read with the access token.
    GetUser,
    /// A user's profile.
    AdminGetUser,
    /// The users whose attribute has a value.
    ListUsers,
    /// The groups of a user.
    AdminListGroupsForUser,
    /// Makes a user a member of a group.
    AdminAddUserToGroup,
    /// Sets attributes of a user.
    AdminUpdateUserAttributes,
    /// Disables a user.
    AdminDisableUser,
    /// Enables a user.
    AdminEnableUser,
    /// Deletes a user.
    AdminDeleteUser,
    /// The columns of a file from which users are imported.
    GetCSVHeader,
    /// The groups of a pool.
    ListGroups,
    /// The resource servers of a pool.
    ListResourceServers,
    /// The identity providers of a pool.
    ListIdentityProviders,
    /// The settings of a pool.
    DescribeUserPool,
    /// Whether a pool demands a second factor.
    GetUserPoolMfaConfig,
    /// The settings of an app client.
    DescribeUserPoolClient,
    /// The ids and names of a pool's app clients.
    ListUserPoolClients,
    /// STS: credentials of a role.
    AssumeRole,
    /// Secrets Manager: what a secret holds.
    GetSecretValue,
    /// The pool's public signing keys, which need no signature.
    PublicKeys,
    /// Anything else; it is answered with an error.
    Other,
}

impl Operation {
    /// All calls that a migration can make.
    pub const ALL: [Self; 7] = [
        Self::InitiateAuth,
        Self::AdminInitiateAuth,
        Self::GetUser,
        Self::AdminGetUser,
        Self::GetUserPoolMfaConfig,
        Self::AssumeRole,
        Self::GetSecretValue,
    ];

    /// The name in the service's API.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Told from the head alone: Cognito and Secrets Manager are addressed by a header, STS by the lack of one.
    pub(super) fn of(head: &Request) -> Self {
        match (head.method.as_str(), head.header("x-amz-target")) {
            ("GET", _) if head.target.ends_with(KEYS_PATH) => Self::PublicKeys,
            ("POST", None) => Self::AssumeRole,
            ("POST", Some(target)) => {
                let name = target.strip_prefix(TARGET_PREFIX);
                let name = name.or_else(|| target.strip_prefix(SECRETS_PREFIX));
                name.and_then(|name| name.parse().ok())
                    .unwrap_or(Self::Other)
            }
            _ => Self::Other,
        }
    }
}
