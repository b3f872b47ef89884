//! The acceptance of the function's answer by the destination pool: whether the pool creates the user, and whether the typed
//! name finds that user again.
//!
//! After the function's answer Cognito creates the user by the rules of the destination pool, and the next sign-in looks for
//! the same name there. Each rule names its source. Where no page of AWS states a rule, it comes from public reports of
//! Cognito's error messages.

use std::collections::BTreeMap;

use rules::{
    admission::FinalUserStatus,
    attributes::{VERIFIED_FLAGS, is_same_name, is_verified},
    evidence::PoolMfa,
    migrated_user::MigratedUser,
    pool::UserPoolDescription,
    sign_in_name::SignInName,
};
use strum::{IntoStaticStr, VariantArray};

use crate::schema;

/// The end of a migration that the function has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Acceptance {
    /// The destination pool creates the user, and the same name signs in again.
    SignsInAgain,
    /// The destination pool creates the user, and the same name does not find the user: it is an alias that is not verified.
    ///
    /// An address or a phone number signs in only once it is verified. Before that the user does not exist for Cognito under
    /// this name. So the migration trigger runs again, and its answer meets a user name that is taken.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
    LockedOut,
    /// The destination pool cannot create the user.
    Refused(Refusal),
}

/// The rule of a destination pool that an answer breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Refusal {
    /// Users sign in by an address or a phone number, and the typed name is neither: "Username should be an email" (reported).
    NameForm,
    /// The typed address is not the address among the attributes: "User email should be empty or same as username, since
    /// username attribute is email" (reported).
    OtherAddress,
    /// Another user name is returned, and the typed name is no alias of the user.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html>
    NameChanged,
    /// The user name has the form of an alias of the pool: "Username cannot be of email format since user pool is configured
    /// for email alias" (reported).
    NameIsAlias,
    /// The preferred user name is an alias of the pool, and equal to the user name (reported of AdminCreateUser).
    NameIsPreferred,
    /// A user name has 1 to 128 characters, and none of them is a blank.
    /// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html>
    NameCharacters,
    /// The pool lacks an attribute, or the value has the wrong type, length, range or format: "Attributes did not conform to
    /// the schema" (reported).
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
    Schema,
    /// A verified flag is true, and the contact is missing.
    /// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html>
    FlagWithoutContact,
    /// Codes by text message are to be a second factor, and MFA is off in the pool or the user has no phone number.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html>
    SmsMfa,
}

impl Refusal {
    /// Whether the name is refused, and not an attribute.
    pub fn is_of_name(self) -> bool {
        match self {
            Refusal::NameForm
            | Refusal::OtherAddress
            | Refusal::NameChanged
            | Refusal::NameIsAlias
            | Refusal::NameIsPreferred
            | Refusal::NameCharacters => true,
            Refusal::Schema | Refusal::FlagWithoutContact | Refusal::SmsMfa => false,
        }
    }

    /// The reason why the destination pool cannot create the user, as the end of a sentence that begins with "because".
    pub fn because(self) -> &'static str {
        match self {
            Refusal::NameForm => {
                "its users sign in by an address or a phone number, and the typed name is neither of those"
            }
            Refusal::OtherAddress => {
                "the typed name must be the user's address or phone number there, and another one is copied"
            }
            Refusal::NameChanged => {
                "DST_USERNAME returns another user name, and the typed name is no alias there"
            }
            Refusal::NameIsAlias => {
                "its users have aliases, and a user name must not have the form of an alias"
            }
            Refusal::NameIsPreferred => {
                "the preferred user name is an alias there, and it is equal to the user name"
            }
            Refusal::NameCharacters => {
                "a user name has at most 128 characters, and none of them is a blank"
            }
            Refusal::Schema => "it lacks an attribute, or does not take a value",
            Refusal::FlagWithoutContact => "a contact is said to be verified, and is missing",
            Refusal::SmsMfa => {
                "codes by text message need MFA in the destination pool, and a phone number"
            }
        }
    }
}

/// The acceptance of this answer by the destination `pool`, for a user who typed this name.
pub fn of(pool: &UserPoolDescription, typed: &str, answer: &MigratedUser) -> Acceptance {
    offered(pool, typed, answer, |user| {
        let refusal = user.name_refusal();
        match refusal.or_else(|| user.attribute_refusal(answer.enable_sms_mfa)) {
            Some(refusal) => Acceptance::Refused(refusal),
            None if user.is_found_by(typed) => Acceptance::SignsInAgain,
            None => Acceptance::LockedOut,
        }
    })
}

/// Whether `name` finds the user whom the destination `pool` has created of the answer to the typed name.
pub fn finds(pool: &UserPoolDescription, typed: &str, answer: &MigratedUser, name: &str) -> bool {
    offered(pool, typed, answer, |user| user.is_found_by(name))
}

/// The result of `look` for the user whom Cognito is to create.
fn offered<T>(
    pool: &UserPoolDescription,
    typed: &str,
    answer: &MigratedUser,
    look: impl FnOnce(&Offered<'_>) -> T,
) -> T {
    let mut attributes = answer.attributes.clone();
    // This entry is the user name and not an attribute.
    let returned = attributes.remove("username");
    look(&Offered {
        pool,
        typed,
        username: returned.as_deref().unwrap_or(typed),
        attributes: &attributes,
    })
}

/// The forms of names that Cognito tells apart: e-mail addresses and phone numbers.
const ADDRESSES: [SignInName; 2] = [SignInName::Email, SignInName::PhoneNumber];

/// A user whom Cognito is to create.
struct Offered<'a> {
    pool: &'a UserPoolDescription,
    typed: &'a str,
    username: &'a str,
    attributes: &'a BTreeMap<String, String>,
}

