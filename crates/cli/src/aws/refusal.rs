//! Refusals of a pool as an app sees them, and the failures that a lower rate would prevent.

use std::error::Error;

use aws_sdk_cognitoidentityprovider::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use pools::classify;
use rules::outcome::{Cause, Failure, Stop};

/// A pool's refusal of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppRefusal {
    /// The error code.
    pub(crate) code: String,
    /// The subject of its message.
    pub(crate) about: About,
}

/// The subject of a refusal's message, which users may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// A wrong name or password.
    WrongPassword,
    /// A password that must be reset.
    Reset,
    /// The pre authentication trigger, which refuses.
    PreAuthentication,
    /// Something else.
    Other,
}

/// The refusal that an app gets for this error of `operation`. A failure if neither the pool nor its trigger refused the
/// user.
pub(super) fn refusal<E>(
    operation: &'static str,
    error: &SdkError<E, HttpResponse>,
) -> Result<AppRefusal, Stop>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let stop = classify::stop(operation, error);
    let refuses = match &stop {
        Stop::Rejected(_) => true,
        Stop::Failed(failure) => failure.cause == Cause::Broken,
    };
    let metadata = error.as_service_error().map(ProvideErrorMetadata::meta);
    let Some(metadata) = metadata.filter(|_| refuses) else {
        return Err(stop);
    };
    let message = metadata.message().unwrap_or_default();
    Ok(AppRefusal {
        // It is one of those that are known, or it looks like one.
        code: metadata.code().unwrap_or_default().to_owned(),
        about: if message.starts_with("PreAuthentication failed with error") {
            About::PreAuthentication
        } else if message.contains("Incorrect username or password") {
            About::WrongPassword
        } else if message.to_ascii_lowercase().contains("reset") {
            About::Reset
        } else {
            About::Other
        },
    })
}

/// Whether AWS throttled the call. Only then a lower rate helps.
pub(crate) fn is_throttled(failure: &Failure) -> bool {
    matches!(
        failure.code.as_ref(),
        "Http429"
            | "LimitExceededException"
            | "RequestLimitExceeded"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequestsException"
    )
}
