//! The prediction for all users of the source pool, including the effects of users on each other.

use crate::described::signs_in_by;
use std::collections::{HashMap, HashSet};

use rules::{
    evidence::{Identity, Listed, ListedUser, UserStatus},
    outcome::Reason,
    sign_in_name::SignInName,
};

use crate::{
    acceptance::UserResult,
    finding::{Finding, Findings},
    plan::{Foreseen, ForeseenOutcome, Plan},
};

/// The users of a source pool, under one plan.
#[derive(Debug)]
pub struct Survey<'a> {
    plan: Plan<'a>,
    users: Vec<UserRecord>,
}

/// The remembered parts of a user: those by which users can affect each other.
#[derive(Debug)]
struct UserRecord {
    /// The name by which the user signs in to the source pool.
    name: NameRecord,
    /// The other names that do.
    other_names: Box<[NameRecord]>,
    /// The e-mail address in lower case, verified or not.
    email: Option<Box<str>>,
    has_verified_email: bool,
    /// The phone number, if it is verified.
    phone_number: Option<Box<str>>,
    enabled: bool,
    status: UserStatus,
}

/// A name of a user, with the prediction for a user who types it.
#[derive(Debug)]
struct NameRecord {
    typed: Box<str>,
    /// That name in lower case, where this is another one.
    lower: Option<Box<str>>,
    /// The name is a value by which the look-up finds the user.
    is_own_value: bool,
    /// The prediction before the other users are considered.
    alone: Foreseen,
}

impl NameRecord {
    fn new(plan: &Plan<'_>, typed: &str, user: &ListedUser) -> Self {
        let lower = typed.to_lowercase();
        NameRecord {
            typed: typed.into(),
            lower: (lower != typed).then(|| lower.into()),
            is_own_value: plan.settings.source.lookup.is_some_and(|lookup| {
                plan.is_looked_up(lookup, typed) && lookup.may_be_of(typed, user)
            }),
            alone: plan.foresee(&plan.handed_over(typed), user),
        }
    }

    /// The name in lower case, which users share who are mistaken for each other.
    fn in_lower_case(&self) -> &str {
        self.lower.as_deref().unwrap_or(&self.typed)
    }
}

impl UserRecord {
    fn new(plan: &Plan<'_>, user: &ListedUser) -> Self {
        UserRecord {
            name: NameRecord::new(plan, plan.name_of(user), user),
            other_names: plan
                .other_names_of(user)
                .into_iter()
                .map(|typed| NameRecord::new(plan, typed, user))
                .collect(),
            email: user
                .identity
                .attribute("email")
                .filter(|email| !email.is_empty())
                .map(|email| email.to_lowercase().into()),
            has_verified_email: user.identity.proven("email", "email_verified").is_some(),
            phone_number: user
                .identity
                .proven("phone_number", "phone_number_verified")
                .map(|number| number.to_lowercase().into()),
            enabled: user.enabled,
            status: user.status,
        }
    }

    fn names(&self) -> impl Iterator<Item = &NameRecord> {
        std::iter::once(&self.name).chain(&self.other_names)
    }

    fn is_federated(&self) -> bool {
        self.status == UserStatus::ExternalProvider
    }

    /// The source pool's answer to another user's password under a name of this user.
    fn with_a_wrong_password(&self) -> Reason {
        if !self.enabled {
            Reason::UserDisabled
        } else if self.status == UserStatus::ResetRequired {
            Reason::PasswordResetRequired
        } else {
            Reason::WrongCredentials
        }
    }

    /// The user as the source pool lists it under this name, which is a verified value of the attribute `lookup`.
    fn listed(&self, name: &NameRecord, lookup: SignInName) -> ListedUser {
        ListedUser {
            identity: Identity {
                username: String::new(),
                attributes: vec![
                    (lookup.as_str().to_owned(), name.typed.to_string()),
                    ("email_verified".to_owned(), "true".to_owned()),
                    ("phone_number_verified".to_owned(), "true".to_owned()),
                ],
            },
            enabled: self.enabled,
            status: self.status,
            last_modified: None,
        }
    }
}

impl<'a> Survey<'a> {
    /// A survey of no users yet.
    pub fn new(plan: Plan<'a>) -> Self {
        Survey {
            plan,
            users: vec![],
        }
    }

    /// Takes a user into account.
    pub fn add(&mut self, user: &ListedUser) {
        self.users.push(UserRecord::new(&self.plan, user));
    }

    /// The prediction for each user, in the order in which they were added.
    pub fn users(&self) -> impl Iterator<Item = Foreseen> {
        let collisions = Collisions::among(&self.plan, &self.users);
        self.users
            .iter()
            .enumerate()
            .map(move |(at, user)| self.foreseen(at, user, &collisions))
    }

