//! What the API is asked, and the request that it becomes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::{self, Request, header};

use crate::endpoint::Endpoint;

/// What stands for itself in a query (RFC 3986, section 2.3), as signatures want it.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What stands for itself in a path: a deployment's id can contain any of these.
const PATH: &AsciiSet = &QUERY.remove(b'/').remove(b':').remove(b'@');
/// Below this path stands what belongs to one deployment.
pub(super) const DEPLOYMENTS: &str = "/v1/deployments/";
/// But for this list.
const ACTIVE: &str = "/v1/deployments/active";

/// A question.
pub(super) struct Question<'a> {
    path: &'a str,
    query: String,
    /// The entity tag of what is known already.
    tag: Option<&'a str>,
    /// What is reported.
    body: Option<&'a str>,
}

impl<'a> Question<'a> {
    /// Asks for something. Parameters without a value are left out.
    pub(super) fn get(path: &'a str, query: &[(&str, Option<&str>)]) -> Self {
        let given = query.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        let given: Vec<String> =
            given.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY))).collect();
        Self { path, query: given.join("&"), tag: None, body: None }
    }

    /// The same, of which what has this entity tag is known already.
    pub(super) fn known_as(self, tag: Option<&'a str>) -> Self {
        Self { tag, ..self }
    }

    /// Reports something.
    pub(super) fn post(path: &'a str, body: &'a str) -> Self {
        Self { path, query: String::new(), tag: None, body: Some(body) }
    }

    /// Whether it is about one deployment, which may not exist.
    pub(super) fn is_about_one(&self) -> bool {
        self.path.starts_with(DEPLOYMENTS) && self.path != ACTIVE
    }

    /// The route, as messages have it.
    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method(), self.path)
    }

    fn method(&self) -> &'static str {
        if self.body.is_some() { "POST" } else { "GET" }
    }

    /// The request.
    ///
    /// # Errors
    /// When address and path are none together.
    pub(super) fn request(&self, endpoint: &Endpoint) -> Result<Request<String>, http::Error> {
        let mut uri = format!("{endpoint}{}", utf8_percent_encode(self.path, PATH));
        if !self.query.is_empty() {
            uri = format!("{uri}?{}", self.query);
        }
        let mut request = Request::builder().method(self.method()).uri(uri).header(header::ACCEPT, "application/json");
        if let Some(tag) = self.tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        if self.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        request.body(self.body.unwrap_or_default().to_owned())
    }
}
