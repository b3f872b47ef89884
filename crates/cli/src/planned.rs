//! The pool that a draft plans, in the form of DescribeUserPool's answer: `planned.json`.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use insight::draft::{Planned, PoolBlueprint};
use rules::{
    evidence::PoolMfa,
    password::PasswordPolicy,
    pool::{DataType, Recovery, SchemaAttribute, Triggers, UserPoolDescription},
};
use serde::{Deserialize, Serialize};

use crate::problem::{CommandResult, Problem};

/// The name of the file in the folder of a draft.
pub(crate) const FILE: &str = "planned.json";

/// The part of DescribeUserPool's answer for the planned pool that a survey reads.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    name: String,
    schema_attributes: Vec<Attribute>,
    alias_attributes: Vec<String>,
    username_attributes: Vec<String>,
    username_configuration: UsernameConfiguration,
    mfa_configuration: String,
    policies: Policies,
    account_recovery_setting: RecoverySetting,
    auto_verified_attributes: Vec<String>,
    user_attribute_update_settings: UpdateSettings,
    deletion_protection: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Attribute {
    name: String,
    attribute_data_type: String,
    required: bool,
    mutable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_attribute_constraints: Option<TextLimits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_attribute_constraints: Option<NumberLimits>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TextLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    min_length: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NumberLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    min_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_value: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UsernameConfiguration {
    case_sensitive: bool,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Policies {
    password_policy: Passwords,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Passwords {
    minimum_length: usize,
    require_lowercase: bool,
    require_numbers: bool,
    require_symbols: bool,
    require_uppercase: bool,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RecoverySetting {
    recovery_mechanisms: Vec<Mechanism>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Mechanism {
    name: String,
    priority: usize,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateSettings {
    attributes_require_verification_before_update: Vec<String>,
}

/// Cognito's word for an MFA setting.
pub(crate) fn mfa(mfa: PoolMfa) -> &'static str {
    match mfa {
        PoolMfa::Off => "OFF",
        PoolMfa::Optional => "OPTIONAL",
        PoolMfa::On => "ON",
    }
}

/// AWS's word for a data type.
pub(crate) fn data_type(data_type: DataType) -> &'static str {
    match data_type {
        DataType::String => "String",
        DataType::Number => "Number",
        DataType::Boolean => "Boolean",
        DataType::DateTime => "DateTime",
        DataType::Other => "Other",
    }
}

/// The text of `planned.json`.
pub(crate) fn text(planned: &Planned) -> io::Result<String> {
    let document = Document::of(&planned.blueprint);
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The pool that the draft in this folder plans.
pub(crate) fn read(folder: &Path) -> CommandResult<UserPoolDescription> {
    let path = folder.join(FILE);
    let text = fs::read_to_string(&path).map_err(|error| {
        let reason = match error.kind() {
            ErrorKind::NotFound => String::from(
                "it does not exist. Name a folder that `cognito-migration draft` wrote without --pool"
            ),
            _ => error.to_string(),
        };
        Problem::cannot(format!("{} cannot be read: {reason}.", path.display()))
    })?;
    let document: Document = serde_json::from_str(&text).map_err(|error| {
        Problem::cannot(format!(
            "{} is not what `cognito-migration draft` wrote: {error}.",
            path.display()
        ))
    })?;
    document.description().ok_or_else(|| {
        Problem::cannot(format!(
            "{} holds a value that `cognito-migration draft` does not write.",
            path.display()
        ))
    })
}

impl Document {
    fn of(pool: &PoolBlueprint) -> Self {
        let mechanisms = pool.recovery_mechanisms();
        Document {
            name: pool.name.clone(),
            schema_attributes: pool.schema.iter().map(Attribute::of).collect(),
            alias_attributes: pool.alias_attributes.clone(),
            username_attributes: pool.username_attributes.clone(),
            username_configuration: UsernameConfiguration {
                case_sensitive: pool.case_sensitive,
            },
            mfa_configuration: mfa(pool.mfa.demanded).to_owned(),
            policies: Policies {
                password_policy: Passwords {
                    minimum_length: pool.passwords.policy.minimum_length,
                    require_lowercase: pool.passwords.policy.require_lowercase,
                    require_numbers: pool.passwords.policy.require_numbers,
                    require_symbols: pool.passwords.policy.require_symbols,
                    require_uppercase: pool.passwords.policy.require_uppercase,
                },
            },
            account_recovery_setting: RecoverySetting {
                recovery_mechanisms: mechanisms
                    .map(|(name, priority)| Mechanism {
                        name: name.to_owned(),
                        priority,
                    })
                    .collect(),
            },
            auto_verified_attributes: pool.auto_verified.clone(),
            user_attribute_update_settings: UpdateSettings {
                attributes_require_verification_before_update: pool.verified_before_update.clone(),
            },
            deletion_protection: "ACTIVE".to_owned(),
        }
    }

    /// `None` where a word is not known.
    fn description(self) -> Option<UserPoolDescription> {
        let passwords = self.policies.password_policy;
        let mechanisms = self.account_recovery_setting.recovery_mechanisms;
        Some(UserPoolDescription {
            users: 0,
            triggers: Triggers::default(),
            schema: self
                .schema_attributes
                .into_iter()
                .map(Attribute::read)
                .collect::<Option<_>>()?,
            alias_attributes: self.alias_attributes,
            username_attributes: self.username_attributes,
            case_sensitive: self.username_configuration.case_sensitive,
            mfa: [PoolMfa::Off, PoolMfa::Optional, PoolMfa::On]
                .into_iter()
                .find(|known| mfa(*known) == self.mfa_configuration)?,
            passwords: PasswordPolicy {
                minimum_length: passwords.minimum_length,
                require_lowercase: passwords.require_lowercase,
                require_uppercase: passwords.require_uppercase,
                require_numbers: passwords.require_numbers,
                require_symbols: passwords.require_symbols,
            },
            recovery: mechanisms
                .iter()
                .map(|mechanism| match mechanism.name.as_str() {
                    "verified_email" => Some(Recovery::VerifiedEmail),
                    "verified_phone_number" => Some(Recovery::VerifiedPhoneNumber),
                    "admin_only" => Some(Recovery::AdminOnly),
                    _ => None,
                })
                .collect::<Option<_>>()?,
            verified_before_update: self
                .user_attribute_update_settings
                .attributes_require_verification_before_update,
            deletion_protected: self.deletion_protection == "ACTIVE",
            // The file does not say, because no survey depends on it.
            sends_sms: false,
            temporary_password_days: 7,
        })
    }
}

impl Attribute {
    fn of(attribute: &SchemaAttribute) -> Self {
        let [least, most] = [attribute.minimum, attribute.maximum]
            .map(|limit| limit.map(|limit| limit.to_string()));
        let is = |wanted| attribute.data_type == wanted;
        Attribute {
            name: attribute.name.clone(),
            attribute_data_type: data_type(attribute.data_type).to_owned(),
            required: attribute.required,
            mutable: attribute.mutable,
            string_attribute_constraints: is(DataType::String).then(|| TextLimits {
                min_length: least.clone(),
                max_length: most.clone(),
            }),
            number_attribute_constraints: is(DataType::Number).then_some(NumberLimits {
                min_value: least,
                max_value: most,
            }),
        }
    }

    fn read(self) -> Option<SchemaAttribute> {
        let types = [
            DataType::String,
            DataType::Number,
            DataType::Boolean,
            DataType::DateTime,
            DataType::Other,
        ];
        let (least, most) = match (
            self.string_attribute_constraints,
            self.number_attribute_constraints,
        ) {
            (Some(text), _) => (text.min_length, text.max_length),
            (None, Some(number)) => (number.min_value, number.max_value),
            (None, None) => (None, None),
        };
        let limit = |text: Option<String>| match text {
            None => Some(None),
            Some(text) => text.parse().ok().map(Some),
        };
        Some(SchemaAttribute {
            name: self.name,
            required: self.required,
            mutable: self.mutable,
            data_type: types
                .into_iter()
                .find(|known| data_type(*known) == self.attribute_data_type)?,
            minimum: limit(least)?,
            maximum: limit(most)?,
        })
    }
}
