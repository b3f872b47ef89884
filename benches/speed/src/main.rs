//! `make bench`: the packaged function beside a reference, over TLS, as a table.
//!
//! Both run as in Lambda, in turn, for several rounds. They trust one bundle, the machine's own roots and the certificate of
//! this run, and ask the same source pools at the same distances. No time is asserted: the table shows the measured values.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark ends in a panic"
)]

mod figures;
mod tls;
mod trial;

use std::{env, fs};

use testbed::function::Setup;

use figures::{Figures, Place, table};
use tls::ServerIdentity;
use trial::{DistantSource, sign_ins};

/// A function, and what was measured of it.
struct Candidate {
    name: &'static str,
    setup: Setup,
    figures: Figures,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let [function, python, reference, bundle, rounds]: [String; 5] =
        words.try_into().expect("what `make bench` gives");
    let rounds: u32 = rounds.parse().expect("a number of rounds");
    let identity = ServerIdentity::new();
    let roots = openssl_probe::probe().cert_file.expect("a bundle");
    let roots = fs::read_to_string(roots).expect("text") + "\n" + &identity.pem;
    fs::write(&bundle, &roots).expect("a file");

    let near = DistantSource::start(&identity, Place::Near).await;
    let far = DistantSource::start(&identity, Place::Far).await;
    let other = DistantSource::start(&identity, Place::OtherAccount).await;
    let mut candidates = candidates(&function, &python, &reference, &bundle);
    for round in 1..=rounds {
        eprintln!("Round {round} of {rounds}");
        // The second candidate finds the caches of the machine as the first left them: they take turns.
        let mut turns = candidates.each_mut();
        if round.is_multiple_of(2) {
            turns.reverse();
        }
        for Candidate { setup, figures, .. } in turns {
            figures.begin_round();
            for (source, count) in [(&near, 200), (&far, 40), (&other, 20)] {
                sign_ins(setup, source, count, figures).await;
            }
        }
    }
    let shown = candidates.each_ref();
    println!("{}", table(shown.map(|each| (each.name, &each.figures))));
    println!(
        "{rounds} rounds, all in turn: medians, in parentheses the least and the greatest of the rounds. \
         {} root certificates: the machine's own bundle and this run's.\n",
        roots.matches("BEGIN CERTIFICATE").count()
    );
}

fn candidates(function: &str, python: &str, reference: &str, bundle: &str) -> [Candidate; 3] {
    // Lambda's sandbox has no home directory either, so no user's own settings count.
    let on = |program: &str| {
        Setup::new(program)
            .with("HOME", "/nonexistent")
            .with("AWS_CA_BUNDLE", bundle)
    };
    let by_token = on(function).with("SRC_PROFILE", "id_token");
    let in_python = on(python)
        .with_arguments(&["-m", "awslambdaric", "handler.handler"])
        .with("AWS_EXECUTION_ENV", "AWS_Lambda_python")
        .with("_HANDLER", "handler.handler")
        .with("LAMBDA_TASK_ROOT", reference)
        .with("PYTHONPATH", reference)
        // Lambda's file system cannot be written to.
        .with("PYTHONDONTWRITEBYTECODE", "1");
    [
        ("ours", on(function)),
        ("ours, `id_token`", by_token),
        ("reference", in_python),
    ]
    .map(|(name, setup)| Candidate {
        name,
        setup,
        figures: Figures::default(),
    })
}
