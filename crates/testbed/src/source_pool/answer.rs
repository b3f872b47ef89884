//! Answers in the forms of the two protocols: JSON 1.1 of Cognito, XML of STS.

use serde_json::{Value, json};

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

    pub(super) fn json(&self) -> Reply {
        json_error(self.status, self.code, &self.message)
    }

    pub(super) fn xml(&self) -> Reply {
        sts_error(self.status, self.code, &self.message)
    }
}

pub(super) fn json_answer(body: &Value) -> Reply {
    Reply::new(200, JSON, body.to_string())
}

pub(super) fn json_error(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({"__type": code, "message": message});
    // Cognito repeats both in headers; header values hold no line ends.
    let text: String = message
        .chars()
        .filter(|c| !c.is_control() && c.is_ascii())
        .collect();
    Reply::new(status, JSON, body.to_string())
        .with_header("x-amzn-ErrorType", &format!("{code}:"))
        .with_header("x-amzn-ErrorMessage", &text)
}

pub(super) fn sts_error(status: u16, code: &str, message: &str) -> Reply {
    Reply::new(
        status,
        XML,
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{}</Message></Error><RequestId>testbed</RequestId></ErrorResponse>",
            escape_xml(message)
        ),
    )
}

pub(super) fn escape_xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
