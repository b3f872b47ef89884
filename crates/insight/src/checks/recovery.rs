//! `destination.recovery`: the destination pool can send codes of a password reset to migrated users.

use rules::{
    admission::{OnForgotPassword, OnMfa, OnTemporaryPassword, Policy},
    checks::{Answer, Verdict},
    evidence::Identity,
    outcome::Failure,
    pool::Recovery,
    settings::Settings,
};

use super::pools::{KnownPools, destination_is_unknown};

const EMAIL: &str = "email";

/// A contact to which codes can go.
struct CodeContact {
    name: &'static str,
    /// `RESET_CONTACTS` names it.
    is_set: bool,
    /// The destination pool sends codes there.
    is_sent: bool,
    /// The mapping copies it as verified.
    is_copied: bool,
}

/// The contacts for codes of a password reset. Lists of contacts are as `RESET_CONTACTS` takes them.
enum RecoveryFound {
    NotNeeded,
    NothingIsCopied,
    NothingIsSent,
    NothingIsSet {
        copied: String,
    },
    SentElsewhere,
    /// `RESET_CONTACTS` names contacts to which no codes go.
    SetButNotSent {
        contacts: String,
        fitting: String,
    },
    /// Codes go to contacts that `RESET_CONTACTS` does not name.
    SentButNotSet {
        contacts: String,
        fitting: String,
    },
    Fits {
        contacts: String,
    },
}

/// Whether the code of a reset can be due in the mailbox that is the second factor. Cognito sends none there.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html>
enum EmailFactorFound<'a> {
    /// No second factor is an e-mail, or no code goes to an e-mail address.
    Harmless,
    BarsTheReset,
    NotRead(&'a Failure),
}

/// Judges where codes go.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    if !may_ask_for_reset(&pools.settings.policy) {
        return RecoveryFound::NotNeeded.verdict();
    }
    let Some(pool) = pools.destination() else {
        return destination_is_unknown();
    };
    let contacts = contacts(pools.settings, &pool.recovery);
    let found = found(&contacts);
    let verdict = found.verdict();
    match email_factor(&contacts, pools.facts.email_mfa.as_ref()) {
        EmailFactorFound::NotRead(failure) if found.works_for_some() => {
            let what = "The second factors of the destination pool";
            pools.unread_destination(what, "GetUserPoolMfaConfig", failure)
        }
        EmailFactorFound::Harmless | EmailFactorFound::NotRead(_) => verdict,
        EmailFactorFound::BarsTheReset => verdict.and_warn(
            "In the destination pool an e-mail can be the second factor (EmailMfaConfiguration). Cognito sends no reset \
             code by e-mail to users who have that factor: without a verified phone number they can set no password.",
            "Make sure that these users have a verified phone number, that ATTRIBUTE_MAP copies it, and that \
             AccountRecoverySetting and RESET_CONTACTS name it. Or take e-mail out of the destination pool's second \
             factors.",
        ),
    }
}

fn email_factor<'a>(
    contacts: &[CodeContact],
    email_mfa: Option<&'a Answer<bool>>,
) -> EmailFactorFound<'a> {
    let goes_to_email = contacts
        .iter()
        .any(|contact| contact.name == EMAIL && contact.is_sent && contact.is_copied);
    match email_mfa {
        Some(Ok(true)) if goes_to_email => EmailFactorFound::BarsTheReset,
        Some(Err(failure)) if goes_to_email => EmailFactorFound::NotRead(failure),
        Some(_) | None => EmailFactorFound::Harmless,
    }
}

fn contacts(settings: &Settings, recovery: &[Recovery]) -> [CodeContact; 2] {
    let set = settings.policy.reset_contacts;
    [
        (EMAIL, set.has_email(), Recovery::VerifiedEmail),
        (
            "phone_number",
            set.has_phone_number(),
            Recovery::VerifiedPhoneNumber,
        ),
    ]
    .map(|(name, is_set, way)| CodeContact {
        name,
        is_set,
        is_sent: recovery.is_empty() || recovery.contains(&way),
        is_copied: is_copied(settings, name),
    })
}

/// Whether these settings can make a user reset the password in the destination pool before the first sign-in there.
pub fn may_ask_for_reset(policy: &Policy) -> bool {
    policy.on_forgot_password == OnForgotPassword::Migrate
        || policy.on_mfa == OnMfa::Reset
        || policy.on_temporary_password == OnTemporaryPassword::Reset
        || policy.passwords.is_some()
}

/// Whether a user with this one verified contact has one after the migration.
fn is_copied(settings: &Settings, contact: &str) -> bool {
    let identity = Identity {
        username: String::new(),
        attributes: vec![
            (contact.to_owned(), "x".to_owned()),
            (format!("{contact}_verified"), "true".to_owned()),
        ],
    };
    let mapped = settings.destination.mapping.apply(&identity, "");
    let contacts = mapped.contacts;
    contacts.verified_email || contacts.verified_phone_number
}

