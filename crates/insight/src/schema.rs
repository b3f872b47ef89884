//! The comparison of the mapping with the attributes of both pools.

use crate::described::{can_hold, is_custom};
use std::collections::{BTreeMap, BTreeSet};

use rules::{
    attributes::{
        IDENTIFIERS, LONGEST_VALUE, Mapping, STANDARD, USERNAME, UnverifiedContacts, VERIFIED_FLAGS,
    },
    pool::{DataType, SchemaAttribute, UserPoolDescription},
    settings::Settings,
    sign_in_name::SignInName,
};
use time::{Date, Month};

/// Whether a pool with this schema takes these attributes of a user.
pub(crate) fn takes(schema: &[SchemaAttribute], attributes: &BTreeMap<String, String>) -> bool {
    attributes.iter().all(|(name, value)| {
        exists(schema, name)
            && value.len() <= LONGEST_VALUE
            && has_format(name, value)
            && find(schema, name).is_none_or(|attribute| can_hold(attribute, value))
    })
}

/// Whether a standard attribute has the form that Cognito wants of it: a birthday `YYYY-MM-DD`, a phone number `+` and
/// digits.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
fn has_format(name: &str, value: &str) -> bool {
    match name {
        "birthdate" => is_day(value),
        "phone_number" => SignInName::PhoneNumber.has_form(value),
        _ => true,
    }
}

/// Whether this is a day of the calendar, `YYYY-MM-DD`.
pub(crate) fn is_day(value: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || c == '-';
    let [year, month, day] = match value.split('-').collect::<Vec<_>>()[..] {
        _ if !value.chars().all(is_part) => return false,
        [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2) => {
            [year, month, day]
        }
        _ => return false,
    };
    let (Ok(year), Ok(month), Ok(day)) =
        (year.parse::<u16>(), month.parse::<u8>(), day.parse::<u8>())
    else {
        return false;
    };
    Month::try_from(month)
        .is_ok_and(|month| Date::from_calendar_date(i32::from(year), month, day).is_ok())
}

/// Whether these attributes lack one that a pool with this schema requires. Cognito itself provides `sub`.
pub(crate) fn lacks_required(
    schema: &[SchemaAttribute],
    attributes: &BTreeMap<String, String>,
) -> bool {
    schema.iter().any(|attribute| {
        attribute.required && attribute.name != "sub" && !attributes.contains_key(&attribute.name)
    })
}

/// A `sub` is a UUID, whatever length the schema allows it.
const SUB_LENGTH: i128 = 36;

/// A user name has at most so many characters.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html>
const LONGEST_USER_NAME: i128 = 128;

/// The known attributes of source users.
#[derive(Clone, Copy)]
pub(crate) struct SourceSchema<'a> {
    /// The attributes of the source pool.
    pub(crate) attributes: &'a [SchemaAttribute],
    /// The attributes with which users sign in instead of a user name.
    pub(crate) username_attributes: &'a [String],
}

impl SourceSchema<'_> {
    /// Whether source users can have an attribute of this name.
    fn has(&self, name: &str) -> bool {
        name == USERNAME || exists(self.attributes, name)
    }

    /// The user name, as an attribute. A pool that signs users in by an address gives them UUIDs for names.
    fn user_name(&self) -> SchemaAttribute {
        let (minimum, maximum) = match self.username_attributes {
            [] => (1, LONGEST_USER_NAME),
            [_, ..] => (SUB_LENGTH, SUB_LENGTH),
        };
        SchemaAttribute {
            name: USERNAME.to_owned(),
            required: true,
            mutable: false,
            data_type: DataType::String,
            minimum: Some(minimum),
            maximum: Some(maximum),
        }
    }
}

/// A misfit between the mapping and the destination pool. The texts name attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// The destination pool does not have these.
    Missing(Vec<String>),
    /// It requires these, and no user gets them.
    NeverReturned(Vec<String>),
    /// It does not take the values that are the same for all users.
    StaticValue(Vec<String>),
    /// It requires these, and the source pool does not.
    NotAlwaysReturned(Vec<String>),
    /// It does not take every value that the source pool may hold: each attribute, with both limits.
    Narrower(Vec<String>),
    /// The source pool does not have these, from which the settings map.
    UnknownInSource(Vec<String>),
}

