//! The problem that ended a command, with a sentence that says what to do.

use std::{fmt, process::ExitCode};

use pools::classify::NO_CREDENTIALS;
use rules::{
    outcome::{Cause, Failure},
    settings::Mistakes,
};

use crate::aws::{NoCredentials, is_throttled};

/// The result of a command.
pub(crate) type CommandResult<T> = Result<T, Problem>;

/// The problem that ended a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    sentence: String,
    is_usage: bool,
}

impl Problem {
    /// An operation that is impossible.
    pub(crate) fn cannot(sentence: impl Into<String>) -> Self {
        Problem {
            sentence: sentence.into(),
            is_usage: false,
        }
    }

    /// A wrong command line or setting.
    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Problem {
            sentence: sentence.into(),
            is_usage: true,
        }
    }

    /// A question about `what` that AWS did not answer.
    pub(crate) fn not_answered(what: &str, failure: &Failure) -> Self {
        let (operation, code) = (failure.operation, &failure.code);
        let mut letters = what.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        let subject = first.unwrap_or_default() + letters.as_str();
        if let Some(kind) = NoCredentials::of_code(code) {
            let help = help(kind);
            return Problem::cannot(format!("No credentials could be had for {what}: {help}"));
        }
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
                format!(
                    "{subject} cannot be reached ({operation}: {code}): check the network. If a proxy has root certificates \
                     of its own, name their file in AWS_CA_BUNDLE or SSL_CERT_FILE."
                )
            }
            Cause::Stranger => format!(
                "Something that is not AWS answered for {what} ({operation}: {code}): check the proxy and the endpoint."
            ),
            Cause::Busy if is_throttled(failure) => format!(
                "{subject} throttled every try for minutes ({operation}: {code}): try again, with a lower --rate."
            ),
            Cause::Busy => format!(
                "{subject} answered every try for minutes with a fault ({operation}: {code}): try again later. A lower \
                 --rate does not help."
            ),
            _ => format!("{subject} could not be asked ({operation}: {code})."),
        })
    }

    /// The status with which the program ends.
    pub(crate) fn status(&self) -> ExitCode {
        ExitCode::from(if self.is_usage { 2 } else { 1 })
    }
}

/// The advice for credentials that are missing for this reason.
fn help(kind: NoCredentials) -> &'static str {
    match kind {
        NoCredentials::MissingProfile => {
            "the profile, or one that it builds on, does not exist. Name one that exists with --profile or \
             --source-profile, or in AWS_PROFILE."
        }
        NoCredentials::MfaProfile => {
            "the role of its profile wants a code of an MFA device (mfa_serial), for which this program does not ask. Put \
             what aws configure export-credentials --profile NAME --format env prints into the environment, and leave the \
             profile out."
        }
        NoCredentials::LoginSession => {
            "the session of its profile has ended, or never began. Run aws login --profile NAME."
        }
        NoCredentials::SsoSession => {
            "the SSO session of its profile has ended, or never began. Run aws sso login --profile NAME."
        }
        NoCredentials::CredentialProcess => {
            "the credential_process of its profile failed. Run that command by itself to see why."
        }
        NoCredentials::WrongClock => {
            "AWS does not take signatures of this machine, because its clock is wrong. Set the clock."
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_own_advice() {
        for row in [
            "TooManyRequestsException → try again, with a lower --rate.",
            "ThrottlingException → try again, with a lower --rate.",
            "Http429 → try again, with a lower --rate.",
            "InternalErrorException → A lower --rate does not help.",
            "Http500 → A lower --rate does not help.",
            "Http503 → A lower --rate does not help.",
            "UnreadableAnswer → A lower --rate does not help.",
            "Connection → AWS_CA_BUNDLE or SSL_CERT_FILE.",
            "MissingProfile → --source-profile",
            "MfaProfile → aws configure export-credentials",
            "LoginSession → aws login",
            "SsoSession → aws sso login",
            "CredentialProcess → credential_process",
            "WrongClock → its clock is wrong. Set the clock.",
            "Credentials → AWS_PROFILE",
        ] {
            let (code, advice) = row.split_once(" → ").unwrap();
            let cause = match code {
                "Connection" => Cause::Unreachable,
                _ if advice.contains("--rate") => Cause::Busy,
                _ => Cause::Credentials,
            };
            let failure = Failure::new(cause, "GetCSVHeader", code);
            let said = Problem::not_answered("the pool", &failure).to_string();
            assert!(said.contains(advice), "{code}: {said}");
            let names_code = said.contains(&format!("(GetCSVHeader: {code})"));
            assert_eq!(names_code, cause != Cause::Credentials, "{said}");
            assert_eq!(said.contains("--rate"), cause == Cause::Busy, "{said}");
        }
    }
}
