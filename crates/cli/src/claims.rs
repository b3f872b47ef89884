//! Claims of destination users to source accounts, from which `retire` and `restore` conclude.
//!
//! A mark alone proves nothing: an app client may let its users write it. So the app clients are looked at first, and the new
//! account must be recognisably the source user, as after a sign-in.

use std::hash::{BuildHasher as _, RandomState};

use rules::{
    attributes::VERIFIED_FLAGS,
    evidence::{Identity, ListedUser, UserStatus},
    mark::{self, Mark, Stage},
};

use crate::{
    arguments,
    aws::OperatorsPool,
    context::{BothPools, Context, Described, LoadedSettings, check_attribute, not_answered},
    listing::read_all,
    problem::{CommandResult, Problem},
};

/// The attribute of the destination pool that says which source user a user was.
pub(crate) struct Marks {
    /// Its name.
    attribute: String,
    /// The attribute may hold a plain `sub`.
    takes_subs: bool,
}

/// The value of such an attribute.
pub(crate) struct Held<'a> {
    /// The stage of the post-migration steps; `None` for a plain `sub`.
    pub stage: Option<Stage>,
    source_sub: &'a str,
}

impl Marks {
    /// Both pools, and the marks of the destination pool: the attribute that is `matched`, or else that of the settings. Ends
    /// the command unless the attribute exists, and no app client lets its users write it.
    pub(crate) async fn of_pools(
        context: &Context,
        settings: &arguments::SettingsFrom,
        pools: &arguments::Pools,
        matched: Option<&str>,
    ) -> CommandResult<(Self, BothPools)> {
        let LoadedSettings { settings, .. } = context.settings(settings, pools).await?;
        let marks = Marks::new(matched, settings.destination.mark.as_deref())?;
        let both = context.both_pools(&settings, &pools.pool).await?;
        let Described { pool, description } = &both.destination;
        check_attribute(&marks.attribute, pool.id(), description)?;
        marks.must_be_safe(pool).await?;
        Ok((marks, both))
    }

    fn new(matched: Option<&str>, mark: Option<&str>) -> CommandResult<Self> {
        match matched.or(mark) {
            Some(attribute) => Ok(Marks {
                attribute: attribute.to_owned(),
                takes_subs: matched.is_some() && matched != mark,
            }),
            None => Err(Problem::usage(
                "Nothing says who has moved: name the attribute with --match, or set MIGRATION_MARK.",
            )),
        }
    }

    /// The claims of the users of the destination pool whose marks `count`.
    pub(crate) async fn claims(
        &self,
        destination: &Described,
        count: impl Fn(&Held<'_>) -> bool,
    ) -> CommandResult<Claims> {
        let mut claims = Claims::default();
        let Described { pool, description } = destination;
        read_all("the destination pool", pool, description.users, |user| {
            if let Some(held) = self.held_by(user).filter(|held| count(held)) {
                claims.add(user, &held);
            }
            Ok(())
        })
        .await?;
        Ok(claims.sorted())
    }

    /// The claim in the attribute of this user; `None` if there is none.
    pub(crate) fn held_by<'u>(&self, user: &'u ListedUser) -> Option<Held<'u>> {
        let value = user.identity.attribute(&self.attribute)?;
        match Mark::read(value) {
            Some(Mark { stage, source_sub }) => Some(Held {
                stage: Some(stage),
                source_sub,
            }),
            None => {
                let source_sub = source_sub(value).filter(|_| self.takes_subs)?;
                Some(Held {
                    stage: None,
                    source_sub,
                })
            }
        }
    }

    /// Ends the command unless no app client lets its users write the attribute.
    async fn must_be_safe(&self, destination: &OperatorsPool) -> CommandResult<()> {
        let clients = destination.all_app_clients().await.map_err(|failure| {
            let problem = not_answered("the destination pool", destination.id(), &failure);
            Problem::cannot(format!(
                "Whether users can write {} is not known, so nothing was changed. {problem}",
                self.attribute
            ))
        })?;
        match insight::checks::written_mark(&self.attribute, &clients) {
            None => Ok(()),
            Some(check) => Err(Problem::cannot(format!(
                "{} cannot be believed, so nothing was changed. {} {}",
                self.attribute, check.detail, check.fix
            ))),
        }
    }
}

/// The `sub` in the source pool that an attribute of a migrated user holds: in a mark of any form, or by itself.
pub(crate) fn source_sub(value: &str) -> Option<&str> {
    let in_mark = value
        .split_once('/')
        .filter(|(form, _)| form.parse::<Stage>().is_ok());
    let sub = in_mark.map_or(value, |(_, sub)| sub);
    Some(sub).filter(|sub| !sub.is_empty())
}

/// The names and contacts by which a user is recognised. It is small, because there can be millions.
pub(crate) struct Person {
    username: Box<str>,
    sub: Option<Box<str>>,
    /// The contacts of [`VERIFIED_FLAGS`] that are proven.
    proven: [Option<Box<str>>; VERIFIED_FLAGS.len()],
}

