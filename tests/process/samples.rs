//! Every sample event leads to what `events/expected.json` says.

use std::{collections::BTreeSet, path::Path};

use testbed::samples::Samples;

use crate::support::*;

/// The sample events.
pub(crate) fn samples() -> Samples {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    Samples::read(&folder).expect("events/expected.json")
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
    let files = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("events")
        .read_dir();
    let files = files
        .expect("events/")
        .map(|file| file.expect("a file").file_name());
    let mut found: BTreeSet<_> = files
        .map(|name| name.into_string().expect("text"))
        .collect();
    let listed = samples.names().into_iter().chain(["expected"]);
    let listed = listed.map(|name| format!("{name}.json"));
    found.remove("README.md");
    assert_eq!(listed.collect::<BTreeSet<_>>(), found);
}
