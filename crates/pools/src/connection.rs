//! The settings of every AWS client: connections, time-outs, the function's own credentials.

use std::{env, ffi::OsString, fs, panic::catch_unwind, sync::Arc, time::Duration};

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig,
    environment::EnvironmentVariableRegionProvider, meta::region::RegionProviderChain,
    retry::RetryConfig, stalled_stream_protection::StalledStreamProtectionConfig,
    timeout::TimeoutConfig,
};
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
/// dropped it silently, and a request on it would hang until its time-out.
const LONGEST_IDLE: Duration = Duration::from_secs(50);

/// The shared configuration of all clients.
#[derive(Clone)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Sets up the clients' configuration and sends nothing. Each try of each call will end after its part of `time`.
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

    /// The configuration of the SDK's clients.
    pub fn shared(&self) -> &SdkConfig {
        &self.0
    }
}

impl From<SdkConfig> for Aws {
    fn from(shared: SdkConfig) -> Self {
        Aws(shared)
    }
}

/// The configuration of every client; each try of a call ends after `attempt`.
pub fn settings(attempt: Duration) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(attempt)
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .identity_cache(IdentityCache::lazy().load_timeout(attempt).build())
}

/// HTTPS with one pool of connections for all clients.
///
/// The connector is made on the thread that looks up names later: reading the roots is most of the work of a start, and the
/// first invocation is asked for meanwhile.
pub fn https_client() -> SharedHttpClient {
    let client = HttpsClient(Arc::new(SetOnce::new()));
    let connector = SharedHttpConnector::new(client.clone());
    tokio::task::spawn_blocking(move || {
        client
            .0
            .set(https_connector(Roots::of(|name| env::var_os(name))))
    });
    // One connector for all clients: the SDK's default would read the system's certificates once per client.
    http_client_fn(move |_, _| connector.clone())
}

/// A connector of its own, for requests that are not to AWS.
pub fn connector() -> SharedHttpConnector {
    https_connector(Roots::of(|name| env::var_os(name)))
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

/// Trusts these roots. Proxies are taken from the environment, as the SDK does by default.
fn https_connector(roots: Roots) -> SharedHttpConnector {
    // The library panics at an unreadable root of a given bundle. It skips such a root among those that it finds itself.
    let trusting_only = |bundle| catch_unwind(|| trusting(bundle)).ok();
    match roots {
        Roots::Named(bundle) => bundle.and_then(trusting_only).unwrap_or_else(|| {
            tracing::error!("{UNUSABLE_BUNDLE}");
            trusting(TrustStore::empty())
        }),
        Roots::Found(bundle) => {
            let machines = bundle.and_then(trusting_only);
            machines.unwrap_or_else(|| trusting(TrustStore::default()))
        }
    }
}

fn trusting(roots: TrustStore) -> SharedHttpConnector {
    let context = TlsContext::builder().with_trust_store(roots).build();
    let connector = Connector::builder()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::AwsLc,
        ))
        .tls_context(context.unwrap_or_default())
        .proxy_config(ProxyConfig::from_env())
        .pool_idle_timeout(LONGEST_IDLE);
    SharedHttpConnector::new(connector.build())
}

/// The variable of a company's own roots, which the AWS CLI and other SDKs take too.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html>
const ENV_CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// The log message for a named bundle that cannot be used.
const UNUSABLE_BUNDLE: &str = "AWS_CA_BUNDLE names a file that cannot be read, or that holds no certificates or broken \
                               ones. No server is trusted, so every call fails";

/// The trusted root certificates.
#[derive(Debug)]
enum Roots {
    /// Only those of the file that `AWS_CA_BUNDLE` names. `None` where it holds none.
    Named(Option<TrustStore>),
    /// Those of the machine's bundle, or those that the library finds. By itself the library reads every file of the
    /// certificate folder too, which holds the same ones again.
    Found(Option<TrustStore>),
}

impl Roots {
    /// The roots that this environment names.
    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        if let Some(file) = variable(ENV_CA_BUNDLE).filter(|file| !file.is_empty()) {
            return Roots::Named(fs::read(file).ok().and_then(only));
        }
        // The library obeys both.
        let is_named = variable(ENV_CERT_FILE).is_some() || variable(ENV_CERT_DIR).is_some();
        let file = openssl_probe::probe().cert_file.filter(|_| !is_named);
        Roots::Found(file.and_then(|file| only(fs::read(file).ok()?)))
    }
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

    const BROKEN: &[u8] = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";

    #[test]
    fn a_bundle_of_the_machine_that_cannot_be_used_leaves_the_roots_to_the_library() {
        assert!(only(Vec::new()).is_none());
        assert!(only(b"# no roots here".to_vec()).is_none());
        let broken = only(BROKEN.to_vec());
        https_connector(Roots::Found(Some(broken.unwrap())));
    }

    /// Only the named bundle is trusted, even where it cannot be used.
    #[test]
    fn a_bundle_that_is_named_wins() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path.into_os_string()
        };
        let environment = |bundle: OsString| {
            move |name: &str| match name {
                ENV_CA_BUNDLE => Some(bundle.clone()),
                _ => Some(OsString::from("another")),
            }
        };
        for (bundle, holds_roots) in [
            (file("broken.pem", BROKEN), true),
            (file("empty.pem", b""), false),
            (file("text.pem", b"# no roots here"), false),
            (folder.path().join("missing.pem").into_os_string(), false),
        ] {
            let roots = Roots::of(environment(bundle.clone()));
            let Roots::Named(named) = &roots else {
                panic!("{roots:?}");
            };
            assert_eq!(named.is_some(), holds_roots, "{bundle:?}");
            https_connector(roots);
        }
        let roots = Roots::of(environment(OsString::new()));
        assert!(matches!(roots, Roots::Found(None)));
        for other in [ENV_CERT_FILE, ENV_CERT_DIR] {
            let one = |name: &str| (name == other).then(|| OsString::from("another"));
            assert!(matches!(Roots::of(one), Roots::Found(None)), "{other}");
        }
    }
}
