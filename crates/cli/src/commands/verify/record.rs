//! The record of a trial, as a Markdown page to keep.

use std::time::Duration;

use insight::open_questions::OpenQuestion;
use rules::protocol::InvocationLine;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    log,
    steps::{End, Taken},
};

/// The description of the pools.
pub(super) struct Subject {
    pub function: String,
    pub source_pool: String,
    pub destination_pool: String,
    pub client: String,
    /// The settings that decide how Cognito behaves: name and value.
    pub settings: Vec<(&'static str, String)>,
}

/// The record of a trial.
pub(super) struct Record<'a> {
    pub subject: &'a Subject,
    pub began: OffsetDateTime,
    pub steps: &'a [Taken],
    /// `None` if the log could not be read.
    pub log: Option<&'a [InvocationLine]>,
    pub answers: &'a [(OpenQuestion, String)],
}

impl Record<'_> {
    /// Whether every step succeeded.
    pub(super) fn is_good(&self) -> bool {
        let is_bad = |taken: &Taken| matches!(taken.end, End::Failed(_) | End::Interrupted);
        !self.steps.iter().any(is_bad)
    }

    fn result(&self) -> &'static str {
        let interrupted = |taken: &Taken| taken.end == End::Interrupted;
        match self.is_good() {
            true => "The migration works.",
            false if self.steps.iter().any(interrupted) => "It was interrupted.",
            false => "It failed.",
        }
    }

    pub(super) fn json(&self) -> Value {
        let step = |taken: &Taken| {
            json!({
                "step": taken.title,
                "status": taken.end.word(),
                "detail": taken.end.detail(),
                "ms": milliseconds(taken.took),
            })
        };
        let triggers = self.log.map(|lines| {
            let row = |((trigger, outcome), times): ((String, String), log::TriggerTimes)| {
                json!({"trigger": trigger, "outcome": outcome, "times": times.number, "longest_ms": times.longest_ms})
            };
            log::triggers(lines).into_iter().map(row).collect::<Vec<_>>()
        });
        let answers = self.answers.iter();
        let answers = answers
            .map(|(question, answer)| (question.id().to_owned(), Value::from(answer.as_str())));
        let settings = self.subject.settings.iter();
        let settings =
            settings.map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())));
        json!({
            "ok": self.is_good(),
            "date": date(self.began),
            "function": self.subject.function,
            "source_pool": self.subject.source_pool,
            "destination_pool": self.subject.destination_pool,
            "client": self.subject.client,
            "settings": settings.collect::<serde_json::Map<_, _>>(),
            "steps": self.steps.iter().map(step).collect::<Vec<_>>(),
            "triggers": triggers,
            "answers": answers.collect::<serde_json::Map<_, _>>(),
        })
    }

    pub(super) fn markdown(&self) -> String {
        let Subject {
            function,
            source_pool,
            destination_pool,
            client,
            settings,
        } = self.subject;
        let mut text = format!("# Trial of the migration {source_pool} → {destination_pool}\n\n");
        let facts = [
            ("date", date(self.began)),
            ("result", self.result().to_owned()),
            ("function", function.clone()),
            ("source pool", source_pool.clone()),
            ("destination pool", destination_pool.clone()),
            ("app client", client.clone()),
        ];
        let facts = facts.iter().chain(settings);
        text += &table(["", ""], facts.map(|(name, value)| [*name, value]));
        text += "\n## What the account did\n\n";
        let took: Vec<_> = self
            .steps
            .iter()
            .map(|taken| shown_time(taken.took))
            .collect();
        let rows = self.steps.iter().zip(&took).map(|(taken, took)| {
            let took = match taken.end {
                End::LeftOut(_) => "",
                _ => took.as_str(),
            };
            [
                taken.title.as_str(),
                taken.end.word(),
                took,
                taken.end.detail(),
            ]
        });
        text += &table(["step", "", "took", ""], rows);
        text += "\n## Which triggers called the function\n\n";
        match self.log {
            None => text += "The function's log could not be read.\n",
            Some([]) => text += "The function's log shows no invocation.\n",
            Some(lines) => {
                let rows: Vec<_> = log::triggers(lines)
                    .into_iter()
                    .map(|((trigger, outcome), times)| {
                        let longest = format!("{} ms", times.longest_ms);
                        [trigger, outcome, times.number.to_string(), longest]
                    })
                    .collect();
                let rows = rows.iter().map(|row| row.each_ref().map(String::as_str));
                text += &table(["trigger", "outcome", "times", "longest"], rows);
                text += "\nOthers who used the function at the same time are among them.\n";
            }
        }
        text += "\n## What AWS's documentation leaves open\n\n";
        let rows = self.answers.iter();
        text += &table(
            ["name", "question", "answer"],
            rows.map(|(question, answer)| [question.id(), question.asked(), answer]),
        );
        text
    }
}

