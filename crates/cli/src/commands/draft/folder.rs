//! The folder of a draft. It appears when all of its files are written.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    files::cannot_write,
    problem::{CommandResult, Problem},
};

/// A file to write.
pub(super) struct File {
    pub(super) name: &'static str,
    text: Result<String, askama::Error>,
}

impl File {
    pub(super) fn new(name: &'static str, text: Result<String, askama::Error>) -> Self {
        File { name, text }
    }
}

/// A folder that does not exist yet.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Refuses a folder that exists.
    pub(super) fn new(path: &Path) -> CommandResult<Self> {
        let folder = Folder {
            path: path.to_owned(),
        };
        folder.must_be_new()?;
        Ok(folder)
    }

    fn must_be_new(&self) -> CommandResult<()> {
        match self.path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(cannot_write(&self.path, &error)),
            Ok(_) => Err(Problem::cannot(format!(
                "{} exists: name another folder, or remove it.",
                self.path.display()
            ))),
        }
    }

    /// The folder as a shell takes it.
    pub(super) fn shown(&self) -> String {
        let path = self.path.display().to_string();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
        match path.chars().all(is_plain) {
            true => path,
            false => format!("'{}'", path.replace('\'', r"'\''")),
        }
    }

    /// Writes the files beside, and gives the folder its name once all are there.
    pub(super) fn write(&self, files: &[File]) -> CommandResult<()> {
        let cannot = |error: io::Error| cannot_write(&self.path, &error);
        let parent = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // Removed with its files, unless it gets its name.
        let draft = tempfile::Builder::new()
            .prefix(".draft-")
            .tempdir_in(parent)
            .map_err(cannot)?;
        for file in files {
            let text = file.text.as_ref();
            let text = text.map_err(|error| {
                Problem::cannot(format!("{} cannot be made: {error}.", file.name))
            })?;
            let path = draft.path().join(file.name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(cannot)?;
            }
            fs::write(path, text).map_err(cannot)?;
        }
        self.must_be_new()?;
        fs::rename(draft.path(), &self.path).map_err(cannot)
    }
}
