//! Which values a variable takes, in words.

/// The form of a variable's value.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A text that the function does not start without: what it must be.
    Required(&'static str),
    /// Any text.
    Text,
    /// A text: what it must be.
    Of(&'static str),
    /// A JSON object, empty by default: what it must be.
    Object(&'static str),
    /// `none`, `*`, or names: what has these names, in the plural.
    Names(&'static str),
    /// A closed list.
    OneOf {
        /// The values; the first is the default.
        words: &'static [&'static str],
        /// Other spellings that are accepted.
        old_words: &'static [&'static str],
    },
    /// A whole number of milliseconds.
    Milliseconds {
        /// What unset means.
        default: &'static str,
        /// The least that is accepted.
        least: u64,
        /// The most that is accepted.
        most: u64,
    },
}

/// The selection of nothing.
pub(super) const NOTHING: &str = "none";

impl Form {
    /// One of these words, of which the first is the default.
    pub(super) const fn one_of(words: &'static [&'static str]) -> Self {
        Form::OneOf {
            words,
            old_words: &[],
        }
    }

    /// Whether the function does not start without a value.
    pub fn is_required(self) -> bool {
        matches!(self, Form::Required(_))
    }

    /// The value that unset stands for, if there is one.
    pub fn default(self) -> Option<&'static str> {
        match self {
            Form::OneOf { words, .. } => words.first().copied(),
            Form::Object(_) => Some("{}"),
            Form::Names(_) => Some(NOTHING),
            Form::Milliseconds { default, .. } => Some(default),
            Form::Required(_) | Form::Text | Form::Of(_) => None,
        }
    }

    /// What a value must be.
    pub fn rule(self) -> String {
        match self {
            Form::Required(rule) | Form::Of(rule) | Form::Object(rule) => rule.to_owned(),
            Form::Text => "must be a text".to_owned(),
            Form::Names(of) => format!("must be none, * or names of {of}, separated by commas"),
            Form::OneOf { words, .. } => match words {
                [others @ .., last] => format!("must be {} or {last}", others.join(", ")),
                [] => "must not be set".to_owned(),
            },
            Form::Milliseconds { least, most, .. } => {
                format!("must be a whole number of milliseconds from {least} to {most}")
            }
        }
    }
}
