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
    use crate::test_support::*;

    #[test]
    fn a_text_without_the_attributes_form_is_a_user_name() {
        use SignInName::{Email, PhoneNumber, PreferredUsername};
        #[rustfmt::skip]
        let cases = [
            (Email, &["a@b", "Ana@example.com", "a\"b@c", "ö@ü"][..],
             &["", "ana", "@", "@b", "a@", "a@b@c", "a b@c", "a@b\n", "a\0@b"][..]),
            (PhoneNumber, &["+1", "+491555010203"], &["", "+", "1555", "+1 555", "+1-555", "++1", "+1a", "+١"]),
            (PreferredUsername, &["ana", "a@b", "+1", "\"", "\\"], &["", "a b", "a\u{7}"]),
        ];
        for (name, good, bad) in cases {
            for (typed, has_form) in [(good, true), (bad, false)] {
                for typed in typed {
                    assert_eq!(name.has_form(typed), has_form, "{name:?} {typed:?}");
                }
            }
        }
    }

    #[test]
    fn a_name_in_lower_case_means_users_of_every_case() {
        use SignInName::{Email, PhoneNumber, PreferredUsername};
        for (attribute, typed, searches) in [
            (Email, "ana@b", &[("ana@b", true)][..]),
            (Email, "Ana@b", &[("Ana@b", false), ("ana@b", false)]),
            (PreferredUsername, "ana", &[("ana", true)]),
            (PreferredUsername, "Ana", &[("Ana", false)]),
            (PhoneNumber, "+1555", &[("+1555", false)]),
        ] {
            let expected = searches.iter().map(|&(value, any_case)| Search {
                attribute,
                value: value.to_owned(),
                any_case,
            });
            assert_eq!(attribute.searches(typed), expected.collect::<Vec<_>>());
        }
    }

    /// Every list of up to three users, each of whom is enabled or not, verified or not, and has the value or one
    /// that a pool may take for the same.
    #[test]
    fn exactly_one_enabled_user_must_be_meant() {
        let kinds = with_each(&[(true, "", "")], [true, false], |it, enabled| {
            it.0 = enabled
        });
        let kinds = with_each(&kinds, ["a@b", "A@b"], |it, value| it.1 = value);
        let kinds = with_each(&kinds, ["true", "false", "TRUE", ""], |it, flag| {
            it.2 = flag
        });
        let mut lists = vec![vec![]];
        let mut longest = lists.clone();
        for _ in 0..3 {
            longest = with_each(&longest, kinds.clone(), Vec::push);
            lists.extend(longest.iter().cloned());
        }
        assert_eq!(lists.len(), 1 + 16 + 16 * 16 + 16 * 16 * 16);
        for &name in SignInName::VARIANTS {
            let flag = match name {
                SignInName::PhoneNumber => "phone_number_verified",
                SignInName::Email | SignInName::PreferredUsername => "email_verified",
            };
            for (list, any_case) in lists.iter().flat_map(|list| [(list, false), (list, true)]) {
                let user =
                    |(number, (is_enabled, value, verified)): (usize, &(bool, &str, &str))| {
                        let attributes = format!("{}={value} {flag}={verified}", name.as_str());
                        changed(listed(&number.to_string(), &attributes), |it| {
                            it.enabled = *is_enabled
                        })
                    };
                let mut listed = Listed {
                    users: list.iter().enumerate().map(user).collect(),
                    more: false,
                };
                let is_meant = |at: &usize| {
                    let (_, value, verified) = list[*at];
                    let needs_proof = name != SignInName::PreferredUsername;
                    let is_value = value == "a@b" || any_case && value == "A@b";
                    is_value && (verified.to_lowercase() == "true" || !needs_proof)
                };
                let meant = (0..list.len()).filter(is_meant);
                let (enabled, disabled): (Vec<_>, Vec<_>) = meant.partition(|at| list[*at].0);
                let expected = match (enabled.as_slice(), disabled.as_slice()) {
                    ([one], _) => Ok(one.to_string()),
                    ([], []) => Err(Reason::UserNotFound),
                    ([], _) => Err(Reason::UserDisabled),
                    _ => Err(Reason::AmbiguousUser),
                };
                let search = Search {
                    attribute: name,
                    value: "a@b".to_owned(),
                    any_case,
                };
                let found = search.only_user(&listed);
                let found = found.map(|user| user.identity.username.clone());
                assert_eq!(found, expected, "{search:?} {listed:?}");
                // Behind a whole page there can be others.
                listed.more = true;
                assert_eq!(search.only_user(&listed), Err(Reason::AmbiguousUser));
            }
        }
    }

    #[test]
    fn case_makes_no_difference_to_whose_a_value_may_be() {
        for (attributes, may) in [
            ("email=Ana@Example.com email_verified=true", true),
            ("email=ana@example.com email_verified=true", true),
            ("email=ana@example.com email_verified=True", true),
            ("email=ana@example.com email_verified=false", false),
            ("email=ana@example.org email_verified=true", false),
        ] {
            let user = listed("7c7f", attributes);
            let found = SignInName::Email.may_be_of("aNa@example.com", &user);
            assert_eq!(found, may, "{attributes}");
        }
    }

    #[test]
    fn a_user_without_the_attribute_is_not_meant() {
        let user = listed("7c7f", "email_verified=true");
        assert!(!SignInName::Email.may_be_of("", &user));
        let listed = Listed {
            users: vec![user],
            more: false,
        };
        for search in SignInName::Email.searches("") {
            assert_eq!(search.only_user(&listed), Err(Reason::UserNotFound));
        }
    }
}
