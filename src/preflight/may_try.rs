//! What may be tried on the source pool.

use rules::{
    checks::Answer,
    outcome::Cause,
    pool::{AppClient, UserPoolDescription},
    settings::{AuthFlow, Settings},
};

/// Whether a sign-in with a made-up name does no harm and can say something.
///
/// A pool with a user_migration trigger would hand the made-up name on, perhaps to this very function, which would ask
/// the same pool again.
pub(super) fn may_try_sign_in(
    settings: &Settings,
    pool: &Answer<UserPoolDescription>,
    client: &Answer<AppClient>,
) -> bool {
    let pool_answers = match (pool, settings.source.auth_flow) {
        (Ok(pool), _) => pool.triggers.user_migration.is_none(),
        (Err(failure), flow) => match failure.cause {
            Cause::NotAllowed => true,
            // Nothing is signed in this flow.
            Cause::Credentials | Cause::CredentialsExpired => flow == AuthFlow::UserPassword,
            _ => false,
        },
    };
    let client_is_missing = matches!(client, Err(failure) if failure.cause == Cause::NotFound);
    pool_answers && !client_is_missing
}

#[cfg(test)]
mod tests {
    use rules::{evidence::PoolMfa, outcome::Failure, password::PasswordPolicy, pool::Triggers};
    use strum::VariantArray as _;

    use super::*;

    fn settings(auth_flow: AuthFlow) -> Settings {
        let set = |name: &str| {
            let value = match name {
                "SRC_USER_POOL_ID" => "eu-west-1_Ab12Cd34E",
                "SRC_CLIENT_ID" => "1example23456789",
                "SRC_AUTH_FLOW" => auth_flow.as_str(),
                _ => return None,
            };
            Some(value.to_owned())
        };
        Settings::read(set).unwrap()
    }

    fn pool(triggers: Triggers) -> UserPoolDescription {
        UserPoolDescription {
            users: 5,
            triggers,
            schema: vec![],
            alias_attributes: vec![],
            username_attributes: vec![],
            case_sensitive: false,
            mfa: PoolMfa::Off,
            passwords: PasswordPolicy {
                minimum_length: 8,
                require_lowercase: true,
                require_uppercase: true,
                require_numbers: true,
                require_symbols: true,
            },
            recovery: vec![],
            verified_before_update: vec![],
            deletion_protected: true,
            sends_sms: false,
            temporary_password_days: 7,
        }
    }

    fn client() -> AppClient {
        AppClient {
            id: "1example23456789".to_owned(),
            name: "app".to_owned(),
            secret: None,
            admin_password_flow: true,
            user_password_flow: true,
            prevents_user_existence_errors: true,
            readable: None,
            writable: None,
        }
    }

    #[test]
    fn no_sign_in_is_tried_where_it_could_do_harm_or_says_nothing() {
        let arn = || Some("arn:aws:lambda:eu-west-1:111122223333:function:f".to_owned());
        let migrates = pool(Triggers {
            user_migration: arn(),
            ..Triggers::default()
        });
        let guards = pool(Triggers {
            pre_sign_up: arn(),
            ..Triggers::default()
        });
        for flow in [AuthFlow::AdminUserPassword, AuthFlow::UserPassword] {
            let may_try = |pool: &Answer<UserPoolDescription>, client: &Answer<AppClient>| {
                may_try_sign_in(&settings(flow), pool, client)
            };
            assert!(!may_try(&Ok(migrates.clone()), &Ok(client())));
            assert!(may_try(&Ok(guards.clone()), &Ok(client())));
            for cause in Cause::VARIANTS {
                let failed = Failure::new(*cause, "Operation", "Code");
                let expected = match cause {
                    Cause::NotAllowed => true,
                    // Nothing is signed in the public flow.
                    Cause::Credentials | Cause::CredentialsExpired => {
                        flow == AuthFlow::UserPassword
                    }
                    _ => false,
                };
                let may = may_try(&Err(failed.clone()), &Ok(client()));
                assert_eq!(may, expected, "{cause:?}");
                let may = may_try(&Ok(guards.clone()), &Err(failed));
                assert_eq!(may, *cause != Cause::NotFound, "{cause:?}");
            }
        }
    }
}
