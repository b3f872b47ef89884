//! `retire`: disables or deletes the source users who have moved. Without `--apply` it only counts them.
//!
//! A mark alone is no proof, because an app client may let its users write it. So the new account must be recognisably that
//! of the same user, as after a sign-in.

use std::collections::BTreeMap;

use rules::{
    evidence::{Identity, ListedUser},
    mark::Stage,
};
use serde_json::{Value, json};

use crate::{
    arguments,
    aws::OperatorsPool,
    changes::{Changes, Unmade},
    claims::{Claims, Doubt, Held, Marks, NewAccount, Person, account_now},
    context::{BothPools, Context, not_answered},
    listing::read_all,
    output::{self, Output},
    problem::{CommandResult, Problem},
    sub_file::SubFile,
};

/// The most `sub`s that the table shows.
const SHOWN: usize = 20;

pub(crate) async fn run(
    context: &Context,
    options: &arguments::Retire,
    changes: &Changes,
) -> CommandResult<Output> {
    if options.delete && options.apply && options.record.is_none() {
        return Err(Problem::usage(
            "--delete --apply needs --record FILE: who was deleted stands nowhere else.",
        ));
    }
    let matched = options.matched.as_deref();
    let (marks, both) =
        Marks::of_pools(context, &options.settings, &options.pools, matched).await?;
    let BothPools {
        source,
        destination,
    } = both;
    let record = options.record.as_deref().map(SubFile::create).transpose()?;
    let claims = marks.claims(&destination, lets_go).await?;
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
        let retirer = Retirer {
            source: &source.pool,
            destination: &destination.pool,
            marks: &marks,
            is_final: options.delete,
        };
        retirer.retire(&mut sorted, record, changes).await?;
    }
    let (from, to) = (source.pool.id(), destination.pool.id());
    Ok(Output::good(match context.is_for_programs() {
        true => sorted.json(from, to, options),
        false => sorted.for_people(from, to, options),
    }))
}

/// The reason why a claimed source user stays as it is.
type Kept = Doubt;

/// Whether only the disabling is left: the groups are copied, or the settings copy none.
fn lets_go(held: &Held<'_>) -> bool {
    held.stage != Some(Stage::Pending)
}

/// A source user who is to be retired.
struct Leaver {
    source: Person,
    /// The user's name in the destination pool, if the source user is to be deleted.
    new_name: Box<str>,
}

impl Leaver {
    fn sub(&self) -> String {
        let source = Identity::from(&self.source);
        source.sub().unwrap_or_default().to_owned()
    }
}

/// The source users, by the decision about them.
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
        let source = user.identity.clone();
        match claims.account_of(&source) {
            None => {}
            Some(Ok(_)) if !is_final && !user.enabled => self.already += 1,
            Some(Ok(NewAccount { username, .. })) => self.leavers.push(Leaver {
                source: Person::from(&source),
                new_name: if is_final { username.into() } else { "".into() },
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
        let leavers: Value = self.leavers.iter().map(Leaver::sub).collect();
        // Only changes that were made count as made.
        let leaving = if options.apply {
            "retired"
        } else {
            "to_retire"
        };
        output::json(&json!({
            "source_pool": from,
            "destination_pool": to,
            "users": self.users,
            "action": if options.delete { "delete" } else { "disable" },
            "applied": options.apply,
            leaving: leavers,
            "already_disabled": self.already,
            "kept": kept,
        }))
    }

    fn for_people(&self, from: &str, to: &str, options: &arguments::Retire) -> String {
        let users = output::grouped(self.users);
        let mut table = output::table(["", "users"]);
        let action = match (options.apply, options.delete) {
            (false, false) => "to disable",
            (false, true) => "to delete",
            (true, false) => "disabled now",
            (true, true) => "deleted now",
        };
        let count = |number: usize| output::number(u64::try_from(number).unwrap_or_default());
        table.add_row([action.into(), count(self.leavers.len())]);
        if !options.delete {
            table.add_row(["disabled before".into(), output::number(self.already)]);
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
                true => "; a user who is deleted cannot be brought back.",
                false => ", and with --record FILE, restore takes it back.",
            };
        }
        text
    }
}

/// The pools of the changes.
struct Retirer<'a> {
    source: &'a OperatorsPool,
    destination: &'a OperatorsPool,
    marks: &'a Marks,
    is_final: bool,
}

impl Retirer<'_> {
    async fn retire(
        &self,
        sorted: &mut Sorted,
        mut record: Option<SubFile>,
        changes: &Changes,
    ) -> CommandResult<()> {
        let leavers = std::mem::take(&mut sorted.leavers);
        changes
            .make(
                leavers,
                "retired",
                Leaver::sub,
                async |leaver| self.retire_one(leaver, record.as_mut()).await,
                |leaver, came| match came {
                    Ok(()) => sorted.leavers.push(leaver),
                    Err(kept) => sorted.keep(&Identity::from(&leaver.source), kept),
                },
            )
            .await
    }

    async fn retire_one(
        &self,
        leaver: &Leaver,
        record: Option<&mut SubFile>,
    ) -> Result<Result<(), Kept>, Unmade> {
        let pool = self.source;
        let source = Identity::from(&leaver.source);
        if self.is_final {
            // A user whose new account was deleted in the meantime is kept.
            let new_name = &leaver.new_name;
            match account_now(self.destination, self.marks, new_name, &source).await? {
                Some(Ok(account)) if account.stage != Some(Stage::Pending) => {}
                Some(Err(kept)) => return Ok(Err(kept)),
                Some(Ok(_)) | None => return Ok(Err(Kept::NotConfirmed)),
            }
        }
        if let Some(record) = record {
            record.write(&leaver.sub())?;
        }
        let made = match self.is_final {
            true => pool.delete(&source.username).await,
            false => pool.disable(&source.username).await,
        };
        made.map(Ok).map_err(|failure| {
            Unmade::call(
                not_answered("the source pool", pool.id(), &failure),
                &failure,
            )
        })
    }
}
