//! What happens to the source users who have moved: they are disabled or deleted, and first of all counted.
//!
//! A mark alone moves nobody out of the way: an app client may let its users write it. So the new account must be
//! recognisably that of the same person, as after a sign-in.

use std::{
    cell::Cell,
    collections::BTreeMap,
    hash::{BuildHasher as _, RandomState},
};

use indicatif::{ProgressBar, ProgressDrawTarget};
use pools::operator::OperatorsPool;
use rules::{
    attributes::VERIFIED_FLAGS,
    evidence::{Identity, ListedUser, UserStatus, VerifiedFlag},
    mark::{self, Mark, Stage},
};
use serde_json::{Value, json};

use crate::{
    Told, arguments,
    context::{BothPools, Context, Set, not_answered},
    problem::{Answer, Problem},
    show,
    stragglers::check_attribute,
    survey::read_all,
};

/// So many `sub`s are shown to people.
const SHOWN: usize = 20;

/// What was done before the end came.
pub fn so_far(users: u64) -> String {
    let users = show::grouped(users);
    format!("Before that, {users} users were retired. Run it again to go on.")
}

pub async fn run(
    context: &Context,
    options: &arguments::Retire,
    retired: &Cell<u64>,
) -> Answer<Told> {
    let Set { settings, .. } = context.settings(&options.settings, &options.pools).await?;
    let marks = Marks::new(
        options.matched.as_deref(),
        settings.destination.mark.as_deref(),
    )?;
    let BothPools {
        source,
        destination,
    } = context.both_pools(&settings, &options.pools.pool).await?;
    let description = &destination.description;
    check_attribute(marks.attribute, destination.pool.id(), description)?;
    let mut claims = Claims::new(&marks);
    read_all(
        "the destination pool",
        &destination.pool,
        description.users,
        |user| {
            claims.add(user);
            Ok(())
        },
    )
    .await?;
    let claims = claims.sorted();
    let mut sorted = Sorted::default();
    read_all(
        "the source pool",
        &source.pool,
        source.description.users,
        |user| {
            sorted.add(user, &claims, options.delete);
            Ok(())
        },
    )
    .await?;
    drop(claims);
    if options.apply {
        let door = Door {
            source: &source.pool,
            destination: &destination.pool,
            marks: &marks,
            is_final: options.delete,
        };
        door.retire(&mut sorted, retired).await?;
    }
    let (from, to) = (source.pool.id(), destination.pool.id());
    Ok(Told::good(match context.is_for_programs() {
        true => sorted.json(from, to, options),
        false => sorted.for_people(from, to, options),
    }))
}

/// Where the destination pool says whose user of the source pool somebody was.
struct Marks<'a> {
    attribute: &'a str,
    /// The attribute may hold a plain `sub`.
    takes_subs: bool,
}

impl<'a> Marks<'a> {
    fn new(matched: Option<&'a str>, mark: Option<&'a str>) -> Answer<Self> {
        match matched.or(mark) {
            Some(attribute) => Ok(Marks {
                attribute,
                takes_subs: matched.is_some() && matched != mark,
            }),
            None => Err(Problem::usage(
                "Nothing says who has moved: name the attribute with --match, or set MIGRATION_MARK.",
            )),
        }
    }

    /// The source `sub` of a user whose groups are copied, or are not to be. Behind `disabling/` nothing is left but what
    /// is done here.
    fn source_sub<'u>(&self, user: &'u ListedUser) -> Option<&'u str> {
        let value = user.attribute(self.attribute)?;
        match Mark::read(value) {
            Some(Mark {
                stage: Stage::Pending,
                ..
            }) => None,
            Some(mark) => Some(mark.source_sub),
            None => mark::source_sub(value).filter(|_| self.takes_subs),
        }
    }
}

/// What tells who somebody is, as one text: there can be millions.
struct Person(Box<str>);

/// The user name, the `sub`, and the contacts of [`VERIFIED_FLAGS`] that are proven.
type Telling<T> = (T, Option<T>, [Option<T>; VERIFIED_FLAGS.len()]);

impl From<&Identity> for Person {
    fn from(identity: &Identity) -> Self {
        let proven = VERIFIED_FLAGS.map(|(contact, flag)| identity.proven(contact, flag));
        let telling: Telling<&str> = (&identity.username, identity.sub(), proven);
        Person(json!(telling).to_string().into())
    }
}

