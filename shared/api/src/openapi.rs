//! The OpenAPI document: each route of the table, with the schemas of what goes in and comes out, and
//! every status that it answers.

mod body;
mod parameter;
mod responses;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::Problem;
use crate::routes::{Method, Operation, ROUTES, Route, WebhookTool, answer};

/// The OpenAPI document of all routes, with one path for each of the `tools` whose webhooks are accepted.
#[must_use]
pub fn openapi(tools: &[WebhookTool]) -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| "/components/schemas".clone_into(settings.definitions_path.to_mut()));
    let mut schemas = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let described = describe(route, &mut schemas);
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
    let problem = schemas.subschema_for::<Problem>().to_value();
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
        "components": {"schemas": definitions, "responses": responses::problems(&problem)},
    })
}

/// A route's operation.
fn describe(route: &Route, schemas: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": route.operation.name(),
        "summary": route.summary,
        "parameters": parameter::all(route),
        "responses": responses::of(route, &answer(route.operation, schemas)),
    });
    if route.method != Method::Get {
        operation["requestBody"] = body::of(route.operation);
    }
    operation
}
