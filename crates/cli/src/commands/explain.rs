//! `explain`: why a user cannot sign in, from one user's data in both pools and the function's rules.
//!
//! The operator gives the name. It is sent to the pools and not printed.

use insight::{
    acceptance::UserResult,
    finding::Finding,
    plan::{ForeseenOutcome, Plan},
};
use rules::{
    attributes::VERIFIED_FLAGS,
    evidence::{Identity, ListedUser, SecondFactor, Standing},
    identity, mark,
    outcome::{Reason, Stop},
    settings::Settings,
};
use serde_json::{Value, json};

use crate::{
    arguments,
    aws::OperatorsPool,
    context::{BothPools, Context, LoadedSettings, not_answered, source_client},
    meanings::{advice, meaning},
    output::{self, Output},
    problem::{CommandResult, Problem},
};

/// The parts of a user that may be shown.
struct Shown {
    sub: String,
    status: &'static str,
    enabled: bool,
    verified_contacts: Vec<&'static str>,
    second_factor: Option<SecondFactor>,
    /// The factors that the pool lists, by Cognito's names.
    factors: Vec<String>,
}

/// The reason why a name means no user of the source pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nameless {
    /// No user has it.
    Unknown,
    /// Users have it, but no user has verified it.
    Unverified,
    /// Several users have it.
    Several,
    /// Its user is disabled.
    Disabled,
}

/// The known data of the user.
struct Explained {
    source: Result<Shown, Nameless>,
    moved: Option<Shown>,
    /// Another user of the destination pool, who has this name or address.
    other: Option<Shown>,
    result: UserResult,
    sign_in: ForeseenOutcome,
    forgot_password: ForeseenOutcome,
    findings: Vec<Finding>,
}

pub(crate) async fn run(context: &Context, options: &arguments::Explain) -> CommandResult<Output> {
    let LoadedSettings { settings, .. } =
        context.settings(&options.settings, &options.pools).await?;
    let BothPools {
        source,
        destination,
    } = context.both_pools(&settings, &options.pools.pool).await?;
    let client = source_client(&source.pool, &settings).await?;
    let plan = Plan {
        settings: &settings,
        source: &source.description,
        client: client.as_ref(),
        destination: &destination.description,
        expired_before: None,
    };
    let typed = plan.handed_over(&options.name);
    let failed = |failure| not_answered("the source pool", source.pool.id(), &failure);
    let account = context.source_account(&settings.source.region).await;
    let as_function = account.source_pool(&settings.source);
    let profile = match as_function.username_of(&typed).await {
        Ok(username) => match source.pool.profile(&username).await.map_err(failed)? {
            Some(profile) => identity::is_named(&username, &profile).map(|()| profile),
            None => Err(Reason::UserNotFound),
        },
        Err(Stop::Rejected(reason)) => Err(reason),
        Err(Stop::Failed(failure)) => return Err(failed(failure)),
    };
    let explained = match profile {
        Ok(profile) => {
            let factor = profile.second_factor;
            let factors = match factor {
                SecondFactor::None => vec![],
                SecondFactor::Sms | SecondFactor::Other => {
                    let factors = source.pool.second_factors(&profile.identity.username).await;
                    factors.map_err(failed)?
                }
            };
            let Standing::Reported { enabled, status } = profile.standing else {
                return Err(Problem::cannot(
                    "The source pool did not say what status the user has.",
                ));
            };
            let user = ListedUser {
                identity: profile.identity,
                enabled,
                status,
                last_modified: None,
            };
            let moved = moved(&destination.pool, &typed, Some(&user.identity)).await?;
            let other = match &moved {
                Some(_) => None,
                None => self::moved(&destination.pool, &typed, None).await?,
            };
            let sign_in = plan.sign_in(&typed, &user, factor);
            let forgot_password = plan.forgot_password(&typed, &user, factor);
            let [at_sign_in, at_reset] = [&sign_in, &forgot_password]
                .map(|answer| answer.migration().map(|migration| &migration.user));
            Explained {
                result: UserResult::of(plan.destination, &typed, at_sign_in, at_reset),
                sign_in: sign_in.outcome(),
                forgot_password: forgot_password.outcome(),
                findings: plan.foresee(&typed, &user).findings.iter().collect(),
                source: Ok(shown(&user, Some(factor), factors)),
                moved: moved.map(|user| shown(&user, None, vec![])),
                other: other.map(|user| shown(&user, None, vec![])),
            }
        }
        Err(reason) => Explained {
            source: Err(nameless(&source.pool, &settings, &typed, reason).await?),
            moved: moved(&destination.pool, &typed, None)
                .await?
                .map(|user| shown(&user, None, vec![])),
            other: None,
            result: UserResult::Stays,
            sign_in: ForeseenOutcome::Rejected(reason),
            forgot_password: ForeseenOutcome::Rejected(match settings.policy.may_reset() {
                Ok(()) => reason,
                Err(off) => off,
            }),
            findings: vec![],
        },
    };
    Ok(Output::good(match context.is_for_programs() {
        true => output::json(&explained.json()),
        false => explained.for_people(),
    }))
}

