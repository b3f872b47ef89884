//! What each step of a trial does that must go well.

use std::time::Duration;

use rules::{
    evidence::{Profile, Standing},
    mark::{Mark, Stage},
    outcome::Failure,
    protocol::InvocationLine,
    sensitive::Sensitive,
    settings::SourceUser,
};
use serde_json::{Value, json};

use super::{
    log,
    observations::{GOT_IN, challenged, refused},
    prepared::Prepared,
    steps::{Found, Wrong, retry_passing},
    user::{User, random_password, shortest_password},
};
use crate::{
    aws::{Api, App, OperatorsPool, ResetStarted, SignedIn},
    context::{Described, not_answered},
    interrupt::Interrupt,
    problem::Problem,
};

/// What the steps are taken with.
pub(super) struct Actions<'a> {
    pub prepared: &'a Prepared,
    pub app: App<'a>,
    /// When it began, since 1970.
    pub since: Duration,
    pub interrupt: Interrupt,
}

impl Actions<'_> {
    pub(super) fn source(&self) -> &Described {
        &self.prepared.pools.source
    }

    pub(super) fn destination(&self) -> &Described {
        &self.prepared.pools.destination
    }

    pub(super) async fn sign_in(&self, user: &User, token: &mut Option<Sensitive>) -> Found {
        let signed_in = retry_passing(&self.interrupt, async || {
            match self.try_to_sign_in(&user.name, &user.password).await? {
                SignedIn::Tokens { id } => Ok(id),
                SignedIn::Challenged(name) => Err(Wrong::new(challenged(&name))),
                SignedIn::Refused(refusal) => Err(refused("InitiateAuth", &refusal)),
            }
        });
        *token = Some(signed_in.await?);
        Ok(String::new())
    }

    pub(super) async fn try_to_sign_in(
        &self,
        name: &str,
        password: &Sensitive,
    ) -> Result<SignedIn, Wrong> {
        let answer = self.app.sign_in(name, password).await;
        answer.map_err(|failure| unanswered(&self.destination().pool, &failure))
    }

    pub(super) async fn call(&self, api: &Api, token: Option<&Sensitive>, expected: u16) -> Found {
        let call = async || {
            let answer = api.get(token).await;
            let answer = answer.ok_or_else(|| Wrong::passing("no answer came"))?;
            let (status, body) = (answer.status, answer.body.trim());
            if status != expected {
                let wrong = format!("status {status} instead of {expected}: {body}");
                return Err(Wrong::passing(wrong));
            }
            let greeting: Value = serde_json::from_str(body).unwrap_or_default();
            if expected == 200 && greeting != json!({"message": "Hello, World!"}) {
                return Err(Wrong::passing(format!("an unexpected answer: {body}")));
            }
            Ok(format!("status {status}, {body}"))
        };
        retry_passing(&self.interrupt, call).await
    }

    pub(super) async fn done(&self, user: &User, mark: &str) -> Found {
        let found = known(&self.destination().pool, &user.name).await?;
        let (stage, state) = match self.prepared.settings.post_migration.source_user {
            SourceUser::Keep => (Stage::Done, "enabled"),
            SourceUser::Disable => (Stage::Off, "disabled"),
        };
        match found.identity.attribute(mark) {
            Some(value) if Mark::read(value).is_some_and(|mark| mark.stage == stage) => {}
            Some(value) => return Err(Wrong::new(format!("{mark} is {value}"))),
            None => return Err(Wrong::new(format!("{mark} is not set"))),
        }
        let found = match find(&self.source().pool, &user.username).await? {
            None => "missing",
            Some(Profile {
                standing: Standing::Reported { enabled: false, .. },
                ..
            }) => "disabled",
            Some(_) => "enabled",
        };
        match found == state {
            true => Ok(found.to_owned()),
            false => Err(Wrong::new(format!(
                "the user in the source pool is {found} and should be {state}"
            ))),
        }
    }

    pub(super) async fn reset(&self, user: &User) -> Found {
        let reset = async || {
            let answer = self.app.forgot_password(&user.name).await;
            match answer.map_err(|failure| unanswered(&self.destination().pool, &failure))? {
                ResetStarted::CodeBy(medium) => Ok(format!("code by {medium}")),
                ResetStarted::Refused(refusal) => Err(refused("ForgotPassword", &refusal)),
            }
        };
        retry_passing(&self.interrupt, reset).await
    }

    /// With a wrong password, in both spellings.
    pub(super) async fn rejected(&self, user: &User) -> Found {
        let mut codes = vec![];
        let (source, destination) = (self.source(), self.destination());
        let shortest = shortest_password(&source.description, &destination.description);
        for name in [user.name.clone(), user.name.to_lowercase()] {
            match self
                .try_to_sign_in(&name, &random_password(shortest)?)
                .await?
            {
                SignedIn::Refused(refusal) => codes.push(refusal.code),
                SignedIn::Challenged(name) => return Err(Wrong::new(challenged(&name))),
                SignedIn::Tokens { .. } => return Err(Wrong::new(GOT_IN)),
            }
        }
        Ok(codes.join(", "))
    }

    pub(super) async fn lines(&self) -> Result<Vec<InvocationLine>, Wrong> {
        let Prepared {
            logs, log_group, ..
        } = self.prepared;
        let lines = logs.lines(log_group, self.since).await;
        let what = format!("the log group {log_group}");
        let lines = lines.map_err(|failure| Problem::not_answered(&what, &failure))?;
        Ok(log::read(&lines))
    }
}

