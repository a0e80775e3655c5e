//! Which requests pass: those of the browser that opened the first address, made by our own pages.

use hyper::header::{CONNECTION, COOKIE, HOST, ORIGIN, UPGRADE};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};

use super::host::OwnHost;
use super::keys::{First, Keys};
use super::own::Own;

/// The methods that the API and the pages have.
pub(super) const METHODS: &str = "GET, HEAD, POST, PUT";

/// What a request may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// It has the key of the first address, and gets the cookie.
    Enters,
    /// It has the cookie.
    Goes,
}

/// Judges a request by its head.
///
/// # Errors
/// What to answer when it does not pass.
pub(super) fn judge(head: &Parts, own: &OwnHost, keys: &Keys) -> Result<Pass, Own> {
    if ![Method::GET, Method::HEAD, Method::POST, Method::PUT].contains(&head.method) {
        return Err(Own::new(StatusCode::METHOD_NOT_ALLOWED, format!("the method must be one of {METHODS}")));
    }
    if head.headers.contains_key(UPGRADE) || asks_to_upgrade(&head.headers) {
        return Err(Own::new(StatusCode::BAD_REQUEST, "no other protocol than HTTP/1.1 is spoken here"));
    }
    let host = judge_host(head, own)?;
    judge_origin(head, host)?;
    let has_cookie = has_cookie(&head.headers, own, keys);
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    if head.method == Method::GET && keys.is_first(target) {
        return match keys.enter() {
            First::Now => Ok(Pass::Enters),
            // The browser looked at it twice, or its user went back.
            First::Used if has_cookie => Ok(Pass::Enters),
            First::Used => Err(again("This address was used before, and works once.")),
        };
    }
    if has_cookie {
        return Ok(Pass::Goes);
    }
    Err(if keys.are_used() {
        again("This browser does not have the cookie of the pages that are served here.")
    } else {
        Own::new(StatusCode::FORBIDDEN, "these pages are for whoever opens the address that was printed")
            .advise("Open that address, or run `deployment-status open` again.")
    })
}

fn again(why: &str) -> Own {
    Own::new(StatusCode::FORBIDDEN, why).advise("Run `deployment-status open` again for an address of its own.")
}

/// The host that a request is for, which must be this program.
fn judge_host<'a>(head: &'a Parts, own: &OwnHost) -> Result<&'a str, Own> {
    let wrong = |status, why: &str| Err(Own::new(status, why));
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => return wrong(StatusCode::BAD_REQUEST, "Host is given twice"),
        (None, _) => return wrong(StatusCode::BAD_REQUEST, "Host is missing"),
    };
    if !own.is(host) {
        let why = format!("Host must be that of the printed address, {}", own.origin());
        return wrong(StatusCode::MISDIRECTED_REQUEST, &why);
    }
    if OwnHost::differs(host, head.uri.authority()) {
        return wrong(StatusCode::BAD_REQUEST, "the address and Host differ");
    }
    Ok(host)
}

/// Whether one of our own pages made the request. A browser says so; on a write it has to.
fn judge_origin(head: &Parts, host: &str) -> Result<(), Own> {
    let mut origins = head.headers.get_all(ORIGIN).iter().peekable();
    let mut sites = head.headers.get_all("sec-fetch-site").iter().peekable();
    let writes = !matches!(head.method, Method::GET | Method::HEAD);
    if writes && (origins.peek().is_none() || sites.peek().is_none()) {
        let why = "Origin and Sec-Fetch-Site must say that a page from here sent this, and one of them is missing";
        return Err(Own::new(StatusCode::FORBIDDEN, why).advise("A program asks the server itself."));
    }
    let own = format!("http://{host}");
    let mut origins = origins.map(|origin| origin.to_str().unwrap_or_default());
    let mut sites = sites.map(|site| site.to_str().unwrap_or_default());
    // A person who opens an address comes from nowhere (`none`), and writes nothing.
    let is_own_site = |site: &str| site == "same-origin" || (site == "none" && !writes);
    if origins.all(|origin| origin.eq_ignore_ascii_case(&own)) && sites.all(is_own_site) {
        return Ok(());
    }
    Err(Own::new(StatusCode::FORBIDDEN, "requests from pages of other sites are not allowed"))
}

fn asks_to_upgrade(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|option| option.trim().eq_ignore_ascii_case("upgrade"))
}

fn has_cookie(headers: &HeaderMap, own: &OwnHost, keys: &Keys) -> bool {
    let name = own.cookie_name();
    let lists = headers.get_all(COOKIE).iter().filter_map(|list| list.to_str().ok());
    let mut cookies = lists.flat_map(|list| list.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.any(|(given, value)| given == name && keys.is_cookie(value))
}
