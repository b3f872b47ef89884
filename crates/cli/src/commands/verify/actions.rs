//! What each step of a trial does, and what it finds.

use std::time::Duration;

use rules::{
    evidence::{Profile, Standing},
    mark::{Mark, Stage},
    outcome::Failure,
    protocol::InvocationLine,
    sensitive::Sensitive,
    settings::SourceUser,
    token::subject,
};
use serde_json::{Value, json};

use super::{
    log,
    observations::{Entered, GOT_IN, after_reset, case_of_names, challenged, refused},
    prepared::Prepared,
    steps::{Found, Wrong, retry_passing},
    table::Action,
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
    fn source(&self) -> &Described {
        &self.prepared.pools.source
    }

    fn destination(&self) -> &Described {
        &self.prepared.pools.destination
    }

    /// Does what a step does.
    pub(super) async fn act(
        &self,
        action: Action<'_>,
        users: &mut [User; 3],
        token: &mut Option<Sensitive>,
    ) -> Found {
        let (source, destination) = (&self.source().pool, &self.destination().pool);
        if let Action::Create(number) = action {
            return create(source, &mut users[number]).await;
        }
        let [first, second, cased] = &*users;
        match action {
            Action::Create(_) => Ok(String::new()),
            Action::FindNone => unknown(destination, first).await,
            Action::SignIn => self.sign_in(first, token).await,
            Action::FindMigrated => migrated(destination, first).await,
            Action::SeePreSignUp => self.see_pre_sign_up(first).await,
            Action::SeePostAuthentication => self.see_post_authentication(first).await,
            Action::CallApi(api) => self.call(api, token.as_ref(), 200).await,
            Action::CallApiWithoutToken(api) => self.call(api, None, 401).await,
            Action::FindDone { mark } => self.done(first, mark).await,
            Action::DeleteFromSource => delete(source, first).await,
            Action::StartReset => self.reset(second).await,
            Action::SeeStatusAfterReset => status_of(destination, second).await,
            Action::SeeSignInAfterReset => self.see_sign_in_after_reset(second).await,
            Action::RejectWrongPassword => self.rejected(cased).await,
            Action::SeeCase => self.see_case(cased).await,
        }
    }

    async fn sign_in(&self, user: &User, token: &mut Option<Sensitive>) -> Found {
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

    async fn try_to_sign_in(&self, name: &str, password: &Sensitive) -> Result<SignedIn, Wrong> {
        let answer = self.app.sign_in(name, password).await;
        answer.map_err(|failure| unanswered(&self.destination().pool, &failure))
    }

    async fn see_pre_sign_up(&self, user: &User) -> Found {
        let triggers = &self.destination().description.triggers;
        let sub = user.sub.as_deref().unwrap_or_default();
        let seen = if triggers.user_migration.is_none()
            || triggers.pre_sign_up != triggers.user_migration
        {
            "this cannot be seen: the function is not the destination pool's pre_sign_up trigger"
                .to_owned()
        } else {
            let lines = retry_passing(&self.interrupt, async || {
                let lines = self.lines().await?;
                if log::shows_migration(&lines, sub) {
                    Ok(lines)
                } else {
                    Err(Wrong::passing("the log does not show the migration"))
                }
            });
            match lines.await {
                Ok(lines) => log::pre_sign_up(&lines, sub),
                Err(wrong) => format!("this cannot be seen: {}", wrong.why),
            }
        };
        Ok(seen)
    }

    async fn see_post_authentication(&self, user: &User) -> Found {
        let triggers = &self.destination().description.triggers;
        let seen = match &self.prepared.settings.destination.mark {
            None => "this cannot be seen: MIGRATION_MARK is not set".to_owned(),
            Some(_) if triggers.post_authentication != triggers.user_migration => {
                "this cannot be seen: the function is not the destination pool's post_authentication trigger".to_owned()
            }
            Some(mark) => {
                let found = known(&self.destination().pool, &user.name).await?;
                match found.identity.attribute(mark) {
                    Some(value) if Mark::read(value).is_some_and(|mark| mark.stage.is_final()) => {
                        "it is".to_owned()
                    }
                    Some(_) => {
                        "it is not, or it failed: the post-migration steps are taken at the next sign-in".to_owned()
                    }
                    None => "this cannot be seen: the user has no mark".to_owned(),
                }
            }
        };
        Ok(seen)
    }

    async fn call(&self, api: &Api, token: Option<&Sensitive>, expected: u16) -> Found {
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

    async fn done(&self, user: &User, mark: &str) -> Found {
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

    async fn reset(&self, user: &User) -> Found {
        let reset = async || {
            let answer = self.app.forgot_password(&user.name).await;
            match answer.map_err(|failure| unanswered(&self.destination().pool, &failure))? {
                ResetStarted::CodeBy(medium) => Ok(format!("code by {medium}")),
                ResetStarted::Refused(refusal) => Err(refused("ForgotPassword", &refusal)),
            }
        };
        retry_passing(&self.interrupt, reset).await
    }

    async fn see_sign_in_after_reset(&self, user: &User) -> Found {
        let signed_in = self.try_to_sign_in(&user.name, &user.password).await?;
        after_reset(
            &signed_in,
            self.prepared.client.prevents_user_existence_errors,
        )
    }

    /// With a wrong password, in both spellings.
    async fn rejected(&self, user: &User) -> Found {
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

    async fn see_case(&self, user: &User) -> Found {
        let typed = self.who_signs_in(&user.name, &user.password).await?;
        let lower = self
            .who_signs_in(&user.name.to_lowercase(), &user.password)
            .await?;
        Ok(case_of_names(
            &typed,
            &lower,
            &self.source().description,
            &self.destination().description,
            self.prepared
                .settings
                .source
                .lookup
                .map(|name| name.as_str()),
        ))
    }

    async fn who_signs_in(&self, name: &str, password: &Sensitive) -> Result<Entered, Wrong> {
        Ok(match self.try_to_sign_in(name, password).await? {
            SignedIn::Tokens { id } => {
                let sub = subject(&id).ok_or_else(|| Wrong::new("the ID token names no user"))?;
                Entered::As(sub)
            }
            SignedIn::Challenged(name) => Entered::Not(challenged(&name)),
            SignedIn::Refused(refusal) => Entered::Not(format!("rejected with {}", refusal.code)),
        })
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

async fn create(pool: &OperatorsPool, user: &mut User) -> Found {
    let made = pool.create_user(&user.username, &user.attributes, &user.password);
    made.await.map_err(|failure| unanswered(pool, &failure))?;
    let profile = known(pool, &user.username).await?;
    user.sub = profile.identity.sub().map(str::to_owned);
    Ok(String::new())
}

async fn unknown(pool: &OperatorsPool, user: &User) -> Found {
    match find(pool, &user.name).await? {
        None => Ok(String::new()),
        Some(_) => Err(Wrong::new("the user exists already")),
    }
}

async fn migrated(pool: &OperatorsPool, user: &User) -> Found {
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

async fn status_of(pool: &OperatorsPool, user: &User) -> Found {
    Ok(status(&known(pool, &user.name).await?).to_owned())
}

fn status(profile: &Profile) -> &'static str {
    match profile.standing {
        Standing::Reported { status, .. } => status.as_str(),
        Standing::VouchedByToken => "CONFIRMED",
    }
}

async fn find(pool: &OperatorsPool, name: &str) -> Result<Option<Profile>, Wrong> {
    let found = pool.profile(name).await;
    found.map_err(|failure| unanswered(pool, &failure))
}

async fn known(pool: &OperatorsPool, name: &str) -> Result<Profile, Wrong> {
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

fn unanswered(pool: &OperatorsPool, failure: &Failure) -> Wrong {
    not_answered("the pool", pool.id(), failure).into()
}
