//! What the pools say of themselves, on which the checks decide: plain data.

use std::time::Duration;

use crate::{
    attributes::STANDARD, evidence::PoolMfa, outcome::Failure, password::PasswordPolicy,
    schema::SchemaAttribute, sensitive::Sensitive,
};

/// The answer to a question, or why there is none.
pub type Answer<T> = Result<T, Failure>;

/// What only the function can know of the source pool, from where it runs.
#[derive(Clone, Debug)]
pub struct SourceFacts {
    /// The role was assumed, or the function's own credentials were found.
    pub credentials: Answer<()>,
    /// The app client's secret as sign-ins use it, which is compared and never shown; `None` where none is set.
    pub secret: Answer<Option<Sensitive>>,
    /// The pool's settings.
    pub pool: Answer<UserPoolDescription>,
    /// The settings of the app client.
    pub client: Answer<AppClient>,
    /// Profiles can be read.
    pub profiles: Answer<()>,
    /// Users can be listed by an attribute; `None` if these settings never do.
    pub lists: Option<Answer<()>>,
    /// Whether the pool demands a second factor; `None` if these settings do not ask.
    pub mfa: Option<Answer<PoolMfa>>,
    /// What became of the sign-in of somebody who does not exist; `None` if it was not tried, because it could do harm
    /// or could say nothing.
    pub sign_in_of_nobody: Option<Answer<SignInOfNobody>>,
    /// How long the pool takes to answer.
    pub round_trip: Option<Duration>,
    /// How long Lambda lets an invocation take.
    pub time_limit: Duration,
}

/// What became of the sign-in of somebody who does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInOfNobody {
    /// It was rejected like any wrong user name or password: flow, client and secret are in order.
    Rejected,
    /// It was let in.
    LetIn,
}

/// What an operator can know of both pools, with permissions of their own.
#[derive(Clone, Debug)]
pub struct PoolsFacts {
    /// The source pool.
    pub source: PoolFacts,
    /// The destination pool.
    pub destination: PoolFacts,
    /// The app clients of the destination pool.
    pub clients: Answer<AppClients>,
    /// The app clients of the source pool; `None` if these settings copy no custom attribute.
    pub source_clients: Option<Answer<AppClients>>,
    /// The ARN under which the destination pool should invoke the function; `None` where nobody has said.
    pub function_arn: Option<String>,
}

/// App clients of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppClients {
    /// Those that were looked at.
    pub listed: Vec<AppClient>,
    /// There are more.
    pub more: bool,
}

/// What an operator can know of one pool.
#[derive(Clone, Debug)]
pub struct PoolFacts {
    /// The pool's id.
    pub id: String,
    /// Its settings.
    pub pool: Answer<UserPoolDescription>,
    /// The names of its groups; `None` if these settings copy none.
    pub groups: Option<Answer<Vec<String>>>,
}

/// The settings of a user pool, as far as a migration depends on them.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPoolDescription {
    /// The estimated number of its users.
    pub users: u64,
    /// The ARNs of its triggers.
    pub triggers: Triggers,
    /// Its attributes, standard and custom, `custom:` included in the names.
    pub schema: Vec<SchemaAttribute>,
    /// The attributes with which users can sign in besides their user name.
    pub alias_attributes: Vec<String>,
    /// The attributes with which users sign in instead of a user name.
    pub username_attributes: Vec<String>,
    /// Whether `Ana` and `ana` are two users.
    pub case_sensitive: bool,
    /// Whether users sign in with a second factor.
    pub mfa: PoolMfa,
    /// What passwords must be.
    pub passwords: PasswordPolicy,
    /// How users can get back in; empty where the pool does not say, which lets it use any verified contact.
    pub recovery: Vec<Recovery>,
    /// The contacts whose old value stays until the new one is verified.
    pub verified_before_update: Vec<String>,
    /// Whether Cognito refuses to delete the pool.
    pub deletion_protected: bool,
}

impl UserPoolDescription {
    /// Whether users sign in with this attribute.
    pub(super) fn signs_in_by(&self, attribute: &str) -> bool {
        let mut names = self
            .username_attributes
            .iter()
            .chain(&self.alias_attributes);
        names.any(|name| name == attribute)
    }

    /// Whether users of this app client of the pool may write this attribute. Required attributes are writable by every
    /// client, whatever its list says.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
    pub(super) fn lets_write(&self, client: &AppClient, attribute: &str) -> bool {
        client.lets_write(attribute) || self.requires(attribute)
    }

    /// Whether no user can be created without this attribute.
    pub(super) fn requires(&self, attribute: &str) -> bool {
        let mut schema = self.schema.iter();
        schema.any(|known| known.name == attribute && known.required)
    }
}

/// The ARNs of a pool's Lambda triggers that matter to a migration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Triggers {
    /// user_migration.
    pub user_migration: Option<String>,
    /// pre_token_generation, of whichever version.
    pub pre_token_generation: Option<String>,
    /// pre_sign_up.
    pub pre_sign_up: Option<String>,
    /// post_authentication.
    pub post_authentication: Option<String>,
    /// pre_authentication.
    pub pre_authentication: Option<String>,
    /// define_auth_challenge, or one of the two that belong to it.
    pub custom_challenge: Option<String>,
}

/// A way to get back in without the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// A code to a verified e-mail address.
    VerifiedEmail,
    /// A code to a verified phone number.
    VerifiedPhoneNumber,
    /// An administrator, or a way that this version does not know.
    AdminOnly,
}

/// An app client of a user pool.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppClient {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its secret, which is compared and never shown.
    pub secret: Option<Sensitive>,
    /// Whether it allows the flow `ADMIN_USER_PASSWORD_AUTH`, under its new name or its old one.
    pub admin_password_flow: bool,
    /// Whether it allows the flow `USER_PASSWORD_AUTH`.
    pub user_password_flow: bool,
    /// Whether an unknown user is answered like a wrong password.
    pub prevents_user_existence_errors: bool,
    /// The attributes that its users may read; `None` are the standard ones.
    pub readable: Option<Vec<String>>,
    /// The attributes that its users may write; `None` where the client sets none.
    pub writable: Option<Vec<String>>,
}

impl AppClient {
    /// Whether its users may read this attribute.
    pub(crate) fn lets_read(&self, attribute: &str) -> bool {
        match &self.readable {
            Some(names) => names.iter().any(|name| name == attribute),
            None => STANDARD.contains(&attribute),
        }
    }

    /// Whether its users may write this attribute. What a client without a list may write is told in two ways, so it is
    /// taken for all.
    pub(super) fn lets_write(&self, attribute: &str) -> bool {
        let writable = self.writable.as_ref();
        writable.is_none_or(|names| names.iter().any(|name| name == attribute))
    }
}
