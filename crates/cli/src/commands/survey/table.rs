//! The survey as a table.

use super::conclusions::{Conclusions, Line};
use crate::output;

/// The conclusions as text.
pub(super) fn for_people(all: &Conclusions<'_>) -> String {
    let Conclusions { from, to, .. } = all;
    let mut text = format!("{from} → {to}: {} users\n\n", output::grouped(all.users));
    if all.users == 0 {
        return text + "The source pool has no users.";
    }
    if let Some(off) = all.flow_that_is_off {
        text += &format!(
            "Every sign-in fails: the app client of the source pool does not allow {off}. What follows holds once it does.\n\n"
        );
    }
    let headline = all.headline.iter();
    let headline: Vec<_> = headline
        .map(|(number, words)| format!("{number} {words}"))
        .collect();
    text += &format!("{}\n\n", headline.join(" "));
    text += &bars(all);
    if !all.obstacles.is_empty() {
        let table = table(["result", "users", "why", "what to do"], &all.obstacles);
        text += &format!("{table}\n\n");
    }
    let answers = table(["outcome", "sign-in", "reset", "what to do"], &all.answers);
    text += &format!("What the function answers:\n\n{answers}\n\n");
    text += &match all.findings.as_slice() {
        [] => "Nothing else was found.\n".to_owned(),
        findings => {
            table(
                ["finding", "users", "what it means and what to do"],
                findings,
            ) + "\n"
        }
    };
    text += &match all.changes.as_slice() {
        [] => "\nNo other value of one setting would change a result.\n".to_owned(),
        changes => {
            let lines = changes.iter();
            let lines: Vec<_> = lines
                .map(|change| format!("  {}: {}\n", change.setting, change.becomes))
                .collect();
            format!(
                "\nWhat another value of one setting would change:\n{}",
                lines.concat()
            )
        }
    };
    for note in &all.notes {
        text += &format!("\n{note}");
    }
    text
}

/// The number of users for each result, as bars on a terminal.
fn bars(all: &Conclusions<'_>) -> String {
    let terminal = output::terminal();
    if terminal.is_none() {
        return String::new();
    }
    let widest = output::grouped(all.users).len();
    let ends = all.results.iter();
    let lines: Vec<_> = ends
        .map(|end| output::Bar {
            name: end.result.as_str().to_owned(),
            share: end.share,
            label: format!(
                "{:>widest$} {:5.1}%",
                output::grouped(end.users),
                end.share * 100.0
            ),
            is_good: end.result.is_good(),
        })
        .collect();
    output::bars(&lines, terminal) + "\n"
}

fn table<const N: usize>(header: [&str; N], lines: &[Line]) -> String {
    let mut table = output::table(header);
    for Line {
        name,
        result,
        counts,
        advice,
    } in lines
    {
        let counts = counts.iter().map(|users| output::number(*users));
        let mut row = vec![result.unwrap_or(name).into()];
        row.extend(counts);
        row.extend(result.map(|_| (*name).into()));
        row.push((*advice).into());
        table.add_row(row);
    }
    table.trim_fmt()
}
