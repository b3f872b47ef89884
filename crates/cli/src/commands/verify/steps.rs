//! The steps of a trial: each is shown, timed, and kept for the record.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use insight::open_questions::OpenQuestion;
use tokio::time::Instant;

use crate::{interrupt::Interrupt, problem::Problem};

/// The time for a new role, permission or stage to take effect everywhere in AWS.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_secs(5);

/// The failure of a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StepFailure {
    /// The text.
    pub why: String,
    /// Another try may succeed.
    pub may_pass: bool,
}

impl StepFailure {
    pub(super) fn new(why: impl Into<String>) -> Self {
        StepFailure {
            why: why.into(),
            may_pass: false,
        }
    }

    pub(super) fn passing(why: impl Into<String>) -> Self {
        StepFailure {
            why: why.into(),
            may_pass: true,
        }
    }
}

impl From<Problem> for StepFailure {
    fn from(problem: Problem) -> Self {
        StepFailure::new(problem.to_string())
    }
}

/// The finding of a step, in words; empty where its title is enough.
pub(super) type StepFinding = Result<String, StepFailure>;

/// The error that ends the trial after a failed step.
#[derive(Debug)]
pub(super) struct Ended;

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub title: String,
    pub end: End,
    pub took: Duration,
}

/// The result of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Ok(String),
    Failed(String),
    Interrupted,
    LeftOut(String),
}

impl End {
    pub(super) fn word(&self) -> &'static str {
        match self {
            End::Ok(_) => "ok",
            End::Failed(_) => "FAILED",
            End::Interrupted => "interrupted",
            End::LeftOut(_) => "left out",
        }
    }

    pub(super) fn detail(&self) -> &str {
        match self {
            End::Ok(detail) | End::Failed(detail) | End::LeftOut(detail) => detail,
            End::Interrupted => "",
        }
    }
}

/// Tries until the step succeeds, or until another try is pointless.
pub(super) async fn retry_passing<T>(
    interrupt: &Interrupt,
    attempt: impl AsyncFn() -> Result<T, StepFailure>,
) -> Result<T, StepFailure> {
    let started = Instant::now();
    loop {
        match attempt().await {
            Err(wrong) if wrong.may_pass && started.elapsed() < PATIENCE => {
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => (),
                    () = interrupt.comes() => return Err(wrong),
                }
            }
            end => return end,
        }
    }
}

/// The steps.
pub(super) struct Steps {
    interrupt: Interrupt,
    pub taken: Vec<Taken>,
    pub answers: Vec<(OpenQuestion, String)>,
}

impl Steps {
    pub(super) fn new(interrupt: Interrupt) -> Self {
        Steps {
            interrupt,
            taken: vec![],
            answers: vec![],
        }
    }

    /// Takes a step. If it fails, `look_at` says where to look.
    pub(super) async fn take(
        &mut self,
        title: &str,
        look_at: &str,
        step: impl Future<Output = StepFinding>,
    ) -> Result<(), Ended> {
        self.announce(title);
        if self.interrupt.came() {
            return self.push(title, Duration::ZERO, look_at, End::Interrupted);
        }
        let started = Instant::now();
        // A sign-in that is given up may still make a user, whom no step would delete.
        let found = self.interrupt.finish(step).await;
        self.end(title, look_at, started.elapsed(), found)
    }

    /// Takes a step whose finding answers a question.
    pub(super) async fn observe(
        &mut self,
        question: OpenQuestion,
        title: &str,
        look_at: &str,
        step: impl Future<Output = StepFinding>,
    ) -> Result<(), Ended> {
        self.take(title, look_at, step).await?;
        let answer = self.taken.last().map(|taken| taken.end.detail().to_owned());
        self.answers.extend(answer.map(|answer| (question, answer)));
        Ok(())
    }

    /// Takes a step that cannot be interrupted.
    pub(super) async fn take_in_any_case(
        &mut self,
        title: &str,
        look_at: &str,
        step: impl Future<Output = StepFinding>,
    ) -> Result<(), Ended> {
        self.announce(title);
        let started = Instant::now();
        let found = step.await;
        let took = started.elapsed();
        self.push(title, took, look_at, Self::end_of(found))
    }

    /// Records why a step is not taken, and which questions stay open.
    pub(super) fn leave_out(&mut self, title: &str, why: &str, questions: &[OpenQuestion]) {
        let answer = |question: &OpenQuestion| (*question, format!("left out, because {why}"));
        self.answers.extend(questions.iter().map(answer));
        say(&format!("    {title}: left out, because {why}\n"));
        self.taken.push(Taken {
            title: title.to_owned(),
            end: End::LeftOut(why.to_owned()),
            took: Duration::ZERO,
        });
    }

