//! How users get back into the destination pool, and with which passwords.

use super::answers::Pools;
use rules::checks::{Looked, Verdict};
use rules::pool::Recovery;
use rules::{attributes::Original, password::PasswordPolicy};

impl Pools<'_> {
    pub(super) fn recovery(&self) -> Looked {
        let policy = self.settings.policy;
        if !policy.lets_reset() {
            return Ok(Verdict::ok(
                "Not needed: with these settings nobody has to reset a password.",
            ));
        }
        let pool = self.destination()?;
        // What the mapping makes of somebody with one verified contact.
        let is_copied = |contact: &str| {
            let flag = format!("{contact}_verified");
            let user = vec![
                (contact.to_owned(), "x".to_owned()),
                (flag, "true".to_owned()),
            ];
            let mapping = &self.settings.destination.mapping;
            let user = Original {
                username: "",
                attributes: &user,
                typed: "",
            };
            let contacts = mapping.apply(user).contacts;
            contacts.verified_email || contacts.verified_phone_number
        };
        let sends = |way| pool.recovery.is_empty() || pool.recovery.contains(&way);
        let set = policy.reset_contacts;
        let contacts = [
            ("email", set.has_email(), sends(Recovery::VerifiedEmail)),
            (
                "phone_number",
                set.has_phone_number(),
                sends(Recovery::VerifiedPhoneNumber),
            ),
        ];
        let copied: Vec<_> = contacts
            .into_iter()
            .filter(|(name, ..)| is_copied(name))
            .collect();
        let names = |is_wanted: fn(bool, bool) -> bool| {
            let wanted = copied
                .iter()
                .filter(|(_, set, sent)| is_wanted(*set, *sent));
            wanted.map(|(name, ..)| *name).collect::<Vec<_>>().join(",")
        };
        let fitting = names(|_, sent| sent);
        Ok(if copied.is_empty() {
            Verdict::fail(
                "No verified contact is copied, so everybody who would have to reset the password is rejected.",
                "Let ATTRIBUTE_MAP and STATIC_ATTRIBUTES copy email and email_verified, or phone_number and \
                 phone_number_verified. Or set ON_FORGOT_PASSWORD to ignore, leave PASSWORD_POLICY out, and set neither \
                 ON_MFA nor ON_TEMPORARY_PASSWORD to reset.",
            )
        } else if contacts.iter().all(|(_, _, sent)| !sent) {
            Verdict::fail(
                "In the destination pool only an administrator can reset a password, so no code is sent.",
                "Let the destination pool recover accounts by verified e-mail or phone number \
                 (AccountRecoverySetting). Or set ON_FORGOT_PASSWORD to ignore, leave PASSWORD_POLICY out, and set neither \
                 ON_MFA nor ON_TEMPORARY_PASSWORD to reset.",
            )
        } else if names(|set, _| set).is_empty() {
            Verdict::fail(
                "RESET_CONTACTS names no contact that is copied, so everybody who would have to reset the password is \
                 rejected.",
                format!("Set RESET_CONTACTS to {}.", names(|_, _| true)),
            )
        } else if fitting.is_empty() {
            Verdict::fail(
                "The destination pool sends codes only to a contact that is not copied.",
                "Let ATTRIBUTE_MAP copy that contact and its verified flag. Or change the destination pool's \
                 AccountRecoverySetting.",
            )
        } else if !names(|set, sent| set && !sent).is_empty() {
            Verdict::warn(
                format!(
                    "RESET_CONTACTS lets users migrate who have no verified contact but {}, and the destination pool sends \
                     no codes there (AccountRecoverySetting): they could never set a password.",
                    names(|set, sent| set && !sent)
                ),
                format!(
                    "Set RESET_CONTACTS to {fitting}, or change the destination pool's AccountRecoverySetting."
                ),
            )
        } else if !names(|set, sent| sent && !set).is_empty() {
            Verdict::warn(
                format!(
                    "The destination pool sends codes to {} too (AccountRecoverySetting), and RESET_CONTACTS rejects users \
                     who have no other verified contact.",
                    names(|set, sent| sent && !set)
                ),
                format!("Set RESET_CONTACTS to {fitting}."),
            )
        } else {
            Verdict::ok(format!("Codes of a password reset go to {fitting}."))
        })
    }

    pub(super) fn password(&self) -> Looked {
        let pool = &self.destination()?.passwords;
        let Some(set) = self.settings.policy.passwords else {
            let source = match &self.facts.source.pool {
                Ok(source) => source,
                Err(failure) => return Err(self.unread_source("DescribeUserPool", failure)),
            };
            return Ok(if source.passwords.is_at_least(pool) {
                Verdict::ok(
                    "The source pool's password policy is at least as strict as the destination pool's.",
                )
            } else {
                Verdict::warn(
                    "Users keep passwords that the destination pool would refuse: PASSWORD_POLICY is not set, and Cognito \
                     does not enforce the pool's own policy at a migration.",
                    format!(
                        "If such users are to choose a new password, set PASSWORD_POLICY to {}.",
                        shown_policy(pool)
                    ),
                )
            });
        };
        Ok(match (set.is_at_least(pool), pool.is_at_least(&set)) {
            (true, true) => {
                Verdict::ok("PASSWORD_POLICY is the destination pool's password policy.")
            }
            (true, false) => Verdict::warn(
                "PASSWORD_POLICY demands more than the destination pool: users have to reset passwords that the pool would \
                 take.",
                format!("Set PASSWORD_POLICY to {}.", shown_policy(pool)),
            ),
            (false, _) => Verdict::warn(
                "PASSWORD_POLICY demands less than the destination pool: users keep passwords that the pool would refuse.",
                format!("Set PASSWORD_POLICY to {}.", shown_policy(pool)),
            ),
        })
    }
}

/// A policy as `PASSWORD_POLICY` takes it.
fn shown_policy(policy: &PasswordPolicy) -> String {
    serde_json::to_string(policy).unwrap_or_default()
}