    /// The prediction for this user among all, under the name that works best.
    fn foreseen(&self, at: usize, user: &UserRecord, collisions: &Collisions<'_>) -> Foreseen {
        let under = |name| self.under_name(&Placed { at, user, name }, collisions);
        let mut foreseen = under(&user.name);
        let mut all_work = foreseen.result.is_good();
        for name in &user.other_names {
            let other = under(name);
            all_work &= other.result.is_good();
            if other.result < foreseen.result {
                foreseen = other;
            }
        }
        if user.is_federated() {
            return foreseen;
        }
        let is_good = foreseen.result.is_good();
        let findings = &mut foreseen.findings;
        findings.add_if(is_good && !all_work, Finding::OtherName);
        findings.add_if(self.shares_contact(user, collisions), Finding::SameContact);
        findings.add_if(
            has(&collisions.federated, &user.email),
            Finding::FederatedTwin,
        );
        foreseen
    }

    /// The prediction for a user who types this name.
    fn under_name(&self, placed: &Placed<'_>, collisions: &Collisions<'_>) -> Foreseen {
        let mut foreseen = placed.name.alone;
        if placed.user.is_federated() {
            return foreseen;
        }
        if let Some(rejections) = self.rejections(placed, collisions) {
            let forgot_password = match foreseen.forgot_password {
                off @ ForeseenOutcome::Rejected(Reason::ForgotPasswordOff) => off,
                _ => ForeseenOutcome::Rejected(rejections.forgot_password),
            };
            foreseen = Foreseen {
                result: UserResult::Stays,
                sign_in: ForeseenOutcome::Rejected(rejections.sign_in),
                forgot_password,
                findings: Findings::default(),
            };
        }
        let loses_case = self.loses_case(placed.name);
        foreseen.findings.add_if(loses_case, Finding::CaseOfName);
        foreseen
    }

    /// Whether other users have verified a contact of this one that only one user can have.
    fn shares_contact(&self, user: &UserRecord, collisions: &Collisions<'_>) -> bool {
        user.has_verified_email && has(&collisions.emails, &user.email) && self.is_unique("email")
            || has(&collisions.phone_numbers, &user.phone_number) && self.is_unique("phone_number")
    }

    /// Whether the destination pool, or the look-up, allows this address to one user only.
    fn is_unique(&self, contact: &str) -> bool {
        let settings = self.plan.settings;
        let is_copied = settings.destination.mapping.destination(contact) == Some(contact);
        settings.source.lookup.map(SignInName::as_str) == Some(contact)
            || is_copied && signs_in_by(self.plan.destination, contact)
    }

    /// The attribute by which this name is looked up; `None` where the source pool is asked for it as it is.
    fn lookup_of(&self, name: &NameRecord) -> Option<SignInName> {
        let lookup = self.plan.settings.source.lookup;
        lookup.filter(|lookup| self.plan.is_looked_up(*lookup, &name.typed))
    }

    /// Whether the source pool does not know the name in the case in which the destination pool hands it over.
    fn loses_case(&self, name: &NameRecord) -> bool {
        self.plan.source.case_sensitive
            && !self.plan.destination.case_sensitive
            && name.lower.is_some()
            && self.lookup_of(name).is_none()
    }

    /// The reason why this name does not find the user; `None` if it does.
    fn rejections(&self, placed: &Placed<'_>, collisions: &Collisions<'_>) -> Option<Rejections> {
        let Some(lookup) = self.lookup_of(placed.name) else {
            return self
                .loses_case(placed.name)
                .then(|| self.under_lower_case(placed.name, collisions));
        };
        let typed = self.plan.handed_over(&placed.name.typed);
        let meant = match collisions.meant.get(&typed) {
            Some(meant) => *meant,
            None => only_user(lookup, &typed, &[*placed]),
        };
        match meant {
            Ok((found, _)) if found == placed.at => None,
            Ok((_, reason)) => Some(Rejections {
                sign_in: reason,
                forgot_password: Reason::UserNotFound,
            }),
            Err(reason) => Some(Rejections {
                sign_in: reason,
                forgot_password: reason,
            }),
        }
    }

    /// The answers to a user whose name in lower case is a name of another user, or of none.
    fn under_lower_case(&self, name: &NameRecord, collisions: &Collisions<'_>) -> Rejections {
        let owner = collisions
            .named
            .get(name.in_lower_case())
            .into_iter()
            .flatten()
            .find(|other| other.name.lower.is_none() && self.lookup_of(other.name).is_none());
        Rejections {
            sign_in: match owner {
                Some(owner) => owner.user.with_a_wrong_password(),
                None => self.unknown_name(),
            },
            forgot_password: Reason::UserNotFound,
        }
    }

