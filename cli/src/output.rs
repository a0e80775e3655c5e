//! The output: answers go to stdout, everything else to stderr, in the chosen format and as the terminal
//! can show it.

use std::env;
use std::io::{self, IsTerminal as _, Write};

use domain::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::failure::Failure;
pub(crate) use crate::settings::Output;

mod details;
mod field;
mod line;
mod progress;
mod status;
mod table;
mod tone;
pub(crate) mod trend;

pub(crate) use details::Details;
pub(crate) use field::Field;
pub(crate) use line::{columns, cut};
pub(crate) use progress::{Progress, grouped};
pub(crate) use status::{symbol, tone, word};
pub(crate) use table::{Column, Table};
pub(crate) use tone::Tone;

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

/// A text of the server, safe to print: control characters and characters that change the direction of text
/// are escaped.
pub(crate) fn shown(text: &str) -> String {
    let escape = |c: char| if needs_escape(c) { c.escape_unicode().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}

/// The same for JSON. C0 controls occur only between tokens, where a space means the same (RFC 8259,
/// section 7); the others occur only within strings.
fn escaped_json(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    for c in body.chars() {
        match c {
            '\n' => text.push(c),
            c if c < ' ' => text.push(' '),
            c if needs_escape(c) => {
                text.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
            }
            c => text.push(c),
        }
    }
    text
}

/// Control characters (C0, DEL, C1), and characters that reorder or hide text: the bidirectional controls of
/// Unicode (UAX #9, section 2), line separators, and characters without width.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(shown("a\u{1b}[2Jb\u{9b}c\td\u{202e}e\r\n"), r"a\u{1b}[2Jb\u{9b}c\u{9}d\u{202e}e\u{d}\u{a}");
        assert_eq!(shown("Größe 日本 ✓"), "Größe 日本 ✓");
        assert_eq!(shown(&shown("\u{1b}")), r"\u{1b}", "an escaped text does not change");
    }

    #[test]
    fn escaped_json_has_the_same_meaning() {
        let body = "{\t\"a\":\r\n\"\u{9b}\u{202e}\u{e0041}ü\"}";
        let escaped = escaped_json(body);
        assert_eq!(escaped, "{ \"a\": \n\"\\u009b\\u202e\\udb40\\udc41ü\"}");
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(parse(&escaped), parse(body));
    }
}
