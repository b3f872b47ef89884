//! Invocations and their outcomes.

use std::time::Duration;

use serde_json::Value;

/// The event and the time limit of an invocation.
#[derive(Clone, Debug)]
pub struct InvocationRequest {
    pub(super) payload: Vec<u8>,
    pub(super) deadline: Duration,
}

impl InvocationRequest {
    /// An invocation with these bytes and a time limit that only a function that hangs reaches.
    pub fn new(payload: impl Into<Vec<u8>>) -> Self {
        Self {
            payload: payload.into(),
            deadline: Duration::from_secs(60),
        }
    }

    /// The time from the hand-over to the function's deadline.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

impl From<&Value> for InvocationRequest {
    fn from(event: &Value) -> Self {
        Self::new(event.to_string())
    }
}

/// The answer to an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvocationAnswer {
    /// The function's payload.
    Response(Vec<u8>),
    /// The function's error.
    Error {
        /// `errorType`.
        error_type: String,
        /// `errorMessage`.
        error_message: String,
        /// The error as it was sent.
        body: Vec<u8>,
    },
    /// Nothing before the deadline.
    Nothing,
}

/// An answer and its circumstances.
#[derive(Clone, Debug)]
pub struct InvocationOutcome {
    /// The answer.
    pub answer: InvocationAnswer,
    /// From the hand-over to the function until its answer.
    pub duration: Duration,
    /// The request id that the function was given.
    pub request_id: String,
}

impl InvocationOutcome {
    /// The response as JSON; panics with the answer if there is none.
    pub fn response(&self) -> Value {
        let (text, duration) = (self.answer.text(), self.duration);
        let response = match self.answer {
            InvocationAnswer::Response(_) => serde_json::from_str(&text).ok(),
            _ => None,
        };
        response.unwrap_or_else(|| panic!("no response in JSON but {text} after {duration:?}"))
    }
}

impl InvocationAnswer {
    /// The bytes that left the function, as text.
    pub fn text(&self) -> String {
        match self {
            Self::Response(body) | Self::Error { body, .. } => {
                String::from_utf8_lossy(body).into_owned()
            }
            Self::Nothing => "(no answer)".into(),
        }
    }

    pub(super) fn error(body: Vec<u8>) -> Self {
        let json: Value = serde_json::from_slice(&body).unwrap_or_default();
        let field = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Self::Error {
            error_type: field("errorType"),
            error_message: field("errorMessage"),
            body,
        }
    }
}
