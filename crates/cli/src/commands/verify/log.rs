//! Reads the function's log of a trial.

use std::collections::{BTreeMap, BTreeSet};

use rules::protocol::{InvocationLine, TriggerSource};

/// The lines about invocations. The function and Lambda log other things, too.
pub(super) fn read(lines: &[String]) -> Vec<InvocationLine> {
    let line = |text: &String| serde_json::from_str(text).ok();
    lines.iter().filter_map(line).collect()
}

/// Whether the log shows the migration of this user at a sign-in.
pub(super) fn shows_migration(lines: &[InvocationLine], sub: &str) -> bool {
    lines.iter().any(|line| {
        line.trigger == TriggerSource::SignIn.as_str() && line.source_sub.as_deref() == Some(sub)
    })
}

/// Whether Cognito called `pre_sign_up` for the migration of the user with this `sub` in the source pool, in words.
pub(super) fn pre_sign_up(lines: &[InvocationLine], sub: &str) -> String {
    // The function calls a trigger "unknown" that it does not serve.
    let is_one = |line: &&InvocationLine| {
        line.trigger.starts_with("PreSignUp_") || line.trigger == "unknown"
    };
    let called: Vec<_> = lines.iter().filter(is_one).collect();
    let triggers: BTreeSet<_> = called.iter().map(|line| &*line.trigger).collect();
    let triggers = triggers.into_iter().collect::<Vec<_>>().join(", ");
    let told = match triggers.as_str() {
        "" => "it does not, which is not as documented".to_owned(),
        triggers => {
            format!(
                "it does, as documented. The trigger is {triggers}, which AWS does not document"
            )
        }
    };
    let is_ours = |line: &InvocationLine| line.source_sub.as_deref().is_none_or(|held| held == sub);
    if called.len() <= 1 && lines.iter().all(is_ours) {
        return told;
    }
    format!(
        "{told}. Others used the function at the same time, so that can be theirs: look again when no others do"
    )
}

/// The count of a trigger's outcome, and the longest duration.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TriggerTimes {
    pub number: u64,
    pub longest_ms: u64,
}

/// The triggers that were called, with their outcomes.
pub(super) fn triggers(lines: &[InvocationLine]) -> BTreeMap<(String, String), TriggerTimes> {
    let mut triggers: BTreeMap<_, TriggerTimes> = BTreeMap::new();
    for line in lines {
        let outcome = match &line.reason {
            Some(reason) => format!("{}, {reason}", line.outcome),
            None => line.outcome.to_string(),
        };
        let times = triggers
            .entry((line.trigger.to_string(), outcome))
            .or_default();
        times.number += 1;
        times.longest_ms = times.longest_ms.max(line.duration_ms);
    }
    triggers
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "7c7f";

    fn line(trigger: &'static str, outcome: &'static str) -> InvocationLine {
        InvocationLine {
            trigger: trigger.into(),
            outcome: outcome.into(),
            ..InvocationLine::default()
        }
    }

    fn migrated(sub: &str, duration_ms: u64) -> InvocationLine {
        InvocationLine {
            duration_ms,
            source_sub: Some(sub.to_owned()),
            ..line("UserMigration_Authentication", "migrated")
        }
    }

    #[test]
    fn only_lines_about_invocations_count() {
        let ours = serde_json::to_string(&migrated(OURS, 7)).unwrap();
        let lines = [
            r#"{"type":"platform.start"}"#,
            r#"{"_aws":{},"Migrated":1}"#,
            r#"{"trigger":"x"}"#,
            "no JSON",
            &ours,
        ];
        let read = read(&lines.map(str::to_owned));
        assert_eq!(read, [migrated(OURS, 7)]);
        assert!(shows_migration(&read, OURS));
        assert!(!shows_migration(&read, "8d8a"));
        let allowed = InvocationLine {
            source_sub: Some(OURS.to_owned()),
            ..line("PreSignUp_SignUp", "allowed")
        };
        assert!(!shows_migration(&[allowed], OURS));
    }

    #[test]
    fn a_call_of_pre_sign_up_is_named_and_doubted_where_others_use_the_function() {
        for row in [
            "→ it does not, which is not as documented",
            "allowed → The trigger is PreSignUp_AdminCreateUser,",
            "unknown → The trigger is unknown,",
            "allowed others → PreSignUp_AdminCreateUser,",
            "allowed unknown → PreSignUp_AdminCreateUser, unknown,",
            "others → it does not",
        ] {
            let (lines, told) = row.split_once("→ ").unwrap();
            let doubted = ["others ", "allowed others ", "allowed unknown "].contains(&lines);
            let others = lines.split_whitespace().map(|word| match word {
                "allowed" => line("PreSignUp_AdminCreateUser", "allowed"),
                "unknown" => line("unknown", "rejected"),
                _ => migrated("8d8a", 7),
            });
            let lines: Vec<_> = [migrated(OURS, 7)].into_iter().chain(others).collect();
            let answer = pre_sign_up(&lines, OURS);
            assert!(answer.contains(told), "{answer}");
            assert_eq!(answer.contains("can be theirs"), doubted, "{answer}");
        }
    }

    #[test]
    fn triggers_are_counted_by_outcome_with_the_longest_time() {
        let rejected = InvocationLine {
            reason: Some("wrong_credentials".into()),
            ..line("UserMigration_Authentication", "rejected")
        };
        let counted = triggers(&[migrated(OURS, 9), migrated(OURS, 7), rejected]);
        let counted = counted.iter().map(|((trigger, outcome), times)| {
            format!("{trigger} {outcome} {} {}", times.number, times.longest_ms)
        });
        assert!(counted.eq([
            "UserMigration_Authentication migrated 2 9",
            "UserMigration_Authentication rejected, wrong_credentials 1 0",
        ]));
    }
}
