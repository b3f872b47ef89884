//! The decision which users are migrated at a sign-in and at a password reset.

use strum::{EnumIter, EnumString, VariantNames};

use crate::{
    attributes::Contacts,
    evidence::{Challenge, PoolMfa, SecondFactor, Standing, UserStatus},
    outcome::Reason,
    password::PasswordPolicy,
    sensitive::Sensitive,
};

/// Handling of users with a second factor: `ON_MFA`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum OnMfa {
    /// They are rejected.
    #[default]
    Refuse,
    /// Codes by text message are carried over. Users with any other second factor are rejected.
    Sms,
    /// At a sign-in they are migrated and must reset the password: the code of the reset stands in for the second factor.
    /// At a password reset they are rejected.
    Reset,
    /// They are migrated, and the second factor is lost.
    Drop,
}

/// Handling of users with a temporary password: `ON_TEMPORARY_PASSWORD`.
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
    /// A password reset migrates.
    #[default]
    Migrate,
    /// A password reset does not migrate. The source pool is not asked.
    Ignore,
}

/// The verified contacts to which the destination pool sends the code of a password reset: `RESET_CONTACTS`.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html#user-pool-password-reset-and-recovery>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum ResetContacts {
    /// Either contact.
    #[default]
    #[strum(to_string = "email,phone_number", serialize = "phone_number,email")]
    EmailAndPhoneNumber,
    /// The e-mail address.
    Email,
    /// The phone number.
    PhoneNumber,
}

impl ResetContacts {
    /// Whether codes go to e-mail addresses.
    pub fn has_email(self) -> bool {
        self != ResetContacts::PhoneNumber
    }

    /// Whether codes go to phone numbers.
    pub fn has_phone_number(self) -> bool {
        self != ResetContacts::Email
    }
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
    /// The contacts for the code of a reset.
    pub reset_contacts: ResetContacts,
    /// The destination pool's password policy; `None` accepts every password.
    pub passwords: Option<PasswordPolicy>,
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

/// The proof in the source pool's answer to a sign-in, as far as the settings accept it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password is right, and nothing else was asked for.
    Password,
    /// The password is right, and the code by text message that was asked for is carried over.
    PasswordAndSms,
    /// The password is right. The code of a reset must replace the second factor that was asked for.
    PasswordBeforeReset,
    /// The password is right, and the second factor that was asked for is dropped.
    PasswordAlone,
    /// The password is right, and it is a temporary one.
    TemporaryPassword,
}

/// The way in which an admitted user is created in the destination pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The user's status there; `None` leaves it to Cognito.
    pub final_status: Option<FinalUserStatus>,
    /// Whether codes by text message are carried over.
    pub enable_sms_mfa: bool,
    /// Whether a password was proven. Without a proof, no alias is taken away from another user.
    pub is_proven: bool,
}

impl Policy {
    /// The proof that a challenge gives.
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

    /// Decides whether and how a user is migrated after this proof at a sign-in.
    ///
    /// `is_weak` says that the password does not meet the policy of the destination pool; `contacts` are those that the
    /// migrated user gets.
    pub fn admit_sign_in(
        self,
        proof: Proof,
        is_weak: bool,
        standing: Standing,
        contacts: Contacts,
    ) -> Result<Admission, Reason> {
        let expected = match proof {
            Proof::TemporaryPassword => UserStatus::ForceChangePassword,
            Proof::Password
            | Proof::PasswordAndSms
            | Proof::PasswordBeforeReset
            | Proof::PasswordAlone => UserStatus::Confirmed,
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
        let must_reset = match proof {
            Proof::TemporaryPassword | Proof::PasswordBeforeReset => true,
            Proof::Password | Proof::PasswordAndSms | Proof::PasswordAlone => is_weak,
        };
        let enable_sms_mfa = carries_sms(proof, contacts)?;
        let final_status = if must_reset {
            self.can_reset(contacts, enable_sms_mfa)?;
            FinalUserStatus::ResetRequired
        } else {
            FinalUserStatus::Confirmed
        };
        Ok(Admission {
            final_status: Some(final_status),
            enable_sms_mfa,
            is_proven: true,
        })
    }

    /// Whether this password breaks the destination pool's policy.
    pub fn is_too_weak(self, password: &Sensitive) -> bool {
        self.passwords
            .is_some_and(|policy| !policy.is_met_by(password))
    }

    /// Whether a password reset may ask the source pool at all.
    pub fn may_reset(self) -> Result<(), Reason> {
        match self.on_forgot_password {
            OnForgotPassword::Migrate => Ok(()),
            OnForgotPassword::Ignore => Err(Reason::ForgotPasswordOff),
        }
    }

    /// Decides whether and how a password reset migrates a user.
    ///
    /// Nothing was proven. So the user must be able to prove a contact with the code that Cognito sends to it: `contacts`
    /// are those of the migrated user. `pool_mfa` is the source pool's setting, if it was
    /// asked for: see [`Policy::asks_for_pool_mfa`].
    pub fn admit_forgot_password(
        self,
        standing: Standing,
        second_factor: SecondFactor,
        pool_mfa: Option<PoolMfa>,
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
            // A reset follows no sign-in, so there is no token.
            Standing::VouchedByToken => return Err(Reason::UnusableStatus),
        }
        let second_factor = match (second_factor, pool_mfa) {
            (SecondFactor::None, Some(PoolMfa::Off | PoolMfa::Optional)) => SecondFactor::None,
            // Cognito does not list every factor. Where each user must have one, this one is not listed.
            (SecondFactor::None, Some(PoolMfa::On) | None) => SecondFactor::Other,
            (listed, _) => listed,
        };
        let enable_sms_mfa = match self.past_second_factor(second_factor)? {
            // Nothing was proven: a code of the reset would be the only proof.
            Proof::PasswordBeforeReset => return Err(Reason::MfaRefused),
            proof => carries_sms(proof, contacts)?,
        };
        self.can_reset(contacts, enable_sms_mfa)?;
        Ok(Admission {
            final_status: None,
            enable_sms_mfa,
            is_proven: false,
        })
    }

