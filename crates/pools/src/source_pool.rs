//! The source pool: it proves passwords, gives profiles, and has its users disabled after their migration.

pub mod filter;

use std::{borrow::Cow, collections::HashMap, sync::Arc, time::Duration};

use rules::{
    evidence::{Listed, ListedUser, PoolMfa, Profile, SignIn, Tokens},
    outcome::{Cause, Failure, Reason, Stop},
    secret_hash::secret_hash,
    sensitive::Sensitive,
    settings::{AuthFlow, ProfileFrom, Source},
    sign_in_name::SignInName,
    token,
};
use tokio::{
    sync::{Mutex, OnceCell},
    time::Instant,
};

use crate::{connection::Aws, issuer, pages, secret::Secret, user_pool::UserPool};

/// The most pages of a list that are read. A page may be empty although others follow.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html>
const MOST_PAGES: usize = 10;

/// The time for which the pool's MFA setting is kept: an administrator can change it while functions run.
const MFA_IS_KEPT: Duration = Duration::from_secs(300);

/// The source pool.
pub struct SourcePool {
    pub(crate) aws: Aws,
    pub(crate) settings: Source,
    /// Its calls.
    pub pool: UserPool,
    pub(crate) secret: Secret,
    /// The pool's MFA setting, and when it was read. Locked by the one task that asks.
    mfa: Mutex<Option<(PoolMfa, Instant)>>,
    /// The issuers of the pool's tokens, once a token was read.
    issuers: OnceCell<Vec<String>>,
}

impl SourcePool {
    /// The pool that `settings` name. Nothing is sent yet.
    pub fn new(aws: Aws, mut settings: Source) -> Arc<Self> {
        let role = settings.role.clone();
        let pool = UserPool::new(&aws, &settings.user_pool_id, &settings.region, role);
        let secret = Secret::new(&aws, &mut settings);
        Arc::new(SourcePool {
            aws,
            settings,
            pool,
            mfa: Mutex::default(),
            issuers: OnceCell::new(),
            secret,
        })
    }

    /// The pool's id.
    pub fn id(&self) -> &str {
        &self.pool.id
    }

    /// The attribute by which the user who typed this name is found; `None` asks the pool for the typed name as it is.
    pub fn lookup_for(&self, typed: &str) -> Option<SignInName> {
        let lookup = self.settings.lookup;
        lookup.filter(|attribute| attribute.has_form(typed))
    }

