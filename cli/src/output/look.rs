//! What the terminal can show.

use std::env;
use std::io::{self, IsTerminal as _};

use domain::Timestamp;

/// What stdout can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Whether it is a terminal.
    pub(crate) terminal: bool,
    /// Its width in columns; absent when it is not a terminal.
    pub(crate) width: Option<u16>,
    /// Whether to print colour.
    pub(crate) color: bool,
    /// Whether to print characters outside ASCII.
    pub(crate) symbols: bool,
    /// The time that "ago" is relative to.
    pub(crate) now: Timestamp,
}

impl Look {
    /// What this process's stdout can show. Only terminals get colour, and only without `NO_COLOR`
    /// (no-color.org).
    pub(crate) fn of_stdout(no_color: bool, now: Timestamp) -> Self {
        let set = |name| env::var(name).is_ok_and(|value| !value.is_empty());
        let terminal = io::stdout().is_terminal();
        let dumb = env::var("TERM").is_ok_and(|term| term == "dumb");
        let width = terminal.then(crossterm::terminal::size).and_then(Result::ok).map(|(columns, _)| columns);
        // A terminal that does not know its width reports 0.
        let width = width.filter(|columns| *columns > 0);
        Self { terminal, width, color: terminal && !no_color && !set("NO_COLOR") && !dumb, symbols: is_utf8(), now }
    }
}

/// Whether the locale uses UTF-8 (POSIX: the first of these variables that is set counts).
fn is_utf8() -> bool {
    if cfg!(windows) {
        return true;
    }
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| env::var(name).ok().filter(|v| !v.is_empty()));
    locale.is_some_and(|locale| locale.to_lowercase().replace('-', "").contains("utf8"))
}
