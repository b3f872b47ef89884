//! What will happen to all users of the source pool, where one user can change what happens to another.

use std::collections::{HashMap, HashSet};

use rules::{
    evidence::{Listed, ListedUser, UserStatus},
    outcome::Reason,
    sign_in_name::SignInName,
};

use crate::{
    finding::Finding,
    plan::{Foreseen, ForeseenOutcome, Plan},
};

/// The users of a source pool, under one plan.
#[derive(Debug)]
pub struct Survey<'a> {
    plan: Plan<'a>,
    users: Vec<UserRecord>,
}

/// What is remembered of a user: what other users can change, and all by which they can.
#[derive(Debug)]
struct UserRecord {
    /// The name that the user types.
    typed: Box<str>,
    /// That name in lower case, where this is another one.
    lower: Option<Box<str>>,
    /// The name is a value by which the look-up finds the user.
    owns_name: bool,
    /// The e-mail address in lower case, verified or not.
    email: Option<Box<str>>,
    has_verified_email: bool,
    /// The phone number, if it is verified.
    phone_number: Option<Box<str>>,
    enabled: bool,
    status: UserStatus,
    /// What happens to the user as far as no other one matters.
    alone: Foreseen,
}

impl UserRecord {
    fn new(plan: &Plan<'_>, user: &ListedUser) -> Self {
        let typed = plan.name_of(user);
        let lower = typed.to_lowercase();
        UserRecord {
            typed: typed.into(),
            lower: (lower != typed).then(|| lower.into()),
            owns_name: plan.settings.source.lookup.is_some_and(|lookup| {
                plan.is_looked_up(lookup, typed) && lookup.may_be_of(typed, user)
            }),
            email: user
                .attribute("email")
                .filter(|email| !email.is_empty())
                .map(|email| email.to_lowercase().into()),
            has_verified_email: user.proven("email", "email_verified").is_some(),
            phone_number: user
                .proven("phone_number", "phone_number_verified")
                .map(|number| number.to_lowercase().into()),
            enabled: user.enabled,
            status: user.status,
            alone: plan.foresee(&plan.handed_over(typed), user),
        }
    }

    /// The name in lower case, which users share who are mistaken for each other.
    fn name(&self) -> &str {
        self.lower.as_deref().unwrap_or(&self.typed)
    }

    fn is_federated(&self) -> bool {
        self.status == UserStatus::ExternalProvider
    }

    /// What the source pool answers to another user's password under this user's name.
    fn with_a_wrong_password(&self) -> Reason {
        if !self.enabled {
            Reason::UserDisabled
        } else if self.status == UserStatus::ResetRequired {
            Reason::PasswordResetRequired
        } else {
            Reason::WrongCredentials
        }
    }

