//! What the facts mean: pure decisions, one for each check.
//!
//! One broken thing must lead to one failed check: what cannot be known because of it is skipped and points there.

use std::collections::BTreeMap;

use super::{
    Facts, Settings,
    report::{Check, Finding, Report, Users},
    schema::Fit,
};
use crate::{
    attributes::{Contacts, STANDARD},
    aws::{AppClient, DataType, Mfa, Recovery, TRIES_THAT_FIT, Unanswered, UserPoolDescription},
    config::{AuthFlow, DestinationUsername},
    destination_pool::MOST_CLIENTS,
    error::Failure,
    mark,
    policy::{OnForgotPassword, OnMfa},
    source_pool::SignInOfNobody,
};

/// The report on these facts.
pub(super) fn report(settings: &Settings, facts: &Facts) -> Report {
    let view = View { settings, facts };
    let checks: Vec<Check> = [
        ("source.credentials", view.source_credentials()),
        ("source.pool", view.source_pool()),
        ("source.client", view.source_client()),
        ("source.flow", view.source_flow()),
        ("source.secret", view.source_secret()),
        ("source.read", view.source_read()),
        ("source.lookup", view.source_lookup()),
        ("source.attributes", view.source_attributes()),
        ("destination.pool", view.destination_pool()),
        ("destination.trigger", view.destination_trigger()),
        ("destination.clients", view.destination_clients()),
        ("destination.schema", view.destination_schema()),
        ("destination.username", view.destination_username()),
        ("destination.mfa", view.destination_mfa()),
        ("destination.recovery", view.destination_recovery()),
        ("destination.mark", view.destination_mark()),
        ("destination.groups", view.destination_groups()),
        ("pools.case", view.pools_case()),
        ("pools.same", view.pools_same()),
        ("time.source", view.time_source()),
    ]
    .map(|(id, finding)| finding.unwrap_or_else(|skipped| skipped).named(id))
    .into();
    Report {
        ok: checks
            .iter()
            .all(|check| check.status != super::Status::Fail),
        checks,
        users: Users {
            source: facts.source.as_ref().ok().map(|pool| pool.users),
            destination: facts.destination.as_ref().ok().map(|pool| pool.users),
        },
    }
}

/// What a check found; `Err` is one that could not look.
type Looked = Result<Finding, Finding>;

struct View<'a> {
    settings: &'a Settings,
    facts: &'a Facts,
}

impl<'a> View<'a> {
    fn source_credentials(&self) -> Looked {
        let role = self.settings.source.role.is_some();
        let Some(failure) = self.bad_credentials() else {
            return Ok(Finding::ok(if role {
                "The role that SRC_ROLE_ARN names was assumed."
            } else {
                "The function's own credentials are there."
            }));
        };
        let what = described(failure);
        Ok(if role {
            Finding::fail(
                format!("The role that SRC_ROLE_ARN names could not be assumed: {what}."),
                "Check SRC_ROLE_ARN and SRC_EXTERNAL_ID against the role and the trust policy in the source account: it must \
                 trust the function's role, and the function's role must be allowed sts:AssumeRole on it.",
            )
        } else {
            Finding::fail(
                format!("The source pool does not take the function's own credentials: {what}."),
                "Run the function under a role of the source pool's account, or set SRC_ROLE_ARN to a role there.",
            )
        })
    }

    fn source_pool(&self) -> Looked {
        let id = &self.settings.source.user_pool_id;
        if let Ok(pool) = &self.facts.source {
            return Ok(Finding::ok(format!(
                "{id} is there, with about {} users.",
                pool.users
            )));
        }
        if self.bad_credentials().is_some() {
            return Err(Finding::because_of("source.credentials"));
        }
        if self.source_is_missing() {
            return Ok(Finding::fail(
                format!(
                    "There is no user pool {id} in {}.",
                    self.settings.source.region
                ),
                "Correct SRC_USER_POOL_ID, or SRC_REGION if the pool is in another Region, or SRC_ROLE_ARN if it is in another account.",
            ));
        }
        match &self.facts.source {
            Err(Unanswered::Failed(failure)) => Ok(Finding::fail(
                format!(
                    "The source pool could not be asked: {}.",
                    described(failure)
                ),
                format!(
                    "Make sure that the function reaches Cognito in {}: SRC_REGION, its network, and the quotas of the account.",
                    self.settings.source.region
                ),
            )),
            _ => Err(self.not_allowed_in_source("DescribeUserPool")),
        }
    }

