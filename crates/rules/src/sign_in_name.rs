//! Whom a typed name means, where people sign in to the destination pool with something else than their user name in
//! the source pool: `SRC_LOOKUP`.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    evidence::{Listed, ListedUser},
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

    /// The attribute that says that the user has proved to own the value; `None` where there is nothing to prove.
    fn verified_flag(self) -> Option<&'static str> {
        match self {
            SignInName::Email => Some("email_verified"),
            SignInName::PhoneNumber => Some("phone_number_verified"),
            SignInName::PreferredUsername => None,
        }
    }

    /// Whether what somebody typed can be a value of this attribute. If not, it is a user name, and the source pool is
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

    /// The values to look for, one after the other until somebody is found: an e-mail address in upper case is the same
    /// mailbox in lower case.
    pub fn spellings(self, typed: &str) -> Vec<String> {
        let lower = typed.to_lowercase();
        let mut spellings = vec![typed.to_owned()];
        if self == SignInName::Email && lower != typed {
            spellings.push(lower);
        }
        spellings
    }

    /// The one user among `listed` whom `value` means.
    ///
    /// The values are compared again here, because it is not documented how exactly a pool compares. Disabled users, and
    /// users who never proved to own the address, are not meant and do not count.
    pub fn only_user<'a>(self, value: &str, listed: &'a Listed) -> Result<&'a ListedUser, Reason> {
        let mut belongs = listed.users.iter().filter(|user| self.belongs(value, user));
        let mut owners = self.owners(value, &listed.users);
        match (owners.next(), owners.next()) {
            (Some(_), Some(_)) => Err(Reason::AmbiguousUser),
            // The rest of the list may hold the one, or another one.
            _ if listed.more => Err(Reason::AmbiguousUser),
            (Some(user), None) => Ok(user),
            (None, _) if belongs.next().is_some() => Err(Reason::UserDisabled),
            (None, _) => Err(Reason::UserNotFound),
        }
    }

    /// The enabled users among `users` whom `value` means. Two of them are one too many, whoever else follows.
    pub fn owners<'a>(
        self,
        value: &str,
        users: &'a [ListedUser],
    ) -> impl Iterator<Item = &'a ListedUser> {
        let belongs = move |user: &&ListedUser| user.enabled && self.belongs(value, user);
        users.iter().filter(belongs)
    }

    /// Whether the user has this value, in any case, and has proved it where it can be proved.
    ///
    /// The destination pool may compare without regard to case, so users with another spelling count too.
    pub fn may_be_of(self, value: &str, user: &ListedUser) -> bool {
        let lower = value.to_lowercase();
        let held = user.attribute(self.as_str());
        held.is_some_and(|held| held.to_lowercase() == lower) && self.is_proven_by(user)
    }

    /// Whether the user has exactly this value, and has proved it where it can be proved.
    fn belongs(self, value: &str, user: &ListedUser) -> bool {
        user.attribute(self.as_str()) == Some(value) && self.is_proven_by(user)
    }

    fn is_proven_by(self, user: &ListedUser) -> bool {
        self.verified_flag()
            .is_none_or(|flag| user.attribute(flag) == Some("true"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::UserStatus;

    fn user(username: &str, enabled: bool, attributes: &[(&str, &str)]) -> ListedUser {
        ListedUser {
            username: username.to_owned(),
            enabled,
            status: UserStatus::Confirmed,
            attributes: attributes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn what_has_not_the_form_is_a_user_name() {
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

    #[test]
    fn only_an_email_address_in_upper_case_has_a_second_spelling() {
        assert_eq!(
            SignInName::Email.spellings("Ana@Example.com"),
            ["Ana@Example.com", "ana@example.com"]
        );
        assert_eq!(SignInName::Email.spellings("ana@example.com").len(), 1);
        assert_eq!(SignInName::PreferredUsername.spellings("Ana"), ["Ana"]);
    }

    /// Every list of up to three users, each of whom is enabled or not, verified or not, and has the value or one
    /// that a pool may take for the same.
    #[test]
    fn exactly_one_enabled_user_must_have_exactly_the_value() {
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
            let flag = name.verified_flag().unwrap_or("email_verified");
            for list in &lists {
                for more in [false, true] {
                    let users: Vec<_> = (0..)
                        .zip(list)
                        .map(|(number, (enabled, exact, verified))| {
                            let value = if *exact { "a@b" } else { "A@B" };
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
                                let proven =
                                    verified == "true" || name == SignInName::PreferredUsername;
                                is_enabled == enabled && exact && proven
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
                    let found = name.only_user("a@b", &listed);
                    assert_eq!(
                        found.map(|user| user.username.clone()),
                        expected,
                        "{name:?} {listed:?}"
                    );
                    cases += 1;
                }
            }
        }
        assert_eq!(cases, 3 * 2 * (1 + 16 + 16 * 16 + 16 * 16 * 16));
    }

    #[test]
    fn case_makes_no_difference_to_whose_a_value_may_be() {
        for (held, verified, may) in [
            ("Ana@Example.com", "true", true),
            ("ana@example.com", "true", true),
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
        assert_eq!(
            SignInName::Email.only_user("", &listed),
            Err(Reason::UserNotFound)
        );
    }
}
