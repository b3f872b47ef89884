//! The effects of another value of one setting, from the same reading of the source pool.

use insight::{
    acceptance::UserResult, alternatives::alternatives, plan::Plan, survey::Survey, tally::Tally,
};
use serde_json::{Map, Value, json};

use crate::{meanings::RESULTS, output, problem::CommandResult, spool::Spool};

/// The effect of another choice.
pub(crate) struct OtherSettings {
    name: &'static str,
    value: &'static str,
    tally: Tally,
}

impl OtherSettings {
    /// The tally of these users under each other choice.
    pub(crate) fn all(plan: &Plan<'_>, users: &mut Spool) -> CommandResult<Vec<Self>> {
        let mut all = vec![];
        for alternative in alternatives(plan.settings, plan.source.mfa) {
            let mut survey = Survey::new(Plan {
                settings: &alternative.settings,
                ..*plan
            });
            users.each(|user| survey.add(user))?;
            let mut tally = Tally::default();
            survey.users().for_each(|foreseen| tally.add(&foreseen));
            all.push(OtherSettings {
                name: alternative.name,
                value: alternative.value,
                tally,
            });
        }
        Ok(all)
    }

    /// The change for a program.
    pub(crate) fn json(&self) -> Value {
        let mut set = Map::new();
        set.insert(self.name.to_owned(), self.value.into());
        json!({"set": set, "result": self.tally.result})
    }

    /// The difference to the tally of the settings in force; `None` where there is none.
    pub(crate) fn change(&self, now: &Tally) -> Option<Change> {
        let mut changes = vec![];
        for (result, _) in RESULTS {
            let (then, now) = (self.tally.with_result(result), now.with_result(result));
            if then != now {
                let word = if then > now { "more" } else { "fewer" };
                let number = output::grouped(then.abs_diff(now));
                changes.push(format!("{number} {word} {}", they(result)));
            }
        }
        (!changes.is_empty()).then(|| Change {
            setting: format!("{}={}", self.name, self.value),
            becomes: changes.join(", "),
        })
    }
}

/// The effect of another value, in words.
pub(crate) struct Change {
    /// The variable with that value.
    pub(crate) setting: String,
    /// The change in each result's number of users.
    pub(crate) becomes: String,
}

fn they(result: UserResult) -> &'static str {
    match result {
        UserResult::Moves => "move",
        UserResult::MovesAfterReset => "move after a reset",
        UserResult::Stays => "stay",
        UserResult::Refused(_) => "are refused",
        UserResult::LockedOut => "are locked out",
    }
}
