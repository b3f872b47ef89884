//! Proves a deployed function on a real account, with three users of its own, whom it removes again.
//!
//! It also says what Cognito does where AWS's documentation leaves a doubt. That fails the trial only if it is unsafe.
//! Passwords, tokens and secrets are shown nowhere.

mod log;
mod observations;
mod record;
mod steps;
mod trial;
mod user;

use std::{path::Path, time::SystemTime};

use rules::{pool::AppClient, settings::Settings};
use tempfile::NamedTempFile;
use time::OffsetDateTime;

use crate::{
    arguments::{self, Pools, SettingsFrom},
    aws::{Api, DeployedFunction, Logs},
    changes::NOTHING_WAS_CHANGED,
    context::{BothPools, Context, LoadedSettings, function_region, must_be_two, not_answered},
    files::{cannot_write, new_file},
    interrupt::Interrupt,
    output::{self, Output},
    problem::{CommandResult, Problem},
};
use observations::sensitivity;
use record::{Record, Subject};
use steps::Steps;
use trial::Trial;

pub(crate) async fn run(
    context: &Context,
    options: &arguments::Verify,
    interrupt: Interrupt,
) -> CommandResult<Output> {
    let (file, prepared) = tokio::select! {
        prepared = prepare(context, options) => prepared?,
        () = interrupt.comes() => return Err(Problem::cannot(NOTHING_WAS_CHANGED)),
    };
    let began = SystemTime::now();
    let trial = Trial {
        app: prepared.pools.destination.pool.app(&prepared.client),
        since: began
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default(),
        interrupt: interrupt.clone(),
        prepared: &prepared,
    };
    let mut users = trial.users()?;
    let mut steps = Steps::new(interrupt);
    // How it went is in the steps.
    let _ = trial.take(&mut steps, &mut users).await;
    let _ = trial.delete_all(&mut steps, &users).await;
    let lines = trial.lines().await.ok();
    let subject = prepared.subject();
    let record = Record {
        subject: &subject,
        began: OffsetDateTime::from(began),
        steps: &steps.taken,
        log: lines.as_deref(),
        answers: &steps.answers,
    };
    let page = record.markdown();
    if let Some((file, path)) = file.zip(options.record.as_deref()) {
        keep(file, path, &page)?;
    }
    Ok(Output {
        text: if context.is_for_programs() {
            output::json(&record.json())
        } else {
            page
        },
        is_good: record.is_good(),
    })
}

/// What is known before anything is done.
struct Prepared {
    settings: Settings,
    function: DeployedFunction,
    pools: BothPools,
    client: AppClient,
    logs: Logs,
    log_group: String,
    api: Option<(Api, String)>,
}

async fn prepare(
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
                 somebody's."
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
    };
    Ok((file, prepared))
}

impl Prepared {
    fn subject(&self) -> Subject {
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
        ];
        let known = [
            "SRC_LOOKUP",
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

fn keep(mut file: NamedTempFile, path: &Path, page: &str) -> CommandResult<()> {
    let cannot = |error: &std::io::Error| cannot_write(path, error);
    std::io::Write::write_all(&mut file, page.as_bytes()).map_err(|error| cannot(&error))?;
    let named = file.persist_noclobber(path);
    named.map(drop).map_err(|error| cannot(&error.error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_never_written_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.md");
        let file = new_file(&path).unwrap();
        keep(file, &path, "the first").unwrap();
        assert!(new_file(&path).is_err());
        // Nor over one that appeared in the meantime.
        let other = folder.path().join("other.md");
        let file = new_file(&other).unwrap();
        std::fs::write(&other, "somebody's").unwrap();
        assert!(keep(file, &other, "the second").is_err());
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "somebody's");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "the first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(new_file(&folder.path().join("none/page.md")).is_err());
    }
}
