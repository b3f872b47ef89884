//! The line that the function logs of an invocation.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A name that the function knows when it writes, and that is read as text.
type Name = Cow<'static, str>;

/// The line that the function logs of an invocation. What is `None` is not written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvocationLine {
    /// When it was written (RFC 3339).
    pub timestamp: String,
    /// The level, in upper case.
    pub level: Name,
    /// The outcome, in a sentence.
    pub message: Name,
    /// The trigger source; `unknown` where this function does not serve it.
    pub trigger: Name,
    /// The outcome, in a word.
    pub outcome: Name,
    /// The reason of a rejection, or the class of a failure.
    pub reason: Option<Name>,
    /// The operation that failed.
    pub operation: Option<Name>,
    /// The code of the failure.
    pub code: Option<Name>,
    /// The service's id of the failed request.
    pub source_request_id: Option<String>,
    /// The state of a source user who is not enabled, as the post-migration steps found it.
    pub source_user: Option<Name>,
    /// Groups that the destination pool does not have, separated by commas.
    pub missing_groups: Option<String>,
    /// The preflight's failed checks, separated by commas.
    pub failed_checks: Option<String>,
    /// The preflight's warnings, separated by commas.
    pub warned_checks: Option<String>,
    /// The estimated number of users in the source pool.
    pub source_users: Option<u64>,
    /// From the start of the handler to its answer.
    pub duration_ms: u64,
    /// Lambda's id of the invocation.
    pub request_id: String,
    /// The user's `sub` in the source pool, once it is known.
    pub source_sub: Option<String>,
}
