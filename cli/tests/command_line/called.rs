//! Calls the binary as a user would, in its own environment.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A user's shell: nothing of this machine's environment is in it, and its home is empty.
pub(crate) struct Shell {
    pub(crate) home: TempDir,
    variables: Vec<(String, String)>,
}

/// What a call printed, and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Called {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_deployment-status");

impl Shell {
    /// One in which the API is at this address.
    pub(crate) fn at(url: &str) -> Self {
        Self::empty().with("DEPLOYMENT_STATUS_URL", url)
    }

    /// One in which nothing says where the API is.
    pub(crate) fn empty() -> Self {
        let home = tempfile::tempdir().unwrap();
        let shell = Self { home, variables: Vec::new() };
        let home = shell.home.path().display().to_string();
        // Without this, credentials would be looked for at the address of a metadata service.
        shell.with("HOME", &home).with("TZ", "UTC").with("LANG", "C.UTF-8").with("AWS_EC2_METADATA_DISABLED", "true")
    }

    /// The same with a variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes the config file.
    pub(crate) fn configure(&self, text: &str) {
        let folder = self.home.path().join(".config/deployment-status");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// The call of these words, ready to be started.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        self.other(BINARY, words)
    }

    /// The call of another program in the same environment.
    pub(crate) fn other(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value))).args(words);
        command
    }

    /// Calls it with these words.
    pub(crate) fn call(&self, words: &[&str]) -> Called {
        self.command(words).stdin(Stdio::null()).output().unwrap().into()
    }

    /// Calls it with these words and this on stdin.
    pub(crate) fn call_with(&self, words: &[&str], stdin: &str) -> Called {
        let mut command = self.command(words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A call that ends before it has read all of it is judged by how it ends.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        child.wait_with_output().unwrap().into()
    }
}

impl From<Output> for Called {
    fn from(output: Output) -> Self {
        Self {
            // Ended by a signal: as shells say it.
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Called {
    /// The stdout of a call that must have succeeded, and said nothing else.
    pub(crate) fn succeeded(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// The stderr of a call that must have ended with this code, and printed nothing.
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{}", self.stderr);
        self.stderr
    }
}
