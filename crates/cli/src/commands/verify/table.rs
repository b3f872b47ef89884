//! The table of a trial's steps: their order, their conditions, and the place to look at if one fails.

use std::borrow::Cow;

use insight::open_questions::OpenQuestion;
use rules::{
    admission::{OnForgotPassword, OnMfa},
    evidence::{PoolMfa, says_verified},
    pool::UserPoolDescription,
    settings::Settings,
    sign_in_name::SignInName,
};

use super::user::{TrialUser, TrialUsers, Who};
use crate::aws::Api;

/// The conditions for the steps.
pub(super) struct Circumstances<'a> {
    pub(super) settings: &'a Settings,
    pub(super) source: &'a UserPoolDescription,
    pub(super) destination: &'a UserPoolDescription,
    /// The API that is called with a token.
    pub(super) api: Option<&'a Api>,
    /// The group of the first user, or the reason why there is none.
    pub(super) group: Result<&'a str, &'static str>,
    /// Text messages may be sent to the operator's phone number.
    pub(super) may_text: bool,
}

/// The action of a step.
#[derive(Clone, Copy)]
pub(super) enum Action<'a> {
    /// Makes this user in the source pool.
    Create(Who),
    /// Checks that the first user is not in the destination pool.
    FindNone,
    /// Signs the first user in.
    SignIn,
    /// Checks the first user in the destination pool.
    FindMigrated,
    /// Observes the answer to a question.
    See(Sight<'a>),
    /// Calls the API with the first user's token.
    CallApi(&'a Api),
    /// Calls the API without a token, which must fail.
    CallApiWithoutToken(&'a Api),
    /// Checks that the post-migration steps of the first user are done.
    FindDone {
        /// The attribute of the mark.
        mark: &'a str,
    },
    /// Deletes the first user from the source pool.
    DeleteFromSource,
    /// Starts a password reset of the second user.
    StartReset,
    /// Signs in with the mixed-case name and wrong passwords, which must fail.
    RejectWrongPassword,
}

/// The observation that answers an open question.
#[derive(Clone, Copy)]
pub(super) enum Sight<'a> {
    /// The end of a sign-in with a name that neither pool knows.
    PreAuthentication,
    /// Whether the first user's token names this group.
    Groups(&'a str),
    /// Whether Cognito has called `pre_sign_up`.
    PreSignUp,
    /// Whether Cognito has called `post_authentication`.
    PostAuthentication,
    /// The second user's status.
    StatusAfterReset,
    /// The answer that an app gets if the second user signs in.
    SignInAfterReset,
    /// Whether a user signs in under either spelling.
    Case,
    /// Whether a user of the source pool signs in with `USER_AUTH`.
    UserAuth,
    /// Whether a user with an unverified address signs in twice.
    UnverifiedAlias,
    /// The challenge for a user with SMS MFA at the sign-in that migrates.
    Sms,
}

/// The place to look at if a step fails.
#[derive(Clone, Copy)]
pub(super) enum LookAt {
    Source,
    Destination,
    Log,
    Api,
}

/// A step that is taken or left out.
pub(super) enum TrialStep<'a> {
    Take {
        title: Cow<'static, str>,
        look_at: LookAt,
        action: Action<'a>,
        /// The question that the step's finding answers.
        question: Option<OpenQuestion>,
    },
    LeaveOut {
        title: &'static str,
        why: &'static str,
        /// The questions that stay open.
        questions: &'static [OpenQuestion],
    },
}

/// The steps under these circumstances, in their order.
pub(super) fn steps<'a>(
    circumstances: &Circumstances<'a>,
    users: &TrialUsers,
) -> Vec<TrialStep<'a>> {
    let mut steps = vec![
        create(Who::First, users),
        take(
            "The destination pool does not know the user",
            LookAt::Destination,
            Action::FindNone,
        ),
        of_pre_authentication(circumstances),
        take(
            "Sign in to the destination pool with the password of the source pool",
            LookAt::Log,
            Action::SignIn,
        ),
        of_groups(circumstances),
        take(
            "The destination pool has the user, CONFIRMED, with all attributes",
            LookAt::Log,
            Action::FindMigrated,
        ),
        see(
            OpenQuestion::PreSignUp,
            "Look whether Cognito calls pre_sign_up for a migration",
            LookAt::Log,
            Sight::PreSignUp,
        ),
        see(
            OpenQuestion::PostAuthentication,
            "Look whether Cognito calls post_authentication for the sign-in that migrates",
            LookAt::Destination,
            Sight::PostAuthentication,
        ),
    ];
    steps.extend(of_the_api(circumstances.api));
    if let Some(mark) = &circumstances.settings.destination.mark {
        // While the source user exists: all post-migration steps have something to do.
        steps.extend([
            take(
                "Sign in again, for the post-migration steps",
                LookAt::Log,
                Action::SignIn,
            ),
            take(
                "The mark says that nothing is left to do, and the source user is as it should be",
                LookAt::Log,
                Action::FindDone { mark },
            ),
        ]);
    }
    // Without the source user no function could answer for this sign-in.
    steps.extend([
        take(
            "Delete the user from the source pool",
            LookAt::Source,
            Action::DeleteFromSource,
        ),
        take(
            "Sign in again, by the destination pool alone",
            LookAt::Destination,
            Action::SignIn,
        ),
    ]);
    steps.extend(of_the_reset(circumstances.settings, users));
    steps.extend([
        create(Who::MixedCase, users),
        take(
            "A wrong password is rejected",
            LookAt::Log,
            Action::RejectWrongPassword,
        ),
        see(
            OpenQuestion::CaseOfNames,
            "Sign in as typed and in lower case",
            LookAt::Log,
            Sight::Case,
        ),
        create(Who::Chooser, users),
        see(
            OpenQuestion::UserAuth,
            "Sign in with USER_AUTH and the choice PASSWORD",
            LookAt::Destination,
            Sight::UserAuth,
        ),
    ]);
    steps.extend(of_the_alias(circumstances, users));
    steps.extend(of_sms(circumstances, users));
    steps
}

