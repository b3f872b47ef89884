//! The clients of the source pool and of STS: connections, time-outs, credentials; and the warm-up.

use std::{sync::Arc, time::Duration};

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig,
    environment::EnvironmentVariableRegionProvider, meta::region::RegionProviderChain,
    retry::RetryConfig, stalled_stream_protection::StalledStreamProtectionConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_cognitoidentityprovider::{
    Client, Config,
    config::{self, IdentityCache, SharedHttpClient},
};
use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient as _, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
        SharedHttpConnector, http_client_fn,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
};

use super::role::{AssumedRole, RoleCredentials};
use crate::config::Source;

/// A connection that was idle for longer is not used again: a load balancer or NAT gateway on the way may have
/// dropped it without a word, and a request on it would hang until its time-out.
const LONGEST_IDLE: Duration = Duration::from_secs(50);

/// Everything that it takes to talk to the source pool.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) role: Option<Arc<AssumedRole>>,
    http: Option<SharedHttpClient>,
}

impl Connection {
    /// Sets up the clients; nothing is sent yet. `attempt` limits each try of each call.
    pub(super) async fn new(source: &Source, attempt: Duration) -> Self {
        // The function's own Region serves STS; where there is none, as in a test, the source pool's does.
        let own_region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(Region::new(source.region.clone()));
        let shared = settings(attempt)
            .region(own_region)
            // A connection that is not there after half a try is worth giving up for another.
            .http_client(https_client(attempt / 2))
            .load()
            .await;
        Self::with(source, &shared)
    }

    /// Sets up the clients with what `shared` says of connections, time-outs and our own credentials.
    pub(super) fn with(source: &Source, shared: &SdkConfig) -> Self {
        let role = source
            .role
            .clone()
            .map(|role| AssumedRole::new(aws_sdk_sts::Client::new(shared), role));
        let mut config = config::Builder::from(shared).region(Region::new(source.region.clone()));
        if let Some(role) = &role {
            // The role looks after its own credentials; another cache would only hide when they end.
            config = config
                .credentials_provider(RoleCredentials(Arc::clone(role)))
                .identity_cache(IdentityCache::no_cache());
        }
        Connection {
            client: Client::from_conf(config.build()),
            role,
            http: shared.http_client(),
        }
    }

    /// The same client, but what it sends becomes a plain GET of the pool's public keys.
    ///
    /// So the whole way of a call is walked (credentials, signature, endpoint, DNS, TCP, TLS), and the connection
    /// is there for the next call, while the pool is asked nothing about anybody: no quota is used and no
    /// permission needed.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html>
    pub(super) fn harmless(&self, user_pool_id: &str) -> config::Builder {
        let Some(http) = self.http.clone() else {
            return Config::builder();
        };
        let path = format!("/{user_pool_id}/.well-known/jwks.json");
        Config::builder().http_client(http_client_fn(move |settings, components| {
            SharedHttpConnector::new(Harmless {
                inner: http.http_connector(settings, components),
                path: path.clone(),
            })
        }))
    }
}

/// How every client of ours behaves; each try of a call ends after `attempt`.
pub(super) fn settings(attempt: Duration) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(attempt)
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .identity_cache(IdentityCache::lazy().load_timeout(attempt).build())
}

/// HTTPS with one pool of connections for STS and the source pool. Proxies are taken from the environment, as
/// the SDK does by default.
fn https_client(connect: Duration) -> SharedHttpClient {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(connect)
        .build();
    // One connector for all clients: the SDK's default would read the system's certificates once per client.
    let connector = SharedHttpConnector::new(
        Connector::builder()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::AwsLc,
            ))
            .connector_settings(settings)
            .proxy_config(ProxyConfig::from_env())
            .pool_idle_timeout(LONGEST_IDLE)
            .build(),
    );
    http_client_fn(move |_, _| connector.clone())
}

/// Sends a GET of `path` to where the request would have gone.
#[derive(Debug)]
struct Harmless {
    inner: SharedHttpConnector,
    path: String,
}

impl HttpConnector for Harmless {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri();
        let authority_ends = uri
            .find("://")
            .and_then(|scheme| uri[scheme + 3..].find('/').map(|end| scheme + 3 + end))
            .unwrap_or(uri.len());
        match HttpRequest::get(format!("{}{}", &uri[..authority_ends], self.path)) {
            Ok(get) => self.inner.call(get),
            Err(error) => HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(error)))),
        }
    }
}