fn found(contacts: &[CodeContact]) -> RecoveryFound {
    let copied = || contacts.iter().filter(|contact| contact.is_copied);
    let fitting = names(copied().filter(|contact| contact.is_sent));
    let unsent = names(copied().filter(|contact| contact.is_set && !contact.is_sent));
    let unset = names(copied().filter(|contact| contact.is_sent && !contact.is_set));
    if copied().next().is_none() {
        RecoveryFound::NothingIsCopied
    } else if contacts.iter().all(|contact| !contact.is_sent) {
        RecoveryFound::NothingIsSent
    } else if copied().all(|contact| !contact.is_set) {
        RecoveryFound::NothingIsSet {
            copied: names(copied()),
        }
    } else if fitting.is_empty() {
        RecoveryFound::SentElsewhere
    } else if !unsent.is_empty() {
        RecoveryFound::SetButNotSent {
            contacts: unsent,
            fitting,
        }
    } else if !unset.is_empty() {
        RecoveryFound::SentButNotSet {
            contacts: unset,
            fitting,
        }
    } else {
        RecoveryFound::Fits { contacts: fitting }
    }
}

/// The names of these contacts, as `RESET_CONTACTS` takes them.
fn names<'a>(contacts: impl Iterator<Item = &'a CodeContact>) -> String {
    contacts
        .map(|contact| contact.name)
        .collect::<Vec<_>>()
        .join(",")
}

impl RecoveryFound {
    fn works_for_some(&self) -> bool {
        match self {
            RecoveryFound::NotNeeded
            | RecoveryFound::SetButNotSent { .. }
            | RecoveryFound::SentButNotSet { .. }
            | RecoveryFound::Fits { .. } => true,
            RecoveryFound::NothingIsCopied
            | RecoveryFound::NothingIsSent
            | RecoveryFound::NothingIsSet { .. }
            | RecoveryFound::SentElsewhere => false,
        }
    }

    fn verdict(&self) -> Verdict {
        match self {
            RecoveryFound::NotNeeded => {
                Verdict::ok("Not needed: with these settings no user has to reset a password.")
            }
            RecoveryFound::NothingIsCopied => Verdict::fail(
                "No verified contact is copied, so each user who would have to reset the password is rejected.",
                "Let ATTRIBUTE_MAP and STATIC_ATTRIBUTES copy email and email_verified, or phone_number and \
                 phone_number_verified. Or set ON_FORGOT_PASSWORD to ignore, leave PASSWORD_POLICY out, and set neither \
                 ON_MFA nor ON_TEMPORARY_PASSWORD to reset.",
            ),
            RecoveryFound::NothingIsSent => Verdict::fail(
                "In the destination pool only an administrator can reset a password, so no code is sent.",
                "Let the destination pool recover accounts by verified e-mail or phone number \
                 (AccountRecoverySetting). Or set ON_FORGOT_PASSWORD to ignore, leave PASSWORD_POLICY out, and set neither \
                 ON_MFA nor ON_TEMPORARY_PASSWORD to reset.",
            ),
            RecoveryFound::NothingIsSet { copied } => Verdict::fail(
                "RESET_CONTACTS names no contact that is copied, so each user who would have to reset the password is \
                 rejected.",
                format!("Set RESET_CONTACTS to {copied}."),
            ),
            RecoveryFound::SentElsewhere => Verdict::fail(
                "The destination pool sends codes only to a contact that is not copied.",
                "Let ATTRIBUTE_MAP copy that contact and its verified flag. Or change the destination pool's \
                 AccountRecoverySetting.",
            ),
            RecoveryFound::SetButNotSent { contacts, fitting } => Verdict::warn(
                format!(
                    "RESET_CONTACTS lets users migrate who have no verified contact but {contacts}, and the destination \
                     pool sends no codes there (AccountRecoverySetting): they could never set a password."
                ),
                format!(
                    "Set RESET_CONTACTS to {fitting}, or change the destination pool's AccountRecoverySetting."
                ),
            ),
            RecoveryFound::SentButNotSet { contacts, fitting } => Verdict::warn(
                format!(
                    "The destination pool sends codes to {contacts} too (AccountRecoverySetting), and RESET_CONTACTS \
                     rejects users who have no other verified contact."
                ),
                format!("Set RESET_CONTACTS to {fitting}."),
            ),
            RecoveryFound::Fits { contacts } => {
                Verdict::ok(format!("Codes of a password reset go to {contacts}."))
            }
        }
    }
}
