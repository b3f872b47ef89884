//! What happens to the source users who have moved: they are disabled or deleted, and first of all counted.
//!
//! A mark alone moves nobody out of the way: an app client may let its users write it. So the new account must be
//! recognisably that of the same person, as after a sign-in.

use std::{cell::Cell, collections::BTreeMap, collections::HashMap};

use indicatif::{ProgressBar, ProgressDrawTarget};
use pools::operator::OperatorsPool;
use rules::{
    evidence::{Identity, ListedUser, UserStatus},
    mark,
};
use serde_json::json;

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
    let mut claims = Claims::default();
    read_all(
        "the destination pool",
        &destination.pool,
        description.users,
        |user| {
            claims.add(user, &marks);
            Ok(())
        },
    )
    .await?;
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

    /// The source `sub` of a user about whom nothing is left to do.
    fn source_sub<'u>(&self, user: &'u ListedUser) -> Option<&'u str> {
        let value = user.attribute(self.attribute)?;
        let is_pending = mark::source_sub_of_pending(value).is_some();
        mark::source_sub_of_done(value).or_else(|| {
            let sub = mark::source_sub(value);
            sub.filter(|_| self.takes_subs && !is_pending)
        })
    }
}

/// A user of the destination pool, as far as it matters to whom it is the same person.
#[derive(Clone, PartialEq, Eq)]
struct Claimant {
    identity: Identity,
    /// Enabled and confirmed.
    signs_in: bool,
}

impl From<&ListedUser> for Claimant {
    fn from(user: &ListedUser) -> Self {
        const TELLING: [&str; 4] = [
            "email",
            "email_verified",
            "phone_number",
            "phone_number_verified",
        ];
        let is_telling = |(name, _): &&(String, String)| TELLING.contains(&name.as_str());
        Claimant {
            identity: Identity {
                username: user.username.clone(),
                attributes: user.attributes.iter().filter(is_telling).cloned().collect(),
            },
            signs_in: user.enabled && user.status == UserStatus::Confirmed,
        }
    }
}

impl Claimant {
    fn fate_of(&self, source: &Identity) -> Result<(), Kept> {
        if !mark::is_of(&self.identity, source) {
            Err(Kept::NotTheSame)
        } else if !self.signs_in {
            Err(Kept::NotConfirmed)
        } else {
            Ok(())
        }
    }
}

/// Source `sub`s, and who in the destination pool claims to have been that user.
#[derive(Default)]
struct Claims(HashMap<Box<str>, Vec<Claimant>>);

impl Claims {
    fn add(&mut self, user: &ListedUser, marks: &Marks<'_>) {
        if let Some(sub) = marks.source_sub(user) {
            self.0.entry(sub.into()).or_default().push(user.into());
        }
    }

    /// Who claims to have been this user, best first: somebody else's false claim must not keep a user.
    fn of(&self, source: &Identity) -> Option<Result<&Claimant, Kept>> {
        let claimants = self.0.get(source.sub()?)?;
        let fates = claimants
            .iter()
            .map(|claimant| claimant.fate_of(source).map(|()| claimant));
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
    source: Identity,
    /// The user's name in the destination pool.
    new_name: String,
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
    fn add(&mut self, user: &ListedUser, claims: &Claims, is_final: bool) {
        self.users += 1;
        let source = Identity::from(user.clone());
        match claims.of(&source) {
            None => {}
            Some(Ok(_)) if !is_final && !user.enabled => self.already += 1,
            Some(Ok(claimant)) => self.leavers.push(Leaver {
                new_name: claimant.identity.username.clone(),
                source,
            }),
            Some(Err(kept)) => self.keep(&source, kept),
        }
    }

    fn keep(&mut self, source: &Identity, kept: Kept) {
        let sub = source.sub().unwrap_or_default().to_owned();
        self.kept.entry(kept).or_default().push(sub);
    }

    fn subs(&self) -> Vec<&str> {
        self.leavers
            .iter()
            .filter_map(|leaver| leaver.source.sub())
            .collect()
    }

    fn json(&self, from: &str, to: &str, options: &arguments::Retire) -> String {
        let kept: BTreeMap<_, _> = self
            .kept
            .iter()
            .map(|(kept, subs)| (kept.as_str(), subs))
            .collect();
        show::json(&json!({
            "source_pool": from,
            "destination_pool": to,
            "users": self.users,
            "action": if options.delete { "delete" } else { "disable" },
            "applied": options.apply,
            "retired": self.subs(),
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
        let mut text = format!("{from} → {to}: {users} users of the source pool\n\n{table}\n");
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
                Ok(Err(kept)) => sorted.keep(&leaver.source, kept),
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
        let source = self.source;
        let cannot = |failure| not_answered("the source pool", source.id(), &failure);
        let name = &leaver.source.username;
        if !self.is_final {
            return source.disable(name).await.map(Ok).map_err(cannot);
        }
        // Nobody is deleted whose new account has gone in the meantime.
        let found = self
            .destination
            .users_with("username", &leaver.new_name)
            .await;
        let found = found.map_err(|failure| {
            not_answered("the destination pool", self.destination.id(), &failure)
        })?;
        let mut claims = Claims::default();
        for user in &found {
            claims.add(user, self.marks);
        }
        match claims.of(&leaver.source) {
            Some(Ok(_)) => source.delete(name).await.map(Ok).map_err(cannot),
            Some(Err(kept)) => Ok(Err(kept)),
            None => Ok(Err(Kept::NotConfirmed)),
        }
    }
}
