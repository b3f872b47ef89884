//! The forms of a variable's value.

/// The form of a variable's value.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A text without which the function does not start, and the rule for it.
    Required(&'static str),
    /// Any text.
    Text,
    /// A text, and the rule for it.
    Of(&'static str),
    /// A JSON object, empty by default, and the rule for it.
    Object(&'static str),
    /// `none`, `*`, or names. The word for the named things, in the plural.
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
        /// The default.
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

    /// The default, if there is one.
    pub fn default(self) -> Option<&'static str> {
        match self {
            Form::OneOf { words, .. } => words.first().copied(),
            Form::Object(_) => Some("{}"),
            Form::Names(_) => Some(NOTHING),
            Form::Milliseconds { default, .. } => Some(default),
            Form::Required(_) | Form::Text | Form::Of(_) => None,
        }
    }

    /// The rule for a value, in words.
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
