//! The settings that fit two pools, each with the reason.
//!
//! A setting that the operator must decide keeps its default and explains each choice for these pools.

mod names;

use crate::described::{allows, is_custom, signs_in_by};
use std::collections::BTreeMap;

use rules::{
    checks::{CheckId, source_as_operator},
    evidence::PoolMfa,
    mark,
    pool::{AppClient, DataType, Recovery, SchemaAttribute, UserPoolDescription},
    protocol::Status,
    settings::Settings,
};

/// The names under which a draft makes the attributes of a migration.
const MARK: &str = "custom:migration";
const LEGACY_SUB: &str = "custom:legacy_sub";

/// A `sub` is a UUID.
const SUB_LENGTH: i128 = 36;

/// The access to a source pool in another account.
#[derive(Clone, Copy, Debug)]
pub struct SourceRole<'a> {
    /// The role that it assumes.
    pub arn: &'a str,
    /// The external id that the role asks for.
    pub external_id: &'a str,
}

/// The known facts about both pools.
#[derive(Clone, Copy, Debug)]
pub struct TwoPools<'a> {
    /// The id of the source pool.
    pub source_id: &'a str,
    /// Its Region, where its id names another one.
    pub source_region: Option<&'a str>,
    /// The role for it, where it is in another account.
    pub source_role: Option<SourceRole<'a>>,
    /// The source pool.
    pub source: &'a UserPoolDescription,
    /// Its app clients.
    pub clients: &'a [AppClient],
    /// The names of its groups.
    pub source_groups: &'a [String],
    /// The destination pool, as it is or will be.
    pub destination: &'a UserPoolDescription,
    /// The names of its groups.
    pub destination_groups: &'a [String],
    /// The attribute for the mark that a draft makes; `None` where the pool exists already.
    pub made_mark: Option<&'a str>,
    /// The attribute for the old `sub` that a draft makes; `None` where the pool exists already.
    pub made_legacy_sub: Option<&'a str>,
}

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// Words that stand for themselves, in any order.
    Words(Vec<&'static str>),
    /// Names, each with another name or with nothing.
    Map(BTreeMap<String, Option<String>>),
}

impl Value {
    fn text(text: impl Into<String>) -> Self {
        Value::Text(text.into())
    }

    /// The value as the function's environment holds it.
    pub fn in_environment(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Words(words) => words.join(","),
            Value::Map(map) => serde_json::json!(map).to_string(),
        }
    }
}

/// A setting that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name of the variable.
    pub name: &'static str,
    /// Its value; `None` where it is known only after the apply.
    pub value: Option<Value>,
    /// Why, in whole sentences.
    pub reason: String,
}

/// The settings that fit, and what must be made for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The settings, in the order of the settings page.
    pub settings: Vec<Setting>,
    /// The source pool needs an app client for the function.
    pub makes_client: bool,
}

impl Proposal {
    /// The value of a setting as the function's environment would hold it.
    pub fn value(&self, name: &str) -> Option<String> {
        let setting = self.settings.iter().find(|setting| setting.name == name)?;
        Some(setting.value.as_ref()?.in_environment())
    }
}

