//! Which page made a request. A browser says it, and a page of another site must neither report nor read. It may lead
//! to a page of ours, as a link in a chat does: what is shown then, it does not see.

use api::Problem;
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, Method};

use super::host::Host;
use crate::target::Target;

/// Judges what a browser says of where a request to `host` comes from. Other programs say nothing.
///
/// # Errors
/// The problem to answer when it comes from a page of another site, and is not the way to a page of ours.
pub(super) fn judge(headers: &HeaderMap, host: &Host, method: &Method, target: Target) -> Result<(), Problem> {
    let is_own = |origin: &str| {
        let (default, origin) = match origin.split_once("://") {
            Some(("http", origin)) => (80, origin),
            Some(("https", origin)) => (443, origin),
            // `null` is what a page has that a browser doesn't trust.
            _ => return false,
        };
        Host::parse(origin).is_some_and(|origin| origin.is(host, default))
    };
    // Browsers write it in lower case; whoever writes it otherwise is judged alike.
    let origins = headers.get_all(ORIGIN).iter().map(|origin| origin.to_str().unwrap_or_default().to_ascii_lowercase());
    let sites = headers.get_all("sec-fetch-site").iter();
    let mut sites = sites.map(|site| site.to_str().unwrap_or_default().to_ascii_lowercase());
    let is_foreign = origins.into_iter().any(|origin| !is_own(&origin))
        || (sites.any(|site| !matches!(site.as_str(), "same-origin" | "none"))
            && !(target.is_shown() && is_followed_link(headers, method)));
    if is_foreign {
        return Err(Problem::new(403, "requests from pages of other sites are not allowed"));
    }
    Ok(())
}

/// Whether somebody follows a link: their browser shows the answer, by itself and to them alone. A script that asks, a
/// frame, an image and a form that is sent are told apart by what the browser says, which no page can change.
fn is_followed_link(headers: &HeaderMap, method: &Method) -> bool {
    let is = |name: &str, expected: &str| {
        let mut values = headers.get_all(name).iter();
        values.next().is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(expected.as_bytes()))
            && values.next().is_none()
    };
    *method == Method::GET
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document")
        && (is("sec-fetch-site", "cross-site") || is("sec-fetch-site", "same-site"))
        && !headers.contains_key(ORIGIN)
}
