//! The only door to the source pool: asked, understood, and told which users have moved.
//!
//! Its calls, the assumed role and the warm-up live below this module, and nothing above it names a type of the
//! SDK. What comes out is evidence (see [`SignIn`], [`Lookup`] and [`Profile`]) or a [`Failure`].

mod connection;
mod evidence;
mod inspect;
mod look_up;
mod retire;
mod role;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, AuthenticationResultType, ChallengeNameType, UserStatusType,
};

pub use evidence::{
    Challenge, Listed, ListedUser, Lookup, Profile, SecondFactor, SignIn, Standing, UserStatus,
};
pub use inspect::SignInOfNobody;

use tokio::sync::oneshot;

use crate::{
    aws::{
        Aws,
        classify::{self, Fault, unreadable},
        tries::{self, Ended, one_try, up_to_three_times, up_to_three_times_while},
    },
    config::{AuthFlow, Source},
    error::{Failure, FailureClass, Reason},
    secret_hash::secret_hash,
    sensitive::Sensitive,
};
use connection::Connection;

/// The name asked for where only the way to the pool matters. Nothing is ever asked about it.
const NOBODY: &str = "nobody";

/// The source pool.
pub struct SourcePool {
    source: Source,
    connection: Connection,
}

impl SourcePool {
    /// Sets up the clients for `source`, with connections and time-outs of the caller's; nothing is sent yet.
    pub fn on(aws: &Aws, source: Source) -> Arc<Self> {
        let connection = Connection::with(&source, aws.shared());
        Arc::new(SourcePool { source, connection })
    }

    /// Whether sign-ins go through the admin flow, in which the profile can be asked for at the same time.
    pub fn signs_in_as_admin(&self) -> bool {
        self.source.auth_flow == AuthFlow::AdminUserPassword
    }

    /// Connects in the background, so that the first sign-in does not pay for it: credentials, role, DNS, TCP and
    /// TLS, one connection for each call that a sign-in makes at the same time. What it meets is logged only.
    pub fn warm_up(self: &Arc<Self>) {
        let this = Arc::clone(self);
        tokio::spawn(async move {
            // First, so that the connections do not each ask for the role, and one warning tells of one mistake.
            let reached = match this.assume_role().await {
                Ok(()) if this.signs_in_as_admin() => {
                    let (first, second) = tokio::join!(this.reach(), this.reach());
                    first.and(second)
                }
                Ok(()) => this.reach().await,
                Err(failure) => Err(failure),
            };
            if let Err(failure) = reached {
                tracing::warn!(
                    class = failure.class.as_str(),
                    operation = failure.operation,
                    code = failure.code,
                    "The source pool could not be reached at start"
                );
            }
        });
    }

    /// Makes sure of the role's credentials, if there is a role, so that calls made at the same time do not each
    /// ask for them.
    pub async fn assume_role(&self) -> Result<(), Failure> {
        match &self.connection.role {
            Some(role) => role.credentials().await.map(drop),
            None => Ok(()),
        }
    }