impl From<&Person> for Identity {
    fn from(person: &Person) -> Self {
        // It was written here. Nobody is the same person as one without a name.
        let telling = serde_json::from_str(&person.0).unwrap_or_default();
        let (username, sub, proven): Telling<String> = telling;
        let mut attributes: Vec<_> = sub.map(|sub| ("sub".to_owned(), sub)).into_iter().collect();
        for ((contact, flag), value) in VERIFIED_FLAGS.into_iter().zip(proven) {
            if let Some(value) = value {
                attributes.push((contact.to_owned(), value));
                attributes.push((flag.to_owned(), VerifiedFlag::True.as_str().to_owned()));
            }
        }
        Identity {
            username,
            attributes,
        }
    }
}

/// A user of the destination pool who claims to have been one of the source pool.
struct Claimant {
    who: Person,
    /// Enabled and confirmed.
    signs_in: bool,
}

impl From<&ListedUser> for Claimant {
    fn from(user: &ListedUser) -> Self {
        let mut identity = Identity::from(user.clone());
        // Their own one tells nothing of the source pool.
        identity.attributes.retain(|(name, _)| name != "sub");
        Claimant {
            who: Person::from(&identity),
            signs_in: user.enabled && user.status == UserStatus::Confirmed,
        }
    }
}

impl Claimant {
    /// The name of the new account that lets the source user go, or why the user stays.
    fn fate_of(&self, source: &Identity) -> Result<String, Kept> {
        let holder = Identity::from(&self.who);
        if !mark::is_of(&holder, source) {
            Err(Kept::NotTheSame)
        } else if !self.signs_in {
            Err(Kept::NotConfirmed)
        } else {
            Ok(holder.username)
        }
    }
}

/// Who in the destination pool claims to have been whom, by the hash of the source `sub`. Two `sub`s with one hash do no
/// harm: a claim counts only from whoever is recognisably the same person.
struct Claims<'a> {
    marks: &'a Marks<'a>,
    hasher: RandomState,
    claims: Vec<(u64, Claimant)>,
}

impl<'a> Claims<'a> {
    fn new(marks: &'a Marks<'a>) -> Self {
        Claims {
            marks,
            hasher: RandomState::new(),
            claims: vec![],
        }
    }

    fn add(&mut self, user: &ListedUser) {
        if let Some(sub) = self.marks.source_sub(user) {
            self.claims.push((self.hasher.hash_one(sub), user.into()));
        }
    }

    fn sorted(mut self) -> Self {
        self.claims.sort_unstable_by_key(|(sub, _)| *sub);
        self
    }

    /// What becomes of a source user whom somebody claims to have been. The best claim counts: somebody else's false one must
    /// not keep a user.
    fn fate_of(&self, source: &Identity) -> Option<Result<String, Kept>> {
        let sub = self.hasher.hash_one(source.sub()?);
        let first = self.claims.partition_point(|(known, _)| *known < sub);
        let claims = self.claims[first..]
            .iter()
            .take_while(|(known, _)| *known == sub);
        let fates = claims.map(|(_, claimant)| claimant.fate_of(source));
        fates.min_by_key(|fate| fate.as_ref().err().map_or(0, |kept| 1 + *kept as u8))
    }
}

/// Why a source user whom somebody claims to have been stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    /// The new account is not confirmed, or is disabled.
    NotConfirmed,
    /// The new account is not recognisably that of the same person.
    NotTheSame,
}

impl Kept {
    fn as_str(self) -> &'static str {
        match self {
            Kept::NotConfirmed => "new_account_not_confirmed",
            Kept::NotTheSame => "not_the_same_person",
        }
    }
}

/// A source user who is to be retired.
struct Leaver {
    source: Person,
    /// The user's name in the destination pool, for whoever is to be deleted.
    new_name: Box<str>,
}

impl Leaver {
    fn sub(&self) -> String {
        let source = Identity::from(&self.source);
        source.sub().unwrap_or_default().to_owned()
    }
}

/// All users of the source pool, by what happens to them.
#[derive(Default)]
struct Sorted {
    users: u64,
    leavers: Vec<Leaver>,
    already: u64,
    kept: BTreeMap<Kept, Vec<String>>,
}

impl Sorted {
    fn add(&mut self, user: &ListedUser, claims: &Claims<'_>, is_final: bool) {
        self.users += 1;
        let source = Identity::from(user.clone());
        match claims.fate_of(&source) {
            None => {}
            Some(Ok(_)) if !is_final && !user.enabled => self.already += 1,
            Some(Ok(new_name)) => self.leavers.push(Leaver {
                source: Person::from(&source),
                new_name: if is_final { new_name.into() } else { "".into() },
            }),
            Some(Err(kept)) => self.keep(&source, kept),
        }
    }

