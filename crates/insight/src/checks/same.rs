//! `pools.same`: the pools are different ones.

use rules::checks::Verdict;

use super::pools::KnownPools;

/// Judges whether there are two pools.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let (source, destination) = (&pools.facts.source.id, &pools.facts.destination.id);
    match source == destination {
        true => Verdict::fail(
            format!("{source} is both the source pool and the destination pool."),
            "Set SRC_USER_POOL_ID to the id of the pool from which users come.",
        ),
        false => Verdict::ok("The source pool and the destination pool are different pools."),
    }
}
