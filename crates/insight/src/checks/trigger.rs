//! `destination.trigger`: the destination pool calls the function.

use rules::{
    checks::{Verdict, Why},
    pool::Triggers,
};

use super::{
    function_arn::{calls, is_same_function},
    pools::{KnownPools, destination_is_unknown},
};

/// What the user_migration trigger calls.
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

/// Judges whether the destination pool calls the function.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    let function = pools.facts.function_arn.as_deref();
    match pools.destination() {
        Some(pool) => found(&pool.triggers, function).verdict(function.unwrap_or("the function")),
        None => destination_is_unknown(),
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

fn about_the_guard(guards: bool) -> &'static str {
    match guards {
        true => "It guards sign-ups too.",
        false => "It does not guard sign-ups.",
    }
}
