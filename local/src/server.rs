//! The loopback HTTP server: each request becomes the event that API Gateway would send, and goes to the
//! function of its route. The routes under `/local` exist only here.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::Page;
use api::routes::{Function, NoRoute, find};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use crate::System;
use crate::door::answer::{failed, problem};
use crate::door::{Admission, Caller, LocalRoute, RequestId, admitting};

/// What the server needs for each request.
#[derive(Clone)]
pub struct Served {
    /// The system.
    pub system: Arc<System>,
    /// Which requests pass.
    pub admission: Admission,
}

/// All routes.
pub fn router(served: Served) -> Router {
    let admission = served.admission.clone();
    let routes = Router::new()
        .route(LocalRoute::EventBridge.path(), post(event_bridge))
        .route(LocalRoute::Explain.path(), post(explain))
        .route(LocalRoute::Metrics.path(), get(metrics))
        .route(LocalRoute::Notifications.path(), get(notifications))
        .fallback(function)
        .with_state(served);
    admitting(routes, admission)
}

/// All other routes are served by the functions.
async fn function(
    State(served): State<Served>,
    Extension(id): Extension<RequestId>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    // It has arrived, and is no longer than it may be: the door has seen to that.
    let Ok(body) = to_bytes(body, usize::MAX).await else { return failed(&id, &"a body") };
    let path = parts.uri.path();
    let route_of = |function| find(function, parts.method.as_str(), path);
    // A path can be served by both functions, each with methods of its own.
    let reports = match route_of(Function::EventProcessor) {
        Ok(_) => true,
        Err(NoRoute::Path) => false,
        Err(NoRoute::Method(_)) => matches!(route_of(Function::StatusQuery), Err(NoRoute::Path)),
    };
    let mut event = gateway_event(parts.method.as_str(), path, parts.uri.query(), &parts.headers, &body);
    event["requestContext"]["requestId"] = id.as_str().into();
    if caller != Caller::Anonymous {
        // Whom the gateway has authenticated is who is recorded as having sent it.
        event["requestContext"]["authorizer"] = json!({"iam": {"userArn": caller.to_string()}});
    }
    let now = lambda::now();
    let answer = if reports {
        let answer = served.system.processor.handle(&event.to_string(), now).await;
        // In AWS the stream publishes within a second. Here it publishes at once, so that the result is
        // visible. After an error the next tick publishes it.
        if let Err(error) = served.system.publish(now).await {
            tracing::error!(%error, "not published");
        }
        // What was applied is in force at once, in all of the process.
        served.system.query.names().look_again();
        answer.map_err(|error| error.to_string())
    } else {
        served.system.query.handle(&event.to_string(), now).await.map_err(|error| error.to_string())
    };
    match answer {
        Ok(answer) => response(&answer),
        Err(error) => failed(&id, &error),
    }
}

/// Handles an EventBridge event as the queue would deliver it.
async fn event_bridge(State(served): State<Served>, Extension(id): Extension<RequestId>, body: Bytes) -> Response {
    let now = lambda::now();
    let batch = queue_event(&[String::from_utf8_lossy(&body).into_owned()], now);
    let answer = served.system.processor.handle(&batch.to_string(), now).await;
    if let Err(error) = served.system.publish(now).await {
        tracing::error!(%error, "not published");
    }
    match answer {
        Ok(answer) => json_response(&answer),
        Err(error) => failed(&id, &error),
    }
}

/// Shows how a payload would be read. The parameter `door` names the way in; without it, it is derived from
/// the payload. Nothing is recorded, and no signature is checked.
async fn explain(State(served): State<Served>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return failed(&id, &"a body") };
    let event = gateway_event("POST", parts.uri.path(), parts.uri.query(), &parts.headers, &body);
    match served.system.explain(&event, lambda::now()).await {
        Ok(items) => json_response(&Page { items, next_cursor: None }),
        Err(wrong) => {
            tracing::warn!(instance = %id, status = wrong.status, detail = wrong.detail, "not explained");
            problem(&wrong, &id)
        }
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

/// A request as API Gateway sends it (HTTP API, payload format 2.0).
#[must_use]
pub fn gateway_event(method: &str, path: &str, query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Value {
    let text = std::str::from_utf8(body);
    // A repeated header is sent as one, with commas between its values.
    let headers: serde_json::Map<String, Value> = headers
        .keys()
        .map(|name| {
            let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
            (name.as_str().to_owned(), values.collect::<Vec<_>>().join(",").into())
        })
        .collect();
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query.unwrap_or_default(),
        "headers": headers,
        "requestContext": {
            "accountId": "local",
            "apiId": "local",
            "requestId": RequestId::next().as_str(),
            "stage": "$default",
            "domainName": headers.get("host"),
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
        },
        "body": text.map_or_else(|_| STANDARD.encode(body), str::to_owned),
        "isBase64Encoded": text.is_err(),
    })
}

/// Messages in the form in which the queue delivers them.
#[must_use]
pub fn queue_event(bodies: &[String], now: domain::Timestamp) -> Value {
    let records: Vec<Value> = bodies
        .iter()
        .map(|body| {
            json!({
                "messageId": RequestId::next().as_str(),
                "receiptHandle": "local",
                "body": body,
                "attributes": {"SentTimestamp": now.millis().to_string(), "ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:local:000000000000:events",
                "awsRegion": "local",
            })
        })
        .collect();
    json!({"Records": records})
}

/// The function's answer as an HTTP response.
fn response(answer: &Value) -> Response {
    let status = answer["statusCode"].as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(500);
    let mut response = Response::builder().status(status);
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        response = response.header(name, value.as_str().unwrap_or_default());
    }
    let body = answer["body"].as_str().unwrap_or_default().to_owned();
    response.body(Body::from(body)).unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn json_response<T: Serialize>(body: &T) -> Response {
    let body = serde_json::to_string(body).unwrap_or_default();
    response(&json!({"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body}))
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
