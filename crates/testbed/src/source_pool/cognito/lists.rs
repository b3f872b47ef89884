//! Lists in pages.

use serde_json::{Value, json};

use super::{found::text, profile::attribute_list};
use crate::source_pool::{
    answer::ApiError,
    state::{Client, User},
};

/// Pages of groups are short, as the service may make them, so that few groups need several.
const GROUPS_A_PAGE: usize = 3;
/// No page of anything else is longer.
const MOST_A_PAGE: usize = 60;

/// The part of `list` that starts where the token in `from` says, at most as long as `input` wishes: the list under
/// `name`, and a token of what follows. A token is the number of entries before its page.
fn page<T>(
    input: &Value,
    list: &[T],
    (name, token, most): (&str, &str, usize),
    show: impl Fn(&T) -> Value,
) -> Result<Value, ApiError> {
    let limit = [&input["Limit"], &input["MaxResults"]];
    let limit = limit.into_iter().find_map(Value::as_u64).unwrap_or(60);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|it| (1..=MOST_A_PAGE).contains(it));
    let limit = limit
        .ok_or_else(|| ApiError::invalid("The limit is wrong"))?
        .min(most);
    let start: usize = match input[token].as_str().map(str::parse) {
        None => 0,
        Some(Ok(start)) => start,
        Some(Err(_)) => return Err(ApiError::invalid("Invalid pagination token")),
    };
    let shown: Vec<_> = list.iter().skip(start).take(limit).map(show).collect();
    let end = start + shown.len();
    let mut answer = json!({ name: shown });
    if end < list.len() {
        answer[token] = json!(end.to_string());
    }
    Ok(answer)
}

pub(super) fn clients(clients: &[Client], input: &Value) -> Result<Value, ApiError> {
    page(
        input,
        clients,
        ("UserPoolClients", "NextToken", MOST_A_PAGE),
        |client| {
            json!({
                "ClientId": client.id, "ClientName": client.name(), "UserPoolId": input["UserPoolId"],
            })
        },
    )
}

pub(super) fn groups(groups: &[String], input: &Value) -> Result<Value, ApiError> {
    page(
        input,
        groups,
        ("Groups", "NextToken", GROUPS_A_PAGE),
        |name| json!({ "GroupName": name }),
    )
}

/// All users, or those that a filter finds. The filter ignores case, because the service's comparison is not
/// documented: callers must compare again.
pub(super) fn users(users: &[User], input: &Value) -> Result<Value, ApiError> {
    let show = |user: &User| {
        json!({
            "Username": user.username, "Enabled": user.enabled, "UserStatus": user.status,
            "Attributes": attribute_list(user, None), "UserLastModifiedDate": user.last_modified,
        })
    };
    let form = ("Users", "PaginationToken", MOST_A_PAGE);
    let filter = text(input, "Filter");
    if filter.is_empty() {
        return page(input, users, form, show);
    }
    if filter.chars().count() > 256 {
        return Err(ApiError::invalid("Filter is too long"));
    }
    let (attribute, prefix, value) =
        parse_filter(filter).ok_or_else(|| ApiError::invalid("Error while parsing filter."))?;
    if !FILTERED.contains(&attribute) {
        return Err(ApiError::invalid("Filter attribute is not supported."));
    }
    let value = value.to_lowercase();
    let finds = |user: &&User| {
        let held = match attribute {
            "username" => Some(user.username.clone()),
            "sub" => Some(user.sub()),
            _ => user.attributes.get(attribute).cloned(),
        };
        held.map(|held| held.to_lowercase())
            .is_some_and(|held| held == value || (prefix && held.starts_with(&value)))
    };
    let found: Vec<_> = users.iter().filter(finds).collect();
    page(input, &found, form, |user| show(user))
}

/// The columns of an import file: the standard attributes, the pool's custom ones, and two of Cognito's own.
pub(super) fn import_columns(described: &Value) -> Vec<String> {
    const STANDARD: &str = "name given_name family_name middle_name nickname preferred_username profile picture website \
                            email email_verified gender birthdate zoneinfo locale phone_number phone_number_verified \
                            address updated_at";
    let standard = STANDARD.split_whitespace();
    let schema = described["SchemaAttributes"]
        .as_array()
        .into_iter()
        .flatten();
    let names = schema.filter_map(|attribute| attribute["Name"].as_str());
    let custom = names.filter(|name| name.starts_with("custom:"));
    let own = ["cognito:mfa_enabled", "cognito:username"];
    standard
        .chain(custom)
        .chain(own)
        .map(str::to_owned)
        .collect()
}

/// The attributes that a filter can name.
const FILTERED: [&str; 8] = [
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "sub",
];

/// `attribute = "value"` or `attribute ^= "value"`: attribute, whether a beginning is enough, value.
fn parse_filter(filter: &str) -> Option<(&str, bool, String)> {
    let (left, quoted) = filter.split_once('"')?;
    let left = left.trim_end().strip_suffix('=')?;
    let (attribute, prefix) = match left.strip_suffix('^') {
        Some(attribute) => (attribute, true),
        None => (left, false),
    };
    let mut value = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => break,
            '\\' => value.push(rest.next()?),
            c => value.push(c),
        }
    }
    rest.as_str()
        .trim()
        .is_empty()
        .then_some((attribute.trim(), prefix, value))
}
