//! The HTTP server: each request goes to the function of its route. The routes under `/local` exist only here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::routes::{Function, NoRoute, find};
use api::{Page, Problem, target};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{get, post};
use event_processor::Message;
use serde::Serialize;
use serde_json::{Value, json};

use crate::System;

/// The largest body that API Gateway accepts.
const BODY_BYTES: usize = 10 * 1024 * 1024;

/// What the server needs for each request.
#[derive(Clone)]
pub struct Served {
    /// The system.
    pub system: Arc<System>,
    /// Whether the `Host` of a request must be this machine. Otherwise a web page could reach a loopback
    /// server under its own host name (DNS rebinding).
    pub loopback_only: bool,
}

/// All routes.
pub fn router(served: Served) -> Router {
    Router::new()
        .route("/local/eventbridge", post(event_bridge))
        .route("/local/explain", post(explain))
        .route("/local/metrics", get(metrics))
        .route("/local/notifications", get(notifications))
        .fallback(function)
        .layer(axum::middleware::from_fn_with_state(served.clone(), guard))
        .with_state(served)
}

async fn guard(State(served): State<Served>, request: Request, next: axum::middleware::Next) -> Response {
    let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    if served.loopback_only && !["127.0.0.1", "localhost", "[::1]"].contains(&name) {
        return problem(&Problem::new(403, "the host must be localhost or 127.0.0.1"));
    }
    // A browser sends this header when a page of another site makes the request.
    let fetched_by = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if served.loopback_only && matches!(fetched_by, Some("cross-site" | "same-site")) {
        return problem(&Problem::new(403, "requests from pages of other sites are not allowed"));
    }
    next.run(request).await
}

/// All other routes are served by the functions.
async fn function(State(served): State<Served>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES).await else {
        return problem(&Problem::new(413, "a body must have at most 10 MB"));
    };
    let path = parts.uri.path();
    let route_of = |function| find(function, parts.method.as_str(), path);
    // A path can be served by both functions, each with methods of its own.
    let reports = match route_of(Function::EventProcessor) {
        Ok(_) => true,
        Err(NoRoute::Path) => false,
        Err(NoRoute::Method(_)) => matches!(route_of(Function::StatusQuery), Err(NoRoute::Path)),
    };
    let request = match functions_request(&parts, body.into()) {
        Ok(request) => request,
        Err(wrong) => return problem(&wrong),
    };
    let now = lambda::now();
    let answer = if reports {
        let answer = served.system.processor.http(&request, now).await;
        served.system.publish(now).await;
        // What was applied is in force at once, in all of the process.
        served.system.query.names().look_again();
        answer.map_err(|error| error.to_string())
    } else {
        served.system.query.http(&request, now).await.map_err(|error| error.to_string())
    };
    match answer {
        Ok(answer) => answered(answer),
        Err(error) => {
            tracing::error!(error, instance = request.id, "a request failed");
            let failed = Problem::new(500, "the request failed: the log has the cause, by the instance");
            answered(api::Response::problem(&failed, &request.id))
        }
    }
}

/// Handles an EventBridge event as the queue would deliver it.
async fn event_bridge(State(served): State<Served>, body: Body) -> Response {
    let Ok(body) = to_bytes(body, BODY_BYTES).await else {
        return problem(&Problem::new(413, "a body must have at most 10 MB"));
    };
    let now = lambda::now();
    let message = Message { id: request_id(), raw: String::from_utf8_lossy(&body).into_owned(), sent_at: now };
    let id = message.id.clone();
    let failed = served.system.processor.receive(vec![message], now).await;
    served.system.publish(now).await;
    match failed.first() {
        None => json_response(&json!({"batchItemFailures": []})),
        Some((_, error)) => {
            tracing::error!(%error, instance = id, "an event was not recorded");
            let failed = Problem::new(if error.busy { 503 } else { 500 }, "the event was not recorded; send it again");
            answered(api::Response::problem(&failed, &id))
        }
    }
}

/// Shows how a payload would be read. The parameter `door` names the way in; without it, it is derived from
/// the payload. Nothing is recorded, and no signature is checked.
async fn explain(State(served): State<Served>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES).await else {
        return problem(&Problem::new(413, "a body must have at most 10 MB"));
    };
    let request = match functions_request(&parts, body.into()) {
        Ok(request) => request,
        Err(wrong) => return problem(&wrong),
    };
    match served.system.explain(request, lambda::now()).await {
        Ok(items) => json_response(&Page { items, next_cursor: None }),
        Err(wrong) => problem(&wrong),
    }
}

async fn metrics(State(served): State<Served>) -> Response {
    let published = served.system.published.published();
    let items: Vec<Value> = published.metrics.iter().map(metric).collect();
    json_response(&json!({"items": items}))
}

fn metric(datum: &domain::follows::metrics::Datum) -> Value {
    let dimensions: BTreeMap<_, _> = datum.dimensions.named().into_iter().collect();
    json!({
        "metric": datum.metric.name(),
        "dimensions": dimensions,
        "unit": format!("{:?}", datum.metric.unit()),
        "minute": datum.minute,
        "values": datum.values.iter().map(|(value, _)| value).collect::<Vec<_>>(),
        "counts": datum.values.iter().map(|(_, count)| count).collect::<Vec<_>>(),
    })
}

async fn notifications(State(served): State<Served>) -> Response {
    let published = served.system.published.published();
    let items: Vec<Value> = published
        .notifications
        .iter()
        .map(|notification| {
            json!({
                "subject": notification.subject(),
                "text": notification.text(),
                "sms": notification.sms(),
                "chat": publisher::messages::chat(notification),
                "full": publisher::messages::full(notification),
            })
        })
        .collect();
    json_response(&json!({"items": items}))
}

/// A request as the functions take it.
fn functions_request(parts: &Parts, body: Vec<u8>) -> Result<api::Request, Problem> {
    let (path, query) = target::decode(parts.uri.path(), parts.uri.query().unwrap_or_default())?;
    let of = |name: &str| parts.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    // A repeated header is given as one, with commas between its values.
    let headers = parts.headers.keys().map(|name| {
        let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        (name.as_str().to_owned(), values.collect::<Vec<_>>().join(","))
    });
    let scheme = of("x-forwarded-proto").filter(|scheme| scheme == "https").unwrap_or_else(|| "http".to_owned());
    Ok(api::Request {
        method: parts.method.to_string(),
        path,
        query,
        headers: headers.collect(),
        body,
        id: request_id(),
        address: of("host").map(|host| format!("{scheme}://{host}")),
        caller: "anonymous".to_owned(),
        subject: None,
    })
}

fn request_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("local-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// An answer of a function.
fn answered(answer: api::Response) -> Response {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn json_response<T: Serialize>(body: &T) -> Response {
    answered(api::Response::json(200, body))
}

fn problem(problem: &Problem) -> Response {
    answered(api::Response::problem(problem, ""))
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
