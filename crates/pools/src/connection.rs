//! How every client behaves: connections, time-outs, the function's own credentials.

use std::{fmt, time::Duration};

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig,
    environment::EnvironmentVariableRegionProvider, meta::region::RegionProviderChain,
    retry::RetryConfig, stalled_stream_protection::StalledStreamProtectionConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_cognitoidentityprovider::config::{IdentityCache, SharedHttpClient};
use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use rules::settings::TRIES_THAT_FIT;

/// A connection that was idle for longer is not used again: a load balancer or NAT gateway on the way may have
/// dropped it without a word, and a request on it would hang until its time-out.
const LONGEST_IDLE: Duration = Duration::from_secs(50);

/// What all clients share. The doors make theirs from it.
#[derive(Clone)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Sends nothing yet. Each try of each call will end after its part of `time`.
    ///
    /// `fallback_region` serves STS where the environment names no Region.
    pub async fn new(fallback_region: &str, time: Duration) -> Self {
        let own_region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(Region::new(fallback_region.to_owned()));
        let shared = settings(time / TRIES_THAT_FIT)
            .region(own_region)
            .http_client(https_client())
            .load()
            .await;
        Aws(shared)
    }

    /// As [`Aws::new`], with the credentials of one of the operator's profiles, or of those that the SDK finds without one.
    #[cfg(feature = "operator")]
    pub(crate) async fn of_profile(profile: Option<&str>, region: &str, time: Duration) -> Self {
        let mut settings = settings(time / TRIES_THAT_FIT)
            .region(Region::new(region.to_owned()))
            // An operator may be signed in through a browser, which takes its time.
            .identity_cache(IdentityCache::lazy().load_timeout(time).build())
            .http_client(https_client());
        if let Some(profile) = profile {
            settings = settings.profile_name(profile);
        }
        Aws(settings.load().await)
    }

    /// What the SDK's clients are made from.
    pub(crate) fn shared(&self) -> &SdkConfig {
        &self.0
    }
}

#[cfg(test)]
impl From<SdkConfig> for Aws {
    fn from(shared: SdkConfig) -> Self {
        Aws(shared)
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Aws(…)")
    }
}

/// How every client behaves; each try of a call ends after `attempt`.
pub(crate) fn settings(attempt: Duration) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(attempt)
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .identity_cache(IdentityCache::lazy().load_timeout(attempt).build())
}

/// HTTPS with one pool of connections for STS and both user pools. Proxies are taken from the environment, as
/// the SDK does by default.
fn https_client() -> SharedHttpClient {
    // One connector for all clients: the SDK's default would read the system's certificates once per client.
    let connector = SharedHttpConnector::new(
        Connector::builder()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::AwsLc,
            ))
            .proxy_config(ProxyConfig::from_env())
            .pool_idle_timeout(LONGEST_IDLE)
            .build(),
    );
    http_client_fn(move |_, _| connector.clone())
}
