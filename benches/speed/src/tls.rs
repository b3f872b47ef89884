//! TLS and a distance in front of a plain-HTTP server.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tokio::{
    io::{
        AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional, duplex,
        split,
    },
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;

const HOST: &str = "localhost";
const BUFFER: usize = 16 * 1024;

/// The certificate of a run, with a key as Amazon's certificates have: RSA of 2,048 bits.
pub(crate) struct ServerIdentity {
    /// The certificate that clients have to trust.
    pub(crate) pem: String,
    acceptor: TlsAcceptor,
}

impl ServerIdentity {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
        let mut params = CertificateParams::new([HOST.to_owned()]).expect("a name");
        // Python's strict verification asks for it.
        params.use_authority_key_identifier_extension = true;
        let certificate = params.self_signed(&key).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key in PKCS #8");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a key that fits");
        Self {
            pem: certificate.pem(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }
}

/// Listens where TLS ends `round_trip` away, and passes what it hears on. Returns the URL.
pub(crate) async fn front(
    identity: &ServerIdentity,
    behind: SocketAddr,
    round_trip: Duration,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a loopback port");
    let port = listener.local_addr().expect("an address").port();
    let acceptor = identity.acceptor.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            // A client that goes away is no concern of the front's.
            tokio::spawn(async move { serve(client, acceptor, behind, round_trip).await });
        }
    });
    format!("https://{HOST}:{port}")
}

async fn serve(
    client: TcpStream,
    acceptor: TlsAcceptor,
    behind: SocketAddr,
    round_trip: Duration,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    if round_trip.is_zero() {
        return terminate(client, acceptor, behind).await;
    }
    // The kernel has accepted the connection at once; over a distance that takes a round trip too.
    let open = Instant::now() + round_trip;
    let (near, far) = duplex(BUFFER);
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = split(far);
    let (done, delayed, returned) = tokio::join!(
        terminate(near, acceptor, behind),
        delay(from_client, to_server, open, round_trip),
        tokio::io::copy(&mut from_server, &mut to_client),
    );
    done.and(delayed).and(returned.map(drop))
}

/// Passes bytes on one `round_trip` after they came, none before the connection is `open` at the far end. Answers
/// return without delay: what a client sees of a distance is the sum of both ways.
async fn delay(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    open: Instant,
    round_trip: Duration,
) -> io::Result<()> {
    let (sender, mut under_way) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let reading = async move {
        loop {
            let mut bytes = Vec::with_capacity(BUFFER);
            if from.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
            // Fails only when the writing has failed, which is told there.
            let _ = sender.send((Instant::now().max(open) + round_trip, bytes));
        }
    };
    let writing = async move {
        while let Some((due, bytes)) = under_way.recv().await {
            // On a thread: Tokio's timer rounds up to whole milliseconds.
            let wait = move || thread::sleep(due.saturating_duration_since(Instant::now()));
            let _ = tokio::task::spawn_blocking(wait).await;
            to.write_all(&bytes).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(reading, writing).map(drop)
}

async fn terminate(
    client: impl AsyncRead + AsyncWrite + Unpin,
    acceptor: TlsAcceptor,
    behind: SocketAddr,
) -> io::Result<()> {
    let mut client = acceptor.accept(client).await?;
    let mut server = TcpStream::connect(behind).await?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
