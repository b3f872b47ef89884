//! The classifier of errors: each error of AWS, or of the network to it, becomes a rejection or a failure.
//!
//! The codes and their texts are those of
//! <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html#API_AdminInitiateAuth_Errors>.

use std::{error::Error, iter};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cognitoidentityprovider::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use rules::{
    outcome::{Cause, Failure, Reason, Stop},
    sensitive,
};

use crate::clock;

/// The only operation of Secrets Manager.
pub(crate) const GET_SECRET_VALUE: &str = "GetSecretValue";

/// The rejection or failure for this error of `operation`.
pub fn stop<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Stop
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    let (cause, code) = match error {
        SdkError::ServiceError(service) => {
            let metadata = service.err().meta();
            let code = metadata.code().unwrap_or_default();
            let message = metadata.message().unwrap_or_default();
            match meaning(operation, code, message) {
                Some(Ok(Cause::Credentials)) if clock::is_blamed(message) => {
                    (Cause::Credentials, clock::WRONG.to_owned())
                }
                Some(Ok(cause)) => (cause, code.to_owned()),
                Some(Err(reason)) => return Stop::Rejected(reason),
                None if looks_like_a_code(code) => {
                    let passes = status.is_some_and(|status| status == 429 || status >= 500);
                    let cause = if passes { Cause::Busy } else { Cause::Broken };
                    (cause, code.to_owned())
                }
                None => unnamed(status),
            }
        }
        // The next try may be better than one that ran out of time, or whose answer cannot be read.
        SdkError::TimeoutError(_) => (Cause::Unreachable, TIMEOUT.to_owned()),
        SdkError::ResponseError(_) => unnamed(status),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            (Cause::Unreachable, TIMEOUT.to_owned())
        }
        other => match credentials_error(other) {
            Some(error) => {
                let (cause, code) = without_credentials(error);
                (cause, code.to_owned())
            }
            None => (Cause::Unreachable, "Connection".to_owned()),
        },
    };
    let source_request_id = error
        .raw_response()
        .and_then(|response| response.headers().get("x-amzn-requestid"))
        .and_then(sensitive::loggable_id);
    Stop::Failed(Failure {
        cause,
        operation,
        code: code.into(),
        source_request_id: source_request_id.map(str::to_owned),
    })
}

/// The code of a failure where the SDK found no credentials.
pub const NO_CREDENTIALS: &str = "Credentials";

/// The code for a provider without credentials. It replaces the error's text, which can hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CredentialsCode(pub &'static str);

const TIMEOUT: &str = "Timeout";
const UNREADABLE: &str = "UnreadableAnswer";

/// The failure where `operation` found no credentials to sign with.
pub(crate) fn no_credentials(operation: &'static str, error: &CredentialsError) -> Failure {
    let (cause, code) = without_credentials(error);
    Failure::new(cause, operation, code)
}

/// The failure where no answer came in time.
pub(crate) fn timeout(operation: &'static str) -> Failure {
    Failure::new(Cause::Unreachable, operation, TIMEOUT)
}

/// The failure where an answer is incomplete.
pub fn unreadable(operation: &'static str) -> Failure {
    Failure::new(Cause::Busy, operation, UNREADABLE)
}

