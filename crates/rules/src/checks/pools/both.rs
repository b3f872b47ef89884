//! The pools against each other.

use super::{
    super::report::{Finding, Looked},
    answers::Pools,
};

impl Pools<'_> {
    pub(super) fn case(&self) -> Looked {
        let destination = self.destination()?;
        let source = match &self.facts.source.pool {
            Ok(source) => source,
            Err(failure) => return Err(self.unread_source("DescribeUserPool", failure)),
        };
        Ok(match (source.case_sensitive, destination.case_sensitive) {
            (true, false) => Finding::warn(
                "The source pool distinguishes upper and lower case, the destination pool does not: of two users \
                 whose names differ only in case, one can be migrated.",
                "Look for such users in the pool that SRC_USER_POOL_ID names, and rename all but one. The case \
                 sensitivity of a pool (UsernameConfiguration) cannot be changed.",
            ),
            (false, true) => Finding::warn(
                "The destination pool distinguishes upper and lower case, the source pool does not: somebody who types \
                 another case after the migration is taken for another user.",
                "Use a destination pool with UsernameConfiguration.CaseSensitive false. It cannot be changed \
                 afterwards.",
            ),
            (true, true) => Finding::ok("Both pools distinguish upper and lower case."),
            (false, false) => Finding::ok("Neither pool distinguishes upper and lower case."),
        })
    }

    pub(super) fn same(&self) -> Looked {
        let id = &self.facts.source.id;
        Ok(if *id == self.facts.destination.id {
            Finding::fail(
                format!("{id} is both the source pool and the destination pool."),
                "Set SRC_USER_POOL_ID to the id of the pool from which users come.",
            )
        } else {
            Finding::ok("The source pool and the destination pool are different pools.")
        })
    }
}
