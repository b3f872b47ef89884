//! The new pool: the source pool's settings, with what a migration needs and what Terraform can write.

use crate::described::is_custom;
use rules::{
    evidence::PoolMfa,
    pool::{DataType, SchemaAttribute},
};

use super::{
    blueprint::{DraftedPool, PoolBlueprint, SignInStyle},
    left_behind,
    notes::Note,
};

/// The most custom attributes of a pool.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html>
const MOST_CUSTOM_ATTRIBUTES: usize = 50;

/// The most attribute blocks that Terraform's provider takes.
const MOST_SCHEMA_BLOCKS: usize = 50;

/// The longest text that an attribute can hold, unless the pool says less.
const LONGEST_TEXT: i128 = 2048;

/// The greatest whole number that every reader of JSON knows exactly. A number attribute without limits gets these.
const GREATEST_NUMBER: i128 = 9_007_199_254_740_991;

/// The most characters of a mark or a `sub`, and some more.
const ID_LENGTH: i128 = 64;

/// The operator's wishes for the new pool.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// The names with which users sign in.
    pub sign_in: SignInStyle,
    /// Whether `Ana` and `ana` are two users.
    pub case_sensitive: bool,
    /// The source pool is in another account than the new one.
    pub other_account: bool,
}

/// The pool that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its settings.
    pub blueprint: PoolBlueprint,
    /// The attributes that Terraform must name, in their order: every custom one, and standard ones that are not as in every
    /// pool.
    pub named_attributes: Vec<SchemaAttribute>,
    /// The attribute of the mark.
    pub mark: String,
    /// The attribute of the old `sub`.
    pub legacy_sub: String,
    /// The differences from the source pool.
    pub notes: Vec<Note>,
}

/// The obstacle to a new pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Terraform cannot express this attribute.
    Attribute(String),
    /// With the two attributes of a migration there are more than a pool or Terraform takes: so many of the source pool.
    TooManyAttributes(usize),
    /// Users are to sign in by phone number, and no text message can be sent.
    NoTextMessages,
    /// A second factor is demanded, and none that Terraform can write is left.
    NoSecondFactor,
}

/// The pool that is to be made from `source`.
pub fn planned(source: &DraftedPool, wish: Wish) -> Result<Planned, Unfit> {
    let mut pool = source.blueprint.clone();
    let mut notes = vec![];
    pool.name = format!("{}-new", pool.name.chars().take(124).collect::<String>());
    notes.push(Note::different(
        "Name",
        "It ends in `-new`, so that both pools can be told apart.",
    ));
    pool.case_sensitive = wish.case_sensitive;
    if wish.case_sensitive != source.blueprint.case_sensitive {
        notes.push(Note::different("UsernameConfiguration", case(wish)));
    }
    if wish.other_account {
        without_other_account(&mut pool, &mut notes);
    }
    sign_in(&mut pool, wish.sign_in, &mut notes)?;
    contacts(&mut pool, &source.blueprint, &mut notes);
    second_factors(&mut pool, &mut notes)?;
    first_factors(&mut pool, &mut notes);
    let [mark, legacy_sub] = ["migration", "legacy_sub"].map(|name| free_name(&pool.schema, name));
    let named_attributes = schema(&mut pool, &mark, &legacy_sub, &mut notes)?;
    notes.push(Note::different(
        "LambdaConfig",
        "Its triggers call the migration function.",
    ));
    notes.push(Note::different(
        "DeletionProtection",
        "It is `ACTIVE`: Cognito refuses to delete the pool.",
    ));
    left_behind::note(&source.left_behind, &pool, &mut notes);
    notes.sort_by_key(|note| note.kind);
    Ok(Planned {
        blueprint: pool,
        named_attributes,
        mark,
        legacy_sub,
        notes,
    })
}

fn case(wish: Wish) -> &'static str {
    match wish.case_sensitive {
        true => "The new pool distinguishes case, and the source pool does not.",
        false => {
            "The new pool does not distinguish case, and the source pool does. Users whose user name has upper case do not \
             migrate by it: `survey` counts them. `draft --case-sensitive` keeps the case."
        }
    }
}

