//! Reads all users of a pool, page by page.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rules::evidence::ListedUser;

use crate::{aws::OperatorsPool, context::not_answered, problem::CommandResult};

/// Reads every user of a pool, of whom there are about `estimated`.
pub(crate) async fn read_all(
    what: &str,
    pool: &OperatorsPool,
    estimated: u64,
    mut each: impl FnMut(&ListedUser) -> CommandResult<()>,
) -> CommandResult<()> {
    let bar = ProgressBar::with_draw_target(Some(estimated), ProgressDrawTarget::stderr());
    let template = "{bar:30} {human_pos} of about {human_len} users, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    let mut next = None;
    loop {
        let page = pool.users(next).await;
        let page = page.map_err(|failure| not_answered(what, pool.id(), &failure))?;
        for user in &page.users {
            each(user)?;
        }
        bar.inc(u64::try_from(page.users.len()).unwrap_or_default());
        bar.set_length(estimated.max(bar.position()));
        next = page.next;
        if next.is_none() {
            bar.finish_and_clear();
            return Ok(());
        }
    }
}
