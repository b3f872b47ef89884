//! Who is migrated: pure decisions on the evidence, for both triggers.
//!
//! Whom a typed name means, where users are looked up, is decided in [`SignInName`].
//!
//! Every function here is total: each status, challenge and setting has its answer, those that do not exist yet
//! included, and the default answer is to refuse.

mod sign_in_name;

pub use sign_in_name::SignInName;

use crate::{
    attributes::Contacts,
    error::Reason,
    event::FinalUserStatus,
    source_pool::{Challenge, SecondFactor, Standing, UserStatus},
};

/// What happens to users with a second factor: `ON_MFA`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMfa {
    /// They are refused.
    #[default]
    Refuse,
    /// Codes by text message go along, every other second factor is refused.
    Sms,
    /// They are migrated, and the second factor is lost.
    Drop,
}

/// What happens to users with a temporary password: `ON_TEMPORARY_PASSWORD`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnTemporaryPassword {
    /// They are refused.
    #[default]
    Refuse,
    /// They are migrated and must reset the password.
    Reset,
}

/// Whether a password reset migrates: `ON_FORGOT_PASSWORD`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnForgotPassword {
    /// It does.
    #[default]
    Migrate,
    /// It does not; nobody is asked.
    Ignore,
}

/// The settings on which decisions depend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Users with a second factor.
    pub on_mfa: OnMfa,
    /// Users with a temporary password.
    pub on_temporary_password: OnTemporaryPassword,
    /// Password resets.
    pub on_forgot_password: OnForgotPassword,
    /// By which attribute users are found in the source pool; `None` asks it for the typed name as it is.
    pub lookup: Option<SignInName>,
}

/// What the source pool's answer to a sign-in proves, as far as the settings accept it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password is right, and nothing else was asked for.
    Password,
    /// The password is right, and the code by text message that was asked for goes along.
    PasswordAndSms,
    /// The password is right, and the second factor that was asked for is dropped.
    PasswordAlone,
    /// The password is right, and it is a temporary one.
    TemporaryPassword,
}

/// How an admitted user is created in the new pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The user's status there; `None` leaves it to Cognito.
    pub final_status: Option<FinalUserStatus>,
    /// Whether codes by text message go along.
    pub enable_sms_mfa: bool,
}

impl Settings {
    /// What a challenge proves.
    ///
    /// After a password, Cognito asks for a second factor only if the password was right, and for a new password
    /// only if a temporary one was right. Every other challenge proves nothing.
    pub fn proven_by_challenge(self, challenge: Challenge) -> Result<Proof, Reason> {
        match challenge {
            Challenge::SmsMfa => self.past_second_factor(SecondFactor::Sms),
            Challenge::SoftwareTokenMfa
            | Challenge::EmailOtp
            | Challenge::SelectMfaType
            | Challenge::MfaSetup => self.past_second_factor(SecondFactor::Other),
            Challenge::NewPasswordRequired => match self.on_temporary_password {
                OnTemporaryPassword::Reset => Ok(Proof::TemporaryPassword),
                OnTemporaryPassword::Refuse => Err(Reason::TemporaryPassword),
            },
            Challenge::Other => Err(Reason::UnsupportedChallenge),
        }
    }

    /// Whether a user who proved something at sign-in is migrated, and how.
    ///
    /// `contacts` are those that go along to the new pool.
    pub fn admit_sign_in(
        self,
        proof: Proof,
        standing: Standing,
        contacts: Contacts,
    ) -> Result<Admission, Reason> {
        let expected = match proof {
            Proof::TemporaryPassword => UserStatus::ForceChangePassword,
            Proof::Password | Proof::PasswordAndSms | Proof::PasswordAlone => UserStatus::Confirmed,
        };
        match standing {
            Standing::Reported { enabled: false, .. } => return Err(Reason::UserDisabled),
            Standing::Reported { status, .. } if status == expected => {}
            // Such a token exists only after a sign-in that asked for nothing else.
            Standing::VouchedByToken if proof == Proof::Password => {}
            Standing::Reported { .. } | Standing::VouchedByToken => {
                return Err(Reason::UnusableStatus);
            }
        }
        let final_status = match proof {
            Proof::TemporaryPassword => FinalUserStatus::ResetRequired,
            Proof::Password | Proof::PasswordAndSms | Proof::PasswordAlone => {
                FinalUserStatus::Confirmed
            }
        };
        Ok(Admission {
            final_status: Some(final_status),
            enable_sms_mfa: carries_sms(proof, contacts)?,
        })
    }

