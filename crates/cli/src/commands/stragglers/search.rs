//! The search for those who have not moved.

use std::{
    collections::BTreeMap,
    hash::BuildHasher as _,
    io::{self, BufReader, Seek as _},
};

use insight::import::{Import, ImportRow, LeftOut};
use rules::evidence::ListedUser;

use super::{
    files::{Files, Spool, flushed, named},
    found::Found,
    moved::{Moved, MovedBy},
};
use crate::{files::cannot_write, problem::CommandResult};

/// A search for those who have not moved. Their rows wait in a file without a name until it is known who shares a name.
pub(super) struct Search<'a> {
    moved: Moved<'a>,
    spool: Spool,
    users: u64,
    has_moved: u64,
    by_unverified_address: u64,
    left_out: BTreeMap<LeftOut, u64>,
    /// The names of those who wait, as hashes.
    names: Vec<u64>,
}

impl<'a> Search<'a> {
    pub(super) fn new(moved: Moved<'a>, spool: Spool) -> Self {
        Search {
            moved,
            spool,
            users: 0,
            has_moved: 0,
            by_unverified_address: 0,
            left_out: BTreeMap::new(),
            names: vec![],
        }
    }

    pub(super) fn add(&mut self, user: &ListedUser, import: &Import<'_>) -> CommandResult<()> {
        self.users += 1;
        if let Some(by) = self.moved.has(user) {
            self.has_moved += 1;
            self.by_unverified_address += u64::from(by == MovedBy::UnverifiedAddress);
            return Ok(());
        }
        let is_taken = |row: &ImportRow| row.names.iter().any(|name| self.moved.has_name(name));
        let row = match import.row(user) {
            Ok(row) if is_taken(&row) => Err(LeftOut::NameTaken),
            row => row,
        };
        let sub = user.attribute("sub").unwrap_or_default();
        let written = match row {
            Ok(row) => self.keep(sub, &row),
            Err(reason) => {
                *self.left_out.entry(reason).or_default() += 1;
                self.spool.left_out.write_record([sub, reason.as_str()])
            }
        };
        written.map_err(|error| cannot_write(&self.spool.folder, &error.into()))
    }

    fn keep(&mut self, sub: &str, row: &ImportRow) -> csv::Result<()> {
        let hashes = row
            .names
            .iter()
            .map(|name| self.moved.hasher.hash_one(name));
        let hashes: Vec<_> = hashes.collect();
        self.names.extend(&hashes);
        let hashes: Vec<_> = hashes.iter().map(u64::to_string).collect();
        self.spool
            .rows
            .write_record([sub, &row.line, &hashes.join(" ")])
    }

    /// Writes the files, and gives them their names once all of them are whole.
    pub(super) fn write(self, header: &str) -> CommandResult<Found> {
        let Search {
            spool:
                Spool {
                    folder,
                    rows,
                    mut left_out,
                },
            left_out: mut reasons,
            users,
            has_moved,
            by_unverified_address,
            mut names,
            ..
        } = self;
        names.sort_unstable();
        let is_shared = |hash: u64| {
            let first = names.partition_point(|known| *known < hash);
            names.get(first + 1) == Some(&hash)
        };
        let mut files = Files::new(&folder, header);
        let mut imported = 0;
        let write = || -> io::Result<()> {
            let mut rows = flushed(rows)?;
            rows.rewind()?;
            let mut rows = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(BufReader::new(rows));
            let mut row = csv::StringRecord::new();
            while rows.read_record(&mut row)? {
                let mut hashes = row[2].split(' ').filter_map(|hash| hash.parse().ok());
                if hashes.any(is_shared) {
                    *reasons.entry(LeftOut::SameName).or_default() += 1;
                    left_out.write_record([&row[0], LeftOut::SameName.as_str()])?;
                } else {
                    files.add(&row[1])?;
                    imported += 1;
                }
            }
            Ok(())
        };
        let files = write()
            .and_then(|()| Ok((files.finished()?, flushed(left_out)?)))
            .map_err(|error| cannot_write(&folder, &error));
        let (files, left_out) = files?;
        Ok(Found {
            users,
            has_moved,
            by_unverified_address,
            imported,
            left_out: reasons,
            files: named(&folder, files, left_out)?,
        })
    }
}
