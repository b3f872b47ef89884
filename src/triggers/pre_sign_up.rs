//! The pre_sign_up trigger: the guard that reserves the names and addresses of users who can still migrate.
//!
//! The destination pool does not ask the source pool at a sign-up. So a stranger could register an address before its owner
//! migrates, and the owner could never migrate.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html>

use std::{sync::Arc, time::Duration};

use pools::SourcePool;
use rules::{
    admission::Policy,
    evidence::{ListedUser, Standing},
    outcome::{Reason, Stop},
    settings::Settings,
    sign_in_name::SignInName,
};

use super::{Conclusion, Outcome, in_time, not_from_the_source, unusable};
use crate::event::Event;

const OPERATION: &str = "sign-up";

/// Guards sign-ups.
pub struct PreSignUp {
    source: Arc<SourcePool>,
    policy: Policy,
    /// A mark is believed from a user whose name is that of the source user.
    guards_usernames: bool,
    time_budget: Duration,
}

impl PreSignUp {
    /// Guards the names of the users of `source` who can still migrate under these settings.
    pub fn new(source: Arc<SourcePool>, settings: &Settings) -> Self {
        PreSignUp {
            source,
            policy: settings.policy,
            guards_usernames: settings.destination.mark.is_some(),
            time_budget: settings.time_budget,
        }
    }

    /// Concludes a sign-up to the destination pool; Lambda leaves this `time`. A failure of the
    /// guard refuses the sign-up.
    pub async fn sign_up(&self, event: &Event<'_>, time: Duration) -> Result<Conclusion, Stop> {
        let names = event.names_at_sign_up().map_err(|_| unusable(OPERATION))?;
        not_from_the_source(event, &self.source, OPERATION)?;
        let time = time.min(self.time_budget);
        match in_time(OPERATION, time, self.any_is_taken(&names)).await? {
            false => Ok(Outcome::Allowed.into()),
            true => Err(Reason::AccountExists.into()),
        }
    }

    /// Whether one of the names belongs to a source user who can still migrate.
    ///
    /// Each is looked for where a migration would look for it, one after the other until one is found to be taken. With a
    /// mark each is also looked for as a user name: else a stranger could take the name, and the mark of its owner would be
    /// believed.
    async fn any_is_taken(&self, names: &[String]) -> Result<bool, Stop> {
        for name in names {
            let lookup = self.source.lookup_for(name);
            if let Some(attribute) = lookup
                && unless_rejected(self.is_taken_as(attribute, name).await)?
            {
                return Ok(true);
            }
            if (lookup.is_none() || self.guards_usernames)
                && unless_rejected(self.is_taken_as_username(name).await)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a source user who could still migrate has this value in the attribute. Rejects a value that no user can have.
    async fn is_taken_as(&self, attribute: SignInName, name: &str) -> Result<bool, Stop> {
        // Several users count too: each could migrate once the others are deleted.
        let found = |users: &[ListedUser]| {
            users.iter().any(|user| {
                attribute.may_be_of(name, user)
                    && self.policy.could_migrate(user.enabled, user.status)
            })
        };
        let listed = self
            .source
            .users_with(attribute.as_str(), name, found)
            .await?;
        // The rest of the list may hold such a user.
        Ok(found(&listed.users) || listed.more)
    }

    /// Whether a source user who could still migrate has this user name. Rejects a name that no user has.
    async fn is_taken_as_username(&self, name: &str) -> Result<bool, Stop> {
        Ok(match self.source.profile(name).await?.standing {
            Standing::Reported { enabled, status } => self.policy.could_migrate(enabled, status),
            // Such a profile comes from a sign-in, and there was none.
            Standing::VouchedByToken => true,
        })
    }
}

/// Whether a name is taken; one that the source pool rejects is not.
fn unless_rejected(taken: Result<bool, Stop>) -> Result<bool, Stop> {
    match taken {
        Err(Stop::Rejected(_)) => Ok(false),
        taken => taken,
    }
}