    /// Whether password resets depend on the MFA setting of the source pool.
    pub fn asks_for_pool_mfa(self) -> bool {
        self.on_forgot_password == OnForgotPassword::Migrate && self.on_mfa != OnMfa::Drop
    }

    /// Fails unless the code of a reset reaches a user with these contacts.
    ///
    /// Cognito sends none by text message to a user whose second factor that is.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html>
    pub fn can_reset(self, contacts: Contacts, enable_sms_mfa: bool) -> Result<(), Reason> {
        let by_email = self.reset_contacts.has_email() && contacts.verified_email;
        let by_phone = self.reset_contacts.has_phone_number()
            && contacts.verified_phone_number
            && !enable_sms_mfa;
        if by_email || by_phone {
            Ok(())
        } else {
            Err(Reason::NoVerifiedContact)
        }
    }

    /// Whether a user of this standing could still be migrated, at a sign-in or a password reset.
    ///
    /// The second factor does not count: the settings for it can change before the user comes.
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

    /// The proof that is left once the user's second factor is considered.
    fn past_second_factor(self, factor: SecondFactor) -> Result<Proof, Reason> {
        match (self.on_mfa, factor) {
            (_, SecondFactor::None) => Ok(Proof::Password),
            (OnMfa::Drop, SecondFactor::Sms | SecondFactor::Other) => Ok(Proof::PasswordAlone),
            (OnMfa::Reset, SecondFactor::Sms | SecondFactor::Other) => {
                Ok(Proof::PasswordBeforeReset)
            }
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
        Proof::Password
        | Proof::PasswordBeforeReset
        | Proof::PasswordAlone
        | Proof::TemporaryPassword => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    //! The decisions over the whole input space, compared with tables that are written independently.

    use strum::{IntoEnumIterator as _, VariantArray as _};

    use super::*;
    use crate::test_support::with_each;

    const BOTH: [bool; 2] = [false, true];

    const ALL_CONTACTS: Contacts = Contacts {
        phone_number: true,
        verified_email: true,
        verified_phone_number: true,
    };

    fn standings() -> Vec<Standing> {
        let statuses = UserStatus::VARIANTS.iter();
        let reported = |&status| BOTH.map(|enabled| Standing::Reported { enabled, status });
        let vouched = [Standing::VouchedByToken];
        statuses.flat_map(reported).chain(vouched).collect()
    }

    fn contacts() -> impl Iterator<Item = Contacts> + Clone {
        (0..8_u8).map(|bits| Contacts {
            phone_number: bits & 1 != 0,
            verified_email: bits & 2 != 0,
            verified_phone_number: bits & 4 != 0,
        })
    }

    fn policies() -> Vec<Policy> {
        let all = with_each(&[Policy::default()], OnMfa::iter(), |it, on| it.on_mfa = on);
        let all = with_each(&all, OnTemporaryPassword::iter(), |it, on| {
            it.on_temporary_password = on
        });
        let all = with_each(&all, OnForgotPassword::iter(), |it, on| {
            it.on_forgot_password = on
        });
        with_each(&all, ResetContacts::iter(), |it, to| it.reset_contacts = to)
    }

    /// Tokens (`None`) and every challenge.
    fn answers() -> impl Iterator<Item = Option<Challenge>> + Clone {
        let challenges = Challenge::VARIANTS.iter().copied().map(Some);
        [None].into_iter().chain(challenges)
    }

    /// The settings, the source pool's answer to a sign-in, whether the password is weak, the user's standing and contacts.
    type SignIn = (Policy, Option<Challenge>, bool, Standing, Contacts);

    fn sign_in(
        (policy, challenge, is_weak, standing, contacts): SignIn,
    ) -> Result<Admission, Reason> {
        let proof = match challenge {
            None => Ok(Proof::Password),
            Some(challenge) => policy.proven_by_challenge(challenge),
        };
        policy.admit_sign_in(proof?, is_weak, standing, contacts)
    }

    /// Whether one of the contacts to which codes go is verified, written down once more.
    fn is_reachable(policy: Policy, contacts: Contacts, sms_mfa: bool) -> bool {
        let email = contacts.verified_email;
        let phone = contacts.verified_phone_number && !sms_mfa;
        match policy.reset_contacts {
            ResetContacts::EmailAndPhoneNumber => email || phone,
            ResetContacts::Email => email,
            ResetContacts::PhoneNumber => phone,
        }
    }

    /// The table of sign-ins.
    fn expected_at_sign_in(
        (policy, challenge, is_weak, standing, contacts): SignIn,
    ) -> Result<Admission, Reason> {
        use FinalUserStatus::{Confirmed, ResetRequired};
        let is_temporary = challenge == Some(Challenge::NewPasswordRequired);
        let expected = match is_temporary {
            true => UserStatus::ForceChangePassword,
            false => UserStatus::Confirmed,
        };
        let good = match standing {
            Standing::Reported { enabled: false, .. } => Err(Reason::UserDisabled),
            Standing::Reported { status, .. } if status == expected => Ok(()),
            Standing::VouchedByToken if challenge.is_none() => Ok(()),
            _ => Err(Reason::UnusableStatus),
        };
        let created = |status, enable_sms_mfa| {
            good?;
            if status == ResetRequired && !is_reachable(policy, contacts, enable_sms_mfa) {
                return Err(Reason::NoVerifiedContact);
            }
            Ok(Admission {
                final_status: Some(status),
                enable_sms_mfa,
                is_proven: true,
            })
        };
        let with_password = if is_weak { ResetRequired } else { Confirmed };
        let refuses_temporary = policy.on_temporary_password == OnTemporaryPassword::Refuse;
        match (challenge, policy.on_mfa) {
            (None, _) => created(with_password, false),
            (Some(Challenge::Other), _) => Err(Reason::UnsupportedChallenge),
            _ if is_temporary && refuses_temporary => Err(Reason::TemporaryPassword),
            _ if is_temporary => created(ResetRequired, false),
            (Some(_), OnMfa::Reset) => created(ResetRequired, false),
            (Some(_), OnMfa::Drop) => created(with_password, false),
            (Some(Challenge::SmsMfa), OnMfa::Sms) if contacts.phone_number => {
                created(with_password, true)
            }
            (Some(Challenge::SmsMfa), OnMfa::Sms) => good.and(Err(Reason::MfaRefused)),
            (Some(_), OnMfa::Refuse | OnMfa::Sms) => Err(Reason::MfaRefused),
        }
    }

    #[test]
    fn sign_in_follows_the_table_over_the_whole_input_space() {
        let standing = Standing::VouchedByToken;
        let first = (Policy::default(), None, false, standing, ALL_CONTACTS);
        let all = with_each(&[first], policies(), |it, policy| it.0 = policy);
        let all = with_each(&all, answers(), |it, answer| it.1 = answer);
        let all = with_each(&all, BOTH, |it, is_weak| it.2 = is_weak);
        let all = with_each(&all, standings(), |it, standing| it.3 = standing);
        let all = with_each(&all, contacts(), |it, contacts| it.4 = contacts);
        assert_eq!(all.len(), 48 * 8 * 2 * 19 * 8);
        for case in all {
            assert_eq!(sign_in(case), expected_at_sign_in(case), "{case:?}");
        }
    }

    type Reset = (Policy, Standing, SecondFactor, Option<PoolMfa>, Contacts);

    /// The table of password resets.
    fn expected_at_reset(
        (policy, standing, factor, pool_mfa, contacts): Reset,
    ) -> Result<Admission, Reason> {
        if policy.on_forgot_password == OnForgotPassword::Ignore {
            return Err(Reason::ForgotPasswordOff);
        }
        let reason = match standing {
            Standing::Reported { enabled: false, .. } => Some(Reason::UserDisabled),
            Standing::Reported { status, .. } => match status {
                UserStatus::Confirmed | UserStatus::ResetRequired => None,
                UserStatus::Unconfirmed => Some(Reason::NotConfirmed),
                UserStatus::ExternalProvider => Some(Reason::ExternalProvider),
                UserStatus::ForceChangePassword => Some(Reason::TemporaryPassword),
                _ => Some(Reason::UnusableStatus),
            },
            Standing::VouchedByToken => Some(Reason::UnusableStatus),
        };
        if let Some(reason) = reason {
            return Err(reason);
        }
        let may_be_unlisted = matches!(pool_mfa, None | Some(PoolMfa::On));
        let enable_sms_mfa = match (policy.on_mfa, factor) {
            (OnMfa::Drop, _) => false,
            (_, SecondFactor::None) if !may_be_unlisted => false,
            (OnMfa::Sms, SecondFactor::Sms) if contacts.phone_number => true,
            _ => return Err(Reason::MfaRefused),
        };
        if !is_reachable(policy, contacts, enable_sms_mfa) {
            return Err(Reason::NoVerifiedContact);
        }
        Ok(Admission {
            final_status: None,
            enable_sms_mfa,
            is_proven: false,
        })
    }

    #[test]
    fn forgot_password_follows_the_table_over_the_whole_input_space() {
        let asked = PoolMfa::VARIANTS.iter().copied().map(Some);
        let factors = SecondFactor::VARIANTS.iter().copied();
        let (standing, factor) = (Standing::VouchedByToken, SecondFactor::None);
        let first = (Policy::default(), standing, factor, None, ALL_CONTACTS);
        let all = with_each(&[first], policies(), |it, policy| it.0 = policy);
        let all = with_each(&all, standings(), |it, standing| it.1 = standing);
        let all = with_each(&all, factors, |it, factor| it.2 = factor);
        let all = with_each(&all, asked.chain([None]), |it, mfa| it.3 = mfa);
        let all = with_each(&all, contacts(), |it, contacts| it.4 = contacts);
        assert_eq!(all.len(), 48 * 19 * 3 * 4 * 8);
        for case @ (policy, standing, factor, mfa, contacts) in all {
            let found = policy.admit_forgot_password(standing, factor, mfa, contacts);
            assert_eq!(found, expected_at_reset(case), "{case:?}");
        }
    }

    #[test]
    fn resets_ask_for_the_setting_of_the_pool_unless_nothing_depends_on_it() {
        for policy in policies() {
            let ignores = policy.on_forgot_password == OnForgotPassword::Ignore;
            let drops = policy.on_mfa == OnMfa::Drop;
            assert_eq!(policy.asks_for_pool_mfa(), !ignores && !drops, "{policy:?}");
        }
    }

    #[test]
    fn a_password_is_too_weak_only_for_a_policy() {
        let mut demanding = Policy::default();
        let passwords = demanding.passwords.insert(PasswordPolicy::default());
        passwords.minimum_length = 8;
        let (short, long) = (Sensitive::new("1234567"), Sensitive::new("12345678"));
        assert!(demanding.is_too_weak(&short) && !demanding.is_too_weak(&long));
        assert!(!Policy::default().is_too_weak(&Sensitive::new("")));
    }

    #[test]
    fn a_user_could_migrate_exactly_if_the_tables_admit_the_user() {
        let first = (Policy::default(), Standing::VouchedByToken);
        let all = with_each(&[first], policies(), |it, policy| it.0 = policy);
        for (policy, standing) in with_each(&all, standings(), |it, standing| it.1 = standing) {
            let Standing::Reported { enabled, status } = standing else {
                continue;
            };
            let signs_in =
                |answer| sign_in((policy, answer, false, standing, ALL_CONTACTS)).is_ok();
            let (factor, mfa) = (SecondFactor::None, Some(PoolMfa::Off));
            let reset = policy.admit_forgot_password(standing, factor, mfa, ALL_CONTACTS);
            let admitted = answers().any(signs_in) || reset.is_ok();
            let could = policy.could_migrate(enabled, status);
            assert_eq!(could, admitted, "{policy:?} {standing:?}");
        }
    }
}
