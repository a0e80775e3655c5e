//! For when something is asked.

use domain::Timestamp;

/// A point in time, and a point in knowledge.
#[derive(Debug, Clone, Copy, Default)]
pub struct When {
    /// As it was at this time; none for now.
    pub as_of: Option<Timestamp>,
    /// As it was known at this time; none for all that is known.
    pub known_at: Option<Timestamp>,
}

impl When {
    /// Whether it is asked how things stand now.
    #[must_use]
    pub fn is_now(self) -> bool {
        self.as_of.is_none() && self.known_at.is_none()
    }
}
