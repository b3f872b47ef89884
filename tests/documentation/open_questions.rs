//! Each open question on the page of assumptions names the step of `verify` that answers it.

use std::collections::BTreeSet;

use insight::open_questions::OpenQuestion;
use strum::VariantArray as _;

use super::{owned, table};

const PAGE: &str = "docs/assumptions.md";

#[test]
fn every_open_question_on_the_page_names_the_step_of_verify_that_answers_it_and_every_step_has_its_row()
 {
    let mut named = BTreeSet::new();
    for row in &table(PAGE, "question")[1..] {
        let answered = row.last().unwrap().strip_prefix("verify: `");
        let id = answered.and_then(|rest| rest.split('`').next());
        let id = id.unwrap_or_else(|| panic!("no step of verify answers this: {row:?}"));
        assert!(named.insert(id.to_owned()), "{id} answers two questions");
    }
    assert_eq!(
        named,
        owned(OpenQuestion::VARIANTS.iter().map(|it| it.id()))
    );
}
