//! `make bench`: the packaged function beside a reference, over TLS, as one table.
//!
//! Both are run as Lambda runs them, in turn, several rounds; both trust an authority of this run, which stands at the
//! end of a bundle of ordinary size, and ask the same source pools at the same distances. Nothing is asserted about
//! time: the table says what was measured.

mod figures;
mod tls;
mod trial;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use testbed::function::Setup;

use figures::{Account, Figure, Figures, Summary, number};
use tls::Authority;
use trial::{Source, first_sign_in_at_once, sign_ins};

const ROUNDS: u32 = 7;
/// No round begins later, so that the whole ends within five minutes.
const LAST_ROUND_BEGINS: Duration = Duration::from_secs(230);
const DISTANCE: Duration = Duration::from_millis(50);
/// For the cost: what both functions would be given.
const MEMORY_GB: f64 = 0.25;

/// What is measured against what; paths, because this program knows nothing of how they come about.
struct Arguments {
    function: PathBuf,
    function_zip: PathBuf,
    python: PathBuf,
    reference: PathBuf,
    reference_zip: PathBuf,
    roots: PathBuf,
    rounds: u32,
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut words = env::args().skip(1);
        let mut path = |name| {
            words
                .next()
                .map(PathBuf::from)
                .ok_or_else(|| format!("{name} is missing; `make bench` gives it"))
        };
        Ok(Self {
            function: path("the function")?,
            function_zip: path("the function's zip")?,
            python: path("the Python that has boto3 and awslambdaric")?,
            reference: path("the folder of the reference")?,
            reference_zip: path("the reference's zip")?,
            roots: path("the bundle of root certificates")?,
            rounds: words
                .next()
                .map_or(Ok(ROUNDS), |text| text.parse())
                .map_err(|_| "the number of rounds is no number")?,
        })
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("speed: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let arguments = Arguments::read()?;
    let authority = Authority::new();
    let bundle = Bundle::write(&arguments.roots, &authority)?;
    let [function, reference] = candidates(&arguments, &bundle);
    let source = async |account, round_trip| {
        Source::start(&authority, account, round_trip)
            .await
            .map_err(|error| format!("the source pool does not start: {error}"))
    };
    let near = source(Account::Same, Duration::ZERO).await?;
    let far = source(Account::Same, DISTANCE).await?;
    let other = source(Account::Other, DISTANCE).await?;

    let began = Instant::now();
    let (mut ours, mut theirs) = (Figures::default(), Figures::default());
    let mut rounds = 0;
    while rounds < arguments.rounds && began.elapsed() < LAST_ROUND_BEGINS {
        rounds += 1;
        eprintln!("Round {rounds} of {}", arguments.rounds);
        let mut pair = [(&function, &mut ours), (&reference, &mut theirs)];
        // Whoever comes second finds the caches of the machine as the other left them: they take turns.
        if rounds % 2 == 0 {
            pair.reverse();
        }
        for (_, figures) in &mut pair {
            figures.begin_round();
        }
        for source in [&far, &other] {
            for (candidate, figures) in &mut pair {
                first_sign_in_at_once(candidate, source, figures).await;
            }
        }
        for (source, count) in [(&near, 200), (&far, 50), (&other, 20)] {
            for (candidate, figures) in &mut pair {
                sign_ins(candidate, source, count, figures).await;
            }
        }
    }
    print(&arguments, &bundle, rounds, &ours, &theirs)
}

fn candidates(arguments: &Arguments, bundle: &Bundle) -> [Setup; 2] {
    let bundle = bundle.path.to_string_lossy();
    let folder = arguments.reference.to_string_lossy();
    // Lambda's sandbox has no home directory either, so nobody's own settings count.
    let function = Setup::new(&arguments.function)
        .with("HOME", "/nonexistent")
        .with("SSL_CERT_FILE", &bundle);
    let reference = Setup::new(&arguments.python)
        .with_arguments(&["-m", "awslambdaric", "handler.handler"])
        .with("HOME", "/nonexistent")
        .with("AWS_CA_BUNDLE", &bundle)
        .with("AWS_EXECUTION_ENV", "AWS_Lambda_python")
        .with("_HANDLER", "handler.handler")
        .with("LAMBDA_TASK_ROOT", &folder)
        .with("PYTHONPATH", &folder)
        // Lambda's file system cannot be written to.
        .with("PYTHONDONTWRITEBYTECODE", "1");
    [function, reference]
}

/// A file of root certificates of ordinary size, this run's authority at its end.
struct Bundle {
    path: PathBuf,
    roots: usize,
}

impl Bundle {
    fn write(roots: &Path, authority: &Authority) -> Result<Self, String> {
        let ordinary =
            fs::read_to_string(roots).map_err(|error| format!("{}: {error}", roots.display()))?;
        let path = env::temp_dir().join(format!("speed-{}.pem", std::process::id()));
        let bundle = format!("{ordinary}\n{}", authority.root_pem());
        fs::write(&path, &bundle).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self {
            path,
            roots: bundle.matches("BEGIN CERTIFICATE").count(),
        })
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn print(
    arguments: &Arguments,
    bundle: &Bundle,
    rounds: u32,
    ours: &Figures,
    theirs: &Figures,
) -> Result<(), String> {
    use Account::{Other, Same};
    const NEAR: Duration = Duration::ZERO;
    let mut table = Table::new();
    let mut row = |name: &str, unit: &str, (figure, percent), change: &dyn Fn(f64) -> f64| {
        let value = |figures: &Figures| figures.percentile(figure, percent).map(change);
        table.row(name, unit, value(ours), value(theirs));
    };
    let as_it_is = |value: f64| value;
    let in_round_trips = |time: f64| time / (DISTANCE.as_secs_f64() * 1000.0);
    // Lambda bills whole milliseconds.
    let billed_a_million = |time: f64| time.ceil() / 1000.0 * MEMORY_GB * 1e6;
    let accounts = [(Same, ""), (Other, ", cross-account")];
    let p50 = |figure| (figure, 50);

    row("process start → ready", "ms", p50(Figure::Ready), &as_it_is);
    for (account, words) in accounts {
        let name = format!("CPU time until the first answer{words}");
        row(&name, "ms", p50(Figure::CpuOfFirst(account)), &as_it_is);
    }
    for (account, words) in accounts {
        let name = format!("process start → first answer, sign-in waiting, 50 ms{words}");
        row(&name, "ms", p50(Figure::StartToAnswer(account)), &as_it_is);
    }
    for (account, words) in accounts {
        let first = p50(Figure::First(account, DISTANCE));
        let name = format!("first sign-in 1 s after the start, 50 ms{words}");
        row(&name, "ms", first, &as_it_is);
        row("… in round trips", "", first, &in_round_trips);
    }
    for (account, distance, words) in [
        (Same, NEAR, "0 ms"),
        (Same, DISTANCE, "50 ms"),
        (Other, DISTANCE, "50 ms, cross-account"),
    ] {
        let warm = Figure::Warm(account, distance);
        let name = |percent| format!("warm sign-in, {words}, p{percent}");
        row(&name(50), "ms", (warm, 50), &as_it_is);
        if !distance.is_zero() {
            row("… in round trips", "", (warm, 50), &in_round_trips);
        }
        row(&name(99), "ms", (warm, 99), &as_it_is);
    }
    for (account, distance, words) in [(Same, NEAR, ""), (Other, DISTANCE, ", cross-account")] {
        let cpu = p50(Figure::CpuOfWarm(account, distance));
        row(
            &format!("CPU per warm sign-in{words}"),
            "ms",
            cpu,
            &as_it_is,
        );
    }
    for (account, words) in accounts {
        let memory = p50(Figure::Memory(account));
        row(&format!("peak memory{words}"), "MB", memory, &as_it_is);
    }
    for (name, unit, figure, change) in [
        (
            "calls to the source per sign-in",
            "",
            Figure::SourceCalls(Same),
            &as_it_is as &dyn Fn(f64) -> f64,
        ),
        (
            "calls to STS per sign-in, cross-account",
            "",
            Figure::StsCalls(Other),
            &as_it_is,
        ),
        (
            "a million migrations, warm, 50 ms",
            "GB-s",
            Figure::Warm(Same, DISTANCE),
            &billed_a_million,
        ),
        (
            "a million migrations, each in a new process, 50 ms",
            "GB-s",
            Figure::StartToAnswer(Same),
            &billed_a_million,
        ),
    ] {
        row(name, unit, p50(figure), change);
    }
    let kilobytes = |path: &Path| match fs::metadata(path) {
        Ok(file) => Ok(Summary::exact(file.len() as f64 / 1e3)),
        Err(error) => Err(format!("{}: {error}", path.display())),
    };
    table.row(
        "package (zip)",
        "kB",
        kilobytes(&arguments.function_zip)?,
        kilobytes(&arguments.reference_zip)?,
    );
    println!("{}", table.text());
    println!(
        "{rounds} rounds, both in turn: medians, in parentheses the least and the greatest of the rounds. \
         {} root certificates. GB-s at {} MB for both.",
        bundle.roots,
        number(MEMORY_GB * 1024.0)
    );
    Ok(())
}

/// Rows of text, as Markdown with columns that line up.
struct Table(Vec<[String; 4]>);

impl Table {
    fn new() -> Self {
        Self(vec![
            ["", "ours", "reference", "reference ÷ ours"].map(str::to_owned),
            ["---", "---:", "---:", "---:"].map(str::to_owned),
        ])
    }

    fn row(&mut self, name: &str, unit: &str, ours: Summary, theirs: Summary) {
        let ratio = theirs.value / ours.value;
        let ratio = if ratio.is_finite() {
            number(ratio)
        } else {
            "–".to_owned()
        };
        self.0
            .push([name.to_owned(), ours.text(unit), theirs.text(unit), ratio]);
    }

    fn text(&self) -> String {
        let mut widths = [0; 4];
        for row in &self.0 {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut text = String::new();
        for row in &self.0 {
            for (cell, width) in row.iter().zip(widths) {
                text += &format!("| {cell:<width$} ");
            }
            text += "|\n";
        }
        text
    }
}
