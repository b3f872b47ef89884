//! The user that Cognito creates in the destination pool: the answer of a migration.

use std::collections::BTreeMap;

use strum::{EnumIter, EnumString, VariantNames};

use crate::{
    admission::{Admission, FinalUserStatus},
    attributes::{Contacts, Mapped, Mapping, VERIFIED_FLAGS, is_same_name, is_verified},
    evidence::Profile,
    mark::Mark,
    outcome::{Cause, Failure, Reason, Stop},
};

/// The user name of a user who typed an alias: `DST_USERNAME`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum DestinationUsername {
    /// The typed name.
    #[default]
    None,
    /// The user's name in the source pool.
    Username,
    /// The user's `sub` in the source pool.
    Sub,
}

/// The media of Cognito's welcome message: `WELCOME_MESSAGE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum WelcomeMessage {
    /// No message.
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

/// The settings for migrated users.
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

/// The attributes that can be an alias of a user, as which a name can be typed.
const ALIASES: [&str; 3] = ["email", "phone_number", "preferred_username"];

/// The aliases whose values can differ in case alone.
const ALIASES_WITH_CASE: [&str; 2] = ["email", "preferred_username"];

/// The migrated user, as it is written into `response`.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigratedUser {
    /// The attributes of the new user, `username` among them where an alias was typed.
    pub attributes: BTreeMap<String, String>,
    /// The status of the new user; `None` leaves it to Cognito, which demands a reset.
    pub final_status: Option<FinalUserStatus>,
    /// The media of Cognito's welcome message.
    pub welcome_message: WelcomeMessage,
    /// Whether an e-mail address or phone number is taken away from a user who has it as an alias.
    pub force_alias_creation: bool,
    /// Whether the new user signs in with a code by text message too.
    pub enable_sms_mfa: bool,
}

impl Destination {
    /// The migrated user for this profile and this typed name, if `admit` admits a user with the copied contacts.
    pub fn user(
        &self,
        profile: &Profile,
        typed: &str,
        admit: impl FnOnce(Contacts) -> Result<Admission, Reason>,
    ) -> Result<MigratedUser, Stop> {
        let Mapped {
            mut attributes,
            contacts,
        } = self.mapping.apply(&profile.identity, typed);
        let admission = admit(contacts)?;
        let username = self.username(profile, typed, &attributes)?;
        // At a reset nothing is proven, so the address stays as the source pool spells it.
        if admission.is_proven {
            spell_as_typed(&mut attributes, typed);
        }
        let takes_aliases = self.force_alias_creation
            && admission.is_proven
            && has_no_unverified_contact(&attributes);
        if let Some(name) = &self.mark {
            // A mark in the source pool was not written by this function.
            attributes.remove(name);
            let pending = profile.identity.sub().map(Mark::pending);
            attributes.extend(pending.map(|pending| (name.clone(), pending.to_string())));
        }
        attributes.extend(username.map(|name| ("username".to_owned(), name.to_owned())));
        Ok(MigratedUser {
            attributes,
            final_status: admission.final_status,
            welcome_message: self.welcome_message,
            force_alias_creation: takes_aliases,
            enable_sms_mfa: admission.enable_sms_mfa,
        })
    }

    /// The user name of a user with these attributes, if it differs from the typed name.
    ///
    /// Cognito accepts a different user name only where an alias was typed.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html>
    fn username<'a>(
        &self,
        profile: &'a Profile,
        typed: &str,
        attributes: &BTreeMap<String, String>,
    ) -> Result<Option<&'a str>, Failure> {
        let is_typed = |alias: &str| {
            let value = attributes.get(alias);
            value.is_some_and(|value| is_same_name(value, typed))
        };
        match self.username {
            DestinationUsername::Username if ALIASES.into_iter().any(is_typed) => {
                Ok(Some(&profile.identity.username))
            }
            DestinationUsername::Sub if ALIASES.into_iter().any(is_typed) => {
                let no_sub = || Failure::new(Cause::Broken, "profile", "NoSub");
                profile.identity.sub().map(Some).ok_or_else(no_sub)
            }
            DestinationUsername::None
            | DestinationUsername::Username
            | DestinationUsername::Sub => Ok(None),
        }
    }
}

