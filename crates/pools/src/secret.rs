//! The secret of the source pool's app client: as it is set, or as Secrets Manager holds it.

use std::{sync::Arc, time::Duration};

use aws_config::Region;
use aws_sdk_secretsmanager::{Client, config};
use rules::{
    outcome::{Cause, Failure},
    sensitive::Sensitive,
    settings::{ClientSecret, SecretArn, Source},
    stored_secret::{UnusableSecret, client_secret},
};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    classify::GET_SECRET_VALUE,
    connection::Aws,
    retry::{self, log_failure},
};

/// The shortest time between two further readings of a stored secret. If the app client has another secret by mistake, not
/// every sign-in may ask Secrets Manager.
const BETWEEN_READINGS: Duration = Duration::from_secs(10);

/// The secret of the app client, if it has one.
pub(crate) struct Secret {
    /// `None` where Secrets Manager does not hold it.
    stored: Option<Stored>,
    /// Locked by the one task that asks Secrets Manager.
    known: Mutex<Known>,
}

/// A secret in Secrets Manager, read with the function's own credentials.
struct Stored {
    client: Client,
    arn: String,
    /// The app client to which it must belong, and its pool.
    app_client: (String, String),
}

#[derive(Default)]
struct Known {
    value: Option<Arc<Sensitive>>,
    read_again: Option<Instant>,
}

impl Secret {
    /// Nothing is read yet.
    pub(crate) fn new(aws: &Aws, settings: &mut Source) -> Self {
        let mut known = Known::default();
        let stored = match settings.client_secret.take() {
            None => None,
            Some(ClientSecret::Value(value)) => {
                known.value = Some(Arc::new(value));
                None
            }
            Some(ClientSecret::Stored(SecretArn { arn, region })) => {
                let config = config::Builder::from(aws.shared()).region(Region::new(region));
                Some(Stored {
                    client: Client::from_conf(config.build()),
                    arn,
                    app_client: (settings.client_id.clone(), settings.user_pool_id.clone()),
                })
            }
        };
        Secret {
            stored,
            known: Mutex::new(known),
        }
    }

    /// The secret for a sign-in now; `None` where the app client has none.
    pub(crate) async fn current(&self) -> Result<Option<Arc<Sensitive>>, Failure> {
        let mut known = self.known.lock().await;
        if let (None, Some(stored)) = (&known.value, &self.stored) {
            known.value = Some(stored.read().await?);
        }
        Ok(known.value.clone())
    }

    /// The secret that has replaced `wrong`, if it is known or can be read now.
    pub(crate) async fn instead_of(&self, wrong: &Sensitive) -> Option<Arc<Sensitive>> {
        let stored = self.stored.as_ref()?;
        let mut known = self.known.lock().await;
        // Another sign-in may have found the new one meanwhile.
        if known.value.as_deref() == Some(wrong) {
            let last = known.read_again;
            if last.is_some_and(|last| last.elapsed() < BETWEEN_READINGS) {
                return None;
            }
            // Before the reading: one that fails, or for which no sign-in waits any more, counts too.
            known.read_again = Some(Instant::now());
            match stored.read().await {
                Ok(value) => known.value = Some(value),
                Err(failure) => log_failure(&failure, "The client secret could not be read again"),
            }
        }
        known.value.clone().filter(|value| **value != *wrong)
    }
}

impl Stored {
    async fn read(&self) -> Result<Arc<Sensitive>, Failure> {
        let call = || self.client.get_secret_value().secret_id(&self.arn).send();
        let read = retry::call(GET_SECRET_VALUE, call, |answer| {
            // An answer always has one of both.
            let text = answer.secret_string;
            (text.is_some() || answer.secret_binary.is_some()).then_some(text)
        });
        let text = read.await.map_err(|stop| stop.failure(GET_SECRET_VALUE))?;
        let (client_id, user_pool_id) = &self.app_client;
        let secret = text
            .map(Sensitive::new)
            .ok_or(UnusableSecret::BinarySecret)
            .and_then(|text| client_secret(text.expose(), user_pool_id, client_id));
        secret.map(Arc::new).map_err(|unusable| {
            let failure = Failure::new(Cause::Settings, GET_SECRET_VALUE, unusable.into());
            log_failure(&failure, unusable.sentence());
            failure
        })
    }
}

#[cfg(test)]
mod tests {
    use rules::secret_hash::secret_hash;
    use serde_json::{Value, json};

    use super::*;
    use crate::test_support::{
        CLIENT, HOUR, POOL, ReplayedReply, USER, credentials, error, ok, public, requests, sent,
        sign_in_to, source, source_pool, tokens, under_role,
    };

