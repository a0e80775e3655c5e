//! Reads single parts of a reply.

use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, header};

use crate::http::Reply;

/// How long the server asks to wait: `Retry-After` (RFC 9110, section 10.2.3), in seconds or as a date.
pub(super) fn retry_after(reply: &Reply) -> Option<Duration> {
    let text = reply.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large for the type.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    (date.to_utc() - chrono::Local::now().to_utc()).to_std().ok().or(Some(Duration::ZERO))
}

/// What an error body says, if it is JSON with a message: problem details have a `detail`, gateways a
/// `message`.
pub(super) fn message_of(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = ["detail", "message", "Message"].into_iter().find_map(|name| body.get(name)?.as_str())?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A header, as far as it is text.
pub(super) fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
