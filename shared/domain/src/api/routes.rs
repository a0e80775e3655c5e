//! Every route of the API, as data: routers take their parameters from here, and the OpenAPI
//! document is made from here, so that neither can say what the other does not.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{
    Catalog, Deployment, ElementReceipt, ListedDeployment, LiveCell, Page, Problem, Receipt, RecordedEvent, Rejected,
    Verification,
};

/// Which function serves a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Records.
    EventProcessor,
    /// Answers.
    StatusQuery,
}

/// A route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Its name in the OpenAPI document.
    pub operation: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// What may stand in the query.
    pub query: &'static [Parameter],
    /// Which function serves it.
    pub function: Function,
    /// The schema of its answer.
    answer: fn(&mut SchemaGenerator) -> Value,
}

/// A parameter of a query: its name, its schema's kind, and what it means.
#[derive(Debug, Clone, Copy)]
pub struct Parameter(pub &'static str, Kind, &'static str);

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Time,
    Status,
    Limit,
}

const ENVIRONMENT: Parameter = Parameter("environment", Kind::Text, "Only of this environment.");
const SERVICE: Parameter = Parameter("service", Kind::Text, "Only of this service.");
const LIMIT: Parameter = Parameter("limit", Kind::Limit, "How many items a page has at most.");
const CURSOR: Parameter = Parameter("cursor", Kind::Text, "The `nextCursor` of the page before, with the same query.");

