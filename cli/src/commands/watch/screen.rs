//! A place on the terminal that is drawn anew: below what was there before, and left there at the end.

use std::env;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use crossterm::cursor::{Hide, MoveUp, Show};
use crossterm::terminal::{self, Clear, ClearType};

use crate::api;
use crate::output::Look;

/// A line, and how many columns it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Fits the terminal; may have colour in it.
    pub(super) text: String,
    /// Of the text without its colour.
    pub(super) columns: usize,
}

/// The place on the terminal. The cursor stands at the beginning of the line below it.
pub(super) struct Screen {
    look: Look,
    /// Columns and rows of the terminal.
    size: (u16, u16),
    /// What stands there.
    drawn: Vec<Line>,
}

impl Screen {
    /// The terminal, if it lets the cursor be moved.
    pub(super) fn open(look: &Look) -> Option<Self> {
        look.width?;
        let steered = cfg!(windows) || env::var("TERM").is_ok_and(|term| !term.is_empty() && term != "dumb");
        let size = size().filter(|_| steered)?;
        Some(Self { look: *look, size, drawn: Vec::new() })
    }

    /// Draws these lines, given how the terminal looks and how many fit, in place of those before.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn draw(&mut self, lines: impl FnOnce(&Look, usize) -> Vec<Line>) -> io::Result<()> {
        // It may have been resized since.
        let before = self.size;
        self.size = size().unwrap_or(before);
        let (width, height) = self.size;
        // The last column stays free: some terminals begin a new line as soon as it is written. So does
        // the last line, for the cursor.
        let look = Look { width: Some(width.saturating_sub(1).max(1)), now: api::now(), ..self.look };
        let lines = lines(&look, usize::from(height).saturating_sub(1).max(1));
        if lines == self.drawn && self.size == before {
            return Ok(());
        }
        let mut text = format!("{Hide}\r");
        // Where the terminal got narrower, it has broken the lines that stood there.
        let rows: usize = self.drawn.iter().map(|line| line.columns.div_ceil(width.into()).max(1)).sum();
        // Moving up by none would move by one.
        if let Some(rows) = u16::try_from(rows).ok().filter(|rows| *rows > 0) {
            let _ = write!(text, "{}", MoveUp(rows));
        }
        for line in &lines {
            let _ = writeln!(text, "{}{}", Clear(ClearType::UntilNewLine), line.text);
        }
        let _ = write!(text, "{}", Clear(ClearType::FromCursorDown));
        self.drawn = lines;
        // In one go, so that nobody sees half of it.
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// However the watch ends, the cursor is back; and what a key left on its line (`^C`) is gone.
impl Drop for Screen {
    fn drop(&mut self) {
        if !self.drawn.is_empty() {
            let mut out = io::stdout().lock();
            // Where the terminal is gone, so is the cursor.
            let _ = write!(out, "\r{}{Show}", Clear(ClearType::FromCursorDown));
            let _ = out.flush();
        }
    }
}

/// Columns and rows; a terminal that does not know them says 0.
fn size() -> Option<(u16, u16)> {
    terminal::size().ok().filter(|(columns, rows)| *columns > 0 && *rows > 0)
}
