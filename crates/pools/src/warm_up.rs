//! The connection before the first sign-in, so that no sign-in waits for it.

use std::sync::Arc;

use aws_sdk_cognitoidentityprovider::config::{
    ConfigBag, Intercept, RuntimeComponents, http::HttpRequest,
    interceptors::BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::box_error::BoxError;
use rules::{
    outcome::{Cause, FailureClass, Stop},
    settings::AuthFlow,
};

use crate::{
    retry::{log_failure, one_try},
    source_pool::SourcePool,
};

/// The name and token asked for where only the way to the pool matters. They are never sent.
const UNUSED: &str = "unused";

impl SourcePool {
    /// Connects in the background (credentials, role, DNS, TCP and TLS), reads the stored secret and, if `reads_mfa` says so,
    /// the pool's MFA setting. Failures are only logged.
    pub fn warm_up(self: &Arc<Self>, reads_mfa: bool) {
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let reach = async {
                this.reach().await?;
                if reads_mfa {
                    this.mfa().await?;
                }
                Ok(())
            };
            let pool = async {
                if let Err(Stop::Failed(failure)) = reach.await {
                    log_failure(&failure, "The source pool could not be reached at start");
                }
            };
            let secret = async {
                if let Err(failure) = this.secret.current().await {
                    log_failure(&failure, "The client secret could not be read at start");
                }
            };
            tokio::join!(pool, secret);
        });
    }

    /// Opens the connection as a call would, and asks nothing about a user.
    pub async fn reach(&self) -> Result<(), Stop> {
        const OPERATION: &str = "warm-up";
        // First, because the SDK would not say what is wrong with the role.
        self.pool.assume_role().await?;
        let harmless = Harmless {
            path: format!("/{}/.well-known/jwks.json", self.id()),
        };
        let client = &self.pool.client;
        let answer = match self.settings.auth_flow {
            AuthFlow::AdminUserPassword => {
                let call = client.admin_get_user().user_pool_id(self.id());
                let call = call.username(UNUSED).customize().interceptor(harmless);
                one_try(OPERATION, call.send(), |_| Some(())).await
            }
            AuthFlow::UserPassword => {
                let call = client.get_user().access_token(UNUSED);
                let call = call.customize().interceptor(harmless);
                one_try(OPERATION, call.send(), |_| Some(())).await
            }
        };
        match answer {
            Err(Stop::Failed(failure))
                if failure.cause == Cause::Unreachable
                    || failure.class() == FailureClass::Misconfigured =>
            {
                Err(failure.into())
            }
            // Any other answer of HTTP shows that the way is open.
            _ => Ok(()),
        }
    }
}

/// Makes a call's request a plain GET of the pool's public keys.
///
/// So all parts of a call are used (credentials, signature, endpoint, DNS, TCP, TLS), and the connection is open for the
/// next call. The pool is asked nothing about a user: this uses no quota and needs no permission.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html>
#[derive(Debug)]
struct Harmless {
    path: String,
}

impl Intercept for Harmless {
    fn name(&self) -> &'static str {
        "Harmless"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        // The scheme, nothing, and the host.
        let origin: Vec<_> = request.uri().split('/').take(3).collect();
        *request = HttpRequest::get(format!("{}{}", origin.join("/"), self.path))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test_support::{
        HOUR, POOL, credentials, end, error, ok, public, requests, source, source_pool, sts_error,
        under_role,
    };

    #[tokio::test]
    async fn the_warm_up_uses_every_part_of_a_call_and_asks_about_no_user() {
        let keys = || ok(json!({"keys": []}));
        for (source, replies) in [
            (source(), vec![keys()]),
            (public(), vec![keys()]),
            (under_role(), vec![credentials("ASIAROLE", HOUR), keys()]),
        ] {
            let expected = replies.len();
            let (pool, http) = source_pool(source, replies).await;
            assert_eq!(end(pool.reach().await), "ok");
            assert_eq!(requests(&http), expected);
            let request = http.actual_requests().last().unwrap();
            let uri =
                format!("https://cognito-idp.eu-west-1.amazonaws.com/{POOL}/.well-known/jwks.json");
            assert_eq!((request.method(), request.uri()), ("GET", uri.as_str()));
            assert_eq!(request.body().bytes(), Some(&[][..]));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_broken_connection_is_a_failure() {
        const DENIED: &str = "AssumeRole Credentials AccessDenied";
        const NO_CLIENT: &str = "warm-up Credentials UnrecognizedClientException";
        let of = |code| Some(error(code, "x"));
        for (source, reply, expected) in [
            (source(), Some((404, String::new())), "ok"),
            (source(), Some((503, "<html/>".to_owned())), "ok"),
            (source(), of("UserNotFoundException"), "ok"),
            (source(), None, "warm-up Unreachable Connection"),
            (source(), of("UnrecognizedClientException"), NO_CLIENT),
            (under_role(), Some(sts_error("AccessDenied")), DENIED),
        ] {
            let (pool, _) = source_pool(source, reply).await;
            assert_eq!(end(pool.reach().await), expected);
        }
    }
}
