//! What a trial of the migration does: it makes and deletes users of its own, and signs them in as an app would.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, MessageActionType};
use rules::{
    checks::{Answer, AppClient},
    outcome::{Reason, Stop},
    secret_hash::secret_hash,
    sensitive::Sensitive,
};

use super::{pool::OperatorsPool, wait::patiently};
use crate::{
    classify::{self, Refusal},
    retry,
    user_pool::UserPool,
};

/// An app client of a user pool, and the way in which an app asks it.
pub struct App<'a> {
    pool: &'a UserPool,
    client: &'a AppClient,
}

/// What the pool says to a sign-in.
#[derive(Debug)]
pub enum SignedIn {
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
pub enum ResetStarted {
    /// A code was sent, in this way.
    CodeBy(String),
    /// The pool says no.
    Refused(Refusal),
}

impl OperatorsPool {
    /// Makes a user whom the pool sends nothing, and who can sign in with this password.
    pub async fn create_user(
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
        let created = patiently(CREATE, async || {
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
        patiently(SET_PASSWORD, async || {
            retry::call(SET_PASSWORD, set_password, |_| Some(())).await
        })
        .await
    }

    /// Deletes a user; nothing happens where nobody has this name.
    pub async fn delete_user(&self, username: &str) -> Answer<()> {
        const OPERATION: &str = "AdminDeleteUser";
        let call = || {
            let call = self.pool.client.admin_delete_user();
            call.user_pool_id(&self.pool.id).username(username).send()
        };
        patiently(OPERATION, async || {
            match retry::call(OPERATION, call, |_| Some(())).await {
                // Nor can anybody have a name that the pool calls invalid.
                Err(Stop::Rejected(Reason::UserNotFound | Reason::InvalidRequest)) => Ok(()),
                answer => answer,
            }
        })
        .await
    }

    /// The pool, as the apps of this client see it.
    pub fn app<'a>(&'a self, client: &'a AppClient) -> App<'a> {
        App {
            pool: &self.pool,
            client,
        }
    }
}

impl App<'_> {
    /// `InitiateAuth` with a user name and a password. A wrong one is sent once: every try counts against the user.
    pub async fn sign_in(&self, name: &str, password: &Sensitive) -> Answer<SignedIn> {
        const OPERATION: &str = "InitiateAuth";
        patiently(OPERATION, async || {
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
                Err(error) => classify::refusal(OPERATION, &error).map(SignedIn::Refused),
            }
        })
        .await
    }

    /// `ForgotPassword`: the start of a password reset.
    pub async fn forgot_password(&self, name: &str) -> Answer<ResetStarted> {
        const OPERATION: &str = "ForgotPassword";
        patiently(OPERATION, async || {
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
                Err(error) => classify::refusal(OPERATION, &error).map(ResetStarted::Refused),
            }
        })
        .await
    }

    fn secret_hash(&self, name: &str) -> Option<String> {
        let secret = self.client.secret.as_ref()?;
        Some(secret_hash(secret.expose(), name, &self.client.id))
    }
}
