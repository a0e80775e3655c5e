//! Reads the fields of the event out of a mapping.

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;
use domain::event::{self, Kind};
use domain::fields::{Fields, kind};
use serde_json::{Map, Value, json};

use super::{TEXTS, one_path};
use crate::custom::field::{Field, From};
use crate::custom::fields::{FIELDS, NAMED};
use crate::custom::path::Path;
use crate::custom::value::Kind as ValueKind;
use crate::rules::pattern::Pattern;

/// How many paths a field has at most.
const PATHS: usize = 8;

/// The fields of the event.
pub(super) fn fields(mut from: Fields<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    for (_, name, value_kind) in FIELDS.into_iter().filter(|(group, ..)| group.is_none()) {
        if let Some((_, object)) = from.object(&[name]) {
            fields.push(field(from.nested(name, object), None, name, value_kind));
        } else if ["deploymentId", "status"].contains(&name) && !from.has_error(name) {
            from.wrong(name, "is required: where it stands in a payload");
        }
    }
    let groups: BTreeSet<&str> = FIELDS.iter().filter_map(|(group, ..)| *group).collect();
    for group in groups {
        let Some((group, object)) = from.object(&[group]) else { continue };
        let mut inner = from.nested(group, object);
        let members = FIELDS.into_iter().filter(|(of, ..)| *of == Some(group));
        for (_, name, value_kind) in members {
            if let Some((_, object)) = inner.object(&[name]) {
                fields.push(field(inner.nested(name, object), Some(group), name, value_kind));
            }
        }
        inner.finish("known are the fields of our own event: docs/events.md");
    }
    for (group, value_kind, most) in NAMED {
        let Some((_, object)) = from.object(&[group]) else { continue };
        if object.len() > most {
            from.wrong(group, format!("must have at most {most} names"));
        }
        let mut inner = from.nested(group, Map::new());
        for (name, value) in object {
            if !(1..=64).contains(&name.chars().count()) || name.chars().any(char::is_control) {
                inner.wrong(&name, "must have a name of 1 to 64 printable characters");
                continue;
            }
            match value {
                Value::Object(object) => {
                    fields.push(field(inner.nested(&name, object), Some(group), &name, value_kind));
                }
                other => inner.wrong(&name, format!("must be an object, not {}", kind(&other))),
            }
        }
    }
    from.finish("known are the fields of our own event: docs/events.md");
    fields
}

