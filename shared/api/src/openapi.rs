//! The OpenAPI document: each route of the table, with the schemas of what goes in and comes out.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
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
    let problem = schemas.subschema_for::<Problem>().to_value();
    for route in &ROUTES {
        let described = describe(route, &problem, &mut schemas);
        if route.operation == Operation::PostWebhook {
            for (tool, path) in tools.iter().zip(route.paths(tools)) {
                let mut described = described.clone();
                described["operationId"] = json!(tool.operation());
                described["summary"] = json!(tool.summary);
                paths.insert(path, json!({"post": described}));
            }
        } else {
            let operations = paths.entry(route.path).or_insert_with(|| json!({}));
            operations[route.method.as_str().to_lowercase()] = described;
        }
    }
    let mut definitions = schemas.take_definitions(true);
    definitions.insert("Event".to_owned(), domain::event::schema());
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
