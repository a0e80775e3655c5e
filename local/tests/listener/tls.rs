//! TLS, with a certificate that is made for the occasion.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use local::listener::{Admission, Limits, Tls};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::program::Program;
use super::{HANGS, Opened, rest};

/// A certificate for `localhost`, in files.
struct Files {
    _folder: TempDir,
    certificate: PathBuf,
    key: PathBuf,
    trusted: CertificateDer<'static>,
}

fn files() -> Files {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("server.pem"), folder.path().join("server.key"));
    std::fs::write(&certificate, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    Files { _folder: folder, certificate, key, trusted: cert.der().clone() }
}

/// The answer to a GET over TLS.
async fn get(address: &str, path: &str, trusted: &CertificateDer<'static>) -> String {
    ask(address, "GET", path, "", trusted).await
}

/// A connection over TLS, or none where its certificate is another.
async fn connect(address: &str, trusted: &CertificateDer<'static>) -> Option<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()
}

/// The answer to a request over TLS.
async fn ask(address: &str, method: &str, path: &str, body: &str, trusted: &CertificateDer<'static>) -> String {
    let mut stream = connect(address, trusted).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn it_speaks_tls_and_bounds_the_handshake() {
    let files = files();
    let tls = Arc::new(Tls::open(&files.certificate, &files.key).unwrap());
    let patience = Duration::from_millis(500);
    let limits = Limits { connections: 1, patience, grace: patience };
    let listener = Opened::with(limits, Admission::default(), Some(tls)).await;
    // Its handshake is a connection, and ends.
    let mut silent = listener.connect().await;
    rest(&mut silent).await;
    let answer =
        tokio::time::timeout(HANGS, get(&listener.address.to_string(), "/healthz", &files.trusted)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let plain = listener.answer("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(!plain.contains("HTTP/1.1 200"), "{plain}");
    listener.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_https_and_answers_with_such_addresses() {
    let files = files();
    let (certificate, key) = (files.certificate.to_str().unwrap(), files.key.to_str().unwrap());
    let program = Program::start("true", &["--tls-cert", certificate, "--tls-key", key]);
    assert!(program.printed.iter().all(|line| line.contains("https://")), "{:?}", program.printed);
    let event = "{\"deploymentId\": \"d-1\", \"service\": \"cart\", \"environment\": \"production\", \
                 \"status\": \"COMPLETED\", \"version\": \"1\"}";
    let recorded = ask(&program.address, "POST", "/v1/events", event, &files.trusted).await;
    assert!(recorded.starts_with("HTTP/1.1 201"), "{recorded}");
    let trail = get(&program.address, "/v1/deployments/d-1/events?format=cdevents", &files.trusted).await;
    assert!(trail.contains("https://localhost"), "{trail}");
}

#[test]
fn wrong_files_are_named_at_the_start() {
    let files = files();
    let other = self::files();
    let missing = files.certificate.with_file_name("missing.pem");
    let start = |certificate: &PathBuf, key: &PathBuf| {
        let output = Command::new(env!("CARGO_BIN_EXE_deployment-status-local"))
            .args(["--listen", "127.0.0.1:0", "--no-demo", "--tls-cert"])
            .args([certificate.as_os_str(), "--tls-key".as_ref(), key.as_os_str()])
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = start(&missing, &files.key);
    assert!(said.contains("missing.pem"), "{said}");
    let said = start(&files.key, &files.key);
    assert!(said.contains("server.key") && said.contains("it must have a certificate in PEM"), "{said}");
    let said = start(&files.certificate, &files.certificate);
    assert!(said.contains("server.pem") && said.contains("it must have a private key in PEM"), "{said}");
    let said = start(&files.certificate, &other.key);
    assert!(said.contains("server.pem and ") && said.contains("server.key"), "{said}");
}

/// With the real program: it takes a renewed certificate, keeps what it has where the new one can't be used, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_and_a_wrong_one_is_not() {
    let [first, second, third] = [files(), files(), files()];
    let (certificate, key) = (first.certificate.to_str().unwrap(), first.key.to_str().unwrap());
    let program = Program::start("true", &["--log-level", "info", "--tls-cert", certificate, "--tls-key", key]);
    let address = &program.address;
    // Files that are written within one tick of the clock of the file system are told apart by it too.
    let pause = || tokio::time::sleep(Duration::from_millis(50));
    let put = |from: &PathBuf, to: &PathBuf| {
        let new = to.with_extension("new");
        std::fs::copy(from, &new).unwrap();
        std::fs::rename(new, to).unwrap();
    };
    let answers_with = async |files: &Files| {
        pause().await;
        for other in [&first, &second, &third] {
            let connected = connect(address, &other.trusted).await.is_some();
            assert_eq!(connected, other.trusted == files.trusted);
        }
        assert!(get(address, "/healthz", &files.trusted).await.starts_with("HTTP/1.1 200"));
    };
    answers_with(&first).await;
    // A connection that is open stays.
    let mut open = connect(address, &first.trusted).await.unwrap();
    // Half of a renewal, then all of it.
    put(&second.certificate, &first.certificate);
    answers_with(&first).await;
    put(&second.key, &first.key);
    answers_with(&second).await;
    // No certificate, none at all, and one that is right again.
    std::fs::write(&first.certificate, "half a certifi").unwrap();
    answers_with(&second).await;
    std::fs::remove_file(&first.certificate).unwrap();
    answers_with(&second).await;
    put(&third.certificate, &first.certificate);
    put(&third.key, &first.key);
    answers_with(&third).await;
    open.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    open.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    program.signal("TERM");
    let log = tokio::task::spawn_blocking(move || program.end(HANGS).1).await.unwrap();
    // Once for each change, however many connections there were.
    assert_eq!(log.matches("the one before stays in use").count(), 3, "{log}");
    assert_eq!(log.matches("the certificate was renewed").count(), 2, "{log}");
}