/// A source attribute that is copied, and the destination attribute that it becomes.
struct Copied<'a> {
    from: &'a str,
    to: &'a str,
}

/// The mapping against the attributes of both pools.
pub(crate) struct Fit<'a> {
    mapping: &'a Mapping,
    source: Option<SourceSchema<'a>>,
    destination: &'a [SchemaAttribute],
    copied: Vec<Copied<'a>>,
}

impl<'a> Fit<'a> {
    /// `source` is `None` where it is not known: then only what the settings name is judged.
    pub(crate) fn new(
        mapping: &'a Mapping,
        source: Option<SourceSchema<'a>>,
        destination: &'a [SchemaAttribute],
    ) -> Self {
        let attributes = source.map_or(&[][..], |source| source.attributes);
        let known: BTreeSet<&str> = STANDARD
            .into_iter()
            .chain(IDENTIFIERS)
            .chain(mapping.renamed.keys().map(String::as_str))
            .chain(attributes.iter().map(|known| known.name.as_str()))
            .filter(|name| source.is_none_or(|source| source.has(name)))
            .collect();
        let copied = known
            .into_iter()
            .filter_map(|from| mapping.destination(from).map(|to| Copied { from, to }))
            .filter(|copied| !mapping.fixed.contains_key(copied.to))
            .collect();
        Fit {
            mapping,
            source,
            destination,
            copied,
        }
    }

    /// Whether every migrated user has the attribute.
    pub(crate) fn every_user_gets(&self, name: &str) -> bool {
        let fixed = self.mapping.fixed.get(name);
        fixed.is_some_and(|value| !value.is_empty())
            || self
                .copied
                .iter()
                .any(|copied| copied.to == name && self.is_always_copied(copied))
    }

    /// Whether every source user has the attribute, and none leaves it behind.
    fn is_always_copied(&self, copied: &Copied) -> bool {
        let contact = VERIFIED_FLAGS
            .into_iter()
            .find(|(contact, flag)| [*contact, *flag].contains(&copied.to));
        let may_stay_behind = match (self.mapping.unverified_contacts, contact) {
            (UnverifiedContacts::Copy, _) | (_, None) => false,
            // The name that was typed does not stay behind.
            (UnverifiedContacts::Drop, Some((contact, _))) => {
                let is_typed = |source: SourceSchema| source.username_attributes == [contact];
                copied.from != contact || !self.source.is_some_and(is_typed)
            }
        };
        self.every_user_has(copied.from) && !may_stay_behind
    }

    /// The source attributes that may become this one.
    pub(crate) fn sources_of(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let copied = self.copied.iter();
        copied
            .filter(move |copied| copied.to == name)
            .map(|copied| copied.from)
    }

    /// The custom attributes of the source pool that are copied, each with the attribute that it becomes.
    pub(crate) fn copied_custom(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let copied = self.copied.iter();
        copied
            .filter(|copied| is_custom(copied.from))
            .map(|copied| (copied.from, copied.to))
    }

    /// The misfits that make migrations fail, the worst first.
    pub(crate) fn misfit(&self) -> Option<Misfit> {
        let named = |names: Vec<String>, misfit: fn(Vec<String>) -> Misfit| {
            (!names.is_empty()).then(|| misfit(names))
        };
        named(self.missing(), Misfit::Missing)
            .or_else(|| named(self.never_returned(), Misfit::NeverReturned))
            .or_else(|| named(self.unfit_static_values(), Misfit::StaticValue))
            .or_else(|| named(self.not_always_returned(), Misfit::NotAlwaysReturned))
            .or_else(|| named(self.narrower(), Misfit::Narrower))
            .or_else(|| named(self.unknown_in_source(), Misfit::UnknownInSource))
    }

    /// Custom attributes that the mapping can return and that the destination pool does not have. The standard ones
    /// exist in every pool.
    fn missing(&self) -> Vec<String> {
        let returned: BTreeSet<&str> = self
            .copied
            .iter()
            .map(|copied| copied.to)
            .chain(self.mapping.fixed.keys().map(String::as_str))
            .collect();
        owned(
            returned
                .into_iter()
                .filter(|name| !exists(self.destination, name)),
        )
    }

    fn never_returned(&self) -> Vec<String> {
        self.required(|name| {
            !self.mapping.fixed.contains_key(name)
                && !self.copied.iter().any(|copied| copied.to == name)
        })
    }

