//! A user pool's answers about a user, from which the rules decide. Plain data.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::sensitive::Sensitive;

/// The source pool's answer to a sign-in that it did not reject.
#[derive(Debug)]
pub enum SignIn {
    /// Tokens: the password is right.
    Tokens(Tokens),
    /// A challenge before the tokens.
    Challenge {
        /// The kind of challenge.
        challenge: Challenge,
        /// The user name in the challenge, if there is one: `USER_ID_FOR_SRP`.
        username: Option<String>,
    },
}

/// The tokens of a sign-in.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html>
#[derive(Debug)]
pub struct Tokens {
    /// Reads the user's own profile.
    pub access: Sensitive,
    /// Holds the attributes that the app client may read.
    pub id: Option<Sensitive>,
}

/// The challenges of a user pool, under Cognito's names.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Challenge {
    /// A code sent by text message.
    SmsMfa,
    /// A code of an authenticator app.
    SoftwareTokenMfa,
    /// A code sent by e-mail.
    EmailOtp,
    /// The choice between several second factors.
    SelectMfaType,
    /// The pool demands a second factor that the user has not set up.
    MfaSetup,
    /// The right password was a temporary one.
    NewPasswordRequired,
    /// Any other, known to Cognito or not yet.
    Other,
}

impl Challenge {
    /// The challenge of this name; [`Challenge::Other`] where the name is not one of those above.
    pub fn named(name: &str) -> Self {
        name.parse().unwrap_or(Challenge::Other)
    }
}

/// The status of a user in a pool, under Cognito's names.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#signup-confirmation-verification>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// Never confirmed the account.
    Unconfirmed,
    /// Signs in.
    Confirmed,
    /// No longer used by Cognito.
    Archived,
    /// Cognito saw the credentials in a breach.
    Compromised,
    /// Cognito itself does not know.
    Unknown,
    /// Must set a new password with a code.
    ResetRequired,
    /// Has a temporary password.
    ForceChangePassword,
    /// Signs in through an identity provider.
    ExternalProvider,
    /// A status that this version does not know.
    Other,
}

impl UserStatus {
    /// Cognito's name of the status.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The status of this name; [`UserStatus::Other`] where the name is not one of those above.
    pub fn named(name: &str) -> Self {
        name.parse().unwrap_or(UserStatus::Other)
    }
}

/// Whether the source pool still lets the user in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The state that the pool's administrators see.
    Reported {
        /// Whether no administrator has disabled the user.
        enabled: bool,
        /// The user's status.
        status: UserStatus,
    },
    /// The profile was read with the user's own fresh access token. A pool gives tokens only to enabled, confirmed users.
    VouchedByToken,
}

/// The second factors of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum SecondFactor {
    /// None is set.
    None,
    /// Codes by text message, and nothing else.
    Sms,
    /// A second factor that cannot be carried over, alone or together with text messages.
    Other,
}

impl SecondFactor {
    /// The second factor of a user with this `UserMFASettingList`.
    pub fn of(factors: &[String]) -> Self {
        match factors {
            [] => SecondFactor::None,
            all if all.iter().all(|factor| factor == "SMS_MFA") => SecondFactor::Sms,
            _ => SecondFactor::Other,
        }
    }
}

/// The MFA setting of a user pool.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserPoolMfaConfig.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, VariantArray)]
pub enum PoolMfa {
    /// No user is asked for a second factor.
    #[default]
    Off,
    /// Users who have set up a second factor are asked for it.
    Optional,
    /// Every user is asked for a second factor.
    On,
}

/// A user's attributes: name and value, `sub` among them, in the pool's order.
pub type Attributes = Vec<(String, String)>;

/// Whether this value of `email_verified` or `phone_number_verified` says that the user has proved to own the contact.
///
/// Cognito writes `true` and `false`. Administrators also write flags with tools of their own, which have other spellings.
pub fn says_verified(flag: Option<&str>) -> bool {
    flag.is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
}

/// A user's identity in a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user's real name in the pool, whatever alias was typed.
    pub username: String,
    /// The user's attributes.
    pub attributes: Attributes,
}

impl Identity {
    /// The value of an attribute, if the user has it.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The user's unique id in the pool.
    pub fn sub(&self) -> Option<&str> {
        self.attribute("sub").filter(|sub| !sub.is_empty())
    }

