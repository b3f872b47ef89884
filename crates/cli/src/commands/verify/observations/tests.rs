use rules::sensitive::Sensitive;

use super::*;

fn pool(case_sensitive: bool) -> UserPoolDescription {
    UserPoolDescription {
        case_sensitive,
        ..UserPoolDescription::default()
    }
}

fn refusal(code: &str, about: About) -> AppRefusal {
    AppRefusal {
        code: code.to_owned(),
        about,
    }
}

/// What an app hears: `CODE ABOUT`, or the name of a challenge.
fn hears(text: &str) -> AppSignIn {
    let Some((code, about)) = text.split_once(' ') else {
        return AppSignIn::Challenged(text.to_owned());
    };
    let known = [
        About::WrongPassword,
        About::Reset,
        About::PreAuthentication,
        About::Other,
    ];
    let about = known
        .into_iter()
        .find(|known| format!("{known:?}") == about);
    AppSignIn::Refused(refusal(code, about.unwrap()))
}

/// The two parts of a row.
fn parts(row: &str) -> (&str, &str) {
    row.split_once(" → ").unwrap()
}

fn in_with(claims: &str) -> AppSignIn {
    let id = Sensitive::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)));
    AppSignIn::Tokens { id }
}

/// A sign-in as `user` or as `other`, or one that was rejected with this code.
fn entered(word: &str) -> Entered {
    match word {
        "user" => Entered::As("7c7f".to_owned()),
        "other" => Entered::As("8d8a".to_owned()),
        code => Entered::Not(format!("rejected with {code}")),
    }
}

#[test]
fn a_sign_in_before_the_reset_is_done_is_compared_with_the_documentation_and_must_fail() {
    for row in [
        "NotAuthorizedException WrongPassword, hides → NotAuthorizedException with the message of a wrong password. PreventUserExistenceErrors is ENABLED; as documented for imported users",
        "NotAuthorizedException Other, shows → NotAuthorizedException with another message. PreventUserExistenceErrors is not ENABLED; PasswordResetRequiredException is documented for imported users",
        "PasswordResetRequiredException Reset, shows → a message about a reset",
        "PasswordResetRequiredException Reset, shows → ; as documented",
        "PasswordResetRequiredException Reset, hides → NotAuthorizedException is documented",
        "NEW_PASSWORD_REQUIRED, hides → the challenge NEW_PASSWORD_REQUIRED instead of tokens",
    ] {
        let (answer, part) = parts(row);
        let (answer, client) = answer.split_once(", ").unwrap();
        let told = after_reset(&hears(answer), client == "hides").unwrap();
        assert!(told.contains(part), "{row}: {told}");
    }
    let got_in = Err(StepFailure::new(GOT_IN));
    assert_eq!(after_reset(&in_with("{}"), true), got_in);
    // No user of this name exists.
    assert_eq!(pre_authentication(&in_with("{}"), true), got_in);
}

#[test]
fn names_in_mixed_case_are_compared_with_the_documentation() {
    const MINDS: bool = true;
    const FOLDS: bool = false;
    for (source, destination, lookup, typed, lower, documented) in [
        (FOLDS, FOLDS, None, "user", "user", true),
        (FOLDS, FOLDS, None, "user", "other", false),
        (FOLDS, FOLDS, None, "none", "none", false),
        (MINDS, FOLDS, None, "none", "none", true),
        (MINDS, FOLDS, None, "user", "user", false),
        (MINDS, FOLDS, Some("email"), "user", "user", true),
        (MINDS, FOLDS, Some("phone_number"), "user", "user", false),
        (MINDS, MINDS, None, "user", "none", true),
        (FOLDS, MINDS, None, "user", "other", true),
        (MINDS, MINDS, None, "none", "user", false),
        (FOLDS, FOLDS, None, "user", "none", false),
    ] {
        let [typed, lower] = [typed, lower].map(entered);
        let told = case_of_names(&typed, &lower, &pool(source), &pool(destination), lookup);
        assert_eq!(told.contains("This is as documented"), documented, "{told}");
    }
    let [typed, lower] = ["user", "other"].map(entered);
    let told = case_of_names(&typed, &lower, &pool(MINDS), &pool(FOLDS), Some("email"));
    assert_eq!(
        told,
        "as typed: signed in; in lower case: signed in as another user. This is not as documented for a \
         case-sensitive source pool and a case-insensitive destination pool with SRC_LOOKUP=email"
    );
}

