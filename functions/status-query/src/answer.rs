//! How a handler's result becomes an answer: one place for status codes, entity tags and problems.

use api::{MetricsFormat, Problem};
use api::{Request, Response, entity_tag};
use domain::FieldError;
use serde::Serialize;
use store::StoreError;

use crate::Failed;

/// Why a handler has no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The caller asked for something wrong, or something that is not there.
    Problem(Problem),
    /// The store did not do its part.
    Store(StoreError),
    /// The answer could not be written as JSON.
    Unwritable(serde_json::Error),
}

impl From<Problem> for Unanswered {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Vec<FieldError>> for Unanswered {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Problem(Problem::wrong_fields(errors))
    }
}

impl From<StoreError> for Unanswered {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// An answer's JSON, or why there is none.
pub(crate) type Answer = Result<String, Unanswered>;

/// The JSON of an answer.
pub(crate) fn json<T: Serialize>(body: &T) -> Answer {
    serde_json::to_string(body).map_err(Unanswered::Unwritable)
}

/// The response to a handler's result. A store that is busy is a 503 that says so; one that fails
/// fails the invocation.
pub(crate) fn respond(request: &Request, answer: Answer) -> Result<Response, Failed> {
    match answer {
        Ok(body) => Ok(tagged(request, body)),
        Err(Unanswered::Problem(problem)) => Ok(Response::problem(&problem, &request.id)),
        Err(Unanswered::Store(error)) if error.busy => {
            tracing::warn!(%error, "busy");
            Ok(Response::problem(
                &Problem::new(503, "the server is too busy at the moment; send the request again"),
                &request.id,
            ))
        }
        Err(Unanswered::Store(error)) => Err(error.into()),
        Err(Unanswered::Unwritable(error)) => Err(error.into()),
    }
}

/// The body with its entity tag, or 304 when the caller has it already.
fn tagged(request: &Request, body: String) -> Response {
    let tag = entity_tag(&body);
    let known = request.has(&tag);
    let (status, body) = if known { (304, String::new()) } else { (200, body) };
    let response = Response { status, headers: vec![], body };
    let response = if known { response } else { response.with("content-type", media_type(request)) };
    response.with("etag", tag).with("cache-control", "no-cache")
}

/// What an answer is: JSON, unless a table was asked for. Only routes that answer one know of it.
fn media_type(request: &Request) -> &'static str {
    let asks_for_table = |(name, value): &(String, String)| name == "format" && value == "csv";
    if request.query.iter().any(asks_for_table) { MetricsFormat::CSV } else { "application/json" }
}
