//! Files with a `sub` on each line: the users that a command has changed, takes or leaves out.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    files::{cannot_write, text_of},
    problem::{CommandResult, Problem},
};

/// A list of `sub`s.
pub(crate) type Subs = HashSet<Box<str>>;

/// Reads such a list. Empty lines count as nothing.
pub(crate) fn read(path: &Path) -> CommandResult<Subs> {
    let text = text_of(path)?;
    let mut subs = Subs::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        // A table or a header would silently leave out users.
        if !line.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(Problem::usage(format!(
                "{}, line {}: it must be one sub, and nothing else.",
                path.display(),
                number + 1
            )));
        }
        subs.insert(line.into());
    }
    Ok(subs)
}

/// A new file that always lists the users whose change has begun.
pub(crate) struct SubFile {
    path: PathBuf,
    file: File,
}

impl SubFile {
    /// Makes the file, for its owner alone.
    pub(crate) fn create(path: &Path) -> CommandResult<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(file) => Ok(SubFile {
                path: path.to_owned(),
                file,
            }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(Problem::cannot(format!(
                    "{} exists: name another file, or remove it.",
                    path.display()
                )))
            }
            Err(error) => Err(cannot_write(path, &error)),
        }
    }

    /// Writes a line, and waits until it is on the disk.
    pub(crate) fn write(&mut self, sub: &str) -> CommandResult<()> {
        let written = writeln!(self.file, "{sub}").and_then(|()| self.file.sync_data());
        written.map_err(|error| cannot_write(&self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// What is written, the tests of `retire` and `restore` prove.
    #[test]
    fn a_line_is_in_the_file_before_it_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subs");
        let mut file = SubFile::create(&path).unwrap();
        file.write("a-1").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a-1\n");
    }

    #[test]
    fn a_line_is_a_sub_and_anything_else_is_refused_by_its_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subs");
        for (text, expected) in [
            ("", ""),
            ("a-1", "a-1"),
            ("\r\n a-1 \r\n\n9c\n", "9c a-1"),
            ("a-1\na-1\n", "a-1"),
            ("source_sub,destination_sub\na-1,b-1\n", "line 1"),
            ("a-1\nana@example.com\n", "line 2"),
            ("a-1 b-1\n", "line 1"),
            ("\u{ff}", "line 1"),
        ] {
            fs::write(&path, text).unwrap();
            let found = match read(&path) {
                Ok(subs) => {
                    let mut subs: Vec<_> = subs.into_iter().collect();
                    subs.sort();
                    subs.join(" ")
                }
                Err(problem) => problem.to_string(),
            };
            assert!(
                found == expected || expected.starts_with("line") && found.contains(expected),
                "{text:?}: {found}"
            );
            assert!(!found.contains("ana@"), "{found}");
        }
        fs::write(&path, [0xff]).unwrap();
        assert!(read(&path).err().unwrap().to_string().contains("no text"));
    }
}
