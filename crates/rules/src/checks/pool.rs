//! The pool itself: whether it lets the function in, exists, shows its users and answers in time.

use super::{
    answers::{AskedBy, Source},
    report::{TRY_AGAIN, Verdict, shown},
};
use crate::{
    admission::{OnForgotPassword, OnMfa},
    evidence::PoolMfa,
    outcome::Cause,
    pool::Triggers,
    protocol::Why,
    selection::Selection,
    settings::TRIES_THAT_FIT,
    sign_in_name::SignInName,
};

impl Source<'_> {
    pub(super) fn credentials(&self) -> Verdict {
        let has_role = self.settings.source.role.is_some();
        let Some(failure) = self.bad_credentials() else {
            return Verdict::ok(if has_role {
                "The role that SRC_ROLE_ARN names was assumed."
            } else {
                "The function has credentials of its own."
            });
        };
        let what = shown(failure);
        if has_role {
            Verdict::fail(
                format!("The role that SRC_ROLE_ARN names could not be assumed: {what}."),
                "Check SRC_ROLE_ARN and SRC_EXTERNAL_ID against the role in the source account. Its trust policy must \
                 trust the function's role. The function's role must be allowed sts:AssumeRole on it.",
            )
        } else {
            Verdict::fail(
                format!("The function's own credentials do not work for the source pool: {what}."),
                "Run the function under a role of the source pool's account, or set SRC_ROLE_ARN to a role there.",
            )
        }
    }

    pub(super) fn pool(&self) -> Verdict {
        let id = &self.settings.source.user_pool_id;
        let region = &self.settings.source.region;
        let is_operator = self.asked_by == AskedBy::Operator;
        match (&self.facts.pool, self.shut_out()) {
            (Ok(pool), _) => {
                let exists = format!("{id} exists, with about {} users.", pool.users);
                self.without_metadata(&pool.triggers, &exists)
            }
            (Err(_), Some(shut_out)) => shut_out,
            (Err(_), None) if self.pool_is_missing() => Verdict::fail(
                format!("The user pool {id} does not exist in {region}."),
                if is_operator {
                    "Correct SRC_USER_POOL_ID. If the pool is in another Region, set SRC_REGION. If it is in another \
                     account, name a profile of that account with --source-profile."
                } else {
                    "Correct SRC_USER_POOL_ID. If the pool is in another Region, set SRC_REGION. If it is in another \
                     account, set SRC_ROLE_ARN."
                },
            ),
            (Err(failure), None) if failure.cause == Cause::NotAllowed => {
                self.may_not_look("DescribeUserPool")
            }
            (Err(failure), None) => Verdict::fail(
                format!("The source pool could not be asked: {}.", shown(failure)),
                if is_operator {
                    format!(
                        "Run this with credentials of the account of {id}. If they are, check SRC_USER_POOL_ID, \
                         SRC_REGION and the network."
                    )
                } else {
                    format!(
                        "Make sure that the function reaches Cognito in {region}. Check SRC_REGION, the function's \
                         network and the quotas of the account."
                    )
                },
            ),
        }
    }

    /// What follows for triggers of a pool that `exists`: they may read metadata of the app that the settings hold back.
    /// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html>
    fn without_metadata(&self, triggers: &Triggers, exists: &str) -> Verdict {
        let readers: Vec<_> = [
            ("pre authentication", &triggers.pre_authentication),
            ("pre token generation", &triggers.pre_token_generation),
            (
                "custom authentication challenge",
                &triggers.custom_challenge,
            ),
        ]
        .into_iter()
        .filter_map(|(name, trigger)| trigger.as_ref().map(|_| name))
        .collect();
        if readers.is_empty() || self.settings.source.client_metadata != Selection::None {
            return Verdict::ok(exists);
        }
        Verdict::warn(
            format!(
                "{exists} Its triggers get no ClientMetadata of the apps: {}.",
                readers.join(", ")
            ),
            "If one of them needs members of it, name these in CLIENT_METADATA. Every user of an app can send any.",
        )
    }

    pub(super) fn read(&self) -> Verdict {
        const WHO: &str = "With these settings only the sign-up guard would read them.";
        let failure = match (&self.facts.profiles, self.hidden()) {
            (Ok(()), _) => return Verdict::ok("Profiles can be read."),
            (Err(_), Some(hidden)) => return hidden,
            (Err(failure), None) => failure,
        };
        let grant = self.grant("AdminGetUser");
        match (self.settings.reads_profiles(), failure.cause) {
            (true, Cause::NotAllowed) => Verdict::fail(
                "The function may not read profiles.",
                format!(
                    "{grant} SRC_AUTH_FLOW, SRC_PROFILE, ON_FORGOT_PASSWORD, ON_MFA, ON_TEMPORARY_PASSWORD, \
                     COPY_GROUPS and SOURCE_USER decide whether it is needed."
                ),
            ),
            (true, _) => Verdict::not_asked("Profiles", failure),
            (false, Cause::NotAllowed) => Verdict::skipped(
                Why::NotNeeded,
                format!("The function may not read profiles. {WHO}"),
                format!(
                    "Needed only where the function is the destination pool's pre_sign_up trigger: {grant} In \
                     Terraform: sign_up_guard = true."
                ),
            ),
            (false, _) => Verdict::skipped(
                Why::NotNeeded,
                format!("Profiles could not be asked for: {}. {WHO}", shown(failure)),
                TRY_AGAIN,
            ),
        }
    }

    pub(super) fn lookup(&self) -> Verdict {
        match (&self.facts.lists, self.hidden()) {
            (None, _) => Verdict::ok("Not needed: with these settings no user is looked up."),
            (Some(Ok(())), _) => self.unique_lookup(),
            (Some(Err(_)), Some(hidden)) => hidden,
            (Some(Err(failure)), None) if failure.cause == Cause::NotAllowed => Verdict::fail(
                "The function may not look users up.",
                format!(
                    "{} SRC_LOOKUP, COPY_GROUPS and SOURCE_USER decide whether it is needed.",
                    self.grant("ListUsers")
                ),
            ),
            (Some(Err(failure)), None) => Verdict::not_asked("The list of users", failure),
        }
    }

    /// What can be said of a look-up that works.
    fn unique_lookup(&self) -> Verdict {
        let by_name = SignInName::PreferredUsername;
        if self.settings.source.lookup != Some(by_name) {
            return Verdict::ok("Users can be looked up.");
        }
        const FIX: &str = "Set SRC_LOOKUP to email, phone_number or none.";
        match &self.facts.pool {
            Ok(pool)
                if pool
                    .alias_attributes
                    .iter()
                    .any(|name| name == by_name.as_str()) =>
            {
                if pool.case_sensitive {
                    Verdict::warn(
                        "preferred_username is an alias of the source pool, which distinguishes case: its users can give \
                         themselves the name of another user in another case, who is not found by it then.",
                        FIX,
                    )
                } else {
                    Verdict::ok(
                        "Users can be looked up, and nobody can choose another user's name.",
                    )
                }
            }
            Ok(_) => Verdict::fail(
                "preferred_username is no alias of the source pool, so its users can give themselves the name of another \
                 user.",
                FIX,
            ),
            Err(_) => Verdict::warn(
                "Users can be looked up. Whether preferred_username is an alias of the source pool is not known: if it is \
                 none, its users can give themselves the name of another user.",
                FIX,
            ),
        }
    }

    pub(super) fn mfa(&self) -> Verdict {
        match (&self.facts.mfa, &self.facts.pool, self.hidden()) {
            (Some(Ok(asked)), ..) => self.mfa_is(*asked),
            (None, Ok(pool), _) => self.mfa_is(pool.mfa),
            (Some(Err(_)), _, Some(hidden)) | (None, Err(_), Some(hidden)) => hidden,
            (Some(Err(failure)), _, None) if failure.cause == Cause::NotAllowed => Verdict::fail(
                "The function may not read the MFA setting of the source pool, so every password reset fails.",
                format!(
                    "{} ON_FORGOT_PASSWORD and ON_MFA decide whether it is needed.",
                    self.grant("GetUserPoolMfaConfig")
                ),
            ),
            (Some(Err(failure)), _, None) => {
                Verdict::not_asked("The MFA setting of the source pool", failure)
            }
            (None, Err(_), None) => self.may_not_look("DescribeUserPool"),
        }
    }

    /// What the source pool's MFA setting means for its users.
    fn mfa_is(&self, pool_mfa: PoolMfa) -> Verdict {
        let policy = self.settings.policy;
        let resets = policy.on_forgot_password == OnForgotPassword::Migrate;
        match (pool_mfa, policy.on_mfa) {
            (PoolMfa::Off, _) => Verdict::ok("MFA is off in the source pool."),
            (PoolMfa::On, OnMfa::Refuse) => Verdict::warn(
                "MFA is on in the source pool, and ON_MFA is refuse: nobody migrates.",
                "Set ON_MFA to reset, or to sms if all users have codes by text message.",
            ),
            (PoolMfa::On, OnMfa::Sms) => Verdict::warn(
                "MFA is on in the source pool: only users with codes by text message migrate. At a password reset they \
                 migrate only if the pool lists that factor.",
                "Set ON_MFA to reset if users have other second factors.",
            ),
            (PoolMfa::On, OnMfa::Reset) => Verdict::warn(
                "MFA is on in the source pool: everybody who signs in has to reset the password, and nobody migrates at a \
                 password reset.",
                "Tell your users. If all of them have codes by text message, set ON_MFA to sms.",
            ),
            (PoolMfa::On | PoolMfa::Optional, OnMfa::Drop) => Verdict::warn(
                "ON_MFA is drop: users of the source pool who have a second factor lose it.",
                "Set ON_MFA to reset or sms, unless your users set up their second factors again.",
            ),
            (PoolMfa::Optional, _) if resets => Verdict::warn(
                "MFA is optional in the source pool, which does not list every second factor: somebody who has one that is \
                 not listed can migrate at a password reset, without it.",
                "Set ON_FORGOT_PASSWORD to ignore if that must not happen.",
            ),
            (PoolMfa::Optional, _) => {
                Verdict::ok("MFA is optional in the source pool, and no password reset migrates.")
            }
        }
    }

    pub(super) fn time(&self) -> Verdict {
        const FIX: &str = "Raise TIME_BUDGET_MS (at most 4900) and the function's time-out (5 seconds), or run the \
                           function nearer to the source pool.";
        let Some(round_trip) = self.facts.round_trip else {
            return self.hidden().unwrap_or_else(|| {
                let found = "No answer of the source pool could be timed.";
                Verdict::skipped(Why::NoAnswer, found, TRY_AGAIN)
            });
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
        if round_trip >= one_try {
            Verdict::fail(format!("{found} So every migration fails."), FIX)
        } else if round_trip.saturating_mul(2) >= one_try {
            Verdict::warn(
                format!("{found} A busy moment can exceed that: a sign-in takes longer than this."),
                FIX,
            )
        } else {
            Verdict::ok(found)
        }
    }
}
