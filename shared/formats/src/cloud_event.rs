//! CloudEvents 1.0: an envelope around an event that we read. Documented in "CloudEvents", "JSON
//! Event Format for CloudEvents" and "HTTP Protocol Binding for CloudEvents".
//!
//! * The event is in `data` (`data_base64`), and read as if it had come without the envelope.
//! * `time` is when it happened, where the event itself does not say.
//! * The event is known by its own id or content, not by the envelope's `source` and `id`: a
//!   producer that sends again may give a new id, and CDEvents' examples share one.

use base64::Engine as _;
use domain::{FieldError, Timestamp, json};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::fields::{not_in_future, typed};
use crate::payload::Payload;
use crate::reading::{Read, Reading, under};
use crate::{native, sources};

#[derive(Deserialize)]
struct CloudEvent {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    event_type: String,
    time: Option<Timestamp>,
    data: Option<Value>,
    data_base64: Option<String>,
}

/// Whether a payload is a CloudEvents envelope.
pub(crate) fn is_cloud_event(value: &Value) -> bool {
    value.get("specversion").is_some()
}

/// Reads an envelope, and the event in it.
pub(crate) fn read(value: &Value, now: Timestamp) -> Read {
    let envelope: CloudEvent = typed(value, "")?;
    if envelope.specversion != "1.0" {
        let detail = format!("must be 1.0, the version of CloudEvents that is read, not {:?}", envelope.specversion);
        return Err(vec![FieldError::new("specversion", detail)]);
    }
    let required = [("id", &envelope.id), ("source", &envelope.source), ("type", &envelope.event_type)];
    let empty = required.iter().filter(|(_, text)| text.is_empty());
    let errors: Vec<_> = empty.map(|(name, _)| FieldError::new(*name, "must not be empty")).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    if let Some(time) = envelope.time {
        not_in_future("time", time, now)?;
    }
    let (field, data) = match (envelope.data, envelope.data_base64) {
        (Some(data), None) => ("data", data),
        (None, Some(text)) => ("data_base64", decoded(&text)?),
        (Some(_), Some(_)) => {
            return Err(vec![FieldError::new("data_base64", "must not be given beside data; send one of them")]);
        }
        (None, None) => {
            return Err(vec![FieldError::new("data", "is required: the event itself, here or in data_base64")]);
        }
    };
    if is_cloud_event(&data) {
        return Err(vec![FieldError::new(field, "is a CloudEvent again; send the inner one")]);
    }
    let mut reading = under(field, read_data(data, envelope.time, now))?;
    if let Reading::Report(report) = &mut reading {
        report.event.occurred_at = report.event.occurred_at.or(envelope.time);
    }
    Ok(reading)
}

/// Reads what stands in an envelope, or comes without one; `time` is when it happened if it does not say
/// so itself.
pub(crate) fn read_data(data: Value, time: Option<Timestamp>, now: Timestamp) -> Read {
    sources::posted(&data, time, now).unwrap_or_else(|| native::read(data, now))
}

fn decoded(text: &str) -> Result<Value, Vec<FieldError>> {
    let wrong = |detail: String| vec![FieldError::new("data_base64", detail)];
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    let bytes = bytes.map_err(|error| wrong(format!("not base64: {error}")))?;
    json::parse(&bytes).map_err(|error| wrong(format!("not JSON: {error}")))
}

/// The envelope of an event in binary mode: its attributes are headers (`ce-id`), the body is `data`.
pub(crate) fn from_headers(payload: &Payload<'_>, data: Value) -> Result<Value, Vec<FieldError>> {
    let mut envelope = Map::from_iter([("data".to_owned(), data)]);
    for attribute in ["specversion", "id", "source", "type", "time"] {
        let header = format!("ce-{attribute}");
        if let Some(text) = payload.header(&header) {
            let detail = "must be UTF-8 after percent-decoding";
            let text = header_value(text).ok_or_else(|| vec![FieldError::new(header, detail)])?;
            envelope.insert(attribute.to_owned(), Value::String(text));
        }
    }
    Ok(Value::Object(envelope))
}

/// A header's value decoded: out of double quotes, then one round of percent decoding.
fn header_value(text: &str) -> Option<String> {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let plain = quoted.map_or_else(|| text.to_owned(), unescaped);
    percent_decode_str(&plain).decode_utf8().ok().map(Into::into)
}

/// A quoted string without the backslashes that escape.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_unquoted_and_percent_decoded_once() {
        for (text, expected) in [
            ("/ci/main", Some("/ci/main")),
            ("Euro%20%E2%82%AC%20%f0%9f%98%80", Some("Euro € 😀")),
            (r#""a \"b\" \\c""#, Some(r#"a "b" \c"#)),
            (r#""a%20b""#, Some("a b")),
            ("a%2520b", Some("a%20b")),
            ("100%", Some("100%")),
            ("\"", Some("\"")),
            ("%C0%A0", None),
        ] {
            assert_eq!(header_value(text).as_deref(), expected, "{text}");
        }
    }
}