    /// Shows a password to the source pool.
    ///
    /// A wrong one is shown once: every further try would count against the user.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &Sensitive,
        client_metadata: &HashMap<String, String>,
    ) -> Result<SignIn, Failure> {
        let answer = if self.signs_in_as_admin() {
            self.admin_initiate_auth(username, password, client_metadata)
                .await
        } else {
            self.initiate_auth(username, password, client_metadata)
                .await
        };
        match answer {
            Ok(evidence) => Ok(evidence),
            Err(Ended::Refused(reason)) => Ok(SignIn::Refused(reason)),
            Err(Ended::Failed(failure)) => Err(failure),
        }
    }

    /// The profile of a user, as the pool's administrators see it.
    pub async fn profile(&self, username: &str) -> Result<Lookup, Failure> {
        self.profile_while(|| true, username).await
    }

    /// Asks for a profile beside another call, which may make it useless.
    ///
    /// If the result is dropped, the call that is under way still ends by itself, so that its connection stays
    /// whole for the next one, but it is not tried again.
    pub fn profile_beside(self: &Arc<Self>, username: &str) -> ProfileBeside {
        let (this, username) = (Arc::clone(self), username.to_owned());
        let (result, wanted) = oneshot::channel();
        tokio::spawn(tries::as_here(async move {
            let profile = this.profile_while(|| !result.is_closed(), &username).await;
            // Nobody wants it any more, and that is fine.
            let _ = result.send(profile);
        }));
        ProfileBeside(wanted)
    }

    async fn profile_while(
        &self,
        wants: impl Fn() -> bool,
        username: &str,
    ) -> Result<Lookup, Failure> {
        const OPERATION: &str = "AdminGetUser";
        let answer = self
            .as_administrator_while(OPERATION, wants, || async {
                let answer = self
                    .connection
                    .client
                    .admin_get_user()
                    .user_pool_id(&self.source.user_pool_id)
                    .username(username)
                    .send()
                    .await
                    .map_err(|error| classify::fault(OPERATION, &error))?;
                let status = answer.user_status;
                // The SDK takes an `Enabled` that is not there for false: then the user is refused as disabled.
                let mut factors = answer.user_mfa_setting_list.unwrap_or_default();
                // Old pools keep text messages here.
                if !answer.mfa_options.unwrap_or_default().is_empty() {
                    factors.push("SMS_MFA".to_owned());
                }
                status
                    .and_then(|status| {
                        let standing = Standing::Reported {
                            enabled: answer.enabled,
                            status: user_status(&status),
                        };
                        profile(answer.username, standing, answer.user_attributes, &factors)
                    })
                    .ok_or_else(|| unreadable(OPERATION))
            })
            .await;
        match answer {
            Ok(profile) => Ok(Lookup::Found(profile)),
            Err(Ended::Refused(reason @ (Reason::UserNotFound | Reason::InvalidRequest))) => {
                Ok(Lookup::Refused(reason))
            }
            // No password was shown, so nothing else can be refused.
            Err(Ended::Refused(_)) => Err(Failure::unavailable(OPERATION, "UnexpectedRefusal")),
            Err(Ended::Failed(failure)) => Err(failure),
        }
    }

    /// The profile of the user whose sign-in gave `access_token`, as the user sees it.
    pub async fn own_profile(&self, access_token: &Sensitive) -> Result<Profile, Failure> {
        const OPERATION: &str = "GetUser";
        let answer = up_to_three_times(OPERATION, || async {
            let answer = self
                .connection
                .client
                .get_user()
                .access_token(access_token.expose())
                .send()
                .await
                .map_err(|error| classify::fault(OPERATION, &error))?;
            let factors = answer.user_mfa_setting_list.unwrap_or_default();
            profile(
                answer.username,
                Standing::VouchedByToken,
                Some(answer.user_attributes),
                &factors,
            )
            .ok_or_else(|| unreadable(OPERATION))
        })
        .await;
        answer.map_err(|ended| match ended {
            Ended::Refused(_) => Failure::unavailable(OPERATION, "UnexpectedRefusal"),
            Ended::Failed(failure) => failure,
        })
    }

    async fn admin_initiate_auth(
        &self,
        username: &str,
        password: &Sensitive,
        client_metadata: &HashMap<String, String>,
    ) -> Result<SignIn, Ended> {
        const OPERATION: &str = "AdminInitiateAuth";
        self.as_administrator(OPERATION, || async {
            let answer = self
                .connection
                .client
                .admin_initiate_auth()
                .user_pool_id(&self.source.user_pool_id)
                .client_id(&self.source.client_id)
                .auth_flow(AuthFlowType::AdminUserPasswordAuth)
                .set_auth_parameters(Some(self.auth_parameters(username, password)))
                .set_client_metadata(some_if_any(client_metadata))
                .send()
                .await
                .map_err(|error| classify::fault(OPERATION, &error))?;
            sign_in(answer.authentication_result, answer.challenge_name)
                .ok_or_else(|| unreadable(OPERATION))
        })
        .await
    }

    async fn initiate_auth(
        &self,
        username: &str,
        password: &Sensitive,
        client_metadata: &HashMap<String, String>,
    ) -> Result<SignIn, Ended> {
        const OPERATION: &str = "InitiateAuth";
        up_to_three_times(OPERATION, || async {
            let answer = self
                .connection
                .client
                .initiate_auth()
                .client_id(&self.source.client_id)
                .auth_flow(AuthFlowType::UserPasswordAuth)
                .set_auth_parameters(Some(self.auth_parameters(username, password)))
                .set_client_metadata(some_if_any(client_metadata))
                .send()
                .await
                .map_err(|error| classify::fault(OPERATION, &error))?;
            sign_in(answer.authentication_result, answer.challenge_name)
                .ok_or_else(|| unreadable(OPERATION))
        })
        .await
    }

    /// Makes a signed call, up to three times, under the role if there is one.
    async fn as_administrator<T, C>(
        &self,
        operation: &'static str,
        call: impl Fn() -> C,
    ) -> Result<T, Ended>
    where
        C: Future<Output = Result<T, Fault>>,
    {
        self.as_administrator_while(operation, || true, call).await
    }

    /// The same, while somebody `wants` the result.
    async fn as_administrator_while<T, C>(
        &self,
        operation: &'static str,
        wants: impl Fn() -> bool,
        call: impl Fn() -> C,
    ) -> Result<T, Ended>
    where
        C: Future<Output = Result<T, Fault>>,
    {
        up_to_three_times_while(wants, || async {
            // Here and not only inside the SDK, which would not say what is wrong with the role.
            let Some(role) = &self.connection.role else {
                return one_try(operation, call()).await;
            };
            let credentials = role.credentials().await.map_err(Fault::Lasting)?;
            let answer = one_try(operation, call()).await;
            if let Err(Fault::CredentialsExpired(_)) = &answer {
                role.forget(&credentials);
            }
            answer
        })
        .await
    }

    fn auth_parameters(&self, username: &str, password: &Sensitive) -> HashMap<String, String> {
        let mut parameters = HashMap::from([
            ("USERNAME".to_owned(), username.to_owned()),
            ("PASSWORD".to_owned(), password.expose().to_owned()),
        ]);
        if let Some(secret) = &self.source.client_secret {
            let hash = secret_hash(secret.expose(), username, &self.source.client_id);
            parameters.insert("SECRET_HASH".to_owned(), hash);
        }
        parameters
    }

    /// Walks the way of a call without asking the pool anything.
    async fn reach(&self) -> Result<(), Failure> {
        const OPERATION: &str = "warm-up";
        let harmless = self.connection.harmless(&self.source.user_pool_id);
        let client = &self.connection.client;
        let fault = if self.signs_in_as_admin() {
            let call = client
                .admin_get_user()
                .user_pool_id(&self.source.user_pool_id);
            let answer = call
                .username(NOBODY)
                .customize()
                .config_override(harmless)
                .send();
            answer
                .await
                .map_err(|error| classify::fault(OPERATION, &error))
                .err()
        } else {
            let call = client.get_user().access_token(NOBODY);
            let answer = call.customize().config_override(harmless).send();
            answer
                .await
                .map_err(|error| classify::fault(OPERATION, &error))
                .err()
        };
        match fault {
            Some(Fault::Lasting(failure)) if failure.class == FailureClass::Misconfigured => {
                Err(failure)
            }
            // Whatever else HTTP says, somebody answered.
            Some(Fault::Passing(failure) | Fault::Lasting(failure))
                if matches!(
                    failure.code.as_str(),
                    "Connection" | "Timeout" | "Credentials"
                ) =>
            {
                Err(failure)
            }
            _ => Ok(()),
        }
    }
}

