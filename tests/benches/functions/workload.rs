//! What is measured: the payloads that the functions are invoked with.

use axum::http::HeaderMap;
use serde_json::{Value, json};
use tests::invocations::{gateway_event, queue_event};
use tests::runtime_api::Outcome;

/// The functions of this project.
pub(crate) const FUNCTIONS: [&str; 2] = ["event-processor", "status-query"];
/// Deployments in a batch of the queue or of the stream.
pub(crate) const BATCH: usize = 10;
/// Services that run in the environment, and entries on a page.
pub(crate) const PAGE: usize = 20;

/// A kind of invocation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Workload {
    /// One report is posted.
    Report,
    /// A batch of the queue, each message of a deployment of its own.
    Queue,
    /// A batch of the stream, to publish.
    Stream,
    /// A deployment is asked for.
    Status,
    /// What runs in an environment.
    Live,
    /// A page of its deployments.
    History,
}

impl Workload {
    pub(crate) const ALL: [Self; 6] =
        [Self::Report, Self::Queue, Self::Stream, Self::Status, Self::Live, Self::History];

    /// The name that stands in the figures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Report => "a report",
            Self::Queue => "a queue batch of 10",
            Self::Stream => "a stream batch of 10",
            Self::Status => "status",
            Self::Live => "live of 20",
            Self::History => "a history page of 20",
        }
    }

    /// Which function does it.
    pub(crate) fn function(self) -> &'static str {
        match self {
            Self::Report | Self::Queue | Self::Stream => "event-processor",
            Self::Status | Self::Live | Self::History => "status-query",
        }
    }

    /// The payload of invocation `number`, which is the first to report its deployments; `stream` is
    /// the batch to publish.
    pub(crate) fn payload(self, number: usize, stream: &Value) -> Value {
        match self {
            Self::Report => post(&event(&deployment(number, 0), 0, &json!({"status": "IN_PROGRESS"}))),
            Self::Queue => queue(number),
            Self::Stream => stream.clone(),
            Self::Status => get("/v1/deployments/seeded-0-0", None),
            Self::Live => get("/v1/live", Some("environment=production&limit=20")),
            Self::History => get("/v1/deployments", Some("environment=production&limit=20")),
        }
    }
}

/// Deployments whose names have one length and begin with what identifies the invocation.
pub(crate) fn deployment(number: usize, place: usize) -> String {
    format!("bench-{number:06}-{place}")
}

/// A recording with the ids of invocation `number`, with those of invocation 0 instead: a function in
/// Node puts in those of its own.
pub(crate) fn recorded_as(text: &str, number: usize) -> String {
    text.replace(&format!("bench-{number:06}-"), "bench-000000-")
}

/// What is there before anything is measured: each of 20 services was deployed twice.
pub(crate) fn seed() -> Value {
    let one = |time: usize, place: usize| {
        let ended = json!({"status": "COMPLETED"});
        event(&format!("seeded-{time}-{place}"), place, &ended)
    };
    let events = (0..2).flat_map(|time| (0..PAGE).map(move |place| one(time, place)));
    post(&events.collect())
}

/// A later event of a deployment that was reported.
pub(crate) fn later(deployment: &str, more: &Value) -> Value {
    post(&event(deployment, 0, more))
}

/// A batch of the queue.
pub(crate) fn queue(number: usize) -> Value {
    let message = |place| {
        let detail = event(&deployment(number, place), place, &json!({"status": "IN_PROGRESS"}));
        json!({"source": "pipeline", "detail-type": "Deployment Event", "detail": detail}).to_string()
    };
    queue_event(&(0..BATCH).map(message).collect::<Vec<_>>(), lambda::now())
}

/// An event of ordinary size, as pipelines send them.
fn event(deployment: &str, place: usize, more: &Value) -> Value {
    let mut event = json!({
        "deploymentId": deployment,
        "service": format!("checkout-{place}"),
        "environment": "production",
        "version": "2.14.3",
        "commit": "3f0c9a1be7d24c5a8e6f1b2d4c6a8091e3f5d7b9",
        "triggeredBy": {"kind": "AUTOMATIC", "actor": "deploy-bot@example.com"},
        "occurredAt": lambda::now(),
    });
    event.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    event
}

fn post(events: &Value) -> Value {
    let headers =
        HeaderMap::from_iter([("content-type".parse().expect("a name"), "application/json".parse().expect("a value"))]);
    gateway_event("POST", "/v1/events", None, &headers, events.to_string().as_bytes())
}

fn get(path: &str, query: Option<&str>) -> Value {
    gateway_event("GET", path, query, &HeaderMap::new(), b"")
}

/// Panics unless an invocation did all of its work.
pub(crate) fn expect_done(outcome: &Outcome) {
    let answer = outcome.as_ref().unwrap_or_else(|error| panic!("the invocation failed: {error}"));
    assert!(answer["statusCode"].as_u64().is_none_or(|status| status < 300), "{answer}");
    assert!(answer.get("batchItemFailures").is_none_or(|failed| *failed == json!([])), "{answer}");
}
