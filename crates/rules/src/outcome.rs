//! The ways in which an invocation can end, and the texts that may leave the function.
//!
//! Cognito shows the message of a thrown error to the person who signs in, word for word
//! (`UserMigration failed with error <message>.`). So every sentence that can leave the function is a constant of this
//! file. The reason of a rejection is logged and never answered: see [`Reason`].

use std::borrow::Cow;

use strum::{EnumMessage, IntoStaticStr, VariantArray};

/// The sentence for a rejected sign-in, if rejections are answered as errors.
///
/// It is Cognito's own sentence for a wrong password, so that a rejection does not tell whether the user exists.
const REJECTED: &str = "Incorrect username or password.";

/// The sentence for a user whose sign-in failed because the source pool gave no usable answer.
const UNAVAILABLE: &str = "Sign-in is temporarily unavailable. Please try again.";

/// The sentence for a sign-up with the name or address of a source user who can still migrate.
const ACCOUNT_EXISTS: &str = "An account with this sign-in already exists. Please sign in.";

/// The reason why a user is not migrated, or may not sign up. Logged as `reason`, never returned.
///
/// What each means is said here only: pages and tools have it from [`EnumMessage::get_documentation`].
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumMessage,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Reason {
    /// The source pool did not take the password.
    WrongCredentials,
    /// The source pool has no such user.
    UserNotFound,
    /// More than one user of the source pool has what was typed as a sign-in name.
    AmbiguousUser,
    /// The user is disabled in the source pool.
    UserDisabled,
    /// The user never confirmed the account in the source pool.
    NotConfirmed,
    /// The source pool demands a new password before a sign-in.
    PasswordResetRequired,
    /// The password is a temporary one, set by an administrator.
    TemporaryPassword,
    /// The user has a second factor that the settings do not let through.
    MfaRefused,
    /// The source pool asked for something that does not prove the password, or that is not known here.
    UnsupportedChallenge,
    /// The user signs in through an identity provider and has no password.
    ExternalProvider,
    /// The user's status in the source pool is not one from which users are migrated.
    UnusableStatus,
    /// A reset code could reach the user neither by e-mail nor by phone.
    NoVerifiedContact,
    /// Password resets do not migrate under these settings.
    ForgotPasswordOff,
    /// A Lambda trigger of the source pool said no.
    SourceTriggerRefused,
    /// The event holds no password.
    NoPassword,
    /// The event cannot be used, or the source pool calls what it holds invalid.
    InvalidRequest,
    /// The event is of a trigger that this function does not serve.
    UnknownTrigger,
    /// The name or address belongs to a user of the source pool who can still migrate.
    AccountExists,
    /// The mark is that of a source user who is not recognisably the same person.
    MarkOfAnotherUser,
    /// The threat protection of the source pool blocked the sign-in. The password was not judged.
    BlockedByRisk,
}

impl Reason {
    /// The name under which the reason is logged.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The class of a failure; answered as `errorType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumMessage, IntoStaticStr, VariantArray)]
pub enum FailureClass {
    /// The source pool, or the way to it, is down, throttled or answers nonsense: it may work a moment later.
    SourceUnavailable,
    /// A setting, a policy or a secret is wrong: it will not work until that is mended.
    Misconfigured,
}

impl FailureClass {
    /// The name of the class, as answered and logged.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The cause of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Cause {
    /// No answer came: no connection, or a time-out.
    Unreachable,
    /// The answer cannot be used at the moment: throttled, broken, or half an answer.
    Busy,
    /// The answer is not from AWS: a proxy, or another endpoint, answered.
    Stranger,
    /// AWS no longer takes credentials that it took before.
    CredentialsExpired,
    /// The service answered with an error that another try would not change, for example of a trigger or a firewall. Or its
    /// answers contradict each other.
    Broken,
    /// The function itself ended the work: its time was up, or it panicked.
    Ended,
    /// There are no credentials, AWS does not take them, or the role cannot be assumed.
    Credentials,
    /// An IAM permission is missing.
    NotAllowed,
    /// The pool, app client or group does not exist.
    NotFound,
    /// The app client does not allow the authentication flow.
    FlowOff,
    /// The app client's secret is another one, is missing, or is sent where there is none.
    WrongSecret,
    /// Something else in the settings of the function or of a pool is wrong.
    Settings,
}

impl Cause {
    /// The class of failures with this cause.
    pub fn class(self) -> FailureClass {
        use Cause::*;
        match self {
            Unreachable | Busy | Stranger | CredentialsExpired | Broken | Ended => {
                FailureClass::SourceUnavailable
            }
            Credentials | NotAllowed | NotFound | FlowOff | WrongSecret | Settings => {
                FailureClass::Misconfigured
            }
        }
    }

    /// Whether the same call may succeed if it is made again at once.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Cause::Unreachable | Cause::Busy | Cause::Stranger | Cause::CredentialsExpired
        )
    }
}

/// A failed operation, as it is logged for an engineer.
///
/// Nothing in it comes from a user. The operation is a constant. The code is the service's error code, and only if it
/// looks like one, or a word of ours. The request id is the one that AWS support asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The cause.
    pub cause: Cause,
    /// The operation, such as `AdminGetUser`.
    pub operation: &'static str,
    /// The service's error code, or a constant word of this project.
    pub code: Cow<'static, str>,
    /// The service's id of the failed request.
    pub source_request_id: Option<String>,
}