/// The exact reason why a name means no user, where the function's look-up says only `reason`.
async fn nameless(
    pool: &OperatorsPool,
    settings: &Settings,
    typed: &str,
    reason: Reason,
) -> CommandResult<Nameless> {
    let lookup = settings.source.lookup.filter(|it| it.has_form(typed));
    match (reason, lookup) {
        (Reason::AmbiguousUser, _) => Ok(Nameless::Several),
        (Reason::UserDisabled, _) => Ok(Nameless::Disabled),
        (_, None) => Ok(Nameless::Unknown),
        (_, Some(lookup)) => {
            let users = pool.users_with(lookup.as_str(), typed).await;
            match users {
                Ok(users) if users.is_empty() => Ok(Nameless::Unknown),
                Ok(_) => Ok(Nameless::Unverified),
                Err(failure) => Err(not_answered("the source pool", pool.id(), &failure)),
            }
        }
    }
}

/// The user of the destination pool who has this name or, with `source`, is recognisably this user of the source pool.
async fn moved(
    pool: &OperatorsPool,
    typed: &str,
    source: Option<&Identity>,
) -> CommandResult<Option<ListedUser>> {
    let mut searches = vec![("username", typed.to_owned())];
    if typed.contains('@') {
        searches.push(("email", typed.to_owned()));
    } else if typed.starts_with('+') {
        searches.push(("phone_number", typed.to_owned()));
    }
    searches.push(("preferred_username", typed.to_owned()));
    if let Some(source) = source {
        searches.push(("username", source.username.clone()));
        searches.extend(source.sub().map(|sub| ("username", sub.to_owned())));
        for (contact, flag) in VERIFIED_FLAGS {
            searches.extend(
                source
                    .proven(contact, flag)
                    .map(|value| (contact, value.to_owned())),
            );
        }
    }
    searches.sort();
    searches.dedup();
    for (attribute, value) in searches {
        let users = pool.users_with(attribute, &value).await;
        let users =
            users.map_err(|failure| not_answered("the destination pool", pool.id(), &failure))?;
        let is_meant = |user: &ListedUser| match source {
            Some(source) => mark::is_of(&user.identity.clone(), source),
            None => true,
        };
        if let Some(user) = users.into_iter().find(is_meant) {
            return Ok(Some(user));
        }
    }
    Ok(None)
}

fn shown(user: &ListedUser, second_factor: Option<SecondFactor>, factors: Vec<String>) -> Shown {
    Shown {
        sub: user
            .identity
            .attribute("sub")
            .unwrap_or_default()
            .to_owned(),
        status: user.status.as_str(),
        enabled: user.enabled,
        verified_contacts: VERIFIED_FLAGS
            .into_iter()
            .filter(|(contact, flag)| user.identity.proven(contact, flag).is_some())
            .map(|(contact, _)| contact)
            .collect(),
        second_factor,
        factors,
    }
}

fn name_of(factor: SecondFactor) -> &'static str {
    match factor {
        SecondFactor::None => "none",
        SecondFactor::Sms => "sms",
        SecondFactor::Other => "other",
    }
}

impl Shown {
    fn json(&self) -> Value {
        let mut shown = json!({
            "sub": self.sub, "status": self.status, "enabled": self.enabled,
            "verified_contacts": self.verified_contacts,
        });
        if let Some(factor) = self.second_factor {
            shown["second_factor"] = json!(name_of(factor));
            shown["second_factors"] = json!(self.factors);
        }
        shown
    }

