//! `restore`: enables source users who were disabled because they had moved. Without `--apply` it only counts them.
//!
//! A pool does not say who disabled a user. So only the users in a record of `retire` are enabled or, without a record, those
//! whose mark says that the function disabled them. A user whom an administrator disabled stays disabled.

use std::collections::BTreeMap;

use rules::{
    evidence::{Identity, ListedUser},
    mark::Stage,
};
use serde_json::json;

use crate::{
    arguments,
    aws::OperatorsPool,
    changes::{Changes, Unmade},
    claims::{Claims, Doubt, Marks, NewAccount, account_now},
    context::{BothPools, Context, not_answered},
    listing::read_all,
    output::{self, Output},
    problem::CommandResult,
    sub_file::{self, SubFile, Subs},
};

/// The most `sub`s of each kind that the table shows.
const SHOWN: usize = 20;

pub(crate) async fn run(
    context: &Context,
    options: &arguments::Restore,
    changes: &Changes,
) -> CommandResult<Output> {
    let chosen = Chosen {
        record: options.record.as_deref().map(sub_file::read).transpose()?,
        except: match &options.except {
            Some(path) => sub_file::read(path)?,
            None => Subs::new(),
        },
    };
    let matched = options.matched.as_deref();
    let (marks, both) =
        Marks::of_pools(context, &options.settings, &options.pools, matched).await?;
    let BothPools {
        source,
        destination,
    } = both;
    let log = options.log.as_deref().map(SubFile::create).transpose()?;
    let claims = marks.claims(&destination, |_| true).await?;
    let mut sorted = Sorted::default();
    let mut unseen = chosen.record.clone().unwrap_or_default();
    read_all(
        "the source pool",
        &source.pool,
        source.description.users,
        |user| {
            if let Some(sub) = user.identity.attribute("sub") {
                unseen.remove(sub);
                sorted.add(user, sub, &claims, &chosen);
            }
            Ok(())
        },
    )
    .await?;
    drop(claims);
    for sub in unseen {
        sorted.keep(sub.into(), Kept::NoSourceUser);
    }
    if options.apply {
        let restorer = Restorer {
            source: &source.pool,
            destination: &destination.pool,
            marks: &marks,
            chosen: &chosen,
        };
        restorer.restore(&mut sorted, log, changes).await?;
    }
    for subs in sorted.kept.values_mut() {
        subs.sort_unstable();
    }
    let (from, to) = (source.pool.id(), destination.pool.id());
    Ok(Output::good(match context.is_for_programs() {
        true => sorted.json(from, to, options.apply),
        false => sorted.for_people(from, to, options.apply),
    }))
}

/// The users whom the operator names.
struct Chosen {
    /// The users who were disabled because they had moved; `None` leaves it to the marks.
    record: Option<Subs>,
    /// The users who stay as they are.
    except: Subs,
}

impl Chosen {
    /// Whether the source user of this `sub` was disabled because of the move, as the record says or else the mark of the
    /// new account.
    fn is_named(&self, sub: &str, account: &NewAccount) -> Result<(), Kept> {
        match (&self.record, account.stage) {
            (Some(record), _) if record.contains(sub) => Ok(()),
            (None, Some(Stage::Off)) => Ok(()),
            (None, Some(Stage::Pending)) => Err(Kept::MarkIsPending),
            (None, Some(Stage::Disabling)) => Err(Kept::MarkIsDisabling),
            (None, Some(Stage::Done)) => Err(Kept::MarkIsDone),
            // Neither is said to have been disabled because of the move.
            (Some(_), _) | (None, None) => Err(Kept::NotNamed),
        }
    }

    /// The decision about a disabled source user.
    fn fate_of(
        &self,
        sub: &str,
        account: Option<Result<NewAccount, Doubt>>,
    ) -> Result<NewAccount, Kept> {
        if self.except.contains(sub) {
            return Err(Kept::Excepted);
        }
        match account {
            None => Err(Kept::NoNewAccount),
            Some(Err(Doubt::NotConfirmed)) => Err(Kept::NewAccountNotConfirmed),
            Some(Err(Doubt::NotTheSame)) => Err(Kept::NotTheSamePerson),
            Some(Ok(account)) => self.is_named(sub, &account).map(|()| account),
        }
    }
}

/// The reason why a source user stays disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum Kept {
    MarkIsPending,
    MarkIsDisabling,
    MarkIsDone,
    NotNamed,
    Excepted,
    NoNewAccount,
    NewAccountNotConfirmed,
    NotTheSamePerson,
    NoSourceUser,
}

impl Kept {
    fn as_str(self) -> &'static str {
        self.into()
    }

    /// The explanation for the operator.
    fn hint(self) -> &'static str {
        match self {
            Kept::MarkIsPending => "The function has not disabled them.",
            Kept::MarkIsDisabling | Kept::MarkIsDone => {
                "The mark does not say who disabled them: look at them."
            }
            Kept::NotNamed => "Nothing says that they were disabled because they had moved.",
            Kept::Excepted => "--except names them.",
            Kept::NoNewAccount => {
                "No user of the destination pool says that it was this one: they never moved, or the new account is gone."
            }
            Kept::NewAccountNotConfirmed => "The new account is disabled, or not confirmed.",
            Kept::NotTheSamePerson => {
                "No proven address or name tells that the new account is the same user: look at them."
            }
            Kept::NoSourceUser => "The source pool has no such user any more.",
        }
    }
}

