//! The format of the log and its level.
//!
//! Only this crate's own events are written, at every level. The libraries below it are left out on purpose:
//! at TRACE the Lambda runtime writes the raw event, password included, and the SDK can write requests, answers
//! and filters. So no setting of the level, and no RUST_LOG, can bring a password into the log.

use tracing::Level;
use tracing_subscriber::{
    filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Starts the log: JSON lines on stdout, this crate's events at `level` and above, and panics as a constant line.
///
/// A second call has no effect.
pub fn start(level: Level) {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false);
    let own_events = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // Fails only where a log was started already, and then that one goes on.
    let _ = tracing_subscriber::registry()
        .with(own_events)
        .with(lines)
        .try_init();
    // The text of a panic can quote what it stumbled over; the place in the code cannot.
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic
            .location()
            .map_or(("", 0), |place| (place.file(), place.line()));
        tracing::error!(file, line, "The function panicked");
    }));
}
