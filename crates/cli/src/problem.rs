//! Why a command ended without an answer: one sentence that says what to do.

use std::{fmt, process::ExitCode};

use pools::operator::NO_CREDENTIALS;
use rules::{
    outcome::{Cause, Failure},
    settings::Mistakes,
};

/// What a command answers.
pub type Answer<T> = Result<T, Problem>;

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    sentence: String,
    is_usage: bool,
}

impl Problem {
    /// Something that cannot be done.
    pub fn cannot(sentence: impl Into<String>) -> Self {
        Problem {
            sentence: sentence.into(),
            is_usage: false,
        }
    }

    /// A wrong command line or setting.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Problem {
            sentence: sentence.into(),
            is_usage: true,
        }
    }

    /// A question about `what` that AWS did not answer.
    pub fn not_answered(what: &str, failure: &Failure) -> Self {
        let (operation, code) = (failure.operation, &failure.code);
        let mut letters = what.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        let subject = first.unwrap_or_default() + letters.as_str();
        Problem::cannot(match failure.cause {
            _ if failure.code == NO_CREDENTIALS => format!(
                "No credentials could be had for {what}: set AWS_PROFILE, or name a profile that exists with --profile or \
                 --source-profile."
            ),
            Cause::NotFound => {
                format!(
                    "{subject} does not exist in the account of these credentials, in its Region."
                )
            }
            Cause::NotAllowed => {
                format!("These credentials are not allowed {operation} on {what}.")
            }
            Cause::Credentials | Cause::CredentialsExpired => format!(
                "AWS does not take these credentials ({operation}: {code}): check --profile and --source-profile."
            ),
            Cause::Unreachable => {
                format!("{subject} cannot be reached ({operation}: {code}): check the network.")
            }
            Cause::Stranger => format!(
                "Something that is not AWS answered for {what} ({operation}: {code}): check the proxy and the endpoint."
            ),
            Cause::Busy => format!(
                "{subject} did not answer in minutes ({operation}: {code}): try again, with a lower --rate."
            ),
            _ => format!("{subject} could not be asked ({operation}: {code})."),
        })
    }

    /// The status with which the program ends.
    pub fn status(&self) -> ExitCode {
        ExitCode::from(if self.is_usage { 2 } else { 1 })
    }
}

impl From<Mistakes> for Problem {
    fn from(mistakes: Mistakes) -> Self {
        Problem::usage(format!("{mistakes}."))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}
