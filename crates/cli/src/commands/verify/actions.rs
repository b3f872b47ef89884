//! The actions of a trial's steps.

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
    steps::{StepFailure, StepFinding, retry_passing},
    user::{TrialUser, random_password, shortest_password},
};
use crate::{
    aws::{Api, App, AppSignIn, OperatorsPool, ResetStarted},
    context::{Described, not_answered},
    interrupt::Interrupt,
    problem::Problem,
};

/// The context of the steps.
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

    pub(super) async fn sign_in(
        &self,
        user: &TrialUser,
        token: &mut Option<Sensitive>,
    ) -> StepFinding {
        let signed_in = retry_passing(&self.interrupt, async || {
            match self.try_to_sign_in(&user.name, &user.password).await? {
                AppSignIn::Tokens { id } => Ok(id),
                AppSignIn::Challenged(name) => Err(StepFailure::new(challenged(&name))),
                AppSignIn::Refused(refusal) => Err(refused("InitiateAuth", &refusal)),
            }
        });
        *token = Some(signed_in.await?);
        Ok(String::new())
    }

    pub(super) async fn try_to_sign_in(
        &self,
        name: &str,
        password: &Sensitive,
    ) -> Result<AppSignIn, StepFailure> {
        let answer = self.app.sign_in(name, password).await;
        answer.map_err(|failure| unanswered(&self.destination().pool, &failure))
    }

    pub(super) async fn call(
        &self,
        api: &Api,
        token: Option<&Sensitive>,
        expected: u16,
    ) -> StepFinding {
        let call = async || {
            let answer = api.get(token).await;
            let answer = answer.ok_or_else(|| StepFailure::passing("no answer came"))?;
            let (status, body) = (answer.status, answer.body.trim());
            if status != expected {
                let wrong = format!("status {status} instead of {expected}: {body}");
                return Err(StepFailure::passing(wrong));
            }
            let greeting: Value = serde_json::from_str(body).unwrap_or_default();
            if expected == 200 && greeting != json!({"message": "Hello, World!"}) {
                return Err(StepFailure::passing(format!(
                    "an unexpected answer: {body}"
                )));
            }
            Ok(format!("status {status}, {body}"))
        };
        retry_passing(&self.interrupt, call).await
    }

    pub(super) async fn done(&self, user: &TrialUser, mark: &str) -> StepFinding {
        let found = known(&self.destination().pool, &user.name).await?;
        let (stage, state) = match self.prepared.settings.post_migration.source_user {
            SourceUser::Keep => (Stage::Done, "enabled"),
            SourceUser::Disable => (Stage::Off, "disabled"),
        };
        match found.identity.attribute(mark) {
            Some(value) if Mark::read(value).is_some_and(|mark| mark.stage == stage) => {}
            Some(value) => return Err(StepFailure::new(format!("{mark} is {value}"))),
            None => return Err(StepFailure::new(format!("{mark} is not set"))),
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
            false => Err(StepFailure::new(format!(
                "the user in the source pool is {found} and should be {state}"
            ))),
        }
    }

    pub(super) async fn reset(&self, user: &TrialUser) -> StepFinding {
        let reset = async || {
            let answer = self.app.forgot_password(&user.name).await;
            match answer.map_err(|failure| unanswered(&self.destination().pool, &failure))? {
                ResetStarted::CodeBy(medium) => Ok(format!("code by {medium}")),
                ResetStarted::Refused(refusal) => Err(refused("ForgotPassword", &refusal)),
            }
        };
        retry_passing(&self.interrupt, reset).await
    }

    /// Signs in with a wrong password, in both spellings.
    pub(super) async fn rejected(&self, user: &TrialUser) -> StepFinding {
        let mut codes = vec![];
        let (source, destination) = (self.source(), self.destination());
        let shortest = shortest_password(&source.description, &destination.description);
        for name in [user.name.clone(), user.name.to_lowercase()] {
            match self
                .try_to_sign_in(&name, &random_password(shortest)?)
                .await?
            {
                AppSignIn::Refused(refusal) => codes.push(refusal.code),
                AppSignIn::Challenged(name) => return Err(StepFailure::new(challenged(&name))),
                AppSignIn::Tokens { .. } => return Err(StepFailure::new(GOT_IN)),
            }
        }
        Ok(codes.join(", "))
    }

    pub(super) async fn lines(&self) -> Result<Vec<InvocationLine>, StepFailure> {
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
pub(super) async fn create(
    pool: &OperatorsPool,
    user: &mut TrialUser,
    group: Option<&str>,
) -> StepFinding {
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

pub(super) async fn unknown(pool: &OperatorsPool, user: &TrialUser) -> StepFinding {
    match find(pool, &user.name).await? {
        None => Ok(String::new()),
        Some(_) => Err(StepFailure::new("the user exists already")),
    }
}

pub(super) async fn migrated(pool: &OperatorsPool, user: &TrialUser) -> StepFinding {
    let found = known(pool, &user.name).await?;
    let status = status(&found);
    if status != "CONFIRMED" {
        return Err(StepFailure::new(format!("the user's status is {status}")));
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
        false => Err(StepFailure::new(format!(
            "missing or different: {}",
            wrong.join(", ")
        ))),
    }
}

pub(super) async fn status_of(pool: &OperatorsPool, user: &TrialUser) -> StepFinding {
    Ok(status(&known(pool, &user.name).await?).to_owned())
}

fn status(profile: &Profile) -> &'static str {
    match profile.standing {
        Standing::Reported { status, .. } => status.as_str(),
        Standing::VouchedByToken => "CONFIRMED",
    }
}

pub(super) async fn find(pool: &OperatorsPool, name: &str) -> Result<Option<Profile>, StepFailure> {
    let found = pool.profile(name).await;
    found.map_err(|failure| unanswered(pool, &failure))
}

pub(super) async fn known(pool: &OperatorsPool, name: &str) -> Result<Profile, StepFailure> {
    let found = find(pool, name).await?;
    found.ok_or_else(|| StepFailure::new("the user does not exist"))
}

/// Deletes the user under every possible name, and checks that the user is gone.
pub(super) async fn delete(pool: &OperatorsPool, user: &TrialUser) -> StepFinding {
    let names = user.names();
    for name in &names {
        let deleted = pool.delete_user(name).await;
        deleted.map_err(|failure| unanswered(pool, &failure))?;
    }
    for name in &names {
        if find(pool, name).await?.is_some() {
            return Err(StepFailure::new(format!(
                "{name} still exists in {}.",
                pool.id()
            )));
        }
    }
    Ok(String::new())
}

pub(super) fn unanswered(pool: &OperatorsPool, failure: &Failure) -> StepFailure {
    not_answered("the pool", pool.id(), failure).into()
}
