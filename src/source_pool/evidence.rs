//! What the source pool says, in words of our own: the facts on which the policy decides.

use crate::{error::Reason, sensitive::Sensitive};

/// What the source pool answered to a sign-in.
#[derive(Debug)]
pub enum SignIn {
    /// It gave tokens: the password is right. The access token reads the user's own profile.
    Tokens(Sensitive),
    /// It asks for more before it gives tokens.
    Challenge(Challenge),
    /// It refused.
    Refused(Reason),
}

/// What a source pool asks for before it gives tokens.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Challenge {
    /// `SMS_MFA`: a code sent by text message.
    SmsMfa,
    /// `SOFTWARE_TOKEN_MFA`: a code of an authenticator app.
    SoftwareTokenMfa,
    /// `EMAIL_OTP`: a code sent by e-mail.
    EmailOtp,
    /// `SELECT_MFA_TYPE`: the choice between several second factors.
    SelectMfaType,
    /// `MFA_SETUP`: the pool demands a second factor that the user has not set up.
    MfaSetup,
    /// `NEW_PASSWORD_REQUIRED`: the right password was a temporary one.
    NewPasswordRequired,
    /// Any other, known to Cognito or not yet.
    Other,
}

/// The status of a user in a pool.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#signup-confirmation-verification>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserStatus {
    /// Never confirmed the account.
    Unconfirmed,
    /// Signs in.
    Confirmed,
    /// No longer used by Cognito.
    Archived,
    /// Cognito saw the credentials in a breach.
    Compromised,
    /// `UNKNOWN`, as Cognito itself says.
    Unknown,
    /// Must set a new password with a code.
    ResetRequired,
    /// Has a temporary password.
    ForceChangePassword,
    /// Signs in through an identity provider.
    ExternalProvider,
    /// A status that this version has not heard of.
    Other,
}

/// Whether the source pool still lets the user in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As the pool's administrators see it.
    Reported {
        /// Not switched off by an administrator.
        enabled: bool,
        /// The user's status.
        status: UserStatus,
    },
    /// The profile was read with the user's own fresh access token, which a pool gives to nobody but an
    /// enabled, confirmed user.
    VouchedByToken,
}

/// The second factors of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecondFactor {
    /// None is set.
    None,
    /// Codes by text message, and nothing else.
    Sms,
    /// Something that cannot be carried over, alone or beside text messages.
    Other,
}

/// A user as the source pool knows it.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The user's real name in the pool, whatever alias was typed.
    pub username: String,
    /// The user's unique id in the pool.
    pub sub: Option<String>,
    /// Whether the pool still lets the user in.
    pub standing: Standing,
    /// The user's attributes, `sub` among them, in the pool's order.
    pub attributes: Vec<(String, String)>,
    /// The user's second factors.
    pub second_factor: SecondFactor,
}

/// What the source pool knows under a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A user.
    Found(Profile),
    /// Nobody, or nobody that can have this name.
    Refused(Reason),
}

/// The users that the source pool lists under an attribute's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Those that it gave, whether their values are really the same or not.
    pub users: Vec<ListedUser>,
    /// There may be more.
    pub more: bool,
}

/// A user in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUser {
    /// The user's real name in the pool.
    pub username: String,
    /// Not switched off by an administrator.
    pub enabled: bool,
    /// The user's status.
    pub status: UserStatus,
    /// The user's attributes, in the pool's order.
    pub attributes: Vec<(String, String)>,
}

impl ListedUser {
    /// The value of an attribute, if the user has it.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value)
    }
}