    fn for_people(&self) -> String {
        let contacts = match self.verified_contacts.as_slice() {
            [] => "none".to_owned(),
            contacts => contacts.join(", "),
        };
        let enabled = if self.enabled { "enabled" } else { "disabled" };
        let factor = match self.second_factor {
            None => String::new(),
            Some(factor) => format!(
                "; second factors: {}{}",
                match self.factors.as_slice() {
                    [] => "none listed".to_owned(),
                    factors => factors.join(", "),
                },
                match factor {
                    SecondFactor::None | SecondFactor::Sms => "",
                    SecondFactor::Other => " (cannot be carried over)",
                }
            ),
        };
        format!(
            "{}, {}, {enabled}; verified contacts: {contacts}{factor}",
            self.sub, self.status
        )
    }
}

impl Nameless {
    fn as_str(self) -> &'static str {
        match self {
            Nameless::Unknown => "no user has this name",
            Nameless::Unverified => "users have this address, and none of them has verified it",
            Nameless::Several => {
                "several users have this name or address: it is not clear which is meant"
            }
            Nameless::Disabled => "the user of this name or address is disabled",
        }
    }
}

/// The result for a user, as the end of a sentence that begins with "The user".
fn ending(result: UserResult) -> String {
    match result {
        UserResult::Moves => "is created, and signs in again under the same name.".to_owned(),
        UserResult::MovesAfterReset => "is created, and signs in after a password reset.".to_owned(),
        UserResult::Stays => "stays in the source pool.".to_owned(),
        UserResult::Refused(refusal) => {
            let because = refusal.because();
            format!("cannot be created: the destination pool refuses the answer, because {because}.")
        }
        UserResult::LockedOut => {
            "is created, and cannot sign in again, because the typed name is an alias there that is not verified."
                .to_owned()
        }
    }
}

impl Explained {
    fn json(&self) -> Value {
        let findings: Vec<_> = self
            .findings
            .iter()
            .map(|finding| finding.as_str())
            .collect();
        json!({
            "source": self.source.as_ref().ok().map(Shown::json),
            "moved": self.moved.as_ref().map(Shown::json),
            "other_user": self.other.as_ref().map(Shown::json),
            "result": self.result.as_str(),
            "sign_in": self.sign_in.as_str(),
            "forgot_password": self.forgot_password.as_str(),
            "findings": findings,
        })
    }

    fn for_people(&self) -> String {
        let source = match &self.source {
            Ok(user) => user.for_people(),
            Err(nameless) => nameless.as_str().to_owned(),
        };
        let moved = self.moved.as_ref();
        let moved = moved.map_or("has not moved".to_owned(), Shown::for_people);
        let mut text = format!("source pool       {source}\ndestination pool  {moved}\n\n");
        if let Some(moved) = &self.moved {
            text += match (moved.enabled, moved.status) {
                (false, _) => {
                    "The user has moved and is disabled in the destination pool: enable the user there."
                }
                (true, "CONFIRMED") => {
                    "The user has moved. The source pool is not asked any more: the password and the second factor of the \
                     destination pool count. If the password is not known, reset it there."
                }
                (true, "RESET_REQUIRED") => {
                    "The user has moved and must reset the password in the destination pool before signing in."
                }
                (true, _) => "The user has moved. See the status in the destination pool.",
            };
            return text;
        }
        if let Some(other) = &self.other {
            text += &format!(
                "Another user of the destination pool has this name or address: {}. So Cognito does not ask the function. A \
                 sign-in is that user's.\n",
                other.for_people()
            );
        }
        for (what, outcome) in [
            ("A sign-in with the right password", self.sign_in),
            ("A password reset", self.forgot_password),
        ] {
            text += &match outcome {
                ForeseenOutcome::Migrated => format!("{what} migrates the user.\n"),
                ForeseenOutcome::Failed => format!("{what} fails. {}\n", advice(outcome)),
                ForeseenOutcome::Rejected(reason) => {
                    format!(
                        "{what} is rejected: {}. {}\n",
                        reason.as_str(),
                        advice(outcome)
                    )
                }
            };
        }
        if self.source.is_ok() {
            text += &format!("The user {}\n", ending(self.result));
        }
        for finding in &self.findings {
            text += &format!("{}: {}\n", finding.as_str(), meaning(*finding));
        }
        text
    }
}