fn of_pre_authentication<'a>(circumstances: &Circumstances<'a>) -> TrialStep<'a> {
    let title = "Sign in with a name that neither pool knows";
    match circumstances.destination.triggers.pre_authentication {
        None => TrialStep::LeaveOut {
            title,
            why: "the destination pool has no pre_authentication trigger",
            questions: &[OpenQuestion::PreAuthentication],
        },
        Some(_) => see(
            OpenQuestion::PreAuthentication,
            title,
            LookAt::Destination,
            Sight::PreAuthentication,
        ),
    }
}

fn of_groups<'a>(circumstances: &Circumstances<'a>) -> TrialStep<'a> {
    let title = "Look for the copied group in the token";
    let triggers = &circumstances.destination.triggers;
    let group = match circumstances.group {
        Ok(_) if triggers.post_authentication != triggers.user_migration => {
            Err("the function is not the destination pool's post_authentication trigger")
        }
        group => group,
    };
    match group {
        Err(why) => TrialStep::LeaveOut {
            title,
            why,
            questions: &[OpenQuestion::GroupsInFirstToken],
        },
        Ok(group) => see(
            OpenQuestion::GroupsInFirstToken,
            title,
            LookAt::Destination,
            Sight::Groups(group),
        ),
    }
}

fn of_the_api(api: Option<&Api>) -> Vec<TrialStep<'_>> {
    match api {
        Some(api) => vec![
            take(
                "Call the API with the ID token",
                LookAt::Api,
                Action::CallApi(api),
            ),
            take(
                "Call the API without a token",
                LookAt::Api,
                Action::CallApiWithoutToken(api),
            ),
        ],
        None => vec![TrialStep::LeaveOut {
            title: "The calls of the API",
            why: "there is no --api-url",
            questions: &[],
        }],
    }
}

fn of_the_reset<'a>(settings: &Settings, users: &TrialUsers) -> Vec<TrialStep<'a>> {
    if let Some(why) = why_no_reset(settings, &users[Who::Second]) {
        return vec![TrialStep::LeaveOut {
            title: "The password reset",
            why,
            questions: &[
                OpenQuestion::StatusAfterReset,
                OpenQuestion::SignInAfterReset,
            ],
        }];
    }
    vec![
        create(Who::Second, users),
        take(
            "Start a password reset in the destination pool",
            LookAt::Log,
            Action::StartReset,
        ),
        see(
            OpenQuestion::StatusAfterReset,
            "The destination pool has that user too",
            LookAt::Log,
            Sight::StatusAfterReset,
        ),
        see(
            OpenQuestion::SignInAfterReset,
            "Sign in with the password of the source pool all the same",
            LookAt::Destination,
            Sight::SignInAfterReset,
        ),
    ]
}

