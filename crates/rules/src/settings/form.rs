//! Which values a variable takes, and what is said of one that it does not take.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::types::SecretArn;
use crate::{
    attributes::{self, LONGEST_VALUE},
    password::{MINIMUM_LENGTHS, PasswordPolicy},
    selection::Selection,
};

/// The form of a variable's value.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A user pool id. Required.
    UserPoolId,
    /// The id of an app client. Required.
    AppClientId,
    /// Any text.
    Text,
    /// A Region.
    Region,
    /// The ARN of an IAM role.
    RoleArn,
    /// The ARN of a secret in Secrets Manager.
    SecretArn,
    /// A JSON object, source attribute → destination attribute or null.
    AttributeMap,
    /// A JSON object, destination attribute → text.
    StaticAttributes,
    /// The name of a custom attribute.
    Mark,
    /// `none`, `*`, or names.
    Names {
        /// What has these names, in the plural.
        of: &'static str,
    },
    /// A JSON object of what passwords must be.
    PasswordPolicy,
    /// A closed list.
    OneOf {
        /// The values; the first is the default.
        words: &'static [&'static str],
        /// Other spellings that are accepted.
        old_words: &'static [&'static str],
    },
    /// A whole number of milliseconds.
    Milliseconds {
        /// What unset means.
        default: &'static str,
        /// The least that is accepted.
        least: u64,
        /// The most that is accepted.
        most: u64,
    },
}

/// `ATTRIBUTE_MAP` as it is written.
pub(super) type AttributeMap = BTreeMap<String, Option<String>>;

/// The one wildcard of `ATTRIBUTE_MAP`, which stands on both sides.
pub(super) const WILDCARD: &str = "custom:*";

