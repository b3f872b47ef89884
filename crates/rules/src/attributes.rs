//! The mapping of a source user's attributes to those of the migrated user.

use std::collections::BTreeMap;

use strum::{EnumIter, EnumString, VariantNames};

use crate::evidence::{Identity, says_verified};

/// The OpenID Connect attributes that exist in every user pool, `sub` aside.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
pub const STANDARD: [&str; 19] = [
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

/// The source attribute that holds the user's name in the source pool, which no pool lists among its attributes.
pub const USERNAME: &str = "username";

/// The source attributes that every user has, whatever the schema says. They can be mapped from, to a custom attribute only:
/// an id in a standard attribute would be shown as a name, or taken for an address.
pub const IDENTIFIERS: [&str; 2] = ["sub", USERNAME];

/// Each contact with the flag that says whether it is verified.
pub const VERIFIED_FLAGS: [(&str, &str); 2] = [
    ("email", "email_verified"),
    ("phone_number", "phone_number_verified"),
];

/// The longest value that a migration may return, in bytes.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html>
pub const LONGEST_VALUE: usize = 2048;

/// Whether a migration can set an attribute of this name: a standard one or a custom one.
pub fn is_settable(name: &str) -> bool {
    let custom = |name: &str| {
        !name.is_empty()
            && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '*')
    };
    STANDARD.contains(&name) || name.strip_prefix("custom:").is_some_and(custom)
}

/// Whether `name` is a flag that says that a contact is verified.
pub fn is_verified_flag(name: &str) -> bool {
    VERIFIED_FLAGS.iter().any(|(_, flag)| *flag == name)
}

/// Whether two names or addresses are the same without regard to case.
///
/// Both cases are compared: the Kelvin sign is a k in lower case, and an address with it is a different mailbox.
pub fn is_same_name(one: &str, other: &str) -> bool {
    // The usual case, which allocates nothing.
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    one.to_lowercase() == other.to_lowercase() && one.to_uppercase() == other.to_uppercase()
}

/// Whether a user with these attributes has this contact, verified.
pub fn is_verified(attributes: &BTreeMap<String, String>, contact: &str) -> bool {
    let flag = VERIFIED_FLAGS.iter().find(|(known, _)| *known == contact);
    let flag = flag.and_then(|(_, flag)| attributes.get(*flag));
    attributes.contains_key(contact) && says_verified(flag.map(String::as_str))
}

/// Handling of contacts that the source pool has not verified: `UNVERIFIED_CONTACTS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum UnverifiedContacts {
    /// They are copied.
    #[default]
    Copy,
    /// They are left out together with their flags. A contact that the user typed as a name is kept.
    Drop,
}

/// Source attributes and their destination attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Source name → destination name, or `None` to drop the attribute.
    pub renamed: BTreeMap<String, Option<String>>,
    /// Whether custom attributes that `renamed` does not mention are copied under their own names.
    pub copy_custom: bool,
    /// Attributes of every migrated user. They override copied ones.
    pub fixed: BTreeMap<String, String>,
    /// Handling of contacts that the source pool has not verified.
    pub unverified_contacts: UnverifiedContacts,
}