    const WRONG: &str = "AdminInitiateAuth WrongSecret NotAuthorizedException";
    const ARN: &str = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:client-AbCdEf";

    fn with_secret(source: Source, secret: ClientSecret) -> Source {
        Source {
            client_secret: Some(secret),
            ..source
        }
    }

    fn with_stored(source: Source) -> Source {
        let (arn, region) = (ARN.to_owned(), "eu-central-1".to_owned());
        with_secret(source, ClientSecret::Stored(SecretArn { arn, region }))
    }

    fn stored(secret: &str) -> ReplayedReply {
        ok(json!({"ARN": ARN, "SecretString": secret}))
    }

    fn wrong_hash() -> ReplayedReply {
        let message = "SecretHash does not match for the client";
        error("NotAuthorizedException", message)
    }

    /// The operations that were asked for; of sign-ins the secret in their hash, if it is one of these.
    fn asked(sent: &Value) -> Vec<&'static str> {
        let what = |sent: &Value| match sent[1]["AuthParameters"]["SECRET_HASH"].as_str() {
            None => "read",
            Some(hash) => ["old", "new", "newer"]
                .into_iter()
                .find(|secret| secret_hash(secret, USER, CLIENT) == hash)
                .unwrap_or("another"),
        };
        sent.as_array().unwrap().iter().map(what).collect()
    }

    #[tokio::test]
    async fn a_stored_secret_is_read_once_with_our_own_credentials_in_its_own_region() {
        let role = vec![credentials("ASIAROLE", HOUR)];
        let admin = "AdminInitiateAuth cognito-idp.eu-west-1 AKIDOWN";
        let as_role = "AdminInitiateAuth cognito-idp.eu-west-1 ASIAROLE+token";
        let unsigned = "InitiateAuth cognito-idp.eu-west-1 unsigned";
        for (source, before, sign_in) in [
            (source(), vec![], admin),
            (under_role(), role, as_role),
            (public(), vec![], unsigned),
        ] {
            let replies = [vec![stored("old")], before, vec![tokens(), tokens()]].concat();
            let expected = replies.len();
            let (pool, http) = source_pool(with_stored(source), replies).await;
            for _ in 0..2 {
                assert_eq!(sign_in_to(&pool).await, "ok");
            }
            let sent = sent(&http);
            let request = "GetSecretValue secretsmanager.eu-central-1 AKIDOWN";
            assert_eq!(sent[0], json!([request, {"SecretId": ARN}]));
            assert_eq!(requests(&http), expected);
            for sent in &sent.as_array().unwrap()[expected - 2..] {
                assert_eq!(sent[0], sign_in);
                let hash = &sent[1]["AuthParameters"]["SECRET_HASH"];
                assert_eq!(*hash, secret_hash("old", USER, CLIENT));
            }
        }
    }

    /// The JSON that Cognito keeps.
    fn kept(secret: &str) -> ReplayedReply {
        let text = json!({
            "userPoolId": POOL, "userPoolClientId": CLIENT, "clientSecretValue": secret,
        });
        stored(&text.to_string())
    }

    #[tokio::test]
    async fn the_sign_in_that_notices_another_secret_works() {
        for (source, text) in [
            (source(), stored as fn(&str) -> ReplayedReply),
            (public(), stored),
            (source(), kept),
        ] {
            let replies = [text("old"), wrong_hash(), text("new"), tokens(), tokens()];
            let (pool, http) = source_pool(with_stored(source), replies).await;
            for _ in 0..2 {
                assert_eq!(sign_in_to(&pool).await, "ok");
            }
            assert_eq!(asked(&sent(&http)), ["read", "old", "read", "new", "new"]);
        }
    }

    #[tokio::test]
    async fn what_is_no_matter_of_the_secret_reads_nothing() {
        const MISSING: &str = "AdminInitiateAuth NotFound ResourceNotFoundException";
        let wrong = error("NotAuthorizedException", "Incorrect username or password.");
        let missing = error("ResourceNotFoundException", "x");
        for (reply, expected) in [(wrong, "wrong_credentials"), (missing, MISSING)] {
            let replies = [stored("old"), reply, stored("new")];
            let (pool, http) = source_pool(with_stored(source()), replies).await;
            assert_eq!(sign_in_to(&pool).await, expected);
            assert_eq!(requests(&http), 2);
        }
        // A secret that is set stays as it is.
        let source = with_secret(source(), ClientSecret::Value(Sensitive::new("old")));
        let (pool, http) = source_pool(source, [wrong_hash(), stored("new")]).await;
        assert_eq!(sign_in_to(&pool).await, WRONG);
        assert_eq!(requests(&http), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_secret_is_read_again_every_ten_seconds_at_most() {
        // One that fails counts too, and does not hide what the pool said.
        for again in [stored("old"), error("AccessDeniedException", "x")] {
            let replies = [
                vec![stored("old"), wrong_hash(), again],
                vec![wrong_hash()],
                vec![wrong_hash(), stored("new"), wrong_hash()],
                vec![wrong_hash()],
            ];
            let (pool, http) = source_pool(with_stored(source()), replies.concat()).await;
            assert_eq!(sign_in_to(&pool).await, WRONG);
            tokio::time::advance(Duration::from_millis(9_990)).await;
            assert_eq!(sign_in_to(&pool).await, WRONG);
            tokio::time::advance(Duration::from_millis(20)).await;
            // The new one is tried once.
            assert_eq!(sign_in_to(&pool).await, WRONG);
            assert_eq!(sign_in_to(&pool).await, WRONG);
            assert_eq!(
                asked(&sent(&http)),
                ["read", "old", "read", "old", "old", "read", "new", "new"]
            );
        }
    }

    #[tokio::test]
    async fn sign_ins_at_the_same_time_share_one_reading() {
        let replies = [stored("old"), stored("new")];
        let (pool, http) = source_pool(with_stored(source()), replies).await;
        let secret = &pool.secret;
        let (one, other) = tokio::join!(secret.current(), secret.current());
        let old = one.unwrap().unwrap();
        assert_eq!(other, Ok(Some(Arc::clone(&old))));
        let (one, other) = tokio::join!(secret.instead_of(&old), secret.instead_of(&old));
        assert_eq!(one.unwrap().expose(), "new");
        // Although it is too early to read again.
        assert_eq!(other.unwrap().expose(), "new");
        assert_eq!(requests(&http), 2);
    }

    /// The next sign-in asks again.
    #[tokio::test(start_paused = true)]
    async fn a_secret_that_cannot_be_read_is_a_failure_and_never_a_rejection() {
        const DENIED: &str = "NotAllowed AccessDeniedException";
        const DELETED: &str = "Settings InvalidRequestException";
        const BUSY: &str = "Busy InternalServiceError";
        const OTHER: &str = "Broken UnexpectedRefusal";
        let of = |code: &str| error(code, "x");
        let binary = ok(json!({"SecretBinary": "bWFkZS11cA=="}));
        for (reply, tries, expected) in [
            (of("AccessDeniedException"), 1, DENIED),
            (of("InvalidRequestException"), 1, DELETED),
            (of("UserNotFoundException"), 1, OTHER),
            (binary, 1, "Settings BinarySecret"),
            (stored(""), 1, "Settings EmptySecret"),
            (stored("{}"), 1, "Settings SecretWithoutValue"),
            (of("InternalServiceError"), 3, BUSY),
            (ok(json!({})), 3, "Busy UnreadableAnswer"),
        ] {
            let replies = std::iter::repeat_n(reply, tries);
            let replies = replies.chain([stored("old"), tokens()]);
            let (pool, http) = source_pool(with_stored(source()), replies).await;
            let expected = format!("GetSecretValue {expected}");
            assert_eq!(sign_in_to(&pool).await, expected);
            assert_eq!(requests(&http), tries, "{expected}");
            assert_eq!(sign_in_to(&pool).await, "ok");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_warm_up_reads_it_beside_the_connection() {
        // Whichever of the two asks first.
        let either = || ok(json!({"keys": [], "SecretString": "old"}));
        let (pool, http) = source_pool(with_stored(source()), [either(), either(), tokens()]).await;
        pool.warm_up(false);
        tokio::time::sleep(HOUR).await;
        assert_eq!(requests(&http), 2);
        assert_eq!(sign_in_to(&pool).await, "ok");
        assert_eq!(requests(&http), 3);
        let hash = &http.actual_requests().last().unwrap();
        let hash = std::str::from_utf8(hash.body().bytes().unwrap()).unwrap();
        assert!(hash.contains(&secret_hash("old", USER, CLIENT)), "{hash}");
    }

    #[tokio::test]
    async fn the_preflight_is_told_what_sign_ins_use() {
        let value = ClientSecret::Value(Sensitive::new("old"));
        let denied = error("AccessDeniedException", "x");
        for (source, replies, expected) in [
            (source(), vec![], Ok(None)),
            (with_secret(source(), value), vec![], Ok(Some("old"))),
            (with_stored(source()), vec![stored("old")], Ok(Some("old"))),
            (with_stored(source()), vec![denied], Err(Cause::NotAllowed)),
        ] {
            let (pool, _) = source_pool(source, replies).await;
            let secret = pool.client_secret().await;
            let expected = expected.map(|secret| secret.map(Sensitive::new));
            assert_eq!(secret.map_err(|failure| failure.cause), expected);
        }
    }
}
