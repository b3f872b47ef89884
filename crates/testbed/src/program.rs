//! The frame of the two stand-alone programs: their arguments, their one line of output, and when they end.

use std::{env, io::Read as _, process::ExitCode, thread};

use serde_json::Value;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// Runs what `start` starts until the program is to end. `start` gives a line of JSON to print once it listens.
#[tokio::main(flavor = "current_thread")]
pub async fn run<T>(
    name: &str,
    start: impl AsyncFnOnce(&ProgramArguments) -> Result<(Value, T), String>,
) -> ExitCode {
    let run = async {
        let arguments = ProgramArguments::read()?;
        let (ready, _running) = start(&arguments).await?;
        println!("{ready}");
        arguments.end().await.map_err(|error| error.to_string())
    };
    match run.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{name}: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// The arguments of a program: `--name value` and plain `--name`.
#[derive(Debug, Default)]
pub struct ProgramArguments {
    /// `--port`, 0 for a free one.
    pub port: u16,
    /// `--state`.
    pub state: Option<String>,
    /// `--until-stdin-closes`.
    until_stdin_closes: bool,
}

impl ProgramArguments {
    /// Reads the arguments of this process.
    fn read() -> Result<Self, String> {
        Self::parse(env::args().skip(1))
    }

    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--port" => {
                    arguments.port = value()?.parse().map_err(|_| "--port needs a port number")?;
                }
                "--state" => arguments.state = Some(value()?),
                "--until-stdin-closes" => arguments.until_stdin_closes = true,
                _ => return Err(format!("unknown argument {word}")),
            }
        }
        Ok(arguments)
    }

    /// Ends on SIGTERM, SIGINT and, if asked to, when standard input closes.
    async fn end(&self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (closed, stdin_closed) = oneshot::channel::<()>();
        if self.until_stdin_closes {
            // A thread of its own: a read of standard input cannot be given up.
            thread::spawn(move || {
                let mut buffer = [0; 1024];
                while let Ok(1..) = std::io::stdin().read(&mut buffer) {}
                let _ = closed.send(());
            });
        } else {
            std::mem::forget(closed);
        }
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = stdin_closed => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<ProgramArguments, String> {
        ProgramArguments::parse(words.iter().map(|&word| word.to_owned()))
    }

    #[test]
    fn arguments_are_read_and_mistakes_named() {
        let arguments =
            parse(&["--state", "f.json", "--port", "80", "--until-stdin-closes"]).unwrap();
        assert_eq!(arguments.state.as_deref(), Some("f.json"));
        assert_eq!(arguments.port, 80);
        assert!(arguments.until_stdin_closes);
        assert!(parse(&["--sate"]).unwrap_err().contains("--sate"));
        assert!(parse(&["--port"]).unwrap_err().contains("--port"));
    }
}
