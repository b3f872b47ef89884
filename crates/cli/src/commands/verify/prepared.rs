//! The preparation of a trial: both pools, the function and its settings.

use rules::{pool::AppClient, selection::Selection, settings::Settings};
use tempfile::NamedTempFile;

use super::{observations::sensitivity, record::Subject, table::Circumstances};
use crate::{
    arguments::{self, Pools, SettingsFrom},
    aws::{Api, DeployedFunction, Logs},
    context::{BothPools, Context, LoadedSettings, function_region, must_be_two, not_answered},
    files::new_file,
    problem::{CommandResult, Problem},
};

/// The prepared trial.
pub(super) struct Prepared {
    pub(super) settings: Settings,
    pub(super) function: DeployedFunction,
    pub(super) pools: BothPools,
    pub(super) client: AppClient,
    pub(super) logs: Logs,
    pub(super) log_group: String,
    pub(super) api: Option<(Api, String)>,
    /// A group of both pools that the function copies, or the reason why there is none.
    pub(super) group: Result<String, &'static str>,
    /// The operator has named a phone number.
    pub(super) may_text: bool,
}

/// Prepares a trial, or ends the command where a trial is impossible.
pub(super) async fn prepare(
    context: &Context,
    options: &arguments::Verify,
) -> CommandResult<(Option<NamedTempFile>, Prepared)> {
    must_be_two(&options.source_pool, &options.pool)?;
    let file = options.record.as_deref().map(new_file).transpose()?;
    let pools = Pools {
        source_pool: Some(options.source_pool.clone()),
        pool: options.pool.clone(),
    };
    let from = SettingsFrom {
        function: Some(options.function.clone()),
        file: None,
        set: vec![],
    };
    let LoadedSettings {
        settings, function, ..
    } = context.settings(&from, &pools).await?;
    let function = function.ok_or_else(|| Problem::usage("verify needs --function."))?;
    if function.variables.get("SRC_USER_POOL_ID") != Some(&options.source_pool) {
        return Err(Problem::usage(format!(
            "The source pool of {} is another one than {}.",
            function.name, options.source_pool
        )));
    }
    let pools = context.both_pools(&settings, &options.pool).await?;
    for (what, pool) in [
        ("source", &pools.source.description),
        ("destination", &pools.destination.description),
    ] {
        let names = &pool.username_attributes;
        if !names.is_empty() && !names.iter().any(|name| name == "email") {
            return Err(Problem::cannot(format!(
                "Users of the {what} pool sign in with a phone number only. verify makes no users with one: it would be \
                 a stranger's."
            )));
        }
    }
    let destination = &pools.destination.pool;
    let client = destination.app_client(&options.client).await;
    let client = client.map_err(|failure| {
        let what = format!("the app client {} of the destination pool", options.client);
        not_answered(&what, destination.id(), &failure)
    })?;
    if !client.user_password_flow {
        return Err(Problem::cannot(format!(
            "The app client {} does not allow ALLOW_USER_PASSWORD_AUTH, which verify signs in with.",
            options.client
        )));
    }
    let group = copied_group(&settings.post_migration.groups, &pools).await;
    let region = function_region(&function.arn, &options.pool);
    let log_group = function.log_group.clone();
    let prepared = Prepared {
        logs: context.account(region).await.logs(region),
        log_group: log_group.unwrap_or_else(|| format!("/aws/lambda/{}", function.name)),
        api: options
            .api_url
            .as_ref()
            .map(|url| (Api::new(url), url.clone())),
        settings,
        function,
        pools,
        client,
        group,
        may_text: options.phone_number.is_some(),
    };
    Ok((file, prepared))
}

/// A group of both pools that the function copies, or the reason why there is none.
async fn copied_group(copied: &Selection, pools: &BothPools) -> Result<String, &'static str> {
    if *copied == Selection::None {
        return Err("COPY_GROUPS is none");
    }
    let (source, destination) = (&pools.source.pool, &pools.destination.pool);
    let (Ok(source), Ok(destination)) = (source.groups().await, destination.groups().await) else {
        return Err("the groups of both pools cannot be listed with these credentials");
    };
    let is_copied = |group: &String| copied.includes(group) && destination.contains(group);
    let group = source.into_iter().find(is_copied);
    group.ok_or("the pools share no group that COPY_GROUPS names")
}

impl Prepared {
    /// The conditions for the steps.
    pub(super) fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            settings: &self.settings,
            source: &self.pools.source.description,
            destination: &self.pools.destination.description,
            api: self.api.as_ref().map(|(api, _)| api),
            group: self.group.as_deref().map_err(|why| *why),
            may_text: self.may_text,
        }
    }

    /// The description of the pools for the record.
    pub(super) fn subject(&self) -> Subject {
        let (source, destination) = (&self.pools.source, &self.pools.destination);
        let triggers = &destination.description.triggers;
        let called = |trigger: &Option<String>| {
            let told = match trigger {
                None => "none",
                Some(_) if *trigger == triggers.user_migration => "the function of user_migration",
                Some(_) => "another function",
            };
            told.to_owned()
        };
        let hides = if self.client.prevents_user_existence_errors {
            "ENABLED"
        } else {
            "not ENABLED"
        };
        let secret = if self.client.secret.is_some() {
            "yes"
        } else {
            "no"
        };
        let mut settings = vec![
            (
                "case of the source pool",
                sensitivity(&source.description).to_owned(),
            ),
            (
                "case of the destination pool",
                sensitivity(&destination.description).to_owned(),
            ),
            ("the app client has a secret", secret.to_owned()),
            ("PreventUserExistenceErrors", hides.to_owned()),
            ("trigger pre_sign_up", called(&triggers.pre_sign_up)),
            (
                "trigger post_authentication",
                called(&triggers.post_authentication),
            ),
            (
                "trigger pre_authentication",
                called(&triggers.pre_authentication),
            ),
        ];
        let known = [
            "SRC_LOOKUP",
            "DST_USERNAME",
            "UNVERIFIED_CONTACTS",
            "ON_MFA",
            "COPY_GROUPS",
            "MIGRATION_MARK",
            "SOURCE_USER",
            "ON_FORGOT_PASSWORD",
            "RESET_CONTACTS",
        ];
        settings.extend(known.into_iter().filter_map(|name| {
            let value = self.function.variables.get(name)?;
            (!value.is_empty()).then(|| (name, value.clone()))
        }));
        Subject {
            function: self.function.name.clone(),
            source_pool: source.pool.id().to_owned(),
            destination_pool: destination.pool.id().to_owned(),
            client: self.client.id.clone(),
            settings,
        }
    }
}
