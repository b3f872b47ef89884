//! The waits of the operator's program: between calls, so that sign-ins keep their part of the quota, and for a service
//! that throttles.

use std::{sync::OnceLock, time::Duration};

use rules::outcome::{Cause, Failure, Stop};
use tokio::{
    sync::Mutex,
    time::{Instant, Interval, MissedTickBehavior},
};

/// The pause after the first answer that passes; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// About five minutes in all.
const PAUSES_WHILE_BUSY: u32 = 14;
/// The time after which a wait is shown.
const SILENT: Duration = Duration::from_secs(30);
/// The tries without a connection: a lost network may come back soon, a wrong address never works.
const PAUSES_WHILE_UNREACHABLE: u32 = 2;

/// The rate of list calls.
#[derive(Debug)]
pub(crate) struct Pace(Mutex<Interval>);

impl Pace {
    /// At most this many calls a second; at least one.
    pub(crate) fn per_second(calls: u32) -> Self {
        let mut interval = tokio::time::interval(Duration::from_secs(1) / calls.max(1));
        // A slow answer is not made up for by a burst.
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Pace(Mutex::new(interval))
    }

    /// Waits until the next call is due.
    pub(super) async fn keep(&self) {
        self.0.lock().await.tick().await;
    }
}

/// A long wait for an answer.
#[derive(Debug)]
pub(crate) struct Wait<'a> {
    /// The time so far.
    pub(crate) so_far: Duration,
    /// The failure of the last try.
    pub(crate) failure: &'a Failure,
}

/// A function that shows a long wait.
type Show = fn(&Wait<'_>);

static SHOW: OnceLock<Show> = OnceLock::new();

/// Shows every long wait of this process with this function, again after each try. The first call counts.
pub(crate) fn show_waits(show: Show) {
    // A later call changes nothing.
    let _ = SHOW.set(show);
}

/// Repeats a throttled call that does not depend on a user, and returns its answer.
pub(super) async fn retry_throttled<T>(
    operation: &'static str,
    call: impl AsyncFn() -> Result<T, Stop>,
) -> Result<T, Failure> {
    let show = |wait: &Wait<'_>| {
        if let Some(show) = SHOW.get() {
            show(wait);
        }
    };
    retry_throttled_showing(operation, show, call).await
}

async fn retry_throttled_showing<T>(
    operation: &'static str,
    show: impl Fn(&Wait<'_>),
    call: impl AsyncFn() -> Result<T, Stop>,
) -> Result<T, Failure> {
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut made = 0;
    loop {
        let failure = match call().await {
            Ok(answer) => return Ok(answer),
            Err(stop) => stop.failure(operation),
        };
        let most = match failure.cause {
            Cause::Busy => PAUSES_WHILE_BUSY,
            Cause::Unreachable | Cause::Stranger => PAUSES_WHILE_UNREACHABLE,
            _ => 0,
        };
        if made >= most {
            return Err(failure);
        }
        let so_far = started.elapsed();
        if so_far >= SILENT {
            show(&Wait {
                so_far,
                failure: &failure,
            });
        }
        tokio::time::sleep(pause).await;
        made += 1;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use tokio::time::Instant;

    use super::*;

    /// Whether a call that fails so often is answered, how often it is tried, and the seconds of each wait that is shown.
    async fn tries(cause: Cause, fails: u32) -> (bool, u32, Vec<u64>) {
        let (made, seen) = (Cell::new(0), RefCell::new(vec![]));
        let show = |wait: &Wait<'_>| {
            assert_eq!(wait.failure.code, "Http503");
            seen.borrow_mut().push(wait.so_far.as_secs());
        };
        let answer = retry_throttled_showing("ListUsers", show, async || {
            made.set(made.get() + 1);
            match made.get() > fails {
                true => Ok(()),
                false => Err(Failure::new(cause, "ListUsers", "Http503").into()),
            }
        });
        (answer.await.is_ok(), made.get(), seen.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_is_waited_out_and_nothing_else_is_for_long() {
        for (cause, fails, answered, made) in [
            (Cause::Busy, 14, true, 15),
            (Cause::Busy, 15, false, 15),
            (Cause::Unreachable, 2, true, 3),
            (Cause::Unreachable, 3, false, 3),
            (Cause::Stranger, 3, false, 3),
            (Cause::NotAllowed, 1, false, 1),
        ] {
            let (is_answered, tries, _) = tries(cause, fails).await;
            assert_eq!((is_answered, tries), (answered, made), "{cause:?}");
        }
    }

    /// A fault that lasts is no silence of five minutes.
    #[tokio::test(start_paused = true)]
    async fn a_wait_is_shown_with_its_cause_once_it_is_long() {
        for (fails, shown) in [(5, vec![]), (6, vec![31]), (8, vec![31, 61, 91])] {
            assert_eq!(tries(Cause::Busy, fails).await.2, shown, "{fails}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_keep_their_pace_and_never_come_in_bursts() {
        let pace = Pace::per_second(10);
        let started = Instant::now();
        for _ in 0..11 {
            pace.keep().await;
        }
        assert_eq!(started.elapsed(), Duration::from_secs(1));
        tokio::time::sleep(Duration::from_secs(5)).await;
        let resumed = Instant::now();
        for _ in 0..3 {
            pace.keep().await;
        }
        assert_eq!(resumed.elapsed(), Duration::from_millis(200));
    }
}