    /// Whether a password reset may ask the source pool at all.
    pub fn may_reset(self) -> Result<(), Reason> {
        match self.on_forgot_password {
            OnForgotPassword::Migrate => Ok(()),
            OnForgotPassword::Ignore => Err(Reason::ForgotPasswordOff),
        }
    }

    /// Whether a user for whom somebody asked for a password reset is migrated, and how.
    ///
    /// Nothing was proven here, so only a user is migrated who can prove an address by the code that Cognito
    /// sends to it: `contacts` are those that go along to the new pool.
    pub fn admit_forgot_password(
        self,
        standing: Standing,
        second_factor: SecondFactor,
        contacts: Contacts,
    ) -> Result<Admission, Reason> {
        self.may_reset()?;
        match standing {
            Standing::Reported { enabled: false, .. } => return Err(Reason::UserDisabled),
            Standing::Reported { status, .. } => match status {
                UserStatus::Confirmed | UserStatus::ResetRequired => {}
                UserStatus::Unconfirmed => return Err(Reason::NotConfirmed),
                UserStatus::ExternalProvider => return Err(Reason::ExternalProvider),
                UserStatus::ForceChangePassword => return Err(Reason::TemporaryPassword),
                UserStatus::Archived
                | UserStatus::Compromised
                | UserStatus::Unknown
                | UserStatus::Other => return Err(Reason::UnusableStatus),
            },
            // Nobody has signed in, so nobody has a token.
            Standing::VouchedByToken => return Err(Reason::UnusableStatus),
        }
        let enable_sms_mfa = match second_factor {
            SecondFactor::None => false,
            factor => carries_sms(self.past_second_factor(factor)?, contacts)?,
        };
        if !contacts.verified {
            return Err(Reason::NoVerifiedContact);
        }
        Ok(Admission {
            final_status: None,
            enable_sms_mfa,
        })
    }

    /// By which attribute whoever typed this is found in the source pool; `None` asks it for the typed name as it is: it
    /// knows its own sign-in names best.
    pub fn lookup_for(self, typed: &str) -> Option<SignInName> {
        self.lookup.filter(|attribute| attribute.has_form(typed))
    }

    /// Whether a user of this standing could still be migrated, at a sign-in or a password reset.
    ///
    /// A second factor is left out of account: what the settings make of it can change while the user waits.
    pub fn could_migrate(self, enabled: bool, status: UserStatus) -> bool {
        enabled
            && match status {
                UserStatus::Confirmed => true,
                UserStatus::ResetRequired => self.on_forgot_password == OnForgotPassword::Migrate,
                UserStatus::ForceChangePassword => {
                    self.on_temporary_password == OnTemporaryPassword::Reset
                }
                UserStatus::Unconfirmed
                | UserStatus::Archived
                | UserStatus::Compromised
                | UserStatus::Unknown
                | UserStatus::ExternalProvider
                | UserStatus::Other => false,
            }
    }

    /// What is left of a second factor on the way to the new pool.
    fn past_second_factor(self, factor: SecondFactor) -> Result<Proof, Reason> {
        match (self.on_mfa, factor) {
            (_, SecondFactor::None) => Ok(Proof::Password),
            (OnMfa::Drop, SecondFactor::Sms | SecondFactor::Other) => Ok(Proof::PasswordAlone),
            (OnMfa::Sms, SecondFactor::Sms) => Ok(Proof::PasswordAndSms),
            (OnMfa::Sms, SecondFactor::Other)
            | (OnMfa::Refuse, SecondFactor::Sms | SecondFactor::Other) => Err(Reason::MfaRefused),
        }
    }
}

