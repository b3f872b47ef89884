//! Answers in the forms of the two protocols: JSON 1.1 of Cognito, XML of STS.

use serde_json::json;

use super::operation::Operation;
use crate::http::Reply;

pub(super) const JSON: &str = "application/x-amz-json-1.1";
pub(super) const XML: &str = "text/xml";

/// An error of an operation: status, code and message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            code,
            message: message.into(),
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new("NotAuthorizedException", message)
    }

    pub(super) fn user_not_found() -> Self {
        Self::new("UserNotFoundException", "User does not exist.")
    }

    /// As the service of this operation answers it.
    pub(super) fn reply(&self, operation: Operation) -> Reply {
        let Self {
            status,
            code,
            message,
        } = self;
        if operation != Operation::AssumeRole {
            return json_error(*status, code, message);
        }
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>testbed</RequestId></ErrorResponse>"
        );
        Reply::new(*status, XML, body)
    }
}

pub(super) fn json_error(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({"__type": code, "message": message});
    // Cognito repeats both in headers; header values hold no line ends.
    let mut text = message.to_owned();
    text.retain(|c| c.is_ascii() && !c.is_control());
    Reply::new(status, JSON, body.to_string())
        .with_header("x-amzn-ErrorType", &format!("{code}:"))
        .with_header("x-amzn-ErrorMessage", &text)
}
