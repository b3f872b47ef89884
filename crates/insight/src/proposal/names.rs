//! The names by which users sign in to both pools, and the settings that follow from them.

use crate::described::signs_in_by;
use rules::pool::UserPoolDescription;

/// The kinds of addresses, each with whether users of the pool sign in by it.
fn addresses(pool: &UserPoolDescription) -> [(&'static str, bool); 2] {
    ["email", "phone_number"].map(|name| (name, signs_in_by(pool, name)))
}

/// `SRC_LOOKUP`, with the reason.
pub(super) fn lookup(
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
) -> (&'static str, String) {
    let loses_case = source.case_sensitive && !destination.case_sensitive;
    let unknown = |name: &str| signs_in_by(destination, name) && !signs_in_by(source, name);
    let unknown = ["email", "phone_number"].map(unknown);
    let by_case = loses_case && signs_in_by(source, "email");
    match (unknown, by_case) {
        ([true, false], _) => (
            "email",
            "Users of the new pool type their e-mail address, and the source pool knows them by another name. Only a verified \
             address finds its user."
                .into(),
        ),
        ([true, true], _) => (
            "email",
            "Users of the new pool type an e-mail address or a phone number, and the source pool knows them by another name. One \
             look-up is possible: users who type a phone number do not migrate by it."
                .into(),
        ),
        ([false, true], false) => (
            "phone_number",
            "Users of the new pool type their phone number, and the source pool knows them by another name. Only a verified \
             number finds its user."
                .into(),
        ),
        (_, true) => (
            "email",
            "The new pool hands over every name in lower case, and the source pool distinguishes case. The look-up finds an \
             address in any case, if it is verified."
                .into(),
        ),
        ([false, false], false) if loses_case && !signs_in_by(source, "phone_number") => (
            "none",
            "Users type the user name of the source pool. The new pool hands it over in lower case, and the source pool \
             distinguishes case: user names with upper case do not migrate. survey counts them; draft --case-sensitive keeps the \
             case."
                .into(),
        ),
        ([false, false], false) => ("none", "Users type the same names as in the source pool.".into()),
    }
}

/// `DST_USERNAME`, with the reason.
pub(super) fn username(
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
) -> (&'static str, &'static str) {
    if destination.alias_attributes.is_empty() {
        return (
            "none",
            "What users type is their user name in the new pool.",
        );
    }
    // A pool with such an alias takes no user name of that form.
    let are_free = addresses(destination).into_iter().all(|(name, is_alias)| {
        !is_alias || source.alias_attributes.iter().any(|alias| alias == name)
    });
    match source.username_attributes.is_empty() && are_free {
        true => (
            "username",
            "A user who types an alias keeps the user name of the source pool, and can type that, too.",
        ),
        false => (
            "sub",
            "A user who types an alias needs a user name besides. User names of the source pool can have the form of an alias, \
             which the new pool does not take; the old sub never has.",
        ),
    }
}

/// `UNVERIFIED_CONTACTS`, with the reason.
pub(super) fn unverified_contacts(
    destination: &UserPoolDescription,
) -> (&'static str, &'static str) {
    match addresses(destination)
        .into_iter()
        .any(|(_, signs_in)| signs_in)
    {
        true => (
            "drop",
            "Addresses are sign-in names in the new pool: an unverified copy of an address would lock its owner out.",
        ),
        false => ("copy", "Addresses are no sign-in names in the new pool."),
    }
}
