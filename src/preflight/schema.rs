//! Whether what the mapping returns fits the attributes of the new pool.

use std::collections::BTreeSet;

use super::report::Finding;
use crate::{
    attributes::{Mapping, STANDARD},
    aws::{DataType, SchemaAttribute, UserPoolDescription},
};

/// A `sub` is a UUID, whatever length the schema allows it.
const SUB_LENGTH: i128 = 36;

/// An attribute on its way: from the source's, under this name, to the new pool's.
struct Move<'a> {
    from: &'a str,
    to: &'a str,
}

/// The mapping against the attributes of both pools; `source` is `None` where they are not known.
pub(super) struct Fit<'a> {
    mapping: &'a Mapping,
    source: Option<&'a UserPoolDescription>,
    destination: &'a [SchemaAttribute],
    moves: Vec<Move<'a>>,
}

impl<'a> Fit<'a> {
    pub(super) fn new(
        mapping: &'a Mapping,
        source: Option<&'a UserPoolDescription>,
        destination: &'a [SchemaAttribute],
    ) -> Self {
        let known: BTreeSet<&str> = STANDARD
            .into_iter()
            .chain(["sub"])
            .chain(mapping.renamed.keys().map(String::as_str))
            .chain(schema(source).iter().map(|known| known.name.as_str()))
            .filter(|name| source.is_none() || exists(schema(source), name))
            .collect();
        let moves = known
            .into_iter()
            .filter_map(|from| mapping.destination(from).map(|to| Move { from, to }))
            .filter(|on_its_way| !mapping.fixed.contains_key(on_its_way.to))
            .collect();
        Fit {
            mapping,
            source,
            destination,
            moves,
        }
    }

    /// Whether every migrated user has the attribute, whoever it is.
    pub(super) fn everybody_gets(&self, name: &str) -> bool {
        self.mapping
            .fixed
            .get(name)
            .is_some_and(|value| !value.is_empty())
            || self
                .moves
                .iter()
                .any(|on_its_way| on_its_way.to == name && self.everybody_has(on_its_way.from))
    }

    /// The check.
    pub(super) fn finding(&self) -> Finding {
        let missing = self.missing();
        if !missing.is_empty() {
            return Finding::fail(
                format!("The new pool lacks {}.", missing.join(", ")),
                "Add them to the new pool's custom attributes, or change ATTRIBUTE_MAP or STATIC_ATTRIBUTES, \
                 in which null drops an attribute and another name renames it.",
            );
        }
        let never = self.required(|name| {
            !self.mapping.fixed.contains_key(name)
                && !self.moves.iter().any(|on_its_way| on_its_way.to == name)
        });
        if !never.is_empty() {
            return Finding::fail(
                format!(
                    "The new pool requires {}, and nothing is mapped to it.",
                    never.join(", ")
                ),
                "Provide it with ATTRIBUTE_MAP or STATIC_ATTRIBUTES: a pool cannot be changed to do without it.",
            );
        }
        let unfit = self.fixed_values_that_do_not_fit();
        if !unfit.is_empty() {
            return Finding::fail(
                format!(
                    "The value that STATIC_ATTRIBUTES sets does not fit {} in the new pool.",
                    unfit.join(", ")
                ),
                "Set a value of the length or range that the new pool allows in STATIC_ATTRIBUTES.",
            );
        }
        let sometimes = self.required(|name| !self.everybody_gets(name));
        if !sometimes.is_empty() && self.source.is_some() {
            return Finding::warn(
                format!(
                    "The new pool requires {}, which the source pool does not require: users without it cannot be migrated.",
                    sometimes.join(", ")
                ),
                "Give those users the attribute in the source pool, or provide it for everybody with STATIC_ATTRIBUTES.",
            );
        }
        let narrower = self.narrower();
        if !narrower.is_empty() {
            return Finding::warn(
                format!(
                    "The new pool takes less than the source pool may hold: {}.",
                    narrower.join("; ")
                ),
                "Users with other values cannot be migrated: map to an attribute with wider limits with ATTRIBUTE_MAP, or drop it.",
            );
        }
        let unknown = self.unknown_in_source();
        if !unknown.is_empty() {
            return Finding::warn(
                format!(
                    "ATTRIBUTE_MAP names {}, which the source pool does not have.",
                    unknown.join(", ")
                ),
                "Correct the names in ATTRIBUTE_MAP: nothing will come from these.",
            );
        }
        Finding::ok(match self.source {
            Some(_) => "Every attribute that the mapping can return fits the new pool.",
            None => {
                "Every attribute that the settings name exists in the new pool. \
                 The source pool's attributes are not known, so nothing was compared to them."
            }
        })
    }

