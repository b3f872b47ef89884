//! The notes on a draft: a line for each difference from the source pool.

/// The kind of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It stays behind: there is something to do.
    LeftBehind,
    /// It is different in the new pool, on purpose.
    Different,
}

/// A line of the notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The kind.
    pub kind: Kind,
    /// The member of AWS's description of a pool or app client that is not equal.
    pub member: &'static str,
    /// The difference and the advice, in whole sentences.
    pub text: String,
}

impl Note {
    /// A note on something that stays behind.
    pub fn left_behind(member: &'static str, text: impl Into<String>) -> Self {
        Note {
            kind: Kind::LeftBehind,
            member,
            text: text.into(),
        }
    }

    /// A note on something that is different on purpose.
    pub fn different(member: &'static str, text: impl Into<String>) -> Self {
        Note {
            kind: Kind::Different,
            member,
            text: text.into(),
        }
    }
}
