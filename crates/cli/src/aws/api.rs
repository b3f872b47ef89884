//! The client of an app's API, which accepts the ID tokens of a user pool.

use std::time::Duration;

use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use pools::connection;
use rules::sensitive::Sensitive;

const LONGEST_CALL: Duration = Duration::from_secs(20);

/// An API behind a URL.
pub(crate) struct Api {
    url: String,
    connector: SharedHttpConnector,
}

/// An answer of the API.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ApiAnswer {
    /// The status of HTTP.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: String,
}

impl Api {
    /// Nothing is sent yet.
    pub(crate) fn new(url: &str) -> Self {
        Api {
            url: url.to_owned(),
            connector: connection::connector(),
        }
    }

    /// `GET`, with this token in the header `Authorization` if there is one; `None` if no answer came.
    pub(crate) async fn get(&self, token: Option<&Sensitive>) -> Option<ApiAnswer> {
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(self.url.as_str()).ok()?;
        if let Some(token) = token {
            let headers = request.headers_mut();
            let header = token.expose().to_owned();
            headers.try_insert("authorization", header).ok()?;
        }
        let call = async {
            let answer = self.connector.call(request).await.ok()?;
            let status = answer.status().as_u16();
            let body = ByteStream::new(answer.into_body()).collect().await.ok()?;
            Some(ApiAnswer {
                status,
                body: String::from_utf8_lossy(&body.into_bytes()).into_owned(),
            })
        };
        tokio::time::timeout(LONGEST_CALL, call).await.ok()?
    }
}
