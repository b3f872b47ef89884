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

    /// The results of four users, if this happens at the second.
    async fn come(
        second: impl AsyncFn(&watch::Sender<bool>) -> Result<Result<(), ()>, Unmade>,
    ) -> (CommandResult<()>, Vec<(u8, bool)>) {
        let (tell, told) = watch::channel(false);
        let changes = Changes::new(Interrupt::of(told));
        let mut heard = vec![];
        let answer = changes
            .make(
                vec![1, 2, 3, 4],
                "retired",
                |user| format!("sub-{user}"),
                async |user| match user {
                    2 => second(&tell).await,
                    3 => Ok(Err(())),
                    _ => Ok(Ok(())),
                },
                |user, came| heard.push((user, came.is_ok())),
            )
            .await;
        (answer, heard)
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_ends_the_changes_the_answer_says_what_was_made_and_what_is_not_known() {
        let failure = |cause| Failure::new(cause, "AdminDisableUser", "X");
        let failed = |cause| Unmade::call(Problem::cannot("It failed."), &failure(cause));
        const MADE: &str = "Before that, 1 users were retired.";
        const UNSURE: &str = " Whether sub-2 was retired, too, is not known.";
        const AGAIN: &str = " Run it again to go on.";

        let (answer, heard) = come(async |_| Ok(Ok(()))).await;
        assert!(answer.is_ok());
        assert_eq!(heard, [(1, true), (2, true), (3, false), (4, true)]);

        for cause in [Cause::NotAllowed, Cause::Credentials] {
            let (answer, heard) = come(async |_| Err(failed(cause))).await;
            let said = answer.unwrap_err().to_string();
            assert_eq!(said, format!("It failed. {MADE}{AGAIN}"));
            assert_eq!(heard, [(1, true)]);
        }
        for cause in [Cause::Unreachable, Cause::Busy] {
            let (answer, _) = come(async |_| Err(failed(cause))).await;
            let said = answer.unwrap_err().to_string();
            assert_eq!(said, format!("It failed. {MADE}{UNSURE}{AGAIN}"));
        }
        // The call under way comes to its end, and no other begins.
        let (answer, heard) = come(async |tell| {
            tell.send(true).unwrap();
            tokio::time::sleep(Duration::from_secs(9)).await;
            Ok(Ok(()))
        })
        .await;
        let said = answer.unwrap_err().to_string();
        assert_eq!(
            said,
            "Interrupted. Before that, 2 users were retired. Run it again to go on."
        );
        assert_eq!(heard, [(1, true), (2, true)]);
        // It does not come to its end.
        let (answer, _) = come(async |tell| {
            tell.send(true).unwrap();
            std::future::pending().await
        })
        .await;
        let said = answer.unwrap_err().to_string();
        assert_eq!(said, format!("Interrupted. {MADE}{UNSURE}{AGAIN}"));
    }

    #[tokio::test(start_paused = true)]
    async fn that_nothing_was_changed_is_said_only_where_it_is_known() {
        for (cause, is_unsure) in [(Cause::NotAllowed, false), (Cause::Unreachable, true)] {
            let (_tell, told) = watch::channel(false);
            let changes = Changes::new(Interrupt::of(told));
            let failure = Failure::new(cause, "AdminDeleteUser", "X");
            let answer = changes.make(
                vec![()],
                "retired",
                |()| "sub-1".to_owned(),
                async |()| Err::<Result<(), ()>, _>(Unmade::call(Problem::cannot("No."), &failure)),
                |(), _| {},
            );
            let said = answer.await.unwrap_err().to_string();
            assert_eq!(
                said.contains("Whether sub-1 was retired"),
                is_unsure,
                "{said}"
            );
            assert_eq!(said == "No.", !is_unsure, "{said}");
        }
        let (tell, told) = watch::channel(true);
        let changes = Changes::new(Interrupt::of(told));
        let none = async |()| -> Result<Result<(), ()>, Unmade> { panic!("no change begins") };
        let answer = changes.make(
            vec![()],
            "retired",
            |()| String::new(),
            async |()| none(()).await,
            |(), _| {},
        );
        assert_eq!(answer.await.unwrap_err().to_string(), NOTHING_WAS_CHANGED);
        drop(tell);
    }

    #[tokio::test]
    async fn a_request_ends_a_command_by_itself_only_before_the_first_change() {
        let (_tell, told) = watch::channel(true);
        let changes = Changes::new(Interrupt::of(told));
        changes.interrupted_before().await;
        changes.have_begun.set(true);
        let waits = tokio::time::timeout(Duration::from_millis(10), changes.interrupted_before());
        assert!(waits.await.is_err());
    }
}