    fn source_client(&self) -> Looked {
        let id = &self.settings.source.client_id;
        let missing = || {
            Finding::fail(
                format!("The source pool has no app client {id}."),
                "Set SRC_CLIENT_ID to the id of an app client of the source pool, not to its name.",
            )
        };
        match (&self.facts.source_client, &self.facts.sign_in_of_nobody) {
            (Ok(client), _) => Ok(Finding::ok(format!(
                "{id} is there, under the name {}.",
                client.name
            ))),
            (Err(Unanswered::NotAllowed), Some(Ok(_))) => {
                Ok(Finding::ok(format!("The source pool knows {id}.")))
            }
            (Err(Unanswered::Failed(failure)), Some(Ok(_))) => Ok(Finding::warn(
                format!(
                    "The source pool knows {id}, but its settings could not be asked for: {}.",
                    described(failure)
                ),
                "Try again; if it stays, check the quotas of the account of SRC_USER_POOL_ID.",
            )),
            (Err(_), Some(Err(Unanswered::NotFound))) if !self.source_is_missing() => Ok(missing()),
            (Err(unanswered), _) => {
                self.source_answers()?;
                match unanswered {
                    Unanswered::NotFound => Ok(missing()),
                    Unanswered::NotAllowed => {
                        Err(self.not_allowed_in_source("DescribeUserPoolClient"))
                    }
                    Unanswered::Credentials(failure) | Unanswered::Failed(failure) => {
                        Ok(not_asked("The app client", failure))
                    }
                }
            }
        }
    }

    fn source_flow(&self) -> Looked {
        let flow = self.flow();
        let off = || {
            Finding::fail(
                format!("The app client of the source pool does not allow {flow}."),
                format!(
                    "Add ALLOW_{flow} to the authentication flows of the app client that SRC_CLIENT_ID names, or set \
                     SRC_AUTH_FLOW to a flow that it allows."
                ),
            )
        };
        let allows = |client: &AppClient| match self.settings.source.auth_flow {
            AuthFlow::AdminUserPassword => client.admin_password_flow,
            AuthFlow::UserPassword => client.user_password_flow,
        };
        match (&self.facts.sign_in_of_nobody, &self.facts.source_client) {
            (Some(Ok(SignInOfNobody::LetIn)), _) => Ok(Finding::fail(
                "The source pool let in somebody who does not exist.",
                "Check SRC_USER_POOL_ID, and the Lambda triggers of the pool that it names: a pool that lets anybody in \
                 proves nothing about a password.",
            )),
            (Some(Ok(SignInOfNobody::FlowOff)), _) => Ok(off()),
            (_, Ok(client)) if !allows(client) => Ok(off()),
            (Some(Err(Unanswered::NotAllowed)), _) => Ok(Finding::fail(
                "The function may not sign anybody in to the source pool.",
                format!(
                    "{} SRC_AUTH_FLOW needs it.",
                    self.grant("AdminInitiateAuth")
                ),
            )),
            (Some(Ok(SignInOfNobody::Refused)), _) => {
                Ok(Finding::ok(format!("The source pool answers to {flow}.")))
            }
            (Some(Err(Unanswered::Failed(failure))), Ok(_)) => Ok(Finding::warn(
                format!(
                    "The app client allows {flow}, but a sign-in could not be tried: {}.",
                    described(failure)
                ),
                "Try again; if it stays, look at the Lambda triggers and the message settings of the pool that \
                 SRC_USER_POOL_ID names.",
            )),
            (_, Ok(_)) => Ok(Finding::ok(format!("The app client allows {flow}."))),
            (Some(Ok(SignInOfNobody::SecretWrong)), Err(_)) => {
                Err(Finding::because_of("source.secret"))
            }
            (_, Err(unanswered)) => Err(self.without_client(unanswered)),
        }
    }

