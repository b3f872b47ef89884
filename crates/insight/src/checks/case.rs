//! `pools.case`: both pools treat upper and lower case alike.

use rules::{checks::Verdict, sign_in_name::SignInName};

use super::pools::{KnownPools, POOL, destination_is_unknown};

/// The cases of both pools' regard for upper and lower case.
enum CaseFound {
    Ignored,
    /// The look-up by this attribute ignores case.
    InBoth(Option<SignInName>),
    /// The look-up by this attribute ignores case.
    InSourceOnly(Option<SignInName>),
    InDestinationOnly,
}

/// Judges the case of names.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    match (pools.destination(), &pools.facts.source.pool) {
        (None, _) => destination_is_unknown(),
        (Some(_), Err(failure)) => pools.unread_source(POOL, failure),
        (Some(destination), Ok(source)) => {
            let lookup = pools.settings.source.lookup;
            let lookup = lookup.filter(|attribute| attribute.has_case());
            match (source.case_sensitive, destination.case_sensitive) {
                (false, false) => CaseFound::Ignored,
                (true, true) => CaseFound::InBoth(lookup),
                (true, false) => CaseFound::InSourceOnly(lookup),
                (false, true) => CaseFound::InDestinationOnly,
            }
            .verdict()
        }
    }
}

/// The fix for users whom a look-up does not tell apart.
const CHANGE_USERS: &str = "Look for such users in the pool that SRC_USER_POOL_ID names, and change all but one of those \
                            who differ in case only.";

impl CaseFound {
    fn verdict(&self) -> Verdict {
        match self {
            CaseFound::Ignored => Verdict::ok("Neither pool distinguishes case."),
            CaseFound::InBoth(None) => Verdict::ok("Both pools distinguish case."),
            CaseFound::InBoth(Some(lookup)) => Verdict::warn(
                format!(
                    "Both pools distinguish case, and SRC_LOOKUP does not where a name in lower case was typed: of \
                     two users whose {} differs in case only, neither is found by it.",
                    lookup.as_str()
                ),
                CHANGE_USERS,
            ),
            CaseFound::InSourceOnly(None) => Verdict::warn(
                "The source pool distinguishes case, the destination pool does not: it hands over every name in lower \
                 case, whatever was typed. Users whose name in the source pool is not all lower case never migrate.",
                "Set SRC_LOOKUP to email, if people sign in with their e-mail address, or to preferred_username. \
                 A user name cannot be changed: import the others of the pool that SRC_USER_POOL_ID names, or \
                 create them anew.",
            ),
            CaseFound::InSourceOnly(Some(lookup)) => Verdict::warn(
                format!(
                    "The source pool distinguishes case, the destination pool does not: it hands over every name in \
                     lower case. SRC_LOOKUP finds users by their {} in any case, but not two who differ in nothing \
                     else, and not users by a user name with upper case.",
                    lookup.as_str()
                ),
                CHANGE_USERS,
            ),
            CaseFound::InDestinationOnly => Verdict::warn(
                "The destination pool distinguishes case, the source pool does not: a user who types \
                 another case after the migration is taken for another user.",
                "Use a destination pool with UsernameConfiguration.CaseSensitive false. It cannot be changed \
                 afterwards.",
            ),
        }
    }
}
