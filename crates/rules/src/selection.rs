//! What of a user is handed on: nothing, everything, or what is named. `COPY_GROUPS`, `CLIENT_METADATA`.

use std::collections::BTreeSet;

/// A choice among things that have names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// None of them.
    #[default]
    None,
    /// All of them.
    All,
    /// Those of these names.
    Named(BTreeSet<String>),
}

impl Selection {
    /// Whether the thing of this name is chosen.
    pub fn includes(&self, name: &str) -> bool {
        match self {
            Selection::None => false,
            Selection::All => true,
            Selection::Named(names) => names.contains(name),
        }
    }
}
