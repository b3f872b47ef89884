//! The sandbox in which Lambda runs the binary. Its environment holds only the variables of Lambda and of the configuration.
//! Its output is kept. It can be stopped between invocations.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    task::JoinHandle,
};

use crate::{
    lock,
    runtime::{FUNCTION_NAME, Host},
    source_pool::{
        ACCESS_KEY_ID, CLIENT_ID, POOL_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, SourcePoolStub,
    },
};

/// A start that takes longer than this has failed.
const START_LIMIT: Duration = Duration::from_secs(30);
/// Output that has not come after this will not come.
const OUTPUT_LIMIT: Duration = Duration::from_secs(10);

/// The set-up of a function.
#[derive(Clone, Debug)]
pub struct Setup {
    binary: PathBuf,
    arguments: Vec<String>,
    variables: BTreeMap<String, String>,
    pools: Vec<SourcePoolStub>,
}

impl Setup {
    /// The environment that Lambda gives a function, and nothing of ours yet.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        let variables = [
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
            ("AWS_SESSION_TOKEN", SESSION_TOKEN),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_rust"),
            ("AWS_LAMBDA_FUNCTION_NAME", FUNCTION_NAME),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/user-migration"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/02/[$LATEST]0123"),
            ("LAMBDA_TASK_ROOT", "/var/task"),
            ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
            ("LANG", "en_US.UTF-8"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("TZ", ":UTC"),
            ("_HANDLER", "bootstrap"),
        ];
        Self {
            binary: binary.into(),
            arguments: Vec::new(),
            variables: variables.map(|(name, it)| (name.into(), it.into())).into(),
            pools: Vec::new(),
        }
    }

    /// Lets the function use this pool with [`POOL_ID`] and [`CLIENT_ID`].
    pub fn using(mut self, pool: &SourcePoolStub) -> Self {
        self.pools.push(pool.clone());
        self.with("SRC_USER_POOL_ID", POOL_ID)
            .with("SRC_CLIENT_ID", CLIENT_ID)
            .with("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", &pool.url())
            .with("AWS_ENDPOINT_URL_STS", &pool.url())
            .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", &pool.url())
    }

    /// Starts the binary with these arguments: Lambda gives ours none, but an interpreter needs some.
    pub fn with_arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Sets an environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The environment.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// Takes an environment variable away.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// Starts the binary and waits until it asks for its first invocation.
    pub async fn start(&self, host: &Host) -> Result<Function, Refused> {
        let started = Instant::now();
        let mut child = Command::new(&self.binary)
            .args(&self.arguments)
            .env_clear()
            .envs(&self.variables)
            .env("AWS_LAMBDA_RUNTIME_API", host.address().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", self.binary.display()));
        let output = Arc::new(Mutex::new(ProcessOutput::default()));
        let readers = [
            keep(child.stdout.take().expect("piped"), &output, 0),
            keep(child.stderr.take().expect("piped"), &output, 1),
        ];
        let mut function = Function {
            pid: Pid::from_raw(child.id().expect("just started").cast_signed()),
            child,
            output,
            readers,
            ready_after: Duration::ZERO,
            _called: (host.clone(), self.pools.clone()),
        };
        tokio::select! {
            () = host.ready() => {
                function.ready_after = started.elapsed();
                Ok(function)
            }
            () = tokio::time::sleep(START_LIMIT) => Err(function.end().await),
            _ = function.child.wait() => Err(function.end().await),
        }
    }
}

/// A start that came to nothing.
#[derive(Debug)]
pub struct Refused {
    /// The exit of the process.
    pub status: ExitStatus,
    /// Everything that it printed.
    pub output: ProcessOutput,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, printed) = (self.status, self.output.all());
        write!(formatter, "the function ended with {status}:\n{printed}")
    }
}

/// The output of a process: both streams.
#[derive(Clone, Debug, Default)]
pub struct ProcessOutput([Vec<u8>; 2]);

impl ProcessOutput {
    /// Standard output.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0[0]).into_owned()
    }

    /// Standard output, and then standard error.
    pub fn all(&self) -> String {
        String::from_utf8_lossy(&self.0.concat()).into_owned()
    }

    /// The lines of standard output that are JSON objects.
    pub fn lines(&self) -> Vec<Value> {
        let printed = self.stdout();
        let lines = printed.lines().flat_map(serde_json::from_str);
        lines.filter(Value::is_object).collect()
    }
}

