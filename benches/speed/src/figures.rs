//! Measured values, and the rows of the table.

use std::{collections::BTreeMap, time::Duration};

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
    CpuOfFirst(PoolAccount),
    /// The first sign-in of a process that had a moment.
    First(PoolAccount, Duration),
    /// Every further sign-in.
    Warm(PoolAccount, Duration),
    /// Processor time of each.
    CpuOfWarm(PoolAccount, Duration),
    /// The most memory that was ever in use, in megabytes.
    Memory(PoolAccount),
    /// Calls of Cognito per sign-in.
    SourceCalls(PoolAccount),
    /// Calls of STS per sign-in.
    StsCalls(PoolAccount),
    /// From the start of the process, with a sign-in waiting, to the answer, at the share of a core for so many MB.
    StartWithin(u64),
    /// Every further sign-in at that share.
    WarmWithin(u64),
}

/// The values of one candidate, by figure and round. Times are in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    rounds: usize,
    values: BTreeMap<Figure, BTreeMap<usize, Vec<f64>>>,
}

impl Figures {
    pub(crate) fn begin_round(&mut self) {
        self.rounds += 1;
    }

    pub(crate) fn add(&mut self, figure: Figure, time: Duration) {
        self.add_number(figure, time.as_secs_f64() * 1000.0);
    }

    pub(crate) fn add_number(&mut self, figure: Figure, value: f64) {
        let of_figure = self.values.entry(figure).or_default();
        of_figure.entry(self.rounds).or_default().push(value);
    }

    /// The percentile over everything measured, and the least and the greatest that a single round had.
    pub(crate) fn percentile(&self, figure: Figure, percent: usize) -> Summary {
        let rounds = self.values.get(&figure).into_iter().flatten();
        let mut all = Vec::new();
        let mut of_rounds = Vec::new();
        for (_, values) in rounds {
            all.extend_from_slice(values);
            of_rounds.push(percentile(values.clone(), percent));
        }
        Summary {
            value: percentile(all, percent),
            least: of_rounds.iter().copied().fold(f64::NAN, f64::min),
            greatest: of_rounds.iter().copied().fold(f64::NAN, f64::max),
        }
    }
}

fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values
        .get((last * percent).div_ceil(100))
        .copied()
        .unwrap_or(f64::NAN)
}

/// A value and its spread over the rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    pub value: f64,
    pub least: f64,
    pub greatest: f64,
}

impl Summary {
    /// A value that does not vary.
    pub(crate) fn exact(value: f64) -> Self {
        Self {
            value,
            least: value,
            greatest: value,
        }
    }

    /// The same in another unit.
    pub(crate) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            value: change(self.value),
            least: change(self.least),
            greatest: change(self.greatest),
        }
    }

    /// `4.12 ms (4.02–5.10)`; without a spread where there is none.
    pub(crate) fn text(&self, unit: &str) -> String {
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!(" {unit}")
        };
        let value = number(self.value);
        let (least, greatest) = (number(self.least), number(self.greatest));
        if least == greatest {
            format!("{value}{unit}")
        } else {
            format!("{value}{unit} ({least}–{greatest})")
        }
    }
}

/// Three digits that count, more before the point.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        ..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => {
            let digits = format!("{value:.0}");
            let mut text = String::new();
            for (index, digit) in digits.chars().enumerate() {
                if index > 0 && (digits.len() - index).is_multiple_of(3) {
                    text.push(',');
                }
                text.push(digit);
            }
            text
        }
    }
}
