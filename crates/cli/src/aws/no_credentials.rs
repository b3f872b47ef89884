//! The reason why an operator has no credentials. It comes from the profile files and never from the text of an error, which
//! can hold a secret.

use std::{borrow::Cow, error::Error, iter::successors};

use aws_config::profile::{self, ProfileSet};
use aws_credential_types::provider::{self, ProvideCredentials, error::CredentialsError, future};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_types::os_shim_internal::{Env, Fs};
use pools::{classify::CredentialsCode, clock};

/// The reason why an operator has no credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoCredentials {
    /// No file defines the profile, or one that it builds on.
    MissingProfile,
    /// The profile's role wants a code of an MFA device (`mfa_serial`), which the SDK does not ask for.
    MfaProfile,
    /// The session of `aws login` (`login_session`) has ended, or its tokens are missing.
    LoginSession,
    /// The session of IAM Identity Center has ended, or never began.
    SsoSession,
    /// The `credential_process` failed.
    CredentialProcess,
    /// The clock is wrong, so that AWS rejects the signature.
    WrongClock,
}

impl NoCredentials {
    const ALL: [NoCredentials; 6] = [
        NoCredentials::MissingProfile,
        NoCredentials::MfaProfile,
        NoCredentials::LoginSession,
        NoCredentials::SsoSession,
        NoCredentials::CredentialProcess,
        NoCredentials::WrongClock,
    ];

    /// The code of a failure for this reason.
    fn code(self) -> &'static str {
        match self {
            NoCredentials::MissingProfile => "MissingProfile",
            NoCredentials::MfaProfile => "MfaProfile",
            NoCredentials::LoginSession => "LoginSession",
            NoCredentials::SsoSession => "SsoSession",
            NoCredentials::CredentialProcess => "CredentialProcess",
            NoCredentials::WrongClock => clock::WRONG,
        }
    }

    /// The kind that a failure's code stands for; `None` for every other code.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind by which the selected profile gets its credentials, as the SDK follows the profiles.
    fn of_profiles(profiles: &ProfileSet, is_named: bool) -> Option<Self> {
        let mut name = profiles.selected_profile();
        let mut seen = vec![];
        loop {
            let Some(profile) = profiles.get_profile(name) else {
                // Without a name there need not be a profile.
                let is_missing = is_named || name != "default" || !seen.is_empty();
                return is_missing.then_some(NoCredentials::MissingProfile);
            };
            seen.push(name);
            let has = |key: &str| profile.get(key).is_some();
            let has_role = has("role_arn") && !has("web_identity_token_file");
            if has_role && has("mfa_serial") {
                return Some(NoCredentials::MfaProfile);
            }
            match profile.get("source_profile") {
                Some(next) if has_role && !seen.contains(&next) => name = next,
                _ if has("credential_source") || has("web_identity_token_file") => return None,
                _ if has("sso_session") || has("sso_start_url") => {
                    return Some(NoCredentials::SsoSession);
                }
                _ if has("login_session") => return Some(NoCredentials::LoginSession),
                _ if has("credential_process") => return Some(NoCredentials::CredentialProcess),
                _ => return None,
            }
        }
    }
}

/// The error and what caused it, the outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}

/// Credentials of an operator. Where there are none, the error holds the code of its [`NoCredentials`], and no text of the
/// SDK's.
#[derive(Debug)]
pub(super) struct Explained<P> {
    pub(super) provider: P,
    /// The profile that was named; `None` leaves it to the environment.
    pub(super) profile: Option<String>,
}

impl<P: ProvideCredentials> Explained<P> {
    async fn load(&self) -> provider::Result {
        match self.provider.provide_credentials().await {
            Ok(credentials) => Ok(credentials),
            Err(error) => Err(match self.kind_of(&error).await {
                Some(kind) => CredentialsError::not_loaded(CredentialsCode(kind.code())),
                None => error,
            }),
        }
    }

    async fn kind_of(&self, error: &CredentialsError) -> Option<NoCredentials> {
        let is_cut_off = matches!(error, CredentialsError::ProviderTimedOut(_))
            || causes(error).any(|error| error.is::<ConnectorError>());
        if is_cut_off {
            return None;
        }
        if causes(error).any(|error| clock::is_blamed(&error.to_string())) {
            return Some(NoCredentials::WrongClock);
        }
        let selected = self.profile.clone().map(Cow::Owned);
        let (files, environment) = (Fs::real(), Env::real());
        let profiles = profile::load(&files, &environment, &Default::default(), selected).await;
        let profiles = profiles.ok()?;
        NoCredentials::of_profiles(&profiles, self.profile.is_some())
    }
}

impl<P: ProvideCredentials> ProvideCredentials for Explained<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.load())
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cognitoidentityprovider::{
        config::http::HttpResponse,
        error::{ErrorMetadata, SdkError},
    };
    use pools::classify;

    use super::*;

    async fn kind(config: &str, profile: &'static str) -> Option<NoCredentials> {
        let env = Env::from_slice(&[("HOME", "/home"), ("AWS_PROFILE", profile)]);
        let fs = Fs::from_slice(&[("/home/.aws/config", config)]);
        let profiles = profile::load(&fs, &env, &Default::default(), None).await;
        NoCredentials::of_profiles(&profiles.unwrap(), false)
    }

    #[tokio::test]
    async fn the_profile_tells_what_its_credentials_come_from() {
        use NoCredentials::{
            CredentialProcess, LoginSession, MfaProfile, MissingProfile, SsoSession,
        };
        let mfa = "role_arn=arn:aws:iam::111122223333:role/a mfa_serial=m source_profile=base";
        let role = "role_arn=arn:aws:iam::111122223333:role/a source_profile=base";
        let keys = "aws_access_key_id=a aws_secret_access_key=b";
        let itself = "source_profile=it role_arn=r aws_access_key_id=a aws_secret_access_key=b";
        for (own, base, expected) in [
            (mfa, keys, Some(MfaProfile)),
            (role, mfa, Some(MfaProfile)),
            ("login_session=arn", "", Some(LoginSession)),
            (role, "login_session=arn", Some(LoginSession)),
            ("sso_session=s", "", Some(SsoSession)),
            ("sso_start_url=s", "", Some(SsoSession)),
            ("credential_process=p", "", Some(CredentialProcess)),
            (keys, "", None),
            (role, keys, None),
            ("role_arn=r credential_source=Environment", "", None),
            (itself, "", None),
        ] {
            let [own, base] = [own, base].map(|lines| lines.replace(' ', "\n"));
            let config = format!("[profile it]\n{own}\n[profile base]\n{base}\n");
            assert_eq!(kind(&config, "it").await, expected, "{config}");
        }
        for config in [
            format!("[profile it]\n{}", role.replace(' ', "\n")),
            String::new(),
        ] {
            assert_eq!(kind(&config, "it").await, Some(MissingProfile), "{config}");
        }
        assert_eq!(kind("", "default").await, None);
    }

    #[test]
    fn every_kind_has_a_code_of_its_own() {
        for kind in NoCredentials::ALL {
            assert_eq!(NoCredentials::of_code(kind.code()), Some(kind));
            let error = CredentialsError::not_loaded(CredentialsCode(kind.code()));
            let error = SdkError::<ErrorMetadata, HttpResponse>::construction_failure(error);
            assert_eq!(classify::stop("", &error).failure("").code, kind.code());
        }
        assert_eq!(NoCredentials::of_code("Credentials"), None);
    }
}
