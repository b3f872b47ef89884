//! Proves a deployed function on a real account, with three users of its own, whom it removes again.
//!
//! It also says what Cognito does where AWS's documentation leaves a doubt. That fails the trial only if it is unsafe.
//! Passwords, tokens and secrets are shown nowhere.

mod log;
mod record;
mod steps;
mod user;

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use pools::operator::{
    About, Api, App, DeployedFunction, Logs, OperatorsPool, Refusal, ResetStarted, SignedIn,
};
use rules::{
    admission::OnForgotPassword,
    checks::{AppClient, UserPoolDescription},
    evidence::{Profile, Standing, attribute},
    outcome::Failure,
    sensitive::Sensitive,
    settings::{Settings, SourceUser},
    token::subject,
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use time::OffsetDateTime;

use crate::{
    Told,
    arguments::{self, Pools, SettingsFrom},
    context::{BothPools, Context, Described, Set, function_region, must_be_two, not_answered},
    problem::{Answer, Problem},
    show,
    survey::{cannot_write, new_file},
};
use log::Line;
use record::{Observation, Record, Subject};
use steps::{Ended, Found, Interrupt, Steps, Wrong};
use user::{User, random_password, shortest_password};

/// What a step says of whoever must not get in and does. It fails the trial.
const GOT_IN: &str = "the user got in";

pub async fn run(context: &Context, options: &arguments::Verify) -> Answer<Told> {
    let cannot = |_| Problem::cannot("Signals cannot be caught here, so users could stay behind.");
    let interrupt = Interrupt::catch().map_err(cannot)?;
    let (file, prepared) = tokio::select! {
        prepared = prepare(context, options) => prepared?,
        () = interrupt.comes() => return Err(Problem::cannot("Interrupted. Nothing was changed.")),
    };
    let began = SystemTime::now();
    let trial = Trial {
        app: prepared.pools.destination.pool.app(&prepared.client),
        since: began
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default(),
        interrupt: interrupt.clone(),
        prepared: &prepared,
    };
    let mut users = trial.users()?;
    let mut steps = Steps::new(interrupt);
    let mut observations = vec![];
    // How it went is in the steps.
    let _ = trial.take(&mut steps, &mut users, &mut observations).await;
    let _ = trial.delete_all(&mut steps, &users).await;
    let lines = trial.lines().await.ok();
    let subject = prepared.subject();
    let record = Record {
        subject: &subject,
        began: OffsetDateTime::from(began),
        steps: &steps.taken,
        log: lines.as_deref(),
        observations: &observations,
    };
    let page = record.markdown();
    if let Some((file, path)) = file.zip(options.record.as_deref()) {
        keep(file, path, &page)?;
    }
    Ok(Told {
        text: if context.is_for_programs() {
            show::json(&record.json())
        } else {
            page
        },
        is_good: record.is_good(),
    })
}

/// What is known before anything is done.
struct Prepared {
    settings: Settings,
    function: DeployedFunction,
    pools: BothPools,
    client: AppClient,
    logs: Logs,
    log_group: String,
    api: Option<(Api, String)>,
}

async fn prepare(
    context: &Context,
    options: &arguments::Verify,
) -> Answer<(Option<NamedTempFile>, Prepared)> {
    must_be_two(&options.source_pool, &options.pool)?;
    let file = options.record.as_deref().map(new_file).transpose()?;
    let pools = Pools {
        source_pool: Some(options.source_pool.clone()),
        pool: options.pool.clone(),
    };
    let from = SettingsFrom {
        function: Some(options.function.clone()),
        settings: vec![],
    };
    let Set { settings, function } = context.settings(&from, &pools).await?;
    let function = function.ok_or_else(|| Problem::usage("verify needs --function."))?;
    if function.variables.get("SRC_USER_POOL_ID") != Some(&options.source_pool) {
        return Err(Problem::usage(format!(
            "The source pool of {} is another one than {}.",
            function.name, options.source_pool
        )));
    }
    let pools = context.both_pools(&settings, &options.pool).await?;
    for (what, pool) in [
        ("source", &pools.source.description),
        ("destination", &pools.destination.description),
    ] {
        let names = &pool.username_attributes;
        if !names.is_empty() && !names.iter().any(|name| name == "email") {
            return Err(Problem::cannot(format!(
                "Users of the {what} pool sign in with a phone number only. verify makes no users with one: it would be \
                 somebody's."
            )));
        }
    }
    let destination = &pools.destination.pool;
    let client = destination.app_client(&options.client).await;
    let client = client.map_err(|failure| {
        let what = format!("the app client {} of the destination pool", options.client);
        not_answered(&what, destination.id(), &failure)
    })?;
    if !client.user_password_flow {
        return Err(Problem::cannot(format!(
            "The app client {} does not allow ALLOW_USER_PASSWORD_AUTH, which verify signs in with.",
            options.client
        )));
    }
    let region = function_region(&function.arn, &options.pool);
    let log_group = function.log_group.clone();
    let prepared = Prepared {
        logs: context.account(region).await.logs(region),
        log_group: log_group.unwrap_or_else(|| format!("/aws/lambda/{}", function.name)),
        api: options
            .api_url
            .as_ref()
            .map(|url| (Api::new(url), url.clone())),
        settings,
        function,
        pools,
        client,
    };
    Ok((file, prepared))
}

impl Prepared {
    fn subject(&self) -> Subject {
        let (source, destination) = (&self.pools.source, &self.pools.destination);
        let triggers = &destination.description.triggers;
        let called = |trigger: &Option<String>| {
            let told = match trigger {
                None => "none",
                Some(_) if *trigger == triggers.user_migration => "the function of user_migration",
                Some(_) => "another function",
            };
            told.to_owned()
        };
        let hides = if self.client.prevents_user_existence_errors {
            "ENABLED"
        } else {
            "not ENABLED"
        };
        let secret = if self.client.secret.is_some() {
            "yes"
        } else {
            "no"
        };
        let mut settings = vec![
            (
                "case of the source pool",
                sensitivity(&source.description).to_owned(),
            ),
            (
                "case of the destination pool",
                sensitivity(&destination.description).to_owned(),
            ),
            ("the app client has a secret", secret.to_owned()),
            ("PreventUserExistenceErrors", hides.to_owned()),
            ("trigger pre_sign_up", called(&triggers.pre_sign_up)),
            (
                "trigger post_authentication",
                called(&triggers.post_authentication),
            ),
        ];
        let known = [
            "SRC_LOOKUP",
            "MIGRATION_MARK",
            "SOURCE_USER",
            "ON_FORGOT_PASSWORD",
            "RESET_CONTACTS",
        ];
        settings.extend(known.into_iter().filter_map(|name| {
            let value = self.function.variables.get(name)?;
            (!value.is_empty()).then(|| (name, value.clone()))
        }));
        Subject {
            function: self.function.name.clone(),
            source_pool: source.pool.id().to_owned(),
            destination_pool: destination.pool.id().to_owned(),
            client: self.client.id.clone(),
            settings,
        }
    }
}

struct Trial<'a> {
    prepared: &'a Prepared,
    app: App<'a>,
    since: Duration,
    interrupt: Interrupt,
}

