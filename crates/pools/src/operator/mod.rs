//! The doors of the operator's program: what a person with permissions of their own asks, from their own machine.
//!
//! Nothing here runs in a sign-in, so there is time: whatever throttles is waited out.

mod api;
mod function;
mod logs;
mod metrics;
mod pool;
mod trial;
mod wait;

use std::{sync::Arc, time::Duration};

use rules::settings::{Source, TRIES_THAT_FIT};

pub use api::{Api, ApiAnswer};
pub use function::{DeployedFunction, FunctionSettings, Functions};
pub use logs::Logs;
pub use metrics::Metrics;
pub use pool::{OperatorsPool, UsersPage};
pub use trial::{App, ResetStarted, SignedIn};
pub use wait::{Pace, Wait, show_waits};

pub use crate::{
    classify::{About, Refusal, is_throttled},
    no_credentials::NoCredentials,
};

use crate::{classify, connection::Aws, source_pool::SourcePool, user_pool::UserPool};

/// The code of a failure where the SDK found no credentials.
pub const NO_CREDENTIALS: &str = classify::NO_CREDENTIALS;

/// A try of a call may take this long: an operator's line can be slow.
const LONGEST_TRY: Duration = Duration::from_secs(15);

/// An AWS account, as a profile of the operator reaches it.
#[derive(Clone)]
pub struct Account {
    aws: Aws,
    pace: Arc<Pace>,
}

impl Account {
    /// The account of this profile, or of the credentials that the SDK finds without one. List calls keep to the `pace`.
    /// Nothing is sent yet.
    pub async fn new(profile: Option<&str>, region: &str, pace: Arc<Pace>) -> Self {
        let aws = Aws::of_profile(profile, region, LONGEST_TRY * TRIES_THAT_FIT).await;
        Account { aws, pace }
    }

    /// A user pool of the account.
    pub fn pool(&self, id: &str, region: &str) -> OperatorsPool {
        let pool = UserPool::new(&self.aws, id, region, None);
        OperatorsPool::new(pool, Arc::clone(&self.pace))
    }

    /// The source pool as the function asks it, but with the operator's credentials: no role is assumed.
    pub fn source_pool(&self, settings: &Source) -> Arc<SourcePool> {
        let settings = Source {
            role: None,
            ..settings.clone()
        };
        SourcePool::new(self.aws.clone(), settings)
    }

    /// The Lambda functions of the account in a Region.
    pub fn functions(&self, region: &str) -> Functions {
        Functions::new(&self.aws, region)
    }

    /// The logs of the account in a Region.
    pub fn logs(&self, region: &str) -> Logs {
        Logs::new(&self.aws, region)
    }

    /// The metrics of the account in a Region.
    pub fn metrics(&self, region: &str) -> Metrics {
        Metrics::new(&self.aws, region)
    }
}
