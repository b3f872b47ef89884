//! Each open question on the page of assumptions names the step of `verify` that answers it.

use std::collections::BTreeSet;

use insight::open_questions::OpenQuestion;
use strum::VariantArray as _;

use super::file;

const PAGE: &str = "docs/assumptions.md";

#[test]
fn every_open_question_on_the_page_names_the_step_of_verify_that_answers_it_and_every_step_has_its_row()
 {
    let page = file(PAGE);
    let (_, section) = page.split_once("\n## Open questions\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let mut named = BTreeSet::new();
    for row in rows.filter(|row| !row.starts_with("| question |")) {
        let answered = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let id = answered
            .strip_prefix("verify: `")
            .and_then(|rest| rest.split('`').next());
        let id = id.unwrap_or_else(|| panic!("no step of verify answers this: {row}"));
        assert!(named.insert(id), "{id} answers two questions");
    }
    let known: BTreeSet<_> = OpenQuestion::VARIANTS.iter().map(|it| it.id()).collect();
    assert_eq!(named, known);
}
