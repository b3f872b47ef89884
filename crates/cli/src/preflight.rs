//! What would keep migrations from working: what only the function can know, and what both pools say of themselves.

use comfy_table::Cell;
use pools::operator::OperatorsPool;
use rules::{
    checks::{self, Check, CheckId, PoolFacts, PoolsFacts, Status},
    selection::Selection,
    settings::Settings,
};
use serde_json::{Value, json};
use strum::VariantArray as _;

use crate::{
    Told, arguments,
    context::{Context, Set, function_region},
    problem::{Answer, Problem},
    show,
};

/// One line of the report: of the function, or of ours.
struct Line {
    id: String,
    status: String,
    detail: String,
    fix: String,
}

pub async fn run(context: &Context, options: &arguments::Preflight) -> Answer<Told> {
    let Set {
        settings,
        function,
        note,
    } = context.settings(&options.settings, &options.pools).await?;
    let pool = &options.pools.pool;
    let of_function = match &function {
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
            read(&answer.map_err(|failure| Problem::not_answered(&what, &failure))?)?
        }
        None => Report {
            lines: skipped(),
            users: None,
        },
    };
    let arn = function.map(|function| function.arn);
    let facts = facts(
        context,
        &settings,
        pool,
        arn.or_else(|| options.function_arn.clone()),
    )
    .await;
    let users = |facts: &PoolFacts| facts.pool.as_ref().ok().map(|pool| pool.users);
    let users = [
        ("source", users(&facts.source).or(of_function.users)),
        ("destination", users(&facts.destination)),
    ];
    let of_pools = checks::pools(&settings, &facts).into_iter().map(Line::from);
    let lines: Vec<_> = of_function.lines.into_iter().chain(of_pools).collect();
    let is_good = lines.iter().all(|line| line.status != "fail");
    let text = if context.is_for_programs() {
        show::json(&json!({
            "ok": is_good,
            "checks": lines.iter().map(Line::json).collect::<Vec<_>>(),
            "users": users.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        }))
    } else {
        for_people(&lines, &users) + note
    };
    Ok(Told { text, is_good })
}

/// What the function says.
struct Report {
    lines: Vec<Line>,
    /// How many users it takes the source pool to have.
    users: Option<u64>,
}

fn read(answer: &str) -> Answer<Report> {
    let report: Value = serde_json::from_str(answer).unwrap_or_default();
    let line = |check: &Value| {
        let text = |name: &str| check[name].as_str().map(str::to_owned);
        Some(Line {
            id: text("id")?,
            status: text("status")?,
            detail: text("detail")?,
            fix: text("fix")?,
        })
    };
    let lines = report["checks"]
        .as_array()
        .and_then(|checks| checks.iter().map(line).collect());
    match lines {
        Some(lines) => Ok(Report {
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

/// What nobody but the function can know.
fn skipped() -> Vec<Line> {
    let ids = CheckId::VARIANTS.iter().copied();
    let of_function = ids.take_while(|id| *id != CheckId::DestinationPool);
    let check = |id: CheckId| {
        Line::from(Check {
            id,
            status: Status::Skipped,
            detail: "Only the function can know this, from where it runs.".to_owned(),
            fix: "Run this with --function NAME.".to_owned(),
        })
    };
    of_function.map(check).collect()
}

async fn facts(
    context: &Context,
    settings: &Settings,
    destination: &str,
    function_arn: Option<String>,
) -> PoolsFacts {
    let copies_groups = settings.post_migration.groups != Selection::None;
    let source = context.source_pool(settings).await;
    let destination = context.destination_pool(destination).await;
    let source_clients = async {
        match settings.destination.mapping.copies_custom() {
            true => Some(source.app_clients().await),
            false => None,
        }
    };
    let (source, source_clients, clients, destination) = tokio::join!(
        pool_facts(&source, copies_groups),
        source_clients,
        destination.app_clients(),
        pool_facts(&destination, copies_groups),
    );
    PoolsFacts {
        source_clients,
        source,
        destination,
        clients,
        function_arn,
    }
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
        let status = match check.status {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Fail => "fail",
            Status::Skipped => "skipped",
        };
        Line {
            id: check.id.as_str().to_owned(),
            status: status.to_owned(),
            detail: check.detail,
            fix: check.fix,
        }
    }
}

impl Line {
    fn json(&self) -> Value {
        json!({"id": self.id, "status": self.status, "detail": self.detail, "fix": self.fix})
    }
}

fn for_people(lines: &[Line], users: &[(&str, Option<u64>)]) -> String {
    let mut table = show::table(["check", "", ""]);
    for line in lines {
        let (mark, color) = match line.status.as_str() {
            "ok" => ("✓ ok", comfy_table::Color::Green),
            "warn" => ("! warn", comfy_table::Color::Yellow),
            "skipped" => ("– skipped", comfy_table::Color::DarkGrey),
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
        let users = users.map_or("an unknown number of".to_owned(), show::grouped);
        text += &format!("The {pool} pool has {users} users, as Cognito estimates them.\n");
    }
    text += &verdict(lines);
    text
}

/// What all lines together mean.
fn verdict(lines: &[Line]) -> String {
    let ids = |is_wanted: fn(&str) -> bool| {
        let wanted = lines.iter().filter(|line| is_wanted(&line.status));
        let ids: Vec<_> = wanted.map(|line| line.id.as_str()).collect();
        ids.join(", ")
    };
    let failed = ids(|status| status == "fail");
    let skipped = ids(|status| status == "skipped");
    // A version of the function that knows one more status warns with it.
    let warned = ids(|status| !["ok", "fail", "skipped"].contains(&status));
    let verdict = if !failed.is_empty() {
        format!("Migrations will fail, or cannot be judged: {failed}")
    } else if !warned.is_empty() {
        format!("No check failed. Read the warnings: {warned}")
    } else if !skipped.is_empty() {
        "Nothing that was checked keeps migrations from working.".to_owned()
    } else {
        "Nothing keeps migrations from working.".to_owned()
    };
    match skipped.as_str() {
        "" => verdict,
        skipped => format!("{verdict}\nNot checked: {skipped}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_preflight_that_asked_everything_and_found_nothing_says_so() {
        for (statuses, said) in [
            (["ok", "ok", "ok"], "Nothing keeps migrations from working."),
            (
                ["ok", "warn", "new"],
                "No check failed. Read the warnings: b, c",
            ),
            (
                ["skipped", "ok", "skipped"],
                "Nothing that was checked keeps migrations from working.\nNot checked: a, c",
            ),
            (
                ["skipped", "warn", "ok"],
                "No check failed. Read the warnings: b\nNot checked: a",
            ),
            (
                ["fail", "warn", "fail"],
                "Migrations will fail, or cannot be judged: a, c",
            ),
            (
                ["fail", "skipped", "ok"],
                "Migrations will fail, or cannot be judged: a\nNot checked: b",
            ),
        ] {
            let line = |(id, status): (&str, &str)| Line {
                id: id.to_owned(),
                status: status.to_owned(),
                detail: String::new(),
                fix: String::new(),
            };
            let lines: Vec<_> = ["a", "b", "c"]
                .into_iter()
                .zip(statuses)
                .map(line)
                .collect();
            assert_eq!(verdict(&lines), said, "{statuses:?}");
        }
    }
}