fn field(mut from: Fields<'_>, group: Option<&'static str>, name: &str, value_kind: ValueKind) -> Field {
    let before = from.error_count();
    let path = from.take(&["path"]).map(|(_, value)| value);
    let fixed = from.take(&["value"]).map(|(_, value)| value);
    let prefix = from.free_text(&["prefix"], 128).unwrap_or_default();
    if !prefix.is_empty() && matches!(value_kind, ValueKind::Number | ValueKind::Time) {
        from.wrong("prefix", "is of a field that is a text");
    }
    let pattern = from.text(&["pattern"]).and_then(|(_, text)| pattern(&mut from, name, &text));
    let map = from.object(&["map"]).map(|(_, object)| map(&mut from, object)).unwrap_or_default();
    let ignores = match from.text(&["otherwise"]) {
        Some((_, text)) if text == "ignore" => true,
        Some(_) => {
            from.wrong("otherwise", r#"must be "ignore": a payload that `map` or `pattern` does not know is ignored"#);
            false
        }
        None => false,
    };
    let taken = match (path, fixed) {
        (Some(path), None) => paths(&mut from, path).map(From::Paths),
        (None, Some(value)) if prefix.is_empty() && pattern.is_none() && map.is_empty() && !ignores => {
            Some(From::Value(value))
        }
        (None, Some(_)) => {
            from.wrong("value", "is what the field always is; prefix, pattern, map and otherwise are of a path");
            None
        }
        (Some(_), Some(_)) => {
            from.wrong("value", "is what the field always is; leave it out, or `path`");
            None
        }
        (None, None) => {
            if from.error_count() == before {
                from.wrong("path", "is required, or `value`: a JSONPath, or several to be tried in order");
            }
            None
        }
    };
    if ignores && map.is_empty() && pattern.is_none() && from.error_count() == before {
        from.wrong("otherwise", "is of a field with `map` or `pattern`");
    }
    let taken = taken.unwrap_or_else(|| From::Paths(Vec::new()));
    let field = Field { group, name: name.to_owned(), kind: value_kind, from: taken, prefix, pattern, map, ignores };
    if from.error_count() == before {
        wrong_values(&mut from, &field);
    }
    from.finish("known are path, value, prefix, pattern, map and otherwise");
    field
}

fn paths(from: &mut Fields<'_>, value: Value) -> Option<Vec<Path>> {
    let Value::Array(values) = value else { return one_path(from, "path", &value).map(|path| vec![path]) };
    if !(1..=PATHS).contains(&values.len()) {
        from.wrong("path", format!("must be a JSONPath, or 1 to {PATHS} of them"));
        return None;
    }
    let read = values.iter().enumerate().map(|(index, value)| one_path(from, &format!("path[{index}]"), value));
    read.collect::<Vec<_>>().into_iter().collect()
}

/// A pattern, in which the field's own name stands for what counts.
fn pattern(from: &mut Fields<'_>, name: &str, text: &str) -> Option<Pattern<()>> {
    match Pattern::of(text, &[(name, ())]) {
        Ok(pattern) if pattern.takes(()) => Some(pattern),
        Ok(_) => {
            from.wrong("pattern", format!("must have {{{name}}} in it, which stands for what counts"));
            None
        }
        Err(wrong) => {
            from.wrong("pattern", wrong);
            None
        }
    }
}

fn map(from: &mut Fields<'_>, object: Map<String, Value>) -> BTreeMap<String, String> {
    if !(1..=TEXTS).contains(&object.len()) {
        from.wrong("map", format!("must have 1 to {TEXTS} texts"));
    }
    let mut map = BTreeMap::new();
    for (text, value) in object {
        match value {
            Value::String(value) => _ = map.insert(text, value),
            other => from.wrong(&format!("map.{text}"), format!("must be a text, not {}", kind(&other))),
        }
    }
    map
}

/// Notes what a field gives whatever a payload has, and an event can't have.
fn wrong_values(from: &mut Fields<'_>, field: &Field) {
    if let From::Value(value) = &field.from
        && let Some(wrong) = wrong_value(field, value)
    {
        from.wrong("value", wrong);
    }
    for (text, value) in &field.map {
        let wrong = match field.converted(value) {
            Ok(value) => value.and_then(|value| wrong_value(field, &value)),
            Err(wrong) => Some(wrong.to_owned()),
        };
        if let Some(wrong) = wrong {
            from.wrong(&format!("map.{text}"), wrong);
        }
    }
}

/// Why an event can't have a value in a field, by the rules of our own events.
fn wrong_value(field: &Field, value: &Value) -> Option<String> {
    let mut event = json!({"deploymentId": "any", "status": "COMPLETED"});
    match field.group {
        Some(group) => event[group] = json!({&field.name: value}),
        None => event[&field.name] = value.clone(),
    }
    let label = field.label();
    if label == "type" && value == Kind::Retirement.as_str() {
        return Some("must not be retirement: that is of an environment, and has no deploymentId".to_owned());
    }
    if label == "type" && value == Kind::Verdict.as_str() {
        return Some("must not be verdict: that is of a version, and has no deploymentId".to_owned());
    }
    if label == "type" && value == Kind::Observation.as_str() {
        return Some("must not be observation: it is of no deployment's history, and has no status".to_owned());
    }
    let errors = event::read(event, Timestamp::MAX).err()?;
    let error = errors.into_iter().find(|error| error.field == label || Some(error.field.as_str()) == field.group);
    error.map(|error| error.detail)
}