fn of_the_alias<'a>(circumstances: &Circumstances<'a>, users: &TrialUsers) -> Vec<TrialStep<'a>> {
    let title = "Sign in twice with an unverified address";
    match why_no_alias(circumstances, &users[Who::Unproven]) {
        Some(why) => vec![TrialStep::LeaveOut {
            title,
            why,
            questions: &[OpenQuestion::UnverifiedAlias],
        }],
        None => vec![
            create(Who::Unproven, users),
            see(
                OpenQuestion::UnverifiedAlias,
                title,
                LookAt::Log,
                Sight::UnverifiedAlias,
            ),
        ],
    }
}

fn of_sms<'a>(circumstances: &Circumstances<'a>, users: &TrialUsers) -> Vec<TrialStep<'a>> {
    let title = "Sign in as a user with SMS MFA";
    match why_no_sms(circumstances) {
        Some(why) => vec![TrialStep::LeaveOut {
            title,
            why,
            questions: &[OpenQuestion::SmsAtOnce],
        }],
        None => vec![
            create(Who::Texted, users),
            see(OpenQuestion::SmsAtOnce, title, LookAt::Log, Sight::Sms),
        ],
    }
}

fn create<'a>(who: Who, users: &TrialUsers) -> TrialStep<'a> {
    TrialStep::Take {
        title: format!("Create {} in the source pool", users[who].name).into(),
        look_at: LookAt::Source,
        action: Action::Create(who),
        question: None,
    }
}

fn take<'a>(title: &'static str, look_at: LookAt, action: Action<'a>) -> TrialStep<'a> {
    TrialStep::Take {
        title: title.into(),
        look_at,
        action,
        question: None,
    }
}

fn see<'a>(
    question: OpenQuestion,
    title: &'static str,
    look_at: LookAt,
    sight: Sight<'a>,
) -> TrialStep<'a> {
    TrialStep::Take {
        title: title.into(),
        look_at,
        action: Action::See(sight),
        question: Some(question),
    }
}

/// The reason why a password reset of this user cannot be tried under these settings.
fn why_no_reset(settings: &Settings, user: &TrialUser) -> Option<&'static str> {
    let policy = &settings.policy;
    let expected = |name: &str| user.expected.get(name);
    if policy.on_forgot_password == OnForgotPassword::Ignore {
        Some("ON_FORGOT_PASSWORD is ignore")
    } else if !policy.reset_contacts.has_email() {
        Some("RESET_CONTACTS holds no email, and the user has no phone")
    } else if expected("email") != Some(&user.name)
        || !says_verified(expected("email_verified").map(String::as_str))
    {
        Some("ATTRIBUTE_MAP or STATIC_ATTRIBUTES leave the user without a verified e-mail address")
    } else {
        None
    }
}

/// The reason why this user cannot show the effect of an unverified alias.
fn why_no_alias(circumstances: &Circumstances<'_>, user: &TrialUser) -> Option<&'static str> {
    let is_alias =
        |pool: &UserPoolDescription| pool.alias_attributes.iter().any(|it| it == "email");
    if !is_alias(circumstances.destination) {
        Some("the e-mail address is no alias in the destination pool")
    } else if is_alias(circumstances.source) {
        Some("an unverified address signs in to the source pool neither")
    } else if circumstances.settings.source.lookup == Some(SignInName::Email) {
        Some("SRC_LOOKUP=email finds verified addresses only")
    } else if user.expected.get("email") != Some(&user.name) {
        Some("ATTRIBUTE_MAP or STATIC_ATTRIBUTES leave the user without the e-mail address")
    } else {
        None
    }
}

/// The reason why no user with SMS MFA can be tried.
fn why_no_sms(circumstances: &Circumstances<'_>) -> Option<&'static str> {
    let has_mfa = |pool: &UserPoolDescription| pool.mfa != PoolMfa::Off;
    if !circumstances.may_text {
        Some("there is no --phone-number")
    } else if circumstances.settings.policy.on_mfa != OnMfa::Sms {
        Some("ON_MFA is not sms")
    } else if !has_mfa(circumstances.source) || !circumstances.source.sends_sms {
        Some("the source pool has no SMS MFA")
    } else if !has_mfa(circumstances.destination) || !circumstances.destination.sends_sms {
        Some("the destination pool has no SMS MFA")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
