//! A request to the API.

use domain::page_paths;
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
        let mut uri = format!("{endpoint}{}", encoded(self.path));
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

/// A path as it is sent. The slashes of a name that others could take as steps (`a/../b`) are encoded too.
fn encoded(path: &str) -> String {
    let ends = |begin| if begin == DEPLOYMENTS { &["/events", "/verify"][..] } else { &[] };
    for (begin, name) in
        [DEPLOYMENTS, RELEASES].into_iter().filter_map(|begin| Some((begin, path.strip_prefix(begin)?)))
    {
        let (name, end) =
            ends(begin).iter().find_map(|end| Some((name.strip_suffix(end)?, *end))).unwrap_or((name, ""));
        if page_paths::has_steps(name) {
            return format!("{}{end}", page_paths::named(begin, name));
        }
    }
    utf8_percent_encode(path, PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_name_that_others_could_take_as_steps_is_one_part_of_a_path() {
        for (path, sent) in [
            ("/v1/releases/.", "/v1/releases/%2F."),
            ("/v1/releases/..", "/v1/releases/%2F.."),
            ("/v1/releases//.", "/v1/releases/%2F%2F."),
            ("/v1/releases/a/../events", "/v1/releases/a%2F..%2Fevents"),
            ("/v1/releases/a/b c", "/v1/releases/a/b%20c"),
            ("/v1/releases", "/v1/releases"),
            ("/v1/deployments/a/../b/events", "/v1/deployments/a%2F..%2Fb/events"),
            ("/v1/deployments/a//b", "/v1/deployments/a%2F%2Fb"),
            ("/v1/deployments/a/b:1@2/verify", "/v1/deployments/a/b:1@2/verify"),
            ("/v1/deployments/active", "/v1/deployments/active"),
            ("/v1/live", "/v1/live"),
        ] {
            assert_eq!(encoded(path), sent);
        }
    }
}
