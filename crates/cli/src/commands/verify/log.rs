//! What the function's log tells of a trial.

use std::collections::{BTreeMap, BTreeSet};

use rules::protocol::TriggerSource;
use serde::Deserialize;

/// The function's line about an invocation. It names nobody.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    pub trigger: String,
    pub outcome: String,
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub duration_ms: u64,
    #[serde(default)]
    pub source_sub: Option<String>,
}

/// The lines about invocations. The function and Lambda log other things, too.
pub(super) fn read(lines: &[String]) -> Vec<Line> {
    let line = |text: &String| serde_json::from_str(text).ok();
    lines.iter().filter_map(line).collect()
}

/// Whether the log shows the migration of this user at a sign-in.
pub(super) fn shows_migration(lines: &[Line], sub: &str) -> bool {
    lines.iter().any(|line| {
        line.trigger == TriggerSource::SignIn.as_str() && line.source_sub.as_deref() == Some(sub)
    })
}

/// Whether Cognito called `pre_sign_up` for the migration of the user with this `sub` in the source pool, in words.
pub(super) fn pre_sign_up(lines: &[Line], sub: &str) -> String {
    // The function calls a trigger "unknown" that it does not serve.
    let is_one = |line: &&Line| line.trigger.starts_with("PreSignUp_") || line.trigger == "unknown";
    let called: Vec<_> = lines.iter().filter(is_one).collect();
    let triggers: BTreeSet<_> = called.iter().map(|line| line.trigger.as_str()).collect();
    let triggers = triggers.into_iter().collect::<Vec<_>>().join(", ");
    let told = match triggers.as_str() {
        "" => "it does not, which is not as documented".to_owned(),
        triggers => {
            format!(
                "it does, as documented. The trigger is {triggers}, which AWS does not document"
            )
        }
    };
    let is_ours = |line: &Line| line.source_sub.as_deref().is_none_or(|held| held == sub);
    if called.len() <= 1 && lines.iter().all(is_ours) {
        return told;
    }
    format!(
        "{told}. Others used the function at the same time, so that can be theirs: look again when nobody does"
    )
}

/// How often a trigger ended in an outcome, and the longest time that it took.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Times {
    pub number: u64,
    pub longest_ms: u64,
}

/// Which triggers were called, and to what end.
pub(super) fn triggers(lines: &[Line]) -> BTreeMap<(String, String), Times> {
    let mut triggers: BTreeMap<_, Times> = BTreeMap::new();
    for line in lines {
        let outcome = match &line.reason {
            Some(reason) => format!("{}, {reason}", line.outcome),
            None => line.outcome.clone(),
        };
        let times = triggers.entry((line.trigger.clone(), outcome)).or_default();
        times.number += 1;
        times.longest_ms = times.longest_ms.max(line.duration_ms);
    }
    triggers
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "7c7f";
    const MIGRATED: &str = r#"{"trigger":"UserMigration_Authentication","outcome":"migrated","duration_ms":7,"source_sub":"7c7f"}"#;
    const ALLOWED: &str =
        r#"{"trigger":"PreSignUp_AdminCreateUser","outcome":"allowed","duration_ms":1}"#;

    fn lines(texts: &[&str]) -> Vec<Line> {
        read(
            &texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn only_lines_about_invocations_count() {
        let read = lines(&[
            r#"{"type":"platform.start"}"#,
            r#"{"_aws":{},"Migrated":1}"#,
            r#"{"trigger":"x"}"#,
            "no JSON",
            MIGRATED,
        ]);
        assert_eq!(read.len(), 1);
        assert!(shows_migration(&read, OURS));
        assert!(!shows_migration(&read, "8d8a"));
        assert!(!shows_migration(&lines(&[ALLOWED]), OURS));
    }

    #[test]
    fn a_call_of_pre_sign_up_is_named_and_doubted_where_others_use_the_function() {
        let others = MIGRATED.replace(OURS, "8d8a");
        let unknown = r#"{"trigger":"unknown","outcome":"rejected","reason":"unknown_trigger"}"#;
        for (texts, told, doubted) in [
            (
                &[MIGRATED][..],
                "it does not, which is not as documented",
                false,
            ),
            (
                &[MIGRATED, ALLOWED],
                "The trigger is PreSignUp_AdminCreateUser,",
                false,
            ),
            (&[MIGRATED, unknown], "The trigger is unknown,", false),
            (
                &[MIGRATED, ALLOWED, &others],
                "PreSignUp_AdminCreateUser,",
                true,
            ),
            (
                &[MIGRATED, ALLOWED, unknown],
                "PreSignUp_AdminCreateUser, unknown,",
                true,
            ),
            (&[MIGRATED, &others], "it does not", true),
        ] {
            let answer = pre_sign_up(&lines(texts), OURS);
            assert!(answer.contains(told), "{answer}");
            assert_eq!(answer.contains("can be theirs"), doubted, "{answer}");
        }
    }

    #[test]
    fn triggers_are_counted_by_outcome_with_the_longest_time() {
        let slow = MIGRATED.replace('7', "9");
        let rejected = r#"{"trigger":"UserMigration_Authentication","outcome":"rejected","reason":"wrong_credentials"}"#;
        let counted = triggers(&lines(&[MIGRATED, &slow, rejected]));
        let of = |outcome: &str| {
            &counted[&(
                "UserMigration_Authentication".to_owned(),
                outcome.to_owned(),
            )]
        };
        assert_eq!(
            *of("migrated"),
            Times {
                number: 2,
                longest_ms: 9
            }
        );
        assert_eq!(
            *of("rejected, wrong_credentials"),
            Times {
                number: 1,
                longest_ms: 0
            }
        );
    }
}
