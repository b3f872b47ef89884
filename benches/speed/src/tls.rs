//! TLS and a distance in front of a plain-HTTP server.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, RsaKeySize,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
};
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

/// A certificate authority for one run: a root, and what it lets sign, all RSA of 2,048 bits as Amazon's own are.
pub(crate) struct Authority {
    root_pem: String,
    intermediate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let (root_key, root_params) = (rsa_key(), authority_params("Root of make bench"));
        let root = root_params.self_signed(&root_key).expect("a certificate");
        let root_issuer = Issuer::new(root_params, root_key);
        let (key, params) = (rsa_key(), authority_params("Authority of make bench"));
        let intermediate = params.signed_by(&key, &root_issuer).expect("a certificate");
        Self {
            root_pem: root.pem(),
            intermediate: intermediate.into(),
            issuer: Issuer::new(params, key),
        }
    }

    /// The certificate that clients have to trust.
    pub(crate) fn root_pem(&self) -> &str {
        &self.root_pem
    }

    fn acceptor(&self) -> TlsAcceptor {
        let key = rsa_key();
        let mut params = CertificateParams::new([HOST.to_owned()]).expect("a name");
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key in PKCS #8");
        let chain = vec![certificate.into(), self.intermediate.clone()];
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a key that fits");
        TlsAcceptor::from(Arc::new(config))
    }
}

fn rsa_key() -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key")
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Python's strict verification asks for it.
    params.use_authority_key_identifier_extension = true;
    params
}

/// A listener that ends TLS `round_trip` away and passes what it hears on.
pub(crate) struct Front {
    url: String,
}

impl Front {
    pub(crate) async fn start(
        authority: &Authority,
        behind: SocketAddr,
        round_trip: Duration,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("https://{HOST}:{}", listener.local_addr()?.port());
        let acceptor = authority.acceptor();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                // A client that goes away is no concern of the front's.
                tokio::spawn(async move { serve(client, acceptor, behind, round_trip).await });
            }
        });
        Ok(Self { url })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
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
    let accepted = Instant::now();
    let (near, far) = duplex(BUFFER);
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = split(far);
    let (done, delayed, returned) = tokio::join!(
        terminate(near, acceptor, behind),
        delay(from_client, to_server, accepted, round_trip),
        tokio::io::copy(&mut from_server, &mut to_client),
    );
    done.and(delayed).and(returned.map(drop))
}

/// Passes bytes on one `round_trip` after they came, none before the connection is open at the far end. Answers
/// return without delay: what a client sees of a distance is the sum of both ways.
async fn delay(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    accepted: Instant,
    round_trip: Duration,
) -> io::Result<()> {
    let (sender, mut under_way) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let reading = async move {
        loop {
            let mut bytes = Vec::with_capacity(BUFFER);
            if from.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
            let sent = Instant::now().max(accepted + round_trip);
            // Fails only when the writing has failed, which is told there.
            let _ = sender.send((sent + round_trip, bytes));
        }
    };
    let writing = async move {
        while let Some((due, bytes)) = under_way.recv().await {
            wait_until(due).await;
            to.write_all(&bytes).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(reading, writing).map(drop)
}

/// Waits on a thread: Tokio's timer rounds up to whole milliseconds.
async fn wait_until(due: Instant) {
    let waiting = tokio::task::spawn_blocking(move || {
        thread::sleep(due.saturating_duration_since(Instant::now()));
    });
    let _ = waiting.await;
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
