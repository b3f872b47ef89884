//! The destination pool: whether it calls the function, takes the users that a migration creates, and lets them in.

use super::answers::Pools;
use crate::schema::Misfit;
use rules::checks::{CheckId, Looked, Verdict, Why, credentials_may_not};
use rules::pool::AppClients;
use rules::{
    admission::OnMfa, evidence::PoolMfa, mark, outcome::Cause, pool::DataType, selection::Selection,
};

impl Pools<'_> {
    pub(super) fn pool(&self) -> Looked {
        let destination = &self.facts.destination;
        let id = &destination.id;
        match &destination.pool {
            Ok(pool) => {
                let exists = format!("{id} exists, with about {} users.", pool.users);
                Ok(match pool.deletion_protected {
                    true => Verdict::ok(exists),
                    false => Verdict::warn(
                        format!(
                            "{exists} Its deletion protection is off, so one call, or a Terraform plan that replaces the \
                             pool, deletes it with its users."
                        ),
                        "Set the destination pool's DeletionProtection to ACTIVE (deletion_protection in Terraform).",
                    ),
                })
            }
            Err(failure) => match failure.cause {
                Cause::NotAllowed => Err(credentials_may_not("DescribeUserPool", id)),
                Cause::NotFound => Ok(Verdict::fail(
                    format!("The user pool {id} does not exist."),
                    "Correct the id of the destination pool. The pool must be in the account and Region of the \
                     function.",
                )),
                _ => Ok(Verdict::not_asked("The destination pool", failure)),
            },
        }
    }

    pub(super) fn trigger(&self) -> Looked {
        let triggers = &self.destination()?.triggers;
        let Some(us) = &self.facts.function_arn else {
            let Some(trigger) = &triggers.user_migration else {
                return Ok(Verdict::fail(
                    "The destination pool has no user_migration trigger.",
                    "Set the destination pool's user_migration trigger (LambdaConfig.UserMigration) to the function.",
                ));
            };
            return Err(Verdict::skipped(
                Why::WaitsForFunction,
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
            Some(trigger) if trigger == us => Verdict::ok(format!(
                "The user_migration trigger is the function. {guards}"
            )),
            Some(trigger) if calls(trigger, us) => Verdict::ok(format!(
                "The user_migration trigger is a version or alias of the function. {guards} What was looked at is the \
                 function without one: name {trigger} to look at what the pool calls."
            )),
            Some(trigger) if is_us(trigger) => Verdict::warn(
                format!(
                    "The user_migration trigger is another version or alias of the function: {trigger}."
                ),
                format!("{} Or check that version or alias.", fix()),
            ),
            Some(trigger) => Verdict::fail(
                format!("The user_migration trigger is another function: {trigger}."),
                fix(),
            ),
            None => Verdict::fail("The destination pool has no user_migration trigger.", fix()),
        })
    }

    pub(super) fn schema(&self) -> Looked {
        let source_is_known = self.facts.source.pool.is_ok();
        Ok(match self.fit(self.destination()?).misfit() {
            Some(misfit) => finding(&misfit),
            None if source_is_known => Verdict::ok(
                "Every attribute that the mapping can return fits the destination pool.",
            ),
            None => Verdict::ok(
                "Every attribute that the settings name exists in the destination pool. The source pool's attributes \
                 are not known, so nothing was compared to them.",
            ),
        })
    }

    pub(super) fn mfa(&self) -> Looked {
        let pool = self.destination()?;
        let sms = self.settings.policy.on_mfa == OnMfa::Sms;
        Ok(match pool.mfa {
            PoolMfa::Off if sms => Verdict::fail(
                "ON_MFA=sms carries SMS MFA over, and MFA is off in the destination pool. The migration of such users \
                 fails.",
                "Set MFA in the destination pool (MfaConfiguration) to optional or on, or set ON_MFA to refuse or \
                 reset.",
            ),
            PoolMfa::On if !self.fit(pool).everybody_gets("phone_number") => Verdict::warn(
                "MFA is on in the destination pool. Users without a phone number must set up another second factor \
                 before they can sign in.",
                "Set MFA in the destination pool (MfaConfiguration) to optional. Or make sure that every user has a \
                 phone number, or that the app lets users set up an authenticator. ON_MFA=sms carries SMS MFA over.",
            ),
            PoolMfa::Off => {
                Verdict::ok("MFA is off in the destination pool, and nothing is carried over.")
            }
            PoolMfa::Optional => Verdict::ok("MFA is optional in the destination pool."),
            PoolMfa::On => {
                Verdict::ok("MFA is on in the destination pool, and everybody has a phone number.")
            }
        })
    }

    pub(super) fn mark(&self) -> Looked {
        let Some(mark) = &self.settings.destination.mark else {
            return Ok(Verdict::ok("Not needed: MIGRATION_MARK is not set."));
        };
        let pool = self.destination()?;
        let Some(attribute) = pool.schema.iter().find(|known| known.name == *mark) else {
            return Ok(Verdict::fail(
                format!("The destination pool has no attribute {mark}, so every migration fails."),
                "Add the attribute that MIGRATION_MARK names to the destination pool's schema, as a String that can \
                 be changed (Mutable).",
            ));
        };
        let [shortest, longest] = mark::LENGTHS;
        let takes_all = attribute.allows(shortest) && attribute.allows(longest);
        if attribute.data_type != DataType::String || !attribute.mutable || !takes_all {
            return Ok(Verdict::fail(
                format!("The attribute {mark} of the destination pool cannot hold the mark."),
                format!(
                    "Let MIGRATION_MARK name a String of the destination pool's schema that can be changed (Mutable) \
                     and can hold {shortest} to {longest} characters."
                ),
            ));
        }
        let clients = match &self.facts.clients {
            Ok(clients) => clients,
            Err(_) => return Err(Verdict::because_of(CheckId::DestinationClients)),
        };
        if let Some(written) = client_that_writes(mark, clients) {
            return Ok(written);
        }
        let us = self.facts.function_arn.as_deref();
        let trigger = pool.triggers.post_authentication.as_deref();
        if !trigger.is_some_and(|trigger| us.is_none_or(|us| calls(trigger, us))) {
            let us = us.unwrap_or("the function");
            return Ok(Verdict::warn(
                "The destination pool does not call the function after a sign-in, so no post-migration step runs.",
                format!(
                    "Set the destination pool's post_authentication trigger (LambdaConfig.PostAuthentication) to \
                     {us}, or leave MIGRATION_MARK out."
                ),
            ));
        }
        if clients.more {
            return Ok(Verdict::warn(
                format!(
                    "The mark fits. Only the first {} app clients of the destination pool were looked at: users of \
                     another one may be able to write it.",
                    clients.listed.len()
                ),
                "Make sure that no app client may write the attribute that MIGRATION_MARK names (WriteAttributes).",
            ));
        }
        Ok(Verdict::ok("The mark fits, and no user can write it."))
    }

    pub(super) fn groups(&self) -> Looked {
        let facts = self.facts;
        let (Some(source), Some(destination)) = (&facts.source.groups, &facts.destination.groups)
        else {
            return Ok(Verdict::ok("Not needed: COPY_GROUPS is none."));
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
            Verdict::ok(details.join(" "))
        } else {
            Verdict::warn(details.join(" "), fixes.join(" "))
        })
    }
}

