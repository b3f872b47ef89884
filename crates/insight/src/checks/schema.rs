//! `destination.schema`: the destination pool takes the attributes that the mapping returns.

use rules::checks::Verdict;

use super::pools::{KnownPools, destination_is_unknown};
use crate::schema::Misfit;

/// Judges the mapping against the schemas of both pools.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let Some(destination) = pools.destination() else {
        return destination_is_unknown();
    };
    match (pools.fit(destination).misfit(), pools.source()) {
        (Some(misfit), _) => verdict(&misfit),
        (None, Some(_)) => {
            Verdict::ok("Every attribute that the mapping can return fits the destination pool.")
        }
        (None, None) => Verdict::ok(
            "Every attribute that the settings name exists in the destination pool. The source pool's attributes \
             are not known, so nothing was compared to them.",
        ),
    }
}

/// The verdict on a mapping that does not fit.
fn verdict(misfit: &Misfit) -> Verdict {
    match misfit {
        Misfit::Missing(names) => Verdict::fail(
            format!("The destination pool lacks {}.", names.join(", ")),
            "Add them to the destination pool's custom attributes, or change ATTRIBUTE_MAP or STATIC_ATTRIBUTES. In \
             ATTRIBUTE_MAP null drops an attribute, and another name renames it.",
        ),
        Misfit::NeverReturned(names) => Verdict::fail(
            format!(
                "The destination pool requires {}, and nothing is mapped to it.",
                names.join(", ")
            ),
            "Provide it with ATTRIBUTE_MAP or STATIC_ATTRIBUTES. A pool cannot be changed to do without it.",
        ),
        Misfit::StaticValue(names) => Verdict::fail(
            format!(
                "The value that STATIC_ATTRIBUTES sets does not fit {} in the destination pool.",
                names.join(", ")
            ),
            "Set a value of the type, length or range that the destination pool allows in STATIC_ATTRIBUTES.",
        ),
        Misfit::NotAlwaysReturned(names) => Verdict::warn(
            format!(
                "The destination pool requires {}, which not every migrated user gets: the source pool does not require \
                 it, or UNVERIFIED_CONTACTS leaves it behind. Users without it cannot be migrated.",
                names.join(", ")
            ),
            "Give those users the attribute in the source pool, verified if UNVERIFIED_CONTACTS is drop. Or give all users \
             the same value with STATIC_ATTRIBUTES.",
        ),
        Misfit::Narrower(limits) => Verdict::warn(
            format!(
                "The destination pool takes less than the source pool may hold: {}.",
                limits.join("; ")
            ),
            "Users with other values cannot be migrated. With ATTRIBUTE_MAP, map to an attribute with wider limits, \
             or drop it.",
        ),
        Misfit::UnknownInSource(names) => Verdict::warn(
            format!(
                "ATTRIBUTE_MAP names {}, which the source pool does not have.",
                names.join(", ")
            ),
            "Correct the names in ATTRIBUTE_MAP. Nothing is copied from these.",
        ),
    }
}