    fn source_secret(&self) -> Looked {
        let configured = &self.settings.source.client_secret;
        let wrong = match (&self.facts.source_client, configured) {
            (Ok(client), configured) if client.secret == *configured => None,
            (Ok(AppClient { secret: None, .. }), _) => {
                Some("The app client has no secret, and SRC_CLIENT_SECRET is set.")
            }
            (Ok(_), None) => Some("The app client has a secret, and SRC_CLIENT_SECRET is not set."),
            (Ok(_), Some(_)) => Some("SRC_CLIENT_SECRET is not the app client's secret."),
            (Err(_), None) => {
                Some("The source pool asks for a secret, and SRC_CLIENT_SECRET is not set.")
            }
            (Err(_), Some(_)) => Some(
                "The source pool does not take SRC_CLIENT_SECRET: the app client has another secret, or none.",
            ),
        };
        const FIX: &str = "Set SRC_CLIENT_SECRET to the secret of the app client that SRC_CLIENT_ID names; leave it out if the \
                           client has none.";
        match (
            &self.facts.sign_in_of_nobody,
            wrong,
            &self.facts.source_client,
        ) {
            (Some(Ok(SignInOfNobody::SecretWrong)), Some(wrong), _) => {
                Ok(Finding::fail(wrong, FIX))
            }
            (Some(Ok(SignInOfNobody::SecretWrong)), None, _) => Ok(Finding::fail(
                "The source pool does not take the secret, although it is the app client's.",
                FIX,
            )),
            (_, None, _) => Ok(Finding::ok(match configured {
                Some(_) => "SRC_CLIENT_SECRET is the app client's secret.",
                None => "The app client has no secret, and none is set.",
            })),
            // A client can have two secrets, of which it shows one.
            (Some(Ok(SignInOfNobody::Refused)), Some(wrong), Ok(_)) => Ok(Finding::warn(
                format!("{wrong} Nevertheless a sign-in got past it."),
                FIX,
            )),
            (_, Some(wrong), Ok(_)) => Ok(Finding::fail(wrong, FIX)),
            (Some(Ok(SignInOfNobody::Refused)), _, Err(_)) => Ok(Finding::ok(match configured {
                Some(_) => "The source pool takes SRC_CLIENT_SECRET.",
                None => "The source pool asks for no secret, and none is set.",
            })),
            (Some(Ok(SignInOfNobody::FlowOff | SignInOfNobody::LetIn)), _, Err(_)) => {
                Err(Finding::because_of("source.flow"))
            }
            (_, _, Err(unanswered)) => Err(self.without_client(unanswered)),
        }
    }

    fn source_read(&self) -> Looked {
        if !self.settings.reads_profiles() && !self.guards_sign_ups() {
            // Where the new pool is not known, nor is whether sign-ups are guarded.
            if self.facts.profiles.is_err() {
                self.source_answers()?;
                self.destination()?;
            }
            return Ok(Finding::ok(
                "Not needed: with these settings no profile is read with AdminGetUser.",
            ));
        }
        match &self.facts.profiles {
            Ok(()) => Ok(Finding::ok("Profiles can be read.")),
            Err(unanswered) => {
                self.source_answers()?;
                Ok(match unanswered {
                    Unanswered::NotAllowed => Finding::fail(
                        "The function may not read profiles.",
                        format!(
                            "{} SRC_AUTH_FLOW, ON_FORGOT_PASSWORD, ON_MFA, ON_TEMPORARY_PASSWORD and the sign-up guard \
                             decide whether it is needed.",
                            self.grant("AdminGetUser")
                        ),
                    ),
                    Unanswered::NotFound => Finding::fail(
                        "Profiles cannot be read: the user pool is said not to exist.",
                        "Correct SRC_USER_POOL_ID or SRC_REGION.",
                    ),
                    Unanswered::Credentials(failure) | Unanswered::Failed(failure) => {
                        not_asked("Profiles", failure)
                    }
                })
            }
        }
    }

    /// Whether this function, or another version of it, is asked about those who sign up.
    fn guards_sign_ups(&self) -> bool {
        let us = function_name_of(&self.facts.function_arn);
        let pool = self.facts.destination.as_ref().ok();
        pool.and_then(|pool| pool.sign_up_trigger.as_deref())
            .is_some_and(|trigger| function_name_of(trigger) == us)
    }

    fn source_lookup(&self) -> Looked {
        match &self.facts.user_lists {
            None => Ok(Finding::ok(
                "Not needed: with these settings nobody is looked for.",
            )),
            Some(Ok(())) => Ok(Finding::ok("Users can be looked for.")),
            Some(Err(unanswered)) => {
                self.source_answers()?;
                Ok(match unanswered {
                    Unanswered::NotAllowed => Finding::fail(
                        "The function may not look for users.",
                        format!(
                            "{} SRC_LOOKUP, COPY_GROUPS and SOURCE_USER decide whether it is needed.",
                            self.grant("ListUsers")
                        ),
                    ),
                    Unanswered::NotFound => return Err(Finding::because_of("source.pool")),
                    Unanswered::Credentials(failure) | Unanswered::Failed(failure) => {
                        not_asked("The list of users", failure)
                    }
                })
            }
        }
    }