/// A profile that was asked for beside another call.
pub struct ProfileBeside(oneshot::Receiver<Result<Lookup, Failure>>);

impl ProfileBeside {
    /// Waits for the profile.
    pub async fn result(self) -> Result<Lookup, Failure> {
        let Self(profile) = self;
        // Without a result, the task that asked has panicked.
        profile
            .await
            .unwrap_or_else(|_| Err(Failure::unavailable("AdminGetUser", "Panic")))
    }
}

/// Cognito's answer to a sign-in, or `None` if it says neither or both of what it can say.
fn sign_in(
    tokens: Option<AuthenticationResultType>,
    challenge: Option<ChallengeNameType>,
) -> Option<SignIn> {
    match (tokens, challenge) {
        (Some(tokens), None) => tokens
            .access_token
            .filter(|token| !token.is_empty())
            .map(|token| SignIn::Tokens(Sensitive::new(token))),
        (None, Some(challenge)) => Some(SignIn::Challenge(match challenge {
            ChallengeNameType::SmsMfa => Challenge::SmsMfa,
            ChallengeNameType::SoftwareTokenMfa => Challenge::SoftwareTokenMfa,
            ChallengeNameType::EmailOtp => Challenge::EmailOtp,
            ChallengeNameType::SelectMfaType => Challenge::SelectMfaType,
            ChallengeNameType::MfaSetup => Challenge::MfaSetup,
            ChallengeNameType::NewPasswordRequired => Challenge::NewPasswordRequired,
            _ => Challenge::Other,
        })),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

/// A profile, or `None` if it is not whole: every user has a name and, if only `sub`, attributes.
fn profile(
    username: String,
    standing: Standing,
    attributes: Option<Vec<AttributeType>>,
    factors: &[String],
) -> Option<Profile> {
    let attributes: Vec<_> = attributes?
        .into_iter()
        .map(|attribute| (attribute.name, attribute.value.unwrap_or_default()))
        .collect();
    if username.is_empty() || attributes.is_empty() {
        return None;
    }
    let sub = attributes.iter().find(|(name, _)| name == "sub");
    Some(Profile {
        username,
        sub: sub
            .map(|(_, value)| value.clone())
            .filter(|sub| !sub.is_empty()),
        standing,
        second_factor: match factors {
            [] => SecondFactor::None,
            all if all.iter().all(|factor| factor == "SMS_MFA") => SecondFactor::Sms,
            _ => SecondFactor::Other,
        },
        attributes,
    })
}

fn user_status(status: &UserStatusType) -> UserStatus {
    match status {
        UserStatusType::Unconfirmed => UserStatus::Unconfirmed,
        UserStatusType::Confirmed => UserStatus::Confirmed,
        UserStatusType::Archived => UserStatus::Archived,
        UserStatusType::Compromised => UserStatus::Compromised,
        UserStatusType::UnknownValue => UserStatus::Unknown,
        UserStatusType::ResetRequired => UserStatus::ResetRequired,
        UserStatusType::ForceChangePassword => UserStatus::ForceChangePassword,
        UserStatusType::ExternalProvider => UserStatus::ExternalProvider,
        _ => UserStatus::Other,
    }
}

fn some_if_any(client_metadata: &HashMap<String, String>) -> Option<HashMap<String, String>> {
    (!client_metadata.is_empty()).then(|| client_metadata.clone())
}