/// What `destination.mark` says of an app client that lets its users write the mark; `None` if no client does.
pub(super) fn client_that_writes(mark: &str, clients: &AppClients) -> Option<Verdict> {
    let client = clients
        .listed
        .iter()
        .find(|client| client.lets_write(mark))?;
    Some(Verdict::fail(
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

/// What `destination.schema` says of a mapping that does not fit.
fn finding(misfit: &Misfit) -> Verdict {
    match misfit {
        Misfit::Missing(names) => Verdict::fail(
            format!("The destination pool lacks {}.", names.join(", ")),
            "Add them to the destination pool's custom attributes, or change ATTRIBUTE_MAP or STATIC_ATTRIBUTES. In \
             ATTRIBUTE_MAP null drops an attribute, and another name renames it.",
        ),
        Misfit::NeverReturned(names) => Verdict::fail(
            format!(
                "The destination pool requires {}, and nothing is mapped to it.",
                names.join(", ")
            ),
            "Provide it with ATTRIBUTE_MAP or STATIC_ATTRIBUTES. A pool cannot be changed to do without it.",
        ),
        Misfit::StaticValue(names) => Verdict::fail(
            format!(
                "The value that STATIC_ATTRIBUTES sets does not fit {} in the destination pool.",
                names.join(", ")
            ),
            "Set a value of the type, length or range that the destination pool allows in STATIC_ATTRIBUTES.",
        ),
        Misfit::NotAlwaysReturned(names) => Verdict::warn(
            format!(
                "The destination pool requires {}, which not every migrated user gets: the source pool does not require \
                 it, or UNVERIFIED_CONTACTS leaves it behind. Users without it cannot be migrated.",
                names.join(", ")
            ),
            "Give those users the attribute in the source pool, verified if UNVERIFIED_CONTACTS is drop. Or give all users \
             the same value with STATIC_ATTRIBUTES.",
        ),
        Misfit::Narrower(limits) => Verdict::warn(
            format!(
                "The destination pool takes less than the source pool may hold: {}.",
                limits.join("; ")
            ),
            "Users with other values cannot be migrated. With ATTRIBUTE_MAP, map to an attribute with wider limits, \
             or drop it.",
        ),
        Misfit::UnknownInSource(names) => Verdict::warn(
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
