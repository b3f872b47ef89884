//! Every sample event leads to what `events/expected.json` says.

use std::{collections::BTreeSet, ffi::OsStr, fs, path::PathBuf};

use testbed::samples::Samples;

use crate::support::*;

/// The folder of the sample events.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("events")
}

/// The sample events.
pub(crate) fn samples() -> Samples {
    Samples::read(&folder()).expect("events/expected.json")
}

#[tokio::test]
async fn every_sample_event_leads_to_what_is_written_beside_it() {
    let samples = samples();
    let bed = Bed::with(samples.source_pool(), &samples.settings()).await;
    for name in samples.names() {
        let sample = samples.sample(name).expect(name);
        let outcome = bed.invoke_bytes(sample.event.clone()).await;
        let line = bed.log_of(&outcome).await;
        let differences = sample.differences(&outcome, &line, &bed.pool);
        assert_eq!(differences, Vec::<String>::new(), "{name}: {line}");
    }
}

#[test]
fn every_sample_event_has_its_expectation_and_the_other_way_round() {
    let samples = samples();
    let listed: BTreeSet<_> = samples.names().into_iter().map(OsStr::new).collect();
    let files = fs::read_dir(folder()).expect("events/");
    let paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    let events = paths
        .iter()
        .filter(|path| path.extension() == Some(OsStr::new("json")));
    let mut found: BTreeSet<_> = events.filter_map(|path| path.file_stem()).collect();
    assert!(found.remove(OsStr::new("expected")));
    assert_eq!(listed, found);
}
