//! The event as a JSON Schema, and as the table of its fields for people.
//!
//! What a schema can't say stands in it as `x-maxBytes`, the most bytes of a text in UTF-8 or of a value as
//! JSON, and in descriptions.

use serde_json::{Map, Value, json};

use super::limits::Limits;
use super::list::Event;
use super::schema_pieces::{one_of_its_names, or_null};
use super::slot::Field;
use super::{observation, retirement, verdict};

/// The JSON Schema (draft 2020-12) of what [`read`](super::read()) reads, bare.
#[must_use]
pub fn schema() -> Value {
    let mut properties = Map::new();
    for field in &Event::fields() {
        let described = || {
            let mut schema = or_null((field.schema)());
            if schema.get("description").is_none() {
                schema["description"] = json!(field.meaning);
            }
            schema
        };
        for name in [field.name].iter().chain(field.aliases) {
            properties.insert((*name).to_owned(), described());
        }
    }
    json!({
        "type": "object",
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
            "else": {"if": of_type("note"), "then": of_note()},
        }),
        json!({
            "if": of_type("retirement"),
            "then": of_retirement(),
            "else": {"if": of_type("verdict"), "then": of_verdict(), "else": {
                "if": of_type("observation"), "then": of_observation(), "else": of_others(),
            }},
        }),
        json!({"if": of_type("stage"), "then": {"required": ["stage"], "properties": {"stage": {"type": "string"}}}}),
        json!({
            "if": of_type("incident"),
            "then": {"properties": {
                "deploymentId": {"pattern": "^incident:."},
                "status": {"enum": ["IN_PROGRESS", "COMPLETED"]},
            }},
            "else": {"properties": {"deploymentId": {"not": {"type": "string", "pattern": "^(incident|environment|verdicts|observations):"}}}},
        }),
    ];
    for field in &Event::fields() {
        let names: Vec<&str> = [field.name].iter().chain(field.aliases).copied().collect();
        relations.extend(one_of_its_names(&names));
    }
    relations
}

/// What all events have but retirements, verdicts and observations, and what only these have.
fn of_others() -> Value {
    let required: Vec<&str> = Event::fields().iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut others = has(&required);
    for name in ["outcome", "reason", "alarm"] {
        others["properties"][name] = json!({"type": "null"});
    }
    others["properties"]["baseline"] = json!({"additionalProperties": {"type": "null"}});
    others
}

/// That each of these fields has a value.
fn has(names: &[&str]) -> Value {
    let given = names.iter().map(|name| ((*name).to_owned(), json!({"not": {"type": "null"}})));
    json!({"required": names, "properties": given.collect::<Map<_, _>>()})
}

/// That an event has no fields but these.
fn only(names: &[&str]) -> Map<String, Value> {
    let fields = Event::fields();
    let others = fields.iter().filter(|field| !names.contains(&field.name));
    let names = others.flat_map(|field| [field.name].into_iter().chain(field.aliases.iter().copied()));
    names.map(|name| (name.to_owned(), json!({"type": "null"}))).collect()
}

/// What a note has besides.
fn of_note() -> Value {
    json!({
        "required": ["notes"],
        "properties": {"status": {"const": "COMPLETED"}, "notes": {"type": "string", "pattern": r"[^\s\u0085]"}},
    })
}

/// What a retirement has, and nothing else.
fn of_retirement() -> Value {
    let mut properties = only(&retirement::FIELDS);
    properties.insert("environment".to_owned(), json!({"type": "string", "not": {"const": "unknown"}}));
    json!({
        "required": ["environment"],
        "properties": properties,
        "anyOf": [has(&["occurredAt"]), has(&["timestamp"])],
    })
}

/// What a verdict has, and nothing else.
fn of_verdict() -> Value {
    let mut properties = only(&verdict::FIELDS);
    properties.extend(verdict::SERVICE.map(|name| (name.to_owned(), json!({"not": {"const": "unknown"}}))));
    properties.insert("environment".to_owned(), json!({"not": {"const": "unknown"}}));
    let one_of = |names: &[&str]| json!({"anyOf": names.iter().map(|name| has(&[name])).collect::<Vec<_>>()});
    json!({
        "properties": properties,
        "allOf": [
            has(&["outcome", "reason"]),
            one_of(&verdict::SERVICE),
            one_of(&["version", "commit"]),
            one_of(&["occurredAt", "timestamp", "eventId"]),
        ],
    })
}

/// What an observation has, and nothing else.
fn of_observation() -> Value {
    let mut properties = only(&observation::FIELDS);
    properties.insert("outcome".to_owned(), json!({"type": "null"}));
    let mut place = has(&["environment"]);
    place["properties"]["environment"] = json!({"type": "string", "not": {"const": "unknown"}});
    place["anyOf"] = verdict::SERVICE
        .map(|name| {
            let mut service = has(&[name]);
            service["properties"][name] = json!({"type": "string", "not": {"const": "unknown"}});
            service
        })
        .to_vec()
        .into();
    let measured = observation::JUDGED.map(|name| json!({"properties": {"metrics": has(&[name])}}));
    let mut of_metrics = has(&["metrics"]);
    of_metrics["properties"]["alarm"] = json!({"type": "null"});
    of_metrics["anyOf"] = measured.to_vec().into();
    let mut of_an_alarm = has(&["alarm"]);
    for name in ["metrics", "baseline"] {
        of_an_alarm["properties"][name] = json!({"additionalProperties": {"type": "null"}});
    }
    json!({
        "properties": properties,
        "allOf": [
            {"anyOf": [of_metrics, of_an_alarm]},
            {"anyOf": [has(&["deploymentId"]), place]},
            {"anyOf": [has(&["occurredAt"]), has(&["timestamp"])]},
        ],
    })
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
