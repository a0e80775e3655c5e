//! Which page made a request. A browser says it, and a page of another site must neither report nor read.

use api::Problem;
use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

use super::host::Host;

/// Judges what a browser says of where a request to `host` comes from. Other programs say nothing.
///
/// # Errors
/// The problem to answer when it comes from a page of another site.
pub(super) fn judge(headers: &HeaderMap, host: &Host) -> Result<(), Problem> {
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
        || sites.any(|site| !matches!(site.as_str(), "same-origin" | "none"));
    if is_foreign {
        return Err(Problem::new(403, "requests from pages of other sites are not allowed"));
    }
    Ok(())
}
