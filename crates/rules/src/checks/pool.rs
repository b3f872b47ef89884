//! Checks of the pool itself: credentials, existence, permissions, MFA and response time.

use super::{
    answers::KnownSource,
    report::{TRY_AGAIN, Verdict},
};
use crate::{
    admission::{OnForgotPassword, OnMfa},
    evidence::PoolMfa,
    outcome::Cause,
    pool::UserPoolDescription,
    protocol::Why,
    selection::Selection,
    settings::TRIES_THAT_FIT,
    sign_in_name::SignInName,
};

impl KnownSource<'_> {
    pub(super) fn credentials(&self) -> Verdict {
        match (self.bad_credentials(), &self.settings.source.role) {
            (None, Some(_)) => Verdict::ok("The role that SRC_ROLE_ARN names was assumed."),
            (None, None) => Verdict::ok("The function has credentials of its own."),
            (Some(failure), Some(_)) => Verdict::fail(
                format!("The role that SRC_ROLE_ARN names could not be assumed: {failure}."),
                "Check SRC_ROLE_ARN, SRC_EXTERNAL_ID, that role's trust policy, and sts:AssumeRole of the function's role.",
            ),
            (Some(failure), None) => Verdict::fail(
                format!("The source pool does not take the function's own credentials: {failure}."),
                "Run the function under a role of the source pool's account, or set SRC_ROLE_ARN to a role there.",
            ),
        }
    }

    pub(super) fn pool(&self) -> Verdict {
        let id = &self.settings.source.user_pool_id;
        let region = &self.settings.source.region;
        match (&self.facts.pool, self.shut_out()) {
            (Ok(pool), _) => self.without_metadata(pool),
            (Err(_), Some(shut_out)) => shut_out,
            (Err(_), None) if self.pool_is_missing() => Verdict::fail(
                format!("The user pool {id} does not exist in {region}."),
                "Correct SRC_USER_POOL_ID. If the pool is in another Region, set SRC_REGION. If it is in another account, \
                 set SRC_ROLE_ARN for the function, and --source-profile for an operator.",
            ),
            (Err(failure), None) if failure.cause == Cause::NotAllowed => {
                self.may_not_look("DescribeUserPool")
            }
            (Err(failure), None) => Verdict::fail(
                format!("The source pool could not be asked in {region}: {failure}."),
                "Check SRC_USER_POOL_ID, SRC_REGION, the network, and the quotas and credentials of the account.",
            ),
        }
    }

    /// Warns where the pool's triggers may read metadata of the app that the settings hold back.
    /// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html>
    fn without_metadata(&self, pool: &UserPoolDescription) -> Verdict {
        let source = &self.settings.source;
        let triggers = &pool.triggers;
        let mut readers = vec![
            ("pre authentication", &triggers.pre_authentication),
            ("pre token generation", &triggers.pre_token_generation),
            ("custom auth challenge", &triggers.custom_challenge),
        ];
        readers.retain(|(_, trigger)| trigger.is_some());
        let readers: Vec<_> = readers.into_iter().map(|(name, _)| name).collect();
        let (id, users) = (&source.user_pool_id, pool.users);
        let exists = Verdict::ok(format!("{id} exists, with about {users} users."));
        if readers.is_empty() || source.client_metadata != Selection::None {
            return exists;
        }
        let readers = readers.join(", ");
        exists.and_warn(
            &format!("Its triggers get no ClientMetadata of the apps: {readers}."),
            "If one of them needs members of it, name these in CLIENT_METADATA. Every user of an app can send any.",
        )
    }

    pub(super) fn read(&self) -> Verdict {
        match &self.facts.profiles {
            Ok(()) => Verdict::ok("Profiles can be read."),
            Err(failure) if self.settings.reads_profiles() => self.unread(
                "Profiles",
                failure,
                "AdminGetUser",
                "SRC_AUTH_FLOW, SRC_PROFILE, ON_FORGOT_PASSWORD, ON_MFA, ON_TEMPORARY_PASSWORD, COPY_GROUPS and \
                 SOURCE_USER decide whether it is needed.",
            ),
            Err(failure) => {
                let grant = self.grant("AdminGetUser");
                let fix = match failure.cause {
                    Cause::NotAllowed => format!(
                        "Needed only where the function is the destination pool's pre_sign_up trigger: {grant} In \
                         Terraform: sign_up_guard = true."
                    ),
                    _ => TRY_AGAIN.to_owned(),
                };
                let detail = format!(
                    "Profiles cannot be read: {failure}. With these settings only the sign-up guard would read them."
                );
                let unneeded = || Verdict::skipped(Why::NotNeeded, detail, fix);
                self.hidden().unwrap_or_else(unneeded)
            }
        }
    }

    pub(super) fn lookup(&self) -> Verdict {
        const FIX: &str = "Set SRC_LOOKUP to email, phone_number or none.";
        let by_name = SignInName::PreferredUsername;
        match (&self.facts.lists, &self.facts.pool) {
            (None, _) => Verdict::ok("Not needed: with these settings no user is looked up."),
            (Some(Err(failure)), _) => self.unread(
                "The list of users",
                failure,
                "ListUsers",
                "SRC_LOOKUP, COPY_GROUPS and SOURCE_USER decide whether it is needed.",
            ),
            (Some(Ok(())), _) if self.settings.source.lookup != Some(by_name) => {
                Verdict::ok("Users can be looked up.")
            }
            (Some(Ok(())), Err(_)) => Verdict::warn(
                "It is not known whether preferred_username is an alias. If not, users can take another user's name.",
                FIX,
            ),
            (Some(Ok(())), Ok(pool))
                if !pool
                    .alias_attributes
                    .iter()
                    .any(|name| name == by_name.as_str()) =>
            {
                Verdict::fail(
                    "preferred_username is no alias of the source pool: its users can take another user's name.",
                    FIX,
                )
            }
            (Some(Ok(())), Ok(pool)) if pool.case_sensitive => Verdict::warn(
                "The alias preferred_username distinguishes case: users can hide another user behind the same name.",
                FIX,
            ),
            (Some(Ok(())), Ok(_)) => {
                Verdict::ok("Users can be looked up, and no user can choose another user's name.")
            }
        }
    }

    pub(super) fn mfa(&self) -> Verdict {
        match (&self.facts.mfa, &self.facts.pool) {
            (Some(Ok(asked)), _) => self.mfa_is(*asked),
            (None, Ok(pool)) => self.mfa_is(pool.mfa),
            (Some(Err(failure)), _) => self.unread(
                "The MFA setting of the source pool",
                failure,
                "GetUserPoolMfaConfig",
                "Every password reset fails without it. ON_FORGOT_PASSWORD and ON_MFA decide whether it is needed.",
            ),
            (None, Err(_)) => self.without_pool(),
        }
    }

    /// The verdict on the source pool's MFA setting.
    fn mfa_is(&self, pool_mfa: PoolMfa) -> Verdict {
        let policy = self.settings.policy;
        let resets = policy.on_forgot_password == OnForgotPassword::Migrate;
        match (pool_mfa, policy.on_mfa) {
            (PoolMfa::Off, _) => Verdict::ok("MFA is off in the source pool."),
            (PoolMfa::On, OnMfa::Refuse) => Verdict::warn(
                "MFA is on in the source pool, and ON_MFA is refuse: no user migrates.",
                "Set ON_MFA to reset, or to sms if all users have codes by text message.",
            ),
            (PoolMfa::On, OnMfa::Sms) => Verdict::warn(
                "MFA is on in the source pool: only users with codes by text message migrate. At a password reset they \
                 migrate only if the pool lists that factor.",
                "Set ON_MFA to reset if users have other second factors.",
            ),
            (PoolMfa::On, OnMfa::Reset) => Verdict::warn(
                "MFA is on in the source pool: every user who signs in must reset the password; no reset migrates.",
                "Tell your users. If all of them have codes by text message, set ON_MFA to sms.",
            ),
            (PoolMfa::On | PoolMfa::Optional, OnMfa::Drop) => Verdict::warn(
                "ON_MFA is drop: users of the source pool who have a second factor lose it.",
                "Set ON_MFA to reset or sms, unless your users set up their second factors again.",
            ),
            (PoolMfa::Optional, _) if resets => Verdict::warn(
                "MFA is optional: a user whose second factor the pool does not list can lose it at a password reset.",
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
            let found = "No answer of the source pool could be timed.";
            let untimed = Verdict::skipped(Why::NoAnswer, found, TRY_AGAIN);
            return self.hidden().unwrap_or(untimed);
        };
        let (limit, set) = (self.facts.time_limit, self.settings.time_budget);
        let whose = match limit < set {
            true => "that the function's time-out leaves",
            false => "of TIME_BUDGET_MS",
        };
        let budget = limit.min(set);
        let one_try = budget / TRIES_THAT_FIT;
        let [answer, a_try, all] = [round_trip, one_try, budget].map(|time| time.as_millis());
        let found = format!(
            "The source pool answers in {answer} ms. One try may take {a_try} of the {all} ms {whose}."
        );
        if round_trip >= one_try {
            Verdict::fail(format!("{found} So every migration fails."), FIX)
        } else if round_trip.saturating_mul(2) >= one_try {
            let warned = "A busy moment can exceed that: a sign-in takes longer than this.";
            Verdict::ok(found).and_warn(warned, FIX)
        } else {
            Verdict::ok(found)
        }
    }
}
