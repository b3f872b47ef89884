//! What a migration writes into the custom attribute that `MIGRATION_MARK` names: whose user of the source pool this
//! was, and whether anything is left to do about it.

use crate::{attributes::VERIFIED_FLAGS, evidence::Identity};

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

/// The `sub` in the source pool, if the mark says that nothing is left to do.
pub fn source_sub_of_done(mark: &str) -> Option<&str> {
    mark.strip_prefix(DONE).filter(|sub| !sub.is_empty())
}

/// The `sub` in the source pool that an attribute of a migrated user holds: in a mark of either form, or by itself.
pub fn source_sub(value: &str) -> Option<&str> {
    let mark = [PENDING, DONE]
        .into_iter()
        .find_map(|form| value.strip_prefix(form));
    Some(mark.unwrap_or(value)).filter(|sub| !sub.is_empty())
}

/// Whether whoever holds a mark in the destination pool is recognisably this user of the source pool: by an e-mail address
/// or phone number that both have verified, or by a user name that is the source user's name or `sub`.
///
/// An app client may let its users write the mark. So the mark alone proves nothing.
pub fn is_of(holder: &Identity, source: &Identity) -> bool {
    let shares = |(contact, flag): (&str, &str)| {
        let held = holder.proven(contact, flag).map(str::to_lowercase);
        held.is_some() && held == source.proven(contact, flag).map(str::to_lowercase)
    };
    holder.username == source.username
        || Some(holder.username.as_str()) == source.sub()
        || VERIFIED_FLAGS.into_iter().any(shares)
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

    fn identity(username: &str, attributes: &[(&str, &str)]) -> Identity {
        let attribute = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Identity {
            username: username.to_owned(),
            attributes: attributes.iter().map(attribute).collect(),
        }
    }

    #[test]
    fn a_mark_is_believed_from_somebody_with_the_same_proven_contact_or_name() {
        let source = identity(
            "ana.kowalczyk",
            &[
                ("sub", "7c7f"),
                ("email", "Ana@Example.com"),
                ("email_verified", "true"),
                ("phone_number", "+15550100"),
                ("phone_number_verified", "true"),
            ],
        );
        let email = |value, verified| [("email", value), ("email_verified", verified)];
        let phone =
            |value, verified| [("phone_number", value), ("phone_number_verified", verified)];
        for (username, attributes, believed) in [
            ("ana.kowalczyk", &[][..], true),
            ("7c7f", &[], true),
            ("other", &[], false),
            ("Ana.Kowalczyk", &[], false),
            ("", &[], false),
            ("other", &email("ana@example.com", "true"), true),
            ("other", &email("ANA@EXAMPLE.COM", "true"), true),
            ("other", &email("ana@example.com", "True"), true),
            ("other", &email("ana@example.com", "false"), false),
            ("other", &email("ana@example.com", ""), false),
            ("other", &[("email", "ana@example.com")], false),
            ("other", &email("ana@example.org", "true"), false),
            ("other", &phone("+15550100", "true"), true),
            ("other", &phone("+15550100", "false"), false),
            ("other", &phone("+15550199", "true"), false),
            ("other", &[("sub", "7c7f")], false),
            (
                "other",
                &[("email", "+15550100"), ("email_verified", "true")],
                false,
            ),
        ] {
            let holder = identity(username, attributes);
            assert_eq!(is_of(&holder, &source), believed, "{holder:?}");
        }
    }

    #[test]
    fn what_the_source_user_never_proved_or_has_not_is_no_likeness() {
        let holder = identity(
            "other",
            &[("email", "ana@example.com"), ("email_verified", "true")],
        );
        for attributes in [
            &[][..],
            &[("email", "ana@example.com")],
            &[("email", "ana@example.com"), ("email_verified", "false")],
        ] {
            assert!(
                !is_of(&holder, &identity("ana", attributes)),
                "{attributes:?}"
            );
        }
        let nothing = [("email", ""), ("email_verified", "true"), ("sub", "")];
        assert!(!is_of(&identity("", &nothing), &identity("ana", &nothing)));
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

    #[test]
    fn a_source_sub_stands_in_a_mark_or_by_itself() {
        for (value, sub, done) in [
            ("pending/7c7f", Some("7c7f"), None),
            ("done/7c7f", Some("7c7f"), Some("7c7f")),
            ("7c7f", Some("7c7f"), None),
            ("Done/7c7f", Some("Done/7c7f"), None),
            ("done/", None, None),
            ("pending/", None, None),
            ("", None, None),
        ] {
            assert_eq!(source_sub(value), sub, "{value}");
            assert_eq!(source_sub_of_done(value), done, "{value}");
        }
    }
}
