//! The CSV file: a line for every user.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufReader, BufWriter, Seek as _},
    path::{Path, PathBuf},
};

use insight::{finding::Finding, plan::Foreseen};
use rules::evidence::ListedUser;
use tempfile::NamedTempFile;

use crate::{
    files::{cannot_write, folder_of, new_file},
    problem::CommandResult,
};

/// The lines. The users wait in a temporary file until their results are known.
pub(super) struct Rows {
    path: PathBuf,
    file: NamedTempFile,
    users: csv::Writer<BufWriter<File>>,
    usernames: bool,
}

impl Rows {
    /// A file that does not exist yet.
    pub(super) fn new(path: &Path, usernames: bool) -> CommandResult<Self> {
        let file = new_file(path)?;
        let beside = tempfile::tempfile_in(folder_of(path));
        let beside = beside.map_err(|error| cannot_write(path, &error))?;
        Ok(Rows {
            path: path.to_owned(),
            file,
            users: csv::Writer::from_writer(BufWriter::new(beside)),
            usernames,
        })
    }

    /// Remembers a user.
    pub(super) fn remember(&mut self, user: &ListedUser) -> CommandResult<()> {
        let sub = user.identity.attribute("sub").unwrap_or_default();
        let name = match self.usernames {
            true => no_formula(&user.identity.username),
            false => "".into(),
        };
        let written = self.users.write_record([sub, &name]);
        written.map_err(|error| cannot_write(&self.path, &error.into()))
    }

    /// Writes a line for each user who was remembered, and gives the file its name.
    pub(super) fn write(self, users: impl Iterator<Item = Foreseen>) -> CommandResult<()> {
        let Rows {
            path,
            file,
            users: remembered,
            usernames,
        } = self;
        let write = || -> io::Result<NamedTempFile> {
            let mut remembered = remembered
                .into_inner()
                .map_err(|error| error.into_error())?
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?;
            remembered.rewind()?;
            let mut remembered = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(BufReader::new(remembered));
            let mut lines = csv::Writer::from_writer(BufWriter::new(file));
            let mut header = vec!["sub", "result", "sign_in", "forgot_password", "findings"];
            header.extend(usernames.then_some("username"));
            lines.write_record(header)?;
            for (user, foreseen) in remembered.records().zip(users) {
                let user = user?;
                let findings: Vec<_> = foreseen.findings.iter().map(Finding::as_str).collect();
                let findings = findings.join(" ");
                let mut line = vec![
                    &user[0],
                    foreseen.result.as_str(),
                    foreseen.sign_in.as_str(),
                    foreseen.forgot_password.as_str(),
                    &findings,
                ];
                line.extend(usernames.then_some(&user[1]));
                lines.write_record(line)?;
            }
            let lines = lines.into_inner().map_err(|error| error.into_error())?;
            lines.into_inner().map_err(io::IntoInnerError::into_error)
        };
        let written = write().map_err(|error| cannot_write(&path, &error))?;
        let named = written.persist_noclobber(&path);
        named
            .map(drop)
            .map_err(|error| cannot_write(&path, &error.error))
    }
}

/// A name as text for spreadsheets, which take one that begins so for a formula, and run it. Users choose their names.
fn no_formula(name: &str) -> Cow<'_, str> {
    match name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{name}").into(),
        false => name.into(),
    }
}