#[test]
fn only_a_trigger_that_fails_is_waited_for() {
    let validation = "UserLambdaValidationException";
    for (code, about, waits) in [
        ("UnexpectedLambdaException", About::Other, true),
        (validation, About::Other, true),
        (validation, About::PreAuthentication, false),
        ("NotAuthorizedException", About::Other, false),
    ] {
        let wrong = refused("InitiateAuth", &refusal(code, about));
        assert_eq!(wrong.may_pass, waits, "{code}");
        assert!(wrong.why.contains(code));
    }
}

#[test]
fn a_pre_authentication_trigger_is_told_by_its_message() {
    for row in [
        "PreAuthentication, hides → it does. The next sign-in shows whether that keeps users from moving. Such a name hears UserLambdaValidationException with the message of the pre_authentication trigger; PreventUserExistenceErrors is ENABLED",
        "Other, shows → it does not, so",
        "Other, shows → PreventUserExistenceErrors is not ENABLED",
    ] {
        let (answer, part) = parts(row);
        let (about, client) = answer.split_once(", ").unwrap();
        let answer = hears(&format!("UserLambdaValidationException {about}"));
        let told = pre_authentication(&answer, client == "hides").unwrap();
        assert!(
            told.starts_with(part) || told.ends_with(part),
            "{row}: {told}"
        );
    }
}

#[test]
fn a_copied_group_is_looked_for_in_the_token() {
    for (claims, start) in [
        (Some(r#"{"cognito:groups":["press","staff"]}"#), "it does"),
        (Some(r#"{"cognito:groups":["press"]}"#), "it does not:"),
        (Some(r#"{"cognito:groups":"staff"}"#), "it does not:"),
        (Some("{}"), "it does not:"),
        (Some("no JSON"), "this cannot be seen:"),
        (None, "this cannot be seen:"),
    ] {
        let id = claims.map(|claims| match in_with(claims) {
            AppSignIn::Tokens { id } => id,
            _ => unreachable!(),
        });
        let told = groups_in_token(id.as_ref(), "staff");
        let is_told = told == start || start.ends_with(':') && told.starts_with(start);
        assert!(is_told, "{claims:?}: {told}");
    }
}

#[test]
fn choice_based_sign_in_is_judged_by_whether_the_user_has_moved() {
    for row in [
        "SMS_MFA → it does: the user has moved. The sign-in ended with the challenge SMS_MFA",
        "NotAuthorizedException WrongPassword → it does not: the user has not moved. The sign-in ended with NotAuthorizedException with the message of a wrong password",
    ] {
        let (answer, told) = parts(row);
        assert_eq!(user_auth(&hears(answer), answer == "SMS_MFA"), told);
    }
}

#[test]
fn two_sign_ins_by_an_unverified_alias_are_compared() {
    for row in [
        "user user → yes. The first sign-in: signed in; the second: signed in",
        "user other → as two users. The first",
        "user AliasExistsException → no, once only. The first sign-in: signed in; the second: rejected with AliasExistsException",
        "AliasExistsException user → the second time only. The first",
        "AliasExistsException AliasExistsException → not even once. The first",
    ] {
        let (answers, start) = parts(row);
        let (first, second) = answers.split_once(' ').unwrap();
        let told = unverified_alias(&entered(first), &entered(second));
        assert!(told.starts_with(start), "{row}: {told}");
    }
}

#[test]
fn the_code_of_a_text_message_is_due_at_once_or_later() {
    let (sms, tokens) = (hears("SMS_MFA"), in_with("{}"));
    let at_once = "it does. The sign-in that migrates: the challenge SMS_MFA";
    let later =
        "it does not. The sign-in that migrates: tokens; the next one: the challenge SMS_MFA";
    assert_eq!(sms_at_once(&sms, None), at_once);
    assert_eq!(sms_at_once(&tokens, Some(&sms)), later);
    let told = sms_at_once(&hears("MFA_SETUP"), None);
    assert!(told.starts_with("this was not to be seen. "), "{told}");
}
