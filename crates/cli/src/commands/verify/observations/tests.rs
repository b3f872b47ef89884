use rules::sensitive::Sensitive;

use super::*;

fn pool(case_sensitive: bool) -> UserPoolDescription {
    UserPoolDescription {
        triggers: Default::default(),
        case_sensitive,
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
    }
}

fn refusal(code: &str, about: About) -> AppRefusal {
    AppRefusal {
        code: code.to_owned(),
        about,
    }
}

#[test]
fn a_sign_in_before_the_reset_is_done_is_compared_with_the_documentation_and_must_fail() {
    const HIDDEN: &str = "NotAuthorizedException";
    const OPEN: &str = "PasswordResetRequiredException";
    let hears = |code, about, hides| {
        let answer = AppSignIn::Refused(refusal(code, about));
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
    let challenge = AppSignIn::Challenged("NEW_PASSWORD_REQUIRED".to_owned());
    let told = after_reset(&challenge, true).unwrap();
    assert!(told.starts_with("the challenge NEW_PASSWORD_REQUIRED instead of tokens"));
    let id = Sensitive::new("a token");
    assert_eq!(
        after_reset(&AppSignIn::Tokens { id }, true),
        Err(StepFailure::new(GOT_IN))
    );
}

#[test]
fn names_in_mixed_case_are_compared_with_the_documentation() {
    let user = || Entered::As("7c7f".to_owned());
    let other = || Entered::As("8d8a".to_owned());
    let none = || Entered::Not("rejected with NotAuthorizedException".to_owned());
    const MINDS: bool = true;
    const FOLDS: bool = false;
    for (source, destination, lookup, typed, lower, documented) in [
        (FOLDS, FOLDS, None, user(), user(), true),
        (FOLDS, FOLDS, None, user(), other(), false),
        (FOLDS, FOLDS, None, none(), none(), false),
        (MINDS, FOLDS, None, none(), none(), true),
        (MINDS, FOLDS, None, user(), user(), false),
        (MINDS, FOLDS, Some("email"), user(), user(), true),
        (MINDS, FOLDS, Some("phone_number"), user(), user(), false),
        (MINDS, MINDS, None, user(), none(), true),
        (FOLDS, MINDS, None, user(), other(), true),
        (MINDS, MINDS, None, none(), user(), false),
        (FOLDS, FOLDS, None, user(), none(), false),
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
    for (code, about, waits) in [
        ("UnexpectedLambdaException", About::Other, true),
        ("UserLambdaValidationException", About::Other, true),
        (
            "UserLambdaValidationException",
            About::PreAuthentication,
            false,
        ),
        ("NotAuthorizedException", About::Other, false),
    ] {
        let wrong = refused("InitiateAuth", &refusal(code, about));
        assert_eq!(wrong.may_pass, waits, "{code}");
        assert!(wrong.why.contains(code));
    }
}

fn in_with(claims: &str) -> AppSignIn {
    let id = Sensitive::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)));
    AppSignIn::Tokens { id }
}

#[test]
fn a_pre_authentication_trigger_is_told_by_its_message() {
    let hears = |about| AppSignIn::Refused(refusal("UserLambdaValidationException", about));
    let told = pre_authentication(&hears(About::PreAuthentication), true).unwrap();
    assert_eq!(
        told,
        "it does. The next sign-in shows whether that keeps users from moving. Such a name hears \
         UserLambdaValidationException with the message of the pre_authentication trigger; PreventUserExistenceErrors \
         is ENABLED"
    );
    let told = pre_authentication(&hears(About::Other), false).unwrap();
    assert!(told.starts_with("it does not, so"), "{told}");
    assert!(
        told.ends_with("PreventUserExistenceErrors is not ENABLED"),
        "{told}"
    );
    // No user of this name exists.
    assert_eq!(
        pre_authentication(&in_with("{}"), true),
        Err(StepFailure::new(GOT_IN))
    );
}

#[test]
fn a_copied_group_is_looked_for_in_the_token() {
    for (claims, told) in [
        (r#"{"cognito:groups":["press","staff"]}"#, "it does"),
        (r#"{"cognito:groups":["press"]}"#, "it does not:"),
        (r#"{"cognito:groups":"staff"}"#, "it does not:"),
        ("{}", "it does not:"),
        ("no JSON", "this cannot be seen:"),
    ] {
        let AppSignIn::Tokens { id } = in_with(claims) else {
            unreachable!()
        };
        let answer = groups_in_token(Some(&id), "staff");
        assert!(
            answer == told || told.ends_with(':') && answer.starts_with(told),
            "{claims}: {answer}"
        );
    }
    assert!(groups_in_token(None, "staff").starts_with("this cannot be seen:"));
}

#[test]
fn choice_based_sign_in_is_judged_by_whether_the_user_has_moved() {
    let challenge = AppSignIn::Challenged("SMS_MFA".to_owned());
    assert_eq!(
        user_auth(&challenge, true),
        "it does: the user has moved. The sign-in ended with the challenge SMS_MFA"
    );
    let refused = AppSignIn::Refused(refusal("NotAuthorizedException", About::WrongPassword));
    assert_eq!(
        user_auth(&refused, false),
        "it does not: the user has not moved. The sign-in ended with NotAuthorizedException with the message of a wrong \
         password"
    );
}

#[test]
fn two_sign_ins_by_an_unverified_alias_are_compared() {
    let user = || Entered::As("7c7f".to_owned());
    let other = || Entered::As("8d8a".to_owned());
    let none = || Entered::Not("rejected with AliasExistsException".to_owned());
    for (first, second, told) in [
        (
            user(),
            user(),
            "yes. The first sign-in: signed in; the second: signed in",
        ),
        (user(), other(), "as two users. The first"),
        (
            user(),
            none(),
            "no, once only. The first sign-in: signed in; the second: rejected with AliasExistsException",
        ),
        (none(), user(), "the second time only. The first"),
        (none(), none(), "not even once. The first"),
    ] {
        let answer = unverified_alias(&first, &second);
        assert!(answer.starts_with(told), "{answer}");
    }
}

#[test]
fn the_code_of_a_text_message_is_due_at_once_or_later() {
    let challenge = || AppSignIn::Challenged("SMS_MFA".to_owned());
    let other = AppSignIn::Challenged("MFA_SETUP".to_owned());
    assert_eq!(
        sms_at_once(&challenge(), None),
        "it does. The sign-in that migrates: the challenge SMS_MFA"
    );
    assert_eq!(
        sms_at_once(&in_with("{}"), Some(&challenge())),
        "it does not. The sign-in that migrates: tokens; the next one: the challenge SMS_MFA"
    );
    assert!(sms_at_once(&other, None).starts_with("this was not to be seen. "));
}
