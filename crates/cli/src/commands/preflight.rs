//! What would keep migrations from working: what only the function can know, and what both pools say of themselves.

use comfy_table::Cell;
use insight::checks::{PoolFacts, PoolsFacts};
use rules::{
    checks::{self, Answer as Asked, Check, Status, WHY, Why},
    evidence::PoolMfa,
    pool::AppClient,
    selection::Selection,
    settings::Settings,
};
use serde_json::{Value, json};

use crate::{
    arguments,
    aws::{NoCredentials, OperatorsPool},
    context::{Context, LoadedSettings, function_region, not_answered},
    output::{self, Output},
    problem::{CommandResult, Problem},
};

/// The status of a check that was not made.
const SKIPPED: &str = "skipped";

/// One line of the report: of the function, or of ours.
struct Line {
    id: String,
    status: String,
    /// Why it was skipped, where that is known.
    why: Option<String>,
    detail: String,
    fix: String,
}

pub(crate) async fn run(
    context: &Context,
    options: &arguments::Preflight,
) -> CommandResult<Output> {
    let LoadedSettings {
        settings,
        function,
        note,
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
        Report {
            ok: checks::is_ok(&checks),
            lines: checks.into_iter().map(Line::from).collect(),
            users: None,
        }
    });
    let users = |facts: &PoolFacts| facts.pool.as_ref().ok().map(|pool| pool.users);
    let users = [
        ("source", users(&facts.source).or(of_function.users)),
        ("destination", users(&facts.destination)),
    ];
    let of_pools = insight::checks::pools(&settings, &facts);
    let is_good = of_function.ok && checks::is_ok(&of_pools);
    let of_pools = of_pools.into_iter().map(Line::from);
    let lines: Vec<_> = of_function.lines.into_iter().chain(of_pools).collect();
    let text = if context.is_for_programs() {
        output::json(&json!({
            "ok": is_good,
            "checks": lines.iter().map(Line::json).collect::<Vec<_>>(),
            "users": users.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        }))
    } else {
        for_people(&lines, is_good, &users) + note
    };
    Ok(Output { text, is_good })
}

/// What the function says of the source pool, or what an operator can say without it.
struct Report {
    ok: bool,
    lines: Vec<Line>,
    /// How many users it takes the source pool to have.
    users: Option<u64>,
}