/// The settings that fit these pools.
pub fn proposal(pools: &TwoPools) -> Proposal {
    let mut settings = vec![];
    let mut set = |name, value, reason: String| {
        settings.push(Setting {
            name,
            value: Some(value),
            reason,
        });
    };
    set(
        "SRC_USER_POOL_ID",
        Value::text(pools.source_id),
        "The pool from which users come.".into(),
    );
    let client = pools
        .clients
        .iter()
        .find(|client| client.admin_password_flow && client.secret.is_none());
    match client {
        Some(client) => set(
            "SRC_CLIENT_ID",
            Value::text(&client.id),
            format!(
                "The first app client of the source pool that allows the flow and has no secret: {}.",
                client.name
            ),
        ),
        None => settings.push(Setting {
            name: "SRC_CLIENT_ID",
            value: None,
            reason: "No app client of the source pool allows the flow and has no secret, so one is made for the function. No app \
                     needs it."
                .to_owned(),
        }),
    }
    let mut set = |name, value: Value, reason: String| {
        settings.push(Setting {
            name,
            value: Some(value),
            reason,
        });
    };
    set(
        "SRC_AUTH_FLOW",
        Value::text("ADMIN_USER_PASSWORD_AUTH"),
        "It works without a secret and reads every attribute. It needs permissions of the function's role.".into(),
    );
    let (source, destination) = (pools.source, pools.destination);
    let (lookup, lookup_reason) = names::lookup(source, destination);
    let map = attribute_map(pools);
    if let Some(region) = pools.source_region {
        set(
            "SRC_REGION",
            Value::text(region),
            "The source pool is there.".into(),
        );
    }
    if let Some(role) = pools.source_role {
        let reason =
            "The source pool is in another account, and the function assumes this role there.";
        set("SRC_ROLE_ARN", Value::text(role.arn), reason.into());
        let reason = "The trust policy of that role asks for it. It was made at random.";
        set(
            "SRC_EXTERNAL_ID",
            Value::text(role.external_id),
            reason.into(),
        );
    }
    set("SRC_LOOKUP", Value::text(lookup), lookup_reason);
    set("ATTRIBUTE_MAP", Value::Map(map.0), map.1);
    let (username, reason) = names::username(source, destination);
    set("DST_USERNAME", Value::text(username), reason.into());
    set("ON_MFA", Value::text("refuse"), on_mfa(pools));
    set(
        "ON_TEMPORARY_PASSWORD",
        Value::text("refuse"),
        "A decision of yours. refuse: users who never set a password of their own stay behind. reset: they migrate and must \
         reset it, if a contact is verified. survey counts them as temporary_password."
            .into(),
    );
    let contacts = reset_contacts(pools.destination);
    match contacts.as_slice() {
        [] => set(
            "ON_FORGOT_PASSWORD",
            Value::text("ignore"),
            "In the new pool only an administrator resets a password, so a reset can migrate no user.".into(),
        ),
        [_, ..] => set(
            "ON_FORGOT_PASSWORD",
            Value::text("migrate"),
            "A decision of yours. migrate: a password reset moves a user with a verified contact, and every stranger can start \
             one: limit their rate with AWS WAF. ignore: only a sign-in moves users, and users who forgot the password stay \
             behind."
                .into(),
        ),
    }
    if !contacts.is_empty() {
        set(
            "RESET_CONTACTS",
            Value::Words(contacts),
            "The contacts by which the new pool recovers accounts.".into(),
        );
    }
    let mark = mark(pools);
    let (groups, reason) = groups(pools, mark.is_some());
    // Without a post-migration step the mark has nothing to do, and the Terraform module takes none.
    if let Some(mark) = mark.as_ref().filter(|_| groups != "none") {
        set(
            "MIGRATION_MARK",
            Value::text(mark),
            "It says which user of the source pool a migrated user was, and whether the groups are copied.".into(),
        );
    }
    set("COPY_GROUPS", Value::text(groups), reason);
    set(
        "SOURCE_USER",
        Value::text("keep"),
        format!(
            "A decision of yours, and a later one. keep: users who moved can still sign in to the apps that stay. disable: they \
             cannot. Set it when all apps have moved, with MIGRATION_MARK {} and post_authentication among the pool's triggers.",
            mark.as_deref()
                .unwrap_or("naming an attribute for the mark")
        ),
    );
    let (unverified, reason) = names::unverified_contacts(destination);
    set(
        "UNVERIFIED_CONTACTS",
        Value::text(unverified),
        reason.into(),
    );
    let mut proposal = Proposal {
        settings,
        makes_client: client.is_none(),
    };
    let profile = profile(pools, client, &proposal);
    proposal.settings.push(profile);
    let order = |setting: &Setting| {
        let mut all = rules::settings::ALL.iter();
        all.position(|variable| variable.name == setting.name)
    };
    proposal.settings.sort_by_key(order);
    proposal
}

fn attribute_map(pools: &TwoPools) -> (BTreeMap<String, Option<String>>, String) {
    let (source, destination) = (pools.source, pools.destination);
    let has = |name: &str| destination.schema.iter().find(|known| known.name == name);
    let custom = source.schema.iter().filter(|known| is_custom(&known.name));
    let custom = custom.map(|known| known.name.clone());
    let (kept, lost): (Vec<_>, Vec<_>) = custom.partition(|name| has(name).is_some());
    let mut map = BTreeMap::new();
    let mut reason = String::new();
    if lost.is_empty() {
        map.insert("custom:*".to_owned(), Some("custom:*".to_owned()));
        reason += "Every custom attribute keeps its name.";
    } else {
        map.extend(kept.into_iter().map(|name| (name.clone(), Some(name))));
        reason += &format!(
            "The new pool lacks {}, so those stay behind; the other custom attributes keep their names.",
            lost.join(", ")
        );
    }
    let holds_sub = |attribute: &SchemaAttribute| {
        attribute.data_type == DataType::String && allows(attribute, SUB_LENGTH)
    };
    let is_of_source = |name: &str| source.schema.iter().any(|known| known.name == name);
    let old = pools.made_legacy_sub.or_else(|| {
        let fits = has(LEGACY_SUB).is_some_and(holds_sub);
        (fits && !is_of_source(LEGACY_SUB)).then_some(LEGACY_SUB)
    });
    match old {
        Some(old) => {
            map.insert("sub".to_owned(), Some(old.to_owned()));
            reason += " The old sub is kept, for databases keyed by it.";
        }
        None => {
            reason += " No attribute of the new pool is named custom:legacy_sub and free, so the old sub is not kept: it cannot \
                       be added to users who have moved.";
        }
    }
    let preferred = "preferred_username";
    if signs_in_by(destination, preferred) && !signs_in_by(source, preferred) {
        map.insert(preferred.to_owned(), None);
        reason += " The preferred user name stays behind: in the source pool several users can have the same.";
    }
    (map, reason)
}

