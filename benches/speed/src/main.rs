//! `make bench`: the packaged function beside a reference and a limit, over TLS, as tables.
//!
//! All run as in Lambda, in turn, for several rounds. The function and the reference trust a certificate authority of this
//! run, which is appended to the machine's own bundle, and ask the same source pools at the same distances. No time is
//! asserted: the tables show the measured values.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark ends in a panic"
)]

mod figures;
mod share;
mod tls;
mod trial;

use std::{
    env,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use testbed::function::Setup;

use figures::{Figure, Figures, PoolAccount, Summary, number};
use share::Share;
use tls::Authority;
use trial::{
    DistantSource, first_answer_at_once, first_sign_in_at_once, sign_ins, sign_ins_within,
};

const ROUNDS: u32 = 7;
/// No round begins later, so that the whole ends within seven minutes.
const LAST_ROUND_BEGINS: Duration = Duration::from_secs(270);
/// At Lambda's share of a core: the reference alone takes seconds to start there.
const ROUNDS_WITHIN_A_SHARE: u32 = 3;
const MEMORY_SIZES: [u64; 3] = [128, 256, 512];
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
    limit: PathBuf,
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
            limit: path("the bare function")?,
            roots: path("the bundle of root certificates that the machine shows")?,
            rounds: words
                .next()
                .map_or(Ok(ROUNDS), |text| text.parse())
                .map_err(|_| "the number of rounds is no number")?,
        })
    }
}

/// A function, and what was measured of it.
struct Candidate {
    setup: Setup,
    figures: Figures,
}

impl From<Setup> for Candidate {
    fn from(setup: Setup) -> Self {
        Self {
            setup,
            figures: Figures::default(),
        }
    }
}

/// Everything that is measured. The function is there in all its ways to a profile.
struct Candidates {
    after: Candidate,
    id_token: Candidate,
    public_after: Candidate,
    public_id_token: Candidate,
    reference: Candidate,
    limit: Candidate,
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
    let roots = trust(&authority, &arguments.roots)
        .map_err(|error| format!("{}: {error}", arguments.roots.display()))?;
    let mut candidates = Candidates::new(&arguments);
    let source = async |account, round_trip| {
        DistantSource::start(&authority, account, round_trip)
            .await
            .map_err(|error| format!("the source pool does not start: {error}"))
    };
    let near = source(PoolAccount::Same, Duration::ZERO).await?;
    let far = source(PoolAccount::Same, DISTANCE).await?;
    let other = source(PoolAccount::Other, DISTANCE).await?;

    let began = Instant::now();
    let mut rounds = 0;
    while rounds < arguments.rounds && began.elapsed() < LAST_ROUND_BEGINS {
        rounds += 1;
        eprintln!("Round {rounds} of {}", arguments.rounds);
        // The second candidate finds the caches of the machine as the first left them: they take turns.
        candidates.round(rounds, [&near, &far, &other]).await;
    }
    let within_a_share = candidates.rounds_within_a_share(&far).await;
    candidates.print(&arguments)?;
    println!(
        "{rounds} rounds, all in turn: medians, in parentheses the least and the greatest of the rounds. \
         {roots} root certificates: the machine's own bundle and this run's authority. GB-s at {} MB for all.\n",
        number(MEMORY_GB * 1024.0)
    );
    candidates.print_limit();
    match within_a_share {
        Ok(()) => candidates.print_within_a_share(),
        Err(error) => {
            println!("No rows at Lambda's share of a core: no control group ({error}).\n")
        }
    }
    Ok(())
}

/// Appends the authority to this bundle. Returns the number of root certificates in it.
fn trust(authority: &Authority, bundle: &Path) -> io::Result<usize> {
    let mut file = OpenOptions::new().append(true).open(bundle)?;
    write!(file, "\n{}", authority.root_pem())?;
    let text = fs::read_to_string(bundle)?;
    Ok(text.matches("BEGIN CERTIFICATE").count())
}

