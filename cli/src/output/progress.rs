//! Progress on stderr: one line on a terminal that is redrawn, and gone in the end. Where stderr is no
//! terminal there is none, so that a log has no half lines in it.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};

use super::note;

/// Goes to the line's beginning, and takes away what stands there (ECMA-48: EL).
const ERASED: &str = "\r\x1b[K";

/// How far something is that takes a while.
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

    /// Draws the line anew. It must be taken away before anything else is printed.
    pub(crate) fn draw(&mut self, text: &str) {
        if self.shown {
            let _ = write!(io::stderr(), "{ERASED}{text}");
            self.drawn = true;
        }
    }

    /// Says something in between, where the line stands.
    pub(crate) fn saying(&self) -> impl Fn(&str) + Send + use<> {
        let erased = if self.shown { ERASED } else { "" };
        move |text| note(&format!("{erased}{text}"))
    }

    /// Takes the line away: what is said next begins where it began.
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

/// A count for people: `1 240`.
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
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1240, 12_345, 1_000_000].map(grouped), ["0", "999", "1 240", "12 345", "1 000 000"]);
    }
}
