//! The settings: environment variables → [`Settings`], or every mistake in them.
//!
//! [`ALL`] is the registry of the variables. Every variable is read before any mistake is reported.

mod form;
mod page;
mod registry;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use serde::de::DeserializeOwned;
use strum::{EnumIter, EnumString, IntoStaticStr, VariantNames};

pub use form::Form;
pub use page::page;
pub use registry::{ALL, Variable};

use crate::{
    admission::Policy, attributes::Mapping, migrated_user::Destination, sensitive::Sensitive,
    sign_in_name::SignInName,
};
use form::{AttributeMap, WILDCARD};
use registry as variable;

/// One try of a call may take the time there is divided by this, so that a hung connection leaves time for another.
pub const TRIES_THAT_FIT: u32 = 3;

/// How a password is shown to the source pool: `SRC_AUTH_FLOW`.
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

/// A role to assume for the calls to the source pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `SRC_ROLE_ARN`.
    pub arn: String,
    /// `SRC_EXTERNAL_ID`.
    pub external_id: Option<String>,
}

/// Where the source pool is, as whom it is asked, and by which name its users are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// `SRC_USER_POOL_ID`.
    pub user_pool_id: String,
    /// `SRC_REGION`, or the Region that the pool id names.
    pub region: String,
    /// `SRC_CLIENT_ID`.
    pub client_id: String,
    /// `SRC_CLIENT_SECRET`.
    pub client_secret: Option<Sensitive>,
    /// `SRC_AUTH_FLOW`.
    pub auth_flow: AuthFlow,
    /// `SRC_ROLE_ARN` and `SRC_EXTERNAL_ID`.
    pub role: Option<Role>,
    /// `SRC_LOOKUP`; `None` asks the pool for the typed name as it is.
    pub lookup: Option<SignInName>,
}

/// What happens to the source user once the user has signed in to the destination pool: `SOURCE_USER`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum SourceUser {
    /// Nothing.
    #[default]
    Keep,
    /// Nobody can sign in there as this user any more, until an administrator enables the user.
    Disable,
}

/// What is done about users who have moved, after their first sign-in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PostMigration {
    /// `COPY_GROUPS`.
    pub copy_groups: bool,
    /// `SOURCE_USER`.
    pub source_user: SourceUser,
}

/// How a rejection is answered: `ON_REJECT`.
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
    /// They are not.
    None,
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The source pool.
    pub source: Source,
    /// Who is migrated.
    pub policy: Policy,
    /// As what users are migrated.
    pub destination: Destination,
    /// What is done about them afterwards.
    pub post_migration: PostMigration,
    /// `ON_REJECT`.
    pub on_reject: OnReject,
    /// `TIME_BUDGET_MS`: from the start of the handler to its answer.
    pub time_budget: Duration,
    /// `METRICS`.
    pub metrics: Metrics,
}

/// Every mistake in the settings: the variable and what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(Vec<(&'static str, String)>);

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self
            .0
            .iter()
            .map(|(name, rule)| format!("{name} {rule}"))
            .collect();
        write!(
            formatter,
            "The configuration cannot be used: {}",
            all.join("; ")
        )
    }
}

impl Settings {
    /// Reads the settings through `look_up`, which gives the value of an environment variable.
    ///
    /// An empty value counts as unset, and variables that are not in [`ALL`] are not looked at.
    pub fn read(look_up: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let values = Values(
            ALL.into_iter()
                .filter_map(|variable| Some((variable.name, look_up(variable.name)?)))
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        );
        let mistakes = values.mistakes();
        if mistakes.is_empty() {
            Ok(values.settings())
        } else {
            Err(Mistakes(mistakes))
        }
    }
}

