use rules::sensitive::Sensitive;

use super::*;

fn pool(case_sensitive: bool) -> UserPoolDescription {
    UserPoolDescription {
        case_sensitive,
        ..UserPoolDescription::default()
    }
}

/// What an app hears: `CODE ABOUT`, `tokens`, or the name of a challenge.
fn hears(text: &str) -> AppSignIn {
    let about = match text.split(' ').nth(1) {
        None if text == "tokens" => return in_with("{}"),
        None => return AppSignIn::Challenged(text.to_owned()),
        Some("WrongPassword") => About::WrongPassword,
        Some("Reset") => About::Reset,
        Some("PreAuthentication") => About::PreAuthentication,
        _ => About::Other,
    };
    let code = text.split(' ').take(1).collect();
    AppSignIn::Refused(AppRefusal { code, about })
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

/// The answer to a question. `hides`: the app client hides who exists.
fn answer(question: &str, first: &str, second: &str) -> String {
    let hides = second == "hides";
    match question {
        "after_reset" => after_reset(&hears(first), hides).unwrap(),
        "pre_authentication" => pre_authentication(&hears(first), hides).unwrap(),
        "user_auth" => user_auth(&hears(first), second == "moved"),
        "unverified_alias" => unverified_alias(&entered(first), &entered(second)),
        _ => sms_at_once(
            &hears(first),
            (second != "none").then(|| hears(second)).as_ref(),
        ),
    }
}

/// `SETTING` stands for `PreventUserExistenceErrors`.
const ANSWERS: [&str; 18] = [
    "after_reset: NotAuthorizedException WrongPassword, hides → NotAuthorizedException with the message of a wrong password. SETTING is ENABLED; as documented for imported users",
    "after_reset: NotAuthorizedException Other, shows → NotAuthorizedException with another message. SETTING is not ENABLED; PasswordResetRequiredException is documented for imported users",
    "after_reset: PasswordResetRequiredException Reset, shows → PasswordResetRequiredException with a message about a reset. SETTING is not ENABLED; as documented for imported users",
    "after_reset: PasswordResetRequiredException Reset, hides → PasswordResetRequiredException with a message about a reset. SETTING is ENABLED; NotAuthorizedException is documented for imported users",
    "after_reset: NEW_PASSWORD_REQUIRED, hides → the challenge NEW_PASSWORD_REQUIRED instead of tokens. SETTING is ENABLED; NotAuthorizedException is documented for imported users",
    "pre_authentication: UserLambdaValidationException PreAuthentication, hides → it does. The next sign-in shows whether that keeps users from moving. Such a name hears UserLambdaValidationException with the message of the pre_authentication trigger; SETTING is ENABLED",
    "pre_authentication: UserLambdaValidationException Other, shows → it does not, so it keeps no user from moving. Such a name hears UserLambdaValidationException with another message; SETTING is not ENABLED",
    "user_auth: SMS_MFA, moved → it does: the user has moved. The sign-in ended with the challenge SMS_MFA",
    "user_auth: NotAuthorizedException WrongPassword, stays → it does not: the user has not moved. The sign-in ended with NotAuthorizedException with the message of a wrong password",
    "unverified_alias: user, user → yes. The first sign-in: signed in; the second: signed in",
    "unverified_alias: user, other → as two users. The first sign-in: signed in; the second: signed in",
    "unverified_alias: user, X → no, once only. The first sign-in: signed in; the second: rejected with X",
    "unverified_alias: X, user → the second time only. The first sign-in: rejected with X; the second: signed in",
    "unverified_alias: X, Y → not even once. The first sign-in: rejected with X; the second: rejected with Y",
    "sms: SMS_MFA, none → it does. The sign-in that migrates: the challenge SMS_MFA",
    "sms: tokens, SMS_MFA → it does not. The sign-in that migrates: tokens; the next one: the challenge SMS_MFA",
    "sms: MFA_SETUP, none → this was not to be seen. The sign-in that migrates: the challenge MFA_SETUP",
    "sms: X Other, none → this was not to be seen. The sign-in that migrates: X with another message",
];

#[test]
fn each_answer_is_told_in_words_and_compared_with_the_documentation() {
    for row in ANSWERS {
        let (asked, told) = row.split_once(" → ").unwrap();
        let (question, answers) = asked.split_once(": ").unwrap();
        let (first, second) = answers.split_once(", ").unwrap();
        let told = told.replace("SETTING", "PreventUserExistenceErrors");
        assert_eq!(answer(question, first, second), told);
    }
    // No user of this name exists, or the user must not get in yet.
    let got_in = Err(StepFailure::new(GOT_IN));
    assert_eq!(after_reset(&hears("tokens"), true), got_in);
    assert_eq!(pre_authentication(&hears("tokens"), true), got_in);
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
        let refusal = AppRefusal {
            code: code.to_owned(),
            about,
        };
        let wrong = refused("InitiateAuth", &refusal);
        assert_eq!(wrong.may_pass, waits, "{code}");
        assert!(wrong.why.contains(code));
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