    /// Custom attributes that the mapping can return and that the new pool does not have. The standard ones exist in
    /// every pool.
    fn missing(&self) -> Vec<String> {
        let destinations: BTreeSet<&str> = self
            .moves
            .iter()
            .map(|on_its_way| on_its_way.to)
            .chain(self.mapping.fixed.keys().map(String::as_str))
            .collect();
        owned(
            destinations
                .into_iter()
                .filter(|name| !exists(self.destination, name)),
        )
    }

    /// The new pool's required attributes of which `fails` holds. Cognito itself provides `sub`.
    fn required(&self, fails: impl Fn(&str) -> bool) -> Vec<String> {
        owned(
            self.destination
                .iter()
                .filter(|attribute| attribute.required && attribute.name != "sub")
                .map(|attribute| attribute.name.as_str())
                .filter(|name| fails(name)),
        )
    }

    fn everybody_has(&self, name: &str) -> bool {
        let required = || {
            schema(self.source)
                .iter()
                .any(|attribute| attribute.name == name && attribute.required)
        };
        let is_user_name = || {
            self.source
                .is_some_and(|source| source.username_attributes == [name])
        };
        name == "sub" || required() || is_user_name()
    }

    fn fixed_values_that_do_not_fit(&self) -> Vec<String> {
        let fits = |attribute: &SchemaAttribute, value: &str| {
            let size = match attribute.data_type {
                DataType::Number => value.parse().ok(),
                DataType::String => i128::try_from(value.chars().count()).ok(),
                DataType::Other => return true,
            };
            size.is_some_and(|size| {
                attribute.minimum.is_none_or(|least| least <= size)
                    && attribute.maximum.is_none_or(|most| size <= most)
            })
        };
        owned(
            self.mapping
                .fixed
                .iter()
                // An empty value is never returned.
                .filter(|(_, value)| !value.is_empty())
                .filter_map(|(name, value)| {
                    let attribute = find(self.destination, name)?;
                    (!fits(attribute, value)).then_some(name.as_str())
                }),
        )
    }

    fn narrower(&self) -> Vec<String> {
        let pairs = self.moves.iter().filter_map(|on_its_way| {
            let from = find(schema(self.source), on_its_way.from)?;
            Some((from, find(self.destination, on_its_way.to)?))
        });
        pairs.filter_map(|(from, to)| narrower(from, to)).collect()
    }

    /// Attributes from which the settings map and which the source pool does not have.
    fn unknown_in_source(&self) -> Vec<String> {
        if self.source.is_none() {
            return vec![];
        }
        let names: BTreeSet<&str> = self
            .mapping
            .renamed
            .iter()
            // What is dropped need not be there.
            .filter(|(_, destination)| destination.is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        owned(
            names
                .into_iter()
                .filter(|name| !exists(schema(self.source), name)),
        )
    }
}

/// What values of `from` do not fit `to`, if any can be.
fn narrower(from: &SchemaAttribute, to: &SchemaAttribute) -> Option<String> {
    let name = if from.name == to.name {
        to.name.clone()
    } else {
        format!("{} from {}", to.name, from.name)
    };
    if from.data_type != to.data_type {
        // Whatever it is, it can be written down.
        let fits = to.data_type == DataType::String;
        return (!fits).then(|| format!("{name} is of another type"));
    }
    let (least, most) = match from.data_type {
        DataType::Other => return None,
        DataType::String if from.name == "sub" => (Some(SUB_LENGTH), Some(SUB_LENGTH)),
        // An empty value does not go along.
        DataType::String => (Some(from.minimum.unwrap_or(0).max(1)), from.maximum),
        DataType::Number => (from.minimum, from.maximum),
    };
    let too_small = to
        .minimum
        .is_some_and(|limit| least.is_none_or(|least| least < limit));
    let too_great = to
        .maximum
        .is_some_and(|limit| most.is_none_or(|most| limit < most));
    let range = |least: Option<i128>, most: Option<i128>| {
        let show = |limit: Option<i128>| limit.map_or("any".to_owned(), |limit| limit.to_string());
        format!("{} to {}", show(least), show(most))
    };
    (too_small || too_great).then(|| {
        format!(
            "{name} takes {}, and the source has {}",
            range(to.minimum, to.maximum),
            range(least, most)
        )
    })
}

fn schema(pool: Option<&UserPoolDescription>) -> &[SchemaAttribute] {
    pool.map_or(&[], |pool| &pool.schema)
}

fn find<'a>(schema: &'a [SchemaAttribute], name: &str) -> Option<&'a SchemaAttribute> {
    schema.iter().find(|attribute| attribute.name == name)
}

fn exists(schema: &[SchemaAttribute], name: &str) -> bool {
    name == "sub" || STANDARD.contains(&name) || find(schema, name).is_some()
}

fn owned<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names.map(str::to_owned).collect()
}
