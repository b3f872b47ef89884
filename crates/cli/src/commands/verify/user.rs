//! The users that a trial makes: names that no person has, and values that both pools take.

use std::{
    collections::BTreeMap,
    ops::{Index, IndexMut},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rules::{
    attributes::{Mapping, Original, STANDARD},
    evidence::Identity,
    pool::{DataType, SchemaAttribute, UserPoolDescription},
    sensitive::Sensitive,
};
use strum::VariantArray;

use crate::problem::{CommandResult, Problem};

/// As many characters cannot be guessed.
const SHORTEST: usize = 36;

/// The users of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub(super) enum Who {
    /// Moves at a sign-in.
    First,
    /// Moves at a password reset.
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
    /// Makes them up. `new` makes one.
    pub(super) fn new(new: impl Fn(Who) -> CommandResult<TrialUser>) -> CommandResult<Self> {
        let users = Who::VARIANTS.iter().map(|who| new(*who));
        users.collect::<CommandResult<_>>().map(TrialUsers)
    }

    /// Those that a pool can have got.
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

/// A user of this run's own.
pub(super) struct TrialUser {
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
        let mapped = mapping.apply(Original {
            identity: &identity,
            typed: &name,
        });
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

/// The number of characters that both pools are content with.
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
mod tests {
    use std::collections::BTreeSet;

    use rules::{evidence::PoolMfa, password::PasswordPolicy};

    use super::*;

    fn attribute(name: &str, data_type: DataType, limits: [Option<i128>; 2]) -> SchemaAttribute {
        SchemaAttribute {
            name: name.to_owned(),
            required: false,
            mutable: true,
            data_type,
            minimum: limits[0],
            maximum: limits[1],
        }
    }

    fn required(name: &str) -> SchemaAttribute {
        SchemaAttribute {
            required: true,
            ..attribute(name, DataType::String, [None, None])
        }
    }

    fn pool(schema: Vec<SchemaAttribute>, aliases: &[&str]) -> UserPoolDescription {
        UserPoolDescription {
            users: 0,
            triggers: Default::default(),
            schema,
            alias_attributes: aliases.iter().map(|name| (*name).to_owned()).collect(),
            username_attributes: vec![],
            case_sensitive: true,
            mfa: PoolMfa::Off,
            passwords: PasswordPolicy::default(),
            recovery: vec![],
            verified_before_update: vec![],
            deletion_protected: true,
            sends_sms: true,
            temporary_password_days: 7,
        }
    }

    fn user(source: &UserPoolDescription, destination: &UserPoolDescription) -> TrialUser {
        let mapping = Mapping {
            copy_custom: true,
            ..Mapping::default()
        };
        let mark = Some("custom:migration");
        TrialUser::new(Who::MixedCase, None, source, destination, &mapping, mark).unwrap()
    }

    #[test]
    fn a_user_has_what_both_pools_require_and_what_is_copied_within_both_limits() {
        let source = pool(
            vec![
                required("birthdate"),
                attribute("custom:short", DataType::String, [None, Some(256)]),
                attribute("custom:long", DataType::String, [Some(30), Some(40)]),
                attribute("custom:number", DataType::Number, [Some(-5), Some(9)]),
                attribute("custom:date", DataType::Other, [None, None]),
                attribute("custom:migration", DataType::String, [None, None]),
                attribute("custom:type", DataType::String, [None, None]),
            ],
            &[],
        );
        let destination = pool(
            vec![
                required("sub"),
                required("email"),
                required("phone_number"),
                attribute("custom:short", DataType::String, [None, Some(8)]),
                attribute("custom:type", DataType::Number, [None, None]),
            ],
            &[],
        );
        let user = user(&source, &destination);
        let value = |name: &str| user.attributes.get(name).map(String::as_str);
        assert_eq!(value("birthdate"), Some("2000-01-01"));
        assert_eq!(value("phone_number"), Some("+12065550102"));
        assert_eq!(value("email"), Some(user.name.as_str()));
        assert_eq!(value("custom:short"), Some("verify-M"));
        assert_eq!(value("custom:long"), Some("verify-Mixed-Case-------------"));
        assert_eq!(value("custom:number"), Some("0"));
        for name in ["custom:date", "custom:migration", "custom:type", "sub"] {
            assert_eq!(value(name), None, "{name}");
        }
        assert_eq!(user.expected, user.attributes);
    }

    #[test]
    fn what_is_expected_is_what_the_function_makes_of_it() {
        let source = pool(
            vec![attribute("custom:a", DataType::String, [None, None])],
            &[],
        );
        let mapping = Mapping {
            renamed: BTreeMap::from([("custom:a".to_owned(), Some("custom:b".to_owned()))]),
            fixed: BTreeMap::from([("locale".to_owned(), "pl".to_owned())]),
            ..Mapping::default()
        };
        let user = TrialUser::new(
            Who::First,
            None,
            &source,
            &pool(vec![], &[]),
            &mapping,
            None,
        )
        .unwrap();
        let names: Vec<_> = user.expected.keys().map(String::as_str).collect();
        assert_eq!(names, ["custom:b", "email", "email_verified", "locale"]);
    }

    #[test]
    fn each_kind_of_user_is_found_by_its_name_and_has_what_its_step_needs() {
        let (pool, mapping) = (pool(vec![], &[]), Mapping::default());
        let phone = Sensitive::new("+15550100");
        let users =
            TrialUsers::new(|who| TrialUser::new(who, Some(&phone), &pool, &pool, &mapping, None))
                .unwrap();
        for who in Who::VARIANTS.iter().copied() {
            let user = &users[who];
            let value = |name: &str| user.attributes.get(name).map(String::as_str);
            assert!(user.name.contains(who.label()), "{who:?}");
            let proven = if who == Who::Unproven {
                "false"
            } else {
                "true"
            };
            assert_eq!(value("email_verified"), Some(proven), "{who:?}");
            let number = (who == Who::Texted).then_some("+15550100");
            assert_eq!(value("phone_number"), number, "{who:?}");
        }
        assert_eq!(users.tried().count(), 0);
    }

    #[test]
    fn a_user_is_deleted_under_every_name_that_a_pool_can_have() {
        let mut user = user(&pool(vec![], &["email"]), &pool(vec![], &[]));
        user.sub = Some("7c7f".to_owned());
        let local_part = user.name.split('@').next().unwrap().to_owned();
        assert!(local_part.starts_with("success+Mixed-Case-"));
        assert_eq!(user.username, local_part);
        let names: BTreeSet<_> = user.names().into_iter().collect();
        let lower = [user.name.to_lowercase(), local_part.to_lowercase()];
        let all = [user.name.clone(), local_part, "7c7f".to_owned()]
            .into_iter()
            .chain(lower);
        assert_eq!(names, all.collect());
    }

    #[test]
    fn two_runs_share_no_name_and_no_password() {
        let user = || user(&pool(vec![], &[]), &pool(vec![], &[]));
        let (one, other) = (user(), user());
        assert_ne!(one.name, other.name);
        assert_ne!(one.password, other.password);
        for (minimum, length) in [(0, 36), (36, 36), (99, 99)] {
            let password = random_password(minimum).unwrap();
            assert_eq!(password.expose().len(), length);
        }
        let password = one.password.expose();
        let has = |is_one: fn(char) -> bool| password.contains(is_one);
        assert!(has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_uppercase()));
        assert!(has(|c| c.is_ascii_digit()) && has(|c| c == '!'));
    }
}
