//! What a migration writes into the custom attribute that `MIGRATION_MARK` names: whose user of the source pool this
//! was, and whether anything is left to do about it.

const PENDING: &str = "pending/";
const DONE: &str = "done/";

/// The mark of somebody who has been migrated and about whom something is left to do.
pub fn pending(source_sub: &str) -> String {
    format!("{PENDING}{source_sub}")
}

/// The mark of somebody about whom nothing is left to do.
pub fn done(source_sub: &str) -> String {
    format!("{DONE}{source_sub}")
}

/// The `sub` in the source pool, if the mark says that something is left to do.
pub fn source_sub_of_pending(mark: &str) -> Option<&str> {
    mark.strip_prefix(PENDING).filter(|sub| !sub.is_empty())
}

/// The lengths that marks with a UUID for a `sub` have: the schema of the destination pool must allow them.
pub const LENGTHS: [i128; 2] = [PENDING.len() as i128 + 36, DONE.len() as i128 + 36];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_have_the_form_that_the_settings_promise() {
        assert_eq!(pending("7c7f"), "pending/7c7f");
        assert_eq!(done("7c7f"), "done/7c7f");
        let sub = "0a1b2c3d-0000-4000-8000-00000000000f";
        let lengths = [pending(sub), done(sub)].map(|mark| mark.len() as i128);
        assert_eq!(lengths, LENGTHS);
    }

    #[test]
    fn only_a_pending_mark_leaves_something_to_do() {
        assert_eq!(source_sub_of_pending(&pending("7c7f")), Some("7c7f"));
        for mark in [
            &done("7c7f"),
            "",
            "pending",
            "pending/",
            "Pending/7c7f",
            "7c7f",
        ] {
            assert_eq!(source_sub_of_pending(mark), None, "{mark}");
        }
    }
}
