//! The settings, typed and checked.

use std::time::Duration;

use strum::{EnumIter, EnumString, IntoStaticStr, VariantNames};

use crate::{
    admission::{OnForgotPassword, OnMfa, OnTemporaryPassword, Policy},
    migrated_user::Destination,
    selection::Selection,
    sensitive::Sensitive,
    sign_in_name::SignInName,
};

/// One try of a call may take the time there is divided by this, so that a hung connection leaves time for another.
pub const TRIES_THAT_FIT: u32 = 3;

/// The authentication flow of the source pool: `SRC_AUTH_FLOW`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, IntoStaticStr, VariantNames,
)]
pub enum AuthFlow {
    /// With IAM permissions.
    #[default]
    #[strum(
        to_string = "ADMIN_USER_PASSWORD_AUTH",
        serialize = "ADMIN_NO_SRP_AUTH"
    )]
    AdminUserPassword,
    /// As an app would, without IAM.
    #[strum(to_string = "USER_PASSWORD_AUTH")]
    UserPassword,
}

impl AuthFlow {
    /// The name of the flow.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The origin of a sign-in's profile: `SRC_PROFILE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum ProfileFrom {
    /// From a second call, once the password is proven.
    #[default]
    After,
    /// From the ID token that the sign-in gave.
    IdToken,
}

/// A role to assume for the calls to the source pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `SRC_ROLE_ARN`.
    pub arn: String,
    /// `SRC_EXTERNAL_ID`.
    pub external_id: Option<String>,
}

/// The secret of the source pool's app client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientSecret {
    /// In the settings: `SRC_CLIENT_SECRET`.
    Value(Sensitive),
    /// In Secrets Manager: `SRC_CLIENT_SECRET_ARN`.
    Stored(SecretArn),
}

/// A secret in Secrets Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretArn {
    /// Its whole ARN.
    pub arn: String,
    /// The Region in it.
    pub region: String,
}

/// The settings for the source pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// `SRC_USER_POOL_ID`.
    pub user_pool_id: String,
    /// `SRC_REGION`, or the Region that the pool id names.
    pub region: String,
    /// `SRC_CLIENT_ID`.
    pub client_id: String,
    /// `SRC_CLIENT_SECRET` or `SRC_CLIENT_SECRET_ARN`.
    pub client_secret: Option<ClientSecret>,
    /// `SRC_AUTH_FLOW`.
    pub auth_flow: AuthFlow,
    /// `SRC_PROFILE`.
    pub profile: ProfileFrom,
    /// `SRC_ROLE_ARN` and `SRC_EXTERNAL_ID`.
    pub role: Option<Role>,
    /// `CLIENT_METADATA`.
    pub client_metadata: Selection,
    /// `SRC_LOOKUP`; `None` asks the pool for the typed name as it is.
    pub lookup: Option<SignInName>,
}

impl Source {
    /// Whether the profile of a sign-in without a challenge holds only what the app client may read.
    pub fn reads_as_client(&self) -> bool {
        self.auth_flow == AuthFlow::UserPassword || self.profile == ProfileFrom::IdToken
    }
}

/// Handling of the source user after the first sign-in to the destination pool: `SOURCE_USER`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum SourceUser {
    /// The source user stays as it is.
    #[default]
    Keep,
    /// The source user is disabled, until an administrator enables the user.
    Disable,
}

/// The post-migration steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostMigration {
    /// `COPY_GROUPS`.
    pub groups: Selection,
    /// `SOURCE_USER`.
    pub source_user: SourceUser,
}

/// The answer to a rejection: `ON_REJECT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum OnReject {
    /// With the event as received.
    #[default]
    Echo,
    /// With a Lambda error.
    Error,
}

/// Whether lines of metrics are written: `METRICS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Metrics {
    /// In CloudWatch's embedded metric format.
    #[default]
    Emf,
    /// No metrics.
    None,
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The source pool.
    pub source: Source,
    /// The users who are migrated.
    pub policy: Policy,
    /// The attributes and names of migrated users.
    pub destination: Destination,
    /// The steps after a migration.
    pub post_migration: PostMigration,
    /// `ON_REJECT`.
    pub on_reject: OnReject,
    /// `TIME_BUDGET_MS`: from the start of the handler to its answer.
    pub time_budget: Duration,
    /// `METRICS`.
    pub metrics: Metrics,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            source: Source::default(),
            policy: Policy::default(),
            destination: Destination::default(),
            post_migration: PostMigration::default(),
            on_reject: OnReject::default(),
            time_budget: Duration::from_millis(4500),
            metrics: Metrics::default(),
        }
    }
}

impl Settings {
    /// The attribute by which users are listed, if they are.
    pub fn lists_users_by(&self) -> Option<&'static str> {
        match self.source.lookup {
            Some(attribute) => Some(attribute.as_str()),
            None => (self.post_migration != PostMigration::default()).then_some("sub"),
        }
    }

    /// Whether any sign-in, password reset or post-migration step reads a profile as an administrator. The sign-up guard does, too.
    pub(crate) fn reads_profiles(&self) -> bool {
        !self.source.reads_as_client()
            || self.policy.on_forgot_password != OnForgotPassword::Ignore
            || self.policy.on_mfa != OnMfa::Refuse
            || self.policy.on_temporary_password != OnTemporaryPassword::Refuse
            || self.post_migration != PostMigration::default()
    }
}
