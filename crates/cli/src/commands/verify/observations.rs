//! What an app hears, in words, and whether that is as AWS documents it.

use rules::pool::UserPoolDescription;

use super::steps::{Found, Wrong};
use crate::aws::{About, Refusal, SignedIn};

/// What a step says of whoever must not get in and does. It fails the trial.
pub(super) const GOT_IN: &str = "the user got in";

/// Who got in.
pub(super) enum Entered {
    /// The user with this `sub` in the destination pool.
    As(String),
    /// Nobody: why, in words.
    Not(String),
}

pub(super) fn challenged(name: &str) -> String {
    format!("the challenge {name} instead of tokens")
}

/// The function could not be called, or could not ask the source pool, if the code says so. After an apply that passes.
pub(super) fn refused(operation: &str, refusal: &Refusal) -> Wrong {
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
pub(super) fn after_reset(signed_in: &SignedIn, hides_users: bool) -> Found {
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
pub(super) fn case_of_names(
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

pub(super) fn sensitivity(pool: &UserPoolDescription) -> &'static str {
    match pool.case_sensitive {
        true => "case-sensitive",
        false => "case-insensitive",
    }
}

#[cfg(test)]
mod tests {
    use rules::{evidence::PoolMfa, password::PasswordPolicy, sensitive::Sensitive};

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
            verified_before_update: vec![],
            deletion_protected: true,
            sends_sms: true,
            temporary_password_days: 7,
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
}