/// The meaning of a known error code and its text: the cause of a failure, or (`Err`) the reason of a rejection. The text
/// comes from the service and is not passed on.
///
/// Some codes of Secrets Manager say something else of a user pool, or nothing.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors>
fn meaning(operation: &str, code: &str, message: &str) -> Option<Result<Cause, Reason>> {
    let is_secret = operation == GET_SECRET_VALUE;
    // Some services and protocols leave the ending out.
    let name = code.strip_suffix("Exception").unwrap_or(code);
    let meaning = match name {
        // The last one says that the secret is to be deleted.
        "DecryptionFailure" | "InvalidParameter" | "InvalidRequest" if is_secret => {
            Ok(Cause::Settings)
        }
        "InternalServiceError" if is_secret => Ok(Cause::Busy),

        "NotAuthorized" => not_authorized(message),
        "UserNotFound" => Err(Reason::UserNotFound),
        "UserNotConfirmed" => Err(Reason::NotConfirmed),
        "PasswordResetRequired" => Err(Reason::PasswordResetRequired),
        "UserLambdaValidation" => Err(Reason::SourceTriggerRefused),
        // The state of one user: a code by text message is demanded, and there is no number to send it to.
        "MFAMethodNotFound" => Err(Reason::MfaRefused),
        "InvalidParameter" if speaks_of_a_flow(message) => Ok(Cause::FlowOff),
        "InvalidParameter" => Err(Reason::InvalidRequest),

        "AccessDenied" => Ok(Cause::NotAllowed),

        "ResourceNotFound" => Ok(Cause::NotFound),

        "ExpiredToken" | "RequestExpired" => Ok(Cause::CredentialsExpired),

        "InvalidClientTokenId"
        | "InvalidSignature"
        | "MissingAuthenticationToken"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClient" => Ok(Cause::Credentials),

        // The last two say that a replica or the plan of the pool lacks the operation.
        "IncompleteSignature"
        | "InvalidEmailRoleAccessPolicy"
        | "InvalidSmsRoleAccessPolicy"
        | "InvalidSmsRoleTrustRelationship"
        | "InvalidUserPoolConfiguration"
        | "MalformedPolicyDocument"
        | "OptInRequired"
        | "RegionDisabled"
        | "UnsupportedOperation"
        | "ValidationError"
        | "FeatureUnavailableInTier"
        | "OperationNotEnabled" => Ok(Cause::Settings),

        "UnexpectedLambda" | "InvalidLambdaResponse" | "Forbidden" => Ok(Cause::Broken),

        "InternalError"
        | "InternalFailure"
        | "InternalServerError"
        | "LimitExceeded"
        | "RequestLimitExceeded"
        | "ServiceUnavailable"
        | "Throttling"
        | "TooManyRequests" => Ok(Cause::Busy),

        _ => return None,
    };
    // Only Cognito's own codes reject, to the letter: to the sign-up guard a rejection says that a name is free.
    (meaning.is_ok() || name != code).then_some(meaning)
}

