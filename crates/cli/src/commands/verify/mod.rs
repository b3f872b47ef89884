//! `verify`: proves a deployed function on a real account with test users, and deletes them afterwards.
//!
//! It also observes Cognito where AWS's documentation leaves a question open. Such an observation fails the trial only if it
//! is unsafe. Passwords, tokens and secrets are never shown.

mod actions;
mod log;
mod observations;
mod prepared;
mod record;
mod sights;
mod steps;
mod table;
mod trial;
mod user;

use std::time::SystemTime;

use time::OffsetDateTime;

use crate::{
    arguments,
    changes::NOTHING_WAS_CHANGED,
    context::Context,
    files::keep,
    interrupt::Interrupt,
    output::{self, Output},
    problem::{CommandResult, Problem},
};
use actions::Actions;
use prepared::prepare;
use record::Record;
use steps::Steps;

pub(crate) async fn run(
    context: &Context,
    options: &arguments::Verify,
    interrupt: Interrupt,
) -> CommandResult<Output> {
    let (file, prepared) = tokio::select! {
        prepared = prepare(context, options) => prepared?,
        () = interrupt.comes() => return Err(Problem::cannot(NOTHING_WAS_CHANGED)),
    };
    let began = SystemTime::now();
    let actions = Actions {
        app: prepared.pools.destination.pool.app(&prepared.client),
        since: began
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default(),
        interrupt: interrupt.clone(),
        prepared: &prepared,
    };
    let mut users = trial::users(&prepared, options.phone_number.as_ref())?;
    let mut steps = Steps::new(interrupt);
    // The steps hold the result.
    let _ = trial::take(&actions, &mut steps, &mut users).await;
    let _ = trial::delete_all(&prepared, &mut steps, &users).await;
    let lines = actions.lines().await.ok();
    let subject = prepared.subject();
    let record = Record {
        subject: &subject,
        began: OffsetDateTime::from(began),
        steps: &steps.taken,
        log: lines.as_deref(),
        answers: &steps.answers,
    };
    let page = record.markdown();
    if let Some((file, path)) = file.zip(options.record.as_deref()) {
        keep(file, path, &page)?;
    }
    Ok(Output {
        text: if context.is_for_programs() {
            output::json(&record.json())
        } else {
            page
        },
        is_good: record.is_good(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::new_file;

    #[test]
    fn a_page_is_never_written_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.md");
        let file = new_file(&path).unwrap();
        keep(file, &path, "the first").unwrap();
        assert!(new_file(&path).is_err());
        // Nor over one that appeared in the meantime.
        let other = folder.path().join("other.md");
        let file = new_file(&other).unwrap();
        std::fs::write(&other, "another run's").unwrap();
        assert!(keep(file, &other, "the second").is_err());
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "another run's");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "the first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(new_file(&folder.path().join("none/page.md")).is_err());
    }
}
