//! Why a user cannot sign in: what both pools say of one user, and what the function makes of it.
//!
//! The name is the operator's. It goes to the pools, and is not printed.

use insight::finding::Finding;
use insight::plan::{ForeseenOutcome, Plan};
use rules::{
    attributes::VERIFIED_FLAGS,
    evidence::{Identity, ListedUser, SecondFactor},
    identity, mark,
    outcome::{Reason, Stop},
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

/// A user of a pool, as far as it may be shown.
struct Shown {
    sub: String,
    status: &'static str,
    enabled: bool,
    verified_contacts: Vec<&'static str>,
    second_factor: Option<SecondFactor>,
}

/// What is known of the person.
struct Explained {
    source: Option<Shown>,
    moved: Option<Shown>,
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
            let Some(user) = profile.listed() else {
                return Err(Problem::cannot(
                    "The source pool did not say what status the user has.",
                ));
            };
            let identity = Identity::from(profile);
            let moved = moved(&destination.pool, &typed, Some(&identity)).await?;
            Explained {
                sign_in: plan.sign_in(&typed, &user, factor).outcome(),
                forgot_password: plan.forgot_password(&typed, &user, factor).outcome(),
                findings: plan.foresee(&typed, &user).findings.iter().collect(),
                source: Some(shown(&user, Some(factor))),
                moved: moved.map(|user| shown(&user, None)),
            }
        }
        Err(reason) => Explained {
            source: None,
            moved: moved(&destination.pool, &typed, None)
                .await?
                .map(|user| shown(&user, None)),
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
            Some(source) => mark::is_of(&Identity::from(user.clone()), source),
            None => true,
        };
        if let Some(user) = users.into_iter().find(is_meant) {
            return Ok(Some(user));
        }
    }
    Ok(None)
}

fn shown(user: &ListedUser, second_factor: Option<SecondFactor>) -> Shown {
    Shown {
        sub: user.attribute("sub").unwrap_or_default().to_owned(),
        status: user.status.as_str(),
        enabled: user.enabled,
        verified_contacts: VERIFIED_FLAGS
            .into_iter()
            .filter(|(contact, flag)| user.proven(contact, flag).is_some())
            .map(|(contact, _)| contact)
            .collect(),
        second_factor,
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
                "; second factor: {}",
                match factor {
                    SecondFactor::None => "none listed",
                    SecondFactor::Sms => "text message",
                    SecondFactor::Other => "one that cannot be carried over",
                }
            ),
        };
        format!(
            "{}, {}, {enabled}; verified contacts: {contacts}{factor}",
            self.sub, self.status
        )
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
            "source": self.source.as_ref().map(Shown::json),
            "moved": self.moved.as_ref().map(Shown::json),
            "sign_in": self.sign_in.as_str(),
            "forgot_password": self.forgot_password.as_str(),
            "findings": findings,
        })
    }

    fn for_people(&self) -> String {
        let who = |user: &Option<Shown>, nobody: &str| match user {
            Some(user) => user.for_people(),
            None => nobody.to_owned(),
        };
        let mut text = format!(
            "source pool       {}\ndestination pool  {}\n\n",
            who(&self.source, "nobody is meant by this name"),
            who(&self.moved, "has not moved"),
        );
        if let Some(moved) = &self.moved {
            text += match (moved.enabled, moved.status) {
                (false, _) => {
                    "The person has moved and is disabled in the destination pool: enable them there."
                }
                (true, "CONFIRMED") => {
                    "The person has moved. The source pool is not asked any more: the password and the second factor of the \
                     destination pool count. If the password is not known, reset it there."
                }
                (true, "RESET_REQUIRED") => {
                    "The person has moved and must reset the password in the destination pool before signing in."
                }
                (true, _) => "The person has moved. See the status in the destination pool.",
            };
            return text;
        }
        for (what, outcome) in [
            ("A sign-in with the right password", self.sign_in),
            ("A password reset", self.forgot_password),
        ] {
            text += &match outcome {
                ForeseenOutcome::Migrated => format!("{what} migrates the person.\n"),
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
        for finding in &self.findings {
            text += &format!("{}: {}\n", finding.as_str(), meaning(*finding));
        }
        text
    }
}
