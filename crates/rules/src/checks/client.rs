//! Checks of the app client through which users are signed in to the source pool.

use std::collections::BTreeSet;

use super::{
    answers::{KnownSource, is_about_credentials},
    facts::ProbeSignIn::{LetIn, Rejected},
    report::{CheckId, Verdict},
};
use crate::{
    attributes::{IDENTIFIERS, STANDARD},
    outcome::{
        Cause::{FlowOff, NotAllowed, NotFound, Settings, WrongSecret},
        Failure,
    },
    pool::AppClient,
    settings::{AuthFlow, ClientSecret, ProfileFrom, SecretArn},
    stored_secret::UnusableSecret,
};

impl KnownSource<'_> {
    pub(super) fn client(&self) -> Verdict {
        let id = &self.settings.source.client_id;
        let missing = Verdict::fail(
            format!("The app client {id} does not exist in the source pool."),
            "Set SRC_CLIENT_ID to the id of an app client of the source pool, not to its name.",
        );
        // An answer about the flow, the secret or the user proves that the client exists.
        let exists = matches!(self.tried(), Some(Ok(_) | Err(FlowOff | WrongSecret)));
        match &self.facts.client {
            Ok(client) => Verdict::ok(format!("{id} exists. Its name is {}.", client.name)),
            Err(failure) if exists && failure.cause == NotAllowed => {
                Verdict::ok(format!("The source pool knows {id}."))
            }
            Err(failure) if exists && is_unexplained(failure) => Verdict::warn(
                format!("The source pool knows {id}. It did not tell its settings: {failure}."),
                "Try again. If it stays, check the quotas of the account of SRC_USER_POOL_ID.",
            ),
            Err(_) if self.tried() == Some(Err(NotFound)) && !self.pool_is_missing() => missing,
            Err(failure) if failure.cause == NotFound => self.hidden().unwrap_or(missing),
            Err(failure) => {
                let not_asked = Verdict::not_asked("The app client", failure);
                self.unanswered(failure, self.without_sign_in(), not_asked)
            }
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
        match (self.tried(), &self.facts.client) {
            (Some(Ok(LetIn)), _) => Verdict::fail(
                "The source pool let a user in who does not exist.",
                "Check SRC_USER_POOL_ID, and the Lambda triggers of that pool. Such a pool proves no password.",
            ),
            (Some(Err(FlowOff)), _) => off,
            (_, Ok(client)) if !allows(client) => off,
            (Some(Err(NotAllowed)), _) => Verdict::fail(
                "The function may not sign users in to the source pool.",
                self.grant("AdminInitiateAuth") + " SRC_AUTH_FLOW needs it.",
            ),
            (Some(Ok(Rejected)), _) => Verdict::ok(format!("The source pool accepts {flow}.")),
            (Some(Err(WrongSecret)), Err(_)) => Verdict::because_of(CheckId::SourceSecret),
            (None, Err(failure)) if failure.cause == NotAllowed => {
                self.hidden().unwrap_or_else(|| self.without_sign_in())
            }
            (_, Err(failure)) => self.without_client(failure),
            (_, Ok(_)) => match &self.facts.probe_sign_in {
                Some(Err(failure)) if is_unexplained(failure) => Verdict::warn(
                    format!("The app client allows {flow}, but a sign-in failed: {failure}."),
                    "Try again. If it stays, check triggers and messages of the pool that SRC_USER_POOL_ID names.",
                ),
                _ => Verdict::ok(format!("The app client allows {flow}.")),
            },
        }
    }

    pub(super) fn secret(&self) -> Verdict {
        let (setting, put) = match &self.settings.source.client_secret {
            Some(ClientSecret::Stored(SecretArn { arn, .. })) => (
                "SRC_CLIENT_SECRET_ARN",
                format!("Store in {arn}, as a plain string or as Cognito's JSON,"),
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
        match (&self.facts.client, self.tried()) {
            (_, Some(Err(WrongSecret))) => {
                Verdict::fail(format!("The source pool does not accept {used}."), fix)
            }
            (Err(_), Some(Ok(Rejected))) => Verdict::ok(format!("The source pool accepts {used}.")),
            (Err(_), Some(Ok(LetIn) | Err(FlowOff))) => Verdict::because_of(CheckId::SourceFlow),
            (Err(failure), _) => self.without_client(failure),
            (Ok(client), _) if client.secret == *configured => {
                Verdict::ok(format!("The app client asks for {used}."))
            }
            (Ok(client), tried) => {
                let has = client.secret.as_ref().map_or("has no", |_| "has a");
                let found = format!("The app client {has} secret, and does not ask for {used}.");
                match tried {
                    // An app client can have two secrets, of which it shows one.
                    Some(Ok(Rejected)) => Verdict::warn(found + " A sign-in went well.", fix),
                    _ => Verdict::fail(found, fix),
                }
            }
        }
    }

    /// The verdict where the stored secret cannot be read. `fix` says what to store.
    fn unread_secret(&self, failure: &Failure, fix: String) -> Verdict {
        const NAMED: &str = "The secret that SRC_CLIENT_SECRET_ARN names";
        let (arn, region) = match &self.settings.source.client_secret {
            Some(ClientSecret::Stored(secret)) => (&*secret.arn, &*secret.region),
            Some(ClientSecret::Value(_)) | None => ("", ""),
        };
        match (failure.cause, failure.code.parse::<UnusableSecret>()) {
            (_, Ok(unusable)) => Verdict::fail(unusable.sentence(), fix),
            (NotAllowed, _) => Verdict::fail(
                format!("{NAMED} may not be read by the function."),
                format!(
                    "Allow the function's own role the action secretsmanager:GetSecretValue on {arn}, and kms:Decrypt if \
                     the secret has a key of its own. A role in SRC_ROLE_ARN is not used for it."
                ),
            ),
            (NotFound, _) => Verdict::fail(
                format!("{NAMED} does not exist in {region}, or has no value."),
                format!("Correct SRC_CLIENT_SECRET_ARN. {fix}"),
            ),
            (Settings, _) => Verdict::fail(
                format!("{NAMED} cannot be used: {failure}."),
                fix + " Restore it if it is to be deleted, and check its key.",
            ),
            // The cause that hides the pool may hide Secrets Manager too.
            _ => self.hidden().unwrap_or(Verdict::fail(
                format!("{NAMED} could not be asked for: {failure}."),
                format!(
                    "Check the network to Secrets Manager in {region}, and the account's quotas."
                ),
            )),
        }
    }

    /// The verdict where the app client may not be described and no sign-in replaces the description.
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
    !matches!(failure.cause, NotFound | WrongSecret) && !is_about_credentials(failure)
}
