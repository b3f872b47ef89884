//! The search for users who have not moved.

use std::{
    collections::BTreeMap,
    hash::BuildHasher as _,
    io::{self, BufReader, Seek as _},
};

use insight::import::{Import, ImportRow, LeftOut};
use rules::evidence::ListedUser;

use super::{
    files::{Files, ImportSpool, LEFT_BEHIND, LEFT_OUT, flushed, list, named},
    found::FoundStragglers,
    moved::{Moved, MovedBy},
};
use crate::{files::cannot_write, problem::CommandResult};

/// A search for users who have not moved. Their rows wait in a temporary file until it is known which users share a name.
pub(super) struct StragglerSearch<'a> {
    moved: Moved<'a>,
    spool: ImportSpool,
    users: u64,
    has_moved: u64,
    by_unverified_address: u64,
    left_out: BTreeMap<LeftOut, u64>,
    /// The names of the waiting users, as hashes.
    names: Vec<u64>,
    /// Whether attributes stay behind whose values cannot be written.
    leaves_unwritable_behind: bool,
    /// The names of each user who could be imported if such attributes stayed behind, as hashes.
    others: Vec<Vec<u64>>,
}

impl<'a> StragglerSearch<'a> {
    pub(super) fn new(
        moved: Moved<'a>,
        spool: ImportSpool,
        leaves_unwritable_behind: bool,
    ) -> Self {
        StragglerSearch {
            moved,
            spool,
            users: 0,
            has_moved: 0,
            by_unverified_address: 0,
            left_out: BTreeMap::new(),
            names: vec![],
            leaves_unwritable_behind,
            others: vec![],
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
        let mut row = import.row(user);
        if row == Err(LeftOut::UnwritableValue) {
            let without = import.row_without_unwritable(user);
            if self.leaves_unwritable_behind {
                row = without;
            } else if let Ok(without) = without
                && !is_taken(&without)
            {
                self.others.push(self.hashes(&without));
            }
        }
        let row = match row {
            Ok(row) if is_taken(&row) => Err(LeftOut::NameTaken),
            row => row,
        };
        let sub = user.identity.attribute("sub").unwrap_or_default();
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
        let hashes = self.hashes(row);
        self.names.extend(&hashes);
        let hashes: Vec<_> = hashes.iter().map(u64::to_string).collect();
        // The name of an attribute holds no blank.
        let left_behind = row.left_behind.join(" ");
        self.spool
            .rows
            .write_record([sub, &row.line, &hashes.join(" "), &left_behind])
    }

    fn hashes(&self, row: &ImportRow) -> Vec<u64> {
        let names = row.names.iter();
        names.map(|name| self.moved.hasher.hash_one(name)).collect()
    }

    /// Writes the files, and gives them their names once all of them are whole.
    pub(super) fn write(self, header: &str) -> CommandResult<FoundStragglers> {
        let StragglerSearch {
            spool:
                ImportSpool {
                    folder,
                    rows,
                    mut left_out,
                },
            left_out: mut reasons,
            users,
            has_moved,
            by_unverified_address,
            mut names,
            leaves_unwritable_behind,
            others,
            ..
        } = self;
        names.sort_unstable();
        let is_shared = |hash: u64| is_twice(&names, hash);
        let mut files = Files::new(&folder, header);
        let mut left_behind = leaves_unwritable_behind
            .then(|| list(&folder, ["sub", "attribute"]))
            .transpose()
            .map_err(|error| cannot_write(&folder, &error))?;
        let mut imported = 0;
        let mut without_unwritable = 0;
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
                    let mut attributes =
                        row[3].split(' ').filter(|name| !name.is_empty()).peekable();
                    without_unwritable += u64::from(attributes.peek().is_some());
                    if let Some(list) = &mut left_behind {
                        for attribute in attributes {
                            list.write_record([&row[0], attribute])?;
                        }
                    }
                }
            }
            Ok(())
        };
        let files = write()
            .and_then(|()| {
                let mut lists = vec![(flushed(left_out)?, LEFT_OUT)];
                if let Some(list) = left_behind {
                    lists.push((flushed(list)?, LEFT_BEHIND));
                }
                Ok((files.finished()?, lists))
            })
            .map_err(|error| cannot_write(&folder, &error));
        let (files, lists) = files?;
        if !leaves_unwritable_behind {
            without_unwritable = brought_in(names, &others);
        }
        Ok(FoundStragglers {
            users,
            has_moved,
            by_unverified_address,
            imported,
            leaves_unwritable_behind,
            without_unwritable,
            left_out: reasons,
            files: named(&folder, files, lists)?,
        })
    }
}

/// The number of further users who would be imported beside the users with these names.
fn brought_in(mut names: Vec<u64>, others: &[Vec<u64>]) -> u64 {
    names.extend(others.iter().flatten());
    names.sort_unstable();
    let is_shared = |other: &&Vec<u64>| other.iter().any(|hash| is_twice(&names, *hash));
    let shared = others.iter().filter(is_shared).count();
    (others.len() - shared) as u64
}

fn is_twice(sorted: &[u64], hash: u64) -> bool {
    let first = sorted.partition_point(|known| *known < hash);
    sorted.get(first + 1) == Some(&hash)
}
