//! What the settings need of the source pool, and what may be tried there.

use super::facts::{Answer, AppClient, UserPoolDescription};
use crate::{
    admission::{OnForgotPassword, OnMfa, OnTemporaryPassword},
    outcome::Cause,
    settings::{AuthFlow, PostMigration, Settings},
};

impl Settings {
    /// By which attribute users are listed, if they are.
    pub fn lists_users_by(&self) -> Option<&'static str> {
        match self.source.lookup {
            Some(attribute) => Some(attribute.as_str()),
            None => (self.post_migration != PostMigration::default()).then_some("sub"),
        }
    }

    /// Whether any sign-in or password reset reads a profile as an administrator. The sign-up guard does, too.
    pub(super) fn reads_profiles(&self) -> bool {
        self.source.auth_flow == AuthFlow::AdminUserPassword
            || self.policy.on_forgot_password != OnForgotPassword::Ignore
            || self.policy.on_mfa != OnMfa::Refuse
            || self.policy.on_temporary_password != OnTemporaryPassword::Refuse
    }
}

/// Whether a sign-in of somebody who does not exist does no harm and can say something.
///
/// A pool with a user_migration trigger would hand the made-up name on, perhaps to this very function, which would ask
/// the same pool again.
pub fn may_try_sign_in(
    settings: &Settings,
    pool: &Answer<UserPoolDescription>,
    client: &Answer<AppClient>,
) -> bool {
    let pool_answers = match pool {
        Ok(pool) => pool.triggers.user_migration.is_none(),
        Err(failure) => match failure.cause {
            Cause::NotAllowed => true,
            // Nothing is signed in this flow.
            Cause::Credentials | Cause::CredentialsExpired => {
                settings.source.auth_flow == AuthFlow::UserPassword
            }
            _ => false,
        },
    };
    let client_is_missing = client
        .as_ref()
        .is_err_and(|failure| failure.cause == Cause::NotFound);
    pool_answers && !client_is_missing
}