impl Mapping {
    /// The attributes of the migrated user, who has `typed` this name to sign in or to reset the password.
    ///
    /// A renamed attribute overrides a copied one of the same name. Empty values are left out, because Cognito fails on them.
    /// A verified flag is copied only with its own contact: beside another address it would let a stranger take over the
    /// account. A flag in any spelling becomes `true` or `false`.
    pub fn apply(&self, source: &Identity, typed: &str) -> Mapped {
        let mut mapped = BTreeMap::new();
        // Which source attribute each destination came from.
        let mut origin: BTreeMap<&str, &str> = BTreeMap::new();
        let (explicit, copied): (Vec<_>, Vec<_>) = source
            .attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            // Another attribute of this name is not the user's name.
            .filter(|(name, _)| *name != USERNAME)
            .chain(
                self.renamed
                    .contains_key(USERNAME)
                    .then_some((USERNAME, &*source.username)),
            )
            .filter(|(_, value)| !value.is_empty())
            .partition(|(name, _)| self.renamed.contains_key(*name));
        for (name, value) in explicit.into_iter().chain(copied) {
            let Some(destination) = self.destination(name) else {
                continue;
            };
            mapped.entry(destination.to_owned()).or_insert_with(|| {
                origin.insert(destination, name);
                match is_verified_flag(name) {
                    true => says_verified(Some(value)).to_string(),
                    false => value.to_owned(),
                }
            });
        }
        for (name, value) in &self.fixed {
            origin.remove(name.as_str());
            mapped.insert(name.clone(), value.clone());
        }
        for (contact, flag) in VERIFIED_FLAGS {
            // No flag vouches for a value that comes from another attribute.
            let is_own = |origin: &BTreeMap<_, _>| origin.get(contact) == Some(&contact);
            let is_typed = |value: &String| is_same_name(value, typed);
            let stays = self.unverified_contacts == UnverifiedContacts::Copy
                || is_own(&origin) && source.proven(contact, flag).is_some()
                || mapped.get(contact).is_some_and(is_typed);
            if !stays && origin.remove(contact).is_some() {
                mapped.remove(contact);
            }
            if origin.contains_key(flag) && !is_own(&origin) {
                mapped.remove(flag);
            }
        }
        mapped.retain(|_, value| !value.is_empty());
        let contacts = Contacts {
            phone_number: origin.get("phone_number") == Some(&"phone_number"),
            verified_email: is_verified(&mapped, "email"),
            verified_phone_number: is_verified(&mapped, "phone_number"),
        };
        Mapped {
            attributes: mapped,
            contacts,
        }
    }

    /// The name under which the source attribute of this name is copied, if it is copied.
    pub fn destination<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        match self.renamed.get(name) {
            Some(destination) => destination.as_deref(),
            None if STANDARD.contains(&name) => Some(name),
            None => (self.copy_custom && is_settable(name)).then_some(name),
        }
    }
}

/// The result of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// The attributes of the migrated user.
    pub attributes: BTreeMap<String, String>,
    /// The contacts of the migrated user.
    pub contacts: Contacts,
}

