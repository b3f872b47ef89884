//! What will happen to each user of the source pool: the rules of a migration, applied to a list of its users.
//!
//! A list says less than the questions that a migration asks: it shows no second factor, and nobody has typed anything. So
//! this foresees what becomes of somebody who types the name that is theirs, with the right password, one that meets
//! `PASSWORD_POLICY`, and who has no second factor unless the pool demands one of everybody.

use crate::{checks::unproven_contacts, schema};
use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, RandomState},
};

use strum::{IntoStaticStr, VariantArray};

use rules::{
    admission::{Admission, Proof},
    attributes::{Contacts, STANDARD, is_settable, is_verified},
    evidence::{
        Challenge, Listed, ListedUser, PoolMfa, Profile, SecondFactor, Standing, UserStatus,
    },
    outcome::{Reason, Stop},
    pool::{AppClient, UserPoolDescription},
    settings::{ProfileFrom, Settings},
    sign_in_name::SignInName,
};

/// What the function will answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The user is migrated.
    Migrated,
    /// The user is rejected.
    Rejected(Reason),
    /// It cannot be found out who the user is.
    Failed,
}

impl Outcome {
    /// The name under which the outcome is counted.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Migrated => "migrated",
            Outcome::Rejected(reason) => reason.as_str(),
            Outcome::Failed => "failed",
        }
    }
}

/// What an operator has to know of a user besides the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Finding {
    /// The destination pool hands every name over in lower case, and the source pool knows the user by another one.
    CaseOfName,
    /// Others have proved the same address, and the look-up or the aliases of the destination pool allow it to one only.
    SameContact,
    /// The destination pool refuses an attribute: it does not have it, or the value is too long, too short or out of range.
    Schema,
    /// An attribute that the destination pool requires is missing.
    RequiredAttribute,
    /// The user can sign in and could not reset a forgotten password.
    NoContact,
    /// A user of an identity provider has the same e-mail address.
    FederatedTwin,
    /// A contact is copied that the user has not verified, the destination pool signs users in by it, and another user of
    /// the source pool can have the same.
    UnprovenCopy,
}

impl Finding {
    /// The id under which the finding is counted.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The findings about one user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings(u8);

impl Findings {
    fn add_if(&mut self, holds: bool, finding: Finding) {
        self.0 |= u8::from(holds) << finding as u8;
    }

    /// Whether this is one of them.
    pub fn has(self, finding: Finding) -> bool {
        self.0 >> finding as u8 & 1 == 1
    }

    /// All of them, in the order of [`Finding`].
    pub fn iter(self) -> impl Iterator<Item = Finding> {
        let all = Finding::VARIANTS.iter().copied();
        all.filter(move |finding| self.has(*finding))
    }
}

/// What will happen to one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// At a sign-in with the right password.
    pub sign_in: Outcome,
    /// At a password reset.
    pub forgot_password: Outcome,
    /// What else there is to know.
    pub findings: Findings,
}

/// On what a forecast depends.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The settings of the function.
    pub settings: &'a Settings,
    /// The source pool.
    pub source: &'a UserPoolDescription,
    /// The app client of the source pool, if it is known.
    pub client: Option<&'a AppClient>,
    /// The destination pool.
    pub destination: &'a UserPoolDescription,
}

