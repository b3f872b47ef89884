//! The look-up of a source user by an attribute, where users sign in to the destination pool with another name than their
//! source user name: `SRC_LOOKUP`.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    attributes::VERIFIED_FLAGS,
    evidence::{Listed, ListedUser, says_verified},
    outcome::Reason,
};

/// The attribute by which users are found in the source pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum SignInName {
    /// `email`.
    Email,
    /// `phone_number`.
    PhoneNumber,
    /// `preferred_username`.
    PreferredUsername,
}

impl SignInName {
    /// The attribute's name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether values can differ in case alone.
    pub fn has_case(self) -> bool {
        self != SignInName::PhoneNumber
    }

    /// Whether what was typed can be a value of this attribute. If not, it is a user name, and the source pool is
    /// asked for it as it is.
    pub fn has_form(self, typed: &str) -> bool {
        let blank = |c: char| c.is_whitespace() || c.is_control();
        if typed.is_empty() || typed.contains(blank) {
            return false;
        }
        match self {
            SignInName::Email => typed.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && !domain.is_empty() && !domain.contains('@')
            }),
            SignInName::PhoneNumber => typed.strip_prefix('+').is_some_and(|digits| {
                !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
            }),
            SignInName::PreferredUsername => true,
        }
    }

    /// The searches to make, one after the other until one finds a user: an e-mail address in upper case is the same
    /// mailbox in lower case.
    pub fn searches(self, typed: &str) -> Vec<Search> {
        let lower = typed.to_lowercase();
        let search = |value: &str, any_case| Search {
            attribute: self,
            value: value.to_owned(),
            any_case,
        };
        match self {
            // A destination pool that does not distinguish case hands over every name in lower case, whatever was typed.
            // <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html>
            _ if lower == typed => vec![search(typed, self.has_case())],
            SignInName::Email => vec![search(typed, false), search(&lower, false)],
            SignInName::PhoneNumber | SignInName::PreferredUsername => vec![search(typed, false)],
        }
    }

    /// Whether the user has this value, in any case, and has proved it where it can be proved.
    ///
    /// The destination pool may compare without regard to case, so users with another spelling count too.
    pub fn may_be_of(self, value: &str, user: &ListedUser) -> bool {
        let lower = value.to_lowercase();
        let held = user.identity.attribute(self.as_str());
        held.is_some_and(|held| held.to_lowercase() == lower) && self.is_proven_by(user)
    }

    /// Whether the user has proved to own the value, where that can be proved.
    fn is_proven_by(self, user: &ListedUser) -> bool {
        let flag = VERIFIED_FLAGS
            .iter()
            .find(|(contact, _)| *contact == self.as_str());
        flag.is_none_or(|(_, flag)| says_verified(user.identity.attribute(flag)))
    }
}

/// A search for the one user of the source pool whom a typed name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The attribute to look at.
    pub attribute: SignInName,
    /// The value to ask the pool for.
    pub value: String,
    /// Whether users who hold the value in another case are meant too.
    any_case: bool,
}

