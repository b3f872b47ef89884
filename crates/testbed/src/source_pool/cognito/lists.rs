//! Lists in pages.

use serde_json::{Map, Value, json};

use super::found::{attribute_list, text};
use crate::source_pool::{
    answer::ApiError,
    state::{Client, User},
};

/// Pages of groups are short, as the service may make them, so that few groups need several.
const GROUPS_A_PAGE: u64 = 3;
/// No page of anything else is longer.
const MOST_A_PAGE: u64 = 60;

/// The part of `list` that starts where the token in `input` says, at most as long as `input` wishes: the list under
/// `name`, and a token of what follows. A token is the number of entries before its page.
fn page<T>(
    input: &Value,
    list: &[T],
    (name, token, most): (&str, &str, u64),
    show: impl Fn(&T) -> Value,
) -> Result<Value, ApiError> {
    let asked = input["Limit"].as_u64().or(input["MaxResults"].as_u64());
    let limit = asked.unwrap_or(MOST_A_PAGE);
    if !(1..=MOST_A_PAGE).contains(&limit) {
        return Err(ApiError::invalid("The limit is wrong"));
    }
    let start = input[token].as_str().unwrap_or("0").parse();
    let start = start.map_err(|_| ApiError::invalid("Invalid pagination token"))?;
    let rest = list.iter().skip(start);
    let shown: Vec<_> = rest.take(limit.min(most) as usize).map(show).collect();
    let end = start + shown.len();
    let mut answer = json!({ name: shown });
    if end < list.len() {
        answer[token] = json!(end.to_string());
    }
    Ok(answer)
}

pub(super) fn clients(clients: &[Client], input: &Value) -> Result<Value, ApiError> {
    let pool = &input["UserPoolId"];
    let form = ("UserPoolClients", "NextToken", MOST_A_PAGE);
    page(
        input,
        clients,
        form,
        |client| json!({ "ClientId": client.id, "ClientName": client.name(), "UserPoolId": pool }),
    )
}

pub(super) fn groups(groups: &[String], input: &Value) -> Result<Value, ApiError> {
    let form = ("Groups", "NextToken", GROUPS_A_PAGE);
    page(input, groups, form, |name| json!({ "GroupName": name }))
}

/// All users, or those that a filter finds. The filter ignores case, because the service's comparison is not
/// documented: callers must compare again.
pub(super) fn users(users: &[User], input: &Value) -> Result<Value, ApiError> {
    let form = ("Users", "PaginationToken", MOST_A_PAGE);
    let show = |user: &User| {
        json!({
            "Username": user.username, "Enabled": user.enabled, "UserStatus": user.status,
            "Attributes": attribute_list(user, None), "UserLastModifiedDate": user.last_modified,
        })
    };
    let filter = text(input, "Filter");
    if filter.is_empty() {
        return page(input, users, form, show);
    }
    let parsed = parse_filter(filter).filter(|_| filter.chars().count() <= 256);
    let (attribute, prefix, value) =
        parsed.ok_or_else(|| ApiError::invalid("Error while parsing filter."))?;
    if !FILTERED.split(' ').any(|known| known == attribute) {
        return Err(ApiError::invalid("Filter attribute is not supported."));
    }
    let value = value.to_lowercase();
    let finds = |user: &&User| {
        let held = match attribute {
            "username" => Some(user.username.clone()),
            "sub" => Some(user.sub()),
            _ => user.attributes.get(attribute).cloned(),
        };
        let held = held.map(|held| held.to_lowercase());
        held.is_some_and(|held| held == value || (prefix && held.starts_with(&value)))
    };
    let found: Vec<_> = users.iter().filter(finds).collect();
    page(input, &found, form, |user| show(user))
}

/// The columns of an import file: the standard attributes, the pool's custom ones, and two of Cognito's own.
pub(super) fn import_columns(described: &Map<String, Value>) -> Vec<&str> {
    const STANDARD: &str = "name given_name family_name middle_name nickname preferred_username profile picture website \
                            email email_verified gender birthdate zoneinfo locale phone_number phone_number_verified \
                            address updated_at";
    let schema = described.get("SchemaAttributes").and_then(Value::as_array);
    let names = schema.into_iter().flatten().map(|it| text(it, "Name"));
    let custom = names.filter(|name| name.starts_with("custom:"));
    let own = ["cognito:mfa_enabled", "cognito:username"];
    STANDARD
        .split_whitespace()
        .chain(custom)
        .chain(own)
        .collect()
}

/// The attributes that a filter can name.
const FILTERED: &str =
    "username email phone_number name given_name family_name preferred_username sub";

/// `attribute = "value"` or `attribute ^= "value"`: attribute, whether a beginning is enough, value.
fn parse_filter(filter: &str) -> Option<(&str, bool, String)> {
    let (left, quoted) = filter.split_once('"')?;
    let left = left.trim_end().strip_suffix('=')?;
    let attribute = left.strip_suffix('^');
    let mut value = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => break,
            '\\' => value.push(rest.next()?),
            c => value.push(c),
        }
    }
    let is_all = rest.as_str().trim().is_empty();
    is_all.then_some((attribute.unwrap_or(left).trim(), attribute.is_some(), value))
}
