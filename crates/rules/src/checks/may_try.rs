//! What may be tried on the source pool.

use super::facts::Answer;
use crate::{
    outcome::Cause,
    pool::{AppClient, UserPoolDescription},
    settings::{AuthFlow, Settings},
};

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
