//! Every sample event leads to what `events/expected.json` says.

use std::{collections::BTreeSet, fs, path::PathBuf};

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
    let listed: BTreeSet<String> = samples.names().into_iter().map(str::to_owned).collect();
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder()).expect("events/") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
            && name != "expected"
        {
            found.insert(name);
        }
    }
    assert_eq!(listed, found);
}
