//! What is measured: a server on a new file. It ends with this value.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

/// A running server.
pub(crate) struct Server {
    child: Child,
    /// `127.0.0.1:9000`.
    pub(crate) address: String,
}

impl Server {
    /// The server of one machine.
    pub(crate) fn local(binary: &Path, file: &Path) -> Self {
        Self::start(Command::new(binary).args(["--listen", "127.0.0.1:0", "--data"]).arg(file))
    }

    /// The recorder in Node.
    pub(crate) fn node(file: &Path) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/one_machine/node/recorder.js");
        Self::start(Command::new("node").arg(script).arg(file))
    }

    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut addresses =
            lines.map_while(Result::ok).filter_map(|line| Some(line.split_once("http://")?.1.to_owned()));
        let address = addresses.next().expect("where it listens; is everything installed?");
        // Whoever writes where nobody reads any more is ended.
        thread::spawn(move || addresses.for_each(drop));
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
