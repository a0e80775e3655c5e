//! What goes on to the server, and what comes back. Both are lists of what passes: a header that is on neither is
//! between the browser and this program (its cookies, where it comes from), or between two hops.

use hyper::body::Bytes;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, EXPIRES, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
    LAST_MODIFIED, LINK, LOCATION, ORIGIN, REFERRER_POLICY, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};

use super::own::Own;
use super::query;
use crate::endpoint::Endpoint;
use crate::http::Reply;

/// What the server's answer can depend on.
const ASKED: [HeaderName; 6] = [ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH];

/// What describes an answer. No cookie, for it would be one of all that runs on this machine; no demand to log in,
/// for this program does that; no leave for pages of other sites.
const ANSWERED: [HeaderName; 20] = [
    ALLOW,
    CACHE_CONTROL,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_SECURITY_POLICY,
    CONTENT_TYPE,
    ETAG,
    EXPIRES,
    LAST_MODIFIED,
    LINK,
    LOCATION,
    REFERRER_POLICY,
    RETRY_AFTER,
    VARY,
    X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
    HeaderName::from_static("cross-origin-opener-policy"),
    HeaderName::from_static("cross-origin-resource-policy"),
    HeaderName::from_static("permissions-policy"),
];

/// A request, as far as it goes on.
pub(super) struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Asked {
    /// What goes on of a request that may pass.
    ///
    /// # Errors
    /// What to answer when it can't be passed on unchanged.
    pub(super) fn new(head: &Parts, body: Vec<u8>) -> Result<Self, Own> {
        let wrong = |why: String| Own::new(StatusCode::BAD_REQUEST, why);
        if !head.uri.path_and_query().is_some_and(|target| target.as_str().is_ascii()) {
            return Err(wrong("the address must be in ASCII, with everything else percent-encoded".to_owned()));
        }
        let mut headers = HeaderMap::new();
        for name in ASKED {
            let values: Result<Vec<&str>, _> = head.headers.get_all(&name).iter().map(HeaderValue::to_str).collect();
            let values = values.map_err(|_| wrong(format!("the header {name} must be in ASCII")))?.join(", ");
            if let Some(value) = HeaderValue::from_str(&values).ok().filter(|value| !value.is_empty()) {
                headers.insert(name, value);
            }
        }
        // The gateway has no routes for HEAD. Its answer is that of GET, of which only the head is sent.
        let method = if head.method == Method::HEAD { Method::GET } else { head.method.clone() };
        Ok(Self { method, uri: head.uri.clone(), headers, body })
    }

    /// Whether it can change something.
    pub(super) fn writes(&self) -> bool {
        self.method != Method::GET
    }

    /// Method and path, for messages.
    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method, self.uri.path())
    }

    /// The path.
    pub(super) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The request to the server. The path is that of the browser, byte for byte. So are the parameters, unless they
    /// are `signed`.
    ///
    /// # Errors
    /// What to answer when there is no such request.
    pub(super) fn to(&self, endpoint: &Endpoint, signed: bool) -> Result<Request<Vec<u8>>, Own> {
        let wrong = |why: &str| Own::new(StatusCode::BAD_REQUEST, why);
        let query = match self.uri.query() {
            Some(query) if signed => {
                let query = query::to_sign(query);
                let query = query.ok_or_else(|| wrong("the parameters of the address must be in UTF-8"))?;
                if query.is_empty() { query } else { format!("?{query}") }
            }
            Some(query) => format!("?{query}"),
            None => String::new(),
        };
        let uri = format!("{endpoint}{}{query}", self.uri.path());
        let request = Request::builder().method(self.method.clone()).uri(uri);
        let mut request = request.body(self.body.clone()).map_err(|_| wrong("the address is not one of a page"))?;
        *request.headers_mut() = self.headers.clone();
        if self.writes() {
            // What was judged here, as the server judges it. To a server on this machine it is the only proof.
            let origin = HeaderValue::from_str(&endpoint.origin);
            let origin = origin.map_err(|_| wrong("the server's address can't be said in a header"))?;
            request.headers_mut().insert(ORIGIN, origin);
            request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        }
        Ok(request)
    }
}

/// The server's answer as the browser gets it. Addresses of the server become addresses from here.
pub(super) fn answer(reply: Reply, endpoint: &Endpoint) -> Response<Bytes> {
    let (head, body) = reply.into_parts();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = head.status;
    for name in ANSWERED {
        for value in head.headers.get_all(&name) {
            let led_here = if name == LOCATION { location(value, endpoint) } else { None };
            response.headers_mut().append(name.clone(), led_here.unwrap_or_else(|| value.clone()));
        }
    }
    response
}

/// An address of this server, as a path from here. None where it is another's.
fn location(value: &HeaderValue, endpoint: &Endpoint) -> Option<HeaderValue> {
    let text = value.to_str().ok()?;
    let begins = text.get(..endpoint.origin.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(&endpoint.origin));
    let path = if begins { &text[endpoint.origin.len()..] } else { text };
    let is_of_path = |rest: &str| rest.is_empty() || rest.starts_with(['/', '?', '#']);
    if !is_of_path(path) || path.starts_with("//") {
        return None;
    }
    let path = path.strip_prefix(endpoint.base.as_str()).filter(|rest| is_of_path(rest)).unwrap_or(path);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    HeaderValue::from_str(&path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_server_becomes_one_from_here_and_others_stay() {
        let at = |url: &str, location: &str| {
            let endpoint = Endpoint::parse(url, "test").unwrap();
            super::location(&HeaderValue::from_str(location).unwrap(), &endpoint)
                .map_or(location.to_owned(), |value| value.to_str().unwrap().to_owned())
        };
        let api = "https://abc.example.com";
        assert_eq!(at(api, "/deployments/a%2Fb?x=1"), "/deployments/a%2Fb?x=1");
        assert_eq!(at(api, "https://ABC.example.com/deployments/a"), "/deployments/a");
        assert_eq!(at(api, "https://abc.example.com"), "/");
        for other in ["https://abc.example.com.evil.org/", "https://abc.example.com:8443/", "//evil.org/", "next"] {
            assert_eq!(at(api, other), other);
        }
        let stage = "https://abc.example.com/stage";
        assert_eq!(at(stage, "https://abc.example.com/stage/live"), "/live");
        assert_eq!(at(stage, "/stage?x"), "/?x");
        assert_eq!(at(stage, "/stages/1"), "/stages/1");
        assert_eq!(at("http://127.0.0.1:9000", "http://127.0.0.1:9000/live"), "/live");
    }
}
