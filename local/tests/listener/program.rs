//! The real program, as a process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::HANGS;

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
        Self::try_start(before, arguments).unwrap_or_else(|(code, log)| panic!("it ended with {code:?}: {log}"))
    }

    /// The same, or its exit code and its log when it does not start.
    pub(crate) fn try_start(before: &str, arguments: &[&str]) -> Result<Self, (Option<i32>, String)> {
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
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (start, started) = channel();
        std::thread::spawn(move || {
            let mut printed = Vec::new();
            // It has something to print after its address, and must be able to.
            while !printed.last().is_some_and(|line: &String| line.starts_with("Try:")) {
                let Some(line) = lines.next() else { break };
                printed.push(line);
            }
            let _ = start.send(printed);
        });
        let mut program = Self { child, log: Some(log), address: String::new(), printed: Vec::new() };
        program.printed = started.recv_timeout(HANGS).expect("it starts or it ends");
        match program.printed.iter().find_map(|line| line.split_once(" listens on ")) {
            Some((_, address)) => {
                program.address = address.split_once("://").unwrap().1.to_owned();
                Ok(program)
            }
            None => Err(program.end(HANGS)),
        }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without asking.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// A connection, if it takes one.
    pub(crate) fn connect(&self) -> Option<TcpStream> {
        let stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(HANGS)).ok()?;
        Some(stream)
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

/// Runs another of its commands on a file. Answers its exit code, and what it printed and logged.
pub(crate) fn run_on(file: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deployment-status-local"));
    let output = command.arg("--data").arg(file).args(arguments).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(printed).unwrap())
}
