//! The environment → [`Config`]: every variable is read before any mistake is reported.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    time::Duration,
};

use serde::de::DeserializeOwned;
use tracing::Level;

use crate::{
    attributes::{self, Mapping},
    event::DeliveryMedium,
    finish::{self, SourceUser},
    policy::{self, OnForgotPassword, OnMfa, OnTemporaryPassword, SignInName},
    sensitive::Sensitive,
};

/// How a password is shown to the source pool: `SRC_AUTH_FLOW`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthFlow {
    /// With IAM permissions; the profile is asked for at the same time.
    #[default]
    AdminUserPassword,
    /// As an app would, without IAM.
    UserPassword,
}

/// A role to assume for the calls to the source pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `SRC_ROLE_ARN`.
    pub arn: String,
    /// `SRC_EXTERNAL_ID`.
    pub external_id: Option<String>,
}

/// Where the source pool is, and as whom it is asked.
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
}

/// What is returned as `username` to pools with alias attributes: `DST_USERNAME`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DestinationUsername {
    /// Nothing.
    #[default]
    None,
    /// The user's name in the source pool.
    Username,
    /// The user's `sub` in the source pool.
    Sub,
}

/// How the migrated user is written into the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// `ATTRIBUTE_MAP` and `STATIC_ATTRIBUTES`.
    pub mapping: Mapping,
    /// `DST_USERNAME`.
    pub username: DestinationUsername,
    /// `WELCOME_MESSAGE`.
    pub welcome_message: Vec<DeliveryMedium>,
    /// `FORCE_ALIAS_CREATION`.
    pub force_alias_creation: bool,
    /// `MIGRATION_MARK`: the attribute that says that something is left to do about the user.
    pub mark: Option<String>,
}

/// How a refusal is answered: `ON_REJECT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnReject {
    /// With the event as received.
    #[default]
    Echo,
    /// With a Lambda error.
    Error,
}

/// Whether lines of metrics are written beside those of the log: `METRICS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsFormat {
    /// In CloudWatch's embedded metric format.
    #[default]
    Emf,
    /// It does not.
    None,
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The source pool.
    pub source: Source,
    /// Who is migrated.
    pub policy: policy::Settings,
    /// What of a user goes along, and how.
    pub destination: Destination,
    /// `COPY_GROUPS` and `SOURCE_USER`: what is done about a marked user.
    pub finishing: finish::Settings,
    /// `ON_REJECT`.
    pub on_reject: OnReject,
    /// `TIME_BUDGET_MS`: from the start of the handler to its answer.
    pub time_budget: Duration,
    /// `METRICS`.
    pub metrics: MetricsFormat,
}

/// Every mistake of a configuration: the variable and what it should be. Values are never shown, because one of
/// them is a secret, and secrets get pasted into the wrong variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(Vec<(&'static str, &'static str)>);

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "The configuration cannot be used")?;
        for (separator, (name, rule)) in [": "]
            .into_iter()
            .chain(std::iter::repeat("; "))
            .zip(&self.0)
        {
            write!(formatter, "{separator}{name} {rule}")?;
        }
        Ok(())
    }
}

/// The level of the log, from `AWS_LAMBDA_LOG_LEVEL`, which Lambda sets from the function's logging
/// configuration; INFO where it is unset or unheard of.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>
pub fn log_level(look_up: impl Fn(&str) -> Option<String>) -> Level {
    match look_up("AWS_LAMBDA_LOG_LEVEL") {
        Some(level) if level.eq_ignore_ascii_case("FATAL") => Level::ERROR,
        Some(level) => level.parse().unwrap_or(Level::INFO),
        None => Level::INFO,
    }
}

/// A variable that Lambda sets for every function and that is missing here, if there is one: then this is no
/// Lambda, and there is nothing to serve.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
pub fn missing_from_lambda(look_up: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    [
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    ]
    .into_iter()
    .find(|name| look_up(name).is_none())
}

/// The name of this function, which Lambda sets.
pub fn function_name(look_up: impl Fn(&str) -> Option<String>) -> Option<String> {
    look_up("AWS_LAMBDA_FUNCTION_NAME").filter(|name| !name.is_empty())
}

