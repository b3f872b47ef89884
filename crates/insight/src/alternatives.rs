//! Alternatives to the settings in force, which differ by one choice.

use rules::{
    admission::{OnForgotPassword, OnMfa, OnTemporaryPassword, ResetContacts},
    attributes::UnverifiedContacts,
    evidence::PoolMfa,
    migrated_user::DestinationUsername,
    settings::Settings,
    sign_in_name::SignInName,
};

/// Settings that differ from those in force by one value.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// The variable.
    pub name: &'static str,
    /// Its value.
    pub value: &'static str,
    /// The settings with it.
    pub settings: Settings,
}

/// A way to give the settings one value.
type Change = fn(&mut Settings);

/// The choices that decide results, as far as a list of users shows them. `ON_MFA` shows only where the source pool asks
/// all users for a second factor.
const CHOICES: [(&str, &str, Change); 20] = [
    ("ON_TEMPORARY_PASSWORD", "refuse", |it| {
        it.policy.on_temporary_password = OnTemporaryPassword::Refuse;
    }),
    ("ON_TEMPORARY_PASSWORD", "reset", |it| {
        it.policy.on_temporary_password = OnTemporaryPassword::Reset;
    }),
    ("ON_FORGOT_PASSWORD", "migrate", |it| {
        it.policy.on_forgot_password = OnForgotPassword::Migrate;
    }),
    ("ON_FORGOT_PASSWORD", "ignore", |it| {
        it.policy.on_forgot_password = OnForgotPassword::Ignore;
    }),
    ("RESET_CONTACTS", "email,phone_number", |it| {
        it.policy.reset_contacts = ResetContacts::EmailAndPhoneNumber;
    }),
    ("RESET_CONTACTS", "email", |it| {
        it.policy.reset_contacts = ResetContacts::Email;
    }),
    ("RESET_CONTACTS", "phone_number", |it| {
        it.policy.reset_contacts = ResetContacts::PhoneNumber;
    }),
    ("UNVERIFIED_CONTACTS", "copy", |it| {
        it.destination.mapping.unverified_contacts = UnverifiedContacts::Copy;
    }),
    ("UNVERIFIED_CONTACTS", "drop", |it| {
        it.destination.mapping.unverified_contacts = UnverifiedContacts::Drop;
    }),
    ("DST_USERNAME", "none", |it| {
        it.destination.username = DestinationUsername::None;
    }),
    ("DST_USERNAME", "username", |it| {
        it.destination.username = DestinationUsername::Username;
    }),
    ("DST_USERNAME", "sub", |it| {
        it.destination.username = DestinationUsername::Sub;
    }),
    ("SRC_LOOKUP", "none", |it| it.source.lookup = None),
    ("SRC_LOOKUP", "email", |it| {
        it.source.lookup = Some(SignInName::Email);
    }),
    ("SRC_LOOKUP", "phone_number", |it| {
        it.source.lookup = Some(SignInName::PhoneNumber);
    }),
    ("SRC_LOOKUP", "preferred_username", |it| {
        it.source.lookup = Some(SignInName::PreferredUsername);
    }),
    ("ON_MFA", "refuse", |it| it.policy.on_mfa = OnMfa::Refuse),
    ("ON_MFA", "sms", |it| it.policy.on_mfa = OnMfa::Sms),
    ("ON_MFA", "reset", |it| it.policy.on_mfa = OnMfa::Reset),
    ("ON_MFA", "drop", |it| it.policy.on_mfa = OnMfa::Drop),
];

/// Every other choice, for a source pool with this MFA setting.
pub fn alternatives(settings: &Settings, mfa: PoolMfa) -> impl Iterator<Item = Alternative> {
    CHOICES
        .into_iter()
        .filter(move |(name, ..)| *name != "ON_MFA" || mfa == PoolMfa::On)
        .map(|(name, value, change)| {
            let mut settings = settings.clone();
            change(&mut settings);
            Alternative {
                name,
                value,
                settings,
            }
        })
        .filter(|alternative| alternative.settings != *settings)
}

/// The settings with every choice of these variables, each with the changed variables and values.
pub(crate) fn with_choices_of(
    settings: &Settings,
    variables: &[&str],
) -> Vec<(Vec<(&'static str, &'static str)>, Settings)> {
    let mut all = vec![(vec![], settings.clone())];
    for variable in variables {
        let mut more = vec![];
        for (changes, before) in &all {
            for (name, value, change) in CHOICES.iter().filter(|(name, ..)| name == variable) {
                let (mut changes, mut after) = (changes.clone(), before.clone());
                change(&mut after);
                if after != *before {
                    changes.push((*name, *value));
                }
                more.push((changes, after));
            }
        }
        all = more;
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::test_support::*;

    /// Each choice is what the settings' own parser makes of the same variable.
    #[test]
    fn choices_are_values_of_the_settings() {
        for (name, value, change) in CHOICES {
            let mut changed = settings("");
            change(&mut changed);
            let read = settings(&format!("{name}={value}"));
            assert_eq!(changed, read, "{name}={value}");
        }
    }

    #[test]
    fn every_other_value_of_these_variables_is_a_choice() {
        use PoolMfa::{Off, On, Optional};
        for (mfa, expected) in [(Off, 10), (Optional, 10), (On, 13)] {
            let settings = settings("SRC_LOOKUP=email ON_MFA=sms");
            let found = alternatives(&settings, mfa).map(|it| (it.name, it.value));
            let found: BTreeSet<_> = found.collect();
            assert_eq!(found.len(), expected, "{mfa:?} {found:?}");
            assert!(!found.contains(&("SRC_LOOKUP", "email")));
            assert!(!found.contains(&("ON_MFA", "sms")));
        }
    }

    #[test]
    fn choices_of_several_variables_name_what_they_change() {
        let settings = settings("SRC_LOOKUP=email");
        let all = with_choices_of(&settings, &["SRC_LOOKUP", "UNVERIFIED_CONTACTS"]);
        assert_eq!(all.len(), 8);
        let same = all.iter().filter(|(changes, _)| changes.is_empty());
        assert_eq!(same.map(|(_, same)| same).collect::<Vec<_>>(), [&settings]);
        let both = vec![("SRC_LOOKUP", "none"), ("UNVERIFIED_CONTACTS", "drop")];
        assert!(all.iter().any(|(changes, _)| *changes == both));
    }

    #[test]
    fn a_variable_has_all_of_its_words() {
        for variable in rules::settings::ALL {
            let words = CHOICES.iter().filter(|(name, ..)| *name == variable.name);
            let words: Vec<_> = words.map(|(_, value, _)| *value).collect();
            if let rules::settings::Form::OneOf { words: all, .. } = variable.form {
                assert!(words.is_empty() || words == all, "{}", variable.name);
            }
        }
    }
}
