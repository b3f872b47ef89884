//! The steps of a trial as a table: in which order they are taken, and what to look at where one fails.

use std::borrow::Cow;

use rules::{admission::OnForgotPassword, evidence::VerifiedFlag};

use super::{prepared::Prepared, steps::Question, user::User};
use crate::aws::Api;

/// What a step does. The first user moves at a sign-in, the second at a password reset; the third has a name in mixed case.
#[derive(Clone, Copy)]
pub(super) enum Action<'a> {
    /// Makes the user of this number in the source pool.
    Create(usize),
    /// Finds no first user in the destination pool.
    FindNone,
    /// Signs the first user in.
    SignIn,
    /// Finds the first user in the destination pool, whole.
    FindMigrated,
    /// Sees whether Cognito has called `pre_sign_up`.
    SeePreSignUp,
    /// Sees whether Cognito has called `post_authentication`.
    SeePostAuthentication,
    /// Calls the API with the first user's token.
    CallApi(&'a Api),
    /// Calls the API without a token, which must fail.
    CallApiWithoutToken(&'a Api),
    /// Finds that the post-migration steps of the first user are done.
    FindDone {
        /// The attribute that says so.
        mark: &'a str,
    },
    /// Deletes the first user from the source pool.
    DeleteFromSource,
    /// Starts a password reset of the second user.
    StartReset,
    /// Sees the second user's status.
    SeeStatusAfterReset,
    /// Sees what an app hears if the second user signs in.
    SeeSignInAfterReset,
    /// Signs the third user in with wrong passwords, which must fail.
    RejectWrongPassword,
    /// Sees whether the third user can sign in under either spelling.
    SeeCase,
}

/// What an operator looks at where a step fails.
#[derive(Clone, Copy)]
pub(super) enum LookAt {
    Source,
    Destination,
    Log,
    Api,
}

/// A step that is to be taken, or is left out.
pub(super) enum Step<'a> {
    Take {
        title: Cow<'static, str>,
        look_at: LookAt,
        action: Action<'a>,
        /// What the step's finding answers.
        question: Option<Question>,
    },
    LeaveOut {
        title: &'static str,
        why: &'static str,
    },
}

/// The steps under these settings, in their order.
pub(super) fn steps<'a>(
    prepared: &'a Prepared,
    [first, second, cased]: &[User; 3],
) -> Vec<Step<'a>> {
    let mut steps = vec![
        create(0, first),
        take(
            "The destination pool does not know the user",
            LookAt::Destination,
            Action::FindNone,
        ),
        take(
            "Sign in to the destination pool with the password of the source pool",
            LookAt::Log,
            Action::SignIn,
        ),
        take(
            "The destination pool has the user, CONFIRMED, with all attributes",
            LookAt::Log,
            Action::FindMigrated,
        ),
        observe(
            Question {
                id: "pre_sign_up",
                asked: "Is pre_sign_up called for a migration, and as what?",
            },
            "Look whether Cognito calls pre_sign_up for a migration",
            LookAt::Log,
            Action::SeePreSignUp,
        ),
        observe(
            Question {
                id: "post_authentication",
                asked: "Is post_authentication called for the sign-in that migrates?",
            },
            "Look whether Cognito calls post_authentication for the sign-in that migrates",
            LookAt::Destination,
            Action::SeePostAuthentication,
        ),
    ];
    steps.extend(of_the_api(prepared));
    if let Some(mark) = &prepared.settings.destination.mark {
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
    steps.extend(of_the_reset(prepared, second));
    steps.extend([
        create(2, cased),
        take(
            "A wrong password lets nobody in",
            LookAt::Log,
            Action::RejectWrongPassword,
        ),
        observe(
            Question {
                id: "case_of_names",
                asked: "Does somebody get in whose name is in mixed case?",
            },
            "Sign in as typed and in lower case",
            LookAt::Log,
            Action::SeeCase,
        ),
    ]);
    steps
}

fn of_the_api(prepared: &Prepared) -> Vec<Step<'_>> {
    match &prepared.api {
        Some((api, _)) => vec![
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
        None => vec![Step::LeaveOut {
            title: "The calls of the API",
            why: "there is no --api-url",
        }],
    }
}

fn of_the_reset<'a>(prepared: &Prepared, user: &User) -> Vec<Step<'a>> {
    if let Some(why) = why_no_reset(prepared, user) {
        let title = "The password reset";
        return vec![Step::LeaveOut { title, why }];
    }
    vec![
        create(1, user),
        take(
            "Start a password reset in the destination pool",
            LookAt::Log,
            Action::StartReset,
        ),
        observe(
            Question {
                id: "status_after_reset",
                asked: "Which status has a user whom a password reset has migrated?",
            },
            "The destination pool has that user too",
            LookAt::Log,
            Action::SeeStatusAfterReset,
        ),
        observe(
            Question {
                id: "sign_in_after_reset",
                asked: "What does an app hear at a sign-in of such a user, before the reset is done?",
            },
            "Sign in with the password of the source pool all the same",
            LookAt::Destination,
            Action::SeeSignInAfterReset,
        ),
    ]
}

fn create<'a>(number: usize, user: &User) -> Step<'a> {
    Step::Take {
        title: format!("Create {} in the source pool", user.name).into(),
        look_at: LookAt::Source,
        action: Action::Create(number),
        question: None,
    }
}

fn take<'a>(title: &'static str, look_at: LookAt, action: Action<'a>) -> Step<'a> {
    Step::Take {
        title: title.into(),
        look_at,
        action,
        question: None,
    }
}

fn observe<'a>(
    question: Question,
    title: &'static str,
    look_at: LookAt,
    action: Action<'a>,
) -> Step<'a> {
    Step::Take {
        title: title.into(),
        look_at,
        action,
        question: Some(question),
    }
}

/// Why a password reset of this user cannot be tried under these settings.
fn why_no_reset(prepared: &Prepared, user: &User) -> Option<&'static str> {
    let policy = &prepared.settings.policy;
    let expected = |name: &str| user.expected.get(name);
    if policy.on_forgot_password == OnForgotPassword::Ignore {
        Some("ON_FORGOT_PASSWORD is ignore")
    } else if !policy.reset_contacts.has_email() {
        Some("RESET_CONTACTS holds no email, and the user has no phone")
    } else if expected("email") != Some(&user.name)
        || !VerifiedFlag::read(expected("email_verified").map(String::as_str)).is_true()
    {
        Some("ATTRIBUTE_MAP or STATIC_ATTRIBUTES leave the user without a verified e-mail address")
    } else {
        None
    }
}
