//! The pool itself: whether it lets the function in, exists, shows its users and answers in time.

use super::{
    super::report::{Finding, Looked, TRY_AGAIN, shown},
    answers::Source,
};
use crate::{outcome::Cause, settings::TRIES_THAT_FIT};

impl Source<'_> {
    pub(super) fn credentials(&self) -> Looked {
        let has_role = self.settings.source.role.is_some();
        let Some(failure) = self.bad_credentials() else {
            return Ok(Finding::ok(if has_role {
                "The role that SRC_ROLE_ARN names was assumed."
            } else {
                "The function has credentials of its own."
            }));
        };
        let what = shown(failure);
        Ok(if has_role {
            Finding::fail(
                format!("The role that SRC_ROLE_ARN names could not be assumed: {what}."),
                "Check SRC_ROLE_ARN and SRC_EXTERNAL_ID against the role in the source account. Its trust policy must \
                 trust the function's role. The function's role must be allowed sts:AssumeRole on it.",
            )
        } else {
            Finding::fail(
                format!("The function's own credentials do not work for the source pool: {what}."),
                "Run the function under a role of the source pool's account, or set SRC_ROLE_ARN to a role there.",
            )
        })
    }

    pub(super) fn pool(&self) -> Looked {
        let id = &self.settings.source.user_pool_id;
        let region = &self.settings.source.region;
        let failure = match &self.facts.pool {
            Ok(pool) => {
                return Ok(Finding::ok(format!(
                    "{id} exists, with about {} users.",
                    pool.users
                )));
            }
            Err(failure) => failure,
        };
        self.has_credentials()?;
        if self.pool_is_missing() {
            return Ok(Finding::fail(
                format!("The user pool {id} does not exist in {region}."),
                "Correct SRC_USER_POOL_ID. If the pool is in another Region, set SRC_REGION. If it is in another \
                 account, set SRC_ROLE_ARN.",
            ));
        }
        if failure.cause == Cause::NotAllowed {
            return Err(self.may_not_look("DescribeUserPool"));
        }
        Ok(Finding::fail(
            format!("The source pool could not be asked: {}.", shown(failure)),
            format!(
                "Make sure that the function reaches Cognito in {region}. Check SRC_REGION, the function's network \
                 and the quotas of the account.",
            ),
        ))
    }

    pub(super) fn read(&self) -> Looked {
        let failure = match &self.facts.profiles {
            Ok(()) => return Ok(Finding::ok("Profiles can be read.")),
            Err(failure) => failure,
        };
        self.pool_answers()?;
        let may_not = failure.cause == Cause::NotAllowed;
        let grant = self.grant("AdminGetUser");
        if self.settings.reads_profiles() {
            return Ok(if may_not {
                Finding::fail(
                    "The function may not read profiles.",
                    format!(
                        "{grant} SRC_AUTH_FLOW, ON_FORGOT_PASSWORD, ON_MFA and ON_TEMPORARY_PASSWORD decide whether \
                         it is needed."
                    ),
                )
            } else {
                Finding::not_asked("Profiles", failure)
            });
        }
        const WHO: &str = "With these settings only the sign-up guard would read them.";
        Err(if may_not {
            Finding::skipped(
                format!("The function may not read profiles. {WHO}"),
                format!(
                    "Needed only where the function is the destination pool's pre_sign_up trigger: {grant} In \
                     Terraform: sign_up_guard = true."
                ),
            )
        } else {
            Finding::skipped(
                format!("Profiles could not be asked for: {}. {WHO}", shown(failure)),
                TRY_AGAIN,
            )
        })
    }

    pub(super) fn lookup(&self) -> Looked {
        let failure = match &self.facts.lists {
            None => {
                return Ok(Finding::ok(
                    "Not needed: with these settings no user is looked up.",
                ));
            }
            Some(Ok(())) => return Ok(Finding::ok("Users can be looked up.")),
            Some(Err(failure)) => failure,
        };
        self.pool_answers()?;
        Ok(match failure.cause {
            Cause::NotAllowed => Finding::fail(
                "The function may not look users up.",
                format!(
                    "{} SRC_LOOKUP, COPY_GROUPS and SOURCE_USER decide whether it is needed.",
                    self.grant("ListUsers")
                ),
            ),
            _ => Finding::not_asked("The list of users", failure),
        })
    }

    pub(super) fn time(&self) -> Looked {
        const FIX: &str = "Raise TIME_BUDGET_MS (at most 4900) and the function's time-out (5 seconds), or run the \
                           function nearer to the source pool.";
        let Some(round_trip) = self.facts.round_trip else {
            self.pool_answers()?;
            return Err(Finding::skipped(
                "No answer of the source pool could be timed.",
                TRY_AGAIN,
            ));
        };
        let (budget, whose) = if self.facts.time_limit < self.settings.time_budget {
            (self.facts.time_limit, "that the function's time-out leaves")
        } else {
            (self.settings.time_budget, "of TIME_BUDGET_MS")
        };
        let one_try = budget / TRIES_THAT_FIT;
        let found = format!(
            "The source pool answers in {} ms. One try may take {} of the {} ms {whose}.",
            round_trip.as_millis(),
            one_try.as_millis(),
            budget.as_millis(),
        );
        Ok(if round_trip >= one_try {
            Finding::fail(format!("{found} So every migration fails."), FIX)
        } else if round_trip.saturating_mul(2) >= one_try {
            Finding::warn(
                format!("{found} A busy moment can exceed that: a sign-in takes longer than this."),
                FIX,
            )
        } else {
            Finding::ok(found)
        })
    }
}