/// Whether codes by text message go along, which takes a number to send them to.
fn carries_sms(proof: Proof, contacts: Contacts) -> Result<bool, Reason> {
    match proof {
        Proof::PasswordAndSms if contacts.phone_number => Ok(true),
        Proof::PasswordAndSms => Err(Reason::MfaRefused),
        Proof::Password | Proof::PasswordAlone | Proof::TemporaryPassword => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    //! The whole input space against the decision tables, written down once more as tables.

    use super::*;

    const STATUSES: [UserStatus; 9] = [
        UserStatus::Unconfirmed,
        UserStatus::Confirmed,
        UserStatus::Archived,
        UserStatus::Compromised,
        UserStatus::Unknown,
        UserStatus::ResetRequired,
        UserStatus::ForceChangePassword,
        UserStatus::ExternalProvider,
        UserStatus::Other,
    ];
    const CHALLENGES: [Challenge; 7] = [
        Challenge::SmsMfa,
        Challenge::SoftwareTokenMfa,
        Challenge::EmailOtp,
        Challenge::SelectMfaType,
        Challenge::MfaSetup,
        Challenge::NewPasswordRequired,
        Challenge::Other,
    ];
    const FACTORS: [SecondFactor; 3] = [SecondFactor::None, SecondFactor::Sms, SecondFactor::Other];

    fn standings() -> Vec<Standing> {
        let reported = |status| [true, false].map(|enabled| Standing::Reported { enabled, status });
        let mut standings: Vec<_> = STATUSES.into_iter().flat_map(reported).collect();
        standings.push(Standing::VouchedByToken);
        standings
    }

    fn contacts() -> [Contacts; 4] {
        [(false, false), (false, true), (true, false), (true, true)].map(
            |(phone_number, verified)| Contacts {
                phone_number,
                verified,
            },
        )
    }

    fn settings() -> Vec<Settings> {
        let mut all = vec![];
        for on_mfa in [OnMfa::Refuse, OnMfa::Sms, OnMfa::Drop] {
            for on_temporary_password in [OnTemporaryPassword::Refuse, OnTemporaryPassword::Reset] {
                for on_forgot_password in [OnForgotPassword::Migrate, OnForgotPassword::Ignore] {
                    all.push(Settings {
                        on_mfa,
                        on_temporary_password,
                        on_forgot_password,
                        lookup: None,
                    });
                }
            }
        }
        all
    }

    /// A sign-in that the source answered with tokens (`None`) or a challenge.
    fn sign_in(
        settings: Settings,
        challenge: Option<Challenge>,
        standing: Standing,
        contacts: Contacts,
    ) -> Result<Admission, Reason> {
        let proof = match challenge {
            None => Ok(Proof::Password),
            Some(challenge) => settings.proven_by_challenge(challenge),
        };
        settings.admit_sign_in(proof?, standing, contacts)
    }

    const CONFIRMED: Admission = Admission {
        final_status: Some(FinalUserStatus::Confirmed),
        enable_sms_mfa: false,
    };
    const CONFIRMED_WITH_SMS: Admission = Admission {
        final_status: Some(FinalUserStatus::Confirmed),
        enable_sms_mfa: true,
    };
    const RESET_REQUIRED: Admission = Admission {
        final_status: Some(FinalUserStatus::ResetRequired),
        enable_sms_mfa: false,
    };
    const LEFT_TO_COGNITO: Admission = Admission {
        final_status: None,
        enable_sms_mfa: false,
    };

    #[test]
    fn sign_in_follows_the_table_over_the_whole_input_space() {
        let mut cases = 0;
        for settings in settings() {
            for challenge in [None].into_iter().chain(CHALLENGES.map(Some)) {
                for standing in standings() {
                    for contacts in contacts() {
                        let good = match standing {
                            Standing::Reported { enabled: false, .. } => Err(Reason::UserDisabled),
                            Standing::Reported { status, .. }
                                if status
                                    == match challenge {
                                        Some(Challenge::NewPasswordRequired) => {
                                            UserStatus::ForceChangePassword
                                        }
                                        _ => UserStatus::Confirmed,
                                    } =>
                            {
                                Ok(())
                            }
                            Standing::VouchedByToken if challenge.is_none() => Ok(()),
                            _ => Err(Reason::UnusableStatus),
                        };
                        let expected = match (challenge, settings.on_mfa) {
                            (None, _) => good.map(|()| CONFIRMED),
                            (Some(Challenge::Other), _) => Err(Reason::UnsupportedChallenge),
                            (Some(Challenge::NewPasswordRequired), _) => {
                                match settings.on_temporary_password {
                                    OnTemporaryPassword::Refuse => Err(Reason::TemporaryPassword),
                                    OnTemporaryPassword::Reset => good.map(|()| RESET_REQUIRED),
                                }
                            }
                            (Some(_), OnMfa::Refuse) => Err(Reason::MfaRefused),
                            (Some(_), OnMfa::Drop) => good.map(|()| CONFIRMED),
                            (Some(Challenge::SmsMfa), OnMfa::Sms) => {
                                good.and(if contacts.phone_number {
                                    Ok(CONFIRMED_WITH_SMS)
                                } else {
                                    Err(Reason::MfaRefused)
                                })
                            }
                            (Some(_), OnMfa::Sms) => Err(Reason::MfaRefused),
                        };
                        assert_eq!(
                            sign_in(settings, challenge, standing, contacts),
                            expected,
                            "{settings:?} {challenge:?} {standing:?} {contacts:?}"
                        );
                        cases += 1;
                    }
                }
            }
        }
        assert_eq!(cases, 12 * 8 * 19 * 4);
    }

    #[test]
    fn forgot_password_follows_the_table_over_the_whole_input_space() {
        let mut cases = 0;
        for settings in settings() {
            for standing in standings() {
                for factor in FACTORS {
                    for contacts in contacts() {
                        let status = match standing {
                            Standing::Reported {
                                enabled: true,
                                status,
                            } => Some(status),
                            Standing::Reported { enabled: false, .. }
                            | Standing::VouchedByToken => None,
                        };
                        let expected = if settings.on_forgot_password == OnForgotPassword::Ignore {
                            Err(Reason::ForgotPasswordOff)
                        } else if matches!(standing, Standing::Reported { enabled: false, .. }) {
                            Err(Reason::UserDisabled)
                        } else if status == Some(UserStatus::Unconfirmed) {
                            Err(Reason::NotConfirmed)
                        } else if status == Some(UserStatus::ExternalProvider) {
                            Err(Reason::ExternalProvider)
                        } else if status == Some(UserStatus::ForceChangePassword) {
                            Err(Reason::TemporaryPassword)
                        } else if status != Some(UserStatus::Confirmed)
                            && status != Some(UserStatus::ResetRequired)
                        {
                            Err(Reason::UnusableStatus)
                        } else {
                            let sms = match (settings.on_mfa, factor) {
                                (_, SecondFactor::None) | (OnMfa::Drop, _) => Ok(false),
                                (OnMfa::Sms, SecondFactor::Sms) if contacts.phone_number => {
                                    Ok(true)
                                }
                                _ => Err(Reason::MfaRefused),
                            };
                            match sms {
                                Ok(_) if !contacts.verified => Err(Reason::NoVerifiedContact),
                                sms => sms.map(|enable_sms_mfa| Admission {
                                    enable_sms_mfa,
                                    ..LEFT_TO_COGNITO
                                }),
                            }
                        };
                        assert_eq!(
                            settings.admit_forgot_password(standing, factor, contacts),
                            expected,
                            "{settings:?} {standing:?} {factor:?} {contacts:?}"
                        );
                        cases += 1;
                    }
                }
            }
        }
        assert_eq!(cases, 12 * 19 * 3 * 4);
    }

    /// Whoever the tables admit at some sign-in or reset, and nobody else.
    #[test]
    fn whoever_could_migrate_is_who_the_tables_admit() {
        for settings in settings() {
            for standing in standings() {
                let Standing::Reported { enabled, status } = standing else {
                    continue;
                };
                let contacts = Contacts {
                    phone_number: true,
                    verified: true,
                };
                let at_sign_in = [None].into_iter().chain(CHALLENGES.map(Some));
                let admitted = at_sign_in
                    .map(|challenge| sign_in(settings, challenge, standing, contacts))
                    .chain([settings.admit_forgot_password(standing, SecondFactor::None, contacts)])
                    .any(|decision| decision.is_ok());
                assert_eq!(
                    settings.could_migrate(enabled, status),
                    admitted,
                    "{settings:?} {standing:?}"
                );
            }
        }
    }

    #[test]
    fn a_disabled_user_cannot_come_back_through_forgot_password() {
        for status in STATUSES {
            let standing = Standing::Reported {
                enabled: false,
                status,
            };
            let verified = Contacts {
                phone_number: true,
                verified: true,
            };
            assert_eq!(
                Settings::default().admit_forgot_password(standing, SecondFactor::None, verified),
                Err(Reason::UserDisabled)
            );
        }
    }
}
