//! `progress`: the share of moved users, and the time that the rest would take at the present pace.
//!
//! Cognito estimates the numbers of users, and brings its estimate up to date about once a day. They do not tell migrated
//! users from those who signed up in the destination pool: the function's metric does.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde_json::json;
use time::{Date, OffsetDateTime};

use crate::{
    arguments,
    aws::OperatorsPool,
    context::{Context, function_region, must_be_two, not_answered},
    output::{self, Output},
    problem::{CommandResult, Problem},
};

const DAYS_SHOWN: u8 = 14;
/// CloudWatch keeps metrics for 455 days.
const DAYS_COUNTED: u64 = 455;
/// A week, because users of business apps do not sign in on Sundays.
const DAYS_OF_PACE: u8 = 7;
const BAR: usize = 60;
const DAY: Duration = Duration::from_secs(86_400);

pub(crate) async fn run(context: &Context, options: &arguments::Progress) -> CommandResult<Output> {
    let (source, destination) = (&options.source_pool, &options.pool);
    must_be_two(source, destination)?;
    let region = context.source_region(source);
    let source_pool = context.source_account(region).await.pool(source, region);
    let destination_pool = context.destination_pool(destination).await;
    let users = async |what: &str, pool: &OperatorsPool| {
        let description = pool.description().await;
        let description = description.map_err(|failure| not_answered(what, pool.id(), &failure))?;
        CommandResult::Ok(description.users)
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let today = now.unwrap_or_default().as_secs() / DAY.as_secs();
    let progress = Progress {
        source: users("the source pool", &source_pool).await?,
        destination: users("the destination pool", &destination_pool).await?,
        counted: match &options.function {
            Some(function) => Some(counted(context, function, destination, today).await?),
            None => None,
        },
        today,
    };
    Ok(Output::good(match context.is_for_programs() {
        true => output::json(&progress.json(source, destination)),
        false => format!(
            "{source} → {destination}\n{}",
            progress.for_people(output::terminal())
        ),
    }))
}

/// The name of a function in its ARN, or of one that is named, without a version or alias.
fn function_name(function: &str) -> &str {
    let mut parts = function.split(':');
    let name = match function.starts_with("arn:") {
        true => parts.nth(6),
        false => parts.next(),
    };
    name.unwrap_or(function)
}

/// The function's migrations, by day.
async fn counted(
    context: &Context,
    function: &str,
    pool: &str,
    today: u64,
) -> CommandResult<Counted> {
    let region = function_region(function, pool);
    let metrics = context.account(region).await.metrics(region);
    let oldest = today.saturating_sub(DAYS_COUNTED - 1);
    let first = today.saturating_sub(u64::from(DAYS_SHOWN) - 1);
    let moment = |day: u64| Duration::from_secs(day * DAY.as_secs());
    let counted = metrics
        .migrations_per_day(function_name(function), moment(oldest), moment(today + 1))
        .await
        .map_err(|failure| Problem::not_answered("the function's metric", &failure))?;
    let mut per_day: BTreeMap<_, _> = (first..=today).map(|day| (day, 0)).collect();
    let mut in_all = 0;
    for (begins, number) in counted {
        // A sum of whole numbers.
        let number = number.round() as u64;
        in_all += number;
        if let Some(counted) = per_day.get_mut(&(begins.as_secs() / DAY.as_secs())) {
            *counted += number;
        }
    }
    Ok(Counted { in_all, per_day })
}

/// The migrations that the function has counted. Days are counted since 1970.
struct Counted {
    /// All days that the metric covers.
    in_all: u64,
    /// On each of the last days, the present one included.
    per_day: BTreeMap<u64, u64>,
}

/// Both pools' users, and the migrations.
struct Progress {
    source: u64,
    destination: u64,
    counted: Option<Counted>,
    today: u64,
}

impl Progress {
    /// The number of users who have moved; `None` where it cannot be told from sign-ups in the destination pool.
    fn moved(&self) -> Option<u64> {
        let in_all = self.counted.as_ref().map_or(0, |counted| counted.in_all);
        match (self.source, self.destination, in_all) {
            (0, ..) | (_, 0, 0) => Some(0),
            // A function without metrics counts nothing.
            (_, _, 0) => None,
            // A migration that an app tried twice counts twice.
            (source, _, in_all) => Some(in_all.min(source)),
        }
    }

    /// The part of the source pool's users who have moved.
    fn share(&self) -> Option<f64> {
        let moved = self.moved()?;
        (self.source > 0).then(|| moved as f64 / self.source as f64)
    }

    fn left(&self) -> Option<u64> {
        Some(self.source.saturating_sub(self.moved()?))
    }

    /// Migrations per day over the last whole days: the present day is not over.
    fn pace(&self) -> Option<f64> {
        let per_day = &self.counted.as_ref()?.per_day;
        let from = self.today.saturating_sub(u64::from(DAYS_OF_PACE));
        let days: Vec<_> = per_day
            .range(from..self.today)
            .map(|(_, number)| *number)
            .collect();
        let sum: u64 = days.iter().sum();
        Some(match days.len() {
            0 => 0.0,
            days => sum as f64 / days as f64,
        })
    }

    /// The days that the rest would take; `None` at a standstill.
    fn days_left(&self) -> Option<u64> {
        let pace = self.pace().filter(|pace| *pace > 0.0)?;
        Some((self.left()? as f64 / pace).ceil() as u64)
    }

    fn json(&self, source: &str, destination: &str) -> serde_json::Value {
        let per_day = self.counted.as_ref().map(|counted| {
            let days = counted.per_day.iter();
            days.map(|(day, number)| (date(*day), *number))
                .collect::<BTreeMap<_, _>>()
        });
        json!({
            "source_pool": source,
            "destination_pool": destination,
            "users": {"source": self.source, "destination": self.destination},
            "share": self.share().map(|share| rounded(share, 1000.0)),
            "left": self.left(),
            "migrated_per_day": per_day,
            "pace": self.pace().map(|pace| rounded(pace, 10.0)),
            "days_left": self.days_left(),
            "until": self.days_left().map(|days| date(self.today.saturating_add(days))),
        })
    }

    fn for_people(&self, terminal: Option<usize>) -> String {
        let pool =
            |name: &str, users: u64| format!("{name:<16} {:>12} users\n", output::grouped(users));
        let mut text =
            pool("source pool", self.source) + &pool("destination pool", self.destination);
        if let Some(share) = self.share() {
            let percent = format!("{:.1}%", share * 100.0);
            let bar = match terminal {
                Some(columns) => {
                    let columns = columns.saturating_sub(percent.len() + 1);
                    output::painted(&output::bar(share, columns, '░'), true)
                }
                None => output::bar(share, BAR, '░'),
            };
            text += &format!("{bar} {percent}\n");
        }
        if let Some(Counted { per_day, .. }) = &self.counted {
            let sum = output::grouped(per_day.values().sum());
            text += &format!("\nMigrated per day ({sum} in {} days)\n", per_day.len());
            let most = per_day.values().copied().max().unwrap_or_default().max(1);
            let lines: Vec<_> = per_day
                .iter()
                .map(|(day, number)| output::Bar {
                    name: date(*day),
                    share: *number as f64 / most as f64,
                    label: output::grouped(*number),
                    is_good: true,
                })
                .collect();
            text += &output::bars(&lines, terminal);
        }
        text + "\n" + &self.outlook()
    }

    fn outlook(&self) -> String {
        if self.source == 0 {
            return "The source pool has no users.".to_owned();
        }
        let Some(left) = self.left() else {
            let more = match self.counted {
                Some(_) => "The function has counted no migration.",
                None => "--function NAME shows the migrations that the function has counted.",
            };
            return format!(
                "How many users have moved is not known: users who signed up in the destination pool count there, too. \
                 {more} stragglers finds who has not moved, and subs lists who has."
            );
        };
        if left == 0 {
            return "The function has counted as many migrations as the source pool has users. stragglers finds who has \
                    not moved."
                .to_owned();
        }
        let left = output::grouped(left);
        match (self.pace(), self.days_left()) {
            (None, _) => format!("{left} users are left. --function NAME shows the pace."),
            (Some(pace), Some(days)) => format!(
                "{left} users are left. At {pace:.1} a day, the mean of the last {DAYS_OF_PACE} days, that takes {} more days, \
                 until about {}. People who come back seldom make it longer.",
                output::grouped(days),
                date(self.today.saturating_add(days)),
            ),
            (Some(_), None) => format!(
                "{left} users are left. No user was migrated in the last {DAYS_OF_PACE} days."
            ),
        }
    }
}

/// A number to one part of so many.
fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

/// A day since 1970 as the calendar names it.
fn date(day: u64) -> String {
    let seconds = i64::try_from(day.saturating_mul(DAY.as_secs())).ok();
    let moment = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    moment.map_or(Date::MAX, |moment| moment.date()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-15.
    const TODAY: u64 = 20_468;

    /// As many users, and what the function has counted so many days ago.
    fn progress(source: u64, destination: u64, last: &[(u64, u64)]) -> Progress {
        let mut per_day: BTreeMap<_, _> = (TODAY - 13..=TODAY).map(|day| (day, 0)).collect();
        per_day.extend(last.iter().map(|(ago, number)| (TODAY - ago, *number)));
        let in_all = per_day.values().sum();
        Progress {
            source,
            destination,
            counted: Some(Counted { in_all, per_day }),
            today: TODAY,
        }
    }

    fn without_function(source: u64, destination: u64) -> Progress {
        Progress {
            counted: None,
            ..progress(source, destination, &[])
        }
    }

    #[test]
    fn the_pace_is_the_mean_of_the_last_seven_whole_days() {
        let progress = progress(1121, 0, &[(0, 1000), (1, 5), (2, 9), (8, 99)]);
        let text = progress.for_people(None);
        for part in [
            "source pool             1,121 users\n",
            "destination pool            0 users\n",
            " 99.3%\n",
            "\n2026-01-07 ███                            99\n",
            "(1,113 in 14 days)",
            "At 2.0 a day, the mean of the last 7 days, that takes 4 more days, until about 2026-01-19.",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let json = progress.json("a", "b");
        assert_eq!(json["migrated_per_day"]["2026-01-14"], 5);
        let found = json!([json["left"], json["days_left"], json["until"]]);
        assert_eq!(found, json!([8, 4, "2026-01-19"]));
    }

    #[test]
    fn a_standstill_and_an_end_are_told() {
        let all = "The function has counted as many migrations as the source pool has users. stragglers finds who has not moved.";
        let none = "2 users are left. No user was migrated in the last 7 days.";
        for (progress, told) in [
            (progress(8, 2, &[(0, 3), (9, 3)]), none),
            (progress(8, 9, &[(0, 9)]), all),
            (progress(0, 3, &[]), "The source pool has no users."),
            (
                without_function(8, 0),
                "8 users are left. --function NAME shows the pace.",
            ),
        ] {
            assert_eq!(progress.outlook(), told);
        }
    }

    /// A user who signed up in the destination pool looks like one who moved, to Cognito's estimates.
    #[test]
    fn only_what_the_function_counted_tells_how_many_have_moved() {
        for (progress, expected) in [
            (without_function(1000, 1), json!([null, null, null, null])),
            (progress(1000, 1050, &[]), json!([null, null, 0.0, null])),
            // Rates are rounded.
            (
                progress(3000, 9, &[(1, 1000)]),
                json!([0.333, 2000, 142.9, 14]),
            ),
        ] {
            let json = progress.json("a", "b");
            let found = json!([json["share"], json["left"], json["pace"], json["days_left"]]);
            assert_eq!(found, expected);
            if expected[0].is_null() {
                let text = progress.for_people(None);
                assert!(!text.contains('%') && !text.contains("are left"), "{text}");
                for word in ["signed up", "stragglers", "subs"] {
                    assert!(text.contains(word), "{word}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_function_is_named_without_its_alias() {
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:mine:live";
        for name in ["mine", "mine:live", arn] {
            assert_eq!(function_name(name), "mine");
        }
    }
}
