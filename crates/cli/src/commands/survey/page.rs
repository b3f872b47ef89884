//! The survey as a web page: one file that loads nothing from the network.

use askama::Template;
use insight::acceptance::UserResult;

use super::conclusions::Conclusions;
use crate::{
    output::grouped,
    problem::{CommandResult, Problem},
    shown_settings::ShownSetting,
};

/// The parts of the page. The template escapes every text.
#[derive(Template)]
#[template(path = "survey.html")]
struct Page<'a> {
    all: &'a Conclusions<'a>,
    settings: &'a [ShownSetting],
    date: String,
    version: &'static str,
}

/// The conclusions, and the settings under which they hold, as HTML.
pub(super) fn page(
    all: &Conclusions<'_>,
    settings: &[ShownSetting],
    date: String,
) -> CommandResult<String> {
    let page = Page {
        all,
        settings,
        date,
        version: env!("CARGO_PKG_VERSION"),
    };
    let rendered = page.render();
    rendered.map_err(|error| Problem::cannot(format!("The page cannot be made: {error}.")))
}

impl Page<'_> {
    /// The columns of a bar that are filled, of 1,000: a share above zero is seen, and only a whole one is full.
    fn filled(&self, share: &f64) -> u32 {
        let filled = (share * 1000.0).round() as u32;
        match *share {
            0.0 => 0,
            1.0.. => 1000,
            _ => filled.clamp(8, 992),
        }
    }

    fn percent(&self, share: &f64) -> String {
        format!("{:.1}%", share * 100.0)
    }

    fn grouped(&self, number: &u64) -> String {
        grouped(*number)
    }

    /// The class of a result: its colour.
    fn class(&self, result: &UserResult) -> &'static str {
        match *result {
            UserResult::Moves => "good",
            UserResult::MovesAfterReset => "later",
            UserResult::Stays | UserResult::Refused(_) | UserResult::LockedOut => "bad",
        }
    }
}
