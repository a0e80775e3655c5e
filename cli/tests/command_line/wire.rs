//! Servers below HTTP: they send chosen bytes, use TLS, or forward connections.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::spawn;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::server::runtime;

/// A server that answers each connection with bytes, and closes it.
pub(crate) struct Raw {
    pub(crate) url: String,
    connections: Arc<AtomicUsize>,
}

impl Raw {
    /// One that answers as `answer` says, given how many connections came before; nothing is silence.
    pub(crate) fn answering(answer: impl Fn(usize) -> Option<Vec<u8>> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        spawn(move || {
            let mut silent = Vec::new();
            for connection in listener.incoming() {
                let connection = connection.unwrap();
                match answer(counted.fetch_add(1, Ordering::SeqCst)) {
                    Some(bytes) => drop(spawn(move || reply(connection, &bytes))),
                    None => silent.push(connection),
                }
            }
        });
        Self { url: format!("http://{address}"), connections }
    }

    /// One that always answers the same.
    pub(crate) fn always(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::answering(move |_| Some(bytes.clone()))
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Answers a request, and closes the connection.
fn reply(mut connection: TcpStream, bytes: &[u8]) {
    read_head(&mut connection);
    // The client may close the connection first.
    let _ = connection.write_all(bytes).and_then(|()| connection.shutdown(Shutdown::Write));
    // What was not read would cut the answer off.
    let _ = std::io::copy(&mut connection, &mut std::io::sink());
}

/// Reads to the end of a request's head, or of a TLS client's first words.
fn read_head(connection: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && head.first() != Some(&0x16) && connection.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// TLS in front of a server: it ends TLS and passes the bytes on.
pub(crate) struct Https {
    pub(crate) address: SocketAddr,
    /// The certificate of the authority to trust, in PEM.
    pub(crate) authority: String,
}

impl Https {
    /// In front of the server at this address, with a certificate for this name.
    pub(crate) fn of(name: &str, behind: &str) -> Self {
        let listener = runtime().block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, format!("the authority of {address}"));
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(server));
        let behind = behind.trim_start_matches("http://").to_owned();
        runtime().spawn(async move {
            while let Ok((outside, _)) = listener.accept().await {
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    let mut outside = acceptor.accept(outside).await?;
                    let mut inside = tokio::net::TcpStream::connect(behind).await?;
                    tokio::io::copy_bidirectional(&mut outside, &mut inside).await
                });
            }
        });
        Self { address, authority: authority.pem() }
    }
}

/// A proxy: whatever host a client names, it is led to the same server.
pub(crate) struct Proxy {
    pub(crate) url: String,
    requests: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Proxy {
    /// One that leads to this address.
    pub(crate) fn to(behind: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(std::sync::Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        spawn(move || {
            for outside in listener.incoming() {
                let mut outside = outside.unwrap();
                let head = read_head(&mut outside);
                log.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
                let inside = TcpStream::connect(behind).unwrap();
                outside.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
                for (mut from, mut to) in [
                    (outside.try_clone().unwrap(), inside.try_clone().unwrap()),
                    (inside.try_clone().unwrap(), outside.try_clone().unwrap()),
                ] {
                    spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Write);
                    });
                }
            }
        });
        Self { url, requests }
    }

    /// The first line of each request.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}
