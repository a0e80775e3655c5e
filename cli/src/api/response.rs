//! Parses a reply into a response of the API.

use api::Problem;
use serde::de::DeserializeOwned;
use ureq::http::{StatusCode, header};

use super::connection::Connection;
use super::errors::{self, Refusal, RequestError};
use super::reply::{retry_after, text_of};
use crate::http::Reply;
use crate::output::shown;

/// An answer: the body as it came, and its parsed value.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The body as it came.
    pub(crate) body: String,
    /// The parsed body.
    pub(crate) value: T,
    /// The entity tag, for polling.
    pub(crate) tag: Option<String>,
}

/// A response of the API.
pub(super) enum ApiResponse<T> {
    /// The requested content.
    Answer(Answer<T>),
    /// 304: the content has not changed.
    NotModified,
    /// An error that the API itself reports.
    Refused(Refusal),
}

/// Parses a reply.
///
/// # Errors
/// When the reply is not one of this API.
pub(super) fn parse<T: DeserializeOwned>(
    reply: Reply,
    connection: &Connection,
) -> Result<ApiResponse<T>, RequestError> {
    let endpoint = &connection.endpoint;
    let not_ours = |why: &str| RequestError { failure: errors::not_ours(endpoint, why), elsewhere: true };
    let status = reply.status();
    if status == StatusCode::NOT_MODIFIED {
        return Ok(ApiResponse::NotModified);
    }
    if status.is_redirection() {
        let to = text_of(reply.headers(), header::LOCATION).map_or(String::new(), |to| format!(" to {}", shown(&to)));
        return Err(not_ours(&format!("it redirects{to}")));
    }
    if status.is_success() {
        // A tag that can't be sent back is no use.
        let tag = reply.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let encoding = text_of(reply.headers(), header::CONTENT_ENCODING);
        let body = String::from_utf8(reply.into_body()).map_err(|_| match encoding {
            Some(encoding) => {
                not_ours(&format!("its answer has the content encoding {}, which was not requested", shown(&encoding)))
            }
            None => not_ours("its answer is not UTF-8"),
        })?;
        return match serde_json::from_str(&body) {
            Ok(value) => Ok(ApiResponse::Answer(Answer { body, value, tag })),
            Err(error) => Err(not_ours(&errors::not_parsed(&body, &error))),
        };
    }
    let problem: Option<Problem> = serde_json::from_slice(reply.body()).ok();
    if let Some(problem) = problem.filter(|problem| problem.status == status.as_u16()) {
        return Ok(ApiResponse::Refused(Refusal { problem, retry_after: retry_after(&reply) }));
    }
    Err(match status {
        // The gateway in front of the API also answers so for an API that no longer exists.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let failure = errors::not_allowed(endpoint, status, reply.body(), &connection.access());
            RequestError { failure, elsewhere: true }
        }
        StatusCode::TOO_MANY_REQUESTS => errors::unavailable(endpoint, &reply, connection.timeout()).into(),
        _ if status.is_server_error() => errors::unavailable(endpoint, &reply, connection.timeout()).into(),
        _ => not_ours(&format!("it answers {status}")),
    })
}
