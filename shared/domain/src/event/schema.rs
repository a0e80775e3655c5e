//! The event as a JSON Schema, and as the table of its fields for people.

use serde_json::{Map, Value, json};

use super::{Event, Field};

/// The JSON Schema (draft 2020-12) of what [`read`](super::read()) reads, bare.
#[must_use]
pub fn schema() -> Value {
    let mut properties = Map::new();
    for field in &Event::fields() {
        let described = || {
            let mut schema = (field.schema)();
            if schema.get("description").is_none() {
                schema["description"] = json!(field.meaning);
            }
            if field.required { schema } else { nullable(schema) }
        };
        for name in [field.name].iter().chain(field.aliases) {
            properties.insert((*name).to_owned(), described());
        }
    }
    let fields = Event::fields();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    json!({
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": properties,
        "allOf": relations(),
    })
}

/// Null is the same as absent.
pub(super) fn nullable(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").cloned() {
        schema["type"] = json!([kind, "null"]);
        return schema;
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.push(Value::Null);
        return schema;
    }
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// What must hold between fields.
fn relations() -> Vec<Value> {
    let given = || json!({"not": {"type": "null"}});
    let of_type = |name: &str| json!({"properties": {"type": {"const": name}}, "required": ["type"]});
    let mut relations = vec![
        json!({"if": of_type("stage"), "then": {"required": ["stage"], "properties": {"stage": given()}}}),
        json!({
            "if": of_type("incident"),
            "then": {"properties": {
                "deploymentId": {"pattern": "^incident:."},
                "status": {"enum": ["IN_PROGRESS", "COMPLETED"]},
            }},
            "else": {"properties": {"deploymentId": {"not": {"pattern": "^incident:"}}}},
        }),
    ];
    // Two names of one field in one event are an error.
    for field in &Event::fields() {
        let names: Vec<&str> = [field.name].iter().chain(field.aliases).copied().collect();
        for (at, one) in names.iter().enumerate() {
            relations.extend(names[at + 1..].iter().map(
                |other| json!({"not": {"required": [one, other], "properties": {*one: given(), *other: given()}}}),
            ));
        }
    }
    relations
}

/// The table of fields in `docs/events.md`, as Markdown.
#[must_use]
pub fn table() -> String {
    let names = |field: &Field| {
        let all = [field.name].iter().chain(field.aliases).map(|name| format!("`{name}`")).collect::<Vec<_>>();
        all.join(", or ")
    };
    let row = |field: &Field| {
        format!(
            "| {} | {} | {} | {} |\n",
            names(field),
            field.meaning.trim_end_matches('.'),
            field.bounds,
            field.absent
        )
    };
    let head = "| field | what it is | bounds | absent |\n|---|---|---|---|\n";
    head.to_owned() + &Event::fields().iter().map(row).collect::<String>()
}