impl Trial<'_> {
    fn source(&self) -> &Described {
        &self.prepared.pools.source
    }

    fn destination(&self) -> &Described {
        &self.prepared.pools.destination
    }

    /// The first moves at a sign-in, the second at a password reset; the third has a name in mixed case.
    fn users(&self) -> Answer<[User; 3]> {
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

    async fn take(
        &self,
        steps: &mut Steps,
        [first, second, cased]: &mut [User; 3],
        observations: &mut Vec<Observation>,
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
        let mut seen = String::new();
        let look = self.see_pre_sign_up(first, &mut seen);
        steps.take(title, log, look).await?;
        observations.push(Observation {
            id: "pre_sign_up",
            question: "Is pre_sign_up called for a migration, and as what?",
            answer: seen,
        });
        let title = "Look whether Cognito calls post_authentication for the sign-in that migrates";
        let mut seen = String::new();
        let look = self.see_post_authentication(first, &mut seen);
        steps.take(title, at_destination, look).await?;
        observations.push(Observation {
            id: "post_authentication",
            question: "Is post_authentication called for the sign-in that migrates?",
            answer: seen,
        });
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
                let mut status = String::new();
                steps
                    .take(title, log, status_of(destination, second, &mut status))
                    .await?;
                observations.push(Observation {
                    id: "status_after_reset",
                    question: "Which status has a user whom a password reset has migrated?",
                    answer: status,
                });
                let title = "Sign in with the password of the source pool all the same";
                let mut seen = String::new();
                let look = self.see_sign_in_after_reset(second, &mut seen);
                steps.take(title, at_destination, look).await?;
                observations.push(Observation {
                    id: "sign_in_after_reset",
                    question: "What does an app hear at a sign-in of such a user, before the reset is done?",
                    answer: seen,
                });
            }
        }

        let title = format!("Create {} in the source pool", cased.name);
        steps.take(&title, at_source, create(source, cased)).await?;
        let title = "A wrong password lets nobody in";
        steps.take(title, log, self.rejected(cased)).await?;
        let title = "Sign in as typed and in lower case";
        let mut seen = String::new();
        steps
            .take(title, log, self.see_case(cased, &mut seen))
            .await?;
        observations.push(Observation {
            id: "case_of_names",
            question: "Does somebody get in whose name is in mixed case?",
            answer: seen,
        });
        Ok(())
    }

    async fn delete_all(&self, steps: &mut Steps, users: &[User; 3]) -> Result<(), Ended> {
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
        let signed_in = self.interrupt.patiently(async || {
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

    async fn see_pre_sign_up(&self, user: &User, seen: &mut String) -> Found {
        let triggers = &self.destination().description.triggers;
        let sub = user.sub.as_deref().unwrap_or_default();
        *seen = if triggers.user_migration.is_none()
            || triggers.pre_sign_up != triggers.user_migration
        {
            "this cannot be seen: the function is not the destination pool's pre_sign_up trigger"
                .to_owned()
        } else {
            let lines = self.interrupt.patiently(async || {
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
        Ok(seen.clone())
    }

    async fn see_post_authentication(&self, user: &User, seen: &mut String) -> Found {
        let triggers = &self.destination().description.triggers;
        *seen = match &self.prepared.settings.destination.mark {
            None => "this cannot be seen: MIGRATION_MARK is not set".to_owned(),
            Some(_) if triggers.post_authentication != triggers.user_migration => {
                "this cannot be seen: the function is not the destination pool's post_authentication trigger".to_owned()
            }
            Some(mark) => {
                let found = known(&self.destination().pool, &user.name).await?;
                match attribute(&found.attributes, mark) {
                    Some(value) if value.starts_with("done/") => "it is".to_owned(),
                    Some(_) => {
                        "it is not, or it failed: the post-migration steps are taken at the next sign-in".to_owned()
                    }
                    None => "this cannot be seen: the user has no mark".to_owned(),
                }
            }
        };
        Ok(seen.clone())
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
        self.interrupt.patiently(call).await
    }

    async fn done(&self, user: &User, mark: &str) -> Found {
        let found = known(&self.destination().pool, &user.name).await?;
        match attribute(&found.attributes, mark) {
            Some(value) if value.starts_with("done/") => {}
            Some(value) => return Err(Wrong::new(format!("{mark} is {value}"))),
            None => return Err(Wrong::new(format!("{mark} is not set"))),
        }
        let state = match find(&self.source().pool, &user.username).await? {
            None => "missing",
            Some(Profile {
                standing: Standing::Reported { enabled: false, .. },
                ..
            }) => "disabled",
            Some(_) => "enabled",
        };
        let expected = match self.prepared.settings.post_migration.source_user {
            SourceUser::Keep => "enabled",
            SourceUser::Disable => "disabled",
        };
        match state == expected {
            true => Ok(state.to_owned()),
            false => Err(Wrong::new(format!(
                "the user in the source pool is {state} and should be {expected}"
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
            || expected("email_verified").is_none_or(|flag| flag != "true")
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
        self.interrupt.patiently(reset).await
    }

    async fn see_sign_in_after_reset(&self, user: &User, seen: &mut String) -> Found {
        let signed_in = self.try_to_sign_in(&user.name, &user.password).await?;
        *seen = after_reset(
            &signed_in,
            self.prepared.client.prevents_user_existence_errors,
        )?;
        Ok(seen.clone())
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

    async fn see_case(&self, user: &User, seen: &mut String) -> Found {
        let typed = self.who_signs_in(&user.name, &user.password).await?;
        let lower = self
            .who_signs_in(&user.name.to_lowercase(), &user.password)
            .await?;
        *seen = case_of_names(
            &typed,
            &lower,
            &self.source().description,
            &self.destination().description,
            self.prepared
                .settings
                .source
                .lookup
                .map(|name| name.as_str()),
        );
        Ok(seen.clone())
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

    async fn lines(&self) -> Result<Vec<Line>, Wrong> {
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

/// Who got in.
enum Entered {
    /// The user with this `sub` in the destination pool.
    As(String),
    /// Nobody: why, in words.
    Not(String),
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

async fn status_of(pool: &OperatorsPool, user: &User, seen: &mut String) -> Found {
    *seen = status(&known(pool, &user.name).await?).to_owned();
    Ok(seen.clone())
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

fn challenged(name: &str) -> String {
    format!("the challenge {name} instead of tokens")
}

/// The function could not be called, or could not ask the source pool, if the code says so. After an apply that passes.
fn refused(operation: &str, refusal: &Refusal) -> Wrong {
    let passing = ["UnexpectedLambdaException", "UserLambdaValidationException"];
    Wrong {
        why: format!("{operation}: {}", told(refusal)),
        may_pass: passing.contains(&refusal.code.as_str()),
    }
}

fn told(refusal: &Refusal) -> String {
    let about = match refusal.about {
        About::WrongPassword => "the message of a wrong password",
        About::Reset => "a message about a reset",
        About::Other => "another message",
    };
    format!("{} with {about}", refusal.code)
}

/// What an app hears of a user whom a password reset has migrated.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html>
fn after_reset(signed_in: &SignedIn, hides_users: bool) -> Found {
    let (documented, setting) = match hides_users {
        true => ("NotAuthorizedException", "is"),
        false => ("PasswordResetRequiredException", "is not"),
    };
    let (code, told) = match signed_in {
        SignedIn::Tokens { .. } => return Err(Wrong::new(GOT_IN)),
        SignedIn::Challenged(name) => ("", challenged(name)),
        SignedIn::Refused(refusal) => (refusal.code.as_str(), told(refusal)),
    };
    let verdict = match code == documented {
        true => "as documented".to_owned(),
        false => format!("{documented} is documented"),
    };
    Ok(format!(
        "{told}. PreventUserExistenceErrors {setting} ENABLED; {verdict} for imported users"
    ))
}

/// Whether somebody got in whose name is in mixed case, and whether that is as documented.
fn case_of_names(
    typed: &Entered,
    lower: &Entered,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
    lookup: Option<&str>,
) -> String {
    let told = |entered: &Entered| match entered {
        Entered::As(_) => "signed in".to_owned(),
        Entered::Not(why) => why.clone(),
    };
    let (is_in, is_same, same) = match (typed, lower) {
        (Entered::As(typed), Entered::As(lower)) if typed == lower => {
            (true, true, " as the same user")
        }
        (Entered::As(_), Entered::As(_)) => (true, false, " as another user"),
        (Entered::Not(_), Entered::Not(_)) => (false, true, ""),
        (typed, Entered::As(_) | Entered::Not(_)) => (matches!(typed, Entered::As(_)), false, ""),
    };
    // A destination pool without regard to case hands every name over in lower case. A look-up by e-mail address finds
    // the user all the same.
    let is_found = destination.case_sensitive || !source.case_sensitive || lookup == Some("email");
    let is_documented = is_found == is_in && (destination.case_sensitive || is_same);
    let lookup = lookup.map_or("without SRC_LOOKUP".to_owned(), |name| {
        format!("with SRC_LOOKUP={name}")
    });
    format!(
        "as typed: {}; in lower case: {}{same}. This is{} as documented for a {} source pool and a {} destination pool \
         {lookup}",
        told(typed),
        told(lower),
        if is_documented { "" } else { " not" },
        sensitivity(source),
        sensitivity(destination),
    )
}

fn sensitivity(pool: &UserPoolDescription) -> &'static str {
    match pool.case_sensitive {
        true => "case-sensitive",
        false => "case-insensitive",
    }
}

fn keep(mut file: NamedTempFile, path: &Path, page: &str) -> Answer<()> {
    let cannot = |error: &std::io::Error| cannot_write(path, error);
    std::io::Write::write_all(&mut file, page.as_bytes()).map_err(|error| cannot(&error))?;
    let named = file.persist_noclobber(path);
    named.map(drop).map_err(|error| cannot(&error.error))
}

#[cfg(test)]
mod tests {
    use rules::{evidence::PoolMfa, password::PasswordPolicy};

    use super::*;

    fn pool(case_sensitive: bool) -> UserPoolDescription {
        UserPoolDescription {
            users: 0,
            triggers: Default::default(),
            schema: vec![],
            alias_attributes: vec![],
            username_attributes: vec![],
            case_sensitive,
            mfa: PoolMfa::Off,
            passwords: PasswordPolicy::default(),
            recovery: vec![],
        }
    }

    fn refusal(code: &str, about: About) -> Refusal {
        Refusal {
            code: code.to_owned(),
            about,
        }
    }

    #[test]
    fn a_sign_in_before_the_reset_is_done_is_compared_with_the_documentation_and_must_fail() {
        const HIDDEN: &str = "NotAuthorizedException";
        const OPEN: &str = "PasswordResetRequiredException";
        let hears = |code, about, hides| {
            let answer = SignedIn::Refused(refusal(code, about));
            after_reset(&answer, hides).unwrap()
        };
        assert_eq!(
            hears(HIDDEN, About::WrongPassword, true),
            "NotAuthorizedException with the message of a wrong password. PreventUserExistenceErrors is ENABLED; as \
             documented for imported users"
        );
        assert_eq!(
            hears(HIDDEN, About::Other, false),
            "NotAuthorizedException with another message. PreventUserExistenceErrors is not ENABLED; \
             PasswordResetRequiredException is documented for imported users"
        );
        assert!(hears(OPEN, About::Reset, false).contains("a message about a reset"));
        assert!(hears(OPEN, About::Reset, false).contains("; as documented"));
        assert!(hears(OPEN, About::Reset, true).contains("NotAuthorizedException is documented"));
        let challenge = SignedIn::Challenged("NEW_PASSWORD_REQUIRED".to_owned());
        let told = after_reset(&challenge, true).unwrap();
        assert!(told.starts_with("the challenge NEW_PASSWORD_REQUIRED instead of tokens"));
        let id = Sensitive::new("a token");
        assert_eq!(
            after_reset(&SignedIn::Tokens { id }, true),
            Err(Wrong::new(GOT_IN))
        );
    }

    #[test]
    fn names_in_mixed_case_are_compared_with_the_documentation() {
        let user = || Entered::As("7c7f".to_owned());
        let other = || Entered::As("8d8a".to_owned());
        let nobody = || Entered::Not("rejected with NotAuthorizedException".to_owned());
        const MINDS: bool = true;
        const FOLDS: bool = false;
        for (source, destination, lookup, typed, lower, documented) in [
            (FOLDS, FOLDS, None, user(), user(), true),
            (FOLDS, FOLDS, None, user(), other(), false),
            (FOLDS, FOLDS, None, nobody(), nobody(), false),
            (MINDS, FOLDS, None, nobody(), nobody(), true),
            (MINDS, FOLDS, None, user(), user(), false),
            (MINDS, FOLDS, Some("email"), user(), user(), true),
            (MINDS, FOLDS, Some("phone_number"), user(), user(), false),
            (MINDS, MINDS, None, user(), nobody(), true),
            (FOLDS, MINDS, None, user(), other(), true),
            (MINDS, MINDS, None, nobody(), user(), false),
            (FOLDS, FOLDS, None, user(), nobody(), false),
        ] {
            let told = case_of_names(&typed, &lower, &pool(source), &pool(destination), lookup);
            assert_eq!(told.contains("This is as documented"), documented, "{told}");
        }
        let told = case_of_names(&user(), &other(), &pool(MINDS), &pool(FOLDS), Some("email"));
        assert_eq!(
            told,
            "as typed: signed in; in lower case: signed in as another user. This is not as documented for a \
             case-sensitive source pool and a case-insensitive destination pool with SRC_LOOKUP=email"
        );
    }

    #[test]
    fn only_a_trigger_that_fails_is_waited_for() {
        for (code, waits) in [
            ("UnexpectedLambdaException", true),
            ("UserLambdaValidationException", true),
            ("NotAuthorizedException", false),
        ] {
            let wrong = refused("InitiateAuth", &refusal(code, About::Other));
            assert_eq!(wrong.may_pass, waits, "{code}");
            assert!(wrong.why.contains(code));
        }
    }

    #[test]
    fn a_page_is_never_written_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.md");
        let file = new_file(&path).unwrap();
        keep(file, &path, "the first").unwrap();
        assert!(new_file(&path).is_err());
        // Nor over one that appeared in the meantime.
        let other = folder.path().join("other.md");
        let file = new_file(&other).unwrap();
        std::fs::write(&other, "somebody's").unwrap();
        assert!(keep(file, &other, "the second").is_err());
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "somebody's");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "the first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(new_file(&folder.path().join("none/page.md")).is_err());
    }
}
