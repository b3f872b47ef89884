//! `preflight`: the checks of both pools, and the function's own report on the source pool.

use comfy_table::Cell;
use insight::checks::{PoolFacts, PoolsFacts};
use rules::{
    checks::{self, Answer as Asked},
    evidence::PoolMfa,
    pool::AppClient,
    protocol::{Check, PreflightReport, Status, Users, Why, is_ok},
    selection::Selection,
    settings::Settings,
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    arguments,
    aws::{NoCredentials, OperatorsPool},
    context::{Context, LoadedSettings, function_region, not_answered},
    output::{self, Output},
    problem::{CommandResult, Problem},
};

pub(crate) async fn run(
    context: &Context,
    options: &arguments::Preflight,
) -> CommandResult<Output> {
    let LoadedSettings {
        settings,
        function,
        note,
        ..
    } = context.settings(&options.settings, &options.pools).await?;
    let pool = &options.pools.pool;
    let source = context.source_pool(&settings).await;
    let (of_function, client) = match &function {
        Some(function) => {
            let theirs = function.variables.get("SRC_USER_POOL_ID");
            if theirs != Some(&settings.source.user_pool_id) {
                return Err(Problem::usage(format!(
                    "The source pool of {} is another one than {}.",
                    function.name, settings.source.user_pool_id
                )));
            }
            let region = function_region(&function.arn, pool);
            let functions = context.account(region).await.functions(region);
            let what = format!("the function {}", function.name);
            let answer = functions.preflight(&function.arn).await;
            let answer = answer.map_err(|failure| Problem::not_answered(&what, &failure))?;
            (Some(read(&answer)?), None)
        }
        None => (None, app_client(&source, &settings).await),
    };
    let arn = function.map(|function| function.arn);
    let destination = context.destination_pool(pool).await;
    let function_arn = arn.or_else(|| options.function_arn.clone());
    let facts = facts(&settings, &source, &destination, function_arn).await;
    // Without credentials no pool is judged.
    for (what, pool) in [
        ("the destination pool", &facts.destination),
        ("the source pool", &facts.source),
    ] {
        if let Err(failure) = &pool.pool
            && NoCredentials::of_code(&failure.code).is_some()
        {
            return Err(not_answered(what, &pool.id, failure));
        }
    }
    let of_function = of_function.unwrap_or_else(|| {
        let checks = checks::source_as_operator(&settings, &facts.source.pool, client.as_ref());
        let users = Users {
            source: None,
            destination: None,
        };
        PreflightReport::new(checks, users)
    });
    let users = |facts: &PoolFacts| facts.pool.as_ref().ok().map(|pool| pool.users);
    let of_pools = insight::checks::pools(&settings, &facts);
    let report = PreflightReport {
        ok: of_function.ok && is_ok(&of_pools),
        checks: [of_function.checks, of_pools].concat(),
        users: Users {
            source: users(&facts.source).or(of_function.users.source),
            destination: users(&facts.destination),
        },
    };
    let text = if context.is_for_programs() {
        let mut members = json!(report);
        members["users"]["destination"] = report.users.destination.into();
        output::json(&members)
    } else {
        for_people(&report) + note
    };
    Ok(Output {
        text,
        is_good: report.ok,
    })
}

/// The function's report on the source pool. An unknown status counts as a failed check.
fn read(answer: &str) -> CommandResult<PreflightReport> {
    let Ok(report) = serde_json::from_str::<PreflightReport>(answer) else {
        // An error that Lambda has made; the function's own sentences say nothing either.
        let error = serde_json::from_str(answer).map(|LambdaError { error_type }| error_type);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let error = error.ok().filter(|error| error.chars().all(is_name));
        return Err(Problem::cannot(format!(
            "The function did not answer with a report ({}): see its log. A version of it without preflight gives the \
             question back.",
            error.as_deref().unwrap_or("no checks")
        )));
    };
    let is_known = |check: &Check| !matches!(check.status, Status::Later(_));
    Ok(PreflightReport {
        ok: report.ok && report.checks.iter().all(is_known),
        ..report
    })
}

/// Lambda's answer for a failed function.
#[derive(Deserialize)]
struct LambdaError {
    #[serde(rename = "errorType")]
    error_type: String,
}

/// The app client of the source pool as the operator may see it; `None` where the settings name none.
async fn app_client(source: &OperatorsPool, settings: &Settings) -> Option<Asked<AppClient>> {
    match settings.source.client_id.as_str() {
        "" => None,
        id => Some(source.app_client(id).await),
    }
}

async fn facts(
    settings: &Settings,
    source: &OperatorsPool,
    destination: &OperatorsPool,
    function_arn: Option<String>,
) -> PoolsFacts {
    let copies_groups = settings.post_migration.groups != Selection::None;
    let source_clients = async {
        match insight::described::copies_custom(&settings.destination.mapping) {
            true => Some(source.app_clients().await),
            false => None,
        }
    };
    let (source, source_clients, clients, (destination, email_mfa)) = tokio::join!(
        pool_facts(source, copies_groups),
        source_clients,
        destination.app_clients(),
        async {
            let facts = pool_facts(destination, copies_groups).await;
            let email_mfa = email_mfa(settings, destination, &facts).await;
            (facts, email_mfa)
        },
    );
    PoolsFacts {
        source_clients,
        email_mfa,
        source,
        destination,
        clients,
        function_arn,
    }
}