impl Config {
    /// Reads the configuration through `look_up`, which gives the value of an environment variable.
    ///
    /// An empty value counts as unset, and variables that are not ours are not looked at.
    pub fn read(look_up: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let mut variables = Variables {
            look_up,
            mistakes: vec![],
        };
        let config = variables.config();
        match (config, variables.mistakes) {
            (Some(config), mistakes) if mistakes.is_empty() => Ok(config),
            (_, mistakes) => Err(Mistakes(mistakes)),
        }
    }
}

/// The variables while they are read, and the mistakes found so far.
struct Variables<F> {
    look_up: F,
    mistakes: Vec<(&'static str, &'static str)>,
}

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// `None` if a required variable is missing or wrong; then there is a mistake too.
    fn config(&mut self) -> Option<Config> {
        let user_pool_id = self.required(
            "SRC_USER_POOL_ID",
            is_user_pool_id,
            "must be the id of the source user pool, such as eu-west-1_Ab12Cd34E",
        );
        let client_id = self.required(
            "SRC_CLIENT_ID",
            |id| !id.contains(char::is_whitespace),
            "must be the id of an app client of the source user pool",
        );
        let client_secret = self.text("SRC_CLIENT_SECRET").map(Sensitive::new);
        let auth_flow = self.one_of(
            "SRC_AUTH_FLOW",
            &[
                ("ADMIN_USER_PASSWORD_AUTH", AuthFlow::AdminUserPassword),
                ("ADMIN_NO_SRP_AUTH", AuthFlow::AdminUserPassword),
                ("USER_PASSWORD_AUTH", AuthFlow::UserPassword),
            ],
            "must be ADMIN_USER_PASSWORD_AUTH or USER_PASSWORD_AUTH",
        );
        let region = self.checked(
            "SRC_REGION",
            is_region,
            "must be an AWS Region, such as eu-west-1",
        );
        let role_arn = self.checked(
            "SRC_ROLE_ARN",
            is_role_arn,
            "must be the ARN of a role, such as arn:aws:iam::123456789012:role/NAME",
        );
        let external_id = self.text("SRC_EXTERNAL_ID");
        let (renamed, copy_custom) = self.attribute_map();
        let fixed = self.static_attributes();
        let username = self.one_of(
            "DST_USERNAME",
            &[
                ("none", DestinationUsername::None),
                ("username", DestinationUsername::Username),
                ("sub", DestinationUsername::Sub),
            ],
            "must be none, username or sub",
        );
        let policy = policy::Settings {
            on_mfa: self.one_of(
                "ON_MFA",
                &[
                    ("refuse", OnMfa::Refuse),
                    ("sms", OnMfa::Sms),
                    ("drop", OnMfa::Drop),
                ],
                "must be refuse, sms or drop",
            ),
            on_temporary_password: self.one_of(
                "ON_TEMPORARY_PASSWORD",
                &[
                    ("refuse", OnTemporaryPassword::Refuse),
                    ("reset", OnTemporaryPassword::Reset),
                ],
                "must be refuse or reset",
            ),
            on_forgot_password: self.one_of(
                "ON_FORGOT_PASSWORD",
                &[
                    ("migrate", OnForgotPassword::Migrate),
                    ("ignore", OnForgotPassword::Ignore),
                ],
                "must be migrate or ignore",
            ),
            lookup: self.one_of(
                "SRC_LOOKUP",
                &[
                    ("none", None),
                    ("email", Some(SignInName::Email)),
                    ("phone_number", Some(SignInName::PhoneNumber)),
                    ("preferred_username", Some(SignInName::PreferredUsername)),
                ],
                "must be none, email, phone_number or preferred_username",
            ),
        };
        let on_reject = self.one_of(
            "ON_REJECT",
            &[("echo", OnReject::Echo), ("error", OnReject::Error)],
            "must be echo or error",
        );
        let mark = self.mark(&renamed, &fixed);
        let finishing = self.finishing();
        let welcome_message = self.one_of(
            "WELCOME_MESSAGE",
            &[
                ("none", vec![]),
                ("email", vec![DeliveryMedium::Email]),
                ("sms", vec![DeliveryMedium::Sms]),
                (
                    "email,sms",
                    vec![DeliveryMedium::Email, DeliveryMedium::Sms],
                ),
                (
                    "sms,email",
                    vec![DeliveryMedium::Sms, DeliveryMedium::Email],
                ),
            ],
            "must be none, email, sms or email,sms",
        );
        let force_alias_creation = self.one_of(
            "FORCE_ALIAS_CREATION",
            &[("false", false), ("true", true)],
            "must be true or false",
        );
        let time_budget = self.time_budget();
        let metrics = self.one_of(
            "METRICS",
            &[("emf", MetricsFormat::Emf), ("none", MetricsFormat::None)],
            "must be emf or none",
        );

        if external_id.is_some() && self.text("SRC_ROLE_ARN").is_none() {
            self.mistake(
                "SRC_EXTERNAL_ID",
                "goes with SRC_ROLE_ARN, which is not set",
            );
        }
        let user_pool_id = user_pool_id?;
        let (pool_region, _) = user_pool_id.split_once('_')?;
        Some(Config {
            source: Source {
                region: region.unwrap_or_else(|| pool_region.to_owned()),
                user_pool_id,
                client_id: client_id?,
                client_secret,
                auth_flow,
                role: role_arn.map(|arn| Role { arn, external_id }),
            },
            policy,
            destination: Destination {
                mapping: Mapping {
                    renamed,
                    copy_custom,
                    fixed,
                },
                username,
                welcome_message,
                force_alias_creation,
                mark,
            },
            finishing,
            on_reject,
            time_budget,
            metrics,
        })
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.look_up)(name).filter(|value| !value.is_empty())
    }

    fn mistake(&mut self, name: &'static str, rule: &'static str) {
        self.mistakes.push((name, rule));
    }

    fn checked(
        &mut self,
        name: &'static str,
        is_right: impl Fn(&str) -> bool,
        rule: &'static str,
    ) -> Option<String> {
        let value = self.text(name)?;
        if is_right(&value) {
            return Some(value);
        }
        self.mistake(name, rule);
        None
    }

    fn required(
        &mut self,
        name: &'static str,
        is_right: impl Fn(&str) -> bool,
        rule: &'static str,
    ) -> Option<String> {
        if self.text(name).is_none() {
            self.mistake(name, rule);
        }
        self.checked(name, is_right, rule)
    }

    /// The meaning of the value among `values`; the default of the type if it is unset.
    fn one_of<T: Clone + Default>(
        &mut self,
        name: &'static str,
        values: &[(&str, T)],
        rule: &'static str,
    ) -> T {
        let Some(value) = self.text(name) else {
            return T::default();
        };
        if let Some((_, meaning)) = values.iter().find(|(known, _)| *known == value) {
            return meaning.clone();
        }
        self.mistake(name, rule);
        T::default()
    }

    fn json<T: DeserializeOwned + Default>(&mut self, name: &'static str, rule: &'static str) -> T {
        let Some(value) = self.text(name) else {
            return T::default();
        };
        serde_json::from_str(&value).unwrap_or_else(|_| {
            self.mistake(name, rule);
            T::default()
        })
    }

    /// `ATTRIBUTE_MAP`: what is renamed or dropped, and whether all custom attributes are copied.
    fn attribute_map(&mut self) -> (HashMap<String, Option<String>>, bool) {
        const NAME: &str = "ATTRIBUTE_MAP";
        const WILDCARD: &str = "custom:*";
        let mut map: HashMap<String, Option<String>> = self.json(
            NAME,
            "must be a JSON object of attribute names to attribute names or null",
        );
        let wildcard = map.remove(WILDCARD).flatten();
        let copy_custom = wildcard.as_deref() == Some(WILDCARD);
        if (wildcard.is_some() && !copy_custom) || map.keys().any(|source| source.contains('*')) {
            self.mistake(NAME, r#"knows one wildcard only, "custom:*": "custom:*""#);
        }
        if map.contains_key("") {
            self.mistake(NAME, "must not map from an empty attribute name");
        }
        let destinations: Vec<_> = map.values().flatten().collect();
        if !destinations
            .iter()
            .all(|name| attributes::is_settable(name))
        {
            self.mistake(
                NAME,
                "must map to standard attributes or custom:…, never to sub, identities, username or cognito:…",
            );
        }
        if destinations.iter().collect::<HashSet<_>>().len() < destinations.len() {
            self.mistake(NAME, "must not map two attributes to the same one");
        }
        // An id in a standard attribute would be shown as a name, or taken for an address.
        if map
            .get("sub")
            .and_then(Option::as_deref)
            .is_some_and(|name| !name.starts_with("custom:"))
        {
            self.mistake(NAME, "must map sub to a custom attribute");
        }
        // Such a flag would vouch for an address that the source pool never verified.
        let vouches = |(source, destination): (&String, &Option<String>)| {
            destination
                .as_deref()
                .is_some_and(|name| attributes::is_verified_flag(name) && name != source)
        };
        if map.iter().any(vouches) {
            self.mistake(
                NAME,
                "must not map another attribute to email_verified or phone_number_verified",
            );
        }
        (map, copy_custom)
    }

    fn static_attributes(&mut self) -> BTreeMap<String, String> {
        const NAME: &str = "STATIC_ATTRIBUTES";
        let fixed: BTreeMap<String, String> =
            self.json(NAME, "must be a JSON object of attribute names to texts");
        if !fixed.keys().all(|name| attributes::is_settable(name)) {
            self.mistake(
                NAME,
                "must set standard attributes or custom:…, never sub, identities, username or cognito:…",
            );
        }
        if fixed
            .values()
            .any(|value| value.len() > attributes::LONGEST_VALUE)
        {
            self.mistake(NAME, "must not hold a value of more than 2,048 bytes");
        }
        // As above: nobody here knows that every user's address is verified.
        if fixed
            .iter()
            .any(|(name, value)| attributes::is_verified_flag(name) && value != "false")
        {
            self.mistake(
                NAME,
                "must not set email_verified or phone_number_verified to anything but \"false\"",
            );
        }
        fixed
    }

    /// `MIGRATION_MARK`: a custom attribute of the new pool that nothing else is written to.
    fn mark(
        &mut self,
        renamed: &HashMap<String, Option<String>>,
        fixed: &BTreeMap<String, String>,
    ) -> Option<String> {
        const NAME: &str = "MIGRATION_MARK";
        let is_mark = |name: &str| name.starts_with("custom:") && attributes::is_settable(name);
        let mark = self.checked(NAME, is_mark, "must be a custom attribute, custom:…")?;
        let mapped = renamed.values().flatten().any(|name| *name == mark);
        if mapped || fixed.contains_key(&mark) {
            self.mistake(
                NAME,
                "must be an attribute that ATTRIBUTE_MAP and STATIC_ATTRIBUTES leave alone",
            );
        }
        Some(mark)
    }

    /// `COPY_GROUPS` and `SOURCE_USER`, which do nothing without a mark.
    fn finishing(&mut self) -> finish::Settings {
        let settings = finish::Settings {
            copy_groups: self.one_of(
                "COPY_GROUPS",
                &[("false", false), ("true", true)],
                "must be true or false",
            ),
            source_user: self.one_of(
                "SOURCE_USER",
                &[
                    ("keep", SourceUser::Keep),
                    ("disable", SourceUser::Disable),
                    ("delete", SourceUser::Delete),
                ],
                "must be keep, disable or delete",
            ),
        };
        if self.text("MIGRATION_MARK").is_none() {
            const RULE: &str = "goes with MIGRATION_MARK, which is not set";
            if settings.copy_groups {
                self.mistake("COPY_GROUPS", RULE);
            }
            if settings.source_user != SourceUser::Keep {
                self.mistake("SOURCE_USER", RULE);
            }
        }
        settings
    }

    fn time_budget(&mut self) -> Duration {
        const DEFAULT: u64 = 4500;
        let Some(value) = self.text("TIME_BUDGET_MS") else {
            return Duration::from_millis(DEFAULT);
        };
        let milliseconds = value.parse().ok().filter(|ms| (100..=4900).contains(ms));
        if milliseconds.is_none() {
            self.mistake(
                "TIME_BUDGET_MS",
                "must be a whole number of milliseconds from 100 to 4900",
            );
        }
        Duration::from_millis(milliseconds.unwrap_or(DEFAULT))
    }
}

