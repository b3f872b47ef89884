//! The destination pool: whether it calls the function, takes the users that a migration creates, and lets them in.

use std::collections::BTreeSet;

use super::{
    super::{
        facts::{AppClient, AppClients, Recovery},
        report::{CheckId, Finding, Looked},
    },
    answers::{Pools, may_not_look},
};
use crate::{
    admission::OnMfa,
    attributes::{IDENTIFIERS, Original},
    evidence::PoolMfa,
    mark,
    migrated_user::DestinationUsername,
    outcome::Cause,
    password::PasswordPolicy,
    schema::{DataType, Misfit},
    selection::Selection,
};

impl Pools<'_> {
    pub(super) fn pool(&self) -> Looked {
        let destination = &self.facts.destination;
        let id = &destination.id;
        match &destination.pool {
            Ok(pool) => Ok(Finding::ok(format!(
                "{id} exists, with about {} users.",
                pool.users
            ))),
            Err(failure) => match failure.cause {
                Cause::NotAllowed => Err(may_not_look("DescribeUserPool", id)),
                Cause::NotFound => Ok(Finding::fail(
                    format!("The user pool {id} does not exist."),
                    "Correct the id of the destination pool. The pool must be in the account and Region of the \
                     function.",
                )),
                _ => Ok(Finding::not_asked("The destination pool", failure)),
            },
        }
    }

    pub(super) fn trigger(&self) -> Looked {
        let triggers = &self.destination()?.triggers;
        let Some(us) = &self.facts.function_arn else {
            let Some(trigger) = &triggers.user_migration else {
                return Ok(Finding::fail(
                    "The destination pool has no user_migration trigger.",
                    "Set the destination pool's user_migration trigger (LambdaConfig.UserMigration) to the function.",
                ));
            };
            return Err(Finding::skipped(
                format!(
                    "The user_migration trigger is {trigger}. Whether that is the function is not known."
                ),
                "Name the function.",
            ));
        };
        let is_us = |trigger: &String| function_of(trigger) == function_of(us);
        let fix = || {
            format!(
                "Set the destination pool's user_migration trigger (LambdaConfig.UserMigration) to {us}."
            )
        };
        let guards = match triggers.pre_sign_up.as_ref().is_some_and(is_us) {
            true => "It guards sign-ups too.",
            false => "It does not guard sign-ups.",
        };
        Ok(match &triggers.user_migration {
            Some(trigger) if trigger == us => Finding::ok(format!(
                "The user_migration trigger is the function. {guards}"
            )),
            Some(trigger) if calls(trigger, us) => Finding::ok(format!(
                "The user_migration trigger is a version or alias of the function. {guards} What was looked at is the \
                 function without one: name {trigger} to look at what the pool calls."
            )),
            Some(trigger) if is_us(trigger) => Finding::warn(
                format!(
                    "The user_migration trigger is another version or alias of the function: {trigger}."
                ),
                format!("{} Or check that version or alias.", fix()),
            ),
            Some(trigger) => Finding::fail(
                format!("The user_migration trigger is another function: {trigger}."),
                fix(),
            ),
            None => Finding::fail("The destination pool has no user_migration trigger.", fix()),
        })
    }

    pub(super) fn clients(&self) -> Looked {
        let clients = match &self.facts.clients {
            Ok(clients) => clients,
            Err(failure) => {
                return self.unread_destination(
                    "The app clients of the destination pool",
                    "ListUserPoolClients and cognito-idp:DescribeUserPoolClient",
                    failure,
                );
            }
        };
        let has_password_flow =
            |client: &&AppClient| client.user_password_flow || client.admin_password_flow;
        let (able, unable): (Vec<_>, Vec<_>) = clients.listed.iter().partition(has_password_flow);
        if able.is_empty() {
            return Ok(Finding::fail(
                "No app client of the destination pool signs in with USER_PASSWORD_AUTH or ADMIN_USER_PASSWORD_AUTH. \
                 The trigger runs for no other flow.",
                "Add ALLOW_USER_PASSWORD_AUTH to the authentication flows (ExplicitAuthFlows) of the destination \
                 pool's app client, and sign in with it.",
            ));
        }
        let telling: Vec<_> = clients
            .listed
            .iter()
            .filter(|client| !client.prevents_user_existence_errors)
            .collect();
        let names = |clients: &[&AppClient]| {
            let names: Vec<_> = clients.iter().map(|client| client.name.as_str()).collect();
            names.join(", ")
        };
        let mut details = vec![];
        let mut fixes = vec![];
        if !unable.is_empty() {
            details.push(format!(
                "These app clients allow no password flow, so nobody is migrated through them: {}.",
                names(&unable)
            ));
            fixes.push("Add ALLOW_USER_PASSWORD_AUTH to their authentication flows (ExplicitAuthFlows) if people sign \
                        in through them.");
        }
        if !telling.is_empty() {
            details.push(format!(
                "These app clients tell who exists (PreventUserExistenceErrors LEGACY): {}.",
                names(&telling)
            ));
            fixes.push("Set their PreventUserExistenceErrors to ENABLED.");
        }
        let copied = self.copied_custom_attributes();
        let unread: BTreeSet<_> = clients
            .listed
            .iter()
            .flat_map(|client| copied.iter().filter(|name| !client.lets_read(name)))
            .collect();
        if !unread.is_empty() {
            let is_blind = |client: &&AppClient| unread.iter().any(|name| !client.lets_read(name));
            let blind: Vec<_> = clients.listed.iter().filter(is_blind).collect();
            let unread: Vec<_> = unread.into_iter().copied().collect();
            details.push(format!(
                "Some copied attributes are in no token of these app clients, which may not read them: {} ({}).",
                unread.join(", "),
                names(&blind)
            ));
            fixes.push(
                "Set the attributes that they may read (ReadAttributes), if their apps need these.",
            );
        }
        let mut fix_writing = None;
        for identifier in IDENTIFIERS {
            let old = self.settings.destination.mapping.destination(identifier);
            let lets_write = |client: &&AppClient| old.is_some_and(|old| client.lets_write(old));
            let writing: Vec<_> = clients.listed.iter().filter(lets_write).collect();
            if let Some(old) = old.filter(|_| !writing.is_empty()) {
                details.push(format!(
                    "Users of these app clients can write {old}, and so claim the old {identifier} of another user: {}.",
                    names(&writing)
                ));
                fix_writing = Some(
                    "Set the attributes that they may write (WriteAttributes), without those to which ATTRIBUTE_MAP \
                     maps sub and username.",
                );
            }
        }
        fixes.extend(fix_writing);
        if !details.is_empty() {
            return Ok(Finding::warn(details.join(" "), fixes.join(" ")));
        }
        let how_many = match clients.listed.len() {
            1 => "The app client allows".to_owned(),
            number if clients.more => format!("The first {number} app clients allow"),
            number => format!("All {number} app clients allow"),
        };
        Ok(Finding::ok(format!("{how_many} a password flow.")))
    }

    /// The custom attributes of the destination pool that a migration fills, but for the mark.
    fn copied_custom_attributes(&self) -> BTreeSet<&str> {
        let Ok(destination) = self.destination() else {
            return BTreeSet::new();
        };
        let mapping = &self.settings.destination.mapping;
        let source = self.facts.source.pool.as_ref().ok();
        let listed = source.into_iter().flat_map(|pool| &pool.schema);
        let listed = listed.map(|attribute| attribute.name.as_str());
        let named = mapping.renamed.keys().map(String::as_str);
        let copied = listed
            .chain(named)
            .filter_map(|name| mapping.destination(name));
        let fixed = mapping.fixed.keys().map(String::as_str);
        let exists = |name: &str| destination.schema.iter().any(|known| known.name == name);
        copied
            .chain(fixed)
            .filter(|name| name.starts_with("custom:") && exists(name))
            .collect()
    }

    pub(super) fn schema(&self) -> Looked {
        let source_is_known = self.facts.source.pool.is_ok();
        Ok(match self.fit(self.destination()?).misfit() {
            Some(misfit) => finding(&misfit),
            None if source_is_known => Finding::ok(
                "Every attribute that the mapping can return fits the destination pool.",
            ),
            None => Finding::ok(
                "Every attribute that the settings name exists in the destination pool. The source pool's attributes \
                 are not known, so nothing was compared to them.",
            ),
        })
    }

    pub(super) fn username(&self) -> Looked {
        let pool = self.destination()?;
        let aliases = pool.alias_attributes.join(", ");
        let attributes = pool.username_attributes.join(", ");
        let returned = self.settings.destination.username;
        let returns_one = returned != DestinationUsername::None;
        Ok(
            match (returns_one, aliases.is_empty(), attributes.is_empty()) {
                (false, false, _) => Finding::fail(
                    format!(
                        "In the destination pool users have a user name besides the alias {aliases}, and DST_USERNAME \
                         returns none."
                    ),
                    "Set DST_USERNAME to username or sub.",
                ),
                (true, _, false) => Finding::fail(
                    format!(
                        "In the destination pool {attributes} is the user name, and DST_USERNAME returns another one."
                    ),
                    "Set DST_USERNAME to none.",
                ),
                (true, true, true) => Finding::warn(
                    "The destination pool knows users by their user name alone. DST_USERNAME gives users who type an \
                     address or a preferred user name another one than they type.",
                    "Set DST_USERNAME to none.",
                ),
                (false, true, true) => Finding::ok("Users keep the user name that they type."),
                (false, true, false) => {
                    Finding::ok(format!("The user name is what people type: {attributes}."))
                }
                (true, false, true) => {
                    Finding::ok("A user name is returned where an alias is typed.")
                }
            },
        )
    }

    pub(super) fn mfa(&self) -> Looked {
        let pool = self.destination()?;
        let sms = self.settings.policy.on_mfa == OnMfa::Sms;
        Ok(match pool.mfa {
            PoolMfa::Off if sms => Finding::fail(
                "ON_MFA=sms carries SMS MFA over, and MFA is off in the destination pool. The migration of such users \
                 fails.",
                "Set MFA in the destination pool (MfaConfiguration) to optional or on, or set ON_MFA to refuse or \
                 reset.",
            ),
            PoolMfa::On if !self.fit(pool).everybody_gets("phone_number") => Finding::warn(
                "MFA is on in the destination pool. Users without a phone number must set up another second factor \
                 before they can sign in.",
                "Set MFA in the destination pool (MfaConfiguration) to optional. Or make sure that every user has a \
                 phone number, or that the app lets users set up an authenticator. ON_MFA=sms carries SMS MFA over.",
            ),
            PoolMfa::Off => {
                Finding::ok("MFA is off in the destination pool, and nothing is carried over.")
            }
            PoolMfa::Optional => Finding::ok("MFA is optional in the destination pool."),
            PoolMfa::On => {
                Finding::ok("MFA is on in the destination pool, and everybody has a phone number.")
            }
        })
    }

    pub(super) fn recovery(&self) -> Looked {
        let policy = self.settings.policy;
        if !policy.lets_reset() {
            return Ok(Finding::ok(
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
            Finding::fail(
                "No verified contact is copied, so everybody who would have to reset the password is rejected.",
                "Let ATTRIBUTE_MAP and STATIC_ATTRIBUTES copy email and email_verified, or phone_number and \
                 phone_number_verified. Or set ON_FORGOT_PASSWORD to ignore, leave PASSWORD_POLICY out, and set neither \
                 ON_MFA nor ON_TEMPORARY_PASSWORD to reset.",
            )
        } else if contacts.iter().all(|(_, _, sent)| !sent) {
            Finding::fail(
                "In the destination pool only an administrator can reset a password, so no code is sent.",
                "Let the destination pool recover accounts by verified e-mail or phone number \
                 (AccountRecoverySetting). Or set ON_FORGOT_PASSWORD to ignore, leave PASSWORD_POLICY out, and set neither \
                 ON_MFA nor ON_TEMPORARY_PASSWORD to reset.",
            )
        } else if names(|set, _| set).is_empty() {
            Finding::fail(
                "RESET_CONTACTS names no contact that is copied, so everybody who would have to reset the password is \
                 rejected.",
                format!("Set RESET_CONTACTS to {}.", names(|_, _| true)),
            )
        } else if fitting.is_empty() {
            Finding::fail(
                "The destination pool sends codes only to a contact that is not copied.",
                "Let ATTRIBUTE_MAP copy that contact and its verified flag. Or change the destination pool's \
                 AccountRecoverySetting.",
            )
        } else if !names(|set, sent| set && !sent).is_empty() {
            Finding::warn(
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
            Finding::warn(
                format!(
                    "The destination pool sends codes to {} too (AccountRecoverySetting), and RESET_CONTACTS rejects users \
                     who have no other verified contact.",
                    names(|set, sent| sent && !set)
                ),
                format!("Set RESET_CONTACTS to {fitting}."),
            )
        } else {
            Finding::ok(format!("Codes of a password reset go to {fitting}."))
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
                Finding::ok(
                    "The source pool's password policy is at least as strict as the destination pool's.",
                )
            } else {
                Finding::warn(
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
                Finding::ok("PASSWORD_POLICY is the destination pool's password policy.")
            }
            (true, false) => Finding::warn(
                "PASSWORD_POLICY demands more than the destination pool: users have to reset passwords that the pool would \
                 take.",
                format!("Set PASSWORD_POLICY to {}.", shown_policy(pool)),
            ),
            (false, _) => Finding::warn(
                "PASSWORD_POLICY demands less than the destination pool: users keep passwords that the pool would refuse.",
                format!("Set PASSWORD_POLICY to {}.", shown_policy(pool)),
            ),
        })
    }

    pub(super) fn mark(&self) -> Looked {
        let Some(mark) = &self.settings.destination.mark else {
            return Ok(Finding::ok("Not needed: MIGRATION_MARK is not set."));
        };
        let pool = self.destination()?;
        let Some(attribute) = pool.schema.iter().find(|known| known.name == *mark) else {
            return Ok(Finding::fail(
                format!("The destination pool has no attribute {mark}, so every migration fails."),
                "Add the attribute that MIGRATION_MARK names to the destination pool's schema, as a String that can \
                 be changed (Mutable).",
            ));
        };
        let [shortest, longest] = mark::LENGTHS;
        let takes_all = attribute.allows(shortest) && attribute.allows(longest);
        if attribute.data_type != DataType::String || !attribute.mutable || !takes_all {
            return Ok(Finding::fail(
                format!("The attribute {mark} of the destination pool cannot hold the mark."),
                format!(
                    "Let MIGRATION_MARK name a String of the destination pool's schema that can be changed (Mutable) \
                     and can hold {shortest} to {longest} characters."
                ),
            ));
        }
        let clients = match &self.facts.clients {
            Ok(clients) => clients,
            Err(_) => return Err(Finding::because_of(CheckId::DestinationClients)),
        };
        if let Some(written) = client_that_writes(mark, clients) {
            return Ok(written);
        }
        let us = self.facts.function_arn.as_deref();
        let trigger = pool.triggers.post_authentication.as_deref();
        if !trigger.is_some_and(|trigger| us.is_none_or(|us| calls(trigger, us))) {
            let us = us.unwrap_or("the function");
            return Ok(Finding::warn(
                "The destination pool does not call the function after a sign-in, so no post-migration step runs.",
                format!(
                    "Set the destination pool's post_authentication trigger (LambdaConfig.PostAuthentication) to \
                     {us}, or leave MIGRATION_MARK out."
                ),
            ));
        }
        if clients.more {
            return Ok(Finding::warn(
                format!(
                    "The mark fits. Only the first {} app clients of the destination pool were looked at: users of \
                     another one may be able to write it.",
                    clients.listed.len()
                ),
                "Make sure that no app client may write the attribute that MIGRATION_MARK names (WriteAttributes).",
            ));
        }
        Ok(Finding::ok("The mark fits, and no user can write it."))
    }

    pub(super) fn groups(&self) -> Looked {
        let facts = self.facts;
        let (Some(source), Some(destination)) = (&facts.source.groups, &facts.destination.groups)
        else {
            return Ok(Finding::ok("Not needed: COPY_GROUPS is none."));
        };
        let source = match source {
            Ok(groups) => groups,
            Err(failure) => return Err(self.unread_source("ListGroups", failure)),
        };
        let destination = match destination {
            Ok(groups) => groups,
            Err(failure) => {
                let what = "The groups of the destination pool";
                return self.unread_destination(what, "ListGroups", failure);
            }
        };
        let copied = &self.settings.post_migration.groups;
        let (given, missing): (Vec<_>, Vec<_>) = source
            .iter()
            .map(String::as_str)
            .filter(|group| copied.includes(group))
            .partition(|group| destination.iter().any(|known| known == group));
        let unknown: Vec<_> = match copied {
            Selection::Named(names) => names
                .iter()
                .map(String::as_str)
                .filter(|name| !source.iter().any(|group| group == name))
                .collect(),
            Selection::None | Selection::All => vec![],
        };
        let mut details = vec![if given.is_empty() {
            "No group is given to anybody.".to_owned()
        } else {
            format!("Members get these groups: {}.", given.join(", "))
        }];
        let mut fixes = vec![];
        if !missing.is_empty() {
            details.push(format!(
                "The destination pool lacks {}.",
                missing.join(", ")
            ));
            fixes.push(
                "Create the missing groups in the destination pool before their members sign in, or leave them out of \
                 COPY_GROUPS.",
            );
        }
        if !unknown.is_empty() {
            details.push(format!(
                "The source pool has no group {}.",
                unknown.join(", ")
            ));
            fixes.push("Correct the names in COPY_GROUPS.");
        }
        Ok(if fixes.is_empty() {
            Finding::ok(details.join(" "))
        } else {
            Finding::warn(details.join(" "), fixes.join(" "))
        })
    }
}

/// What `destination.mark` says of an app client that lets its users write the mark; `None` if no client does.
pub(super) fn client_that_writes(mark: &str, clients: &AppClients) -> Option<Finding> {
    let client = clients
        .listed
        .iter()
        .find(|client| client.lets_write(mark))?;
    Some(Finding::fail(
        format!(
            "Users of the app client {} can write their own mark{}, and so claim to be another user of the source \
             pool.",
            client.name,
            if client.writable.is_some() {
                ""
            } else {
                ", because it sets no WriteAttributes"
            }
        ),
        "Set the attributes that the destination pool's app clients may write (WriteAttributes), without the one \
         that MIGRATION_MARK names.",
    ))
}

/// A policy as `PASSWORD_POLICY` takes it.
fn shown_policy(policy: &PasswordPolicy) -> String {
    serde_json::to_string(policy).unwrap_or_default()
}

/// What `destination.schema` says of a mapping that does not fit.
fn finding(misfit: &Misfit) -> Finding {
    match misfit {
        Misfit::Missing(names) => Finding::fail(
            format!("The destination pool lacks {}.", names.join(", ")),
            "Add them to the destination pool's custom attributes, or change ATTRIBUTE_MAP or STATIC_ATTRIBUTES. In \
             ATTRIBUTE_MAP null drops an attribute, and another name renames it.",
        ),
        Misfit::NeverReturned(names) => Finding::fail(
            format!(
                "The destination pool requires {}, and nothing is mapped to it.",
                names.join(", ")
            ),
            "Provide it with ATTRIBUTE_MAP or STATIC_ATTRIBUTES. A pool cannot be changed to do without it.",
        ),
        Misfit::StaticValue(names) => Finding::fail(
            format!(
                "The value that STATIC_ATTRIBUTES sets does not fit {} in the destination pool.",
                names.join(", ")
            ),
            "Set a value of the length or range that the destination pool allows in STATIC_ATTRIBUTES.",
        ),
        Misfit::NotAlwaysReturned(names) => Finding::warn(
            format!(
                "The destination pool requires {}, which not every migrated user gets: the source pool does not require \
                 it, or UNVERIFIED_CONTACTS leaves it behind. Users without it cannot be migrated.",
                names.join(", ")
            ),
            "Give those users the attribute in the source pool, verified if UNVERIFIED_CONTACTS is drop. Or give all users \
             the same value with STATIC_ATTRIBUTES.",
        ),
        Misfit::Narrower(limits) => Finding::warn(
            format!(
                "The destination pool takes less than the source pool may hold: {}.",
                limits.join("; ")
            ),
            "Users with other values cannot be migrated. With ATTRIBUTE_MAP, map to an attribute with wider limits, \
             or drop it.",
        ),
        Misfit::UnknownInSource(names) => Finding::warn(
            format!(
                "ATTRIBUTE_MAP names {}, which the source pool does not have.",
                names.join(", ")
            ),
            "Correct the names in ATTRIBUTE_MAP. Nothing is copied from these.",
        ),
    }
}

/// `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME`, without a version or alias behind it.
fn function_of(arn: &str) -> Vec<&str> {
    arn.splitn(8, ':').take(7).collect()
}

/// Whether a trigger calls the function that somebody named: this very version or alias, or any where none was named.
fn calls(trigger: &str, named: &str) -> bool {
    trigger == named || function_of(trigger) == named.split(':').collect::<Vec<_>>()
}
