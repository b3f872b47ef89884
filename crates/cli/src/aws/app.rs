//! What a trial of the migration does: it makes and deletes users of its own, and signs them in as an app would.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, MessageActionType};
use pools::{UserPool, classify, retry};
use rules::{
    checks::Answer,
    outcome::{Reason, Stop},
    pool::AppClient,
    secret_hash::secret_hash,
    sensitive::Sensitive,
};

use super::{
    calls,
    pool::OperatorsPool,
    refusal::{Refusal, refusal},
    wait::retry_throttled,
};

/// An app client of a user pool, and the way in which an app asks it.
pub(crate) struct App<'a> {
    pool: &'a UserPool,
    client: &'a AppClient,
}

/// What the pool says to a sign-in.
#[derive(Debug)]
pub(crate) enum SignedIn {
    /// The user is in.
    Tokens {
        /// The ID token.
        id: Sensitive,
    },
    /// The password was right, and the pool asks for more: the challenge, under Cognito's name.
    Challenged(String),
    /// The pool says no.
    Refused(Refusal),
}

/// What the pool says to the start of a password reset.
#[derive(Debug)]
pub(crate) enum ResetStarted {
    /// A code was sent, in this way.
    CodeBy(String),
    /// The pool says no.
    Refused(Refusal),
}

impl OperatorsPool {
    /// Makes a user whom the pool sends nothing, and who can sign in with this password.
    pub(crate) async fn create_user(
        &self,
        username: &str,
        attributes: &BTreeMap<String, String>,
        password: &Sensitive,
    ) -> Answer<()> {
        const CREATE: &str = "AdminCreateUser";
        const SET_PASSWORD: &str = "AdminSetUserPassword";
        let attribute = |(name, value): (&String, &String)| {
            AttributeType::builder().name(name).value(value).build()
        };
        // The builders lack nothing.
        let attributes: Vec<_> = attributes.iter().flat_map(attribute).collect();
        let create = || {
            let call = self.pool.client.admin_create_user();
            call.user_pool_id(&self.pool.id)
                .username(username)
                .message_action(MessageActionType::Suppress)
                .set_user_attributes(Some(attributes.clone()))
                .send()
        };
        let created = retry_throttled(CREATE, async || {
            retry::call(CREATE, create, |_| Some(())).await
        });
        match created.await {
            // A try whose answer was lost.
            Err(failure) if failure.code == "UsernameExistsException" => {}
            answer => answer?,
        }
        let set_password = || {
            let call = self.pool.client.admin_set_user_password();
            call.user_pool_id(&self.pool.id)
                .username(username)
                .password(password.expose())
                .permanent(true)
                .send()
        };
        retry_throttled(SET_PASSWORD, async || {
            retry::call(SET_PASSWORD, set_password, |_| Some(())).await
        })
        .await
    }

    /// Deletes a user; nothing happens where no user has this name.
    pub(crate) async fn delete_user(&self, username: &str) -> Answer<()> {
        retry_throttled("AdminDeleteUser", async || {
            match calls::delete(&self.pool, username).await {
                // Nor can a user have a name that the pool calls invalid.
                Err(Stop::Rejected(Reason::UserNotFound | Reason::InvalidRequest)) => Ok(()),
                answer => answer,
            }
        })
        .await
    }

    /// The pool, as the apps of this client see it.
    pub(crate) fn app<'a>(&'a self, client: &'a AppClient) -> App<'a> {
        App {
            pool: &self.pool,
            client,
        }
    }
}