impl Form {
    /// One of these words, of which the first is the default.
    pub(super) const fn one_of(words: &'static [&'static str]) -> Self {
        Form::OneOf {
            words,
            old_words: &[],
        }
    }

    /// Whether the function does not start without a value.
    pub fn is_required(self) -> bool {
        matches!(self, Form::UserPoolId | Form::AppClientId)
    }

    /// The value that unset stands for, if there is one.
    pub fn default(self) -> Option<&'static str> {
        match self {
            Form::OneOf { words, .. } => words.first().copied(),
            Form::AttributeMap | Form::StaticAttributes => Some("{}"),
            Form::Names { .. } => Some(NOTHING),
            Form::Milliseconds { default, .. } => Some(default),
            Form::UserPoolId
            | Form::AppClientId
            | Form::Text
            | Form::Region
            | Form::RoleArn
            | Form::SecretArn
            | Form::Mark
            | Form::PasswordPolicy => None,
        }
    }

    /// What a value must be.
    pub fn rule(self) -> String {
        match self {
            Form::UserPoolId => {
                "must be the id of the source user pool, such as eu-west-1_Ab12Cd34E".to_owned()
            }
            Form::AppClientId => {
                "must be the id of an app client of the source user pool".to_owned()
            }
            Form::Text => "must be a text".to_owned(),
            Form::Region => "must be an AWS Region, such as eu-west-1".to_owned(),
            Form::RoleArn => {
                "must be the ARN of a role, such as arn:aws:iam::123456789012:role/NAME".to_owned()
            }
            Form::SecretArn => "must be the ARN of a secret in Secrets Manager, such as \
                                arn:aws:secretsmanager:eu-west-1:123456789012:secret:NAME"
                .to_owned(),
            Form::AttributeMap => {
                "must be a JSON object of attribute names to attribute names or null".to_owned()
            }
            Form::StaticAttributes => {
                "must be a JSON object of attribute names to texts".to_owned()
            }
            Form::Mark => "must be a custom attribute, custom:…".to_owned(),
            Form::Names { of } => format!("must be none, * or names of {of}, separated by commas"),
            Form::PasswordPolicy => format!(
                "must be a JSON object of minimumLength ({} to {}), {} (true or false)",
                MINIMUM_LENGTHS.start(),
                MINIMUM_LENGTHS.end(),
                DEMANDS.join(", ")
            ),
            Form::OneOf { words, .. } => match words {
                [others @ .., last] => format!("must be {} or {last}", others.join(", ")),
                [] => "must not be set".to_owned(),
            },
            Form::Milliseconds { least, most, .. } => {
                format!("must be a whole number of milliseconds from {least} to {most}")
            }
        }
    }

    /// Every mistake in a value: what it must be and, for the JSON objects, which name in it is wrong. The value itself is
    /// not shown: secrets get pasted into the wrong variable.
    pub(super) fn mistakes(self, value: &str) -> Vec<String> {
        let is_right = match self {
            Form::UserPoolId => is_user_pool_id(value),
            Form::AppClientId => !value.contains(char::is_whitespace),
            Form::Text => true,
            Form::Region => is_region(value),
            Form::RoleArn => is_role_arn(value),
            Form::SecretArn => secret_arn(value).is_some(),
            Form::AttributeMap => match serde_json::from_str(value) {
                Ok(map) => return mistakes_in_map(&map),
                Err(_) => false,
            },
            Form::StaticAttributes => match serde_json::from_str(value) {
                Ok(attributes) => return mistakes_in_static(&attributes),
                Err(_) => false,
            },
            Form::Mark => value.starts_with("custom:") && attributes::is_settable(value),
            Form::Names { .. } => selection(value).is_some(),
            Form::PasswordPolicy => match serde_json::from_str(value) {
                Ok(policy) => return self.mistakes_in_policy(value, &policy),
                Err(_) => false,
            },
            Form::OneOf { words, old_words } => {
                words.contains(&value) || old_words.contains(&value)
            }
            Form::Milliseconds { least, most, .. } => value
                .parse()
                .is_ok_and(|ms: u64| (least..=most).contains(&ms)),
        };
        if is_right { vec![] } else { vec![self.rule()] }
    }

    fn mistakes_in_policy(self, value: &str, policy: &BTreeMap<String, Value>) -> Vec<String> {
        let is_right = |(name, value): &(&String, &Value)| match name.as_str() {
            "minimumLength" => value
                .as_u64()
                .and_then(|length| usize::try_from(length).ok())
                .is_some_and(|length| MINIMUM_LENGTHS.contains(&length)),
            name => DEMANDS.contains(&name) && value.is_boolean(),
        };
        let wrong = policy.iter().filter(|member| !is_right(member));
        let mistakes: Vec<_> = wrong
            .map(|(name, _)| format!("{}; this is wrong: {name}", self.rule()))
            .collect();
        // A name that stands there twice, for instance.
        if mistakes.is_empty() && serde_json::from_str::<PasswordPolicy>(value).is_err() {
            return vec![self.rule()];
        }
        mistakes
    }
}

/// What `PASSWORD_POLICY` can demand besides a length.
const DEMANDS: [&str; 4] = [
    "requireLowercase",
    "requireUppercase",
    "requireNumbers",
    "requireSymbols",
];

const NOTHING: &str = "none";
const EVERYTHING: &str = "*";

