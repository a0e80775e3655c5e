//! What can go wrong with a store, sorted by what a caller can do about it.

/// Work of the store that was not done.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct StoreError {
    /// What was to be done, such as `transact`; an adapter names the call that failed.
    pub operation: &'static str,
    /// Whether it can help to try again later: the database is overloaded, or other writers were at the
    /// same items each time.
    pub busy: bool,
    /// What the database or the connection reported; for the log, never for a caller.
    pub cause: String,
}

impl StoreError {
    /// Work that failed each time because of other writers or of too much load.
    #[must_use]
    pub fn busy(operation: &'static str, cause: impl Into<String>) -> Self {
        Self { operation, busy: true, cause: cause.into() }
    }

    /// Work that panicked. What it was doing may or may not have taken effect.
    #[must_use]
    pub fn panicked(operation: &'static str) -> Self {
        Self { operation, busy: false, cause: "panicked".to_owned() }
    }

    /// An answer, or an item, that is not what we wrote.
    #[must_use]
    pub fn unreadable(operation: &'static str, cause: impl std::fmt::Display) -> Self {
        Self { operation, busy: false, cause: format!("unreadable: {cause}") }
    }

    /// Whether it is an answer, or an item, that is not what we wrote: then no other try reads it.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.cause.starts_with("unreadable: ")
    }
}
