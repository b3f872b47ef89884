//! A destination pool with AWS's rules for migrated users, written independently of the product's own.
//!
//! cognito-local takes every name and every attribute, so it cannot show whom a real pool refuses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A pool without users, and its rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StrictPool {
    /// The attributes by which users sign in beside their user name.
    pub(crate) aliases: &'static [&'static str],
    /// Those by which they sign in in the place of a user name.
    pub(crate) attributes: &'static [&'static str],
    /// Whether `Ana` and `ana` are two users.
    pub(crate) case_sensitive: bool,
    /// The most characters of `custom:a`.
    pub(crate) longest: usize,
}

/// A user whom the pool has created.
#[derive(Debug)]
pub(crate) struct Created {
    username: String,
    attributes: BTreeMap<String, String>,
    /// The user must reset the password first.
    pub(crate) must_reset: bool,
}

impl StrictPool {
    /// What DescribeUserPool says of it.
    pub(crate) fn description(&self) -> Value {
        json!({
            "UsernameConfiguration": {"CaseSensitive": self.case_sensitive},
            "AliasAttributes": self.aliases, "UsernameAttributes": self.attributes,
            "SchemaAttributes": [{
                "Name": "custom:a", "AttributeDataType": "String", "Mutable": true,
                "StringAttributeConstraints": {"MinLength": "0", "MaxLength": self.longest.to_string()},
            }],
        })
    }

    /// A typed name as the pool hands it to its trigger.
    pub(crate) fn handed_over(&self, typed: &str) -> String {
        match self.case_sensitive {
            true => typed.to_owned(),
            false => typed.to_lowercase(),
        }
    }

    /// Creates the user whom the answer to this typed name describes, or says why not in the words of Cognito.
    pub(crate) fn create(&self, typed: &str, response: &Value) -> Result<Created, &'static str> {
        let mut attributes: BTreeMap<String, String> =
            serde_json::from_value(response["userAttributes"].clone()).map_err(|_| "no answer")?;
        let own = attributes.remove("username");
        for (name, value) in &attributes {
            let is_known = !name.starts_with("custom:") || name == "custom:a";
            let fits = name != "custom:a" || value.chars().count() <= self.longest;
            if !is_known || !fits {
                return Err("Attributes did not conform to the schema");
            }
        }
        let username = self.username(typed, own, &mut attributes)?;
        Ok(Created {
            username,
            attributes,
            must_reset: response["finalUserStatus"] != "CONFIRMED",
        })
    }

    fn username(
        &self,
        typed: &str,
        own: Option<String>,
        attributes: &mut BTreeMap<String, String>,
    ) -> Result<String, &'static str> {
        let is_address = |name: &str| name.contains('@');
        let is_number = |name: &str| name.starts_with('+');
        let has = |names: &[&str], name: &str| {
            is_address(name) && names.contains(&"email")
                || is_number(name) && names.contains(&"phone_number")
        };
        let is_typed = own.as_deref().is_none_or(|own| own == typed);
        if !self.attributes.is_empty() {
            if !has(self.attributes, typed) {
                return Err("Username should be an email");
            }
            if !is_typed {
                return Err("username must be the request's");
            }
            let kind = if is_address(typed) {
                "email"
            } else {
                "phone_number"
            };
            let held = attributes
                .entry(kind.to_owned())
                .or_insert(typed.to_owned());
            return match self.handed_over(held) == typed {
                true => Ok(format!("made up for {typed}")),
                false => Err("User email should be empty or same as username"),
            };
        }
        let holds = |alias: &&str| {
            let held = attributes.get(*alias);
            held.is_some_and(|held| self.handed_over(held) == typed)
        };
        if !is_typed && !self.aliases.iter().any(holds) {
            return Err("username must be the request's");
        }
        let own = own.unwrap_or(typed.to_owned());
        if has(self.aliases, &own) {
            return Err("Username cannot be of email format");
        }
        let preferred = attributes.get("preferred_username");
        let is_own = |name: &String| self.handed_over(name) == self.handed_over(&own);
        match self.aliases.contains(&"preferred_username") && preferred.is_some_and(is_own) {
            true => Err("preferred_username is the user name"),
            false => Ok(own),
        }
    }

    /// Whether a sign-in with this name finds the user.
    pub(crate) fn finds(&self, user: &Created, typed: &str) -> bool {
        let is = |name: &str| self.handed_over(name) == self.handed_over(typed);
        let holds = |name: &&str| user.attributes.get(*name).is_some_and(|value| is(value));
        let is_proven = |name: &&str| {
            let flag = user.attributes.get(&format!("{name}_verified"));
            *name == "preferred_username" || flag.is_some_and(|flag| flag == "true")
        };
        if !self.attributes.is_empty() {
            return self.attributes.iter().any(holds);
        }
        let mut aliases = self.aliases.iter();
        is(&user.username) || aliases.any(|name| holds(name) && is_proven(name))
    }
}
