//! What is posted to a route.

use domain::event::Limits;
use domain::identifiers::Identifier as _;
use domain::release::Declaration;
use domain::{Environment, Service, Version};
use serde_json::{Value, json};

use crate::routes::Operation;

/// The body of a request.
pub(super) fn of(operation: Operation) -> Value {
    if operation == Operation::PostEvents {
        return events();
    }
    if operation == Operation::PutSettings {
        let document = json!({"type": "object", "description": "The whole document: docs/settings.md."});
        return json!({"required": true, "content": {"application/json": {"schema": document}}});
    }
    if operation == Operation::PutRelease {
        let (service, version) = ((Service::RULE.schema)(), (Version::RULE.schema)());
        let document = json!({
            "type": "object",
            "required": ["services"],
            "additionalProperties": false,
            "properties": {
                "services": {"type": "object", "propertyNames": service, "additionalProperties": version, "minProperties": 1,
                    "maxProperties": Declaration::SERVICES, "description": "The version of each service, by its name."},
                "environments": {"type": ["array", "null"], "items": (Environment::RULE.schema)(), "uniqueItems": true, "maxItems": Declaration::ENVIRONMENTS,
                    "description": "Where the release is to go; everywhere, where none is named."},
                "notes": {"type": ["string", "null"], "maxLength": Declaration::NOTES, "description": "What else is to be said, of at most 4096 bytes."},
            },
        });
        return json!({"required": true, "content": {"application/json": {"schema": document}}});
    }
    let payload = json!({"type": "object", "description": "The tool's own payload."});
    json!({"required": true, "content": {"application/json": {"schema": payload}}})
}

fn events() -> Value {
    let event = json!({"$ref": "#/components/schemas/Event"});
    let cloud_event = json!({
        "type": "object",
        "required": ["specversion", "id", "source", "type"],
        "properties": {
            "specversion": {"type": "string"},
            "id": {"type": "string", "minLength": 1},
            "source": {"type": "string", "minLength": 1},
            "type": {"type": "string", "minLength": 1},
        },
        "description": "A CloudEvent; its `data` is an event, a CDEvent or the log entry of a pipeline.",
    });
    let cd_event = json!({
        "type": "object",
        "required": ["context"],
        "properties": {"context": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"type": "string", "pattern": "^dev\\.cdevents\\."}},
        }},
        "description": "A CDEvent.",
    });
    let log_entry = json!({
        "type": "object",
        "required": ["event_type"],
        "properties": {"event_type": {"type": "string"}},
        "description": "The log entry of a pipeline.",
    });
    // Each element has a result of its own, also one that is wrong.
    let array = json!({
        "type": "array",
        "maxItems": Limits::PER_REQUEST,
        "items": {},
        "description": "Events of any of these kinds; the answer has one result for each, in order.",
    });
    json!({"required": true, "content": {
        "application/json": {"schema": {"anyOf": [event, cloud_event, cd_event, log_entry, array]}},
        "application/cloudevents+json": {"schema": cloud_event},
        "application/cloudevents-batch+json": {"schema": array},
    }})
}