/// The selection that a value means; `None` for one that is none.
///
/// `true` and `false` are what `COPY_GROUPS` once took: as names they would select nothing without a word. A group's name
/// has at most 128 characters and no blanks.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html>
pub(super) fn selection(value: &str) -> Option<Selection> {
    let is_name = |name: &str| {
        !matches!(name, "" | NOTHING | EVERYTHING | "true" | "false")
            && name.chars().count() <= 128
            && !name.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    match value {
        NOTHING => Some(Selection::None),
        EVERYTHING => Some(Selection::All),
        names => {
            let names: BTreeSet<_> = names
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect();
            let all_are = names.iter().all(|name| is_name(name));
            all_are.then_some(Selection::Named(names))
        }
    }
}

fn mistakes_in_map(map: &AttributeMap) -> Vec<String> {
    let mut mistakes = vec![];
    let mut destinations = HashSet::new();
    for (source, destination) in map {
        if source.is_empty() {
            mistakes.push("must not map from an empty attribute name".to_owned());
        }
        let is_wildcard = source == WILDCARD;
        if is_wildcard && destination.as_deref().is_some_and(|name| name != WILDCARD)
            || !is_wildcard && source.contains('*')
        {
            mistakes.push(format!(
                r#"knows one wildcard only, "custom:*": "custom:*"; this is another one: {source}"#
            ));
        }
        let Some(destination) = destination.as_deref().filter(|_| !is_wildcard) else {
            continue;
        };
        if !attributes::is_settable(destination) {
            mistakes.push(format!(
                "must map to standard attributes or custom:…, never to sub, identities, username or cognito:…: {destination}"
            ));
        }
        if !destinations.insert(destination) {
            mistakes.push(format!(
                "must not map two attributes to the same one: {destination}"
            ));
        }
        if attributes::IDENTIFIERS.contains(&source.as_str()) && !destination.starts_with("custom:")
        {
            mistakes.push(format!(
                "must map {source} to a custom attribute: {destination}"
            ));
        }
        // Such a flag would vouch for an address that the source pool never verified.
        if attributes::is_verified_flag(destination) && destination != source {
            mistakes.push(format!(
                "must not map another attribute to {destination}: {source}"
            ));
        }
    }
    mistakes
}

fn mistakes_in_static(values: &BTreeMap<String, String>) -> Vec<String> {
    let mut mistakes = vec![];
    for (name, value) in values {
        if !attributes::is_settable(name) {
            mistakes.push(format!(
                "must set standard attributes or custom:…, never sub, identities, username or cognito:…: {name}"
            ));
        }
        if value.len() > LONGEST_VALUE {
            mistakes.push(format!(
                "must not hold a value of more than 2,048 bytes: {name}"
            ));
        }
        // Nobody here knows that every user's address is verified.
        if attributes::is_verified_flag(name) && value != "false" {
            mistakes.push(format!(r#"must not set {name} to anything but "false""#));
        }
    }
    mistakes
}

/// Such as `eu-west-1` or `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let parts: Vec<_> = text.split('-').collect();
    parts.split_last().is_some_and(|(number, words)| {
        words.len() >= 2
            && words.iter().all(is_word)
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// `REGION_ID`, at most 55 characters.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPool.html>
fn is_user_pool_id(text: &str) -> bool {
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
    text.len() <= 55
        && text
            .split_once('_')
            .is_some_and(|(region, id)| is_region(region) && is_id(id))
}

/// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
fn is_role_arn(text: &str) -> bool {
    arn(text, "iam").is_some_and(|(region, resource)| {
        region.is_empty()
            && resource.strip_prefix("role/").is_some_and(|name| {
                !name.is_empty()
                    && !name.ends_with('/')
                    && name.is_ascii()
                    && !name.contains([' ', ':', '*'])
            })
    })
}

/// `arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME`.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>
pub(super) fn secret_arn(text: &str) -> Option<SecretArn> {
    let (region, resource) = arn(text, "secretsmanager")?;
    let name = resource.strip_prefix("secret:")?;
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b);
    let is_right = is_region(region) && !name.is_empty() && name.bytes().all(is_part);
    is_right.then(|| SecretArn {
        arn: text.to_owned(),
        region: region.to_owned(),
    })
}

/// The Region and the resource of an ARN of this service, in an account.
fn arn<'a>(text: &'a str, service: &str) -> Option<(&'a str, &'a str)> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [arn, partition, of, region, account, resource] = parts.as_slice() else {
        return None;
    };
    let is_partition = |b: u8| b.is_ascii_lowercase() || b == b'-';
    let is_right = *arn == "arn"
        && partition.starts_with("aws")
        && partition.bytes().all(is_partition)
        && *of == service
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit());
    is_right.then_some((region, resource))
}
