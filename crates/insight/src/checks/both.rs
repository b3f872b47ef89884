//! The pools against each other.

use super::answers::Pools;
use rules::checks::{Looked, Verdict};

impl Pools<'_> {
    pub(super) fn case(&self) -> Looked {
        let destination = self.destination()?;
        let source = match &self.facts.source.pool {
            Ok(source) => source,
            Err(failure) => return Err(self.unread_source("DescribeUserPool", failure)),
        };
        const FIX: &str = "Look for such users in the pool that SRC_USER_POOL_ID names, and change all but one of those \
                           who differ in case only.";
        let lookup = self.settings.source.lookup;
        let lookup = lookup.filter(|attribute| attribute.has_case());
        Ok(match (source.case_sensitive, destination.case_sensitive) {
            (true, false) => match lookup {
                None => Verdict::warn(
                    "The source pool distinguishes case, the destination pool does not: it hands over every name in lower \
                     case, whatever was typed. Users whose name in the source pool is not all lower case never migrate.",
                    "Set SRC_LOOKUP to email, if people sign in with their e-mail address, or to preferred_username. \
                     A user name cannot be changed: import the others of the pool that SRC_USER_POOL_ID names, or \
                     create them anew.",
                ),
                Some(lookup) => Verdict::warn(
                    format!(
                        "The source pool distinguishes case, the destination pool does not: it hands over every name in \
                         lower case. SRC_LOOKUP finds users by their {} in any case, but not two who differ in nothing \
                         else, and not users by a user name with upper case.",
                        lookup.as_str()
                    ),
                    FIX,
                ),
            },
            (false, true) => Verdict::warn(
                "The destination pool distinguishes case, the source pool does not: somebody who types \
                 another case after the migration is taken for another user.",
                "Use a destination pool with UsernameConfiguration.CaseSensitive false. It cannot be changed \
                 afterwards.",
            ),
            (true, true) => match lookup {
                None => Verdict::ok("Both pools distinguish case."),
                Some(lookup) => Verdict::warn(
                    format!(
                        "Both pools distinguish case, and SRC_LOOKUP does not where a name in lower case was typed: of \
                         two users whose {} differs in case only, neither is found by it.",
                        lookup.as_str()
                    ),
                    FIX,
                ),
            },
            (false, false) => Verdict::ok("Neither pool distinguishes case."),
        })
    }

    pub(super) fn same(&self) -> Looked {
        let id = &self.facts.source.id;
        Ok(if *id == self.facts.destination.id {
            Verdict::fail(
                format!("{id} is both the source pool and the destination pool."),
                "Set SRC_USER_POOL_ID to the id of the pool from which users come.",
            )
        } else {
            Verdict::ok("The source pool and the destination pool are different pools.")
        })
    }
}
