//! A report on both pools before the first user arrives: what of the settings would keep migrations from working.
//!
//! The facts come through the doors, all at the same time; what they mean is decided in [`checks`], which is pure.
//! A preflight asks with connections and credentials of its own, made anew each time: a time budget that is too
//! short must not blind it, and a role that was assumed an hour ago says nothing about now.

mod checks;
mod report;
mod schema;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use report::{Check, Report, Status, Users};

use crate::{
    aws::{AppClient, Aws, Unanswered, UserPoolDescription},
    config::{self, AuthFlow, Config, Destination, Source},
    destination_pool::DestinationPool,
    error::Failure,
    finish,
    policy::{self, OnForgotPassword, OnMfa, OnTemporaryPassword},
    source_pool::{SignInOfNobody, SourcePool},
};

/// No preflight takes longer, even where Lambda would wait for minutes.
const LONGEST: Duration = Duration::from_secs(15);

/// The longest chain of questions of which each needs the answer to the one before. Each gets its part of the time,
/// so that a pool that hangs still leaves a report on the rest.
const STEPS: u32 = 3;

/// The settings on which the checks depend.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) source: Source,
    pub(crate) policy: policy::Settings,
    pub(crate) destination: Destination,
    pub(crate) finishing: finish::Settings,
    pub(crate) time_budget: Duration,
}

impl Settings {
    /// By which attribute users are looked for, if they are.
    fn lists_users_by(&self) -> Option<&'static str> {
        match self.policy.lookup {
            Some(attribute) => Some(attribute.as_str()),
            None => (self.finishing != finish::Settings::default()).then_some("sub"),
        }
    }

    /// Whether any sign-in or password reset reads a profile as an administrator. The sign-up guard does, too.
    fn reads_profiles(&self) -> bool {
        self.source.auth_flow == AuthFlow::AdminUserPassword
            || self.policy.on_forgot_password != OnForgotPassword::Ignore
            || self.policy.on_mfa != OnMfa::Refuse
            || self.policy.on_temporary_password != OnTemporaryPassword::Refuse
    }
}

/// What the doors found out.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The role was assumed, or our own credentials are there.
    pub(crate) credentials: Result<(), Failure>,
    pub(crate) source: Result<UserPoolDescription, Unanswered>,
    pub(crate) source_client: Result<AppClient, Unanswered>,
    /// Whether profiles can be read.
    pub(crate) profiles: Result<(), Unanswered>,
    /// Whether users can be looked for; `None` if these settings never do.
    pub(crate) user_lists: Option<Result<(), Unanswered>>,
    /// `None` if it was not tried, because it could do harm or could say nothing.
    pub(crate) sign_in_of_nobody: Option<Result<SignInOfNobody, Unanswered>>,
    /// How long the source pool takes to answer.
    pub(crate) round_trip: Option<Duration>,
    /// `None` if the event names no pool.
    pub(crate) user_pool_id: Option<String>,
    pub(crate) destination: Result<UserPoolDescription, Unanswered>,
    pub(crate) destination_clients: Result<Vec<AppClient>, Unanswered>,
    /// There are more app clients than those.
    pub(crate) more_destination_clients: bool,
    /// The groups of both pools; `None` if they are not copied.
    pub(crate) source_groups: Option<Result<Vec<String>, Unanswered>>,
    pub(crate) destination_groups: Option<Result<Vec<String>, Unanswered>>,
    /// The ARN under which this function was invoked.
    pub(crate) function_arn: String,
    /// What Lambda gives an invocation.
    pub(crate) time_limit: Duration,
}

/// Reports on both pools.
pub struct Preflight {
    settings: Settings,
}

impl Preflight {
    /// Reports under these settings.
    pub fn new(config: &Config) -> Self {
        Preflight {
            settings: Settings {
                source: config.source.clone(),
                policy: config.policy,
                destination: config.destination.clone(),
                finishing: config.finishing,
                time_budget: config.time_budget,
            },
        }
    }

    /// Looks at both pools and says what is wrong, within `limit`.
    ///
    /// `user_pool_id` is that of the new pool, `function_arn` the one under which this function was invoked.
    pub async fn report(
        &self,
        user_pool_id: Option<String>,
        function_arn: &str,
        limit: Duration,
    ) -> Report {
        let facts = self
            .facts(
                user_pool_id.filter(|id| config::is_user_pool_id(id)),
                function_arn,
                limit,
            )
            .await;
        checks::report(&self.settings, &facts)
    }

    async fn facts(
        &self,
        user_pool_id: Option<String>,
        function_arn: &str,
        time_limit: Duration,
    ) -> Facts {
        let step = time_limit.min(LONGEST) / STEPS;
        let aws = Aws::new(&self.settings.source.region, step).await;
        let is_source = user_pool_id.as_ref() == Some(&self.settings.source.user_pool_id);
        let (source, destination) = tokio::join!(
            self.source_facts(&aws, is_source, step),
            destination_facts(
                &aws,
                user_pool_id.as_deref(),
                self.settings.finishing.copy_groups,
                step
            ),
        );
        let (destination, clients, destination_groups) = destination;
        let (destination_clients, more_destination_clients) = match clients {
            Ok((clients, more)) => (Ok(clients), more),
            Err(unanswered) => (Err(unanswered), false),
        };
        Facts {
            credentials: source.credentials,
            source: source.pool,
            source_client: source.client,
            profiles: source.profiles,
            user_lists: source.user_lists,
            source_groups: source.groups,
            sign_in_of_nobody: source.sign_in_of_nobody,
            round_trip: source.round_trip,
            user_pool_id,
            destination,
            destination_clients,
            more_destination_clients,
            destination_groups,
            function_arn: function_arn.to_owned(),
            time_limit,
        }
    }