/// Makes the user, with the second factor and in the group that belong to it.
pub(super) async fn create(pool: &OperatorsPool, user: &mut User, group: Option<&str>) -> Found {
    user.was_tried = true;
    let made = pool.create_user(&user.username, &user.attributes, &user.password);
    made.await.map_err(|failure| unanswered(pool, &failure))?;
    if let Some(group) = group {
        let joined = pool.join_group(&user.username, group).await;
        joined.map_err(|failure| unanswered(pool, &failure))?;
    }
    if user.gets_codes_by_sms {
        let set = pool.prefer_sms(&user.username).await;
        set.map_err(|failure| unanswered(pool, &failure))?;
    }
    let profile = known(pool, &user.username).await?;
    user.sub = profile.identity.sub().map(str::to_owned);
    Ok(String::new())
}

pub(super) async fn unknown(pool: &OperatorsPool, user: &User) -> Found {
    match find(pool, &user.name).await? {
        None => Ok(String::new()),
        Some(_) => Err(Wrong::new("the user exists already")),
    }
}

pub(super) async fn migrated(pool: &OperatorsPool, user: &User) -> Found {
    let found = known(pool, &user.name).await?;
    let status = status(&found);
    if status != "CONFIRMED" {
        return Err(Wrong::new(format!("the user's status is {status}")));
    }
    let differs =
        |(name, value): &(&String, &String)| found.identity.attribute(name) != Some(value);
    let wrong: Vec<_> = user
        .expected
        .iter()
        .filter(differs)
        .map(|(name, _)| name.as_str())
        .collect();
    match wrong.is_empty() {
        true => Ok(user
            .expected
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")),
        false => Err(Wrong::new(format!(
            "missing or different: {}",
            wrong.join(", ")
        ))),
    }
}

pub(super) async fn status_of(pool: &OperatorsPool, user: &User) -> Found {
    Ok(status(&known(pool, &user.name).await?).to_owned())
}

fn status(profile: &Profile) -> &'static str {
    match profile.standing {
        Standing::Reported { status, .. } => status.as_str(),
        Standing::VouchedByToken => "CONFIRMED",
    }
}

pub(super) async fn find(pool: &OperatorsPool, name: &str) -> Result<Option<Profile>, Wrong> {
    let found = pool.profile(name).await;
    found.map_err(|failure| unanswered(pool, &failure))
}

pub(super) async fn known(pool: &OperatorsPool, name: &str) -> Result<Profile, Wrong> {
    let found = find(pool, name).await?;
    found.ok_or_else(|| Wrong::new("the user does not exist"))
}

/// Deletes the user under every name that the pool can have, and looks whether the user is gone.
pub(super) async fn delete(pool: &OperatorsPool, user: &User) -> Found {
    let names = user.names();
    for name in &names {
        let deleted = pool.delete_user(name).await;
        deleted.map_err(|failure| unanswered(pool, &failure))?;
    }
    for name in &names {
        if find(pool, name).await?.is_some() {
            return Err(Wrong::new(format!("{name} still exists in {}.", pool.id())));
        }
    }
    Ok(String::new())
}

pub(super) fn unanswered(pool: &OperatorsPool, failure: &Failure) -> Wrong {
    not_answered("the pool", pool.id(), failure).into()
}