    /// The user as the source pool lists it under the name, which is a verified value of the attribute `lookup`.
    fn listed(&self, lookup: SignInName) -> ListedUser {
        ListedUser {
            username: String::new(),
            enabled: self.enabled,
            status: self.status,
            attributes: vec![
                (lookup.as_str().to_owned(), self.typed.to_string()),
                ("email_verified".to_owned(), "true".to_owned()),
                ("phone_number_verified".to_owned(), "true".to_owned()),
            ],
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

    /// Takes a user into account who types the name that is theirs.
    pub fn add(&mut self, user: &ListedUser) {
        self.users.push(UserRecord::new(&self.plan, user));
    }

    /// What will happen to each user, in the order in which they were added.
    pub fn users(&self) -> impl Iterator<Item = Foreseen> {
        let collisions = Collisions::among(&self.plan, &self.users);
        self.users
            .iter()
            .enumerate()
            .map(move |(at, user)| self.foreseen(at, user, &collisions))
    }

    /// What will happen to this user among all.
    fn foreseen(&self, at: usize, user: &UserRecord, collisions: &Collisions<'_>) -> Foreseen {
        let mut foreseen = user.alone;
        if user.is_federated() {
            return foreseen;
        }
        let findings = &mut foreseen.findings;
        findings.add_if(self.shares_contact(user, collisions), Finding::SameContact);
        findings.add_if(
            has(&collisions.federated, &user.email),
            Finding::FederatedTwin,
        );
        findings.add_if(self.loses_case(user), Finding::CaseOfName);
        if let Some(rejections) = self.rejections(at, user, collisions) {
            foreseen.sign_in = ForeseenOutcome::Rejected(rejections.sign_in);
            if foreseen.forgot_password != ForeseenOutcome::Rejected(Reason::ForgotPasswordOff) {
                foreseen.forgot_password = ForeseenOutcome::Rejected(rejections.forgot_password);
            }
        }
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
            || is_copied && self.plan.destination.signs_in_by(contact)
    }

    /// The attribute by which this user is looked up; `None` where the source pool is asked for a user name.
    fn lookup_of(&self, user: &UserRecord) -> Option<SignInName> {
        let lookup = self.plan.settings.source.lookup;
        lookup.filter(|lookup| self.plan.is_looked_up(*lookup, &user.typed))
    }

    /// Whether the source pool does not know the name in the case in which the destination pool hands it over.
    fn loses_case(&self, user: &UserRecord) -> bool {
        self.plan.source.case_sensitive
            && !self.plan.destination.case_sensitive
            && user.lower.is_some()
            && self.lookup_of(user).is_none()
    }

    /// Why the name of this user does not find the user; `None` if it does.
    fn rejections(
        &self,
        at: usize,
        user: &UserRecord,
        collisions: &Collisions<'_>,
    ) -> Option<Rejections> {
        let Some(lookup) = self.lookup_of(user) else {
            return self
                .loses_case(user)
                .then(|| self.under_lower_case(user, collisions));
        };
        let typed = self.plan.handed_over(&user.typed);
        let meant = match collisions.meant.get(&typed) {
            Some(meant) => *meant,
            None => only_user(lookup, &typed, &[(at, user)]),
        };
        match meant {
            Ok((found, _)) if found == at => None,
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
    fn under_lower_case(&self, user: &UserRecord, collisions: &Collisions<'_>) -> Rejections {
        let owner = collisions
            .named
            .get(user.name())
            .into_iter()
            .flatten()
            .find(|(_, other)| other.lower.is_none() && self.lookup_of(other).is_none());
        Rejections {
            sign_in: match owner {
                Some((_, owner)) => owner.with_a_wrong_password(),
                None => self.unknown_name(),
            },
            forgot_password: Reason::UserNotFound,
        }
    }

    /// What the source pool answers to a name that no user has.
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

/// A user and the place in the list.
type Placed<'a> = (usize, &'a UserRecord);

/// The place of the user who is meant, and what that user's name answers to the password of another.
type Meant = Result<(usize, Reason), Reason>;

/// The user whom the function's own look-up finds by the name that the destination pool hands over.
fn only_user(lookup: SignInName, typed: &str, named: &[Placed<'_>]) -> Meant {
    let owners: Vec<_> = named.iter().filter(|(_, user)| user.owns_name).collect();
    let listed = Listed {
        users: owners.iter().map(|(_, user)| user.listed(lookup)).collect(),
        more: false,
    };
    for search in lookup.searches(typed) {
        match search.only_user(&listed) {
            Ok(found) => {
                let mut places = listed.users.iter().zip(&owners);
                return places
                    .find(|(user, _)| std::ptr::eq(*user, found))
                    .map(|(_, (at, owner))| (*at, owner.with_a_wrong_password()))
                    .ok_or(Reason::UserNotFound);
            }
            Err(Reason::UserNotFound) => {}
            Err(reason) => return Err(reason),
        }
    }
    Err(Reason::UserNotFound)
}

/// What several users have in common.
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

/// The groups of several users whose names differ in nothing but case.
fn named_alike(users: &[UserRecord]) -> HashMap<&str, Vec<Placed<'_>>> {
    let names = repeated(users.iter().map(UserRecord::name));
    let mut named: HashMap<_, Vec<_>> = HashMap::new();
    for (at, user) in users.iter().enumerate() {
        if names.contains(user.name()) {
            named.entry(user.name()).or_default().push((at, user));
        }
    }
    named
}

/// Whom each name of these groups means. A user who is alone is not among them: most are, and it would add up.
fn meant(
    plan: &Plan<'_>,
    lookup: SignInName,
    named: &HashMap<&str, Vec<Placed<'_>>>,
) -> HashMap<String, Meant> {
    let mut meant = HashMap::new();
    for group in named.values() {
        for (_, user) in group {
            let typed = plan.handed_over(&user.typed);
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
