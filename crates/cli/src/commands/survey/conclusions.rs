//! The conclusions of a survey: the same numbers and words for the table and for the page.

use insight::{
    acceptance::UserResult,
    finding::Finding,
    plan::{ForeseenOutcome, Plan},
    tally::Tally,
};
use rules::{
    admission::OnMfa,
    evidence::PoolMfa,
    outcome::Reason,
    settings::{AuthFlow, Settings},
};
use strum::VariantArray as _;

use crate::{
    meanings::{RESULTS, advice, meaning, told},
    other_settings::{Change, OtherSettings},
    output::grouped,
};

/// The conclusions about the users of two pools.
pub(super) struct Conclusions<'a> {
    /// The id of the source pool.
    pub from: &'a str,
    /// The destination pool.
    pub to: &'a str,
    /// The number of users.
    pub users: u64,
    /// The flow of the settings, if the app client of the source pool does not allow it.
    pub flow_that_is_off: Option<&'static str>,
    /// The numbers of users who can sign in, and again, each with the words that follow it.
    pub headline: [(String, &'static str); 3],
    /// The results.
    pub results: Vec<Ending>,
    /// The obstacles, the most frequent first.
    pub obstacles: Vec<Line>,
    /// The function's answers at a sign-in and at a reset.
    pub answers: Vec<Line>,
    /// The findings.
    pub findings: Vec<Line>,
    /// The effects of another value of one setting.
    pub changes: Vec<Change>,
    /// The limits of a survey for these pools.
    pub notes: Vec<String>,
}

/// A result with its number of users.
pub(super) struct Ending {
    pub result: UserResult,
    pub users: u64,
    /// Their part of all users.
    pub share: f64,
    pub meaning: &'static str,
}

/// A group of users, with the advice for it.
pub(super) struct Line {
    /// The common property.
    pub name: &'static str,
    /// The consequence, where it is not said above.
    pub result: Option<&'static str>,
    /// The number of users.
    pub counts: Vec<u64>,
    pub advice: &'static str,
}

impl<'a> Conclusions<'a> {
    /// The conclusions of a survey of these users.
    pub(super) fn new(
        (from, to): (&'a str, &'a str),
        plan: &Plan<'_>,
        tally: &Tally,
        others: &[OtherSettings],
    ) -> Self {
        let others = others.iter();
        Conclusions {
            from,
            to,
            users: tally.users,
            flow_that_is_off: flow_that_is_off(plan),
            headline: headline(tally),
            results: results(tally),
            obstacles: obstacles(tally),
            answers: answers(tally),
            findings: findings(tally),
            changes: others.filter_map(|other| other.change(tally)).collect(),
            notes: notes(plan),
        }
    }
}

fn headline(tally: &Tally) -> [(String, &'static str); 3] {
    let moves = tally.with_result(UserResult::Moves);
    let after_reset = tally.with_result(UserResult::MovesAfterReset);
    let others = tally
        .users
        .saturating_sub(moves)
        .saturating_sub(after_reset);
    [
        (
            format!("{} of {}", grouped(moves), grouped(tally.users)),
            "users will sign in, and again, without calling you.",
        ),
        (grouped(after_reset), "more will after a password reset."),
        (grouped(others), "will not."),
    ]
}

fn results(tally: &Tally) -> Vec<Ending> {
    let ending = |(result, meaning): (UserResult, &'static str)| {
        let users = tally.with_result(result);
        Ending {
            result,
            users,
            share: users as f64 / tally.users.max(1) as f64,
            meaning,
        }
    };
    RESULTS.into_iter().map(ending).collect()
}

fn obstacles(tally: &Tally) -> Vec<Line> {
    let line = |(obstacle, users)| {
        let (result, why, advice) = told(obstacle);
        Line {
            name: why,
            result: Some(result),
            counts: vec![users],
            advice,
        }
    };
    tally.obstacles().into_iter().map(line).collect()
}

/// The number of users for each answer of the function.
fn answers(tally: &Tally) -> Vec<Line> {
    let rejections = Reason::VARIANTS.iter().copied();
    let outcomes = [ForeseenOutcome::Migrated]
        .into_iter()
        .chain(rejections.map(ForeseenOutcome::Rejected))
        .chain([ForeseenOutcome::Failed]);
    let mut lines = vec![];
    for outcome in outcomes {
        let name = outcome.as_str();
        let counts = [&tally.sign_in, &tally.forgot_password];
        let counts = counts.map(|counts| counts.get(name).copied().unwrap_or_default());
        if counts != [0, 0] {
            lines.push(Line {
                name,
                result: None,
                counts: counts.into(),
                advice: advice(outcome),
            });
        }
    }
    lines
}

fn findings(tally: &Tally) -> Vec<Line> {
    let line = |finding: &Finding| {
        let users = tally.findings.get(finding.as_str())?;
        Some(Line {
            name: finding.as_str(),
            result: None,
            counts: vec![*users],
            advice: meaning(*finding),
        })
    };
    Finding::VARIANTS.iter().filter_map(line).collect()
}

/// The flow of the settings, if the app client of the source pool does not allow it.
fn flow_that_is_off(plan: &Plan<'_>) -> Option<&'static str> {
    let flow = plan.settings.source.auth_flow;
    let client = plan.client?;
    let is_on = match flow {
        AuthFlow::AdminUserPassword => client.admin_password_flow,
        AuthFlow::UserPassword => client.user_password_flow,
    };
    (!is_on).then(|| flow.as_str())
}

/// The limits of a survey for these pools: a list of users does not show everything.
fn notes(plan: &Plan<'_>) -> Vec<String> {
    let Settings { policy, .. } = plan.settings;
    let mut notes = vec![];
    let consequence = match policy.on_mfa {
        OnMfa::Refuse => "is rejected (mfa_refused)",
        OnMfa::Sms => "is rejected (mfa_refused), unless it is a text message",
        OnMfa::Reset => {
            "is migrated at a sign-in, must reset the password then, and is rejected at a reset (mfa_refused)"
        }
        OnMfa::Drop => "is migrated without it",
    };
    notes.push(match plan.source.mfa {
        PoolMfa::Off => "The source pool asks no user for a second factor.".to_owned(),
        PoolMfa::Optional => format!(
            "A list shows no second factor. Under ON_MFA, a user who has set one up {consequence}. These users are counted as \
             if they had none."
        ),
        PoolMfa::On => format!(
            "The source pool asks all users for a second factor, and a list does not show which. Under ON_MFA, a user who \
             has one {consequence}. All users are counted as if it were no text message."
        ),
    });
    notes.push(
        "A list shows no trigger of the source pool. One that runs before or after its sign-ins can reject users \
         (source_trigger_refused)."
            .to_owned(),
    );
    if policy.passwords.is_some() {
        notes.push(
            "PASSWORD_POLICY: no list shows who has a weaker password. These users must reset it after the migration, and \
             are rejected (no_verified_contact) if no code can reach them."
                .to_owned(),
        );
    }
    if plan.client.is_none() {
        notes.push(
            "Without SRC_CLIENT_ID it is not known whether the app client tells who exists. Names that mean no user are \
             counted as user_not_found."
                .to_owned(),
        );
    }
    notes
}