    fn keep(&mut self, source: &Identity, kept: Kept) {
        let sub = source.sub().unwrap_or_default().to_owned();
        self.kept.entry(kept).or_default().push(sub);
    }

    fn json(&self, from: &str, to: &str, options: &arguments::Retire) -> String {
        let kept: BTreeMap<_, _> = self
            .kept
            .iter()
            .map(|(kept, subs)| (kept.as_str(), subs))
            .collect();
        let retired: Value = self.leavers.iter().map(Leaver::sub).collect();
        show::json(&json!({
            "source_pool": from,
            "destination_pool": to,
            "users": self.users,
            "action": if options.delete { "delete" } else { "disable" },
            "applied": options.apply,
            "retired": retired,
            "already_disabled": self.already,
            "kept": kept,
        }))
    }

    fn for_people(&self, from: &str, to: &str, options: &arguments::Retire) -> String {
        let users = show::grouped(self.users);
        let mut table = show::table(["", "users"]);
        let action = match (options.apply, options.delete) {
            (false, false) => "to disable",
            (false, true) => "to delete",
            (true, false) => "disabled now",
            (true, true) => "deleted now",
        };
        let count = |number: usize| show::number(u64::try_from(number).unwrap_or_default());
        table.add_row([action.into(), count(self.leavers.len())]);
        if !options.delete {
            table.add_row(["disabled before".into(), show::number(self.already)]);
        }
        for (kept, subs) in &self.kept {
            table.add_row([kept.as_str().into(), count(subs.len())]);
        }
        let mut text = format!(
            "{from} → {to}: {users} users of the source pool\n\n{}\n",
            table.trim_fmt()
        );
        if let Some(subs) = self.kept.get(&Kept::NotTheSame) {
            text += "\nNo proven address or name tells that these are the same person as the new account that says so. They \
                     stay as they are: look at them.\n";
            for sub in subs.iter().take(SHOWN) {
                text += &format!("{sub}\n");
            }
            if subs.len() > SHOWN {
                text += "… --format json shows all of them.\n";
            }
        }
        if !options.apply && !self.leavers.is_empty() {
            text += "\nNothing was changed. --apply does it";
            text += match options.delete {
                true => "; whoever is deleted cannot be brought back.",
                false => "; AdminEnableUser takes it back.",
            };
        }
        text
    }
}

/// Where source users are retired.
struct Door<'a> {
    source: &'a OperatorsPool,
    destination: &'a OperatorsPool,
    marks: &'a Marks<'a>,
    is_final: bool,
}

impl Door<'_> {
    async fn retire(&self, sorted: &mut Sorted, retired: &Cell<u64>) -> Answer<()> {
        let leavers = std::mem::take(&mut sorted.leavers);
        let number = u64::try_from(leavers.len()).ok();
        let bar = ProgressBar::with_draw_target(number, ProgressDrawTarget::stderr());
        for leaver in leavers {
            match self.retire_one(&leaver).await {
                Ok(Ok(())) => {
                    retired.set(retired.get() + 1);
                    sorted.leavers.push(leaver);
                }
                Ok(Err(kept)) => sorted.keep(&Identity::from(&leaver.source), kept),
                Err(problem) if retired.get() == 0 => return Err(problem),
                Err(problem) => {
                    let so_far = so_far(retired.get());
                    return Err(Problem::cannot(format!("{problem} {so_far}")));
                }
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    async fn retire_one(&self, leaver: &Leaver) -> Answer<Result<(), Kept>> {
        let pool = self.source;
        let cannot = |failure| not_answered("the source pool", pool.id(), &failure);
        let source = Identity::from(&leaver.source);
        let name = &source.username;
        if !self.is_final {
            return pool.disable(name).await.map(Ok).map_err(cannot);
        }
        // Nobody is deleted whose new account has gone in the meantime.
        let found = self
            .destination
            .users_with("username", &leaver.new_name)
            .await;
        let found = found.map_err(|failure| {
            not_answered("the destination pool", self.destination.id(), &failure)
        })?;
        let mut claims = Claims::new(self.marks);
        for user in &found {
            claims.add(user);
        }
        match claims.sorted().fate_of(&source) {
            Some(Ok(_)) => pool.delete(name).await.map(Ok).map_err(cannot),
            Some(Err(kept)) => Ok(Err(kept)),
            None => Ok(Err(Kept::NotConfirmed)),
        }
    }
}
