//! `destination.username`: the destination pool takes the names by which users sign in, and no two users share one.
//!
//! A survey of made-up users of each kind judges the names.

use std::collections::BTreeMap;

use rules::{
    checks::Verdict, migrated_user::DestinationUsername, pool::UserPoolDescription,
    settings::Settings,
};

use super::pools::{KnownPools, POOL, destination_is_unknown};
use crate::{
    acceptance::{Refusal, UserResult},
    alternatives::with_choices_of,
    made_up_users::{self, MADE_UP_USERS},
    shared_names::{is_filled, is_shared, unproven_contacts},
};

const PREFERRED_USERNAME: &str = "preferred_username";

/// The settings that decide which names work.
const VARIABLES_OF_NAMES: [&str; 3] = ["SRC_LOOKUP", "DST_USERNAME", "UNVERIFIED_CONTACTS"];

/// The names of made-up users, judged by the destination pool.
struct NamesFound {
    /// The kinds of names that are refused, by the rule that they break.
    refused: BTreeMap<Refusal, Vec<&'static str>>,
    /// The kinds of names that do not sign in a second time.
    locked_out: Vec<&'static str>,
    /// The number of kinds of names that sign in, and again.
    working: usize,
}

/// A sign-in name that several users of the source pool can have.
enum SharedName {
    PreferredUsername,
    /// These contacts, separated by commas, verified or not.
    Contacts(String),
}

/// Judges the names of migrated users.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let settings = pools.settings;
    match (pools.destination(), &pools.facts.source.pool) {
        (None, _) => destination_is_unknown(),
        (Some(pool), Ok(source)) => judged(settings, source, pool),
        (Some(pool), Err(failure)) => {
            // A setting that no source pool makes right fails all the same.
            let plain = UserPoolDescription {
                username_attributes: vec![],
                ..pool.clone()
            };
            match NamesFound::of(settings, &plain, pool).working {
                0 => judged(settings, &plain, pool),
                _ => pools.unread_source(POOL, failure),
            }
        }
    }
}

fn judged(
    settings: &Settings,
    source: &UserPoolDescription,
    pool: &UserPoolDescription,
) -> Verdict {
    let names = NamesFound::of(settings, source, pool);
    let shared = shared(settings, source, pool);
    let mut statements = vec![];
    if !names.are_all_taken() {
        statements.push((names.detail(), names.fix(settings, source, pool)));
    }
    statements.extend(shared.iter().map(SharedName::statement));
    let join = |texts: Vec<&str>| texts.join(" ");
    let detail = join(
        statements
            .iter()
            .map(|(detail, _)| detail.as_str())
            .collect(),
    );
    let fix = join(statements.iter().map(|(_, fix)| fix.as_str()).collect());
    let none_works = !names.are_all_taken() && names.working == 0;
    match (statements.is_empty(), shared) {
        (true, _) => Verdict::ok(taken_names(settings, pool)),
        (false, Some(SharedName::PreferredUsername)) => Verdict::fail(detail, fix),
        (false, _) if none_works => Verdict::fail(detail, fix),
        (false, _) => Verdict::warn(detail, fix),
    }
}

impl NamesFound {
    fn of(settings: &Settings, source: &UserPoolDescription, pool: &UserPoolDescription) -> Self {
        let mut found = NamesFound {
            refused: BTreeMap::new(),
            locked_out: vec![],
            working: 0,
        };
        let results = made_up_users::results(settings, source, pool);
        for (user, result) in MADE_UP_USERS.iter().zip(results) {
            match result {
                UserResult::Refused(refusal) if refusal.is_of_name() => {
                    found.refused.entry(refusal).or_default().push(user.kind);
                }
                UserResult::LockedOut => found.locked_out.push(user.kind),
                // Other checks judge attributes, and why a name finds no source user.
                UserResult::Refused(_) | UserResult::Moves | UserResult::MovesAfterReset => {
                    found.working += 1;
                }
                UserResult::Stays => {}
            }
        }
        found
    }

    fn are_all_taken(&self) -> bool {
        self.refused.is_empty() && self.locked_out.is_empty()
    }

