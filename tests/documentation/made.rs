//! Parts of pages that are made from the code.

use std::{fmt::Write as _, fs};

use rules::outcome::{FailureClass, Reason};
use strum::{EnumMessage as _, VariantArray as _};

use crate::{file, path};

/// Compares the part of the page that this file of tests makes. `UPDATE_PAGES=1 cargo test --test documentation` writes it.
#[expect(
    clippy::disallowed_methods,
    reason = "whether a test writes the page is no setting of the function"
)]
pub(super) fn compare_or_write(page: &str, by: &str, made: &str) {
    let begin = format!("<!-- made by tests/documentation/{by}.rs: begin -->\n");
    let end = "<!-- end -->\n";
    let text = file(page);
    let (before, rest) = text.split_once(&begin).expect("the beginning");
    let (now, after) = rest.split_once(end).expect("the end");
    if std::env::var("UPDATE_PAGES").is_ok() {
        let text = format!("{before}{begin}{made}{end}{after}");
        fs::write(path(page), text).expect("the page");
    } else {
        assert_eq!(now, made);
    }
}

#[test]
fn the_page_says_what_each_reason_means() {
    let reasons = Reason::VARIANTS
        .iter()
        .map(|reason| (reason.as_str(), reason.get_documentation().unwrap()));
    let classes = FailureClass::VARIANTS
        .iter()
        .map(|class| (class.as_str(), class.get_documentation().unwrap()));
    let mut table = String::from("| `reason` | it means |\n|---|---|\n");
    for (name, words) in reasons.chain(classes) {
        assert!(words.ends_with('.'), "{name} has no sentence");
        writeln!(table, "| `{name}` | {words} |").unwrap();
    }
    compare_or_write("docs/troubleshooting.md", "made", &table);
}
