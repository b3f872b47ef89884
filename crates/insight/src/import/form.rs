//! The columns of an import, and the rows that fill them.

use std::collections::BTreeMap;

use super::{
    cell::{cell, written},
    left_out::LeftOut,
};

/// The column of the user's name.
pub(super) const USER_NAME: &str = "cognito:username";
/// The column of the second factor. Empty, it takes the state that the pool demands.
pub(super) const MFA: &str = "cognito:mfa_enabled";

/// The most characters of a row, its end included.
pub(super) const LONGEST_ROW: usize = 16_000;

/// The form of an import into a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportForm {
    /// The columns, as GetCSVHeader names them.
    pub columns: Vec<String>,
    /// The contacts that the pool verifies by itself: `email`, `phone_number`.
    pub auto_verified: Vec<String>,
}

impl ImportForm {
    /// The first row; `None` if it cannot be written, or names no column of user names.
    pub fn header(&self) -> Option<String> {
        let names: Result<Vec<_>, _> = self.columns.iter().map(|name| written(name)).collect();
        let names = names.ok()?;
        self.has(USER_NAME).then(|| names.join(","))
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known == column)
    }

    /// The row of a user with this name and these attributes.
    pub(super) fn line(
        &self,
        name: &str,
        attributes: &BTreeMap<String, String>,
    ) -> Result<String, LeftOut> {
        let cells: Result<Vec<_>, _> = self
            .columns
            .iter()
            .map(|column| match column.as_str() {
                USER_NAME => written(name),
                MFA => Ok(String::new()),
                column => cell(column, attributes.get(column).map_or("", String::as_str)),
            })
            .collect();
        let line = cells?.join(",");
        // The reader may count as Java does.
        match line.encode_utf16().count() < LONGEST_ROW {
            true => Ok(line),
            false => Err(LeftOut::RowTooLong),
        }
    }
}
