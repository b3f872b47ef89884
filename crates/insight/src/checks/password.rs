//! `destination.password`: the destination pool demands of passwords what `PASSWORD_POLICY` says.

use rules::{checks::Verdict, password::PasswordPolicy};

use super::pools::{KnownPools, POOL, destination_is_unknown};

/// How `PASSWORD_POLICY`, or the source pool without it, compares with the destination pool.
enum PasswordFound {
    Equal,
    Stricter,
    Weaker,
    /// There is no `PASSWORD_POLICY`, and the source pool's policy keeps weak passwords out.
    SourceIsAsStrict,
    /// There is no `PASSWORD_POLICY`, and the source pool's policy lets weaker ones in.
    SourceIsWeaker,
}

/// Judges the password policies.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let Some(pool) = pools.destination().map(|pool| &pool.passwords) else {
        return destination_is_unknown();
    };
    match (pools.settings.policy.passwords, &pools.facts.source.pool) {
        (Some(set), _) => match (set.is_at_least(pool), pool.is_at_least(&set)) {
            (true, true) => PasswordFound::Equal,
            (true, false) => PasswordFound::Stricter,
            (false, _) => PasswordFound::Weaker,
        },
        (None, Ok(source)) if source.passwords.is_at_least(pool) => PasswordFound::SourceIsAsStrict,
        (None, Ok(_)) => PasswordFound::SourceIsWeaker,
        (None, Err(failure)) => return pools.unread_source(POOL, failure),
    }
    .verdict(pool)
}

impl PasswordFound {
    fn verdict(&self, pool: &PasswordPolicy) -> Verdict {
        let fix = format!("Set PASSWORD_POLICY to {}.", shown_policy(pool));
        match self {
            PasswordFound::Equal => {
                Verdict::ok("PASSWORD_POLICY is the destination pool's password policy.")
            }
            PasswordFound::Stricter => Verdict::warn(
                "PASSWORD_POLICY demands more than the destination pool: users have to reset passwords that the pool would \
                 take.",
                fix,
            ),
            PasswordFound::Weaker => Verdict::warn(
                "PASSWORD_POLICY demands less than the destination pool: users keep passwords that the pool would refuse.",
                fix,
            ),
            PasswordFound::SourceIsAsStrict => Verdict::ok(
                "The source pool's password policy is at least as strict as the destination pool's.",
            ),
            PasswordFound::SourceIsWeaker => Verdict::warn(
                "Users keep passwords that the destination pool would refuse: PASSWORD_POLICY is not set, and Cognito \
                 does not enforce the pool's own policy at a migration.",
                format!(
                    "If such users are to choose a new password, set PASSWORD_POLICY to {}.",
                    shown_policy(pool)
                ),
            ),
        }
    }
}

/// A policy as `PASSWORD_POLICY` takes it.
fn shown_policy(policy: &PasswordPolicy) -> String {
    serde_json::to_string(policy).unwrap_or_default()
}