    fn source_attributes(&self) -> Looked {
        if self.settings.source.auth_flow == AuthFlow::AdminUserPassword {
            return Ok(Finding::ok(
                "Profiles are read as an administrator, with all attributes.",
            ));
        }
        let client = match &self.facts.source_client {
            Ok(client) => client,
            Err(unanswered) => return Err(self.without_client(unanswered)),
        };
        let mapping = &self.settings.destination.mapping;
        let readable = |name: &str| match &client.readable {
            Some(readable) => readable.iter().any(|known| known == name),
            None => STANDARD.contains(&name),
        };
        let mut lost: Vec<&str> = match &self.facts.source {
            Ok(pool) => pool
                .schema
                .iter()
                .map(|known| known.name.as_str())
                .collect(),
            Err(_) => STANDARD
                .into_iter()
                .chain(mapping.renamed.keys().map(String::as_str))
                .collect(),
        };
        lost.retain(|name| {
            *name != "sub" && !readable(name) && mapping.destination(name).is_some()
        });
        lost.sort_unstable();
        lost.dedup();
        if lost.is_empty() {
            return Ok(Finding::ok(
                "The app client may read every attribute that goes along.",
            ));
        }
        Ok(Finding::warn(
            format!(
                "The app client may not read {}: they would be lost.",
                lost.join(", ")
            ),
            "Let the app client that SRC_CLIENT_ID names read them, set SRC_AUTH_FLOW to ADMIN_USER_PASSWORD_AUTH, or drop \
             them in ATTRIBUTE_MAP if nobody has them.",
        ))
    }

    fn destination_pool(&self) -> Looked {
        let Some(id) = &self.facts.user_pool_id else {
            return Ok(Finding::fail(
                "The event names no user pool of the right form.",
                "Invoke the function with the id of the new pool in userPoolId, such as eu-west-1_Ab12Cd34E.",
            ));
        };
        match &self.facts.destination {
            Ok(pool) => Ok(Finding::ok(format!(
                "{id} is there, with about {} users.",
                pool.users
            ))),
            Err(Unanswered::NotFound) => Ok(Finding::fail(
                format!("There is no user pool {id} in the function's account."),
                "Correct userPoolId in the event: the new pool must be in the function's own account and Region.",
            )),
            Err(Unanswered::NotAllowed) => Err(not_allowed(grant_in(id, "DescribeUserPool"))),
            Err(Unanswered::Credentials(_))
                if self.settings.source.role.is_none() && self.bad_credentials().is_some() =>
            {
                Err(Finding::because_of("source.credentials"))
            }
            Err(Unanswered::Credentials(failure) | Unanswered::Failed(failure)) => {
                Ok(not_asked("The new pool", failure))
            }
        }
    }

    fn destination_trigger(&self) -> Looked {
        let pool = self.destination()?;
        let (us, same_function) = (&self.facts.function_arn, function_name_of);
        const FIX: &str = "Set the new pool's user_migration trigger (LambdaConfig.UserMigration) to the ARN of this function, under \
                           which the preflight runs.";
        Ok(match &pool.migration_trigger {
            Some(trigger) if trigger == us => Finding::ok(if self.guards_sign_ups() {
                "The user_migration trigger is this function; it guards sign-ups, too."
            } else {
                "The user_migration trigger is this function; it does not guard sign-ups."
            }),
            Some(trigger) if same_function(trigger) == same_function(us) => Finding::warn(
                format!(
                    "The user_migration trigger is another version or alias of this function: {trigger}."
                ),
                "Run the preflight on that version or alias, or set the new pool's user_migration trigger to this one.",
            ),
            Some(trigger) => Finding::fail(
                format!("The user_migration trigger is another function: {trigger}."),
                FIX,
            ),
            None => Finding::fail("The new pool has no user_migration trigger.", FIX),
        })
    }

