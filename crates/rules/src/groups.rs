//! Which of the source user's groups the migrated user joins: `COPY_GROUPS`.

use std::collections::BTreeSet;

/// The groups that are copied. A group of the same name in the destination pool may mean other privileges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CopiedGroups {
    /// None.
    #[default]
    None,
    /// All of them.
    All,
    /// Those of these names.
    Named(BTreeSet<String>),
}

impl CopiedGroups {
    /// Whether the group of this name is copied.
    pub fn includes(&self, group: &str) -> bool {
        match self {
            CopiedGroups::None => false,
            CopiedGroups::All => true,
            CopiedGroups::Named(names) => names.contains(group),
        }
    }
}
