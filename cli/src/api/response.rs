//! What a reply says, as far as it is one of ours.

use domain::api::Problem;
use serde::de::DeserializeOwned;
use ureq::http::{HeaderMap, HeaderName, StatusCode, header};

use super::Unanswered;
use super::connection::Connection;
use super::refusal;
use crate::http::Reply;
use crate::output::shown;

/// An answer: as it came, and as it was understood.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The body as it came.
    pub(crate) body: String,
    /// What it says.
    pub(crate) value: T,
    /// Its entity tag, to ask again cheaply.
    pub(crate) tag: Option<String>,
}

/// What the API says.
pub(super) enum Heard<T> {
    /// What it was asked for.
    Answer(Answer<T>),
    /// It is as it was.
    Unchanged,
    /// What is wrong with the question, or with the server.
    Problem(Problem),
}

/// What a reply says.
///
/// # Errors
/// When it is none of the API's.
pub(super) fn understand<T: DeserializeOwned>(reply: Reply, connection: &Connection) -> Result<Heard<T>, Unanswered> {
    let endpoint = &connection.endpoint;
    let not_ours = |why: &str| Unanswered { failure: refusal::not_ours(endpoint, why), elsewhere: true };
    let status = reply.status();
    if status == StatusCode::NOT_MODIFIED {
        return Ok(Heard::Unchanged);
    }
    if status.is_redirection() {
        let to = text_of(reply.headers(), header::LOCATION).map_or(String::new(), |to| format!(" to {}", shown(&to)));
        return Err(not_ours(&format!("it redirects{to}")));
    }
    if status.is_success() {
        // One that could not be sent back is none.
        let tag = reply.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let packed = text_of(reply.headers(), header::CONTENT_ENCODING);
        let body = String::from_utf8(reply.into_body()).map_err(|_| match packed {
            Some(packed) => not_ours(&format!("its answer is packed ({}), which was not asked for", shown(&packed))),
            None => not_ours("its answer is not UTF-8"),
        })?;
        return match serde_json::from_str(&body) {
            Ok(value) => Ok(Heard::Answer(Answer { body, value, tag })),
            Err(error) => Err(not_ours(&refusal::not_understood(&body, &error))),
        };
    }
    let problem: Option<Problem> = serde_json::from_slice(reply.body()).ok();
    if let Some(problem) = problem.filter(|problem| problem.status == status.as_u16()) {
        return Ok(Heard::Problem(problem));
    }
    Err(match status {
        // The gateway in front says so as well, of an API that is gone too.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let failure = refusal::not_allowed(endpoint, status, reply.body(), &connection.access());
            Unanswered { failure, elsewhere: true }
        }
        StatusCode::TOO_MANY_REQUESTS => refusal::busy(endpoint, &reply).into(),
        _ if status.is_server_error() => refusal::busy(endpoint, &reply).into(),
        _ => not_ours(&format!("it answers {status}")),
    })
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
