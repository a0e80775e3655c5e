//! Answers of the API as those of the server.

use std::fmt::Display;

use api::Problem;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use pages::{Asked, Page, headers};

use super::RequestId;

/// An answer of the API.
#[must_use]
pub fn http(answer: api::Response) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A problem, with the request's id in it.
#[must_use]
pub fn problem(problem: &Problem, id: &RequestId) -> Response {
    http(api::Response::problem(problem, id.as_str()))
}

/// The answer of a request that failed. The cause is in the log, under the id that is answered, and not in the
/// answer.
#[must_use]
pub fn failed(id: &str, cause: &dyn Display) -> Response {
    tracing::error!(instance = id, error = %cause, "a request failed");
    let failed = Problem::new(500, "the request failed: the log has the cause, by the instance");
    http(api::Response::problem(&failed, id))
}

/// A page that this server makes itself, asked for by this path.
#[must_use]
pub fn page(path: &str, status: u16, page: &Page) -> Response {
    let answer =
        api::Response { status, headers: Vec::new(), body: page.document(&Asked::new(path, &[], lambda::now())) };
    let answer = answer.with("content-type", "text/html; charset=utf-8").with("cache-control", "no-store");
    http(headers::HEADERS.into_iter().fold(answer, |answer, (name, value)| answer.with(name, value)))
}
