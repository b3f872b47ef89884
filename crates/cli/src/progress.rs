//! How far the migration is, and how long the rest would take at the present pace.
//!
//! Cognito estimates the numbers of users, and brings its estimate up to date about once a day.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde_json::json;
use time::{Date, OffsetDateTime};

use crate::{
    Told, arguments,
    context::{Context, function_region, must_be_two, not_answered},
    problem::{Answer, Problem},
    show,
};

const DAYS_SHOWN: u8 = 14;
/// A week: people who sign in on working days only must not look like a standstill on a Sunday.
const DAYS_OF_PACE: u8 = 7;
const BAR: usize = 60;
const DAY: Duration = Duration::from_secs(86_400);

pub async fn run(context: &Context, options: &arguments::Progress) -> Answer<Told> {
    let (source, destination) = (&options.source_pool, &options.pool);
    must_be_two(source, destination)?;
    let region = context.source_region(source);
    let source_pool = context.source_account(region).await.pool(source, region);
    let destination_pool = context.destination_pool(destination).await;
    let users = async |what: &str, pool: &pools::operator::OperatorsPool| {
        let description = pool.description().await;
        let description = description.map_err(|failure| not_answered(what, pool.id(), &failure))?;
        Answer::Ok(description.users)
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let today = now.unwrap_or_default().as_secs() / DAY.as_secs();
    let progress = Progress {
        source: users("the source pool", &source_pool).await?,
        destination: users("the destination pool", &destination_pool).await?,
        per_day: match &options.function {
            Some(function) => Some(per_day(context, function, destination, today).await?),
            None => None,
        },
        today,
    };
    Ok(Told::good(match context.is_for_programs() {
        true => show::json(&progress.json(source, destination)),
        false => format!("{source} → {destination}\n{}", progress.for_people()),
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

/// How many users were migrated on each of the last days, the present one included.
async fn per_day(
    context: &Context,
    function: &str,
    pool: &str,
    today: u64,
) -> Answer<BTreeMap<u64, u64>> {
    let region = function_region(function, pool);
    let metrics = context.account(region).await.metrics(region);
    let first = today.saturating_sub(u64::from(DAYS_SHOWN) - 1);
    let moment = |day: u64| Duration::from_secs(day * DAY.as_secs());
    let counted = metrics
        .migrations_per_day(function_name(function), moment(first), moment(today + 1))
        .await
        .map_err(|failure| Problem::not_answered("the function's metric", &failure))?;
    let mut per_day: BTreeMap<_, _> = (first..=today).map(|day| (day, 0)).collect();
    for (begins, number) in counted {
        if let Some(counted) = per_day.get_mut(&(begins.as_secs() / DAY.as_secs())) {
            // A sum of whole numbers.
            *counted += number.round() as u64;
        }
    }
    Ok(per_day)
}

/// Both pools' users, and the migrations of the last days. Days are counted since 1970.
struct Progress {
    source: u64,
    destination: u64,
    per_day: Option<BTreeMap<u64, u64>>,
    today: u64,
}

impl Progress {
    /// The part of the source pool's users whom the destination pool has, too. Those who signed up count as well.
    fn share(&self) -> f64 {
        match self.source {
            0 => 1.0,
            source => (self.destination as f64 / source as f64).min(1.0),
        }
    }

    fn left(&self) -> u64 {
        self.source.saturating_sub(self.destination)
    }

    /// Migrations per day over the last whole days: the present day is not over.
    fn pace(&self) -> Option<f64> {
        let per_day = self.per_day.as_ref()?;
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

    /// How many more days the rest would take; `None` at a standstill.
    fn days_left(&self) -> Option<u64> {
        let pace = self.pace().filter(|pace| *pace > 0.0)?;
        Some((self.left() as f64 / pace).ceil() as u64)
    }

    fn json(&self, source: &str, destination: &str) -> serde_json::Value {
        let per_day = self.per_day.as_ref().map(|per_day| {
            let days = per_day.iter();
            days.map(|(day, number)| (date(*day), *number))
                .collect::<BTreeMap<_, _>>()
        });
        json!({
            "source_pool": source,
            "destination_pool": destination,
            "users": {"source": self.source, "destination": self.destination},
            "share": self.share(),
            "left": self.left(),
            "migrated_per_day": per_day,
            "pace": self.pace(),
            "days_left": self.days_left(),
            "until": self.days_left().map(|days| date(self.today.saturating_add(days))),
        })
    }

    fn for_people(&self) -> String {
        let pool =
            |name: &str, users: u64| format!("{name:<16} {:>12} users\n", show::grouped(users));
        let mut text =
            pool("source pool", self.source) + &pool("destination pool", self.destination);
        text += &format!(
            "{} {:.1}%\n",
            bar(self.share(), BAR, '░'),
            self.share() * 100.0
        );
        if let Some(per_day) = &self.per_day {
            let sum = show::grouped(per_day.values().sum());
            text += &format!("\nMigrated per day ({sum} in {} days)\n", per_day.len());
            let most = per_day.values().copied().max().unwrap_or_default().max(1);
            for (day, number) in per_day {
                let bar = bar(*number as f64 / most as f64, BAR / 2, ' ');
                text += &format!("{} {bar} {}\n", date(*day), show::grouped(*number));
            }
        }
        text + "\n" + &self.outlook()
    }

    fn outlook(&self) -> String {
        let left = show::grouped(self.left());
        if self.left() == 0 {
            return "Every user of the source pool may be in the destination pool by now."
                .to_owned();
        }
        match (self.pace(), self.days_left()) {
            (None, _) => format!("{left} users are left. --function NAME shows the pace."),
            (Some(pace), Some(days)) => format!(
                "{left} users are left. At {pace:.1} a day, the mean of the last {DAYS_OF_PACE} days, that takes {} more days, \
                 until about {}. People who come back seldom make it longer.",
                show::grouped(days),
                date(self.today.saturating_add(days)),
            ),
            (Some(_), None) => format!(
                "{left} users are left. Nobody was migrated in the last {DAYS_OF_PACE} days."
            ),
        }
    }
}

/// A day since 1970 as the calendar names it.
fn date(day: u64) -> String {
    let seconds = i64::try_from(day.saturating_mul(DAY.as_secs())).ok();
    let moment = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    moment.map_or(Date::MAX, |moment| moment.date()).to_string()
}

/// A bar of that many columns, filled to its share; a share above zero is seen, and only a whole one is full.
fn bar(share: f64, columns: usize, empty: char) -> String {
    let mut filled = (share * columns as f64).round() as usize;
    if share > 0.0 {
        filled = filled.max(1);
    }
    if share < 1.0 {
        filled = filled.min(columns.saturating_sub(1));
    }
    let filled = filled.min(columns);
    let rest = columns - filled;
    "█".repeat(filled) + &empty.to_string().repeat(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-15.
    const TODAY: u64 = 20_468;

    fn progress(source: u64, destination: u64, last: &[(u64, u64)]) -> Progress {
        let mut per_day: BTreeMap<_, _> = (TODAY - 13..=TODAY).map(|day| (day, 0)).collect();
        per_day.extend(
            last.iter()
                .map(|(days_ago, number)| (TODAY - days_ago, *number)),
        );
        Progress {
            source,
            destination,
            per_day: Some(per_day),
            today: TODAY,
        }
    }

    #[test]
    fn the_pace_is_the_mean_of_the_last_seven_whole_days() {
        let progress = progress(8, 0, &[(0, 1000), (1, 5), (2, 2), (8, 99)]);
        assert_eq!(progress.pace(), Some(1.0));
        assert_eq!(progress.days_left(), Some(8));
        let text = progress.for_people();
        for part in [
            "source pool                 8 users\n",
            "destination pool            0 users\n",
            " 0.0%\n",
            "(1,106 in 14 days)",
            "At 1.0 a day, the mean of the last 7 days, that takes 8 more days, until about 2026-01-23.",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let json = progress.json("a", "b");
        assert_eq!(json["migrated_per_day"]["2026-01-14"], 5);
        assert_eq!(
            (&json["left"], &json["until"]),
            (&json!(8), &json!("2026-01-23"))
        );
    }

    #[test]
    fn a_standstill_and_an_end_are_told() {
        for (progress, told) in [
            (
                progress(8, 0, &[(0, 3), (9, 3)]),
                "8 users are left. Nobody was migrated in the last 7 days.",
            ),
            (
                progress(8, 9, &[]),
                "Every user of the source pool may be in the destination pool by now.",
            ),
            (
                progress(0, 0, &[]),
                "Every user of the source pool may be in the destination pool by now.",
            ),
            (
                Progress {
                    per_day: None,
                    ..progress(8, 1, &[])
                },
                "7 users are left. --function NAME shows the pace.",
            ),
        ] {
            assert_eq!(progress.outlook(), told);
        }
    }

    #[test]
    fn a_bar_shows_a_little_and_is_full_only_at_the_end() {
        for (share, shown) in [
            (0.0, "░░░░"),
            (0.01, "█░░░"),
            (0.5, "██░░"),
            (0.99, "███░"),
            (1.0, "████"),
        ] {
            assert_eq!(bar(share, 4, '░'), shown, "{share}");
        }
    }

    #[test]
    fn a_function_is_named_without_its_alias() {
        for name in [
            "mine",
            "mine:live",
            "arn:aws:lambda:eu-west-1:111122223333:function:mine:live",
        ] {
            assert_eq!(function_name(name), "mine");
        }
    }
}
