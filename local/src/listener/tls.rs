//! TLS, with a certificate and a key from files, which are looked at anew when they have changed: a certificate is
//! renewed while the server runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum WrongTls {
    /// A file can't be read, or has something else in it.
    #[error("{}: {cause}; it must have {expected} in PEM", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What should be in it.
        expected: &'static str,
        /// What is wrong.
        cause: pem::Error,
    },
    /// The certificate and the key do not belong together, or can't be used.
    #[error("{} and {}: {cause}", certificate.display(), key.display())]
    Pair {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong.
        cause: rustls::Error,
    },
}

/// What speaks TLS with connections: with the certificate in a file, which the rest of its chain may follow, and its key.
#[derive(Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    now: Mutex<InUse>,
}

/// What is in use.
struct InUse {
    acceptor: TlsAcceptor,
    /// What the files were when they were last looked at, whether that could be used or not.
    seen: [Seen; 2],
}

/// By what a file is known to be another: when it was written, and its length. None where there is none.
type Seen = Option<(SystemTime, u64)>;

impl std::fmt::Debug for InUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InUse").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Tls {
    /// TLS with these files.
    ///
    /// # Errors
    /// Names the file that is wrong.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, WrongTls> {
        // First what they are, so that what changes while they are read is looked at again.
        let seen = [certificate, key].map(seen);
        let now = Mutex::new(InUse { acceptor: acceptor(certificate, key)?, seen });
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), now })
    }

    /// What speaks with the next connection: by the files as they are now, or where those can't be used, by what was in
    /// use before.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = [&self.certificate, &self.key].map(|file| seen(file));
        if now.seen != seen {
            now.seen = seen;
            match acceptor(&self.certificate, &self.key) {
                Ok(renewed) => {
                    now.acceptor = renewed;
                    tracing::info!(file = %self.certificate.display(), "the certificate was renewed");
                }
                Err(error) => {
                    tracing::error!(%error, "a changed certificate can't be used; the one before stays in use");
                }
            }
        }
        now.acceptor.clone()
    }
}

fn seen(file: &Path) -> Seen {
    fs::metadata(file).and_then(|file| Ok((file.modified()?, file.len()))).ok()
}

fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, WrongTls> {
    let wrong = |file: &Path, expected| {
        let file = file.to_owned();
        move |cause| WrongTls::File { file, expected, cause }
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) });
    let chain = chain.map_err(wrong(certificate, "a certificate"))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(wrong(key, "a private key"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|versions| versions.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|cause| WrongTls::Pair { certificate: certificate.to_owned(), key: key.to_owned(), cause })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
