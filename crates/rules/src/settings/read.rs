//! Environment variables → [`Settings`], or every mistake in them: all variables are read before any mistake is reported.

use std::{collections::BTreeSet, fmt};

use super::{
    draft::Draft,
    parse::Wrong,
    registry::ALL,
    types::{Settings, SourceUser},
};
use crate::selection::Selection;

/// Every mistake in the settings: the variable and what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(Vec<(&'static str, String)>);

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.iter().map(|(name, rule)| format!("{name} {rule}"));
        let all = all.collect::<Vec<_>>().join("; ");
        write!(formatter, "The configuration cannot be used: {all}")
    }
}

impl Settings {
    /// Reads the settings from `environment`, which gives the value of a variable.
    ///
    /// An empty value counts as unset, and variables that are not in [`ALL`] are not looked at.
    pub fn read(environment: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        Reading::of(environment).settings(true)
    }

    /// As [`Settings::read`], for a program that signs no user in. The app client may be left out, unless profiles depend on
    /// it.
    pub fn read_to_foresee(environment: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let reading = Reading::of(environment);
        let needs_client = reading.draft.settings.source.reads_as_client();
        reading.settings(needs_client)
    }
}

/// The settings that were read, and the mistakes.
#[derive(Default)]
struct Reading {
    draft: Draft,
    set: BTreeSet<&'static str>,
    mistakes: Vec<(&'static str, String)>,
}

impl Reading {
    fn of(environment: impl Fn(&str) -> Option<String>) -> Self {
        let mut reading = Reading::default();
        for variable in ALL {
            let name = variable.name;
            let value = environment(name).filter(|value| !value.is_empty());
            let read = value.map(|value| (variable.put)(&mut reading.draft, &value));
            reading.set.extend(read.is_some().then_some(name));
            let rules = match read {
                Some(Ok(())) => continue,
                None if !variable.form.is_required() => continue,
                None | Some(Err(Wrong::Form)) => vec![variable.form.rule()],
                Some(Err(Wrong::Names(rules))) => rules,
            };
            let mistakes = rules.into_iter().map(|rule| (name, rule));
            reading.mistakes.extend(mistakes);
        }
        reading
    }

    /// The settings, unless there are mistakes. Without an app client no user is signed in.
    fn settings(mut self, needs_client: bool) -> Result<Settings, Mistakes> {
        if !needs_client && !self.set.contains(SRC_CLIENT_ID) {
            self.mistakes.retain(|(name, _)| *name != SRC_CLIENT_ID);
        }
        let contradictions = self.contradictions();
        self.mistakes.extend(contradictions);
        match self.mistakes.is_empty() {
            true => Ok(self.draft.finished()),
            false => Err(Mistakes(self.mistakes)),
        }
    }

    /// The contradictions between values that are right by themselves.
    fn contradictions(&self) -> Vec<(&'static str, String)> {
        let settings = &self.draft.settings;
        let copies_groups = settings.post_migration.groups != Selection::None;
        let disables = settings.post_migration.source_user != SourceUser::Keep;
        let has_external_id = self.draft.external_id.is_some();
        let mut found = vec![];
        for (name, is_used, other) in [
            ("SRC_EXTERNAL_ID", has_external_id, "SRC_ROLE_ARN"),
            ("COPY_GROUPS", copies_groups, MIGRATION_MARK),
            ("SOURCE_USER", disables, MIGRATION_MARK),
        ] {
            if is_used && !self.set.contains(other) {
                found.push((name, format!("needs {other}, which is not set")));
            }
        }
        if self.set.contains(SRC_CLIENT_SECRET) && self.set.contains(SRC_CLIENT_SECRET_ARN) {
            let rule = format!("must not be set beside {SRC_CLIENT_SECRET}");
            found.push((SRC_CLIENT_SECRET_ARN, rule));
        }
        let mapping = &settings.destination.mapping;
        if let Some(mark) = &settings.destination.mark
            && (mapping.renamed.values().flatten().any(|name| name == mark)
                || mapping.fixed.contains_key(mark))
        {
            let rule = "must be an attribute that ATTRIBUTE_MAP and STATIC_ATTRIBUTES do not set";
            found.push((MIGRATION_MARK, rule.to_owned()));
        }
        found
    }
}

const MIGRATION_MARK: &str = "MIGRATION_MARK";
const SRC_CLIENT_ID: &str = "SRC_CLIENT_ID";
const SRC_CLIENT_SECRET: &str = "SRC_CLIENT_SECRET";
const SRC_CLIENT_SECRET_ARN: &str = "SRC_CLIENT_SECRET_ARN";
