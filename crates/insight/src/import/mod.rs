//! The rows of the files from which Cognito imports users, and the reasons to leave a user out.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html>
//!
//! An imported user gets the same as a migrated one: `candidate` decides who may be imported, and `cell`, `form` and `filled`
//! write the row.

mod candidate;
mod cell;
mod filled;
mod form;
mod left_out;
#[cfg(test)]
mod tests;

use rules::evidence::ListedUser;

use crate::plan::Plan;
use candidate::Candidate;

pub use filled::Filled;
pub use form::ImportForm;
pub use left_out::LeftOut;

/// A row of an import file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// The row, without its end.
    pub line: String,
    /// The names and addresses that no other user of the destination pool may have.
    pub names: Vec<String>,
    /// The attributes that stay behind, because their values cannot be written.
    pub left_behind: Vec<String>,
}

/// An import of users of the source pool.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// The settings and the pools.
    pub plan: Plan<'a>,
    /// The form of the import.
    pub form: &'a ImportForm,
}

impl Import<'_> {
    /// The row of a user, as far as no other user matters.
    pub fn row(&self, user: &ListedUser) -> Result<ImportRow, LeftOut> {
        let candidate = Candidate::new(&self.plan, self.form, user)?;
        self.row_of(&candidate, vec![])
    }

    /// The row of a user whose attributes stay behind where their values cannot be written. What the destination pool needs
    /// does not: required attributes, the user name, and a verified contact.
    pub fn row_without_unwritable(&self, user: &ListedUser) -> Result<ImportRow, LeftOut> {
        let mut candidate = Candidate::new(&self.plan, self.form, user)?;
        let left_behind = candidate.leave_unwritable_behind(&self.plan, self.form)?;
        self.row_of(&candidate, left_behind)
    }

    fn row_of(
        &self,
        candidate: &Candidate,
        left_behind: Vec<String>,
    ) -> Result<ImportRow, LeftOut> {
        Ok(ImportRow {
            line: self.form.line(&candidate.name, &candidate.attributes)?,
            names: candidate.unique_names(&self.plan),
            left_behind,
        })
    }
}
