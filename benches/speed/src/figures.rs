//! Measured values, and the table of them.

use std::collections::BTreeMap;

/// The account of the source pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PoolAccount {
    /// The function's own account.
    Same,
    /// Another one, where the function has to assume a role.
    Other,
}

/// The measured figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Figure {
    /// From the start of the process until it asked for its first invocation.
    Ready,
    /// From the start of the process, with a sign-in waiting, to the answer.
    StartToAnswer(PoolAccount),
    /// Processor time of the same.
    CpuOfFirst,
    /// Every sign-in but the first, the source pool at no distance.
    WarmNear,
    /// Processor time of each.
    CpuOfWarm,
    /// Every sign-in but the first, the source pool at a distance.
    Warm(PoolAccount),
    /// The most memory that was ever in use.
    Memory,
    /// Calls of Cognito for each sign-in.
    SourceCalls,
    /// Calls of STS for each sign-in.
    StsCalls,
}

/// The rows of the table: name, unit, figure, percentile.
const ROWS: [(&str, &str, Figure, usize); 13] = {
    use Figure::*;
    use PoolAccount::{Other, Same};
    [
        ("process start → ready", "ms", Ready, 50),
        ("CPU time until the first answer", "ms", CpuOfFirst, 50),
        (
            "process start → first answer, sign-in waiting, 50 ms",
            "ms",
            StartToAnswer(Same),
            50,
        ),
        (
            "process start → first answer, sign-in waiting, 50 ms, cross-account",
            "ms",
            StartToAnswer(Other),
            50,
        ),
        ("warm sign-in, 0 ms, p50", "ms", WarmNear, 50),
        ("warm sign-in, 0 ms, p99", "ms", WarmNear, 99),
        ("warm sign-in, 50 ms, p50", "ms", Warm(Same), 50),
        ("warm sign-in, 50 ms, p99", "ms", Warm(Same), 99),
        (
            "warm sign-in, 50 ms, cross-account, p50",
            "ms",
            Warm(Other),
            50,
        ),
        ("CPU per warm sign-in", "ms", CpuOfWarm, 50),
        ("peak memory", "MB", Memory, 50),
        ("calls to the source per sign-in", "", SourceCalls, 50),
        ("calls to STS per sign-in, cross-account", "", StsCalls, 50),
    ]
};

/// The values of one candidate: by figure, those of each round.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    rounds: usize,
    values: BTreeMap<Figure, BTreeMap<usize, Vec<f64>>>,
}

impl Figures {
    pub(crate) fn begin_round(&mut self) {
        self.rounds += 1;
    }

    pub(crate) fn add(&mut self, figure: Figure, value: f64) {
        let of_figure = self.values.entry(figure).or_default();
        of_figure.entry(self.rounds).or_default().push(value);
    }

    /// The percentile over everything measured, and as text with the least and the greatest that a single round had.
    fn percentile(&self, figure: Figure, percent: usize, unit: &str) -> (f64, String) {
        let rounds = || self.values.get(&figure).into_iter().flatten();
        let of_rounds = rounds().map(|(_, values)| percentile(values.clone(), percent));
        let of_rounds: Vec<_> = of_rounds.collect();
        let value = percentile(rounds().flat_map(|(_, all)| all.clone()).collect(), percent);
        let least = number(percentile(of_rounds.clone(), 0));
        let greatest = number(percentile(of_rounds, 100));
        let mut text = format!("{} {unit}", number(value)).trim_end().to_owned();
        if least != greatest {
            text += &format!(" ({least}–{greatest})");
        }
        (value, text)
    }
}

fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let at = (last * percent).div_ceil(100);
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// Three digits that count, more before the point.
fn number(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        ..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// The table in Markdown: a column for each candidate, and how many times the last one's value is the first one's.
pub(crate) fn table(candidates: [(&str, &Figures); 3]) -> String {
    let [(ours, _), (by_token, _), (reference, _)] = candidates;
    let mut text = format!(
        "| | {ours} | {by_token} | {reference} | {reference} ÷ {ours} |\n| --- | ---: | ---: | ---: | ---: |\n"
    );
    for (name, unit, figure, percent) in ROWS {
        let values = candidates.map(|(_, figures)| figures.percentile(figure, percent, unit));
        let [(ours, _), _, (reference, _)] = values;
        let ratio = reference / ours;
        let ratio = if ratio.is_finite() {
            number(ratio)
        } else {
            "–".to_owned()
        };
        let cells = values.map(|(_, text)| text).join(" | ");
        text += &format!("| {name} | {cells} | {ratio} |\n");
    }
    text
}
