//! Calls of a trial: create and delete test users, and sign them in as an app does.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, AuthenticationResultType, ChallengeNameType, MessageActionType,
    SmsMfaSettingsType,
};
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
    refusal::{AppRefusal, refusal},
    wait::retry_throttled,
};

/// An app client of a user pool, asked as an app asks it.
pub(crate) struct App<'a> {
    pool: &'a UserPool,
    client: &'a AppClient,
}

/// The pool's answer to a sign-in.
#[derive(Debug)]
pub(crate) enum AppSignIn {
    /// The sign-in succeeded.
    Tokens {
        /// The ID token.
        id: Sensitive,
    },
    /// The password was right, and a challenge follows, under Cognito's name.
    Challenged(String),
    /// The pool refuses.
    Refused(AppRefusal),
}

/// The pool's answer to the start of a password reset.
#[derive(Debug)]
pub(crate) enum ResetStarted {
    /// A code was sent, in this way.
    CodeBy(String),
    /// The pool refuses.
    Refused(AppRefusal),
}

impl OperatorsPool {
    /// Creates a user who can sign in with this password. The pool sends the user no message.
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
        // The builders have all members.
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

    /// Deletes a user. A name that no user has is no error.
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

    /// Makes text messages the second factor of a user.
    pub(crate) async fn prefer_sms(&self, username: &str) -> Answer<()> {
        const OPERATION: &str = "AdminSetUserMFAPreference";
        let sms = SmsMfaSettingsType::builder()
            .enabled(true)
            .preferred_mfa(true)
            .build();
        let prefer = || {
            let call = self.pool.client.admin_set_user_mfa_preference();
            call.user_pool_id(&self.pool.id)
                .username(username)
                .sms_mfa_settings(sms.clone())
                .send()
        };
        retry_throttled(OPERATION, async || {
            retry::call(OPERATION, prefer, |_| Some(())).await
        })
        .await
    }

    /// Adds a user to a group.
    pub(crate) async fn join_group(&self, username: &str, group: &str) -> Answer<()> {
        const OPERATION: &str = "AdminAddUserToGroup";
        let join = || {
            let call = self.pool.client.admin_add_user_to_group();
            call.user_pool_id(&self.pool.id)
                .username(username)
                .group_name(group)
                .send()
        };
        retry_throttled(OPERATION, async || {
            retry::call(OPERATION, join, |_| Some(())).await
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
    pub(crate) async fn sign_in(&self, name: &str, password: &Sensitive) -> Answer<AppSignIn> {
        let parameters = self.parameters(name, password);
        let flow = AuthFlowType::UserPasswordAuth;
        Ok(self.initiate(flow, parameters).await?.signed_in)
    }

    /// Choice-based sign-in with the choice of the password, whether the pool takes it at once or lets the app choose first.
    pub(crate) async fn sign_in_by_choice(
        &self,
        name: &str,
        password: &Sensitive,
    ) -> Answer<AppSignIn> {
        const PASSWORD: &str = "PASSWORD";
        let mut parameters = self.parameters(name, password);
        parameters.insert("PREFERRED_CHALLENGE".to_owned(), PASSWORD.to_owned());
        let begun = self.initiate(AuthFlowType::UserAuth, parameters).await?;
        let AppSignIn::Challenged(challenge) = &begun.signed_in else {
            return Ok(begun.signed_in);
        };
        let challenge = ChallengeNameType::from(challenge.as_str());
        let mut responses = self.parameters(name, password);
        match challenge {
            ChallengeNameType::Password => {}
            ChallengeNameType::SelectChallenge => {
                responses.insert("ANSWER".to_owned(), PASSWORD.to_owned());
            }
            _ => return Ok(begun.signed_in),
        }
        self.respond(challenge, begun.session, responses).await
    }

    fn parameters(&self, name: &str, password: &Sensitive) -> HashMap<String, String> {
        let mut parameters = HashMap::from([
            ("USERNAME".to_owned(), name.to_owned()),
            ("PASSWORD".to_owned(), password.expose().to_owned()),
        ]);
        let hash = self.secret_hash(name);
        parameters.extend(hash.map(|hash| ("SECRET_HASH".to_owned(), hash)));
        parameters
    }

    async fn initiate(
        &self,
        flow: AuthFlowType,
        parameters: HashMap<String, String>,
    ) -> Answer<Begun> {
        const OPERATION: &str = "InitiateAuth";
        retry_throttled(OPERATION, async || {
            let call = self.pool.client.initiate_auth();
            let call = call
                .client_id(&self.client.id)
                .auth_flow(flow.clone())
                .set_auth_parameters(Some(parameters.clone()))
                .send();
            match Box::pin(call).await {
                Ok(answer) => Ok(Begun {
                    signed_in: signed_in(
                        OPERATION,
                        answer.authentication_result,
                        answer.challenge_name,
                    )?,
                    session: answer.session.map(Sensitive::new),
                }),
                Err(error) => Ok(Begun {
                    signed_in: refusal(OPERATION, &error).map(AppSignIn::Refused)?,
                    session: None,
                }),
            }
        })
        .await
    }

    async fn respond(
        &self,
        challenge: ChallengeNameType,
        session: Option<Sensitive>,
        responses: HashMap<String, String>,
    ) -> Answer<AppSignIn> {
        const OPERATION: &str = "RespondToAuthChallenge";
        let session = session.as_ref().map(|session| session.expose().to_owned());
        retry_throttled(OPERATION, async || {
            let call = self.pool.client.respond_to_auth_challenge();
            let call = call
                .client_id(&self.client.id)
                .challenge_name(challenge.clone())
                .set_session(session.clone())
                .set_challenge_responses(Some(responses.clone()))
                .send();
            match Box::pin(call).await {
                Ok(answer) => signed_in(
                    OPERATION,
                    answer.authentication_result,
                    answer.challenge_name,
                ),
                Err(error) => refusal(OPERATION, &error).map(AppSignIn::Refused),
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

/// The first answer to a sign-in.
struct Begun {
    signed_in: AppSignIn,
    /// The parameters of the answer to a challenge.
    session: Option<Sensitive>,
}

fn signed_in(
    operation: &'static str,
    result: Option<AuthenticationResultType>,
    challenge: Option<ChallengeNameType>,
) -> Result<AppSignIn, Stop> {
    let token = result.and_then(|held| held.id_token);
    let id = token.map(|token| AppSignIn::Tokens {
        id: Sensitive::new(token),
    });
    let challenge = challenge.map(|name| AppSignIn::Challenged(name.as_str().to_owned()));
    let signed_in = id.or(challenge);
    signed_in.ok_or_else(|| classify::unreadable(operation).into())
}

#[cfg(test)]
mod tests;
