//! Pieces of JSON Schemas that fields share.

use serde_json::{Value, json};

/// A schema of a text of at most so many bytes, which are as many characters or fewer.
pub(super) fn text(bytes: usize) -> Value {
    json!({"type": "string", "maxLength": bytes, "x-maxBytes": bytes})
}

/// A schema that takes null too, which means the same as leaving the field out.
pub(super) fn or_null(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").cloned() {
        schema["type"] = json!([kind, "null"]);
    }
    for (choices, null) in [("enum", Value::Null), ("oneOf", json!({"type": "null"}))] {
        if let Some(Value::Array(choices)) = schema.get_mut(choices) {
            choices.push(null);
        }
    }
    schema
}

/// That a field has a value under one of its names at most.
pub(super) fn one_of_its_names(names: &[&str]) -> Vec<Value> {
    let nothing_at = |name: &str| json!({"properties": {name: {"type": "null"}}});
    let pairs = names.iter().enumerate().flat_map(|(at, one)| names[at + 1..].iter().map(move |other| (one, other)));
    pairs.map(|(one, other)| json!({"anyOf": [nothing_at(one), nothing_at(other)]})).collect()
}