    async fn source_facts(&self, aws: &Aws, is_destination: bool, step: Duration) -> SourceFacts {
        let door = SourcePool::on(aws, self.settings.source.clone());
        let credentials = in_time(step, "credentials", door.credentials()).await;
        let lookup = self.settings.lists_users_by();
        let copies_groups = self.settings.finishing.copy_groups;
        let (pool, client, profiles, user_lists, groups) = match &credentials {
            Ok(()) => {
                tokio::join!(
                    in_time(step, "DescribeUserPool", door.description()),
                    in_time(step, "DescribeUserPoolClient", door.app_client()),
                    in_time(step, "AdminGetUser", door.reads_profiles()),
                    async {
                        let attribute = lookup?;
                        Some(in_time(step, "ListUsers", door.lists_users(attribute)).await)
                    },
                    async {
                        if !copies_groups {
                            return None;
                        }
                        Some(in_time(step, "ListGroups", door.groups()).await)
                    },
                )
            }
            Err(failure) => {
                let unanswered = Unanswered::Credentials(failure.clone());
                let user_lists = lookup.map(|_| Err(unanswered.clone()));
                let groups = copies_groups.then(|| Err(unanswered.clone()));
                (
                    Err(unanswered.clone()),
                    Err(unanswered.clone()),
                    Err(unanswered),
                    user_lists,
                    groups,
                )
            }
        };
        let try_sign_in = !is_destination && may_try_sign_in(&self.settings, &pool, &client);
        let (sign_in_of_nobody, round_trip) = tokio::join!(
            async {
                if !try_sign_in {
                    return None;
                }
                Some(in_time(step, "sign-in", door.sign_in_of_nobody()).await)
            },
            async {
                tokio::time::timeout(step, door.round_trip(profiles.is_ok()))
                    .await
                    .unwrap_or(None)
            },
        );
        SourceFacts {
            credentials,
            pool,
            client,
            profiles,
            user_lists,
            groups,
            sign_in_of_nobody,
            round_trip,
        }
    }
}

struct SourceFacts {
    credentials: Result<(), Failure>,
    pool: Result<UserPoolDescription, Unanswered>,
    client: Result<AppClient, Unanswered>,
    profiles: Result<(), Unanswered>,
    user_lists: Option<Result<(), Unanswered>>,
    groups: Option<Result<Vec<String>, Unanswered>>,
    sign_in_of_nobody: Option<Result<SignInOfNobody, Unanswered>>,
    round_trip: Option<Duration>,
}

/// Whether a sign-in of nobody does no harm and can say something.
///
/// A pool with a migration trigger would hand the made-up name on, to this very function perhaps, which would ask
/// the same pool again.
fn may_try_sign_in(
    settings: &Settings,
    pool: &Result<UserPoolDescription, Unanswered>,
    client: &Result<AppClient, Unanswered>,
) -> bool {
    let unsigned = settings.source.auth_flow == AuthFlow::UserPassword;
    let pool_answers = match pool {
        Ok(pool) => pool.migration_trigger.is_none(),
        Err(Unanswered::NotAllowed) => true,
        Err(Unanswered::Credentials(_)) => unsigned,
        Err(Unanswered::NotFound | Unanswered::Failed(_)) => false,
    };
    pool_answers && *client != Err(Unanswered::NotFound)
}

async fn destination_facts(
    aws: &Aws,
    user_pool_id: Option<&str>,
    copies_groups: bool,
    step: Duration,
) -> (
    Result<UserPoolDescription, Unanswered>,
    Result<(Vec<AppClient>, bool), Unanswered>,
    Option<Result<Vec<String>, Unanswered>>,
) {
    let Some(user_pool_id) = user_pool_id else {
        let groups = copies_groups.then_some(Err(Unanswered::NotFound));
        return (Err(Unanswered::NotFound), Err(Unanswered::NotFound), groups);
    };
    let door = DestinationPool::on(aws, user_pool_id);
    tokio::join!(
        in_time(step, "DescribeUserPool", door.description()),
        async {
            let (ids, more) = in_time(step, "ListUserPoolClients", door.app_client_ids()).await?;
            let clients = in_time(step, "DescribeUserPoolClient", door.app_clients(ids)).await?;
            Ok((clients, more))
        },
        async {
            if !copies_groups {
                return None;
            }
            Some(in_time(step, "ListGroups", door.groups()).await)
        },
    )
}

/// The answer to a question, if it comes in time.
async fn in_time<T, E: From<Failure>>(
    step: Duration,
    operation: &'static str,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::time::timeout(step, answer)
        .await
        .unwrap_or_else(|_| Err(Failure::unavailable(operation, "Timeout").into()))
}