impl Terms<'_> {
    /// The name that a user types, before the destination pool changes its case.
    pub fn name_of<'u>(&self, user: &'u ListedUser) -> &'u str {
        let held = |name: &str| user.attribute(name).filter(|value| !value.is_empty());
        let looked_up = |lookup: SignInName| {
            held(lookup.as_str()).filter(|value| lookup.has_form(&self.handed_over(value)))
        };
        let mut usernames = self.source.username_attributes.iter();
        self.settings
            .source
            .lookup
            .and_then(looked_up)
            .or_else(|| usernames.find_map(|name| held(name)))
            .unwrap_or(&user.username)
    }

    /// A typed name as the destination pool hands it over.
    pub fn handed_over(&self, typed: &str) -> String {
        match self.destination.case_sensitive {
            true => typed.to_owned(),
            false => typed.to_lowercase(),
        }
    }

    /// What a sign-in with the right password leads to, once the name that was typed has found the user.
    pub fn at_sign_in(&self, typed: &str, user: &ListedUser, factor: SecondFactor) -> Outcome {
        self.sign_in(typed, user, factor, |_, _| ())
    }

    /// What a password reset leads to, once the name that was typed has found the user.
    pub fn at_reset(&self, typed: &str, user: &ListedUser, factor: SecondFactor) -> Outcome {
        self.reset(typed, user, factor, |_| ())
    }

    /// What the rules make of a password reset. `look` gets the attributes of whoever is migrated.
    fn reset(
        &self,
        typed: &str,
        user: &ListedUser,
        factor: SecondFactor,
        look: impl FnOnce(&BTreeMap<String, String>),
    ) -> Outcome {
        if user.status == UserStatus::ExternalProvider {
            return Outcome::Rejected(Reason::ExternalProvider);
        }
        let policy = self.settings.policy;
        if let Err(reason) = policy.may_reset() {
            return Outcome::Rejected(reason);
        }
        let pool_mfa = policy.asks_for_pool_mfa().then_some(self.source.mfa);
        let profile = as_administrators_see(user, factor);
        self.migrate(
            typed,
            &profile,
            |contacts| policy.admit_forgot_password(profile.standing, factor, pool_mfa, contacts),
            |attributes, _| look(attributes),
        )
    }

    /// What the source pool and the rules make of the right password. `look` gets the attributes and contacts of whoever is
    /// migrated.
    fn sign_in(
        &self,
        typed: &str,
        user: &ListedUser,
        factor: SecondFactor,
        look: impl FnOnce(&BTreeMap<String, String>, Contacts),
    ) -> Outcome {
        let rejected = |reason| Outcome::Rejected(reason);
        if user.status == UserStatus::ExternalProvider {
            return rejected(Reason::ExternalProvider);
        }
        if !user.enabled {
            return rejected(Reason::UserDisabled);
        }
        let challenge = match user.status {
            UserStatus::Unconfirmed => return rejected(Reason::NotConfirmed),
            UserStatus::ResetRequired => return rejected(Reason::PasswordResetRequired),
            UserStatus::ForceChangePassword => Some(Challenge::NewPasswordRequired),
            _ => match (self.source.mfa, factor) {
                (PoolMfa::Off, _) | (PoolMfa::Optional, SecondFactor::None) => None,
                (_, SecondFactor::Sms) => Some(Challenge::SmsMfa),
                // Which factor it is cannot be known, and no other one has fewer ways to migrate.
                (_, SecondFactor::Other) | (PoolMfa::On, SecondFactor::None) => {
                    Some(Challenge::SoftwareTokenMfa)
                }
            },
        };
        let policy = self.settings.policy;
        let (proof, profile) = match challenge {
            None => (Proof::Password, self.as_a_sign_in_shows(user)),
            Some(challenge) => match policy.proven_by_challenge(challenge) {
                Ok(proof) => (proof, as_administrators_see(user, factor)),
                Err(reason) => return rejected(reason),
            },
        };
        let admit = |contacts| policy.admit_sign_in(proof, false, profile.standing, contacts);
        self.migrate(typed, &profile, admit, look)
    }

    fn migrate(
        &self,
        typed: &str,
        profile: &Profile,
        admit: impl FnOnce(Contacts) -> Result<Admission, Reason>,
        look: impl FnOnce(&BTreeMap<String, String>, Contacts),
    ) -> Outcome {
        let mut copied = None;
        let destination = &self.settings.destination;
        let user = destination.user(profile, typed, |contacts| {
            copied = Some(contacts);
            admit(contacts)
        });
        match (user, copied) {
            (Ok(mut user), Some(contacts)) => {
                // That is no attribute but the name.
                user.attributes.remove("username");
                look(&user.attributes, contacts);
                Outcome::Migrated
            }
            (Err(Stop::Rejected(reason)), _) => Outcome::Rejected(reason),
            (Err(Stop::Failed(_)), _) | (Ok(_), None) => Outcome::Failed,
        }
    }

    /// The profile that follows a sign-in without a challenge.
    fn as_a_sign_in_shows(&self, user: &ListedUser) -> Profile {
        let mut profile = as_administrators_see(user, SecondFactor::None);
        let source = &self.settings.source;
        if !source.reads_as_client() {
            return profile;
        }
        let is_shown = |name: &str| {
            let of_token = source.profile != ProfileFrom::IdToken || is_settable(name);
            let may_read = match self.client {
                Some(client) => client.lets_read(name),
                None => STANDARD.contains(&name),
            };
            name == "sub" || of_token && may_read
        };
        profile.attributes.retain(|(name, _)| is_shown(name));
        // A pool gives no token to anybody else.
        if user.status == UserStatus::Confirmed {
            profile.standing = Standing::VouchedByToken;
        }
        profile
    }

    /// Why the password of a user is wrong under a name that nobody has.
    fn unknown_name(&self) -> Reason {
        match self.client {
            Some(client) if client.prevents_user_existence_errors => Reason::WrongCredentials,
            _ => Reason::UserNotFound,
        }
    }

    /// Whether the destination pool, or the look-up, allows this address to one user only.
    fn is_unique(&self, contact: &str) -> bool {
        let lookup = self.settings.source.lookup.map(SignInName::as_str);
        let destination = self.destination;
        let mut aliases = destination
            .alias_attributes
            .iter()
            .chain(&destination.username_attributes);
        let is_copied = self.settings.destination.mapping.destination(contact) == Some(contact);
        lookup == Some(contact) || is_copied && aliases.any(|alias| alias == contact)
    }
}

fn as_administrators_see(user: &ListedUser, factor: SecondFactor) -> Profile {
    Profile {
        username: user.username.clone(),
        standing: Standing::Reported {
            enabled: user.enabled,
            status: user.status,
        },
        attributes: user.attributes.clone(),
        second_factor: factor,
    }
}

