//! Which root certificates a start reads. What a process has read is counted by the kernel.

use std::{fs, path::Path};

use testbed::measured;

use crate::support::*;

/// What else a start reads, at most: the names of hosts, the heads of libraries.
const LITTLE: usize = 32 * 1024;

/// How many bytes a function has read once it has settled.
async fn read_at_start(variables: &[(&str, &str)]) -> usize {
    let bed = Bed::with(anas_pool(), variables).await;
    measured::bytes_read(bed.function.pid())
}

#[tokio::test]
async fn the_bundle_is_read_and_no_folder_of_the_same_roots() {
    let bundle = openssl_probe::probe().cert_file.expect("roots here");
    let bundle = fs::read(bundle).expect("a file").len();
    let read = read_at_start(&[]).await;
    let expected = bundle..bundle + LITTLE;
    assert!(expected.contains(&read), "{read} is not in {expected:?}");
}

#[tokio::test]
async fn a_file_or_folder_that_the_environment_names_is_read_instead() {
    const FILLING: usize = 1 << 20;
    let bundle = openssl_probe::probe().cert_file.expect("roots here");
    let bundle = fs::read_to_string(bundle).expect("text");
    let (_, root) = bundle.split_once("-----BEGIN").expect("a root");
    let (root, _) = root.split_once("-----END").expect("a whole one");

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("roots");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("one.pem");
    let filling = "#\n".repeat(FILLING / 2);
    fs::write(
        &file,
        format!("{filling}-----BEGIN{root}-----END CERTIFICATE-----\n"),
    )
    .expect("a file");
    for (name, path) in [
        ("AWS_CA_BUNDLE", &file),
        ("SSL_CERT_FILE", &file),
        ("SSL_CERT_DIR", &folder),
    ] {
        let read = read_at_start(&[(name, path.to_str().expect("text"))]).await;
        let expected = FILLING..FILLING + LITTLE;
        assert!(expected.contains(&read), "{name}: {read}");
    }
}

/// A company that names its own roots trusts no others: a proxy that it does not know must not be let in.
#[tokio::test]
async fn where_the_named_file_cannot_be_used_no_roots_are_read_instead() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-roots");
    fs::create_dir_all(&folder).expect("a folder");
    let text = folder.join("text.pem");
    fs::write(&text, "# no roots here\n").expect("a file");
    for file in [text, folder.join("missing.pem")] {
        let read = read_at_start(&[("AWS_CA_BUNDLE", file.to_str().expect("text"))]).await;
        assert!(read < LITTLE, "{}: {read}", file.display());
    }
}
