//! Refusals of the server, with whose credentials were used: the server can't say that.

use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use serde::Deserialize;

use super::forwarding::Asked;
use super::own::Own;
use crate::api::Connection;
use crate::http::Reply;
use crate::output::shown;

/// What an error of the API says, or of the gateway in front of it.
#[derive(Default, Deserialize)]
struct Said {
    detail: Option<String>,
    message: Option<String>,
    instance: Option<String>,
}

/// What to answer instead of a refusal; none where the server's own answer says enough.
pub(super) fn explained(reply: &Reply, asked: &Asked, connection: &Connection, page: bool) -> Option<Own> {
    let is_page = reply.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        return None;
    }
    let status = reply.status();
    let said = || serde_json::from_slice::<Said>(reply.body()).unwrap_or_default();
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let Said { detail, message, instance } = said();
            let why = detail.or(message).map(|why| shown(&why)).filter(|why| !why.is_empty());
            let why = why.unwrap_or_else(|| status.to_string());
            let access = connection.access();
            let own = Own::new(status, format!("{} refuses this: {why}", connection.endpoint));
            Some(Own { instance, ..own.advise(access.description()).advise(access.possible_cause()) })
        }
        // The gateway's own answer. The API's has a `detail`, and a page is one.
        StatusCode::NOT_FOUND if page => {
            let Said { detail: None, message: Some(message), .. } = said() else { return None };
            let own =
                Own::new(status, format!("{} has no page {}: {}", connection.endpoint, asked.path(), shown(&message)));
            Some(own.advise("This version of the server may not have it."))
        }
        _ => None,
    }
}
