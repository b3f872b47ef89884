//! Measured values, and the table of them.

use std::ops::RangeInclusive;

/// The place of the source pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this machine.
    Near,
    /// 50 ms away.
    Far,
    /// 50 ms away in another account, where the function has to assume a role.
    OtherAccount,
}

/// The measured figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// From the start of the process until it asked for its first invocation.
    Ready,
    /// From the start of the process, with a sign-in waiting, to the answer.
    StartToAnswer,
    /// Processor time of the same.
    CpuOfFirst,
    /// Every further sign-in.
    Warm,
    /// Processor time of each.
    CpuOfWarm,
    /// The most memory that was ever in use.
    Memory,
}

const START: &str = "process start → first answer, sign-in waiting, 50 ms";
const WARM_ACROSS: &str = "warm sign-in, 50 ms, cross-account, p50";
const START_ACROSS: &str = "process start → first answer, sign-in waiting, 50 ms, cross-account";

/// The rows of the table: name, figure, place, percentile.
const ROWS: [(&str, Figure, Place, usize); 11] = {
    use Figure::*;
    use Place::*;
    [
        ("process start → ready", Ready, Far, 50),
        ("CPU time until the first answer", CpuOfFirst, Far, 50),
        (START, StartToAnswer, Far, 50),
        (START_ACROSS, StartToAnswer, OtherAccount, 50),
        ("warm sign-in, 0 ms, p50", Warm, Near, 50),
        ("warm sign-in, 0 ms, p99", Warm, Near, 99),
        ("warm sign-in, 50 ms, p50", Warm, Far, 50),
        ("warm sign-in, 50 ms, p99", Warm, Far, 99),
        (WARM_ACROSS, Warm, OtherAccount, 50),
        ("CPU per warm sign-in", CpuOfWarm, Near, 50),
        ("peak memory", Memory, Near, 50),
    ]
};

/// The values of one candidate, with their rounds.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    round: u32,
    values: Vec<(Figure, Place, u32, f64)>,
}

impl Figures {
    pub(crate) fn begin_round(&mut self) {
        self.round += 1;
    }

    pub(crate) fn add(&mut self, figure: Figure, place: Place, value: f64) {
        self.values.push((figure, place, self.round, value));
    }

    /// The percentile over everything measured, and as text with the least and the greatest that a single round had.
    fn percentile(&self, figure: Figure, place: Place, percent: usize) -> (f64, String) {
        let within = |rounds: RangeInclusive<u32>| {
            let values = self.values.iter();
            let values = values.filter(|(of, at, round, _)| {
                (*of, *at) == (figure, place) && rounds.contains(round)
            });
            percentile(values.map(|(.., value)| *value).collect(), percent)
        };
        let value = within(1..=self.round);
        let of_rounds: Vec<_> = (1..=self.round)
            .map(|round| within(round..=round))
            .collect();
        let [least, greatest] =
            [0, 100].map(|percent| number(percentile(of_rounds.clone(), percent)));
        let unit = if figure == Figure::Memory { "MB" } else { "ms" };
        let mut text = format!("{} {unit}", number(value));
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
    for (name, figure, place, percent) in ROWS {
        let values = candidates.map(|(_, figures)| figures.percentile(figure, place, percent));
        let [(ours, _), _, (reference, _)] = values;
        let ratio = number(reference / ours);
        let cells = values.map(|(_, text)| text).join(" | ");
        text += &format!("| {name} | {cells} | {ratio} |\n");
    }
    text
}
