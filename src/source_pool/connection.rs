//! The clients of the source pool and of STS, their credentials, and the warm-up.

use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_cognitoidentityprovider::{
    Client, Config,
    config::{self, IdentityCache, SharedHttpClient},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
};

use super::role::{AssumedRole, RoleCredentials};
use crate::config::Source;

/// Everything that it takes to talk to the source pool.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) role: Option<Arc<AssumedRole>>,
    pub(super) own_credentials: Option<SharedCredentialsProvider>,
    http: Option<SharedHttpClient>,
}

impl Connection {
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
            own_credentials: shared.credentials_provider(),
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
