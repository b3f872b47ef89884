//! The files of `stragglers`: temporary ones, and the import files.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, BufWriter, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use insight::import::Filled;
use tempfile::NamedTempFile;

use crate::{
    files::cannot_write,
    problem::{CommandResult, Problem},
};

pub(super) const LEFT_OUT: &str = "left-out.csv";
pub(super) const LEFT_BEHIND: &str = "left-behind.csv";

/// The folder of the files. A new folder is removed if it stays empty.
pub(super) struct ImportFolder<'a> {
    path: &'a Path,
    is_new: bool,
}

impl<'a> ImportFolder<'a> {
    /// Creates the folder if its parent exists.
    pub(super) fn new(path: &'a Path) -> CommandResult<Self> {
        // Readable by its owner only, as the files are.
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => Ok(ImportFolder { path, is_new: true }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Problem::cannot(format!(
                "The folder {} cannot be made: its parent does not exist.",
                path.display()
            ))),
            Err(_) if path.is_dir() => Ok(ImportFolder {
                path,
                is_new: false,
            }),
            Err(error) => Err(cannot_write(path, &error)),
        }
    }
}

impl Drop for ImportFolder<'_> {
    fn drop(&mut self) {
        if self.is_new {
            // A folder that holds files stays: this call removes no other.
            let _ = fs::remove_dir(self.path);
        }
    }
}

/// The temporary files that are written while the source pool is read.
pub(super) struct ImportSpool {
    pub folder: PathBuf,
    /// `sub`, row, hashes of the names, and attributes that stay behind, of each user who may be imported.
    pub rows: csv::Writer<BufWriter<File>>,
    pub left_out: csv::Writer<BufWriter<NamedTempFile>>,
}

/// A file with this header, which gets its name later. Readable by its owner only.
pub(super) fn list(
    folder: &Path,
    header: [&str; 2],
) -> io::Result<csv::Writer<BufWriter<NamedTempFile>>> {
    let mut list = csv::Writer::from_writer(BufWriter::new(NamedTempFile::new_in(folder)?));
    list.write_record(header)?;
    Ok(list)
}

impl ImportSpool {
    pub(super) fn new(folder: &Path) -> CommandResult<Self> {
        let cannot = |error: io::Error| cannot_write(folder, &error);
        for entry in fs::read_dir(folder).map_err(cannot)? {
            let name = entry.map_err(cannot)?.file_name();
            let name = name.to_string_lossy();
            let is_import = name.starts_with("import-") && name.ends_with(".csv");
            if name == LEFT_OUT || name == LEFT_BEHIND || is_import {
                return Err(Problem::cannot(format!(
                    "{} holds {name} of an earlier run: name another folder, or remove it.",
                    folder.display()
                )));
            }
        }
        let rows = tempfile::tempfile_in(folder).map_err(cannot)?;
        let left_out = list(folder, ["sub", "reason"]).map_err(cannot)?;
        Ok(ImportSpool {
            folder: folder.to_owned(),
            rows: csv::Writer::from_writer(BufWriter::new(rows)),
            left_out,
        })
    }
}

pub(super) fn flushed<W: io::Write>(writer: csv::Writer<BufWriter<W>>) -> io::Result<W> {
    let writer = writer.into_inner().map_err(|error| error.into_error())?;
    writer.into_inner().map_err(io::IntoInnerError::into_error)
}

/// The import files, as many as their limits demand. None has a name yet.
pub(super) struct Files<'a> {
    folder: &'a Path,
    header: &'a str,
    full: Vec<NamedTempFile>,
    open: Option<(BufWriter<NamedTempFile>, Filled)>,
}

impl<'a> Files<'a> {
    pub(super) fn new(folder: &'a Path, header: &'a str) -> Self {
        Files {
            folder,
            header,
            full: vec![],
            open: None,
        }
    }

    pub(super) fn add(&mut self, line: &str) -> io::Result<()> {
        if let Some((file, filled)) = &mut self.open
            && filled.add(line)
        {
            return writeln!(file, "{line}");
        }
        self.close()?;
        let mut filled = Filled::with_header(self.header);
        filled.add(line);
        // Readable by its owner only.
        let mut file = BufWriter::new(NamedTempFile::new_in(self.folder)?);
        writeln!(file, "{}\n{line}", self.header)?;
        self.open = Some((file, filled));
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        if let Some((file, _)) = self.open.take() {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            self.full.push(file);
        }
        Ok(())
    }

    pub(super) fn finished(mut self) -> io::Result<Vec<NamedTempFile>> {
        self.close()?;
        Ok(self.full)
    }
}

/// Gives the files their names: all of them, or none. The paths are those of the import files.
pub(super) fn named(
    folder: &Path,
    files: Vec<NamedTempFile>,
    lists: Vec<(NamedTempFile, &str)>,
) -> CommandResult<Vec<PathBuf>> {
    let imports = files.len();
    let names = (1..).map(|number| format!("import-{number:03}.csv"));
    let files = files.into_iter().zip(names);
    let mut paths = vec![];
    let lists = lists
        .into_iter()
        .map(|(file, name)| (file, name.to_owned()));
    for (file, name) in files.chain(lists) {
        let path = folder.join(name);
        if let Err(error) = file.persist_noclobber(&path) {
            for path in &paths {
                // If the folder allows no changes any more, the file stays.
                let _ = fs::remove_file(path);
            }
            return Err(cannot_write(&path, &error.error));
        }
        paths.push(path);
    }
    paths.truncate(imports);
    Ok(paths)
}
