//! The client of one user pool, with every call of the function. [`SourcePool`](crate::SourcePool) and
//! [`DestinationPool`](crate::DestinationPool) wrap it.

mod answers;

use std::{collections::HashMap, error::Error, sync::Arc};

use aws_config::Region;
use aws_sdk_cognitoidentityprovider::{
    Client,
    config::{self, IdentityCache, http::HttpResponse},
    error::{ProvideErrorMetadata, SdkError},
    operation::{admin_initiate_auth::AdminInitiateAuthOutput, initiate_auth::InitiateAuthOutput},
    types::{AttributeType, AuthFlowType},
};
use rules::{
    evidence::{ListedUser, PoolMfa, Profile, SignIn, Standing, UserStatus},
    outcome::{Cause, Stop},
    sensitive::Sensitive,
    settings::{AuthFlow, Role},
};

use crate::{
    connection::Aws,
    pages::{self, Page},
    retry::{self, one_try},
    role::{AssumedRole, RoleCredentials},
};
pub(crate) use answers::pool_mfa;
use answers::{group_names, listed_user, profile, sign_in};

/// A user pool, asked with the function's own credentials or under a role.
pub struct UserPool {
    /// Its id.
    pub id: String,
    /// The client of its Region.
    pub client: Client,
    pub(crate) role: Option<Arc<AssumedRole>>,
}

impl UserPool {
    /// The most items that Cognito gives in one page of a list.
    pub const PAGE: i32 = 60;

    /// Sets up the client; nothing is sent yet.
    pub fn new(aws: &Aws, id: &str, region: &str, role: Option<Role>) -> Self {
        let shared = aws.shared();
        let role = role.map(|role| AssumedRole::new(aws_sdk_sts::Client::new(shared), role));
        let mut config = config::Builder::from(shared).region(Region::new(region.to_owned()));
        if let Some(role) = &role {
            // The role looks after its own credentials; another cache would only hide when they end.
            config = config
                .credentials_provider(RoleCredentials(Arc::clone(role)))
                .identity_cache(IdentityCache::no_cache());
        }
        UserPool {
            id: id.to_owned(),
            client: Client::from_conf(config.build()),
            role,
        }
    }

    /// Makes sure of the role's credentials, if there is a role.
    pub(crate) async fn assume_role(&self) -> Result<(), Stop> {
        match &self.role {
            Some(role) => Ok(role.credentials().await.map(drop)?),
            None => Ok(()),
        }
    }

    /// A sign-in with a user name and a password: `AdminInitiateAuth`, or `InitiateAuth`, which is not signed. `parameters`
    /// makes its parameters anew for each try.
    pub(crate) async fn sign_in(
        &self,
        flow: AuthFlow,
        client_id: &str,
        parameters: impl Fn() -> HashMap<String, String>,
        metadata: Option<&HashMap<String, String>>,
    ) -> Result<SignIn, Stop> {
        match flow {
            AuthFlow::AdminUserPassword => {
                let call = || {
                    self.client
                        .admin_initiate_auth()
                        .user_pool_id(&self.id)
                        .client_id(client_id)
                        .auth_flow(AuthFlowType::AdminUserPasswordAuth)
                        .set_auth_parameters(Some(parameters()))
                        .set_client_metadata(metadata.cloned())
                        .send()
                };
                let read = |answer: AdminInitiateAuthOutput| {
                    let challenge = (answer.challenge_name, answer.challenge_parameters);
                    sign_in(answer.authentication_result, challenge)
                };
                self.signed("AdminInitiateAuth", call, read).await
            }
            AuthFlow::UserPassword => {
                let call = || {
                    self.client
                        .initiate_auth()
                        .client_id(client_id)
                        .auth_flow(AuthFlowType::UserPasswordAuth)
                        .set_auth_parameters(Some(parameters()))
                        .set_client_metadata(metadata.cloned())
                        .send()
                };
                let read = |answer: InitiateAuthOutput| {
                    let challenge = (answer.challenge_name, answer.challenge_parameters);
                    sign_in(answer.authentication_result, challenge)
                };
                retry::call("InitiateAuth", call, read).await
            }
        }
    }

    /// `AdminGetUser`: the profile of a user, as the pool's administrators see it.
    pub async fn admin_get_user(&self, username: &str) -> Result<Profile, Stop> {
        let call = || {
            let call = self.client.admin_get_user().user_pool_id(&self.id);
            call.username(username).send()
        };
        self.signed("AdminGetUser", call, |answer| {
            let mut factors = answer.user_mfa_setting_list.unwrap_or_default();
            // Old pools keep text messages here.
            if !answer.mfa_options.unwrap_or_default().is_empty() {
                factors.push("SMS_MFA".to_owned());
            }
            let standing = Standing::Reported {
                // The SDK takes an `Enabled` that is missing for false: then the user counts as disabled.
                enabled: answer.enabled,
                status: UserStatus::named(answer.user_status?.as_str()),
            };
            profile(answer.username, standing, answer.user_attributes?, &factors)
        })
        .await
    }

