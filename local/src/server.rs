//! The HTTP server: each request goes to the function of its route. The routes under `/local` exist only here.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::routes::{Function, NoRoute, Operation, find};
use api::{Page, Problem, target};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use domain::pages_url::PagesUrl;
use event_processor::Message;
use pages::forms::Form;
use serde::Serialize;
use serde_json::json;

use crate::System;
use crate::listener::answer::{failed, http};
use crate::listener::{Admission, Caller, RequestId, admitting};
use crate::login;
use crate::shown;
use crate::target::{LOGIN, LocalRoute};

/// What the server needs for each request.
#[derive(Clone)]
pub struct Served {
    /// The system.
    pub system: Arc<System>,
    /// Which requests pass.
    pub admission: Admission,
    /// Where people find the web pages, if it is known.
    pub pages: Option<PagesUrl>,
}

/// All routes.
pub fn router(served: Served) -> Router {
    let admission = served.admission.clone();
    let routes = Router::new()
        .route(LocalRoute::EventBridge.path(), post(event_bridge))
        .route(LocalRoute::Explain.path(), post(explain))
        .route(LocalRoute::Metrics.path(), get(shown::metrics))
        .route(LocalRoute::Notifications.path(), get(shown::notifications))
        .route(LocalRoute::Unreadable.path(), get(shown::unreadable))
        .route(LOGIN[0], get(login::form).post(login::enter))
        .route(LOGIN[1], get(login::way_out).post(login::leave))
        .fallback(function)
        .with_state(served);
    admitting(routes, admission)
}

/// All other routes are served by the functions.
async fn function(State(served): State<Served>, FunctionRequest(request): FunctionRequest) -> Response {
    let route_of = |function| find(function, &request.method, &request.path);
    // A path can be served by both functions, each with methods of its own.
    let (reports, applies) = match route_of(Function::EventProcessor) {
        Ok(found) => (true, found.route.operation == Operation::PutSettings),
        Err(NoRoute::Path) => (false, false),
        Err(NoRoute::Method(_)) => (matches!(route_of(Function::StatusQuery), Err(NoRoute::Path)), false),
    };
    let reports = reports || Form::sent(&request.method, &request.path).is_some();
    let now = lambda::now();
    let answer = if reports {
        let answer = served.system.processor.http(&request, now).await;
        served.system.recorded();
        if applies {
            // What was applied is in force at once, in all of the process.
            served.system.query.in_force().look_again();
        }
        answer.map_err(|error| error.to_string())
    } else {
        served.system.query.http(&request, now).await.map_err(|error| error.to_string())
    };
    match answer {
        Ok(answer) => http(answer),
        Err(error) => failed(&request.id, &error),
    }
}

/// Handles an EventBridge event as the queue would deliver it.
async fn event_bridge(State(served): State<Served>, FunctionRequest(request): FunctionRequest) -> Response {
    let api::Request { id, body, .. } = request;
    let now = lambda::now();
    let message = Message { id: id.clone(), raw: String::from_utf8_lossy(&body).into_owned(), sent_at: now };
    let failed = served.system.processor.receive(vec![message], now).await;
    served.system.recorded();
    match failed.first() {
        None => json_response(&json!({"batchItemFailures": []})),
        Some((_, error)) => {
            tracing::error!(%error, instance = id, "an event was not recorded");
            let failed = Problem::new(if error.busy { 503 } else { 500 }, "the event was not recorded; send it again");
            http(api::Response::problem(&failed, &id))
        }
    }
}

/// Shows how a payload would be read. The parameter `door` names the way in; without it, it is derived from
/// the payload. Nothing is recorded, and no signature is checked.
async fn explain(State(served): State<Served>, FunctionRequest(request): FunctionRequest) -> Response {
    let id = request.id.clone();
    match served.system.explain(request, lambda::now()).await {
        Ok(items) => json_response(&Page { items, next_cursor: None }),
        Err(wrong) => {
            tracing::warn!(instance = id, status = wrong.status, detail = wrong.detail, "not explained");
            http(api::Response::problem(&wrong, &id))
        }
    }
}

/// A request as the functions take it.
pub(crate) struct FunctionRequest(pub(crate) api::Request);

impl<S: Sync> FromRequest<S> for FunctionRequest {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        // The listener has given it both, and its body has arrived.
        let id = parts.extensions.get().map(RequestId::to_string).unwrap_or_default();
        let caller = parts.extensions.get().unwrap_or(&Caller::Anonymous).to_string();
        let body = to_bytes(body, usize::MAX).await.map_err(|error| failed(&id, &error))?;
        let decoded = target::decode(parts.uri.path(), parts.uri.query().unwrap_or_default());
        let (path, query) = decoded.map_err(|wrong| http(api::Response::problem(&wrong, &id)))?;
        // A repeated header is given as one, with commas between its values.
        let of = |name| {
            let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
            values.collect::<Vec<_>>().join(",")
        };
        let headers: BTreeMap<_, _> =
            parts.headers.keys().map(|name| (name.as_str().to_owned(), of(name.clone()))).collect();
        let is_https = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
        let scheme = if is_https { "https" } else { "http" };
        let address = headers.get("host").map(|host| format!("{scheme}://{host}"));
        let method = parts.method.to_string();
        Ok(Self(api::Request {
            method,
            path,
            query,
            headers,
            body: body.into(),
            id,
            address,
            caller,
            groups: Vec::new(),
            subject: None,
        }))
    }
}

pub(crate) fn json_response<T: Serialize>(body: &T) -> Response {
    http(api::Response::json(200, body))
}