/// What a forecast remembers of a user: whatever the next ones may change. It holds hashes and no name, so it is small.
#[derive(Clone, Copy, Debug)]
struct Noted {
    /// Of the user's name in lower case.
    name: u64,
    /// Of the name as it is.
    exact: u64,
    /// Of the e-mail address in lower case, proven or not; 0 without one.
    email: u64,
    /// Of the proven phone number; 0 without one.
    phone_number: u64,
    foreseen: Foreseen,
    flags: u8,
}

/// The name is a value by which the look-up finds the user.
const OWNS: u8 = 1;
/// The name goes through the look-up.
const LOOKS_UP: u8 = 1 << 1;
/// The name is in lower case.
const LOWER: u8 = 1 << 2;
const ENABLED: u8 = 1 << 3;
const PROVEN_EMAIL: u8 = 1 << 4;
const FEDERATED: u8 = 1 << 5;
const MUST_RESET: u8 = 1 << 6;

impl Noted {
    fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// What the source pool says to whoever shows it another user's password under this user's name.
    fn with_a_wrong_password(&self) -> Reason {
        if !self.is(ENABLED) {
            Reason::UserDisabled
        } else if self.is(MUST_RESET) {
            Reason::PasswordResetRequired
        } else {
            Reason::WrongCredentials
        }
    }

    /// A text that is to those of users with the same name in lower case what this user's name is to theirs.
    fn stand_in(&self) -> String {
        if self.is(LOWER) {
            return LOWER_CASE.to_owned();
        }
        let letter = |at: usize| match (self.exact | 1) >> at & 1 {
            0 => 'a',
            _ => 'A',
        };
        (0..LOWER_CASE.len()).map(letter).collect()
    }
}

/// What stands for every name in lower case: a letter for each bit of a hash.
const LOWER_CASE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// As many users as are noted without copying those before.
const CHUNK: usize = 8192;

/// A forecast for all users of a source pool.
#[derive(Debug)]
pub struct Forecast<'a> {
    terms: Terms<'a>,
    /// The contacts of which an unverified copy takes the owner's place.
    unproven: Vec<&'static str>,
    hasher: RandomState,
    users: Vec<Vec<Noted>>,
}

impl<'a> Forecast<'a> {
    /// A forecast for nobody yet.
    pub fn new(terms: Terms<'a>) -> Self {
        let unproven = unproven_contacts(terms.settings, terms.source, terms.destination);
        Forecast {
            terms,
            unproven,
            hasher: RandomState::new(),
            users: vec![],
        }
    }

    /// Takes a user into account who types the name that is theirs.
    pub fn add(&mut self, user: &ListedUser) {
        self.add_as(self.terms.name_of(user), user);
    }

