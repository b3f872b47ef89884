//! How every client behaves: connections, time-outs, the function's own credentials.

use std::{env, fmt, fs, panic::catch_unwind, sync::Arc, time::Duration};

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig,
    environment::EnvironmentVariableRegionProvider, meta::region::RegionProviderChain,
    retry::RetryConfig, stalled_stream_protection::StalledStreamProtectionConfig,
    timeout::TimeoutConfig,
};
#[cfg(feature = "operator")]
use aws_config::{profile::ProfileFileCredentialsProvider, provider_config::ProviderConfig};
use aws_sdk_cognitoidentityprovider::config::{IdentityCache, SharedHttpClient};
use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{self, TlsContext, TrustStore},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
};
use openssl_probe::{ENV_CERT_DIR, ENV_CERT_FILE};
use rules::settings::TRIES_THAT_FIT;
use tokio::sync::SetOnce;

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
        let (region, http_client) = (Region::new(region.to_owned()), https_client());
        let mut settings = settings(time / TRIES_THAT_FIT)
            .region(region.clone())
            // An operator may be signed in through a browser, which takes its time.
            .identity_cache(IdentityCache::lazy().load_timeout(time).build())
            .http_client(http_client.clone());
        if let Some(profile) = profile {
            // By itself the SDK prefers keys of the environment to those of a profile that was named.
            let asked = ProviderConfig::without_region()
                .with_region(Some(region))
                .with_http_client(http_client);
            let keys = ProfileFileCredentialsProvider::builder().configure(&asked);
            settings = settings
                .profile_name(profile)
                .credentials_provider(keys.profile_name(profile).build());
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

/// HTTPS with one pool of connections for STS and both user pools.
///
/// The connector is made on the thread that looks up names later: reading the roots is most of the work of a start, and the
/// first invocation is asked for meanwhile.
fn https_client() -> SharedHttpClient {
    let client = HttpsClient(Arc::new(SetOnce::new()));
    let connector = SharedHttpConnector::new(client.clone());
    tokio::task::spawn_blocking(move || client.0.set(https_connector(machines_bundle())));
    // One connector for all clients: the SDK's default would read the system's certificates once per client.
    http_client_fn(move |_, _| connector.clone())
}

/// A connector of its own, for requests that are not to AWS.
#[cfg(feature = "operator")]
pub(crate) fn connector() -> SharedHttpConnector {
    https_connector(machines_bundle())
}

/// Sends requests as soon as the connector is made.
#[derive(Clone, Debug)]
struct HttpsClient(Arc<SetOnce<SharedHttpConnector>>);

impl HttpConnector for HttpsClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(connector) = self.0.get() {
            return connector.call(request);
        }
        let this = self.clone();
        HttpConnectorFuture::new(async move { this.0.wait().await.call(request).await })
    }
}

/// Trusts the roots of `bundle`, or else those that the library finds. Proxies are taken from the environment, as the SDK
/// does by default.
fn https_connector(bundle: Option<TrustStore>) -> SharedHttpConnector {
    let trusting = |roots| {
        let context = TlsContext::builder().with_trust_store(roots).build();
        let connector = Connector::builder()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::AwsLc,
            ))
            .tls_context(context.unwrap_or_default())
            .proxy_config(ProxyConfig::from_env())
            .pool_idle_timeout(LONGEST_IDLE);
        SharedHttpConnector::new(connector.build())
    };
    // The library panics at a root that it cannot read, where it leaves such a one out of those that it has found itself.
    bundle
        .and_then(|bundle| catch_unwind(|| trusting(bundle)).ok())
        .unwrap_or_else(|| trusting(TrustStore::default()))
}

/// The roots of the machine's bundle. `None` leaves it to the library to find roots: it reads every file of the certificate
/// folder too, which holds the same ones again.
fn machines_bundle() -> Option<TrustStore> {
    // Whoever sets one of them has chosen; the library obeys.
    let is_chosen = [ENV_CERT_FILE, ENV_CERT_DIR]
        .iter()
        .any(|name| env::var_os(name).is_some());
    if is_chosen {
        return None;
    }
    only(fs::read(openssl_probe::probe().cert_file?).ok()?)
}

/// The roots of this bundle, if it holds any.
fn only(bundle: Vec<u8>) -> Option<TrustStore> {
    const FIRST: &[u8] = b"-----BEGIN CERTIFICATE-----";
    let holds_roots = bundle.windows(FIRST.len()).any(|text| text == FIRST);
    holds_roots.then(|| TrustStore::empty().with_pem_certificate(bundle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_that_cannot_be_used_leaves_the_roots_to_the_library() {
        assert!(only(Vec::new()).is_none());
        assert!(only(b"# no roots here".to_vec()).is_none());
        let broken = only(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_vec());
        assert!(broken.is_some());
        https_connector(broken);
    }
}
