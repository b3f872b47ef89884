//! `destination.groups`: the destination pool has the groups of the source pool.

use rules::{checks::Verdict, selection::Selection};

use super::pools::KnownPools;

/// The cases of the groups.
struct GroupsFound<'a> {
    /// Groups whose members get them.
    given: Vec<&'a str>,
    /// Groups to copy that the destination pool does not have.
    missing: Vec<&'a str>,
    /// Groups that the settings name, and the source pool does not have.
    unknown: Vec<&'a str>,
}

/// Judges the groups of both pools.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let facts = pools.facts;
    match (&facts.source.groups, &facts.destination.groups) {
        (None, _) | (_, None) => Verdict::ok("Not needed: COPY_GROUPS is none."),
        (Some(Err(failure)), _) => pools.unread_source("ListGroups", failure),
        (_, Some(Err(failure))) => {
            let what = "The groups of the destination pool";
            pools.unread_destination(what, "ListGroups", failure)
        }
        (Some(Ok(source)), Some(Ok(destination))) => {
            found(&pools.settings.post_migration.groups, source, destination).verdict()
        }
    }
}

fn found<'a>(
    copied: &'a Selection,
    source: &'a [String],
    destination: &[String],
) -> GroupsFound<'a> {
    let (given, missing) = source
        .iter()
        .map(String::as_str)
        .filter(|group| copied.includes(group))
        .partition(|group| destination.iter().any(|known| known == group));
    let unknown = match copied {
        Selection::Named(names) => names
            .iter()
            .map(String::as_str)
            .filter(|name| !source.iter().any(|group| group == name))
            .collect(),
        Selection::None | Selection::All => vec![],
    };
    GroupsFound {
        given,
        missing,
        unknown,
    }
}

impl GroupsFound<'_> {
    fn verdict(&self) -> Verdict {
        let mut details = vec![match self.given.as_slice() {
            [] => "No group is given.".to_owned(),
            given => format!("Members get these groups: {}.", given.join(", ")),
        }];
        let mut fixes = vec![];
        if !self.missing.is_empty() {
            details.push(format!(
                "The destination pool lacks {}.",
                self.missing.join(", ")
            ));
            fixes.push(
                "Create the missing groups in the destination pool before their members sign in, or leave them out of \
                 COPY_GROUPS.",
            );
        }
        if !self.unknown.is_empty() {
            details.push(format!(
                "The source pool has no group {}.",
                self.unknown.join(", ")
            ));
            fixes.push("Correct the names in COPY_GROUPS.");
        }
        match fixes.as_slice() {
            [] => Verdict::ok(details.join(" ")),
            fixes => Verdict::warn(details.join(" "), fixes.join(" ")),
        }
    }
}
