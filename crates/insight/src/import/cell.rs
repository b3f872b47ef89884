//! The encoding of a value in a row.
//!
//! AWS describes the format in prose, which does not say what a backslash or a quotation mark means. A user with such a value
//! is left out: a misread row would silently make a wrong account.

use std::collections::BTreeMap;

use super::left_out::LeftOut;
use crate::schema;

/// The value of an attribute as its column takes it.
pub(super) fn cell(column: &str, value: &str) -> Result<String, LeftOut> {
    match column {
        _ if value.is_empty() => Ok(String::new()),
        "birthdate" => birthday(value).ok_or(LeftOut::UnreadableDate),
        "updated_at" if !is_in_seconds(value) => Err(LeftOut::UnreadableDate),
        _ => written(value),
    }
}

/// Whether the import can read the dates among these attributes.
pub(super) fn has_readable_dates(attributes: &BTreeMap<String, String>) -> bool {
    attributes
        .iter()
        .all(|(name, value)| cell(name, value) != Err(LeftOut::UnreadableDate))
}

/// A value in a row: without quotation marks, and with a backslash before each comma.
pub(super) fn written(value: &str) -> Result<String, LeftOut> {
    match value.contains(is_doubtful) {
        true => Err(LeftOut::UnwritableValue),
        false => Ok(value.replace(',', "\\,")),
    }
}

/// Whether AWS does not say how an import reads this character. Unicode has line ends of its own, and the byte order mark.
fn is_doubtful(c: char) -> bool {
    c.is_control() || matches!(c, '\\' | '"' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// A day as pools hold it (`yyyy-mm-dd`) in the form of an import (`mm/dd/yyyy`). The year 0 is not a year of birth, and
/// would become one two thousand years ago.
pub(super) fn birthday(value: &str) -> Option<String> {
    if !schema::is_day(value) {
        return None;
    }
    let (year, day_of_year) = value.split_once('-')?;
    let (month, day) = day_of_year.split_once('-')?;
    (year != "0000").then(|| format!("{month}/{day}/{year}"))
}

/// Whether this is a number of seconds since 1970. One with more digits counts milliseconds.
pub(super) fn is_in_seconds(value: &str) -> bool {
    value.len() <= 11 && value.bytes().all(|b| b.is_ascii_digit())
}