impl App<'_> {
    /// `InitiateAuth` with a user name and a password. A wrong one is sent once: every try counts against the user.
    pub(crate) async fn sign_in(&self, name: &str, password: &Sensitive) -> Answer<SignedIn> {
        const OPERATION: &str = "InitiateAuth";
        retry_throttled(OPERATION, async || {
            let mut parameters = HashMap::from([
                ("USERNAME".to_owned(), name.to_owned()),
                ("PASSWORD".to_owned(), password.expose().to_owned()),
            ]);
            parameters.extend(
                self.secret_hash(name)
                    .map(|hash| ("SECRET_HASH".to_owned(), hash)),
            );
            let call = self.pool.client.initiate_auth();
            let call = call
                .client_id(&self.client.id)
                .auth_flow(AuthFlowType::UserPasswordAuth)
                .set_auth_parameters(Some(parameters))
                .send();
            match Box::pin(call).await {
                Ok(answer) => {
                    let token = answer.authentication_result.and_then(|held| held.id_token);
                    let challenge = answer.challenge_name.map(|name| name.as_str().to_owned());
                    let id = token.map(|token| SignedIn::Tokens {
                        id: Sensitive::new(token),
                    });
                    let signed_in = id.or_else(|| challenge.map(SignedIn::Challenged));
                    signed_in.ok_or_else(|| classify::unreadable(OPERATION).into())
                }
                Err(error) => refusal(OPERATION, &error).map(SignedIn::Refused),
            }
        })
        .await
    }

    /// `ForgotPassword`: the start of a password reset.
    pub(crate) async fn forgot_password(&self, name: &str) -> Answer<ResetStarted> {
        const OPERATION: &str = "ForgotPassword";
        retry_throttled(OPERATION, async || {
            let call = self.pool.client.forgot_password();
            let call = call
                .client_id(&self.client.id)
                .username(name)
                .set_secret_hash(self.secret_hash(name))
                .send();
            match Box::pin(call).await {
                Ok(answer) => {
                    let details = answer.code_delivery_details;
                    let medium = details.and_then(|details| details.delivery_medium);
                    let medium = medium.map(|medium| medium.as_str().to_owned());
                    Ok(ResetStarted::CodeBy(
                        medium.unwrap_or_else(|| "an unnamed way".to_owned()),
                    ))
                }
                Err(error) => refusal(OPERATION, &error).map(ResetStarted::Refused),
            }
        })
        .await
    }

    fn secret_hash(&self, name: &str) -> Option<String> {
        let secret = self.client.secret.as_ref()?;
        Some(secret_hash(secret.expose(), name, &self.client.id))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws_smithy_http_client::test_util::StaticReplayClient;
    use rules::outcome::Failure;
    use serde_json::json;

    use super::*;
    use crate::aws::{
        Pace,
        test_support::{
            CLIENT, POOL, Reply, USER, answers, aws, error, ok, password, requests, sent,
        },
    };

    async fn pool(replies: impl IntoIterator<Item = Reply>) -> (OperatorsPool, StaticReplayClient) {
        let http = answers(replies);
        let pool = UserPool::new(&aws(http.clone()).await, POOL, "eu-west-1", None);
        (
            OperatorsPool::new(pool, Arc::new(Pace::per_second(10))),
            http,
        )
    }

    fn client(secret: Option<&str>) -> AppClient {
        AppClient {
            id: CLIENT.to_owned(),
            name: String::new(),
            secret: secret.map(Sensitive::new),
            admin_password_flow: false,
            user_password_flow: true,
            prevents_user_existence_errors: true,
            readable: None,
            writable: None,
        }
    }

    fn empty() -> Reply {
        ok(json!({}))
    }

    #[tokio::test]
    async fn a_user_is_made_without_a_message_and_gets_a_password_that_lasts() {
        let attributes = BTreeMap::from([("email".to_owned(), USER.to_owned())]);
        for first in [empty(), error("UsernameExistsException", "")] {
            let (pool, http) = pool([first, empty()]).await;
            pool.create_user(USER, &attributes, &password())
                .await
                .unwrap();
            let who = "cognito-idp.eu-west-1 AKIDOWN";
            assert_eq!(
                sent(&http),
                json!([
                    [format!("AdminCreateUser {who}"), {
                        "UserPoolId": POOL,
                        "Username": USER,
                        "MessageAction": "SUPPRESS",
                        "UserAttributes": [{"Name": "email", "Value": USER}],
                    }],
                    [format!("AdminSetUserPassword {who}"), {
                        "UserPoolId": POOL,
                        "Username": USER,
                        "Password": "Made-up-1",
                        "Permanent": true,
                    }],
                ])
            );
        }
        let (pool, http) = pool([error("AccessDeniedException", "")]).await;
        assert!(
            pool.create_user(USER, &attributes, &password())
                .await
                .is_err()
        );
        assert_eq!(requests(&http), 1);
    }

    #[tokio::test]
    async fn a_user_who_does_not_exist_counts_as_deleted() {
        for (reply, is_deleted) in [
            (empty(), true),
            (error("UserNotFoundException", ""), true),
            (error("InvalidParameterException", "Invalid name."), true),
            (error("AccessDeniedException", ""), false),
        ] {
            let (pool, http) = pool([reply]).await;
            assert_eq!(pool.delete_user(USER).await.is_ok(), is_deleted);
            let request = json!(["AdminDeleteUser cognito-idp.eu-west-1 AKIDOWN", {"UserPoolId": POOL, "Username": USER}]);
            assert_eq!(sent(&http), json!([request]));
        }
    }

    #[tokio::test]
    async fn an_app_signs_in_unsigned_with_the_secret_hash_of_the_name_as_typed() {
        // As in the tests of `secret_hash`.
        const HASH: &str = "dNUm25s+wxiN0LMdOJSXhxt0STCx4mHMyDLGpzRhL+0=";
        for secret in [None, Some("made-up-secret")] {
            let tokens = json!({"AuthenticationResult": {"IdToken": "made-up-token"}});
            let reset = json!({"CodeDeliveryDetails": {"DeliveryMedium": "EMAIL"}});
            let (pool, http) = pool([ok(tokens), ok(reset)]).await;
            let client = client(secret);
            let app = pool.app(&client);
            let signed_in = app.sign_in(USER, &password()).await.unwrap();
            assert!(matches!(signed_in, SignedIn::Tokens { id } if id.expose() == "made-up-token"));
            let reset = app.forgot_password(USER).await.unwrap();
            assert!(matches!(reset, ResetStarted::CodeBy(medium) if medium == "EMAIL"));
            let mut parameters = json!({"USERNAME": USER, "PASSWORD": "Made-up-1"});
            let mut forgotten = json!({"ClientId": CLIENT, "Username": USER});
            if secret.is_some() {
                parameters["SECRET_HASH"] = HASH.into();
                forgotten["SecretHash"] = HASH.into();
            }
            assert_eq!(
                sent(&http),
                json!([
                    ["InitiateAuth cognito-idp.eu-west-1 unsigned", {
                        "ClientId": CLIENT,
                        "AuthFlow": "USER_PASSWORD_AUTH",
                        "AuthParameters": parameters,
                    }],
                    ["ForgotPassword cognito-idp.eu-west-1 unsigned", forgotten],
                ])
            );
        }
    }

    /// What an app hears, in words.
    fn heard(answer: Result<SignedIn, Failure>) -> String {
        match answer {
            Ok(SignedIn::Tokens { .. }) => "tokens".to_owned(),
            Ok(SignedIn::Challenged(name)) => name,
            Ok(SignedIn::Refused(refusal)) => format!("{} {:?}", refusal.code, refusal.about),
            Err(failure) => format!("failed {}", failure.code),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_pool_says_to_a_user_is_told_and_what_it_says_to_us_is_a_failure() {
        let wrong = "Incorrect username or password.";
        let lambda = "UserMigration failed with error Sign-in is temporarily unavailable. Please try again..";
        let challenge = ok(json!({"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "x"}));
        for (reply, told) in [
            (
                error("NotAuthorizedException", wrong),
                "NotAuthorizedException WrongPassword",
            ),
            (
                error(
                    "PasswordResetRequiredException",
                    "Password reset required for the user",
                ),
                "PasswordResetRequiredException Reset",
            ),
            (
                error("UserLambdaValidationException", lambda),
                "UserLambdaValidationException Other",
            ),
            (
                error("UnexpectedLambdaException", "x"),
                "UnexpectedLambdaException Other",
            ),
            (
                error("UserNotFoundException", "x"),
                "UserNotFoundException Other",
            ),
            (
                error(
                    "NotAuthorizedException",
                    "Unable to verify secret hash for client x",
                ),
                "failed NotAuthorizedException",
            ),
            (
                error("ResourceNotFoundException", "x"),
                "failed ResourceNotFoundException",
            ),
            (challenge, "SOFTWARE_TOKEN_MFA"),
        ] {
            let (pool, http) = pool([reply]).await;
            let client = client(None);
            let answer = pool.app(&client).sign_in(USER, &password()).await;
            assert_eq!(heard(answer), told);
            assert_eq!(requests(&http), 1);
        }
        let tokens = ok(json!({"AuthenticationResult": {"IdToken": "made-up-token"}}));
        let (pool, http) = pool([error("TooManyRequestsException", ""), tokens]).await;
        let client = client(None);
        let answer = pool.app(&client).sign_in(USER, &password()).await;
        assert_eq!(heard(answer), "tokens");
        assert_eq!(requests(&http), 2);
    }
}