impl Candidates {
    fn new(arguments: &Arguments) -> Self {
        // Lambda's sandbox has no home directory either, so no user's own settings count.
        let after = Setup::new(&arguments.function).with("HOME", "/nonexistent");
        let by_token = |setup: &Setup| setup.clone().with("SRC_PROFILE", "id_token");
        let public = after.clone().with("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH");
        let folder = arguments.reference.to_string_lossy();
        let reference = Setup::new(&arguments.python)
            .with_arguments(&["-m", "awslambdaric", "handler.handler"])
            .with("HOME", "/nonexistent")
            // botocore would read one bundle too, but its own.
            .with("AWS_CA_BUNDLE", &arguments.roots.to_string_lossy())
            .with("AWS_EXECUTION_ENV", "AWS_Lambda_python")
            .with("_HANDLER", "handler.handler")
            .with("LAMBDA_TASK_ROOT", &folder)
            .with("PYTHONPATH", &folder)
            // Lambda's file system cannot be written to.
            .with("PYTHONDONTWRITEBYTECODE", "1");
        Self {
            id_token: by_token(&after).into(),
            after: after.into(),
            public_id_token: by_token(&public).into(),
            public_after: public.into(),
            reference: reference.into(),
            limit: Setup::new(&arguments.limit).into(),
        }
    }

    async fn round(&mut self, round: u32, [near, far, other]: [&DistantSource; 3]) {
        let limit = &mut self.limit;
        limit.figures.begin_round();
        for _ in 0..3 {
            first_answer_at_once(&limit.setup, &mut limit.figures).await;
        }
        let mut all = [&mut self.after, &mut self.id_token, &mut self.reference];
        let mut public = [&mut self.public_after, &mut self.public_id_token];
        if round.is_multiple_of(2) {
            all.reverse();
            public.reverse();
        }
        for candidate in all.iter_mut().chain(&mut public) {
            candidate.figures.begin_round();
        }
        for source in [far, other] {
            for Candidate { setup, figures } in all.iter_mut().map(|each| &mut **each) {
                first_sign_in_at_once(setup, source, figures).await;
            }
        }
        for (source, count) in [(near, 200), (far, 40), (other, 20)] {
            for Candidate { setup, figures } in all.iter_mut().map(|each| &mut **each) {
                sign_ins(setup, source, count, figures).await;
            }
        }
        for source in [far, other] {
            for Candidate { setup, figures } in public.iter_mut().map(|each| &mut **each) {
                sign_ins(setup, source, 15, figures).await;
            }
        }
    }

    async fn rounds_within_a_share(&mut self, source: &DistantSource) -> io::Result<()> {
        let mut all = [&mut self.after, &mut self.id_token, &mut self.reference];
        for round in 1..=ROUNDS_WITHIN_A_SHARE {
            eprintln!("At Lambda's share of a core: round {round} of {ROUNDS_WITHIN_A_SHARE}");
            for memory_mb in MEMORY_SIZES {
                let share = Share::of(memory_mb)?;
                for Candidate { setup, figures } in all.iter_mut().map(|each| &mut **each) {
                    if memory_mb == MEMORY_SIZES[0] {
                        figures.begin_round();
                    }
                    sign_ins_within(&share, memory_mb, setup, source, 20, figures).await;
                }
            }
        }
        Ok(())
    }

