//! What this program itself answers: as a page where a browser asks for one, else as problem details.

use api::Problem;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, Response, StatusCode};
use maud::{DOCTYPE, html};

use crate::failure::Failure;

/// An answer of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    pub(super) status: StatusCode,
    /// What is wrong.
    pub(super) detail: String,
    /// What to do.
    pub(super) advice: Vec<String>,
    /// The server's id of the request, if it was there.
    pub(super) instance: Option<String>,
}

impl Own {
    /// An answer that says what is wrong.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), advice: Vec::new(), instance: None }
    }

    /// The same with a further sentence.
    pub(super) fn advise(mut self, line: impl Into<String>) -> Self {
        self.advice.push(line.into());
        self
    }

    /// What a command would print.
    pub(super) fn of(status: StatusCode, failure: &Failure) -> Self {
        Self { advice: failure.advice().to_vec(), ..Self::new(status, failure.message()) }
    }

    /// The answer, for a request with these headers.
    pub(super) fn response(&self, asked: &HeaderMap) -> Response<Bytes> {
        let (kind, body) = if wants_page(asked) {
            ("text/html; charset=utf-8", self.page())
        } else {
            ("application/problem+json", self.problem())
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.status;
        for (name, value) in [
            (CONTENT_TYPE, kind),
            (CACHE_CONTROL, "no-store"),
            (CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }

    fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }

    fn problem(&self) -> String {
        let sentences: Vec<&str> =
            std::iter::once(&self.detail).chain(&self.advice).map(|line| line.trim_end_matches('.')).collect();
        let problem = Problem {
            title: self.title().to_owned(),
            instance: self.instance.clone(),
            ..Problem::new(self.status.as_u16(), sentences.join(". "))
        };
        serde_json::to_string(&problem).unwrap_or_default()
    }

    /// It has no style: what would be asked for it may be what can't be reached.
    fn page(&self) -> String {
        let title = format!("{}: {}", self.status.as_u16(), self.title());
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) }
                }
                body {
                    main {
                        h1 { (title) }
                        p { (self.detail) }
                        @for line in &self.advice { p { (line) } }
                        @if let Some(id) = &self.instance { p { "The server's log has this request under " (id) "." } }
                    }
                }
            }
        };
        page.into_string()
    }
}

/// Whether a page is asked for, and not only its data.
pub(super) fn wants_page(asked: &HeaderMap) -> bool {
    let accepted = asked.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    accepted.flat_map(|accept| accept.split(',')).any(|kind| kind.trim().starts_with("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(own: &Own, accept: &'static str) -> String {
        let asked = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        String::from_utf8(own.response(&asked).into_body().to_vec()).unwrap()
    }

    #[test]
    fn a_browser_gets_a_page_and_a_program_a_problem_and_markup_is_text() {
        let own = Own::new(StatusCode::BAD_GATEWAY, "can't reach <b>it</b>").advise("Is it running?");
        let page = body(&own, "text/html,application/xhtml+xml");
        assert!(page.contains("<title>502: Bad Gateway</title>"), "{page}");
        assert!(page.contains("<p>can't reach &lt;b&gt;it&lt;/b&gt;</p><p>Is it running?</p>"), "{page}");
        let problem: Problem = serde_json::from_str(&body(&own, "*/*")).unwrap();
        assert_eq!((problem.status, problem.title.as_str()), (502, "Bad Gateway"));
        assert_eq!(problem.detail, "can't reach <b>it</b>. Is it running?");
    }
}
