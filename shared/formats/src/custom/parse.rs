//! Reads mappings out of the settings.

mod event;
mod proof;

use domain::event::OWN_SOURCE;
use domain::fields::{FieldError, Fields, Unknown, kind};
use domain::identifiers::{Identifier as _, Source};
use serde_json::{Map, Value};

use super::condition::Condition;
use super::path::Path;
use super::{CustomSource, CustomSources, PREFIX, is_name};
use crate::sources::SOURCES;

/// How many conditions a mapping has at most.
const CONDITIONS: usize = 20;
/// How many paths a mapping has at most: each may look at all of a payload.
const PATHS: usize = 100;
/// How many of them may look at all of a payload, so that none takes long.
const SEARCHING: usize = 10;
/// How many texts a condition or a map has at most.
const TEXTS: usize = 100;

/// Reads the mappings of all custom sources.
pub(super) fn sources(value: Value, unknown: Unknown) -> Result<Vec<CustomSource>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut found: Vec<CustomSource> = Vec::new();
    for (index, value) in array(value, "sources", CustomSources::MOST, &mut errors).into_iter().enumerate() {
        let path = format!("sources[{index}]");
        let Some(object) = object(value, &path, &mut errors) else { continue };
        let Some(source) = source(Fields::new(object, &format!("{path}."), &mut errors).with_unknown(unknown)) else {
            continue;
        };
        if found.iter().any(|other| other.name == source.name) {
            errors.push(FieldError::new(format!("{path}.name"), "is the name of another source too"));
        }
        found.push(source);
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

fn source(mut from: Fields<'_>) -> Option<CustomSource> {
    let name = name(&mut from);
    let proof = required_object(&mut from, "proof", r#"is required: {"header": "X-Token"}, or a signature"#)
        .and_then(|object| proof::proof(from.nested("proof", object)));
    let answer = answer(&mut from);
    let when = from.take(&["when"]).map(|(_, value)| value);
    let when = when.map(|when| conditions(&mut from, when)).unwrap_or_default();
    let fields =
        required_object(&mut from, "event", "is required: the fields of the event, deploymentId and status at least")
            .map(|object| event::fields(from.nested("event", object)))
            .unwrap_or_default();
    let paths = when.len() + fields.iter().map(|field| field.paths().len()).sum::<usize>();
    if paths > PATHS {
        from.wrong("event", format!("must have at most {PATHS} paths, those of `when` included; these are {paths}"));
    }
    let searching =
        when.iter().map(|condition| &condition.path).chain(fields.iter().flat_map(super::field::Field::paths));
    let searching = searching.filter(|path| path.searches()).count();
    if searching > SEARCHING {
        let detail = format!("must have at most {SEARCHING} paths with `..` or a filter; these are {searching}");
        from.wrong("event", detail);
    }
    from.finish("known are name, proof, answer, when and event");
    let name = name?;
    let (key, door) = (format!("{PREFIX}{name}"), format!("custom/{name}"));
    Some(CustomSource { name, key, door, proof: proof?, answer, when, fields })
}

fn name(from: &mut Fields<'_>) -> Option<Source> {
    let errors = from.error_count();
    let Some((_, text)) = from.text(&["name"]) else {
        if from.error_count() == errors {
            from.wrong("name", "is required: the end of the source's address, such as azure");
        }
        return None;
    };
    if !is_name(&text) {
        from.wrong("name", "must be 1 to 64 lower-case letters, digits and hyphens");
    } else if ["native", OWN_SOURCE].contains(&&*text) || SOURCES.iter().any(|source| source.name == text) {
        from.wrong("name", "must be another name: this one is of a source that the system knows");
    }
    Source::parse(&text).ok()
}

fn answer(from: &mut Fields<'_>) -> Option<u16> {
    let (name, value) = from.take(&["answer"])?;
    let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
    // Those without a body would take the receipt's.
    let status = status.filter(|status| (200..300).contains(status) && ![204, 205].contains(status));
    if status.is_none() {
        from.wrong(name, "must be a status from 200 to 299 that has a body, such as 200");
    }
    status
}

fn conditions(from: &mut Fields<'_>, value: Value) -> Vec<Condition> {
    let Value::Array(values) = value else {
        from.wrong("when", format!("must be an array of conditions, not {}", kind(&value)));
        return Vec::new();
    };
    if values.len() > CONDITIONS {
        from.wrong("when", format!("must have at most {CONDITIONS} conditions"));
    }
    let mut conditions = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        let place = format!("when[{index}]");
        match value {
            Value::Object(object) => conditions.extend(condition(from.nested(&place, object))),
            other => from.wrong(&place, format!("must be an object, not {}", kind(&other))),
        }
    }
    conditions
}

fn condition(mut from: Fields<'_>) -> Option<Condition> {
    let path = if let Some((name, value)) = from.take(&["path"]) {
        one_path(&mut from, name, &value)
    } else {
        from.wrong("path", "is required: a JSONPath such as $.eventType");
        None
    };
    let is = from.take(&["is"]).map(|(_, value)| value);
    let texts = is.as_ref().and_then(Value::as_array).filter(|texts| (1..=TEXTS).contains(&texts.len()));
    let texts = texts.and_then(|texts| texts.iter().map(|text| text.as_str().map(str::to_owned)).collect());
    if texts.is_none() {
        from.wrong("is", format!("must be an array of 1 to {TEXTS} texts, one of which is at the path"));
    }
    from.finish("known are path and is");
    Some(Condition { path: path?, is: texts? })
}

fn one_path(from: &mut Fields<'_>, place: &str, value: &Value) -> Option<Path> {
    let Some(text) = value.as_str() else {
        from.wrong(place, format!("must be a JSONPath such as $.resource.name, not {}", kind(value)));
        return None;
    };
    Path::parse(text).map_err(|wrong| from.wrong(place, wrong)).ok()
}

fn array(value: Value, path: &str, most: usize, errors: &mut Vec<FieldError>) -> Vec<Value> {
    match value {
        Value::Array(values) if values.len() <= most => values,
        Value::Array(values) => {
            errors.push(FieldError::new(path, format!("must be at most {most}; these are {}", values.len())));
            Vec::new()
        }
        other => {
            errors.push(FieldError::new(path, format!("must be an array, not {}", kind(&other))));
            Vec::new()
        }
    }
}

fn object(value: Value, path: &str, errors: &mut Vec<FieldError>) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object),
        other => {
            errors.push(FieldError::new(path, format!("must be an object, not {}", kind(&other))));
            None
        }
    }
}

fn required_object(from: &mut Fields<'_>, name: &'static str, required: &str) -> Option<Map<String, Value>> {
    let errors = from.error_count();
    let object = from.object(&[name]).map(|(_, object)| object);
    if object.is_none() && from.error_count() == errors {
        from.wrong(name, required);
    }
    object
}
