//! The observations of a trial where AWS's documentation leaves a question open. Only an unsafe one fails the trial.

use rules::{
    mark::{Mark, Stage},
    outcome::Cause,
    sensitive::Sensitive,
    token::subject,
};

use super::{
    actions::{Actions, find, known, status_of, unanswered},
    log,
    observations::{
        Entered, after_reset, case_of_names, challenged, groups_in_token, pre_authentication,
        sms_at_once, unverified_alias, user_auth,
    },
    steps::{StepFailure, StepFinding, retry_passing},
    table::Sight,
    user::{TrialUser, TrialUsers, Who},
};
use crate::aws::AppSignIn;

/// The context of the observations.
pub(super) struct Sights<'a>(pub(super) &'a Actions<'a>);

impl Sights<'_> {
    /// Observes the answer to a question. `token` is from the first user's last sign-in.
    pub(super) async fn see(
        &self,
        sight: Sight<'_>,
        users: &TrialUsers,
        token: Option<&Sensitive>,
    ) -> StepFinding {
        match sight {
            Sight::PreAuthentication => self.pre_authentication(&users[Who::Unknown]).await,
            Sight::Groups(group) => Ok(groups_in_token(token, group).to_owned()),
            Sight::PreSignUp => self.pre_sign_up(&users[Who::First]).await,
            Sight::PostAuthentication => self.post_authentication(&users[Who::First]).await,
            Sight::StatusAfterReset => {
                status_of(&self.0.destination().pool, &users[Who::Second]).await
            }
            Sight::SignInAfterReset => self.sign_in_after_reset(&users[Who::Second]).await,
            Sight::Case => self.case(&users[Who::MixedCase]).await,
            Sight::UserAuth => self.user_auth(&users[Who::Chooser]).await,
            Sight::UnverifiedAlias => self.unverified_alias(&users[Who::Unproven]).await,
            Sight::Sms => self.sms(&users[Who::Texted]).await,
        }
    }

    async fn pre_authentication(&self, user: &TrialUser) -> StepFinding {
        let signed_in = self.0.try_to_sign_in(&user.name, &user.password).await?;
        let hides_users = self.0.prepared.client.prevents_user_existence_errors;
        pre_authentication(&signed_in, hides_users)
    }

    async fn pre_sign_up(&self, user: &TrialUser) -> StepFinding {
        let triggers = &self.0.destination().description.triggers;
        let sub = user.sub.as_deref().unwrap_or_default();
        let seen = if triggers.user_migration.is_none()
            || triggers.pre_sign_up != triggers.user_migration
        {
            "this cannot be seen: the function is not the destination pool's pre_sign_up trigger"
                .to_owned()
        } else {
            let lines = retry_passing(&self.0.interrupt, async || {
                let lines = self.0.lines().await?;
                if log::shows_migration(&lines, sub) {
                    Ok(lines)
                } else {
                    Err(StepFailure::passing("the log does not show the migration"))
                }
            });
            match lines.await {
                Ok(lines) => log::pre_sign_up(&lines, sub),
                Err(wrong) => format!("this cannot be seen: {}", wrong.why),
            }
        };
        Ok(seen)
    }

    async fn post_authentication(&self, user: &TrialUser) -> StepFinding {
        let triggers = &self.0.destination().description.triggers;
        let seen = match &self.0.prepared.settings.destination.mark {
            None => "this cannot be seen: MIGRATION_MARK is not set".to_owned(),
            Some(_) if triggers.post_authentication != triggers.user_migration => {
                "this cannot be seen: the function is not the destination pool's post_authentication trigger".to_owned()
            }
            Some(mark) => {
                let found = known(&self.0.destination().pool, &user.name).await?;
                match found.identity.attribute(mark) {
                    Some(value) if no_step_is_left(value) => {
                        "it is".to_owned()
                    }
                    Some(_) => {
                        "it is not, or it failed: the post-migration steps are taken at the next sign-in".to_owned()
                    }
                    None => "this cannot be seen: the user has no mark".to_owned(),
                }
            }
        };
        Ok(seen)
    }

    async fn sign_in_after_reset(&self, user: &TrialUser) -> StepFinding {
        let signed_in = self.0.try_to_sign_in(&user.name, &user.password).await?;
        after_reset(
            &signed_in,
            self.0.prepared.client.prevents_user_existence_errors,
        )
    }

    async fn case(&self, user: &TrialUser) -> StepFinding {
        let typed = self.who_signs_in(&user.name, &user.password).await?;
        let lower = self
            .who_signs_in(&user.name.to_lowercase(), &user.password)
            .await?;
        Ok(case_of_names(
            &typed,
            &lower,
            &self.0.source().description,
            &self.0.destination().description,
            self.0
                .prepared
                .settings
                .source
                .lookup
                .map(|name| name.as_str()),
        ))
    }

    async fn who_signs_in(&self, name: &str, password: &Sensitive) -> Result<Entered, StepFailure> {
        Ok(match self.0.try_to_sign_in(name, password).await? {
            AppSignIn::Tokens { id } => {
                let sub =
                    subject(&id).ok_or_else(|| StepFailure::new("the ID token names no user"))?;
                Entered::As(sub)
            }
            AppSignIn::Challenged(name) => Entered::Not(challenged(&name)),
            AppSignIn::Refused(refusal) => Entered::Not(format!("rejected with {}", refusal.code)),
        })
    }

    async fn user_auth(&self, user: &TrialUser) -> StepFinding {
        let pool = &self.0.destination().pool;
        let answer = self
            .0
            .app
            .sign_in_by_choice(&user.name, &user.password)
            .await;
        let signed_in = match answer {
            Err(failure) if matches!(failure.cause, Cause::FlowOff | Cause::Settings) => {
                return Ok(format!(
                    "this cannot be seen: the app client does not allow ALLOW_USER_AUTH, or the plan of the pool lacks it \
                     ({})",
                    failure.code
                ));
            }
            answer => answer.map_err(|failure| unanswered(pool, &failure))?,
        };
        let has_moved = find(pool, &user.name).await?.is_some();
        Ok(user_auth(&signed_in, has_moved))
    }

    async fn unverified_alias(&self, user: &TrialUser) -> StepFinding {
        let first = self.who_signs_in(&user.name, &user.password).await?;
        let second = self.who_signs_in(&user.name, &user.password).await?;
        Ok(unverified_alias(&first, &second))
    }

    async fn sms(&self, user: &TrialUser) -> StepFinding {
        let first = self.0.try_to_sign_in(&user.name, &user.password).await?;
        let second = match first {
            AppSignIn::Tokens { .. } => {
                Some(self.0.try_to_sign_in(&user.name, &user.password).await?)
            }
            // Each try sends a text message.
            AppSignIn::Challenged(_) | AppSignIn::Refused(_) => None,
        };
        Ok(sms_at_once(&first, second.as_ref()))
    }
}

/// Whether this value is a mark that leaves no step.
fn no_step_is_left(value: &str) -> bool {
    Mark::read(value).is_some_and(|mark| matches!(mark.stage, Stage::Off | Stage::Done))
}
