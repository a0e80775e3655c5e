//! Our own event: in the `detail` of an EventBridge event of type `Deployment Event`, or posted.
//! Documented in `docs/events.md`.

use domain::event::{self, Kind, Limits};
use domain::{FieldError, Timestamp};
use serde_json::Value;

use crate::reading::{Read, Report};

/// The detail type of our own events on a bus.
pub(crate) const DETAIL_TYPE: &str = "Deployment Event";

/// Whether a `detail` under another type is our own event all the same.
pub(crate) fn is_native(detail: &Value) -> bool {
    let has = |names: [&str; 2]| names.iter().all(|name| detail.get(name).is_some());
    let is = |kind: Kind| detail.get("type").is_some_and(|named| named == kind.as_str());
    detail.get("deploymentEvent").is_some()
        || has(["deploymentId", "status"])
        || is(Kind::Retirement) && has(["environment", "occurredAt"])
        || is(Kind::Verdict) && has(["service", "outcome"])
        || is(Kind::Observation) && (has(["metrics", "occurredAt"]) || has(["alarm", "occurredAt"]))
}

/// Reads an event of our own.
pub(crate) fn read(value: Value, now: Timestamp) -> Read {
    let bytes = value.to_string().len();
    if bytes > Limits::EVENT_BYTES {
        let detail = format!("an event must have at most {} bytes of JSON; this one has {bytes}", Limits::EVENT_BYTES);
        return Err(vec![FieldError::new("", detail)]);
    }
    event::read(value, now).map(Report::own)
}
