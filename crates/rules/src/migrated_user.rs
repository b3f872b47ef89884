//! The user that Cognito creates in the destination pool: what a migration answers.

use std::collections::BTreeMap;

use strum::{EnumIter, EnumString, VariantNames};

use crate::{
    admission::{Admission, FinalUserStatus},
    attributes::{Contacts, Mapped, Mapping, Original},
    evidence::Profile,
    mark::Mark,
    outcome::{Cause, Failure, Reason, Stop},
};

/// What is returned as `username` to pools with alias attributes: `DST_USERNAME`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum DestinationUsername {
    /// Nothing.
    #[default]
    None,
    /// The user's name in the source pool.
    Username,
    /// The user's `sub` in the source pool.
    Sub,
}

/// How Cognito sends its welcome message: `WELCOME_MESSAGE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum WelcomeMessage {
    /// Not at all.
    #[default]
    None,
    /// By e-mail.
    Email,
    /// By text message.
    Sms,
    /// By both.
    #[strum(to_string = "email,sms", serialize = "sms,email")]
    EmailAndSms,
}

impl WelcomeMessage {
    /// Cognito's names of the ways (`desiredDeliveryMediums`); empty where no message is sent.
    pub fn delivery_mediums(self) -> &'static [&'static str] {
        match self {
            WelcomeMessage::None => &[],
            WelcomeMessage::Email => &["EMAIL"],
            WelcomeMessage::Sms => &["SMS"],
            WelcomeMessage::EmailAndSms => &["EMAIL", "SMS"],
        }
    }
}

/// As what users are migrated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// `ATTRIBUTE_MAP` and `STATIC_ATTRIBUTES`.
    pub mapping: Mapping,
    /// `DST_USERNAME`.
    pub username: DestinationUsername,
    /// `WELCOME_MESSAGE`.
    pub welcome_message: WelcomeMessage,
    /// `FORCE_ALIAS_CREATION`.
    pub force_alias_creation: bool,
    /// `MIGRATION_MARK`: the attribute that says which post-migration steps are left.
    pub mark: Option<String>,
}

/// How Cognito creates the user: what is written into `response`.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigratedUser {
    /// The attributes of the new user, `username` among them for pools with alias attributes.
    pub attributes: BTreeMap<String, String>,
    /// The status of the new user; `None` leaves it to Cognito, which demands a reset.
    pub final_status: Option<FinalUserStatus>,
    /// How Cognito sends its welcome message.
    pub welcome_message: WelcomeMessage,
    /// Whether an e-mail address or phone number is taken away from a user who has it as an alias.
    pub force_alias_creation: bool,
    /// Whether the new user signs in with a code by text message too.
    pub enable_sms_mfa: bool,
}

