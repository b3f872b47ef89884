//! An AWS account, as a profile of the operator reaches it.

use std::{sync::Arc, time::Duration};

use aws_config::{
    Region, default_provider::credentials::DefaultCredentialsChain,
    profile::ProfileFileCredentialsProvider, provider_config::ProviderConfig,
};
use aws_sdk_cognitoidentityprovider::config::IdentityCache;
use pools::{Aws, SourcePool, UserPool, connection};
use rules::settings::{Source, TRIES_THAT_FIT};

use super::{
    function::Functions, logs::Logs, metrics::CloudWatchMetrics, no_credentials::Explained,
    pool::OperatorsPool, wait::Pace,
};

/// The time limit of a try: an operator's network can be slow.
const LONGEST_TRY: Duration = Duration::from_secs(15);

/// An AWS account.
#[derive(Clone)]
pub(crate) struct Account {
    aws: Aws,
    pace: Arc<Pace>,
}

impl Account {
    /// The account of this profile, or of the credentials that the SDK finds without one. List calls keep to the `pace`.
    /// Nothing is sent yet.
    pub(crate) async fn new(profile: Option<&str>, region: &str, pace: Arc<Pace>) -> Self {
        let aws = of_profile(profile, region).await;
        Account { aws, pace }
    }

    /// A user pool of the account.
    pub(crate) fn pool(&self, id: &str, region: &str) -> OperatorsPool {
        let pool = UserPool::new(&self.aws, id, region, None);
        OperatorsPool::new(pool, Arc::clone(&self.pace))
    }

    /// The source pool as the function asks it, but with the operator's credentials: no role is assumed.
    pub(crate) fn source_pool(&self, settings: &Source) -> Arc<SourcePool> {
        let settings = Source {
            role: None,
            ..settings.clone()
        };
        SourcePool::new(self.aws.clone(), settings)
    }

    /// The Lambda functions of the account in a Region.
    pub(crate) fn functions(&self, region: &str) -> Functions {
        Functions::new(&self.aws, region)
    }

    /// The logs of the account in a Region.
    pub(crate) fn logs(&self, region: &str) -> Logs {
        Logs::new(&self.aws, region)
    }

    /// The metrics of the account in a Region.
    pub(crate) fn metrics(&self, region: &str) -> CloudWatchMetrics {
        CloudWatchMetrics::new(&self.aws, region)
    }
}

/// The clients' settings, with the credentials of one of the operator's profiles, or of those that the SDK finds without
/// one.
async fn of_profile(profile: Option<&str>, region: &str) -> Aws {
    let (region, http_client) = (Region::new(region.to_owned()), connection::https_client());
    let settings = connection::settings(LONGEST_TRY)
        .region(region.clone())
        // An operator may be signed in through a browser, which takes its time.
        .identity_cache(
            IdentityCache::lazy()
                .load_timeout(LONGEST_TRY * TRIES_THAT_FIT)
                .build(),
        )
        .http_client(http_client.clone());
    let asked = ProviderConfig::without_region()
        .with_region(Some(region.clone()))
        .with_http_client(http_client);
    let settings = match profile {
        Some(name) => {
            // By itself the SDK prefers keys of the environment to those of a profile that was named.
            let keys = ProfileFileCredentialsProvider::builder().configure(&asked);
            settings.profile_name(name).credentials_provider(Explained {
                provider: keys.profile_name(name).build(),
                profile: Some(name.to_owned()),
            })
        }
        None => {
            let keys = DefaultCredentialsChain::builder().configure(asked);
            settings.credentials_provider(Explained {
                provider: keys.region(region).build().await,
                profile: None,
            })
        }
    };
    Aws::from(settings.load().await)
}