    fn detail(&self) -> String {
        let mut details: Vec<_> = self
            .refused
            .iter()
            .map(|(refusal, kinds)| {
                format!(
                    "The destination pool refuses users who sign in by {}: {}.",
                    kinds.join("; by "),
                    refusal.because()
                )
            })
            .collect();
        if !self.locked_out.is_empty() {
            details.push(format!(
                "Users who sign in by {} are created and locked out: the name is an alias there, and signs in only once it \
                 is verified.",
                self.locked_out.join("; by ")
            ));
        }
        details.join(" ")
    }

    fn fix(
        &self,
        settings: &Settings,
        source: &UserPoolDescription,
        pool: &UserPoolDescription,
    ) -> String {
        match settings_that_help(self.working, settings, source, pool).as_slice() {
            [] => "No setting helps these users. The survey says how many they are, and what to mend in \
                   SRC_USER_POOL_ID."
                .to_owned(),
            helpful => format!(
                "Set {}. The survey says how many users that moves.",
                helpful.join(", or ")
            ),
        }
    }
}

/// The changes with which more kinds of names work than these: the fewest settings at a time, and those that help most.
fn settings_that_help(
    working: usize,
    settings: &Settings,
    source: &UserPoolDescription,
    pool: &UserPoolDescription,
) -> Vec<String> {
    let mut changes: Vec<_> = with_choices_of(settings, &VARIABLES_OF_NAMES)
        .into_iter()
        .map(|(changes, settings)| (NamesFound::of(&settings, source, pool).working, changes))
        .filter(|(changed, _)| *changed > working)
        .collect();
    let fewest = changes.iter().map(|(_, changes)| changes.len()).min();
    changes.retain(|(_, changes)| Some(changes.len()) == fewest);
    let best = changes.iter().map(|(working, _)| *working).max();
    changes.retain(|(working, _)| Some(*working) == best);
    changes
        .iter()
        .map(|(_, changes)| {
            let words = changes
                .iter()
                .map(|(name, value)| format!("{name} to {value}"));
            words.collect::<Vec<_>>().join(" and ")
        })
        .collect()
}

/// The verdict where every kind of name works.
fn taken_names(settings: &Settings, pool: &UserPoolDescription) -> String {
    let attributes = pool.username_attributes.join(", ");
    let returns_one = settings.destination.username != DestinationUsername::None;
    match (attributes.as_str(), returns_one) {
        ("", false) => "Users keep the user name that they type.".to_owned(),
        ("", true) => "A user name is returned where an alias is typed.".to_owned(),
        (attributes, _) => format!("The user name is what users type: {attributes}."),
    }
}

/// A sign-in name that several users can have, if there is one.
fn shared(
    settings: &Settings,
    source: &UserPoolDescription,
    pool: &UserPoolDescription,
) -> Option<SharedName> {
    if is_filled(settings, pool, PREFERRED_USERNAME)
        && is_shared(settings, source, pool, PREFERRED_USERNAME)
    {
        return Some(SharedName::PreferredUsername);
    }
    let contacts = unproven_contacts(settings, source, pool).join(", ");
    (!contacts.is_empty()).then_some(SharedName::Contacts(contacts))
}

impl SharedName {
    /// The verdict and the fix.
    fn statement(&self) -> (String, String) {
        match self {
            SharedName::PreferredUsername => (
                "Users sign in to the destination pool by preferred_username, and in the source pool it is no alias: users \
                 choose it freely there, and several can have the same. The first of them to migrate gets the name."
                    .to_owned(),
                "Do not copy it: map preferred_username to null, or to another attribute, in ATTRIBUTE_MAP.".to_owned(),
            ),
            SharedName::Contacts(contacts) => (
                format!(
                    "Users sign in to the destination pool by {contacts}, and in the source pool several users can have \
                     the same, verified or not. A user who has not verified it can migrate first, and then its owner is \
                     locked out."
                ),
                "Set UNVERIFIED_CONTACTS to drop. The survey's finding unproven_copy counts these users.".to_owned(),
            ),
        }
    }
}