    /// The source pool's answer to a name that no user has.
    fn unknown_name(&self) -> Reason {
        match self.plan.client {
            Some(client) if client.prevents_user_existence_errors => Reason::WrongCredentials,
            _ => Reason::UserNotFound,
        }
    }
}

/// The reasons why a user is rejected whom the typed name does not find.
struct Rejections {
    sign_in: Reason,
    forgot_password: Reason,
}

/// A name, its user and the user's place in the list.
#[derive(Clone, Copy)]
struct Placed<'a> {
    at: usize,
    user: &'a UserRecord,
    name: &'a NameRecord,
}

/// The place of the user who is meant, and what that user's name answers to the password of another.
type Meant = Result<(usize, Reason), Reason>;

/// The user whom the function's own look-up finds by the name that the destination pool hands over.
fn only_user(lookup: SignInName, typed: &str, named: &[Placed<'_>]) -> Meant {
    let owners: Vec<_> = named
        .iter()
        .filter(|owner| owner.name.is_own_value)
        .collect();
    let listed = Listed {
        users: owners
            .iter()
            .map(|owner| owner.user.listed(owner.name, lookup))
            .collect(),
        more: false,
    };
    for search in lookup.searches(typed) {
        match search.only_user(&listed) {
            Ok(found) => {
                let mut places = listed.users.iter().zip(&owners);
                return places
                    .find(|(user, _)| std::ptr::eq(*user, found))
                    .map(|(_, owner)| (owner.at, owner.user.with_a_wrong_password()))
                    .ok_or(Reason::UserNotFound);
            }
            Err(Reason::UserNotFound) => {}
            Err(reason) => return Err(reason),
        }
    }
    Err(Reason::UserNotFound)
}

/// The names and contacts that several users share.
struct Collisions<'a> {
    /// Users whose names differ in nothing but case, by the name in lower case.
    named: HashMap<&'a str, Vec<Placed<'a>>>,
    /// Users whom their names mean, by the name that is handed over.
    meant: HashMap<String, Meant>,
    /// Verified e-mail addresses of several users.
    emails: HashSet<&'a str>,
    /// Verified phone numbers of several users.
    phone_numbers: HashSet<&'a str>,
    /// E-mail addresses of users of identity providers.
    federated: HashSet<&'a str>,
}

impl<'a> Collisions<'a> {
    fn among(plan: &Plan<'_>, users: &'a [UserRecord]) -> Self {
        let named = named_alike(users);
        Collisions {
            meant: match plan.settings.source.lookup {
                Some(lookup) => meant(plan, lookup, &named),
                None => HashMap::new(),
            },
            named,
            emails: repeated(
                users
                    .iter()
                    .filter(|user| user.has_verified_email)
                    .filter_map(|user| user.email.as_deref()),
            ),
            phone_numbers: repeated(users.iter().filter_map(|user| user.phone_number.as_deref())),
            federated: users
                .iter()
                .filter(|user| user.is_federated())
                .filter_map(|user| user.email.as_deref())
                .collect(),
        }
    }
}

/// The groups of several names that differ in nothing but case.
fn named_alike(users: &[UserRecord]) -> HashMap<&str, Vec<Placed<'_>>> {
    let names = users.iter().flat_map(UserRecord::names);
    let shared = repeated(names.map(NameRecord::in_lower_case));
    let mut named: HashMap<_, Vec<_>> = HashMap::new();
    for (at, user) in users.iter().enumerate() {
        for name in user.names() {
            if shared.contains(name.in_lower_case()) {
                let placed = Placed { at, user, name };
                named.entry(name.in_lower_case()).or_default().push(placed);
            }
        }
    }
    named
}

/// The user whom each name of these groups means. Users who share no name are left out to save memory.
fn meant(
    plan: &Plan<'_>,
    lookup: SignInName,
    named: &HashMap<&str, Vec<Placed<'_>>>,
) -> HashMap<String, Meant> {
    let mut meant = HashMap::new();
    for group in named.values() {
        for placed in group {
            let typed = plan.handed_over(&placed.name.typed);
            meant
                .entry(typed)
                .or_insert_with_key(|typed| only_user(lookup, typed, group));
        }
    }
    meant
}

/// Whether the user has one of these values.
fn has(values: &HashSet<&str>, value: &Option<Box<str>>) -> bool {
    value.as_deref().is_some_and(|value| values.contains(value))
}

/// The values that occur more than once.
fn repeated<'a>(values: impl Iterator<Item = &'a str>) -> HashSet<&'a str> {
    let mut sorted: Vec<_> = values.collect();
    sorted.sort_unstable();
    sorted
        .array_windows()
        .filter(|[one, next]| one == next)
        .map(|[one, _]| *one)
        .collect()
}

#[cfg(test)]
mod tests;