    /// `GetUser`, which is not signed: the profile of the user whose sign-in gave this token, as the user sees it.
    pub(crate) async fn get_user(&self, access_token: &Sensitive) -> Result<Profile, Stop> {
        let call = || {
            let call = self.client.get_user();
            call.access_token(access_token.expose()).send()
        };
        retry::call("GetUser", call, |answer| {
            let factors = answer.user_mfa_setting_list.unwrap_or_default();
            let standing = Standing::VouchedByToken;
            profile(answer.username, standing, answer.user_attributes, &factors)
        })
        .await
    }

    /// One page of `ListUsers`: the users whom a filter finds, or all.
    pub async fn list_users(
        &self,
        filter: Option<&str>,
        page: Option<String>,
    ) -> Result<Page<ListedUser>, Stop> {
        let call = || {
            self.client
                .list_users()
                .user_pool_id(&self.id)
                .set_filter(filter.map(str::to_owned))
                .limit(Self::PAGE)
                .set_pagination_token(page.clone())
                .send()
        };
        self.signed("ListUsers", call, |answer| {
            let users = answer.users?.into_iter();
            let users = users.map(listed_user).collect::<Option<_>>()?;
            Some((users, answer.pagination_token))
        })
        .await
    }

    /// `AdminListGroupsForUser`: the names of all groups of a user.
    pub(crate) async fn groups_of(&self, username: &str) -> Result<Vec<String>, Stop> {
        pages::all(async |page| {
            let call = || {
                self.client
                    .admin_list_groups_for_user()
                    .user_pool_id(&self.id)
                    .username(username)
                    .limit(Self::PAGE)
                    .set_next_token(page.clone())
                    .send()
            };
            self.signed("AdminListGroupsForUser", call, |answer| {
                Some((group_names(answer.groups)?, answer.next_token))
            })
            .await
        })
        .await
    }

    /// `AdminAddUserToGroup`. Returns false where the pool has no such group.
    pub(crate) async fn add_to_group(&self, username: &str, group: &str) -> Result<bool, Stop> {
        let call = || {
            let call = self.client.admin_add_user_to_group().user_pool_id(&self.id);
            call.username(username).group_name(group).send()
        };
        match self
            .signed("AdminAddUserToGroup", call, |_| Some(true))
            .await
        {
            // Not the pool: it was just asked about the user.
            Err(Stop::Failed(failure)) if failure.cause == Cause::NotFound => Ok(false),
            answer => answer,
        }
    }

    /// `AdminUpdateUserAttributes`, of one attribute.
    pub(crate) async fn set_attribute(
        &self,
        username: &str,
        name: &str,
        value: &str,
    ) -> Result<(), Stop> {
        let call = || {
            let attribute = AttributeType::builder().name(name).value(value).build();
            self.client
                .admin_update_user_attributes()
                .user_pool_id(&self.id)
                .username(username)
                // The builder has all members.
                .set_user_attributes(attribute.ok().map(|attribute| vec![attribute]))
                .send()
        };
        self.signed("AdminUpdateUserAttributes", call, |_| Some(()))
            .await
    }

    /// `AdminDisableUser`. A disabled user stays so.
    pub async fn disable(&self, username: &str) -> Result<(), Stop> {
        let call = || {
            let call = self.client.admin_disable_user().user_pool_id(&self.id);
            call.username(username).send()
        };
        self.signed("AdminDisableUser", call, |_| Some(())).await
    }

    /// `GetUserPoolMfaConfig`: whether the pool demands a second factor.
    pub(crate) async fn mfa(&self) -> Result<PoolMfa, Stop> {
        let call = || {
            let call = self.client.get_user_pool_mfa_config();
            call.user_pool_id(&self.id).send()
        };
        self.signed("GetUserPoolMfaConfig", call, |answer| {
            pool_mfa(&answer.mfa_configuration?)
        })
        .await
    }

    /// Makes a signed call, up to three times, under the role if there is one.
    pub(crate) async fn signed<O, E, T, C>(
        &self,
        operation: &'static str,
        call: impl Fn() -> C,
        read: impl Fn(O) -> Option<T>,
    ) -> Result<T, Stop>
    where
        C: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let Some(role) = &self.role else {
            return retry::call(operation, call, read).await;
        };
        let made = retry::tries(|| async {
            // Also inside the SDK, which would not say what is wrong with the role.
            let credentials = match role.credentials().await {
                Ok(credentials) => credentials,
                // STS was tried often enough.
                Err(failure) => return Ok(Err(failure)),
            };
            let answer = one_try(operation, call(), &read).await;
            if let Err(Stop::Failed(failure)) = &answer
                && failure.cause == Cause::CredentialsExpired
            {
                role.forget(&credentials);
            }
            answer.map(Ok)
        });
        Ok(made.await??)
    }
}