/// All routes.
pub const ROUTES: [Route; 13] = [
    Route {
        method: "POST",
        path: "/v1/events",
        operation: "postEvents",
        summary: "Records one event, or up to 100 with one result for each.",
        query: &[],
        function: Function::EventProcessor,
        answer: |schemas| json!({"oneOf": [schema::<Receipt>(schemas), schema::<Vec<ElementReceipt>>(schemas)]}),
    },
    Route {
        method: "POST",
        path: "/v1/webhooks/github",
        operation: "postGithubWebhook",
        summary: "Takes GitHub's `deployment` and `deployment_status` webhooks, signed with the configured secret.",
        query: &[],
        function: Function::EventProcessor,
        answer: schema::<Receipt>,
    },
    Route {
        method: "GET",
        path: "/v1/deployments",
        operation: "listDeployments",
        summary: "Deployments, newest first.",
        query: &[
            ENVIRONMENT,
            SERVICE,
            Parameter("status", Kind::Status, "Only in this status."),
            Parameter("version", Kind::Text, "Only of this version."),
            Parameter("from", Kind::Time, "Started at this time or later."),
            Parameter("to", Kind::Time, "Started before this time."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: schema::<Page<ListedDeployment>>,
    },
    Route {
        method: "GET",
        path: "/v1/deployments/active",
        operation: "listActiveDeployments",
        summary: "Deployments that have not ended, newest first.",
        query: &[ENVIRONMENT, LIMIT, CURSOR],
        function: Function::StatusQuery,
        answer: schema::<Page<Deployment>>,
    },
    Route {
        method: "GET",
        path: "/v1/deployments/{deploymentId}",
        operation: "getDeployment",
        summary: "How a deployment stands, with its stages.",
        query: &[],
        function: Function::StatusQuery,
        answer: schema::<Deployment>,
    },
    Route {
        method: "GET",
        path: "/v1/deployments/{deploymentId}/events",
        operation: "listDeploymentEvents",
        summary: "A deployment's audit trail, in sequence order, with hashes.",
        query: &[LIMIT, CURSOR],
        function: Function::StatusQuery,
        answer: schema::<Page<RecordedEvent>>,
    },
    Route {
        method: "GET",
        path: "/v1/deployments/{deploymentId}/verify",
        operation: "verifyDeployment",
        summary: "Whether a deployment's history is intact and its summary the fold of it.",
        query: &[],
        function: Function::StatusQuery,
        answer: schema::<Verification>,
    },
    Route {
        method: "GET",
        path: "/v1/live",
        operation: "listLive",
        summary: "What runs where; on request at a point in time, or as it was known at one.",
        query: &[
            ENVIRONMENT,
            SERVICE,
            Parameter("asOf", Kind::Time, "What ran at this time."),
            Parameter("knownAt", Kind::Time, "As it was known at this time."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: schema::<Page<LiveCell>>,
    },
    Route {
        method: "GET",
        path: "/v1/catalog",
        operation: "getCatalog",
        summary: "Environments and services; with `service`, that service and its versions.",
        query: &[SERVICE, LIMIT, CURSOR],
        function: Function::StatusQuery,
        answer: schema::<Catalog>,
    },
    Route {
        method: "GET",
        path: "/v1/rejected",
        operation: "listRejected",
        summary: "What came through the queue and was refused, newest first.",
        query: &[
            Parameter("from", Kind::Time, "Sent at this time or later."),
            Parameter("to", Kind::Time, "Sent before this time."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: schema::<Page<Rejected>>,
    },
    Route {
        method: "GET",
        path: "/openapi.json",
        operation: "getOpenapi",
        summary: "This document.",
        query: &[],
        function: Function::StatusQuery,
        answer: |_| json!({"type": "object"}),
    },
    Route {
        method: "GET",
        path: "/healthz",
        operation: "getHealth",
        summary: "Whether the function answers. The only route without authorization.",
        query: &[],
        function: Function::StatusQuery,
        answer: |_| json!({"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}),
    },
    Route {
        method: "GET",
        path: "/",
        operation: "getRoot",
        summary: "Where to begin: links to the routes above.",
        query: &[],
        function: Function::StatusQuery,
        answer: |_| json!({"type": "object"}),
    },
];

/// The OpenAPI document of all routes.
#[must_use]
pub fn openapi() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| "/components/schemas".clone_into(settings.definitions_path.to_mut()));
    let mut schemas = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    let problem = schema::<Problem>(&mut schemas);
    for route in &ROUTES {
        let mut parameters: Vec<Value> = route.query.iter().map(parameter).collect();
        if route.path.contains("{deploymentId}") {
            let id = json!({"name": "deploymentId", "in": "path", "required": true, "schema": {"type": "string"}});
            parameters.insert(0, id);
        }
        let mut operation = json!({
            "operationId": route.operation,
            "summary": route.summary,
            "parameters": parameters,
            "responses": {
                "200": {"description": "The answer.", "content": {"application/json": {"schema": (route.answer)(&mut schemas)}}},
                "default": {"description": "A problem.", "content": {"application/problem+json": {"schema": problem}}},
            },
        });
        let responses = &mut operation["responses"];
        if route.method == "POST" {
            responses["200"]["description"] =
                json!("Known already, or not about a deployment; or one result per element.");
            responses["201"] = responses["200"].clone();
            responses["201"]["description"] = json!("Recorded.");
            operation["requestBody"] = body(route.operation);
        } else {
            responses["304"] = json!({"description": "As it was: the `ETag` in `If-None-Match` still holds."});
        }
        paths.entry(route.path).or_insert_with(|| json!({}))[route.method.to_lowercase()] = operation;
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

fn schema<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().to_value()
}

fn parameter(Parameter(name, kind, description): &Parameter) -> Value {
    let schema = match kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Time => json!({"type": "string", "format": "date-time"}),
        Kind::Status => json!({"enum": crate::Status::ALL}),
        Kind::Limit => json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    };
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

fn body(operation: &str) -> Value {
    let event = json!({"$ref": "#/components/schemas/Event"});
    let schema = match operation {
        "postEvents" => json!({"oneOf": [event, {"type": "array", "maxItems": 100, "items": event}]}),
        _ => json!({"type": "object", "description": "The tool's own payload."}),
    };
    json!({"required": true, "content": {"application/json": {"schema": schema}}})
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
            "status": {"enum": crate::Status::ALL},
            "type": {"enum": ["deployment", "stage", "removal"], "default": "deployment"},
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
