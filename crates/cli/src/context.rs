//! The context of the commands: accounts, settings and pools.

use std::sync::Arc;

use rules::{
    pool::{AppClient, UserPoolDescription},
    settings::{ALL, Settings, Variable},
};

use crate::{
    arguments::{Common, Format, Pools, SettingsFrom},
    aws::{Account, DeployedFunction, OperatorsPool, Pace},
    given,
    problem::{CommandResult, Problem},
    shown_settings::{ShownSetting, shown_settings},
};

const SRC_USER_POOL_ID: &str = "SRC_USER_POOL_ID";
const SRC_REGION: &str = "SRC_REGION";

/// Gives the value of a variable of the environment.
type Variables = Box<dyn Fn(&str) -> Option<String>>;

/// The start of the program: options and environment.
pub(crate) struct Context {
    common: Common,
    variable: Variables,
    pace: Arc<Pace>,
}

/// The settings, and the deployed function from which they come, if they do.
pub(crate) struct LoadedSettings {
    /// The settings.
    pub settings: Settings,
    /// The settings as other people may see them.
    pub shown: Vec<ShownSetting>,
    /// The function.
    pub function: Option<DeployedFunction>,
    /// The warning where the operator gave no settings; else empty.
    pub note: &'static str,
}

/// Both pools with their settings.
pub(crate) struct BothPools {
    /// The source pool.
    pub source: Described,
    /// The destination pool.
    pub destination: Described,
}

/// A pool with its settings.
pub(crate) struct Described {
    /// The pool.
    pub pool: OperatorsPool,
    /// Its settings.
    pub description: UserPoolDescription,
}

impl Context {
    /// `variable` gives the value of a variable of the environment.
    pub(crate) fn new(common: Common, variable: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Context {
            pace: Arc::new(Pace::per_second(common.rate)),
            variable: Box::new(variable),
            common,
        }
    }

    /// Whether the answer is for a program.
    pub(crate) fn is_for_programs(&self) -> bool {
        self.common.format == Format::Json
    }

    /// The profile of the account of the destination pool.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.common.profile.as_deref()
    }

    /// The account of the destination pool and the function.
    pub(crate) async fn account(&self, region: &str) -> Account {
        self.account_of(self.common.profile.as_deref(), region)
            .await
    }

    /// The account of the source pool.
    pub(crate) async fn source_account(&self, region: &str) -> Account {
        let profile = self.common.source_profile.as_deref();
        let profile = profile.or(self.common.profile.as_deref());
        self.account_of(profile, region).await
    }

    async fn account_of(&self, profile: Option<&str>, region: &str) -> Account {
        Account::new(profile, region, Arc::clone(&self.pace)).await
    }

    /// The Region of the source pool: as the command line says, else as its id does.
    pub(crate) fn source_region<'a>(&'a self, pool_id: &'a str) -> &'a str {
        let region = self.common.source_region.as_deref();
        region.unwrap_or_else(|| region_of(pool_id))
    }

    /// The settings: those of the environment, of a file or of a deployed function, under those of the command line.
    pub(crate) async fn settings(
        &self,
        from: &SettingsFrom,
        pools: &Pools,
    ) -> CommandResult<LoadedSettings> {
        let mut given = given::with_set(&from.set)?;
        let file = from.file.as_deref().map(given::in_file).transpose()?;
        let function = match &from.function {
            Some(name) => Some(self.function(name, &pools.pool).await?),
            None => None,
        };
        if let Some(id) = &pools.source_pool {
            given.insert(SRC_USER_POOL_ID, id.clone());
        }
        if let Some(region) = &self.common.source_region {
            given.insert(SRC_REGION, region.clone());
        }
        let value = |name: &str| match (given.get(name), &function, &file) {
            (Some(value), _, _) => Some(value.clone()),
            (None, Some(function), _) => function.variables.get(name).cloned(),
            (None, None, Some(file)) => file.get(name).cloned(),
            (None, None, None) => (self.variable)(name),
        };
        if value(SRC_USER_POOL_ID).is_none() {
            return Err(Problem::usage(
                "Name the source pool: with --source-pool ID, or --function NAME.",
            ));
        }
        let settings = Settings::read_to_foresee(value)?;
        let shown = shown_settings(value);
        let is_unset = |variable: &Variable| {
            [SRC_USER_POOL_ID, SRC_REGION].contains(&variable.name)
                || value(variable.name).is_none()
        };
        let note = match ALL.iter().all(is_unset) {
            true => {
                "\nEvery setting has its default. Yours come from --function NAME, --settings FILE or --set NAME=VALUE."
            }
            false => "",
        };
        Ok(LoadedSettings {
            settings,
            shown,
            function,
            note,
        })
    }

    /// A deployed function. It lives in the Region of its ARN, or in that of the pool that calls it.
    async fn function(&self, name: &str, pool: &str) -> CommandResult<DeployedFunction> {
        let region = function_region(name, pool);
        let functions = self.account(region).await.functions(region);
        let function = functions.configuration(name).await;
        function.map_err(|failure| Problem::not_answered(&format!("the function {name}"), &failure))
    }

    /// The source pool that the settings name.
    pub(crate) async fn source_pool(&self, settings: &Settings) -> OperatorsPool {
        let source = &settings.source;
        let account = self.source_account(&source.region).await;
        account.pool(&source.user_pool_id, &source.region)
    }

    /// The destination pool.
    pub(crate) async fn destination_pool(&self, id: &str) -> OperatorsPool {
        let region = region_of(id);
        self.account(region).await.pool(id, region)
    }

    /// The source pool as it describes itself.
    pub(crate) async fn described_source(&self, settings: &Settings) -> CommandResult<Described> {
        described("the source pool", self.source_pool(settings).await).await
    }

    /// Both pools as they describe themselves. Two different ones.
    pub(crate) async fn both_pools(
        &self,
        settings: &Settings,
        destination: &str,
    ) -> CommandResult<BothPools> {
        must_be_two(&settings.source.user_pool_id, destination)?;
        let destination = self.destination_pool(destination).await;
        Ok(BothPools {
            source: self.described_source(settings).await?,
            destination: described("the destination pool", destination).await?,
        })
    }
}

