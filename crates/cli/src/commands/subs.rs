//! `subs`: maps source `sub`s to destination `sub`s, for databases that are keyed by `sub`.

use std::{io, path::Path};

use serde_json::json;
use tempfile::NamedTempFile;

use crate::{
    arguments, claims,
    context::{Context, check_attribute, not_answered},
    files::{cannot_write, new_file},
    listing::read_all,
    output::{self, Output},
    problem::CommandResult,
};

pub(crate) async fn run(
    context: &Context,
    options: &arguments::SubsOptions,
) -> CommandResult<Output> {
    let path = &options.out;
    let file = new_file(path)?;
    let what = "the destination pool";
    let pool = context.destination_pool(&options.pool).await;
    let description = pool.description().await;
    let description = description.map_err(|failure| not_answered(what, pool.id(), &failure))?;
    check_attribute(&options.attribute, pool.id(), &description)?;
    let mut pairs = Pairs::default();
    read_all(what, &pool, description.users, |user| {
        let value = user.identity.attribute(&options.attribute);
        pairs.add(value, user.identity.attribute("sub").unwrap_or_default());
        Ok(())
    })
    .await?;
    let claimed_twice = pairs.take_those_claimed_twice();
    pairs
        .write(file, path)
        .map_err(|error| cannot_write(path, &error))?;
    let (written, without) = (pairs.pairs.len(), pairs.without);
    let mut claimants: Vec<_> = claimed_twice.iter().map(|(_, claimant)| claimant).collect();
    claimants.sort();
    let text = if context.is_for_programs() {
        output::json(&json!({
            "destination_pool": pool.id(),
            "written": written,
            "without": without,
            "claimed_twice": claimants,
        }))
    } else {
        let mut text = format!(
            "{written} users written to {}; {without} have no source sub.\n\
             Trust the file only if no app client lets its users write {}.",
            path.display(),
            options.attribute,
        );
        if !claimants.is_empty() {
            text += "\n\nLeft out, because each of them claims a source user whom another one claims, too:";
        }
        for claimant in &claimants {
            text += &format!("\n{claimant}");
        }
        text
    };
    Ok(Output {
        text,
        is_good: claimants.is_empty(),
    })
}

/// Source `sub`s, each with the `sub` of the destination user who claims it.
#[derive(Default)]
struct Pairs {
    pairs: Vec<(Box<str>, Box<str>)>,
    /// The number of users without one.
    without: u64,
}

impl Pairs {
    fn add(&mut self, value: Option<&str>, own_sub: &str) {
        // A value that users may write must not become anything but a `sub` in a database.
        let is_sub = |sub: &&str| sub.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        match value.and_then(claims::source_sub).filter(is_sub) {
            Some(sub) => self.pairs.push((sub.into(), own_sub.into())),
            None => self.without += 1,
        }
    }

    /// Sorts the pairs, and returns those that contradict each other.
    fn take_those_claimed_twice(&mut self) -> Vec<(Box<str>, Box<str>)> {
        self.pairs.sort_unstable();
        let (alone, shared): (Vec<&[_]>, Vec<_>) = self
            .pairs
            .chunk_by(|(one, _), (next, _)| one == next)
            .partition(|pairs| pairs.len() == 1);
        let (alone, shared) = (alone.concat(), shared.concat());
        self.pairs = alone;
        shared
    }

    fn write(&self, file: NamedTempFile, path: &Path) -> io::Result<()> {
        let mut lines = csv::Writer::from_writer(file);
        lines.write_record(["source_sub", "destination_sub"])?;
        for (source, destination) in &self.pairs {
            lines.write_record([source.as_ref(), destination])?;
        }
        let file = lines.into_inner().map_err(|error| error.into_error())?;
        file.persist_noclobber(path)?;
        Ok(())
    }
}
