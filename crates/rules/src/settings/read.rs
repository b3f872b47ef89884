//! Environment variables → [`Settings`], or every mistake in them: all variables are read before any mistake is reported.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use serde::de::DeserializeOwned;

use super::{
    form::{self, AttributeMap, WILDCARD},
    registry::{self as variable, ALL, Variable},
    types::{ClientSecret, PostMigration, Role, Settings, Source, SourceUser},
};
use crate::{
    admission::Policy, attributes::Mapping, migrated_user::Destination, selection::Selection,
    sensitive::Sensitive,
};

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
    /// Reads the settings from `environment`, which gives the value of a variable.
    ///
    /// An empty value counts as unset, and variables that are not in [`ALL`] are not looked at.
    pub fn read(environment: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        Values::of(environment).checked(|_| true)
    }

    /// As [`Settings::read`], for a program that signs nobody in: the app client may be left out, unless profiles hold what
    /// it may read.
    pub fn read_to_foresee(environment: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let values = Values::of(environment);
        let reads_as_client = values.source().reads_as_client();
        values.checked(|variable| reads_as_client || variable != variable::SRC_CLIENT_ID.name)
    }
}

/// The values of the variables that are set.
struct Values(BTreeMap<&'static str, String>);

impl Values {
    fn of(environment: impl Fn(&str) -> Option<String>) -> Self {
        Values(
            ALL.into_iter()
                .filter_map(|variable| Some((variable.name, environment(variable.name)?)))
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }

    /// The settings, unless there are mistakes. `is_needed` says which of the required variables are.
    fn checked(&self, is_needed: impl Fn(&str) -> bool) -> Result<Settings, Mistakes> {
        let mistakes = self.mistakes(is_needed);
        if mistakes.is_empty() {
            Ok(self.settings())
        } else {
            Err(Mistakes(mistakes))
        }
    }

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

    fn mistakes(&self, is_needed: impl Fn(&str) -> bool) -> Vec<(&'static str, String)> {
        let mut mistakes = vec![];
        for variable in ALL {
            let found = match self.get(*variable) {
                Some(value) => variable.form.mistakes(value),
                None if variable.form.is_required() && is_needed(variable.name) => {
                    vec![variable.form.rule()]
                }
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
            post_migration.groups != Selection::None,
            variable::MIGRATION_MARK,
        );
        let disables = post_migration.source_user != SourceUser::Keep;
        needs(variable::SOURCE_USER, disables, variable::MIGRATION_MARK);
        if has(variable::SRC_CLIENT_SECRET) && has(variable::SRC_CLIENT_SECRET_ARN) {
            let rule = format!(
                "must not be set beside {}",
                variable::SRC_CLIENT_SECRET.name
            );
            found.push((variable::SRC_CLIENT_SECRET_ARN.name, rule));
        }
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
        let time_budget = self
            .get(variable::TIME_BUDGET_MS)
            .or(variable::TIME_BUDGET_MS.form.default());
        Settings {
            source: self.source(),
            policy: Policy {
                on_mfa: self.one_of(variable::ON_MFA),
                on_temporary_password: self.one_of(variable::ON_TEMPORARY_PASSWORD),
                on_forgot_password: self.one_of(variable::ON_FORGOT_PASSWORD),
                reset_contacts: self.one_of(variable::RESET_CONTACTS),
                passwords: self
                    .get(variable::PASSWORD_POLICY)
                    .and_then(|policy| serde_json::from_str(policy).ok()),
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

    fn source(&self) -> Source {
        let user_pool_id = self.owned(variable::SRC_USER_POOL_ID).unwrap_or_default();
        let pool_region = user_pool_id.split('_').next().unwrap_or_default();
        Source {
            region: self
                .owned(variable::SRC_REGION)
                .unwrap_or_else(|| pool_region.to_owned()),
            user_pool_id,
            client_id: self.owned(variable::SRC_CLIENT_ID).unwrap_or_default(),
            client_secret: self.client_secret(),
            auth_flow: self.one_of(variable::SRC_AUTH_FLOW),
            profile: self.one_of(variable::SRC_PROFILE),
            role: self.owned(variable::SRC_ROLE_ARN).map(|arn| Role {
                arn,
                external_id: self.owned(variable::SRC_EXTERNAL_ID),
            }),
            client_metadata: self
                .get(variable::CLIENT_METADATA)
                .and_then(form::selection)
                .unwrap_or_default(),
            lookup: self
                .get(variable::SRC_LOOKUP)
                .and_then(|attribute| attribute.parse().ok()),
        }
    }

    fn client_secret(&self) -> Option<ClientSecret> {
        let value = self.get(variable::SRC_CLIENT_SECRET);
        let stored = self.get(variable::SRC_CLIENT_SECRET_ARN);
        value
            .map(|value| ClientSecret::Value(Sensitive::new(value)))
            .or_else(|| Some(ClientSecret::Stored(form::secret_arn(stored?)?)))
    }

    /// `ATTRIBUTE_MAP` and `STATIC_ATTRIBUTES`, which are empty where they cannot be read, and `UNVERIFIED_CONTACTS`.
    fn mapping(&self) -> Mapping {
        let mut renamed: AttributeMap = self.object(variable::ATTRIBUTE_MAP);
        Mapping {
            copy_custom: renamed.remove(WILDCARD).flatten().is_some(),
            renamed,
            fixed: self.object(variable::STATIC_ATTRIBUTES),
            unverified_contacts: self.one_of(variable::UNVERIFIED_CONTACTS),
        }
    }

    fn post_migration(&self) -> PostMigration {
        PostMigration {
            groups: self
                .get(variable::COPY_GROUPS)
                .and_then(form::selection)
                .unwrap_or_default(),
            source_user: self.one_of(variable::SOURCE_USER),
        }
    }
}