/// Reads a stream to its end, and keeps what comes.
fn keep(
    mut from: impl AsyncRead + Unpin + Send + 'static,
    output: &Arc<Mutex<ProcessOutput>>,
    stream: usize,
) -> JoinHandle<()> {
    let output = Arc::clone(output);
    tokio::spawn(async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            lock(&output).0[stream].extend_from_slice(&buffer[..length]);
        }
    })
}

/// A running function. Dropping it ends the process, and waits until it has ended.
#[derive(Debug)]
pub struct Function {
    child: Child,
    pid: Pid,
    output: Arc<Mutex<ProcessOutput>>,
    readers: [JoinHandle<()>; 2],
    /// From the start of the process until it asked for its first invocation.
    pub ready_after: Duration,
    /// What the process calls. Their ports are not given to others while it runs: those would count its requests.
    _called: (Host, Vec<SourcePoolStub>),
}

impl Drop for Function {
    fn drop(&mut self) {
        while self.is_running() {
            let _ = self.child.start_kill();
            // Nothing else of the test has to go on meanwhile.
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Function {
    /// The output so far.
    pub fn output(&self) -> ProcessOutput {
        lock(&self.output).clone()
    }

    /// Waits until something printed satisfies `found`, but not for ever: output may come after the answer.
    pub async fn output_with(&self, found: impl Fn(&ProcessOutput) -> bool) -> ProcessOutput {
        let end = Instant::now() + OUTPUT_LIMIT;
        loop {
            let output = self.output();
            if found(&output) || Instant::now() > end {
                return output;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The process id.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Stops the process where it stands, as Lambda does between invocations.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Asks it to end, as Lambda does at the end of a sandbox.
    pub fn terminate(&self) {
        self.signal(Signal::SIGTERM);
    }

    fn signal(&self, signal: Signal) {
        kill(self.pid, signal).unwrap_or_else(|error| panic!("{signal}: {error}"));
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Whether every thread of the process waits for something: none runs, would if the machine let it, or waits for a disk.
    #[cfg(target_os = "linux")]
    pub fn sleeps(&self) -> bool {
        crate::measured::sleeps(self.pid)
    }

    /// Whether the process waits for something, as the system's own list of processes says.
    #[cfg(not(target_os = "linux"))]
    pub fn sleeps(&self) -> bool {
        let listed = std::process::Command::new("ps")
            .args(["-o", "stat=", "-p", &self.pid.to_string()])
            .output();
        let state = listed.map(|listed| listed.stdout.trim_ascii_start().first().copied());
        !matches!(state, Ok(Some(b'R' | b'U')))
    }

    /// Ends the process and returns how it ended and everything that it printed.
    pub async fn end(mut self) -> Refused {
        if self.is_running() {
            let _ = self.child.start_kill();
        }
        let status = self.child.wait().await.expect("a child of this process");
        for reader in &mut self.readers {
            let _ = reader.await;
        }
        Refused {
            status,
            output: self.output(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{http::client::exchange, source_pool::State};

    /// A shell in the place of the function.
    fn shell(script: &str) -> Setup {
        Setup::new("/bin/sh").with_arguments(&["-c", script])
    }

    #[tokio::test]
    async fn the_environment_of_the_tests_stays_out() {
        let host = Host::start().await.unwrap();
        let setup = shell("env; exit 3").with("GONE", "x").without("GONE");
        let refused = setup.start(&host).await.expect_err("it ended");
        assert_eq!(refused.status.code(), Some(3));
        let environment = refused.output.all();
        assert!(environment.contains("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256"));
        assert!(!environment.contains("CARGO") && !environment.contains("GONE"));
    }

    /// A process that lives on would call the next server on its port.
    #[tokio::test]
    async fn the_ports_that_a_process_calls_are_kept_until_it_has_ended() {
        let host = Host::start().await.unwrap();
        let pool = SourcePoolStub::start(State::default()).await.unwrap();
        let address = pool.server().address();
        // A shell polls nothing: the test makes the host ready in its place.
        let poll = "GET /2018-06-01/runtime/invocation/next";
        let polling = exchange(host.address(), poll, &[], "");
        let setup = shell("exec sleep 60").using(&pool);
        let function = tokio::select! {
            function = setup.start(&host) => function.expect("it runs"),
            _ = polling => panic!("no invocation is answered"),
        };
        drop((pool, host, setup));
        let pid = function.pid();
        assert!(std::net::TcpListener::bind(address).is_err());
        drop(function);
        assert!(kill(pid, None).is_err(), "it has ended");
        while std::net::TcpListener::bind(address).is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