impl Search {
    /// The one user among `listed` who is meant.
    ///
    /// The values are compared again here, because it is not documented how exactly a pool compares. Disabled users, and
    /// users who never proved to own the address, are not meant and do not count.
    pub fn only_user<'a>(&self, listed: &'a Listed) -> Result<&'a ListedUser, Reason> {
        let mut owners = self.owners(&listed.users);
        match (owners.next(), owners.next()) {
            (Some(_), Some(_)) => Err(Reason::AmbiguousUser),
            // The rest of the list may hold the user, or a second one.
            _ if listed.more => Err(Reason::AmbiguousUser),
            (Some(user), None) => Ok(user),
            (None, _) if listed.users.iter().any(|user| self.means(user)) => {
                Err(Reason::UserDisabled)
            }
            (None, _) => Err(Reason::UserNotFound),
        }
    }

    /// The enabled users among `users` who are meant. Two of them make the name ambiguous.
    pub fn owners<'a>(&self, users: &'a [ListedUser]) -> impl Iterator<Item = &'a ListedUser> {
        users.iter().filter(|user| user.enabled && self.means(user))
    }

    /// Whether the user has the value, and has proved it where it can be proved.
    fn means(&self, user: &ListedUser) -> bool {
        if self.any_case {
            return self.attribute.may_be_of(&self.value, user);
        }
        user.identity.attribute(self.attribute.as_str()) == Some(&self.value)
            && self.attribute.is_proven_by(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Identity, UserStatus};

    fn user(username: &str, enabled: bool, attributes: &[(&str, &str)]) -> ListedUser {
        ListedUser {
            identity: Identity {
                username: username.to_owned(),
                attributes: attributes
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
            },
            enabled,
            status: UserStatus::Confirmed,
            last_modified: None,
        }
    }

    #[test]
    fn a_text_without_the_attributes_form_is_a_user_name() {
        for (name, good, bad) in [
            (
                SignInName::Email,
                &["a@b", "Ana@example.com", "a\"b@c", "ö@ü"][..],
                &[
                    "", "ana", "@", "@b", "a@", "a@b@c", "a b@c", "a@b\n", "a\0@b",
                ][..],
            ),
            (
                SignInName::PhoneNumber,
                &["+1", "+491555010203"],
                &["", "+", "1555", "+1 555", "+1-555", "++1", "+1a", "+١"],
            ),
            (
                SignInName::PreferredUsername,
                &["ana", "a@b", "+1", "\"", "\\"],
                &["", "a b", "a\u{7}"],
            ),
        ] {
            for typed in good {
                assert!(name.has_form(typed), "{name:?} {typed:?}");
            }
            for typed in bad {
                assert!(!name.has_form(typed), "{name:?} {typed:?}");
            }
        }
    }

    fn search(attribute: SignInName, value: &str, any_case: bool) -> Search {
        Search {
            attribute,
            value: value.to_owned(),
            any_case,
        }
    }

    #[test]
    fn a_name_in_lower_case_means_users_of_every_case() {
        use SignInName::{Email, PhoneNumber, PreferredUsername};
        for (attribute, typed, searches) in [
            (Email, "ana@b", vec![search(Email, "ana@b", true)]),
            (
                Email,
                "Ana@b",
                vec![search(Email, "Ana@b", false), search(Email, "ana@b", false)],
            ),
            (
                PreferredUsername,
                "ana",
                vec![search(PreferredUsername, "ana", true)],
            ),
            (
                PreferredUsername,
                "Ana",
                vec![search(PreferredUsername, "Ana", false)],
            ),
            (
                PhoneNumber,
                "+1555",
                vec![search(PhoneNumber, "+1555", false)],
            ),
        ] {
            assert_eq!(attribute.searches(typed), searches, "{typed}");
        }
    }

    /// Every list of up to three users, each of whom is enabled or not, verified or not, and has the value or one
    /// that a pool may take for the same.
    #[test]
    fn exactly_one_enabled_user_must_be_meant() {
        let mut kinds = vec![];
        for enabled in [true, false] {
            for exact in [true, false] {
                for verified in ["true", "false", "TRUE", ""] {
                    kinds.push((enabled, exact, verified));
                }
            }
        }
        let mut lists = vec![vec![]];
        for _ in 0..3 {
            let longer: Vec<Vec<_>> = lists
                .iter()
                .flat_map(|list| kinds.iter().map(|kind| [&list[..], &[*kind]].concat()))
                .collect();
            lists.extend(longer);
            lists.sort();
            lists.dedup();
        }
        let mut cases = 0;
        for &name in SignInName::VARIANTS {
            let flag = match name {
                SignInName::PhoneNumber => "phone_number_verified",
                SignInName::Email | SignInName::PreferredUsername => "email_verified",
            };
            for list in &lists {
                for (more, any_case) in [(false, false), (false, true), (true, false), (true, true)]
                {
                    let users: Vec<_> = (0..)
                        .zip(list)
                        .map(|(number, (enabled, exact, verified))| {
                            let value = if *exact { "a@b" } else { "A@b" };
                            user(
                                &number.to_string(),
                                *enabled,
                                &[(name.as_str(), value), (flag, verified)],
                            )
                        })
                        .collect();
                    let meant = |enabled: bool| -> Vec<usize> {
                        (0..list.len())
                            .filter(|at| {
                                let (is_enabled, exact, verified) = list[*at];
                                let proven = verified.to_lowercase() == "true"
                                    || name == SignInName::PreferredUsername;
                                is_enabled == enabled && (exact || any_case) && proven
                            })
                            .collect()
                    };
                    let expected = match (meant(true).as_slice(), meant(false).as_slice(), more) {
                        ([one], _, false) => Ok(one.to_string()),
                        ([], [], false) => Err(Reason::UserNotFound),
                        ([], _, false) => Err(Reason::UserDisabled),
                        _ => Err(Reason::AmbiguousUser),
                    };
                    let listed = Listed { users, more };
                    let search = search(name, "a@b", any_case);
                    let found = search.only_user(&listed);
                    assert_eq!(
                        found.map(|user| user.identity.username.clone()),
                        expected,
                        "{search:?} {listed:?}"
                    );
                    cases += 1;
                }
            }
        }
        assert_eq!(cases, 3 * 4 * (1 + 16 + 16 * 16 + 16 * 16 * 16));
    }

    #[test]
    fn case_makes_no_difference_to_whose_a_value_may_be() {
        for (held, verified, may) in [
            ("Ana@Example.com", "true", true),
            ("ana@example.com", "true", true),
            ("ana@example.com", "True", true),
            ("ana@example.com", "false", false),
            ("ana@example.org", "true", false),
        ] {
            let user = user(
                "7c7f",
                false,
                &[("email", held), ("email_verified", verified)],
            );
            assert_eq!(
                SignInName::Email.may_be_of("aNa@example.com", &user),
                may,
                "{held} {verified}"
            );
        }
    }

    #[test]
    fn a_user_without_the_attribute_is_not_meant() {
        let listed = Listed {
            users: vec![user("7c7f", true, &[("email_verified", "true")])],
            more: false,
        };
        for any_case in [false, true] {
            let found = search(SignInName::Email, "", any_case).only_user(&listed);
            assert_eq!(found, Err(Reason::UserNotFound));
        }
    }
}