impl Failure {
    /// A failure that no answer of the service describes, such as a time-out. `code` says it in one word.
    pub fn new(cause: Cause, operation: &'static str, code: &'static str) -> Self {
        Failure {
            cause,
            operation,
            code: Cow::Borrowed(code),
            source_request_id: None,
        }
    }

    /// The class of the failure.
    pub fn class(&self) -> FailureClass {
        self.cause.class()
    }
}

/// The error of every fallible step, from a call to the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The rules or the source pool reject the user.
    Rejected(Reason),
    /// The question has no answer.
    Failed(Failure),
}

impl Stop {
    /// The reason of a rejection, or the class of a failure, under the name that is logged.
    pub fn reason(&self) -> &'static str {
        match self {
            Stop::Rejected(reason) => reason.as_str(),
            Stop::Failed(failure) => failure.class().as_str(),
        }
    }

    /// The same, but a rejection that is not `expected` becomes a failure of `operation`: the answer does not fit the
    /// question.
    pub fn only(self, expected: &[Reason], operation: &'static str) -> Self {
        match self {
            Stop::Rejected(reason) if expected.contains(&reason) => self,
            other => other.failure(operation).into(),
        }
    }

    /// The same as a failure of `operation`, which concerns no user, so that a rejection makes no sense.
    pub fn failure(self, operation: &'static str) -> Failure {
        match self {
            Stop::Failed(failure) => failure,
            Stop::Rejected(_) => Failure::new(Cause::Broken, operation, "UnexpectedRefusal"),
        }
    }
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Stop::Rejected(reason)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failed(failure)
    }
}

/// The Lambda errors with which an invocation can end. `Display` is the sentence that the user sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FunctionError {
    /// A rejection, answered as an error; also the answer to input that is not JSON, which cannot be echoed.
    #[error("{}", REJECTED)]
    Rejected,
    /// A sign-up with the name or address of a source user who can still migrate.
    #[error("{}", ACCOUNT_EXISTS)]
    AccountExists,
    /// The source pool could not be asked.
    #[error("{}", UNAVAILABLE)]
    Failed(FailureClass),
}

impl FunctionError {
    /// Lambda's `errorType`.
    pub fn error_type(self) -> &'static str {
        match self {
            FunctionError::Rejected => "Rejected",
            FunctionError::AccountExists => "AccountExists",
            FunctionError::Failed(class) => class.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_type_and_its_constant_sentence() {
        use FailureClass::{Misconfigured, SourceUnavailable};
        use FunctionError::{AccountExists, Failed, Rejected};
        const EXISTS: &str = "An account with this sign-in already exists. Please sign in.";
        const TRY_AGAIN: &str = "Sign-in is temporarily unavailable. Please try again.";
        for (error, error_type, sentence) in [
            (Rejected, "Rejected", "Incorrect username or password."),
            (AccountExists, "AccountExists", EXISTS),
            (Failed(SourceUnavailable), "SourceUnavailable", TRY_AGAIN),
            (Failed(Misconfigured), "Misconfigured", TRY_AGAIN),
        ] {
            assert_eq!(error.error_type(), error_type);
            assert_eq!(error.to_string(), sentence);
        }
    }

    #[test]
    fn every_reason_is_logged_under_the_name_that_is_promised() {
        let reasons = Reason::VARIANTS.iter();
        let names: Vec<_> = reasons
            .map(|reason| Stop::Rejected(*reason).reason())
            .collect();
        assert_eq!(
            names.join(" "),
            "wrong_credentials user_not_found ambiguous_user user_disabled not_confirmed password_reset_required \
             temporary_password mfa_refused unsupported_challenge external_provider unusable_status no_verified_contact \
             forgot_password_off source_trigger_refused no_password invalid_request unknown_trigger account_exists \
             mark_of_another_user blocked_by_risk"
        );
    }

    #[test]
    fn only_the_rejections_that_make_sense_stay_rejections() {
        let rejected = Stop::Rejected(Reason::UserNotFound);
        let kept = rejected.clone().only(&[Reason::UserNotFound], "Get");
        assert_eq!(kept, rejected);
        let failure = Failure::new(Cause::Broken, "Get", "UnexpectedRefusal");
        let judged = rejected.only(&[Reason::InvalidRequest], "Get");
        assert_eq!(judged, failure.into());
    }

    #[test]
    fn only_what_may_work_a_moment_later_is_tried_again() {
        use Cause::{Broken, Busy, CredentialsExpired, Ended, Stranger, Unreachable};
        for cause in Cause::VARIANTS {
            let may_pass = [Unreachable, Busy, Stranger, CredentialsExpired].contains(cause);
            assert_eq!(cause.may_pass(), may_pass, "{cause:?}");
            let is_unavailable = may_pass || [Broken, Ended].contains(cause);
            let class = cause.class();
            let expected = FailureClass::SourceUnavailable;
            assert_eq!(class == expected, is_unavailable, "{cause:?}");
        }
    }

    #[test]
    fn a_rejection_in_an_operation_without_a_user_is_a_failure() {
        let failure = Stop::Rejected(Reason::WrongCredentials).failure("AssumeRole");
        let expected = Failure::new(Cause::Broken, "AssumeRole", "UnexpectedRefusal");
        assert_eq!(failure, expected);
        let failed = Failure::new(Cause::Busy, "ListUsers", "Http503");
        assert_eq!(Stop::from(failed.clone()).failure("AssumeRole"), failed);
    }
}
