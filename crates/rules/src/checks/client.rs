//! The app client through which users are signed in to the source pool.

use super::{
    answers::Source,
    facts::ProbeSignIn,
    report::{CheckId, Verdict, shown},
};
use crate::{
    attributes::{IDENTIFIERS, STANDARD},
    outcome::{Cause, Failure},
    pool::AppClient,
    settings::{AuthFlow, ClientSecret, ProfileFrom, SecretArn},
    stored_secret::UnusableSecret,
};

impl Source<'_> {
    pub(super) fn client(&self) -> Verdict {
        let id = &self.settings.source.client_id;
        let missing = || {
            Verdict::fail(
                format!("The app client {id} does not exist in the source pool."),
                "Set SRC_CLIENT_ID to the id of an app client of the source pool, not to its name.",
            )
        };
        // What gets as far as the flow, the secret or the user has named a client that exists.
        let signs_in = matches!(
            self.tried(),
            Some(Ok(_) | Err(Cause::FlowOff | Cause::WrongSecret))
        );
        let failure = match &self.facts.client {
            Ok(client) => {
                return Verdict::ok(format!("{id} exists. Its name is {}.", client.name));
            }
            Err(failure) => failure,
        };
        match (failure.cause, self.hidden()) {
            (Cause::NotAllowed, _) if signs_in => {
                Verdict::ok(format!("The source pool knows {id}."))
            }
            _ if signs_in && is_unexplained(failure) => Verdict::warn(
                format!(
                    "The source pool knows {id}. Its settings could not be asked for: {}.",
                    shown(failure)
                ),
                "Try again. If it stays, check the quotas of the account of SRC_USER_POOL_ID.",
            ),
            _ if self.tried() == Some(Err(Cause::NotFound)) && !self.pool_is_missing() => missing(),
            (_, Some(hidden)) => hidden,
            (Cause::NotFound, None) => missing(),
            (Cause::NotAllowed, None) => self.without_sign_in(),
            (_, None) => Verdict::not_asked("The app client", failure),
        }
    }

    pub(super) fn flow(&self) -> Verdict {
        let flow = self.settings.source.auth_flow.as_str();
        let off = || {
            Verdict::fail(
                format!("The app client of the source pool does not allow {flow}."),
                format!(
                    "Add ALLOW_{flow} to the authentication flows (ExplicitAuthFlows) of the app client that \
                     SRC_CLIENT_ID names, or set SRC_AUTH_FLOW to a flow that it allows."
                ),
            )
        };
        let allows = |client: &AppClient| match self.settings.source.auth_flow {
            AuthFlow::AdminUserPassword => client.admin_password_flow,
            AuthFlow::UserPassword => client.user_password_flow,
        };
        match (self.tried(), &self.facts.client) {
            (Some(Ok(ProbeSignIn::LetIn)), _) => Verdict::fail(
                "The source pool let in somebody who does not exist.",
                "Check SRC_USER_POOL_ID, and the Lambda triggers of that pool. A pool that lets anybody in proves no \
                 password.",
            ),
            (Some(Err(Cause::FlowOff)), _) => off(),
            (_, Ok(client)) if !allows(client) => off(),
            (Some(Err(Cause::NotAllowed)), _) => Verdict::fail(
                "The function may not sign users in to the source pool.",
                format!(
                    "{} SRC_AUTH_FLOW needs it.",
                    self.grant("AdminInitiateAuth")
                ),
            ),
            (Some(Ok(ProbeSignIn::Rejected)), _) => {
                Verdict::ok(format!("The source pool accepts {flow}."))
            }
            (Some(Err(Cause::WrongSecret)), Err(_)) => Verdict::because_of(CheckId::SourceSecret),
            (None, Err(failure)) if failure.cause == Cause::NotAllowed => {
                self.hidden().unwrap_or_else(|| self.without_sign_in())
            }
            (_, Err(failure)) => self.without_client(failure),
            (_, Ok(_)) => match &self.facts.probe_sign_in {
                Some(Err(failure)) if is_unexplained(failure) => Verdict::warn(
                    format!(
                        "The app client allows {flow}. A sign-in could not be tried: {}.",
                        shown(failure)
                    ),
                    "Try again. If it stays, check the Lambda triggers and the message settings of the pool that \
                     SRC_USER_POOL_ID names.",
                ),
                _ => Verdict::ok(format!("The app client allows {flow}.")),
            },
        }
    }

    pub(super) fn secret(&self) -> Verdict {
        let (setting, fix) = match &self.settings.source.client_secret {
            Some(ClientSecret::Stored(secret)) => (
                "SRC_CLIENT_SECRET_ARN",
                format!(
                    "Store the secret of the app client that SRC_CLIENT_ID names in {}, as a plain string or as the JSON \
                     that Cognito keeps. Leave SRC_CLIENT_SECRET_ARN out if the app client has none.",
                    secret.arn
                ),
            ),
            Some(ClientSecret::Value(_)) | None => (
                "SRC_CLIENT_SECRET",
                "Set SRC_CLIENT_SECRET to the secret of the app client that SRC_CLIENT_ID names, or \
                 SRC_CLIENT_SECRET_ARN to where it is stored. Leave both out if the app client has none."
                    .to_owned(),
            ),
        };
        let configured = match &self.facts.secret {
            Ok(secret) => secret,
            Err(failure) => return self.unread_secret(failure, fix),
        };
        let client = match &self.facts.client {
            Ok(client) => client,
            Err(failure) => {
                return match (self.tried(), configured) {
                    (Some(Ok(ProbeSignIn::Rejected)), Some(_)) => {
                        Verdict::ok(format!("The source pool accepts the secret of {setting}."))
                    }
                    (Some(Ok(ProbeSignIn::Rejected)), None) => {
                        Verdict::ok("The source pool asks for no secret, and none is set.")
                    }
                    (Some(Err(Cause::WrongSecret)), Some(_)) => Verdict::fail(
                        format!(
                            "The source pool does not accept the secret of {setting}: the app client has another \
                             secret, or none."
                        ),
                        fix,
                    ),
                    (Some(Err(Cause::WrongSecret)), None) => {
                        Verdict::fail("The source pool asks for a secret, and none is set.", fix)
                    }
                    (Some(Ok(ProbeSignIn::LetIn) | Err(Cause::FlowOff)), _) => {
                        Verdict::because_of(CheckId::SourceFlow)
                    }
                    _ => self.without_client(failure),
                };
            }
        };
        let wrong = match (&client.secret, configured) {
            (shown, configured) if shown == configured => None,
            (None, _) => Some(format!(
                "The app client has no secret, and {setting} is set."
            )),
            (Some(_), None) => Some("The app client has a secret, and none is set.".to_owned()),
            (Some(_), Some(_)) => Some(format!(
                "The secret of {setting} is not the app client's secret."
            )),
        };
        match (wrong, self.tried()) {
            (None, Some(Err(Cause::WrongSecret))) => Verdict::fail(
                "The source pool does not accept the secret, although it is the app client's.",
                fix,
            ),
            (None, _) => Verdict::ok(match configured {
                Some(_) => format!("The secret of {setting} is the app client's secret."),
                None => "The app client has no secret, and none is set.".to_owned(),
            }),
            // An app client can have two secrets, of which it shows one.
            (Some(wrong), Some(Ok(ProbeSignIn::Rejected))) => Verdict::warn(
                format!("{wrong} Nevertheless the source pool accepted a sign-in with it."),
                fix,
            ),
            (Some(wrong), _) => Verdict::fail(wrong, fix),
        }
    }

    /// What keeps the function from the stored secret. `fix` says what to store.
    fn unread_secret(&self, failure: &Failure, fix: String) -> Verdict {
        let Some(ClientSecret::Stored(SecretArn { arn, region })) =
            &self.settings.source.client_secret
        else {
            return Verdict::not_asked("The app client's secret", failure);
        };
        if let Some(unusable) = UnusableSecret::of_code(&failure.code) {
            return Verdict::fail(unusable.sentence(), fix);
        }
        match failure.cause {
            Cause::NotAllowed => Verdict::fail(
                "The function may not read the secret that SRC_CLIENT_SECRET_ARN names.",
                format!(
                    "Allow the function's own role the action secretsmanager:GetSecretValue on {arn}, and kms:Decrypt \
                     if the secret has a key of its own. A role in SRC_ROLE_ARN is not used for it."
                ),
            ),
            Cause::NotFound => Verdict::fail(
                format!(
                    "The secret that SRC_CLIENT_SECRET_ARN names does not exist in {region}, or has no value."
                ),
                format!("Correct SRC_CLIENT_SECRET_ARN. {fix}"),
            ),
            Cause::Settings => Verdict::fail(
                format!(
                    "The secret that SRC_CLIENT_SECRET_ARN names cannot be used: {}.",
                    shown(failure)
                ),
                format!("{fix} Restore it if it is to be deleted, and check its key."),
            ),
            // What keeps the function from the pool may keep it from Secrets Manager, too.
            _ => self.hidden().unwrap_or_else(|| {
                Verdict::fail(
                    format!(
                        "The secret that SRC_CLIENT_SECRET_ARN names could not be asked for: {}.",
                        shown(failure)
                    ),
                    format!(
                        "Make sure that the function reaches Secrets Manager in {region}. Check the function's network \
                         and the quotas of the account."
                    ),
                )
            }),
        }
    }

    /// A check that may not look at the app client, where no sign-in tells of it either.
    fn without_sign_in(&self) -> Verdict {
        match self.facts.secret {
            Ok(_) => self.may_not_look("DescribeUserPoolClient"),
            Err(_) => Verdict::because_of(CheckId::SourceSecret),
        }
    }

    pub(super) fn attributes(&self) -> Verdict {
        let source = &self.settings.source;
        match (source.profile, source.auth_flow, &self.facts.pool) {
            (ProfileFrom::After, AuthFlow::AdminUserPassword, _) => {
                return Verdict::ok("Profiles are read as an administrator, with all attributes.");
            }
            (ProfileFrom::After, AuthFlow::UserPassword, _) => {}
            (ProfileFrom::IdToken, _, Ok(pool)) if pool.triggers.pre_token_generation.is_some() => {
                return Verdict::fail(
                    "The source pool has a pre token generation trigger, which can change what an ID token says of its \
                     user.",
                    "Set SRC_PROFILE to after.",
                );
            }
            (ProfileFrom::IdToken, _, Ok(_)) => {}
            (ProfileFrom::IdToken, _, Err(_)) => {
                let may_not = || self.may_not_look("DescribeUserPool");
                return self.hidden().unwrap_or_else(may_not);
            }
        }
        let client = match &self.facts.client {
            Ok(client) => client,
            Err(failure) => return self.without_client(failure),
        };
        let mapping = &self.settings.destination.mapping;
        let mut lost: Vec<&str> = match &self.facts.pool {
            Ok(pool) => pool
                .schema
                .iter()
                .map(|known| known.name.as_str())
                .collect(),
            Err(_) => STANDARD
                .into_iter()
                .chain(mapping.renamed.keys().map(String::as_str))
                .collect(),
        };
        lost.retain(|name| {
            !IDENTIFIERS.contains(name)
                && !client.lets_read(name)
                && mapping.destination(name).is_some()
        });
        lost.sort_unstable();
        lost.dedup();
        if lost.is_empty() {
            return Verdict::ok("The app client may read every attribute that is copied.");
        }
        let detail = format!(
            "The app client may not read {}: they would be lost.",
            lost.join(", ")
        );
        const FIX: &str = "Let the app client that SRC_CLIENT_ID names read them (ReadAttributes), or drop them in \
                           ATTRIBUTE_MAP if nobody has them. Or read profiles as an administrator: SRC_PROFILE after, \
                           SRC_AUTH_FLOW ADMIN_USER_PASSWORD_AUTH.";
        match source.profile {
            ProfileFrom::After => Verdict::warn(detail, FIX),
            ProfileFrom::IdToken => Verdict::fail(detail, FIX),
        }
    }
}

/// Whether nothing else in a report explains why there was no answer.
fn is_unexplained(failure: &Failure) -> bool {
    !matches!(
        failure.cause,
        Cause::NotFound | Cause::WrongSecret | Cause::Credentials | Cause::CredentialsExpired
    )
}
