//! Runs the binary in a terminal, and reads the screen.

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::spawn;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::{Parser, Screen};

use crate::called::Shell;

/// A terminal in which a call is running.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

struct Seen {
    parser: Parser,
    bytes: Vec<u8>,
    closed: bool,
}

/// How a call in a terminal ended, and what it left there.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) code: u32,
    /// What the screen shows, without what is empty at the end.
    pub(crate) screen: String,
    /// How many lines have left the screen at its top.
    pub(crate) scrolled: usize,
    pub(crate) cursor: bool,
    /// All that was written to the terminal.
    pub(crate) bytes: Vec<u8>,
}

/// How long something is waited for that should come at once: a test that hangs is a test that fails.
const PATIENCE: Duration = Duration::from_mins(1);

impl Terminal {
    /// A terminal of this size with these words called in it, below what `before` shows.
    pub(crate) fn open(shell: &Shell, size: (u16, u16), before: &str, words: &[&str]) -> Self {
        Self::running(&shell.command(words), size, before)
    }

    /// A terminal of this size with this in it, in the environment that it was given and no other.
    pub(crate) fn running(command: &Command, (rows, columns): (u16, u16), before: &str) -> Self {
        let pair = native_pty_system().openpty(size(rows, columns)).unwrap();
        let mut call = CommandBuilder::new(command.get_program());
        call.env_clear();
        call.args(command.get_args());
        for (name, value) in command.get_envs() {
            call.env(name, value.unwrap());
        }
        let mut parser = Parser::new(nonzero(rows), nonzero(columns), 1000);
        parser.process(before.replace('\n', "\r\n").as_bytes());
        let seen = Arc::new((Mutex::new(Seen { parser, bytes: Vec::new(), closed: false }), Condvar::new()));
        let child = pair.slave.spawn_command(call).unwrap();
        drop(pair.slave);
        let (mut reader, keys) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
        let screen = Arc::clone(&seen);
        spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                // Linux reports the end of the other side as an error.
                let read = reader.read(&mut bytes).unwrap_or(0);
                let (seen, changed) = &*screen;
                let mut seen = seen.lock().unwrap();
                seen.parser.process(&bytes[..read]);
                seen.bytes.extend(&bytes[..read]);
                seen.closed = read == 0;
                changed.notify_all();
                if seen.closed {
                    return;
                }
            }
        });
        Self { master: pair.master, keys, child, seen }
    }

    /// Waits until the screen shows what is wanted.
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&Screen) -> bool) {
        let seen = self.wait(|seen| wanted(seen.parser.screen()) || seen.closed);
        assert!(wanted(seen.parser.screen()), "{what}; it shows:\n{}", contents(seen.parser.screen()));
    }

    /// Waits until the screen has this text.
    pub(crate) fn until_shown(&self, text: &str) {
        self.until(text, |screen| contents(screen).contains(text));
    }

    /// What the screen shows now, without what is empty at the end.
    pub(crate) fn shows(&self) -> String {
        contents(self.seen.0.lock().unwrap().parser.screen())
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
        self.keys.flush().unwrap();
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.process_id().unwrap(), name);
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        let mut seen = self.seen.0.lock().unwrap();
        self.master.resize(size(rows, columns)).unwrap();
        seen.parser.screen_mut().set_size(nonzero(rows), nonzero(columns));
    }

    /// Waits until the call has ended.
    pub(crate) fn left(mut self) -> Left {
        drop(self.wait(|seen| seen.closed));
        let code = self.child.wait().unwrap().exit_code();
        let seen = self.seen.0.lock().unwrap();
        let screen = seen.parser.screen();
        Left {
            code,
            screen: contents(screen),
            scrolled: screen.scrollback_len(),
            cursor: !screen.hide_cursor(),
            bytes: seen.bytes.clone(),
        }
    }

    fn wait(&self, enough: impl Fn(&Seen) -> bool) -> std::sync::MutexGuard<'_, Seen> {
        let (seen, changed) = &*self.seen;
        let seen = seen.lock().unwrap();
        let (seen, waited) = changed.wait_timeout_while(seen, PATIENCE, |seen| !enough(seen)).unwrap();
        assert!(!waited.timed_out(), "waited in vain; it shows:\n{}", contents(seen.parser.screen()));
        seen
    }
}

/// A test that fails leaves nothing running.
impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

impl Left {
    /// Whether colour or another style was printed.
    pub(crate) fn painted(&self) -> bool {
        let text = String::from_utf8_lossy(&self.bytes);
        text.split("\u{1b}[").skip(1).any(|code| code.trim_start_matches(|c: char| !c.is_alphabetic()).starts_with('m'))
    }
}

/// What a screen shows, without what is empty at the end of it and of its lines.
fn contents(screen: &Screen) -> String {
    let contents = screen.contents();
    let lines: Vec<&str> = contents.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// Sends a signal to a process.
pub(crate) fn signal(process: u32, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status().unwrap();
    assert!(sent.success());
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn nonzero(size: u16) -> NonZeroU16 {
    NonZeroU16::new(size).unwrap()
}
