//! The answer of a command, and how it looks on a terminal.

use std::io::{self, IsTerminal as _};

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use serde_json::Value;

/// The answer of a command: a text for the standard output.
pub(crate) struct Output {
    pub(crate) text: String,
    /// Nothing that was looked at has failed.
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

/// A table with this header, as wide as the terminal.
pub(crate) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    if let Some(columns) = columns(io::stdout().is_terminal(), table.width()) {
        table.set_width(columns);
    }
    table
}

/// The width of a terminal that says none.
const COLUMNS: u16 = 80;

/// How many columns a table gets that would not find out by itself.
fn columns(is_terminal: bool, width: Option<u16>) -> Option<u16> {
    let says_none = width.is_none_or(|columns| columns == 0);
    (is_terminal && says_none).then_some(COLUMNS)
}

/// A number in a table.
pub(crate) fn number(number: u64) -> Cell {
    Cell::new(grouped(number)).set_alignment(CellAlignment::Right)
}

/// A number with commas.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_without_a_width_gets_80_columns() {
        for (is_terminal, width, columns) in [
            (true, None, Some(80)),
            (true, Some(0), Some(80)),
            (true, Some(132), None),
            (false, None, None),
        ] {
            assert_eq!(super::columns(is_terminal, width), columns, "{width:?}");
        }
    }

    #[test]
    fn numbers_have_commas() {
        for (plain, shown) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(plain), shown);
        }
    }
}
