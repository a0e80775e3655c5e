//! Progress on stderr: one line on a terminal, redrawn, and erased at the end. Without a terminal nothing
//! is printed, so that logs have no partial lines.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};

use super::note;

/// Moves to the start of the line and erases it (ECMA-48: EL).
const ERASED: &str = "\r\x1b[K";

/// The progress of a long operation.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: bool,
    drawn: bool,
}

impl Progress {
    /// Nothing to show yet.
    pub(crate) fn new() -> Self {
        let dumb = env::var("TERM").is_ok_and(|term| term == "dumb");
        Self { shown: io::stderr().is_terminal() && !dumb, drawn: false }
    }

    /// Redraws the line. It must be erased before anything else is printed.
    pub(crate) fn draw(&mut self, text: &str) {
        if self.shown {
            let _ = write!(io::stderr(), "{ERASED}{text}");
            self.drawn = true;
        }
    }

    /// Prints notices over the line.
    pub(crate) fn notices(&self) -> impl Fn(&str) + Send + use<> {
        let erased = if self.shown { ERASED } else { "" };
        move |text| note(&format!("{erased}{text}"))
    }

    /// Erases the line: the next output begins where the line began.
    pub(crate) fn erase(&mut self) {
        if self.drawn {
            let _ = write!(io::stderr(), "{ERASED}");
            self.drawn = false;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.erase();
    }
}

/// A number with grouped digits: `1 240`.
pub(crate) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1240, 12_345, 1_000_000].map(grouped), ["0", "999", "1 240", "12 345", "1 000 000"]);
    }
}
