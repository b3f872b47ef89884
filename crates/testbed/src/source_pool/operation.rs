//! The calls that the stub knows.

use std::fmt;

use crate::http::Request;

const TARGET_PREFIX: &str = "AWSCognitoIdentityProviderService.";
/// Secrets Manager's; of its calls only GetSecretValue is known.
const GET_SECRET_VALUE: &str = "secretsmanager.GetSecretValue";
const KEYS_PATH: &str = "/.well-known/jwks.json";

/// An enum whose variants are named as in the service's API.
macro_rules! operations {
    ($($(#[$doc:meta])+ $name:ident,)+) => {
        /// The calls that the stub knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation {
            $($(#[$doc])+ $name,)+
        }

        impl Operation {
            const KNOWN: &[Self] = &[$(Self::$name,)+];

            /// The name in the service's API.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }
        }
    };
}

operations! {
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

    /// The calls by which pools describe themselves.
    pub const DESCRIBING: [Self; 3] = [
        Self::DescribeUserPool,
        Self::DescribeUserPoolClient,
        Self::ListUserPoolClients,
    ];

    /// Told from the head alone: Cognito and Secrets Manager are addressed by a header, STS by the lack of one.
    pub(super) fn of(head: &Request) -> Self {
        if head.method == "GET" && head.path().ends_with(KEYS_PATH) {
            return Self::PublicKeys;
        }
        if head.method != "POST" {
            return Self::Other;
        }
        let Some(target) = head.header("x-amz-target") else {
            return Self::AssumeRole;
        };
        if target == GET_SECRET_VALUE {
            return Self::GetSecretValue;
        }
        let name = target.strip_prefix(TARGET_PREFIX);
        let named = |operation: &Self| name == Some(operation.name());
        let by_target = |operation: &Self| {
            !matches!(
                operation,
                Self::AssumeRole | Self::GetSecretValue | Self::PublicKeys
            )
        };
        let mut known = Self::KNOWN.iter().copied();
        known
            .find(|operation| by_target(operation) && named(operation))
            .unwrap_or(Self::Other)
    }

    /// The header by which the service is addressed.
    #[cfg(test)]
    pub(super) fn target(self) -> String {
        match self {
            Self::GetSecretValue => GET_SECRET_VALUE.to_owned(),
            _ => format!("{TARGET_PREFIX}{self}"),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
