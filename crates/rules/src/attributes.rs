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
    one.eq_ignore_ascii_case(other)
        || one.to_lowercase() == other.to_lowercase() && one.to_uppercase() == other.to_uppercase()
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
    use crate::test_support::*;

    fn applied(mapping: &Mapping, attributes: &str, typed: &str) -> Mapped {
        mapping.apply(&identity("ana.kowalczyk", attributes), typed)
    }

    #[test]
    fn each_mapping_lets_attributes_leave_and_says_which_contacts_are_the_source_pools_own() {
        const ALL: &str = "custom:*=custom:*";
        const MANY: &str = "sub=1 email=a@b email_verified=true custom:tenant=t identities=[] \
                            cognito:user_status=CONFIRMED unheard_of=x";
        const FORGED: &str = "username=forged custom:a=a name=Ana";
        const MAILS: &str = "email=a@b email_verified=true custom:mail=c@d";
        const NUMBERS: &str = "phone_number=+1555 custom:mobile=+1556";
        const PROVEN: &str = "email_verified=custom:proven";
        #[rustfmt::skip]
        let cases = [
            // Standard attributes are copied, and custom ones only where they are mentioned.
            ("", "", MANY, "email=a@b email_verified=true", "email"),
            ("custom:org=custom:tenant name= sub=custom:old", "", "custom:org=t name=Ana sub=1",
             "custom:old=1 custom:tenant=t", ""),
            // The user name is the pool's own, and leaves only where it is mapped.
            ("", "", FORGED, "name=Ana", ""),
            ("username=", "", FORGED, "name=Ana", ""),
            ("username=custom:old", "", FORGED, "custom:old=ana.kowalczyk name=Ana", ""),
            (ALL, "", FORGED, "custom:a=a name=Ana", ""),
            ("username= custom:*=custom:*", "", FORGED, "custom:a=a name=Ana", ""),
            // So does a developer's attribute.
            (ALL, "", "dev:custom:a=a custom:b=b", "custom:b=b", ""),
            ("dev:custom:a=custom:a", "", "dev:custom:a=a custom:b=b", "custom:a=a", ""),
            ("custom:a=custom:b custom:no= custom:*=custom:*", "", "custom:b=copied custom:a=renamed custom:c=c custom:no=x",
             "custom:b=renamed custom:c=c", ""),
            ("", "locale=de custom:origin=old", "locale=en", "custom:origin=old locale=de", ""),
            // A flag speaks of its own contact only.
            ("", "", "email= email_verified=true", "", ""),
            ("", "", MAILS, "email=a@b email_verified=true", "email"),
            ("custom:mail=email", "", MAILS, "email=c@d", ""),
            ("email=", "", MAILS, "", ""),
            ("email=custom:old", "", MAILS, "custom:old=a@b", ""),
            ("", "email=all@b", MAILS, "email=all@b", ""),
            // It leaves as true or false, under another name too.
            ("", "", "phone_number=+1 phone_number_verified=TRUE", "phone_number=+1 phone_number_verified=true",
             "number phone_number"),
            ("", "", "phone_number=+1 phone_number_verified=yes", "phone_number=+1 phone_number_verified=false", "number"),
            (PROVEN, "", "email=a@b email_verified=TRUE", "custom:proven=true email=a@b", ""),
            (PROVEN, "", "email=a@b email_verified=yes", "custom:proven=false email=a@b", ""),
            (PROVEN, "", "email=a@b email_verified=", "email=a@b", ""),
            // Codes by text message go to the source pool's own number only.
            ("", "", NUMBERS, "phone_number=+1555", "number"),
            ("custom:mobile=phone_number", "", NUMBERS, "phone_number=+1556", ""),
            ("phone_number=", "", NUMBERS, "", ""),
            ("", "phone_number=+1557", NUMBERS, "phone_number=+1557", ""),
        ];
        for (entries, fixed, source, left, own) in cases {
            let has = |name| own.split(' ').any(|own| own == name);
            let expected = Mapped {
                attributes: pairs(left),
                contacts: Contacts {
                    phone_number: has("number"),
                    verified_email: has("email"),
                    verified_phone_number: has("phone_number"),
                },
            };
            let found = applied(&mapping(entries, fixed), source, "ana");
            assert_eq!(found, expected, "{entries}, {fixed}, {source}");
        }
    }

    /// Every origin of a contact, every value of its flag, and every kind of typed name.
    #[test]
    fn an_unverified_contact_is_dropped_unless_it_was_typed() {
        const VALUES: [&str; 2] = ["Ana@example.com", "+1555"];
        for ((contact, flag), value) in VERIFIED_FLAGS.into_iter().zip(VALUES) {
            for own_flag in ["", "true", "TRUE", "false", "yes"] {
                let source = format!("{contact}={value} custom:a={value} {flag}={own_flag}");
                let is_verified = own_flag.to_lowercase() == "true";
                for (typed, is_typed) in [
                    (value.to_lowercase(), true),
                    (value.to_uppercase(), true),
                    ("other".to_owned(), false),
                ] {
                    let renamed = format!("{contact}= custom:a={contact}");
                    for (mut mapping, stays) in [
                        (mapping("", ""), is_verified || is_typed),
                        (mapping(&renamed, ""), is_typed),
                        (mapping(&format!("{flag}="), ""), is_verified || is_typed),
                        (mapping("", &format!("{contact}={value}")), true),
                    ] {
                        let mut expected = applied(&mapping, &source, &typed);
                        assert_eq!(expected.attributes[contact], value);
                        if !stays {
                            expected.attributes.remove(contact);
                            expected.attributes.remove(flag);
                            expected.contacts.phone_number = false;
                        }
                        mapping.unverified_contacts = UnverifiedContacts::Drop;
                        let found = applied(&mapping, &source, &typed);
                        assert_eq!(found, expected, "{mapping:?} {source} {typed}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_static_flag_stays_without_its_contact() {
        let mut dropping = mapping("", "email_verified=false");
        dropping.unverified_contacts = UnverifiedContacts::Drop;
        let left = applied(&dropping, "email=a@b email_verified=false", "ana");
        assert_eq!(left.attributes, pairs("email_verified=false"));
    }

    #[test]
    fn names_are_the_same_if_they_differ_in_case_only() {
        for (one, other, same) in [
            ("ana@example.com", "Ana@Example.COM", true),
            ("ÖZGE", "özge", true),
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
        let found = |attributes| is_verified(&pairs(attributes), "email");
        assert!(found("email=a@b email_verified=true"));
        assert!(!found("email=a@b") && !found("email_verified=true"));
    }

    #[test]
    fn names_that_a_migration_can_set() {
        for name in ["email", "custom:tenant", "custom:größe", "updated_at"] {
            assert!(is_settable(name), "{name}");
        }
        let never = "sub identities username cognito:groups custom: custom:* dev:custom:a Email";
        for name in never.split(' ').chain(["", "custom:a b"]) {
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
            proptest::sample::select(vec![UnverifiedContacts::Copy, UnverifiedContacts::Drop]),
        )
            .prop_map(
                |(renamed, copy_custom, fixed, unverified_contacts)| Mapping {
                    renamed,
                    copy_custom,
                    fixed,
                    unverified_contacts,
                },
            )
    }

    proptest! {
        #[test]
        fn whatever_the_source_holds_only_settable_names_and_values_are_returned(
            mapping in mappings(),
            source in proptest::collection::vec((names(), ".{0,6}"), 0..12),
        ) {
            let mut identity = identity("ana.kowalczyk", "");
            identity.attributes.clone_from(&source);
            for (name, value) in mapping.apply(&identity, "ana").attributes {
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
