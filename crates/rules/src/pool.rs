//! The descriptions of a user pool and of its app clients. Plain data.

use crate::{
    attributes::STANDARD, evidence::PoolMfa, password::PasswordPolicy, sensitive::Sensitive,
};

/// The settings of a user pool, as far as a migration depends on them.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// The password policy.
    pub passwords: PasswordPolicy,
    /// The recovery options; empty where the pool names none and so uses any verified contact.
    pub recovery: Vec<Recovery>,
    /// The contacts whose old value stays until the new one is verified.
    pub verified_before_update: Vec<String>,
    /// Whether Cognito refuses to delete the pool.
    pub deletion_protected: bool,
    /// Whether it can send text messages.
    pub sends_sms: bool,
    /// The life of a temporary password, in days.
    /// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html>
    pub temporary_password_days: u16,
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

/// A recovery option of a pool.
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
    /// The attributes that its users may read; `None` means the standard ones.
    pub readable: Option<Vec<String>>,
    /// The attributes that its users may write; `None` where the client sets none.
    pub writable: Option<Vec<String>>,
}

impl AppClient {
    /// Whether its users may read this attribute.
    pub fn lets_read(&self, attribute: &str) -> bool {
        match &self.readable {
            Some(names) => names.iter().any(|name| name == attribute),
            None => STANDARD.contains(&attribute),
        }
    }
}

/// An attribute that users of a pool can have.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaAttribute {
    /// Its name, such as `email` or `custom:tenant`.
    pub name: String,
    /// Whether every user must have it.
    pub required: bool,
    /// Whether it can be changed once a user exists.
    pub mutable: bool,
    /// The type of its values.
    pub data_type: DataType,
    /// The least length of a text, or the least number; `None` where there is no limit.
    pub minimum: Option<i128>,
    /// The greatest length of a text, or the greatest number; `None` where there is no limit.
    pub maximum: Option<i128>,
}

/// The type of an attribute, under Cognito's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString)]
pub enum DataType {
    /// Text.
    String,
    /// Whole numbers.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A moment.
    DateTime,
    /// Anything else.
    Other,
}
