//! The event as a JSON Schema, and as the table of its fields for people.
//!
//! What a schema can't say stands in it as `x-maxBytes`, the most bytes of a text in UTF-8 or of a value as
//! JSON, and in descriptions.

use serde_json::{Map, Value, json};

use super::limits::Limits;
use super::list::Event;
use super::schema_pieces::{one_of_its_names, or_null};
use super::slot::Field;

/// The JSON Schema (draft 2020-12) of what [`read`](super::read()) reads, bare.
#[must_use]
pub fn schema() -> Value {
    let mut properties = Map::new();
    for field in &Event::fields() {
        let described = || {
            let mut schema = if field.required { (field.schema)() } else { or_null((field.schema)()) };
            if schema.get("description").is_none() {
                schema["description"] = json!(field.meaning);
            }
            schema
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
        "x-maxBytes": Limits::EVENT_BYTES,
    })
}

/// What must hold between fields.
fn relations() -> Vec<Value> {
    let of_type = |name: &str| json!({"properties": {"type": {"const": name}}, "required": ["type"]});
    let mut relations = vec![
        json!({
            "if": of_type("teardown"),
            "then": {"properties": {"status": {"const": "COMPLETED"}}},
        }),
        json!({"if": of_type("stage"), "then": {"required": ["stage"], "properties": {"stage": {"type": "string"}}}}),
        json!({
            "if": of_type("incident"),
            "then": {"properties": {
                "deploymentId": {"pattern": "^incident:."},
                "status": {"enum": ["IN_PROGRESS", "COMPLETED"]},
            }},
            "else": {"properties": {"deploymentId": {"not": {"pattern": "^incident:"}}}},
        }),
    ];
    for field in &Event::fields() {
        let names: Vec<&str> = [field.name].iter().chain(field.aliases).copied().collect();
        relations.extend(one_of_its_names(&names));
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
