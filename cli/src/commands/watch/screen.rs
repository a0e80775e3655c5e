//! An area of the terminal that is redrawn. Its last content stays when the program ends.

use std::env;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use crossterm::cursor::{Hide, MoveUp, Show};
use crossterm::terminal::{self, Clear, ClearType};

use crate::api;
use crate::output::Look;

/// A line and its width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The text; it fits the terminal, and can contain colour codes.
    pub(super) text: String,
    /// The width without colour codes.
    pub(super) columns: usize,
}

/// The area of the terminal. The cursor is at the start of the line below it.
pub(super) struct Screen {
    look: Look,
    /// Columns and rows of the terminal.
    size: (u16, u16),
    /// The drawn lines.
    drawn: Vec<Line>,
}

impl Screen {
    /// The terminal, if its cursor can be moved.
    pub(super) fn open(look: &Look) -> Option<Self> {
        look.width?;
        let movable = cfg!(windows) || env::var("TERM").is_ok_and(|term| !term.is_empty() && term != "dumb");
        let size = size().filter(|_| movable)?;
        Some(Self { look: *look, size, drawn: Vec::new() })
    }

    /// Replaces the drawn lines. `lines` gets the terminal and the number of lines that fit.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn draw(&mut self, lines: impl FnOnce(&Look, usize) -> Vec<Line>) -> io::Result<()> {
        // It may have been resized since.
        let before = self.size;
        self.size = size().unwrap_or(before);
        let (width, height) = self.size;
        // The last column stays free: some terminals start a new line when it is written. The last line
        // stays free for the cursor.
        let look = Look { width: Some(width.saturating_sub(1).max(1)), now: api::now(), ..self.look };
        let lines = lines(&look, usize::from(height).saturating_sub(1).max(1));
        if lines == self.drawn && self.size == before {
            return Ok(());
        }
        let mut text = format!("{Hide}\r");
        // A terminal that became narrower has wrapped the drawn lines.
        let rows: usize = self.drawn.iter().map(|line| line.columns.div_ceil(width.into()).max(1)).sum();
        // Moving up by 0 would move by 1.
        if let Some(rows) = u16::try_from(rows).ok().filter(|rows| *rows > 0) {
            let _ = write!(text, "{}", MoveUp(rows));
        }
        for line in &lines {
            let _ = writeln!(text, "{}{}", Clear(ClearType::UntilNewLine), line.text);
        }
        let _ = write!(text, "{}", Clear(ClearType::FromCursorDown));
        self.drawn = lines;
        // In one write, so that no partial output is visible.
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// However the watch ends, the cursor is shown again, and the echo of a key (`^C`) is erased.
impl Drop for Screen {
    fn drop(&mut self) {
        if !self.drawn.is_empty() {
            let mut out = io::stdout().lock();
            // An error is ignored: the terminal is gone.
            let _ = write!(out, "\r{}{Show}", Clear(ClearType::FromCursorDown));
            let _ = out.flush();
        }
    }
}

/// Columns and rows; a terminal that does not know them reports 0.
fn size() -> Option<(u16, u16)> {
    terminal::size().ok().filter(|(columns, rows)| *columns > 0 && *rows > 0)
}
