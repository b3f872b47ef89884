//! The guard on signing up: nobody takes the name or address of somebody who has yet to migrate.
//!
//! The new pool does not ask the source pool when somebody signs up, so a stranger could register an address before
//! its owner comes, who would then never migrate.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html>

use std::sync::Arc;

use crate::{
    error::{Failure, Reason},
    policy::{Settings, SignInName},
    source_pool::{Lookup, SourcePool, Standing},
    source_user,
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
    /// Each is looked for as a migration would look for it, one after the other until one is found to be taken.
    pub async fn check(&self, names: &[String]) -> Result<Verdict, Failure> {
        for name in names {
            // The new pool may not tell capitals apart where the source pool does.
            let spellings = if SignInName::Email.has_form(name) {
                SignInName::Email.spellings(name)
            } else {
                vec![name.clone()]
            };
            for spelling in spellings {
                if self.is_taken(&spelling).await? {
                    return Ok(Verdict::Refused);
                }
            }
        }
        Ok(Verdict::Allowed)
    }

    /// Whether the name means a user of the source pool who could still migrate.
    async fn is_taken(&self, name: &str) -> Result<bool, Failure> {
        let username = match source_user::name_of(&self.source, self.policy.lookup, name).await? {
            Ok(username) => username,
            // Each of them might, once the others are gone.
            Err(Reason::AmbiguousUser) => return Ok(true),
            Err(_) => return Ok(false),
        };
        Ok(match self.source.profile(&username).await? {
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
