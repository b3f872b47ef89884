//! The guard on signing up: nobody takes the name or address of somebody who has yet to migrate.
//!
//! The new pool does not ask the source pool when somebody signs up, so a stranger could register an address before
//! its owner comes, who would then never migrate.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html>

use std::sync::Arc;

use crate::{
    error::Failure,
    policy::{Settings, SignInName},
    source_pool::{Lookup, SourcePool, Standing},
};

/// What the guard says of a sign-up.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The names are free, as far as the source pool goes.
    Allowed,
    /// One of the names belongs to somebody who can still migrate.
    Refused,
}

/// The guard.
pub struct Guard {
    source: Arc<SourcePool>,
    policy: Settings,
}

impl Guard {
    /// A guard for the users of `source` whom `policy` lets migrate.
    pub fn new(source: Arc<SourcePool>, policy: Settings) -> Self {
        Guard { source, policy }
    }

    /// Whether somebody may sign up under these names.
    ///
    /// Each is looked for where a migration would look for it, one after the other until one is found to be taken.
    pub async fn check(&self, names: &[String]) -> Result<Verdict, Failure> {
        let mut spellings: Vec<String> = vec![];
        for name in names {
            // The new pool may not tell capitals apart where the source pool does.
            for spelling in [name.clone(), name.to_lowercase()] {
                if !spellings.contains(&spelling) {
                    spellings.push(spelling);
                }
            }
        }
        for spelling in spellings {
            if self.is_taken(&spelling).await? {
                return Ok(Verdict::Refused);
            }
        }
        Ok(Verdict::Allowed)
    }

    /// Whether the name may mean a user of the source pool who could still migrate.
    async fn is_taken(&self, name: &str) -> Result<bool, Failure> {
        match self.policy.lookup_for(name) {
            Some(attribute) => self.is_taken_as(attribute, name).await,
            None => self.is_taken_as_username(name).await,
        }
    }

    async fn is_taken_as(&self, attribute: SignInName, name: &str) -> Result<bool, Failure> {
        let Ok(listed) = self.source.users_with(attribute.as_str(), name).await? else {
            return Ok(false);
        };
        // Several of them are as good as one: each might migrate, once the others are gone.
        let mut users = listed.users.iter();
        let found = users.any(|user| {
            attribute.may_be_of(name, user) && self.policy.could_migrate(user.enabled, user.status)
        });
        // Somebody may stand in the rest of the list.
        Ok(found || listed.more)
    }

    async fn is_taken_as_username(&self, name: &str) -> Result<bool, Failure> {
        Ok(match self.source.profile(name).await? {
            Lookup::Found(profile) => match profile.standing {
                Standing::Reported { enabled, status } => {
                    self.policy.could_migrate(enabled, status)
                }
                // Such a profile comes from a sign-in, and nobody has signed in.
                Standing::VouchedByToken => true,
            },
            Lookup::Refused(_) => false,
        })
    }
}