/// Removes the resources of the source pool's account, which another account cannot use.
fn without_other_account(pool: &mut PoolBlueprint, notes: &mut Vec<Note>) {
    if pool.sms.take().is_some() {
        pool.mfa.sms = false;
        pool.auto_verified.retain(|name| name != "phone_number");
        pool.verified_before_update
            .retain(|name| name != "phone_number");
        notes.push(Note::left_behind(
            "SmsConfiguration",
            "The role that sends text messages belongs to the account of the source pool. Make one in the new account, add \
             `sms_configuration`, and add `phone_number` to `auto_verified_attributes` again if it was there.",
        ));
        notes.push(Note::left_behind(
            "AutoVerifiedAttributes",
            "Without text messages no phone number is verified.",
        ));
    }
}

fn sign_in(
    pool: &mut PoolBlueprint,
    style: SignInStyle,
    notes: &mut Vec<Note>,
) -> Result<(), Unfit> {
    let names: &[&str] = match style {
        SignInStyle::Keep => return Ok(()),
        SignInStyle::Email => &["email"],
        SignInStyle::PhoneNumber => &["phone_number"],
        SignInStyle::EmailOrPhoneNumber => &["email", "phone_number"],
        SignInStyle::Username => &[],
    };
    if names.contains(&"phone_number") && pool.sms.is_none() {
        return Err(Unfit::NoTextMessages);
    }
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let (before, aliases) = (&pool.username_attributes, &pool.alias_attributes);
    if !is_same_set(&names, before) {
        let now = match names.as_slice() {
            [] => "user name".to_owned(),
            names => names.join(" or "),
        };
        let text = format!("Users sign in to the new pool by {now}.");
        notes.push(Note::different("UsernameAttributes", text));
    }
    if !aliases.is_empty() {
        let text = format!(
            "The new pool has no alias. The source pool has {}.",
            aliases.join(", ")
        );
        notes.push(Note::different("AliasAttributes", text));
    }
    pool.username_attributes = names;
    pool.alias_attributes = vec![];
    Ok(())
}

fn is_same_set(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|name| other.contains(name))
}

/// An address by which users sign in is verified before it changes, where Cognito can verify it.
fn contacts(pool: &mut PoolBlueprint, source: &PoolBlueprint, notes: &mut Vec<Note>) {
    let can_verify =
        |pool: &PoolBlueprint, contact: &str| contact != "phone_number" || pool.sms.is_some();
    for contact in ["email", "phone_number"] {
        let signs_in = [&pool.username_attributes, &pool.alias_attributes]
            .iter()
            .any(|names| names.iter().any(|name| name == contact));
        if !signs_in || !can_verify(pool, contact) {
            continue;
        }
        for names in [&mut pool.auto_verified, &mut pool.verified_before_update] {
            if !names.iter().any(|name| name == contact) {
                names.push(contact.to_owned());
            }
        }
    }
    // Cognito takes no others.
    let auto_verified = pool.auto_verified.clone();
    pool.verified_before_update
        .retain(|name| auto_verified.contains(name));
    if !is_same_set(&pool.auto_verified, &source.auto_verified)
        && pool.sms.is_some() == source.sms.is_some()
    {
        notes.push(Note::different(
            "AutoVerifiedAttributes",
            "Cognito verifies every address by which users sign in.",
        ));
    }
    if !is_same_set(&pool.verified_before_update, &source.verified_before_update) {
        notes.push(Note::different(
            "UserAttributeUpdateSettings",
            "An address by which users sign in changes only once the new one is verified. Without that, a user takes \
             another user's address with one call.",
        ));
    }
}

fn second_factors(pool: &mut PoolBlueprint, notes: &mut Vec<Note>) -> Result<(), Unfit> {
    let mfa = &mut pool.mfa;
    if mfa.demanded == PoolMfa::Off {
        mfa.software_token = false;
        mfa.sms = false;
        mfa.email = None;
        return Ok(());
    }
    let sends_own_emails = pool
        .email
        .as_ref()
        .is_some_and(|email| email.account.as_deref() == Some("DEVELOPER"));
    if mfa.email.is_some() && !(sends_own_emails && pool.recovery.len() > 1) {
        mfa.email = None;
        notes.push(Note::left_behind(
            "MfaConfiguration",
            "E-mail as a second factor needs an SES identity and two ways of recovery. Add `email_mfa_configuration` once \
             the new pool has both.",
        ));
    }
    if pool.sms.is_some() && !mfa.sms {
        mfa.sms = true;
        notes.push(Note::different(
            "MfaConfiguration",
            "A text message can be a second factor: Terraform makes it one in every pool that sends text messages.",
        ));
    }
    mfa.sms &= pool.sms.is_some();
    match mfa.software_token || mfa.sms || mfa.email.is_some() {
        true => Ok(()),
        false => Err(Unfit::NoSecondFactor),
    }
}

