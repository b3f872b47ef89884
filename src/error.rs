//! Refusals and failures, and what of them may leave the function.
//!
//! Cognito shows the message of a thrown error to the person who signs in, word for word
//! (`UserMigration failed with error <message>.`), so every sentence that can leave the function is a
//! constant of this file. Why somebody was refused is logged and never answered: see [`Reason`].

use lambda_runtime::Diagnostic;

/// What a person sees whose sign-in was refused, if refusals are answered as errors.
///
/// It is Cognito's own sentence for a wrong password, so that a refusal says nothing about whether the user exists.
const REJECTED: &str = "Incorrect username or password.";

/// What a person sees when the source pool could not be asked, whatever the cause.
const UNAVAILABLE: &str = "Sign-in is temporarily unavailable. Please try again.";

/// What a person sees who signs up with the name or address of somebody who can still migrate.
const ACCOUNT_EXISTS: &str = "An account with this sign-in already exists. Please sign in.";

/// Why a user is not migrated, or may not sign up. Logged as `reason`, never returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The source pool refused the password.
    WrongCredentials,
    /// The source pool has no such user.
    UserNotFound,
    /// More than one user of the source pool has what was typed as a sign-in name.
    AmbiguousUser,
    /// The user is disabled in the source pool.
    UserDisabled,
    /// The user never confirmed the account in the source pool.
    NotConfirmed,
    /// The source pool demands a new password before anybody signs in.
    PasswordResetRequired,
    /// The password is a temporary one, set by an administrator.
    TemporaryPassword,
    /// The user has a second factor that the configuration does not let go.
    MfaRefused,
    /// The source pool asked for something that does not prove the password, or that is not known here.
    UnsupportedChallenge,
    /// The user signs in through an identity provider and has no password.
    ExternalProvider,
    /// The user's status in the source pool is not one from which people are migrated.
    UnusableStatus,
    /// A reset code could reach the user neither by e-mail nor by phone.
    NoVerifiedContact,
    /// Password resets do not migrate in this configuration.
    ForgotPasswordOff,
    /// A Lambda trigger of the source pool said no.
    SourceTriggerRefused,
    /// The event holds no password.
    NoPassword,
    /// The event cannot be used, or the source pool calls what it holds invalid.
    InvalidRequest,
    /// The event is of a trigger that this function does not serve.
    UnknownTrigger,
    /// Who signs up has the name or address of a user of the source pool who can still migrate.
    AccountExists,
}

impl Reason {
    /// The name under which the reason is logged.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::WrongCredentials => "wrong_credentials",
            Reason::UserNotFound => "user_not_found",
            Reason::AmbiguousUser => "ambiguous_user",
            Reason::UserDisabled => "user_disabled",
            Reason::NotConfirmed => "not_confirmed",
            Reason::PasswordResetRequired => "password_reset_required",
            Reason::TemporaryPassword => "temporary_password",
            Reason::MfaRefused => "mfa_refused",
            Reason::UnsupportedChallenge => "unsupported_challenge",
            Reason::ExternalProvider => "external_provider",
            Reason::UnusableStatus => "unusable_status",
            Reason::NoVerifiedContact => "no_verified_contact",
            Reason::ForgotPasswordOff => "forgot_password_off",
            Reason::SourceTriggerRefused => "source_trigger_refused",
            Reason::NoPassword => "no_password",
            Reason::InvalidRequest => "invalid_request",
            Reason::UnknownTrigger => "unknown_trigger",
            Reason::AccountExists => "account_exists",
        }
    }
}

/// Whose fault a failure is; answered as `errorType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// The source pool, or the way to it, is down, throttled or talks nonsense: it may work a moment later.
    SourceUnavailable,
    /// A setting, a policy or a secret is wrong: it will not work until somebody mends it.
    Misconfigured,
}

impl FailureClass {
    /// The name of the class, as answered and logged.
    pub fn as_str(self) -> &'static str {
        match self {
            FailureClass::SourceUnavailable => "SourceUnavailable",
            FailureClass::Misconfigured => "Misconfigured",
        }
    }
}

/// Why the source pool could not be asked: for the log, for an engineer.
///
/// Nothing in it comes from a user: the texts are constants, the code is the service's error code, and only if
/// it looks like one, and the request id is the one that AWS support asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whose fault it is.
    pub class: FailureClass,
    /// What was being done, such as `AdminGetUser`.
    pub operation: &'static str,
    /// What went wrong: the service's error code or a word of ours.
    pub code: String,
    /// The service's id of the failed request.
    pub source_request_id: Option<String>,
}

impl Failure {
    /// A failure that no answer of the service describes, such as a time-out. `code` says it in one word.
    pub fn unavailable(operation: &'static str, code: &'static str) -> Self {
        Failure {
            class: FailureClass::SourceUnavailable,
            operation,
            code: code.to_owned(),
            source_request_id: None,
        }
    }
}

/// The Lambda errors with which an invocation can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FunctionError {
    /// A refusal, answered as an error; also the answer to input that is not JSON, which cannot be echoed.
    #[error("{}", REJECTED)]
    Rejected,
    /// A sign-up with somebody else's name or address.
    #[error("{}", ACCOUNT_EXISTS)]
    AccountExists,
    /// The source pool could not be asked.
    #[error("{}", UNAVAILABLE)]
    Failed(FailureClass),
}

impl FunctionError {
    fn error_type(self) -> &'static str {
        match self {
            FunctionError::Rejected => "Rejected",
            FunctionError::AccountExists => "AccountExists",
            FunctionError::Failed(class) => class.as_str(),
        }
    }
}

impl From<FunctionError> for Diagnostic {
    fn from(error: FunctionError) -> Self {
        Diagnostic {
            error_type: error.error_type().to_owned(),
            error_message: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_answered_with_the_same_sentence() {
        for class in [FailureClass::SourceUnavailable, FailureClass::Misconfigured] {
            let answer = Diagnostic::from(FunctionError::Failed(class));
            assert_eq!(answer.error_type, class.as_str());
            assert_eq!(
                answer.error_message,
                "Sign-in is temporarily unavailable. Please try again."
            );
        }
    }

    #[test]
    fn a_refused_sign_up_says_no_more_than_cognito_does() {
        let answer = Diagnostic::from(FunctionError::AccountExists);
        assert_eq!(answer.error_type, "AccountExists");
        assert_eq!(
            answer.error_message,
            "An account with this sign-in already exists. Please sign in."
        );
    }

    #[test]
    fn a_refusal_is_answered_with_cognitos_own_sentence() {
        let answer = Diagnostic::from(FunctionError::Rejected);
        assert_eq!(answer.error_type, "Rejected");
        assert_eq!(answer.error_message, "Incorrect username or password.");
    }
}
