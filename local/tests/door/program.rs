//! The real program, as a process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The real program. It ends with the test.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts it, after a command of the shell that it inherits the limits of.
    pub(crate) fn start(before: &str) -> Self {
        let script = format!("{before} && exec \"$0\" --listen 127.0.0.1:0 --no-demo");
        let mut child = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_deployment-status-local")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // It has something to print after its address, and must be able to.
        let printed: Vec<String> = lines.take(2).collect();
        let address = printed[0].split_once("http://").unwrap().1.to_owned();
        Self { child, address }
    }

    /// A connection that has sent this.
    pub(crate) fn sent(&self, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        stream
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// How it ended, which it must do within this time, and what it logged.
    pub(crate) fn end(mut self, within: Duration) -> (Option<i32>, String) {
        let started = Instant::now();
        while started.elapsed() < within {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut log = String::new();
                self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
                return (status.code(), log);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it has not ended");
    }
}