/// A source user who is to be enabled.
struct Returner {
    source: Identity,
    sub: String,
    /// The user's name in the destination pool.
    new_name: String,
}

/// The source users, by the decision about them.
#[derive(Default)]
struct Sorted {
    users: u64,
    returners: Vec<Returner>,
    already: u64,
    kept: BTreeMap<Kept, Vec<String>>,
}

impl Sorted {
    fn add(&mut self, user: &ListedUser, sub: &str, claims: &Claims, chosen: &Chosen) {
        self.users += 1;
        // Users outside the record do not count.
        if chosen
            .record
            .as_ref()
            .is_some_and(|record| !record.contains(sub))
        {
            return;
        }
        let source = user.identity.clone();
        let fate = chosen.fate_of(sub, claims.account_of(&source));
        match (user.enabled, fate) {
            (true, Ok(_)) => self.already += 1,
            (true, Err(_)) if chosen.record.is_some() => self.already += 1,
            (true, Err(_)) => {}
            (false, Ok(account)) => self.returners.push(Returner {
                source,
                sub: sub.to_owned(),
                new_name: account.username,
            }),
            (false, Err(kept)) => self.keep(sub.to_owned(), kept),
        }
    }

    fn keep(&mut self, sub: String, kept: Kept) {
        self.kept.entry(kept).or_default().push(sub);
    }

    fn json(&self, from: &str, to: &str, applied: bool) -> String {
        let kept: BTreeMap<_, _> = self
            .kept
            .iter()
            .map(|(kept, subs)| (kept.as_str(), subs))
            .collect();
        let restored: Vec<_> = self.returners.iter().map(|user| &user.sub).collect();
        // Only changes that were made count as made.
        let returning = if applied { "restored" } else { "to_restore" };
        output::json(&json!({
            "source_pool": from,
            "destination_pool": to,
            "users": self.users,
            "applied": applied,
            returning: restored,
            "already_enabled": self.already,
            "kept": kept,
        }))
    }

    fn for_people(&self, from: &str, to: &str, applied: bool) -> String {
        let users = output::grouped(self.users);
        let mut table = output::table(["", "users", ""]);
        let count = |number: usize| output::number(u64::try_from(number).unwrap_or_default());
        let action = if applied { "enabled now" } else { "to enable" };
        table.add_row([action.into(), count(self.returners.len()), "".into()]);
        table.add_row([
            "enabled before".into(),
            output::number(self.already),
            "".into(),
        ]);
        for (kept, subs) in &self.kept {
            table.add_row([kept.as_str().into(), count(subs.len()), kept.hint().into()]);
        }
        let mut text = format!(
            "{from} → {to}: {users} users of the source pool\n\n{}\n",
            table.trim_fmt()
        );
        if !self.kept.is_empty() {
            text += "\nThese stay as they are:\n";
        }
        for (kept, subs) in &self.kept {
            for sub in subs.iter().take(SHOWN) {
                text += &format!("{sub} {}\n", kept.as_str());
            }
            if subs.len() > SHOWN {
                text += "… --format json shows all of them.\n";
            }
        }
        if !applied && !self.returners.is_empty() {
            text += "\nNothing was changed. --apply does it.";
        }
        text
    }
}

/// The pools of the changes.
struct Restorer<'a> {
    source: &'a OperatorsPool,
    destination: &'a OperatorsPool,
    marks: &'a Marks,
    chosen: &'a Chosen,
}

impl Restorer<'_> {
    async fn restore(
        &self,
        sorted: &mut Sorted,
        mut log: Option<SubFile>,
        changes: &Changes,
    ) -> CommandResult<()> {
        let returners = std::mem::take(&mut sorted.returners);
        changes
            .make(
                returners,
                "enabled",
                |returner| returner.sub.clone(),
                async |returner| self.restore_one(returner, log.as_mut()).await,
                |returner, came| match came {
                    Ok(()) => sorted.returners.push(returner),
                    Err(kept) => sorted.keep(returner.sub, kept),
                },
            )
            .await
    }

    /// Enables a user whose new account is still there and still signs in: many minutes can have passed since the list was
    /// read.
    async fn restore_one(
        &self,
        returner: &Returner,
        log: Option<&mut SubFile>,
    ) -> Result<Result<(), Kept>, Unmade> {
        let Returner {
            source,
            sub,
            new_name,
        } = returner;
        let account = account_now(self.destination, self.marks, new_name, source).await?;
        if let Err(kept) = self.chosen.fate_of(sub, account) {
            return Ok(Err(kept));
        }
        if let Some(log) = log {
            log.write(sub)?;
        }
        let pool = self.source;
        let made = pool.enable(&source.username).await;
        made.map(Ok).map_err(|failure| {
            Unmade::call(
                not_answered("the source pool", pool.id(), &failure),
                &failure,
            )
        })
    }
}
