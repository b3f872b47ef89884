//! A destination pool with AWS's rules for migrated users, written independently of the product's own.
//!
//! cognito-local takes every name and every attribute, so it cannot show whom a real pool refuses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// How users sign in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Style {
    /// By user name.
    Names,
    /// By user name, and by these attributes.
    Aliases(&'static [&'static str]),
    /// By these attributes, in the place of a user name.
    Attributes(&'static [&'static str]),
}

/// A pool without users, and its rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StrictPool {
    /// How users sign in.
    pub(crate) style: Style,
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
        let (aliases, attributes) = match self.style {
            Style::Names => (&[][..], &[][..]),
            Style::Aliases(names) => (names, &[][..]),
            Style::Attributes(names) => (&[][..], names),
        };
        json!({
            "UsernameConfiguration": {"CaseSensitive": self.case_sensitive},
            "AliasAttributes": aliases, "UsernameAttributes": attributes,
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
        match self.style {
            Style::Names => match own {
                Some(own) if own != typed => Err("username must be the request's"),
                _ => Ok(typed.to_owned()),
            },
            Style::Attributes(names) => {
                let kind = match typed {
                    _ if is_address(typed) && names.contains(&"email") => "email",
                    _ if is_number(typed) && names.contains(&"phone_number") => "phone_number",
                    _ => return Err("Username should be an email"),
                };
                if own.is_some_and(|own| own != typed) {
                    return Err("username must be the request's");
                }
                let held = attributes
                    .entry(kind.to_owned())
                    .or_insert(typed.to_owned());
                match self.handed_over(held) == typed {
                    true => Ok(format!("made up for {typed}")),
                    false => Err("User email should be empty or same as username"),
                }
            }
            Style::Aliases(names) => {
                let own = own.unwrap_or(typed.to_owned());
                let holds = |alias: &&str| {
                    let held = attributes.get(*alias);
                    held.is_some_and(|held| self.handed_over(held) == typed)
                };
                if own != typed && !names.iter().any(holds) {
                    return Err("username must be the request's");
                }
                if is_address(&own) && names.contains(&"email")
                    || is_number(&own) && names.contains(&"phone_number")
                {
                    return Err("Username cannot be of email format");
                }
                let preferred = attributes.get("preferred_username");
                let is_own = |name: &String| self.handed_over(name) == self.handed_over(&own);
                match names.contains(&"preferred_username") && preferred.is_some_and(is_own) {
                    true => Err("preferred_username is the user name"),
                    false => Ok(own),
                }
            }
        }
    }

    /// Whether a sign-in with this name finds the user.
    pub(crate) fn finds(&self, user: &Created, typed: &str) -> bool {
        let is = |name: &str| self.handed_over(name) == self.handed_over(typed);
        let holds = |name: &&str| user.attributes.get(*name).is_some_and(|value| is(value));
        let is_proven = |name: &&str| {
            *name == "preferred_username"
                || user
                    .attributes
                    .get(&format!("{name}_verified"))
                    .is_some_and(|flag| flag == "true")
        };
        match self.style {
            Style::Names => is(&user.username),
            Style::Attributes(names) => names.iter().any(holds),
            Style::Aliases(names) => {
                is(&user.username) || names.iter().any(|name| holds(name) && is_proven(name))
            }
        }
    }
}