impl Offered<'_> {
    /// The rule of names that is broken, if one is.
    fn name_refusal(&self) -> Option<Refusal> {
        if !(1..=128).contains(&self.username.chars().count())
            || self
                .username
                .contains(|c: char| c.is_whitespace() || c.is_control())
        {
            return Some(Refusal::NameCharacters);
        }
        if self.username != self.typed && self.aliases_of(self.typed).next().is_none() {
            return Some(Refusal::NameChanged);
        }
        if !self.pool.username_attributes.is_empty() {
            return self.address_refusal();
        }
        let has_form_of_alias = |name: &SignInName| {
            is_among(&self.pool.alias_attributes, *name) && name.has_form(self.username)
        };
        if ADDRESSES.iter().any(has_form_of_alias) {
            return Some(Refusal::NameIsAlias);
        }
        self.aliases_of(self.username)
            .any(|alias| alias == SignInName::PreferredUsername)
            .then_some(Refusal::NameIsPreferred)
    }

    /// The rule that is broken in a pool whose users sign in by an address instead of a user name.
    fn address_refusal(&self) -> Option<Refusal> {
        match self.typed_address() {
            None => Some(Refusal::NameForm),
            Some(kind) if self.attributes.contains_key(kind.as_str()) => {
                (!self.holds(kind, self.typed)).then_some(Refusal::OtherAddress)
            }
            // Cognito fills it in.
            Some(_) => None,
        }
    }

    /// The rule of attributes that is broken, if one is.
    fn attribute_refusal(&self, enable_sms_mfa: bool) -> Option<Refusal> {
        let has = |name: &str| self.attributes.contains_key(name);
        let lacks_contact = VERIFIED_FLAGS.into_iter().any(|(contact, flag)| {
            let is_true = self.attributes.get(flag).is_some_and(|flag| flag == "true");
            is_true && !has(contact) && !self.fills_in(contact)
        });
        if lacks_contact {
            return Some(Refusal::FlagWithoutContact);
        }
        if !schema::takes(&self.pool.schema, self.attributes) {
            return Some(Refusal::Schema);
        }
        let can_send = self.pool.mfa != PoolMfa::Off && has("phone_number");
        (enable_sms_mfa && !can_send).then_some(Refusal::SmsMfa)
    }

    /// Whether Cognito itself sets this contact, because it is the name that was typed.
    fn fills_in(&self, contact: &str) -> bool {
        self.typed_address()
            .is_some_and(|address| address.as_str() == contact)
    }

    /// The attribute that is the user name in this pool, and whose form the typed name has.
    fn typed_address(&self) -> Option<SignInName> {
        ADDRESSES.into_iter().find(|address| {
            is_among(&self.pool.username_attributes, *address) && address.has_form(self.typed)
        })
    }

    /// Whether a sign-in with this name finds the user who was created. Where users sign in by an address, they do so by the
    /// one that was typed when they were created.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
    fn is_found_by(&self, name: &str) -> bool {
        if !self.pool.username_attributes.is_empty() {
            return self.is_same(self.typed, name);
        }
        let signs_in = |alias: &SignInName| {
            *alias == SignInName::PreferredUsername || is_verified(self.attributes, alias.as_str())
        };
        self.is_same(self.username, name) || self.aliases_of(name).any(|alias| signs_in(&alias))
    }

    /// The aliases of the pool as which the user has this value.
    fn aliases_of(&self, value: &str) -> impl Iterator<Item = SignInName> {
        SignInName::VARIANTS.iter().copied().filter(move |name| {
            is_among(&self.pool.alias_attributes, *name) && self.holds(*name, value)
        })
    }

    /// Whether these names are one in the destination pool.
    fn is_same(&self, one: &str, other: &str) -> bool {
        match self.pool.case_sensitive {
            true => one == other,
            false => is_same_name(one, other),
        }
    }

    /// Whether the user has this value, in the destination pool's case.
    fn holds(&self, name: SignInName, value: &str) -> bool {
        let held = self.attributes.get(name.as_str());
        held.is_some_and(|held| self.is_same(held, value))
    }
}

/// Whether a pool names this attribute in a list.
fn is_among(attributes: &[String], name: SignInName) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute == name.as_str())
}

/// The results for a user, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum UserResult {
    /// A sign-in migrates, the destination pool creates the user, and the same name signs in again.
    Moves,
    /// The user is created and must reset the password first, or only a password reset migrates.
    MovesAfterReset,
    /// The function rejects the user.
    Stays,
    /// The function migrates, and the destination pool cannot create the user.
    Refused(Refusal),
    /// The user is created, and the typed name does not find the user at the next sign-in.
    LockedOut,
}

impl UserResult {
    /// The name under which the result is counted.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the user signs in to the destination pool, and again.
    pub fn is_good(self) -> bool {
        self <= UserResult::MovesAfterReset
    }

    /// The result for a user who typed this name: `sign_in` and `reset` are the function's answers, `None` where it migrates
    /// no user.
    pub fn of(
        pool: &UserPoolDescription,
        typed: &str,
        sign_in: Option<&MigratedUser>,
        reset: Option<&MigratedUser>,
    ) -> Self {
        let Some(answer) = sign_in.or(reset) else {
            return UserResult::Stays;
        };
        match of(pool, typed, answer) {
            Acceptance::Refused(refusal) => UserResult::Refused(refusal),
            Acceptance::LockedOut => UserResult::LockedOut,
            Acceptance::SignsInAgain => match answer.final_status {
                Some(FinalUserStatus::Confirmed) => UserResult::Moves,
                Some(FinalUserStatus::ResetRequired) | None => UserResult::MovesAfterReset,
            },
        }
    }
}

#[cfg(test)]
mod tests;