/// Writes the name that was typed into each alias that differs from it in case only: Cognito compares them.
fn spell_as_typed(attributes: &mut BTreeMap<String, String>, typed: &str) {
    for alias in ALIASES_WITH_CASE {
        if let Some(value) = attributes.get_mut(alias)
            && is_same_name(value, typed)
        {
            typed.clone_into(value);
        }
    }
}

/// Whether every e-mail address and phone number among these attributes is verified.
fn has_no_unverified_contact(attributes: &BTreeMap<String, String>) -> bool {
    VERIFIED_FLAGS
        .into_iter()
        .all(|(contact, _)| !attributes.contains_key(contact) || is_verified(attributes, contact))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        attributes::UnverifiedContacts,
        evidence::{SecondFactor, Standing},
        test_support::*,
    };

    const ADMITTED: Admission = Admission {
        final_status: Some(FinalUserStatus::Confirmed),
        enable_sms_mfa: false,
        is_proven: true,
    };

    fn profile(attributes: &str) -> Profile {
        Profile {
            identity: identity("ana", attributes),
            standing: Standing::VouchedByToken,
            second_factor: SecondFactor::None,
        }
    }

    fn with(change: impl FnOnce(&mut Destination)) -> Destination {
        changed(Destination::default(), change)
    }

    fn named_by(username: DestinationUsername) -> Destination {
        with(|it| it.username = username)
    }

    fn user(destination: &Destination, attributes: &str, typed: &str) -> MigratedUser {
        let user = destination.user(&profile(attributes), typed, |_| Ok(ADMITTED));
        user.unwrap()
    }

    /// Every setting, every alias that can hold what was typed, and every way of typing it.
    #[test]
    fn a_user_name_is_returned_only_where_an_alias_was_typed() {
        for (username, name) in [
            (DestinationUsername::None, None),
            (DestinationUsername::Username, Some("ana")),
            (DestinationUsername::Sub, Some("7c7f")),
        ] {
            for (alias, value, is_alias) in [
                ("email", "Ana@example.com", true),
                ("phone_number", "+15555550100", true),
                ("preferred_username", "Ana.K", true),
                ("nickname", "Ana.K", false),
            ] {
                let attributes = format!("sub=7c7f {alias}={value}");
                let values = [value.to_owned(), value.to_lowercase(), value.to_uppercase()];
                let others = ["ana", "7c7f", ""].map(str::to_owned);
                for typed in values.iter().chain(&others) {
                    let user = user(&named_by(username), &attributes, typed);
                    let returned = user.attributes.get("username").map(String::as_str);
                    let expected = name.filter(|_| is_alias && values.contains(typed));
                    assert_eq!(returned, expected, "{username:?} {alias} {typed}");
                }
            }
        }
    }

    #[test]
    fn an_alias_that_is_not_copied_is_none_and_one_that_is_set_counts() {
        let mut destination = named_by(DestinationUsername::Username);
        let username = |destination: &Destination, typed: &str| {
            let user = user(destination, "email=ana@example.com", typed);
            user.attributes.get("username").cloned()
        };
        let ana = Some("ana".to_owned());
        assert_eq!(username(&destination, "ana@example.com"), ana);
        let mapping = &mut destination.mapping;
        mapping.renamed.insert("email".to_owned(), None);
        mapping.fixed = pairs("preferred_username=all");
        assert_eq!(username(&destination, "ana@example.com"), None);
        assert_eq!(username(&destination, "all"), ana);
    }

    #[test]
    fn a_user_without_a_known_sub_is_not_migrated_under_a_sub() {
        const SOURCE: &str = "sub= email=ana@example.com";
        let destination = named_by(DestinationUsername::Sub);
        let failure = Failure::new(Cause::Broken, "profile", "NoSub");
        let found = destination.user(&profile(SOURCE), "ana@example.com", |_| Ok(ADMITTED));
        assert_eq!(found, Err(Stop::Failed(failure)));
        // Under the name that was typed, no other one is needed.
        let user = user(&destination, SOURCE, "ana");
        assert!(!user.attributes.contains_key("username"));
    }

    #[test]
    fn a_sign_in_spells_addresses_as_they_were_typed_and_a_reset_as_the_source_pool_does() {
        const SOURCE: &str =
            "email=Ana@Example.com email_verified=true preferred_username=Ana.K nickname=Ana.K";
        let reset = changed(ADMITTED, |it| it.is_proven = false);
        let typed = "ana@example.com ANA@example.com Ana@Example.com ana.k ana@example.org ana";
        for typed in typed.split(' ') {
            let destination = Destination::default();
            let at_reset = destination.user(&profile(SOURCE), typed, |_| Ok(reset));
            let mut expected: BTreeMap<String, String> = pairs(SOURCE);
            assert_eq!(at_reset.unwrap().attributes, expected, "{typed}");
            for (name, value) in &mut expected {
                if name != "nickname" && value.eq_ignore_ascii_case(typed) {
                    *value = typed.to_owned();
                }
            }
            let at_sign_in = user(&destination, SOURCE, typed);
            assert_eq!(at_sign_in.attributes, expected, "{typed}");
        }
    }

    /// Both settings, with and without a proof, and every state of both contacts.
    #[test]
    fn an_alias_is_taken_only_after_a_proof_and_if_every_contact_is_verified() {
        const EMAIL: [(&str, bool); 5] = [
            ("", true),
            ("email=a@b", false),
            ("email=a@b email_verified=false", false),
            ("email=a@b email_verified=true", true),
            ("email=a@b email_verified=True", true),
        ];
        for (setting, is_proven) in [(false, false), (false, true), (true, false), (true, true)] {
            let destination = with(|it| it.force_alias_creation = setting);
            let admission = changed(ADMITTED, |it| it.is_proven = is_proven);
            for (email, email_is_fine) in EMAIL {
                for (number, number_is_fine) in EMAIL {
                    let number = number.replace("email", "phone_number");
                    let source = profile(&format!("{email} {number}"));
                    let user = destination.user(&source, "ana", |_| Ok(admission)).unwrap();
                    let expected = setting && is_proven && email_is_fine && number_is_fine;
                    let found = user.force_alias_creation;
                    assert_eq!(found, expected, "{is_proven} {source:?}");
                }
            }
        }
    }

    #[test]
    fn the_mark_is_ours_and_never_the_source_pools() {
        let mut destination = with(|it| it.mapping.copy_custom = true);
        destination.mark = Some("custom:mark".to_owned());
        const FORGED: &str = "custom:mark=pending/another-user";
        let marked = user(&destination, &format!("sub=7c7f {FORGED}"), "ana");
        assert_eq!(marked.attributes, pairs("custom:mark=pending/7c7f"));
        assert_eq!(user(&destination, FORGED, "ana").attributes, pairs(""));
    }

    #[test]
    fn admission_and_settings_reach_the_answer() {
        let destination = with(|it| it.welcome_message = WelcomeMessage::Sms);
        let mut admission = changed(ADMITTED, |it| it.enable_sms_mfa = true);
        admission.final_status = Some(FinalUserStatus::ResetRequired);
        let source = profile("phone_number=+15555550100 phone_number_verified=true");
        let user = destination.user(&source, "ana", |contacts| {
            assert!(contacts.phone_number && contacts.verified_phone_number);
            Ok(admission)
        });
        let user = user.unwrap();
        assert_eq!(user.final_status, admission.final_status);
        assert_eq!(user.welcome_message, WelcomeMessage::Sms);
        assert!(user.enable_sms_mfa);
        let refused = destination.user(&source, "ana", |_| Err(Reason::UserDisabled));
        assert_eq!(refused, Err(Stop::Rejected(Reason::UserDisabled)));
    }

    #[test]
    fn the_contacts_on_which_admission_depends_are_those_that_leave() {
        let destination = with(|it| it.mapping.unverified_contacts = UnverifiedContacts::Drop);
        let source = profile("phone_number=+15555550100");
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
        use WelcomeMessage::{Email, EmailAndSms, None, Sms};
        let found = [None, Email, Sms, EmailAndSms].map(|it| it.delivery_mediums().join(" "));
        assert_eq!(found, ["", "EMAIL", "SMS", "EMAIL SMS"]);
    }
}