    /// Takes a user into account who types this name.
    pub fn add_as(&mut self, typed: &str, user: &ListedUser) {
        let noted = self.noted(typed, user);
        match self.users.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(noted),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(noted);
                self.users.push(chunk);
            }
        }
    }

    fn noted(&self, typed: &str, user: &ListedUser) -> Noted {
        let terms = &self.terms;
        let lower = typed.to_lowercase();
        let lookup = terms.settings.source.lookup;
        let lookup = lookup.filter(|lookup| lookup.has_form(&terms.handed_over(typed)));
        let email = user.attribute("email").filter(|email| !email.is_empty());
        let mut flags = 0;
        let mut set = |flag: u8, holds: bool| flags |= flag * u8::from(holds);
        set(LOOKS_UP, lookup.is_some());
        set(
            OWNS,
            lookup.is_some_and(|lookup| lookup.may_be_of(typed, user)),
        );
        set(LOWER, lower == typed);
        set(ENABLED, user.enabled);
        set(
            PROVEN_EMAIL,
            user.proven("email", "email_verified").is_some(),
        );
        set(FEDERATED, user.status == UserStatus::ExternalProvider);
        set(MUST_RESET, user.status == UserStatus::ResetRequired);
        let hash_of = |text: Option<&str>| text.map_or(0, |text| self.hash(&text.to_lowercase()));
        Noted {
            name: self.hash(&lower),
            exact: self.hash(typed),
            email: hash_of(email),
            phone_number: hash_of(user.proven("phone_number", "phone_number_verified")),
            foreseen: self.foreseen(&terms.handed_over(typed), user),
            flags,
        }
    }

    /// What will happen to a user, as far as no other user changes it.
    fn foreseen(&self, typed: &str, user: &ListedUser) -> Foreseen {
        let terms = &self.terms;
        let schema = &terms.destination.schema;
        let is_unproven = |attributes: &BTreeMap<String, String>| {
            let mut unproven = self.unproven.iter();
            unproven.any(|contact| {
                attributes.contains_key(*contact) && !is_verified(attributes, contact)
            })
        };
        let mut findings = Findings::default();
        let sign_in = terms.sign_in(typed, user, SecondFactor::None, |attributes, contacts| {
            findings.add_if(!schema::takes(schema, attributes), Finding::Schema);
            findings.add_if(
                schema::lacks_required(schema, attributes),
                Finding::RequiredAttribute,
            );
            let can_reset = terms.settings.policy.can_reset(contacts, false);
            findings.add_if(can_reset.is_err(), Finding::NoContact);
            findings.add_if(is_unproven(attributes), Finding::UnprovenCopy);
        });
        let forgot_password = terms.reset(typed, user, SecondFactor::None, |attributes| {
            findings.add_if(is_unproven(attributes), Finding::UnprovenCopy);
        });
        Foreseen {
            sign_in,
            forgot_password,
            findings,
        }
    }

    /// Never 0, which stands for nothing.
    fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text).max(1)
    }

    /// What will happen to each user, in the order in which they were added.
    pub fn users(&self) -> impl Iterator<Item = Foreseen> {
        let several = Several::among(&self.users);
        let mut meant = HashMap::new();
        let all = self.users.iter().flatten().enumerate();
        all.map(move |(at, user)| self.one_of_all(at, user, &several, &mut meant))
    }

    fn one_of_all(
        &self,
        at: usize,
        user: &Noted,
        several: &Several<'_>,
        meant: &mut HashMap<(u64, u64), Result<usize, Reason>>,
    ) -> Foreseen {
        let mut foreseen = user.foreseen;
        if user.is(FEDERATED) {
            return foreseen;
        }
        let shares = |contact: &str, hash: &u64, list: &[u64]| {
            list.binary_search(hash).is_ok() && self.terms.is_unique(contact)
        };
        let findings = &mut foreseen.findings;
        findings.add_if(
            user.is(PROVEN_EMAIL) && shares("email", &user.email, &several.emails)
                || shares("phone_number", &user.phone_number, &several.phone_numbers),
            Finding::SameContact,
        );
        findings.add_if(
            several.federated.binary_search(&user.email).is_ok(),
            Finding::FederatedTwin,
        );
        let alone = [(at, user)];
        let named = several
            .named
            .get(&user.name)
            .map_or(&alone[..], Vec::as_slice);
        let (sign_in, reset) = match self.terms.settings.source.lookup {
            Some(lookup) if user.is(LOOKS_UP) => {
                let typed = self.terms.handed_over(&user.stand_in());
                let meant = match named {
                    // Most are alone, and what is remembered of each would add up.
                    [_] => only_user(lookup, &typed, named),
                    _ => *meant
                        .entry((user.name, self.hash(&typed)))
                        .or_insert_with(|| only_user(lookup, &typed, named)),
                };
                match meant {
                    Ok(found) if found == at => return foreseen,
                    Ok(found) => {
                        let other = named.iter().find(|(at, _)| *at == found);
                        let reason = other.map(|(_, other)| other.with_a_wrong_password());
                        (
                            reason.unwrap_or(Reason::WrongCredentials),
                            Reason::UserNotFound,
                        )
                    }
                    Err(reason) => (reason, reason),
                }
            }
            _ => {
                let terms = &self.terms;
                let keeps_case = terms.destination.case_sensitive || !terms.source.case_sensitive;
                if keeps_case || user.is(LOWER) {
                    return foreseen;
                }
                foreseen.findings.add_if(true, Finding::CaseOfName);
                let mut others = named.iter().map(|(_, other)| other);
                let other = others.find(|other| other.is(LOWER) && !other.is(LOOKS_UP));
                let reason = other.map(|other| other.with_a_wrong_password());
                (
                    reason.unwrap_or_else(|| terms.unknown_name()),
                    Reason::UserNotFound,
                )
            }
        };
        foreseen.sign_in = Outcome::Rejected(sign_in);
        if foreseen.forgot_password != Outcome::Rejected(Reason::ForgotPasswordOff) {
            foreseen.forgot_password = Outcome::Rejected(reset);
        }
        foreseen
    }
}

/// Which of these users, who share a name but for its case, the look-up means by a typed stand-in.
fn only_user(lookup: SignInName, typed: &str, named: &[(usize, &Noted)]) -> Result<usize, Reason> {
    let user = |(at, noted): &(usize, &Noted)| ListedUser {
        username: at.to_string(),
        enabled: noted.is(ENABLED),
        status: UserStatus::Confirmed,
        attributes: vec![
            (lookup.as_str().to_owned(), noted.stand_in()),
            ("email_verified".to_owned(), "true".to_owned()),
            ("phone_number_verified".to_owned(), "true".to_owned()),
        ],
    };
    let owners = named.iter().filter(|(_, noted)| noted.is(OWNS));
    let listed = Listed {
        users: owners.map(user).collect(),
        more: false,
    };
    for search in lookup.searches(typed) {
        match search.only_user(&listed) {
            Ok(user) => return user.username.parse().map_err(|_| Reason::UserNotFound),
            Err(Reason::UserNotFound) => {}
            Err(reason) => return Err(reason),
        }
    }
    Err(Reason::UserNotFound)
}

/// What more than one user has.
struct Several<'a> {
    /// Users who share a name but for its case, each with the place in the list.
    named: HashMap<u64, Vec<(usize, &'a Noted)>>,
    /// Proven e-mail addresses of several users.
    emails: Vec<u64>,
    /// Proven phone numbers of several users.
    phone_numbers: Vec<u64>,
    /// E-mail addresses of users of identity providers.
    federated: Vec<u64>,
}