fn read(answer: &str) -> CommandResult<Report> {
    let report: Value = serde_json::from_str(answer).unwrap_or_default();
    let line = |check: &Value| {
        let text = |name: &str| check[name].as_str().map(str::to_owned);
        Some(Line {
            id: text("id")?,
            status: text("status")?,
            why: text(WHY),
            detail: text("detail")?,
            fix: text("fix")?,
        })
    };
    let lines = report["checks"]
        .as_array()
        .and_then(|checks| checks.iter().map(line).collect());
    match lines {
        Some(lines) => Ok(Report {
            ok: report["ok"] == true,
            lines,
            users: report["users"]["source"].as_u64(),
        }),
        None => {
            // An error that Lambda has made; the function's own sentences say nothing either.
            let error = report["errorType"].as_str().unwrap_or("no checks");
            Err(Problem::cannot(format!(
                "The function did not answer with a report ({error}): see its log. A version of it without preflight gives \
                 the question back."
            )))
        }
    }
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
        match settings.destination.mapping.copies_custom() {
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

/// Whether the destination pool takes an e-mail as a second factor. Where its MFA is off there is none, and where no user has
/// to reset a password it does not matter.
async fn email_mfa(
    settings: &Settings,
    pool: &OperatorsPool,
    facts: &PoolFacts,
) -> Option<Asked<bool>> {
    let description = facts.pool.as_ref().ok()?;
    if description.mfa == PoolMfa::Off || !settings.policy.lets_reset() {
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

impl From<Check> for Line {
    fn from(check: Check) -> Self {
        let why = match check.status {
            Status::Skipped(why) => Some(why.as_str().to_owned()),
            Status::Ok | Status::Warn | Status::Fail => None,
        };
        Line {
            id: check.id.as_str().to_owned(),
            status: check.status.as_str().to_owned(),
            why,
            detail: check.detail,
            fix: check.fix,
        }
    }
}

impl Line {
    fn json(&self) -> Value {
        let mut members = json!({
            "id": self.id, "status": self.status, "detail": self.detail, "fix": self.fix,
        });
        if let Some(why) = &self.why {
            members[WHY] = why.as_str().into();
        }
        members
    }
}

fn for_people(lines: &[Line], is_good: bool, users: &[(&str, Option<u64>)]) -> String {
    let mut table = output::table(["check", "", ""]);
    for line in lines {
        let (mark, color) = match line.status.as_str() {
            "ok" => ("✓ ok", comfy_table::Color::Green),
            "warn" => ("! warn", comfy_table::Color::Yellow),
            SKIPPED => ("– skipped", comfy_table::Color::DarkGrey),
            "fail" => ("✗ fail", comfy_table::Color::Red),
            other => (other, comfy_table::Color::Red),
        };
        let fix = match line.fix.as_str() {
            "" => String::new(),
            fix => format!("\n→ {fix}"),
        };
        table.add_row([
            Cell::new(&line.id),
            Cell::new(mark).fg(color),
            Cell::new(format!("{}{fix}", line.detail)),
        ]);
    }
    let mut text = format!("{}\n\n", table.trim_fmt());
    for (pool, users) in users {
        let users = users.map_or("an unknown number of".to_owned(), output::grouped);
        text += &format!("The {pool} pool has {users} users, as Cognito estimates them.\n");
    }
    text += &verdict(lines, is_good);
    text
}

/// What all lines together mean.
fn verdict(lines: &[Line], is_good: bool) -> String {
    let ids = |is_wanted: &dyn Fn(&Line) -> bool| {
        let wanted = lines.iter().filter(|line| is_wanted(line));
        wanted.map(|line| line.id.as_str()).collect::<Vec<_>>()
    };
    let skipped = |wanted: &[Option<Why>]| {
        ids(&|line| {
            let is_why = |why: &Option<Why>| line.why.as_deref() == why.map(Why::as_str);
            line.status == SKIPPED && wanted.iter().any(is_why)
        })
    };
    let failed = ids(&|line| line.status == "fail");
    // A version of the function that knows one more status warns with it.
    let warned = ids(&|line| !["ok", "fail", SKIPPED].contains(&line.status.as_str()));
    let is_whole = ids(&|line| line.status == SKIPPED).is_empty();
    let mut said = vec![if !failed.is_empty() {
        format!(
            "Migrations will fail, or cannot be judged: {}",
            failed.join(", ")
        )
    } else if !is_good {
        "Whether migrations will work is not known, because some checks were not made.".to_owned()
    } else if !warned.is_empty() {
        format!("No check failed. Read the warnings: {}", warned.join(", "))
    } else if is_whole {
        "Nothing keeps migrations from working.".to_owned()
    } else {
        "Nothing that was checked keeps migrations from working.".to_owned()
    }];
    let waiting = skipped(&[Some(Why::WaitsForFunction)]);
    let wait = match waiting.len() {
        1 => "1 check waits for the function".to_owned(),
        number => format!("{number} checks wait for the function"),
    };
    for (what, ids) in [
        (
            "Not checked for want of a permission".to_owned(),
            skipped(&[Some(Why::NoPermission)]),
        ),
        (
            "Not checked for want of an answer".to_owned(),
            skipped(&[Some(Why::NoAnswer)]),
        ),
        (wait, waiting),
        (
            "Not checked".to_owned(),
            skipped(&[Some(Why::NotNeeded), Some(Why::OtherCheck), None]),
        ),
    ] {
        if !ids.is_empty() {
            said.push(format!("{what}: {}", ids.join(", ")));
        }
    }
    said.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_preflight_that_asked_everything_and_found_nothing_says_so() {
        const UNKNOWN: &str =
            "Whether migrations will work is not known, because some checks were not made.";
        for (is_good, statuses, said) in [
            (true, ["ok", "ok", "ok"], "Nothing keeps migrations from working.".to_owned()),
            (
                true,
                ["ok", "warn", "new"],
                "No check failed. Read the warnings: b, c".to_owned(),
            ),
            (
                true,
                ["skipped other_check", "ok", "skipped"],
                "Nothing that was checked keeps migrations from working.\nNot checked: a, c".to_owned(),
            ),
            (
                true,
                ["skipped not_needed", "warn", "ok"],
                "No check failed. Read the warnings: b\nNot checked: a".to_owned(),
            ),
            (
                true,
                ["skipped waits_for_function", "ok", "ok"],
                "Nothing that was checked keeps migrations from working.\n1 check waits for the function: a".to_owned(),
            ),
            (
                true,
                ["skipped waits_for_function", "warn", "skipped waits_for_function"],
                "No check failed. Read the warnings: b\n2 checks wait for the function: a, c".to_owned(),
            ),
            (
                false,
                ["skipped no_permission", "warn", "skipped no_answer"],
                format!("{UNKNOWN}\nNot checked for want of a permission: a\nNot checked for want of an answer: c"),
            ),
            // A later version of the function can have one more reason.
            (false, ["skipped new", "ok", "ok"], UNKNOWN.to_owned()),
            (
                false,
                ["fail", "warn", "fail"],
                "Migrations will fail, or cannot be judged: a, c".to_owned(),
            ),
            (
                false,
                ["fail", "skipped other_check", "skipped no_permission"],
                "Migrations will fail, or cannot be judged: a\nNot checked for want of a permission: c\nNot checked: b"
                    .to_owned(),
            ),
        ] {
            let line = |(id, status): (&str, &str)| {
                let (status, why) = status.split_once(' ').unwrap_or((status, ""));
                Line {
                    id: id.to_owned(),
                    status: status.to_owned(),
                    why: Some(why.to_owned()).filter(|why| !why.is_empty()),
                    detail: String::new(),
                    fix: String::new(),
                }
            };
            let lines: Vec<_> = ["a", "b", "c"]
                .into_iter()
                .zip(statuses)
                .map(line)
                .collect();
            assert_eq!(verdict(&lines, is_good), said, "{statuses:?}");
        }
    }
}
