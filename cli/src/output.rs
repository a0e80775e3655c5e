//! The output: answers go to stdout, everything else to stderr, in the chosen format and as the terminal
//! can show it.

mod details;
mod escape;
mod field;
mod format;
mod line;
mod look;
mod printer;
mod progress;
mod status;
mod table;
mod tone;
pub(crate) mod trend;

pub(crate) use details::Details;
pub(crate) use escape::shown;
pub(crate) use field::Field;
pub(crate) use format::Output;
pub(crate) use line::{columns, cut};
pub(crate) use look::Look;
pub(crate) use printer::{Printer, note};
pub(crate) use progress::{Progress, grouped};
pub(crate) use status::{symbol, tone, word};
pub(crate) use table::{Column, Table};
pub(crate) use tone::Tone;
