//! The users that a trial makes: nobody's names, and values that both pools take.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rules::{
    attributes::{Mapping, STANDARD},
    checks::UserPoolDescription,
    schema::{DataType, SchemaAttribute},
    sensitive::Sensitive,
};

use crate::problem::{Answer, Problem};

/// A user of this run's own.
pub struct User {
    /// What is typed at sign-ins.
    pub name: String,
    /// The user name in the source pool.
    pub username: String,
    /// The `sub` in the source pool, once it is known.
    pub sub: Option<String>,
    pub password: Sensitive,
    /// In the source pool.
    pub attributes: BTreeMap<String, String>,
    /// In the destination pool.
    pub expected: BTreeMap<String, String>,
}

impl User {
    pub fn new(
        label: &str,
        number: u8,
        source: &UserPoolDescription,
        destination: &UserPoolDescription,
        mapping: &Mapping,
        mark: Option<&str>,
    ) -> Answer<Self> {
        let mut token = [0; 6];
        random(&mut token)?;
        let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
        // Amazon's mailbox simulator swallows what is sent to it:
        // https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
        let local_part = format!("success+{label}-{token}");
        let name = format!("{local_part}@simulator.amazonses.com");
        // Where the e-mail address is an alias, a user name cannot look like one.
        let is_alias = source.alias_attributes.iter().any(|name| name == "email");
        let username = if is_alias { &local_part } else { &name };
        let mut attributes = BTreeMap::from([
            ("email".to_owned(), name.clone()),
            ("email_verified".to_owned(), "true".to_owned()),
        ]);
        for attribute in &source.schema {
            let Some(copy) = mapping.destination(&attribute.name) else {
                continue;
            };
            if attribute.name.starts_with("custom:") && Some(copy) != mark {
                let twin = destination.schema.iter().find(|known| known.name == copy);
                let value = custom_value(label, attribute, twin);
                attributes.extend(value.map(|value| (attribute.name.clone(), value)));
            }
        }
        for attribute in source.schema.iter().chain(&destination.schema) {
            let name = attribute.name.as_str();
            if attribute.required && STANDARD.contains(&name) {
                let value = attributes.entry(name.to_owned());
                value.or_insert_with(|| standard_value(name, number, &token));
            }
        }
        let as_pairs = attributes.clone().into_iter().collect();
        Ok(User {
            username: username.clone(),
            name,
            sub: None,
            password: random_password()?,
            expected: mapping.apply(&as_pairs).attributes,
            attributes,
        })
    }

    /// Every user name under which either pool may have got the user. All of them are this run's own.
    pub fn names(&self) -> Vec<String> {
        let mut names = vec![
            self.name.clone(),
            self.name.to_lowercase(),
            self.username.clone(),
            self.username.to_lowercase(),
        ];
        names.extend(self.sub.clone());
        names.sort();
        names.dedup();
        names
    }
}

/// One that satisfies any password policy that a pool can have: those ask for up to 99 characters.
pub fn random_password() -> Answer<Sensitive> {
    let mut bytes = [0; 75];
    random(&mut bytes)?;
    Ok(Sensitive::new(format!(
        "{}aA1!",
        URL_SAFE_NO_PAD.encode(bytes)
    )))
}

fn random(bytes: &mut [u8]) -> Answer<()> {
    let cannot = |_| Problem::cannot("The operating system gives no random numbers.");
    getrandom::fill(bytes).map_err(cannot)
}

/// A value that both pools take; `None` where there is none that is known here.
fn custom_value(
    label: &str,
    source: &SchemaAttribute,
    destination: Option<&SchemaAttribute>,
) -> Option<String> {
    let both = || [Some(source), destination].into_iter().flatten();
    let least = both().filter_map(|attribute| attribute.minimum).max();
    let most = both().filter_map(|attribute| attribute.maximum).min();
    if both().any(|attribute| attribute.data_type != source.data_type) {
        return None;
    }
    match source.data_type {
        DataType::String => {
            let length = |limit: i128| usize::try_from(limit).unwrap_or(usize::MAX);
            let mut value = format!("verify-{label}");
            let (least, most) = (least.map_or(0, length), most.map_or(usize::MAX, length));
            value += &"-".repeat(least.saturating_sub(value.len()).min(2048));
            value.truncate(most);
            (!value.is_empty() && value.len() >= least).then_some(value)
        }
        DataType::Number => {
            let value = least.unwrap_or(0).max(0);
            Some(most.map_or(value, |most| value.min(most)).to_string())
        }
        DataType::Other => None,
    }
}

/// A value of a standard attribute. The numbers belong to nobody.
fn standard_value(name: &str, number: u8, token: &str) -> String {
    match name {
        "birthdate" => "2000-01-01".to_owned(),
        "email_verified" | "phone_number_verified" => "false".to_owned(),
        "locale" => "en".to_owned(),
        "phone_number" => format!("+120655501{number:02}"),
        "preferred_username" => format!("verify-{token}"),
        "picture" | "profile" | "website" => "https://example.com/".to_owned(),
        "updated_at" => "0".to_owned(),
        "zoneinfo" => "UTC".to_owned(),
        _ => "verify".to_owned(),
    }
}
