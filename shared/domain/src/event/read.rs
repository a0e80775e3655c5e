//! Reads our own event out of JSON, with errors that name each wrong field.

use serde_json::Value;

use super::contradictions::OWN_SOURCE;
use super::{Event, Kind, contradictions, observation, retirement, verdict};
use crate::Timestamp;
use crate::fields::{FieldError, Fields, kind};

const ADVICE: &str = "put fields of your own under `metadata`";

/// Reads an event of our own format, bare or wrapped in `deploymentEvent`.
///
/// # Errors
/// All that is wrong with it, not only the first.
pub fn read(value: Value, now: Timestamp) -> Result<Event, Vec<FieldError>> {
    let mut object = match value {
        Value::Object(object) => object,
        other => return Err(vec![FieldError::new("", format!("an event must be an object, not {}", kind(&other)))]),
    };
    let mut errors = Vec::new();
    let mut prefix = "";
    if let Some(wrapped) = object.remove("deploymentEvent") {
        Fields::new(object, "", &mut errors).finish("put it inside `deploymentEvent`");
        prefix = "deploymentEvent.";
        object = match wrapped {
            Value::Object(object) => object,
            other => {
                errors.push(FieldError::new("deploymentEvent", format!("must be an object, not {}", kind(&other))));
                return Err(errors);
            }
        };
    }
    let event = fields(Fields::new(object, prefix, &mut errors), now);
    event.filter(|_| errors.is_empty()).ok_or(errors)
}

fn fields(mut from: Fields<'_>, now: Timestamp) -> Option<Event> {
    let event = match from.peek("type").and_then(Value::as_str) {
        Some(kind) if kind == Kind::Retirement.as_str() => retirement::take(&mut from, now),
        Some(kind) if kind == Kind::Verdict.as_str() => verdict::take(&mut from, now),
        Some(kind) if kind == Kind::Observation.as_str() => observation::take(&mut from, now),
        _ => Event::take(&mut from, now),
    };
    if let Some(event) = &event {
        if event.kind == Kind::Stage && event.stage.is_none() && !from.has_error("stage") {
            from.wrong("stage", "is required on a stage event: the name of the stage");
        }
        for (name, detail) in contradictions::contradictions(event) {
            if !from.has_error(name) {
                from.wrong(name, detail);
            }
        }
        if event.source.as_str() == OWN_SOURCE {
            from.wrong("source", format!("must not be `{OWN_SOURCE}`: that is what this system itself concludes"));
        }
    }
    from.finish(ADVICE);
    event
}