/// A table of Markdown.
fn table<'a, const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = [&'a str; N]>,
) -> String {
    let row = |cells: [&str; N]| {
        let cells = cells.map(|cell| cell.replace('|', "\\|").replace('\n', " "));
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = row(header) + &format!("|{}\n", "---|".repeat(N));
    rows.for_each(|cells| text += &row(cells));
    text
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn shown_time(time: Duration) -> String {
    match milliseconds(time) {
        short @ ..1000 => format!("{short} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// The time to the minute, in UTC.
fn date(moment: OffsetDateTime) -> String {
    let (date, hour, minute) = (moment.date(), moment.hour(), moment.minute());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(title: &str, end: End, took: u64) -> Taken {
        Taken {
            title: title.to_owned(),
            end,
            took: Duration::from_millis(took),
        }
    }

    /// The record of a trial with these steps, as a page and for programs.
    fn record(
        steps: &[Taken],
        log: Option<&[InvocationLine]>,
        answers: &[(OpenQuestion, String)],
    ) -> (String, Value) {
        let subject = Subject {
            function: "migration".to_owned(),
            source_pool: "eu-west-1_Old".to_owned(),
            destination_pool: "eu-west-1_New".to_owned(),
            client: "1example".to_owned(),
            settings: vec![("MIGRATION_MARK", "custom:migration".to_owned())],
        };
        let record = Record {
            subject: &subject,
            began: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_763_800_000),
            steps,
            log,
            answers,
        };
        (record.markdown(), record.json())
    }

    fn ok(detail: &str) -> End {
        End::Ok(detail.to_owned())
    }

    #[test]
    fn a_page_says_when_what_happened_and_how_long_it_took() {
        let log = [InvocationLine {
            trigger: "UserMigration_Authentication".into(),
            outcome: "migrated".into(),
            duration_ms: 42,
            ..InvocationLine::default()
        }];
        let steps = [
            taken("Sign in", ok("a|b\nc"), 1_240),
            taken("Call the API", End::LeftOut("there is none".to_owned()), 0),
            taken("Delete", ok(""), 90),
        ];
        let answers = [(OpenQuestion::PreSignUp, "it does".to_owned())];
        let (page, json) = record(&steps, Some(&log), &answers);
        assert_eq!(
            page,
            "# Trial of the migration eu-west-1_Old → eu-west-1_New

|  |  |
|---|---|
| date | 2025-11-22 08:26 UTC |
| result | The migration works. |
| function | migration |
| source pool | eu-west-1_Old |
| destination pool | eu-west-1_New |
| app client | 1example |
| MIGRATION_MARK | custom:migration |

## What the account did

| step |  | took |  |
|---|---|---|---|
| Sign in | ok | 1.2 s | a\\|b c |
| Call the API | left out |  | there is none |
| Delete | ok | 90 ms |  |

## Which triggers called the function

| trigger | outcome | times | longest |
|---|---|---|---|
| UserMigration_Authentication | migrated | 1 | 42 ms |

Others who used the function at the same time are among them.

## What AWS's documentation leaves open

| name | question | answer |
|---|---|---|
| pre_sign_up | Is pre_sign_up called for a migration, and as what? | it does |
"
        );
        assert_eq!(json["ok"], true);
        assert_eq!(json["answers"]["pre_sign_up"], "it does");
        assert_eq!(json["steps"][0]["ms"], 1240);
        assert_eq!(json["triggers"][0]["longest_ms"], 42);
    }

    #[test]
    fn a_page_says_that_it_failed_or_was_interrupted() {
        let failed = End::Failed("no".to_owned());
        for (end, result) in [(failed, "failed"), (End::Interrupted, "was interrupted")] {
            let steps = [taken("Sign in", end, 1), taken("Delete", ok(""), 1)];
            let (page, json) = record(&steps, None, &[]);
            assert_eq!(json["ok"], false);
            assert!(page.contains(&format!("| It {result}. |")), "{page}");
            assert!(page.contains("could not be read"), "{page}");
        }
    }
}
