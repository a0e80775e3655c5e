//! An event that is to be recorded, and what became of it.

use std::collections::BTreeSet;

use domain::event::OWN_SOURCE;
use domain::ledger::flag::Flag;
use domain::ledger::received::Received;
use domain::ledger::recording::{NotRecorded, Record, State};
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
    New(Receipt),
    /// It was recorded before.
    Duplicate(Receipt),
    /// It is not recorded.
    Refused(Refused),
}

/// What is to be said of an event that is in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its number.
    pub sequence: u64,
    /// The deployment's status: after it, or now when it was recorded before.
    pub status: Status,
    /// Contradictions in the deployment's events, as known now.
    pub flags: BTreeSet<Flag>,
}

/// Why an event is not recorded, although it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Another event with the same key and other content was recorded before.
    Conflict {
        /// That event's number.
        sequence: u64,
    },
    /// There is no room for it, it names another place than its deployment has, that is another
    /// tool's, or its sender has no permission for it.
    NotRecorded(NotRecorded),
}

impl Refused {
    /// The reason by which it is rejected.
    #[must_use]
    pub fn reason(&self) -> RejectionReason {
        match self {
            Self::Conflict { .. } | Self::NotRecorded(NotRecorded::OtherPlace(_) | NotRecorded::NotYours(_)) => {
                RejectionReason::Conflict
            }
            Self::NotRecorded(NotRecorded::Forbidden(_)) => RejectionReason::Forbidden,
            Self::NotRecorded(NotRecorded::NoRoom(_)) => RejectionReason::Invalid,
        }
    }

    /// The field that is to blame, and what is wrong with it.
    #[must_use]
    pub fn error(&self) -> FieldError {
        match self {
            Self::Conflict { sequence } => FieldError::new(
                "eventId",
                format!("another event with this eventId is already recorded, as number {sequence}"),
            ),
            Self::NotRecorded(NotRecorded::OtherPlace(other)) => FieldError::new(other.field, other.to_string()),
            Self::NotRecorded(NotRecorded::NotYours(why)) => FieldError::new(why.field(), why.to_string()),
            Self::NotRecorded(NotRecorded::Forbidden(why)) => FieldError::new("", why.to_string()),
            Self::NotRecorded(NotRecorded::NoRoom(no_room)) => FieldError::new(no_room.field(), no_room.to_string()),
        }
    }
}

impl Recorded {
    /// What becomes of an event whose key is taken by `record`, in a deployment that is in this state.
    pub(crate) fn before(received: &Received, record: &Record, state: Option<&State>) -> Self {
        let sequence = record.sequence;
        // What this system concluded of one silence is concluded once, in whatever words.
        let concluded = received.event.source.as_str() == OWN_SOURCE;
        let is_same = received.payload_hash == record.received.payload_hash
            || received.said_hash() == record.received.said_hash();
        if !is_same && !concluded && !received.once {
            return Self::Refused(Refused::Conflict { sequence });
        }
        let status = state.map_or(record.meaning.status, |state| state.summary.status());
        let flags = state.map(|state| state.summary.flags.clone()).unwrap_or_default();
        Self::Duplicate(Receipt { sequence, status, flags })
    }
}
