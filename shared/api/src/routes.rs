//! Every route of the API, as data: routers take their parameters from here, and the OpenAPI
//! document is made from here (`document`), so that neither can say what the other does not.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use crate::{
    Catalog, Deployment, ElementReceipt, Incident, ListedDeployment, LiveCell, Metrics, Page, Receipt, RecordedEvent,
    Rejected, Verification,
};

use crate::openapi::schema;

use crate::cdevents::CdEvent;

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
    pub(crate) answer: fn(&mut SchemaGenerator) -> Value,
}

/// A parameter of a query: its name, its schema's kind, and what it means.
#[derive(Debug, Clone, Copy)]
pub struct Parameter(pub &'static str, pub(crate) Kind, pub(crate) &'static str);

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Time,
    Status,
    Limit,
    Hours,
    Format,
}

const ENVIRONMENT: Parameter = Parameter("environment", Kind::Text, "Only of this environment.");
const SERVICE: Parameter = Parameter("service", Kind::Text, "Only of this service.");
const LIMIT: Parameter = Parameter("limit", Kind::Limit, "How many items a page has at most.");
const CURSOR: Parameter = Parameter("cursor", Kind::Text, "The `nextCursor` of the page before, with the same query.");

/// All routes.
pub const ROUTES: [Route; 17] = [
    Route {
        method: "POST",
        path: "/v1/events",
        operation: "postEvents",
        summary: "Records one event, or up to 100 with one result for each; CDEvents, CloudEvents and log entries of pipelines too.",
        query: &[],
        function: Function::EventProcessor,
        answer: |schemas| json!({"oneOf": [schema::<Receipt>(schemas), schema::<Vec<ElementReceipt>>(schemas)]}),
    },
    Route {
        method: "POST",
        path: "/v1/webhooks/github",
        operation: "postGithubWebhook",
        summary: "Takes GitHub's webhooks about deployments, workflow runs and approvals, signed with a configured secret.",
        query: &[],
        function: Function::EventProcessor,
        answer: schema::<Receipt>,
    },
    Route {
        method: "POST",
        path: "/v1/webhooks/gitlab",
        operation: "postGitlabWebhook",
        summary: "Takes GitLab's deployment webhooks, with a configured token or signed with a configured key.",
        query: &[],
        function: Function::EventProcessor,
        answer: schema::<Receipt>,
    },
    Route {
        method: "POST",
        path: "/v1/webhooks/argocd",
        operation: "postArgocdWebhook",
        summary: "Takes Argo CD's notifications, with a configured token in `Authorization: Bearer` or `X-Webhook-Token`.",
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
        query: &[
            Parameter("format", Kind::Format, "As recorded, or as CDEvents: of each entry none, one or two."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: |schemas| json!({"anyOf": [schema::<Page<RecordedEvent>>(schemas), schema::<Page<CdEvent>>(schemas)]}),
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
        path: "/v1/incidents",
        operation: "listIncidents",
        summary: "Incidents, newest first.",
        query: &[
            ENVIRONMENT,
            SERVICE,
            Parameter("from", Kind::Time, "Began at this time or later."),
            Parameter("to", Kind::Time, "Began before this time."),
            LIMIT,
            CURSOR,
        ],
        function: Function::StatusQuery,
        answer: schema::<Page<Incident>>,
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
        path: "/v1/metrics",
        operation: "getMetrics",
        summary: "How the deployments that ended in the last hours went: counts, success rate, durations, stages, DORA.",
        query: &[ENVIRONMENT, SERVICE, Parameter("hours", Kind::Hours, "How many hours back from now.")],
        function: Function::StatusQuery,
        answer: schema::<Metrics>,
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