    fn destination_clients(&self) -> Looked {
        let id = self.destination_id()?;
        let clients = match &self.facts.destination_clients {
            Ok(clients) => clients,
            Err(Unanswered::NotAllowed) => {
                return Err(not_allowed(grant_in(
                    id,
                    "ListUserPoolClients and cognito-idp:DescribeUserPoolClient",
                )));
            }
            Err(unanswered) => {
                if !matches!(self.facts.destination, Ok(_) | Err(Unanswered::NotAllowed)) {
                    return Err(Finding::because_of("destination.pool"));
                }
                return Ok(match unanswered {
                    Unanswered::Credentials(failure) | Unanswered::Failed(failure) => {
                        not_asked("The app clients of the new pool", failure)
                    }
                    Unanswered::NotFound | Unanswered::NotAllowed => Finding::fail(
                        "The new pool has no app clients.",
                        "Give the new pool an app client that allows ALLOW_USER_PASSWORD_AUTH.",
                    ),
                });
            }
        };
        let with_password =
            |client: &&AppClient| client.user_password_flow || client.admin_password_flow;
        let names = |clients: Vec<&AppClient>| {
            let names: Vec<_> = clients.iter().map(|client| client.name.as_str()).collect();
            names.join(", ")
        };
        let (able, unable): (Vec<_>, Vec<_>) = clients.iter().partition(with_password);
        if able.is_empty() {
            return Ok(Finding::fail(
                "No app client of the new pool signs in with USER_PASSWORD_AUTH or ADMIN_USER_PASSWORD_AUTH, and the \
                 trigger runs for no other flow.",
                "Add ALLOW_USER_PASSWORD_AUTH to the authentication flows of the new pool's app client, and sign in with it.",
            ));
        }
        let telling: Vec<_> = clients
            .iter()
            .filter(|client| !client.prevents_user_existence_errors)
            .collect();
        let mut details = vec![];
        let mut fixes = vec![];
        if !unable.is_empty() {
            details.push(format!(
                "These app clients allow no password flow, so nobody is migrated through them: {}.",
                names(unable)
            ));
            fixes.push("Add ALLOW_USER_PASSWORD_AUTH to their authentication flows if people sign in through them.");
        }
        if !telling.is_empty() {
            details.push(format!(
                "These app clients tell who exists (PreventUserExistenceErrors LEGACY): {}.",
                names(telling)
            ));
            fixes.push("Set their PreventUserExistenceErrors to ENABLED.");
        }
        if !details.is_empty() {
            return Ok(Finding::warn(details.join(" "), fixes.join(" ")));
        }
        let how_many = match clients.len() {
            1 => "The app client allows".to_owned(),
            number if self.facts.more_destination_clients => {
                format!("The first {number} app clients allow")
            }
            number => format!("All {number} app clients allow"),
        };
        Ok(Finding::ok(format!("{how_many} a password flow.")))
    }

    fn destination_schema(&self) -> Looked {
        Ok(self.fit(self.destination()?).finding())
    }

    fn destination_username(&self) -> Looked {
        let pool = self.destination()?;
        let username = self.settings.destination.username;
        let aliases = pool.alias_attributes.join(", ");
        let attributes = pool.username_attributes.join(", ");
        Ok(
            match (
                username,
                pool.alias_attributes.is_empty(),
                pool.username_attributes.is_empty(),
            ) {
                (DestinationUsername::None, false, _) => Finding::fail(
                    format!(
                        "In the new pool {aliases} is an alias beside a user name, and no user name is returned."
                    ),
                    "Set DST_USERNAME to username or sub.",
                ),
                (DestinationUsername::Username | DestinationUsername::Sub, _, false) => {
                    Finding::fail(
                        format!(
                            "In the new pool {attributes} is the user name, and DST_USERNAME returns another one."
                        ),
                        "Set DST_USERNAME to none.",
                    )
                }
                (DestinationUsername::Sub, true, true) => Finding::warn(
                    "The new pool knows users by their user name alone, and DST_USERNAME gives them another one than they type.",
                    "Set DST_USERNAME to none.",
                ),
                (DestinationUsername::None, true, true) => {
                    Finding::ok("Users keep the user name that they type.")
                }
                (DestinationUsername::None, true, false) => {
                    Finding::ok(format!("The user name is what people type: {attributes}."))
                }
                (DestinationUsername::Username | DestinationUsername::Sub, _, true) => {
                    Finding::ok("A user name is returned.")
                }
            },
        )
    }

    fn destination_mfa(&self) -> Looked {
        let pool = self.destination()?;
        let sms = self.settings.policy.on_mfa == OnMfa::Sms;
        Ok(match pool.mfa {
            Mfa::Off if sms => Finding::fail(
                "ON_MFA=sms carries SMS MFA over, and MFA is off in the new pool: the migration of such users fails.",
                "Set MFA in the new pool to optional or on, or ON_MFA to refuse or drop.",
            ),
            Mfa::On if !self.fit(pool).everybody_gets("phone_number") => Finding::warn(
                "MFA is on in the new pool, and users without a phone number must set up another factor before they can sign in.",
                "Set MFA in the new pool to optional, or make sure that every user has a phone number or that the app lets them \
                 set up an authenticator. ON_MFA=sms carries SMS MFA over.",
            ),
            Mfa::Off => Finding::ok("MFA is off in the new pool, and nothing is carried over."),
            Mfa::Optional => Finding::ok("MFA is optional in the new pool."),
            Mfa::On => Finding::ok("MFA is on in the new pool, and everybody has a phone number."),
        })
    }

