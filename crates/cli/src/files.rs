//! Files of an operator. A written file appears under its name only once it is complete.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use tempfile::NamedTempFile;

use crate::problem::{CommandResult, Problem};

/// Reads a file of an operator.
pub(crate) fn text_of(path: &Path) -> CommandResult<String> {
    fs::read_to_string(path).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "it does not exist".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            io::ErrorKind::InvalidData => "it is no text".to_owned(),
            _ => error.to_string(),
        };
        Problem::usage(format!("{} cannot be read: {reason}.", path.display()))
    })
}

/// A temporary file that gets this name once it is complete. It is readable by its owner only, and replaces no other.
pub(crate) fn new_file(path: &Path) -> CommandResult<NamedTempFile> {
    if path.exists() {
        let path = path.display();
        return Err(Problem::cannot(format!(
            "{path} exists: name another file, or remove it."
        )));
    }
    NamedTempFile::new_in(folder_of(path)).map_err(|error| cannot_write(path, &error))
}

/// Writes a text into such a file, and gives it its name.
pub(crate) fn keep(mut file: NamedTempFile, path: &Path, text: &str) -> CommandResult<()> {
    let written = file.write_all(text.as_bytes());
    written.map_err(|error| cannot_write(path, &error))?;
    let named = file.persist_noclobber(path);
    named
        .map(drop)
        .map_err(|error| cannot_write(path, &error.error))
}

/// The folder in which a file is to be.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The problem for a file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Problem {
    let reason = match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        _ => error.to_string(),
    };
    Problem::cannot(format!("{} cannot be written: {reason}.", path.display()))
}
