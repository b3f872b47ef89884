//! `survey`: predicts the result of each user of the source pool.

mod conclusions;
mod page;
mod rows;
mod table;

use insight::{plan::Plan, survey::Survey, tally::Tally};
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    arguments::{self, Pools},
    context::{Context, LoadedSettings, source_client},
    files::{keep, new_file},
    listing::read_all,
    other_settings::OtherSettings,
    output::{self, Output},
    planned,
    problem::CommandResult,
    spool::Spool,
};

use conclusions::Conclusions;
use page::page;
use rows::Rows;
use table::for_people;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

pub(crate) async fn run(
    context: &Context,
    options: &arguments::SurveyOptions,
) -> CommandResult<Output> {
    let pools = Pools {
        source_pool: options.source_pool.clone(),
        pool: options.pool.clone().unwrap_or_default(),
    };
    let loaded = context.settings(&options.settings, &pools).await?;
    let LoadedSettings { settings, note, .. } = &loaded;
    let mut rows = match &options.csv {
        Some(file) => Some(Rows::new(file, options.usernames)?),
        None => None,
    };
    let html = match options.html.as_deref() {
        Some(path) => Some((new_file(path)?, path)),
        None => None,
    };
    let (source, destination) = match &options.planned {
        Some(folder) => {
            let planned = planned::read(folder)?;
            (context.described_source(settings).await?, planned)
        }
        None => {
            let both = context.both_pools(settings, &pools.pool).await?;
            (both.source, both.destination.description)
        }
    };
    let client = source_client(&source.pool, settings).await?;
    let days = i64::from(source.description.temporary_password_days);
    let now = OffsetDateTime::now_utc();
    let expired_before = now.unix_timestamp() - days * SECONDS_A_DAY;
    let plan = Plan {
        settings,
        source: &source.description,
        client: client.as_ref(),
        destination: &destination,
        expired_before: Some(expired_before),
    };
    let mut survey = Survey::new(plan);
    let mut kept = Spool::new()?;
    read_all(
        "the source pool",
        &source.pool,
        source.description.users,
        |user| {
            survey.add(user);
            kept.add(user)?;
            rows.as_mut().map_or(Ok(()), |rows| rows.remember(user))
        },
    )
    .await?;
    let mut tally = Tally::default();
    match rows {
        Some(rows) => rows.write(survey.users().inspect(|foreseen| tally.add(foreseen)))?,
        None => survey.users().for_each(|foreseen| tally.add(&foreseen)),
    }
    // The users of this survey are no longer needed: each other choice has its own.
    drop(survey);
    let others = OtherSettings::all(&plan, &mut kept)?;
    let (from, to) = (source.pool.id(), options.pool.as_deref());
    let pools = (from, to.unwrap_or("the planned pool"));
    let all = Conclusions::new(pools, &plan, &tally, &others);
    if let Some((file, path)) = html {
        let page = page(&all, &loaded.shown, now.date().to_string())?;
        keep(file, path, &page)?;
    }
    let text = if context.is_for_programs() {
        output::json(&json!({
            "source_pool": from,
            "destination_pool": to,
            "users": tally.users,
            "result": tally.result,
            "sign_in": tally.sign_in,
            "forgot_password": tally.forgot_password,
            "findings": tally.findings,
            "other_settings": others.iter().map(OtherSettings::json).collect::<Vec<_>>(),
        }))
    } else {
        for_people(&all) + note
    };
    Ok(Output::good(text))
}