/// Whether the destination pool takes an e-mail as a second factor. It is not asked where MFA is off, or where no user has to
/// reset a password.
async fn email_mfa(
    settings: &Settings,
    pool: &OperatorsPool,
    facts: &PoolFacts,
) -> Option<Asked<bool>> {
    let description = facts.pool.as_ref().ok()?;
    if description.mfa == PoolMfa::Off || !insight::checks::may_ask_for_reset(&settings.policy) {
        return None;
    }
    let factors = pool.factors().await;
    Some(factors.map(|factors| factors.email.is_some()))
}

async fn pool_facts(pool: &OperatorsPool, copies_groups: bool) -> PoolFacts {
    let groups = async {
        match copies_groups {
            true => Some(pool.groups().await),
            false => None,
        }
    };
    let (description, groups) = tokio::join!(pool.description(), groups);
    PoolFacts {
        id: pool.id().to_owned(),
        pool: description,
        groups,
    }
}

fn for_people(report: &PreflightReport) -> String {
    let mut table = output::table(["check", "", ""]);
    for check in &report.checks {
        let (mark, color) = match &check.status {
            Status::Ok => ("✓ ok", comfy_table::Color::Green),
            Status::Warn => ("! warn", comfy_table::Color::Yellow),
            Status::Skipped => ("– skipped", comfy_table::Color::DarkGrey),
            Status::Fail => ("✗ fail", comfy_table::Color::Red),
            Status::Later(status) => (status.as_str(), comfy_table::Color::Red),
        };
        let fix = match check.fix.as_str() {
            "" => String::new(),
            fix => format!("\n→ {fix}"),
        };
        table.add_row([
            Cell::new(&check.id),
            Cell::new(mark).fg(color),
            Cell::new(format!("{}{fix}", check.detail)),
        ]);
    }
    let mut text = format!("{}\n\n", table.trim_fmt());
    for (pool, users) in [
        ("source", report.users.source),
        ("destination", report.users.destination),
    ] {
        let users = users.map_or("an unknown number of".to_owned(), output::grouped);
        text += &format!("The {pool} pool has {users} users, as Cognito estimates them.\n");
    }
    text += &verdict(report);
    text
}

/// The conclusion from all checks.
fn verdict(report: &PreflightReport) -> String {
    let ids = |is_wanted: &dyn Fn(&Check) -> bool| {
        let wanted = report.checks.iter().filter(|check| is_wanted(check));
        wanted.map(|check| check.id.as_str()).collect::<Vec<_>>()
    };
    let skipped = |is_wanted: &dyn Fn(Option<&Why>) -> bool| {
        ids(&|check| check.status == Status::Skipped && is_wanted(check.why.as_ref()))
    };
    let failed = ids(&|check| check.status == Status::Fail);
    let warned = ids(&|check| check.status == Status::Warn);
    let mut said = vec![if !failed.is_empty() {
        format!(
            "Migrations will fail, or cannot be judged: {}",
            failed.join(", ")
        )
    } else if !report.ok {
        "Whether migrations will work is not known, because some checks were not made.".to_owned()
    } else if !warned.is_empty() {
        format!("No check failed. Read the warnings: {}", warned.join(", "))
    } else if skipped(&|_| true).is_empty() {
        "Nothing keeps migrations from working.".to_owned()
    } else {
        "Nothing that was checked keeps migrations from working.".to_owned()
    }];
    let waiting = skipped(&|why| why == Some(&Why::WaitsForFunction));
    let wait = match waiting.len() {
        1 => "1 check waits for the function".to_owned(),
        number => format!("{number} checks wait for the function"),
    };
    for (what, ids) in [
        (
            "With a status that this program does not know".to_owned(),
            ids(&|check| matches!(check.status, Status::Later(_))),
        ),
        (
            "Not checked for want of a permission".to_owned(),
            skipped(&|why| why == Some(&Why::NoPermission)),
        ),
        (
            "Not checked for want of an answer".to_owned(),
            skipped(&|why| why == Some(&Why::NoAnswer)),
        ),
        (wait, waiting),
        (
            "Not checked".to_owned(),
            skipped(&|why| match why {
                Some(Why::NotNeeded | Why::OtherCheck | Why::Later(_)) | None => true,
                Some(Why::NoPermission | Why::NoAnswer | Why::WaitsForFunction) => false,
            }),
        ),
    ] {
        if !ids.is_empty() {
            said.push(format!("{what}: {}", ids.join(", ")));
        }
    }
    said.join("\n")
}

#[cfg(test)]
mod tests;
