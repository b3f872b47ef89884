//! The test users of a trial: names that no real user has, and values that both pools take.

use std::{
    collections::BTreeMap,
    ops::{Index, IndexMut},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rules::{
    attributes::{Mapping, STANDARD},
    evidence::Identity,
    pool::{DataType, SchemaAttribute, UserPoolDescription},
    sensitive::Sensitive,
};
use strum::VariantArray;

use crate::problem::{CommandResult, Problem};

/// The number of random characters, too many to guess.
const SHORTEST: usize = 36;

/// The users of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub(super) enum Who {
    /// Migrates at a sign-in.
    First,
    /// Migrates at a password reset.
    Second,
    /// Has a name in mixed case.
    MixedCase,
    /// Signs in with `USER_AUTH`.
    Chooser,
    /// Has not proved the address.
    Unproven,
    /// Has the operator's own phone number, and SMS MFA.
    Texted,
    /// Is in no pool.
    Unknown,
}

impl Who {
    fn label(self) -> &'static str {
        match self {
            Who::First => "first",
            Who::Second => "second",
            Who::MixedCase => "Mixed-Case",
            Who::Chooser => "chooser",
            Who::Unproven => "unproven",
            Who::Texted => "texted",
            Who::Unknown => "unknown",
        }
    }
}

/// One user of each kind.
pub(super) struct TrialUsers(Vec<TrialUser>);

impl TrialUsers {
    /// Makes up the users. `new` makes one.
    pub(super) fn new(new: impl Fn(Who) -> CommandResult<TrialUser>) -> CommandResult<Self> {
        let users = Who::VARIANTS.iter().map(|who| new(*who));
        users.collect::<CommandResult<_>>().map(TrialUsers)
    }

    /// The users that a pool may contain.
    pub(super) fn tried(&self) -> impl Iterator<Item = &TrialUser> {
        self.0.iter().filter(|user| user.was_tried)
    }
}

impl Index<Who> for TrialUsers {
    type Output = TrialUser;

    fn index(&self, who: Who) -> &TrialUser {
        &self.0[who as usize]
    }
}

impl IndexMut<Who> for TrialUsers {
    fn index_mut(&mut self, who: Who) -> &mut TrialUser {
        &mut self.0[who as usize]
    }
}

/// A user of this run.
pub(super) struct TrialUser {
    /// The name that is typed at sign-ins.
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
    /// Text messages are the user's second factor in the source pool.
    pub gets_codes_by_sms: bool,
    /// A call that makes the user was sent.
    pub was_tried: bool,
}

impl TrialUser {
    pub(super) fn new(
        who: Who,
        phone_number: Option<&Sensitive>,
        source: &UserPoolDescription,
        destination: &UserPoolDescription,
        mapping: &Mapping,
        mark: Option<&str>,
    ) -> CommandResult<Self> {
        let mut token = [0; 6];
        random(&mut token)?;
        let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
        // Amazon's mailbox simulator swallows what is sent to it:
        // https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
        let label = who.label();
        let local_part = format!("success+{label}-{token}");
        let name = format!("{local_part}@simulator.amazonses.com");
        // Where the e-mail address is an alias, a user name cannot look like one.
        let is_alias = source.alias_attributes.iter().any(|name| name == "email");
        let username = if is_alias { &local_part } else { &name };
        let mut attributes = BTreeMap::from([
            ("email".to_owned(), name.clone()),
            (
                "email_verified".to_owned(),
                (who != Who::Unproven).to_string(),
            ),
        ]);
        if let (Who::Texted, Some(number)) = (who, phone_number) {
            attributes.extend([
                ("phone_number".to_owned(), number.expose().to_owned()),
                ("phone_number_verified".to_owned(), "true".to_owned()),
            ]);
        }
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
                value.or_insert_with(|| standard_value(name, who as u8, &token));
            }
        }
        let identity = Identity {
            // The source pool may choose another user name, as it chooses the `sub`.
            username: String::new(),
            attributes: attributes.clone().into_iter().collect(),
        };
        let mapped = mapping.apply(&identity, &name);
        Ok(TrialUser {
            username: username.clone(),
            name,
            sub: None,
            password: random_password(shortest_password(source, destination))?,
            expected: mapped.attributes,
            attributes,
            gets_codes_by_sms: who == Who::Texted,
            was_tried: false,
        })
    }

    /// Every user name under which either pool may have got the user. All of them are this run's own.
    pub(super) fn names(&self) -> Vec<String> {
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

/// The number of characters that both pools accept.
pub(super) fn shortest_password(
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
) -> usize {
    let length = |pool: &UserPoolDescription| pool.passwords.minimum_length;
    length(source).max(length(destination))
}

/// A password that meets every policy that asks for no more than `minimum` characters.
pub(super) fn random_password(minimum: usize) -> CommandResult<Sensitive> {
    const OF_EVERY_KIND: &str = "aA1!";
    let length = minimum.max(SHORTEST) - OF_EVERY_KIND.len();
    let mut bytes = vec![0; length];
    random(&mut bytes)?;
    let mut text = URL_SAFE_NO_PAD.encode(bytes);
    text.truncate(length);
    Ok(Sensitive::new(text + OF_EVERY_KIND))
}

fn random(bytes: &mut [u8]) -> CommandResult<()> {
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
        DataType::Boolean => Some("false".to_owned()),
        DataType::DateTime | DataType::Other => None,
    }
}

/// A value of a standard attribute. The numbers are set aside for fiction.
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

#[cfg(test)]
mod tests;
