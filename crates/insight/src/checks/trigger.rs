//! `destination.trigger`: the destination pool calls the function, and nothing keeps it from creating the user.

use crate::described::AppClients;
use rules::{
    checks::{Answer, Verdict},
    pool::{Triggers, UserPoolDescription},
    protocol::Why,
};

use super::{
    function_arn::{calls, is_same_function},
    pools::{KnownPools, destination_is_unknown},
};

/// The target of the user_migration trigger.
enum TriggerFound<'a> {
    Nothing,
    SomeFunction {
        trigger: &'a str,
    },
    TheFunction {
        guards: bool,
    },
    VersionOfTheFunction {
        trigger: &'a str,
        guards: bool,
    },
    /// Another one than was named.
    AnotherVersion {
        trigger: &'a str,
    },
    AnotherFunction {
        trigger: &'a str,
    },
}

/// The obstacles to a call of the function, or to the creation of its user.
enum Obstacle<'a> {
    /// It runs before the function.
    PreAuthentication { trigger: &'a str },
    /// `WELCOME_MESSAGE` asks for a text message, and the pool can send none.
    NoSms,
}

/// Judges whether the destination pool calls the function.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let function = pools.facts.function_arn.as_deref();
    let Some(pool) = pools.destination() else {
        return destination_is_unknown();
    };
    let found = found(&pool.triggers, function).verdict(function.unwrap_or("the function"));
    obstacles(pools, pool)
        .iter()
        .fold(found, |verdict, obstacle| {
            verdict.and_warn(&obstacle.detail(), obstacle.fix())
        })
}

fn obstacles<'a>(pools: &KnownPools<'_>, pool: &'a UserPoolDescription) -> Vec<Obstacle<'a>> {
    let welcome = pools.settings.destination.welcome_message;
    let sends_sms = welcome.delivery_mediums().contains(&"SMS");
    let pre_authentication = pool.triggers.pre_authentication.as_deref();
    let before = pre_authentication
        .filter(|_| runs_for_unknown_names(&pools.facts.clients))
        .map(|trigger| Obstacle::PreAuthentication { trigger });
    let no_sms = (sends_sms && !pool.sends_sms).then_some(Obstacle::NoSms);
    before.into_iter().chain(no_sms).collect()
}

/// Whether a pre authentication trigger runs for names that the pool does not know, as far as the app clients are known.
fn runs_for_unknown_names(clients: &Answer<AppClients>) -> bool {
    match clients {
        Ok(clients) => {
            let mut listed = clients.listed.iter();
            clients.more || listed.any(|client| client.prevents_user_existence_errors)
        }
        Err(_) => true,
    }
}

fn found<'a>(triggers: &'a Triggers, function: Option<&str>) -> TriggerFound<'a> {
    match (triggers.user_migration.as_deref(), function) {
        (None, _) => TriggerFound::Nothing,
        (Some(trigger), None) => TriggerFound::SomeFunction { trigger },
        (Some(trigger), Some(function)) => {
            let guard = triggers.pre_sign_up.as_deref();
            let guards = guard.is_some_and(|guard| is_same_function(guard, function));
            if trigger == function {
                TriggerFound::TheFunction { guards }
            } else if calls(trigger, function) {
                TriggerFound::VersionOfTheFunction { trigger, guards }
            } else if is_same_function(trigger, function) {
                TriggerFound::AnotherVersion { trigger }
            } else {
                TriggerFound::AnotherFunction { trigger }
            }
        }
    }
}

impl TriggerFound<'_> {
    fn verdict(&self, function: &str) -> Verdict {
        let fix = format!(
            "Set the destination pool's user_migration trigger (LambdaConfig.UserMigration) to {function}."
        );
        match self {
            TriggerFound::Nothing => {
                Verdict::fail("The destination pool has no user_migration trigger.", fix)
            }
            TriggerFound::SomeFunction { trigger } => Verdict::skipped(
                Why::WaitsForFunction,
                format!(
                    "The user_migration trigger is {trigger}. Whether that is the function is not known."
                ),
                "Name the function.",
            ),
            TriggerFound::TheFunction { guards } => Verdict::ok(format!(
                "The user_migration trigger is the function. {}",
                about_the_guard(*guards)
            )),
            TriggerFound::VersionOfTheFunction { trigger, guards } => Verdict::ok(format!(
                "The user_migration trigger is a version or alias of the function. {} What was looked at is the \
                 function without one: name {trigger} to look at what the pool calls.",
                about_the_guard(*guards)
            )),
            TriggerFound::AnotherVersion { trigger } => Verdict::warn(
                format!(
                    "The user_migration trigger is another version or alias of the function: {trigger}."
                ),
                format!("{fix} Or check that version or alias."),
            ),
            TriggerFound::AnotherFunction { trigger } => Verdict::fail(
                format!("The user_migration trigger is another function: {trigger}."),
                fix,
            ),
        }
    }
}

impl Obstacle<'_> {
    fn detail(&self) -> String {
        match self {
            Obstacle::PreAuthentication { trigger } => format!(
                "The destination pool has a pre_authentication trigger: {trigger}. With PreventUserExistenceErrors ENABLED \
                 it runs for users who have not moved, too, with userNotFound set. If it refuses these, no user migrates."
            ),
            Obstacle::NoSms => {
                "WELCOME_MESSAGE asks for a text message, and the destination pool has no SMS configuration: Cognito cannot \
                 send the message, and may refuse to create the user."
                    .to_owned()
            }
        }
    }

    fn fix(&self) -> &'static str {
        match self {
            Obstacle::PreAuthentication { .. } => {
                "Make sure that the pre_authentication trigger lets names pass for which userNotFound is true."
            }
            Obstacle::NoSms => {
                "Take sms out of WELCOME_MESSAGE. Or set the destination pool's SmsConfiguration."
            }
        }
    }
}

fn about_the_guard(guards: bool) -> &'static str {
    match guards {
        true => "It guards sign-ups too.",
        false => "It does not guard sign-ups.",
    }
}
