//! The real program, as a process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The real program. It ends with the test.
pub(crate) struct Program {
    child: Child,
    log: Option<JoinHandle<String>>,
    /// Where it listens: a host and a port.
    pub(crate) address: String,
    /// What it printed at its start.
    pub(crate) printed: Vec<String>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts it, on a free port unless the arguments say where, and after a command of the shell, whose limits it
    /// inherits.
    pub(crate) fn start(before: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", &format!("{before} && exec \"$0\" --no-demo \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_deployment-status-local"))
            .args(if arguments.contains(&"--listen") { [].as_slice() } else { &["--listen", "127.0.0.1:0"] })
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // It has something to print after its address, and must be able to.
        let printed: Vec<String> = lines.take(2).collect();
        let address = printed[0].split_once("://").unwrap().1.to_owned();
        Self { child, log: Some(log), address, printed }
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

    /// Its exit code when it ended by itself, which it must do within this time, and what it logged.
    pub(crate) fn end(mut self, within: Duration) -> (Option<i32>, String) {
        let started = Instant::now();
        while started.elapsed() < within {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), self.log.take().unwrap().join().unwrap());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it has not ended");
    }
}