    fn print(&self, arguments: &Arguments) -> Result<(), String> {
        use PoolAccount::{Other, Same};
        const NEAR: Duration = Duration::ZERO;
        let mut table = Table::new([
            "",
            "ours",
            "ours, `id_token`",
            "reference",
            "reference ÷ ours",
        ]);
        let three = [&self.after, &self.id_token, &self.reference];
        let mut row = |name: &str, unit: &str, (figure, percent), change: &dyn Fn(f64) -> f64| {
            let values = three.map(|each| each.figures.percentile(figure, percent).map(change));
            let [ours, _, theirs] = values;
            let mut cells = values.map(|value| value.text(unit)).to_vec();
            cells.push(ratio(theirs, ours));
            table.row(name, cells);
        };
        let as_it_is = |value: f64| value;
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
            let name = format!("CPU per warm sign-in{words}");
            row(&name, "ms", cpu, &as_it_is);
        }
        for (account, words) in accounts {
            let memory = p50(Figure::Memory(account));
            row(&format!("peak memory{words}"), "MB", memory, &as_it_is);
        }
        for (account, words) in accounts {
            let calls = p50(Figure::SourceCalls(account));
            let name = format!("calls to the source per sign-in{words}");
            row(&name, "", calls, &as_it_is);
        }
        for (name, unit, figure, change) in [
            (
                "calls to STS per sign-in, cross-account",
                "",
                Figure::StsCalls(Other),
                &as_it_is as &dyn Fn(f64) -> f64,
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
        let two = [&self.public_after, &self.public_id_token];
        for (account, words) in accounts {
            let warm = Figure::Warm(account, DISTANCE);
            let calls = Figure::SourceCalls(account);
            for (name, figure, change) in [
                (
                    "warm sign-in in round trips",
                    warm,
                    &in_round_trips as &dyn Fn(f64) -> f64,
                ),
                ("calls to the source per sign-in", calls, &as_it_is),
            ] {
                let value = |each: &Candidate| each.figures.percentile(figure, 50).map(change);
                let mut cells = two.map(|each| value(each).text("")).to_vec();
                cells.extend(["–".to_owned(), "–".to_owned()]);
                table.row(&format!("{name}, USER_PASSWORD_AUTH{words}"), cells);
            }
        }
        let kilobytes = |path: &Path| match fs::metadata(path) {
            Ok(file) => Ok(Summary::exact(file.len() as f64 / 1e3)),
            Err(error) => Err(format!("{}: {error}", path.display())),
        };
        let ours = kilobytes(&arguments.function_zip)?;
        let theirs = kilobytes(&arguments.reference_zip)?;
        let cells = [ours, ours, theirs].map(|size| size.text("kB"));
        let cells = cells.into_iter().chain([ratio(theirs, ours)]).collect();
        table.row("package (zip)", cells);
        println!("{}", table.text());
        Ok(())
    }

    /// Prints the distance between the function and the smallest one in Rust.
    fn print_limit(&self) {
        let mut table = Table::new(["", "ours", "bare", "ours ÷ bare"]);
        for (name, unit, figure) in [
            ("process start → ready", "ms", Figure::Ready),
            (
                "CPU time until the first answer",
                "ms",
                Figure::CpuOfFirst(PoolAccount::Same),
            ),
            ("peak memory", "MB", Figure::Memory(PoolAccount::Same)),
        ] {
            let [ours, bare] =
                [&self.after, &self.limit].map(|each| each.figures.percentile(figure, 50));
            let cells = vec![ours.text(unit), bare.text(unit), ratio(ours, bare)];
            table.row(name, cells);
        }
        println!("{}", table.text());
        println!("Bare: the Lambda runtime alone, which answers each event with itself.\n");
    }

    fn print_within_a_share(&self) {
        let mut table = Table::new([
            "",
            "ours",
            "ours, `id_token`",
            "reference",
            "reference ÷ ours",
        ]);
        for (name, figure, percent) in [
            (
                "process start → first answer, sign-in waiting, 50 ms",
                Figure::StartWithin as fn(u64) -> Figure,
                50,
            ),
            ("warm sign-in, 50 ms, p50", Figure::WarmWithin, 50),
            ("warm sign-in, 50 ms, p99", Figure::WarmWithin, 99),
        ] {
            for memory_mb in MEMORY_SIZES {
                let values = [&self.after, &self.id_token, &self.reference]
                    .map(|each| each.figures.percentile(figure(memory_mb), percent));
                let [ours, _, theirs] = values;
                let mut cells = values.map(|value| value.text("ms")).to_vec();
                cells.push(ratio(theirs, ours));
                table.row(&format!("{memory_mb} MB: {name}"), cells);
            }
        }
        println!("{}", table.text());
        println!(
            "Simulated: all threads together get memory ÷ 1,769 MB of a core in each 20 ms, from the first instruction on. \
             Lambda may give the start more than this; it gives a warm sign-in exactly this. \
             {ROUNDS_WITHIN_A_SHARE} rounds.\n"
        );
    }
}

fn in_round_trips(time: f64) -> f64 {
    time / (DISTANCE.as_secs_f64() * 1000.0)
}

fn ratio(dividend: Summary, divisor: Summary) -> String {
    let ratio = dividend.value / divisor.value;
    if ratio.is_finite() {
        number(ratio)
    } else {
        "–".to_owned()
    }
}

/// Rows of text, as Markdown with columns that line up.
struct Table(Vec<Vec<String>>);

impl Table {
    fn new<const COLUMNS: usize>(head: [&str; COLUMNS]) -> Self {
        let mut below = vec!["---:".to_owned(); COLUMNS];
        below[0] = "---".to_owned();
        Self(vec![head.map(str::to_owned).to_vec(), below])
    }

    fn row(&mut self, name: &str, cells: Vec<String>) {
        self.0.push([vec![name.to_owned()], cells].concat());
    }

    fn text(&self) -> String {
        let mut widths = vec![0; self.0[0].len()];
        for row in &self.0 {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut text = String::new();
        for row in &self.0 {
            for (cell, width) in row.iter().zip(&widths) {
                text += &format!("| {cell:<width$} ");
            }
            text += "|\n";
        }
        text
    }
}