impl<'a> Several<'a> {
    fn among(users: &'a [Vec<Noted>]) -> Self {
        let all = || users.iter().flatten();
        let names = repeated(all().map(|user| user.name));
        let mut named: HashMap<_, Vec<_>> = HashMap::new();
        for (at, user) in all().enumerate() {
            if names.binary_search(&user.name).is_ok() {
                named.entry(user.name).or_default().push((at, user));
            }
        }
        let with_email = |flag: u8| {
            let users = all().filter(move |user| user.is(flag));
            users.map(|user| user.email).filter(|email| *email != 0)
        };
        let mut federated: Vec<_> = with_email(FEDERATED).collect();
        federated.sort_unstable();
        Several {
            named,
            emails: repeated(with_email(PROVEN_EMAIL)),
            phone_numbers: repeated(
                all()
                    .map(|user| user.phone_number)
                    .filter(|hash| *hash != 0),
            ),
            federated,
        }
    }
}

/// Those of the hashes that occur more than once, sorted.
fn repeated(hashes: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut sorted: Vec<_> = hashes.collect();
    sorted.sort_unstable();
    let pairs = sorted.array_windows().filter(|[one, next]| one == next);
    let mut repeated: Vec<_> = pairs.map(|[one, _]| *one).collect();
    repeated.dedup();
    repeated
}