    fn destination_recovery(&self) -> Looked {
        if self.settings.policy.on_forgot_password == OnForgotPassword::Ignore {
            return Ok(Finding::ok("Not needed: ON_FORGOT_PASSWORD is ignore."));
        }
        let pool = self.destination()?;
        // What the mapping makes of somebody with one verified contact.
        let goes_along = |contact: &str, value: &str| {
            let source = [
                (contact.to_owned(), value.to_owned()),
                (format!("{contact}_verified"), "true".to_owned()),
            ];
            let mapped = self.settings.destination.mapping.apply(&source);
            let only_this: BTreeMap<_, _> = mapped
                .into_iter()
                .filter(|(name, _)| name.starts_with(contact))
                .collect();
            Contacts::of(&only_this).verified
        };
        let email = goes_along("email", "ana@example.com");
        let phone = goes_along("phone_number", "+15550100");
        if !email && !phone {
            return Ok(Finding::fail(
                "No verified e-mail address or phone number goes along, so every password reset is refused.",
                "Let email and email_verified, or phone_number and phone_number_verified, go along in ATTRIBUTE_MAP and \
                 STATIC_ATTRIBUTES, or set ON_FORGOT_PASSWORD to ignore.",
            ));
        }
        let sends = |way| pool.recovery.is_empty() || pool.recovery.contains(&way);
        let (by_email, by_phone) = (
            sends(Recovery::VerifiedEmail),
            sends(Recovery::VerifiedPhoneNumber),
        );
        Ok(match (email && by_email, phone && by_phone) {
            (true, true) => Finding::ok("Codes go to a verified e-mail address or phone number."),
            (true, false) => Finding::ok("Codes go to a verified e-mail address."),
            (false, true) => Finding::ok("Codes go to a verified phone number."),
            (false, false) if !by_email && !by_phone => Finding::fail(
                "In the new pool only an administrator can reset a password, so no code is sent.",
                "Let the new pool recover accounts by verified e-mail or phone number (AccountRecoverySetting), or set \
                 ON_FORGOT_PASSWORD to ignore.",
            ),
            (false, false) => Finding::fail(
                "The new pool sends codes only to an address that does not go along.",
                "Let the address and its verified flag go along in ATTRIBUTE_MAP, change the new pool's \
                 AccountRecoverySetting, or set ON_FORGOT_PASSWORD to ignore.",
            ),
        })
    }

    fn destination_mark(&self) -> Looked {
        let Some(mark) = &self.settings.destination.mark else {
            return Ok(Finding::ok("Not needed: MIGRATION_MARK is not set."));
        };
        let pool = self.destination()?;
        let Some(attribute) = pool.schema.iter().find(|known| known.name == *mark) else {
            return Ok(Finding::fail(
                format!("The new pool has no attribute {mark}, so every migration fails."),
                "Add the attribute that MIGRATION_MARK names to the new pool's schema, as a text that can be changed.",
            ));
        };
        let allows = |length: &i128| {
            attribute.minimum.is_none_or(|least| least <= *length)
                && attribute.maximum.is_none_or(|most| *length <= most)
        };
        if attribute.data_type != DataType::String
            || !attribute.mutable
            || !mark::LENGTHS.iter().all(allows)
        {
            return Ok(Finding::fail(
                format!("The mark does not fit into the new pool's attribute {mark}."),
                "Let MIGRATION_MARK name a text of the new pool's schema that can be changed (Mutable) and hold 41 to 44 \
                 characters.",
            ));
        }
        match &self.facts.destination_clients {
            Ok(clients) => {
                let may_write = |client: &&AppClient| {
                    let writable = client.writable.as_deref().unwrap_or_default();
                    writable.contains(mark)
                };
                if let Some(client) = clients.iter().find(may_write) {
                    return Ok(Finding::fail(
                        format!(
                            "Users of the app client {} can write their own mark, and with it take over the groups of another \
                             user of the source pool and retire that user.",
                            client.name
                        ),
                        "Take the attribute that MIGRATION_MARK names off the attributes that the app clients of the new pool \
                         may write (WriteAttributes).",
                    ));
                }
            }
            Err(_) => return Err(Finding::because_of("destination.clients")),
        }
        let us = &self.facts.function_arn;
        if pool.post_authentication_trigger.as_ref() != Some(us) {
            return Ok(Finding::warn(
                "The new pool does not call this function after a sign-in, so no migration is finished.",
                "Set the new pool's post_authentication trigger (LambdaConfig.PostAuthentication) to the ARN of this function, \
                 or leave MIGRATION_MARK out.",
            ));
        }
        if self.facts.more_destination_clients {
            return Ok(Finding::warn(
                format!(
                    "The mark fits, but only {MOST_CLIENTS} app clients of the new pool were looked at: users of another may be \
                     able to write it."
                ),
                "See to it that no app client may write the attribute that MIGRATION_MARK names (WriteAttributes).",
            ));
        }
        Ok(Finding::ok("The mark fits, and no user can write it."))
    }

