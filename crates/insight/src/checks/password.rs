//! `destination.password`: the destination pool demands of passwords what `PASSWORD_POLICY` says.

use rules::{checks::Verdict, password::PasswordPolicy};

use super::pools::{KnownPools, POOL, destination_is_unknown};

/// The comparison of `PASSWORD_POLICY`, or of the source pool's policy without it, with the destination pool's.
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
        (Some(set), _) => match (is_at_least(&set, pool), is_at_least(pool, &set)) {
            (true, true) => PasswordFound::Equal,
            (true, false) => PasswordFound::Stricter,
            (false, _) => PasswordFound::Weaker,
        },
        (None, Ok(source)) if is_at_least(&source.passwords, pool) => {
            PasswordFound::SourceIsAsStrict
        }
        (None, Ok(_)) => PasswordFound::SourceIsWeaker,
        (None, Err(failure)) => return pools.unread_source(POOL, failure),
    }
    .verdict(pool)
}

/// Whether every password that meets `one` meets `other` too.
fn is_at_least(one: &PasswordPolicy, other: &PasswordPolicy) -> bool {
    one.minimum_length >= other.minimum_length
        && one.require_lowercase >= other.require_lowercase
        && one.require_uppercase >= other.require_uppercase
        && one.require_numbers >= other.require_numbers
        && one.require_symbols >= other.require_symbols
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

#[cfg(test)]
mod tests {
    use rules::sensitive::Sensitive;

    use super::*;
    use crate::test_support::{password_policies, with_each};

    /// A password that just meets the policy.
    fn shortest(policy: &PasswordPolicy) -> Sensitive {
        let demanded = [
            (policy.require_lowercase, "a"),
            (policy.require_uppercase, "A"),
            (policy.require_numbers, "1"),
            (policy.require_symbols, "!"),
        ];
        let needed = demanded
            .map(|(is, text)| if is { text } else { "" })
            .concat();
        // A letter of another alphabet is none to Cognito.
        Sensitive::new(format!("{needed:ż<0$}", policy.minimum_length))
    }

    #[test]
    fn a_policy_is_at_least_another_if_its_shortest_password_meets_both() {
        let all = password_policies();
        let pairs = all.iter().map(|one| (*one, *one)).collect::<Vec<_>>();
        for (one, other) in with_each(&pairs, all, |pair, other| pair.1 = other) {
            let password = shortest(&one);
            assert!(one.is_met_by(&password), "{one:?}");
            let expected = other.is_met_by(&password);
            assert_eq!(is_at_least(&one, &other), expected, "{one:?} {other:?}");
        }
    }
}
