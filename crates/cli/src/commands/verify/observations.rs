//! The observed answers in words, compared with AWS's documentation.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rules::{pool::UserPoolDescription, sensitive::Sensitive};
use serde_json::Value;

use super::steps::{StepFailure, StepFinding};
use crate::aws::{About, AppRefusal, AppSignIn};

/// The text for a user who signs in and must not. It fails the trial.
pub(super) const GOT_IN: &str = "the user got in";

/// The end of a sign-in.
pub(super) enum Entered {
    /// Signed in, with this `sub` in the destination pool.
    As(String),
    /// Not signed in: the reason, in words.
    Not(String),
}

impl Entered {
    fn told(&self) -> &str {
        match self {
            Entered::As(_) => "signed in",
            Entered::Not(why) => why,
        }
    }
}

pub(super) fn challenged(name: &str) -> String {
    format!("the challenge {name} instead of tokens")
}

/// Whether the code says that the function could not be called or could not ask the source pool, which passes soon after an
/// apply.
pub(super) fn refused(operation: &str, refusal: &AppRefusal) -> StepFailure {
    let passing = ["UnexpectedLambdaException", "UserLambdaValidationException"];
    StepFailure {
        why: format!("{operation}: {}", told(refusal)),
        may_pass: passing.contains(&refusal.code.as_str())
            && refusal.about != About::PreAuthentication,
    }
}

fn told(refusal: &AppRefusal) -> String {
    let about = match refusal.about {
        About::WrongPassword => "the message of a wrong password",
        About::Reset => "a message about a reset",
        About::PreAuthentication => "the message of the pre_authentication trigger",
        About::Other => "another message",
    };
    format!("{} with {about}", refusal.code)
}

/// The end of a sign-in, in words.
fn end(signed_in: &AppSignIn) -> String {
    match signed_in {
        AppSignIn::Tokens { .. } => "tokens".to_owned(),
        AppSignIn::Challenged(name) => format!("the challenge {name}"),
        AppSignIn::Refused(refusal) => told(refusal),
    }
}

/// The effect of a pre authentication trigger on a name that neither pool knows.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-authentication.html>
pub(super) fn pre_authentication(signed_in: &AppSignIn, hides_users: bool) -> StepFinding {
    let of_the_trigger = match signed_in {
        AppSignIn::Tokens { .. } => return Err(StepFailure::new(GOT_IN)),
        AppSignIn::Refused(refusal) => refusal.about == About::PreAuthentication,
        AppSignIn::Challenged(_) => false,
    };
    let verdict = match of_the_trigger {
        true => "it does. The next sign-in shows whether that keeps users from moving",
        false => "it does not, so it keeps no user from moving",
    };
    let setting = if hides_users { "is" } else { "is not" };
    Ok(format!(
        "{verdict}. Such a name hears {}; PreventUserExistenceErrors {setting} ENABLED",
        end(signed_in)
    ))
}

/// Whether the ID token of the sign-in that migrated names this group.
pub(super) fn groups_in_token(token: Option<&Sensitive>, group: &str) -> &'static str {
    let claims = token.and_then(|token| {
        let claims = token.expose().split('.').nth(1)?;
        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        serde_json::from_slice::<Value>(&claims).ok()
    });
    let Some(claims) = claims else {
        return "this cannot be seen: the ID token cannot be read";
    };
    let mut groups = claims["cognito:groups"].as_array().into_iter().flatten();
    match groups.any(|held| held == group) {
        true => "it does",
        false => {
            "it does not: the app has them after the next sign-in, or once it refreshes its tokens"
        }
    }
}

/// Whether choice-based sign-in has moved a user.
pub(super) fn user_auth(signed_in: &AppSignIn, has_moved: bool) -> String {
    let verdict = match has_moved {
        true => "it does: the user has moved",
        false => "it does not: the user has not moved",
    };
    format!("{verdict}. The sign-in ended with {}", end(signed_in))
}

/// The ends of two sign-ins of a user whose address is an unverified alias.
pub(super) fn unverified_alias(first: &Entered, second: &Entered) -> String {
    let verdict = match (first, second) {
        (Entered::As(one), Entered::As(other)) if one == other => "yes",
        (Entered::As(_), Entered::As(_)) => "as two users",
        (Entered::As(_), Entered::Not(_)) => "no, once only",
        (Entered::Not(_), Entered::As(_)) => "the second time only",
        (Entered::Not(_), Entered::Not(_)) => "not even once",
    };
    format!(
        "{verdict}. The first sign-in: {}; the second: {}",
        first.told(),
        second.told()
    )
}

/// The sign-in that asks a user with SMS MFA for the code. The second sign-in is tried only if the first gave tokens.
pub(super) fn sms_at_once(first: &AppSignIn, second: Option<&AppSignIn>) -> String {
    let verdict = match first {
        AppSignIn::Challenged(name) if name == "SMS_MFA" => "it does",
        AppSignIn::Tokens { .. } => "it does not",
        AppSignIn::Challenged(_) | AppSignIn::Refused(_) => "this was not to be seen",
    };
    let second = second.map_or(String::new(), |second| {
        format!("; the next one: {}", end(second))
    });
    format!(
        "{verdict}. The sign-in that migrates: {}{second}",
        end(first)
    )
}

/// The answer that an app gets for a user whom a password reset has migrated.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html>
pub(super) fn after_reset(signed_in: &AppSignIn, hides_users: bool) -> StepFinding {
    let (documented, setting) = match hides_users {
        true => ("NotAuthorizedException", "is"),
        false => ("PasswordResetRequiredException", "is not"),
    };
    let (code, told) = match signed_in {
        AppSignIn::Tokens { .. } => return Err(StepFailure::new(GOT_IN)),
        AppSignIn::Challenged(name) => ("", challenged(name)),
        AppSignIn::Refused(refusal) => (refusal.code.as_str(), told(refusal)),
    };
    let verdict = match code == documented {
        true => "as documented".to_owned(),
        false => format!("{documented} is documented"),
    };
    Ok(format!(
        "{told}. PreventUserExistenceErrors {setting} ENABLED; {verdict} for imported users"
    ))
}

/// Whether a user with a name in mixed case signed in, and whether that is as documented.
pub(super) fn case_of_names(
    typed: &Entered,
    lower: &Entered,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
    lookup: Option<&str>,
) -> String {
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
        typed.told(),
        lower.told(),
        if is_documented { "" } else { " not" },
        sensitivity(source),
        sensitivity(destination),
    )
}

pub(super) fn sensitivity(pool: &UserPoolDescription) -> &'static str {
    match pool.case_sensitive {
        true => "case-sensitive",
        false => "case-insensitive",
    }
}

#[cfg(test)]
mod tests;
