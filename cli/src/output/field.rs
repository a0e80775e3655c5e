//! A field of a table: its short form, its long form, and its form for `--output text`.

use std::fmt::Display;

use domain::{Status, Timestamp};

use super::{Look, Tone, columns, shown, status};
use crate::moment;

/// A value to show.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    /// The short form.
    short: String,
    /// The long form, for wide terminals.
    long: Option<String>,
    /// The form for `--output text`: exact, and independent of the terminal.
    text: String,
    tone: Option<Tone>,
    /// Its symbol, for terminals that can show it.
    symbol: Option<&'static str>,
}

impl Field {
    /// A text of the server.
    pub(crate) fn of(text: &str) -> Self {
        Self { short: shown(text), text: shown(text), ..Self::default() }
    }

    /// A text of the server; a dash when it is absent.
    pub(crate) fn maybe(text: Option<&str>) -> Self {
        text.map_or_else(Self::absent, Self::of)
    }

    /// An unknown value: a dash, and empty in `text`.
    pub(crate) fn absent() -> Self {
        Self { short: "-".to_owned(), ..Self::default() }
    }

    /// A number, or another value of this program, the same in each form.
    pub(crate) fn plain(value: impl Display) -> Self {
        let text = value.to_string();
        Self { short: text.clone(), text, ..Self::default() }
    }

    /// A point in time of the API.
    pub(crate) fn time(time: Option<&str>, now: Timestamp) -> Self {
        let Some(time) = time else { return Self::absent() };
        let time = shown(time);
        Self {
            short: moment::relative(&time, now),
            long: Some(moment::both(&time, now)),
            text: time,
            ..Self::default()
        }
    }

    /// A duration of the API, in seconds.
    pub(crate) fn seconds(seconds: Option<f64>) -> Self {
        let Some(seconds) = seconds else { return Self::absent() };
        Self { short: moment::duration(seconds), text: seconds.to_string(), ..Self::default() }
    }

    /// A rate in percent.
    pub(crate) fn percent(percent: Option<f64>) -> Self {
        let Some(percent) = percent else { return Self::absent() };
        Self { short: format!("{} %", (percent * 10.0).round() / 10.0), text: percent.to_string(), ..Self::default() }
    }

    /// A status.
    pub(crate) fn status(of: Status) -> Self {
        Self {
            short: status::word(of).to_owned(),
            text: of.to_string(),
            tone: Some(status::tone(of)),
            symbol: Some(status::symbol(of)),
            ..Self::default()
        }
    }

    /// The same field in this tone.
    pub(crate) fn toned(self, tone: Tone) -> Self {
        Self { tone: Some(tone), ..self }
    }

    /// The same field in this tone, if there is one.
    pub(crate) fn toned_if(self, tone: Option<Tone>) -> Self {
        Self { tone: tone.or(self.tone), ..self }
    }

    /// The same field with a symbol, for terminals that can show it.
    pub(crate) fn with_symbol(self, symbol: &'static str) -> Self {
        Self { symbol: Some(symbol), ..self }
    }

    /// The same field with another form for `--output text`.
    pub(crate) fn with_text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    /// The text for this terminal, without colour.
    pub(super) fn display(&self, look: &Look, in_full: bool) -> String {
        let text = self.long.as_ref().filter(|_| in_full).unwrap_or(&self.short);
        match self.symbol.filter(|_| look.symbols) {
            Some(symbol) => format!("{symbol} {text}"),
            None => text.clone(),
        }
    }

    /// The long form if it fits into `room` columns, else the short form; in colour if the terminal has it.
    pub(super) fn within(&self, room: Option<usize>, look: &Look) -> String {
        let in_full = self.display(look, true);
        let fits = room.is_none_or(|room| columns(&in_full) <= room);
        let text = if fits { in_full } else { self.display(look, false) };
        self.tone.map_or_else(|| text.clone(), |tone| tone.paint(&text, look))
    }

    pub(super) fn tone(&self) -> Option<Tone> {
        self.tone
    }

    pub(super) fn as_text(&self) -> &str {
        &self.text
    }
}
