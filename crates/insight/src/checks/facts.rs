//! The facts about both pools that an operator finds out, from which the checks conclude. Plain data.

use crate::described::AppClients;
use rules::{checks::Answer, pool::UserPoolDescription};

/// The facts about both pools that an operator's permissions reveal.
#[derive(Clone, Debug)]
pub struct PoolsFacts {
    /// The source pool.
    pub source: PoolFacts,
    /// The destination pool.
    pub destination: PoolFacts,
    /// The app clients of the destination pool.
    pub clients: Answer<AppClients>,
    /// The app clients of the source pool; `None` if these settings copy no custom attribute.
    pub source_clients: Option<Answer<AppClients>>,
    /// Whether the destination pool takes an e-mail as a second factor; `None` if its MFA is off or not known.
    pub email_mfa: Option<Answer<bool>>,
    /// The ARN under which the destination pool should invoke the function; `None` where it is not known.
    pub function_arn: Option<String>,
}

/// The facts about one pool that an operator's permissions reveal.
#[derive(Clone, Debug)]
pub struct PoolFacts {
    /// The pool's id.
    pub id: String,
    /// Its settings.
    pub pool: Answer<UserPoolDescription>,
    /// The names of its groups; `None` if these settings copy none.
    pub groups: Option<Answer<Vec<String>>>,
}