    fn destination_groups(&self) -> Looked {
        let (Some(source), Some(destination)) =
            (&self.facts.source_groups, &self.facts.destination_groups)
        else {
            return Ok(Finding::ok("Not needed: COPY_GROUPS is false."));
        };
        let source = match source {
            Ok(groups) => groups,
            Err(unanswered) => {
                self.source_answers()?;
                return match unanswered {
                    Unanswered::NotAllowed => Err(self.not_allowed_in_source("ListGroups")),
                    Unanswered::NotFound => Err(Finding::because_of("source.pool")),
                    Unanswered::Credentials(failure) | Unanswered::Failed(failure) => {
                        Ok(not_asked("The groups of the source pool", failure))
                    }
                };
            }
        };
        let id = self.destination_id()?;
        let destination = match destination {
            Ok(groups) => groups,
            Err(Unanswered::NotAllowed) => return Err(not_allowed(grant_in(id, "ListGroups"))),
            Err(unanswered) => {
                self.destination()?;
                return match unanswered {
                    Unanswered::Credentials(failure) | Unanswered::Failed(failure) => {
                        Ok(not_asked("The groups of the new pool", failure))
                    }
                    _ => Err(Finding::because_of("destination.pool")),
                };
            }
        };
        let missing: Vec<_> = source
            .iter()
            .filter(|group| !destination.contains(group))
            .map(String::as_str)
            .collect();
        if missing.is_empty() {
            return Ok(Finding::ok("Every group of the source pool is there."));
        }
        Ok(Finding::warn(
            format!(
                "The new pool lacks groups of the source pool: {}.",
                missing.join(", ")
            ),
            "Make them in the new pool before their members sign in, or set COPY_GROUPS to false.",
        ))
    }

    fn pools_case(&self) -> Looked {
        let destination = self.destination()?;
        let source = match &self.facts.source {
            Ok(source) => source,
            Err(unanswered) => {
                self.source_answers()?;
                return Err(match unanswered {
                    Unanswered::NotAllowed => self.not_allowed_in_source("DescribeUserPool"),
                    _ => Finding::because_of("source.pool"),
                });
            }
        };
        Ok(match (source.case_sensitive, destination.case_sensitive) {
            (true, false) => Finding::warn(
                "The source pool tells capitals apart and the new pool does not: of two users whose names differ only in \
                 capitals, one can be migrated.",
                "Look for such users in the pool that SRC_USER_POOL_ID names, and rename all but one. The case sensitivity \
                 (UsernameConfiguration) of a pool cannot be changed.",
            ),
            (false, true) => Finding::warn(
                "The new pool tells capitals apart and the source pool does not: somebody who types other capitals after the \
                 migration is taken for another user.",
                "Use a new pool that is not case-sensitive (UsernameConfiguration.CaseSensitive false); it cannot be changed \
                 afterwards.",
            ),
            (true, true) => Finding::ok("Both pools tell capitals apart."),
            (false, false) => Finding::ok("Neither pool tells capitals apart."),
        })
    }

    fn pools_same(&self) -> Looked {
        let id = self.destination_id()?;
        Ok(if *id == self.settings.source.user_pool_id {
            Finding::fail(
                format!("{id} is both the source pool and the new one."),
                "Set SRC_USER_POOL_ID to the old pool, from which users come.",
            )
        } else {
            Finding::ok("The pools are two.")
        })
    }

    fn time_source(&self) -> Looked {
        let Some(round_trip) = self.facts.round_trip else {
            self.source_answers()?;
            return Err(Finding::skipped(
                "No answer of the source pool could be timed.",
                "Try again.",
            ));
        };
        let budget = self.settings.time_budget.min(self.facts.time_limit);
        let one_try = budget / TRIES_THAT_FIT;
        let whose = if budget < self.settings.time_budget {
            "that the function's time-out leaves"
        } else {
            "of TIME_BUDGET_MS"
        };
        let found = format!(
            "The source pool answers in {} ms; of the {} ms {whose} a call may take {} ms",
            round_trip.as_millis(),
            budget.as_millis(),
            one_try.as_millis()
        );
        const FIX: &str = "Raise TIME_BUDGET_MS (at most 4900) and the function's time-out (5 seconds), or run the function nearer to \
                           the source pool.";
        Ok(if round_trip >= one_try {
            Finding::fail(format!("{found}, so every migration fails."), FIX)
        } else if round_trip.saturating_mul(2) >= one_try {
            Finding::warn(
                format!(
                    "{found}, which a busy moment can exceed: a sign-in takes longer than this."
                ),
                FIX,
            )
        } else {
            Finding::ok(format!("{found}."))
        })
    }

