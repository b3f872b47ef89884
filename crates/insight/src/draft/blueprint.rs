//! The parts of a pool, its app clients, groups and resource servers that a draft carries over. Plain data.

use rules::{
    evidence::PoolMfa,
    password::PasswordPolicy,
    pool::{Recovery, SchemaAttribute, Triggers, UserPoolDescription},
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// The names with which users sign in to the new pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
pub enum SignInStyle {
    /// The names of the source pool.
    #[default]
    #[strum(serialize = "keep")]
    Keep,
    /// E-mail addresses.
    #[strum(serialize = "email")]
    Email,
    /// Phone numbers.
    #[strum(serialize = "phone_number")]
    PhoneNumber,
    /// E-mail addresses or phone numbers.
    #[strum(serialize = "email,phone_number")]
    EmailOrPhoneNumber,
    /// User names only.
    #[strum(serialize = "username")]
    Username,
}

/// The settings of a user pool that Terraform can write.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolBlueprint {
    /// Its name.
    pub name: String,
    /// Its attributes, standard and custom.
    pub schema: Vec<SchemaAttribute>,
    /// The attributes with which users sign in besides their user name.
    pub alias_attributes: Vec<String>,
    /// The attributes with which users sign in instead of a user name.
    pub username_attributes: Vec<String>,
    /// Whether `Ana` and `ana` are two users.
    pub case_sensitive: bool,
    /// The password policy.
    pub passwords: PasswordRules,
    /// The first factors of a sign-in; empty where the pool does not say.
    pub first_factors: Vec<String>,
    /// The recovery options, best first; empty where the pool does not say.
    pub recovery: Vec<Recovery>,
    /// The contacts that Cognito verifies by itself.
    pub auto_verified: Vec<String>,
    /// The contacts whose old value stays until the new one is verified.
    pub verified_before_update: Vec<String>,
    /// Whether users sign in with a second factor, and which ones there are.
    pub mfa: Mfa,
    /// The e-mail configuration; `None` where the pool does not say.
    pub email: Option<EmailSettings>,
    /// The configuration of text messages; `None` where none can be sent.
    pub sms: Option<SmsSettings>,
    /// The ways in which users are created.
    pub sign_up: SignUp,
    /// The messages to users who verify an address; `None` where the pool does not say.
    pub verification: Option<VerificationMessages>,
    /// The device configuration; `None` where devices are not remembered.
    pub devices: Option<Devices>,
    /// The feature plan; `None` where the pool does not say.
    pub tier: Option<String>,
}

/// The password policy and the life of temporary passwords.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PasswordRules {
    /// The policy.
    pub policy: PasswordPolicy,
    /// The number of old passwords that may not be used again.
    pub history: Option<i32>,
    /// The life of a temporary password, in days.
    pub temporary_days: Option<i32>,
}

/// The second factors of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mfa {
    /// Whether users sign in with one.
    pub demanded: PoolMfa,
    /// An authenticator app can be one.
    pub software_token: bool,
    /// A text message can be one.
    pub sms: bool,
    /// The text of messages with a code.
    pub sms_message: Option<String>,
    /// An e-mail can be one.
    pub email: Option<EmailMfa>,
}

/// The e-mail with a code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmailMfa {
    /// Its text.
    pub message: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
}

/// The e-mail configuration of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmailSettings {
    /// `COGNITO_DEFAULT` or `DEVELOPER`.
    pub account: Option<String>,
    /// The SES identity.
    pub source_arn: Option<String>,
    /// The sender.
    pub from: Option<String>,
    /// The reply address.
    pub reply_to: Option<String>,
    /// The SES configuration set.
    pub configuration_set: Option<String>,
}

/// The configuration of text messages of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsSettings {
    /// The role that sends them.
    pub caller_arn: String,
    /// The external id that the role asks for.
    pub external_id: Option<String>,
    /// The Region that sends them.
    pub region: Option<String>,
}

/// The ways in which users are created, and the messages to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignUp {
    /// Only administrators create users.
    pub only_by_admins: bool,
    /// The messages to invited users.
    pub invitation: Option<Invitation>,
}

/// The messages to invited users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invitation {
    /// The e-mail.
    pub email_message: Option<String>,
    /// Its subject.
    pub email_subject: Option<String>,
    /// The text message.
    pub sms_message: Option<String>,
}

/// The messages to users who verify an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerificationMessages {
    /// `CONFIRM_WITH_CODE` or `CONFIRM_WITH_LINK`.
    pub email_option: Option<String>,
    /// The e-mail with a code.
    pub email_message: Option<String>,
    /// Its subject.
    pub email_subject: Option<String>,
    /// The e-mail with a link.
    pub email_message_by_link: Option<String>,
    /// Its subject.
    pub email_subject_by_link: Option<String>,
    /// The text message.
    pub sms_message: Option<String>,
}

