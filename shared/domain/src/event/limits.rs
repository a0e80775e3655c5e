//! The bounds of an event.

use crate::Timestamp;

/// The bounds of an event. Sizes are in bytes.
pub struct Limits;

impl Limits {
    /// How many events one request may have.
    pub const PER_REQUEST: usize = 100;
    /// A whole event, as JSON.
    pub const EVENT_BYTES: usize = 64 * 1024;
    /// `metadata`, as canonical JSON.
    pub const METADATA_BYTES: usize = 16 * 1024;
    /// How deep `metadata` may be nested. What is stored and answered wraps it a few levels more,
    /// and must be readable with the depth of 128 that JSON is read to.
    pub const METADATA_DEPTH: usize = 64;
    /// `notes` and `error.message`.
    pub const TEXT_BYTES: usize = 4096;
    /// One link.
    pub const LINK_BYTES: usize = 2048;
    /// Links on one event.
    pub const LINKS: usize = 16;
    /// How far a time may lie after the time of receipt: clocks differ.
    pub const FUTURE_MILLIS: i64 = 5 * 60 * 1000;
    /// The largest figure: `CloudWatch` refuses numbers that no measurement reaches.
    pub const FIGURE: f64 = 1e12;
    /// The largest `attempt`.
    pub const ATTEMPT: f64 = 1_000_000.0;
}

/// Whether a time has come, as far as clocks agree.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn not_in_future(time: Timestamp, now: Timestamp) -> Result<(), String> {
    if time > now.plus_millis(Limits::FUTURE_MILLIS) {
        return Err(format!("is more than 5 minutes in the future; it is now {now}"));
    }
    Ok(())
}