    fn announce(&self, title: &str) {
        let left_out = |taken: &&Taken| matches!(taken.end, End::LeftOut(_));
        let number = self.taken.len() - self.taken.iter().filter(left_out).count() + 1;
        say(&format!("{number:2}. {title} ... "));
    }

    fn end(
        &mut self,
        title: &str,
        look_at: &str,
        took: Duration,
        found: Option<StepFinding>,
    ) -> Result<(), Ended> {
        let end = match found {
            Some(Ok(detail)) => End::Ok(detail),
            Some(Err(_)) | None if self.interrupt.came() => End::Interrupted,
            Some(found) => Self::end_of(found),
            None => End::Interrupted,
        };
        self.push(title, took, look_at, end)
    }

    fn end_of(found: StepFinding) -> End {
        found.map_or_else(|wrong| End::Failed(wrong.why), End::Ok)
    }

    fn push(&mut self, title: &str, took: Duration, look_at: &str, end: End) -> Result<(), Ended> {
        let word = end.word();
        let shown = match &end {
            End::Failed(why) => format!("{word}\n    {why}\n    Look at: {look_at}"),
            other => match other.detail() {
                "" => word.to_owned(),
                detail => format!("{word}: {detail}"),
            },
        };
        say(&format!("{shown}\n"));
        let is_good = matches!(end, End::Ok(_));
        self.taken.push(Taken {
            title: title.to_owned(),
            end,
            took,
        });
        if is_good { Ok(()) } else { Err(Ended) }
    }
}

/// Writes to the terminal. A closed terminal must not end the trial, because its users would stay.
fn say(text: &str) {
    let mut terminal = io::stderr().lock();
    let _ = terminal.write_all(text.as_bytes());
    let _ = terminal.flush();
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::watch;

    use super::*;

    fn steps() -> (watch::Sender<bool>, Steps) {
        let (tell, told) = watch::channel(false);
        (tell, Steps::new(Interrupt::of(told)))
    }

    #[tokio::test(start_paused = true)]
    async fn an_interrupted_step_may_end_what_is_under_way_and_no_other_begins() {
        for (takes, is_ended) in [(1, true), (9, true), (11, false)] {
            let (tell, mut steps) = steps();
            let ended = Cell::new(false);
            let step = async {
                tell.send(true).unwrap();
                tokio::time::sleep(Duration::from_secs(takes)).await;
                ended.set(true);
                Err(StepFailure::new("x"))
            };
            assert!(steps.take("Sign in", "", step).await.is_err());
            assert_eq!(ended.get(), is_ended, "{takes}");
            assert_eq!(steps.taken[0].end, End::Interrupted);
            let next = async { panic!("no other step begins") };
            assert!(steps.take("Sign in", "", next).await.is_err());
            let delete = async { Ok(String::new()) };
            assert!(steps.take_in_any_case("Delete", "", delete).await.is_ok());
            let ends: Vec<_> = steps.taken.iter().map(|taken| taken.end.word()).collect();
            assert_eq!(ends, ["interrupted", "interrupted", "ok"]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_for_half_a_minute_unless_it_is_interrupted() {
        let tries = async |may_pass: bool, interrupted: bool| {
            let (tell, steps) = steps();
            tell.send(interrupted).unwrap();
            let tries = Cell::new(0);
            let attempt = async || {
                tries.set(tries.get() + 1);
                Err::<(), _>(StepFailure {
                    why: String::new(),
                    may_pass,
                })
            };
            assert!(retry_passing(&steps.interrupt, attempt).await.is_err());
            tries.get()
        };
        assert_eq!(tries(true, false).await, 7);
        assert_eq!(tries(false, false).await, 1);
        assert_eq!(tries(true, true).await, 1);
    }

    #[tokio::test]
    async fn a_failed_step_ends_the_trial_and_one_that_is_left_out_does_not() {
        let (_tell, mut steps) = steps();
        let open = &[OpenQuestion::UserAuth];
        steps.leave_out("The API", "there is none", open);
        let left_open = "left out, because there is none".to_owned();
        assert_eq!(steps.answers, [(OpenQuestion::UserAuth, left_open)]);
        let failed = steps
            .take("Sign in", "the log", async { Err(StepFailure::new("no")) })
            .await;
        assert!(failed.is_err());
        let left_out = End::LeftOut("there is none".to_owned());
        let ends = [left_out, End::Failed("no".to_owned())];
        assert!(steps.taken.iter().map(|taken| &taken.end).eq(&ends));
    }
}