    /// The pool's own name of the user who typed this name.
    ///
    /// Rejects a name that means no user, more than one user, or a disabled one.
    pub async fn username_of<'a>(&self, typed: &'a str) -> Result<Cow<'a, str>, Stop> {
        let Some(attribute) = self.lookup_for(typed) else {
            return Ok(Cow::Borrowed(typed));
        };
        for search in attribute.searches(typed) {
            let several = |users: &[ListedUser]| search.owners(users).nth(1).is_some();
            let listed = self
                .users_with(attribute.as_str(), &search.value, several)
                .await?;
            match search.only_user(&listed) {
                Ok(user) => return Ok(Cow::Owned(user.identity.username.clone())),
                Err(Reason::UserNotFound) => {}
                Err(reason) => return Err(reason.into()),
            }
        }
        Err(Reason::UserNotFound.into())
    }

    /// Proves a password.
    ///
    /// A wrong password is sent once, because every try counts against the user. It is sent again only if the pool called the
    /// hash wrong, and so did not check the password, and the app client's secret has changed. Of the app's metadata the pool
    /// gets the members that the settings select.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &Sensitive,
        client_metadata: &HashMap<String, String>,
    ) -> Result<SignIn, Stop> {
        let mut metadata = client_metadata.clone();
        metadata.retain(|name, _| self.settings.client_metadata.includes(name));
        let metadata = Some(&metadata).filter(|metadata| !metadata.is_empty());
        let secret = self.secret.current().await?;
        let sign_in = async |secret: Option<&Sensitive>| {
            let flow = self.settings.auth_flow;
            let client_id = &self.settings.client_id;
            let parameters = || {
                let hash = secret.map(|secret| secret_hash(secret.expose(), username, client_id));
                let hash = hash.map(|hash| ("SECRET_HASH".to_owned(), hash));
                let username = ("USERNAME".to_owned(), username.to_owned());
                let password = ("PASSWORD".to_owned(), password.expose().to_owned());
                [username, password].into_iter().chain(hash).collect()
            };
            self.pool
                .sign_in(flow, client_id, parameters, metadata)
                .await
        };
        let answer = sign_in(secret.as_deref()).await;
        if let (Err(Stop::Failed(failure)), Some(secret)) = (&answer, secret)
            && failure.cause == Cause::WrongSecret
            && let Some(other) = self.secret.instead_of(&secret).await
        {
            return sign_in(Some(&other)).await;
        }
        answer
    }

    /// The profile of a user, as the pool's administrators see it. Rejects a name that no user has.
    pub async fn profile(&self, username: &str) -> Result<Profile, Stop> {
        let unknown = [Reason::UserNotFound, Reason::InvalidRequest];
        let profile = self.pool.admin_get_user(username).await;
        profile.map_err(|stop| stop.only(&unknown, "AdminGetUser"))
    }

    /// The profile of a user whose password was just proven, and for whom the pool gave `tokens` if it did.
    ///
    /// A pool that does not know the user now contradicts itself. That is a failure and no rejection.
    pub async fn proven_profile(
        &self,
        username: &str,
        tokens: Option<&Tokens>,
    ) -> Result<Profile, Stop> {
        let failed = |operation, code| Stop::from(Failure::new(Cause::Broken, operation, code));
        let Source {
            user_pool_id,
            region,
            client_id,
            profile,
            auth_flow,
            ..
        } = &self.settings;
        match (tokens, profile, auth_flow) {
            (Some(Tokens { id, .. }), ProfileFrom::IdToken, _) => {
                let issuers = || issuer::issuers(user_pool_id, region);
                let issuers = self.issuers.get_or_init(issuers).await;
                let profile = id
                    .as_ref()
                    .and_then(|token| token::profile(token, client_id, issuers));
                profile.ok_or_else(|| failed("profile", "UnusableIdToken"))
            }
            (Some(Tokens { access, .. }), ProfileFrom::After, AuthFlow::UserPassword) => {
                let profile = self.pool.get_user(access).await;
                profile.map_err(|stop| stop.only(&[], "GetUser"))
            }
            (Some(_), ProfileFrom::After, AuthFlow::AdminUserPassword) | (None, ..) => {
                let profile = self.profile(username).await;
                profile.map_err(|stop| match stop {
                    Stop::Rejected(_) => failed("AdminGetUser", "ProfileMissing"),
                    failed => failed,
                })
            }
        }
    }

    /// Lists the users whose attribute has this value, until the listed ones are `enough`. Rejects a value that no user can
    /// have.
    pub async fn users_with(
        &self,
        attribute: &str,
        value: &str,
        is_enough: impl Fn(&[ListedUser]) -> bool,
    ) -> Result<Listed, Stop> {
        let filter = filter::equal(attribute, value);
        let listed = pages::read(MOST_PAGES, is_enough, async |page| {
            self.pool.list_users(Some(&filter), page).await
        });
        match listed.await {
            Ok((users, more)) => Ok(Listed { users, more }),
            Err(stop) => Err(stop.only(&[Reason::InvalidRequest], "ListUsers")),
        }
    }

    /// Whether the pool demands a second factor of every user. An answer is kept for five minutes, a failure is not.
    pub async fn mfa(&self) -> Result<PoolMfa, Stop> {
        let mut known = self.mfa.lock().await;
        if let Some((mfa, since)) = *known
            && since.elapsed() < MFA_IS_KEPT
        {
            return Ok(mfa);
        }
        let mfa = self.pool.mfa().await;
        let mfa = mfa.map_err(|stop| stop.only(&[], "GetUserPoolMfaConfig"))?;
        *known = Some((mfa, Instant::now()));
        Ok(mfa)
    }

    /// The user with this `sub`; `None` if there is none any more.
    ///
    /// Whether a `sub` is taken for a user name depends on the pool, so the list says which name it is. The list lags
    /// behind: only AdminGetUser knows that a user is gone, or is disabled.
    /// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html>
    pub async fn user_of_sub(&self, sub: &str) -> Result<Option<Profile>, Stop> {
        let has_sub = |user: &ListedUser| user.identity.attribute("sub") == Some(sub);
        let found = |users: &[ListedUser]| users.iter().any(has_sub);
        let listed = self.users_with("sub", sub, found).await;
        let listed = listed.map_err(|stop| stop.only(&[], "ListUsers"))?;
        let user = listed.users.iter().find(|user| has_sub(user));
        let name = user.map_or(sub, |user| &user.identity.username);
        match self.profile(name).await {
            Ok(profile) if profile.identity.sub() == Some(sub) => Ok(Some(profile)),
            // Another user has this user name. That does not say whether the listed user exists.
            Ok(_) => Err(Failure::new(Cause::Broken, "AdminGetUser", "IdentityMismatch").into()),
            Err(Stop::Rejected(Reason::UserNotFound)) => Ok(None),
            Err(stop) => Err(stop.only(&[], "AdminGetUser")),
        }
    }

    /// The names of a user's groups. A user who no longer exists has none.
    pub async fn groups_of(&self, username: &str) -> Result<Vec<String>, Stop> {
        let groups = self.pool.groups_of(username).await;
        unless_gone(groups, "AdminListGroupsForUser")
    }

    /// Disables a user. One who is disabled, or no longer exists, stays so.
    pub async fn disable(&self, username: &str) -> Result<(), Stop> {
        unless_gone(self.pool.disable(username).await, "AdminDisableUser")
    }
}

/// The answer to a question about a user, or the default where the user no longer exists.
fn unless_gone<T: Default>(answer: Result<T, Stop>, operation: &'static str) -> Result<T, Stop> {
    match answer {
        Err(Stop::Rejected(Reason::UserNotFound)) => Ok(T::default()),
        answer => answer.map_err(|stop| stop.only(&[], operation)),
    }
}

#[cfg(test)]
mod tests;
