//! The provider's process: `tests/oidc/provider.mjs`, which says what it can be told.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

pub(super) struct Provider {
    /// Where it listens, without TLS: `http://127.0.0.1:<port>`.
    pub(super) endpoint: String,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Provider {
    pub(super) async fn run() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/oidc/provider.mjs");
        assert!(script.is_file(), "{} is missing: tests/oidc/install", script.display());
        let mut node = Command::new("node");
        node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = node.spawn().expect("Node");
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut provider = Self { endpoint: String::new(), input, output, _process: process };
        provider.endpoint = format!("http://127.0.0.1:{}", provider.line().await);
        provider
    }

    pub(super) async fn command(&mut self, command: &Value) {
        self.input.write_all(format!("{command}\n").as_bytes()).await.unwrap();
        // What the provider itself says of its configuration comes before.
        while let said = self.line().await
            && said != "done"
        {
            assert!(!said.starts_with("failed"), "{command}: {said}");
        }
    }

    async fn line(&mut self) -> String {
        let line = timeout(Duration::from_mins(1), self.output.next_line()).await;
        line.expect("the provider answers").unwrap().expect("the provider goes on")
    }
}
