//! The parsers of values. An error names what is wrong and never shows the value: secrets get pasted into the wrong variable.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::RangeInclusive,
    str::FromStr,
    time::Duration,
};

use serde_json::Value;

use super::{form::NOTHING, types::SecretArn};
use crate::{
    attributes::{self, LONGEST_VALUE, Mapping},
    password::{MINIMUM_LENGTHS, PasswordPolicy},
    selection::Selection,
};

/// The rule for `PASSWORD_POLICY`.
pub(super) const POLICY: &str = "must be a JSON object of minimumLength (6 to 99), requireLowercase, requireUppercase, \
                                 requireNumbers, requireSymbols (true or false)";

/// The members of `PASSWORD_POLICY` besides the length.
const DEMANDS: [&str; 4] = [
    "requireLowercase",
    "requireUppercase",
    "requireNumbers",
    "requireSymbols",
];

/// The mistake in a value.
pub(super) enum Wrong {
    /// It does not have the form of the variable.
    Form,
    /// Names in a JSON object are wrong. The rule for each.
    Names(Vec<String>),
}

/// `ATTRIBUTE_MAP` as it is written.
type AttributeMap = BTreeMap<String, Option<String>>;

/// The one wildcard of `ATTRIBUTE_MAP`, which stands on both sides.
const WILDCARD: &str = "custom:*";

/// A text that `is_right` accepts.
pub(super) fn text(value: &str, is_right: fn(&str) -> bool) -> Result<String, Wrong> {
    is_right(value).then(|| value.to_owned()).ok_or(Wrong::Form)
}

/// One of a closed list.
pub(super) fn word<T: FromStr>(value: &str) -> Result<T, Wrong> {
    value.parse().map_err(|_| Wrong::Form)
}

/// One of a closed list, or `none`.
pub(super) fn word_or_none<T: FromStr>(value: &str) -> Result<Option<T>, Wrong> {
    (value != NOTHING).then(|| word(value)).transpose()
}

/// A whole number of milliseconds.
pub(super) fn milliseconds(value: &str, range: RangeInclusive<u64>) -> Result<Duration, Wrong> {
    let milliseconds = value.parse().ok().filter(|number| range.contains(number));
    milliseconds.map(Duration::from_millis).ok_or(Wrong::Form)
}

/// `ATTRIBUTE_MAP`, into the mapping.
pub(super) fn attribute_map(value: &str, mapping: &mut Mapping) -> Result<(), Wrong> {
    let mut map: AttributeMap = serde_json::from_str(value).map_err(|_| Wrong::Form)?;
    without(mistakes_in_map(&map))?;
    mapping.copy_custom = map.remove(WILDCARD).flatten().is_some();
    mapping.renamed = map;
    Ok(())
}

/// `STATIC_ATTRIBUTES`.
pub(super) fn static_attributes(value: &str) -> Result<BTreeMap<String, String>, Wrong> {
    let attributes = serde_json::from_str(value).map_err(|_| Wrong::Form)?;
    without(mistakes_in_static(&attributes))?;
    Ok(attributes)
}

/// `PASSWORD_POLICY`.
pub(super) fn password_policy(value: &str) -> Result<PasswordPolicy, Wrong> {
    let members: BTreeMap<String, Value> = serde_json::from_str(value).map_err(|_| Wrong::Form)?;
    let is_right = |name: &str, value: &Value| match name {
        "minimumLength" => value
            .as_u64()
            .and_then(|length| usize::try_from(length).ok())
            .is_some_and(|length| MINIMUM_LENGTHS.contains(&length)),
        name => DEMANDS.contains(&name) && value.is_boolean(),
    };
    let wrong: Vec<_> = members
        .into_iter()
        .filter(|(name, value)| !is_right(name, value))
        .map(|(name, _)| format!("{POLICY}; this is wrong: {name}"))
        .collect();
    without(wrong)?;
    // This also finds a name that stands there twice.
    serde_json::from_str(value).map_err(|_| Wrong::Form)
}

/// An error if there are mistakes.
fn without(mistakes: Vec<String>) -> Result<(), Wrong> {
    mistakes
        .is_empty()
        .then_some(())
        .ok_or(Wrong::Names(mistakes))
}

/// The name of a custom attribute.
pub(super) fn is_mark(value: &str) -> bool {
    value.starts_with("custom:") && attributes::is_settable(value)
}

/// `none`, `*`, or names separated by commas.
///
/// `true` and `false` were values of `COPY_GROUPS` once. As names of groups they would silently select nothing. A group's name
/// has at most 128 characters and no blanks.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html>
pub(super) fn selection(value: &str) -> Result<Selection, Wrong> {
    let is_name = |name: &str| {
        !matches!(name, "" | NOTHING | "*" | "true" | "false")
            && name.chars().count() <= 128
            && !name.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    match value {
        NOTHING => Ok(Selection::None),
        "*" => Ok(Selection::All),
        names => {
            let names: BTreeSet<_> = names
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect();
            let all_are = names.iter().all(|name| is_name(name));
            all_are
                .then_some(Selection::Named(names))
                .ok_or(Wrong::Form)
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
        // It is not known here that every user's address is verified.
        if attributes::is_verified_flag(name) && value != "false" {
            mistakes.push(format!(r#"must not set {name} to anything but "false""#));
        }
    }
    mistakes
}

/// Such as `eu-west-1` or `us-gov-west-1`.
pub(super) fn is_region(text: &str) -> bool {
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.rsplit_once('-').is_some_and(|(words, number)| {
        words.contains('-') && words.split('-').all(|word| is_word(&word)) && is_number(number)
    })
}

/// `REGION_ID`, at most 55 characters.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPool.html>
pub(super) fn is_user_pool_id(text: &str) -> bool {
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
    text.len() <= 55
        && text
            .split_once('_')
            .is_some_and(|(region, id)| is_region(region) && is_id(id))
}

/// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
pub(super) fn is_role_arn(text: &str) -> bool {
    let Some(("", resource)) = arn(text, "iam") else {
        return false;
    };
    let is_name = |name: &str| name.is_ascii() && !name.contains([' ', ':', '*']);
    resource
        .strip_prefix("role/")
        .is_some_and(|name| !name.is_empty() && !name.ends_with('/') && is_name(name))
}

/// `arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME`.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>
pub(super) fn secret_arn(text: &str) -> Result<SecretArn, Wrong> {
    let (region, resource) = arn(text, "secretsmanager").ok_or(Wrong::Form)?;
    let name = resource.strip_prefix("secret:").ok_or(Wrong::Form)?;
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b);
    let is_right = is_region(region) && !name.is_empty() && name.bytes().all(is_part);
    let (arn, region) = (text.to_owned(), region.to_owned());
    is_right
        .then_some(SecretArn { arn, region })
        .ok_or(Wrong::Form)
}

/// The Region and the resource of an ARN of this service, in an account.
fn arn<'a>(text: &'a str, service: &str) -> Option<(&'a str, &'a str)> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let ["arn", partition, of, region, account, resource] = parts[..] else {
        return None;
    };
    let is_partition = |b: u8| b.is_ascii_lowercase() || b == b'-';
    let is_right = partition.starts_with("aws")
        && partition.bytes().all(is_partition)
        && of == service
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit());
    is_right.then_some((region, resource))
}