/// Such as `eu-west-1` or `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] => {
            words.len() >= 2
                && words.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        [] => false,
    }
}

/// `REGION_ID`, at most 55 characters.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPool.html>
pub(crate) fn is_user_pool_id(text: &str) -> bool {
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
    text.len() <= 55
        && text
            .split_once('_')
            .is_some_and(|(region, id)| is_region(region) && is_id(id))
}

/// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
fn is_role_arn(text: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts.as_slice() else {
        return false;
    };
    *arn == "arn"
        && partition.starts_with("aws")
        && partition
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'-')
        && *service == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && resource.strip_prefix("role/").is_some_and(|name| {
            !name.is_empty()
                && !name.ends_with('/')
                && name.is_ascii()
                && !name.contains([' ', ':', '*'])
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: [(&str, &str); 2] = [
        ("SRC_USER_POOL_ID", "eu-west-1_Ab12Cd34E"),
        ("SRC_CLIENT_ID", "1example23456789"),
    ];

    fn read(variables: &[(&str, &str)]) -> Result<Config, Mistakes> {
        let all: HashMap<_, _> = REQUIRED.iter().chain(variables).copied().collect();
        Config::read(|name| all.get(name).map(|value| (*value).to_owned()))
    }

    fn good(variables: &[(&str, &str)]) -> Config {
        read(variables).unwrap()
    }

    fn mistakes(variables: &[(&str, &str)]) -> String {
        read(variables).unwrap_err().to_string()
    }

    #[test]
    fn two_variables_are_enough_and_the_rest_has_the_designs_defaults() {
        assert_eq!(
            good(&[]),
            Config {
                source: Source {
                    user_pool_id: "eu-west-1_Ab12Cd34E".to_owned(),
                    region: "eu-west-1".to_owned(),
                    client_id: "1example23456789".to_owned(),
                    client_secret: None,
                    auth_flow: AuthFlow::AdminUserPassword,
                    role: None,
                },
                policy: policy::Settings {
                    on_mfa: OnMfa::Refuse,
                    on_temporary_password: OnTemporaryPassword::Refuse,
                    on_forgot_password: OnForgotPassword::Migrate,
                    lookup: None,
                },
                destination: Destination {
                    mapping: Mapping::default(),
                    username: DestinationUsername::None,
                    welcome_message: vec![],
                    force_alias_creation: false,
                    mark: None,
                },
                finishing: finish::Settings::default(),
                on_reject: OnReject::Echo,
                time_budget: Duration::from_millis(4500),
                metrics: MetricsFormat::Emf,
            }
        );
    }

    #[test]
    fn an_empty_value_counts_as_unset() {
        let empty: Vec<_> = [
            "SRC_CLIENT_SECRET",
            "SRC_AUTH_FLOW",
            "SRC_REGION",
            "SRC_ROLE_ARN",
            "SRC_EXTERNAL_ID",
            "SRC_LOOKUP",
            "ATTRIBUTE_MAP",
            "STATIC_ATTRIBUTES",
            "DST_USERNAME",
            "ON_MFA",
            "ON_TEMPORARY_PASSWORD",
            "ON_FORGOT_PASSWORD",
            "ON_REJECT",
            "MIGRATION_MARK",
            "COPY_GROUPS",
            "SOURCE_USER",
            "WELCOME_MESSAGE",
            "FORCE_ALIAS_CREATION",
            "TIME_BUDGET_MS",
            "METRICS",
        ]
        .map(|name| (name, ""))
        .to_vec();
        assert_eq!(good(&empty), good(&[]));
    }

    #[test]
    fn every_value_has_its_meaning() {
        let config = good(&[
            ("SRC_CLIENT_SECRET", "made-up"),
            ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
            ("SRC_REGION", "us-gov-west-1"),
            ("SRC_ROLE_ARN", "arn:aws-us-gov:iam::123456789012:role/a/b"),
            ("SRC_EXTERNAL_ID", "made-up-id"),
            ("SRC_LOOKUP", "email"),
            ("DST_USERNAME", "sub"),
            ("ON_MFA", "drop"),
            ("ON_TEMPORARY_PASSWORD", "reset"),
            ("ON_FORGOT_PASSWORD", "ignore"),
            ("ON_REJECT", "error"),
            ("MIGRATION_MARK", "custom:migration"),
            ("COPY_GROUPS", "true"),
            ("SOURCE_USER", "delete"),
            ("WELCOME_MESSAGE", "email,sms"),
            ("FORCE_ALIAS_CREATION", "true"),
            ("TIME_BUDGET_MS", "100"),
            ("METRICS", "none"),
        ]);
        assert_eq!(config.source.client_secret, Some(Sensitive::new("made-up")));
        assert_eq!(config.source.auth_flow, AuthFlow::UserPassword);
        assert_eq!(config.source.region, "us-gov-west-1");
        assert_eq!(
            config.source.role,
            Some(Role {
                arn: "arn:aws-us-gov:iam::123456789012:role/a/b".to_owned(),
                external_id: Some("made-up-id".to_owned()),
            })
        );
        assert_eq!(config.destination.username, DestinationUsername::Sub);
        assert_eq!(
            config.policy,
            policy::Settings {
                on_mfa: OnMfa::Drop,
                on_temporary_password: OnTemporaryPassword::Reset,
                on_forgot_password: OnForgotPassword::Ignore,
                lookup: Some(SignInName::Email),
            }
        );
        assert_eq!(config.on_reject, OnReject::Error);
        assert_eq!(config.destination.mark.as_deref(), Some("custom:migration"));
        assert_eq!(
            config.finishing,
            finish::Settings {
                copy_groups: true,
                source_user: SourceUser::Delete,
            }
        );
        assert_eq!(
            config.destination.welcome_message,
            [DeliveryMedium::Email, DeliveryMedium::Sms]
        );
        assert!(config.destination.force_alias_creation);
        assert_eq!(config.time_budget, Duration::from_millis(100));
        assert_eq!(config.metrics, MetricsFormat::None);
    }

    #[test]
    fn the_old_name_of_the_admin_flow_is_accepted() {
        let config = good(&[("SRC_AUTH_FLOW", "ADMIN_NO_SRP_AUTH")]);
        assert_eq!(config.source.auth_flow, AuthFlow::AdminUserPassword);
    }

    #[test]
    fn the_attribute_map_is_read_as_the_design_says() {
        let map = r#"{"sub":"custom:legacy_sub","name":null,"custom:org":"custom:tenant","custom:*":"custom:*"}"#;
        let mapping = good(&[
            ("ATTRIBUTE_MAP", map),
            (
                "STATIC_ATTRIBUTES",
                r#"{"custom:origin":"old","email_verified":"false"}"#,
            ),
        ])
        .destination
        .mapping;
        assert!(mapping.copy_custom);
        assert_eq!(
            mapping.renamed,
            HashMap::from([
                ("sub".to_owned(), Some("custom:legacy_sub".to_owned())),
                ("name".to_owned(), None),
                ("custom:org".to_owned(), Some("custom:tenant".to_owned())),
            ])
        );
        assert_eq!(mapping.fixed["custom:origin"], "old");
    }

    #[test]
    fn every_wrong_value_is_refused_by_name() {
        for (name, values) in [
            (
                "SRC_USER_POOL_ID",
                &[
                    "pool",
                    "eu-west-1",
                    "eu-west-1_",
                    "EU-west-1_a",
                    "eu-west-1_a_b",
                    "_a",
                    "eu-west_a",
                ][..],
            ),
            ("SRC_CLIENT_ID", &["a b"]),
            (
                "SRC_AUTH_FLOW",
                &["USER_SRP_AUTH", "admin_user_password_auth"],
            ),
            (
                "SRC_REGION",
                &["europe", "eu-west", "eu-west-1a", "-1", "eu--1"],
            ),
            (
                "SRC_ROLE_ARN",
                &[
                    "role",
                    "arn:aws:iam::123:role/a",
                    "arn:aws:iam::123456789012:user/a",
                    "arn:aws:iam::123456789012:role/",
                    "arn:aws:iam:eu-west-1:123456789012:role/a",
                    "arn:gcp:iam::123456789012:role/a",
                ],
            ),
            ("SRC_EXTERNAL_ID", &["without-a-role"]),
            ("SRC_LOOKUP", &["Email", "phone", "username"]),
            (
                "ATTRIBUTE_MAP",
                &[
                    "no json",
                    "[]",
                    r#"{"a":1}"#,
                    r#"{"email":"sub"}"#,
                    r#"{"sub":"nickname"}"#,
                    r#"{"email":"identities"}"#,
                    r#"{"email":"username"}"#,
                    r#"{"email":"cognito:user_status"}"#,
                    r#"{"email":"mail"}"#,
                    r#"{"email":""}"#,
                    r#"{"":"email"}"#,
                    r#"{"a":"name","b":"name"}"#,
                    r#"{"custom:*":"custom:a"}"#,
                    r#"{"custom:*":"email"}"#,
                    r#"{"*":"custom:*"}"#,
                    r#"{"custom:a*":"custom:b"}"#,
                    r#"{"custom:a":"custom:*"}"#,
                    r#"{"custom:checked":"email_verified"}"#,
                    r#"{"email_verified":"phone_number_verified"}"#,
                ],
            ),
            (
                "STATIC_ATTRIBUTES",
                &[
                    "{",
                    r#"{"custom:a":true}"#,
                    r#"{"sub":"1"}"#,
                    r#"{"username":"a"}"#,
                    r#"{"custom:*":"a"}"#,
                    r#"{"email_verified":"true"}"#,
                    r#"{"phone_number_verified":"1"}"#,
                ],
            ),
            ("DST_USERNAME", &["email", "None"]),
            ("ON_MFA", &["allow"]),
            ("ON_TEMPORARY_PASSWORD", &["migrate"]),
            ("ON_FORGOT_PASSWORD", &["true"]),
            ("ON_REJECT", &["throw"]),
            (
                "MIGRATION_MARK",
                &["migration", "email", "custom:", "custom:*", "custom:a b"],
            ),
            ("COPY_GROUPS", &["yes", "true"]),
            ("SOURCE_USER", &["retire", "disable", "delete"]),
            ("WELCOME_MESSAGE", &["EMAIL", "email;sms", "letter"]),
            ("FORCE_ALIAS_CREATION", &["yes", "TRUE"]),
            ("METRICS", &["EMF", "off"]),
            (
                "TIME_BUDGET_MS",
                &["99", "4901", "1e3", "-1", "4500ms", "99999999999999999999"],
            ),
        ] {
            for value in values {
                let text = mistakes(&[(name, value)]);
                assert!(text.contains(name), "{name}={value}: {text}");
                for (other, _) in REQUIRED {
                    assert!(other == name || !text.contains(other), "{text}");
                }
            }
        }
    }

    #[test]
    fn nothing_else_is_written_where_the_mark_stands() {
        let mark = ("MIGRATION_MARK", "custom:migration");
        good(&[mark]);
        for other in [
            ("ATTRIBUTE_MAP", r#"{"custom:a":"custom:migration"}"#),
            ("STATIC_ATTRIBUTES", r#"{"custom:migration":"a"}"#),
        ] {
            assert!(mistakes(&[mark, other]).contains("MIGRATION_MARK"));
        }
    }

    #[test]
    fn a_missing_required_variable_is_named_once() {
        let text = Config::read(|_| None).unwrap_err().to_string();
        assert_eq!(text.matches("SRC_USER_POOL_ID").count(), 1, "{text}");
        assert_eq!(text.matches("SRC_CLIENT_ID").count(), 1, "{text}");
    }

    #[test]
    fn all_mistakes_are_named_at_once_and_no_value_is_shown() {
        let text = mistakes(&[
            ("SRC_USER_POOL_ID", "hunter2-pasted-here"),
            ("ON_MFA", "hunter2-pasted-here"),
            ("TIME_BUDGET_MS", "hunter2-pasted-here"),
            ("SRC_CLIENT_SECRET", "hunter2-pasted-here"),
        ]);
        for name in ["SRC_USER_POOL_ID", "ON_MFA", "TIME_BUDGET_MS"] {
            assert!(text.contains(name), "{text}");
        }
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn a_secret_is_not_in_the_debug_output_of_a_configuration() {
        let config = good(&[("SRC_CLIENT_SECRET", "hunter2")]);
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn outside_of_lambda_the_first_missing_variable_is_named() {
        assert_eq!(missing_from_lambda(|_| Some("x".to_owned())), None);
        assert_eq!(
            missing_from_lambda(|_| None),
            Some("AWS_LAMBDA_RUNTIME_API")
        );
    }

    #[test]
    fn the_log_level_is_lambdas_and_falls_back_to_info() {
        let level = |value: &str| {
            log_level(|name| (name == "AWS_LAMBDA_LOG_LEVEL").then(|| value.to_owned()))
        };
        assert_eq!(level("TRACE"), Level::TRACE);
        assert_eq!(level("debug"), Level::DEBUG);
        assert_eq!(level("FATAL"), Level::ERROR);
        assert_eq!(level("loud"), Level::INFO);
        assert_eq!(log_level(|_| None), Level::INFO);
    }
}