/// The meaning of `NotAuthorizedException`, which blames either the user or the function's settings.
fn not_authorized(message: &str) -> Result<Cause, Reason> {
    let message = message.to_ascii_lowercase();
    let mut words = message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    // "Unable to verify secret hash for client …", "Client … is configured with secret but SECRET_HASH was not
    // received", "SecretHash does not match for the client".
    if words.any(|word| matches!(word, "secret" | "secrethash" | "secret_hash")) {
        Ok(Cause::WrongSecret)
    } else if message.contains("user is disabled") {
        Err(Reason::UserDisabled)
    } else if message.contains("temporary password has expired") {
        // "Temporary password has expired and must be reset by an administrator."
        Err(Reason::TemporaryPassword)
    } else if message.contains("unable to login because of security reasons") {
        // Threat protection judges the sign-in and not the password.
        Err(Reason::BlockedByRisk)
    } else {
        Err(Reason::WrongCredentials)
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

/// The meaning of an answer without an error code: it comes from a load balancer, a proxy or a firewall, or is incomplete.
fn unnamed(status: Option<u16>) -> (Cause, String) {
    match status {
        None | Some(200) => (Cause::Busy, UNREADABLE.to_owned()),
        Some(status @ (429 | 500..)) => (Cause::Busy, format!("Http{status}")),
        // The service names an error that it blames on the caller.
        Some(status) => (Cause::Stranger, format!("Http{status}")),
    }
}

/// Whether an unknown code may be logged. It comes from outside, so it must not be able to hold a user's name.
fn looks_like_a_code(code: &str) -> bool {
    code.len() <= 64
        && code.ends_with("Exception")
        && code.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The reason why the SDK found no credentials, if that is why a request was never sent.
fn credentials_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CredentialsError> {
    causes(error).find_map(|error| error.downcast_ref())
}

/// The error and what caused it, the outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| error.source())
}

/// The cause and the code where the SDK found no credentials.
fn without_credentials(error: &CredentialsError) -> (Cause, &'static str) {
    use CredentialsError::{CredentialsNotLoaded, InvalidConfiguration};
    let said = causes(error).find_map(|error| error.downcast_ref());
    let code = said.map_or(NO_CREDENTIALS, |CredentialsCode(code)| code);
    match error {
        CredentialsNotLoaded(_) | InvalidConfiguration(_) => (Cause::Credentials, code),
        _ => (Cause::Unreachable, code),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cognitoidentityprovider::error::ErrorMetadata;
    use aws_smithy_runtime_api::client::result::ConnectorError;

    use super::*;
    use crate::test_support::{USER, end, response};

    type CallError = SdkError<ErrorMetadata, HttpResponse>;

    fn refusal(status: u16, code: &str, message: &str) -> CallError {
        let error = ErrorMetadata::builder().code(code).message(message).build();
        SdkError::service_error(error, response((status, String::new())))
    }

    /// The meaning of an error: a reason, or a cause and a code.
    fn read(error: &CallError) -> String {
        end::<()>(Err(stop("", error))).trim_start().to_owned()
    }

    #[test]
    fn every_code_has_its_meaning_whatever_the_status() {
        for (meaning, codes) in [
            ("user_not_found", "UserNotFoundException"),
            ("not_confirmed", "UserNotConfirmedException"),
            ("password_reset_required", "PasswordResetRequiredException"),
            ("source_trigger_refused", "UserLambdaValidationException"),
            ("mfa_refused", "MFAMethodNotFoundException"),
            ("NotAllowed", "AccessDenied AccessDeniedException"),
            ("NotFound", "ResourceNotFoundException"),
            (
                "CredentialsExpired",
                "ExpiredToken ExpiredTokenException RequestExpired",
            ),
            (
                "Credentials",
                "InvalidClientTokenId InvalidSignatureException MissingAuthenticationToken \
                 MissingAuthenticationTokenException SignatureDoesNotMatch UnrecognizedClientException",
            ),
            (
                "Settings",
                "IncompleteSignature IncompleteSignatureException InvalidEmailRoleAccessPolicyException \
                 InvalidSmsRoleAccessPolicyException InvalidSmsRoleTrustRelationshipException \
                 InvalidUserPoolConfigurationException MalformedPolicyDocument \
                 OptInRequired RegionDisabledException UnsupportedOperationException ValidationError \
                 FeatureUnavailableInTierException OperationNotEnabledException",
            ),
            (
                "Broken",
                "ForbiddenException InvalidLambdaResponseException UnexpectedLambdaException",
            ),
            (
                "Busy",
                "InternalErrorException InternalFailure InternalServerError LimitExceededException \
                 RequestLimitExceeded ServiceUnavailable ServiceUnavailableException Throttling \
                 ThrottlingException TooManyRequestsException",
            ),
        ] {
            for code in codes.split_whitespace() {
                let rejected = meaning.starts_with(char::is_lowercase);
                let logged = if rejected { "" } else { &format!(" {code}") };
                for status in [400, 500] {
                    let read = read(&refusal(status, code, "x"));
                    assert_eq!(read, format!("{meaning}{logged}"), "{status}");
                }
            }
        }
    }

    #[test]
    fn a_code_of_secrets_manager_is_never_a_rejection() {
        for (cause, codes) in [
            (
                "Settings",
                "DecryptionFailure DecryptionFailureException InvalidParameterException InvalidRequestException",
            ),
            (
                "Busy",
                "InternalServiceError InternalServiceErrorException ThrottlingException",
            ),
            ("NotFound", "ResourceNotFoundException"),
            ("NotAllowed", "AccessDeniedException"),
        ] {
            for code in codes.split_whitespace() {
                for status in [400, 500] {
                    let stop = stop(GET_SECRET_VALUE, &refusal(status, code, "x"));
                    let expected = format!("GetSecretValue {cause} {code}");
                    assert_eq!(end::<()>(Err(stop)), expected);
                }
            }
        }
    }

    #[test]
    fn an_unknown_code_passes_if_its_status_says_so_and_is_logged_if_it_looks_like_one() {
        const NEW: &str = "InventedException";
        let long = format!("{}Exception", "x".repeat(56));
        for (status, code, meaning) in [
            (400, NEW, "Broken InventedException"),
            (429, NEW, "Busy InventedException"),
            (499, NEW, "Broken InventedException"),
            (500, NEW, "Busy InventedException"),
            (400, "", "Stranger Http400"),
            (404, "", "Stranger Http404"),
            (429, "", "Busy Http429"),
            (503, "", "Busy Http503"),
            (400, "Invented", "Stranger Http400"),
            // A code without its ending rejects no user.
            (400, "NotAuthorized", "Stranger Http400"),
            (400, USER, "Stranger Http400"),
            (400, "ana@Exception", "Stranger Http400"),
            (400, &long, "Stranger Http400"),
            (400, &long[1..], &format!("Broken {}", &long[1..])),
        ] {
            let read = read(&refusal(status, code, "x"));
            assert_eq!(read, meaning, "{code} {status}");
        }
    }

    #[test]
    fn a_text_tells_a_wrong_password_from_a_wrong_app_client() {
        for row in [
            "wrong_credentials: Incorrect username or password.",
            "wrong_credentials: Password attempts exceeded",
            "wrong_credentials: secretary@example.com",
            "wrong_credentials: ",
            "user_disabled: User is disabled.",
            "temporary_password: Temporary password has expired and must be reset by an administrator.",
            "temporary_password: Temporary password has expired",
            "blocked_by_risk: Unable to login because of security reasons",
            "blocked_by_risk: Unable to login because of security reasons.",
            "WrongClock: Signature expired: 20260115T100000Z is now earlier than 20260115T101000Z",
            "WrongClock: Signature not yet current: 20260115T100000Z is still later than 20260115T095000Z",
            "WrongSecret: Unable to verify secret hash for client x",
            "WrongSecret: A client secret is required",
            "WrongSecret: Client x is configured with secret but SECRET_HASH was not received",
            "WrongSecret: SECRET_HASH was not received",
            "WrongSecret: SecretHash does not match for the client: x",
            "invalid_request: 1 validation error detected: Value at 'username' failed to satisfy constraint",
            "invalid_request: ",
            "FlowOff: USER_PASSWORD_AUTH flow not enabled for this client",
            "FlowOff: Auth flow is not enabled",
            "FlowOff: Auth flow not supported",
            "FlowOff: Auth flow is not supported",
            "FlowOff: Initiate Auth method not supported.",
        ] {
            let (meaning, text) = row.split_once(": ").unwrap();
            let code = match meaning {
                "invalid_request" | "FlowOff" => "InvalidParameterException",
                "WrongClock" => "InvalidSignatureException",
                _ => "NotAuthorizedException",
            };
            let expected = match meaning {
                "WrongSecret" | "FlowOff" => format!("{meaning} {code}"),
                "WrongClock" => format!("Credentials {meaning}"),
                reason => reason.to_owned(),
            };
            assert_eq!(read(&refusal(400, code, text)), expected, "{row}");
        }
    }

    #[test]
    fn without_an_answer_the_way_to_aws_or_the_credentials_are_at_fault() {
        use CredentialsError as NoCredentials;
        let answer = |status| CallError::response_error("x", response((status, String::new())));
        let way = CallError::dispatch_failure;
        let without = |error: NoCredentials| CallError::construction_failure(error);
        let no_session = NoCredentials::not_loaded(CredentialsCode("NoSession"));
        let [timeout, io] = [ConnectorError::timeout, ConnectorError::io].map(|of| of("x".into()));
        let [not_loaded, invalid, provider] = [
            NoCredentials::not_loaded("x"),
            NoCredentials::invalid_configuration("x"),
            NoCredentials::provider_error("x"),
        ];
        for (error, meaning) in [
            (CallError::timeout_error("x"), "Unreachable Timeout"),
            (way(timeout), "Unreachable Timeout"),
            (way(io), "Unreachable Connection"),
            (answer(200), "Busy UnreadableAnswer"),
            (answer(502), "Busy Http502"),
            (without(not_loaded), "Credentials Credentials"),
            (without(no_session), "Credentials NoSession"),
            (without(invalid), "Credentials Credentials"),
            (without(provider), "Unreachable Credentials"),
        ] {
            assert_eq!(read(&error), meaning);
        }
    }

    #[test]
    fn a_request_id_is_kept_if_it_is_one() {
        let id = "0a1b2c3d-0000-4000-8000-00000000000f";
        for (id, kept) in [(id, Some(id)), (USER, None)] {
            let mut answer = response((500, String::new()));
            answer.headers_mut().insert("x-amzn-requestid", id);
            let stop = stop("", &CallError::response_error("x", answer));
            assert_eq!(stop.failure("").source_request_id.as_deref(), kept);
        }
    }
}
