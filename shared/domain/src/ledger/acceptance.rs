//! That a history is taken as it stands although it is broken: an event of its own, so that nobody does it unseen.

use crate::event::{Event, Kind};
use crate::identifiers::{DeploymentId, EventId, Identifier as _, Invalid, Source};
use crate::ledger::received::Received;
use crate::ledger::summary::Summary;
use crate::{FieldError, Status, Timestamp, event};

/// The event that says that the history of a deployment was accepted as it stands, and why. It is a note: it changes
/// neither the status nor when anything was.
///
/// # Errors
/// Which field is wrong: only a deployment can have a note, and the reason must not be empty.
pub fn acceptance(
    id: &DeploymentId,
    before: Option<&Summary>,
    (reason, problems): (&str, &[String]),
    now: Timestamp,
) -> Result<Received, Vec<FieldError>> {
    if reason.trim().is_empty() {
        return Err(vec![FieldError::new("reason", "must say why")]);
    }
    let text = |invalid: Invalid| vec![FieldError::new("", invalid.to_string())];
    let source = Source::parse(event::OWN_SOURCE).map_err(text)?;
    let mut event = Event::new(source, id.clone(), Kind::Note, Status::Completed);
    event.attempt = before.and_then(|summary| summary.outcome.as_ref()).map_or(1, |outcome| outcome.order.attempt());
    event.occurred_at = Some(now);
    event.event_id = Some(EventId::parse(&format!("accepted-{}", now.millis())).map_err(text)?);
    let mut notes = format!("Accepted as it stands: {}. What is wrong: {}", reason.trim(), problems.join("; "));
    if let Some((end, _)) = notes.char_indices().nth(NOTES_CHARACTERS) {
        notes.truncate(end);
    }
    event.notes = Some(notes);
    Received::new(&event, now, event::OWN_SOURCE)
}

/// How long the note is at most: what is wrong can be a long list.
const NOTES_CHARACTERS: usize = 2000;
