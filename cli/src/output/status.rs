//! How a status is shown: a symbol, a word, a tone. Never by colour alone.

use domain::Status;

use super::Tone;

/// The symbol of a status.
pub(crate) fn symbol(status: Status) -> &'static str {
    match status {
        Status::Pending => "○",
        Status::InProgress => "●",
        Status::Validating => "◐",
        Status::Completed => "✓",
        Status::Cancelled => "⊘",
        Status::Failed => "✗",
        Status::RolledBack => "↩",
    }
}

/// A status in words.
pub(crate) fn word(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::InProgress => "in progress",
        Status::Validating => "validating",
        Status::Completed => "completed",
        Status::Cancelled => "cancelled",
        Status::Failed => "failed",
        Status::RolledBack => "rolled back",
    }
}

/// The tone of a status.
pub(crate) fn tone(status: Status) -> Tone {
    match status {
        Status::Pending | Status::Cancelled => Tone::Faint,
        Status::InProgress | Status::Validating => Tone::Active,
        Status::Completed => Tone::Good,
        Status::Failed => Tone::Bad,
        Status::RolledBack => Tone::Notable,
    }
}
