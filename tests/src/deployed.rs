//! The binaries as they are deployed: each a process of its own under the Runtime API, with the
//! variables that the template sets, calling AWS over HTTPS.

use std::path::{Path, PathBuf};

use crate::embedded::Embedded;
use tempfile::NamedTempFile;
use tokio::process::Command;

use crate::https::Https;
use crate::published::Published;
use crate::runtime_api::Function;

/// What both binaries find in AWS.
pub struct Deployed {
    /// The database.
    pub embedded: Embedded,
    /// Metrics and notifications.
    pub published: Published,
    /// HTTPS in front of all of them, with the authority that the binaries trust.
    pub https: Https,
    variables: Vec<(&'static str, String)>,
    _trusted: NamedTempFile,
}

#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
impl Deployed {
    /// A new system with an empty database, for each [`binary`] of this build. They trust
    /// the authorities of `trusted` (PEM) besides the one made for the occasion.
    pub async fn new(trusted: &str) -> Self {
        let embedded = Embedded::start(None).await.expect("the embedded database");
        let published = Published::start().await;
        let https = Https::default();
        let bundle = NamedTempFile::new().expect("a temporary file");
        std::fs::write(bundle.path(), format!("{trusted}\n{}", https.authority)).expect("a temporary file");
        let variables = vec![
            ("HISTORY_TABLE", embedded.tables.history.clone()),
            ("STATE_TABLE", embedded.tables.state.clone()),
            ("TOPIC_ARN", "arn:aws:sns:local:000000000000:deployments".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", https.front(&embedded.endpoint).await),
            ("AWS_ENDPOINT_URL_CLOUDWATCH", https.front(&published.endpoint).await),
            ("AWS_ENDPOINT_URL_SNS", https.front(&published.endpoint).await),
            ("SSL_CERT_FILE", bundle.path().to_string_lossy().into_owned()),
        ];
        Self { embedded, published, https, variables, _trusted: bundle }
    }

    /// Starts the binary of this name and waits until it is idle.
    pub async fn start(&self, name: &str) -> Function {
        self.start_with(name, &[]).await
    }

    /// The same with further variables.
    pub async fn start_with(&self, name: &str, more: &[(&'static str, String)]) -> Function {
        self.run(Command::new(binary(name)), more).await
    }

    /// Runs any command as a function, with the variables of the binaries and `more`, and waits until
    /// it is idle.
    pub async fn run(&self, command: Command, more: &[(&'static str, String)]) -> Function {
        let variables = [&self.variables, more].concat();
        let mut function = Function::run(command, &variables).await;
        function.started().await;
        function
    }
}

/// The binary of this name: in the folder `LAMBDA_BINARIES`, or of the same build as the test that
/// asks, which Cargo puts into the folder above the test's own (`target/debug`).
#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    if let Some(folder) = std::env::var_os("LAMBDA_BINARIES") {
        return binary_in(Path::new(&folder), name);
    }
    let test = std::env::current_exe().expect("the path of the test itself");
    binary_in(test.parent().and_then(Path::parent).expect("a folder of the build"), name)
}

/// The binary of this name in a folder: as cargo-lambda leaves it there, or as Cargo does.
#[must_use]
pub fn binary_in(folder: &Path, name: &str) -> PathBuf {
    let bootstrap = folder.join(name).join("bootstrap");
    if bootstrap.exists() { bootstrap } else { folder.join(name) }
}
