//! A request to the API.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::{self, Request, header};

use crate::endpoint::Endpoint;

/// What is not encoded in a query (RFC 3986, section 2.3): signatures need exactly this form.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What is not encoded in a path: a deployment's id can contain any of these.
const PATH: &AsciiSet = &QUERY.remove(b'/').remove(b':').remove(b'@');
/// The paths of single deployments begin with this.
pub(super) const DEPLOYMENTS: &str = "/v1/deployments/";
/// The paths of releases begin so.
const RELEASES: &str = "/v1/releases/";
/// A list, although its path begins like that of a single deployment.
const ACTIVE: &str = "/v1/deployments/active";

/// A request to the API.
pub(super) struct ApiRequest<'a> {
    path: &'a str,
    query: String,
    /// The entity tag of an earlier answer.
    tag: Option<&'a str>,
    /// The body of a `POST` or a `PUT`.
    body: Option<&'a str>,
    method: &'static str,
    /// The entity tag of what a `PUT` may replace.
    expected: Option<&'a str>,
}

impl<'a> ApiRequest<'a> {
    /// A `GET`. Parameters without a value are left out.
    pub(super) fn get(path: &'a str, query: &[(&str, Option<&str>)]) -> Self {
        let given = query.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        let given: Vec<String> =
            given.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY))).collect();
        Self { path, query: given.join("&"), tag: None, body: None, method: "GET", expected: None }
    }

    /// The same request with `If-None-Match`.
    pub(super) fn if_none_match(self, tag: Option<&'a str>) -> Self {
        Self { tag, ..self }
    }

    /// A `POST` of JSON.
    pub(super) fn post(path: &'a str, body: &'a str) -> Self {
        Self { path, query: String::new(), tag: None, body: Some(body), method: "POST", expected: None }
    }

    /// A `PUT` of JSON, with `If-Match` where only what has that entity tag may be replaced.
    pub(super) fn put(path: &'a str, body: &'a str, expected: Option<&'a str>) -> Self {
        Self { method: "PUT", expected, ..Self::post(path, body) }
    }

    /// Whether it is about one deployment, which may not exist.
    pub(super) fn is_about_one_deployment(&self) -> bool {
        self.path.starts_with(DEPLOYMENTS) && self.path != ACTIVE
    }

    /// Whether it is about something that may not exist: a deployment, a release, or a version of the settings.
    pub(super) fn may_find_nothing(&self) -> bool {
        self.path.starts_with(RELEASES) || self.is_about_one_deployment() || self.query.starts_with("version=")
    }

    /// Method and path, for messages.
    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The HTTP request.
    ///
    /// # Errors
    /// When address and path together are not a URL.
    pub(super) fn build(&self, endpoint: &Endpoint) -> Result<Request<String>, http::Error> {
        let mut uri = format!("{endpoint}{}", utf8_percent_encode(self.path, PATH));
        if !self.query.is_empty() {
            uri = format!("{uri}?{}", self.query);
        }
        let mut request = Request::builder().method(self.method).uri(uri).header(header::ACCEPT, "application/json");
        if let Some(tag) = self.tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        if let Some(expected) = self.expected {
            request = request.header(header::IF_MATCH, expected);
        }
        if self.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        request.body(self.body.unwrap_or_default().to_owned())
    }
}