    /// The value of a contact, if the attribute `flag` says that the user has proved to own it.
    pub fn proven(&self, contact: &str, flag: &str) -> Option<&str> {
        let is_proven = says_verified(self.attribute(flag));
        let value = self.attribute(contact);
        value.filter(|value| is_proven && !value.is_empty())
    }
}

/// A user as the source pool knows it.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The user's name and attributes.
    pub identity: Identity,
    /// Whether the pool still lets the user in.
    pub standing: Standing,
    /// The user's second factors.
    pub second_factor: SecondFactor,
}

/// A user in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUser {
    /// The user's name and attributes.
    pub identity: Identity,
    /// Whether no administrator has disabled the user.
    pub enabled: bool,
    /// The user's status.
    pub status: UserStatus,
    /// When the user was last changed, in seconds since 1970; `None` where the list does not say.
    pub last_modified: Option<i64>,
}

/// The users that the source pool lists under an attribute's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The listed users. Their values may differ in case.
    pub users: Vec<ListedUser>,
    /// Whether more users may follow.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::*;

    #[test]
    fn challenges_and_statuses_have_cognitos_names() {
        const CHALLENGES: &str = "SMS_MFA SOFTWARE_TOKEN_MFA EMAIL_OTP SELECT_MFA_TYPE MFA_SETUP \
                                  NEW_PASSWORD_REQUIRED PASSWORD_VERIFIER";
        let found: Vec<_> = CHALLENGES.split(' ').map(Challenge::named).collect();
        assert_eq!(found, Challenge::VARIANTS);
        assert_eq!(["sms_mfa", ""].map(Challenge::named), [Challenge::Other; 2]);
        let statuses = UserStatus::VARIANTS.iter();
        let names: Vec<_> = statuses.clone().map(|status| status.as_str()).collect();
        assert_eq!(
            names.join(" "),
            "UNCONFIRMED CONFIRMED ARCHIVED COMPROMISED UNKNOWN RESET_REQUIRED FORCE_CHANGE_PASSWORD EXTERNAL_PROVIDER OTHER"
        );
        for status in statuses {
            assert_eq!(UserStatus::named(status.as_str()), *status);
        }
        for name in ["SUSPENDED", "confirmed", "Confirmed", ""] {
            assert_eq!(UserStatus::named(name), UserStatus::Other, "{name}");
        }
    }

    #[test]
    fn only_text_messages_alone_are_a_factor_that_can_be_carried_over() {
        let of = |factors| SecondFactor::of(&names(factors));
        assert_eq!(of(""), SecondFactor::None);
        assert_eq!(
            ["SMS_MFA", "SMS_MFA SMS_MFA"].map(of),
            [SecondFactor::Sms; 2]
        );
        let others = ["SOFTWARE_TOKEN_MFA", "SMS_MFA EMAIL_OTP", "NEW_FACTOR"];
        assert_eq!(others.map(of), [SecondFactor::Other; 3]);
    }

    /// Every spelling of `true`, and what is not one.
    #[test]
    fn a_flag_is_true_in_any_case_and_nothing_else_is() {
        for bits in 0..16_u8 {
            let in_case = |(at, letter): (usize, char)| match bits >> at & 1 {
                0 => letter,
                _ => letter.to_ascii_uppercase(),
            };
            let spelling: String = "true".chars().enumerate().map(in_case).collect();
            assert!(says_verified(Some(&spelling)), "{spelling}");
        }
        assert!(!says_verified(None));
        let others = "false False yes 1 truе ｔｒｕｅ truetrue".split(' ');
        for other in others.chain(["", " true", "true\n"]) {
            assert!(!says_verified(Some(other)), "{other:?}");
        }
    }

    #[test]
    fn a_contact_is_proven_by_its_flag_in_any_case() {
        for (attributes, proven) in [
            ("email=ana@example.com email_verified=true", true),
            ("email=ana@example.com email_verified=TRUE", true),
            ("email=ana@example.com email_verified=yes", false),
            ("email= email_verified=True", false),
        ] {
            let user = identity("ana", attributes);
            let expected = proven.then_some("ana@example.com");
            assert_eq!(user.proven("email", "email_verified"), expected);
            assert_eq!(user.proven("phone_number", "email_verified"), None);
        }
    }

    #[test]
    fn an_empty_sub_is_none() {
        assert_eq!(identity("ana", "sub=7c7f").sub(), Some("7c7f"));
        assert_eq!(identity("ana", "sub=").sub(), None);
    }
}
