//! The OpenAPI document: each route of the table, with the schemas of what goes in and comes out.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::routes::{Kind, Method, Operation, Parameter, ROUTES, Route, WebhookTool};
use crate::{Problem, TrailFormat};
use domain::questions::delivery::Hours;

/// The OpenAPI document of all routes, with one path for each of the `tools` whose webhooks are accepted.
#[must_use]
pub fn openapi(tools: &[WebhookTool]) -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| "/components/schemas".clone_into(settings.definitions_path.to_mut()));
    let mut schemas = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    let problem = schema::<Problem>(&mut schemas);
    for route in &ROUTES {
        let described = describe(route, &problem, &mut schemas);
        if route.operation == Operation::PostWebhook {
            for (tool, path) in tools.iter().zip(route.paths(tools)) {
                let mut described = described.clone();
                described["operationId"] = json!(tool.operation);
                described["summary"] = json!(tool.summary);
                paths.insert(path, json!({"post": described}));
            }
        } else {
            let operations = paths.entry(route.path).or_insert_with(|| json!({}));
            operations[route.method.as_str().to_lowercase()] = described;
        }
    }
    let mut definitions = schemas.take_definitions(true);
    definitions.insert("Event".to_owned(), event_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Deployment Status",
            "version": "1",
            "description": "Which version of which service runs in which environment, and how it got there.",
        },
        "paths": paths,
        "components": {"schemas": definitions},
    })
}

/// A route's operation.
fn describe(route: &Route, problem: &Value, schemas: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = route.query.iter().map(parameter).collect();
    if let Some(name) = route.parameter().filter(|_| route.operation != Operation::PostWebhook) {
        parameters.insert(0, json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
    }
    let mut operation = json!({
        "operationId": route.operation.name(),
        "summary": route.summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "The answer.", "content": {"application/json": {"schema": (route.answer)(schemas)}}},
            "default": {"description": "A problem.", "content": {"application/problem+json": {"schema": problem}}},
        },
    });
    let responses = &mut operation["responses"];
    if route.method == Method::Post {
        responses["200"]["description"] = json!("Known already, or not about a deployment; or one result per element.");
        responses["201"] = responses["200"].clone();
        responses["201"]["description"] = json!("Recorded.");
        operation["requestBody"] = body(route.operation);
    } else {
        responses["304"] = json!({"description": "As it was: the `ETag` in `If-None-Match` still holds."});
    }
    operation
}

pub(crate) fn schema<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().to_value()
}

fn parameter(Parameter { name, kind, meaning }: &Parameter) -> Value {
    let schema = match kind {
        Kind::Name | Kind::Version | Kind::Cursor => json!({"type": "string"}),
        Kind::Time => json!({"type": "string", "format": "date-time"}),
        Kind::Status => json!({"enum": domain::Status::ALL}),
        Kind::Format => {
            json!({"enum": TrailFormat::ALL.map(TrailFormat::as_str), "default": TrailFormat::ALL[0].as_str()})
        }
        Kind::Limit => json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
        Kind::Hours => {
            json!({"type": "integer", "minimum": 1, "maximum": Hours::MOST, "default": Hours::DEFAULT.get()})
        }
    };
    json!({"name": name, "in": "query", "description": meaning, "schema": schema})
}

fn body(operation: Operation) -> Value {
    if operation != Operation::PostEvents {
        let payload = json!({"type": "object", "description": "The tool's own payload."});
        return json!({"required": true, "content": {"application/json": {"schema": payload}}});
    }
    let event = json!({"$ref": "#/components/schemas/Event"});
    let foreign = json!({"type": "object", "description": "A CDEvent, a CloudEvent, or the log entry of a pipeline."});
    let one = json!({"anyOf": [event, foreign]});
    let cloud_event = json!({"type": "object", "required": ["specversion", "id", "source", "type"]});
    let array = |items: &Value| json!({"type": "array", "maxItems": 100, "items": items});
    json!({"required": true, "content": {
        "application/json": {"schema": {"anyOf": [event, foreign, array(&one)]}},
        "application/cloudevents+json": {"schema": cloud_event},
        "application/cloudevents-batch+json": {"schema": array(&cloud_event)},
    }})
}

/// The schema of what may be posted: see `event::read`, which is the reader of it.
fn event_schema() -> Value {
    let name = json!({"type": "string", "minLength": 1, "maxLength": 128});
    let label = json!({"type": "string", "minLength": 1, "maxLength": 256});
    let time = json!({"type": "string", "format": "date-time"});
    let percent = json!({"type": "number", "minimum": 0, "maximum": 100});
    let figure = json!({"type": "number", "minimum": 0, "maximum": 1e12});
    let text = json!({"type": "string", "maxLength": 4096});
    let trigger = json!({"enum": ["MANUAL", "AUTOMATIC", "SCHEDULED"]});
    json!({
        "type": "object",
        "required": ["deploymentId", "status"],
        "additionalProperties": false,
        "properties": {
            "deploymentId": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$"},
            "status": {"enum": domain::Status::ALL},
            "type": {"enum": ["deployment", "stage", "removal", "incident"], "default": "deployment"},
            "stage": name, "attempt": {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1},
            "eventId": label, "source": name,
            "service": name, "application": name, "applicationName": name, "environment": name,
            "version": label, "commit": label, "artifact": label, "buildNumber": label, "region": label,
            "release": label, "rollbackTo": label,
            "occurredAt": time, "timestamp": time, "committedAt": time,
            "triggeredBy": {"oneOf": [trigger, {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "kind": trigger,
                    "actor": {"type": "string", "maxLength": 256},
                    "reason": {"type": "string", "maxLength": 1024},
                },
            }]},
            "metrics": {"type": "object", "additionalProperties": false, "properties": {
                "durationSeconds": figure, "duration": figure, "healthScore": percent, "errorCount": figure,
                "errorRate": percent, "instanceCount": figure, "successRate": percent, "latencyP95Ms": figure,
                "trafficPercent": percent,
            }},
            "error": {"type": "object", "additionalProperties": false, "properties": {
                "message": text, "code": {"type": "string", "maxLength": 256},
            }},
            "links": {"type": "object", "maxProperties": 16, "additionalProperties": {"type": "string", "pattern": "^https://"}},
            "notes": text,
            "metadata": {"type": "object", "description": "Anything, at most 16 KB and 64 levels deep, with no number beyond 2^53."},
        },
    })
}