/// Passkeys belong to the domain of a pool, and stay there.
fn first_factors(pool: &mut PoolBlueprint, notes: &mut Vec<Note>) {
    let before = pool.first_factors.len();
    pool.first_factors.retain(|factor| factor != "WEB_AUTHN");
    if pool.first_factors.len() < before {
        notes.push(Note::left_behind(
            "Policies",
            "Users cannot begin with a passkey in the new pool: add `WEB_AUTHN` to `sign_in_policy` once it has a domain.",
        ));
    }
    // It takes nothing else alone.
    if before > 0 && !pool.first_factors.iter().any(|factor| factor == "PASSWORD") {
        pool.first_factors.push("PASSWORD".to_owned());
    }
}

/// The name of a custom attribute that the pool does not have yet.
fn free_name(schema: &[SchemaAttribute], wanted: &str) -> String {
    let is_taken = |name: &str| {
        let mut known = schema.iter();
        known.any(|known| known.name.trim_start_matches("dev:") == name)
    };
    let numbered = (2..).map(|number| format!("custom:{wanted}{number}"));
    let mut names = std::iter::once(format!("custom:{wanted}")).chain(numbered);
    let free = names.find(|name| !is_taken(name));
    free.unwrap_or_else(|| format!("custom:{wanted}"))
}

/// Completes the schema, and returns what Terraform must name of it.
fn schema(
    pool: &mut PoolBlueprint,
    mark: &str,
    legacy_sub: &str,
    notes: &mut Vec<Note>,
) -> Result<Vec<SchemaAttribute>, Unfit> {
    let is_own = |name: &str| is_custom(name.trim_start_matches("dev:"));
    let custom = pool
        .schema
        .iter()
        .filter(|known| is_own(&known.name))
        .count();
    let mut named = vec![];
    let mut without_limits = vec![];
    for attribute in &mut pool.schema {
        if !is_own(&attribute.name) && is_as_everywhere(attribute) {
            continue;
        }
        let limits = match attribute.data_type {
            DataType::Other => return Err(Unfit::Attribute(attribute.name.clone())),
            DataType::Boolean | DataType::DateTime => None,
            DataType::String => Some((0, LONGEST_TEXT)),
            DataType::Number => Some((-GREATEST_NUMBER, GREATEST_NUMBER)),
        };
        if let Some((least, most)) = limits {
            if attribute.minimum.is_none() || attribute.maximum.is_none() {
                without_limits.push(attribute.name.clone());
            }
            attribute.minimum.get_or_insert(least);
            attribute.maximum.get_or_insert(most);
        }
        named.push(attribute.clone());
    }
    for name in [legacy_sub, mark] {
        let attribute = text_attribute(name);
        named.push(attribute.clone());
        pool.schema.push(attribute);
    }
    if custom + 2 > MOST_CUSTOM_ATTRIBUTES || named.len() > MOST_SCHEMA_BLOCKS {
        return Err(Unfit::TooManyAttributes(named.len() - 2));
    }
    let mut text = format!(
        "`{mark}` holds the mark of a migration, `{legacy_sub}` the user's `sub` in the source pool."
    );
    if !without_limits.is_empty() {
        text += &format!(
            " These attributes have no limit in the source pool and get one, because Terraform cannot change an attribute \
             without one later: {}.",
            without_limits.join(", ")
        );
    }
    notes.push(Note::different("SchemaAttributes", text));
    Ok(named)
}

fn text_attribute(name: &str) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        required: false,
        mutable: true,
        data_type: DataType::String,
        minimum: Some(0),
        maximum: Some(ID_LENGTH),
    }
}

/// Whether a standard attribute is as in every pool: the provider reads such a one as if it were not there. Cognito alone
/// fills `sub` and `identities`.
fn is_as_everywhere(attribute: &SchemaAttribute) -> bool {
    let name = attribute.name.as_str();
    let limits = (attribute.minimum, attribute.maximum);
    let is_usual = match name {
        "email_verified" | "phone_number_verified" => attribute.data_type == DataType::Boolean,
        "updated_at" => attribute.data_type == DataType::Number && limits == (Some(0), None),
        "birthdate" => attribute.data_type == DataType::String && limits == (Some(10), Some(10)),
        _ => attribute.data_type == DataType::String && limits == (Some(0), Some(LONGEST_TEXT)),
    };
    ["sub", "identities"].contains(&name) || is_usual && !attribute.required && attribute.mutable
}
