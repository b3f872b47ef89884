//! The questions that AWS's documentation leaves open and `verify` answers on an account.

use strum::{IntoStaticStr, VariantArray};

/// A question that no page of AWS answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum OpenQuestion {
    /// The effect of a pre authentication trigger on a name that the destination pool does not know.
    PreAuthentication,
    /// Whether the token of the sign-in that migrates names the copied groups.
    GroupsInFirstToken,
    /// Whether a migration calls pre_sign_up, and under which trigger source.
    PreSignUp,
    /// Whether the sign-in that migrates calls post_authentication.
    PostAuthentication,
    /// The status of a user whom a password reset has migrated.
    StatusAfterReset,
    /// The answer that an app gets for such a user.
    SignInAfterReset,
    /// Whether a name in mixed case signs in.
    CaseOfNames,
    /// Whether choice-based sign-in with a password calls the migration trigger.
    UserAuth,
    /// Whether a user with an unverified address signs in twice where the address is an alias.
    UnverifiedAlias,
    /// Whether the sign-in that migrates a user with SMS MFA asks for the code.
    SmsAtOnce,
}

impl OpenQuestion {
    /// The name of its answer in a record, and on the page.
    pub fn id(self) -> &'static str {
        self.into()
    }

    /// The question in words.
    pub fn asked(self) -> &'static str {
        match self {
            Self::PreAuthentication => {
                "Does the pre_authentication trigger refuse names that the pool does not know?"
            }
            Self::GroupsInFirstToken => "Does the first token hold the copied groups?",
            Self::PreSignUp => "Is pre_sign_up called for a migration, and as what?",
            Self::PostAuthentication => {
                "Is post_authentication called for the sign-in that migrates?"
            }
            Self::StatusAfterReset => "Which status has a user whom a password reset has migrated?",
            Self::SignInAfterReset => {
                "What does an app hear at a sign-in of such a user, before the reset is done?"
            }
            Self::CaseOfNames => "Does a user get in whose name is in mixed case?",
            Self::UserAuth => "Does USER_AUTH with a password call the migration trigger?",
            Self::UnverifiedAlias => {
                "Does a user with an unverified address sign in twice, where the address is an alias?"
            }
            Self::SmsAtOnce => {
                "Does the sign-in that migrates a user with SMS MFA ask for the code?"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_has_a_name_and_words() {
        assert_eq!(OpenQuestion::SmsAtOnce.id(), "sms_at_once");
        for question in OpenQuestion::VARIANTS {
            assert!(question.asked().ends_with('?'), "{question:?}");
        }
    }
}
