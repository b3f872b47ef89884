//! `stragglers`: writes import files of the users who have not moved.

mod files;
mod found;
mod moved;
mod search;
#[cfg(test)]
mod tests;

use insight::import::{Import, ImportForm};
use insight::plan::Plan;

use crate::{
    arguments,
    aws::OperatorsPool,
    context::{BothPools, Context, LoadedSettings, check_attribute, not_answered},
    listing::read_all,
    output::Output,
    problem::{CommandResult, Problem},
};
use files::{ImportFolder, ImportSpool};
use moved::Moved;
use search::StragglerSearch;

pub(crate) async fn run(
    context: &Context,
    options: &arguments::Stragglers,
) -> CommandResult<Output> {
    let LoadedSettings { settings, .. } =
        context.settings(&options.settings, &options.pools).await?;
    // Before the pools are read: a long search must not end at a folder that cannot be written.
    let _folder = ImportFolder::new(&options.out)?;
    let spool = ImportSpool::new(&options.out)?;
    let BothPools {
        source,
        destination,
    } = context.both_pools(&settings, &options.pools.pool).await?;
    let matched = options.matched.as_deref();
    if let Some(attribute) = matched {
        check_attribute(attribute, destination.pool.id(), &destination.description)?;
    }
    let form = form_of(&destination.pool).await?;
    let Some(header) = form.header() else {
        let id = destination.pool.id();
        return Err(Problem::cannot(format!(
            "The columns that {id} asks of an import cannot be understood."
        )));
    };
    let mut moved = Moved::new(matched);
    let users = destination.description.users;
    read_all("the destination pool", &destination.pool, users, |user| {
        moved.add(user);
        Ok(())
    })
    .await?;
    let import = Import {
        plan: Plan {
            settings: &settings,
            source: &source.description,
            client: None,
            destination: &destination.description,
            expired_before: None,
        },
        form: &form,
    };
    let mut search = StragglerSearch::new(moved.sorted(), spool, options.without_unwritable);
    read_all(
        "the source pool",
        &source.pool,
        source.description.users,
        |user| search.add(user, &import),
    )
    .await?;
    let found = search.write(&header)?;
    let (from, to) = (source.pool.id(), destination.pool.id());
    Ok(Output::good(match context.is_for_programs() {
        true => found.json(from, to),
        false => found.for_people(from, to, context.profile(), matched.is_some()),
    }))
}

async fn form_of(pool: &OperatorsPool) -> CommandResult<ImportForm> {
    let form = pool.import_form().await;
    let form = form.map_err(|failure| not_answered("the destination pool", pool.id(), &failure))?;
    match form.auto_verified.is_empty() {
        true => Err(Problem::cannot(format!(
            "The destination pool {} verifies neither e-mail addresses nor phone numbers by itself \
             (AutoVerifiedAttributes), so Cognito imports no users into it.",
            pool.id()
        ))),
        false => Ok(form),
    }
}