/// Refuses one pool for both.
pub(crate) fn must_be_two(source: &str, destination: &str) -> CommandResult<()> {
    if source == destination {
        return Err(Problem::usage(format!(
            "{destination} is named as the source pool and as the destination pool: they must be two."
        )));
    }
    Ok(())
}

/// Refuses an attribute that the destination pool does not have: no user would count as moved.
pub(crate) fn check_attribute(
    attribute: &str,
    id: &str,
    pool: &UserPoolDescription,
) -> CommandResult<()> {
    match pool.schema.iter().any(|known| known.name == attribute) {
        true => Ok(()),
        false => Err(Problem::usage(format!(
            "The destination pool {id} has no attribute {attribute}."
        ))),
    }
}

/// The app client of the source pool that the settings name; `None` if they name none.
pub(crate) async fn source_client(
    source: &OperatorsPool,
    settings: &Settings,
) -> CommandResult<Option<AppClient>> {
    let id = settings.source.client_id.as_str();
    if id.is_empty() {
        return Ok(None);
    }
    let client = source.app_client(id).await;
    let what = format!("the app client {id} of the source pool");
    let client = client.map_err(|failure| not_answered(&what, source.id(), &failure))?;
    Ok(Some(client))
}

async fn described(what: &str, pool: OperatorsPool) -> CommandResult<Described> {
    match pool.description().await {
        Ok(description) => Ok(Described { pool, description }),
        Err(failure) => Err(not_answered(what, pool.id(), &failure)),
    }
}

/// The problem for a failed question about a pool.
pub(crate) fn not_answered(what: &str, id: &str, failure: &rules::outcome::Failure) -> Problem {
    Problem::not_answered(&format!("{what} {id}"), failure)
}

/// The Region with which a pool's id begins.
pub(crate) fn region_of(pool_id: &str) -> &str {
    pool_id.split('_').next().unwrap_or_default()
}

/// The Region of a function: of its ARN, or of the pool that calls it.
pub(crate) fn function_region<'a>(name: &'a str, pool: &'a str) -> &'a str {
    let region = name.split(':').nth(3);
    region
        .filter(|_| name.starts_with("arn:"))
        .unwrap_or_else(|| region_of(pool))
}