#[cfg(test)]
mod tests {
    use super::*;
    use rules::{
        password::PasswordPolicy,
        pool::{DataType, SchemaAttribute, Triggers},
    };

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let all = [&[("SRC_USER_POOL_ID", "eu-west-1_Old")], variables].concat();
        let get = |name: &str| all.iter().find(|(known, _)| *known == name);
        Settings::read_to_foresee(|name| get(name).map(|(_, value)| (*value).to_owned())).unwrap()
    }

    fn pool(case_sensitive: bool) -> UserPoolDescription {
        UserPoolDescription {
            users: 0,
            triggers: Triggers::default(),
            schema: vec![],
            alias_attributes: vec![],
            username_attributes: vec![],
            case_sensitive,
            mfa: PoolMfa::Off,
            passwords: PasswordPolicy::default(),
            recovery: vec![],
            verified_before_update: vec![],
            deletion_protected: true,
        }
    }

    fn user(username: &str, attributes: &[(&str, &str)]) -> ListedUser {
        let own = [("sub", username)];
        let attributes = own.iter().chain(attributes);
        ListedUser {
            username: username.to_owned(),
            enabled: true,
            status: UserStatus::Confirmed,
            attributes: attributes
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    fn with_email(username: &str, email: &str) -> ListedUser {
        user(username, &[("email", email), ("email_verified", "true")])
    }

    /// What is foreseen, as "sign-in reset findings".
    fn foreseen(
        variables: &[(&str, &str)],
        source: &UserPoolDescription,
        destination: &UserPoolDescription,
        users: &[ListedUser],
    ) -> Vec<String> {
        let settings = settings(variables);
        let mut forecast = Forecast::new(Terms {
            settings: &settings,
            source,
            client: None,
            destination,
        });
        for user in users {
            forecast.add(user);
        }
        let shown = |foreseen: Foreseen| {
            let findings = foreseen.findings.iter().map(Finding::as_str);
            [foreseen.sign_in.as_str(), foreseen.forgot_password.as_str()]
                .into_iter()
                .chain(findings)
                .collect::<Vec<_>>()
                .join(" ")
        };
        forecast.users().map(shown).collect()
    }

    #[test]
    fn a_name_with_upper_case_is_found_only_by_a_look_up() {
        let users = [
            with_email("Ana", "Ana@example.com"),
            with_email("bo", "bo@example.com"),
            with_email("Bo", "other@example.com"),
            ListedUser {
                enabled: false,
                ..with_email("cem", "cem@example.com")
            },
            with_email("CEM", "c@example.com"),
        ];
        let off = "user_disabled user_disabled";
        assert_eq!(
            foreseen(&[], &pool(true), &pool(false), &users),
            [
                "user_not_found user_not_found case_of_name",
                "migrated migrated",
                "wrong_credentials user_not_found case_of_name",
                off,
                "user_disabled user_not_found case_of_name",
            ]
        );
        let all_found = ["migrated migrated"; 3]
            .into_iter()
            .chain([off, "migrated migrated"]);
        for (variables, source, destination) in [
            (&[("SRC_LOOKUP", "email")][..], true, false),
            (&[], false, false),
            (&[], true, true),
        ] {
            let foreseen = foreseen(variables, &pool(source), &pool(destination), &users);
            assert!(foreseen.iter().eq(all_found.clone()), "{foreseen:?}");
        }
    }

    #[test]
    fn every_status_leads_where_the_function_leads() {
        let with = |status| ListedUser {
            status,
            ..with_email("ana", "ana@example.com")
        };
        let users = [
            with(UserStatus::Unconfirmed),
            with(UserStatus::ResetRequired),
            with(UserStatus::ForceChangePassword),
            with(UserStatus::Archived),
        ];
        let of = |variables| foreseen(variables, &pool(false), &pool(false), &users);
        let mut expected = [
            "not_confirmed not_confirmed",
            "password_reset_required migrated",
            "temporary_password temporary_password",
            "unusable_status unusable_status",
        ];
        assert_eq!(of(&[]), expected);
        let public = [
            ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
            ("SRC_CLIENT_ID", "1client"),
        ];
        assert_eq!(of(&public), expected);
        expected[2] = "migrated temporary_password";
        assert_eq!(of(&[("ON_TEMPORARY_PASSWORD", "reset")]), expected);
    }

    #[test]
    fn a_sign_in_shows_what_the_client_may_read() {
        const PUBLIC: (&str, &str) = ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH");
        const TOKEN: (&str, &str) = ("SRC_PROFILE", "id_token");
        const ALL: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"custom:*": "custom:*"}"#);
        let users = [user(
            "ana",
            &[
                ("custom:a", "x"),
                ("email", "ana@example.com"),
                ("email_verified", "true"),
            ],
        )];
        let found = |variables: &[(&str, &str)], required: &str, readable: Option<&[&str]>| {
            let (source, mut destination) = (pool(false), pool(false));
            destination.schema = vec![SchemaAttribute {
                name: required.to_owned(),
                required: true,
                mutable: true,
                data_type: DataType::String,
                minimum: None,
                maximum: None,
            }];
            let settings = settings(&[&[ALL, ("SRC_CLIENT_ID", "1client")], variables].concat());
            let client = AppClient {
                id: "1client".to_owned(),
                name: "app".to_owned(),
                secret: None,
                admin_password_flow: true,
                user_password_flow: true,
                prevents_user_existence_errors: true,
                readable: readable.map(|names| names.iter().map(|&name| name.to_owned()).collect()),
                writable: None,
            };
            let mut forecast = Forecast::new(Terms {
                settings: &settings,
                source: &source,
                client: Some(&client),
                destination: &destination,
            });
            forecast.add(&users[0]);
            let foreseen = forecast.users().next().unwrap();
            assert_eq!(foreseen.sign_in, Outcome::Migrated);
            foreseen
                .findings
                .iter()
                .any(|finding| finding == Finding::RequiredAttribute)
        };
        const EMAIL: Option<&[&str]> = Some(&["email", "email_verified"]);
        const OWN: Option<&[&str]> = Some(&["custom:a"]);
        for (variables, required, readable, lacks) in [
            (&[][..], "custom:a", None, false),
            (&[PUBLIC], "custom:a", None, true),
            (&[PUBLIC], "custom:a", EMAIL, true),
            (&[PUBLIC], "custom:a", OWN, false),
            (&[PUBLIC], "email", None, false),
            (&[PUBLIC], "email", EMAIL, false),
            (&[PUBLIC], "email", OWN, true),
            (&[TOKEN], "custom:a", OWN, false),
            (&[TOKEN], "custom:a", EMAIL, true),
            (&[TOKEN], "email", EMAIL, false),
        ] {
            assert_eq!(
                found(variables, required, readable),
                lacks,
                "{variables:?} {required} {readable:?}"
            );
        }
    }

    #[test]
    fn whoever_shares_an_address_is_told() {
        let twins = [
            with_email("1", "twin@example.com"),
            with_email("2", "Twin@example.com"),
            with_email("3", "own@example.com"),
        ];
        let both = "ambiguous_user ambiguous_user same_contact";
        let lookup = [("SRC_LOOKUP", "email")];
        assert_eq!(
            foreseen(&lookup, &pool(true), &pool(false), &twins),
            [both, both, "migrated migrated"]
        );
        // Whoever types the address in its own case is found; in lower case both would be.
        assert_eq!(
            foreseen(&lookup, &pool(true), &pool(true), &twins),
            [both, "migrated migrated same_contact", "migrated migrated"]
        );
        let mut aliases = pool(false);
        aliases.alias_attributes = vec!["email".to_owned()];
        assert_eq!(
            foreseen(&[], &pool(false), &aliases, &twins)[0],
            "migrated migrated same_contact"
        );
        let dropped = [("ATTRIBUTE_MAP", r#"{"email":null}"#)];
        assert_eq!(
            foreseen(&dropped, &pool(false), &aliases, &twins)[0],
            "migrated no_verified_contact no_contact"
        );
        assert_eq!(
            foreseen(&[], &pool(false), &pool(false), &twins)[0],
            "migrated migrated"
        );
    }

    #[test]
    fn under_the_name_of_somebody_else_one_is_that_one() {
        let owner = with_email("1", "one@example.com");
        let disabled = ListedUser {
            enabled: false,
            ..owner.clone()
        };
        let unproven = user(
            "3",
            &[("email", "one@example.com"), ("email_verified", "false")],
        );
        let must_reset = ListedUser {
            status: UserStatus::ResetRequired,
            ..owner.clone()
        };
        let lookup = [("SRC_LOOKUP", "email")];
        for (users, last) in [
            (
                vec![owner.clone(), disabled.clone()],
                "wrong_credentials user_not_found same_contact",
            ),
            (
                vec![owner, unproven.clone()],
                "wrong_credentials user_not_found",
            ),
            (
                vec![must_reset, unproven.clone()],
                "password_reset_required user_not_found",
            ),
            (
                vec![disabled, unproven.clone()],
                "user_disabled user_disabled",
            ),
            (vec![unproven], "user_not_found user_not_found"),
        ] {
            let foreseen = foreseen(&lookup, &pool(false), &pool(false), &users);
            let found = foreseen.last().unwrap();
            // That the contact is not proven is found besides.
            assert_eq!(found.replace(" no_contact", ""), last, "{users:?}");
        }
    }

    #[test]
    fn whoever_came_through_an_identity_provider_is_external_and_a_twin_is_told() {
        let federated = ListedUser {
            enabled: false,
            status: UserStatus::ExternalProvider,
            ..user("google_1", &[("email", "Ana@example.com")])
        };
        let users = [with_email("ana", "ana@example.com"), federated];
        for variables in [
            &[][..],
            &[("SRC_LOOKUP", "email")],
            &[("ON_FORGOT_PASSWORD", "ignore")],
        ] {
            let foreseen = foreseen(variables, &pool(false), &pool(false), &users);
            assert!(foreseen[0].ends_with(" federated_twin"), "{foreseen:?}");
            assert_eq!(foreseen[1], "external_provider external_provider");
        }
    }

    #[test]
    fn what_the_destination_pool_refuses_is_found() {
        let attribute = |name: &str, required, data_type, minimum, maximum| SchemaAttribute {
            name: name.to_owned(),
            required,
            mutable: true,
            data_type,
            minimum: Some(minimum),
            maximum: Some(maximum),
        };
        let mut destination = pool(false);
        destination.schema = vec![
            attribute("name", true, DataType::String, 2, 4),
            attribute("custom:age", false, DataType::Number, 18, 99),
            SchemaAttribute {
                minimum: None,
                maximum: None,
                ..attribute("custom:member", false, DataType::Boolean, 0, 0)
            },
        ];
        let everything = [("ATTRIBUTE_MAP", r#"{"custom:*":"custom:*"}"#)];
        let long = "x".repeat(2049);
        for (attributes, found) in [
            (&[("name", "Ana"), ("custom:age", "18")][..], ""),
            (&[("name", "żółw")], ""),
            (&[("name", "A")], " schema"),
            (&[("name", "Maria")], " schema"),
            (&[("name", "Ana"), ("custom:age", "17")], " schema"),
            (&[("name", "Ana"), ("custom:age", "many")], " schema"),
            (&[("name", "Ana"), ("custom:member", "true")], ""),
            (&[("name", "Ana"), ("custom:member", "false")], ""),
            (&[("name", "Ana"), ("custom:member", "True")], " schema"),
            (&[("name", "Ana"), ("custom:member", "yes")], " schema"),
            (&[("name", "Ana"), ("custom:other", "1")], " schema"),
            (&[("name", "Ana"), ("picture", &long)], " schema"),
            (&[], " required_attribute"),
        ] {
            let mut user = with_email("ana", "ana@example.com");
            let own = attributes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            user.attributes.extend(own);
            let foreseen = foreseen(&everything, &pool(false), &destination, &[user]);
            assert_eq!(
                foreseen,
                [format!("migrated migrated{found}")],
                "{attributes:?}"
            );
        }
    }

    #[test]
    fn a_second_factor_counts_where_the_pool_asks_for_it() {
        use SecondFactor::{None, Other, Sms};
        let user = user(
            "ana",
            &[
                ("email", "a@b"),
                ("email_verified", "true"),
                ("phone_number", "+1"),
            ],
        );
        for (mfa, on_mfa, factor, sign_in, reset) in [
            (PoolMfa::Off, "refuse", Sms, "migrated", "mfa_refused"),
            (PoolMfa::Optional, "refuse", None, "migrated", "migrated"),
            (
                PoolMfa::Optional,
                "refuse",
                Sms,
                "mfa_refused",
                "mfa_refused",
            ),
            (PoolMfa::Optional, "sms", Sms, "migrated", "migrated"),
            (
                PoolMfa::Optional,
                "sms",
                Other,
                "mfa_refused",
                "mfa_refused",
            ),
            (PoolMfa::On, "sms", None, "mfa_refused", "mfa_refused"),
            (PoolMfa::On, "reset", None, "migrated", "mfa_refused"),
            (PoolMfa::On, "drop", None, "migrated", "migrated"),
        ] {
            let settings = settings(&[("ON_MFA", on_mfa)]);
            let source = UserPoolDescription { mfa, ..pool(false) };
            let terms = Terms {
                settings: &settings,
                source: &source,
                client: Option::None,
                destination: &pool(false),
            };
            assert_eq!(
                (
                    terms.at_sign_in("ana", &user, factor).as_str(),
                    terms.at_reset("ana", &user, factor).as_str()
                ),
                (sign_in, reset),
                "{mfa:?} {on_mfa} {factor:?}"
            );
        }
    }

    #[test]
    fn an_unverified_contact_that_stays_behind_is_missing_and_gets_no_code() {
        let ana = user(
            "ana",
            &[("email", "ana@example.com"), ("email_verified", "false")],
        );
        let (mut by_email, mut requires) = (pool(false), pool(false));
        by_email.username_attributes = vec!["email".to_owned()];
        requires.schema = vec![SchemaAttribute {
            name: "email".to_owned(),
            required: true,
            mutable: true,
            data_type: DataType::String,
            minimum: None,
            maximum: None,
        }];
        let found = |value, source: &UserPoolDescription| {
            let variables = [("UNVERIFIED_CONTACTS", value)];
            foreseen(&variables, source, &requires, std::slice::from_ref(&ana))
        };
        const NO_CODE: &str = "migrated no_verified_contact no_contact";
        const LACKS: &str = "migrated no_verified_contact required_attribute no_contact";
        assert_eq!(found("copy", &pool(false)), [NO_CODE]);
        assert_eq!(found("drop", &pool(false)), [LACKS]);
        // There the address is the name that is typed.
        assert_eq!(found("drop", &by_email), [NO_CODE]);
    }

    /// The promise is 100 bytes a user.
    #[test]
    fn what_is_remembered_of_a_user_is_small() {
        assert!(size_of::<Noted>() <= 48, "{}", size_of::<Noted>());
    }

    #[test]
    fn an_unproven_copy_stands_on_the_user_who_has_not_verified_what_others_can_have_too() {
        let by = |names: &[&str], alias: bool| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            let (alias_attributes, username_attributes) = if alias {
                (names, vec![])
            } else {
                (vec![], names)
            };
            UserPoolDescription {
                alias_attributes,
                username_attributes,
                schema: vec![SchemaAttribute {
                    name: "custom:mail".to_owned(),
                    required: false,
                    mutable: true,
                    data_type: DataType::String,
                    minimum: None,
                    maximum: None,
                }],
                ..pool(false)
            }
        };
        let email = [("email", "ana@example.com")];
        let claimed = user("squatter", &email);
        let owned = with_email("ana", "ana@example.com");
        let phone = user(
            "bo",
            &[
                ("phone_number", "+15550100"),
                ("phone_number_verified", "false"),
            ],
        );
        let by_email = by(&["email"], false);
        const DROP: &[(&str, &str)] = &[("UNVERIFIED_CONTACTS", "drop")];
        const NO_COPY: &[(&str, &str)] = &[("ATTRIBUTE_MAP", r#"{"email": null}"#)];
        const FROM_CUSTOM: &[(&str, &str)] = &[("ATTRIBUTE_MAP", r#"{"custom:mail": "email"}"#)];
        let mail = user("cem", &[("custom:mail", "ana@example.com")]);
        #[rustfmt::skip]
        let cases: [(&[(&str, &str)], _, _, _, bool); 12] = [
            (&[], by(&[], false), &by_email, &claimed, true),
            (&[], by(&[], false), &by_email, &owned, false),
            (&[], by(&[], false), &by(&["email"], true), &claimed, true),
            (&[], by(&[], false), &by(&[], false), &claimed, false),
            (&[], by(&["email"], false), &by_email, &claimed, false),
            (&[], by(&["email"], true), &by_email, &claimed, false),
            (DROP, by(&[], false), &by_email, &claimed, false),
            (NO_COPY, by(&[], false), &by_email, &claimed, false),
            (&[], by(&["email"], false), &by(&["email", "phone_number"], false), &phone, true),
            (&[], by(&[], false), &by_email, &phone, false),
            // What was mapped from elsewhere is no proven address, even where the source pool keeps addresses unique.
            (FROM_CUSTOM, by(&["email"], false), &by_email, &mail, true),
            (FROM_CUSTOM, by(&["email"], false), &by_email, &owned, false),
        ];
        for (number, (variables, source, destination, user, expected)) in
            cases.into_iter().enumerate()
        {
            let found = &foreseen(variables, &source, destination, std::slice::from_ref(user))[0];
            assert_eq!(
                found.contains("unproven_copy"),
                expected,
                "{number}: {found}"
            );
        }
        // A user who moves at a reset only has the finding, too.
        let mut reset = with_email("dee", "dee@example.com");
        reset.status = UserStatus::ResetRequired;
        reset
            .attributes
            .push(("phone_number".to_owned(), "+15550101".to_owned()));
        let found = &foreseen(&[], &pool(false), &by(&["phone_number"], false), &[reset])[0];
        assert_eq!(found, "password_reset_required migrated unproven_copy");
    }

    #[test]
    fn findings_are_a_set() {
        let mut findings = Findings::default();
        for finding in Finding::VARIANTS {
            findings.add_if(false, *finding);
            assert!(!findings.has(*finding));
            findings.add_if(true, *finding);
            assert!(findings.has(*finding));
        }
        assert!(findings.iter().eq(Finding::VARIANTS.iter().copied()));
    }
}