/// The device configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Devices {
    /// A new device needs the second factor.
    pub challenge_new: bool,
    /// Devices are remembered only if the user wants it.
    pub only_on_prompt: bool,
}

/// The parts of a pool that are not carried over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftBehind {
    /// The triggers of the pool, by their names in `LambdaConfig`.
    pub triggers: Vec<String>,
    /// The domain of its sign-in pages.
    pub domain: Option<String>,
    /// A domain of its owner.
    pub custom_domain: Option<String>,
    /// The mode of threat protection, unless it is off.
    pub threat_protection: Option<String>,
    /// The names of the tags.
    pub tags: Vec<String>,
    /// The other members of `UserPoolType` that no Terraform writes.
    pub unwritable: Vec<&'static str>,
    /// The identity providers; `None` where they may not be read.
    pub identity_providers: Option<Vec<String>>,
    /// Users can sign in with passkeys, or have them as a second factor.
    pub passkeys: bool,
}

/// Everything that a draft reads of a pool itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftedPool {
    /// The parts that Terraform can write.
    pub blueprint: PoolBlueprint,
    /// The parts that are only noted.
    pub left_behind: LeftBehind,
}

impl PoolBlueprint {
    /// The description of such a pool without users and triggers.
    pub fn description(&self) -> UserPoolDescription {
        UserPoolDescription {
            users: 0,
            triggers: Triggers::default(),
            schema: self.schema.clone(),
            alias_attributes: self.alias_attributes.clone(),
            username_attributes: self.username_attributes.clone(),
            case_sensitive: self.case_sensitive,
            mfa: self.mfa.demanded,
            passwords: self.passwords.policy,
            recovery: self.recovery.clone(),
            verified_before_update: self.verified_before_update.clone(),
            deletion_protected: true,
            sends_sms: self.sms.is_some(),
            temporary_password_days: 7,
        }
    }

    /// The ways back in, under AWS's names, with their order.
    pub fn recovery_mechanisms(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.recovery.iter().enumerate().map(|(index, way)| {
            let name = match way {
                Recovery::VerifiedEmail => "verified_email",
                Recovery::VerifiedPhoneNumber => "verified_phone_number",
                Recovery::AdminOnly => "admin_only",
            };
            (name, index + 1)
        })
    }
}

impl SmsSettings {
    /// The external id; empty where the pool names none.
    pub fn external_id(&self) -> &str {
        self.external_id.as_deref().unwrap_or_default()
    }
}

/// The settings of an app client that Terraform can write.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientBlueprint {
    /// Its name.
    pub name: String,
    /// Whether it has a secret.
    pub has_secret: bool,
    /// The authentication flows that it allows.
    pub auth_flows: Vec<String>,
    /// The OAuth flows.
    pub oauth_flows: Vec<String>,
    /// The OAuth scopes.
    pub oauth_scopes: Vec<String>,
    /// Whether it uses OAuth.
    pub uses_oauth: bool,
    /// The callback URLs.
    pub callback_urls: Vec<String>,
    /// The sign-out URLs.
    pub logout_urls: Vec<String>,
    /// The default callback URL.
    pub default_redirect_uri: Option<String>,
    /// The identity providers.
    pub providers: Vec<String>,
    /// The life of an access token.
    pub access_token: Validity,
    /// The life of an ID token.
    pub id_token: Validity,
    /// The life of a refresh token.
    pub refresh_token: Validity,
    /// The attributes that its users may read; `None` where it does not say.
    pub readable: Option<Vec<String>>,
    /// The attributes that its users may write; `None` where it does not say.
    pub writable: Option<Vec<String>>,
    /// Whether tokens can be revoked.
    pub revokes_tokens: Option<bool>,
    /// Whether its apps hand on what they know of the user's device.
    pub propagates_context: Option<bool>,
    /// The time limit of a sign-in, in minutes.
    pub session_minutes: Option<i32>,
    /// The rotation of refresh tokens.
    pub rotation: Option<Rotation>,
    /// It sends analytics to Pinpoint.
    pub analytics: bool,
}

/// The rotation of refresh tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Whether they are rotated.
    pub is_on: bool,
    /// The seconds for which an old token still counts.
    pub grace_seconds: Option<i32>,
}

/// The life of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// The number; `None` where the client does not say.
    pub number: Option<i32>,
    /// The unit; `None` where the client does not say.
    pub unit: Option<String>,
}

/// A group of users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupBlueprint {
    /// Its name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The precedence.
    pub precedence: Option<i32>,
    /// The role of its members, which is only noted.
    pub role_arn: Option<String>,
}

/// An API that takes access tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceServer {
    /// Its identifier, with which its scopes begin.
    pub identifier: String,
    /// Its name.
    pub name: String,
    /// Its scopes: each name with its description.
    pub scopes: Vec<(String, String)>,
}
