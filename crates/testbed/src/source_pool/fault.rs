//! Ways in which a source can fail, and how often.

use std::time::Duration;

use crate::http::Reply;

use super::{
    answer::{self, ApiError},
    operation::Operation,
};

/// The fault that replaces the proper answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 400 TooManyRequestsException (STS: Throttling).
    Throttled,
    /// 500 InternalErrorException.
    InternalError,
    /// 503 with a page in HTML, as a load balancer writes it.
    UnavailableHtml,
    /// 200 with a body that is neither JSON nor XML.
    Malformed,
    /// 200 whose Content-Length promises more than is sent before the connection ends.
    Truncated,
    /// 200 with the right names and values of the wrong types.
    WrongTypes,
    /// 200 with no body at all.
    Empty,
    /// 200 with an empty JSON object.
    EmptyObject,
    /// Bytes that are no HTTP.
    NotHttp,
    /// A reset before the body of the request was read.
    ResetBeforeRead,
    /// A reset after the whole request was read.
    ResetAfterRead,
    /// An orderly end of the connection after the whole request was read.
    ClosedAfterRead,
    /// The request is read and the connection stays open without an answer.
    NeverAnswers,
    /// The proper answer in pieces of a few bytes, spread over the given time.
    Trickle(Duration),
    /// The proper answer after the given time.
    Slow(Duration),
    /// The proper answer, and then the connection is closed although it was to be kept alive.
    CloseAfterAnswer,
    /// The credentials of the caller have expired.
    ExpiredCredentials,
    /// The caller may not do this.
    AccessDenied,
    /// Any answer.
    Answer(Reply),
}

impl Fault {
    /// A fixed answer in the service's JSON.
    pub fn json(status: u16, body: &str) -> Self {
        Self::Answer(Reply::new(status, answer::JSON, body))
    }

    /// An error of the service by its code.
    pub fn error(code: &str, message: &str) -> Self {
        Self::Answer(answer::json_error(400, code, message))
    }

    /// Whether the service says that it has not done what was asked.
    pub(super) fn is_a_refusal(&self) -> bool {
        matches!(
            self,
            Self::Throttled | Self::ExpiredCredentials | Self::AccessDenied
        )
    }

    /// The answer that this fault puts in the place of the proper one; `None` if it breaks the transport instead.
    pub(super) fn reply(&self, operation: Operation) -> Option<Reply> {
        let by_sts = operation == Operation::AssumeRole;
        let error = |status, code, code_of_sts| {
            let code = if by_sts { code_of_sts } else { code };
            let error = ApiError::new(code, "This error is made up.");
            Some(ApiError { status, ..error }.reply(operation))
        };
        let good = |json: &str, xml: &str| {
            Some(match by_sts {
                true => Reply::new(200, answer::XML, xml),
                false => Reply::new(200, answer::JSON, json),
            })
        };
        let refused = if by_sts { 403 } else { 400 };
        match self {
            Self::Throttled => error(400, "TooManyRequestsException", "Throttling"),
            Self::InternalError => error(500, "InternalErrorException", "InternalFailure"),
            Self::ExpiredCredentials => error(refused, "ExpiredTokenException", "ExpiredToken"),
            Self::AccessDenied => error(refused, "AccessDeniedException", "AccessDenied"),
            Self::UnavailableHtml => {
                let page = "<html><body><h1>503 Service Unavailable</h1></body></html>";
                Some(Reply::new(503, "text/html", page))
            }
            Self::Malformed => good(
                r#"{"AuthenticationResult": {"AccessToken": nonsense}, "Username": }"#,
                "<AssumeRoleResponse><AssumeRoleResult><Credentials>",
            ),
            Self::WrongTypes => good(
                r#"{"AuthenticationResult": 42, "ChallengeName": ["SMS_MFA"], "Username": 7, "UserAttributes": {}, "UserStatus": 1, "Enabled": "perhaps", "SecretString": 7}"#,
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId/><Expiration>soon</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
            ),
            Self::Empty => good("", ""),
            Self::EmptyObject => good("{}", "<AssumeRoleResponse/>"),
            Self::Answer(reply) => Some(reply.clone()),
            _ => None,
        }
    }
}

/// The calls that a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every call.
    Any,
    /// The calls of one operation.
    Only(Operation),
}

impl From<Operation> for Target {
    fn from(operation: Operation) -> Self {
        Self::Only(operation)
    }
}

/// The number of calls that a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The next so many.
    N(u32),
    /// All, until the faults are cleared.
    Forever,
}

impl Times {
    /// The next call only.
    pub const ONCE: Self = Self::N(1);
    /// The next two calls.
    pub const TWICE: Self = Self::N(2);
}

/// Faults that wait for their calls, oldest first.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<(Target, Fault, Times)>);

impl Faults {
    /// The fault for a call of this operation, which is used up by it.
    pub(super) fn take(&mut self, operation: Operation) -> Option<Fault> {
        let hits = |target: Target| [Target::Any, operation.into()].contains(&target);
        let index = self.0.iter().position(|(target, ..)| hits(*target))?;
        let (_, fault, times) = &mut self.0[index];
        let fault = fault.clone();
        match times {
            Times::N(left @ 2..) => *left -= 1,
            Times::N(_) => drop(self.0.remove(index)),
            Times::Forever => {}
        }
        Some(fault)
    }
}