    fn not_always_returned(&self) -> Vec<String> {
        if self.source.is_none() {
            return vec![];
        }
        self.required(|name| !self.every_user_gets(name))
    }

    /// The destination pool's required attributes of which `fails` holds. Cognito itself provides `sub`.
    fn required(&self, fails: impl Fn(&str) -> bool) -> Vec<String> {
        owned(
            self.destination
                .iter()
                .filter(|attribute| attribute.required && attribute.name != "sub")
                .map(|attribute| attribute.name.as_str())
                .filter(|name| fails(name)),
        )
    }

    fn every_user_has(&self, name: &str) -> bool {
        let has = |source: SourceSchema| {
            let required = |known: &SchemaAttribute| known.name == name && known.required;
            source.attributes.iter().any(required) || source.username_attributes == [name]
        };
        IDENTIFIERS.contains(&name) || self.source.is_some_and(has)
    }

    fn unfit_static_values(&self) -> Vec<String> {
        owned(
            self.mapping
                .fixed
                .iter()
                // An empty value is never returned.
                .filter(|(_, value)| !value.is_empty())
                .filter_map(|(name, value)| {
                    let attribute = find(self.destination, name)?;
                    (!can_hold(attribute, value)).then_some(name.as_str())
                }),
        )
    }

    fn narrower(&self) -> Vec<String> {
        let Some(source) = self.source else {
            return vec![];
        };
        let user_name = source.user_name();
        let pairs = self.copied.iter().filter_map(|copied| {
            let from = match copied.from {
                USERNAME => &user_name,
                name => find(source.attributes, name)?,
            };
            Some((from, find(self.destination, copied.to)?))
        });
        pairs.filter_map(|(from, to)| narrower(from, to)).collect()
    }

    fn unknown_in_source(&self) -> Vec<String> {
        let Some(source) = self.source else {
            return vec![];
        };
        owned(
            self.mapping
                .renamed
                .iter()
                // What is dropped need not exist.
                .filter(|(_, destination)| destination.is_some())
                .map(|(name, _)| name.as_str())
                .filter(|name| !source.has(name)),
        )
    }
}

/// The mapping against both schemas; `source` is `None` where it is not known.
pub(crate) fn fit<'a>(
    settings: &'a Settings,
    source: Option<&'a UserPoolDescription>,
    destination: &'a UserPoolDescription,
) -> Fit<'a> {
    Fit::new(
        &settings.destination.mapping,
        source.map(|pool| SourceSchema {
            attributes: &pool.schema,
            username_attributes: &pool.username_attributes,
        }),
        &destination.schema,
    )
}

