//! A selection of names: none, all, or those that are listed. `COPY_GROUPS`, `CLIENT_METADATA`.

use std::collections::BTreeSet;

/// A selection of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// No name.
    #[default]
    None,
    /// Every name.
    All,
    /// These names.
    Named(BTreeSet<String>),
}

impl Selection {
    /// Whether this name is selected.
    pub fn includes(&self, name: &str) -> bool {
        match self {
            Selection::None => false,
            Selection::All => true,
            Selection::Named(names) => names.contains(name),
        }
    }
}