impl From<&Identity> for Person {
    fn from(identity: &Identity) -> Self {
        Person {
            username: identity.username.as_str().into(),
            sub: identity.sub().map(Into::into),
            proven: VERIFIED_FLAGS
                .map(|(contact, flag)| identity.proven(contact, flag).map(Into::into)),
        }
    }
}

impl From<&Person> for Identity {
    fn from(person: &Person) -> Self {
        let sub = person.sub.iter().map(|sub| ("sub", sub.as_ref()));
        let proven = VERIFIED_FLAGS.into_iter().zip(&person.proven);
        let proven = proven.filter_map(|((contact, flag), value)| {
            let value = value.as_deref()?;
            Some([(contact, value), (flag, "true")])
        });
        let attributes = sub.chain(proven.flatten());
        Identity {
            username: person.username.clone().into(),
            attributes: attributes
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }
}

/// A destination user who claims to have been a source user.
struct Claimant {
    who: Person,
    /// Enabled and confirmed.
    signs_in: bool,
    stage: Option<Stage>,
}

/// The new account of a source user: recognisably the same user, enabled and confirmed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NewAccount {
    /// Its name in the destination pool.
    pub username: String,
    /// The stage of the post-migration steps; `None` if the attribute holds a plain `sub`.
    pub stage: Option<Stage>,
}

/// The reason why a claim does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// The new account is not confirmed, or is disabled.
    NotConfirmed,
    /// The new account is not recognisably the same user.
    NotTheSame,
}

impl Doubt {
    /// Its name in an answer.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Doubt::NotConfirmed => "new_account_not_confirmed",
            Doubt::NotTheSame => "not_the_same_person",
        }
    }
}

impl Claimant {
    fn new(user: &ListedUser, stage: Option<Stage>) -> Self {
        let mut identity = user.identity.clone();
        // The user's own `sub` in the destination pool identifies no source user.
        identity.attributes.retain(|(name, _)| name != "sub");
        Claimant {
            who: Person::from(&identity),
            signs_in: user.enabled && user.status == UserStatus::Confirmed,
            stage,
        }
    }

    fn account_of(&self, source: &Identity) -> Result<NewAccount, Doubt> {
        let holder = Identity::from(&self.who);
        if !mark::is_of(&holder, source) {
            Err(Doubt::NotTheSame)
        } else if !self.signs_in {
            Err(Doubt::NotConfirmed)
        } else {
            Ok(NewAccount {
                username: holder.username,
                stage: self.stage,
            })
        }
    }
}

/// Claims by the hash of the source `sub`. Two `sub`s with one hash do no harm: a claim counts only if the new account is
/// recognisably the source user.
#[derive(Default)]
pub(crate) struct Claims {
    hasher: RandomState,
    claims: Vec<(u64, Claimant)>,
}

impl Claims {
    /// Adds the claim of a destination user.
    pub(crate) fn add(&mut self, user: &ListedUser, held: &Held<'_>) {
        let sub = self.hasher.hash_one(held.source_sub);
        self.claims.push((sub, Claimant::new(user, held.stage)));
    }

    /// The same, ready to be asked.
    pub(crate) fn sorted(mut self) -> Self {
        self.claims.sort_unstable_by_key(|(sub, _)| *sub);
        self
    }

    /// The new account of a source user, or why no claim counts; `None` if there is no claim. The best claim decides: a
    /// false one of another user must not hide it.
    pub(crate) fn account_of(&self, source: &Identity) -> Option<Result<NewAccount, Doubt>> {
        let sub = self.hasher.hash_one(source.sub()?);
        let first = self.claims.partition_point(|(known, _)| *known < sub);
        let claims = self.claims[first..]
            .iter()
            .take_while(|(known, _)| *known == sub);
        let accounts = claims.map(|(_, claimant)| claimant.account_of(source));
        accounts.min_by_key(|account| match account {
            Ok(account) => u8::from(account.stage != Some(Stage::Off)),
            Err(doubt) => 2 + *doubt as u8,
        })
    }
}

/// The same as [`Claims::account_of`] for the account of this name, read from the destination pool again.
pub(crate) async fn account_now(
    destination: &OperatorsPool,
    marks: &Marks,
    username: &str,
    source: &Identity,
) -> CommandResult<Option<Result<NewAccount, Doubt>>> {
    let found = destination.users_with("username", username).await;
    let found = found
        .map_err(|failure| not_answered("the destination pool", destination.id(), &failure))?;
    let mut claims = Claims::default();
    for user in &found {
        if let Some(held) = marks.held_by(user) {
            claims.add(user, &held);
        }
    }
    Ok(claims.sorted().account_of(source))
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn a_source_sub_stands_in_a_mark_or_by_itself() {
        for stage in Stage::VARIANTS {
            let mark = Mark::pending("7c7f").at(*stage).to_string();
            assert_eq!(source_sub(&mark), Some("7c7f"), "{mark}");
            assert_eq!(source_sub(&format!("{}/", stage.as_str())), None);
        }
        for (value, sub) in [
            ("7c7f", Some("7c7f")),
            ("Done/7c7f", Some("Done/7c7f")),
            ("", None),
        ] {
            assert_eq!(source_sub(value), sub, "{value}");
        }
    }
}
