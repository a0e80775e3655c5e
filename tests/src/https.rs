//! HTTPS in front of a server on this machine, since AWS is called over nothing else: it ends TLS
//! and passes the bytes on. Its certificates are made for the occasion.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A certificate for `localhost`, and what listens with it. It ends when this value does.
pub struct Https {
    /// The certificate of the authority to trust, in PEM.
    pub authority: String,
    acceptor: TlsAcceptor,
    fronts: Mutex<JoinSet<()>>,
}

impl Default for Https {
    fn default() -> Self {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate for self-signed when its name is that of who signed it.
        authority.distinguished_name.push(DnType::CommonName, "an authority of tests");
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let certificate = certificate.signed_by(&key, &authority).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("the key");
        let mut server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("the certificate's own key");
        // As DynamoDB does: the SDK would rather speak HTTP/2.
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { authority: authority.pem(), acceptor: TlsAcceptor::from(Arc::new(server)), fronts: Mutex::default() }
    }
}

#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
impl Https {
    /// Listens on a loopback port for the server at `endpoint` (`http://127.0.0.1:<port>`), and
    /// answers where: `https://localhost:<port>`.
    pub async fn front(&self, endpoint: &str) -> String {
        let behind = endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let port = listener.local_addr().expect("its own address").port();
        self.fronts.lock().await.spawn(listen(listener, self.acceptor.clone(), behind));
        format!("https://localhost:{port}")
    }
}

async fn listen(listener: TcpListener, acceptor: TlsAcceptor, behind: String) {
    let mut connections = JoinSet::new();
    while let Ok((outside, _)) = listener.accept().await {
        let (acceptor, behind) = (acceptor.clone(), behind.clone());
        connections.spawn(async move {
            let mut outside = acceptor.accept(outside).await?;
            let mut inside = TcpStream::connect(behind).await?;
            copy_bidirectional(&mut outside, &mut inside).await
        });
    }
}
