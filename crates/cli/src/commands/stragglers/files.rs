//! The files: those that are written on the way, and those that are handed over.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use insight::import::Filled;
use tempfile::NamedTempFile;

use crate::{
    files::cannot_write,
    problem::{CommandResult, Problem},
};

const LEFT_OUT: &str = "left-out.csv";

/// What is written while the source pool is read.
pub(super) struct Spool {
    pub folder: PathBuf,
    /// `sub`, row and hashes of the names of whoever may be imported.
    pub rows: csv::Writer<BufWriter<File>>,
    pub left_out: csv::Writer<BufWriter<NamedTempFile>>,
}

impl Spool {
    pub(super) fn new(folder: &Path) -> CommandResult<Self> {
        let cannot = |error: io::Error| cannot_write(folder, &error);
        let entries = fs::read_dir(folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Problem::cannot(format!("The folder {} does not exist.", folder.display()))
            }
            _ => cannot(error),
        })?;
        for entry in entries {
            let name = entry.map_err(cannot)?.file_name();
            let name = name.to_string_lossy();
            if name == LEFT_OUT || name.starts_with("import-") && name.ends_with(".csv") {
                return Err(Problem::cannot(format!(
                    "{} holds {name} of an earlier run: name another folder, or remove it.",
                    folder.display()
                )));
            }
        }
        let rows = tempfile::tempfile_in(folder).map_err(cannot)?;
        let left_out = NamedTempFile::new_in(folder).map_err(cannot)?;
        let mut left_out = csv::Writer::from_writer(BufWriter::new(left_out));
        let written = left_out.write_record(["sub", "reason"]);
        written.map_err(|error| cannot(error.into()))?;
        Ok(Spool {
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
    left_out: NamedTempFile,
) -> CommandResult<Vec<PathBuf>> {
    let names = (1..).map(|number| format!("import-{number:03}.csv"));
    let files = files.into_iter().zip(names);
    let mut paths = vec![];
    for (file, name) in files.chain([(left_out, LEFT_OUT.to_owned())]) {
        let path = folder.join(name);
        if let Err(error) = file.persist_noclobber(&path) {
            for path in &paths {
                // What else could be done about a folder that takes no changes any more?
                let _ = fs::remove_file(path);
            }
            return Err(cannot_write(&path, &error.error));
        }
        paths.push(path);
    }
    paths.pop();
    Ok(paths)
}