/// The contacts at which Cognito can reach a migrated user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contacts {
    /// The phone number of the source pool is copied, verified or not. Second-factor codes went to this number only.
    pub phone_number: bool,
    /// The user has an e-mail address that the source pool verified.
    pub verified_email: bool,
    /// The user has a phone number that the source pool verified.
    pub verified_phone_number: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs<const N: usize>(attributes: [(&str, &str); N]) -> Vec<(String, String)> {
        attributes
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }

    fn mapping<const N: usize>(renamed: [(&str, Option<&str>); N]) -> Mapping {
        Mapping {
            renamed: renamed
                .map(|(from, to)| (from.to_owned(), to.map(str::to_owned)))
                .into(),
            ..Mapping::default()
        }
    }

    fn applied(mapping: &Mapping, attributes: &[(String, String)], typed: &str) -> Mapped {
        let source = Identity {
            username: "ana.kowalczyk".to_owned(),
            attributes: attributes.to_vec(),
        };
        mapping.apply(&source, typed)
    }

    fn mapped<const N: usize>(
        mapping: &Mapping,
        source: [(&str, &str); N],
    ) -> Vec<(String, String)> {
        applied(mapping, &pairs(source), "ana")
            .attributes
            .into_iter()
            .collect()
    }

    #[test]
    fn standard_attributes_are_copied_and_unmentioned_custom_ones_are_not() {
        let source = [
            ("sub", "1"),
            ("email", "a@example.com"),
            ("email_verified", "true"),
            ("custom:tenant", "t"),
            ("identities", "[]"),
            ("cognito:user_status", "CONFIRMED"),
            ("unheard_of", "x"),
        ];
        assert_eq!(
            mapped(&Mapping::default(), source),
            pairs([("email", "a@example.com"), ("email_verified", "true")])
        );
    }

    #[test]
    fn a_mention_renames_drops_and_brings_sub_along() {
        let mapping = mapping([
            ("custom:org", Some("custom:tenant")),
            ("name", None),
            ("sub", Some("custom:legacy_sub")),
        ]);
        let source = [("custom:org", "t"), ("name", "Ana"), ("sub", "1")];
        assert_eq!(
            mapped(&mapping, source),
            pairs([("custom:legacy_sub", "1"), ("custom:tenant", "t")])
        );
    }

    #[test]
    fn the_user_name_is_the_pools_own_and_leaves_only_where_it_is_mapped() {
        let source = [("username", "forged"), ("custom:a", "a"), ("name", "Ana")];
        let ana = ("name", "Ana");
        let mapped_name = mapping([("username", Some("custom:legacy"))]);
        assert_eq!(
            mapped(&mapped_name, source),
            pairs([("custom:legacy", "ana.kowalczyk"), ana])
        );
        let copying = |renamed| Mapping {
            copy_custom: true,
            ..renamed
        };
        for mapping in [mapping([]), mapping([("username", None)])] {
            assert_eq!(mapped(&mapping, source), pairs([ana]));
            let all = mapped(&copying(mapping), source);
            assert_eq!(all, pairs([("custom:a", "a"), ana]));
        }
    }

    #[test]
    fn a_developer_attribute_leaves_only_where_it_is_mapped() {
        let source = [("dev:custom:a", "a"), ("custom:b", "b")];
        let all = Mapping {
            copy_custom: true,
            ..mapping([])
        };
        assert_eq!(mapped(&all, source), pairs([("custom:b", "b")]));
        let mapping = mapping([("dev:custom:a", Some("custom:a"))]);
        assert_eq!(mapped(&mapping, source), pairs([("custom:a", "a")]));
    }

    #[test]
    fn the_wildcard_copies_every_custom_attribute_that_is_not_mentioned() {
        let mapping = Mapping {
            copy_custom: true,
            ..mapping([("custom:a", Some("custom:b")), ("custom:secret", None)])
        };
        let source = [
            ("custom:b", "copied"),
            ("custom:a", "renamed"),
            ("custom:c", "c"),
            ("custom:secret", "x"),
        ];
        assert_eq!(
            mapped(&mapping, source),
            pairs([("custom:b", "renamed"), ("custom:c", "c")])
        );
    }

    #[test]
    fn fixed_attributes_win() {
        let mapping = Mapping {
            fixed: pairs([("locale", "de"), ("custom:origin", "old")])
                .into_iter()
                .collect(),
            ..Mapping::default()
        };
        assert_eq!(
            mapped(&mapping, [("locale", "en")]),
            pairs([("custom:origin", "old"), ("locale", "de")])
        );
    }

    #[test]
    fn a_verified_flag_never_speaks_of_another_contact() {
        let verified = [
            ("email", "a@example.com"),
            ("email_verified", "true"),
            ("custom:mail", "b@example.com"),
        ];
        for mapping in [
            mapping([("custom:mail", Some("email"))]),
            mapping([("email", None)]),
            mapping([("email", Some("custom:old_mail"))]),
            Mapping {
                fixed: pairs([("email", "all@example.com")]).into_iter().collect(),
                ..Mapping::default()
            },
        ] {
            let Mapped {
                attributes,
                contacts,
            } = applied(&mapping, &pairs(verified), "a@example.com");
            assert!(!attributes.contains_key("email_verified"), "{mapping:?}");
            assert!(!contacts.verified_email);
        }
    }

    #[test]
    fn a_flag_without_its_contact_is_dropped_and_verifies_nothing() {
        let source = [("email", ""), ("email_verified", "true")];
        assert_eq!(mapped(&Mapping::default(), source), []);
    }

    #[test]
    fn true_in_any_case_is_verified_and_nothing_else_is() {
        for (flag, verified) in [
            ("true", true),
            ("True", true),
            ("TRUE", true),
            ("false", false),
            ("yes", false),
            ("1", false),
        ] {
            let source = pairs([
                ("phone_number", "+15555550100"),
                ("phone_number_verified", flag),
            ]);
            let mapped = applied(&Mapping::default(), &source, "ana");
            let contacts = mapped.contacts;
            assert_eq!(contacts.verified_phone_number, verified, "{flag}");
            assert_eq!(
                mapped.attributes["phone_number_verified"],
                verified.to_string()
            );
            assert!(!contacts.verified_email);
            assert!(contacts.phone_number);
        }
    }

    #[test]
    fn a_flag_leaves_as_true_or_false_under_another_name_too() {
        let mapping = mapping([("email_verified", Some("custom:proven"))]);
        for (flag, left) in [("TRUE", "true"), ("False", "false"), ("yes", "false")] {
            let source = [("email", "a@example.com"), ("email_verified", flag)];
            assert_eq!(
                mapped(&mapping, source),
                pairs([("custom:proven", left), ("email", "a@example.com")])
            );
        }
        let empty = [("email", "a@example.com"), ("email_verified", "")];
        assert_eq!(mapped(&mapping, empty), pairs([("email", "a@example.com")]));
    }

    #[test]
    fn only_the_source_pools_own_phone_number_is_one_for_codes() {
        let source = [
            ("phone_number", "+15555550100"),
            ("custom:mobile", "+15555550101"),
        ];
        for (mapping, own) in [
            (Mapping::default(), true),
            (mapping([("custom:mobile", Some("phone_number"))]), false),
            (mapping([("phone_number", None)]), false),
            (
                Mapping {
                    fixed: pairs([("phone_number", "+15555550102")])
                        .into_iter()
                        .collect(),
                    ..Mapping::default()
                },
                false,
            ),
        ] {
            let mapped = applied(&mapping, &pairs(source), "ana");
            assert_eq!(mapped.contacts.phone_number, own, "{mapping:?}");
        }
    }

    /// Every origin of a contact, every value of its flag, and every kind of typed name.
    #[test]
    fn an_unverified_contact_is_dropped_unless_it_was_typed() {
        const VALUES: [(&str, &str); 2] = [("email", "Ana@example.com"), ("phone_number", "+1555")];
        let mut cases = 0;
        for ((contact, flag), (_, value)) in VERIFIED_FLAGS.into_iter().zip(VALUES) {
            let typed = [
                value.to_lowercase(),
                value.to_uppercase(),
                "other".to_owned(),
            ];
            for own_flag in [None, Some("true"), Some("TRUE"), Some("false"), Some("yes")] {
                for typed in &typed {
                    let is_typed = typed != "other";
                    let is_verified = own_flag.is_some_and(|flag| flag.to_lowercase() == "true");
                    let own = mapping([]);
                    let renamed = mapping([(contact, None), ("custom:a", Some(contact))]);
                    let kept_flag_behind = mapping([(flag, None)]);
                    let mut fixed = own.clone();
                    fixed.fixed.extend([(contact.to_owned(), value.to_owned())]);
                    for (copying, stays) in [
                        (own, is_verified || is_typed),
                        (renamed, is_typed),
                        (kept_flag_behind, is_verified || is_typed),
                        (fixed, true),
                    ] {
                        let mut source = pairs([(contact, value), ("custom:a", value)]);
                        source.extend(own_flag.map(|value| (flag.to_owned(), value.to_owned())));
                        let copied = applied(&copying, &source, typed);
                        assert_eq!(copied.attributes[contact], value);
                        let dropping = Mapping {
                            unverified_contacts: UnverifiedContacts::Drop,
                            ..copying
                        };
                        let mut expected = copied.clone();
                        if !stays {
                            expected.attributes.remove(contact);
                            expected.attributes.remove(flag);
                            expected.contacts.phone_number = false;
                        }
                        let found = applied(&dropping, &source, typed);
                        assert_eq!(found, expected, "{dropping:?} {own_flag:?} {typed}");
                        cases += 1;
                    }
                }
            }
        }
        assert_eq!(cases, 2 * 5 * 3 * 4);
    }

    #[test]
    fn a_static_flag_stays_without_its_contact() {
        let dropping = Mapping {
            fixed: pairs([("email_verified", "false")]).into_iter().collect(),
            unverified_contacts: UnverifiedContacts::Drop,
            ..Mapping::default()
        };
        let source = [("email", "a@example.com"), ("email_verified", "false")];
        assert_eq!(
            mapped(&dropping, source),
            pairs([("email_verified", "false")])
        );
    }

    #[test]
    fn names_are_the_same_if_they_differ_in_case_only() {
        for (one, other, same) in [
            ("ana@example.com", "Ana@Example.COM", true),
            ("ÖZGE", "özge", true),
            ("+1555", "+1555", true),
            ("", "", true),
            ("ana", "anna", false),
            ("ana", "ana ", false),
            ("anak", "ana\u{212a}", false),
            ("straße", "STRASSE", false),
        ] {
            assert_eq!(is_same_name(one, other), same, "{one} {other}");
            assert_eq!(is_same_name(other, one), same, "{other} {one}");
        }
    }

    #[test]
    fn a_contact_is_verified_where_it_stands_with_its_flag() {
        for (names, verified) in [
            (&["email", "email_verified"][..], true),
            (&["email"], false),
            (&["email_verified"], false),
        ] {
            let attributes = names
                .iter()
                .map(|&name| (name.to_owned(), "true".to_owned()));
            assert_eq!(is_verified(&attributes.collect(), "email"), verified);
        }
    }

    #[test]
    fn names_that_a_migration_can_set() {
        for name in ["email", "custom:tenant", "custom:größe", "updated_at"] {
            assert!(is_settable(name), "{name}");
        }
        for name in [
            "sub",
            "identities",
            "username",
            "cognito:groups",
            "custom:",
            "custom:*",
            "custom:a b",
            "dev:custom:a",
            "",
            "Email",
        ] {
            assert!(!is_settable(name), "{name}");
        }
    }

    fn names() -> impl Strategy<Value = String> {
        prop_oneof![
            proptest::sample::select(&STANDARD[..]).prop_map(str::to_owned),
            "custom:[a-c]",
            Just("sub".to_owned()),
            Just(USERNAME.to_owned()),
            Just("identities".to_owned()),
            "cognito:[a-z]{1,4}",
            ".{0,8}",
        ]
    }

    fn mappings() -> impl Strategy<Value = Mapping> {
        let settable = || names().prop_filter("settable", |name| is_settable(name));
        (
            proptest::collection::btree_map(names(), proptest::option::of(settable()), 0..6),
            any::<bool>(),
            proptest::collection::btree_map(settable(), ".{0,4}", 0..3),
            any::<bool>(),
        )
            .prop_map(|(renamed, copy_custom, fixed, drops)| Mapping {
                renamed,
                copy_custom,
                fixed,
                unverified_contacts: match drops {
                    true => UnverifiedContacts::Drop,
                    false => UnverifiedContacts::Copy,
                },
            })
    }

    proptest! {
        #[test]
        fn whatever_the_source_holds_only_settable_names_and_values_are_returned(
            mapping in mappings(),
            source in proptest::collection::vec((names(), ".{0,6}"), 0..12),
        ) {
            for (name, value) in applied(&mapping, &source, "ana").attributes {
                prop_assert!(is_settable(&name), "{name}");
                prop_assert!(!value.is_empty(), "{name}");
                prop_assert!(
                    mapping.fixed.get(&name) == Some(&value)
                        || value == "ana.kowalczyk" && mapping.renamed.contains_key(USERNAME)
                        || source.iter().any(|(from, known)| {
                            *known == value || is_verified_flag(from) && value == "false"
                        }),
                    "{name} was invented"
                );
            }
        }
    }
}
