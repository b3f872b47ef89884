//! The app client through which users are signed in to the source pool.

use std::collections::BTreeSet;

use super::{
    answers::{Source, is_about_credentials},
    facts::ProbeSignIn,
    report::{CheckId, Verdict},
};
use crate::{
    attributes::{IDENTIFIERS, STANDARD},
    outcome::{Cause, Failure},
    pool::AppClient,
    settings::{AuthFlow, ClientSecret, ProfileFrom},
    stored_secret::UnusableSecret,
};

impl Source<'_> {
    pub(super) fn client(&self) -> Verdict {
        let id = &self.settings.source.client_id;
        let failure = match &self.facts.client {
            Ok(client) => {
                return Verdict::ok(format!("{id} exists. Its name is {}.", client.name));
            }
            Err(failure) => failure,
        };
        let missing = Verdict::fail(
            format!("The app client {id} does not exist in the source pool."),
            "Set SRC_CLIENT_ID to the id of an app client of the source pool, not to its name.",
        );
        // What gets as far as the flow, the secret or the user has named a client that exists.
        let exists = matches!(
            self.tried(),
            Some(Ok(_) | Err(Cause::FlowOff | Cause::WrongSecret))
        );
        match (self.tried(), failure.cause) {
            (_, Cause::NotAllowed) if exists => Verdict::ok(format!("The source pool knows {id}.")),
            _ if exists && is_unexplained(failure) => Verdict::warn(
                format!("The source pool knows {id}. It did not tell its settings: {failure}."),
                "Try again. If it stays, check the quotas of the account of SRC_USER_POOL_ID.",
            ),
            (Some(Err(Cause::NotFound)), _) if !self.pool_is_missing() => missing,
            (_, Cause::NotFound) => self.hidden().unwrap_or(missing),
            _ => self.unanswered("The app client", failure, self.without_sign_in()),
        }
    }

    pub(super) fn flow(&self) -> Verdict {
        let flow = self.settings.source.auth_flow.as_str();
        let off = Verdict::fail(
            format!("The app client of the source pool does not allow {flow}."),
            format!(
                "Add ALLOW_{flow} to the authentication flows (ExplicitAuthFlows) of the app client that SRC_CLIENT_ID \
                 names, or set SRC_AUTH_FLOW to a flow that it allows."
            ),
        );
        let allows = |client: &AppClient| match self.settings.source.auth_flow {
            AuthFlow::AdminUserPassword => client.admin_password_flow,
            AuthFlow::UserPassword => client.user_password_flow,
        };
        match (&self.facts.probe_sign_in, self.tried(), &self.facts.client) {
            (_, Some(Ok(ProbeSignIn::LetIn)), _) => Verdict::fail(
                "The source pool let a user in who does not exist.",
                "Check SRC_USER_POOL_ID, and the Lambda triggers of that pool. Such a pool proves no password.",
            ),
            (_, Some(Err(Cause::FlowOff)), _) => off,
            (.., Ok(client)) if !allows(client) => off,
            (_, Some(Err(Cause::NotAllowed)), _) => self.forbidden(
                "The function may not sign users in to the source pool.",
                "AdminInitiateAuth",
                "SRC_AUTH_FLOW needs it.",
            ),
            (_, Some(Ok(ProbeSignIn::Rejected)), _) => {
                Verdict::ok(format!("The source pool accepts {flow}."))
            }
            (_, Some(Err(Cause::WrongSecret)), Err(_)) => {
                Verdict::because_of(CheckId::SourceSecret)
            }
            (_, None, Err(failure)) if failure.cause == Cause::NotAllowed => {
                self.hidden().unwrap_or_else(|| self.without_sign_in())
            }
            (.., Err(failure)) => self.without_client(failure),
            (Some(Err(failure)), _, Ok(_)) if is_unexplained(failure) => Verdict::warn(
                format!("The app client allows {flow}. A sign-in could not be tried: {failure}."),
                "Try again. If it stays, check the Lambda triggers and the messages of the pool of SRC_USER_POOL_ID.",
            ),
            (.., Ok(_)) => Verdict::ok(format!("The app client allows {flow}.")),
        }
    }

    pub(super) fn secret(&self) -> Verdict {
        let (setting, put) = match &self.settings.source.client_secret {
            Some(ClientSecret::Stored(secret)) => (
                "SRC_CLIENT_SECRET_ARN",
                format!(
                    "Store in {}, as a plain string or as Cognito's JSON,",
                    secret.arn
                ),
            ),
            Some(ClientSecret::Value(_)) | None => (
                "SRC_CLIENT_SECRET",
                "Set SRC_CLIENT_SECRET or SRC_CLIENT_SECRET_ARN to".to_owned(),
            ),
        };
        let fix = format!(
            "{put} the secret of the app client that SRC_CLIENT_ID names. Leave {setting} out if it has none."
        );
        let configured = match &self.facts.secret {
            Ok(secret) => secret,
            Err(failure) => return self.unread_secret(failure, fix),
        };
        let used = match configured {
            Some(_) => format!("the secret of {setting}"),
            None => "a sign-in without a secret".to_owned(),
        };
        let is_accepted = match self.tried() {
            Some(Ok(ProbeSignIn::Rejected)) => Some(true),
            Some(Err(Cause::WrongSecret)) => Some(false),
            _ => None,
        };
        let client = match &self.facts.client {
            Ok(client) => client,
            Err(failure) => {
                return match (is_accepted, self.tried()) {
                    (Some(true), _) => Verdict::ok(format!("The source pool accepts {used}.")),
                    (Some(false), _) => {
                        Verdict::fail(format!("The source pool does not accept {used}."), fix)
                    }
                    (None, Some(Ok(ProbeSignIn::LetIn) | Err(Cause::FlowOff))) => {
                        Verdict::because_of(CheckId::SourceFlow)
                    }
                    (None, _) => self.without_client(failure),
                };
            }
        };
        let is_same = client.secret == *configured;
        let found = match (&client.secret, configured) {
            (None, None) => "The app client has no secret, and none is set.".to_owned(),
            (Some(_), None) => "The app client has a secret, and none is set.".to_owned(),
            (None, Some(_)) => format!("The app client has no secret, and {setting} is set."),
            (Some(_), Some(_)) if is_same => {
                format!("The secret of {setting} is the app client's secret.")
            }
            (Some(_), Some(_)) => {
                format!("The secret of {setting} is not the app client's secret.")
            }
        };
        match (is_same, is_accepted) {
            (true, Some(false)) => {
                Verdict::fail(format!("{found} The source pool does not accept it."), fix)
            }
            (true, _) => Verdict::ok(found),
            // An app client can have two secrets, of which it shows one.
            (false, Some(true)) => {
                Verdict::warn(format!("{found} But the source pool accepts {used}."), fix)
            }
            (false, _) => Verdict::fail(found, fix),
        }
    }

    /// What keeps the function from the stored secret. `fix` says what to store.
    fn unread_secret(&self, failure: &Failure, fix: String) -> Verdict {
        let (arn, region) = match &self.settings.source.client_secret {
            Some(ClientSecret::Stored(secret)) => (&*secret.arn, &*secret.region),
            Some(ClientSecret::Value(_)) | None => ("", ""),
        };
        const NAMED: &str = "The secret that SRC_CLIENT_SECRET_ARN names";
        match (failure.cause, failure.code.parse::<UnusableSecret>()) {
            (_, Ok(unusable)) => Verdict::fail(unusable.sentence(), fix),
            (Cause::NotAllowed, _) => Verdict::fail(
                format!("{NAMED} may not be read by the function."),
                format!(
                    "Allow the function's own role the action secretsmanager:GetSecretValue on {arn}, and kms:Decrypt if \
                     the secret has a key of its own. A role in SRC_ROLE_ARN is not used for it."
                ),
            ),
            (Cause::NotFound, _) => Verdict::fail(
                format!("{NAMED} does not exist in {region}, or has no value."),
                format!("Correct SRC_CLIENT_SECRET_ARN. {fix}"),
            ),
            (Cause::Settings, _) => Verdict::fail(
                format!("{NAMED} cannot be used: {failure}."),
                format!("{fix} Restore it if it is to be deleted, and check its key."),
            ),
            // What keeps the function from the pool may keep it from Secrets Manager, too.
            _ => self.hidden().unwrap_or_else(|| {
                Verdict::fail(
                    format!("{NAMED} could not be asked for: {failure}."),
                    format!(
                        "Make sure that the function reaches Secrets Manager in {region}. Check its network, and the \
                         quotas of the account."
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
            (ProfileFrom::IdToken, _, Ok(pool)) if pool.triggers.pre_token_generation.is_some() => {
                return Verdict::fail(
                    "The source pool's pre token generation trigger can change what an ID token says.",
                    "Set SRC_PROFILE to after.",
                );
            }
            (ProfileFrom::IdToken, _, Err(_)) => return self.without_pool(),
            (ProfileFrom::After, AuthFlow::UserPassword, _) | (ProfileFrom::IdToken, _, Ok(_)) => {}
        }
        let client = match &self.facts.client {
            Ok(client) => client,
            Err(failure) => return self.without_client(failure),
        };
        let mapping = &self.settings.destination.mapping;
        let names: Vec<&str> = match &self.facts.pool {
            Ok(pool) => pool.schema.iter().map(|known| &*known.name).collect(),
            Err(_) => {
                let renamed = mapping.renamed.keys().map(String::as_str);
                renamed.chain(STANDARD).collect()
            }
        };
        let is_lost = |name: &&str| {
            !IDENTIFIERS.contains(name)
                && !client.lets_read(name)
                && mapping.destination(name).is_some()
        };
        let lost: BTreeSet<_> = names.into_iter().filter(is_lost).collect();
        if lost.is_empty() {
            return Verdict::ok("The app client may read every attribute that is copied.");
        }
        let lost = Vec::from_iter(lost).join(", ");
        let detail = format!("The app client may not read {lost}: they would be lost.");
        const FIX: &str = "Let the app client that SRC_CLIENT_ID names read them (ReadAttributes), or drop them in \
                           ATTRIBUTE_MAP if no user has them. Or read profiles as an administrator: SRC_PROFILE after, \
                           SRC_AUTH_FLOW ADMIN_USER_PASSWORD_AUTH.";
        match source.profile {
            ProfileFrom::After => Verdict::warn(detail, FIX),
            ProfileFrom::IdToken => Verdict::fail(detail, FIX),
        }
    }
}

/// Whether nothing else in a report explains why there was no answer.
fn is_unexplained(failure: &Failure) -> bool {
    !matches!(failure.cause, Cause::NotFound | Cause::WrongSecret) && !is_about_credentials(failure)
}
