//! A call of `open` that runs, and a browser that asks it: bytes over a socket, so that each header is as chosen.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ExitStatus, Stdio};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::called::Shell;

/// How long to wait for what takes a moment.
const PATIENCE: Duration = Duration::from_secs(30);

/// A call of `open` that runs.
pub(crate) struct Opened {
    child: Child,
    stderr: Option<JoinHandle<String>>,
    /// What it printed.
    pub(crate) printed: Value,
    pub(crate) port: u16,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, in their order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Opened {
    /// Starts `open` with these words, without a browser.
    pub(crate) fn by(shell: &Shell, words: &[&str]) -> Self {
        let words = [&["open", "--no-browser", "-o", "json"], words].concat();
        let mut command = shell.command(&words);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let stderr = child.stderr.take().unwrap();
        let stderr = spawn(move || read(stderr));
        let Ok(printed) = serde_json::from_str::<Value>(&line) else {
            panic!("{words:?} printed {line:?}: {}", stderr.join().unwrap())
        };
        let port = printed["origin"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
        Self { child, stderr: Some(stderr), printed, port }
    }

    /// Starts it for the server at this address.
    pub(crate) fn at(url: &str) -> Self {
        Self::by(&Shell::at(url), &[])
    }

    /// The path and query of the first address.
    pub(crate) fn first_target(&self) -> &str {
        let address = self.printed["address"].as_str().unwrap();
        address.strip_prefix(&self.origin()).unwrap()
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Opens the first address, and returns the cookie as a browser sends it.
    pub(crate) fn enter(&self) -> String {
        let entered = self.ask("GET", self.first_target(), &[], b"");
        assert_eq!(entered.status, 303, "{entered:?}");
        let cookie = entered.header("set-cookie").unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Asks with its own `Host` and these headers.
    pub(crate) fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let host = format!("127.0.0.1:{}", self.port);
        self.ask_exactly(method, target, &[&[("Host", host.as_str())], headers].concat(), body)
    }

    /// Asks with these headers, and with no others but those of the body.
    pub(crate) fn ask_exactly(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() {
            write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        // Whoever is refused by the head may find nobody who takes the body.
        let _ = stream.write_all(body);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(&bytes)
    }

    /// Asks as a browser does that was here before, for a page.
    pub(crate) fn page(&self, cookie: &str, target: &str) -> Answer {
        let headers = [
            ("Cookie", cookie),
            ("Accept", "text/html,application/xhtml+xml"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Sec-Fetch-Mode", "navigate"),
        ];
        self.ask("GET", target, &headers, b"")
    }

    /// Sends what one of our own pages sends.
    pub(crate) fn write(&self, cookie: &str, target: &str, kind: &str, body: &[u8]) -> Answer {
        let origin = self.origin();
        let headers = [
            ("Cookie", cookie),
            ("Accept", "text/html"),
            ("Content-Type", kind),
            ("Origin", origin.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        self.ask("POST", target, &headers, body)
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Waits until it has ended; returns how, after how long, and what it printed to stderr.
    pub(crate) fn ended(mut self) -> (ExitStatus, Duration, String) {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            sleep(Duration::from_millis(10));
        };
        (status, begun.elapsed(), self.stderr.take().unwrap().join().unwrap())
    }

    /// Ends it, and returns what it printed to stderr.
    pub(crate) fn stop(self) -> String {
        self.signal("-TERM");
        self.ended().2
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }

    /// A header that is there at most once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
        let first = found.next();
        assert_eq!(found.next(), None, "{name}: {self:?}");
        first
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

fn read(mut stderr: ChildStderr) -> String {
    let mut text = String::new();
    stderr.read_to_string(&mut text).unwrap();
    text
}