/// The values of the variables that are set.
struct Values(BTreeMap<&'static str, String>);

impl Values {
    fn get(&self, variable: Variable) -> Option<&str> {
        self.0.get(variable.name).map(String::as_str)
    }

    fn owned(&self, variable: Variable) -> Option<String> {
        self.get(variable).map(str::to_owned)
    }

    /// The value as one of a closed list; the default where it is unset.
    fn one_of<T: FromStr + Default>(&self, variable: Variable) -> T {
        self.get(variable)
            .and_then(|value| value.parse().ok())
            .unwrap_or_default()
    }

    /// The value as a JSON object; an empty one where it is unset, or none.
    fn object<T: DeserializeOwned + Default>(&self, variable: Variable) -> T {
        self.get(variable)
            .and_then(|value| serde_json::from_str(value).ok())
            .unwrap_or_default()
    }

    fn is_true(&self, variable: Variable) -> bool {
        self.get(variable) == Some("true")
    }

    fn mistakes(&self) -> Vec<(&'static str, String)> {
        let mut mistakes = vec![];
        for variable in ALL {
            let found = match self.get(*variable) {
                Some(value) => variable.form.mistakes(value),
                None if variable.form.is_required() => vec![variable.form.rule()],
                None => vec![],
            };
            mistakes.extend(found.into_iter().map(|rule| (variable.name, rule)));
        }
        mistakes.extend(self.contradictions());
        mistakes
    }

    /// Values that are right by themselves and wrong together.
    fn contradictions(&self) -> Vec<(&'static str, String)> {
        let mut found = vec![];
        let mut needs = |variable: Variable, is_set: bool, other: Variable| {
            if is_set && self.get(other).is_none() {
                let rule = format!("needs {}, which is not set", other.name);
                found.push((variable.name, rule));
            }
        };
        let has = |variable: Variable| self.get(variable).is_some();
        needs(
            variable::SRC_EXTERNAL_ID,
            has(variable::SRC_EXTERNAL_ID),
            variable::SRC_ROLE_ARN,
        );
        let post_migration = self.post_migration();
        needs(
            variable::COPY_GROUPS,
            post_migration.copy_groups,
            variable::MIGRATION_MARK,
        );
        let disables = post_migration.source_user != SourceUser::Keep;
        needs(variable::SOURCE_USER, disables, variable::MIGRATION_MARK);
        if let Some(mark) = self.get(variable::MIGRATION_MARK) {
            let mapping = self.mapping();
            let mapped = mapping.renamed.values().flatten().any(|name| name == mark);
            if mapped || mapping.fixed.contains_key(mark) {
                let rule =
                    "must be an attribute that ATTRIBUTE_MAP and STATIC_ATTRIBUTES do not set";
                found.push((variable::MIGRATION_MARK.name, rule.to_owned()));
            }
        }
        found
    }

    /// The settings, where there are no mistakes.
    fn settings(&self) -> Settings {
        let user_pool_id = self.owned(variable::SRC_USER_POOL_ID).unwrap_or_default();
        let pool_region = user_pool_id.split('_').next().unwrap_or_default();
        let time_budget = self
            .get(variable::TIME_BUDGET_MS)
            .or(variable::TIME_BUDGET_MS.form.default());
        Settings {
            source: Source {
                region: self
                    .owned(variable::SRC_REGION)
                    .unwrap_or_else(|| pool_region.to_owned()),
                user_pool_id,
                client_id: self.owned(variable::SRC_CLIENT_ID).unwrap_or_default(),
                client_secret: self.get(variable::SRC_CLIENT_SECRET).map(Sensitive::new),
                auth_flow: self.one_of(variable::SRC_AUTH_FLOW),
                role: self.owned(variable::SRC_ROLE_ARN).map(|arn| Role {
                    arn,
                    external_id: self.owned(variable::SRC_EXTERNAL_ID),
                }),
                lookup: self
                    .get(variable::SRC_LOOKUP)
                    .and_then(|attribute| attribute.parse().ok()),
            },
            policy: Policy {
                on_mfa: self.one_of(variable::ON_MFA),
                on_temporary_password: self.one_of(variable::ON_TEMPORARY_PASSWORD),
                on_forgot_password: self.one_of(variable::ON_FORGOT_PASSWORD),
            },
            destination: Destination {
                mapping: self.mapping(),
                username: self.one_of(variable::DST_USERNAME),
                welcome_message: self.one_of(variable::WELCOME_MESSAGE),
                force_alias_creation: self.is_true(variable::FORCE_ALIAS_CREATION),
                mark: self.owned(variable::MIGRATION_MARK),
            },
            post_migration: self.post_migration(),
            on_reject: self.one_of(variable::ON_REJECT),
            time_budget: Duration::from_millis(
                time_budget
                    .and_then(|milliseconds| milliseconds.parse().ok())
                    .unwrap_or_default(),
            ),
            metrics: self.one_of(variable::METRICS),
        }
    }

    /// `ATTRIBUTE_MAP` and `STATIC_ATTRIBUTES`; empty where they cannot be read.
    fn mapping(&self) -> Mapping {
        let mut renamed: AttributeMap = self.object(variable::ATTRIBUTE_MAP);
        Mapping {
            copy_custom: renamed.remove(WILDCARD).flatten().is_some(),
            renamed,
            fixed: self.object(variable::STATIC_ATTRIBUTES),
        }
    }

    fn post_migration(&self) -> PostMigration {
        PostMigration {
            copy_groups: self.is_true(variable::COPY_GROUPS),
            source_user: self.one_of(variable::SOURCE_USER),
        }
    }
}