fn on_mfa(pools: &TwoPools) -> String {
    let Some(asks) = (match pools.source.mfa {
        PoolMfa::Off => None,
        PoolMfa::Optional => Some("Users of the source pool can have a second factor."),
        PoolMfa::On => Some("Every user of the source pool has a second factor."),
    }) else {
        return "The source pool asks no user for a second factor, so this changes nothing."
            .to_owned();
    };
    let sms = match pools.destination.mfa {
        PoolMfa::Off => "sms: not possible, because MFA is off in the new pool.",
        PoolMfa::Optional | PoolMfa::On => {
            "sms: text messages are carried over, and other factors refused."
        }
    };
    format!(
        "A decision of yours. {asks} refuse: those users stay behind. {sms} reset: they migrate and must reset the password, which \
         proves the mailbox or phone. drop: they migrate without the second factor."
    )
}

/// The contacts to which the pool sends codes.
fn reset_contacts(pool: &UserPoolDescription) -> Vec<&'static str> {
    let contacts = [
        ("email", Recovery::VerifiedEmail),
        ("phone_number", Recovery::VerifiedPhoneNumber),
    ];
    let sends = |way| pool.recovery.is_empty() || pool.recovery.contains(&way);
    let contacts = contacts.into_iter().filter(|(_, way)| sends(*way));
    contacts.map(|(name, _)| name).collect()
}

fn mark(pools: &TwoPools) -> Option<String> {
    let holds_mark = |known: &&SchemaAttribute| {
        known.name == MARK
            && known.mutable
            && known.data_type == DataType::String
            && mark::LENGTHS
                .into_iter()
                .all(|length| allows(known, length))
    };
    let mut schema = pools.destination.schema.iter();
    let existing = || schema.find(holds_mark).map(|known| known.name.clone());
    pools.made_mark.map(str::to_owned).or_else(existing)
}

fn groups(pools: &TwoPools, has_mark: bool) -> (String, String) {
    let shared: Vec<_> = pools
        .source_groups
        .iter()
        .filter(|name| pools.destination_groups.contains(name))
        .map(String::as_str)
        .collect();
    match shared.as_slice() {
        [] => ("none".into(), "No group is in both pools.".into()),
        _ if !has_mark => (
            "none".into(),
            "Groups are copied after the migration, which needs an attribute for the mark: custom:migration, a String that can be \
             changed."
                .into(),
        ),
        names => {
            // A comma in a name would make two of it.
            let listed = names.join(",");
            let is_plain = |name: &&str| {
                !name.contains(|c: char| c == ',' || c.is_whitespace() || c.is_control())
                    && !["none", "*", "true", "false"].contains(name)
            };
            match names.iter().all(is_plain) && listed.len() <= 512 {
                true => (
                    listed,
                    "These groups are in both pools. A group is privileges: leave out those that mean something else in the new \
                     pool."
                        .into(),
                ),
                false => (
                    "*".into(),
                    "Every group that is in both pools. A group is privileges: look at what each means in the new pool.".into(),
                ),
            }
        }
    }
}

/// The ID token, where the preflight would find nothing wrong with it.
fn profile(pools: &TwoPools, client: Option<&AppClient>, proposal: &Proposal) -> Setting {
    let read = Settings::read_to_foresee(|name| match name {
        "SRC_PROFILE" => Some("id_token".to_owned()),
        name => proposal.value(name),
    });
    let is_ok = match (read, client.cloned().map(Ok)) {
        (Ok(settings), Some(client)) => {
            let checks = source_as_operator(&settings, &Ok(pools.source.clone()), Some(&client));
            let mut checks = checks.iter();
            checks.any(|check| CheckId::SourceAttributes.is(check) && check.status == Status::Ok)
        }
        _ => false,
    };
    let (value, reason) = match is_ok {
        true => (
            "id_token",
            "The app client may read every attribute that is copied, and no trigger changes the token: a sign-in is one call.",
        ),
        false => (
            "after",
            "The ID token of the app client may not hold every attribute, so a second call reads the profile.",
        ),
    };
    Setting {
        name: "SRC_PROFILE",
        value: Some(Value::text(value)),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests;
