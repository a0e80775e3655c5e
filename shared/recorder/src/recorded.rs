//! An event that is to be recorded, and what became of it.

use domain::ledger::recording::{NoRoom, Received, Record, State};
use domain::{FieldError, RejectionReason, Status};
use store::StoreError;

/// An event with its place among those that came together.
pub(crate) type Numbered = (usize, Received);
/// The result of an event, with the same place.
pub(crate) type NumberedResult = (usize, Result<Recorded, StoreError>);

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is recorded now.
    New {
        /// Its number.
        sequence: u64,
        /// The deployment's status after it.
        status: Status,
    },
    /// It was recorded before.
    Duplicate {
        /// Its number.
        sequence: u64,
        /// The deployment's status now.
        status: Status,
    },
    /// It is not recorded.
    Refused(Refused),
}

/// Why an event is not recorded, although it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Another event with the same key and other content was recorded before.
    Conflict {
        /// That event's number.
        sequence: u64,
    },
    /// There is no room for it, for the reason given.
    NoRoom(NoRoom),
}

impl Refused {
    /// The reason by which it is rejected.
    #[must_use]
    pub fn reason(self) -> RejectionReason {
        match self {
            Self::Conflict { .. } => RejectionReason::Conflict,
            Self::NoRoom(_) => RejectionReason::Invalid,
        }
    }

    /// The field that is to blame, and what is wrong with it.
    #[must_use]
    pub fn error(self) -> FieldError {
        match self {
            Self::Conflict { sequence } => FieldError::new(
                "eventId",
                format!("another event with this eventId is already recorded, as number {sequence}"),
            ),
            Self::NoRoom(no_room) => FieldError::new("deploymentId", no_room.to_string()),
        }
    }
}

impl Recorded {
    /// What becomes of an event whose key is taken by `record`, in a deployment that is in this state.
    pub(crate) fn before(received: &Received, record: &Record, state: Option<&State>) -> Self {
        let sequence = record.sequence;
        if received.payload_hash != record.received.payload_hash {
            return Self::Refused(Refused::Conflict { sequence });
        }
        let status = state.map_or(record.meaning.status, |state| state.summary.status());
        Self::Duplicate { sequence, status }
    }
}
