//! The table of routes: one row each.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use super::parameter::{CURSOR, ENVIRONMENT, Kind, LIMIT, Parameter, SERVICE};
use super::{Function, Method, Operation, Route};
use crate::cdevents::CdEvent;
use crate::{
    Catalog, Deployment, ElementReceipt, Incident, ListedDeployment, LiveCell, Metrics, Page, Receipt, RecordedEvent,
    Rejected, Verification,
};

/// All routes.
pub const ROUTES: [Route; 15] = [
    Route {
        operation: Operation::PostEvents,
        method: Method::Post,
        path: "/v1/events",
        summary: "Records one event, or up to 100 with one result for each; CDEvents, CloudEvents and log entries of pipelines too.",
        query: &[],
        function: Function::EventProcessor,
        answer: |schemas| json!({"oneOf": [schema::<Receipt>(schemas), schema::<Vec<ElementReceipt>>(schemas)]}),
    },
    Route {
        operation: Operation::PostWebhook,
        method: Method::Post,
        path: "/v1/webhooks/{tool}",
        summary: "Takes a tool's own webhook, with its proof of where it comes from.",
        query: &[],
        function: Function::EventProcessor,
        answer: schema::<Receipt>,
    },
    Route {
        operation: Operation::ListDeployments,
        method: Method::Get,
        path: "/v1/deployments",
        summary: "Deployments, newest first.",
        query: &[
            ENVIRONMENT,
            SERVICE,
            Parameter::new("status", Kind::Status, "Only in this status."),
            Parameter::new("version", Kind::Version, "Only of this version."),
            Parameter::new("from", Kind::Time, "Started at this time or later."),
            Parameter::new("to", Kind::Time, "Started before this time."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: schema::<Page<ListedDeployment>>,
    },
    Route {
        operation: Operation::ListActiveDeployments,
        method: Method::Get,
        path: "/v1/deployments/active",
        summary: "Deployments that have not ended, newest first.",
        query: &[ENVIRONMENT, LIMIT, CURSOR],
        function: Function::StatusQuery,
        answer: schema::<Page<Deployment>>,
    },
    Route {
        operation: Operation::GetDeployment,
        method: Method::Get,
        path: "/v1/deployments/{deploymentId}",
        summary: "How a deployment stands, with its stages.",
        query: &[],
        function: Function::StatusQuery,
        answer: schema::<Deployment>,
    },
    Route {
        operation: Operation::ListDeploymentEvents,
        method: Method::Get,
        path: "/v1/deployments/{deploymentId}/events",
        summary: "A deployment's audit trail, in sequence order, with hashes.",
        query: &[
            Parameter::new("format", Kind::Format, "As recorded, or as CDEvents: of each entry none, one or two."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: |schemas| json!({"anyOf": [schema::<Page<RecordedEvent>>(schemas), schema::<Page<CdEvent>>(schemas)]}),
    },
    Route {
        operation: Operation::VerifyDeployment,
        method: Method::Get,
        path: "/v1/deployments/{deploymentId}/verify",
        summary: "Whether a deployment's history is intact and its summary the fold of it.",
        query: &[],
        function: Function::StatusQuery,
        answer: schema::<Verification>,
    },
    Route {
        operation: Operation::ListIncidents,
        method: Method::Get,
        path: "/v1/incidents",
        summary: "Incidents, newest first.",
        query: &[
            ENVIRONMENT,
            SERVICE,
            Parameter::new("from", Kind::Time, "Began at this time or later."),
            Parameter::new("to", Kind::Time, "Began before this time."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: schema::<Page<Incident>>,
    },
    Route {
        operation: Operation::ListLive,
        method: Method::Get,
        path: "/v1/live",
        summary: "What runs where; on request at a point in time, or as it was known at one.",
        query: &[
            ENVIRONMENT,
            SERVICE,
            Parameter::new("asOf", Kind::Time, "What ran at this time."),
            Parameter::new("knownAt", Kind::Time, "As it was known at this time."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: schema::<Page<LiveCell>>,
    },
    Route {
        operation: Operation::GetMetrics,
        method: Method::Get,
        path: "/v1/metrics",
        summary: "How the deployments that ended in the last hours went: counts, success rate, durations, stages, DORA.",
        query: &[ENVIRONMENT, SERVICE, Parameter::new("hours", Kind::Hours, "How many hours back from now.")],
        function: Function::StatusQuery,
        answer: schema::<Metrics>,
    },
    Route {
        operation: Operation::GetCatalog,
        method: Method::Get,
        path: "/v1/catalog",
        summary: "Environments and services; with `service`, that service and its versions.",
        query: &[SERVICE, LIMIT, CURSOR],
        function: Function::StatusQuery,
        answer: schema::<Catalog>,
    },
    Route {
        operation: Operation::ListRejected,
        method: Method::Get,
        path: "/v1/rejected",
        summary: "What came through the queue and was refused, newest first.",
        query: &[
            Parameter::new("from", Kind::Time, "Sent at this time or later."),
            Parameter::new("to", Kind::Time, "Sent before this time."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: schema::<Page<Rejected>>,
    },
    Route {
        operation: Operation::GetOpenapi,
        method: Method::Get,
        path: "/openapi.json",
        summary: "This document.",
        query: &[],
        function: Function::StatusQuery,
        answer: |_| json!({"type": "object"}),
    },
    Route {
        operation: Operation::GetHealth,
        method: Method::Get,
        path: "/healthz",
        summary: "Whether the function answers. The only route without authorization.",
        query: &[],
        function: Function::StatusQuery,
        answer: |_| json!({"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}),
    },
    Route {
        operation: Operation::GetRoot,
        method: Method::Get,
        path: "/",
        summary: "Where to begin: links to the routes above.",
        query: &[],
        function: Function::StatusQuery,
        answer: |_| json!({"type": "object"}),
    },
];

/// The schema of a shape, which stands among the document's own.
fn schema<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().to_value()
}