/// The values of `from` that do not fit `to`, if there are any.
fn narrower(from: &SchemaAttribute, to: &SchemaAttribute) -> Option<String> {
    let name = if from.name == to.name {
        to.name.clone()
    } else {
        format!("{} from {}", to.name, from.name)
    };
    if from.data_type != to.data_type {
        // Every value can be written as a text.
        let fits = to.data_type == DataType::String;
        return (!fits).then(|| format!("{name} is of another type"));
    }
    let (least, most) = match from.data_type {
        DataType::Boolean | DataType::DateTime | DataType::Other => return None,
        DataType::String if from.name == "sub" => (Some(SUB_LENGTH), Some(SUB_LENGTH)),
        // An empty value is not copied.
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
            "{name} takes {}, and the source pool has {}",
            range(to.minimum, to.maximum),
            range(least, most)
        )
    })
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

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;
    use crate::test_support::*;

    /// A number within limits, of which `None` is none.
    fn number(name: &str, minimum: Option<i128>, maximum: Option<i128>) -> SchemaAttribute {
        let number = of_type(DataType::Number, attribute(name));
        changed(number, |it| (it.minimum, it.maximum) = (minimum, maximum))
    }

    /// The fault of a mapping, where users of the source pool sign in with these attributes.
    fn misfit_of(
        mapping: &Mapping,
        signs_in_with: &str,
        source: Option<&[SchemaAttribute]>,
        destination: &[SchemaAttribute],
    ) -> Option<Misfit> {
        let username_attributes = names(signs_in_with);
        let source = source.map(|attributes| SourceSchema {
            attributes,
            username_attributes: &username_attributes,
        });
        Fit::new(mapping, source, destination).misfit()
    }

    const A: &str = "custom:a";
    const B: &str = "custom:b";

    #[test]
    fn the_mapping_is_compared_with_both_schemas_attribute_by_attribute() {
        use Misfit::{Missing, NeverReturned, NotAlwaysReturned, StaticValue, UnknownInSource};
        type Schema = Vec<SchemaAttribute>;
        const SAME: &str = "custom:a=custom:a";
        const A_TO_B: &str = "custom:a=custom:b";
        const DEV: &str = "dev:custom:a=custom:a";
        const ALL: &str = "custom:*=custom:*";
        const USER: &str = "username=custom:a";
        let a = || vec![text(A, 0, 9)];
        let b = || vec![text(B, 0, 9)];
        let short = || vec![text(A, 0, 4)];
        let name = || vec![text("name", 0, 40)];
        let needs = |name: &str| vec![required(text(name, 0, 2048))];
        let up_to_4 = || vec![number(A, Some(0), Some(4))];
        let static_a = || Some(StaticValue(names(A)));
        let not_always = || Some(NotAlwaysReturned(names("name")));
        #[rustfmt::skip]
        let cases: Vec<(&str, &str, Schema, Schema, Option<Misfit>)> = vec![
            // Custom attributes that nothing maps do not matter.
            ("", "", a(), vec![], None),
            ("custom:a=", "", a(), vec![], None),
            (SAME, "", a(), vec![], Some(Missing(names(A)))),
            (ALL, "", a(), vec![], Some(Missing(names(A)))),
            (ALL, "", a(), a(), None),
            (ALL, "", vec![], a(), None),
            (A_TO_B, "", a(), b(), None),
            (A_TO_B, "", a(), a(), Some(Missing(names(B)))),
            (A_TO_B, "", vec![], b(), Some(UnknownInSource(names(A)))),
            // What is dropped need not exist, and standard attributes always do.
            ("custom:a= name=custom:b", "", vec![], b(), None),
            ("sub=custom:a", "", vec![], vec![], Some(Missing(names(A)))),
            // What is the same for all users must fit; an empty value is never returned.
            ("", "custom:a=x", vec![], vec![], Some(Missing(names(A)))),
            ("", "custom:a=1234", vec![], short(), None),
            ("", "custom:a=12345", vec![], short(), static_a()),
            ("", "custom:a=ññññ", vec![], short(), None),
            ("", "custom:a=1", vec![], vec![text(A, 2, 4)], static_a()),
            ("", "custom:a=", vec![], vec![text(A, 2, 4)], None),
            ("", "custom:a=4", vec![], up_to_4(), None),
            ("", "custom:a=5", vec![], up_to_4(), static_a()),
            ("", "custom:a=four", vec![], vec![number(A, None, None)], static_a()),
            ("", "custom:a=yes", vec![], vec![of_type(DataType::Boolean, attribute(A))], static_a()),
            ("", "custom:a=true", vec![], vec![of_type(DataType::Boolean, attribute(A))], None),
            ("", "custom:a=false", vec![], vec![of_type(DataType::Other, text(A, 1, 1))], None),
            // What the destination pool requires: of all users, of some, of none.
            ("", "custom:a=x", vec![], needs(A), None),
            ("", "name=", vec![], needs("name"), not_always()),
            ("", "", vec![], needs(A), Some(NeverReturned(names(A)))),
            ("", "", vec![], needs("name"), not_always()),
            ("", "", name(), needs("name"), not_always()),
            ("", "", needs("name"), needs("name"), None),
            ("name=", "", vec![], needs("name"), Some(NeverReturned(names("name")))),
            ("sub=name", "", vec![], needs("name"), None),
            // The user name exists in every pool, and the developers' attributes only where the schema has them.
            (USER, "", vec![], needs(A), None),
            (USER, "", vec![], vec![], Some(Missing(names(A)))),
            (DEV, "", vec![text("dev:custom:a", 0, 9)], a(), None),
            (DEV, "", vec![], a(), Some(UnknownInSource(names("dev:custom:a")))),
            ("", "", vec![], needs("email"), None),
            ("", "", vec![], needs("sub"), None),
            // The worst first.
            ("custom:a=custom:b name=", "", a(), needs("name"), Some(Missing(names(B)))),
            ("name=", "custom:a=12345", vec![], [needs("name"), short()].concat(), Some(NeverReturned(names("name")))),
        ];
        for (entries, fixed, source, destination, expected) in cases {
            let mapping = mapping(entries, fixed);
            let found = misfit_of(&mapping, "email", Some(&source), &destination);
            assert_eq!(found, expected, "{mapping:?} {source:?} {destination:?}");
        }
    }

    #[test]
    fn an_attribute_that_takes_less_is_named_with_both_limits() {
        const TYPE: Option<&str> = Some("is of another type");
        let boolean = |name| of_type(DataType::Boolean, attribute(name));
        let flag = |name| of_type(DataType::Other, text(name, 1, 1));
        #[rustfmt::skip]
        let cases = [
            // An empty value is not copied, so a least length of 1 is no narrower than 0.
            ("", text(A, 0, 9), text(B, 1, 9), None),
            ("", text(A, 0, 9), text(B, 0, 10), None),
            ("", text(A, 0, 9), text(B, 2, 9), Some("takes 2 to 9, and the source pool has 1 to 9")),
            ("", text(A, 0, 9), text(B, 0, 8), Some("takes 0 to 8, and the source pool has 1 to 9")),
            ("", text(A, 3, 9), text(B, 3, 9), None),
            ("", text(A, 0, 9), text(A, 0, 8), Some("takes 0 to 8, and the source pool has 1 to 9")),
            // Numbers, with and without limits.
            ("", number(A, Some(0), Some(9)), number(B, None, None), None),
            ("", number(A, Some(0), Some(9)), number(B, Some(0), Some(9)), None),
            ("", number(A, None, Some(9)), number(B, Some(0), Some(9)),
             Some("takes 0 to 9, and the source pool has any to 9")),
            ("", number(A, Some(0), None), number(B, Some(0), Some(9)),
             Some("takes 0 to 9, and the source pool has 0 to any")),
            ("", number(A, Some(0), Some(200)), number(B, Some(18), Some(200)),
             Some("takes 18 to 200, and the source pool has 0 to 200")),
            // A number can be written as a text; a text need not be a number.
            ("", number(A, Some(0), Some(9)), text(B, 0, 9), None),
            ("", text(A, 0, 9), number(B, None, None), TYPE),
            ("", flag(A), flag(B), None),
            ("", boolean(A), boolean(B), None),
            ("", boolean(A), text(B, 0, 9), None),
            ("", text(A, 0, 9), boolean(B), TYPE),
            // A `sub` has 36 characters, whatever the schema says.
            ("", text("sub", 1, 2048), text(A, 0, 36), None),
            ("", text("sub", 1, 2048), text(A, 36, 36), None),
            ("", text("sub", 1, 2048), text(A, 0, 35), Some("takes 0 to 35, and the source pool has 36 to 36")),
            ("", text("sub", 1, 2048), text(A, 37, 99), Some("takes 37 to 99, and the source pool has 36 to 36")),
            // A user name has up to 128 characters, and is a UUID where users sign in with an address.
            ("", text(USERNAME, 0, 0), text(A, 0, 128), None),
            ("", text(USERNAME, 0, 0), text(A, 1, 128), None),
            ("", text(USERNAME, 0, 0), text(A, 2, 128), Some("takes 2 to 128, and the source pool has 1 to 128")),
            ("", text(USERNAME, 0, 0), text(A, 0, 127), Some("takes 0 to 127, and the source pool has 1 to 128")),
            ("email", text(USERNAME, 0, 0), text(A, 36, 36), None),
            ("email", text(USERNAME, 0, 0), text(A, 37, 99), Some("takes 37 to 99, and the source pool has 36 to 36")),
            ("email", text(USERNAME, 0, 0), text(A, 0, 35), Some("takes 0 to 35, and the source pool has 36 to 36")),
        ];
        for (signs_in_with, from, to, expected) in cases {
            let mapping = mapping(&format!("{}={}", from.name, to.name), "");
            let found = misfit_of(
                &mapping,
                signs_in_with,
                Some(from_ref(&from)),
                from_ref(&to),
            );
            let names = match from.name == to.name {
                true => to.name.clone(),
                false => format!("{} from {}", to.name, from.name),
            };
            let narrower = |limits| Misfit::Narrower(vec![format!("{names} {limits}")]);
            let expected = expected.map(narrower);
            assert_eq!(found, expected, "{from:?} {to:?}");
        }
    }

    #[test]
    fn without_the_sources_schema_only_what_is_named_is_judged() {
        let mapping = mapping("custom:a=custom:b custom:*=custom:*", "");
        let found = |destination: &[_]| misfit_of(&mapping, "email", None, destination);
        assert_eq!(found(&[]), Some(Misfit::Missing(names(B))));
        assert_eq!(found(&[text(B, 0, 1), required(text("name", 0, 9))]), None);
    }

    #[test]
    fn every_user_gets_what_is_the_same_for_all_or_what_every_user_has() {
        use UnverifiedContacts::{Copy, Drop};
        const PHONE: &str = "phone_number";
        const NUMBER: &str = "phone_number=+15550100";
        const DROPS: &str = "phone_number=";
        const FROM_A: &str = "phone_number= custom:a=phone_number";
        let needs = |name| vec![required(text(name, 0, 9))];
        #[rustfmt::skip]
        let cases = [
            (Copy, ("", NUMBER), vec![], PHONE, "email", true),
            (Copy, ("", "phone_number="), vec![], PHONE, PHONE, false),
            (Copy, ("", ""), vec![], PHONE, PHONE, true),
            (Copy, ("", ""), vec![], PHONE, "email phone_number", false),
            (Copy, ("", ""), needs(PHONE), PHONE, "", true),
            (Copy, ("", ""), vec![text(PHONE, 0, 9)], PHONE, "", false),
            (Copy, (DROPS, ""), vec![], PHONE, PHONE, false),
            (Copy, ("sub=phone_number", ""), vec![], PHONE, "", true),
            // A contact may stay behind, unless it is the name that was typed.
            (Drop, ("", ""), needs(PHONE), PHONE, "", false),
            (Drop, ("", ""), needs("phone_number_verified"), "phone_number_verified", "", false),
            (Drop, ("", ""), vec![text(PHONE, 0, 9)], PHONE, PHONE, true),
            (Drop, (FROM_A, ""), needs(A), PHONE, PHONE, false),
            (Drop, ("", NUMBER), vec![], PHONE, "", true),
            (Drop, ("", ""), needs("name"), "name", "", true),
        ];
        for (unverified, (entries, fixed), attributes, name, signs_in_with, expected) in cases {
            let mut mapping = mapping(entries, fixed);
            mapping.unverified_contacts = unverified;
            let source = SourceSchema {
                attributes: &attributes,
                username_attributes: &names(signs_in_with),
            };
            let found = Fit::new(&mapping, Some(source), &[]).every_user_gets(name);
            assert_eq!(found, expected, "{mapping:?} {name} {signs_in_with}");
        }
        let mapping = Mapping::default();
        let of_unknown_source = Fit::new(&mapping, None, &[]);
        assert!(!of_unknown_source.every_user_gets(PHONE));
    }

    /// The attributes of one user against a schema, and against the form that Cognito wants of a standard attribute.
    #[test]
    fn a_pool_takes_attributes_that_exist_and_fit() {
        let schema = [
            text("name", 2, 4),
            number("custom:age", Some(18), Some(99)),
            of_type(DataType::Boolean, attribute("custom:member")),
        ];
        let longest = format!("picture={}", "x".repeat(2048));
        let too_long = format!("{longest}x");
        let taken = "name=Ana custom:age=18;name=żółw;custom:member=true;custom:member=false;birthdate=1985-02-28;\
                     phone_number=+15550100";
        let refused = "name=A;name=Maria;custom:age=17;custom:age=many;custom:member=True;custom:other=1;\
                       birthdate=1985-02-30;birthdate=85-02-28;birthdate=28.02.1985;birthdate=+985-02-28;\
                       phone_number=5550100;phone_number=+1555-0100";
        let taken = taken.split(';').chain([&*longest]).map(|it| (it, true));
        let refused = refused.split(';').chain([&*too_long]);
        for (attributes, is_taken) in taken.chain(refused.map(|it| (it, false))) {
            assert_eq!(takes(&schema, &pairs(attributes)), is_taken, "{attributes}");
        }
    }
}
