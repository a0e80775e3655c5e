//! Events of an EventBridge bus, by their source and detail type.

use domain::event::OWN_SOURCE;
use domain::follows::suggested::DETAIL_TYPE;
use domain::{FieldError, Timestamp, json};

use crate::contents::Element;
use crate::door::Door;
use crate::envelope::Envelope;
use crate::payload::Payload;
use crate::reading::{Ignored, Read, Reading, under};
use crate::rejection::Rejection;
use crate::{cloud_event, known_tools, native, sources, unrelated};

/// Reads a message of the queue.
pub(super) fn read(payload: &Payload<'_>, now: Timestamp) -> Element {
    let envelope = match envelope(payload, now) {
        Ok(Ok(envelope)) => envelope,
        Ok(Err(reason)) => return Element::new(Ok(Reading::no_deployment(reason))),
        Err(errors) => {
            let body = payload.value().unwrap_or_default();
            let rejection = known_tools::named(&Door::Queue, payload, &body);
            return Element::new(Err(rejection.unwrap_or(Rejection::Fields(errors))));
        }
    };
    let account = envelope.account.as_deref().unwrap_or("unknown");
    Element {
        sent_at: envelope.time,
        producer: Some(format!("eventbridge:{account}:{}", envelope.source)),
        reading: of_envelope(envelope, now).map_err(Rejection::Fields),
    }
}

/// The envelope, or the reason to ignore what is none.
fn envelope(payload: &Payload<'_>, now: Timestamp) -> Result<Result<Envelope, &'static str>, Vec<FieldError>> {
    let value = json::parse(payload.body()).map_err(|error| vec![FieldError::new("", error.to_string())])?;
    if let Some(reason) = unrelated::reason(&value) {
        return Ok(Err(reason));
    }
    Envelope::read(&sources::envelope(&value).unwrap_or(value), now).map(Ok)
}

fn of_envelope(envelope: Envelope, now: Timestamp) -> Read {
    // What this system sends must not come back to it; the rules of its buses keep it away, but others can deliver it.
    if envelope.source == OWN_SOURCE && envelope.detail_type == DETAIL_TYPE {
        return Ok(Reading::Ignore(Ignored::OwnSuggestion));
    }
    if let Some(read) = sources::on_bus(&envelope.source) {
        return read(&envelope, now);
    }
    let Envelope { source, detail_type, detail, .. } = envelope;
    if detail_type == native::DETAIL_TYPE || native::is_native(&detail) {
        return native::read(detail, now);
    }
    if source.starts_with("aws.") {
        return Ok(Reading::not_read(format!("{source} {detail_type:?}")));
    }
    let read = sources::in_detail(&detail, now)
        .or_else(|| cloud_event::is_cloud_event(&detail).then(|| cloud_event::read(&detail, now)));
    read.map_or_else(|| Err(unknown(&detail_type)), |read| under("detail", read))
}

fn unknown(detail_type: &str) -> Vec<FieldError> {
    let wrong = format!("{detail_type:?} is not known; report deployments as {:?}", native::DETAIL_TYPE);
    vec![FieldError::new("detail-type", wrong)]
}