    /// Why the source pool does not know us, if that is so.
    fn bad_credentials(&self) -> Option<&'a Failure> {
        fn bad<T>(answer: &Result<T, Unanswered>) -> Option<&Failure> {
            match answer {
                Err(Unanswered::Credentials(failure)) => Some(failure),
                _ => None,
            }
        }
        let facts = self.facts;
        facts
            .credentials
            .as_ref()
            .err()
            .or_else(|| bad(&facts.source))
            .or_else(|| bad(&facts.source_client))
            .or_else(|| bad(&facts.profiles))
            .or_else(|| facts.user_lists.as_ref().and_then(bad))
            .or_else(|| facts.source_groups.as_ref().and_then(bad))
    }

    /// Whether anything said that there is no source pool.
    fn source_is_missing(&self) -> bool {
        self.facts.source == Err(Unanswered::NotFound)
            || (self.facts.source.is_err() && self.facts.profiles == Err(Unanswered::NotFound))
    }

    /// Whether it makes sense to look further into the source pool.
    fn source_answers(&self) -> Result<(), Finding> {
        if self.bad_credentials().is_some() {
            return Err(Finding::because_of("source.credentials"));
        }
        if self.source_is_missing() || matches!(self.facts.source, Err(Unanswered::Failed(_))) {
            return Err(Finding::because_of("source.pool"));
        }
        Ok(())
    }

    /// What is to be said where the source's app client is not known.
    fn without_client(&self, unanswered: &Unanswered) -> Finding {
        if let Err(skipped) = self.source_answers() {
            return skipped;
        }
        match unanswered {
            Unanswered::NotAllowed => self.not_allowed_in_source("DescribeUserPoolClient"),
            _ => Finding::because_of("source.client"),
        }
    }

    fn not_allowed_in_source(&self, action: &str) -> Finding {
        not_allowed(self.grant(action))
    }

    /// Who is to be allowed an action in the source pool.
    fn grant(&self, action: &str) -> String {
        let id = &self.settings.source.user_pool_id;
        match &self.settings.source.role {
            Some(_) => format!(
                "Allow the role that SRC_ROLE_ARN names the action cognito-idp:{action} on the user pool {id}."
            ),
            None => grant_in(id, action),
        }
    }

    fn destination_id(&self) -> Result<&'a String, Finding> {
        self.facts
            .user_pool_id
            .as_ref()
            .ok_or_else(|| Finding::because_of("destination.pool"))
    }

    /// The new pool, if it is known.
    fn destination(&self) -> Result<&'a UserPoolDescription, Finding> {
        let id = self.destination_id()?;
        self.facts
            .destination
            .as_ref()
            .map_err(|unanswered| match unanswered {
                Unanswered::NotAllowed => not_allowed(grant_in(id, "DescribeUserPool")),
                _ => Finding::because_of("destination.pool"),
            })
    }

    fn fit(&self, destination: &'a UserPoolDescription) -> Fit<'a> {
        Fit::new(
            &self.settings.destination.mapping,
            self.facts.source.as_ref().ok(),
            &destination.schema,
        )
    }

    fn flow(&self) -> &'static str {
        match self.settings.source.auth_flow {
            AuthFlow::AdminUserPassword => "ADMIN_USER_PASSWORD_AUTH",
            AuthFlow::UserPassword => "USER_PASSWORD_AUTH",
        }
    }
}

fn grant_in(user_pool_id: &str, action: &str) -> String {
    format!(
        "Allow the function's role the action cognito-idp:{action} on the user pool {user_pool_id}."
    )
}

/// A check that may not look.
fn not_allowed(grant: String) -> Finding {
    Finding::skipped(
        "The function may not look at this.",
        format!("{grant} In Terraform: preflight = true."),
    )
}

fn not_asked(what: &str, failure: &Failure) -> Finding {
    Finding::fail(
        format!("{what} could not be asked: {}.", described(failure)),
        "Try again; if it stays, check the function's network, and the quotas of the account.",
    )
}

/// A failure as it is shown: what was being done, and the error's code.
fn described(failure: &Failure) -> String {
    format!("{}: {}", failure.operation, failure.code)
}

/// `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME`, without a version or alias behind it.
fn function_name_of(arn: &str) -> Vec<&str> {
    arn.splitn(8, ':').take(7).collect()
}
