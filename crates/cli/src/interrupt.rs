//! Requests to end the program: Ctrl-C, SIGTERM and SIGHUP alike.

use std::{io, time::Duration};

use tokio::sync::watch;

/// The time that the call under way may still take: an abandoned call may have succeeded.
const GRACE: Duration = Duration::from_secs(10);

/// Whether the program is asked to end.
#[derive(Clone)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Makes such requests no longer end the program by themselves.
    pub(crate) fn catch() -> io::Result<Self> {
        let (tell, told) = watch::channel(false);
        let request = request_to_end()?;
        tokio::spawn(async move {
            request.await;
            // The command may be over by now.
            let _ = tell.send(true);
        });
        Ok(Interrupt(told))
    }

    /// A request that a test makes.
    #[cfg(test)]
    pub(crate) fn of(told: watch::Receiver<bool>) -> Self {
        Interrupt(told)
    }

    /// Whether there was a request.
    pub(crate) fn came(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for a request.
    pub(crate) async fn comes(&self) {
        let mut told = self.0.clone();
        if told.wait_for(|came| *came).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Lets a call come to its end, within ten seconds after a request; `None` if it is not over by then.
    pub(crate) async fn finish<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        let in_time = async {
            self.comes().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            ended = call => Some(ended),
            () = in_time => None,
        }
    }
}

#[cfg(unix)]
fn request_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut control_c = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = control_c.recv() => (),
            _ = hang_up.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}

#[cfg(windows)]
fn request_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_c, ctrl_close};
    let (mut control_c, mut close) = (ctrl_c()?, ctrl_close()?);
    Ok(async move {
        tokio::select! {
            _ = control_c.recv() => (),
            _ = close.recv() => (),
        }
    })
}
