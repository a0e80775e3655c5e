//! Prints: answers to stdout, in the chosen format, and everything else to stderr.

use std::io::{self, Write as _};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::escape::escaped_json;
use super::{Look, Output, Table};
use crate::failure::Failure;

/// Prints to stdout.
pub(crate) struct Printer {
    pub(crate) look: Look,
    pub(crate) output: Output,
}

impl Printer {
    /// Prints a text.
    ///
    /// # Errors
    /// When stdout can't be written.
    #[expect(clippy::unused_self, reason = "only code that has a printer may write to stdout")]
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.is_empty() && !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        Ok(out.flush()?)
    }

    /// Prints a body of the API as it came. On a terminal, control characters are escaped, which does not
    /// change the meaning.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub(crate) fn json(&self, body: &str) -> Result<(), Failure> {
        if self.look.terminal { self.text(&escaped_json(body)) } else { self.text(body) }
    }

    /// Prints each item of a page on its own line, as it came.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub(crate) fn lines_of(&self, page: &str) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Items<'a> {
            #[serde(borrow)]
            items: Vec<&'a RawValue>,
        }
        // The page was parsed before, so it has items.
        let Ok(page) = serde_json::from_str::<Items>(page) else { return self.line(page) };
        page.items.iter().try_for_each(|item| self.line(item.get()))
    }

    /// Prints one JSON value on one line.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub(crate) fn line(&self, value: &str) -> Result<(), Failure> {
        // In JSON, line breaks occur only between tokens.
        self.json(&value.replace(['\n', '\r'], " "))
    }

    /// Prints a table for people; for `text` its rows with tabs between fields, no header, times in RFC 3339.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub(crate) fn table(&self, table: &Table) -> Result<(), Failure> {
        match self.output {
            Output::Text => self.text(&table.as_text()),
            _ => self.text(&table.render(&self.look)),
        }
    }
}

/// Prints a line to stderr. An error is ignored.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
