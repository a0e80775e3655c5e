//! The real server, as a process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// The running server. It stops with the test.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server on a free port. Returns its address, and what it printed until it listened.
pub(crate) fn start(arguments: &[&str]) -> (Running, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_deployment-status-local"))
        .args(["--listen", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let running = Running(child);
    let mut printed = String::new();
    for line in stdout.lines() {
        let line = line.unwrap();
        printed.push_str(&line);
        printed.push('\n');
        if line.starts_with("Try:") {
            break;
        }
    }
    let address = printed.split("http://").nth(1).unwrap().lines().next().unwrap().to_owned();
    (running, address, printed)
}
