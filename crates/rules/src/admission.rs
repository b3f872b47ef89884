//! Who is migrated at a sign-in and at a password reset.

use strum::{EnumIter, EnumString, VariantNames};

use crate::{
    attributes::Contacts,
    evidence::{Challenge, SecondFactor, Standing, UserStatus},
    outcome::Reason,
};

/// What happens to users with a second factor: `ON_MFA`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum OnMfa {
    /// They are rejected.
    #[default]
    Refuse,
    /// Codes by text message are carried over; users with every other second factor are rejected.
    Sms,
    /// They are migrated, and the second factor is lost.
    Drop,
}

/// What happens to users with a temporary password: `ON_TEMPORARY_PASSWORD`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum OnTemporaryPassword {
    /// They are rejected.
    #[default]
    Refuse,
    /// They are migrated and must reset the password.
    Reset,
}

/// Whether a password reset migrates: `ON_FORGOT_PASSWORD`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum OnForgotPassword {
    /// It does.
    #[default]
    Migrate,
    /// It does not; nobody is asked.
    Ignore,
}

/// The settings on which decisions depend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Users with a second factor.
    pub on_mfa: OnMfa,
    /// Users with a temporary password.
    pub on_temporary_password: OnTemporaryPassword,
    /// Password resets.
    pub on_forgot_password: OnForgotPassword,
}

/// The status with which Cognito creates a migrated user.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalUserStatus {
    /// The user signs in with the password that was just proven.
    Confirmed,
    /// The user must reset the password before signing in.
    ResetRequired,
}

/// What the source pool's answer to a sign-in proves, as far as the settings accept it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password is right, and nothing else was asked for.
    Password,
    /// The password is right, and the code by text message that was asked for is carried over.
    PasswordAndSms,
    /// The password is right, and the second factor that was asked for is dropped.
    PasswordAlone,
    /// The password is right, and it is a temporary one.
    TemporaryPassword,
}

/// How an admitted user is created in the destination pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The user's status there; `None` leaves it to Cognito.
    pub final_status: Option<FinalUserStatus>,
    /// Whether codes by text message are carried over.
    pub enable_sms_mfa: bool,
    /// Whether a password was proven. If not, nothing may be taken away from another user.
    pub is_proven: bool,
}

impl Policy {
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
    /// `contacts` are those that the migrated user gets.
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
            is_proven: true,
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
    /// sends to it: `contacts` are those that the migrated user gets.
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
            is_proven: false,
        })
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

    /// What a second factor leaves of the proof.
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

/// Whether codes by text message are carried over, which takes a number to send them to.
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

    use strum::{IntoEnumIterator as _, VariantArray as _};

    use super::*;

    fn standings() -> Vec<Standing> {
        let reported = |status| [true, false].map(|enabled| Standing::Reported { enabled, status });
        let mut standings: Vec<_> = UserStatus::VARIANTS
            .iter()
            .flat_map(|&status| reported(status))
            .collect();
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

    fn policies() -> Vec<Policy> {
        let mut all = vec![];
        for on_mfa in OnMfa::iter() {
            for on_temporary_password in OnTemporaryPassword::iter() {
                for on_forgot_password in OnForgotPassword::iter() {
                    all.push(Policy {
                        on_mfa,
                        on_temporary_password,
                        on_forgot_password,
                    });
                }
            }
        }
        all
    }

    /// Tokens (`None`) and every challenge.
    fn answers() -> impl Iterator<Item = Option<Challenge>> {
        let challenges = Challenge::VARIANTS.iter().copied().map(Some);
        [None].into_iter().chain(challenges)
    }

    /// A sign-in that the source answered with tokens (`None`) or a challenge.
    fn sign_in(
        policy: Policy,
        challenge: Option<Challenge>,
        standing: Standing,
        contacts: Contacts,
    ) -> Result<Admission, Reason> {
        let proof = match challenge {
            None => Ok(Proof::Password),
            Some(challenge) => policy.proven_by_challenge(challenge),
        };
        policy.admit_sign_in(proof?, standing, contacts)
    }

    const CONFIRMED: Admission = Admission {
        final_status: Some(FinalUserStatus::Confirmed),
        enable_sms_mfa: false,
        is_proven: true,
    };
    const CONFIRMED_WITH_SMS: Admission = Admission {
        final_status: Some(FinalUserStatus::Confirmed),
        enable_sms_mfa: true,
        is_proven: true,
    };
    const RESET_REQUIRED: Admission = Admission {
        final_status: Some(FinalUserStatus::ResetRequired),
        enable_sms_mfa: false,
        is_proven: true,
    };
    const LEFT_TO_COGNITO: Admission = Admission {
        final_status: None,
        enable_sms_mfa: false,
        is_proven: false,
    };

    #[test]
    fn sign_in_follows_the_table_over_the_whole_input_space() {
        let mut cases = 0;
        for policy in policies() {
            for challenge in answers() {
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
                        let expected = match (challenge, policy.on_mfa) {
                            (None, _) => good.map(|()| CONFIRMED),
                            (Some(Challenge::Other), _) => Err(Reason::UnsupportedChallenge),
                            (Some(Challenge::NewPasswordRequired), _) => {
                                match policy.on_temporary_password {
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
                            sign_in(policy, challenge, standing, contacts),
                            expected,
                            "{policy:?} {challenge:?} {standing:?} {contacts:?}"
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
        for policy in policies() {
            for standing in standings() {
                for &factor in SecondFactor::VARIANTS {
                    for contacts in contacts() {
                        let status = match standing {
                            Standing::Reported {
                                enabled: true,
                                status,
                            } => Some(status),
                            Standing::Reported { enabled: false, .. }
                            | Standing::VouchedByToken => None,
                        };
                        let expected = if policy.on_forgot_password == OnForgotPassword::Ignore {
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
                            let sms = match (policy.on_mfa, factor) {
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
                            policy.admit_forgot_password(standing, factor, contacts),
                            expected,
                            "{policy:?} {standing:?} {factor:?} {contacts:?}"
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
        for policy in policies() {
            for standing in standings() {
                let Standing::Reported { enabled, status } = standing else {
                    continue;
                };
                let contacts = Contacts {
                    phone_number: true,
                    verified: true,
                };
                let admitted = answers()
                    .map(|challenge| sign_in(policy, challenge, standing, contacts))
                    .chain([policy.admit_forgot_password(standing, SecondFactor::None, contacts)])
                    .any(|decision| decision.is_ok());
                assert_eq!(
                    policy.could_migrate(enabled, status),
                    admitted,
                    "{policy:?} {standing:?}"
                );
            }
        }
    }

    #[test]
    fn a_disabled_user_cannot_come_back_through_forgot_password() {
        for &status in UserStatus::VARIANTS {
            let standing = Standing::Reported {
                enabled: false,
                status,
            };
            let verified = Contacts {
                phone_number: true,
                verified: true,
            };
            assert_eq!(
                Policy::default().admit_forgot_password(standing, SecondFactor::None, verified),
                Err(Reason::UserDisabled)
            );
        }
    }
}
