//! Reads a payload by its mapping, into an event of our own format, which is judged as any.

use domain::event::{self, Limits};
use domain::{FieldError, Timestamp};
use serde_json::{Map, Value};

use super::CustomSource;
use super::field::{Field, NoValue, Taken, taken_from};
use super::path::Path;
use crate::origin::{Called, Origin};
use crate::payload::Payload;
use crate::reading::{Read, Reading, Report};
use crate::rejection::Rejection;

/// The largest payload, in bytes.
const PAYLOAD_BYTES: usize = 1024 * 1024;

/// Reads what the tool of a custom source sent, whatever media type it gives.
pub(super) fn read(source: &CustomSource, payload: &Payload<'_>, now: Timestamp) -> Result<Read, Rejection> {
    let bytes = payload.body().len();
    if bytes > PAYLOAD_BYTES {
        let detail =
            format!("a payload of a custom source must have at most {PAYLOAD_BYTES} bytes; this one has {bytes}");
        return Err(Rejection::Fields(vec![FieldError::new("", detail)]));
    }
    Ok(of_body(source, &payload.value()?, now))
}

fn of_body(source: &CustomSource, body: &Value, now: Timestamp) -> Read {
    if let Some(condition) = source.when.iter().find(|condition| !condition.holds(body)) {
        let path = condition.path.text();
        return Ok(Reading::no_deployment(format!(
            "`when` of the mapping {}: {path} is none of its texts",
            source.name()
        )));
    }
    let mut errors = Vec::new();
    let mut values: Vec<(&Field, Taken<'_>)> = Vec::new();
    for field in &source.fields {
        match field.take(body) {
            Ok(Some(taken)) => values.push((field, taken)),
            Ok(None) => {}
            Err(NoValue::Ignore(reason)) => return Ok(Reading::no_deployment(reason)),
            Err(NoValue::Wrong(error)) => errors.push(error),
        }
    }
    let (object, origin) = event_of(source, &values);
    match within_bounds(object).and_then(|object| event::read(object, now)) {
        Ok(event) if errors.is_empty() => Ok(Report::foreign(event, origin)),
        Ok(_) => Err(errors),
        Err(wrong) => {
            // What has no value because that is wrong is not missing besides.
            let known: Vec<String> = errors.iter().map(|error| error.field.clone()).collect();
            let wrong = wrong.into_iter().filter(|error| !known.contains(&error.field));
            errors.extend(wrong.map(|error| explained(error, source, &values)));
            Err(errors)
        }
    }
}

/// The event without its service and environment, which rules can still name otherwise, and what rules see of it.
fn event_of(source: &CustomSource, values: &[(&Field, Taken<'_>)]) -> (Value, Origin) {
    let mut object = Map::from_iter([("source".to_owned(), source.name().into())]);
    let mut origin = Origin::of(source.key.clone());
    for (field, Taken { value, path }) in values {
        let text = value.as_str();
        let fact = CustomSource::FACTS.into_iter().find(|fact| field.group.is_none() && *fact == field.name);
        if let Some(fact) = fact {
            origin = origin.with(fact, text);
        }
        match (field.group, fact) {
            (_, Some("service")) => origin.service = Called::mapped("service", text, path.map(Path::text)),
            (_, Some("environment")) => origin.environment = Called::mapped("environment", text, path.map(Path::text)),
            (None, _) => _ = object.insert(field.name.clone(), value.clone()),
            (Some(group), _) => {
                let group = object.entry(group).or_insert_with(|| Value::Object(Map::new()));
                group[&field.name] = value.clone();
            }
        }
    }
    (Value::Object(object), origin)
}

fn within_bounds(object: Value) -> Result<Value, Vec<FieldError>> {
    let bytes = object.to_string().len();
    if bytes <= Limits::EVENT_BYTES {
        return Ok(object);
    }
    let most = Limits::EVENT_BYTES;
    let detail = format!("what the mapping takes out of the payload must have at most {most} bytes; this has {bytes}");
    Err(vec![FieldError::new("", detail)])
}

/// What is wrong with a field of the event, and where the mapping took it from.
fn explained(error: FieldError, source: &CustomSource, values: &[(&Field, Taken<'_>)]) -> FieldError {
    let is_of = |field: &Field| {
        let label = field.label();
        label == error.field || label.strip_prefix(&error.field).is_some_and(|rest| rest.starts_with('.'))
    };
    if let Some(path) = values.iter().find(|(field, _)| is_of(field)).and_then(|(_, taken)| taken.path) {
        return FieldError::new(error.field, taken_from(&error.detail, path));
    }
    let paths = source.fields.iter().find(|field| is_of(field)).map(Field::paths).unwrap_or_default();
    if paths.is_empty() {
        return error;
    }
    let paths = paths.iter().map(Path::text).collect::<Vec<_>>().join(", nor at ");
    FieldError::new(error.field, format!("{}, and nothing is at {paths}", error.detail))
}
