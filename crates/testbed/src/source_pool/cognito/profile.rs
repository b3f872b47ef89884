//! Profiles of users.

use serde_json::{Value, json};

use crate::source_pool::state::User;

pub(super) fn attribute_list(user: &User, readable: Option<&[String]>) -> Vec<Value> {
    let mut list = vec![json!({"Name": "sub", "Value": user.sub()})];
    list.extend(
        user.attributes
            .iter()
            .filter(|(name, _)| readable.is_none_or(|readable| readable.contains(name)))
            .map(|(name, value)| json!({"Name": name, "Value": value})),
    );
    list
}

pub(super) fn profile(user: &User, readable: Option<&[String]>) -> Value {
    let mut profile = json!({
        "Username": user.username, "UserAttributes": attribute_list(user, readable),
    });
    if !user.mfa.is_empty() {
        profile["UserMFASettingList"] = json!(user.mfa);
    }
    if let Some(preferred) = &user.preferred_mfa {
        profile["PreferredMfaSetting"] = json!(preferred);
    }
    profile
}
