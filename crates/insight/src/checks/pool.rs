//! `destination.pool`: the destination pool exists, and is not deleted by mistake.

use rules::{
    checks::{Answer, Verdict, credentials_may_not},
    outcome::{Cause, Failure},
    pool::UserPoolDescription,
};

use super::pools::{KnownPools, POOL};

/// The cases of the pool.
enum PoolFound<'a> {
    Protected { users: u64 },
    Unprotected { users: u64 },
    NotAllowed,
    DoesNotExist,
    NoAnswer(&'a Failure),
}

/// Judges whether the destination pool exists.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let destination = &pools.facts.destination;
    found(&destination.pool).verdict(&destination.id)
}

fn found(pool: &Answer<UserPoolDescription>) -> PoolFound<'_> {
    match pool {
        Ok(pool) if pool.deletion_protected => PoolFound::Protected { users: pool.users },
        Ok(pool) => PoolFound::Unprotected { users: pool.users },
        Err(failure) => match failure.cause {
            Cause::NotAllowed => PoolFound::NotAllowed,
            Cause::NotFound => PoolFound::DoesNotExist,
            _ => PoolFound::NoAnswer(failure),
        },
    }
}

impl PoolFound<'_> {
    fn verdict(&self, id: &str) -> Verdict {
        match self {
            PoolFound::Protected { users } => {
                Verdict::ok(format!("{id} exists, with about {users} users."))
            }
            PoolFound::Unprotected { users } => Verdict::warn(
                format!(
                    "{id} exists, with about {users} users. Its deletion protection is off, so one call, or a Terraform \
                     plan that replaces the pool, deletes it with its users."
                ),
                "Set the destination pool's DeletionProtection to ACTIVE (deletion_protection in Terraform).",
            ),
            PoolFound::NotAllowed => credentials_may_not(POOL, id),
            PoolFound::DoesNotExist => Verdict::fail(
                format!("The user pool {id} does not exist."),
                "Correct the id of the destination pool. The pool must be in the account and Region of the function.",
            ),
            PoolFound::NoAnswer(failure) => Verdict::not_asked("The destination pool", failure),
        }
    }
}
