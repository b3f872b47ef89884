//! Which root certificates a start reads. What a process has read is counted by the kernel.

use std::{fs, path::Path};

use testbed::measured;

use crate::support::*;

/// What else a start reads, at most: the names of hosts, the heads of libraries.
const LITTLE: usize = 32 * 1024;

/// The bundle, and no folder of the same roots; or the file or folder that the environment names. A company that names its
/// own roots trusts no others: a proxy that it does not know must not be let in.
#[tokio::test]
async fn only_the_roots_that_count_are_read() {
    const FILLING: usize = 1 << 20;
    let bundle = openssl_probe::probe().cert_file.expect("roots here");
    let bundle = fs::read_to_string(bundle).expect("text");
    let end = "-----END CERTIFICATE-----\n";
    let (root, _) = bundle.split_once(end).expect("a root");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (good, bad) = (folder.join("roots"), folder.join("no-roots"));
    let (one, none) = (good.join("one.pem"), bad.join("text.pem"));
    let filling = "#\n".repeat(FILLING / 2);
    for (folder, file, text) in [
        (&good, &one, format!("{filling}{root}{end}")),
        (&bad, &none, "# no roots here\n".to_owned()),
    ] {
        fs::create_dir_all(folder).expect("a folder");
        fs::write(file, text).expect("a file");
    }
    for (name, path, least) in [
        ("UNHEARD_OF", &one, bundle.len()),
        ("AWS_CA_BUNDLE", &one, FILLING),
        ("SSL_CERT_FILE", &one, FILLING),
        ("SSL_CERT_DIR", &good, FILLING),
        ("AWS_CA_BUNDLE", &none, 0),
        ("AWS_CA_BUNDLE", &bad.join("missing.pem"), 0),
    ] {
        let variable = (name, path.to_str().expect("text"));
        let bed = Bed::with(anas_pool(), &[variable]).await;
        let read = measured::bytes_read(bed.function.pid());
        let expected = least..least + LITTLE;
        assert!(
            expected.contains(&read),
            "{variable:?}: {read} of {expected:?}"
        );
    }
}
