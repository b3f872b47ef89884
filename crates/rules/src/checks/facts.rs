//! Facts about the source pool, from which the checks conclude. Plain data.

use std::time::Duration;

use crate::{
    evidence::PoolMfa,
    outcome::Failure,
    pool::{AppClient, UserPoolDescription},
    sensitive::Sensitive,
};

/// The answer to a question, or why there is none.
pub type Answer<T> = Result<T, Failure>;

/// Facts about the source pool that only the deployed function can find out.
#[derive(Clone, Debug)]
pub struct SourceFacts {
    /// The role was assumed, or the function's own credentials were found.
    pub credentials: Answer<()>,
    /// The app client's secret as sign-ins use it, which is compared and never shown; `None` where none is set.
    pub secret: Answer<Option<Sensitive>>,
    /// The pool's settings.
    pub pool: Answer<UserPoolDescription>,
    /// The settings of the app client.
    pub client: Answer<AppClient>,
    /// Profiles can be read.
    pub profiles: Answer<()>,
    /// Users can be listed by an attribute; `None` if these settings never do.
    pub lists: Option<Answer<()>>,
    /// Whether the pool demands a second factor; `None` if these settings do not ask.
    pub mfa: Option<Answer<PoolMfa>>,
    /// The result of the sign-in with a made-up name; `None` if it was not tried, because it could do harm or would prove
    /// nothing.
    pub probe_sign_in: Option<Answer<ProbeSignIn>>,
    /// The round trip to the pool.
    pub round_trip: Option<Duration>,
    /// Lambda's time limit for an invocation.
    pub time_limit: Duration,
}

/// The result of a sign-in with a made-up name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeSignIn {
    /// It was rejected like any wrong user name or password: flow, client and secret are in order.
    Rejected,
    /// It succeeded.
    LetIn,
}
