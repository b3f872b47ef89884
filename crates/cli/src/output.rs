//! The answer of a command, and its layout on a terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use console::{Style, Term};
use serde_json::Value;

/// The answer of a command: a text for the standard output.
pub(crate) struct Output {
    pub(crate) text: String,
    /// Whether no check has failed.
    pub(crate) is_good: bool,
}

impl Output {
    /// Nothing has failed.
    pub(crate) fn good(text: String) -> Self {
        Output {
            text,
            is_good: true,
        }
    }
}

/// An answer for a program.
pub(crate) fn json(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The width where the terminal does not name one.
const COLUMNS: usize = 80;

/// The width of the terminal; `None` where the standard output is not a terminal.
pub(crate) fn terminal() -> Option<usize> {
    let terminal = Term::stdout();
    let size = terminal.is_term().then(|| terminal.size_checked());
    size.map(|size| match size {
        Some((_, columns)) if columns > 0 => columns.into(),
        _ => COLUMNS,
    })
}

/// A table with this header, as wide as the terminal.
pub(crate) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    if let Some(columns) = terminal() {
        table.set_width(columns.try_into().unwrap_or(u16::MAX));
    }
    table
}

/// A line of a diagram.
pub(crate) struct Bar {
    /// The name, on the left.
    pub(crate) name: String,
    /// The part of the bar that is filled, from 0 to 1.
    pub(crate) share: f64,
    /// The count, on the right.
    pub(crate) label: String,
    /// Whether it is a good result.
    pub(crate) is_good: bool,
}

/// Lines with bars between names and labels, together as wide as the terminal; without one the bars have their usual width.
/// Colours only where the terminal shows them and nothing forbids them (`NO_COLOR`).
pub(crate) fn bars(lines: &[Bar], terminal: Option<usize>) -> String {
    let width = |text: fn(&Bar) -> &str| lines.iter().map(|bar| text(bar).chars().count()).max();
    let names = width(|bar| &bar.name).unwrap_or_default();
    let labels = width(|bar| &bar.label).unwrap_or_default();
    let columns = terminal.map_or(USUAL_BAR, |columns| {
        columns.saturating_sub(names + labels + 2).max(LEAST_BAR)
    });
    let mut text = String::new();
    for line in lines {
        let Bar {
            name,
            share,
            label,
            is_good,
        } = line;
        let mut bar = bar(*share, columns, ' ');
        if terminal.is_some() {
            bar = painted(&bar, *is_good);
        }
        text += &format!("{name:<names$} {bar} {label}\n");
    }
    text
}

/// The columns of a bar where there is no terminal.
const USUAL_BAR: usize = 30;
/// A bar is no shorter, however narrow the terminal is.
const LEAST_BAR: usize = 5;

/// A bar in the colour of a good or a bad result.
pub(crate) fn painted(bar: &str, is_good: bool) -> String {
    let style = Style::new();
    let style = if is_good {
        style.green()
    } else {
        style.yellow()
    };
    style.apply_to(bar).to_string()
}

/// A bar of that many columns, filled to its share; a share above zero is seen, and only a whole one is full.
pub(crate) fn bar(share: f64, columns: usize, empty: char) -> String {
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

/// A number in a table.
pub(crate) fn number(number: u64) -> Cell {
    Cell::new(grouped(number)).set_alignment(CellAlignment::Right)
}

/// A number with commas.
pub(crate) fn grouped(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
