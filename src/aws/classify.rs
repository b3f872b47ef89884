//! What an error of AWS, or of the way to it, means: the one place that knows.
//!
//! The codes and their texts are those of
//! <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html#API_AdminInitiateAuth_Errors>.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cognitoidentityprovider::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use crate::error::{Failure, FailureClass, Reason};

/// What became of one try.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The source pool refused: an answer, and the same at the next try.
    Refused(Reason),
    /// It may work if tried again at once.
    Passing(Failure),
    /// As `Passing`, with new credentials: the pool no longer takes these.
    CredentialsExpired(Failure),
    /// It will not work if tried again.
    Lasting(Failure),
}

/// The meaning of an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Refused(Reason),
    /// Unavailable; `again` says whether another try is worth it.
    Unavailable {
        again: bool,
    },
    CredentialsExpired,
    Misconfigured,
}

const TRY_AGAIN: Meaning = Meaning::Unavailable { again: true };
const GIVE_UP: Meaning = Meaning::Unavailable { again: false };

/// Classifies what the SDK calls an error of `operation`.
pub(crate) fn fault<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    let (meaning, code) = match error {
        SdkError::ServiceError(service) => {
            let metadata = service.err().meta();
            let code = metadata.code().filter(|code| looks_like_a_code(code));
            let meaning = meaning(
                code.unwrap_or_default(),
                metadata.message().unwrap_or_default(),
                status.unwrap_or_default(),
            );
            (meaning, code.map_or_else(|| unnamed(status), str::to_owned))
        }
        // A try that ran out of time, or an answer that cannot be read: the next one may be better.
        SdkError::TimeoutError(_) => (TRY_AGAIN, "Timeout".to_owned()),
        SdkError::ResponseError(_) if status.is_none_or(|status| status == 200) => {
            (TRY_AGAIN, "UnreadableAnswer".to_owned())
        }
        SdkError::ResponseError(_) => (TRY_AGAIN, unnamed(status)),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            (TRY_AGAIN, "Timeout".to_owned())
        }
        other => match credentials_error(other) {
            Some(error) => (without_credentials(error), "Credentials".to_owned()),
            None => (TRY_AGAIN, "Connection".to_owned()),
        },
    };
    let source_request_id = error
        .raw_response()
        .and_then(|response| response.headers().get("x-amzn-requestid"))
        .filter(|id| is_uuid(id))
        .map(str::to_owned);
    let failure = |class| Failure {
        class,
        operation,
        code: code.clone(),
        source_request_id: source_request_id.clone(),
    };
    match meaning {
        Meaning::Refused(reason) => Fault::Refused(reason),
        Meaning::Unavailable { again: true } => {
            Fault::Passing(failure(FailureClass::SourceUnavailable))
        }
        Meaning::Unavailable { again: false } => {
            Fault::Lasting(failure(FailureClass::SourceUnavailable))
        }
        Meaning::CredentialsExpired => {
            Fault::CredentialsExpired(failure(FailureClass::SourceUnavailable))
        }
        Meaning::Misconfigured => Fault::Lasting(failure(FailureClass::Misconfigured)),
    }
}

/// What it means that `operation` found no credentials to sign with.
pub(crate) fn no_credentials(operation: &'static str, error: &CredentialsError) -> Failure {
    Failure {
        class: match without_credentials(error) {
            Meaning::Misconfigured => FailureClass::Misconfigured,
            _ => FailureClass::SourceUnavailable,
        },
        operation,
        code: "Credentials".to_owned(),
        source_request_id: None,
    }
}

