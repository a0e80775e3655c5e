//! TLS, with a certificate and a key from files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// What speaks TLS with a connection: with this certificate, which the rest of its chain may follow, and its key.
///
/// # Errors
/// Names the file that is wrong.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, WrongTls> {
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
