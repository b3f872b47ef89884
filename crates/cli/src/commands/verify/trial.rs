//! The steps of a trial, from the first user to the last.

use std::time::Duration;

use rules::{
    admission::OnForgotPassword,
    evidence::{Profile, Standing, VerifiedFlag, attribute},
    mark::{Mark, Stage},
    outcome::Failure,
    sensitive::Sensitive,
    settings::SourceUser,
    token::subject,
};
use serde_json::{Value, json};

use super::{
    Prepared,
    log::{self, Line},
    observations::{Entered, GOT_IN, after_reset, case_of_names, challenged, refused},
    record::Question,
    steps::{Ended, Found, Steps, Wrong, patiently},
    user::{User, random_password, shortest_password},
};
use crate::{
    aws::{Api, App, OperatorsPool, ResetStarted, SignedIn},
    context::{Described, function_region, not_answered},
    interrupt::Interrupt,
    problem::{CommandResult, Problem},
};

/// The trial.
pub(super) struct Trial<'a> {
    pub prepared: &'a Prepared,
    pub app: App<'a>,
    /// When it began, since 1970.
    pub since: Duration,
    pub interrupt: Interrupt,
}

impl Trial<'_> {
    fn source(&self) -> &Described {
        &self.prepared.pools.source
    }

    fn destination(&self) -> &Described {
        &self.prepared.pools.destination
    }

    /// The first moves at a sign-in, the second at a password reset; the third has a name in mixed case.
    pub(super) fn users(&self) -> CommandResult<[User; 3]> {
        let destination = &self.prepared.settings.destination;
        let user = |label, number| {
            let (from, to) = (&self.source().description, &self.destination().description);
            User::new(
                label,
                number,
                from,
                to,
                &destination.mapping,
                destination.mark.as_deref(),
            )
        };
        Ok([
            user("first", 0)?,
            user("second", 1)?,
            user("Mixed-Case", 2)?,
        ])
    }

    pub(super) async fn take(
        &self,
        steps: &mut Steps,
        [first, second, cased]: &mut [User; 3],
    ) -> Result<(), Ended> {
        let (source, destination) = (&self.source().pool, &self.destination().pool);
        let log = &self.where_the_log_is();
        let at_source = &format!(
            "the source pool {} and what your credentials may do there (see --source-profile).",
            source.id()
        );
        let at_destination = &format!(
            "the destination pool {}, its app client {}, and what your credentials may do there.",
            destination.id(),
            self.prepared.client.id
        );
        let mut token = None;

        let title = format!("Create {} in the source pool", first.name);
        steps.take(&title, at_source, create(source, first)).await?;
        let title = "The destination pool does not know the user";
        steps
            .take(title, at_destination, unknown(destination, first))
            .await?;
        let title = "Sign in to the destination pool with the password of the source pool";
        steps
            .take(title, log, self.sign_in(first, &mut token))
            .await?;
        let title = "The destination pool has the user, CONFIRMED, with all attributes";
        steps.take(title, log, migrated(destination, first)).await?;
        let title = "Look whether Cognito calls pre_sign_up for a migration";
        let question = Question {
            id: "pre_sign_up",
            asked: "Is pre_sign_up called for a migration, and as what?",
        };
        steps
            .observe(question, title, log, self.see_pre_sign_up(first))
            .await?;
        let title = "Look whether Cognito calls post_authentication for the sign-in that migrates";
        let question = Question {
            id: "post_authentication",
            asked: "Is post_authentication called for the sign-in that migrates?",
        };
        steps
            .observe(
                question,
                title,
                at_destination,
                self.see_post_authentication(first),
            )
            .await?;
        match &self.prepared.api {
            Some((api, url)) => {
                let at_api = format!(
                    "the API behind {url}: its stage, and the authorizer on the destination pool."
                );
                let title = "Call the API with the ID token";
                steps
                    .take(title, &at_api, self.call(api, token.as_ref(), 200))
                    .await?;
                let title = "Call the API without a token";
                steps
                    .take(title, &at_api, self.call(api, None, 401))
                    .await?;
            }
            None => steps.leave_out("The calls of the API", "there is no --api-url"),
        }
        if let Some(mark) = &self.prepared.settings.destination.mark {
            // While the source user exists: all post-migration steps have something to do.
            let title = "Sign in again, for the post-migration steps";
            steps
                .take(title, log, self.sign_in(first, &mut token))
                .await?;
            let title =
                "The mark says that nothing is left to do, and the source user is as it should be";
            steps.take(title, log, self.done(first, mark)).await?;
        }
        // Without the source user no function could answer for this sign-in.
        let title = "Delete the user from the source pool";
        steps
            .take(title, at_source, async { delete(source, first).await })
            .await?;
        let title = "Sign in again, by the destination pool alone";
        steps
            .take(title, at_destination, self.sign_in(first, &mut token))
            .await?;

        match self.why_no_reset(second) {
            Some(why) => steps.leave_out("The password reset", why),
            None => {
                let title = format!("Create {} in the source pool", second.name);
                steps
                    .take(&title, at_source, create(source, second))
                    .await?;
                let title = "Start a password reset in the destination pool";
                steps.take(title, log, self.reset(second)).await?;
                let title = "The destination pool has that user too";
                let question = Question {
                    id: "status_after_reset",
                    asked: "Which status has a user whom a password reset has migrated?",
                };
                steps
                    .observe(question, title, log, status_of(destination, second))
                    .await?;
                let title = "Sign in with the password of the source pool all the same";
                let question = Question {
                    id: "sign_in_after_reset",
                    asked: "What does an app hear at a sign-in of such a user, before the reset is done?",
                };
                steps
                    .observe(
                        question,
                        title,
                        at_destination,
                        self.see_sign_in_after_reset(second),
                    )
                    .await?;
            }
        }

        let title = format!("Create {} in the source pool", cased.name);
        steps.take(&title, at_source, create(source, cased)).await?;
        let title = "A wrong password lets nobody in";
        steps.take(title, log, self.rejected(cased)).await?;
        let title = "Sign in as typed and in lower case";
        let question = Question {
            id: "case_of_names",
            asked: "Does somebody get in whose name is in mixed case?",
        };
        steps
            .observe(question, title, log, self.see_case(cased))
            .await?;
        Ok(())
    }

    pub(super) async fn delete_all(
        &self,
        steps: &mut Steps,
        users: &[User; 3],
    ) -> Result<(), Ended> {
        let pools = [&self.source().pool, &self.destination().pool];
        let names = users.each_ref().map(|user| user.name.as_str()).join(", ");
        let ids = pools.map(OperatorsPool::id).join(" and ");
        let left = format!("the users {names} in {ids}: delete what is left.");
        let delete = async {
            let mut problems = vec![];
            for pool in pools {
                for user in users {
                    problems.extend(delete(pool, user).await.err().map(|wrong| wrong.why));
                }
            }
            match problems.is_empty() {
                true => Ok(String::new()),
                false => Err(Wrong::new(problems.join(" "))),
            }
        };
        let title = "Delete all users from both pools";
        steps.take_in_any_case(title, &left, delete).await
    }

    async fn sign_in(&self, user: &User, token: &mut Option<Sensitive>) -> Found {
        let signed_in = patiently(&self.interrupt, async || {
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
            let lines = patiently(&self.interrupt, async || {
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
                match attribute(&found.attributes, mark) {
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
        patiently(&self.interrupt, call).await
    }

    async fn done(&self, user: &User, mark: &str) -> Found {
        let found = known(&self.destination().pool, &user.name).await?;
        let (stage, state) = match self.prepared.settings.post_migration.source_user {
            SourceUser::Keep => (Stage::Done, "enabled"),
            SourceUser::Disable => (Stage::Off, "disabled"),
        };
        match attribute(&found.attributes, mark) {
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

    /// Why a password reset of this user cannot be tried under these settings.
    fn why_no_reset(&self, user: &User) -> Option<&'static str> {
        let policy = &self.prepared.settings.policy;
        let expected = |name: &str| user.expected.get(name);
        if policy.on_forgot_password == OnForgotPassword::Ignore {
            Some("ON_FORGOT_PASSWORD is ignore")
        } else if !policy.reset_contacts.has_email() {
            Some("RESET_CONTACTS holds no email, and the user has no phone")
        } else if expected("email") != Some(&user.name)
            || !VerifiedFlag::read(expected("email_verified").map(String::as_str)).is_true()
        {
            Some(
                "ATTRIBUTE_MAP or STATIC_ATTRIBUTES leave the user without a verified e-mail address",
            )
        } else {
            None
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
        patiently(&self.interrupt, reset).await
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
                let sub = subject(&id).ok_or_else(|| Wrong::new("the ID token names nobody"))?;
                Entered::As(sub)
            }
            SignedIn::Challenged(name) => Entered::Not(challenged(&name)),
            SignedIn::Refused(refusal) => Entered::Not(format!("rejected with {}", refusal.code)),
        })
    }

    pub(super) async fn lines(&self) -> Result<Vec<Line>, Wrong> {
        let Prepared {
            logs, log_group, ..
        } = self.prepared;
        let lines = logs.lines(log_group, self.since).await;
        let what = format!("the log group {log_group}");
        let lines = lines.map_err(|failure| Problem::not_answered(&what, &failure))?;
        Ok(log::read(&lines))
    }

    fn where_the_log_is(&self) -> String {
        let Prepared {
            function,
            log_group,
            pools,
            ..
        } = self.prepared;
        let region = function_region(&function.arn, pools.destination.pool.id());
        format!(
            "what the function logged:\n    aws logs filter-log-events --region {region} --log-group-name {log_group} \
             --start-time {} --query 'events[].message' --output text\n    Nothing is logged: the destination pool's \
             trigger or the function's permission for it is missing.",
            self.since.as_millis()
        )
    }
}

async fn create(pool: &OperatorsPool, user: &mut User) -> Found {
    let made = pool.create_user(&user.username, &user.attributes, &user.password);
    made.await.map_err(|failure| unanswered(pool, &failure))?;
    let profile = known(pool, &user.username).await?;
    user.sub = profile.sub().map(str::to_owned);
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
        |(name, value): &(&String, &String)| attribute(&found.attributes, name) != Some(value);
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
async fn delete(pool: &OperatorsPool, user: &User) -> Found {
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
