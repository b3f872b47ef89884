//! What a user pool says of itself, in words of our own.

use crate::{
    error::{Failure, FailureClass},
    sensitive::Sensitive,
};

/// The settings of a user pool, as far as a migration depends on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPoolDescription {
    /// The estimated number of its users.
    pub users: u64,
    /// The ARN of its user_migration trigger.
    pub migration_trigger: Option<String>,
    /// The ARN of its pre_sign_up trigger.
    pub sign_up_trigger: Option<String>,
    /// The ARN of its post_authentication trigger.
    pub post_authentication_trigger: Option<String>,
    /// Its attributes, standard and custom, `custom:` included in the names.
    pub schema: Vec<SchemaAttribute>,
    /// The attributes with which users can sign in beside their user name.
    pub alias_attributes: Vec<String>,
    /// The attributes with which users sign in instead of a user name.
    pub username_attributes: Vec<String>,
    /// Whether `Ana` and `ana` are two users.
    pub case_sensitive: bool,
    /// Whether users sign in with a second factor.
    pub mfa: Mfa,
    /// How users can get back in; empty where the pool does not say, which lets it use any verified address.
    pub recovery: Vec<Recovery>,
}

/// An attribute that users of a pool can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaAttribute {
    /// Its name, such as `email` or `custom:tenant`.
    pub name: String,
    /// Whether nobody can be created without it.
    pub required: bool,
    /// Whether it can be changed once a user is there.
    pub mutable: bool,
    /// What its values are.
    pub data_type: DataType,
    /// The least length of a text, or the least number; `None` where there is no limit.
    pub minimum: Option<i128>,
    /// The greatest length of a text, or the greatest number; `None` where there is no limit.
    pub maximum: Option<i128>,
}

/// What the values of an attribute are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// Text.
    String,
    /// Whole numbers.
    Number,
    /// Anything else.
    Other,
}

/// Whether users sign in with a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mfa {
    /// Nobody does.
    Off,
    /// Those do who want to.
    Optional,
    /// Everybody does.
    On,
}

/// A way to get back in without the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// A code to a verified e-mail address.
    VerifiedEmail,
    /// A code to a verified phone number.
    VerifiedPhoneNumber,
    /// An administrator, or a way that this version has not heard of.
    AdminOnly,
}

/// An app client of a user pool.
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
    /// The attributes that its users may write; `None` are the standard ones.
    pub writable: Option<Vec<String>>,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// We may not ask: the IAM action is missing.
    NotAllowed,
    /// What was asked for does not exist.
    NotFound,
    /// AWS does not take our credentials, or there are none.
    Credentials(Failure),
    /// It could not be asked.
    Failed(Failure),
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        // What is wrong with the role is wrong with the credentials.
        if failure.operation == "AssumeRole" {
            return Unanswered::Credentials(failure);
        }
        match failure.code.as_str() {
            "AccessDenied" | "AccessDeniedException" => Unanswered::NotAllowed,
            "ResourceNotFoundException" => Unanswered::NotFound,
            "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException" => Unanswered::Credentials(failure),
            // The SDK's own search for credentials: none there, or they could not be loaded.
            "Credentials" if failure.class == FailureClass::Misconfigured => {
                Unanswered::Credentials(failure)
            }
            _ => Unanswered::Failed(failure),
        }
    }
}