/// What an error code means, given its text and the HTTP status. Both texts come from the other side and go no
/// further than here.
fn meaning(code: &str, message: &str, status: u16) -> Meaning {
    match code {
        "NotAuthorizedException" => not_authorized(message),
        "UserNotFoundException" => Meaning::Refused(Reason::UserNotFound),
        "UserNotConfirmedException" => Meaning::Refused(Reason::NotConfirmed),
        "PasswordResetRequiredException" => Meaning::Refused(Reason::PasswordResetRequired),
        "UserLambdaValidationException" => Meaning::Refused(Reason::SourceTriggerRefused),
        "InvalidParameterException" if speaks_of_a_flow(message) => Meaning::Misconfigured,
        "InvalidParameterException" => Meaning::Refused(Reason::InvalidRequest),

        "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => Meaning::CredentialsExpired,

        "AccessDenied"
        | "AccessDeniedException"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidClientTokenId"
        | "InvalidEmailRoleAccessPolicyException"
        | "InvalidSignatureException"
        | "InvalidSmsRoleAccessPolicyException"
        | "InvalidSmsRoleTrustRelationshipException"
        | "InvalidUserPoolConfigurationException"
        | "MalformedPolicyDocument"
        | "MFAMethodNotFoundException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "OptInRequired"
        | "RegionDisabledException"
        | "ResourceNotFoundException"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException"
        | "UnsupportedOperationException"
        | "ValidationError" => Meaning::Misconfigured,

        "UnexpectedLambdaException" | "InvalidLambdaResponseException" | "ForbiddenException" => {
            GIVE_UP
        }

        "InternalErrorException"
        | "InternalFailure"
        | "InternalServerError"
        | "LimitExceededException"
        | "RequestLimitExceeded"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException" => TRY_AGAIN,

        // No code: a proxy, a firewall or half an answer spoke, not the service.
        "" => TRY_AGAIN,
        _ if status == 429 || status >= 500 => TRY_AGAIN,
        _ => GIVE_UP,
    }
}

/// `NotAuthorizedException` says both that the person is wrong and that we are.
fn not_authorized(message: &str) -> Meaning {
    let message = message.to_ascii_lowercase();
    let mut words = message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    // "Unable to verify secret hash for client …", "Client … is configured with secret but SECRET_HASH was not
    // received", "SecretHash does not match for the client".
    if words.any(|word| matches!(word, "secret" | "secrethash" | "secret_hash")) {
        Meaning::Misconfigured
    } else if message.contains("user is disabled") {
        Meaning::Refused(Reason::UserDisabled)
    } else {
        Meaning::Refused(Reason::WrongCredentials)
    }
}

/// "USER_PASSWORD_AUTH flow not enabled for this client", "Auth flow not enabled for this client", "Initiate Auth
/// method not supported."
fn speaks_of_a_flow(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "flow not enabled",
        "flow is not enabled",
        "flow not supported",
        "flow is not supported",
        "auth method not supported",
    ]
    .iter()
    .any(|text| message.contains(text))
}

/// What an answer means that came and is not whole.
pub(crate) fn unreadable(operation: &'static str) -> Fault {
    Fault::Passing(Failure::unavailable(operation, "UnreadableAnswer"))
}

/// The name of an error without one.
fn unnamed(status: Option<u16>) -> String {
    status.map_or_else(|| "Unnamed".to_owned(), |status| format!("Http{status}"))
}

/// A code goes to the log, and it comes from outside: only what nobody is called may pass.
fn looks_like_a_code(code: &str) -> bool {
    // The codes of STS that do not end as the others do.
    const OTHERS: [&str; 14] = [
        "AccessDenied",
        "ExpiredToken",
        "IncompleteSignature",
        "InternalFailure",
        "InvalidClientTokenId",
        "MalformedPolicyDocument",
        "MissingAuthenticationToken",
        "OptInRequired",
        "RequestExpired",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "SignatureDoesNotMatch",
        "Throttling",
        "ValidationError",
    ];
    let is_exception = code.len() <= 64
        && code.ends_with("Exception")
        && code.bytes().all(|b| b.is_ascii_alphanumeric());
    is_exception || OTHERS.contains(&code)
}

/// Whether the text is a UUID, as the ids of requests are.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The reason why the SDK found no credentials, if that is why a request was never sent.
fn credentials_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CredentialsError> {
    std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref())
}

/// What it means that the SDK found no credentials.
fn without_credentials(error: &CredentialsError) -> Meaning {
    match error {
        CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_) => {
            Meaning::Misconfigured
        }
        _ => TRY_AGAIN,
    }
}
