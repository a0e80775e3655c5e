//! An export: what was recorded in a time, line by line as JSON, with all that its hashes cover; so whoever has it and
//! the anchors can prove it without us.
//!
//! The first line is the [`Header`]. Then comes a line for each event of the time, and for each version of the settings
//! and of declared releases.

mod lines;
mod verifying;

pub use lines::{EventLine, Header, Line, VersionLine};
pub use verifying::{Export, Unreadable};