impl Destination {
    /// The user that is created for whoever `typed` this name and has this profile, if `admit` admits a user with the
    /// contacts that are copied.
    pub fn user(
        &self,
        profile: &Profile,
        typed: &str,
        admit: impl FnOnce(Contacts) -> Result<Admission, Reason>,
    ) -> Result<MigratedUser, Stop> {
        let Mapped {
            mut attributes,
            contacts,
        } = self.mapping.apply(Original {
            attributes: &profile.attributes,
            typed,
        });
        let admission = admit(contacts)?;
        let username = match self.username {
            DestinationUsername::None => None,
            DestinationUsername::Username => Some(profile.username.as_str()),
            DestinationUsername::Sub => {
                let no_sub = || Failure::new(Cause::Broken, "profile", "NoSub");
                Some(profile.sub().ok_or_else(no_sub)?)
            }
        };
        if let Some(name) = &self.mark {
            // A mark that the source pool holds is none of ours.
            attributes.remove(name);
            let pending = profile.sub().map(Mark::pending);
            attributes.extend(pending.map(|pending| (name.clone(), pending.to_string())));
        }
        attributes.extend(username.map(|name| ("username".to_owned(), name.to_owned())));
        Ok(MigratedUser {
            attributes,
            final_status: admission.final_status,
            welcome_message: self.welcome_message,
            force_alias_creation: self.force_alias_creation && admission.is_proven,
            enable_sms_mfa: admission.enable_sms_mfa,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        attributes::UnverifiedContacts,
        evidence::{SecondFactor, Standing},
    };

    const ADMITTED: Admission = Admission {
        final_status: Some(FinalUserStatus::Confirmed),
        enable_sms_mfa: false,
        is_proven: true,
    };

    fn profile(attributes: &[(&str, &str)]) -> Profile {
        Profile {
            username: "ana".to_owned(),
            standing: Standing::VouchedByToken,
            attributes: attributes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            second_factor: SecondFactor::None,
        }
    }

    fn attributes(destination: &Destination, profile: &Profile) -> Vec<(String, String)> {
        let user = destination.user(profile, "ana", |_| Ok(ADMITTED));
        user.unwrap().attributes.into_iter().collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn the_user_name_is_returned_as_it_is_set() {
        let profile = profile(&[("sub", "7c7f"), ("name", "Ana")]);
        for (username, returned) in [
            (DestinationUsername::None, None),
            (DestinationUsername::Username, Some("ana")),
            (DestinationUsername::Sub, Some("7c7f")),
        ] {
            let destination = Destination {
                username,
                ..Destination::default()
            };
            let mut expected = vec![pair("name", "Ana")];
            expected.extend(returned.map(|returned| pair("username", returned)));
            assert_eq!(attributes(&destination, &profile), expected);
        }
    }

    #[test]
    fn nobody_is_migrated_under_a_sub_that_is_not_known() {
        let destination = Destination {
            username: DestinationUsername::Sub,
            ..Destination::default()
        };
        let failure = Failure::new(Cause::Broken, "profile", "NoSub");
        assert_eq!(
            destination.user(&profile(&[("sub", "")]), "ana", |_| Ok(ADMITTED)),
            Err(Stop::Failed(failure))
        );
    }

    #[test]
    fn the_mark_is_ours_and_never_the_source_pools() {
        let destination = Destination {
            mapping: Mapping {
                copy_custom: true,
                ..Mapping::default()
            },
            mark: Some("custom:mark".to_owned()),
            ..Destination::default()
        };
        let forged = ("custom:mark", "pending/somebody-else");
        assert_eq!(
            attributes(&destination, &profile(&[("sub", "7c7f"), forged])),
            [pair("custom:mark", "pending/7c7f")]
        );
        assert_eq!(attributes(&destination, &profile(&[forged])), []);
    }

    #[test]
    fn admission_and_settings_reach_the_answer() {
        let destination = Destination {
            welcome_message: WelcomeMessage::Sms,
            force_alias_creation: true,
            ..Destination::default()
        };
        let admission = Admission {
            final_status: Some(FinalUserStatus::ResetRequired),
            enable_sms_mfa: true,
            is_proven: true,
        };
        let source = profile(&[
            ("phone_number", "+15555550100"),
            ("phone_number_verified", "true"),
        ]);
        let user = destination.user(&source, "ana", |contacts| {
            assert!(contacts.phone_number && contacts.verified_phone_number);
            Ok(admission)
        });
        let user = user.unwrap();
        assert_eq!(user.final_status, admission.final_status);
        assert_eq!(user.welcome_message, WelcomeMessage::Sms);
        assert!(user.force_alias_creation && user.enable_sms_mfa);
        let unproven = Admission {
            is_proven: false,
            ..admission
        };
        let user = destination.user(&source, "ana", |_| Ok(unproven)).unwrap();
        assert!(!user.force_alias_creation, "a reset takes no alias away");
        assert_eq!(
            destination.user(&source, "ana", |_| Err(Reason::UserDisabled)),
            Err(Stop::Rejected(Reason::UserDisabled))
        );
    }

    #[test]
    fn the_contacts_on_which_admission_depends_are_those_that_leave() {
        let mut destination = Destination::default();
        destination.mapping.unverified_contacts = UnverifiedContacts::Drop;
        let source = profile(&[("phone_number", "+15555550100")]);
        for (typed, leaves) in [("ana", false), ("+15555550100", true)] {
            let user = destination.user(&source, typed, |contacts| {
                assert_eq!(contacts.phone_number, leaves, "{typed}");
                Ok(ADMITTED)
            });
            let attributes = user.unwrap().attributes;
            assert_eq!(attributes.contains_key("phone_number"), leaves, "{typed}");
        }
    }

    #[test]
    fn a_welcome_message_has_cognitos_names() {
        for (setting, mediums) in [
            (WelcomeMessage::None, &[][..]),
            (WelcomeMessage::Email, &["EMAIL"]),
            (WelcomeMessage::Sms, &["SMS"]),
            (WelcomeMessage::EmailAndSms, &["EMAIL", "SMS"]),
        ] {
            assert_eq!(setting.delivery_mediums(), mediums);
        }
    }
}
