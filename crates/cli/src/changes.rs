//! Changes of users, one after the other. Each is recorded before its call. If a call may have succeeded, the answer says
//! so.

use std::cell::Cell;

use indicatif::{ProgressBar, ProgressDrawTarget};
use rules::outcome::{Cause, Failure};

use crate::{
    interrupt::Interrupt,
    output,
    problem::{CommandResult, Problem},
};

/// The message of a command that was interrupted before its first change.
pub(crate) const NOTHING_WAS_CHANGED: &str = "Interrupted. Nothing was changed.";

/// The changes of a command.
pub(crate) struct Changes {
    interrupt: Interrupt,
    have_begun: Cell<bool>,
}

/// The reason why a change was not made, or may not have been made.
pub(crate) struct Unmade {
    problem: Problem,
    /// The call may have been carried out.
    is_unsure: bool,
}

impl Unmade {
    /// A call that failed.
    pub(crate) fn call(problem: Problem, failure: &Failure) -> Self {
        Unmade {
            problem,
            is_unsure: matches!(
                failure.cause,
                Cause::Unreachable | Cause::Busy | Cause::Stranger | Cause::Broken | Cause::Ended
            ),
        }
    }
}

impl From<Problem> for Unmade {
    /// The problem before the call.
    fn from(problem: Problem) -> Self {
        Unmade {
            problem,
            is_unsure: false,
        }
    }
}

impl Changes {
    /// The changes of a command that such a request ends.
    pub(crate) fn new(interrupt: Interrupt) -> Self {
        Changes {
            interrupt,
            have_begun: Cell::new(false),
        }
    }

    /// Comes if the program is asked to end before the first change. After that the command ends by itself.
    pub(crate) async fn interrupted_before(&self) {
        self.interrupt.comes().await;
        if self.have_begun.get() {
            std::future::pending::<()>().await;
        }
    }

    /// Changes each of these users. `change` makes one change or says why the user is kept, `sub_of` names a user, `then` gets
    /// the result of each, and `done` names the change.
    pub(crate) async fn make<T, K>(
        &self,
        users: Vec<T>,
        done: &str,
        sub_of: impl Fn(&T) -> String,
        mut change: impl AsyncFnMut(&T) -> Result<Result<(), K>, Unmade>,
        mut then: impl FnMut(T, Result<(), K>),
    ) -> CommandResult<()> {
        self.have_begun.set(true);
        let number = u64::try_from(users.len()).ok();
        let bar = ProgressBar::with_draw_target(number, ProgressDrawTarget::stderr());
        let mut made = 0;
        for user in users {
            if self.interrupt.came() {
                return Err(ended("Interrupted.", made, done, None));
            }
            match self.interrupt.finish(change(&user)).await {
                Some(Ok(came)) => {
                    made += u64::from(came.is_ok());
                    then(user, came);
                }
                Some(Err(Unmade { problem, is_unsure })) => {
                    let unsure = is_unsure.then(|| sub_of(&user));
                    return Err(match made == 0 && !is_unsure {
                        true => problem,
                        false => ended(&problem.to_string(), made, done, unsure),
                    });
                }
                None => return Err(ended("Interrupted.", made, done, Some(sub_of(&user)))),
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }
}

/// An end before the last change; `unsure` names the user whose call may have been carried out.
fn ended(why: &str, made: u64, done: &str, unsure: Option<String>) -> Problem {
    if made == 0 && unsure.is_none() {
        return Problem::cannot(NOTHING_WAS_CHANGED);
    }
    let users = output::grouped(made);
    let unsure = unsure.map_or_else(String::new, |sub| {
        format!(" Whether {sub} was {done}, too, is not known.")
    });
    Problem::cannot(format!(
        "{why} Before that, {users} users were {done}.{unsure} Run it again to go on."
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::watch;

    use super::*;

    /// The answer about users to whom this happens, and which of them were heard of. A number: a call of so many seconds; with
    /// `!`, a request to end comes first.
    async fn come(all: &str) -> (String, Vec<usize>) {
        let all: Vec<_> = all.split(' ').collect();
        let (tell, told) = watch::channel(false);
        let changes = Changes::new(Interrupt::of(told));
        let mut heard = vec![];
        let failed = |cause| {
            let failure = Failure::new(cause, "AdminDisableUser", "X");
            Err(Unmade::call(Problem::cannot("It failed."), &failure))
        };
        let answer = changes
            .make(
                (1..=all.len()).collect(),
                "retired",
                |user| format!("sub-{user}"),
                async |user| match all[*user - 1] {
                    "made" => Ok(Ok(())),
                    "kept" => Ok(Err(())),
                    "denied" => failed(Cause::NotAllowed),
                    "credentials" => failed(Cause::Credentials),
                    "unreachable" => failed(Cause::Unreachable),
                    "busy" => failed(Cause::Busy),
                    call => {
                        let seconds = call.trim_start_matches('!');
                        tell.send(seconds != call).unwrap();
                        tokio::time::sleep(Duration::from_secs(seconds.parse().unwrap())).await;
                        Ok(Ok(()))
                    }
                },
                |user, came| heard.push(if came.is_ok() { user } else { 10 * user }),
            )
            .await;
        (
            answer.map_or_else(|problem| problem.to_string(), |()| "made".to_owned()),
            heard,
        )
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_ends_the_changes_the_answer_says_what_was_made_and_what_is_not_known() {
        const ONE: &str = "Before that, 1 users were retired.";
        const UNSURE: &str = " Whether sub-2 was retired, too, is not known.";
        let sure = &format!("It failed. {ONE}");
        let unsure = &format!("It failed. {ONE}{UNSURE}");
        let cut_off = &format!("Interrupted. {ONE}{UNSURE}");
        let two = "Interrupted. Before that, 2 users were retired.";
        let none = "It failed. Before that, 0 users were retired. Whether sub-1 was retired, too, is not known.";
        for (all, said, heard) in [
            ("made 3600 kept made", "made", &[1, 2, 30, 4][..]),
            ("made denied made", sure, &[1]),
            ("made credentials made", sure, &[1]),
            ("made unreachable made", unsure, &[1]),
            ("made busy made", unsure, &[1]),
            // The call under way comes to its end, and no other begins.
            ("made !9 made", two, &[1, 2]),
            ("made !11 made", cut_off, &[1]),
            // That nothing was changed is said only where it is known.
            ("denied", "It failed.", &[]),
            ("unreachable", none, &[]),
        ] {
            let (told, came) = come(all).await;
            let again = format!("{said} Run it again to go on.");
            let is_whole = said == "made" || said == "It failed.";
            assert_eq!(told, if is_whole { said } else { &again }, "{all}");
            assert_eq!(came, heard, "{all}");
        }
    }

    #[tokio::test]
    async fn a_request_ends_a_command_by_itself_only_before_the_first_change() {
        let (_tell, told) = watch::channel(true);
        let changes = Changes::new(Interrupt::of(told));
        changes.interrupted_before().await;
        let none = async |(): &()| -> Result<Result<(), ()>, Unmade> { panic!("no change begins") };
        let answer = changes.make(vec![()], "retired", |()| String::new(), none, |(), _| {});
        assert_eq!(answer.await.unwrap_err().to_string(), NOTHING_WAS_CHANGED);
        let waits = tokio::time::timeout(Duration::from_millis(10), changes.interrupted_before());
        assert!(waits.await.is_err());
    }
}
